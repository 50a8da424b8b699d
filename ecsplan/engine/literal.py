"""Ids that a file names and that nothing has: an error of the plan, with its place, before anything is bought.

Used by planning.py. Asked by id where the list of the kind has no such object: a list may lag, or leave out what
another account shares. What the live object names already is not asked for; nor is the other side of a rule, which may
be a group of another account.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecsplan.inventory.read import may_read
from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import MapOf, Record, Reference, SetOf, is_deferred
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import LiveObject, RemoteObject, Resource
from ecsplan.provider.protocol import Provider

_Named = tuple[str, str, str]
MAKING = (Action.CREATE, Action.UPDATE, Action.REPLACE)
UNSURE = ("image", "snapshot")
"""Kinds of which neither the list nor a read by id tells what other accounts share."""


def nonexistent(
    source: Provider,
    kinds: Kinds,
    declared: Mapping[Address, Resource],
    objects: Sequence[RemoteObject],
    changes: Sequence[Change],
) -> list[Diagnostic]:
    """One for each id that a resource names which is to be made or changed, and that is not there."""
    listed, names_of = {(obj.kind, obj.id) for obj in objects}, _NewNames()
    named = [
        (resource, name, kind, object_id)
        for change in changes
        if change.action in MAKING and (resource := declared.get(change.address)) is not None
        for name, kind, object_id in names_of(kinds[change.kind], resource, change.before)
        if kind in kinds and kind not in UNSURE and (kind, object_id) not in listed
    ]
    wanted: dict[str, dict[str, None]] = {}
    for _, _, kind, object_id in named:
        wanted.setdefault(kind, {})[object_id] = None
    told = {obj.kind for obj in objects}
    gone = {
        (kind, object_id)
        for kind, ids in wanted.items()
        if kind in told or may_read(source, kinds[kind]) is not False
        for object_id in _missing(source, kinds, kind, list(ids))
    }
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


def _missing(source: Provider, kinds: Kinds, kind: str, ids: list[str]) -> Sequence[str]:
    """Those that are not there; one of which nothing was learned is not among them."""
    seen = source.wait(kind, ids)
    return [i for i in ids if i not in seen.found and i not in seen.unknown]


class _NewNames:
    """The place, kind and id of each id that a resource names and its live object does not; of a value that the new
    members of a group share, they are found once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], tuple[object, tuple[_Named, ...]]] = {}  # with the value, for its id

    def __call__(self, kind: Kind, resource: Resource, before: LiveObject | None) -> Iterator[_Named]:
        live = before.attributes if before is not None else {}
        for name, value in resource.attributes.items():
            place = (kind.name, name, id(value))
            if place not in self._known:
                self._known[place] = (value, tuple(_ids(kind.attribute(name).type, value, name)))
            if found := self._known[place][1]:
                known = {one[1:] for one in _ids(kind.attribute(name).type, live.get(name), "")}
                yield from (one for one in found if one[1:] not in known)


def _ids(type_: Any, value: Any, path: str) -> Iterator[_Named]:
    """The place, kind and id of each id that a canonical value of a type holds."""
    if is_deferred(value):
        return
    if isinstance(type_, Reference):
        if isinstance(value, str):
            # A name is an id where the kind has no other.
            pairs = zip(type_.kinds, type_.prefixes or ("",), strict=False)
            yield from ((path, kind, value) for kind, prefix in pairs if value.startswith(prefix))
    elif isinstance(type_, SetOf) and isinstance(type_.item, Reference):
        for item in value or ():
            yield from _ids(type_.item, item, path)
    elif isinstance(type_, MapOf):
        for key, item in value or ():
            yield from _ids(type_.item, item, f"{path}.{key}")
    elif isinstance(type_, Record):
        for name, item in value or ():
            yield from _ids(type_.by_name[name].type, item, f"{path}.{name}")
