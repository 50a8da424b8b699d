"""Entries inside an object that some of their members tell apart (a route by its range). Used by kinds only."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.algebra import Fields, Raw, Schema, Value, ValueOrUnknown, Values, fields, members, of_fields
from ecsplan.model.composites import NamedRef, Record, Reference, SetOf, is_deferred, sort_key
from ecsplan.model.spelling import with_article
from ecsplan.model.values import IpAddress, Mistake

Entry = Fields


class Keyed(SetOf):
    """Records of which no two have the same `key` members. What the file leaves open of one stays as it is live. A live
    one has no member that is as its `default`: to say that and to say nothing is the same there."""

    __slots__ = ("defaults", "key", "record")

    def __init__(self, record: Record, *key: str, maximum: int | None = None, defaults: Values | None = None) -> None:
        super().__init__(record, maximum=maximum)
        self.record, self.key, self.defaults = record, key, defaults or {}

    def parse(self, value: object) -> tuple[Value, ...]:
        items = value if isinstance(value, (list, tuple)) else ()
        completed = [self.complete(item) if isinstance(item, Mapping) else item for item in items]
        parsed = super().parse(completed if isinstance(value, (list, tuple)) else value)
        for place, item in enumerate(parsed):
            if not is_deferred(item) and any(self.identity(item) == self.identity(one) for one in parsed[:place]):
                same = ", ".join(f"{name}: {what}" for name, what in self.identity(item))
                raise self.mistake(value, f"{same} appears twice in the list")
        return parsed

    def complete(self, item: Raw) -> Raw:
        """What a person wrote, with defaults. Raises Mistake for members that do not fit each other."""
        return item

    def _plain(self, item: Raw) -> Raw:
        return {n: value for n, value in item.items() if n not in self.defaults or value != self.defaults[n]}

    def live(self, rows: Iterable[Raw]) -> tuple[Entry, ...]:
        """Canonical entries of live ones, given by our names; empty members are none."""
        found = {
            of_fields({n: self.record.by_name[n].type.decode(v) for n, v in row.items() if v not in (None, "", ())})
            for row in map(self._plain, rows)
        }
        return tuple(sorted(found, key=sort_key))

    def decode(self, wire: Any) -> tuple[Value, ...]:
        return self.live(wire or ())

    def identity(self, item: Value) -> Entry:
        return of_fields({name: value for name, value in fields(item).items() if name in self.key})

    def filled(self, desired: Value, live: Value) -> Value:
        known = {self.identity(item): fields(item) for item in members(live)}
        return tuple(of_fields({**known.get(self.identity(i), {}), **fields(i)}) for i in members(desired))

    def _same(self, item: Value) -> Entry:
        return of_fields(self._plain(fields(item)))

    def matches(self, desired: Value, live: Value) -> bool:
        return set(map(self._same, members(self.filled(desired, live)))) == set(map(self._same, members(live)))

    def merged(self, desired: Value, live: Value) -> Value:
        wanted = {self.identity(item) for item in members(desired)}
        return (*members(desired), *(item for item in members(live) if self.identity(item) not in wanted))

    def moves(self, before: ValueOrUnknown, after: ValueOrUnknown) -> tuple[list[Entry], list[Entry], list[Entry]]:
        """What is to be made, to be changed in place, and to go."""
        old = {self.identity(item): of_fields(fields(item)) for item in members(before)}
        new = {self.identity(item): of_fields(fields(item)) for item in members(after)}
        changed = [item for key, item in new.items() if key in old and self._same(old[key]) != self._same(item)]
        return [i for k, i in new.items() if k not in old], changed, [i for k, i in old.items() if k not in new]


class AddressOf(Reference):
    """An IPv4 address, or a resource by its name, whose `attribute` is one."""

    __slots__ = ("attribute",)

    def __init__(self, kind: str, attribute: str) -> None:
        super().__init__(kind, prefixes=())
        self.attribute = attribute

    @property
    def says(self) -> str:
        return f"an IPv4 address, or the name of {with_article(self.kinds[0])} of this stack"

    def schema(self) -> Schema:
        return {"type": "string"}

    def parse(self, value: object) -> Value:
        if not isinstance(value, str):
            raise self.mistake(value)
        try:
            return IpAddress().parse(value)
        except Mistake:
            return NamedRef(value, self.kinds, attribute=self.attribute)
