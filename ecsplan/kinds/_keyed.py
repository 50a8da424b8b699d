"""Entries inside an object that some of their members tell apart (a route by its range). Used by kinds only."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.composites import NamedRef, Record, Reference, SetOf, is_deferred, sort_key
from ecsplan.model.values import IpAddress, Mistake

Entry = tuple[tuple[str, Any], ...]


class Keyed(SetOf):
    """Records of which no two have the same `key` members. What the file leaves open of one stays as it is live, but
    for what has a `default`: that is left out of the canonical value where it is the default."""

    __slots__ = ("defaults", "key", "record")

    def __init__(
        self, record: Record, *key: str, maximum: int | None = None, defaults: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(record, maximum=maximum)
        self.record, self.key, self.defaults = record, key, defaults or {}

    def parse(self, value: Any) -> tuple[Any, ...]:
        completed = [self._plain(self.complete(item)) for item in value] if isinstance(value, list | tuple) else value
        parsed = super().parse(completed)
        for place, item in enumerate(parsed):
            if not is_deferred(item) and any(self.identity(item) == self.identity(one) for one in parsed[:place]):
                same = ", ".join(f"{name}: {what}" for name, what in self.identity(item))
                raise self.mistake(value, f"{same} appears twice in the list")
        return parsed

    def complete(self, item: Any) -> Any:
        """What a person wrote, with defaults. Raises Mistake for members that do not fit each other."""
        return item

    def _plain(self, item: Any) -> Any:
        if not isinstance(item, Mapping):
            return item
        return {n: value for n, value in item.items() if n not in self.defaults or value != self.defaults[n]}

    def live(self, rows: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
        """Canonical entries of live ones, given by our names; empty members are none."""
        found = {
            tuple(sorted((n, self.record.by_name[n].type.decode(v)) for n, v in row.items() if v not in (None, "", ())))
            for row in map(self._plain, rows)
        }
        return tuple(sorted(found, key=sort_key))

    def decode(self, wire: Any) -> tuple[Any, ...]:
        return self.live(wire or ())

    def identity(self, item: Any) -> Entry:
        return tuple(pair for pair in item if pair[0] in self.key)

    def filled(self, desired: Any, live: Any) -> Any:
        known = {self.identity(i): {n: v for n, v in i if n not in self.defaults} for i in live or ()}
        return tuple(tuple(sorted({**known.get(self.identity(i), {}), **dict(i)}.items())) for i in desired or ())

    def matches(self, desired: Any, live: Any) -> bool:
        return set(self.filled(desired, live)) == set(live or ())

    def merged(self, desired: Any, live: Any) -> Any:
        wanted = {self.identity(item) for item in desired or ()}
        return (*(desired or ()), *(item for item in live or () if self.identity(item) not in wanted))

    def moves(self, before: Any, after: Any) -> tuple[list[Entry], list[Entry], list[Entry]]:
        """What is to be made, to be changed in place, and to go."""
        old = {self.identity(item): item for item in before or ()}
        new = {self.identity(item): item for item in after or ()}
        changed = [item for key, item in new.items() if key in old and old[key] != item]
        return [i for k, i in new.items() if k not in old], changed, [i for k, i in old.items() if k not in new]


class AddressOf(Reference):
    """An IPv4 address, or a resource by its name, whose `attribute` is one."""

    __slots__ = ("attribute",)

    def __init__(self, kind: str, attribute: str) -> None:
        super().__init__(kind, prefixes=())
        self.attribute = attribute

    @property
    def says(self) -> str:
        kind = self.kinds[0]
        return f"an IPv4 address, or the name of {'an' if kind[0] in 'aeiou' else 'a'} {kind} of this stack"

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}

    def parse(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise self.mistake(value)
        try:
            return IpAddress().parse(value)
        except Mistake:
            return NamedRef(value, self.kinds, attribute=self.attribute)
