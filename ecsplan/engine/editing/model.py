"""The parts of answers: spans of text, edits, and the folder of a stack as an editor has it."""

from collections.abc import Mapping

from msgspec import Struct, field

from ecsplan.config.syntax.comments import Place, extents_of
from ecsplan.config.syntax.nodes import Node
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.model.diagnostic import Rejected


class Span(Struct, frozen=True, order=True):
    """Part of a file; lines and columns from 0, the end exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def holds(self, line: int, column: int) -> bool:
        return (self.line, self.column) <= (line, column) <= (self.end_line, self.end_column)


class Edit(Struct, frozen=True):
    span: Span
    text: str


class Folder(Struct):
    """The files of one stack, by path, with their texts as they are being written.

    `nodes` are those that parse; of one that does not, the last that did may be given as `before`.
    """

    texts: Mapping[str, str]
    before: Mapping[str, Node] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    _extents: dict[str, dict[Place, Place]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file, text in self.texts.items():
            try:
                self.nodes[file] = parse(text, file)
            except Rejected:
                if file in self.before:
                    self.nodes[file] = self.before[file]

    def extents(self, file: str) -> dict[Place, Place]:
        if file not in self._extents:
            self._extents[file] = extents_of(self.texts.get(file, ""))
        return self._extents[file]

    def span(self, file: str, line: int, column: int) -> Span:
        """From a place that counts from 1 to the end of what begins there."""
        end = self.extents(file).get((line, column), (line, column + 1))
        return Span(file, line - 1, column - 1, end[0] - 1, end[1] - 1)

    def slice(self, span: Span) -> str:
        """The text of a span on one line; of a longer one, its first line."""
        lines = self.texts.get(span.file, "").split("\n")
        if span.line >= len(lines):
            return ""
        row = lines[span.line]
        return row[span.column : span.end_column] if span.end_line == span.line else row[span.column :]
