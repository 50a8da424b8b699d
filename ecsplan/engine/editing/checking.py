"""The faults of a stack as it is being written, and what a saved plan says of its resources."""

import itertools
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache

from msgspec import Struct

from ecsplan.config.resources.nested_blocks import Shape, shapes_of
from ecsplan.config.syntax.environments import KEY
from ecsplan.config.syntax.layers import stack_files
from ecsplan.config.syntax.nodes import mapping_of
from ecsplan.engine.editing.model import Folder, Span
from ecsplan.engine.editing.symbols import VARIABLE, declared
from ecsplan.engine.remarking import ends_of
from ecsplan.files.opening import BadFile, read_regular
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected, Severity
from ecsplan.model.plan import Plan
from ecsplan.model.rules import Rule


class Problem(Struct, frozen=True):
    """`wrong` is where the word stands for which `instead` would be right."""

    span: Span
    message: str
    is_error: bool
    rule: Rule | None
    wrong: Span | None = None
    instead: tuple[str, ...] = ()


def problems(path: str, folder: Folder, environ: Mapping[str, str]) -> list[Problem]:
    """What validate says of the stack at a path, in each of its environments, with the texts of the editor."""
    names: Iterable[str | None] = _environments(folder) or (None,)
    found = dict.fromkeys(one for name in names for one in _found(path, folder, environ, name))
    ends = ends_of((one.source for one in found), lambda file: folder.texts.get(file, ""))
    return [_problem(one, ends.get(one.source, (0, 0)) if one.source else (0, 0), path, folder) for one in found]


def _environments(folder: Folder) -> tuple[str, ...]:
    return tuple(name for root in folder.nodes.values() for name in mapping_of(mapping_of(root).get(KEY)))


def _found(path: str, folder: Folder, environ: Mapping[str, str], environment: str | None) -> tuple[Diagnostic, ...]:
    from ecsplan.engine import load, remarks

    try:
        return remarks(load(path, environ=environ, unsaved=folder.texts, environment=environment))
    except Rejected as rejected:
        return rejected.diagnostics


def _problem(one: Diagnostic, end: tuple[int, int], path: str, folder: Folder) -> Problem:
    file = one.source.file if one.source else path
    line, column = (one.source.line - 1, one.source.column - 1) if one.source else (0, 0)
    span = Span(file, line, column, *((end[0] - 1, end[1] - 1) if end[0] else (line, column + 1)))
    who = f"{one.address}: " if one.address else ""
    message = who + one.summary + (f"\n{one.detail}" if one.detail else "")
    hint = one.hint
    wrong = _word(folder.texts.get(file, ""), span, hint.wrong) if hint else None
    instead = hint.instead if hint and wrong else ()
    return Problem(span, message, one.severity is Severity.ERROR, one.rule, wrong, instead)


def _word(text: str, span: Span, word: str) -> Span | None:
    """Where a word stands in the entry that begins at a span: on its line, or deeper below."""
    if not word:
        return span
    wanted = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    first, *below = text.split("\n")[span.line :] or [""]
    deeper = itertools.takewhile(lambda row: not row.strip() or _indent(row) > _indent(first), below)
    for number, row in enumerate((first, *deeper)):
        if at := wanted.search(row, 0 if number else span.column):
            return Span(span.file, span.line + number, at.start(), span.line + number, at.end())
    return None


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


class Hint(Struct, frozen=True):
    """What is written behind the name of a resource."""

    span: Span
    text: str


def hints(folder: Folder, plan: Plan) -> list[Hint]:
    """The live id, the status and the change of each declared resource, as a saved plan tells them."""
    found = []
    for symbol, span in declared(folder).items():
        if symbol.kind == VARIABLE:
            continue
        rows = [c for c in plan.changes if (c.address.kind, c.address.name) == (symbol.kind, symbol.name)]
        lives = [change.before for change in rows if change.before is not None]
        acts = {change.action for change in rows if change.action is not Action.NOOP}
        parts = [f"{live.id} {live.status}".strip() for live in lives[:2]]
        parts += [f"and {len(lives) - 2} more"] if len(lives) > 2 else []
        parts += sorted(action.name.lower() for action in acts)
        if parts:
            found.append(Hint(span, ", ".join(parts)))
    return found


def texts_of(path: str, unsaved: Mapping[str, str]) -> dict[str, str]:
    """The texts of the stack files at a path, those of the editor before those on the disk. Raises Rejected."""
    texts: dict[str, str] = {}
    names = stack_files(path)
    names += [file for file in unsaved if os.path.dirname(file) == path and file not in names]
    for file in names:
        try:
            texts[file] = unsaved[file] if file in unsaved else read_regular(file, 10_000_000).decode("utf-8-sig")
        except (BadFile, UnicodeDecodeError):
            continue
    return texts


_STACK = re.compile(r"^stack[ \t]*:", re.MULTILINE)


def stack_around(path: str, file: str, texts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The path of the stack that a file is part of, and its texts: the folder, or the file alone where the folder holds
    several stacks of one file each."""
    homes = [name for name, text in texts.items() if _STACK.search(text)]
    if len(homes) > 1 and file in homes:
        return file, {file: texts[file]}
    return path, dict(texts)


@cache
def shapes() -> Mapping[str, Shape]:
    from ecsplan.kinds import load_kinds

    return shapes_of(load_kinds())


_PLANS = ("plan.json", "change.json", ".ecsplan/plan.json")


@cache
def _plan_in(path: str, _changed_at: float) -> Plan | None:
    from ecsplan.engine import load_plan

    try:
        return load_plan(read_regular(path, 256 << 20).decode())
    except (BadFile, UnicodeDecodeError, Rejected, Refused):
        return None


def plan_at_hand(path: str, stack: str, named: str = "") -> Plan | None:
    """The saved plan of a stack: the file that is named, or one of the usual names beside the stack."""
    for name in (named,) if named else (os.path.join(path, plan) for plan in _PLANS):
        try:
            plan = _plan_in(name, os.stat(name).st_mtime)
        except OSError:
            continue
        if plan is not None and (not stack or plan.stack.startswith(stack)):
            return plan
    return None


def stack_name(folder: Folder) -> str:
    for root in folder.nodes.values():
        node = mapping_of(root).get("stack")
        if node is not None and isinstance(node.value, str) and "${" not in node.value:
            return node.value
    return ""
