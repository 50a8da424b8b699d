"""Changes single values in the text of a YAML file; every other byte stays, comments too. Pure.

A value that cannot be changed alone (computed, shared by an anchor, a list with comments inside of one line) is left,
and the reason told.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml
from msgspec import Struct

Parse = Callable[[object], object]


class Edit(Struct, frozen=True):
    """The value whose key stands at a place (from 1) becomes `text`, YAML in one line; None removes the entry.

    `items` are the items of a list in the same form, each with its canonical value: what the list has already keeps
    its text. `parse` makes the canonical value of an item.
    """

    line: int
    column: int
    text: str | None
    items: tuple[tuple[str, Any], ...] | None = None
    parse: Parse | None = None


class _Entry(Struct, frozen=True):
    """A key with its value in a mapping that is written in lines (`is_block`), or between braces."""

    key: yaml.Node
    value: yaml.Node
    is_block: bool


class CannotEdit(ValueError):
    """The message says why the value is left as it is."""


def edited(text: str, edit: Edit) -> str:
    """Raises CannotEdit."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)
    except yaml.YAMLError:
        raise CannotEdit("the file is not YAML that can be edited") from None
    entry = next(_entries_at(root, edit.line - 1, edit.column - 1), None) if root else None
    if entry is None:
        raise CannotEdit("it is not written there on its own")
    begin, end = _span(text, entry.value)
    old = text[begin:end]
    if old.startswith(("&", "*", "!")) or "${" in old:
        raise CannotEdit("it is computed, or shared with others by an anchor")
    changed = _changed(text, entry, edit, begin, end)
    if changed == text:
        raise CannotEdit("nothing would change")
    return changed


def _changed(text: str, entry: _Entry, edit: Edit, begin: int, end: int) -> str:
    if edit.text is None:
        return _without(text, entry)
    value = entry.value
    if isinstance(value, yaml.SequenceNode) and not value.flow_style and edit.items:
        return _list_changed(text, value, edit)
    if isinstance(value, yaml.CollectionNode):
        after_key = _index(text, entry.key.end_mark)
        if "#" in text[after_key:end]:
            raise CannotEdit("there may be comments inside of it")
        if not value.flow_style:
            begin = text.index(":", after_key) + 1  # in the line of its key
            return f"{text[:begin]} {edit.text}{text[end:]}"
    elif text[begin : begin + 1] in ("|", ">"):
        raise CannotEdit("it is a string of several lines")
    return text[:begin] + str(edit.text) + text[end:]


def _entries_at(node: yaml.Node, line: int, column: int) -> Iterator[_Entry]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if (key.start_mark.line, key.start_mark.column) == (line, column):
                yield _Entry(key, value, not node.flow_style)
            yield from _entries_at(value, line, column)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _entries_at(item, line, column)


def _span(text: str, node: yaml.Node) -> tuple[int, int]:
    """Where a value begins and ends; the parser's end of a block lies behind the comments that follow it."""
    last = node
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
        last = last.value[-1][1] if isinstance(last, yaml.MappingNode) else last.value[-1]
    return _index(text, node.start_mark), _index(text, last.end_mark)


def _index(text: str, mark: yaml.Mark) -> int:
    """The C parser counts bytes in `index`, so that line and column are used."""
    begin = 0
    for _ in range(mark.line):
        begin = text.index("\n", begin) + 1
    return begin + int(mark.column)


def _without(text: str, entry: _Entry) -> str:
    """Without the lines of an entry."""
    begin, end = _index(text, entry.key.start_mark), _span(text, entry.value)[1]
    line_begin = text.rfind("\n", 0, begin) + 1
    line_end = text.find("\n", end)
    if not entry.is_block or text[line_begin:begin].strip():
        raise CannotEdit("it shares its line with others: remove it by hand")
    return text[:line_begin] + (text[line_end + 1 :] if line_end >= 0 else "")


def _list_changed(text: str, node: yaml.SequenceNode, edit: Edit) -> str:
    """Items that stay keep their lines, with the comments above them; new ones come last."""
    wanted = list(edit.items or ())
    starts = [text.rfind("\n", 0, text.rfind("-", 0, _index(text, item.start_mark) + 1)) + 1 for item in node.value]
    ends = [_line_end(text, _span(text, item)[1]) for item in node.value]
    indent = text[starts[0] : text.index("-", starts[0])]
    if indent.strip():
        raise CannotEdit("the list begins in the line of something else")
    kept = text[: starts[0]]
    for number, item in enumerate(node.value):
        gap = text[ends[number - 1] : starts[number]] if number else ""
        canonical = _canonical(text, item, edit.parse)
        match = next((one for one in wanted if one[1] == canonical), None)
        if match is not None:
            wanted.remove(match)
            kept += gap + text[starts[number] : ends[number]]
    if not kept.endswith("\n"):
        kept += "\n"
    return kept + "".join(f"{indent}- {item}\n" for item, _ in wanted) + text[ends[-1] :]


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _canonical(text: str, item: yaml.Node, parse: Parse | None) -> object:
    begin, end = _span(text, item)
    column = item.start_mark.column
    try:
        value = yaml.safe_load(" " * column + text[begin:end])
        return parse(value) if parse else value
    except (yaml.YAMLError, ValueError):
        return None


def places(edits: Sequence[Edit]) -> list[Edit]:
    """From the last place to the first, so that a change moves none of the others."""
    return sorted(edits, key=lambda edit: (edit.line, edit.column), reverse=True)
