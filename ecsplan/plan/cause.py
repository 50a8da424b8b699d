"""Who moved: the file, the cloud, or both, by the digests of what was applied last. Used by diff.py; pure."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.attribute import Attribute
from ecsplan.model.change import Cause
from ecsplan.model.composites import MapOf
from ecsplan.model.ownership import as_refs, digest
from ecsplan.model.resource import RemoteObject


def cause_of(
    attribute: Attribute, address: Address, obj: RemoteObject, desired: Any, live: Any, owned: Mapping[str, Address]
) -> Cause:
    """`desired` is as declared, with its Refs; `owned` turns the ids in `live` into Refs too."""
    if obj.applied is None:
        return Cause.UNKNOWN
    live = as_refs(live, owned)
    if attribute.name == "name":
        return _cause_of_name(address, obj, desired)
    if isinstance(attribute.type, MapOf):
        return _joined(_causes_by_key(attribute.name, obj.applied, dict(desired), dict(live or ())))
    return _judged(digest(attribute.name, desired) in obj.applied, digest(attribute.name, live) in obj.applied, live)


def cause_of_tags(applied: frozenset[str] | None, live: Mapping[str, str], wanted: Mapping[str, str]) -> Cause:
    """Each key for itself: what we applied and is no longer wanted is pending, what others did is drift."""
    if applied is None:
        return Cause.UNKNOWN
    causes = []
    for key in sorted(live.keys() | wanted.keys()):
        if live.get(key) == wanted.get(key):
            continue
        if key in wanted:
            causes.append(Cause.DRIFT if digest(f"tags.{key}", wanted[key]) in applied else Cause.PENDING)
        else:
            causes.append(Cause.PENDING if digest(f"tags.{key}", live[key]) in applied else Cause.DRIFT)
    return _joined(causes)


def _judged(was_desired: bool, was_live: bool, live: Any) -> Cause:
    if was_desired != was_live:
        return Cause.DRIFT if was_desired else Cause.PENDING
    return Cause.BOTH if not was_desired and live is not None else Cause.PENDING


def _cause_of_name(address: Address, obj: RemoteObject, desired: Any) -> Cause:
    """The names of a group's members are in no digest; one that has lost its number was not renamed by the file."""
    if isinstance(address.key, int):
        is_numbered = obj.name.endswith(f"-{address.key:04d}") or desired == f"{obj.name}-{address.key:04d}"
        return Cause.PENDING if is_numbered else Cause.DRIFT
    assert obj.applied is not None
    return _judged(digest("name", desired) in obj.applied, digest("name", obj.name) in obj.applied, None)


def _causes_by_key(
    name: str, applied: frozenset[str], desired: Mapping[str, Any], live: Mapping[str, Any]
) -> Iterator[Cause]:
    """Each key of a map was applied for itself. What is not declared of a record is left out of its digest."""
    for key in sorted(desired.keys() | live.keys()):
        label = f"{name}.{key}"
        was_desired = key in desired and digest(label, desired[key]) in applied
        if key not in live:
            yield Cause.DRIFT if was_desired else Cause.PENDING
        elif key not in desired:
            yield Cause.PENDING if _was_applied(label, applied, dict(live[key]), set(dict(live[key]))) else Cause.DRIFT
        else:
            wanted, found = dict(desired[key]), dict(live[key])
            moved = {member for member in wanted if found.get(member) != wanted[member]}
            if moved:
                projected = {member: found[member] for member in wanted if member in found}
                yield _judged(was_desired, _was_applied(label, applied, projected, moved), found)


def _was_applied(label: str, applied: frozenset[str], record: Mapping[str, Any], optional: Iterable[str]) -> bool:
    """Whether a record was applied, with all its members or without some of the optional ones."""
    names = sorted(set(optional) & set(record))
    for size in range(len(names) + 1):
        for left_out in combinations(names, size):
            members = tuple(sorted(pair for pair in record.items() if pair[0] not in left_out))
            if digest(label, members) in applied:
                return True
    return False


def _joined(causes: Iterable[Cause]) -> Cause:
    found = set(causes)
    return found.pop() if len(found) == 1 else Cause.BOTH if found else Cause.PENDING
