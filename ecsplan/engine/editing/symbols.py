"""Resources and variables of a stack: where each is declared, and where it is used. Over all files of the folder."""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.syntax.nodes import Node, mapping_of
from ecsplan.engine.editing.model import Edit, Folder, Span
from ecsplan.model.address import Address
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import ListOf, MapOf, Record, Reference, is_name
from ecsplan.model.quoting import shown
from ecsplan.model.values import ValueType

VARIABLE = "variable"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Symbol(Struct, frozen=True, order=True):
    """`kind` is a kind of resource, or VARIABLE for variables and locals."""

    kind: str
    name: str

    def __str__(self) -> str:
        return self.name if self.kind == VARIABLE else f"{self.kind}.{self.name}"


class Use(Struct, frozen=True):
    symbol: Symbol
    span: Span
    is_declaration: bool = False


class CannotRename(Exception):
    """The message says why."""


def declared(folder: Folder) -> dict[Symbol, Span]:
    return {use.symbol: use.span for use in uses(folder, {}) if use.is_declaration}


def uses(folder: Folder, shapes: Mapping[str, Shape]) -> list[Use]:
    """Every place that names a resource or variable; without `shapes` the declarations alone."""
    found = [Use(symbol, span, True) for file, root in folder.nodes.items() for symbol, span in _keys(folder, root)]
    known = {use.symbol for use in found}
    if shapes:
        for root in folder.nodes.values():
            for node, kinds in _values(root, shapes, ()):
                found += _in_value(folder, node, kinds, known)
    return sorted(dict.fromkeys(found), key=lambda use: use.span)


def _keys(folder: Folder, root: Node) -> Iterator[tuple[Symbol, Span]]:
    for kind, block in mapping_of(mapping_of(root).get("resources")).items():
        for name, node in mapping_of(block).items():
            yield Symbol(kind, name), _key_span(folder, node)
    for section in ("variables", "locals"):
        for name, node in mapping_of(mapping_of(root).get(section)).items():
            yield Symbol(VARIABLE, name), _key_span(folder, node)


def _key_span(folder: Folder, node: Node) -> Span:
    place = node.key_source
    return folder.span(place.file, place.line, place.column)


