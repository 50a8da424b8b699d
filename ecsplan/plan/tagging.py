"""The ownership tags of a change: born in the create call, kept current by one call at its end. Used by steps.py."""

from collections.abc import Iterator
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.call import Call, Merge, Product
from ecsplan.model.change import Change
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.ownership import (
    ADDRESS,
    APPLIED_MORE,
    PREFIX,
    PROTECTED,
    RESTART,
    RETIRED,
    SECRETS,
    STACK,
    applied_tags,
)
from ecsplan.model.resource import RemoteObject, Resource


def wanted_tags(stack: str, resource: Resource, address: Address | None = None) -> dict[str, str]:
    """Our tags and the declared ones. The names of a group's members differ, so they count in no digest."""
    attributes = dict(resource.attributes)
    if isinstance(resource.address.key, int):
        attributes.pop("name", None)
    tags = {STACK: stack, ADDRESS: str(address or resource.address), **applied_tags(attributes)}
    if resource.lifecycle.prevent_destroy:
        tags[PROTECTED] = "true"
    return tags | dict(attributes.get("tags", ()))


def birth_tags(stack: str, resource: Resource, address: Address | None = None) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in wanted_tags(stack, resource, address).items()]


def birth_tag_call(kind: Kind, change: Change, resource: Resource) -> Call:
    """The tags of a new object whose create call takes none."""
    return _on(kind, change.id, "TagResources", {"Tag": birth_tags(change.stack, resource)})


def tag_calls(kind: Kind, change: Change, resource: Resource, *, is_marked: bool = False) -> Iterator[Call]:
    """New and changed tags first, then what disappears: a changed tag is never missing in between."""
    assert change.before is not None
    live = change.before.tags
    keep_group = change.before.owner is not None and change.before.owner.address == resource.address.group
    wanted = wanted_tags(change.stack, resource, resource.address.group if keep_group else None)
    if change.after is not None:  # what is known of them by now is filled in there
        wanted |= dict(change.after.attributes.get("tags", ()))
    line = change.attributes_by_name.get("tags")
    ignored = {key for key in wanted if resource.lifecycle.ignores(f"tags.{key}")}
    fresh = {key: value for key, value in wanted.items() if live.get(key) != value and key not in ignored}
    gone = {key for key in (APPLIED_MORE, SECRETS, PROTECTED, RETIRED, RESTART) if key in live and key not in wanted}
    if is_marked:
        gone.add(RESTART)
    if line is not None:
        gone |= set(dict(line.before)) - set(dict(line.after))
    if fresh:
        pairs = [{"Key": key, "Value": value} for key, value in sorted(fresh.items())]
        yield _on(kind, change.before.id, "TagResources", {"Tag": pairs})
    if gone:
        yield _untag(kind, change.before.id, sorted(gone))


def release_call(kind: Kind, change: Change) -> Call:
    assert change.before is not None
    return _untag(kind, change.before.id, _ours(change.before))


def release_parts(kinds: Kinds, change: Change) -> Iterator[Call]:
    """The parts of what is released carry its tags, and are nobody's either."""
    for part in change.parts:
        yield _untag(kinds[part.kind], part.id, _ours(part))


def _ours(obj: RemoteObject) -> list[str]:
    return sorted(key for key in obj.tags if key.startswith(PREFIX))


def move_calls(kinds: Kinds, change: Change) -> Iterator[Call]:
    """The parts of an object that has another address now have it too."""
    for part in change.parts:
        if part.tags.get(ADDRESS) != str(change.address):
            pairs = [{"Key": ADDRESS, "Value": str(change.address)}]
            yield _on(kinds[part.kind], part.id, "TagResources", {"Tag": pairs})


def restart_call(kind: Kind, change: Change) -> Call:
    """Marks a machine before it is stopped, so that a run cut off before the start leaves no doubt that it ran."""
    assert change.before is not None
    return _on(kind, change.before.id, "TagResources", {"Tag": [{"Key": RESTART, "Value": "true"}]})


def retire_call(kind: Kind, change: Change) -> Call:
    """Marks the old object of a replacement, so that a run cut off between the two halves leaves no doubt."""
    assert change.before is not None
    return _on(kind, change.before.id, "TagResources", {"Tag": [{"Key": RETIRED, "Value": "true"}]})


def _untag(kind: Kind, object_id: str, keys: list[str]) -> Call:
    operation = "UnTagResources" if kind.product is Product.VPC else "UntagResources"
    return _on(kind, object_id, operation, {"TagKey": keys})


def _on(kind: Kind, object_id: str | Ref, operation: str, params: dict[str, Any]) -> Call:
    limit = 20 if kind.product is Product.VPC else 50
    merge = Merge("ResourceId", limit)
    return Call(operation, {"ResourceType": kind.tag_type, **params}, kind.product, kind.name, (object_id,), merge)
