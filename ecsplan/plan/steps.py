"""Changes to Steps: each step is one API call with what it waits for, chained to the others of its change.

Called by the engine after diff.py; order.py adds the edges between changes, batch.py merges alike calls. The calls of
one change follow each other; ownership tags are born in the create call.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Late, Params, Replay
from ecsplan.model.change import UNKNOWN, Action, AttributeChange, Change
from ecsplan.model.kind import REPLAY_OF_CREATE, Create, Kind, Kinds, Update
from ecsplan.model.ownership import has_secret
from ecsplan.model.plan import Step, StepId
from ecsplan.model.resource import Resource
from ecsplan.plan.diff import find_update
from ecsplan.plan.marks import PROTECTION, RESTARTING
from ecsplan.plan.release import release_changes
from ecsplan.plan.tagging import (
    birth_tag_call,
    birth_tags,
    move_calls,
    release_call,
    release_parts,
    restart_call,
    retire_call,
    tag_calls,
)
from ecsplan.plan.window import is_marked, needs_start, power_call


@dataclass(slots=True)
class Draft:
    """A step in the making. `needs` grow as edges are found; `group` is the block whose members roll in waves."""

    id: StepId
    addresses: tuple[Address, ...]
    calls: tuple[Call, ...]
    needs: set[StepId] = field(default_factory=set)
    lane: str | None = None
    impact: Impact = Impact.NONE
    wave: int = 0
    seconds: float = 1.0
    timeout: float = 1200.0

    def frozen(self) -> Step:
        return Step(
            self.id,
            self.addresses,
            self.calls,
            tuple(sorted(self.needs)),
            self.lane,
            self.impact,
            self.wave,
            self.seconds,
            self.timeout,
        )


@dataclass(slots=True)
class Work:
    """All drafts of a plan by address and verb, in the order in which a change's own steps follow each other."""

    kinds: Kinds
    declared: Mapping[Address, Resource]
    region: str = ""
    last: Mapping[Address, int] = field(default_factory=dict)  # the highest number in each group
    drafts: dict[StepId, Draft] = field(default_factory=dict)
    of: dict[Address, list[Draft]] = field(default_factory=dict)

    def add(self, change: Change, verb: str, call: Call, update: Update | None = None, seconds: float = 1.0) -> Draft:
        """One more step of a change; it needs the one before it."""
        chain = self.of.setdefault(change.address, [])
        number = sum(1 for draft in chain if draft.id.verb == verb)
        resource = self.declared.get(change.address)
        draft = Draft(
            StepId(str(change.address), verb, number),
            (change.address,),
            (call,),
            lane=_lane(self.kinds[call.kind], change),
            impact=change.impact if update is not None and update.needs_status else Impact.NONE,
            seconds=update.seconds if update else seconds,
            timeout=resource.lifecycle.timeout(_timeout_verb(verb)) if resource else 1200.0,
        )
        chain.append(draft)
        self.drafts[draft.id] = draft
        return draft

    def chain(self, drafts: Iterable[Draft]) -> None:
        before: Draft | None = None
        for draft in drafts:
            if before is not None:
                draft.needs.add(before.id)
            before = draft


def _timeout_verb(verb: str) -> str:
    return {"create": "create", "finish": "create", "delete": "delete", "release": "delete"}.get(verb, "update")


def _lane(kind: Kind, change: Change) -> str | None:
    """Writes to vSwitches and routes of one VPC must not overlap."""
    if kind.lane is None:
        return None
    value = change.desired(kind.lane) or change.live(kind.lane)
    return f"{kind.lane} {value}" if value is not None else None


