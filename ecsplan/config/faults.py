"""Collects what is wrong while a stage goes on, so that a person hears of everything at once."""

from collections.abc import Iterable

from ecsplan.config.node import Node
from ecsplan.config.scope import ExpressionError
from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity, SourceRange

_NOWHERE = SourceRange("", 0, 0)


class Faults:
    """Diagnostics found so far. The same words at the same place are kept once (a default that many inherit)."""

    def __init__(self) -> None:
        self._found: dict[tuple[SourceRange | None, str], Diagnostic] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(
        self, summary: str, detail: str = "", source: SourceRange | None = None, address: Address | None = None
    ) -> None:
        self.take(Diagnostic(summary, detail, source, address))

    def add_failed(self, error: ExpressionError, node: Node, address: Address | None = None, before: str = "") -> None:
        """An expression inside `node` that failed; silent when its cause has been said."""
        if not error.is_said:
            self.add(before + error.summary, error.detail, (error.node or node).source, address)

    def take(self, diagnostic: Diagnostic) -> None:
        self._found.setdefault((diagnostic.source, diagnostic.summary), diagnostic)

    def warn(self, summary: str, detail: str = "", source: SourceRange | None = None) -> None:
        self.take(Diagnostic(summary, detail, source, severity=Severity.WARNING))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return in_order(d for d in self._found.values() if d.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return in_order(d for d in self._found.values() if d.severity is Severity.WARNING)

    def reject_if_any(self) -> None:
        """Raises Rejected with all errors, if there are any."""
        errors = self.errors
        if errors:
            raise Rejected(errors)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place; those without a place come first."""
    return tuple(sorted(diagnostics, key=lambda d: (d.source or _NOWHERE, str(d.address or ""), d.summary)))
