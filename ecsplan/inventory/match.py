"""Which live object is which address of a stack, by the one rule of inventory/identity: marks, and what agrees.

Called by the engine between the lists and the details. What fits nothing is an orphan (ours, no longer declared), a
stranger (an unknown member of a group), a copy (it carries the marks of another object) or unmanaged.
"""

from collections.abc import Collection, Iterable, Mapping

from ecsplan.inventory.identity.adoption import adopt
from ecsplan.inventory.identity.born import born
from ecsplan.inventory.identity.claims import Claim, Claims, claims_of
from ecsplan.inventory.identity.contest import settle
from ecsplan.inventory.identity.machines import seat
from ecsplan.inventory.identity.names import Names
from ecsplan.inventory.identity.outcome import Match
from ecsplan.inventory.identity.theirs import leave, set_apart
from ecsplan.inventory.identity.unknown import number_members, tell_unknown
from ecsplan.inventory.listed import Lists, objects_of
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw, fields
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.identity import NOTHING_KNOWN, Evidence, Known
from ecsplan.model.kind import Kinds
from ecsplan.model.marks import SNAPSHOTS
from ecsplan.model.resource import Listed, Resource
from ecsplan.model.slots import SLOT_OF
from ecsplan.model.stack import Stack

__all__ = ["Match", "match"]


def match(
    raws: Mapping[str, Iterable[Raw]],
    kinds: Kinds,
    stack: Stack,
    known: Known = NOTHING_KNOWN,
    again: Collection[str] = (),
    *,
    is_last: bool = False,
) -> Match:
    """`known` is what the journals of this folder say; `again` are ids of retired objects that the file wants again.
    `is_last`: nobody reads these lists afterwards, so that what hangs on a machine is written into its answer itself.

    Raises Rejected where two resources adopt one object.
    """
    result = Match(objects_of(raws, kinds))
    names = Names(stack)
    whole, parts = _ours(result.objects, stack)
    # The order matters: each step gives away only what the surer ones before it have left. What another service keeps
    # by now is taken out first, so that no address is matched to a machine that Auto Scaling may delete.
    whole, theirs = set_apart(whole, kinds)
    claims = claims_of(whole, names, known)
    _settle(claims, names, result, again)
    _take_first_members(names, result)
    # Only now is it known which numbers of a group are free: what nothing tells is asked for, or numbered.
    tell_unknown(claims, names, result)
    number_members(claims, names, result)
    # After all marks have spoken: an id in the file must not take the address of an object that is ours already.
    adopt(stack, kinds, known, result)
    leave(claims_of(theirs, names, known), names, kinds, result)
    # Before parts are seated: two machines at one address would each claim the same disks.
    if result.problems:
        raise Rejected(result.problems)
    seat(kinds, names, known, result, is_ours=is_last and isinstance(raws, Lists) and not raws.is_shared)
    _place_the_rest(parts, kinds, names, known, result)
    return result


def _ours(objects: Iterable[Listed], stack: Stack) -> tuple[list[Listed], list[Listed]]:
    """What carries the stack's marks: resources, and parts of resources."""
    whole: list[Listed] = []
    parts: list[Listed] = []
    for obj in objects:
        if obj.owner is not None and obj.owner.stack == stack.name:
            (parts if obj.owner.is_part_of(obj.kind) else whole).append(obj)
    return whole, parts


def _settle(claims: Claims, names: Names, result: Match, again: Collection[str]) -> None:
    """Each address gets the object that it is. A retired one is that again where no successor is live, or where the
    file wants it again: then the two change places.
    """
    live: dict[Address, list[Claim]] = {}
    retired: dict[Address, list[Claim]] = {}
    for claim in claims.found:
        (retired if claim.obj.retired else live).setdefault(claim.address, []).append(claim)
    for address, found in live.items():
        wanted = names.declared[address].adopt if address in names.declared else None
        # An id that the file names settles it: that is how a person answers the question which of two is the right one.
        verdict = settle([claim for claim in found if claim.obj.id == wanted] or found)
        if verdict.question is not None:
            result.ask(verdict.question)
        elif verdict.winner is not None:
            _take(verdict.winner, names, result)
            result.copies += [(address, claim.obj) for claim in found if claim is not verdict.winner]
    for address, found in retired.items():
        found.sort(key=lambda claim: (claim.obj.id in again, born(claim.obj) or 0.0, claim.obj.id))
        # Of several retired ones the newest is the last that served; without a live successor it still does, and
        # deleting it would leave nothing.
        if address not in live or (found[-1].obj.id in again and _gives_way(address, result)):
            _take(found.pop(), names, result)
        result.retired += [(address, claim.obj) for claim in found]
        result.evidence |= {claim.obj.id: claim.evidence for claim in found}


