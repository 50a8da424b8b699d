"""Whether a read shows by now what a run has set. Used by engine/showing.py; pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.inventory.decode import attribute_of, raw_of
from ecsplan.model.algebra import Raw
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.change import AttributeChange
from ecsplan.model.composites import MapOf, Record
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import RemoteObject
from ecsplan.model.slots import Slots
from ecsplan.model.values import ValueType


class Shown(Struct, frozen=True):
    """One object that something was set on. `slots` are its parts as they were found, since a read by id does not tell
    them: slot → id, by attribute."""

    kinds: Kinds
    kind: Kind
    is_new: bool
    slots: Mapping[str, Mapping[str, str]]

    def lacks(self, raw: Raw, names: Iterable[str]) -> set[str]:
        """The details without which these attributes cannot be told."""
        short = _Short(raw)
        for name in names:
            self._now(short, name)
        return short.lacks

    def is_late(self, obj: RemoteObject, line: AttributeChange) -> bool:
        """Whether the object, as it was read, does not show the change yet."""
        raw = _Short(raw_of(obj))
        now = self._now(raw, line.name)
        attribute = self.kind.attribute(line.name)
        if raw.lacks or line.name in obj.unread or attribute.read_as is False:
            return False
        is_said = line.after not in (None, False, "", ())  # what is off or empty may be shown as nothing
        is_empty = now is None and is_said and (self.is_new or line.before is not None)
        is_whole = self._spec(line.name) is None  # of slots those alone are read that the object had before
        return is_empty or (not self.is_new and shows_old(attribute.type, line.before, line.after, now, is_whole))

    def _spec(self, name: str) -> Slots | None:
        return next((spec for spec in slots_of(self.kind) if spec.attribute == name), None)

    def _now(self, raw: Raw, name: str) -> object:
        """The value as it is read; of slots, those that the object had before."""
        spec = self._spec(name)
        if spec is None:
            return attribute_of(self.kind, raw, name)
        id_field = self.kinds[spec.kind].listing.id
        listed = {str(part.get(id_field)): part for part in raw.get(spec.into) or ()}
        seats = self.slots.get(name, {})
        return tuple((slot, spec.decode(listed[id_])) for slot, id_ in seats.items() if id_ in listed)


def shows_old(of: ValueType, before: Any, after: Any, now: Any, is_whole: bool = True) -> bool:
    """Whether it is what was there before, as a whole or in a member that changes and is in all three."""
    if is_whole and now == before:
        return True
    if not isinstance(of, (MapOf, Record)) or not all(isinstance(side, tuple) for side in (before, after, now)):
        return False
    was, wanted, found = dict(before), dict(after), dict(now)
    for name in wanted.keys() & was.keys() & found.keys():
        inner = of.by_name[name].type if isinstance(of, Record) else of.item
        if isinstance(of, Record):
            is_same = inner.matches(wanted[name], was[name])
        else:  # the map knows which members of an entry a file may leave out
            is_same = of.matches(((name, wanted[name]),), ((name, was[name]),))
        if not is_same and shows_old(inner, was[name], wanted[name], found[name]):
            return True
    return False


class _Short(dict[str, object]):
    """A raw object that notes for which details it is asked that were not read."""

    def __init__(self, raw: Mapping[str, object]) -> None:
        super().__init__(raw)
        self.lacks: set[str] = set()

    def _note(self, key: str) -> None:
        if key.startswith("@") and not super().__contains__(key):
            self.lacks.add(key)

    def __contains__(self, key: object) -> bool:
        self._note(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: object = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> object:
        self._note(key)
        return super().__getitem__(key)
