"""Completions for a position: keys, references, words of a choice, and names of the catalogue."""

from collections.abc import Iterable, Iterator, Mapping
from string import ascii_lowercase

from msgspec import Struct

from ecsplan.catalog.offline import offered
from ecsplan.config.expressions.repetition import FOR
from ecsplan.config.expressions.variables import KEYS as VARIABLE_KEYS
from ecsplan.config.resources.lifecycle_block import LIFECYCLE_KEYS
from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.syntax.layers import TOP_KEYS
from ecsplan.config.syntax.nodes import mapping_of
from ecsplan.engine.editing.context import Context
from ecsplan.engine.editing.model import Folder
from ecsplan.engine.editing.symbols import VARIABLE, Symbol, attribute_at, declared, kinds_named
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import ListOf, MapOf, Record
from ecsplan.model.values import Offer, Offered, ValueType

_LETTERS = f"{ascii_lowercase}_ "
_MOST = 300
_STACK = ("name", "region", "account", "environment")


class Completion(Struct, frozen=True):
    """`sort` is key, required, resource, variable or value."""

    text: str
    sort: str
    detail: str = ""


def completions(folder: Folder, at: Context, shapes: Mapping[str, Shape], region: str) -> list[Completion]:
    """Those that begin with, or have inside, what is written already."""
    if at.expression is not None:
        found = _in_expression(folder, at.expression, shapes)
    elif at.is_key:
        found = _keys(at.path, shapes)
    else:
        found = _values(folder, at.path, shapes, region)
    written = at.prefix.strip().lower()
    fitting = [one for one in found if written in one.text.lower()]
    return sorted(fitting, key=lambda one: (one.sort != "required", not one.text.lower().startswith(written)))[:_MOST]


def region_of(folder: Folder) -> str:
    """The region that the stack says; empty where it is an expression."""
    for root in folder.nodes.values():
        node = mapping_of(root).get("region")
        if node is not None and isinstance(node.value, str):
            return node.value
    return ""


def _keys(path: tuple[str, ...], shapes: Mapping[str, Shape]) -> Iterator[Completion]:
    match path:
        case ():
            yield from (Completion(key, "key") for key in TOP_KEYS)
        case ("environments", _, *rest):
            yield from _keys(tuple(rest), shapes)
        case ("resources",) | ("defaults",):
            yield from (Completion(kind, "key", "a kind") for kind in shapes)
        case ("variables", _):
            yield from (Completion(key, "key") for key in VARIABLE_KEYS)
        case ("resources", _, _, "lifecycle"):
            yield from (Completion(key, "key") for key in LIFECYCLE_KEYS)
        case ("resources", kind, _) if kind in shapes:
            yield from _members(shapes[kind])
            yield from (Completion(key, "key") for key in shapes[kind].meta)
        case ("defaults", kind) if kind in shapes:
            yield from _members(shapes[kind])
        case _:
            found = attribute_at(path, shapes)
            if found and isinstance(found[1], Shape):
                yield from _members(found[1])
            elif found and isinstance(found[1], Attribute):
                yield from _record_keys(found[1].type, found[2])


def _members(shape: Shape) -> Iterator[Completion]:
    for name, member in shape.members.items():
        if isinstance(member, Shape):
            yield Completion(name, "required" if name in shape.required else "key", "a block")
        elif not member.computed:
            yield Completion(name, "required" if name in shape.required else "key", member.summary or member.type.says)


def _inner(kind: ValueType, inside: tuple[str, ...]) -> ValueType:
    """The type of what lies inside a value; members of lists have no step of their own."""
    if isinstance(kind, ListOf):
        return _inner(kind.item, inside)
    if inside and isinstance(kind, MapOf):
        return _inner(kind.item, inside[1:])
    if inside and isinstance(kind, Record) and inside[0] in kind.by_name:
        return _inner(kind.by_name[inside[0]].type, inside[1:])
    return kind


def _record_keys(kind: ValueType, inside: tuple[str, ...]) -> Iterator[Completion]:
    found = _inner(kind, inside)
    if isinstance(found, Record):
        if _is_listed(kind, inside):
            yield Completion(FOR, "key", "repeats the entry: name in ${list}")
        yield from (Completion(name, "key", member.type.says) for name, member in found.by_name.items())


def _is_listed(kind: ValueType, inside: tuple[str, ...]) -> bool:
    """Whether it is an entry of a list."""
    if isinstance(kind, ListOf):
        return not inside or _is_listed(kind.item, inside)
    if inside and isinstance(kind, MapOf):
        return _is_listed(kind.item, inside[1:])
    if inside and isinstance(kind, Record) and inside[0] in kind.by_name:
        return _is_listed(kind.by_name[inside[0]].type, inside[1:])
    return False


def _values(folder: Folder, path: tuple[str, ...], shapes: Mapping[str, Shape], region: str) -> Iterator[Completion]:
    if path == ("region",):
        from ecsplan.catalog.offline import zones

        yield from (Completion(name, "value", "a region") for name in zones())
        return
    if path == ("apiVersion",):
        yield Completion("ecsplan/v1", "value")
        return
    known = declared(folder)
    for kind in kinds_named(path, shapes):
        names = (symbol for symbol in known if symbol.kind != VARIABLE and kind in ("*", symbol.kind))
        yield from (Completion(str(one) if kind == "*" else one.name, "resource", str(one)) for one in names)
    found = attribute_at(path, shapes)
    if found and isinstance(found[1], Attribute):
        yield from _of_type(_inner(found[1].type, found[2]), region)
        if found[2] == ("family",) and found[1].type.offer("family:acs:any"):  # an image, named by its family
            yield from (Completion(name, "value", "of the catalogue") for name in offered(Offer.IMAGE_FAMILY, region))


def _of_type(kind: ValueType, region: str) -> Iterator[Completion]:
    yield from (Completion(word, "value") for word in kind.words)
    if isinstance(kind, Offered):
        yield from (Completion(name, "value", "of the catalogue") for name in offered(kind.of, region))


def _in_expression(folder: Folder, code: str, shapes: Mapping[str, Shape]) -> Iterable[Completion]:
    """After `kind.`, the resources; after `kind.name.`, the attributes; after `|`, filters; else names."""
    if code.rstrip(_LETTERS).endswith("|"):
        from ecsplan.config.expressions.jinja import EVERY_FILTER

        yield from (Completion(name, "value", "a filter") for name in sorted(EVERY_FILTER))
        return
    known = declared(folder)
    word = code.rpartition("(")[2].split(" ")[-1]
    parts = word.split(".")
    if len(parts) == 1:
        for symbol in known:
            if symbol.kind == VARIABLE:
                yield Completion(symbol.name, "variable", "a variable")
        for kind in sorted({symbol.kind for symbol in known if symbol.kind != VARIABLE}):
            yield Completion(kind, "resource", "a kind")
        yield Completion("stack", "variable")
    elif parts[0] == "stack":
        yield from (Completion(name, "value") for name in _STACK)
    elif len(parts) == 2:
        names = (symbol for symbol in known if symbol.kind == parts[0])
        yield from (Completion(symbol.name, "resource", str(symbol)) for symbol in names)
    elif len(parts) >= 3 and Symbol(parts[0], parts[1].partition("[")[0]) in known and parts[0] in shapes:
        yield Completion("id", "value", "known after apply")
        yield from (Completion(name, "value") for name in shapes[parts[0]].members)
