"""Changes to Steps: each step is one API call with what it waits for, chained to the others of its change.

Called by the engine after diff.py; order.py adds the edges between changes, batch.py merges alike calls. The calls of
one change follow each other; ownership tags are born in the create call.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import Resource
from ecsplan.plan.calls import create_call, delete_calls, update_calls, updates_of
from ecsplan.plan.drafts import Draft, Work
from ecsplan.plan.graph import Why
from ecsplan.plan.release import is_let_go_early, release_changes
from ecsplan.plan.tagging import birth_tag_call, move_calls, release_call, release_parts, retire_call, tag_calls
from ecsplan.plan.window import update_steps


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
            _go(work, kind, change, doomed)
        elif change.action is Action.REPLACE:
            _replace(work, kind, change, doomed)
        elif change.action is Action.RELEASE:
            released = (release_call(kind, change), *release_parts(kinds, change))
            work.chain([work.add(change, "tag", call) for call in released])
        elif change.action is not Action.NOOP:
            let_go, rest = _split_moves(change, gone_first, wanted)
            first = [] if let_go is None else update_steps(work, kind, let_go, verb="release")
            parts = move_calls(kinds, change) if change.action is Action.MOVE else ()
            rest_of_it = [*update_steps(work, kind, rest), *_tags(work, kind, change)]
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
    call = create_call(kind, change, resource, work.declared[change.address], work.region)
    drafts = [work.add(change, "create", call, seconds=create.seconds)]
    if call.find is not None:  # what is found by what it was made of has no tags yet
        drafts.append(work.add(change, "tag", birth_tag_call(kind, change, work.declared[change.address])))
    declared = {**resource.attributes, "name": resource.name}
    later = tuple(
        AttributeChange(name, None, declared[name], source=resource.source_of(name))
        for name in create.later
        if name in declared
    )
    fresh = replace(change, action=Action.CREATE, before=None, attributes=later)
    return drafts + update_steps(work, kind, fresh, verb="finish")


def _overridden(attributes: Mapping[str, Any], without: Mapping[str, Any] | None) -> dict[str, Any]:
    merged = {**attributes, **(without or {})}
    return {name: value for name, value in merged.items() if value is not None}


def _tags(work: Work, kind: Kind, change: Change) -> list[Draft]:
    declared = work.declared.get(change.address)
    last = work.last.get(change.address.group, 0)
    has_unmarked = any(draft.id.verb == "unmark" for draft in work.of.get(change.address, ()))
    calls = tag_calls(kind, change, declared, has_unmarked=has_unmarked, last=last) if declared else ()
    return [work.add(change, "tag", call) for call in calls]


def _release(work: Work, kind: Kind, change: Change, doomed: set[str]) -> list[Draft]:
    """Before a delete: what the object holds of others that go too, or that it must not take along."""
    assert change.before is not None
    drafts = []
    for let_go in release_changes(kind, change, doomed):
        for update, lines in updates_of(kind, let_go):
            for call in update_calls(kind, let_go, update, lines):
                drafts.append(work.add(change, "release", call, update))
                drafts[-1].is_last_release = not is_let_go_early(kind, let_go.attributes[0].name)
    return drafts


def _go(work: Work, kind: Kind, change: Change, doomed: set[str]) -> None:
    """What goes; a retired object only once everything is done of what takes its place."""
    heirs = [draft.id for draft in work.of.get(change.address, ()) if draft.id.verb not in ("release", "delete")]
    drafts = [*_release(work, kind, change, doomed), *_delete(work, kind, change)]
    work.chain(drafts)
    if change.before is not None and change.before.retired:
        work.graph.need_all(drafts[0].id, heirs, Why.CHAIN)


def _delete(work: Work, kind: Kind, change: Change) -> list[Draft]:
    drafts = [work.add(change, "delete", call, seconds=kind.delete.seconds) for call in delete_calls(kind, change)]
    for draft in drafts:
        draft.impact = change.impact
    return drafts


def _replace(work: Work, kind: Kind, change: Change, doomed: set[str]) -> None:
    """Both halves, in the order that the change says; what is carried over is taken up by the new object.

    Where the old one goes first, the service is asked before that whether it would make the new one.
    """
    over = kind.carry_over(change) if kind.carry_over else None
    fresh = replace(change, before=None)
    without = over.attributes if over else None
    asked = [] if change.create_first else _asked(work, kind, fresh, without)
    let_go = [work.add(change, "release", call) for call in (over.let_go if over else ())]
    old = [*let_go, *_release(work, kind, change, doomed)]
    if change.create_first:
        retire = work.add(change, "tag", retire_call(kind, change))
        new = _create(work, kind, fresh, without)
        taken = [work.add(change, "finish", call) for call in (over.take_up if over else ())]
        early = [draft for draft in old if not draft.is_last_release]
        late = [draft for draft in old if draft.is_last_release]
        work.chain([retire, *new[:1], *early, *new[1:], *taken, *late, *_delete(work, kind, change)])
    else:
        deletion = _delete(work, kind, change)
        new = _create(work, kind, fresh, without)
        taken = [work.add(change, "finish", call) for call in (over.take_up if over else ())]
        work.chain([*asked, *old, *deletion, *new, *taken])


def _asked(work: Work, kind: Kind, fresh: Change, without: Mapping[str, Any] | None) -> list[Draft]:
    """Would the new object of a replacement be made? Asked while the old one still lives."""
    create = kind.birth(fresh)
    if create.asks is None or fresh.after is None:
        return []
    resource = replace(fresh.after, attributes=_overridden(fresh.after.attributes, without))
    call = create_call(kind, fresh, resource, work.declared[fresh.address], work.region)
    return [work.ask(fresh, question) for question in create.asks(resource, call, work.declared)]
