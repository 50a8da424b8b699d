"""The machines of a stack and their parts: what carries slots, and what the kinds read of it. Used by match.py."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.inventory.decode import bare
from ecsplan.inventory.identity.names import Names
from ecsplan.inventory.identity.outcome import Match
from ecsplan.inventory.identity.parts import seat_parts
from ecsplan.inventory.identity.seating import Parts, Seating
from ecsplan.inventory.identity.seats import Carrier, Seats
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, Value, mapped
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.copying import replace
from ecsplan.model.identity import NOTHING_KNOWN, Known
from ecsplan.model.kind import Kinds
from ecsplan.model.record_form import Naming
from ecsplan.model.resource import Listed, Resource
from ecsplan.model.slots import FOREIGN, SLOTS_OF
from ecsplan.model.stack import Stack


def seat(kinds: Kinds, names: Names, known: Known, result: Match, *, is_ours: bool = False) -> None:
    """Parts go to their slots, or become resources of their own. `is_ours`: the answers may be written to."""
    slot_kinds = {spec.kind for kind in kinds.values() for spec in slots_of(kind)}
    everything = (*result.orphans, *result.copies, *result.strangers, *result.retired, *result.matched.items())
    resources = {a: obj for a, obj in (*result.orphans, *result.matched.items()) if obj.kind in slot_kinds}
    seating = Seating(
        names.stack,
        known,
        kinds,
        result.objects,
        list(_carriers(kinds, names, result)),
        resources,
        {obj.id for _, obj in everything if obj.kind in slot_kinds},
        names.moved,
        {a: obj for a, obj in result.orphans if obj.kind in slot_kinds and not names.stack.releases(a)},
        [r for a, r in names.declared.items() if a.kind in slot_kinds and result.is_open(a) and not r.adopt],
        Naming({obj.id: Ref(address) for address, obj in result.matched.items()}),
    )
    # Machines have their addresses by now, so a reference in a record can be compared with the id that it stood for.
    parts = seat_parts(seating, lambda value: _resolved(value, result.matched))
    _take_parts(parts, result)
    _write_slots(parts.seats, result, is_ours=is_ours)


def _carriers(kinds: Kinds, names: Names, result: Match) -> Iterator[Carrier]:
    for address, obj in result.matched.items():
        if slots_of(kinds[obj.kind]):
            before = result.moved_from.get(address)
            was = before if isinstance(before, Address) else address
            yield Carrier(obj, address, was, kinds[obj.kind], names.declared[address], is_adopted=obj.owner is None)
    for address, obj in result.orphans:
        if slots_of(kinds[obj.kind]):
            yield Carrier(obj, address, address, kinds[obj.kind])
    for address, obj in result.retired:
        if slots_of(kinds[obj.kind]):
            yield Carrier(obj, address, address, kinds[obj.kind], is_retired=True)


def _resolved(value: Value, matched: Mapping[Address, Listed]) -> Value:
    def live(leaf: Value) -> Value:
        is_id = isinstance(leaf, Ref) and leaf.attribute == "id" and leaf.address in matched
        return matched[leaf.address].id if isinstance(leaf, Ref) and is_id else leaf

    return mapped(value, live)


def _take_parts(parts: Parts, result: Match) -> None:
    result.seats, result.placed = parts.seats, parts.placed
    result.suspicious, result.released = parts.suspicious, parts.released
    result.copies += parts.copies
    result.strangers += parts.strays
    for question in parts.questions:
        result.ask(question)
    for address, (obj, place) in parts.blocks.items():
        if result.is_open(address):
            result.matched[address], result.moved_from[address] = obj, place
    result.orphans = [pair for pair in result.orphans if pair[0] not in parts.taken or pair[1].kind != pair[0].kind]


def _write_slots(seats: Iterable[Seats], result: Match, *, is_ours: bool) -> None:
    """Each machine with its slots by id, and with the parts that hang elsewhere so far."""
    of: dict[str, list[Seats]] = {}
    for one in seats:
        of.setdefault(one.carrier.obj.id, []).append(one)
    changed: dict[str, Listed] = {}
    for id_, found in of.items():
        obj = found[0].carrier.obj
        raw, more = obj.raw, _of_parts(obj, found)
        if is_ours and isinstance(raw, dict):
            raw |= more
        else:
            changed[id_] = replace(obj, _answer={**raw, **more})
    if not changed:
        return
    result.objects = tuple(changed.get(obj.id, obj) for obj in result.objects)
    result.matched = {address: changed.get(obj.id, obj) for address, obj in result.matched.items()}
    for pairs in (result.orphans, result.retired):
        pairs[:] = [(address, changed.get(obj.id, obj)) for address, obj in pairs]


def _of_parts(obj: Listed, seats: Sequence[Seats]) -> dict[str, Any]:
    """The additions to the answer of a machine: its slots, what else hangs on it, and the parts that hang elsewhere."""
    slots: dict[str, Mapping[str, str]] = {}
    foreign: list[str] = []
    found: dict[str, Any] = {SLOTS_OF: slots}
    for one in seats:
        parts = {**one.taken, **one.gone} if one.gone else one.taken
        slots[one.spec.attribute] = {slot: part.id for slot, part in parts.items()} if parts else _EMPTY
        foreign += (part.id for part in one.foreign)
        far = [part.raw for part in parts.values() if not one.hangs_here(part)]
        if far:
            found[one.spec.into] = [*obj.raw.get(one.spec.into, ()), *far]
    found[FOREIGN] = tuple(foreign)
    return found


_EMPTY: Mapping[str, str] = {}


def with_slots(kinds: Kinds, resource: Resource, stack: str, raw: Raw) -> Raw:
    """A machine that a run has just made, with its slots: what was born with it has the names that the run gave."""
    kind = kinds[resource.address.kind]
    parts = [bare(kinds[spec.kind], part) for spec in slots_of(kind) for part in raw.get(spec.into) or ()]
    found = Match((bare(kind, raw), *parts), {resource.address: bare(kind, raw)})
    seat(kinds, Names(Stack(stack, "", (resource,))), NOTHING_KNOWN, found)
    return found.matched[resource.address].raw
