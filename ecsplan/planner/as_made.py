"""Values from a launch template stay as they were when the machine was made. Used by planning.py; pure.

A template that says something else by now makes other machines, and changes none. What somebody changed on a machine
since, while its template stayed as it was, is drift like any other.
"""

from collections.abc import Mapping

from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import Value
from ecsplan.model.change import Cause
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.planner.comparing import Diff, attribute_change


def as_made(
    stack: Stack, inventory: Inventory, kinds: Kinds, moved_from: Mapping[Address, Address | Part] | None = None
) -> Stack:
    """The stack, in which what live machines inherit is what they have, where that is not drift."""
    if not any(resource.inherited for resource in stack.resources):
        return stack
    work = Diff(stack, inventory, kinds, frozenset(), moved_from or {})
    names = {obj.id: Ref(address) for address, obj in inventory.matched.items()}
    return replace(stack, resources=tuple(_as_made(work, resource, names) for resource in stack.resources))


def _as_made(work: Diff, resource: Resource, names: Mapping[str, Ref]) -> Resource:
    obj = work.inventory.matched.get(resource.address) if resource.inherited else None
    if obj is None:
        return resource
    kept = {
        name: _named(obj.attributes[name], names)
        for name in sorted(resource.inherited)
        if _stays(work, resource, obj, name)
    }
    return replace(resource, attributes={**resource.attributes, **kept}) if kept else resource


def _stays(work: Diff, resource: Resource, obj: LiveObject, name: str) -> bool:
    line = attribute_change(work, work.kinds[obj.kind], resource, obj, name, resource.attributes[name])
    return line is not None and line.cause is not Cause.DRIFT and obj.attributes.get(name) is not None


def _named(value: Value, names: Mapping[str, Ref]) -> Value:
    """With the resources of the stack by their names: they are in use."""
    if isinstance(value, tuple):
        return tuple(_named(item, names) for item in value)
    return names.get(value, value) if isinstance(value, str) else value
