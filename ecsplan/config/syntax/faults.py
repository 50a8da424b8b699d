"""Collects what is wrong while a stage goes on, so that a person hears of everything at once."""

from collections.abc import Iterator

from msgspec import Struct

from ecsplan.config.syntax.nodes import Node
from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity, SourceRange, Words, said
from ecsplan.model.rules import Rule

MOST_SHOWN = 50
"""Nobody reads more at once; a script that writes a stack can make a million."""

_NOWHERE = SourceRange("", 0, 0)


class ExpressionError(Exception):
    """An expression that cannot be evaluated. `node` is the value that it stands in, once that is known.

    `is_said`: its cause is a fault of its own (a variable without a value), and needs no words at each use.
    """

    def __init__(
        self,
        summary: str,
        detail: Words = "",
        offset: int | None = None,
        is_said: bool = False,
        rule: Rule = Rule.EXPRESSION,
    ) -> None:
        super().__init__(summary)
        self.rule = rule
        self.summary, self.words, self.offset, self.is_said = summary, detail, offset, is_said
        self.node: Node | None = None

    @property
    def detail(self) -> str:
        return said(self.words)


class _Fault(Struct, frozen=True):
    """A Diagnostic whose detail may not be worked out yet."""

    summary: str
    detail: Words
    source: SourceRange | None
    address: Address | None
    severity: Severity
    rule: Rule | None

    @property
    def diagnostic(self) -> Diagnostic:
        return Diagnostic(self.summary, said(self.detail), self.source, self.address, self.severity, rule=self.rule)


def _places(node: Node) -> Iterator[SourceRange]:
    yield node.source
    yield node.key_source
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    for child in inner:
        yield from _places(child)


class Faults:
    """Diagnostics found so far. The same words at the same place are kept once (a default that many inherit)."""

    def __init__(self) -> None:
        self._found: dict[tuple[SourceRange | None, str], _Fault] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(
        self,
        summary: str,
        detail: Words = "",
        source: SourceRange | None = None,
        address: Address | None = None,
        severity: Severity = Severity.ERROR,
        *,
        rule: Rule | None,
    ) -> None:
        self._found.setdefault((source, summary), _Fault(summary, detail, source, address, severity, rule))

    def add_failed(self, error: ExpressionError, node: Node, address: Address | None = None, before: str = "") -> None:
        """An expression inside `node` that failed; silent when its cause has been said."""
        if not error.is_said:
            self.add(before + error.summary, error.words, (error.node or node).source, address, rule=error.rule)

    def has_any_at(self, node: Node) -> bool:
        """Whether something has been said of the node, or of what is inside it."""
        places = {place for place, _ in self._found}
        return any(place in places for place in _places(node))

    def take(self, diagnostic: Diagnostic) -> None:
        found = diagnostic
        self.add(found.summary, found.detail, found.source, found.address, found.severity, rule=found.rule)

    def warn(self, summary: str, detail: Words = "", source: SourceRange | None = None, *, rule: Rule) -> None:
        self.add(summary, detail, source, severity=Severity.WARNING, rule=rule)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return self._shown(Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return self._shown(Severity.WARNING)

    def _shown(self, severity: Severity) -> tuple[Diagnostic, ...]:
        """In the order of their places; those without a place come first; a word for what is left out at the end."""
        found = sorted(
            (fault for fault in self._found.values() if fault.severity is severity),
            key=lambda fault: (fault.source or _NOWHERE, str(fault.address or ""), fault.summary),
        )
        shown = [fault.diagnostic for fault in found[:MOST_SHOWN]]
        left = len(found) - len(shown)
        if left:
            what = severity.value + ("s" if left > 1 else "")
            shown.append(Diagnostic(f"and {left:,} more {what}", "fix these, then look again", severity=severity))
        return tuple(shown)

    def reject_if_any(self) -> None:
        """Raises Rejected with the errors, if there are any."""
        errors = self.errors
        if errors:
            raise Rejected(errors)
