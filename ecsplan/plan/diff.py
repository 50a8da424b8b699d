"""Resources and the inventory to Changes: what differs, who moved, and how it can be put right.

Called by the engine with a matched, decoded inventory; steps.py turns the Changes into Calls. Goes in dependency
order, so that a Ref to something that gets a new identity is already a change in what holds it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ecsplan.model.address import Address, Ref, Secret
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.change import UNKNOWN, Action, AttributeChange, Cause, Change
from ecsplan.model.composites import MapOf, Record, refs_in
from ecsplan.model.kind import Kind, Kinds, Update
from ecsplan.model.marks import user_tags
from ecsplan.model.moving import Around
from ecsplan.model.ownership import digest, read_secret_versions, was_applied
from ecsplan.model.resource import Inventory, RemoteObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.plan.cause import cause_of, cause_of_tags
from ecsplan.plan.conversion import at_birth, taken_over
from ecsplan.plan.marks import PROTECTION, protection_change, restart_change
from ecsplan.plan.moving import around_of, moving_of
from ecsplan.plan.removal import removals
from ecsplan.plan.replacement import settle_replacements
from ecsplan.plan.values import Known


@dataclass(slots=True)
class Diff:
    """The working state of one diff: what is known, and which addresses get a new identity."""

    stack: Stack
    inventory: Inventory
    kinds: Kinds
    replace: frozenset[Address] = frozenset()
    moved_from: Mapping[Address, Address] = field(default_factory=dict)
    renewed: set[Address] = field(default_factory=set)
    owned: dict[str, Address] = field(default_factory=dict)
    around: Around | None = None

    def look_around(self) -> Around:
        """What is live and declared around a thing that moves; made once, and only where something does."""
        if self.around is None:
            self.around = around_of(self.stack, self.inventory, self.known)
        return self.around

    @property
    def known(self) -> Known:
        return Known(self.inventory.matched, self.renewed)


def diff(
    stack: Stack,
    inventory: Inventory,
    kinds: Kinds,
    *,
    replace_addresses: frozenset[Address] = frozenset(),
    moved_from: Mapping[Address, Address] | None = None,
    destroy: bool = False,
) -> tuple[Change, ...]:
    """All changes, NOOPs too, in dependency order; deletions last."""
    work = Diff(stack, inventory, kinds, replace_addresses, moved_from or {})
    work.owned = {obj.id: address for address, obj in inventory.matched.items()}
    if destroy:
        return tuple(removals(stack, inventory, kinds, destroy=True))
    changes = settle_replacements(_changes(work), kinds)
    taken = {part for change in changes for part in _taken_up(kinds, change)}
    return (*changes, *removals(stack, inventory, kinds, destroy=False, taken=taken))


def _changes(work: Diff) -> list[Change]:
    """The order of a stack knows nothing of attributes that are set after the create: who names by one of them
    something that turns out to be replaced is looked at again."""
    found: dict[Address, Change] = {}
    todo: Sequence[Resource] = work.stack.resources
    seen: set[Address] = set()
    while todo:
        for resource in todo:
            found[resource.address] = _change(work, resource)
        fresh = (work.renewed & work.inventory.matched.keys()) - seen
        seen |= fresh
        todo = [r for r in work.stack.resources if _names_any(r, fresh)] if fresh else ()
    return list(found.values())


def _names_any(resource: Resource, addresses: Collection[Address]) -> bool:
    return any(ref.address in addresses for value in resource.attributes.values() for ref in refs_in(value))


def _change(work: Diff, resource: Resource) -> Change:
    obj = work.inventory.matched.get(resource.address)
    if obj is None:
        work.renewed.add(resource.address)
        return _creation(work, resource)
    kind = work.kinds[resource.address.kind]
    lines: list[AttributeChange] = []
    notes: list[str] = []
    blocked: list[str] = []
    for name, desired in resource.attributes.items():
        if resource.lifecycle.ignores(name):
            continue
        line = _attribute_change(work, kind, resource, obj, name, desired)
        if line is not None:
            line = _judged(kind, resource, line, blocked, notes)
        if line is not None:
            lines.append(line)
    moving, lines = moving_of(kind, resource, obj, lines, work.known, work.look_around)
    if moving is not None:
        blocked, notes = [*blocked, *moving.blocked], [*notes, *moving.notes]
    lines += [*protection_change(resource, obj), *restart_change(kind, resource, obj)]
    source = work.known.resolve(resource.attributes.get(kind.conversion.source)) if kind.conversion else None
    lines, taken = taken_over(kind, resource, obj, source, lines)
    blocked, notes = [*blocked, *taken.blocked], [*notes, *taken.notes]
    change = _concluded(work, kind, resource, obj, tuple(lines), tuple(blocked), tuple(notes))
    return replace(change, converts=taken.what, moving=moving) if taken.what or moving else change


def _creation(work: Diff, resource: Resource) -> Change:
    kind, after = work.kinds[resource.address.kind], _resolved(work, resource)
    taken = at_birth(kind, after, work.inventory.objects, work.inventory.matched)
    return Change(
        resource.address,
        Action.CREATE,
        None,
        after,
        blocked=taken.blocked,
        notes=(*taken.notes, *_birth_notes(kind, resource)),
        stack=work.stack.name,
        parts=tuple(obj for address, obj in work.inventory.loose if address == resource.address),
        converts=taken.what,
    )


def _taken_up(kinds: Kinds, change: Change) -> Iterable[str]:
    """The ids of parts that a new object takes up, where an earlier one of its address was lost."""
    carry_over = kinds[change.kind].carry_over
    over = carry_over(change) if change.parts and carry_over else None
    return over.ids if over else ()


def _birth_notes(kind: Kind, resource: Resource) -> tuple[str, ...]:
    create = kind.create.of(resource)
    return tuple(create.notes(resource)) if create.notes else ()


def _attribute_change(
    work: Diff, kind: Kind, resource: Resource, obj: RemoteObject, name: str, desired: Any
) -> AttributeChange | None:
    """The line for one declared attribute, None where the cloud has it as desired."""
    attribute = kind.attribute(name)
    if attribute.only_at_birth:
        return None
    if name == "tags":
        return _tags_change(resource, obj, work.known.resolve(desired))
    if isinstance(desired, Secret):
        return _secret_change(attribute, resource, obj, desired)
    if attribute.at_birth and was_applied(obj, name, desired):
        return None
    known = work.known
    live = obj.attributes.get(name)
    asked, desired = desired, _without_new_sources(work, attribute, desired, live)
    wanted = known.resolve(desired)
    if _needs_digest(attribute, desired, live):
        return _digest_change(work, attribute, resource, obj, desired)
    if name in resource.lifecycle.additive:
        wanted = attribute.type.merged(wanted, live)
    if known.is_settled(desired) and attribute.type.matches(wanted, live):
        return None
    return AttributeChange(
        name,
        live,
        wanted,
        cause_of(attribute, resource.address, obj, asked, live, work.owned),
        sensitive=attribute.sensitive,
        source=resource.source_of(name),
    )


def _without_new_sources(work: Diff, attribute: Attribute, desired: Any, live: Any) -> Any:
    """The members of a map without what they were made from, where that is gone or only now made anew."""
    if not isinstance(attribute.type, MapOf) or not isinstance(attribute.type.item, Record) or not live:
        return desired
    births = {member.name for member in attribute.type.item.members if member.at_birth}
    found = {key: dict(record) for key, record in live}

    def is_open(key: str, name: str, value: Any) -> bool:
        if name not in births or key not in found or not isinstance(value, Ref):
            return True
        return work.known.is_settled(value) and any(o.id == found[key].get(name) for o in work.inventory.objects)

    return tuple((key, tuple(pair for pair in record if is_open(key, *pair))) for key, record in desired)


def _needs_digest(attribute: Attribute, desired: Any, live: Any) -> bool:
    if attribute.read_as is False or not attribute.type.is_comparable(desired):
        return True
    return attribute.compare_by_digest and live is None


def _digest_change(
    work: Diff, attribute: Attribute, resource: Resource, obj: RemoteObject, desired: Any
) -> AttributeChange | None:
    """What cannot be read is compared with what was applied; without that record it is no change."""
    name = attribute.name
    if obj.applied is None or (digest(name, desired) in obj.applied and work.known.is_settled(desired)):
        return None
    return AttributeChange(
        name,
        UNKNOWN,
        work.known.resolve(desired),
        Cause.PENDING,
        sensitive=attribute.sensitive,
        source=resource.source_of(name),
    )


def _secret_change(
    attribute: Attribute, resource: Resource, obj: RemoteObject, desired: Secret
) -> AttributeChange | None:
    """A secret changes when its version does; nothing else of it is ever compared."""
    applied = read_secret_versions(obj.marks).get(attribute.name)
    if applied == desired.version or obj.owner is None:
        return None
    before = UNKNOWN if applied is None else Secret(applied)
    return AttributeChange(
        attribute.name, before, desired, Cause.PENDING, sensitive=True, source=resource.source_of(attribute.name)
    )


def _tags_change(resource: Resource, obj: RemoteObject, desired: tuple[tuple[str, Any], ...]) -> AttributeChange | None:
    """Tags are additive: a key goes only when we applied it, or when the file says that tags are exclusive."""
    live = dict(user_tags(obj.tags))
    ignored = {key for key in (*live, *dict(desired)) if resource.lifecycle.ignores(f"tags.{key}")}
    wanted = {key: value for key, value in desired if key not in ignored}
    gone = {
        key
        for key, value in live.items()
        if key not in wanted
        and key not in ignored
        and ("tags" in resource.lifecycle.exclusive or digest(f"tags.{key}", value) in (obj.applied or ()))
    }
    after = {key: value for key, value in live.items() if key not in gone} | wanted
    if after == live:
        return None
    return AttributeChange(
        "tags",
        tuple(sorted(live.items())),
        tuple(sorted(after.items())),
        cause_of_tags(obj.applied, live, after),
        source=resource.source_of("tags"),
    )


def _judged(
    kind: Kind, resource: Resource, line: AttributeChange, blocked: list[str], notes: list[str]
) -> AttributeChange | None:
    """How a line can be put right: in place, by replacement, or not at all; None where it is to be ignored."""
    attribute = kind.attribute(line.name)
    if kind.power and line.name == kind.power.attribute:
        return replace(line, note=kind.power.note(resource)) if line.after == "stopped" and kind.power.note else line
    if attribute.decided_by:
        choice = getattr(resource.lifecycle, attribute.decided_by)
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
    reasons = [u.otherwise for u in kind.updates_for(line.name) if u.otherwise]
    blocked.append(f"{line.name}: {reasons[0] if reasons else 'it cannot be changed'}")
    return line


def find_update(kind: Kind, line: AttributeChange) -> Update | None:
    """The first way in the kind's table that takes this very change."""
    before = None if line.before is UNKNOWN else line.before
    for update in kind.updates_for(line.name):
        deferred = isinstance(line.after, Ref)
        if update.only_if is None or deferred or update.only_if(before, line.after):
            return update
    return None


