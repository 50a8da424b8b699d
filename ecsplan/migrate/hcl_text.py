"""Plain data as the text of a `.tf` file. Texts with `${…}` hold expressions; elsewhere `${` is escaped. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecsplan.model.unseen import unseen

BLOCKS = ("lifecycle", "features", "copy_encryption_configuration", "entry")  # written as blocks, a list as several
_EXPRESSION = re.compile(r'(?<!\$)\$\{((?:[^{}"]|"(?:[^"\\]|\\.)*"|\$\{[^{}]*\})*)\}')
_KEY = re.compile(r"[A-Za-z_][\w-]*\Z", re.ASCII)
_INNER = re.compile(r"\$\{([^{}]*)\}")
_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")')


def number(first: int, width: int) -> str:
    """The number of the member of a `count`; see export/alike.py."""
    index = f"count.index + {first}" if first else "count.index"
    return f'${{format("%0{width}d", {index})}}' if width else f"${{{index}}}"


def choice(values: Sequence[Any]) -> str:
    return "${[" + ", ".join(map(json.dumps, values)) + "][count.index]}"


def block(head: str, body: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """The lines of a block; equal signs of consecutive attributes stand below each other, as `terraform fmt` has it."""
    pad = " " * indent
    yield f"{pad}{head} {{"
    simple = [(name, value) for name, value in body.items() if name not in BLOCKS]
    lines = [(name, _value(value, indent + 2)) for name, value in simple]
    for run in _runs(lines):
        width = max(len(name) for name, _ in run)
        yield from (f"{pad}  {name.ljust(width)} = {text}" for name, text in run)
    for name in body:
        for each in _listed(body[name]) if name in BLOCKS else ():
            if simple:
                yield ""
            yield from block(name, each, indent + 2)
    yield f"{pad}}}"


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _runs(lines: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """What spans several lines is aligned by itself."""
    run: list[tuple[str, str]] = []
    for line in lines:
        if "\n" in line[1]:
            if run:
                yield run
            yield [line]
            run = []
        else:
            run.append(line)
    if run:
        yield run


def _value(value: Any, indent: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, Mapping):
        return _object(value, indent)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item, indent) for item in value) + "]"
    return text(str(value))


def _object(value: Mapping[str, Any], indent: int) -> str:
    if not value:
        return "{}"
    pad = " " * indent
    keys = [key if _KEY.match(key) else text(key) for key in map(str, value)]
    width = max(map(len, keys))
    items = [_value(item, indent + 2) for item in value.values()]
    lines = [f"{pad}  {key.ljust(width)} = {item}" for key, item in zip(keys, items, strict=True)]
    return "\n".join(["{", *lines, f"{pad}}}"])


def text(value: str) -> str:
    """A string; one that is a whole expression stands without quotes."""
    whole = _EXPRESSION.fullmatch(value)
    if whole:
        return _bare(whole[1])
    parts, place = [], 0
    for found in _EXPRESSION.finditer(value):
        parts += [_literal(value[place : found.start()]), f"${{{_bare(found[1])}}}"]
        place = found.end()
    return '"' + "".join([*parts, _literal(value[place:])]) + '"'


def _bare(expression: str) -> str:
    """`a[${count.index}].id` is `a[count.index].id`: within an expression nothing is interpolated but in strings."""
    pieces = _QUOTED.split(expression)
    return "".join(piece if n % 2 else _INNER.sub(r"\1", piece) for n, piece in enumerate(pieces))


def _literal(value: str) -> str:
    quoted = json.dumps(value, ensure_ascii=False)[1:-1]
    quoted = re.sub(r"(\\\\)|\\([bf])", lambda m: m[1] or {"b": "\\u0008", "f": "\\u000c"}[m[2]], quoted)  # not in HCL
    return unseen().sub(_unseen, quoted)


def _unseen(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def listed(values: Sequence[str]) -> str:
    return "[" + ", ".join(map(text, values)) + "]"
