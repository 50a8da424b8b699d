"""The slots of one machine for one sort of part, and what is in them. Used by parts.py; pure."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.model.address import Address, Part
from ecsplan.model.algebra import Value, fields
from ecsplan.model.kind import Kind
from ecsplan.model.resource import Listed, Owner, Resource
from ecsplan.model.slots import Slots


class Carrier(Struct):
    """A live machine of the stack. `was` is its address as its mark says, where the file has moved it.

    `is_adopted`: it becomes ours in this plan. `is_retired`: another has taken its place, or is to.
    """

    obj: Listed
    address: Address
    was: Address
    kind: Kind
    resource: Resource | None = None
    is_adopted: bool = False
    is_retired: bool = False

    def is_called(self, address: Address) -> bool:
        """Whether a mark with this address may mean it; earlier versions gave parts the address of the group."""
        return address in (self.address, self.was, self.was.group if self.is_of_an_earlier_version else None)

    def is_meant(self, owner: Owner) -> bool:
        """Whether the mark that a part was born with is still that of this machine."""
        if owner.span is not None:
            return self.address in owner.span
        return owner.address == self.address or (self.address == self.was and self.is_called(owner.address))

    def wants(self, attribute: str) -> Value:
        """The declared slots; None where the file does not speak of them."""
        return self.resource.attributes.get(attribute) if self.resource is not None else None

    @property
    def is_of_an_earlier_version(self) -> bool:
        return any(key in self.obj.tags for key in ("ecsplan:stack", "ecsplan:address"))


class Seats(Struct):
    """`taken` are declared slots that have a part, `gone` parts of ours whose slot the file does not have.

    `spare` were born with the machine, and nobody has said which slot they are: they stay, and go with it. `foreign`
    hang on it, and are no parts of it. `doubtful` are slots whose part hangs nowhere, and is known by its mark alone.
    `twins` are foreign ones that would be in an empty slot, had they its marks.
    """

    carrier: Carrier
    spec: Slots
    wanted: Mapping[str, Mapping[str, Any]]
    taken: dict[str, Listed] = field(default_factory=dict)
    gone: dict[str, Listed] = field(default_factory=dict)
    # Of ten thousand machines nearly all have none of these: an empty one is not made for each.
    spare: tuple[Listed, ...] = ()
    foreign: tuple[Listed, ...] = ()
    doubtful: frozenset[str] = frozenset()
    twins: Mapping[str, list[Listed]] = field(default_factory=lambda: _NO_TWINS)

    @property
    def is_bare(self) -> bool:
        """Whether it has neither slots nor parts."""
        return not (self.wanted or self.taken or self.gone or self.spare)

    @property
    def empty(self) -> list[str]:
        return [slot for slot in self.wanted if slot not in self.taken]

    @property
    def inside(self) -> list[Listed]:
        """All that is a part of the machine."""
        return [*self.taken.values(), *self.gone.values(), *self.spare]

    def without_spare(self, part: Listed) -> tuple[Listed, ...]:
        return tuple(one for one in self.spare if one is not part)

    def place(self, slot: str) -> Part:
        return Part(self.carrier.address, self.spec.attribute, slot)

    def put(self, slot: str, part: Listed) -> bool:
        """Into a slot that nothing is in yet."""
        found = self.taken if slot in self.wanted else self.gone
        if slot in found:
            return False
        found[slot] = part
        return True

    def named(self, part: Listed) -> str:
        """The slot that a part's name speaks of, declared or not."""
        for slot, wanted in self.wanted.items():
            if part.name in (wanted.get("name", slot), slot):
                return slot
        return part.name or part.id

    def hangs_here(self, part: Listed) -> bool:
        return str(part.raw.get("InstanceId") or "") == self.carrier.obj.id


_NO_TWINS: Mapping[str, list[Listed]] = {}


def slots_in(declared: Value) -> Mapping[str, Mapping[str, Any]]:
    """The slots of a declared attribute."""
    return {slot: fields(record) for slot, record in fields(declared).items()}
