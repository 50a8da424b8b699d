"""Where in a stack file a position is, told by indentation and brackets: it need not parse."""

import re

from msgspec import Struct

_KEY = re.compile(r"""\s*(?:- +)*(?:"([^"]*)"|'([^']*)'|([^\s#"'{}\[\],&*!|>%@:-][^#:{}\[\],]*?))\s*:(?=\s|$)""")
_ITEM = re.compile(r"\s*(?:- +)+")
_OPEN = re.compile(r"\$\{([^}]*)\Z")


class Context(Struct, frozen=True):
    """`path` leads to the mapping (where a key is written) or to the value; members of lists have no step of their own.

    `prefix` is what is written already of the word at the position, which begins at `start`. `expression` is what is
    between ${ and the position; None outside of any.
    """

    path: tuple[str, ...]
    is_key: bool
    prefix: str
    start: int
    expression: str | None = None


def context_at(text: str, line: int, column: int) -> Context:
    """What is being written at a position."""
    lines = text.split("\n")
    row = lines[line] if line < len(lines) else ""
    before = row[:column]
    indent = _depth(row) if row.strip() else len(before)
    path = _above(lines, line, indent)
    head = _KEY.match(before)
    opened = _OPEN.search(before)
    if head is None and not any(sign in before for sign in "{["):
        start = len(_ITEM.match(before)[0]) if _ITEM.match(before) else len(before) - len(before.lstrip())  # type: ignore[index]
        is_item = _ITEM.match(before) is not None
        context = _word(path, not is_item, before, start)
    else:
        steps, is_key, start = _inside(before, head)
        context = _word((*path, *steps), is_key, before, start)
    if opened is None:
        return context
    inner = opened[1]
    word = re.search(r"[A-Za-z0-9_]*\Z", inner)
    prefix = word[0] if word else ""
    return Context(context.path, False, prefix, column - len(prefix), inner)


def _word(path: tuple[str, ...], is_key: bool, before: str, start: int) -> Context:
    written = before[start:].lstrip()
    start = len(before) - len(written)
    return Context(path, is_key, written.lstrip("\"'"), start + (len(written) - len(written.lstrip("\"'"))))


def _depth(row: str) -> int:
    """The column of the first key or value of a line, behind the dashes of lists."""
    dashes = _ITEM.match(row)
    return len(dashes[0]) if dashes else len(row) - len(row.lstrip())


def _above(lines: list[str], line: int, indent: int) -> tuple[str, ...]:
    """The keys that the line lies under."""
    found: list[str] = []
    row = lines[line] if line < len(lines) else ""
    limit = len(row) - len(row.lstrip()) if _ITEM.match(row) else indent
    is_item = _ITEM.match(row) is not None
    for number in range(line - 1, -1, -1):
        above = lines[number]
        if not above.strip() or above.lstrip().startswith("#"):
            continue
        depth, left = _depth(above), len(above) - len(above.lstrip())
        head = _KEY.match(above)
        # A list may stand at the column of its key.
        if head and (depth < limit or (is_item and depth == limit and not _ITEM.match(above))):
            found.insert(0, head[1] or head[2] or head[3])
            limit, is_item = (left, _ITEM.match(above) is not None)
        elif head and left < depth and left < limit:
            limit, is_item = left, True
        if limit == 0 and not is_item:
            break
    return tuple(found)


def _inside(before: str, head: re.Match[str] | None) -> tuple[tuple[str, ...], bool, int]:
    """Within one line: the keys that the position is under, whether a key is written, and where its word begins."""
    steps: list[str] = [head[1] or head[2] or head[3]] if head else []
    dashes = _ITEM.match(before)
    at = head.end() if head else len(dashes[0]) if dashes else 0
    stack: list[tuple[str, int]] = []  # the sign of each open bracket, and how many steps there were before it
    is_key, start, quote = not head, at, ""
    while at < len(before):
        sign = before[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'" and not before[start:at].strip():
            quote = sign
        elif sign in "{[" and not before[start:at].strip():
            stack.append((sign, len(steps)))
            is_key, start = sign == "{", at + 1
        elif sign in "}]" and stack:
            _, count = stack.pop()
            del steps[count:]
            start = at + 1
        elif sign == "," and stack:
            bracket, count = stack[-1]
            del steps[count:]
            is_key, start = bracket == "{", at + 1
        elif sign == ":" and stack and is_key and before[at + 1 : at + 2] in ("", " "):
            steps.append(before[start:at].strip().strip("\"'"))
            is_key, start = False, at + 1
        at += 1
    return tuple(steps), is_key, start


def subject_at(text: str, line: int, column: int) -> tuple[str, ...]:
    """The path of what a position is on: a key with what it is under, or the key of a value."""
    lines = text.split("\n")
    row = lines[line] if line < len(lines) else ""
    end = column
    while end < len(row) and (row[end].isalnum() or row[end] in "_-"):
        end += 1
    at = context_at(text, line, end)
    return (*at.path, at.prefix.strip()) if at.is_key and at.prefix.strip() else at.path
