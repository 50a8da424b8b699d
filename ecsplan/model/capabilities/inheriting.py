"""Values inherited from another resource: a launch template to its machines.

Asked for by config/resources/inheritance.py, and by planner/as_made.py.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind

if TYPE_CHECKING:
    from ecsplan.model.resource import Resource


class Inherits(Capability, frozen=True):
    """`by` names the giver, which has the same `attributes`. `unknown(resource, giver)` is why they cannot be told from
    the file; empty where they can. Once an object is made it stays as it was made: another value of the giver is none
    of its own.
    """

    by: str
    attributes: tuple[str, ...]
    unknown: Callable[["Resource", "Resource"], str]

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        unknown = [name for name in (self.by, *self.attributes) if name not in known]
        yield from (f"it inherits {name}, which is none of its attributes" for name in unknown)


def may_be_inherited(kind: Kind, name: str, members: Mapping[str, Any]) -> bool:
    """Whether an attribute may be left out of a block with these members."""
    inherits = kind.capability(Inherits)
    return inherits is not None and name in inherits.attributes and inherits.by in members
