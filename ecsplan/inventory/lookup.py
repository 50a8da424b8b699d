"""References to what the stack does not own: of other stacks by their tags, of anything by name and tags. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ecsplan.model.address import ForeignRef, Lookup
from ecsplan.model.composites import sort_key
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.stack import Stack


def looked_up(stack: Stack, objects: Sequence[RemoteObject]) -> Stack:
    """The stack with ids in place of look-ups. Raises Rejected where one finds nothing, or several."""
    problems: list[Diagnostic] = []
    resources = tuple(_resolved(resource, objects, problems) for resource in stack.resources)
    if problems:
        raise Rejected(problems)
    return replace(stack, resources=resources)


def _resolved(resource: Resource, objects: Sequence[RemoteObject], problems: list[Diagnostic]) -> Resource:
    if not any(_has_lookup(value) for value in resource.attributes.values()):
        return resource
    attributes = {}
    for name, value in resource.attributes.items():
        attributes[name] = _fill(value, resource, name, objects, problems)
    return replace(resource, attributes=attributes)


def _has_lookup(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(_has_lookup(item) for item in value)
    return isinstance(value, ForeignRef | Lookup)


def _fill(
    value: Any, resource: Resource, name: str, objects: Sequence[RemoteObject], problems: list[Diagnostic]
) -> Any:
    if isinstance(value, tuple):
        filled = tuple(_fill(item, resource, name, objects, problems) for item in value)
        return tuple(sorted(filled, key=sort_key)) if value and isinstance(value[0], ForeignRef | Lookup) else filled
    if not isinstance(value, ForeignRef | Lookup):
        return value
    hits = [obj for obj in objects if _fits(value, obj)]
    if len(hits) == 1:
        return hits[0].id
    found = ", ".join(f"{obj.id} ({obj.name})" for obj in hits[:5])
    problems.append(
        Diagnostic(
            f"{name}: {value} {'is not there' if not hits else 'is not one thing: ' + found}",
            "write its id, or a look-up that finds exactly one",
            resource.source_of(name),
            resource.address,
        )
    )
    return value


def _fits(wanted: ForeignRef | Lookup, obj: RemoteObject) -> bool:
    if isinstance(wanted, ForeignRef):
        owner = obj.owner
        return owner is not None and owner.stack == wanted.stack and owner.address == wanted.address and not obj.retired
    if obj.kind != wanted.kind or (wanted.name is not None and obj.name != wanted.name):
        return False
    return all(obj.tags.get(key) == text for key, text in wanted.tags)
