"""Commands that run inside machines: how an invocation is marked, and what became of it on each machine."""

from collections.abc import Mapping

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.algebra import Value
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import LiveObject

INVOKE = "InvokeCommand"
MARK = "ecsplan:run"  # the key of a tag on invocations, with the stack: looked for before anything is run
BY_HAND = "ecsplan:by-hand"  # the same on those that a person asked for: they count for nothing


class Ran(Struct, frozen=True):
    """What became of a command on one machine. `before`: an earlier run had asked for it.

    `exit_code` is None where the command did not come to its end; `error` says why then.
    """

    address: str
    machine: str
    invocation: str = ""
    exit_code: int | None = None
    error: str = ""
    output: str = ""
    before: bool = False
    command: str = ""

    @property
    def is_good(self) -> bool:
        return self.exit_code == 0

    @property
    def text(self) -> str:
        """`exit code 3`, or why there is none."""
        return self.error if self.exit_code is None else f"exit code {self.exit_code}"


class RunPlan(Struct, frozen=True):
    """What a person asked for: a command of the stack, by its id, on some of its machines."""

    stack: str
    region: str
    command: Address
    id: str
    machines: Mapping[Address, LiveObject]
    user: str = ""
    parameters: Value = ()
    warnings: tuple[Diagnostic, ...] = ()


class RunReport(Struct, frozen=True):
    rows: tuple[Ran, ...]
    calls: int = 0
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def bad(self) -> tuple[Ran, ...]:
        return tuple(row for row in self.rows if not row.is_good)
