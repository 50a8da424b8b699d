"""Objects that no stack makes and attributes refer to: by its id, or by a look-up. Used by kinds only."""

from collections.abc import Mapping
from typing import Any

from ecsplan.model.composites import Reference
from ecsplan.model.kind import Listing, Paging
from ecsplan.model.quoting import shown
from ecsplan.model.values import Mistake

DEPLOYMENT_SET = "deployment_set"


class Existing(Reference):
    """A thing by its id, or by a look-up: no stack has one. `noun` is what it is called."""

    __slots__ = ("noun",)

    def __init__(self, kind: str, *prefixes: str, noun: str) -> None:
        super().__init__(kind, prefixes=prefixes)
        self.noun = noun

    @property
    def says(self) -> str:
        shapes = " or ".join(f"{prefix}…" for prefix in self.prefixes)
        return f"the id of a {self.noun} like {shapes}, or {{lookup: {{name: …}}}}"

    def schema(self) -> dict[str, object]:
        return {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/lookup"}]}

    def parse(self, value: object) -> Any:
        if isinstance(value, str) and not value.startswith(self.prefixes):
            raise Mistake(f"{shown(value)} is not the id of a {self.noun}", f"write {self.says}")
        if isinstance(value, Mapping) and "lookup" not in value:
            raise self.mistake(value)
        return super().parse(value)


LISTINGS = {
    DEPLOYMENT_SET: Listing("DescribeDeploymentSets", "DeploymentSets.DeploymentSet", "DeploymentSetId",
                            "DeploymentSetName", paging=Paging.PAGE, page_size=50, status="", tags=""),
}  # fmt: skip
"""How each is listed, for look-ups by name. Deployment sets have no tags."""
