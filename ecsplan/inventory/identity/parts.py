"""Which disk or interface is which slot of which machine, which is a resource of its own, and which is foreign. Pure.

A part is in a slot when a mark of its own kind says so; when it was born with the machine (its marks, its time) and has
the slot's name, or is what is left for the one slot that is left; when the machine is adopted in this very plan and it
fits; or when the file says so (`moved`). Whatever else hangs on the machine is foreign: shown at most, never touched.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ecsplan.inventory.identity.born import born_together, oldest
from ecsplan.inventory.identity.loose import seat_loose
from ecsplan.inventory.identity.rearranged import Became, blocks_to_slots, kept_slots, renamed_slots, slots_to_blocks
from ecsplan.inventory.identity.seating import Parts, Seating
from ecsplan.inventory.identity.seats import Carrier, Seats
from ecsplan.model.address import Address, Part
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.copying import replace
from ecsplan.model.identity import Known, Question, named
from ecsplan.model.marks import user_tags
from ecsplan.model.resource import Listed
from ecsplan.model.slots import Slots


def seat_parts(seating: Seating, resolved: Callable[[Any], Any]) -> Parts:
    """`resolved` turns the references of a declaration into ids, as far as what they name is live."""
    # Sure ways before weaker ones, each over all machines before the next begins: whatever has a seat cannot be taken
    # by a guess, whichever machine is looked at first. A mark of its own, then what the file says, then birth; what is
    # left for the one empty slot only after every part that could say so has been seated; loose parts after slots have
    # been renamed, as an empty slot may be filled by that; and what is foreign is told at the end, by what is left.
    specs = {spec.attribute: spec for kind in seating.kinds.values() for spec in slots_of(kind)}
    for spec in specs.values():
        _seat_marked(seating, spec)
        _seat_blocks(seating, spec)
        _seat_born(seating, spec)
    for seats in seating.result.seats:
        _seat_left_over(seating, seats)
        _seat_adopted(seating, seats)
    for seats in seating.result.seats:
        _rearrange(seating, seats, resolved)
        _hand_on(seating, seats)
    for spec in specs.values():
        seat_loose(seating, spec)
    for seats in seating.result.seats:
        _let_go(seating, seats)
        _mark_anew(seating, seats)
        _conclude(seating, seats)
    return seating.result


def _seat_marked(seating: Seating, spec: Slots) -> None:
    """By a mark of its own kind. Of two in one slot, the one that a journal knows, else the one that hangs there, else
    the older; the other is a copy."""
    found: dict[Part, list[tuple[Listed, Part]]] = {}
    for part in seating.parts(spec):
        place = _marked_place(seating, part, spec)
        if place is None:
            continue
        carrier = seating.home(part, place.owner)
        if carrier is None:
            seating.result.homeless.append((place.owner, part))
            seating.seen.add(part.id)
            continue
        found.setdefault(Part(carrier.address, place.attribute, place.slot), []).append((part, place))
    for place, claims in found.items():
        carrier = seating.by_address[place.owner]
        best = _first([part for part, _ in claims], carrier, place, seating.known)
        was = next(mark for part, mark in claims if part is best)
        for copy in (part for part, _ in claims if part is not best):
            seating.result.copies.append((place.owner, copy))
            seating.seen.add(copy.id)
        is_stale = not carrier.is_called(was.owner) or carrier.address != carrier.was
        seating.put(best, place, was if is_stale and was.owner != carrier.address else None)


def _marked_place(seating: Seating, part: Listed, spec: Slots) -> Part | None:
    owner = part.owner
    if owner is None or owner.stack != seating.stack.name or owner.part is None:
        return None
    return owner.part if owner.part.attribute == spec.attribute else None


def _first(parts: Sequence[Listed], carrier: Carrier, place: Part, known: Known) -> Listed:
    sure = [part for part in parts if known.ids.get(part.id) == place]
    if len(sure) == 1:
        return sure[0]
    here = [part for part in parts if part.raw.get("InstanceId") == carrier.obj.id]
    return min(oldest(here or parts), key=lambda part: part.id)


def _seat_blocks(seating: Seating, spec: Slots) -> None:
    """Resources of their own that the file makes slots."""
    for before, after in seating.moves.items():
        obj = seating.resources.get(before) if isinstance(before, Address) and before.kind == spec.kind else None
        if obj is not None and isinstance(before, Address) and isinstance(after, Part):
            seats = seating.goal(after)
            if seats is not None and seats.put(after.slot, obj):
                seating.result.taken.add(before)
                seating.mark(seats, after.slot, obj, before)


def _seat_born(seating: Seating, spec: Slots) -> None:
    """Those that hang on a machine, or may be put back, and that the call which made it made too."""
    # Those that hang there first: a detached part must not get the slot of one that is plugged in.
    for part in sorted(seating.parts(spec), key=lambda one: (seating.here(one) is None, one.id)):
        carrier = _born_with(seating, part, spec)
        if carrier is None:
            continue
        seats = seating.seats[carrier.obj.id, spec.attribute]
        slot = seats.named(part)
        place = seats.place(slot)
        if seating.moved(place) is not None:
            seating.put(part, place, None)
        elif slot in seats.wanted and seats.put(slot, part):
            seating.seen.add(part.id)
        elif seats.hangs_here(part):
            seats.spare = (*seats.spare, part)
        elif seating.was_applied(seats, slot, part) and seats.put(slot, part):
            seating.seen.add(part.id)  # the slot is in the file no more, and somebody has put the part elsewhere


def _born_with(seating: Seating, part: Listed, spec: Slots) -> Carrier | None:
    owner, here = part.owner, seating.here(part)
    if owner is not None and (owner.stack != seating.stack.name or owner.part is not None):
        return None
    if not spec.is_marked:
        return here if here is not None and _is_plainly_born(seating, part, here, spec) else None
    if owner is None:
        return None
    carrier = here or (seating.by_address.get(owner.address) if owner.span is None else None)
    if carrier is None or owner.address.kind != carrier.address.kind or not born_together(part, carrier.obj):
        return None
    return carrier


def _is_plainly_born(seating: Seating, part: Listed, here: Carrier, spec: Slots) -> bool:
    """Where the call that makes both marks the machine alone. A rule of the Tag service may copy its marks later.

    What a plug-in attaches soon after has tags of its own: with tags, it has to be called as a slot that was applied.
    """
    if not (spec.goes_along(part.raw) and born_together(part, here.obj)):
        return False
    if part.owner is not None and not here.is_meant(part.owner):
        return False
    seats = seating.seats[here.obj.id, spec.attribute]
    slot = seats.named(part)
    return not user_tags(part.tags) or (slot in seats.wanted and seating.was_applied(seats, slot))


def _seat_left_over(seating: Seating, seats: Seats) -> None:
    """The one that was born with the machine and is in no slot, for the one slot that was made and has none.

    What goes with its machine goes with all that was born with it; without marks, only what is on the record.
    """
    if seats.spare:
        _take_spare(seating, seats)
    seating.seen |= {part.id for part in seats.inside}


def _take_spare(seating: Seating, seats: Seats) -> None:
    # Elimination needs both sides to be one: two empty slots, or two parts without a slot, and any pairing is a guess
    # between data. What is on the record under its own name is not left over.
    empty = list(_was_applied_empty(seating, seats))
    spare = [part for part in seats.spare if not seating.was_applied(seats, seats.named(part), part)]
    if len(empty) == len(spare) == 1:
        seats.put(empty[0], spare[0])
        seats.spare = seats.without_spare(spare[0])
    for part in seats.spare:
        slot = seats.named(part)
        is_known = _is_all_its_own(seats) or seating.was_applied(seats, slot, part)
        if is_known and (seats.put(slot, part) or (_is_all_its_own(seats) and seats.put(part.id, part))):
            seats.spare = seats.without_spare(part)
    if not (seats.spec.is_marked or seats.carrier.obj.applied is None or any(_was_applied_empty(seating, seats))):
        seats.spare = ()  # attached by somebody in the first minutes of the machine: foreign


def _was_applied_empty(seating: Seating, seats: Seats) -> Iterator[str]:
    return (slot for slot in seats.empty if seating.was_applied(seats, slot))


def _is_all_its_own(seats: Seats) -> bool:
    """Whether what was born with a machine that goes is a part of it, whatever its slot was.

    Its marks say so. Parts that the service does not mark could be what somebody attached in its first minutes.
    """
    carrier = seats.carrier
    return carrier.resource is None and (seats.spec.is_marked or carrier.obj.applied is None)


def _seat_adopted(seating: Seating, seats: Seats) -> None:
    """On a machine that is adopted now, and on one that an earlier version adopted without marking its disks."""
    carrier = seats.carrier
    if not (carrier.is_adopted or carrier.is_of_an_earlier_version):
        return
    hanging = seating.hanging.get((seats.spec.kind, carrier.obj.id), ())
    left = [part for part in hanging if part.owner is None and part.id not in seating.seen]
    left.sort(key=lambda part: (str(part.raw.get("Device", "")), part.id))
    if not carrier.is_adopted:
        left = [part for part in left if not user_tags(part.tags)]
    # All slots by name, before any slot by what is left: the one disk that is left must not go to a slot whose own disk
    # has merely not been looked at yet.
    for fits in (_is_named, _is_only if carrier.is_adopted else _is_alike, _is_alike):
        for slot in seats.empty:
            if not carrier.is_adopted and not seating.was_applied(seats, slot):
                continue
            part = next((p for p in left if fits(seats, slot, p, left)), None)
            if part is not None and seats.put(slot, part):
                left.remove(part)
                seating.seen.add(part.id)
                seating.mark(seats, slot, part)


def _is_named(seats: Seats, slot: str, part: Listed, left: Sequence[Listed]) -> bool:
    return part.name in (seats.wanted[slot].get("name", slot), slot)


def _is_only(seats: Seats, slot: str, part: Listed, left: Sequence[Listed]) -> bool:
    return len(left) == 1


def _is_alike(seats: Seats, slot: str, part: Listed, left: Sequence[Listed]) -> bool:
    return seats.spec.alike(part.raw, seats.wanted[slot])


def _rearrange(seating: Seating, seats: Seats, resolved: Callable[[object], object]) -> None:
    """Slots and blocks that go and come in the same file."""
    if seats.carrier.resource is None or not (seats.gone or seats.empty):
        return
    # A slot that is back in the file first, then blocks, then renames within the machine: what the file names as a
    # resource of its own must not be taken for another slot that looks the same.
    _become(seating, kept_slots(seats, resolved))
    coming = [resource for resource in seating.coming if resource.address not in seating.result.blocks]
    blocks, unsure = slots_to_blocks(seats, coming, resolved)
    for slot, address in blocks:
        seating.result.blocks[address] = (seats.gone.pop(slot), seats.place(slot))
    leaving = {a: obj for a, obj in seating.leaving.items() if a not in seating.result.taken}
    found, more = blocks_to_slots(seats, leaving, resolved)
    seating.result.taken |= {one.was for one in found if isinstance(one.was, Address)}
    _become(seating, found)
    renamed, most = renamed_slots(seats, resolved)
    for one in renamed:
        assert isinstance(one.was, Part)
        del seats.gone[one.was.slot]
    _become(seating, renamed)
    seating.result.questions += [*unsure, *more, *most]


def _become(seating: Seating, found: Iterable[Became]) -> None:
    for one in found:
        one.seats.put(one.slot, one.part)
        seating.mark(one.seats, one.slot, one.part, one.was)


def _let_go(seating: Seating, seats: Seats) -> None:
    for slot in tuple(seats.gone):
        places = (seats.place(slot), replace(seats.place(slot), owner=seats.carrier.was))
        if any(place in seating.stack.released for place in places):
            seating.result.released.append((seats.place(slot), seats.gone.pop(slot)))


def _mark_anew(seating: Seating, seats: Seats) -> None:
    """What is adopted with its machine, moved with it, or was left behind by a move that was cut off."""
    carrier = seats.carrier
    for slot, part in seats.taken.items():
        owner = part.owner
        if owner is None:
            is_new = carrier.is_adopted
        elif owner.part is None and owner.is_part_of(part.kind):
            is_new = carrier.is_adopted or not carrier.is_meant(owner)
        else:
            continue
        if is_new:
            seating.mark(seats, slot, part, owner.address if owner is not None else None)


def _hand_on(seating: Seating, seats: Seats) -> None:
    """What outlives a retired machine goes to the one that has taken its place."""
    carrier = seats.carrier
    if not carrier.is_retired:
        return
    heir = seating.by_address.get(carrier.address)
    if heir is None or heir is carrier:
        return
    goal = seating.seats[heir.obj.id, seats.spec.attribute]
    for slot, part in tuple(seats.gone.items()):
        if slot in goal.wanted and not seats.spec.goes_along(part.raw) and goal.put(slot, part):
            del seats.gone[slot]


def _conclude(seating: Seating, seats: Seats) -> None:
    """What is left is foreign. A slot whose part hangs elsewhere, or may be one that hangs nowhere, is a question."""
    carrier, spec = seats.carrier, seats.spec
    hanging = seating.hanging.get((spec.kind, carrier.obj.id), ())
    if not hanging and seats.is_bare:
        return
    inside = {part.id for part in seats.inside}
    seats.foreign = tuple(part for part in hanging if part.id not in inside)
    seating.result.suspicious += [
        (carrier.address, part)
        for part in seats.foreign
        if part.owner is not None and part.owner.stack == seating.stack.name and part.owner.address.kind != part.kind
    ]
    # A detached disk in a slot is known by its mark alone, and marks are copied: to attach it is to trust that. Neither
    # journal nor name agreeing makes it doubtful, which asks for a confirmation.
    for slot, part in seats.taken.items():
        if not part.raw.get("InstanceId") and part.id not in seating.known.ids and seats.named(part) != slot:
            seats.doubtful |= {slot}
    for slot, part in (*seats.taken.items(), *seats.gone.items()):
        there = str(part.raw.get("InstanceId") or carrier.obj.id)
        other = seating.by_id.get(there)
        if there != carrier.obj.id and not (other is not None and other.is_retired):
            seating.result.questions.append(_elsewhere(seats, slot, part))
    if empty := seats.empty:
        seats.twins = {slot: twins for slot in empty if (twins := list(_twins(seating, seats, slot)))}


def _twins(seating: Seating, seats: Seats, slot: str) -> Iterator[Listed]:
    """What hangs there without marks that would be the slot's part with them: it is called so, known so, born there, or
    has no tags and is what the slot would be made as."""
    for part in seats.foreign:
        owner = part.owner
        if owner is not None and (owner.stack != seating.stack.name or owner.part is not None):
            continue
        is_called = part.name == seats.wanted[slot].get("name", slot)
        is_known = seating.known.ids.get(part.id) in (
            seats.place(slot),
            replace(seats.place(slot), owner=seats.carrier.was),
        )
        is_born = seats.spec.goes_along(part.raw) and born_together(part, seats.carrier.obj)
        is_plain = not user_tags(part.tags) and seats.spec.alike(part.raw, seats.wanted[slot])  # released, perhaps
        if is_called or is_known or is_plain or (is_born and seating.was_applied(seats, slot)):
            yield part
    for part in seats.spare:  # born with it too, and there are several that it could be
        if seating.was_applied(seats, slot) and seats.spec.alike(part.raw, seats.wanted[slot]):
            yield part


def _elsewhere(seats: Seats, slot: str, part: Listed) -> Question:
    place, there = seats.place(slot), part.raw.get("InstanceId")
    return Question(
        seats.carrier.address,
        f"{place} is {named(part)}, which hangs on {there}: somebody has put it there",
        f"attach it to {seats.carrier.obj.id} again, or take the slot out of the file and write released: [{place}]",
        (part,),
    )
