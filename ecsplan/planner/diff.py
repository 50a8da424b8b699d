"""Resources and the inventory to Changes: what differs, who moved, and how it can be put right.

Called by the engine with a matched, decoded inventory; steps.py turns the Changes into Calls. Goes in dependency
order, so that a Ref to something that gets a new identity is already a change in what holds it.
"""

from collections.abc import Collection, Mapping, Sequence

from ecsplan.model.address import Address, Part
from ecsplan.model.algebra import Value
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.capabilities.conversion import Conversion
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, AttributeChange, Cause, Change
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.moving import Moving
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.planner.alike import Unchanged
from ecsplan.planner.becoming import birth_notes, of_parts, of_twins, taken_up, with_parts
from ecsplan.planner.comparing import Diff, attribute_change
from ecsplan.planner.conversion import at_birth, taken_over
from ecsplan.planner.draining import at_rest
from ecsplan.planner.dropped import NO_LONGER, ending, left, released
from ecsplan.planner.marks import number_change, protection_change, restart_change, retirement_change, safety_change
from ecsplan.planner.moving import moving_of
from ecsplan.planner.recording import opened
from ecsplan.planner.removal import doubt, removals
from ecsplan.planner.replacement import settle_replacements
from ecsplan.planner.values import KnownValues
from ecsplan.planner.ways import (
    find_update,
    impacts_in_place,
    impacts_of_birth,
    lost_in_place,
    lost_with,
    with_purchase,
)
from ecsplan.planner.within import holder_at_rest


def diff(
    stack: Stack,
    inventory: Inventory,
    kinds: Kinds,
    *,
    replace_addresses: frozenset[Address] = frozenset(),
    moved_from: Mapping[Address, Address | Part] | None = None,
    destroy: bool = False,
) -> tuple[Change, ...]:
    """All changes, NOOPs too, in dependency order; deletions last."""
    work = Diff(stack, inventory, kinds, replace_addresses, moved_from or {})
    if destroy:
        return tuple(removals(stack, inventory, kinds, destroy=True))
    changes = settle_replacements(_changes(work), kinds)
    taken = {part for change in changes for part in taken_up(kinds, change)}
    return (*changes, *removals(stack, inventory, kinds, destroy=False, taken=taken))


def wanted_again(
    stack: Stack, inventory: Inventory, kinds: Kinds, moved_from: Mapping[Address, Address | Part]
) -> frozenset[str]:
    """The ids of retired objects that can be what the file says again, where what took their place cannot, or was made
    with something that the file does not say any more.

    A replacement was broken off before the old one was deleted, and the old file restored.
    """
    heirs = {address: heir for address, heir in inventory.matched.items() if not heir.retired}
    olds = {address: old for address, old in inventory.retired if address in heirs}
    if not olds:
        return frozenset()
    restored = replace(inventory, matched={**inventory.matched, **olds})
    work = Diff(stack, inventory, kinds, frozenset(), moved_from)
    now = {change.address: change.action for change in _changes(work)}
    then = {c.address: c.action for c in _changes(Diff(stack, restored, kinds, frozenset(), moved_from))}
    return frozenset(
        old.id
        for address, old in olds.items()
        if then.get(address) is not Action.REPLACE
        if now.get(address) is Action.REPLACE or _is_closer(work, stack.by_address()[address], old, heirs[address])
    )


def _is_closer(work: Diff, resource: Resource, old: LiveObject, heir: LiveObject) -> bool:
    """Whether the newer one alone was made with something fixed that is not declared."""
    fixed = {one.name for one in work.kinds[resource.address.kind].attributes if one.fixed == "replace"}
    extra = [fixed.intersection(work.record_of(resource, obj).missing) for obj in (heir, old)]
    return bool(extra[0]) and not extra[1]


def _changes(work: Diff) -> list[Change]:
    """The order of a stack knows nothing of attributes that are set after the create: who names by one of them
    something that turns out to be replaced is looked at again."""
    found: dict[Address, Change] = {}
    todo: Sequence[Resource] = work.stack.resources
    seen: set[Address] = set()
    unchanged = Unchanged(work)
    while todo:
        for resource in todo:
            found[resource.address] = _change_once(work, resource, unchanged)
        fresh = (work.renewed & work.inventory.matched.keys()) - seen
        seen |= fresh
        todo = [r for r in work.stack.resources if _names_any(r, fresh)] if fresh else ()
    return list(found.values())


def _names_any(resource: Resource, addresses: Collection[Address]) -> bool:
    return any(ref.address in addresses for _, ref in resource.refs)


