"""Getting to another place without being made anew. Asked for by planner/moving.py."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ecsplan.model.capability import Capability
from ecsplan.model.moving import Around, Moving

if TYPE_CHECKING:
    from ecsplan.model.change import AttributeChange
    from ecsplan.model.resource import LiveObject, Resource

Way = Callable[["LiveObject", "Resource", Mapping[str, "AttributeChange"], Around], Moving | None]


class Movable(Capability, frozen=True):
    """`way` says how an object gets to another place, which the attributes `place` name."""

    place: tuple[str, ...]
    way: Way
