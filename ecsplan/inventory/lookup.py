"""References to what the stack does not own: of other stacks by their tags, of anything by name and tags. Pure."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from ecsplan.model.address import ForeignRef, Lookup
from ecsplan.model.composites import sort_key
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.stack import Stack


def looked_up(stack: Stack, objects: Sequence[RemoteObject]) -> Stack:
    """The stack with ids in place of look-ups. Raises Rejected where one finds nothing, or several."""
    problems, hits = Problems(), _Hits(objects)
    resources = tuple(_resolved(resource, hits, problems) for resource in stack.resources)
    if problems:
        raise Rejected(problems.values())
    return replace(stack, resources=resources)


Problems = dict[tuple[Any, ...], Diagnostic]
"""Said once: not once for each member of a group, and of a stack that is not there not for each of its resources."""


class _Hits:
    """What look-ups find: each one that is written is looked for once, among what can be it at all."""

    def __init__(self, objects: Sequence[RemoteObject]) -> None:
        self.objects = objects
        self._found: dict[ForeignRef | Lookup, list[RemoteObject]] = {}

    def of(self, wanted: ForeignRef | Lookup) -> list[RemoteObject]:
        if wanted not in self._found:
            self._found[wanted] = [obj for obj in self._candidates(wanted) if _fits(wanted, obj)]
        return self._found[wanted]

    def _candidates(self, wanted: ForeignRef | Lookup) -> Sequence[RemoteObject]:
        if isinstance(wanted, ForeignRef):
            return self._by_stack.get(wanted.stack, ())
        if wanted.name is not None:
            return self._by_name.get((wanted.kind, wanted.name), ())
        return self.objects

    @cached_property
    def _by_stack(self) -> dict[str, list[RemoteObject]]:
        found: dict[str, list[RemoteObject]] = {}
        for obj in self.objects:
            if obj.owner is not None:
                found.setdefault(obj.owner.stack, []).append(obj)
        return found

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[RemoteObject]]:
        found: dict[tuple[str, str], list[RemoteObject]] = {}
        for obj in self.objects:
            found.setdefault((obj.kind, obj.name), []).append(obj)
        return found


def _resolved(resource: Resource, hits: _Hits, problems: Problems) -> Resource:
    if not any(isinstance(leaf, (ForeignRef, Lookup)) for _, leaf in resource.held):
        return resource
    attributes = {}
    for name, value in resource.attributes.items():
        attributes[name] = _fill(value, resource, name, hits, problems)
    return replace(resource, attributes=attributes)


def _fill(value: object, resource: Resource, name: str, hits: _Hits, problems: Problems) -> Any:
    if isinstance(value, tuple):
        filled = tuple(_fill(item, resource, name, hits, problems) for item in value)
        return tuple(sorted(filled, key=sort_key)) if value and isinstance(value[0], (ForeignRef, Lookup)) else filled
    if not isinstance(value, (ForeignRef, Lookup)):
        return value
    found = hits.of(value)
    if len(found) == 1:
        return found[0].id
    source = resource.source_of(name)
    if not found and isinstance(value, ForeignRef) and not any(_is_of(value.stack, obj) for obj in hits.objects):
        summary = f"{name}: {value} is not there: that stack owns nothing in this region"
        detail = f"apply stack {value.stack} first, or fix its name"
        problems.setdefault((value.stack,), Diagnostic(summary, detail, source, resource.address.group))
        return value
    several = ", ".join(f"{obj.id} ({obj.name})" for obj in found[:5])
    summary = f"{name}: {value} {'is not one thing: ' + several if found else 'is not there'}"
    detail = _instead(value, hits.objects) if not found else "write its id, or a look-up that finds exactly one"
    problems.setdefault((source, summary), Diagnostic(summary, detail, source, resource.address.group))
    return value


def _instead(wanted: ForeignRef | Lookup, objects: Sequence[RemoteObject]) -> str:
    """What there is of the kind: in that stack, or by name."""
    if isinstance(wanted, Lookup):
        names = sorted({obj.name for obj in objects if obj.kind == wanted.kind})
        near = get_close_matches(wanted.name or "", names, 3)
        return f"did you mean {' or '.join(near)}?" if near else "write its id, or a look-up that finds exactly one"
    owned = [obj.owner.address for obj in objects if _is_of(wanted.stack, obj) and obj.owner is not None]
    known = sorted({str(address) for address in owned if address.kind == wanted.address.kind})
    some = ", ".join(known[:10]) + (" …" if len(known) > 10 else "") if known else f"no {wanted.address.kind}"
    return f"stack {wanted.stack} has {some}; fix the name, or apply stack {wanted.stack} first"


def _is_of(stack: str, obj: RemoteObject) -> bool:
    return obj.owner is not None and obj.owner.stack == stack


def _fits(wanted: ForeignRef | Lookup, obj: RemoteObject) -> bool:
    if isinstance(wanted, ForeignRef):
        owner = obj.owner
        return owner is not None and owner.stack == wanted.stack and owner.address == wanted.address and not obj.retired
    if obj.kind != wanted.kind or (wanted.name is not None and obj.name != wanted.name):
        return False
    return all(obj.tags.get(key) == text for key, text in wanted.tags)
