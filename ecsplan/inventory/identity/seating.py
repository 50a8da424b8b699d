"""The state while the parts of machines are assigned to slots, and the outcome. Used by parts.py; pure."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field

from ecsplan.inventory.identity.seats import Carrier, Seats, slots_in
from ecsplan.model.address import Address, Part
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.copying import replace
from ecsplan.model.identity import Known, Placed, Question
from ecsplan.model.kind import Kinds
from ecsplan.model.once import once
from ecsplan.model.ownership import slot_was_applied
from ecsplan.model.record_form import NO_NAMES, Naming
from ecsplan.model.resource import Listed, Resource
from ecsplan.model.slots import Slots
from ecsplan.model.stack import Stack


class Parts(Struct):
    """The outcome. `blocks` are parts that become resources of their own, with the place that they had.

    `homeless` are parts whose machine is not live, `placed` those that are to be marked anew, by the machine's address.
    `suspicious` carry the marks of a machine, and are in none of its slots; `copies` carry the mark of a slot that has
    its part; of `strays` nothing tells the slot. `released` are let go of by the file.
    `taken` are the resources of their own that have become slots.
    """

    seats: list[Seats] = field(default_factory=list)
    blocks: dict[Address, tuple[Listed, Part]] = field(default_factory=dict)
    homeless: list[tuple[Address, Listed]] = field(default_factory=list)
    placed: dict[Address, list[Placed]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    suspicious: list[tuple[Address, Listed]] = field(default_factory=list)
    copies: list[tuple[Address, Listed]] = field(default_factory=list)
    strays: list[tuple[Address, Listed]] = field(default_factory=list)
    released: list[tuple[Part, Listed]] = field(default_factory=list)
    taken: set[Address] = field(default_factory=set)


class Seating(Struct):
    """What is known while parts are seated. `resources` are live objects that are resources of their own, or were.

    `leaving` are those of them that the file does not have, `coming` the declared ones that are not live. `naming`
    says how references that were applied stand in a record.
    """

    stack: Stack
    known: Known
    kinds: Kinds
    objects: Sequence[Listed]
    carriers: Sequence[Carrier]
    resources: Mapping[Address, Listed]
    claimed: Collection[str]
    moved_to: Callable[[Address], Address]
    leaving: Mapping[Address, Listed] = field(default_factory=dict)
    coming: Sequence[Resource] = ()
    naming: Naming = NO_NAMES
    result: Parts = field(default_factory=Parts)
    by_id: dict[str, Carrier] = field(default_factory=dict)
    by_address: dict[Address, Carrier] = field(default_factory=dict)
    seats: dict[tuple[str, str], Seats] = field(default_factory=dict)
    moves: dict[Part | Address, Part | Address] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    hanging: dict[tuple[str, str], list[Listed]] = field(default_factory=dict)
    _of_kind: dict[str, list[Listed]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kinds = {spec.kind: spec for kind in self.kinds.values() for spec in slots_of(kind)}
        self._of_kind = {kind: [] for kind in kinds}
        for obj in self.objects:
            if obj.kind in kinds and kinds[obj.kind].may_be(raw := obj.raw):
                self._of_kind[obj.kind].append(obj)
                if place := raw.get("InstanceId"):
                    self.hanging.setdefault((obj.kind, str(place)), []).append(obj)
        wanted = once(slots_in)
        # A retired machine has the address of its successor: the successor answers to it, the retired one by its id.
        for carrier in sorted(self.carriers, key=lambda one: one.is_retired):
            self.by_id[carrier.obj.id] = carrier
            for address in (carrier.was, carrier.address):
                self.by_address.setdefault(address, carrier)
            for spec in slots_of(carrier.kind):
                seats = Seats(carrier, spec, wanted(carrier.wants(spec.attribute)))
                self.seats[carrier.obj.id, spec.attribute] = seats
                self.result.seats.append(seats)
        for move in self.stack.moved:
            if isinstance(move.before, Part) or isinstance(move.after, Part):
                self.moves[move.before] = move.after
                if isinstance(move.before, Part):  # its machine may have been moved in an earlier, partial apply
                    self.moves.setdefault(replace(move.before, owner=self.moved_to(move.before.owner)), move.after)
        self.seen |= set(self.claimed)

    def parts(self, spec: Slots) -> Iterator[Listed]:
        """Live objects that could be parts of the sort, and that nothing has claimed so far."""
        return (obj for obj in self._of_kind[spec.kind] if obj.id not in self.seen)

    def here(self, part: Listed) -> Carrier | None:
        return self.by_id.get(str(part.raw.get("InstanceId") or ""))

    def home(self, part: Listed, address: Address) -> Carrier | None:
        """The machine that a mark with this address means. Where no live one has it, a move was cut off half-way."""
        here = self.here(part)
        if here is not None and here.is_called(address):
            return here
        return self.by_address.get(address) or here

    def goal(self, place: Part) -> Seats | None:
        carrier = self.by_address.get(place.owner)
        return self.seats.get((carrier.obj.id, place.attribute)) if carrier is not None else None

    def moved(self, place: Part) -> Part | Address | None:
        """Where the file moves a part; it may speak of the machine by the address that it had, or has now."""
        if not self.moves:
            return None
        carrier = self.by_address.get(place.owner)
        owners = (place.owner, carrier.was, carrier.address) if carrier is not None else (place.owner,)
        spoken = (replace(place, owner=owner) for owner in owners)
        return next((self.moves[one] for one in spoken if one in self.moves), None)

    def put(self, part: Listed, place: Part, was: Part | Address | None) -> None:
        """A part goes to the place that it has, or that the file moves it to. `was` is what is to be marked anew."""
        goal = self.moved(place) or place
        if isinstance(goal, Address):
            self.result.blocks[goal] = (part, place)
            self.seen.add(part.id)
            return
        seats = self.goal(goal)
        if seats is not None and seats.put(goal.slot, part):
            self.seen.add(part.id)
            if was is not None or goal != place:
                self.mark(seats, goal.slot, part, was or place)

    def was_applied(self, seats: Seats, slot: str, part: Listed | None = None) -> bool:
        """Whether the record of the machine has the slot: a part that was never ours is no slot that went from the
        file."""
        record = tuple(sorted(seats.wanted[slot].items())) if part is None else seats.spec.decode(part.raw)
        return slot_was_applied(seats.carrier.obj, seats.spec.attribute, slot, record, self.naming)

    def mark(self, seats: Seats, slot: str, part: Listed, was: Part | Address | None = None) -> None:
        found = self.result.placed.setdefault(seats.carrier.address, [])
        if part.id not in {one.part.id for one in found}:
            found.append(Placed(part, seats.place(slot), was))
