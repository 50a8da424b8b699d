"""Problems that a person can act on, as data: where, what is wrong, what would be right.

Stages collect them and raise one `Rejected` at their end; only cli/main.py prints them.
"""

from collections.abc import Callable, Iterable
from enum import Enum

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.rules import Rule

Words = str | Callable[[], str]
"""A text of a message, or what makes it: finding similar names is slow, and done only for what is shown."""


def said(words: Words) -> str:
    return words if isinstance(words, str) else words()


class Hint(str):
    """A detail that offers other words: any of `instead` would be right where `wrong` stands."""

    wrong: str
    instead: tuple[str, ...]

    def __new__(cls, text: str, wrong: str = "", instead: Iterable[str] = ()) -> "Hint":
        made = super().__new__(cls, text)
        made.wrong, made.instead = wrong, tuple(instead)
        return made


class SourceRange(Struct, frozen=True, order=True):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


class Diagnostic(Struct, frozen=True):
    """`summary` says what is wrong, `detail` what would be right. `members` are those of a group that it is said of."""

    summary: str
    detail: str = ""
    source: SourceRange | None = None
    address: Address | None = None
    severity: Severity = Severity.ERROR
    members: tuple[Address, ...] = ()
    rule: Rule | None = None  # of what is found in a stack file

    @property
    def hint(self) -> Hint | None:
        """Which words would be right, as data; None where the detail offers none."""
        return self.detail if isinstance(self.detail, Hint) and self.detail.instead else None

    def __str__(self) -> str:
        place = f"{self.source}: " if self.source else ""
        who = f"{self.address}: " if self.address else ""
        return f"{place}{self.severity.value}: {who}{self.summary}" + (f"\n  {self.detail}" if self.detail else "")


class Rejected(Exception):
    """Input that a person must mend; carries every problem that the stage found (exit status 1).

    `files` are the stack files that were read, whose lines may be shown with the problems.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic], files: tuple[str, ...] = ()) -> None:
        self.diagnostics = tuple(diagnostics)
        self.files = files
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class Refused(Exception):
    """A guard, a stale plan, the lock or the wrong account: nothing more was written (exit status 3)."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class Locked(Refused):
    """Somebody else holds the lock of the stack: it may go well later."""