def make_steps(changes: Iterable[Change], kinds: Kinds, declared: Mapping[Address, Resource], region: str = "") -> Work:
    """Drafts for every change, chained within each; nothing between changes yet."""
    work = Work(kinds, declared, region, _last_numbers(declared))
    changes = tuple(changes)
    doomed = {c.before.id for c in changes if c.before and c.action in (Action.DELETE, Action.REPLACE)}
    gone_first = {c.address for c in changes if c.action is Action.REPLACE and not c.create_first}
    wanted = {key for change in changes for key in taken_by(kinds[change.kind], change)}
    for change in changes:
        kind = kinds[change.kind]
        if change.action is Action.CREATE:
            over = kind.carry_over(change) if change.parts and kind.carry_over else None
            new = _create(work, kind, change, over.attributes if over else None)
            moved = (*over.let_go, *over.take_up) if over else ()
            work.chain([*new, *(work.add(change, "finish", call) for call in moved)])
        elif change.action is Action.DELETE:
            heirs = work.of.get(change.address, [])[-1:] if change.before and change.before.retired else []
            work.chain([*heirs, *_release(work, kind, change, doomed), *_delete(work, kind, change)])
        elif change.action is Action.REPLACE:
            _replace(work, kind, change, doomed)
        elif change.action is Action.RELEASE:
            released = (release_call(kind, change), *release_parts(kinds, change))
            work.chain([work.add(change, "tag", call) for call in released])
        elif change.action is not Action.NOOP:
            let_go, rest = _split_moves(change, gone_first, wanted)
            first = [] if let_go is None else _update(work, kind, let_go, verb="release")
            parts = move_calls(kinds, change) if change.action is Action.MOVE else ()
            rest_of_it = [*_update(work, kind, rest), *_tags(work, kind, change)]
            work.chain([*first, *rest_of_it, *(work.add(change, "tag", call) for call in parts)])
    return work


def _last_numbers(addresses: Iterable[Address]) -> dict[Address, int]:
    found: dict[Address, int] = {}
    for address in addresses:
        if isinstance(address.key, int):
            found[address.group] = max(address.key, found.get(address.group, 0))
    return found


def taken_by(kind: Kind, change: Change) -> Iterator[tuple[str, str, Any]]:
    """What a change makes its object hold that can be held by one alone: kind, attribute and value."""
    for name in kind.singular:
        if change.action in (Action.CREATE, Action.REPLACE):
            value = change.desired(name)
        else:
            value = change.attributes_by_name[name].after if name in change.attributes_by_name else None
        if isinstance(value, str):
            yield change.kind, name, value


def _split_moves(
    change: Change, gone_first: set[Address], wanted: set[tuple[str, str, Any]]
) -> tuple[Change | None, Change]:
    """What is held is let go first and taken up afterwards, where it goes before its successor comes, or is wanted by
    another that cannot have it as long as this one does.
    """
    moving = {
        line.name: line
        for line in change.attributes
        if (isinstance(line.after, Ref) and line.after.address in gone_first)
        or (change.kind, line.name, line.before) in wanted
    }
    if not moving:
        return None, change
    let_go = replace(change, attributes=tuple(replace(line, after=None) for line in moving.values()))
    rest = tuple(replace(line, before=None) if line.name in moving else line for line in change.attributes)
    return let_go, replace(change, attributes=rest)


def _create(work: Work, kind: Kind, change: Change, without: Mapping[str, Any] | None = None) -> list[Draft]:
    assert change.after is not None
    resource = replace(change.after, attributes=_overridden(change.after.attributes, without))
    create = kind.birth(change)
    params = create_params(kind, create, resource, work.declared[change.address], change.stack)
    elsewhere = create.elsewhere(resource) if create.elsewhere else None
    call = Call(
        create.operation,
        {**params, create.here: work.region} if create.here else params,
        create.product or kind.product,
        kind.name,
        creates=(change.address,),
        names=(resource.name,),
        id_path=create.id,
        wait=create.wait,
        token=create.token,
        replay=Replay.NAME if kind.unique_name and not create.token else REPLAY_OF_CREATE[create.token],
        region=elsewhere,
    )
    conversion = kind.conversion if change.converts else None
    if conversion is not None:  # what is converted once cannot be a second time
        found = conversion.find(str(resource.attributes[conversion.source]), change.converts)
        call = replace(call, replay=Replay.NAME, find=found)
    drafts = [work.add(change, "create", call, seconds=create.seconds)]
    if conversion is not None:
        drafts.append(work.add(change, "tag", birth_tag_call(kind, change, work.declared[change.address])))
    declared = {**resource.attributes, "name": resource.name}
    later = tuple(
        AttributeChange(name, None, declared[name], source=resource.source_of(name))
        for name in create.later
        if name in declared
    )
    fresh = replace(change, action=Action.CREATE, before=None, attributes=later)
    return drafts + _update(work, kind, fresh, verb="finish")


