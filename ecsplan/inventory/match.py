"""Which object is which address: by owner tags first, then by the names of a group's members, then by `adopt`.

Called by the engine between the lists and the details. Everything that fits nothing is an orphan (ours, no longer
declared), a stranger (an unexpected member of a group: shown, never deleted by inference) or unmanaged.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ecsplan.inventory.decode import bare
from ecsplan.model.address import Address
from ecsplan.model.composites import refs_in
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.kind import Kinds, Raw
from ecsplan.model.resource import Owner, RemoteObject
from ecsplan.model.stack import Stack

_NUMBER = re.compile(r"-(\d{4,})$")


@dataclass(slots=True)
class Match:
    """The outcome: `moved_from` has the old address where a `moved` entry was followed.

    `kept` are parts that outlive what they hang on.
    """

    objects: tuple[RemoteObject, ...]
    matched: dict[Address, RemoteObject] = field(default_factory=dict)
    orphans: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    retired: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    strangers: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    kept: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    moved_from: dict[Address, Address] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def match(raws: Mapping[str, Iterable[Raw]], kinds: Kinds, stack: Stack) -> Match:
    """Raises Rejected where an address is claimed twice, or an adoption cannot be."""
    objects = [bare(kinds[name], raw) for name, found in raws.items() for raw in found]
    objects = _with_loose_parts(objects, kinds)
    result = Match(tuple(sorted(objects, key=lambda o: (o.kind, o.id))))
    names = _Names(stack)
    for obj in result.objects:
        if obj.owner and obj.owner.stack == stack.name:
            _place(obj, obj.owner, stack, names, result, kinds)
    _recognise(stack, result)
    _adopt(stack, result)
    if result.problems:
        raise Rejected(result.problems)
    return result


def _with_loose_parts(objects: list[RemoteObject], kinds: Kinds) -> list[RemoteObject]:
    """Gives a parent the parts that carry its very tags but hang nowhere: a run died before it attached them."""
    parents = {(o.owner, o.kind): o for o in objects if o.owner and o.owner.address.kind == o.kind}
    loose: dict[str, list[RemoteObject]] = {}
    for obj in objects:
        if obj.owner is None or obj.owner.address.kind == obj.kind or obj.raw.get(kinds[obj.kind].listing.parent or ""):
            continue
        parent = parents.get((obj.owner, obj.owner.address.kind))
        if parent is not None and not _is_shared(parent):
            loose.setdefault(parent.id, []).append(replace(obj, parent=parent.id))
    parts = {part.id: part for found in loose.values() for part in found}
    return [_with_parts(o, loose.get(o.id, ()), kinds) if o.id in loose else parts.get(o.id, o) for o in objects]


def _is_shared(parent: RemoteObject) -> bool:
    """Whether the address tag may be that of several members of a group; their parts cannot be told apart."""
    return parent.owner is not None and parent.owner.address.key is None and bool(_NUMBER.search(parent.name))


def _with_parts(parent: RemoteObject, parts: Iterable[RemoteObject], kinds: Kinds) -> RemoteObject:
    raw = dict(parent.raw)
    for part in parts:
        operation = kinds[part.kind].listing.operation
        for detail in kinds[parent.kind].listing.details:
            if detail.operation == operation:
                raw[detail.into] = [*raw.get(detail.into, ()), part.raw]
    return replace(parent, raw=raw)


class _Names:
    """What the members of groups are called, and what is declared at all."""

    def __init__(self, stack: Stack) -> None:
        self.declared = stack.by_address()
        members = [r for r in stack.resources if isinstance(r.address.key, int)]
        self.by_name = {(r.address.group, r.name): r.address for r in members}
        self.bases = {r.address.group: _NUMBER.sub("", r.name) for r in members}
        self.groups = {r.address.group for r in stack.resources if r.address.key is not None}

    def member(self, group: Address, obj: RemoteObject) -> Address | None:
        """The address of an object that carries that of a whole group; None where its name tells of none.

        The exact name decides. The number alone counts while the group's names are changing, and for what is left
        of members that it no longer has.
        """
        if (group, obj.name) in self.by_name:
            return self.by_name[group, obj.name]
        single = self.declared.get(group)
        if single is not None:  # it was a group once: its former members must not be taken for it
            left = obj.name.removeprefix(f"{single.name}-")
            return Address(group.kind, group.name, int(left)) if left != obj.name and _is_number(left) else group
        number = _NUMBER.search(obj.name)
        if number is None:
            return None if group in self.groups else group
        found = Address(group.kind, group.name, int(number[1]))
        is_ours = obj.name == f"{self.bases.get(group)}-{number[1]}"
        return found if group not in self.groups or is_ours or found in self.declared else None


def _is_number(text: str) -> bool:
    return len(text) >= 4 and text.isdigit()


def _place(obj: RemoteObject, owner: Owner, stack: Stack, names: _Names, result: Match, kinds: Kinds) -> None:
    """Puts one object of the stack where it belongs."""
    if owner.address.kind != obj.kind:
        _place_part(obj, owner, result, kinds)
        return
    address, moved = _after_moves(owner.address, obj.name, stack)
    found = names.member(address, obj) if address.key is None else address
    if found is None:
        result.strangers.append((address, obj))
    elif obj.retired:
        result.retired.append((found, obj))
    elif found not in names.declared:
        result.orphans.append((found, obj))
    elif found in result.matched:
        result.problems.append(_claimed_twice(found, result.matched[found], obj))
    else:
        result.matched[found] = obj
        if moved:
            result.moved_from[found] = owner.address


def _place_part(obj: RemoteObject, owner: Owner, result: Match, kinds: Kinds) -> None:
    """A disk whose instance is gone is an orphan; one that outlives its instance is remembered for `destroy`."""
    listing = kinds[obj.kind].listing
    if obj.parent is None and listing.parent:
        result.orphans.append((owner.address, obj))
    elif listing.outlives is not None and listing.outlives(obj.raw):
        result.kept.append((owner.address, obj))


def _recognise(stack: Stack, result: Match) -> None:
    """A member that was renamed outside, when only one can be meant: one name is missing, one object too many.

    Not where anything refers to that member, as it would then mean another machine than before.
    """
    referred = {ref.address for r in stack.resources for value in r.attributes.values() for ref in refs_in(value)}
    for group in {address for address, _ in result.strangers}:
        extra = [pair for pair in result.strangers if pair[0] == group]
        missing = [
            r.address
            for r in stack.resources
            if r.address.group == group and isinstance(r.address.key, int) and r.address not in result.matched
        ]
        if len(extra) == len(missing) == 1 and missing[0] not in referred and not extra[0][1].retired:
            result.matched[missing[0]] = extra[0][1]
            result.strangers.remove(extra[0])


def _after_moves(address: Address, name: str, stack: Stack) -> tuple[Address, bool]:
    """Follows `moved` entries: of the address itself, of its whole group, of a member that carries its group's."""
    number = _NUMBER.search(name) if address.key is None else None
    member = Address(address.kind, address.name, int(number[1])) if number else address
    for move in stack.moved:
        if move.before in (address, member):
            return move.after, True
        if address.key is not None and move.before == address.group and move.after.key is None:
            return Address(move.after.kind, move.after.name, address.key), True
    return address, False


