"""Which object is which address: by owner tags first, then by the names of a group's members, then by `adopt`.

Called by the engine between the lists and the details. Everything that fits nothing is an orphan (ours, no longer
declared), a stranger (an unexpected member of a group: shown, never deleted by inference) or unmanaged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ecsplan.inventory.decode import bare
from ecsplan.inventory.members import NUMBER, Members
from ecsplan.model.address import Address
from ecsplan.model.composites import refs_in
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.kind import Kinds, Raw
from ecsplan.model.marks import SNAPSHOTS
from ecsplan.model.resource import Owner, RemoteObject
from ecsplan.model.stack import Stack


@dataclass(slots=True)
class Match:
    """The outcome: `moved_from` has the old address where a `moved` entry was followed.

    `kept` are parts that outlive what they hang on, `loose` those whose parent is declared and gone.
    """

    objects: tuple[RemoteObject, ...]
    matched: dict[Address, RemoteObject] = field(default_factory=dict)
    orphans: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    retired: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    strangers: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    kept: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    loose: list[tuple[Address, RemoteObject]] = field(default_factory=list)
    moved_from: dict[Address, Address] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def match(raws: Mapping[str, Iterable[Raw]], kinds: Kinds, stack: Stack) -> Match:
    """Raises Rejected where an address is claimed twice, or an adoption cannot be."""
    objects = [bare(kinds[name], raw) for name, found in raws.items() for raw in found]
    objects = _with_loose_parts(objects, kinds)
    result = Match(tuple(sorted(objects, key=lambda o: (o.kind, o.id))))
    members = Members(stack)
    ours = [obj for obj in result.objects if obj.owner is not None and obj.owner.stack == stack.name]
    members.survey(o for o in ours if o.owner is not None and not o.owner.is_part_of(o.kind))
    for obj in ours:
        assert obj.owner is not None
        if obj.owner.is_part_of(obj.kind):
            _place_part(obj, obj.owner, result, kinds)
        else:
            _place(obj, obj.owner, members, result)
    _recognise(stack, members, result)
    _adopt(stack, result)
    _await_parents(members, result)
    _inherit(members, result, kinds)
    if result.problems:
        raise Rejected(result.problems)
    return result


def _with_loose_parts(objects: list[RemoteObject], kinds: Kinds) -> list[RemoteObject]:
    """Gives a parent the parts that carry its very tags but hang nowhere: a run died before it attached them."""
    parents = _parents(objects)
    loose: dict[str, list[RemoteObject]] = {}
    for obj in objects:
        place = kinds[obj.kind].listing.parent
        if obj.owner is None or not obj.owner.is_part_of(obj.kind) or place is None or obj.raw.get(place):
            continue
        parent = parents.get((obj.owner.stack, obj.owner.address))
        if parent is not None and (obj.owner.address.key is not None or not _is_shared(parent)):
            loose.setdefault(parent.id, []).append(replace(obj, parent=parent.id))
    parts = {part.id: part for found in loose.values() for part in found}
    return [_with_parts(o, loose.get(o.id, ()), kinds) if o.id in loose else parts.get(o.id, o) for o in objects]


def _parents(objects: Iterable[RemoteObject]) -> dict[tuple[str, Address], RemoteObject]:
    """What owns parts, by stack and address. A member that carries its group's address also has its own."""
    found: dict[tuple[str, Address], RemoteObject] = {}
    for obj in objects:
        if obj.owner is None or obj.owner.is_part_of(obj.kind) or obj.retired:
            continue
        found[obj.owner.stack, obj.owner.address] = obj
        address, number = obj.owner.address, NUMBER.search(obj.name)
        if address.key is None and number:
            member = Address(address.kind, address.name, int(number[1]))
            found.setdefault((obj.owner.stack, member), obj)
    return found


def _is_shared(parent: RemoteObject) -> bool:
    """Whether the address tag may be that of several members of a group; their parts cannot be told apart."""
    return parent.owner is not None and parent.owner.address.key is None and bool(NUMBER.search(parent.name))


def _with_parts(parent: RemoteObject, parts: Iterable[RemoteObject], kinds: Kinds) -> RemoteObject:
    raw = dict(parent.raw)
    for part in parts:
        operation = kinds[part.kind].listing.operation
        for detail in kinds[parent.kind].listing.details:
            if detail.operation == operation:
                raw[detail.into] = [*raw.get(detail.into, ()), part.raw]
    return replace(parent, raw=raw)