def _overridden(attributes: Mapping[str, Any], without: Mapping[str, Any] | None) -> dict[str, Any]:
    merged = {**attributes, **(without or {})}
    return {name: value for name, value in merged.items() if value is not None}


def create_params(kind: Kind, create: Create, resource: Resource, declared: Resource, stack: str) -> Params:
    """The create call's parameters: names, attributes as the wire nests them, extras, and the ownership tags."""
    params: dict[str, Any] = {}
    for attribute in kind.attributes:
        value = resource.name if attribute.name == "name" else resource.attributes.get(attribute.name)
        wire = create.wire.get(attribute.name, attribute.wire)
        if value is not None and wire and attribute.name not in create.later:
            put(params, wire, encoded(attribute, value))
    params |= create.params
    if create.extra:
        params |= create.extra(resource)
    if create.tags:
        params[create.tags] = birth_tags(stack, declared)
    return {name: value for name, value in params.items() if value is not None}


def put(params: dict[str, Any], path: str, value: Any) -> None:
    """Sets a dotted wire name in nested parameters."""
    *outer, last = path.split(".")
    for key in outer:
        params = params.setdefault(key, {})
    params[last] = value


def encoded(attribute: Attribute, value: Any) -> Any:
    """A value as the wire spells it; what apply has to fill first is encoded then."""
    if isinstance(value, Template | Secret) or has_secret(value):
        form = "base64" if getattr(attribute.type, "base64", False) else "plain"
        return Late(value, attribute.type.encode, is_sensitive=has_secret(value), form=form)
    if isinstance(value, tuple):
        has_ref = any(isinstance(item, Ref) for item in value)
        return list(value) if has_ref else attribute.type.encode(value)
    return value if isinstance(value, Ref) else attribute.type.encode(value)


def _update(work: Work, kind: Kind, change: Change, verb: str = "update") -> list[Draft]:
    """In-place updates: running ones first, then those that need it stopped between one stop and one start."""
    running: list[tuple[Update, list[AttributeChange]]] = []
    stopped: list[tuple[Update, list[AttributeChange]]] = []
    for update, lines in _by_update(kind, change):
        (stopped if update.needs_status else running).append((update, lines))
    drafts = [work.add(change, verb, call, u) for u, lines in running for call in update_calls(kind, change, u, lines)]
    power = kind.power
    state = change.attributes_by_name.get(power.attribute) if power else None
    if stopped and power and change.before is not None and change.before.status != power.stopped:
        if is_marked(kind, change):
            drafts.append(work.add(change, "tag", restart_call(kind, change)))
        drafts.append(work.add(change, "stop", power_call(kind, change, power.stop), power.stop))
    drafts += [work.add(change, verb, call, u) for u, lines in stopped for call in update_calls(kind, change, u, lines)]
    if power and needs_start(kind, change, bool(stopped), state):
        drafts.append(work.add(change, "start", power_call(kind, change, power.start), power.start))
    elif power and state is not None and state.after == "stopped" and not (stopped and change.before):
        drafts.append(work.add(change, "stop", power_call(kind, change, power.stop), power.stop))
    return drafts


def _by_update(kind: Kind, change: Change) -> Iterator[tuple[Update, list[AttributeChange]]]:
    """The changed attributes by the Update that takes them, in the order of the kind's table."""
    found: dict[int, list[AttributeChange]] = {}
    for line in change.attributes:
        if line.name in (PROTECTION, RESTARTING, "tags") or (kind.power and line.name == kind.power.attribute):
            continue
        update = find_update(kind, line)
        if update is not None:
            found.setdefault(kind.updates.index(update), []).append(line)
    for place in sorted(found):
        yield kind.updates[place], found[place]