def _change_once(work: Diff, resource: Resource, unchanged: Unchanged) -> Change:
    """One resource held against what is live; of members that are alike, the first alone is looked at whole."""
    obj = work.inventory.matched.get(resource.address)
    shape = unchanged.shape(work.kinds[resource.address.kind], resource, obj) if obj is not None else None
    filled = unchanged.filled(shape)
    if filled is not None:
        return Change(resource.address, Action.NOOP, obj, _with(resource, filled), stack=work.stack.name)
    change = _change(work, resource)
    if shape is not None and change == Change(change.address, Action.NOOP, obj, change.after, stack=work.stack.name):
        unchanged.take(shape, _filled(work, resource))
    return change


def _change(work: Diff, resource: Resource) -> Change:
    obj = work.inventory.matched.get(resource.address)
    if resource.address in work.inventory.questions:
        asked = tuple(str(question) for question in work.inventory.questions[resource.address])
        return Change(resource.address, Action.NOOP, obj, resource, blocked=asked, stack=work.stack.name)
    if obj is None:
        work.renewed.add(resource.address)
        return _creation(work, resource)
    kind = work.kinds[resource.address.kind]
    lines: list[AttributeChange] = []
    notes: list[str] = []
    blocked: list[str] = []
    record = work.record_of(resource, obj)
    gone = released(kind, resource, obj, work.naming) if record.missing else {}
    unsure = work.unsure(resource)
    for name, desired in ({**resource.attributes, **gone} if gone else resource.attributes).items():
        if resource.lifecycle.ignores(name) or name in unsure:
            continue
        line = attribute_change(work, kind, resource, obj, name, desired)
        if line is not None:
            line = _judged(kind, resource, obj, line, blocked, notes)
        if line is not None:
            lines.append(replace(line, note=_joined(NO_LONGER, line.note)) if name in gone else line)
    lines = at_rest(kind, resource, obj, lines, holder_at_rest(work, kind, resource, obj))
    moving, lines = moving_of(kind, resource, obj, lines, work.known, work.look_around)
    if moving is not None:
        blocked, notes = [*blocked, *moving.blocked], [*notes, *moving.notes]
    table = work.inventory.tables.get(resource.address, "")
    lines += restart_change(kind, resource, obj)
    if kind.ownership.tag_type:
        lines += [*protection_change(resource, obj), *safety_change(resource, obj), *number_change(resource, table)]
    conversion = kind.capability(Conversion)
    source = work.known.resolve(resource.attributes.get(conversion.source)) if conversion else None
    lines, taken = taken_over(kind, resource, obj, source, lines)
    blocked, notes = [*blocked, *taken.blocked], [*notes, *taken.notes]
    change = _concluded(work, kind, resource, obj, tuple(lines), tuple(blocked), tuple(notes), moving)
    if record.is_out_of_date:
        said = tuple(left(kind, resource, obj, record.missing, work.given.get(resource.address, "")))
        change = replace(change, records=change.action is Action.NOOP, left=said)
    if ends := tuple(ending(kind, resource, obj, record.missing)):
        change = replace(change, left=(*change.left, *ends))
    return replace(change, converts=taken.what) if taken.what else change


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def _creation(work: Diff, resource: Resource) -> Change:
    kind, after = work.kinds[resource.address.kind], _resolved(work, resource)
    found = work.inventory
    taken = at_birth(kind, after, found.objects, found.matched)
    parts = tuple(obj for address, obj in found.loose if address == resource.address)
    twins = found.twins.get(resource.address, ())
    unsure = work.unsure(resource).values()
    waits = tuple(f"it names {address}, which is not told apart yet" for address in dict.fromkeys(unsure))
    change = Change(
        resource.address,
        Action.CREATE,
        None,
        after,
        blocked=(*taken.blocked, *waits),
        notes=(*taken.notes, *birth_notes(kind, resource), *of_twins(resource, twins), *of_parts(found, parts)),
        stack=work.stack.name,
        parts=parts,
        converts=taken.what,
        impacts=impacts_of_birth(kind, after),
        is_doubtful=any(found.is_doubtful(part) for part in parts),
        twins=twins,
    )
    return with_purchase(kind, change)


def _judged(
    kind: Kind, resource: Resource, obj: LiveObject, line: AttributeChange, blocked: list[str], notes: list[str]
) -> AttributeChange | None:
    """How a line can be put right: in place, by replacement, or not at all; None where it is to be ignored."""
    power = kind.capability(Power)
    attribute = kind.attribute(line.name)
    if power and line.name == power.attribute:
        return replace(line, note=power.note(resource)) if power.note else line
    if attribute.decided_by:
        choice = _choice(attribute, resource, obj, line)
        if choice == "ignore":
            notes.append(f"{line.name} differs and is ignored ({attribute.decided_by}: ignore)")
            return None
        if choice == "replace":
            return replace(line, forces_replacement=True, note=f"{attribute.decided_by}: replace")
        if choice is None:
            blocked.append(
                f"{line.name} changes, and lifecycle.{attribute.decided_by} does not say what to do: "
                f"replace, reinstall or ignore"
            )
            return line
    update = find_update(kind, line)
    if update is not None:
        return replace(line, note=update.note)
    if attribute.fixed == "replace" and not attribute.decided_by:
        return replace(line, forces_replacement=True)
    reason = next((u.otherwise for u in kind.updates_for(line.name) if u.otherwise), "it cannot be changed")
    text = reason if isinstance(reason, str) else reason(line.before, line.after)
    place = resource.source_of(line.name)
    blocked.append(f"{line.name}: {text}" + (f" ({place})" if place else ""))
    return line


