"""Parts inside an object, in the slots of a map: the disks of an instance. Asked for by inventory/ and planner/."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ecsplan.model.algebra import Raw
from ecsplan.model.call import Call
from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind
from ecsplan.model.slots import Slots

if TYPE_CHECKING:
    from ecsplan.model.change import Change


class CarryOver(Struct, frozen=True):
    """Parts that outlive a replacement: what the create call leaves out, how they are let go and taken up again.

    `ids` are those of the parts.
    """

    attributes: Mapping[str, Any]
    let_go: tuple[Call, ...]
    take_up: tuple[Call, ...]
    ids: frozenset[str] = frozenset()


def _nothing(change: "Change") -> CarryOver | None:
    return None


class Parts(Capability, frozen=True):
    """`refine(raw, desired)` are the values that only a look at the parts tells. `carry_over` says what moves from the
    old object of a replacement to the new, `carried` which attributes look different meanwhile.
    """

    slots: tuple[Slots, ...]
    refine: Callable[[Raw, Mapping[str, Any]], Mapping[str, Any]]
    carry_over: Callable[["Change"], CarryOver | None] = _nothing
    carried: tuple[str, ...] = ()

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        for spec in self.slots:
            if spec.attribute not in known:
                yield f"its slots are {spec.attribute}, which is none of its attributes"


def slots_of(kind: Kind) -> tuple[Slots, ...]:
    """The slots of a kind; none where its objects have no parts."""
    parts = kind.capability(Parts)
    return parts.slots if parts is not None else ()


def carried_over(kind: Kind, change: "Change") -> CarryOver | None:
    """What of the parts outlives a replacement of their object."""
    parts = kind.capability(Parts)
    return parts.carry_over(change) if parts is not None else None
