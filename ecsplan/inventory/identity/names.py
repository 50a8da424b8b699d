"""The names of resources in the cloud: by the file, or by default; and the moves that the file tells of. Pure."""

import re
from collections.abc import Mapping

from msgspec import Struct, field

from ecsplan.model.address import Address, Part
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack

NUMBER = re.compile(r"-([0-9]{4,9})\Z")  # the ordered suffix in the names of a group


def number_in(name: str) -> int | None:
    found = NUMBER.search(name)
    return int(found[1]) if found else None


def base_of(name: str) -> str:
    """The name of a member without its number."""
    return NUMBER.sub("", name)


class Names(Struct):
    """Expected names. `bases` are those of the declared groups with numbers, `groups` all declared groups."""

    stack: Stack
    declared: Mapping[Address, Resource] = field(default_factory=dict)
    by_name: dict[tuple[Address, str], Address] = field(default_factory=dict)
    bases: dict[Address, str] = field(default_factory=dict)
    groups: set[Address] = field(default_factory=set)
    _moves: dict[Address, Address] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.declared = self.stack.by_address()
        for address, resource in self.declared.items():
            if address.key is not None:
                self.groups.add(address.group)
            if isinstance(address.key, int):
                self.by_name[address.group, resource.name] = address
                self.bases[address.group] = base_of(resource.name)
        for move in self.stack.moved:
            if not isinstance(move.before, Part) and not isinstance(move.after, Part):
                self._moves.setdefault(move.before, move.after)

    def default(self, address: Address) -> str:
        """The name that is given where the file says none."""
        name = f"{self.stack.name}-{address.name}"
        if address.key is None:
            return name
        return f"{name}-{address.key:04d}" if isinstance(address.key, int) else f"{name}-{address.key}"

    def is_of(self, name: str, *addresses: Address) -> bool:
        """Whether this is what one of the addresses is called."""
        return any(
            name == self.default(address) or (address in self.declared and name == self.declared[address].name)
            for address in addresses
        )

    def is_numbered(self, group: Address, name: str) -> bool:
        """Whether a name is the base of the group, as the file has it or by default, with a number."""
        base = base_of(name)
        return base != name and base in (self.default(group), self.bases.get(group), self.bases.get(self.moved(group)))

    def moved(self, address: Address) -> Address:
        """Where the file says that an address has gone: itself, or its whole group."""
        if address in self._moves:
            return self._moves[address]
        group = self._moves.get(address.group)
        if group is not None and group.key is None and address.key is not None:
            return Address(group.kind, group.name, address.key)
        return address

    def own(self, address: Address) -> Address:
        """The same address as the file has it: one object for all that look it up."""
        resource = self.declared.get(address)
        return address if resource is None else resource.address

    def is_moved(self, address: Address) -> bool:
        """Whether an entry speaks of the address, or of its group, as of what it was or what it is."""
        spoken = self._moves.keys() | self._moves.values()
        return address in spoken or address.group in spoken

    def referred(self) -> set[Address]:
        """The addresses that something names."""
        return {ref.address for resource in self.stack.resources for _, ref in resource.refs}
