"""Which machines of an operation by hand take requests, as the stack declares it: read before they are drained.

Used by by_hand.py. What others put into the same groups stays as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ecsplan.engine.outside import resolved
from ecsplan.inventory.decode import decoded
from ecsplan.inventory.read import Wanted, read_details
from ecsplan.model.address import Address
from ecsplan.model.capabilities.serving import Serving
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.provider.protocol import Provider

Served = Mapping[str, tuple[RemoteObject, Resource]]
"""By the id of a machine: as it is in its groups, and as the file has it there."""


def in_service(
    stack: Stack, source: Provider, kinds: Kinds, machines: Iterable[tuple[Address, RemoteObject]]
) -> Served:
    """Nothing is read for machines that the stack puts into no group."""
    declared, found = stack.by_address(), {}
    for address, obj in machines:
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
