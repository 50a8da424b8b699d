"""Commands that run inside machines: how an invocation is marked, and what became of it on each machine."""

from dataclasses import dataclass

INVOKE = "InvokeCommand"
MARK = "ecsplan:run"  # the key of a tag on invocations, with the stack: looked for before anything is run
BY_HAND = "ecsplan:by-hand"  # the same on those that a person asked for: they count for nothing


@dataclass(frozen=True, slots=True)
class Ran:
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
