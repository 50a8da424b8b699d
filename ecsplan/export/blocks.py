"""Pieces to blocks: members of a group joined, each block named, references by name. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecsplan.export.alike import NotAlike, joined
from ecsplan.export.grouping import ExportedBlock, grouped
from ecsplan.export.intent import with_lifecycle
from ecsplan.export.names import block_name, kept_name
from ecsplan.export.pieces import Piece, given_name
from ecsplan.export.values import References, escaped, plain
from ecsplan.export.yaml_text import Commented
from ecsplan.model.address import Address
from ecsplan.model.capabilities.exporting import exporting
from ecsplan.model.composites import ListOf, MapOf, Record, Reference
from ecsplan.model.copying import replace
from ecsplan.model.export import NOTHING_TOLD, Told
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject
from ecsplan.model.values import ValueType

PASSWORD = "its password is not told by the API; to manage it: password: {env: NAME, version: 1}"
SECRETS = "look through it for secrets before you commit this file"


def blocks(
    found: Sequence[Piece], kinds: Kinds, stack: str, owned: Iterable[RemoteObject], told: Told = NOTHING_TOLD
) -> list[tuple[ExportedBlock, Any]]:
    """Each block with its body, in the order of their names within a kind."""
    owned = tuple(owned)
    split: set[tuple[str, str]] = set()
    while True:
        named = _named(grouped(found, told.called, split), kinds, stack)
        references = _references(named, owned, stack)
        bodies, unlike = [], set()
        for block in named:
            try:
                bodies.append((block, _body(block, stack, references)))
            except NotAlike:
                unlike.add(block.group)
        if not unlike:
            return bodies
        split |= unlike  # then its members have other names, by which other blocks speak of them


def _named(found: Iterable[ExportedBlock], kinds: Kinds, stack: str) -> list[ExportedBlock]:
    """What another tool calls something keeps its name where others would have the same."""
    found = sorted(found, key=lambda b: (b.first.kind.name, b.called is None, b.cloud_name, b.first.obj.id))
    prefixes = [prefix for kind in kinds.values() for prefix in kind.id_prefixes]
    exported = {piece.obj.id for block in found for piece in block.members}
    literal = {text for block in found for piece in block.members for text in _literals(piece)} - exported
    names = {piece.obj.id: given_name(piece.obj, piece.kind) for block in found for piece in block.members}
    taken: dict[str, set[str]] = {}
    named = []
    for block in found:
        kind = block.first.kind.name
        used = taken.setdefault(kind, set(literal))
        if block.called:
            name = kept_name(block.cloud_name, used, prefixes)
        else:
            known_as = block.cloud_name or names.get(str(block.first.values.get("instance")), "")
            name = block_name(exporting(block.first.kind).word or kind, known_as, stack, used, prefixes)
        used.add(name)
        named.append(replace(block, name=name))
    return sorted(named, key=lambda block: (block.first.kind.name, block.name))


def _literals(piece: Piece) -> Iterable[str]:
    """Texts that would be read as the name of a block if there were one (an image id, a key pair)."""
    for attribute in piece.kind.attributes:
        kind = attribute.type
        value = piece.values.get(attribute.name)
        if isinstance(kind, Reference) and kind.or_literal and isinstance(value, str):
            yield value


def _references(named: Sequence[ExportedBlock], owned: Iterable[RemoteObject], stack: str) -> References:
    names: dict[tuple[str, str], Any] = {}
    parts: dict[str, Mapping[str, str]] = {}
    for kind, object_id, reference in _foreign(owned, stack):
        names[kind, object_id] = reference
    for block in named:
        for address, piece in block.addresses():
            name = str(address).partition(".")[2]
            names[piece.key] = name
            parts |= {part: {piece.kind.name: name, "slot": slot} for part, slot in piece.parts.items()}
            system = piece.obj.attributes.get("system_disk.id")
            if system is not None:
                parts[str(system)] = {piece.kind.name: name}
    times = Counter(block.name for block in named)
    return References(names, parts, frozenset(name for name, count in times.items() if count > 1))


def _foreign(owned: Iterable[RemoteObject], stack: str) -> Iterable[tuple[str, str, dict[str, str]]]:
    """What other stacks own is referred to by stack and name, where that finds one object only."""
    by_owner: dict[Any, list[RemoteObject]] = {}
    for obj in owned:
        if obj.owner is not None and not obj.owner.is_part_of(obj.kind) and obj.owner.stack != stack:
            by_owner.setdefault(obj.owner, []).append(obj)
    for owner, objects in by_owner.items():
        if len(objects) == 1 and not objects[0].retired:
            name = str(owner.address).partition(".")[2]
            yield objects[0].kind, objects[0].id, {"stack": owner.stack, "name": name}


def _body(block: ExportedBlock, stack: str, references: References) -> dict[str, Any]:
    """The block as the writer takes it: what makes it a group, what it adopts, then its attributes in table order.

    Raises NotAlike for a group that no block can say.
    """
    members = [_member(address, piece, references) for address, piece in block.addresses()]
    names = [_cloud_name(block, address, piece, stack) for address, piece in block.addresses()]
    if block.keys is None:
        body: dict[str, Any] = {"adopt": block.first.obj.id} | _with_name(members[0], names[0])
    else:
        if any("name" not in piece.values for piece in block.members):
            raise NotAlike("name")  # the members of a group are named, and these would be renamed
        base = _numbered_by_reader(block, names, stack)
        alike = members if base is not None else [_with_name(*one) for one in zip(members, names, strict=True)]
        rest, made_by = joined(alike, block.keys, with_table=block.called is not None)
        rest = _with_name(rest, base or None)
        if base is None and isinstance(block.keys[0], int) and "${" not in rest["name"]:
            rest = _unnumbered(block, rest)
        key = "count" if isinstance(block.keys[0], int) else "for_each"
        adopt = {key: piece.obj.id for key, piece in zip(block.keys, block.members, strict=True)}
        body = {key: made_by, "adopt": adopt} | rest
    if any(_has_password(piece) for piece in block.members):
        body["adopt"] = Commented(body["adopt"], PASSWORD)
    return with_lifecycle(block, body, references)


def _member(address: Address, piece: Piece, references: References) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for attribute in piece.kind.attributes:
        name = attribute.name
        if name in piece.values and name != "name":
            value = plain(attribute.type, piece.values[name], references)
            _put(body, name, Commented(value, SECRETS) if name == "user_data" else value)
    return body


def _with_name(body: dict[str, Any], name: str | None) -> dict[str, Any]:
    return body if name is None else {"name": escaped(name)} | body


def _cloud_name(block: ExportedBlock, address: Address, piece: Piece, stack: str) -> str | None:
    """The name as the file has to say it; None where it is what the file would make of the address."""
    if "name" not in piece.values:
        return None
    name = str(piece.values["name"])
    return None if block.keys is None and name == f"{stack}-{block.name}" else name


def _numbered_by_reader(block: ExportedBlock, names: Sequence[str | None], stack: str) -> str | None:
    """The name that the reader numbers for the members, empty for that of the block; None where it is none."""
    for base in (f"{stack}-{block.name}", block.cloud_name, str(names[0] or "").rpartition("-")[0]):
        if base and all(name == numbered(base, key) for name, key in zip(names, block.keys or (), strict=True)):
            return "" if base == f"{stack}-{block.name}" else base
    return None


def _unnumbered(block: ExportedBlock, body: dict[str, Any]) -> dict[str, Any]:
    """Members that all have one name keep it: the reader would number them."""
    if len(block.members) == 1:
        raise NotAlike("name")
    return body | {"lifecycle": {"ignore_changes": ["name"]}}


def numbered(name: str, key: int | str) -> str:
    """As the reader names the members of a group."""
    return f"{name}-{key:04d}" if isinstance(key, int) else f"{name}-{key}"


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    *outer, last = name.split(".")
    for step in outer:
        body = body.setdefault(step, {})
    body[last] = value


def _has_password(piece: Piece) -> bool:
    """Whether it may have one that the file would have to manage: nobody enters it by a key."""
    names = {attribute.name for attribute in piece.kind.attributes}
    return "password" in names and "key_pair" in names and "key_pair" not in piece.values


def is_foldable(kind: ValueType) -> bool:
    """Plain values are common to many by habit; references and lists of records say what each one is for."""
    if isinstance(kind, Reference):
        return kind.or_literal
    if isinstance(kind, ListOf):
        return is_foldable(kind.item) and not isinstance(kind.item, Record)
    return not isinstance(kind, MapOf)