def update_calls(kind: Kind, change: Change, update: Update, lines: list[AttributeChange]) -> Iterator[Call]:
    """The calls of one Update: from its `build`, or one made of the table."""
    if update.build is not None:
        for call in update.build(change):
            yield replace(call, kind=call.kind or kind.name)
        return
    assert update.operation is not None
    params: dict[str, Any] = dict(update.params)
    target = change.id
    id_param = update.id or kind.id_param
    if update.merge is None:
        params[id_param] = target
    values = {line.name: line.after for line in lines}
    for name in update.also:
        values.setdefault(name, change.after.attributes.get(name) if change.after else None)
        if values[name] is None:
            values[name] = change.live(name)
    for name, value in values.items():
        attribute = kind.attribute(name)
        if value is not None and value is not UNKNOWN:
            put(params, update.wire.get(name) or attribute.wire or name, encoded(attribute, value))
    yield Call(
        update.operation,
        params,
        update.product or kind.product,
        kind.name,
        (target,),
        update.merge,
        wait=update.wait,
        token=update.token,
        replay=Replay.TOKEN if update.token else Replay.NATURAL,
    )


def _tags(work: Work, kind: Kind, change: Change) -> list[Draft]:
    declared = work.declared.get(change.address)
    last = work.last.get(change.address.group, 0)
    calls = tag_calls(kind, change, declared, is_marked=is_marked(kind, change), last=last) if declared else ()
    return [work.add(change, "tag", call) for call in calls]


def _release(work: Work, kind: Kind, change: Change, doomed: set[str]) -> list[Draft]:
    """Before a delete: what the object holds of others that go too, or that it must not take along."""
    assert change.before is not None
    drafts = []
    for let_go in release_changes(kind, change, doomed):
        for update, lines in _by_update(kind, let_go):
            drafts += [work.add(change, "release", call, update) for call in update_calls(kind, let_go, update, lines)]
    return drafts


def _delete(work: Work, kind: Kind, change: Change) -> list[Draft]:
    assert change.before is not None
    delete = kind.delete
    params: dict[str, Any] = dict(delete.params)
    if delete.merge is None:
        params[delete.id or kind.id_param] = change.before.id
    if delete.extra:
        params |= delete.extra(change.before)
    call = Call(
        delete.operation,
        params,
        delete.product or kind.product,
        kind.name,
        (change.before.id,),
        delete.merge,
        wait=delete.wait,
        token=delete.token,
        replay=Replay.TOKEN if delete.token else Replay.NATURAL,
        absent_is_done=True,
    )
    calls = delete.around(change, call) if delete.around else (call,)
    drafts = [work.add(change, "delete", one, seconds=delete.seconds) for one in calls]
    for draft in drafts:
        draft.impact = change.impact
    return drafts


def _replace(work: Work, kind: Kind, change: Change, doomed: set[str]) -> None:
    """Both halves, in the order that the change says; what is carried over is taken up by the new object."""
    over = kind.carry_over(change) if kind.carry_over else None
    let_go = [work.add(change, "release", call) for call in (over.let_go if over else ())]
    old = [*let_go, *_release(work, kind, change, doomed)]
    fresh = replace(change, before=None)
    if change.create_first:
        retire = work.add(change, "tag", retire_call(kind, change))
        new = _create(work, kind, fresh, over.attributes if over else None)
        taken = [work.add(change, "finish", call) for call in (over.take_up if over else ())]
        work.chain([retire, *new[:1], *old, *new[1:], *taken, *_delete(work, kind, change)])
    else:
        deletion = _delete(work, kind, change)
        new = _create(work, kind, fresh, over.attributes if over else None)
        taken = [work.add(change, "finish", call) for call in (over.take_up if over else ())]
        work.chain([*old, *deletion, *new, *taken])
