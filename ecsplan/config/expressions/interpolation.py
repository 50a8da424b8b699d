"""Finds `${…}` in texts and evaluates it. Plain paths (`${size}`, `${each.key}`, `${instance.db.id}`) are followed
here; anything more is a Jinja2 expression and goes to jinja.py, which is loaded only then.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from ecsplan.config.expressions.joining import joined
from ecsplan.config.expressions.members import NO_MEMBER, known_members
from ecsplan.config.expressions.paths import EVERY, Held, Path, named, step
from ecsplan.config.expressions.repetition import is_repeated, repeated
from ecsplan.config.expressions.scope import ONLY_INSERTION, Scope
from ecsplan.config.expressions.value_bounds import bounded_value
from ecsplan.config.syntax.budget import OverBudget
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.config.syntax.nodes import BROKEN, Node
from ecsplan.model.address import Ref, Secret, Template

MAXIMUM_CODE = 1_000
_SHORT = 1_000

_STEP = re.compile(r'\.([A-Za-z_][\w-]*)|\[([0-9]{1,9})\]|\["([^"\\]*)"\]|\[\'([^\'\\]*)\'\]|\[(\*)\]')
_PATH = re.compile(rf"\s*([A-Za-z_]\w*)((?:{_STEP.pattern})*)\s*$")
_WORDS_OF_JINJA = frozenset({"true", "false", "none", "True", "False", "None"})


class Hole(Struct, frozen=True):
    """The inside of one `${…}`, and where it begins in its text."""

    code: str
    offset: int


def split(text: str) -> tuple[str | Hole, ...]:
    """A text in parts: literal text (with `$${` read as `${`) and Holes. Raises ExpressionError."""
    return _split_short(text) if len(text) <= _SHORT else _split(text)


@lru_cache(maxsize=4096)
def _split_short(text: str) -> tuple[str | Hole, ...]:
    return _split(text)


def _split(text: str) -> tuple[str | Hole, ...]:
    parts: list[str | Hole] = []
    literal: list[str] = []
    position = 0
    while (found := text.find("${", position)) >= 0:
        if found > position and text[found - 1] == "$":
            literal.append(text[position : found - 1] + "${")
            position = found + 2
            continue
        literal.append(text[position:found])
        if any(literal):
            parts.append("".join(literal))
        literal = []
        end = _closing(text, found + 2)
        parts.append(Hole(text[found + 2 : end], found))
        position = end + 1
    literal.append(text[position:])
    if any(literal):
        parts.append("".join(literal))
    return tuple(parts)


def _closing(text: str, start: int) -> int:
    """The place of the brace that ends a hole, braces and quotes inside it balanced."""
    depth, quote, position = 0, "", start
    while position < len(text):
        char = text[position]
        if quote:
            if char == "\\":
                position += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0:
                return position
            depth -= 1
        position += 1
    detail = "end it with }, and quote the whole string; write $${ for a literal ${"
    raise ExpressionError("an expression ${ is not closed", detail, offset=start - 2)


def evaluate(node: Node, scope: Scope) -> object:
    """The plain value of a node with its expressions filled in; nulls in mappings are left out.

    May hold Ref, Template and Secret. Raises ExpressionError with the node that it stands in.
    """
    value = node.value
    if type(value) is str:
        if "${" not in value:
            return value
        try:
            return interpolate(value, scope)
        except (ExpressionError, OverBudget) as error:
            if error.node is None:
                error.node = node
            raise
    if type(value) is dict:
        return {key: evaluate(child, scope) for key, child in value.items() if child.value is not None}
    if type(value) is list:
        if not any(map(is_repeated, value)):
            return [evaluate(child, scope) for child in value]
        return [evaluate(*one) for child in value for one in _entries(child, scope)]
    if value is BROKEN:
        raise ExpressionError("it is wrong", is_said=True)
    return value


def _entries(node: Node, scope: Scope) -> Iterable[tuple[Node, Scope]]:
    return repeated(node, scope, evaluate) if is_repeated(node) else ((node, scope),)


def interpolate(text: str, scope: Scope) -> object:
    """A text with its holes filled: one whole expression keeps its type. Raises ExpressionError."""
    parts = split(text)
    scope.budget.take("steps", len(parts))
    if len(parts) == 1 and isinstance(parts[0], Hole):
        return _fill(parts[0], scope)
    return joined([part if isinstance(part, str) else _as_part(part, scope) for part in parts], scope.budget)


def _fill(hole: Hole, scope: Scope) -> object:
    try:
        return evaluate_code(hole.code, scope)
    except ExpressionError as error:
        if error.offset is None and error.node is None:
            error.offset = hole.offset
        raise


def _as_part(hole: Hole, scope: Scope) -> object:
    """The value of a hole inside a longer text."""
    value = _fill(hole, scope)
    if isinstance(value, (str, Ref, Secret, Template)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    what = "nothing" if value is None else "a list" if isinstance(value, list) else "a mapping"
    detail = "insert a string or a number; |join(',') makes a string of a list"
    raise ExpressionError(f"${{{hole.code}}} is {what} and cannot stand inside a string", detail, offset=hole.offset)


def evaluate_code(code: str, scope: Scope) -> object:
    """The value of an expression without its `${}`. Raises ExpressionError."""
    if len(code) > MAXIMUM_CODE:
        raise ExpressionError("the expression is too long", f"write at most {MAXIMUM_CODE:,} characters")
    path = _PATH.match(code)
    if path and path[1] not in _WORDS_OF_JINJA:
        steps = [_step_of(found) for found in _STEP.finditer(path[2])]
        if _is_plain(steps, of_resource=scope.is_resource_kind(path[1])):
            return _follow(path[1], steps, scope)
    from ecsplan.config.expressions.jinja import evaluate_jinja

    return evaluate_jinja(code, scope)


class _Step(Struct, frozen=True):
    text: str
    key: int | str
    is_index: bool


def _step_of(found: re.Match[str]) -> _Step:
    dotted, number, *others = found.groups()
    key = int(number) if number is not None else next(text for text in (dotted, *others) if text is not None)
    return _Step(found[0], key, dotted is None)


def _is_plain(steps: Sequence[_Step], *, of_resource: bool) -> bool:
    """Whether it is a path as it stands: a hyphen belongs to a name only in that of a resource, a star to its key."""
    hyphens = [place for place, one in enumerate(steps) if not one.is_index and "-" in str(one.key)]
    stars = [place for place, one in enumerate(steps) if one.text == f"[{EVERY}]"]
    return (not hyphens or (of_resource and hyphens == [0])) and (not stars or (of_resource and stars == [1]))


def _follow(name: str, steps: Sequence[_Step], scope: Scope) -> object:
    """The value at the end of a path."""
    value, walked = named(name, scope), name
    for one in steps:
        if isinstance(value, Held):
            raise ExpressionError(f"{walked} is not known here", ONLY_INSERTION)
        found = step(value, one.key, one.is_index)
        if found is NO_MEMBER:
            raise ExpressionError(f"{walked} has no member {one.key}", known_members(value, one.key))
        value, walked = found, walked + one.text
    if isinstance(value, Path):
        value = value.value()
    if isinstance(value, list):
        value = [item.value() if isinstance(item, Path) else item for item in value]
        value = [item.value if isinstance(item, Held) else item for item in value]
    return value.value if isinstance(value, Held) else bounded_value(value)
