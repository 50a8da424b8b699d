"""Which address an owned object has: its tag may name a whole group, its address may have moved since.

Used by match.py; pure. Members made together share their group's tag and are told apart by their exact names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ecsplan.model.address import Address
from ecsplan.model.digits import whole_number
from ecsplan.model.resource import RemoteObject
from ecsplan.model.stack import Stack

NUMBER = re.compile(r"-([0-9]{4,9})$")


@dataclass(slots=True)
class Members:
    """What is declared, what the members of groups are called, and which object each single resource is."""

    stack: Stack
    declared: set[Address] = field(default_factory=set)
    by_name: dict[tuple[Address, str], Address] = field(default_factory=dict)
    bases: dict[Address, str] = field(default_factory=dict)
    groups: set[Address] = field(default_factory=set)
    singles: dict[Address, str] = field(default_factory=dict)
    chosen: dict[Address, str] = field(default_factory=dict)
    taken: set[Address] = field(default_factory=set)

    def __post_init__(self) -> None:
        for resource in self.stack.resources:
            address = resource.address
            self.declared.add(address)
            if address.key is None:
                self.singles[address] = resource.name
                continue
            self.groups.add(address.group)
            if isinstance(address.key, int):
                self.by_name[address.group, resource.name] = address
                self.bases[address.group] = NUMBER.sub("", resource.name)

    def survey(self, objects: Iterable[RemoteObject]) -> None:
        """Who is whom beyond doubt, before anybody is told by less.

        Where a group became a single resource, one of its members is that: moved there, by name, or number 0.
        """
        best: dict[Address, tuple[int, int, str]] = {}
        for obj in objects:
            assert obj.owner is not None
            if obj.retired:
                continue
            address, is_final = self._moved(obj.owner.address, obj.name)
            self.taken.add(self.by_name.get((address, obj.name), address))
            if address not in self.singles:
                continue
            left = self._left_over(address, obj)
            rank = 0 if is_final else 1 if obj.name == self.singles[address] else 2 if left is None else 3
            best[address] = min(best.get(address, (9, 0, "")), (rank, left or 0, obj.id))
        self.chosen = {address: object_id for address, (_, _, object_id) in best.items()}

    def address_of(self, obj: RemoteObject) -> tuple[Address, bool]:
        """The address of an object, and whether it fits; if not, that of the group that it claims to belong to."""
        assert obj.owner is not None
        address, is_final = self._moved(obj.owner.address, obj.name)
        if address.key is not None or (is_final and address in self.singles):
            return address, True
        if address in self.singles:
            left = None if self.chosen.get(address) == obj.id else self._left_over(address, obj)
            return (address if left is None else Address(address.kind, address.name, left)), True
        return self._member(address, obj)

    def _member(self, group: Address, obj: RemoteObject) -> tuple[Address, bool]:
        """The exact name decides. The number alone counts while names are changing, and for what is too many."""
        if (group, obj.name) in self.by_name:
            return self.by_name[group, obj.name], True
        number = NUMBER.search(obj.name)
        if number is None:
            return group, group not in self.groups
        found = Address(group.kind, group.name, int(number[1]))
        is_named_so = obj.name == f"{self.bases.get(group)}-{number[1]}"
        fits = group not in self.groups or is_named_so or (found in self.declared and found not in self.taken)
        return (found if fits else group), fits

    def _left_over(self, single: Address, obj: RemoteObject) -> int | None:
        """The number of a member of the group that a single resource was once; None for anything else."""
        left = obj.name.removeprefix(f"{self.singles[single]}-")
        return whole_number(left) if left != obj.name and len(left) >= 4 else None

    def _moved(self, address: Address, name: str) -> tuple[Address, bool]:
        """Follows `moved`: of the address itself, of its group, or of a member that carries its group's address."""
        number = NUMBER.search(name) if address.key is None else None
        member = Address(address.kind, address.name, int(number[1])) if number else address
        for move in self.stack.moved:
            if move.before == member and member != address:
                return move.after, True
            if move.before == address:
                return move.after, False
            if address.key is not None and move.before == address.group and move.after.key is None:
                return Address(move.after.kind, move.after.name, address.key), False
        return address, False
