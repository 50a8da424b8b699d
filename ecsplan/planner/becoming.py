"""Statements of a change about other objects: twins of what is made, parts that are taken up or change their places.
Pure.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from ecsplan.model.address import Address, Part
from ecsplan.model.algebra import fields
from ecsplan.model.capabilities.parts import carried_over, slots_of
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.identity import adoption, named, told
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import key_of, mark
from ecsplan.model.resource import RemoteObject, Resource


def of_twins(resource: Resource, twins: Iterable[RemoteObject]) -> Iterator[str]:
    for twin in twins:
        if twin.owner is None:
            how = adoption(resource.address, twin.id)
            told = f"{named(twin)} is live, looks like it and has no marks: {how} takes it over"
        else:
            whose = f"{twin.owner.part or twin.owner.span or twin.owner.address} of stack {twin.owner.stack}"
            told = f"a journal here knows {named(twin)} as it; its marks say that it is {whose}: fix its tags"
        yield f"{told}; --allow makes a second one"


def of_parts(inventory: Inventory, parts: Iterable[RemoteObject]) -> Iterator[str]:
    """Parts that a new object takes up."""
    for part in parts:
        doubt = ", known by its tags only" if inventory.is_doubtful(part) else ""
        yield f"takes up {part.kind} {named(part)}{doubt}"


def with_parts(inventory: Inventory, change: Change) -> Change:
    """Which parts change their places, and which are taken up by their marks alone."""
    placed = inventory.placed.get(change.address, ())
    taken = inventory.doubtful.get(change.address, ())
    notes = [told(one) for one in placed if one.was is not None]
    notes += [f"takes up {part.kind} {named(part)}, known by its tags only" for part in taken]
    twins = {place: found for line in change.attributes for place, found in _of_slots(inventory, change.address, line)}
    notes += [_in_slot(change.stack, place, twin) for place, found in twins.items() for twin in found]
    if not (placed or taken or notes or twins):
        return change
    return replace(
        change,
        placed=placed,
        notes=(*change.notes, *notes),
        is_doubtful=bool(taken),
        twins=tuple({twin.id: twin for found in twins.values() for twin in found}.values()),
    )


def _of_slots(
    inventory: Inventory, address: Address, line: AttributeChange
) -> Iterator[tuple[Part, tuple[RemoteObject, ...]]]:
    """The twins of the parts that a line of the change makes anew."""
    for place, found in inventory.twins.items():
        is_of_line = isinstance(place, Part) and (place.owner, place.attribute) == (address, line.name)
        if isinstance(place, Part) and is_of_line and place.slot not in fields(line.before):
            yield place, found


def _in_slot(stack: str, place: Part, twin: RemoteObject) -> str:
    return (
        f"{named(twin)} hangs there, looks like {place} and has not its marks: the tag "
        f"{key_of(twin.kind)} = {mark(stack, place)} makes it that; --allow makes a second one"
    )


def taken_along(changes: Sequence[Change], inventory: Inventory, kinds: Kinds) -> tuple[Change, ...]:
    """Deletions with what the service would take along and is no part of the object: it is detached before.

    Not what another change of the plan deletes, or detaches itself.
    """
    if not inventory.foreign:
        return tuple(changes)
    handled = {change.before.id for change in changes if change.before is not None and _leaves(change, kinds)}
    return tuple(_with_taken(change, inventory, handled) for change in changes)


def _leaves(change: Change, kinds: Kinds) -> bool:
    """Whether an object lets go of what it hangs on."""
    if change.action in (Action.DELETE, Action.REPLACE):
        return True
    holders = {spec.holder for kind in kinds.values() for spec in slots_of(kind) if spec.kind == change.kind}
    return change.action is not Action.NOOP and not holders.isdisjoint(change.attributes_by_name)


def _with_taken(change: Change, inventory: Inventory, handled: Collection[str]) -> Change:
    if change.action not in (Action.DELETE, Action.REPLACE) or change.before is None:
        return change
    taken = tuple(part for part in inventory.foreign.get(change.before.id, ()) if part.id not in handled)
    told = (f"the attachment of {part.kind} {named(part)}, which is not part of it and is detached" for part in taken)
    return replace(change, taken=taken, loses=(*change.loses, *told)) if taken else change


def taken_up(kinds: Kinds, change: Change) -> Iterable[str]:
    """The ids of parts that a new object takes up, where an earlier one of its address was lost."""
    over = carried_over(kinds[change.kind], change) if change.parts else None
    return over.ids if over else ()


def birth_notes(kind: Kind, resource: Resource) -> tuple[str, ...]:
    create = kind.create.of(resource)
    return tuple(create.notes(resource)) if create.notes else ()
