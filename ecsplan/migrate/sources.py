"""The input of `import`, whatever the tool: its entries, and what its code says."""

from ecsplan.migrate.code import Code
from ecsplan.migrate.hcl import read_code
from ecsplan.migrate.pulumi import read_pulumi
from ecsplan.migrate.ros import read_ros
from ecsplan.migrate.state import read_state
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Terraform
from ecsplan.model.kind import Kinds
from ecsplan.model.migration import Entry


def entries_of(
    tool: str, text: str, file: str, code: str | None, resources: str | None, kinds: Kinds
) -> tuple[list[Entry], Code | None]:
    """`file` is what the text is called in messages; `resources` is the text of the second file of ROS."""
    if tool == "pulumi":
        return read_pulumi(text, file)
    if tool == "ros":
        return read_ros(text, file, resources or "", _templates(kinds))
    return read_state(text, file), read_code(code) if code else None


def _templates(kinds: Kinds) -> dict[str, Ros]:
    found = {}
    for kind in kinds.values():
        of, template = kind.capability(Terraform), kind.capability(Ros)
        if of and template:
            found[of.type] = template
    return found
