"""Which half of a replacement comes first, and whether it can be at all. Used by diff.py; pure.

A replacement deletes first, unless someone who stays must move over, or the file asks for it: then it creates first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import MapOf, Record, refs_in
from ecsplan.model.kind import Kind, Kinds


def settle_replacements(changes: Sequence[Change], kinds: Kinds) -> list[Change]:
    """Sets `create_first` on replacements, and blocks those that can be made in neither order."""
    replaced = {change.address for change in changes if change.action is Action.REPLACE}
    sizes = Counter(address.group for address in replaced)
    stayers: dict[Address, list[tuple[Change, str]]] = {}
    if replaced:
        for change in changes:
            for name, address in _held(change, kinds[change.kind]) if _needs_both(change, sizes) else ():
                if address in replaced:
                    stayers.setdefault(address, []).append((change, name))
    return [
        _settled(change, kinds, stayers.get(change.address, ())) if change.action is Action.REPLACE else change
        for change in changes
    ]


def _needs_both(change: Change, sizes: Mapping[Address, int]) -> bool:
    """Whether it needs the new one of what it holds while the old one lives: it stays, or has a new one itself before
    its old one goes, or is replaced member by member."""
    if change.action in (Action.UPDATE, Action.MOVE, Action.ADOPT):
        return True
    if change.action is not Action.REPLACE or change.after is None:
        return False
    lifecycle = change.after.lifecycle
    return lifecycle.create_before_destroy or (sizes[change.address.group] > 1 and lifecycle.max_unavailable != "all")


def _held(change: Change, kind: Kind) -> Iterable[tuple[str, Address]]:
    """What a resource refers to, by attribute; what it was only made from need not be moved over."""
    if change.after is not None:
        for name, value in change.after.attributes.items():
            for ref in () if kind.attribute(name).at_birth else refs_in(value):
                yield name, ref.address


def _settled(change: Change, kinds: Kinds, stayers: Sequence[tuple[Change, str]]) -> Change:
    kind = kinds[change.kind]
    shared = [name for name in kind.exclusive if _is_kept(change, kind, name)]
    assert change.after is not None
    asked = change.after.lifecycle.create_before_destroy
    must = [(c, name) for c, name in stayers if _must_hold(kinds[c.kind], c, name, change.address)]
    blocked = list(change.blocked)
    if asked and shared:
        blocked.append(
            f"create_before_destroy: {', '.join(shared)} stays the same, and two live objects cannot share it"
        )
    if must and shared:
        names = ", ".join(str(c.address) for c, _ in must[:3])
        blocked.append(
            f"{names} must move to the new one while the old still lives, but both cannot have the same "
            f"{', '.join(shared)}; change that too, or replace what uses it"
        )
    create_first = bool(must) or ((asked or bool(stayers)) and not shared)
    return replace(change, create_first=create_first, blocked=tuple(blocked))


def _must_hold(kind: Kind, holder: Change, name: str, held: Address) -> bool:
    """Whether what stays cannot be without what is replaced, not even for a moment."""
    attribute = kind.attribute(name)
    if attribute.required or name == "vswitch":
        return True
    assert holder.after is not None
    item = attribute.type.item if isinstance(attribute.type, MapOf) else None
    needed = {member.name for member in item.members if member.required} if isinstance(item, Record) else set()
    records = holder.after.attributes.get(name) or () if needed else ()
    return any(ref.address == held for _, record in records for n, v in record if n in needed for ref in refs_in(v))


def _is_kept(change: Change, kind: Kind, name: str) -> bool:
    """Whether the new object would have the same value of an exclusive attribute as the old one."""
    assert change.before is not None and change.after is not None
    if name == "name":
        return change.after.name == change.before.name
    outer, in_each, member = name.partition("[].")
    if in_each:
        found = _members(change.after.attributes.get(outer), member)
        return bool(found & _members(change.before.attributes.get(outer), member))
    declared = change.after.attributes.get(name)
    return declared is not None and declared == change.before.attributes.get(name)


def _members(value: Any, member: str) -> set[Any]:
    """What the records of a map have under one name."""
    return {dict(record)[member] for _, record in value or () if member in dict(record)}
