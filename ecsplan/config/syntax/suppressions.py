"""Comments that suppress a warning: `# ecsplan:ignore ECS601 because REASON`, on its line or on the line above."""

import re
from collections.abc import Iterator

from ecsplan.config.syntax.comments import Comment, comments_of
from ecsplan.model.diagnostic import Diagnostic, Severity, SourceRange
from ecsplan.model.rules import BY_ID, Rule
from ecsplan.model.spelling import nearest
from ecsplan.model.suppression import Suppression, rule_of

MARK = "ecsplan:ignore"
_FORM = f"write # {MARK} ECS601 because REASON"


def suppressions_in(text: str, file: str) -> Iterator[Suppression | Diagnostic]:
    """What the comments of a file suppress, and a warning for each that is written wrongly."""
    if MARK not in text:
        return
    lines = text.splitlines()
    for comment in comments_of(text):
        body = comment.text.lstrip("#").strip()
        if body.startswith(MARK):
            yield from _read(body.removeprefix(MARK), comment, lines, file)


def _read(body: str, comment: Comment, lines: list[str], file: str) -> Iterator[Suppression | Diagnostic]:
    source = SourceRange(file, comment.line, comment.column)
    names, because, reason = body.partition(" because ")
    if not because or not reason.strip():
        yield _warning("a suppression needs a reason", _FORM, source)
        return
    for name in re.split(r"[\s,]+", names.strip()):
        rule = rule_of(name)
        if rule is None:
            summary = f"there is no rule {name}" if name else "a suppression names no rule"
            yield _warning(summary, nearest(name, BY_ID, "rules") if name else _FORM, source)
        else:
            yield Suppression(rule, reason.strip(), source, _line_of(comment, lines))


def _line_of(comment: Comment, lines: list[str]) -> int:
    """The comment's own line; of one that is alone, the next line that is neither empty nor a comment."""
    if not comment.is_alone:
        return comment.line
    for number in range(comment.line + 1, len(lines) + 1):
        line = lines[number - 1].strip()
        if line and not line.startswith("#"):
            return number
    return comment.line


def _warning(summary: str, detail: str, source: SourceRange) -> Diagnostic:
    return Diagnostic(summary, detail, source, severity=Severity.WARNING, rule=Rule.BAD_SUPPRESSION)
