"""Who moved since the last apply: the file, the cloud, or both; by the record of what was applied. Pure.

Not on record: never declared before, so it is pending. The record is what the file says: drift. It is what is live:
pending. It is neither: both. Maps and sets are told piece by piece. What a run had begun to change counts as ours as
long as it is as before, as it was to be, or on the way between the two.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.attribute import Attribute
from ecsplan.model.change import NEVER, UNKNOWN, Cause, Piece
from ecsplan.model.composites import MapOf, Record, Reference, SetOf, refs_in
from ecsplan.model.ownership import was_applied
from ecsplan.model.record import LET_GO, Applied
from ecsplan.model.record_form import Items, Naming, items_of
from ecsplan.model.resource import RemoteObject
from ecsplan.model.values import ValueType

Resolve = Callable[[Any], Any]


class Verdict(Struct, frozen=True):
    """Who moved, and what was applied last: NEVER where it was not declared, UNKNOWN where it is not kept."""

    cause: Cause
    applied: Any = NEVER
    parts: tuple[Piece, ...] = ()


class Judge(Struct, frozen=True):
    """Holds the two sides of one object against its record. `resolve` fills in the ids that are known."""

    applied: Applied
    naming: Naming
    resolve: Resolve

    def verdict(self, attribute: Attribute, desired: Any, live: Any, after: Any) -> Verdict:
        """`desired` is as declared, with its Refs; `after` is what will be, and `live` what is, with ids."""
        of, name = attribute.type, attribute.name
        if isinstance(of, MapOf):
            wanted = {**dict(after or ()), **dict(desired)}
            return _of_parts(self.keys(name, of, wanted, dict(live or ())))
        if isinstance(of, SetOf) and isinstance(desired, tuple) and isinstance(after, tuple):
            parts = self.items(name, of, desired, live or (), after)
            if parts is not None:
                return _of_parts(parts)
        return self.simple(name, of, desired, live, attribute.is_relation)

    def simple(self, name: str, of: ValueType, desired: object, live: object, is_relation: bool = False) -> Verdict:
        record = self.applied
        if record.has(name) is False:
            return Verdict(Cause.PENDING)
        was_desired = record.holds(name, of, desired, self.naming)
        was_live = record.holds(name, of, live, self.naming, is_live=True)
        known, value = record.value(name)
        applied = value if known else desired if was_desired else live if was_live else UNKNOWN
        opened = record.opened(name)
        if opened is not None:
            return Verdict(self._of_open(name, of, opened, (desired, live), was_live, is_relation), applied)
        return Verdict(self._cause(name, was_desired, was_live, desired), applied)

    def _cause(self, name: str, was_desired: bool, was_live: bool, desired: object) -> Cause:
        if was_live:
            return Cause.PENDING
        if was_desired:
            return Cause.DRIFT
        return Cause.BOTH if self.applied.has(name) else Cause.PENDING

    def _of_open(
        self, name: str, of: ValueType, before: str, sides: tuple[Any, Any], was_live: bool, is_relation: bool
    ) -> Cause:
        """Of what a run had begun to change, and did not get done."""
        desired, live = sides
        lets_go = is_relation or before == LET_GO or isinstance(of, Reference)  # of the old one, before the new one
        if was_live or not before or (live is None and lets_go):
            return Cause.PENDING
        earlier = Applied({name: before})
        if before == LET_GO or earlier.holds(name, of, live, self.naming, is_live=True):
            return Cause.PENDING
        ours = self.applied.holds(name, of, desired, self.naming) or earlier.holds(name, of, desired, self.naming)
        return Cause.DRIFT if ours else Cause.BOTH

    # Piece by piece

    def keys(self, name: str, of: MapOf, desired: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Piece]:
        """The keys of a map that differ, each for itself; of a slot that stays, each member that the file declares."""
        is_first = self.applied.has_any(name) is False
        for key in sorted(desired.keys() | live.keys()):
            label = f"{name}.{key}"
            if isinstance(of.item, Record):
                yield from self._slot(label, key, of.item, desired.get(key), live.get(key), is_first)
            elif desired.get(key) != live.get(key):
                yield self._key(label, key, of.item, desired.get(key), live.get(key), is_first)

    def _key(self, label: str, key: str, of: ValueType, desired: object, live: object, is_first: bool) -> Piece:
        found = self.simple(label, of, desired, live)
        if desired is None and found.applied is NEVER and not is_first and self.applied.is_exact:
            return Piece(key, Cause.DRIFT)  # somebody else's, in a map that the file has as a whole
        return Piece(key, found.cause, found.applied)

    def _slot(self, label: str, key: str, of: Record, desired: Any, live: Any, is_first: bool) -> Iterator[Piece]:
        if desired is None or live is None:
            yield Piece(key, self._of_whole_slot(label, of, desired, live, is_first))
            return
        found = dict(live)
        for member, wanted in desired:
            kind = of.by_name[member].type
            if kind.matches(self.resolve(wanted), found.get(member)) and not self._is_unsettled(wanted):
                continue
            is_relation = of.by_name[member].is_relation
            told = self.simple(f"{label}.{member}", kind, wanted, found.get(member), is_relation)
            yield Piece(f"{key}.{member}", told.cause, told.applied)

    def _is_unsettled(self, wanted: object) -> bool:
        return bool(refs_in(self.resolve(wanted)))

    def _of_whole_slot(self, label: str, of: Record, desired: Any, live: Any, is_first: bool) -> Cause:
        """A slot that only one side has."""
        record = self.applied
        was_there = record.has_any(label)
        if was_there is None:  # of the old format, which kept slots as a whole
            return Cause.DRIFT if desired is not None and record.holds(label, None, desired) else Cause.PENDING
        if record.opened(label) is not None:
            return Cause.PENDING
        if not was_there:
            return Cause.PENDING if desired is not None or is_first else Cause.DRIFT
        members = dict(desired or live)
        as_it_was = all(
            record.holds(f"{label}.{member}", of.by_name[member].type, value, self.naming, is_live=desired is None)
            for member, value in members.items()
            if record.has(f"{label}.{member}")
        )
        if desired is None:
            return Cause.PENDING if as_it_was else Cause.BOTH
        return Cause.DRIFT if as_it_was and self._all_recorded(label, members) else Cause.BOTH

    def _all_recorded(self, label: str, members: Mapping[str, Any]) -> bool:
        return all(self.applied.has(f"{label}.{member}") for member in members)

    def items(
        self, name: str, of: SetOf, desired: tuple[Any, ...], live: tuple[Any, ...], after: tuple[Any, ...]
    ) -> list[Piece] | None:
        """The items that differ, each for itself; None where the record does not keep them apart."""
        known = self._known_items(name)
        if known is None:
            return None
        declared = {of.identity(self.resolve(item)): item for item in desired}
        wanted, found = ({of.identity(item): item for item in side} for side in (after, live))
        parts: list[Piece] = []
        for what, item in wanted.items():
            if found.get(what) != item:
                cause = known.cause_of_wanted(name, of, declared.get(what, item), found.get(what), self.naming)
                parts.append(Piece(item, cause))
                parts += [Piece(found[what], cause)] if what in found else []
        gone = [item for what, item in found.items() if what not in wanted]
        return parts + [Piece(item, known.cause_of_gone(name, of, item, self.naming)) for item in gone]

    def _known_items(self, name: str) -> "_Known | None":
        form, opened = self.applied.line(name), self.applied.opened(name)
        now = items_of(name, form) if form else None
        if now is None:
            return None
        if opened is None:
            return _Known(now, now)
        before = now if opened == LET_GO else items_of(name, opened) if opened else Items({})
        return None if before is None else _Known(before, now, is_first=not opened, is_let_go=opened == LET_GO)


class _Known(Struct, frozen=True):
    """The items of a set that were applied: before what a run had begun, and after it; the same where it had not."""

    before: Items
    now: Items
    is_first: bool = False
    is_let_go: bool = False

    def cause_of_wanted(self, name: str, of: SetOf, item: object, live: object, naming: Naming) -> Cause:
        """Of an item that the file has, and the cloud not, or under another description."""
        sides = (self.before, self.now)
        if self.is_let_go or not all(side.knows(name, of, item, naming) for side in sides):
            return Cause.PENDING
        was_live = live is not None and any(side.holds(name, of, live, naming, loosely=True) for side in sides)
        if was_live:
            return Cause.PENDING
        return Cause.DRIFT if any(side.holds(name, of, item, naming) for side in sides) else Cause.BOTH

    def cause_of_gone(self, name: str, of: SetOf, item: object, naming: Naming) -> Cause:
        """Of an item that the cloud has, and the file not."""
        sides = (self.before, self.now)
        if self.is_first or any(side.holds(name, of, item, naming, loosely=True) for side in sides):
            return Cause.PENDING
        return Cause.BOTH if any(side.knows(name, of, item, naming) for side in sides) else Cause.DRIFT


def _of_parts(parts: Iterable[Piece]) -> Verdict:
    found = tuple(parts)
    return Verdict(joined(part.cause for part in found), parts=found)


def joined(causes: Iterable[Cause]) -> Cause:
    """Of several parts: what they agree on, else both."""
    found = set(causes)
    return found.pop() if len(found) == 1 else Cause.BOTH if found else Cause.PENDING


def of_name(judge: Judge, attribute: Attribute, address: Address, obj: RemoteObject, desired: object) -> Verdict:
    """The names of a group's members are not on record; one that has lost its number was not renamed by the file."""
    if not isinstance(address.key, int):
        return judge.simple("name", attribute.type, desired, obj.name)
    is_meant = obj.name.endswith(f"-{address.key:04d}") or desired == f"{obj.name}-{address.key:04d}"
    is_meant = is_meant or was_applied(obj, "name", obj.name)  # it was called so before it was a member
    return Verdict(Cause.PENDING if is_meant else Cause.DRIFT)