def _gives_way(address: Address, result: Match) -> bool:
    """What took the place of an object that is wanted again: it goes in its stead."""
    if address not in result.matched or address in result.moved_from:
        return False
    result.retired.append((address, result.matched.pop(address)))
    return True


def _take(claim: Claim, names: Names, result: Match) -> None:
    if claim.address in names.declared:
        result.take(claim)
    else:
        result.orphans.append((claim.address, claim.obj))
        result.evidence[claim.obj.id] = claim.evidence


def _take_first_members(names: Names, result: Match) -> None:
    """A single thing that became a group is its first member, and the other way round, where the file says no more."""
    for origin, obj in tuple(result.orphans):
        if origin.key not in (None, 0):
            continue
        goal = Address(origin.kind, origin.name, 0) if origin.key is None else origin.group
        if goal not in names.declared or not result.is_open(goal) or names.declared[goal].adopt:
            continue
        # `moved` in the file is exact; the guess that web is web[0] must not stand against it.
        if not names.is_moved(goal) and not names.is_moved(origin):
            result.orphans.remove((origin, obj))
            result.matched[goal], result.moved_from[goal] = obj, origin


def _place_the_rest(parts: Iterable[Listed], kinds: Kinds, names: Names, known: Known, result: Match) -> None:
    """Parts whose machine is gone: they wait for the one that is declared, or are left over."""
    live = {obj.id for obj in result.objects}
    left_alone = (*result.suspicious, *result.strangers, *result.copies, *result.released)
    done = {obj.id for _, obj in (*left_alone, *result.matched.items())}
    for seats in result.seats:
        evidence = result.evidence.get(seats.carrier.obj.id, Evidence.TAGS)
        for part in seats.inside:
            done.add(part.id)
            # A part is as certain as the machine it hangs on, at best: a wrong machine would take its disks along.
            result.evidence[part.id] = min(evidence, result.evidence.get(part.id, Evidence.TAGS))
            outlives = kinds[part.kind].listing.outlives
            if outlives is not None and outlives(part.raw):
                result.kept.append((seats.carrier.address, part))
    hangs_nowhere = _Hanging(kinds)
    for part in parts:
        owner = part.owner
        if owner is None or part.id in done:
            continue
        address = names.moved(owner.address)
        if owner.part is not None and owner.part.attribute == SNAPSHOTS:
            if owner.part.slot not in live:
                result.orphans.append((address, part))
        elif hangs_nowhere(part):
            waits = address in names.declared and result.is_open(address)
            slot = _slot_of(part, names.declared.get(address), kinds)
            told = part.name == slot or part.id in known.ids
            result.evidence[part.id] = Evidence.NAMED if told else Evidence.TAGS
            found = replace(part, _answer={**part.raw, SLOT_OF: slot}) if slot else part
            (result.loose if waits else result.orphans).append((address, found))


def _slot_of(part: Listed, resource: Resource | None, kinds: Kinds) -> str:
    """The slot that a part had, by its mark, or by its name among the declared ones; empty where nothing tells."""
    if part.owner is not None and part.owner.part is not None:
        return part.owner.part.slot
    for spec in slots_of(kinds[resource.address.kind]) if resource is not None else ():
        for slot, record in fields(resource.attributes.get(spec.attribute)).items() if resource is not None else ():
            if spec.kind == part.kind and part.name in (fields(record).get("name", slot), slot):
                return str(slot)
    return ""


class _Hanging:
    """Whether a part hangs nowhere and could be put back: a system disk is no part that comes and goes."""

    def __init__(self, kinds: Kinds) -> None:
        self.places = {name: kind.listing.parent for name, kind in kinds.items()}
        self.specs = [spec for kind in kinds.values() for spec in slots_of(kind)]

    def __call__(self, part: Listed) -> bool:
        place = self.places[part.kind]
        if not place or part.raw.get(place):
            return False
        return all(spec.may_be(part.raw) for spec in self.specs if spec.kind == part.kind)