def _concluded(
    work: Diff,
    kind: Kind,
    resource: Resource,
    obj: RemoteObject,
    lines: tuple[AttributeChange, ...],
    blocked: tuple[str, ...],
    notes: tuple[str, ...],
) -> Change:
    address = resource.address
    change = Change(
        address, Action.NOOP, obj, _resolved(work, resource), lines, blocked=blocked, notes=notes, stack=work.stack.name
    )
    forced = address in work.replace
    if forced or any(line.forces_replacement for line in lines):
        work.renewed.add(address)
        return _replacement(kind, change, "asked for by --replace" if forced else "")
    if obj.owner is not None and address not in work.moved_from and not lines:
        return change
    loses = _lost(kind, change)
    impact = max(impact_of(kind, change), Impact.NEW_IDENTITY if loses else Impact.NONE)
    change = replace(change, action=Action.UPDATE, impact=impact, loses=loses)
    if obj.owner is None:
        return replace(change, action=Action.ADOPT)
    if address in work.moved_from:
        parts = tuple(part for part in work.inventory.objects if part.parent == obj.id)
        return replace(change, action=Action.MOVE, moved_from=work.moved_from[address], parts=parts)
    return change


def _lost(kind: Kind, change: Change) -> tuple[str, ...]:
    """What updates in place give up for good, each asked once."""
    updates = {kind.updates.index(update) for line in change.attributes if (update := find_update(kind, line))}
    found = [kind.updates[place].loses for place in sorted(updates)]
    return tuple(text for loses in found if loses is not None for text in loses(change))


