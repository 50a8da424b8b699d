"""Changes to Steps: each step is one API call with what it waits for, chained to the others of its change.

Called by the engine after diff.py; order.py adds the edges between changes, batch.py merges alike calls. The calls of
one change follow each other; ownership tags are born in the create call.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Value, fields, members
from ecsplan.model.call import Call
from ecsplan.model.capabilities.conversion import birth
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.capabilities.parts import CarryOver, carried_over
from ecsplan.model.capabilities.plugging import plugged_into
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.composites import refs_in
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import Resource
from ecsplan.planner.calls import create_call, delete_calls, updates_of
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.draining import DRAIN, DRAINED, before_it_goes
from ecsplan.planner.graph import Why
from ecsplan.planner.recording import set_later
from ecsplan.planner.release import is_let_go_early, release_changes
from ecsplan.planner.tagging import (
    birth_tag_call,
    closing_call,
    let_go_call,
    outlive_calls,
    place_calls,
    release_call,
    release_parts,
    retire_call,
    tag_calls,
    with_tags_of,
)
from ecsplan.planner.updating import steps_of
from ecsplan.planner.window import is_left_off, start_step, update_steps
from ecsplan.planner.within import Out, in_service_again, machines_away, out_of_service, taken_out


def make_steps(changes: Iterable[Change], kinds: Kinds, declared: Mapping[Address, Resource], region: str = "") -> Work:
    """Drafts for every change, chained within each; nothing between changes yet."""
    work = Work(kinds, declared, region, _last_numbers(declared))
    changes = tuple(changes)
    doomed = {c.before.id for c in changes if c.before and c.action in (Action.DELETE, Action.REPLACE)}
    gone_first = {c.address for c in changes if c.action is Action.REPLACE and not c.create_first}
    again = {c.address for c in changes if c.before and c.before.retired and c.after is not None}
    wanted = {key for change in changes for key in taken_by(kinds[change.kind], change)}
    away = machines_away(kinds, changes)
    for change in changes:
        kind = kinds[change.kind]
        if change.action is Action.CREATE:
            over = carried_over(kind, change) if change.parts else None
            work.chain(_create(work, kind, change, over, let_go=over.let_go if over else ()))
        elif change.action is Action.DELETE:
            _go(work, kind, change, doomed, gives_way=change.address in again)
        elif change.action is Action.REPLACE:
            _replace(work, kind, change, doomed)
        elif change.action is Action.RELEASE:
            released = (release_call(kind, change), *release_parts(kinds, change))
            started = [start_step(work, kind, change)] if is_left_off(kind, change) else []
            work.chain([*started, *(work.add(change, "tag", call) for call in released)])
        elif change.action is not Action.NOOP or change.records:
            parts = [work.add(change, "tag", call) for call in place_calls(kinds, change)]
            outlives = [work.add(change, "update", call) for call in outlive_calls(kinds, change)]
            out, rest = taken_out(kind, change, away)
            steps = _change_in_place(work, kind, change, _split_moves(kind, rest, gone_first, wanted), out)
            work.chain([*parts, *outlives, *steps])
    return work


def _last_numbers(addresses: Iterable[Address]) -> dict[Address, int]:
    found: dict[Address, int] = {}
    for address in addresses:
        if isinstance(address.key, int):
            found[address.group] = max(address.key, found.get(address.group, 0))
    return found


def taken_by(kind: Kind, change: Change) -> Iterator[tuple[str, str, str]]:
    """What a change makes its object hold that can be held by one alone: kind, attribute and value."""
    for name in exclusivity(kind).one_holder:
        line = change.attributes_by_name.get(name)
        is_born = change.action in (Action.CREATE, Action.REPLACE)
        value = change.desired(name) if is_born else line.after if line is not None else None
        if isinstance(value, str) and not exclusivity(kind).takes_many(value):
            yield change.kind, name, value


def _split_moves(
    kind: Kind, change: Change, gone_first: set[Address], wanted: set[tuple[str, str, Any]]
) -> tuple[Change | None, Change]:
    """What is held is let go first and taken up afterwards, where it goes before its successor comes, or is wanted by
    another that cannot have it as long as this one does.
    """
    moving = {
        line.name: _kept(line)
        for line in change.attributes
        if any(ref.address in gone_first for ref in _held(kind, line))
        or (change.kind, line.name, line.before) in wanted
    }
    if not moving:
        return None, change
    let_go = tuple(replace(line, after=moving[line.name]) for line in change.attributes if line.name in moving)
    rest = (replace(line, before=moving.get(line.name, line.before)) for line in change.attributes)
    return replace(change, attributes=let_go), replace(change, attributes=tuple(rest))


def _held(kind: Kind, line: AttributeChange) -> Iterable[Ref]:
    """What a single relation names, or a list of what it is plugged into."""
    if isinstance(line.after, Ref):
        return (line.after,)
    return refs_in(line.after) if line.name in plugged_into(kind) else ()


def _kept(line: AttributeChange) -> Value:
    """What stays of a list meanwhile; of a single thing nothing."""
    if not isinstance(line.before, tuple):
        return None
    return tuple(item for item in line.before if item in members(line.after))


def _change_in_place(
    work: Work, kind: Kind, change: Change, halves: tuple[Change | None, Change], out: Out | None
) -> list[Draft]:
    """Before the first write the record says what is about to change; the last one closes that."""
    let_go, rest = halves
    place = len(work.of.setdefault(change.address, []))
    steps = out_of_service(work, kind, out)
    steps += [] if let_go is None else update_steps(work, kind, let_go, verb="release")
    steps += update_steps(work, kind, rest)
    steps += in_service_again(work, kind, out, steps)
    has_unmarked = any(draft.id.verb == "unmark" for draft in steps)
    last = work.last.get(change.address.group, 0)
    tags = tag_calls(
        kind,
        change,
        work.declared[change.address],
        has_unmarked=has_unmarked,
        is_only_tags=not steps,
        last=last,
        drained={name for draft in steps if draft.id.verb == DRAIN for name in draft.sets},
    )
    if tags.first is not None:
        steps = _recorded(work, change, tags.first, steps, place)
    if tags.room is not None:
        checks, drafts = _after_checks(steps), work.of[change.address]
        steps.insert(checks, work.add(change, "tag", tags.room))
        drafts.insert(place + checks, drafts.pop())
    return [*steps, *([work.add(change, "tag", tags.last)] if tags.last else [])]


def _after_checks(steps: Sequence[Draft]) -> int:
    return next((number for number, draft in enumerate(steps) if draft.question is None), len(steps))


def _recorded(work: Work, change: Change, call: Call, steps: list[Draft], place: int) -> list[Draft]:
    """The steps with that of the record before them; after what is only asked, for a refusal leaves all as it is."""
    checks = _after_checks(steps)
    if (
        checks < len(steps) and steps[checks].id.verb == "mark"
    ):  # what a stop is marked with is written in the same call
        steps[checks].calls = (with_tags_of(call, steps[checks].calls[0]),)
        return steps
    first = work.add(change, "record" if steps else "tag", call)
    drafts = work.of[change.address]
    drafts.insert(place + checks, drafts.pop())
    return [*steps[:checks], first, *steps[checks:]]


def _create(
    work: Work, kind: Kind, change: Change, over: CarryOver | None = None, let_go: Iterable[Call] = ()
) -> list[Draft]:
    """The create call, then what it does not take; what is only set then is on record as such until it is done."""
    assert change.after is not None
    resource = replace(change.after, attributes=_overridden(change.after.attributes, over.attributes if over else None))
    declared, create = work.declared[change.address], birth(kind, change)
    lines = work.birth_records.lines(kind, declared)
    call = create_call(kind, change, resource, declared, work.region, lines=lines)
    drafts = [work.add(change, "create", call, seconds=create.seconds)]
    if call.find is not None:  # what is found by what it was made of has no tags yet
        drafts.append(work.add(change, "tag", birth_tag_call(kind, change, declared)))
    values = {**resource.attributes, "name": resource.name}
    later = tuple(
        AttributeChange(name, None, values[name], source=resource.source_of(name))
        for name in create.later
        if name in values
    )
    fresh = replace(change, action=Action.CREATE, before=None, attributes=later)
    drafts += update_steps(work, kind, fresh, verb="finish")
    slots = _carried(over, change)
    drafts += [work.add(change, "finish", call, sets=slots) for call in (*let_go, *(over.take_up if over else ()))]
    opened = set_later(lines, {name for draft in drafts for name in draft.sets})
    if not opened:
        return drafts
    if call.find is not None:
        drafts[1].calls = (birth_tag_call(kind, change, declared, opened),)
    else:
        drafts[0].calls = (create_call(kind, change, resource, declared, work.region, opened, lines),)
    return [*drafts, work.add(change, "tag", closing_call(kind, change))]


def _carried(over: CarryOver | None, change: Change) -> tuple[str, ...]:
    """The slots that the new object takes over from another, which its create call leaves out."""
    if over is None or change.after is None:
        return ()
    declared = change.after.attributes
    left = {name: dict(value or ()) for name, value in over.attributes.items()}
    return tuple(f"{name}.{key}" for name in left for key in fields(declared.get(name)) if key not in left[name])


def _overridden(attributes: Mapping[str, Any], without: Mapping[str, Any] | None) -> dict[str, Any]:
    merged = {**attributes, **(without or {})}
    return {name: value for name, value in merged.items() if value is not None}


def _let_go(work: Work, kind: Kind, change: Change, doomed: set[str], first: Sequence[Draft] = ()) -> list[Draft]:
    """Before a delete: what the object holds of others, and the record that says that it is made to let go of it."""
    place = len(work.of.setdefault(change.address, [])) - len(first)
    # A disk leaves a machine that is stopped for that, and what is stopped takes no requests any more.
    out = before_it_goes(work, kind, change)
    for draft in out:
        draft.is_last_release = True
    steps = [*out, *first, *_release(work, kind, change, doomed)]
    names = sorted({name for step in steps for name in step.sets})
    if not names or change.before is None or change.before.owner is None:
        return steps
    return _recorded(work, change, let_go_call(kind, change, names), steps, place)


def _release(work: Work, kind: Kind, change: Change, doomed: set[str]) -> list[Draft]:
    """Before a delete: what the object holds of others that go too, or that it must not take along."""
    assert change.before is not None
    drafts: list[Draft] = []
    for let_go in release_changes(kind, change, doomed):
        found = steps_of(work, kind, let_go, "release", updates_of(kind, let_go))
        for draft in found:
            draft.is_last_release = not is_let_go_early(kind, let_go.attributes[0].name)
        drafts += found
    return drafts


def _go(work: Work, kind: Kind, change: Change, doomed: set[str], *, gives_way: bool) -> None:
    """What goes; a retired object only once everything is done of what takes its place.

    `gives_way`: the retired object is wanted again, and this one goes in its stead: it lets go of all first, and goes
    before the other loses its mark, so that two are never taken for the same.
    """
    its = list(work.of.get(change.address, ()))  # of what takes its place
    others = [draft.id for draft in its if draft.id.verb not in ("release", "delete")]
    let_go, gone = _let_go(work, kind, change, doomed), _delete(work, kind, change)
    work.chain([*let_go, *gone])
    if gives_way and others:
        *restored, unmarked = others
        work.graph.need_all(gone[0].id, restored, Why.CHAIN)
        work.graph.need(unmarked, gone[-1].id, Why.CHAIN)
        for step in work.graph.heads(restored) if let_go else ():
            work.graph.need(step, let_go[-1].id, Why.CHAIN)
    elif change.before is not None and change.before.retired:
        # What takes a disk over stops the old one for that, which is out of service by then.
        gives_disk = any(call.leaves == change.id_text for draft in its for call in draft.calls)
        late = [draft for draft in (*let_go, *gone) if not gives_disk or draft.id.verb in ("release", "delete")]
        work.graph.need_all(late[0].id, others, Why.CHAIN)


def _delete(work: Work, kind: Kind, change: Change) -> list[Draft]:
    drafts = [work.add(change, "delete", call, seconds=kind.delete.seconds) for call in delete_calls(kind, change)]
    for draft in drafts:
        draft.impacts = change.impacts
    return drafts


def _replace(work: Work, kind: Kind, change: Change, doomed: set[str]) -> None:
    """Both halves, in the order that the change says; what is carried over is taken up by the new object.

    Where the old one goes first, the service is asked before that whether it would make the new one.
    """
    over = carried_over(kind, change)
    fresh = replace(change, before=None)
    asked = [] if change.create_first else _asked(work, kind, fresh, over.attributes if over else None)
    slots = _carried(over, change)
    let_go = [work.add(change, "release", call, sets=slots) for call in (over.let_go if over else ())]
    old = _let_go(work, kind, change, doomed, let_go)
    if change.create_first:
        retire = work.add(change, "tag", retire_call(kind, change))
        new = _create(work, kind, fresh, over)
        early, late = _in_two(change, old)
        work.chain([retire, *new[:1], *early, *new[1:], *late, *_delete(work, kind, change)])
    else:
        deletion = _delete(work, kind, change)
        work.chain([*asked, *old, *deletion, *_create(work, kind, fresh, over)])


def _in_two(change: Change, old: Sequence[Draft]) -> tuple[list[Draft], list[Draft]]:
    """What the old object lets go of before its new one takes it up, and what after. Where a disk moves over, the old
    one is stopped for that: then it takes no requests from before that on, else until the new one takes them."""
    is_stopped = any(call.leaves == change.id_text for draft in old for call in draft.calls)
    out = [draft for draft in old if is_stopped and draft.id.verb in (DRAIN, DRAINED)]
    early = [draft for draft in old if not draft.is_last_release and draft not in out]
    return [*out, *early], [draft for draft in old if draft.is_last_release and draft not in out]


def _asked(work: Work, kind: Kind, fresh: Change, without: Mapping[str, Any] | None) -> list[Draft]:
    """Would the new object of a replacement be made? Asked while the old one still lives."""
    create = birth(kind, fresh)
    if create.asks is None or fresh.after is None:
        return []
    resource = replace(fresh.after, attributes=_overridden(fresh.after.attributes, without))
    call = create_call(kind, fresh, resource, work.declared[fresh.address], work.region)
    return [work.ask(fresh, question) for question in create.asks(resource, call, work.declared)]
