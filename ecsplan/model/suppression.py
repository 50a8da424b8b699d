"""A comment in a stack file that suppresses one warning, with its reason."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ecsplan.model.diagnostic import Diagnostic, Severity, SourceRange
from ecsplan.model.rules import BY_ID, Rule


class Suppression(Struct, frozen=True):
    """`source` is the comment, `line` the line whose warnings of `rule` are suppressed."""

    rule: Rule
    reason: str
    source: SourceRange
    line: int

    def covers(self, found: Diagnostic) -> bool:
        return (
            found.rule is self.rule
            and found.severity is Severity.WARNING
            and found.source is not None
            and (found.source.file, found.source.line) == (self.source.file, self.line)
        )


def unsuppressed(found: Iterable[Diagnostic], suppressions: Iterable[Suppression]) -> Iterator[Diagnostic]:
    """What no comment suppresses."""
    rows = tuple(suppressions)
    return (one for one in found if not any(row.covers(one) for row in rows))


def unused(found: Iterable[Diagnostic], suppressions: Iterable[Suppression]) -> Iterator[Diagnostic]:
    """A warning for each comment that suppresses none of all that was found."""
    everything = tuple(found)
    for row in suppressions:
        if not any(row.covers(one) for one in everything):
            there = [one for one in everything if one.source and one.source.line == row.line]
            other = next((one.rule.id for one in there if one.rule and one.rule is not row.rule), "")
            detail = f"the warning there is {other}" if other else "remove the comment"
            summary = f"{row.rule.id} is suppressed, and line {row.line} has no such warning"
            yield Diagnostic(summary, detail, row.source, severity=Severity.WARNING, rule=Rule.UNUSED_SUPPRESSION)


def rule_of(name: str) -> Rule | None:
    return BY_ID.get(name.upper())
