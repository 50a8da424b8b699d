"""The canonical layout of a stack file: `ecsplan fmt`.

It only moves whole lines and removes white space that means nothing, so that comments and values stay as they are
written. Keys of the top level, of resources and of their blocks get the order of the reference; names that the author
chose keep theirs. `formatted` compares what it made with what it read, and raises before anything is lost.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.syntax.comments import CommentBlock, blocks_of, comments_of, is_anchored, scalar_lines
from ecsplan.config.syntax.layers import TOP_KEYS
from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.rules import Rule

_FIRST, _LAST = ("count", "for_each", "adopt"), ("depends_on", "lifecycle")
_VARIABLE = ("type", "default", "allowed", "pattern", "env", "file", "version")
_MOVE = ("from", "to")


def formatted(text: str, file: str, shapes: Mapping[str, Shape]) -> str:
    """The text in canonical layout. Raises Rejected for a text that is not YAML."""
    before = parse(text, file)
    new = _cleaned(_arranged_text(text.removeprefix("\ufeff"), shapes))
    if plain(parse(new, file)) != plain(before) or _comments(new) != _comments(text):
        summary = "the layout of this file cannot be changed safely"
        detail = "it stays as it is; please report it with the file"
        raise Rejected([Diagnostic(summary, detail, SourceRange(file, 1, 1), rule=Rule.SYNTAX)])
    return new


def _comments(text: str) -> Counter[str]:
    return Counter(comment.text for comment in comments_of(text))


def _arranged_text(text: str, shapes: Mapping[str, Shape]) -> str:
    text = text.replace("\r\n", "\n")
    if is_anchored(text):  # an alias must follow its anchor
        return text
    layout = _Layout(text, shapes)
    return "\n".join(layout.lines_of(0, len(layout.lines), blocks_of(text), ()))


class _Chunk(Struct):
    """The lines of one key with the comments above it: from `start` up to `end`, exclusive, counted from 0."""

    key: str
    start: int
    end: int
    inner: list[CommentBlock]


class _Layout:
    """Arranges the mappings of one text, the inner ones first."""

    def __init__(self, text: str, shapes: Mapping[str, Shape]) -> None:
        self.lines, self.shapes, self.scalars = text.split("\n"), shapes, scalar_lines(text)

    def lines_of(self, start: int, end: int, blocks: Sequence[CommentBlock], path: tuple[str, ...]) -> list[str]:
        """The lines from `start` to `end`, with the blocks among them in order."""
        made: list[str] = []
        for block in blocks:
            chunks = self._chunks(block)
            if chunks:
                made += self.lines[start : chunks[0].start]
                made += self._in_order(block, chunks, path)
                start = chunks[-1].end
        return [*made, *self.lines[start:end]]

    def _in_order(self, block: CommentBlock, chunks: list[_Chunk], path: tuple[str, ...]) -> Iterator[str]:
        order = None if block.is_inline else order_of(path, self.shapes)
        if order is not None:
            place = {key: number for number, key in enumerate(order)}
            chunks = sorted(chunks, key=lambda chunk: place.get(chunk.key, len(place)))
        for chunk in chunks:
            yield from self.lines_of(chunk.start, chunk.end, chunk.inner, (*path, chunk.key))

    def _chunks(self, block: CommentBlock) -> list[_Chunk]:
        """One for each key; none where two keys share a line."""
        starts = [line for _, line, _ in block.entries]
        if len(set(starts)) < len(starts):
            return []
        found: list[_Chunk] = []
        for number, (key, line, inner) in enumerate(block.entries):
            above = found[-1].end if found else self._head(block, line)
            last = starts[number + 1] if number + 1 < len(starts) else block.end
            found.append(_Chunk(key, above, self._end(line, last, block.column), inner))
        return found

    def _head(self, block: CommentBlock, line: int) -> int:
        """Where the lines of the first key begin: comments right above are its own, but for those of the file."""
        start = line
        while start > 0 and self._is_comment(start - 1) and not block.is_inline:
            start -= 1
        is_of_the_file = start == 0 or self.lines[start - 1].startswith("---")
        return line if block.column == 0 and is_of_the_file else start

    def _end(self, line: int, last: int, column: int) -> int:
        """Up to where the lines of a key go: its last line with content, and comments below that are further in."""
        end = last
        while end > line + 1 and not self._has_content(end - 1):
            end -= 1
        while end < last and self._is_comment(end) and _indent(self.lines[end]) > column:
            end += 1
        return end

    def _has_content(self, number: int) -> bool:
        return number in self.scalars or (bool(self.lines[number].strip()) and not self._is_comment(number))

    def _is_comment(self, number: int) -> bool:
        return number not in self.scalars and self.lines[number].lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def order_of(path: tuple[str, ...], shapes: Mapping[str, Shape]) -> Sequence[str] | None:
    """The order of the keys at a path of the file; None where names are the author's."""
    match path:
        case ():
            return TOP_KEYS
        case ("environments", _):
            return TOP_KEYS
        case ("environments", _, *rest):
            return order_of(tuple(rest), shapes)
        case ("resources", kind, _, *inside) | ("defaults", kind, *inside) if kind in shapes:
            return _order_in(shapes[kind], inside)
        case ("variables", _):
            return _VARIABLE
    return None


def _order_in(shape: Shape, inside: Sequence[str]) -> Sequence[str] | None:
    if not inside:
        return (*_FIRST, *shape.members, *_LAST)
    for step in inside:
        found = shape.members.get(step)
        if not isinstance(found, Shape):
            return None
        shape = found
    return tuple(shape.members)


def _cleaned(text: str) -> str:
    """Without white space at the ends of lines, and with one empty line where there were several."""
    kept = scalar_lines(text)
    made: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if number in kept:
            made.append(line)
        elif line.strip() or (made and made[-1].strip()):
            made.append(line.rstrip())
    while made and not made[-1].strip() and len(made) > 1:
        made.pop()
    return "\n".join(made) + "\n"