def _place(obj: RemoteObject, owner: Owner, members: Members, result: Match) -> None:
    """Puts one object of the stack where it belongs."""
    found, fits = members.address_of(obj)
    if not fits:
        result.strangers.append((found, obj))
    elif obj.retired:
        result.retired.append((found, obj))
    elif found not in members.declared:
        result.orphans.append((found, obj))
    elif found in result.matched:
        result.problems.append(_claimed_twice(found, result.matched[found], obj))
    else:
        result.matched[found] = obj
        if owner.address not in (found, found.group):
            result.moved_from[found] = owner.address


def _place_part(obj: RemoteObject, owner: Owner, result: Match, kinds: Kinds) -> None:
    """A disk whose instance is gone is an orphan; one that outlives its instance is remembered for `destroy`.

    A part that hangs nowhere by itself (a snapshot of an image) names what it is part of in a tag.
    """
    listing = kinds[obj.kind].listing
    if owner.part is not None and owner.part.attribute == SNAPSHOTS:
        if all(other.id != owner.part.slot for other in result.objects):
            result.orphans.append((owner.address, obj))
    elif obj.parent is None and listing.parent:
        result.orphans.append((owner.address, obj))
    elif listing.outlives is not None and listing.outlives(obj.raw):
        result.kept.append((owner.address, obj))


def _recognise(stack: Stack, members: Members, result: Match) -> None:
    """Strangers that can only be one member: the first, when a single resource became a group, and one renamed outside.

    The second needs that one name is missing and one object too many, and that nothing refers to that member: it would
    then mean another machine than before.
    """
    missing: dict[Address, list[Address]] = {}
    for resource in stack.resources:
        if isinstance(resource.address.key, int) and resource.address not in result.matched and not resource.adopt:
            missing.setdefault(resource.address.group, []).append(resource.address)
    referred = {ref.address for r in stack.resources for value in r.attributes.values() for ref in refs_in(value)}
    for group in sorted({address for address, _ in result.strangers}):
        extra = [obj for address, obj in result.strangers if address == group and not obj.retired]
        places = missing.get(group, [])
        first = [obj for obj in extra if obj.name == members.bases.get(group)]
        if len(first) == 1 and Address(group.kind, group.name, 0) in places:
            found = (Address(group.kind, group.name, 0), first[0])
        elif len(extra) == len(places) == 1 and places[0] not in referred:
            found = (places[0], extra[0])
        else:
            continue
        result.matched[found[0]] = found[1]
        result.strangers.remove((group, found[1]))


def _await_parents(members: Members, result: Match) -> None:
    """A part of something that is declared and gone is no orphan: what is made in its place may take it up."""
    for address, obj in tuple(result.orphans):
        if obj.kind != address.kind and address in members.declared and address not in result.matched:
            result.orphans.remove((address, obj))
            result.loose.append((address, obj))


def _inherit(members: Members, result: Match, kinds: Kinds) -> None:
    """A run that was cut off between the halves of a replacement left parts on the old object that outlive it."""
    for address, old in result.retired:
        heir = result.matched.get(address)
        parts = [part for _, part in result.kept if part.parent == old.id]
        if heir is not None and parts:
            result.matched[address] = _with_parts(heir, parts, kinds)
        elif address in members.declared:
            result.loose += [(address, part) for part in parts]


def _claimed_twice(address: Address, one: RemoteObject, other: RemoteObject) -> Diagnostic:
    return Diagnostic(
        f"two live objects carry this address: {one.id} ({one.name}) and {other.id} ({other.name})",
        "remove the ecsplan: tags from the one that is not it; nothing is guessed here",
        address=address,
    )


def _adopt(stack: Stack, result: Match) -> None:
    """`adopt` counts until the address is owned; what is missing or another's is an error."""
    by_id = {(o.kind, o.id): o for o in result.objects}
    adopted: dict[tuple[str, str], Address] = {}
    for resource in stack.resources:
        if resource.adopt is None or resource.address in result.matched:
            continue
        key = (resource.address.kind, resource.adopt)
        obj = by_id.get(key)
        if key in adopted:
            problem = f"adopt: {adopted[key]} adopts {resource.adopt} already"
            detail = "one thing is one resource: remove adopt from one of the two"
        elif obj is None:
            problem = f"adopt: there is no {resource.address.kind} {resource.adopt} in {stack.region}"
            detail = "write the id of a live object, or remove adopt to have a new one made"
        elif obj.owner is not None and not obj.owner.is_part_of(obj.kind):
            problem = f"adopt: {obj.id} belongs to {obj.owner.address} of stack {obj.owner.stack}"
            detail = f"let stack {obj.owner.stack} release it first (released: [{obj.owner.address}])"
        else:
            result.matched[resource.address] = obj
            adopted[key] = resource.address
            continue
        result.problems.append(Diagnostic(problem, detail, resource.source_of("adopt"), resource.address))