def _values(node: Node, shapes: Mapping[str, Shape], path: tuple[str, ...]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Each scalar with the kinds that its text may name; `*` where it is an address with its kind."""
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from _values(child, shapes, (*path, key))
    elif isinstance(node.value, list):
        for child in node.value:
            yield from _values(child, shapes, path)
    elif isinstance(node.value, str):
        yield node, kinds_named(path, shapes)


def kinds_named(path: tuple[str, ...], shapes: Mapping[str, Shape]) -> tuple[str, ...]:
    """Which kinds the value at a path of the file may name."""
    if path[:1] in (("moved",), ("released",)) or path[-1:] == ("depends_on",):
        return ("*",)
    found = attribute_at(path, shapes)
    return tuple(_kinds_of(found[1].type, found[2])) if found and isinstance(found[1], Attribute) else ()


def attribute_at(
    path: tuple[str, ...], shapes: Mapping[str, Shape]
) -> tuple[str, Attribute | Shape, tuple[str, ...]] | None:
    """The kind, the attribute or block, and what follows inside its value."""
    match path:
        case ("environments", _, *rest):
            return attribute_at(tuple(rest), shapes)
        case ("resources", kind, _, *inside) | ("defaults", kind, *inside) if kind in shapes and inside:
            found: Attribute | Shape = shapes[kind]
            for count, step in enumerate(inside):
                if isinstance(found, Attribute):
                    return kind, found, tuple(inside[count:])
                inner = found.members.get(step)
                if inner is None:
                    return None
                found = inner
            return kind, found, ()
    return None


def _kinds_of(kind: ValueType, inside: tuple[str, ...]) -> Iterator[str]:
    if isinstance(kind, Reference):
        yield from kind.kinds
    elif isinstance(kind, ListOf):
        yield from _kinds_of(kind.item, inside)
    elif isinstance(kind, MapOf):
        yield from _kinds_of(kind.item, inside[1:])
    elif isinstance(kind, Record):
        for name, member in kind.by_name.items():
            if not inside or inside[0] == name:
                yield from _kinds_of(member.type, inside[1:])


def _in_value(folder: Folder, node: Node, kinds: Iterable[str], known: set[Symbol]) -> Iterator[Use]:
    span = folder.span(node.source.file, node.source.line, node.source.column)
    text = folder.slice(span)
    spots: list[tuple[Symbol, int]] = []
    if "${" in text:
        for hole in re.finditer(r"\$\{([^}]*)\}?", text):
            spots += _in_expression(hole[1], hole.start(1), known)
    elif "*" in kinds:
        for found in re.finditer(r"([a-z_]+)\.([A-Za-z_][A-Za-z0-9_-]*)", text):
            spots.append((Symbol(found[1], found[2]), found.start(2)))
    else:
        first = _WORD.search(text)
        for kind in kinds:
            if first and Symbol(kind, first[0]) in known:
                spots.append((Symbol(kind, first[0]), first.start()))
            named = re.match(rf"[\"']?{re.escape(kind)}\.([A-Za-z_][A-Za-z0-9_-]*)", text)
            if named and Symbol(kind, named[1]) in known:
                spots.append((Symbol(kind, named[1]), named.start(1)))
    for symbol, at in spots:
        if symbol in known:
            column = span.column + at
            yield Use(symbol, Span(span.file, span.line, column, span.line, column + len(symbol.name)))


def _in_expression(code: str, offset: int, known: set[Symbol]) -> Iterator[tuple[Symbol, int]]:
    """`vpc.main.id` names a resource, `size` a variable; a word behind a dot is a member of what is before it."""
    for found in re.finditer(r"(?<![.\w\"'])([A-Za-z_]\w*)(?:\.([A-Za-z_][\w-]*))?", code):
        name = found[2] or ""
        while name and Symbol(found[1], name) not in known and "-" in name:
            name = name.rpartition("-")[0]  # a minus is part of a name where there is such a name
        if name and Symbol(found[1], name) in known:
            yield Symbol(found[1], name), offset + found.start(2)
        elif Symbol(VARIABLE, found[1]) in known:
            yield Symbol(VARIABLE, found[1]), offset + found.start(1)


def use_at(every: Iterable[Use], file: str, line: int, column: int) -> Use | None:
    return next((use for use in every if use.span.file == file and use.span.holds(line, column)), None)


def renamed(folder: Folder, every: list[Use], use: Use, name: str) -> list[Edit]:
    """The edits that rename a symbol everywhere. A resource gets an entry of `moved`, so that what is live is kept.

    Raises CannotRename.
    """
    symbol = use.symbol
    if not is_name(name) or (symbol.kind == VARIABLE and "-" in name):
        raise CannotRename(f"{shown(name)} is not a name: start with a letter or _, go on with letters, digits and _")
    if any(other.symbol == Symbol(symbol.kind, name) for other in every):
        raise CannotRename(f"there is already {Symbol(symbol.kind, name)}")
    edits = [Edit(other.span, name) for other in every if other.symbol == symbol]
    home = next((other.span.file for other in every if other.symbol == symbol and other.is_declaration), None)
    if home is None:
        raise CannotRename(f"{symbol} is not declared in this folder")
    if symbol.kind != VARIABLE:
        edits = [edit for edit in edits if not _is_moved(folder, edit.span)]
        edits.append(_moved(folder, home, Address(symbol.kind, symbol.name), Address(symbol.kind, name)))
    return edits


def _is_moved(folder: Folder, span: Span) -> bool:
    """Entries of `moved` tell of old names, and stay."""
    node = mapping_of(folder.nodes[span.file]).get("moved")
    if node is None or not isinstance(node.value, list):
        return False
    return any(
        member.source.line - 1 == span.line
        for entry in node.value
        for member in mapping_of(entry).values()
        if member.key is not None
    )


def _moved(folder: Folder, home: str, before: Address, after: Address) -> Edit:
    entry = f"{{from: {before}, to: {after}}}"
    for file, root in folder.nodes.items():
        node = mapping_of(root).get("moved")
        if node is not None and isinstance(node.value, list) and node.value:
            first = node.value[0].source
            row = folder.texts[file].split("\n")[first.line - 1]
            if row.lstrip().startswith("- "):
                indent = row[: len(row) - len(row.lstrip())]
                return Edit(Span(file, first.line - 1, 0, first.line - 1, 0), f"{indent}- {entry}\n")
            return Edit(Span(file, first.line - 1, first.column - 1, first.line - 1, first.column - 1), f"{entry}, ")
    text = folder.texts[home]
    lines = text.split("\n")
    last = len(lines) - 1
    opening = "" if not lines[-1] else "\n"
    return Edit(Span(home, last, len(lines[-1]), last, len(lines[-1])), f"{opening}\nmoved:\n  - {entry}\n")
