"""Pieces to blocks: members of a numbered group joined, each block named, references by name. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecsplan.export.names import block_name
from ecsplan.export.pieces import Piece, given_name
from ecsplan.export.values import References, escaped, plain
from ecsplan.export.yaml_text import Commented
from ecsplan.model.address import Address
from ecsplan.model.capabilities.exporting import exporting
from ecsplan.model.composites import ListOf, MapOf, Record, Reference
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject
from ecsplan.model.values import ValueType

_NUMBERED = re.compile(r"^(?P<base>.+)-(?P<number>[0-9]{4})$")
PASSWORD = "its password is not told by the API; to manage it: password: {env: NAME, version: 1}"
SECRETS = "look through it for secrets before you commit this file"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the file: a single object, or the members of a group in their order."""

    members: tuple[Piece, ...]
    cloud_name: str
    is_group: bool
    name: str = ""

    @property
    def first(self) -> Piece:
        return self.members[0]

    def addresses(self) -> Iterable[tuple[Address, Piece]]:
        for number, piece in enumerate(self.members):
            yield Address(piece.kind.name, self.name, number if self.is_group else None), piece


def blocks(found: Sequence[Piece], kinds: Kinds, stack: str, owned: Iterable[RemoteObject]) -> list[tuple[Block, Any]]:
    """Each block with its body, in the order of their names within a kind."""
    named = _named(_grouped(found), kinds, stack)
    references = _references(named, owned, stack)
    return [(block, _body(block, stack, references)) for block in named]


def _grouped(found: Sequence[Piece]) -> list[Block]:
    """Objects that are alike but for a number from 0000 on are one group; all others stand alone."""
    numbered: dict[tuple[str, str], dict[int, Piece]] = {}
    for piece in found:
        match = _NUMBERED.match(piece.obj.name)
        if match and "name" in piece.values:
            numbered.setdefault((piece.kind.name, match["base"]), {})[int(match["number"])] = piece
    groups: list[Block] = []
    joined: set[tuple[str, str]] = set()
    for (_, base), by_number in numbered.items():
        members = tuple(by_number[number] for number in sorted(by_number))
        if len(members) > 1 and sorted(by_number) == list(range(len(members))) and _are_alike(members):
            groups.append(Block(members, base, True))
            joined |= {piece.key for piece in members}
    return [
        *groups,
        *(Block((piece,), given_name(piece.obj, piece.kind), False) for piece in found if piece.key not in joined),
    ]


def _are_alike(members: Sequence[Piece]) -> bool:
    bodies = [{name: value for name, value in piece.values.items() if name != "name"} for piece in members]
    return all(body == bodies[0] for body in bodies)


def _named(found: Iterable[Block], kinds: Kinds, stack: str) -> list[Block]:
    found = sorted(found, key=lambda block: (block.first.kind.name, block.cloud_name, block.first.obj.id))
    prefixes = [prefix for kind in kinds.values() for prefix in kind.id_prefixes]
    exported = {piece.obj.id for block in found for piece in block.members}
    literal = {text for block in found for piece in block.members for text in _literals(piece)} - exported
    names = {piece.obj.id: given_name(piece.obj, piece.kind) for block in found for piece in block.members}
    taken: dict[str, set[str]] = {}
    named = []
    for block in found:
        kind = block.first.kind.name
        used = taken.setdefault(kind, set(literal))
        known_as = block.cloud_name or names.get(str(block.first.values.get("instance")), "")
        name = block_name(exporting(block.first.kind).word or kind, known_as, stack, used, prefixes)
        used.add(name)
        named.append(Block(block.members, block.cloud_name, block.is_group, name))
    return sorted(named, key=lambda block: (block.first.kind.name, block.name))


def _literals(piece: Piece) -> Iterable[str]:
    """Texts that would be read as the name of a block if there were one (an image id, a key pair)."""
    for attribute in piece.kind.attributes:
        kind = attribute.type
        value = piece.values.get(attribute.name)
        if isinstance(kind, Reference) and kind.or_literal and isinstance(value, str):
            yield value


def _references(named: Sequence[Block], owned: Iterable[RemoteObject], stack: str) -> References:
    names: dict[tuple[str, str], Any] = {}
    parts: dict[str, Mapping[str, str]] = {}
    for kind, object_id, reference in _foreign(owned, stack):
        names[kind, object_id] = reference
    for block in named:
        for number, piece in enumerate(block.members):
            name = f"{block.name}[{number}]" if block.is_group else block.name
            names[piece.key] = name
            parts |= {part: {piece.kind.name: name, "slot": slot} for part, slot in piece.parts.items()}
            system = next((d for d in piece.obj.raw.get("@disks") or () if d.get("Type") == "system"), None)
            if system is not None:
                parts[str(system["DiskId"])] = {piece.kind.name: name}
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


def _body(block: Block, stack: str, references: References) -> dict[str, Any]:
    """The block as the writer takes it: what makes it a group, whom it adopts, then its attributes in table order."""
    piece = block.first
    body: dict[str, Any] = {}
    if block.is_group:
        body |= {"count": len(block.members), "adopt": {n: member.obj.id for n, member in enumerate(block.members)}}
    else:
        body["adopt"] = piece.obj.id
    for attribute in piece.kind.attributes:
        name = attribute.name
        if name not in piece.values:
            continue
        if name == "name":
            if block.cloud_name != f"{stack}-{block.name}":
                body["name"] = escaped(block.cloud_name)
            continue
        value = plain(attribute.type, piece.values[name], references)
        _put(body, name, Commented(value, SECRETS) if name == "user_data" else value)
    if _has_password(piece):
        body["adopt"] = Commented(body["adopt"], PASSWORD)
    return body


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
