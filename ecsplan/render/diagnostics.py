"""Problems for the terminal: place, what is wrong, the line itself with a caret, what would be right."""

from collections.abc import Callable, Iterable, Iterator

from ecsplan.model.diagnostic import Diagnostic, Severity, SourceRange
from ecsplan.model.unseen import spelled
from ecsplan.render.cells import cells
from ecsplan.render.paint import Paint, unpainted

ReadLine = Callable[[str, int], str | None]  # a file and a line number to the text of that line, None if not there
WIDEST_EXCERPT = 110


def diagnostics_text(
    diagnostics: Iterable[Diagnostic],
    read_line: ReadLine | None = None,
    paint: Paint = unpainted,
    error_word: str = "error",
    with_rules: bool = False,
) -> str:
    """`with_rules` adds the id of the rule. `error_word` stands for an error: a refusal is none of the author's."""
    words = {Severity.ERROR: paint(error_word, "danger"), Severity.WARNING: paint("warning", "update")}
    told = (_lines(found, words[found.severity], read_line, paint, with_rules) for found in diagnostics)
    return "\n".join("\n".join(lines) for lines in told) + "\n"


def _lines(found: Diagnostic, word: str, read_line: ReadLine | None, paint: Paint, with_rules: bool) -> Iterator[str]:
    who = f"{spelled(str(found.address))}: " if found.address else ""
    where = f"{paint(spelled(str(found.source)), 'bold')}: " if found.source else ""
    rule = f" [{found.rule.id}]" if with_rules and found.rule else ""
    yield f"{where}{word}: {who}{_cleaned(found.summary)}{rule}"
    if found.source and read_line:
        yield from _excerpt(found.source, read_line, paint)
    yield from (f"  {line}" for line in _cleaned(found.detail).split("\n") if found.detail)


def _cleaned(text: str) -> str:
    return "\n".join(spelled(line) for line in text.split("\n"))


def _excerpt(source: SourceRange, read_line: ReadLine, paint: Paint) -> Iterator[str]:
    line = read_line(source.file, source.line)
    if not line or not line.strip():
        return
    column = source.column - 1
    shift = max(0, column - WIDEST_EXCERPT + 20)
    shown = spelled(line.replace("\t", " ").rstrip()[shift : shift + WIDEST_EXCERPT])
    yield paint(f"{source.line:>5} | {shown}", "dim")
    if 0 <= column - shift <= len(shown):
        yield f"{'':>5} | " + " " * cells(shown[: column - shift]) + paint("^", "danger")