def _claimed_twice(address: Address, one: RemoteObject, other: RemoteObject) -> Diagnostic:
    return Diagnostic(
        f"two live objects carry this address: {one.id} ({one.name}) and {other.id} ({other.name})",
        "remove the ecsplan: tags from the one that is not it; nothing is guessed here",
        address=address,
    )


def _adopt(stack: Stack, result: Match) -> None:
    """`adopt` counts until the address is owned; what is missing or another's is an error."""
    by_id = {(o.kind, o.id): o for o in result.objects}
    for resource in stack.resources:
        if resource.adopt is None or resource.address in result.matched:
            continue
        obj = by_id.get((resource.address.kind, resource.adopt))
        if obj is None:
            problem = f"adopt: there is no {resource.address.kind} {resource.adopt} in {stack.region}"
            detail = "write the id of a live object, or remove adopt to have a new one made"
        elif obj.owner is not None and obj.owner.address.kind == obj.kind:
            problem = f"adopt: {obj.id} belongs to {obj.owner.address} of stack {obj.owner.stack}"
            detail = f"let stack {obj.owner.stack} release it first (released: [{obj.owner.address}])"
        else:
            result.matched[resource.address] = obj
            continue
        result.problems.append(Diagnostic(problem, detail, resource.source_of("adopt"), resource.address))
