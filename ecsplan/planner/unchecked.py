"""Values that a drift run could not compare: the service does not report them, or not in a list. Pure.

Compared with the record of what was applied they are as they were; whether somebody changed them outside, this reading
cannot tell.
"""

from collections.abc import Iterator

from ecsplan.model.address import Address, Secret
from ecsplan.model.attribute import Attribute
from ecsplan.model.drift import Unchecked
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack

NEVER_TOLD = "the service never tells it"
ONE_BY_ONE = "read with --refresh full, one call for each"
NOT_NOW = "the service did not tell it this time"


def unchecked(stack: Stack, inventory: Inventory, kinds: Kinds) -> tuple[Unchecked, ...]:
    """By attribute and reason, in the order of their names."""
    found: dict[tuple[str, str], list[Address]] = {}
    for resource in stack.resources:
        obj = inventory.matched.get(resource.address)
        if obj is None:
            continue
        for name, why in _of(resource, obj, kinds):
            found.setdefault((f"{resource.address.kind}.{name}", why), []).append(resource.address)
    return tuple(Unchecked(name, tuple(sorted(addresses)), why) for (name, why), addresses in sorted(found.items()))


def _of(resource: Resource, obj: LiveObject, kinds: Kinds) -> Iterator[tuple[str, str]]:
    for name, value in resource.attributes.items():
        why = "" if resource.lifecycle.ignores(name) else _why(kinds[obj.kind].attribute(name), value, obj)
        if why:
            yield name, why


def _why(attribute: Attribute, value: object, obj: LiveObject) -> str:
    if attribute.name in obj.unread:
        return NOT_NOW
    if isinstance(value, Secret):
        return NEVER_TOLD
    return ONE_BY_ONE if attribute.compare_by_digest and obj.attributes.get(attribute.name) is None else ""
