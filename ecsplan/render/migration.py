"""The report of `import`: what became of everything that another tool keeps. Text, Markdown and JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ecsplan.model.migration import Fate, Migration, MigrationOutcome, Note
from ecsplan.render.values import clean
from ecsplan.render.words import plural

MIGRATION_FORMAT = "ecsplan-migration/v1"
_TOOLS = {"terraform": "Terraform", "pulumi": "Pulumi", "ros": "ROS"}
MOST_LINES = 2000  # of a section in text and Markdown; JSON has all


def migration_text(found: Migration) -> str:
    lines: list[str] = []
    for title, body in _sections(found):
        lines += [f"{title}:", *(f"  {line}" for line in body), ""]
    return "\n".join([*lines, _sum(found), *_next(found), ""])


def migration_markdown(found: Migration) -> str:
    lines = [f"# From {_TOOLS[found.tool]} to ecsplan: {clean(found.made.stack)}", "", _sum(found), ""]
    for title, body in _sections(found):
        lines += [f"## {title[0].upper()}{title[1:]}", "", *(f"- {_code(line)}" for line in body), ""]
    return "\n".join([*lines, *_next(found), ""])


def _code(line: str) -> str:
    """Ids and addresses hold characters that Markdown reads; a run of backquotes is outnumbered."""
    longest = max((len(run) for run in line.replace("`", " ` ").split() if set(run) == {"`"}), default=0)
    ticks = "`" * (longest + 1 + line.count("`"))
    return f"{ticks} {line} {ticks}" if "`" in line else f"`{line}`"


def _sections(found: Migration) -> Iterator[tuple[str, list[str]]]:
    """Those that have something to say."""
    sections: Sequence[tuple[str, Iterable[str]]] = (
        ("brought over", (f"{_theirs(one)} → {clean(one.to)}" for one in found.of(Fate.BROUGHT))),
        ("folded", (f"{_theirs(one)} → {clean(one.to)}" for one in found.of(Fate.FOLDED))),
        ("left", (f"{_theirs(one)}: {clean(one.why)}" for one in found.of(Fate.LEFT))),
        ("not in the file", _notes(found.unsaid)),
        (
            "the state and the cloud differ; the file says what is live",
            (
                f"{clean(d.address)}: {d.attribute} is {clean(d.state)} in the state, {clean(d.cloud)} in the cloud"
                for d in found.differences
            ),
        ),
        ("live, and not in the state", _notes(found.live_only)),
        ("attributes that ecsplan does not have; they stay as they are", _notes(found.theirs)),
        ("stays there, and names what goes", _notes(found.refers)),
        ("secrets to supply", _notes(found.secrets)),
        ("in the code", _notes(found.code)),
        (f"to make {_TOOLS[found.tool]} forget, before the first apply", found.forget),
    )
    for title, body in sections:
        lines = list(body)
        if lines:
            more = [f"and {len(lines) - MOST_LINES:,} more: --format json has all"] if len(lines) > MOST_LINES else []
            yield title, [*lines[:MOST_LINES], *more]


def _theirs(one: MigrationOutcome) -> str:
    return f"{clean(one.address)} ({clean(one.id)})" if one.id else clean(one.address)


def _notes(notes: Iterable[Note]) -> Iterator[str]:
    return (f"{clean(note.about)}: {clean(note.text)}" for note in notes)


def _sum(found: Migration) -> str:
    counts = [len(found.of(fate)) for fate in (Fate.BROUGHT, Fate.FOLDED, Fate.LEFT)]
    proof = "its plan shows adoptions only" if found.is_proven else "not proven: made without an account"
    return f"{counts[0]:,} brought over, {counts[1]:,} folded, {counts[2]:,} left; {proof}."


def _next(found: Migration) -> list[str]:
    """The safe order: two tools that both manage an object undo each other's changes."""
    if not found.made.adopted or not found.forget:
        return []
    by = f"with removed.tf (see its first lines), or by the {plural(len(found.forget), 'command')} above"
    how = by if "removed.tf" in found.files else "by the commands above"
    return [
        "",
        "In this order:",
        f"1. {_TOOLS[found.tool]} forgets these resources, {how}. Nothing is destroyed.",
        "2. ecsplan plan: adoptions only.",
        "3. ecsplan apply: writes tags and nothing else.",
        "The other way round the next apply of the other tool would take our tags away.",
    ]


def migration_document(found: Migration, files: dict[str, str]) -> dict[str, Any]:
    """`files` are those that were not written, by name."""

    def notes(some: Iterable[Note]) -> list[dict[str, str]]:
        return [{"about": note.about, "text": note.text} for note in some]

    return {
        "format": MIGRATION_FORMAT,
        "tool": found.tool,
        "stack": found.made.stack,
        "is_proven": found.is_proven,
        "is_complete": found.is_complete,
        "objects": [
            {"address": o.address, "type": o.type, "id": o.id or None, "fate": o.fate.value, "to": o.to or None,
             "why": o.why or None}
            for o in found.outcomes
        ],
        "unsaid": notes(found.unsaid),
        "differences": [
            {"address": d.address, "attribute": d.attribute, "state": d.state, "cloud": d.cloud}
            for d in found.differences
        ],
        "live_only": notes(found.live_only),
        "theirs": notes(found.theirs),
        "refers": notes(found.refers),
        "secrets": notes(found.secrets),
        "code": notes(found.code),
        "forget": list(found.forget),
        "files": files,
    }  # fmt: skip
