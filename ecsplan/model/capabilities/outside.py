"""Sorts of things that no stack has, and that a reference finds by name or tags. Asked for by engine/outside.py."""

from collections.abc import Iterable, Mapping

from msgspec import field

from ecsplan.model.call import Product
from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind, Listing


class Outside(Capability, frozen=True):
    """How each sort is listed, by the name that a reference gives it. `actions` are what an attribute calls of another
    product, for the rights of those who declare it."""

    listings: Mapping[str, Listing]
    actions: Mapping[str, tuple[Product, tuple[str, ...]]] = field(default_factory=dict)

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        yield from (f"{name} is none of its attributes" for name in self.actions if name not in known)
