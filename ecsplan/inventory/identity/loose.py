"""Parts that carry the marks of a machine that lives, and do not hang on it. Used by parts.py; pure.

One that is older than the machine outlived an earlier one, and is put back where its name says. One that was made with
it was detached by hand: which slot it was is asked where its name does not tell, or several machines share the mark.
One that is younger was made of a copy of the marks. What the service makes with a machine and leaves unmarked is asked
about where its name, its time and the record of the machine say that it was in a slot.
"""

from collections.abc import Iterator

from ecsplan.inventory.identity.born import born, born_together
from ecsplan.inventory.identity.seating import Seating
from ecsplan.inventory.identity.seats import Seats
from ecsplan.model.identity import Question, named
from ecsplan.model.resource import Listed
from ecsplan.model.slots import Slots


def seat_loose(seating: Seating, spec: Slots) -> None:
    """Of one sort of part. What is asked about, or left alone, is not taken for one whose machine is gone."""
    spare = [part for seats in seating.result.seats if seats.spec == spec for part in seats.spare]
    for part in (*seating.parts(spec), *spare):
        owner = part.owner
        if owner is None or owner.part is not None or owner.stack != seating.stack.name:
            continue
        meant = [seats for seats in seating.result.seats if seats.spec == spec and seats.carrier.is_meant(owner)]
        is_here = any(seats.hangs_here(part) for seats in meant) and part not in spare
        if owner.address.kind == part.kind or not meant or is_here:
            continue
        is_free = not part.raw.get("InstanceId")
        # Only what hangs nowhere can be put anywhere: what hangs on another machine is in use there.
        if is_free and (_put_back(part, meant) or _put_where_it_went(seating, part, meant)):
            seating.seen.add(part.id)
            continue
        asked = list(_asked(seating, part, [seats for seats in meant if not seats.hangs_here(part)]))
        seating.result.questions += asked
        if is_free:
            seating.seen.add(part.id)
            found = seating.result.strays if asked else seating.result.suspicious
            found.append((owner.address, part))
    if not spec.is_marked:
        _ask_of_unmarked(seating, spec)


def _ask_of_unmarked(seating: Seating, spec: Slots) -> None:
    """Detached by hand before anything of ours was written to it: a second one must not be made in its slot."""
    for part in seating.parts(spec):
        if part.owner is not None or part.raw.get("InstanceId"):
            continue
        for seats in (one for one in seating.result.seats if one.spec == spec and not one.carrier.is_retired):
            slot = seats.named(part)
            if slot in seats.empty and born_together(part, seats.carrier.obj) and seating.was_applied(seats, slot):
                seating.result.questions.append(_question(seats, slot, part, "rename it"))


def _put_back(part: Listed, meant: list[Seats]) -> bool:
    """It outlived the machine that it was made with; an earlier run was to attach it to the new one."""
    goals = [seats for seats in meant if seats.named(part) in seats.empty and _is_older(part, seats)]
    return len(goals) == 1 and goals[0].put(goals[0].named(part), part)


def _is_older(part: Listed, seats: Seats) -> bool:
    own, machines = born(part), born(seats.carrier.obj)
    return own is not None and machines is not None and own < machines and not seats.spec.goes_along(part.raw)


def _asked(seating: Seating, part: Listed, meant: list[Seats]) -> Iterator[Question]:
    """Of the empty slots that it may be: those that are called so, else any that was made."""
    empty = [(seats, slot) for seats in meant for slot in seats.empty]
    called = [(seats, slot) for seats, slot in empty if seats.named(part) == slot]
    with_it = [(s, slot) for s, slot in empty if born_together(part, s.carrier.obj) and seating.was_applied(s, slot)]
    for seats, slot in called or with_it:
        yield _question(seats, slot, part)


def _put_where_it_went(seating: Seating, part: Listed, meant: list[Seats]) -> bool:
    """Its slot is on record, and the file has it no more."""
    goals = [
        seats
        for seats in meant
        for slot in (seats.named(part),)
        if not seats.carrier.is_retired and slot not in seats.wanted and slot not in seats.gone
        if born_together(part, seats.carrier.obj) and seating.was_applied(seats, slot, part)
    ]
    return len(goals) == 1 and goals[0].put(goals[0].named(part), part)


def _question(seats: Seats, slot: str, part: Listed, other: str = "remove its ecsplan: tags") -> Question:
    there = part.raw.get("InstanceId")
    where = f"hangs on {there}" if there else "hangs nowhere"
    return Question(
        seats.carrier.address,
        f"{seats.place(slot)} is not there, and {part.kind} {named(part)}, which {where}, may be it",
        f"attach it to {seats.carrier.obj.id} again, or {other} if it is another one",
        (part,),
        is_of_part=True,
    )