def _replacement(kind: Kind, change: Change, reason: str) -> Change:
    obj = change.before
    assert obj is not None and change.after is not None
    forcing = [kind.attribute(line.name).fixed_impact for line in change.attributes if line.forces_replacement]
    impact = max([Impact.NEW_IDENTITY, kind.delete.impact, *forcing])
    blocked = list(change.blocked)
    if obj.is_protected:
        blocked.append("it is protected (prevent_destroy); apply prevent_destroy: false first")
    if kind.delete.refused and (refusal := kind.delete.refused(obj)):
        blocked.append(refusal)
    return replace(
        change,
        action=Action.REPLACE,
        after=change.after,
        impact=impact,
        reason=reason,
        loses=(kind.delete.gives_up(obj),) if kind.delete.gives_up else (),
        blocked=tuple(blocked),
        notes=(*change.notes, *_birth_notes(kind, change.after)),
    )


def impact_of(kind: Kind, change: Change) -> Impact:
    """The worst of what the updates do; a machine that is off is not stopped again."""
    worst = Impact.NONE
    for line in change.attributes:
        if line.name == PROTECTION:
            continue
        update = find_update(kind, line)
        if update is None:
            continue
        before = None if line.before is UNKNOWN else line.before
        impact = update.impact(before, line.after) if callable(update.impact) else update.impact
        off = kind.power is not None and change.before is not None and change.before.status == kind.power.stopped
        if impact is Impact.STOP_START and off:
            impact = Impact.NONE
        worst = max(worst, impact)
    if kind.power and any(line.name == kind.power.attribute and line.after == "stopped" for line in change.attributes):
        worst = max(worst, Impact.STOP_START)
    return worst


def _resolved(work: Diff, resource: Resource) -> Resource:
    """The resource with every Ref that is known filled in; what ordering needs of them is in the stack's own."""
    kind, known = work.kinds[resource.address.kind], work.known
    before = Known(work.inventory.matched, ())
    return replace(
        resource,
        attributes={
            name: (before if kind.attribute(name).as_it_was else known).resolve(value)
            for name, value in resource.attributes.items()
        },
    )
