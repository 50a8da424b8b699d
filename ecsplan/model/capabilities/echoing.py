"""Values of other resources that count as a resource's own: filled in once all names are found. Asked for by
config/resources/echoes.py.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ecsplan.model.capability import Capability

if TYPE_CHECKING:
    from ecsplan.model.address import Address
    from ecsplan.model.resource import Resource


class Echoes(Capability, frozen=True):
    """The value of `attribute` has in it what is declared of those that it names: a change of theirs is one of its own.

    `fill(value, resources)` makes the whole value.
    """

    attribute: str
    fill: Callable[[Any, Mapping["Address", "Resource"]], Any]
