"""The bodies of alike members as one body, with expressions for what depends on the member. Pure.

`worker-0`, `worker-1` becomes `worker-${index}`, `db-a`, `db-b` becomes `db-${each.key}`. What follows no rule stands
in a table: `each.value` of a `for_each`, a list by `index` of a `count`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.export.yaml_text import Commented

Key = int | str

MOST_IN_A_LIST = 20  # so many values of a `count` still read well as a list on one line
NAME = ".name"
_DIGITS = re.compile(r"([0-9]+)")
_SAFE_IN_AN_EXPRESSION = re.compile(r"[\w ./:@+,=*-]*", re.ASCII)


class NotAlike(Exception):
    """The members differ in something that one block cannot say."""


def _number(first: int, width: int) -> str:
    number = f"index + {first}" if first else "index"
    if not width:
        return f"${{{number}}}"
    return f"${{'%0{width}d' % ({number})}}" if first else f"${{'%0{width}d' % index}}"


def _choice(values: Sequence[object]) -> str:
    return "${[" + ", ".join(json.dumps(value).replace('"', "'") for value in values) + "][index]}"


class Dialect(Struct, frozen=True):
    """How a language spells what depends on the member of a `count`; `each.key` and `each.value` are common to all.

    `number` is the member's number from `first` on, padded to `width` (0: not); `choice` is one of values, by it.
    """

    number: Callable[[int, int], str] = _number
    choice: Callable[[Sequence[object]], str] = _choice


OURS = Dialect()


class Table(Struct):
    """Values of members that follow no rule, by name. `is_wanted`: they may be written down at all.

    `is_single`: there is one such value, which then is `each.value` itself.
    """

    keys: Sequence[Key]
    is_wanted: bool
    dialect: Dialect = OURS
    is_single: bool = False
    values: dict[str, Sequence[Any]] = field(default_factory=dict)

    def place(self, path: str, values: Sequence[object]) -> str:
        if not self.is_wanted:
            raise NotAlike(path)
        if isinstance(self.keys[0], int):
            return self._listed(values)
        name = re.sub(r"[^A-Za-z0-9_]+", "_", path).strip("_") or "value"
        while name in self.values and self.values[name] != values:
            name += "_"
        self.values[name] = values
        return "${each.value}" if self.is_single else f"${{each.value.{name}}}"

    def _listed(self, values: Sequence[Any]) -> str:
        """A choice by number; only of plain values that need no escape inside of an expression."""
        is_plain = all(isinstance(value, (str, int, float)) for value in values)
        is_safe = all(_SAFE_IN_AN_EXPRESSION.fullmatch(value) for value in values if isinstance(value, str))
        if len(values) > MOST_IN_A_LIST or not (is_plain and is_safe):
            raise NotAlike
        return self.dialect.choice(values)

    def members(self) -> Any:
        """The value of `for_each`."""
        if not self.values:
            return list(self.keys)
        if self.is_single:
            (values,) = self.values.values()
            return dict(zip(self.keys, values, strict=True))
        rows = zip(*self.values.values(), strict=True)
        return {key: dict(zip(self.values, row, strict=True)) for key, row in zip(self.keys, rows, strict=True)}


def joined(
    bodies: Sequence[Mapping[str, Any]], keys: Sequence[Key], *, with_table: bool, dialect: Dialect = OURS
) -> tuple[dict[str, Any], Any]:
    """One body for all, and what `for_each` is (or the number, for `count`). Raises NotAlike."""
    table = Table(keys, with_table, dialect)
    body = _joined("", bodies, table)
    if len(table.values) == 1:
        table = Table(keys, with_table, dialect, is_single=True)
        body = _joined("", bodies, table)
    return body, len(keys) if isinstance(keys[0], int) else table.members()


def _joined(path: str, values: Sequence[Any], table: Table) -> Any:
    first = values[0]
    is_own = path in ("", NAME) and isinstance(table.keys[0], str)  # a name that is the same for all gets the key added
    if not is_own and all(value == first and type(value) is type(first) for value in values):
        return first
    if all(isinstance(value, Commented) for value in values):
        return Commented(_joined(path, [value.value for value in values], table), first.comment)
    if all(isinstance(value, Mapping) for value in values):
        if any(value.keys() != first.keys() for value in values):
            raise NotAlike(path)
        return {name: _joined(f"{path}.{name}", [value[name] for value in values], table) for name in first}
    if all(isinstance(value, list) for value in values) and len({len(value) for value in values}) == 1:
        return [_joined(path, column, table) for column in zip(*values, strict=True)]
    if all(isinstance(value, str) for value in values):
        by_rule = _by_rule(values, table)
        if by_rule is not None:
            return by_rule
    if any(isinstance(value, (Mapping, Commented)) for value in values):
        raise NotAlike(path)
    return table.place(path, values)


def _by_rule(values: Sequence[str], table: Table) -> str | None:
    """A text in which the key, or the number, of the member stands; None where there is no such rule."""
    if isinstance(table.keys[0], int):
        return _numbered(values, table.dialect)
    texts = [str(key) for key in table.keys]
    start = values[0].find(texts[0])
    while start >= 0:
        head, tail = values[0][:start], values[0][start + len(texts[0]) :]
        if all(value == f"{head}{key}{tail}" for value, key in zip(values, texts, strict=True)):
            return f"{head}${{each.key}}{tail}"
        start = values[0].find(texts[0], start + 1)
    return None


def _numbered(values: Sequence[str], dialect: Dialect) -> str | None:
    parts = [_DIGITS.split(value) for value in values]
    if len({len(one) for one in parts}) > 1:
        return None
    found = ""
    for place, column in enumerate(zip(*parts, strict=True)):
        if all(text == column[0] for text in column):
            found += column[0]
            continue
        number = counting(column, dialect) if place % 2 else None
        if number is None:
            return None
        found += number
    return found


def counting(digits: Sequence[str], dialect: Dialect = OURS) -> str | None:
    """The expression by which `1`, `2` or `007`, `008` follow from the numbers 0, 1 … of the members."""
    first = int(digits[0])
    if [int(text) for text in digits] != list(range(first, first + len(digits))):
        return None
    if all(text == str(int(text)) for text in digits):
        return dialect.number(first, 0)
    width = len(digits[0])
    if width > 9 or any(len(text) != max(width, len(str(int(text)))) for text in digits):
        return None
    return dialect.number(first, width)
