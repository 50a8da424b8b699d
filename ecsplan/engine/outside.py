"""Objects that references look up and no stack can own: server groups of balancers. Listed where a stack asks. Used by
planning.py."""

from collections.abc import Iterator, Sequence

from ecsplan.inventory.decode import at_path
from ecsplan.inventory.lookup import looked_up
from ecsplan.model.address import Lookup
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Request
from ecsplan.model.capabilities.outside import Outside
from ecsplan.model.kind import Kinds, Listing
from ecsplan.model.marks import read_tags
from ecsplan.model.resource import RemoteObject
from ecsplan.model.stack import Stack
from ecsplan.provider.protocol import Provider


def resolved(source: Provider, stack: Stack, kinds: Kinds, objects: Sequence[RemoteObject]) -> Stack:
    """The stack with ids in place of look-ups, of things of other services too. Raises Rejected as `looked_up`."""
    wanted = {leaf.kind for resource in stack.resources for _, leaf in resource.held if isinstance(leaf, Lookup)}
    listings = {
        name: listing
        for kind in kinds.values()
        if (outside := kind.capability(Outside)) is not None
        for name, listing in outside.listings.items()
    }
    found = [obj for name in sorted(wanted & listings.keys()) for obj in _listed(source, name, listings[name])]
    return looked_up(stack, [*objects, *found])


def _listed(source: Provider, name: str, listing: Listing) -> Iterator[RemoteObject]:
    request = Request(listing.operation, {"RegionId": source.region, **listing.params}, listing.product)
    for raw in source.pages(request, listing.items, listing.paging, listing.page_size, listing.id):
        yield _object(name, listing, raw)


def _object(name: str, listing: Listing, raw: Raw) -> RemoteObject:
    tags = read_tags(at_path(raw, listing.tags))
    return RemoteObject(name, str(raw[listing.id]), str(raw.get(listing.name) or ""), "", tags)
