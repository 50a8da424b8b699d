"""Plain data as YAML text, laid out as a person would: short things on one line, the rest in blocks. Pure.

Written for the reader in config/, which takes YAML 1.2 core scalars and looks for `${…}` in every text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.unseen import is_printable, printable, unseen

WIDTH = 110
# Plain scalars that no reader of YAML, old or new, takes for anything but a text.
_PLAIN = re.compile(r"[A-Za-z_/][\w./@+-]*(?::[\w./@+-]+)*(?: [\w./@+-]+)*", re.ASCII)
_NUMERIC_TEXT = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?|\d+-\d+", re.ASCII)  # addresses, ranges, port ranges
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


class Commented(Struct, frozen=True):
    """A value with a remark above it."""

    value: Any
    comment: str


def document(value: Mapping[str, object]) -> str:
    """A mapping as the text of a file. A blank line parts what the top level and the kinds below `resources` hold."""
    return "\n".join(_mapping(value, 0, 0)) + "\n"


def _mapping(value: Mapping[str, object], indent: int, depth: int) -> Iterator[str]:
    was_tall = False
    for place, (key, item) in enumerate(value.items()):
        if isinstance(item, Commented):
            yield from (f"{' ' * indent}# {line}" for line in comments([item.comment]))
            item = item.value
        is_tall = _is_open(item, depth) or (depth < 2 and not _fits(flow(item), indent + 20))
        if place and depth < 2 and (is_tall or was_tall):
            yield ""
        was_tall = is_tall
        yield from _entry(f"{' ' * indent}{scalar(key)}:", item, indent, depth)


def _entry(head: str, item: Any, indent: int, depth: int) -> Iterator[str]:
    if isinstance(item, str) and "\n" in item and (block := _block(item, indent + 2)) is not None:
        yield f"{head} {block[0]}"
        yield from block[1:]
        return
    line = f"{head} {flow(item)}"
    short = not isinstance(item, (Mapping, list)) or (_fits(line, 0) and not _is_open(item, depth))
    if (short or not item) and not _has_comment(item):
        yield line
    elif isinstance(item, Mapping):
        yield head
        yield from _mapping(item, indent + 2, depth + 1)
    else:
        yield head
        yield from _list(item, indent + 2, depth + 1)


def _is_open(item: object, depth: int) -> bool:
    """What always has its members on lines of their own: the top level, and the blocks of a kind."""
    if not isinstance(item, Mapping):
        return False
    return depth == 0 or (depth == 1 and all(isinstance(_bare(inner), Mapping) for inner in item.values()))


def _bare(item: object) -> object:
    return item.value if isinstance(item, Commented) else item


def comments(texts: Iterable[str]) -> Iterator[str]:
    """Lines that can stand behind `#`: nothing in them ends the comment, or hides in it."""
    for text in texts:
        for line in text.splitlines() or [""]:
            yield printable(unseen().sub(_escape, line))


def _list(items: list[object], indent: int, depth: int) -> Iterator[str]:
    for item in items:
        line = f"{' ' * indent}- {flow(item)}"
        if isinstance(item, Mapping) and item and not _fits(line, 0):
            inner = list(_mapping(item, indent + 2, max(depth, 2)))
            yield f"{' ' * indent}- {inner[0].lstrip()}"
            yield from inner[1:]
        else:
            yield line


def _fits(text: str, indent: int) -> bool:
    return indent + len(text) <= WIDTH and "\n" not in text


def _has_comment(item: object) -> bool:
    if isinstance(item, Mapping):
        return any(isinstance(inner, Commented) or _has_comment(inner) for inner in item.values())
    return isinstance(item, list) and any(map(_has_comment, item))


def flow(value: object) -> str:
    """On one line."""
    if isinstance(value, Commented):
        return flow(value.value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    is_plain = bool(_PLAIN.fullmatch(text) or _NUMERIC_TEXT.fullmatch(text)) and text.lower() not in _WORDS
    return text if is_plain else quoted(text)


def quoted(text: str) -> str:
    """In double quotes; what an eye cannot see is spelled out."""
    spelled = json.dumps(text, ensure_ascii=False)
    return printable(unseen().sub(_escape, spelled).replace("\xa0", "\\u00a0"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _block(text: str, indent: int) -> list[str] | None:
    """A text of several lines as it stands; None where a reader would see it otherwise."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    odd = not is_printable(text) or body.endswith("\n") or not lines[0] or lines[0][0] in " \t"
    if odd or any(line != line.rstrip() for line in lines) or len(lines) < 2:
        return None
    head = "|" if text.endswith("\n") else "|-"
    return [head, *(f"{' ' * indent}{line}" if line else "" for line in lines)]
