"""The ownership tags of a change: born in the create call, kept current by one call at its end. Used by steps.py."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ecsplan.model.address import Address, Part, Place, Ref, Span
from ecsplan.model.call import Call, Merge, Product
from ecsplan.model.change import Change
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import (
    APPLIED_MORE,
    OLD_KEYS,
    OLD_RESTART,
    PREFIX,
    PROTECTED,
    RESTART,
    RETIRED,
    SECRETS,
    key_of,
    mark,
    pairs,
)
from ecsplan.model.ownership import applied_tags
from ecsplan.model.resource import RemoteObject, Resource


def wanted_tags(stack: str, resource: Resource, place: Place | None = None) -> dict[str, str]:
    """Our tags and the declared ones. The names of a group's members differ, so they count in no digest."""
    attributes, kind = dict(resource.attributes), resource.address.kind
    if isinstance(resource.address.key, int):
        attributes.pop("name", None)
    tags = {key_of(kind): mark(stack, place or resource.address)}
    tags |= {key_of(kind, name): text for name, text in applied_tags(attributes).items()}
    if resource.lifecycle.prevent_destroy:
        tags[key_of(kind, PROTECTED)] = "true"
    return tags | dict(attributes.get("tags", ()))


def birth_tags(stack: str, resource: Resource) -> list[dict[str, str]]:
    return pairs(wanted_tags(stack, resource))


def birth_tag_call(kind: Kind, change: Change, resource: Resource) -> Call:
    """The tags of a new object whose create call takes none."""
    return _on(kind, change.id, "TagResources", {"Tag": birth_tags(change.stack, resource)})


def tag_calls(
    kind: Kind, change: Change, resource: Resource, *, has_unmarked: bool = False, last: int = 0
) -> Iterator[Call]:
    """New and changed tags first, then what disappears: a changed tag is never missing in between.

    `has_unmarked`: another step takes off the mark of a machine that is to run again. `last` is the highest number in
    the group of a member.
    """
    assert change.before is not None
    live = change.before.tags
    wanted = wanted_tags(change.stack, resource, _shared_place(change.before, resource.address, last))
    if change.after is not None:  # what is known of them by now is filled in there
        wanted |= dict(change.after.attributes.get("tags", ()))
    line = change.attributes_by_name.get("tags")
    ignored = {name for name in wanted if resource.lifecycle.ignores(f"tags.{name}")}
    fresh = {name: text for name, text in wanted.items() if live.get(name) != text and name not in ignored}
    gone = {key_of(kind.name, name) for name in (APPLIED_MORE, SECRETS, PROTECTED, RETIRED, RESTART)} - wanted.keys()
    gone = (gone | OLD_KEYS) & live.keys()
    if has_unmarked:
        gone -= _restart_keys(kind)
    if line is not None:
        gone |= set(dict(line.before)) - set(dict(line.after))
    if fresh:
        yield _on(kind, change.before.id, "TagResources", {"Tag": pairs(dict(sorted(fresh.items())))})
    if gone:
        yield _untag(kind, change.before.id, sorted(gone))


def _shared_place(obj: RemoteObject, address: Address, last: int) -> Span | None:
    """The mark that a member shares with its batch; it is kept, so that one call can tag many.

    An earlier version gave all members their group's address alone.
    """
    owner = obj.owner
    if owner is None or owner.address != address.group or address.key is None:
        return None
    span = owner.span or Span(address.group, 0, last)
    return span if address in span else None


def release_call(kind: Kind, change: Change) -> Call:
    assert change.before is not None
    return _untag(kind, change.before.id, _ours(change.before))


def release_parts(kinds: Kinds, change: Change) -> Iterator[Call]:
    """The parts of what is released carry its tags, and are nobody's either."""
    for part in change.parts:
        yield _untag(kinds[part.kind], part.id, _ours(part))


def _ours(obj: RemoteObject) -> list[str]:
    return sorted(name for name in obj.tags if name.startswith(PREFIX))


def move_calls(kinds: Kinds, change: Change) -> Iterator[Call]:
    """The parts of an object that has another address now have it too."""
    for part in change.parts:
        place: Place = change.address
        if part.owner is not None and part.owner.part is not None:
            place = replace(part.owner.part, owner=change.address)
        name = key_of(part.kind if isinstance(place, Part) else change.kind)
        if part.tags.get(name) != mark(change.stack, place):
            tags = pairs({name: mark(change.stack, place)})
            yield _on(kinds[part.kind], part.id, "TagResources", {"Tag": tags})


def restart_call(kind: Kind, change: Change) -> Call:
    """Marks a machine before it is stopped, so that a run cut off before the start leaves no doubt that it ran.

    One that is adopted is ours from now on: nobody reads marks of what has no owner.
    """
    assert change.before is not None
    tags = {key_of(kind.name, RESTART): "true"}
    if change.before.owner is None:
        tags[key_of(kind.name)] = mark(change.stack, change.address)
    return _on(kind, change.before.id, "TagResources", {"Tag": pairs(tags)})


def unmark_call(kind: Kind, change: Change) -> Call:
    """It runs again: were the mark left, a later run would start it after somebody has stopped it."""
    assert change.before is not None
    live = _restart_keys(kind) & change.before.tags.keys()
    keys = sorted(live | {key_of(kind.name, RESTART)})
    return replace(_untag(kind, change.before.id, keys), absent_is_done=True)


def _restart_keys(kind: Kind) -> set[str]:
    """Those that say that a machine is to run again; an earlier version had another."""
    return {key_of(kind.name, RESTART), OLD_RESTART}


def retire_call(kind: Kind, change: Change) -> Call:
    """Marks the old object of a replacement, so that a run cut off between the two halves leaves no doubt."""
    assert change.before is not None
    return _on(kind, change.before.id, "TagResources", {"Tag": pairs({key_of(kind.name, RETIRED): "true"})})


def _untag(kind: Kind, object_id: str, keys: list[str]) -> Call:
    operation = "UnTagResources" if kind.product is Product.VPC else "UntagResources"
    return _on(kind, object_id, operation, {"TagKey": keys})


def _on(kind: Kind, object_id: str | Ref, operation: str, params: dict[str, Any]) -> Call:
    limit = 20 if kind.product is Product.VPC else 50
    merge = Merge("ResourceId", limit)
    return Call(operation, {"ResourceType": kind.tag_type, **params}, kind.product, kind.name, (object_id,), merge)
