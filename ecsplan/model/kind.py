"""All that ecsplan knows of a sort of thing, as one table. The tables stand in kinds/, one file each.

A kind names operations and never sends one; planner/steps.py makes Calls of these, inventory/ reads by them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import msgspec
from msgspec import Struct

from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Merge, Params, Product, Replay, Wait
from ecsplan.model.capabilities.ownership import Ownership
from ecsplan.model.capability import Capability
from ecsplan.model.decoder import Decoder

if TYPE_CHECKING:
    from ecsplan.model.address import Address
    from ecsplan.model.asking import Probe
    from ecsplan.model.change import Change
    from ecsplan.model.resource import LiveObject, RemoteObject, Resource

C = TypeVar("C", bound=Capability)
Live = Callable[[str], "tuple[RemoteObject | None, Change | None]"]
"""What is live under an id, and what is to happen to it; of what is still to be made, under its address."""


class Paging(Enum):
    TOKEN = "token"  # NextToken / MaxResults
    EITHER = "either"  # that, and PageNumber / PageSize still, of the same largest size, with the total
    PAGE = "page"  # PageNumber / PageSize, with a TotalCount to be believed
    NONE = "none"


class Ids(Struct, frozen=True):
    """How a read is asked for given ids: `json` one text with a JSON array, `list` Name.1…N, `comma`, `single`; `whole`
    is not asked for any: its list is read once, and only where one of them is wanted.
    """

    param: str
    form: Literal["json", "list", "comma", "single", "whole"] = "json"
    limit: int = 100


class Watched(Struct, frozen=True):
    """How a wait looks at a detail: the items of one group alone, which `param` names, and what they say of an object
    as a mapping (`states`), empty where they say nothing of it."""

    param: str
    states: Callable[[Sequence[Raw]], Raw]


class Under(Struct, frozen=True):
    """The list that has to be read first: a detail is asked for each of its items, whose field `id` goes in the
    parameter of that name and into what is found there. It may stand under another one."""

    operation: str
    items: str
    id: str
    paging: Paging
    page_size: int = 100
    under: "Under | None" = None


class Detail(Struct, frozen=True):
    """A second read that completes the objects of a listing; its answer is put under `into` in the raw object.

    Without `ids` the whole list is read once and shared by all kinds that name it. With `ids` it is asked for owned
    objects only, and, where `attributes` is set, only for those whose resource declares one of them; `refresh_only`
    leaves it to `--refresh=full`. `key` is the field of an item that holds the object's id. With `ids.form` single
    the answer itself is taken, its pages joined at `items`. `only_if` leaves out objects for which it is refused.
    `on` is the field of the object that `key` equals (the id if left out), or a function that answers several values.
    `untold` are codes by which the service says that it cannot tell yet of one of the ids: the others are asked again,
    and that one's attributes are not compared. `one` is the parameter by which a whole list is asked for those of one
    object. `unlisted` names what the object itself tells of and the list does not: asked where the resource declares
    one of `attributes`. `fields` are those that are kept of an item, where not all are. `asked_by` is the id that is
    asked for in place of the object's own (the route table of a VPC), and `size_name` the parameter of its page size,
    where that is called otherwise. `is_aside`: it is of a service that is asked only where one of `attributes` is
    declared; the right to ask it is needed only then. `watched` is how a wait looks at it, `under` the list whose items
    it is asked for.
    """

    into: str
    operation: str
    items: str
    key: str = ""
    on: str | Callable[[Raw], Iterable[str]] = ""
    product: Product = Product.ECS
    paging: Paging = Paging.TOKEN
    page_size: int = 100
    params: Params = msgspec.field(default_factory=dict)
    ids: Ids | None = None
    untold: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    refresh_only: bool = False
    only_if: Callable[[Raw], bool] | None = None
    holds_others: Callable[[Raw], bool] | None = None  # asked before it is read only to see what must be let go
    one: str = ""
    for_deletion: bool = False  # read of what is to be deleted, whatever is declared
    always: Callable[[Raw], bool] | None = None  # every object has such a one: without it the list lags, or is cut
    unlisted: Callable[[Raw], Collection[str]] | None = None
    asked_by: Callable[[Raw], str] | None = None
    size_name: str = "MaxResults"
    fields: tuple[str, ...] = ()
    is_aside: bool = False
    watched: Watched | None = None
    under: Under | None = None


class Split(Struct, frozen=True):
    """A filter by which a list falls into parts that together are all of it: `param` takes one of `values`, and each
    object has one of them in `member` for as long as it lives."""

    param: str
    member: str
    values: tuple[str, ...]


class Listing(Struct, frozen=True):
    """How all objects of a kind are read: whole pages, never one by one. Paths are dotted.

    `dry_run`: the read takes DryRun, which proves that an empty answer means empty. `skip` leaves out what is no
    object of this kind for us (a system disk that belongs to its instance is kept and marked by `parent`). `outlives`
    tells a part that stays when its parent is deleted. `born_with` is the kind whose create call makes such parts too,
    and gives them the marks of its object. A long list without page numbers is read in the parts of `split` at once.
    """

    operation: str
    items: str
    id: str
    name: str
    product: Product = Product.ECS
    paging: Paging = Paging.TOKEN
    page_size: int = 100
    params: Params = msgspec.field(default_factory=dict)
    ids: Ids | None = None
    status: str = "Status"
    tags: str = "Tags.Tag"
    parent: str | None = None
    born_with: str = ""
    outlives: Decoder[bool] | None = None
    dry_run: bool = False
    split: Split | None = None
    skip: Callable[[Raw], bool] | None = None
    details: tuple[Detail, ...] = ()

    @property
    def holder(self) -> Decoder[str]:
        """What an object hangs on, by `parent`; empty for nothing."""
        return Decoder(lambda raw: str(raw.get(self.parent) or "") if self.parent else "")


class Create(Struct, frozen=True):
    """The create call. `id` is the path of the new id in the answer (`[]` marks a list).

    `later` names attributes that it does not take: their Update is a step of its own, verb `finish`. `extra` makes
    parameters that the table cannot say. `amount` is the parameter that makes several alike objects in one call,
    `ordered` are those that give each of them its own number then (web-[0,4]).
    `instead` answers another create for a resource that is made otherwise, whose `wire` renames parameters. `elsewhere`
    is the region that has to be asked, if it is not the stack's, which then goes in the parameter `here`. `notes` say
    what a reader of the plan should know before it is made. `asks(resource, call, declared)` are the questions that go
    before something else is deleted for it. `impacts` is what it does to what lives already.
    """

    operation: str
    id: str
    product: Product | None = None
    params: Params = msgspec.field(default_factory=dict)
    later: tuple[str, ...] = ()
    extra: Callable[["Resource"], Params] | None = None
    tags: str | None = "Tag"
    token: bool = True
    wait: Wait | None = None
    amount: str | None = None
    amount_limit: int = 100
    ordered: tuple[str, ...] = ()
    seconds: float = 5.0
    wire: Mapping[str, str] = msgspec.field(default_factory=dict)
    instead: Callable[["Resource"], "Create | None"] | None = None
    elsewhere: Callable[["Resource"], str | None] | None = None
    here: str = ""
    notes: Callable[["Resource"], Iterable[str]] | None = None
    asks: Callable[["Resource", Call, Mapping["Address", "Resource"]], Iterable["Probe"]] | None = None
    impacts: Callable[["Resource"], Iterable[Impact]] | None = None

    def of(self, resource: "Resource") -> "Create":
        """The way in which this very resource is made."""
        return (self.instead(resource) if self.instead else None) or self


class Update(Struct, frozen=True):
    """A way to change attributes in place. Without `build`, one call with the changed attributes of `attributes`.

    `wire` renames parameters where this call spells them otherwise; `also` names attributes sent along unchanged.
    `only_if(before, after)` limits it to some changes; what it refuses falls to the attribute's `fixed`, for the
    reason `otherwise` (of the values before and after, if it depends on them). `needs_status` puts it between one stop
    and one start. `impacts` is what it does besides. `build` is for the odd case: a pure function from a Change to
    Calls. `merge` says which calls for several objects can be one. `loses` puts in words what the change gives up for
    good (an address, a disk). `asks` are the questions that go before a stop for it. `rows` is where its answer has a
    result for each object. `runs`: it has something run inside the object, once all the rest of the change is done.
    """

    operation: str | None
    attributes: tuple[str, ...]
    wire: Mapping[str, str] = msgspec.field(default_factory=dict)
    also: tuple[str, ...] = ()
    params: Params = msgspec.field(default_factory=dict)
    id: str | None = None
    product: Product | None = None
    only_if: Callable[[Any, Any], bool] | None = None
    otherwise: str | Callable[[Any, Any], str] = ""
    needs_status: str | None = None
    impacts: tuple[Impact, ...] | Callable[["Change"], Iterable[Impact]] = ()
    note: str = ""
    loses: Callable[["Change"], Iterable[str]] | None = None
    build: Callable[["Change"], Iterable[Call]] | None = None
    wait: Wait | None = None
    token: bool = False
    merge: Merge | None = None
    seconds: float = 1.0
    asks: Callable[["Change"], Iterable["Probe"]] | None = None
    rows: str = ""
    runs: bool = False


class Delete(Struct, frozen=True):
    """The delete call, what is lost with the object, and what must be let go before (`release`: attribute names).

    `gives_up` puts each thing that is lost in words (`the address 47.98.1.2`). `refused` says why an object cannot be
    deleted at all (a subscription, deletion protection), or None. `held_by` are kinds and attributes: while one of them
    names it, the service refuses for as long as one asks, or takes it away from that one, unless the call is `forced`
    for this object; `instead` is what to do then. `extra` makes parameters that depend on the object; `around` puts
    further calls before and after the delete call. `empties` are those of `release` of which all entries have to go
    first, not only those that name others that go.
    """

    operation: str
    id: str | None = None
    product: Product | None = None
    params: Params = msgspec.field(default_factory=dict)
    release: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()
    held_by: tuple[tuple[str, str], ...] = ()
    forced: Callable[["LiveObject"], bool] | None = None
    instead: str = "remove or move that first"
    impacts: tuple[Impact, ...] = ()
    gives_up: Callable[["LiveObject"], Sequence[str]] | None = None
    refused: Callable[["LiveObject"], str | None] | None = None
    extra: Callable[["LiveObject"], Params] | None = None
    around: Callable[["Change", Call], Iterable[Call]] | None = None
    merge: Merge | None = None
    token: bool = False
    wait: Wait | None = msgspec.field(default_factory=lambda: Wait(absent=True))
    seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of thing: what it is, which attributes it has, and the calls that list, make, change and delete it.

    `id_param` is the parameter that names an object in most calls. `can` are its capabilities, each in a file of
    capabilities/: whose it is (one of ownership.py, always), and whatever else not every kind has. Ask for one by
    `capability`, never by the name of a kind.
    """

    name: str
    summary: str
    attributes: tuple[Attribute, ...]
    listing: Listing
    create: Create
    delete: Delete
    updates: tuple[Update, ...]
    id_param: str
    id_prefixes: tuple[str, ...]
    example: Mapping[str, object]
    can: tuple[Capability, ...]
    product: Product = Product.ECS
    docs: str = ""
    by_name: Mapping[str, Attribute] = field(init=False, repr=False, compare=False)
    _by_sort: Mapping[type[Capability], Capability] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """A kind that leaves open how an attribute changes, or whose its objects are, does not load."""
        by_sort = {sort: one for one in self.can for sort in type(one).__mro__ if issubclass(sort, Capability)}
        object.__setattr__(self, "_by_sort", by_sort)
        object.__setattr__(self, "by_name", {attribute.name: attribute for attribute in self.attributes})
        faults = [*self._open_ends(), *(fault for one in self.can for fault in one.faults(self))]
        if Ownership not in by_sort:
            faults.append("its objects cannot be owned: it has no capability of model/capabilities/ownership.py")
        if faults:
            raise TypeError(f"{self.name}: " + "; ".join(faults))

    def _open_ends(self) -> Iterable[str]:
        """Attributes that nothing says how to change: silence must not destroy a machine."""
        named = {name for update in self.updates for name in update.attributes}
        named |= {name for one in self.can for name in one.sets()}
        for attribute in self.attributes:
            if not (attribute.name in named or attribute.fixed or attribute.computed or attribute.only_at_birth):
                yield f"no Update names {attribute.name} and it is not fixed"
        unknown = named - {attribute.name for attribute in self.attributes}
        if unknown:
            yield f"updates name unknown attributes {sorted(unknown)}"
        for update in self.updates:
            for name in update.attributes if update.build is None else ():
                if name in unknown or name == "tags" or name in update.wire or self.attribute(name).wire:
                    continue
                yield f"{update.operation} does not say what {name} is on the wire"

    def capability(self, sort: type[C]) -> C | None:
        """What it can do of this sort; None where it cannot."""
        return cast("C | None", self._by_sort.get(sort))  # as text: making the type costs more

    @property
    def ownership(self) -> Ownership:
        return cast(Ownership, self._by_sort[Ownership])

    def attribute(self, name: str) -> Attribute:
        return self.by_name[name]

    def updates_for(self, name: str) -> tuple[Update, ...]:
        return tuple(update for update in self.updates if name in update.attributes)


Kinds = Mapping[str, Kind]

REPLAY_OF_CREATE = {True: Replay.TOKEN, False: Replay.NEVER}
