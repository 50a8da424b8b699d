"""The tokens of a YAML text: where its comments are, and where a value that begins somewhere ends."""

from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct

_Scanner: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENS = (yaml.FlowMappingStartToken, yaml.FlowSequenceStartToken)
_CLOSES = (yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)

Place = tuple[int, int]  # line and column, both from 1


class Comment(Struct, frozen=True):
    """`text` begins with #. `is_alone`: nothing else is on its line."""

    line: int
    column: int
    text: str
    is_alone: bool


def tokens(text: str) -> Iterator[Any]:
    """The tokens up to the end, or up to the first place that is not YAML."""
    scanner = _Scanner(text)
    try:
        while scanner.check_token():
            yield scanner.get_token()
    except yaml.YAMLError:
        return
    finally:
        scanner.dispose()


def comments_of(text: str) -> list[Comment]:
    """Every comment, in order; those behind the indicator of a block text (`| # …`) are part of that text."""
    found: list[Comment] = []
    last = 0
    for token in tokens(text):
        found += _comments_between(text, last, token.start_mark.index)
        last = max(last, token.end_mark.index)
    return found


def _comments_between(text: str, start: int, end: int) -> Iterator[Comment]:
    """A # begins a comment where it is the first of a line or follows a space."""
    at = text.find("#", start, end)
    while at >= 0:
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        begin = text.rfind("\n", 0, at) + 1
        if at == begin or text[at - 1] in " \t":
            alone = not text[begin:at].strip()
            yield Comment(text.count("\n", 0, at) + 1, at - begin + 1, text[at:stop].rstrip(), alone)
        at = text.find("#", stop, end)


def extents_of(text: str) -> dict[Place, Place]:
    """Where each scalar, and each list or mapping in brackets, begins and ends; the end is exclusive."""
    found: dict[Place, Place] = {}
    open_at: list[Place] = []
    for token in tokens(text):
        start, end = _place(token.start_mark), _place(token.end_mark)
        if isinstance(token, (yaml.ScalarToken, yaml.AliasToken)):
            found[start] = end
        elif isinstance(token, _OPENS):
            open_at.append(start)
        elif isinstance(token, _CLOSES) and open_at:
            found[open_at.pop()] = end
    return found


def end_of(text: str, at: Place, extents: dict[Place, Place] | None = None) -> Place:
    """The exclusive end of what begins at a place: its token, else the rest of its line."""
    known = (extents_of(text) if extents is None else extents).get(at)
    if known is not None and known > at:
        return known
    lines = text.splitlines()
    line = lines[at[0] - 1] if 0 < at[0] <= len(lines) else ""
    return at[0], max(len(line.rstrip()) + 1, at[1] + 1)


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


class CommentBlock(Struct):
    """A mapping in block style. `entries` are (key, line of the key from 0, the blocks inside its value).

    `end` is the exclusive last line. `is_inline`: its first key is not the first of its line, as in `- a: 1`.
    """

    column: int
    is_inline: bool
    entries: list[tuple[str, int, list["CommentBlock"]]]
    end: int = 0


def blocks_of(text: str) -> list[CommentBlock]:
    """The outermost mappings in block style, with those inside them."""
    top: list[CommentBlock] = []
    open_now: list[CommentBlock | None] = []  # None for a list, or for what is in brackets
    lines = text.split("\n")
    is_key = False
    for token in tokens(text):
        here = open_now[-1] if open_now else None
        if isinstance(token, yaml.BlockMappingStartToken):
            mark = token.start_mark
            block = CommentBlock(mark.column, bool(lines[mark.line][: mark.column].strip()), [])
            _holder(open_now, top).append(block)
            open_now.append(block)
        elif isinstance(token, (*_OPENS, yaml.BlockSequenceStartToken)):
            open_now.append(None)
        elif isinstance(token, (*_CLOSES, yaml.BlockEndToken)) and open_now:
            closed = open_now.pop()
            if closed is not None:
                mark = token.start_mark  # that of what follows, or of the end of the text
                rest = lines[mark.line][: mark.column] if mark.line < len(lines) else ""
                closed.end = mark.line + (1 if rest.strip() else 0)
        elif isinstance(token, yaml.KeyToken):
            is_key = here is not None
        elif isinstance(token, yaml.ScalarToken) and is_key and here is not None:
            here.entries.append((token.value, token.start_mark.line, []))
            is_key = False
    return top


def _holder(open_now: list[CommentBlock | None], top: list[CommentBlock]) -> list[CommentBlock]:
    """Where a block inside what is open belongs: its nearest mapping; one inside a list is not arranged."""
    if not open_now:
        return top
    nearest = open_now[-1]
    return nearest.entries[-1][2] if nearest is not None and nearest.entries else []


def is_anchored(text: str) -> bool:
    return any(isinstance(token, yaml.AnchorToken) for token in tokens(text))


def scalar_lines(text: str) -> set[int]:
    """The lines, from 0, on which texts of several lines stand: their white space may mean something."""
    found: set[int] = set()
    for token in tokens(text):
        if isinstance(token, yaml.ScalarToken) and token.end_mark.line > token.start_mark.line:
            last = token.end_mark.line + (1 if token.end_mark.column else 0)
            found.update(range(token.start_mark.line, last))
    return found
