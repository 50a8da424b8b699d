"""Values that only one object can have at a time. Asked for by planner/exclusive.py, planner/order.py and config/."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind

if TYPE_CHECKING:
    from ecsplan.model.resource import Resource


class Exclusive(Struct, frozen=True):
    """An attribute whose values two live objects cannot have at once, where these collide (see ValueType.claims).

    `name` may be `name`, or `disks[].name`: that of each record in a map. They collide only where the attribute
    `within` (of the record, if it has it) names the same thing: the VPC of a range. Attributes of one `space`, of
    whatever kinds, take from the same stock; left out: each from its own.
    """

    name: str
    within: str = ""
    space: str = ""


class Exclusivity(Capability, frozen=True):
    """A replacement that keeps one of the `values` cannot create first. `unique_name`: a second create of the name
    fails, so that nothing can be doubled. What an attribute of `one_holder` names (the instance of an EIP) is held by
    one object at a time: one lets go before another takes it, unless it `takes_many`. A resource that `is_beside`
    others may name what they name, and still one lets go of it before another takes it.
    """

    values: tuple[Exclusive, ...] = ()
    unique_name: bool = False
    one_holder: tuple[str, ...] = ()
    takes_many: Callable[[Any], bool] = lambda value: False
    is_beside: Callable[["Resource"], bool] = lambda resource: False

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        named = [*(one.name.partition("[")[0] for one in self.values), *self.one_holder]
        yield from (f"exclusive {name} is none of its attributes" for name in named if name not in known)


_NONE = Exclusivity()


def exclusivity(kind: Kind) -> Exclusivity:
    """That of a kind, which says nothing where it has none."""
    return kind.capability(Exclusivity) or _NONE
