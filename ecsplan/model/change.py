"""The change of one address, and its reason. Made by planner/diff.py; steps.py turns it into Calls."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import Raw, Value, ValueOrUnknown, Values
from ecsplan.model.attribute import Impact
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic, SourceRange
from ecsplan.model.identity import Placed
from ecsplan.model.moving import Moving
from ecsplan.model.record import Lines
from ecsplan.model.resource import LiveObject, RemoteObject, Resource
from ecsplan.model.safety import SafetySnapshot

T = TypeVar("T")


class Action(Enum):
    """The value is the sign that is shown."""

    NOOP = " "
    CREATE = "+"
    UPDATE = "~"
    REPLACE = "!"
    DELETE = "-"
    ADOPT = "@"
    MOVE = ">"
    RELEASE = "<"


class Cause(Enum):
    """Who moved: the file since the last apply, the cloud since the last apply, or both (or nobody can tell)."""

    PENDING = "pending"
    DRIFT = "drift"
    BOTH = "both"
    UNKNOWN = "unknown"


class Going(Enum):
    """Why an object goes. `reason` says it in words."""

    NONE = ""
    GONE = "gone"  # its block, its member or what it is a part of
    RETIRED = "retired"  # by a run of ours that was cut off, and its successor is live
    DESTROY = "destroy"
    RELEASED = "released"


class Unknown:
    """A live value that cannot be read (a password); shown as such, equal to nothing."""

    def __repr__(self) -> str:
        return "(not readable)"


UNKNOWN = Unknown()


class Never:
    """Instead of the value that was applied last: none ever was, the file did not declare it."""

    def __repr__(self) -> str:
        return "(never declared)"


NEVER = Never()


class Piece(Struct, frozen=True):
    """A piece of a map or set that differs: `key` is the key (`team`, `data.size`) or the item itself.

    `applied` is what was applied last: NEVER where it was not declared, UNKNOWN where it is not kept.
    """

    key: Value
    cause: Cause
    applied: ValueOrUnknown = NEVER


class AttributeChange(Struct, frozen=True):
    """One line of a diff. `before` and `after` are canonical, None for absent; Refs are resolved where known.

    `applied` is what was applied last, as in Piece; `parts` tell the pieces of a map or a set apart.
    """

    name: str
    before: ValueOrUnknown
    after: ValueOrUnknown
    cause: Cause = Cause.PENDING
    forces_replacement: bool = False
    sensitive: bool = False
    note: str = ""
    source: SourceRange | None = None
    applied: ValueOrUnknown = NEVER
    parts: tuple[Piece, ...] = ()


class Purchase(Struct, frozen=True):
    """What is bought at once for a time to come: `text` (12 months), as months."""

    text: str
    months: float


class Change(Struct, frozen=True):
    """`before` is the live object, `after` the declared resource; one of them may be None.

    `create_first` tells which half of a replacement comes first. `reason` says who forced it when no attribute of its
    own did. `blocked` are the reasons for which apply will refuse. `parts` were left by an earlier object of the
    address, and can be taken up by the new one; or they hang on the object and change their owner with it. `converts`
    is what another thing has now and the object will be (an address), or was made of in a run that was cut off. `told`
    is what was read for the sake of this change, by the name of the Inquiry. `moving` says how it gets where it is to
    be. `opens` is what of the record changes, as it is on record now. `going` is what guards go by. `is_doubtful`: an
    object that is deleted, or a part that is taken up, is known by its marks alone. `placed` are parts that are marked
    for their places. `twins` are live objects of nobody that look like what is to be made. `table` is the mark that
    tells members of a batch by their numbers, where it is to be written. `taken` would be deleted with the object, and
    are no parts of it. `records`: nothing changes but the record, which is out of date. `left` says what the file no
    longer declares, and stays. `buys` is paid for at once. `live_values` are those of the object that a
    plan may show: whatever a file can declare and is not secret. `snapshots` are taken before it, of disks that it puts
    at risk.
    """

    address: Address
    action: Action
    before: LiveObject | None = None
    after: Resource | None = None
    attributes: tuple[AttributeChange, ...] = ()
    impacts: frozenset[Impact] = frozenset()
    create_first: bool = False
    reason: str = ""
    loses: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    moved_from: Address | Part | None = None
    stack: str = ""
    parts: tuple[RemoteObject, ...] = ()
    converts: str = ""
    told: Mapping[str, tuple[Raw, ...]] = field(default_factory=dict)
    moving: Moving | None = None
    opens: Lines = field(default_factory=dict)
    going: Going = Going.NONE
    is_doubtful: bool = False
    placed: tuple[Placed, ...] = ()
    twins: tuple[RemoteObject, ...] = ()
    table: str = ""
    taken: tuple[RemoteObject, ...] = ()
    records: bool = False
    left: tuple[Diagnostic, ...] = ()
    buys: Purchase | None = None
    live_values: Values = field(default_factory=dict)
    snapshots: tuple[SafetySnapshot, ...] = ()
    _by_name: tuple[tuple[AttributeChange, ...], dict[str, AttributeChange]] | None = None

    def __eq__(self, other: object) -> bool:
        """Whether the same is done for the same reasons; what is only told of it beside that may differ."""
        return isinstance(other, Change) and all(getattr(self, n) == getattr(other, n) for n in _DONE)

    @property
    def attributes_by_name(self) -> dict[str, AttributeChange]:
        """Kept, with the lines that it was made of: a copy has the same, until other lines."""
        if self._by_name is None or self._by_name[0] is not self.attributes:
            force_setattr(self, "_by_name", (self.attributes, {line.name: line for line in self.attributes}))
        return self._by_name[1] if self._by_name is not None else {}

    @property
    def impact(self) -> Impact:
        """The worst of what it does."""
        return max(self.impacts, default=Impact.NONE)

    @property
    def id(self) -> str | Ref:
        """The object's id where it has one, else a Ref that apply fills."""
        return self.before.id if self.before is not None and self.action is not Action.REPLACE else Ref(self.address)

    @property
    def id_text(self) -> str:
        """The id of the live object; empty where there is none."""
        return self.before.id if self.before is not None else ""

    def desired(self, name: str) -> Value:
        """The declared value of an attribute, None if the file does not mention it."""
        return self.after.attributes.get(name) if self.after else None

    def live(self, name: str) -> Value:
        return self.before.attributes.get(name) if self.before else None

    def fact(self, decoder: Decoder[T]) -> T:
        """What the live object tells; where there is none, what an empty answer tells."""
        return self.before.fact(decoder) if self.before is not None else decoder.read({})

    @property
    def kind(self) -> str:
        return self.address.kind


_TOLD = ("told", "opens", "live_values", "snapshots", "_by_name")
_DONE = tuple(name for name in Change.__struct_fields__ if name not in _TOLD)
