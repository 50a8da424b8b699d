"""Slots that go and slots that come, and blocks beside them: what is one disk under another name. Pure.

Where a machine loses one slot and gets one that its disk could be, the disk becomes that; where there are several ways,
the file has to say (`moved`). So it is between a slot and a resource of its own that looks the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from ecsplan.inventory.identity.born import birth_text
from ecsplan.inventory.identity.seats import Carrier, Seats
from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.identity import Question
from ecsplan.model.resource import Listed, Resource
from ecsplan.model.slots import left_slot

_From = TypeVar("_From")
_To = TypeVar("_To")


class Became(Struct, frozen=True):
    """What takes which slot, and where it was."""

    seats: Seats
    slot: str
    part: Listed
    was: Part | Address | None


def pair_up(
    old: Sequence[_From], new: Sequence[_To], could_be: Callable[[_From, _To], bool]
) -> tuple[list[tuple[_From, _To]], list[tuple[_To, list[_From]]]]:
    """Those that can only be each other, and the new ones of which several old ones could be one."""
    pairs: list[tuple[_From, _To]] = []
    open_old, open_new = list(old), list(new)
    # One certain pair may make the next one certain. A pair is certain if neither side could be anything else: with two
    # ways for either, which data ends up where would depend on the order of names.
    while True:
        ways = [(n, [o for o in open_old if could_be(o, n)]) for n in open_new]
        sure = next(((n, found[0]) for n, found in ways if len(found) == 1 and _only(found[0], ways)), None)
        if sure is None:
            return pairs, [(n, found) for n, found in ways if found]
        pairs.append((sure[1], sure[0]))
        open_old.remove(sure[1])
        open_new.remove(sure[0])


def _only(old: object, ways: Iterable[tuple[Any, list[Any]]]) -> bool:
    return sum(old in found for _, found in ways) == 1


def kept_slots(seats: Seats, resolved: Callable[[object], object]) -> list[Became]:
    """Parts that were to leave their slots for others, and are what the file wants there now.

    One that was made for the slot since has to leave in its place, unless it is plugged in already.
    """
    found: list[Became] = []
    for slot, old in sorted(seats.gone.items()):
        left = left_slot(slot)
        if left not in seats.wanted or any(one.slot == left for one in found):
            continue
        if not seats.spec.fits(old.raw, _resolved(seats.wanted[left], resolved)):
            continue
        new = seats.taken.get(left)
        # Both could be the slot. The one that is plugged in is in use; of two that are not, the older has the data.
        if new is not None and not _comes_first(seats, old, new):
            continue
        del seats.gone[slot]
        if new is not None:
            del seats.taken[left]
            found.append(Became(seats, slot, new, None))
        found.append(Became(seats, left, old, None))
    return found


def _comes_first(seats: Seats, old: Listed, new: Listed) -> bool:
    if seats.hangs_here(old) or seats.hangs_here(new):
        return not seats.hangs_here(new)
    return (birth_text(old), old.id) < (birth_text(new), new.id)


def renamed_slots(seats: Seats, resolved: Callable[[object], object]) -> tuple[list[Became], list[Question]]:
    """Slots of one machine."""

    def could_be(old: str, new: str) -> bool:
        return seats.spec.fits(seats.gone[old].raw, _resolved(seats.wanted[new], resolved))

    pairs, unsure = pair_up(_going(seats), seats.empty, could_be)
    became = [Became(seats, new, seats.gone[old], seats.place(old)) for old, new in pairs]
    return became, [_which(seats, new, [seats.place(old) for old in found]) for new, found in unsure]


def blocks_to_slots(
    seats: Seats, leaving: Mapping[Address, Listed], resolved: Callable[[object], object]
) -> tuple[list[Became], list[Question]]:
    """Resources of their own that the file has no more, and that hang on the machine."""
    here = [a for a, obj in leaving.items() if obj.kind == seats.spec.kind and seats.hangs_here(obj)]

    def could_be(old: Address, new: str) -> bool:
        wanted = _resolved(seats.wanted[new], resolved)
        return seats.spec.alike(leaving[old].raw, wanted) and seats.spec.fits(leaving[old].raw, wanted)

    pairs, unsure = pair_up(here, seats.empty, could_be)
    became = [Became(seats, new, leaving[old], old) for old, new in pairs]
    return became, [_which(seats, new, found) for new, found in unsure]


def slots_to_blocks(
    seats: Seats, coming: Sequence[Resource], resolved: Callable[[object], object]
) -> tuple[list[tuple[str, Address]], list[Question]]:
    """New resources of their own that are to hang on the machine."""
    here = [r for r in coming if r.address.kind == seats.spec.kind and _holds(r, seats.spec.holder, seats.carrier)]
    by_address = {resource.address: resource for resource in here}

    def could_be(old: str, new: Address) -> bool:
        wanted = _resolved(dict(by_address[new].attributes), resolved)
        part = seats.gone[old].raw
        return seats.spec.alike(part, wanted) and seats.spec.fits(part, wanted)

    pairs, unsure = pair_up(_going(seats), list(by_address), could_be)
    questions = [
        Question(new, *_asked(new, [seats.place(old) for old in found]), tuple(seats.gone[old] for old in found))
        for new, found in unsure
    ]
    return pairs, questions


def _going(seats: Seats) -> list[str]:
    """The slots that go with what is in them; not those that only their parts leave."""
    return [slot for slot in sorted(seats.gone) if left_slot(slot) not in seats.wanted]


def _holds(resource: Resource, attribute: str, carrier: Carrier) -> bool:
    value = resource.attributes.get(attribute)
    return (isinstance(value, Ref) and value.address == carrier.address) or value == carrier.obj.id


def _which(seats: Seats, slot: str, old: Sequence[Part | Address]) -> Question:
    parts = tuple(seats.gone[one.slot] for one in old if isinstance(one, Part) and one.slot in seats.gone)
    return Question(seats.carrier.address, *_asked(seats.place(slot), old), parts)


def _asked(new: Part | Address, old: Sequence[Part | Address]) -> tuple[str, str]:
    could = " or ".join(map(str, old))
    return (
        f"{new} is new, and could be what was {could}",
        f"say which with moved: [{{from: {old[0]}, to: {new}}}], or take the old ones away in an apply of its own",
    )


def _resolved(wanted: Mapping[str, Any], resolved: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: resolved(value) for name, value in wanted.items()}
