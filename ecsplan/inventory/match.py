"""Which object is which address: by owner tags first, then by the names of a group's members, then by `adopt`.

Called by the engine between the lists and the details. Everything that fits nothing is an orphan (ours, no longer
declared), a stranger (an unexpected member of a group: shown, never deleted by inference) or unmanaged.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ecsplan.inventory.decode import bare
from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.kind import Kinds, Raw
from ecsplan.model.resource import Owner, RemoteObject, Resource
from ecsplan.model.stack import Stack

_NUMBER = re.compile(r"-(\d{4,})$")


@dataclass(slots=True)
class Match:
    """The outcome: `moved_from` has the old address where a `moved` entry was followed."""

    objects: tuple[RemoteObject, ...]
    matched: dict[Address, RemoteObject] = field(default_factory=dict)
    orphans: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    retired: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    strangers: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    moved_from: dict[Address, Address] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def match(raws: Mapping[str, Iterable[Raw]], kinds: Kinds, stack: Stack) -> Match:
    """Raises Rejected where an address is claimed twice, or an adoption cannot be."""
    objects = [bare(kinds[name], raw) for name, found in raws.items() for raw in found]
    objects = _with_loose_parts(objects, kinds)
    result = Match(tuple(sorted(objects, key=lambda o: (o.kind, o.id))))
    declared = stack.by_address()
    by_name = {(r.address.group, r.name): r for r in stack.resources if isinstance(r.address.key, int)}
    for obj in result.objects:
        if obj.owner and obj.owner.stack == stack.name:
            _place(obj, obj.owner, stack, declared, by_name, result, kinds)
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


def _place(
    obj: RemoteObject,
    owner: Owner,
    stack: Stack,
    declared: Mapping[Address, Resource],
    by_name: Mapping[tuple[Address, str], Resource],
    result: Match,
    kinds: Kinds,
) -> None:
    """Puts one object of the stack where it belongs."""
    if owner.address.kind != obj.kind:
        if obj.parent is None and obj.kind in kinds and kinds[obj.kind].listing.parent:
            result.orphans.append((owner.address, obj))  # a disk whose instance is gone
        return
    address, moved = _after_moves(owner.address, stack)
    member = by_name.get((address, obj.name))
    if (address in declared and declared[address].address.key is None) or address.key is not None:
        found = address
    elif member is not None:
        found = member.address
    else:
        number = _NUMBER.search(obj.name)
        group = any(r.address.group == address for r in stack.resources)
        if number is None:
            (result.strangers if group else result.orphans).append((address, obj))
            return
        found = Address(address.kind, address.name, int(number[1]))
    if obj.retired:
        result.retired.append((found, obj))
    elif found not in declared:
        result.orphans.append((found, obj))
    elif found in result.matched:
        result.problems.append(_claimed_twice(found, result.matched[found], obj))
    else:
        result.matched[found] = obj
        if moved:
            result.moved_from[found] = owner.address


def _is_numbered(obj: RemoteObject, single: Resource) -> bool:
    """Whether an object is left over from a group that is now a single resource."""
    return obj.name != single.name and bool(_NUMBER.search(obj.name))


def _after_moves(address: Address, stack: Stack) -> tuple[Address, bool]:
    """Follows `moved` entries, of the address itself or of its whole group."""
    for move in stack.moved:
        if move.before == address:
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
