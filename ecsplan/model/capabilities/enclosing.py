"""A range that others lie in, as that of a VPC. Asked for by planner/enclosing.py, held.py and replacement.py."""

from collections.abc import Iterable

from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind


class Encloses(Capability, frozen=True):
    """The range in `attribute` has room for that in `inner` of every `kind` that names this object in `by`.

    What lives in one cannot move into another. `further` has more ranges, which are given after it is made.
    """

    attribute: str
    kind: str
    by: str
    inner: str
    further: str = ""

    def faults(self, kind: Kind) -> Iterable[str]:
        if not any(attribute.name == self.attribute for attribute in kind.attributes):
            yield f"it encloses by {self.attribute}, which is none of its attributes"
