"""A raw answer to a Listed and a LiveObject: paths walked, values in canonical form. Used by read.py and match.py."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import BadAnswer
from ecsplan.model.capabilities.parts import Parts, slots_of
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import PROTECTED, RETIRED, Marks, read_marks, read_tags
from ecsplan.model.ownership import read_record
from ecsplan.model.record import Applied
from ecsplan.model.resource import Listed, LiveObject, RemoteObject

NOTHING: Mapping[str, object] = {}


def at_path(raw: object, path: str) -> Any:
    """What a dotted path leads to; None where it ends early."""
    if type(raw) is dict and "." not in path:  # nearly all of them, for tens of thousands of objects
        return raw.get(path)
    for key in path.split("."):
        if type(raw) is not dict and not isinstance(raw, Mapping):
            return None
        raw = raw.get(key)
    return raw


class _Told(Struct, frozen=True):
    """What the tags of an object say of it."""

    tags: Mapping[str, str]
    marks: Marks
    applied: Applied | None
    is_part: bool


def bare(kind: Kind, raw: Raw) -> Listed:
    """An object with its identity and tags; its attributes are decoded only once it is known to matter."""
    return _bare(kind, raw, _told(kind, at_path(raw, kind.listing.tags)))


def bares(kind: Kind, raws: Iterable[Raw]) -> list[Listed]:
    """The objects of a whole list. Tags that are one object of the answer are read once (api/shapes.py)."""
    told: dict[int, _Told] = {}
    found: list[Listed] = []
    for raw in raws:  # each stays in an object, so that no other tags get the id of its own
        tags = at_path(raw, kind.listing.tags)
        one = told.get(id(tags))
        if one is None:
            one = told[id(tags)] = _told(kind, tags)
        found.append(_bare(kind, raw, one))
    return found


def _told(kind: Kind, tags: Any) -> _Told:
    read = read_tags(tags)
    marks = read_marks(read, kind.name, kind.listing.born_with)
    is_part = marks.owner is not None and marks.owner.is_part_of(kind.name)
    return _Told(read, marks, read_record(marks.named), is_part)


def _bare(kind: Kind, raw: Raw, told: _Told) -> Listed:
    listing, marks = kind.listing, told.marks
    return Listed(
        kind=kind.name,
        id=str(raw[listing.id]),
        name=str(raw.get(listing.name) or ""),
        status=str(raw.get(listing.status) or "") if listing.status else "",
        tags=told.tags,
        owner=marks.owner,
        marks=marks.named,
        applied=told.applied,
        retired=RETIRED in marks.named,
        is_protected=PROTECTED in marks.named,
        parent=(str(raw.get(listing.parent) or "") or None) if listing.parent and told.is_part else None,
        _answer=raw,
    )


def decoded(kinds: Kinds, obj: RemoteObject, desired: Mapping[str, Any] = NOTHING) -> LiveObject:
    """A listed object with its attributes."""
    raw = raw_of(obj)
    return LiveObject(
        kind=obj.kind,
        id=obj.id,
        name=obj.name,
        status=obj.status,
        tags=obj.tags,
        owner=obj.owner,
        marks=obj.marks,
        applied=obj.applied,
        retired=obj.retired,
        is_protected=obj.is_protected,
        parent=obj.parent,
        unread=obj.unread,
        attributes=attributes(kinds[obj.kind], raw, desired),
        _answer=raw,
    )


def raw_of(obj: RemoteObject) -> Raw:
    """The answer that an object was made of: for inventory/ alone."""
    return obj._answer


def listed(obj: RemoteObject, raw: Raw, unread: frozenset[str]) -> Listed:
    """The object as it is after its details were read; the same one where they changed nothing."""
    if isinstance(obj, Listed) and raw is obj.raw and not (unread or obj.unread):
        return obj
    return Listed(
        kind=obj.kind,
        id=obj.id,
        name=obj.name,
        status=obj.status,
        tags=obj.tags,
        owner=obj.owner,
        marks=obj.marks,
        applied=obj.applied,
        retired=obj.retired,
        is_protected=obj.is_protected,
        parent=obj.parent,
        unread=unread,
        _answer=raw,
    )


def ids_under(obj: RemoteObject, into: str, field: str) -> set[str]:
    """The ids of what a detail has read of an object."""
    return {str(row[field]) for row in raw_of(obj).get(into) or ()}


def without_parts(kinds: Kinds, obj: LiveObject, ids: Collection[str]) -> LiveObject:
    """The object without these parts, which are resources of their own."""
    raw = raw_of(obj)
    for spec in slots_of(kinds[obj.kind]):
        field = kinds[spec.kind].listing.id
        if any(str(row.get(field)) in ids for row in raw.get(spec.into) or ()):
            raw = {**raw, spec.into: [row for row in raw[spec.into] if str(row.get(field)) not in ids]}
    return replace(obj, _answer=raw)


def value_of(kinds: Kinds, obj: RemoteObject, name: str) -> object:
    """One canonical value of an object that may be bare; None where it is missing."""
    return attribute_of(kinds[obj.kind], raw_of(obj), name)


def attributes(kind: Kind, raw: Raw, desired: Mapping[str, Any]) -> Mapping[str, Any]:
    """Canonical values by attribute name; what the service does not tell, or was not read, is missing.

    Each is decoded when it is asked for: a plan looks at what the file declares, of all that an answer holds. A value
    that cannot be understood raises BadAnswer then.
    """
    parts = kind.capability(Parts)
    if parts is None:
        return Decoded(kind, raw, {})
    try:
        refined = parts.refine(raw, desired)
    except _UNREADABLE as error:
        raise _unreadable(kind, raw, "what it is made of") from error
    return Decoded(kind, raw, {name: value for name, value in refined.items() if value is not None})


class Decoded(Mapping[str, object]):
    """The attributes of one live object. What came with it, the parts of a machine, goes before the answer's own."""

    __slots__ = ("_found", "_kind", "_names", "_raw")

    def __init__(self, kind: Kind, raw: Raw, found: dict[str, object]) -> None:
        self._kind, self._raw, self._found = kind, raw, found
        self._names: list[str] | None = None

    def get(self, name: str, default: object = None) -> Any:
        value = self._found[name] if name in self._found else self._value(name)
        return default if value is None else value

    def __getitem__(self, name: str) -> object:
        value = self._value(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._value(name) is not None

    def __iter__(self) -> Iterator[str]:
        if self._names is None:
            own = [attribute.name for attribute in self._kind.attributes]
            self._names = [name for name in dict.fromkeys((*own, *self._found)) if self._value(name) is not None]
        return iter(self._names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _value(self, name: str) -> object:
        try:
            return self._found[name]
        except KeyError:
            attribute = self._kind.by_name.get(name)
        value = self._found[name] = _of(self._kind, self._raw, attribute) if attribute is not None else None
        return value


def attribute_of(kind: Kind, raw: Raw, name: str) -> object:
    """One canonical value, for objects that are not decoded whole; None where it is missing."""
    return _of(kind, raw, kind.by_name[name])


def _of(kind: Kind, raw: Raw, attribute: Attribute) -> object:
    try:
        return _decoded(attribute, raw)
    except _UNREADABLE as error:
        raise _unreadable(kind, raw, attribute.name) from error


# What comes of a value of the documented type that says nothing: the digits of a size, a date, a JSON text.
_UNREADABLE = (TypeError, ValueError, LookupError, AttributeError)


def _unreadable(kind: Kind, raw: Raw, name: str) -> BadAnswer:
    """Names action, object and field; the value may be a secret, and is not shown."""
    field = next((a.read_as or a.wire for a in kind.attributes if a.name == name), None)
    place = f" ({field})" if isinstance(field, str) else ""
    object_id = raw.get(kind.listing.id)
    return BadAnswer(kind.listing.operation, f"{kind.name} {object_id}: {name}{place} cannot be understood")


def _decoded(attribute: Attribute, raw: Raw) -> object:
    where = attribute.read_as
    if where is False:
        return None
    if callable(where):
        return attribute.type.decode(where(raw))
    path = where or attribute.wire
    value = at_path(raw, path) if path else None
    if value is None and path and path[0] == "@":
        return None
    return attribute.type.decode(value)
