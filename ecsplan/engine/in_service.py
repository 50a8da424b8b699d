"""Which machines of an operation by hand take requests, as the stack declares it: read before they are drained. With
their interfaces that serve in their own names.

Used by by_hand.py. What others put into the same groups stays as it is.
"""

from collections.abc import Iterable, Iterator, Mapping

from ecsplan.engine.outside import resolved
from ecsplan.inventory.decode import decoded
from ecsplan.inventory.match import match
from ecsplan.inventory.read import Wanted, read_details, read_lists
from ecsplan.model.address import Address
from ecsplan.model.capabilities.serving import Serving
from ecsplan.model.composites import refs_in
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.planner.within import machine_of, within
from ecsplan.provider.protocol import Provider

Served = Mapping[str, tuple[LiveObject, Resource]]
"""By the id of a machine, or of an interface of one: as it is in its groups, and as the file has it there."""


def in_service(stack: Stack, source: Provider, kinds: Kinds, machines: Iterable[tuple[Address, LiveObject]]) -> Served:
    """Nothing is read for machines that the stack puts into no group."""
    declared, found = stack.by_address(), {}
    machines = tuple(machines)
    for address, obj in (*machines, *_within(stack, source, kinds, machines)):
        serving = kinds[obj.kind].capability(Serving)
        resource = declared.get(address)
        names = serving.attributes if serving is not None else ()
        groups = {n: v for n, v in resource.attributes.items() if n in names and v} if resource is not None else {}
        if resource is not None and groups:
            found[address] = (obj, replace(resource, attributes=groups))
    if not found:
        return {}
    part = replace(stack, resources=tuple(resource for _, resource in found.values()))
    resources = resolved(source, part, kinds, ()).by_address()
    wanted = [Wanted(obj, frozenset(resources[address].attributes)) for address, (obj, _) in found.items()]
    live = read_details(source, kinds, wanted, run=source.reading.map)
    return {
        obj.id: (decoded(kinds, obj, resources[address].attributes), resources[address])
        for address, obj in zip(found, live, strict=True)
    }


def _within(
    stack: Stack, source: Provider, kinds: Kinds, machines: Iterable[tuple[Address, LiveObject]]
) -> Iterator[tuple[Address, LiveObject]]:
    """What serves in its own name from one of the machines. Listed only where the stack has such for them."""
    by_id = {obj.id: address for address, obj in machines}
    for kind in kinds.values():
        if within(kind) and any(_may_serve(kind, resource, by_id) for resource in stack.resources):
            owned = owned_of(stack, source, kinds, kind)
            yield from ((address, obj) for address, obj in owned.items() if machine_of(kind, obj) in by_id)


def _may_serve(kind: Kind, resource: Resource, machines: Mapping[str, Address]) -> bool:
    serving = kind.capability(Serving) if resource.address.kind == kind.name else None
    if serving is None or not any(map(resource.attributes.get, serving.attributes)):
        return False
    value = resource.attributes.get(serving.within)
    return value in machines or any(ref.address in machines.values() for ref in refs_in(value))


def owned_of(stack: Stack, source: Provider, kinds: Kinds, kind: Kind) -> dict[Address, LiveObject]:
    """The objects of a kind that are the stack's; only their list is read. Copies, unknown members are left alone."""
    bare = replace(kind, listing=replace(kind.listing, details=()))
    part = replace(stack, resources=tuple(r for r in stack.resources if r.address.kind == kind.name))
    found = match(read_lists(source, [bare], source.reading.map), kinds, part)
    unowned = [address for address, obj in found.matched.items() if obj.owner is None]
    everything = (*found.orphans, *found.matched.items())
    ours = (one for one in everything if one[0] not in unowned and one[1].kind == kind.name)
    return {address: decoded(kinds, obj) for address, obj in ours}
