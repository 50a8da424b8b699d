"""A live object as the attributes that a file would have of it, each known to be one that a file may have. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.export.noise import is_noise
from ecsplan.export.values import References, plain, unescaped
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.exporting import exporting
from ecsplan.model.composites import MapOf, Record
from ecsplan.model.copying import replace
from ecsplan.model.export import NOTHING_TOLD, Called, LeftOut, NamesParts, Told
from ecsplan.model.keepers import is_managed
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import MOST_ON_AN_OBJECT, marks_at_most, user_tags
from ecsplan.model.resource import LiveObject
from ecsplan.model.texts import BINARY, PACKED, FileText
from ecsplan.model.values import Mistake

_UNTOLD = Called("")
BEYOND = "ecsplan has no attribute for it: it stays as it is"
Dropped = Collection[tuple[str, str]]


class Piece(Struct, frozen=True):
    """`values` are canonical, by attribute, without noise; `parts` are names given to parts, by their id."""

    obj: LiveObject
    kind: Kind
    values: Mapping[str, Any]
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return (self.obj.kind, self.obj.id)


def pieces(
    objects: Iterable[LiveObject], kinds: Kinds, dropped: Dropped, told: Told = NOTHING_TOLD
) -> tuple[list[Piece], list[LeftOut]]:
    """`dropped` are ids and attributes that must not be written; an empty attribute stands for the whole object."""
    objects = tuple(objects)
    found: list[Piece] = []
    left: list[LeftOut] = []
    has_groups = len({obj.attributes.get("resource_group") for obj in objects} - {None}) > 1
    for obj in objects:
        if (obj.id, "") in dropped:
            continue
        called = told.called.get((obj.kind, obj.id)) or _UNTOLD
        piece, missing = _piece(obj, kinds[obj.kind], dropped, called)
        if piece is not None and not has_groups and "resource_group" not in called.said:  # all are in the default one
            piece = replace(piece, values={n: v for n, v in piece.values.items() if n != "resource_group"})
        left += missing
        if piece is not None:
            found.append(piece)
    return found, left


def _piece(obj: LiveObject, kind: Kind, dropped: Dropped, called: Called) -> tuple[Piece | None, list[LeftOut]]:
    why = _obstacle(obj, kind) or obj.fact(exporting(kind).obstacle)
    if why:
        return None, [LeftOut(obj.kind, obj.id, obj.name, why)]
    live, parts = _live(obj, kind)
    values: dict[str, Any] = {}
    left: list[LeftOut] = []
    for attribute in kind.attributes:
        name = attribute.name
        if attribute.computed or attribute.sensitive or (obj.id, name) in dropped:
            continue
        if name in called.unsaid and not attribute.required:
            continue
        value = live.get(name)
        if value is None or (name not in called.said and is_noise(exporting(kind), attribute, value, live)):
            if value is None and attribute.required:
                return None, [LeftOut(obj.kind, obj.id, obj.name, f"it has no {name}, which a file must say")]
            continue
        value, odd = _without_odd_members(attribute, value)
        left += [LeftOut(obj.kind, obj.id, obj.name, words, f"{name}.{member}") for member, words in odd]
        why = _fault(attribute, value)
        if not why:
            values[name] = value
        elif attribute.required:
            return None, [LeftOut(obj.kind, obj.id, obj.name, f"{name}: {why}")]
        else:
            left.append(LeftOut(obj.kind, obj.id, obj.name, why, name))
    left += [LeftOut(obj.kind, obj.id, obj.name, BEYOND, name) for name in obj.fact(exporting(kind).unsaid)]
    return Piece(obj, kind, values, parts), left


def given_name(obj: LiveObject, kind: Kind) -> str:
    """The name that somebody gave it. What the cloud made of the id is none, unless the name is what the id is."""
    is_id = kind.listing.id == kind.listing.name
    return "" if obj.id in obj.name and not is_id else obj.name


def _obstacle(obj: LiveObject, kind: Kind) -> str:
    """Why an object cannot be adopted at all."""
    if obj.fact(is_managed):
        return "a cloud service manages it"
    if not kind.ownership.tag_type and obj.owner is None:
        return "its tags are only given when it is made, so that it cannot be adopted"
    if len(obj.tags) > MOST_ON_AN_OBJECT - marks_at_most():
        return f"it has {len(obj.tags)} of at most {MOST_ON_AN_OBJECT} tags: those that say whose it is do not fit"
    return ""


def _live(obj: LiveObject, kind: Kind) -> tuple[dict[str, Any], dict[str, str]]:
    live = {**obj.attributes, "id": obj.id}
    parts: dict[str, str] = {}
    for attribute in kind.attributes:
        if isinstance(attribute.type, NamesParts) and obj.was_read:  # else told by another tool's state alone
            value, names = obj.fact(attribute.type.declared)
            live[attribute.name] = value
            parts |= names
    if any(attribute.name == "tags" for attribute in kind.attributes):
        live["tags"] = user_tags(obj.tags)
    if any(attribute.name == "name" for attribute in kind.attributes):
        live["name"] = given_name(obj, kind) or None
    return live, parts


def _without_odd_members(attribute: Attribute, value: Any) -> tuple[Any, list[tuple[str, str]]]:
    """A map of parts without what a file could not say of one of them (an old name), so that the rest can be said."""
    kind = attribute.type
    if not (isinstance(kind, MapOf) and isinstance(kind.item, Record)):
        return value, []
    found, odd = [], []
    for slot, members in value:
        kept = []
        for name, inner in members:
            member = kind.item.by_name[name]
            why = "" if member.required else _fault(member, inner)
            if why:
                odd.append((f"{slot}.{name}", why))
            else:
                kept.append((name, inner))
        found.append((slot, tuple(kept)))
    return tuple(found), odd


def _fault(attribute: Attribute, value: object) -> str:
    """Why a file could not say this; empty where it could."""
    if isinstance(attribute.type, FileText) and str(value).startswith((PACKED, BINARY)):
        return "it is packed, or no text: write {file: PATH}"
    try:
        attribute.type.parse(unescaped(plain(attribute.type, value, References())))
    except Mistake as mistake:
        return mistake.summary
    return ""
