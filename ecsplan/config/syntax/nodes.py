"""A YAML value that knows where it is written. Made by yaml_reader.py, read by every later step of config/."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.diagnostic import SourceRange

_COLUMN_BITS = 32


def place_of(line: int, column: int) -> int:
    """Line and column, both from 0, in one number: a large file has hundreds of thousands of them."""
    return line << _COLUMN_BITS | column


class _Broken:
    """The value of a node whose fault has been told."""

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN = _Broken()


class Node:
    """`value` is a scalar, a list of Nodes or a dict of Nodes; `key` is the place of its key, `place` its own."""

    __slots__ = ("file", "key", "place", "value")

    def __init__(self, value: Any, file: str, place: int = 0, key: int | None = None) -> None:
        self.value, self.file, self.place, self.key = value, file, place, key

    @property
    def source(self) -> SourceRange:
        return _range(self.file, self.place)

    @property
    def key_source(self) -> SourceRange:
        """Where its key stands; its own place where it has none."""
        return _range(self.file, self.place if self.key is None else self.key)

    def at(self, path: Iterable[str | int]) -> "Node":
        """The member at the end of `path`, or the nearest one on the way that exists."""
        found = self
        for step in path:
            value = found.value
            if isinstance(value, dict) and str(step) in value:
                found = value[str(step)]
            elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
                found = value[step]
            else:
                break
        return found


def _range(file: str, place: int) -> SourceRange:
    return SourceRange(file, (place >> _COLUMN_BITS) + 1, (place & ((1 << _COLUMN_BITS) - 1)) + 1)


def plain(node: Node) -> Any:
    """The value without its places."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return value


def overlay(under: Node, over: Node) -> Node:
    """`over` laid upon `under`: maps merge deeply, lists and scalars replace, null removes."""
    if not (isinstance(under.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(under.value)
    for key, child in over.value.items():
        if child.value is None:
            merged.pop(key, None)
        else:
            merged[key] = overlay(merged[key], child) if key in merged else child
    return Node(merged, over.file, over.place, over.key)


def beneath(defaults: Node, declared: Node) -> Node:
    """`declared` with what it does not say taken from `defaults`; a null that is declared stays and means nothing."""
    if not (isinstance(defaults.value, dict) and isinstance(declared.value, dict)):
        return declared
    merged = dict(declared.value)
    for key, child in defaults.value.items():
        merged[key] = beneath(child, merged[key]) if key in merged else child
    return Node(merged, declared.file, declared.place, declared.key)


def mapping_of(node: Node | None) -> Mapping[str, Node]:
    """The members of a node that is a mapping; none otherwise."""
    return node.value if node is not None and isinstance(node.value, dict) else {}
