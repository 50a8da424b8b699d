"""Values that two live objects cannot have at once: which a change gives up, which it takes, and whether they collide.

Used by replacement.py and order.py; pure. What collides is said by the type of the value: equal addresses, ranges that
overlap.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.model.capabilities.exclusivity import Exclusive, exclusivity
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import MapOf, Record, is_deferred
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.values import ValueType

GOING = (Action.DELETE, Action.REPLACE)
COMING = (Action.CREATE, Action.REPLACE)

_Key = tuple[Hashable, ...]


class Taken(Struct, frozen=True):
    """One value of a change: of which attribute, as the file spells it, and the keys by which others collide."""

    change: Change
    name: str
    value: Any
    claims: frozenset[_Key]
    reaches: frozenset[_Key]

    def collides(self, other: "Taken") -> bool:
        return not (self.claims.isdisjoint(other.reaches) and self.reaches.isdisjoint(other.claims))


class Index(Struct):
    """Values by what they claim and by what they reach: who collides is looked up, not tried one by one."""

    claims: dict[_Key, list[Taken]] = field(default_factory=dict)
    reaches: dict[_Key, list[Taken]] = field(default_factory=dict)

    def add(self, one: Taken) -> None:
        for key in one.claims:
            self.claims.setdefault(key, []).append(one)
        for key in one.reaches:
            self.reaches.setdefault(key, []).append(one)

    def colliding(self, one: Taken) -> list[Taken]:
        found = [other for key in sorted(one.reaches) for other in self.claims.get(key, ())]
        found += [other for key in sorted(one.claims) for other in self.reaches.get(key, ())]
        return list({id(other): other for other in found}.values())


def collisions(changes: Sequence[Change], kinds: Kinds) -> Iterator[tuple[Taken, Taken]]:
    """What one change takes and another gives up: `(taken, given up)`."""
    index = Index()
    for change in changes:
        for one in given_up(kinds[change.kind], change):
            index.add(one)
    for change in changes if index.claims else ():
        for one in taken(kinds[change.kind], change):
            for other in index.colliding(one):
                if other.change is not change:
                    yield one, other


def kept(kind: Kind, change: Change) -> list[Taken]:
    """The values of a replacement's new object that the old one has too, or that collide with one of its."""
    old = [one for attribute in exclusivity(kind).values for one in _before(kind, attribute, change)]
    new = [one for attribute in exclusivity(kind).values for one in _after(kind, attribute, change)]
    return [one for one in new if any(one.collides(other) for other in old)]


def given_up(kind: Kind, change: Change) -> Iterator[Taken]:
    """What its object has and will not have any more."""
    for attribute in exclusivity(kind).values:
        if change.action in GOING:
            yield from _before(kind, attribute, change)
        elif _outer(attribute) in change.attributes_by_name:
            new = list(_after(kind, attribute, change))
            yield from (one for one in _before(kind, attribute, change) if not any(map(one.collides, new)))


def taken(kind: Kind, change: Change) -> Iterator[Taken]:
    """What its object will have and does not have yet."""
    for attribute in exclusivity(kind).values:
        if change.action in COMING:
            yield from _after(kind, attribute, change)
        elif change.action is not Action.DELETE and _outer(attribute) in change.attributes_by_name:
            old = list(_before(kind, attribute, change))
            yield from (one for one in _after(kind, attribute, change) if not any(map(one.collides, old)))


def _outer(attribute: Exclusive) -> str:
    return attribute.name.partition("[]")[0]


def _before(kind: Kind, attribute: Exclusive, change: Change) -> Iterator[Taken]:
    if change.before is not None:
        yield from _values(kind, attribute, change, {**change.before.attributes, "name": change.before.name})


def _after(kind: Kind, attribute: Exclusive, change: Change) -> Iterator[Taken]:
    if change.after is not None:
        yield from _values(kind, attribute, change, {**change.after.attributes, "name": change.after.name})


def _values(kind: Kind, attribute: Exclusive, change: Change, values: Mapping[str, Any]) -> Iterator[Taken]:
    outer, in_each, member = attribute.name.partition("[].")
    of = kind.attribute(outer).type
    if not in_each:
        yield from _value(kind, attribute, change, outer, of, values)
    elif isinstance(of, MapOf) and isinstance(of.item, Record):
        for slot, record in values.get(outer) or ():
            inner = of.item.by_name[member].type
            yield from _value(kind, attribute, change, f"{outer}.{slot}.{member}", inner, dict(record))


def _value(
    kind: Kind, attribute: Exclusive, change: Change, name: str, of: ValueType, values: Mapping[str, Any]
) -> Iterator[Taken]:
    value = values.get(name.rpartition(".")[2])
    if value is None or is_deferred(value):
        return
    stock = (attribute.space or f"{kind.name}.{attribute.name}", str(values.get(attribute.within, "")))
    yield Taken(change, name, value, _keys(stock, of.claims(value)), _keys(stock, of.reaches(value)))


def _keys(stock: tuple[str, str], parts: Iterable[Hashable]) -> frozenset[_Key]:
    return frozenset((*stock, part) for part in parts)
