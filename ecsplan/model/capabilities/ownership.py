"""How the cloud says whose an object is. Every kind has one of these; a kind without cannot load.

Asked for by planner/tagging.py, which writes the marks. They are read from the tags that the listing tells.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ecsplan.model.capability import Capability

if TYPE_CHECKING:
    from ecsplan.model.kind import Kind


class Ownership(Capability, frozen=True):
    """`tag_type` is the ResourceType by which marks are written to a live object; empty where that cannot be done."""

    @property
    def tag_type(self) -> str:
        return ""

    def faults(self, kind: "Kind") -> Iterable[str]:
        """Marks written by a second call would be too late: a run that is cut off between the two leaves an object that
        no list tells from those of others, and the next run makes it once more."""
        if kind.create.tags is None:
            yield f"its objects cannot be owned: {kind.create.operation} takes no tags, and later ones may never be set"


class Tagged(Ownership, frozen=True):
    """By tags that the create call takes, and that TagResources can write anew."""

    type: str

    @property
    def tag_type(self) -> str:
        return self.type


class BornTagged(Ownership, frozen=True):
    """By tags that the create call alone takes: nothing can be adopted, given another address, or let go."""

    def faults(self, kind: "Kind") -> Iterable[str]:
        yield from Ownership.faults(self, kind)
        if kind.create.later:
            yield f"{kind.create.later[0]} is set late, and nothing can mark that it is not set yet"
