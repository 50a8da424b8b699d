"""What goes: orphans, retired objects, released ones, or everything for `destroy`. Used by diff.py; pure."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import Inventory, RemoteObject
from ecsplan.model.stack import Stack


def removals(
    stack: Stack, inventory: Inventory, kinds: Kinds, *, destroy: bool, taken: Collection[str] = ()
) -> Iterator[Change]:
    """Changes for live objects of the stack that no resource wants; sorted, so that a plan is always the same.

    `taken` are the ids of loose parts that something new takes up.
    """
    released = set(stack.released)
    blocks = {resource.address.group for resource in stack.resources}
    found: list[Change] = []
    for address, obj in inventory.retired:
        found.append(_delete(stack, kinds, address, obj, "replaced by a newer one in a run that was cut off"))
    for address, obj in (*inventory.orphans, *(pair for pair in inventory.loose if pair[1].id not in taken)):
        if not destroy and (address in released or address.group in released):
            parts = tuple(part for part in inventory.objects if part.parent == obj.id)
            place = _place(address, obj)
            found.append(Change(place, Action.RELEASE, obj, None, stack=stack.name, reason="released", parts=parts))
        else:
            change = _delete(stack, kinds, address, obj, _reason(stack, address, obj, blocks, destroy))
            found.append(replace(change, notes=() if destroy else tuple(_what_stays(inventory, address, obj))))
    if destroy:
        for address, obj in inventory.matched.items():
            if obj.owner is not None:  # what `adopt` names is not ours before it is adopted
                found.append(_delete(stack, kinds, address, obj, "destroy"))
        found += [_delete(stack, kinds, *pair, "destroy") for pair in (*inventory.strangers, *inventory.kept)]
    seen: set[tuple[Address, str]] = set()
    for change in sorted(found, key=lambda c: (c.address, c.before.id if c.before else "")):
        assert change.before is not None
        if (change.address, change.before.id) not in seen:
            seen.add((change.address, change.before.id))
            yield change


def _reason(stack: Stack, address: Address, obj: RemoteObject, blocks: set[Address], destroy: bool) -> str:
    if destroy:
        return "destroy"
    if obj.kind != address.kind:
        return f"its {address.kind} is gone"
    if address.group in blocks:
        return f"{address.group} no longer has this member"
    return f"gone from {stack.path}"


def _place(address: Address, obj: RemoteObject) -> Address:
    """A part that outlived its parent goes by its own kind."""
    return address if obj.kind == address.kind else Address(obj.kind, address.name, obj.id)


def _what_stays(inventory: Inventory, address: Address, obj: RemoteObject) -> Iterator[str]:
    """What outlives the object, and how a part that did can be had without its owner."""
    if obj.kind != address.kind:
        yield f"released: [{address}] gives it up without deleting it"
    for _, part in inventory.kept:
        if part.parent == obj.id:
            yield f"{part.kind} {part.name or part.id} ({part.id}) stays; a later plan shows it as left over"


def _delete(stack: Stack, kinds: Kinds, address: Address, obj: RemoteObject, reason: str) -> Change:
    kind: Kind = kinds[obj.kind]
    address, blocked = _place(address, obj), []
    if obj.is_protected:
        blocked.append("it is protected (prevent_destroy); apply prevent_destroy: false first")
    refusal = kind.delete.refused(obj) if kind.delete.refused else None
    if refusal:
        blocked.append(refusal)
    return Change(
        address,
        Action.DELETE,
        obj,
        None,
        impact=kind.delete.impact,
        reason=reason,
        loses=(kind.delete.gives_up(obj),) if kind.delete.gives_up else (),
        blocked=tuple(blocked),
        stack=stack.name,
    )
