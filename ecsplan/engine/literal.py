"""Ids that a file names and that nothing has: an error of the plan, with its place, before anything is bought.

Used by planning.py. Asked by id where the list of the kind has no such object: a list may lag, or leave out what
another account shares.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecsplan.inventory.read import Source, look
from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import MapOf, Record, Reference, SetOf, is_deferred
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject, Resource

MAKING = (Action.CREATE, Action.UPDATE, Action.REPLACE)
UNSURE = ("image", "snapshot")
"""Kinds of which neither the list nor a read by id tells what other accounts share."""

_Named = tuple[Resource, str, str, str]  # the resource, its attribute, the kind and the id that it names


def nonexistent(
    source: Source,
    kinds: Kinds,
    declared: Mapping[Address, Resource],
    objects: Sequence[RemoteObject],
    changes: Sequence[Change],
) -> list[Diagnostic]:
    """One for each id that a resource names which is to be made or changed, and that is not there."""
    listed = {(obj.kind, obj.id) for obj in objects}
    making = [c.address for c in changes if c.action in MAKING and c.address in declared]
    named = [one for address in making for one in _names(kinds, declared[address]) if one[2:] not in listed]
    wanted: dict[str, dict[str, None]] = {}
    for _, _, kind, object_id in named:
        wanted.setdefault(kind, {})[object_id] = None
    gone = {(kind, i) for kind, ids in wanted.items() for i in _missing(source, kinds, kind, list(ids))}
    return [
        Diagnostic(
            f"{name}: {object_id} does not exist in {source.region}",
            f"write the id of a {kind} of this region, or the name of one of this file",
            resource.source_of(name),
            resource.address,
        )
        for resource, name, kind, object_id in named
        if (kind, object_id) in gone
    ]


def _missing(source: Source, kinds: Kinds, kind: str, ids: list[str]) -> Sequence[str]:
    """Those that are not there; one of which nothing was learned is not among them."""
    seen = look(source, kinds[kind], ids)
    return [i for i in ids if i not in seen.found and i not in seen.unknown]


def _names(kinds: Kinds, resource: Resource) -> Iterator[_Named]:
    for attribute in kinds[resource.address.kind].attributes:
        for path, kind, object_id in _ids(attribute.type, resource.attributes.get(attribute.name), attribute.name):
            if kind in kinds and kind not in UNSURE:
                yield (resource, path, kind, object_id)


def _ids(type_: Any, value: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """The place, kind and id of each id that a canonical value of a type holds."""
    if is_deferred(value):
        return
    if isinstance(type_, Reference):
        if isinstance(value, str):
            pairs = zip(type_.kinds, type_.prefixes, strict=False)
            yield from ((path, kind, value) for kind, prefix in pairs if value.startswith(prefix))
    elif isinstance(type_, SetOf):
        for item in value or ():
            yield from _ids(type_.item, item, path)
    elif isinstance(type_, MapOf):
        for key, item in value or ():
            yield from _ids(type_.item, item, f"{path}.{key}")
    elif isinstance(type_, Record):
        for name, item in value or ():
            yield from _ids(type_.by_name[name].type, item, f"{path}.{name}")