def _choice(attribute: Attribute, resource: Resource, obj: LiveObject, line: AttributeChange) -> str | None:
    """What the lifecycle option says. Of a value that is read one by one, another one in the file replaces the object,
    and only where it was declared before: what a machine that is taken over was made with is not known, and what others
    wrote since has never run."""
    choice: str | None = getattr(resource.lifecycle, attribute.decided_by or "")
    if choice == "replace" and attribute.compare_by_digest:
        was_declared = obj.applied is not None and obj.applied.line(line.name) is not None
        return choice if was_declared and line.cause is not Cause.DRIFT else "update"
    return choice


def _concluded(
    work: Diff,
    kind: Kind,
    resource: Resource,
    obj: LiveObject,
    lines: tuple[AttributeChange, ...],
    blocked: tuple[str, ...],
    notes: tuple[str, ...],
    moving: Moving | None,
) -> Change:
    address, after = resource.address, _resolved(work, resource)
    change = Change(address, Action.NOOP, obj, after, lines, blocked=blocked, notes=notes, stack=work.stack.name)
    change = replace(change, moving=moving) if moving is not None else change
    if lines:
        change = replace(change, opens=opened(kind, resource, obj.applied, lines, work.naming))
    forced = address in work.replace
    if forced or any(line.forces_replacement for line in lines):
        work.renewed.add(address)
        is_doubtful = obj.owner is not None and work.inventory.is_doubtful(obj)
        change = replace(change, is_doubtful=is_doubtful, notes=(*change.notes, *doubt(obj, is_doubtful)))
        return _replacement(kind, change, "asked for by --replace" if forced else "")
    change = with_parts(work.inventory, change)
    if table := work.inventory.tables.get(address, ""):
        change = replace(change, table=table)
    lines = (*lines, *retirement_change(resource, obj))
    if obj.owner is not None and address not in work.moved_from and not lines and not change.placed:
        return change
    change = replace(change, action=Action.UPDATE, attributes=lines, loses=lost_in_place(kind, change))
    change = with_purchase(kind, replace(change, impacts=impacts_in_place(kind, change)))
    if obj.owner is not None and obj.applied is None and work.inventory.is_doubtful(obj):
        # Neither a record nor its name agrees with the mark, which anybody can write: it is not taken over unasked.
        change = replace(change, is_doubtful=True, notes=(*change.notes, *doubt(obj, True)))
    if obj.owner is None:
        return replace(change, action=Action.ADOPT)
    if address in work.moved_from:
        return replace(change, action=Action.MOVE, moved_from=work.moved_from[address])
    return replace(change, action=Action.MOVE) if change.placed and not lines else change


def _replacement(kind: Kind, change: Change, reason: str) -> Change:
    obj = change.before
    assert obj is not None and change.after is not None
    blocked = list(change.blocked)
    if obj.is_protected or change.after.lifecycle.prevent_destroy:
        blocked.append("it is protected (prevent_destroy); apply prevent_destroy: false first")
    if kind.delete.refused and (refusal := kind.delete.refused(obj)):
        blocked.append(refusal)
    impacts, loses = lost_with(kind, obj)
    change = replace(
        change,
        action=Action.REPLACE,
        after=change.after,
        impacts=impacts | {Impact.NEW_IDENTITY},
        reason=reason,
        loses=loses,
        blocked=tuple(blocked),
        notes=(*change.notes, *birth_notes(kind, change.after)),
    )
    return with_purchase(kind, change)


def _resolved(work: Diff, resource: Resource) -> Resource:
    """The resource with every Ref that is known filled in; what ordering needs of them is in the stack's own."""
    return _with(resource, _filled(work, resource))


def _filled(work: Diff, resource: Resource) -> dict[str, Value]:
    kind, known = work.kinds[resource.address.kind], work.known
    before = KnownValues(work.inventory.matched, ())
    return {
        name: (before if kind.attribute(name).as_it_was else known).resolve(resource.attributes[name])
        for name in dict.fromkeys(name for name, _ in resource.refs)
    }


def _with(resource: Resource, found: Mapping[str, Value]) -> Resource:
    if all(value is resource.attributes[name] for name, value in found.items()):
        return resource
    return replace(resource, attributes={**resource.attributes, **found})
