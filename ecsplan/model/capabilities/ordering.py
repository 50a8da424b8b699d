"""Order beyond references. Asked for by planner/order.py and planner/drafts.py."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import field

from ecsplan.model.call import Call
from ecsplan.model.capability import Capability
from ecsplan.model.change import Change
from ecsplan.model.kind import Kind
from ecsplan.model.resource import RemoteObject


class Ordering(Capability, frozen=True):
    """`lane` names the attribute whose value groups writes that must not overlap (`vpc`); `lane_of` tells it of one
    call. Where it `is_brief`, the next may be sent while the effect of one is waited for. `after` names, for an
    attribute that is set late, what is first changed of the thing that it names; `along` what else waits for that. What
    joins one that `shields` is open
    to the network until its finishing steps are done. `ways` tells whether one call of a change opens something, and
    whether it closes something. `is_source` tells whether a live thing can be what one is made from as it is; where it
    cannot, it is changed first. `frees`: an attribute that names others by the value of one of theirs (an EIP by its
    address) lets go of these before they let go of another (the gateway that they are bound to).
    """

    lane: str = ""
    is_brief: bool = True
    lane_of: Callable[[Call], str | None] | None = None
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    along: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    frees: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    shields: bool = False
    ways: Callable[[Change, Call], tuple[bool, bool]] | None = None
    is_source: Callable[[RemoteObject], bool] | None = None

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        named = [name for name in (self.lane, *self.after, *self.frees) if name]
        yield from (f"it is ordered by {name}, which is none of its attributes" for name in named if name not in known)


_NONE = Ordering()


def ordering(kind: Kind) -> Ordering:
    """That of a kind, which says nothing where it has none."""
    return kind.capability(Ordering) or _NONE
