"""The input of `import`, whatever the tool: its entries, and what its code says."""

from ecsplan.migrate.code import Code
from ecsplan.migrate.hcl import read_code
from ecsplan.migrate.state import read_state
from ecsplan.model.migration import Entry

TOOLS = ("terraform",)


def entries_of(
    tool: str, text: str, file: str, code: str | None, resources: str | None
) -> tuple[list[Entry], Code | None]:
    """`file` is what the text is called in messages."""
    return read_state(text, file), read_code(code) if code else None
