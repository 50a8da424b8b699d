"""Being made of what another live object has. Asked for by planner/conversion.py and inventory/conversions.py."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ecsplan.model.call import Find
from ecsplan.model.capability import Capability
from ecsplan.model.decoder import Decoder
from ecsplan.model.kind import Create, Kind

if TYPE_CHECKING:
    from ecsplan.model.change import Change
    from ecsplan.model.resource import RemoteObject, Resource


class Conversion(Capability, frozen=True):
    """How a thing is made of what another live one has (an EIP of the public address of an instance), if asked for.

    `asked_by` is the Boolean attribute that asks, `source` the one that names the other, and `block` what of the other
    declares what it had. `noun` is what is converted;
    `has` is what the source has of it (47.98.1.2; None: nothing), `bound` what an object of this kind is bound to and
    has of it. `tells` is the id of such an object that the source itself names. `create` is the
    call; its answer has no id, and `find(source id, what)` says how the new object is found. `refused` says why the
    service would not convert the source, `unlike` what of the declaration the object cannot have, by the source or by
    the object. `notes` tell what else a reader of the plan should know.
    """

    asked_by: str
    source: str
    block: str
    noun: str
    has: Decoder[str | None]
    bound: Decoder[tuple[str, str] | None]
    tells: Decoder[str | None]
    create: Create
    find: Callable[[str, str], Find]
    refused: Decoder[Iterable[str]]
    unlike: Callable[["Resource", "RemoteObject"], Iterable[str]]
    notes: Decoder[Iterable[str]]

    def is_of(self, obj: "RemoteObject", source_id: str) -> str | None:
        """What the object has of the source with this id; None where it is not bound to it."""
        bound = obj.fact(self.bound)
        return bound[1] if bound is not None and bound[0] == source_id else None

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        for name in (self.asked_by, self.source):
            if name not in known:
                yield f"it is converted by {name}, which is none of its attributes"


def birth(kind: Kind, change: "Change") -> Create:
    """The way in which the object of a change is, or was, made."""
    conversion = kind.capability(Conversion)
    if conversion is not None and change.converts:
        return conversion.create
    return kind.create.of(change.after) if change.after is not None else kind.create
