"""Disks that leave a running machine. Used by layout.py and planning; pure.

A file system that is mounted while its disk is unplugged loses what was not written yet. Where the machine goes in
this very plan, it is stopped first; where it stays, only a person can unmount the disk, so that the plan says so.
"""

from collections.abc import Iterable, Sequence

from ecsplan.model.algebra import texts
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call
from ecsplan.model.capabilities.plugging import plugged_into
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import StepId
from ecsplan.model.resource import RemoteObject
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.graph import Why
from ecsplan.planner.tagging import restart_call
from ecsplan.planner.window import close_window, is_left_off, is_on, start_step, stop_step, unmark_step

_GOING = (Action.DELETE, Action.REPLACE)


def say_unmount_first(changes: Sequence[Change], kinds: Kinds, objects: Iterable[RemoteObject]) -> tuple[Change, ...]:
    """The changes, with a word on those by which a disk leaves a machine that runs and stays."""
    if not any(_may_leave(change, plugged_into(kinds[change.kind])) for change in changes):
        return tuple(changes)
    going = {change.before.id for change in changes if change.before is not None and change.action in _GOING}
    names = {change.before.id: str(change.address) for change in changes if change.before is not None}
    on = {o.id: names.get(o.id, o.id) for o in objects if _runs(kinds, o) and o.id not in going}
    return tuple(_told(change, plugged_into(kinds[change.kind]), on) for change in changes)


def _may_leave(change: Change, plugged: Sequence[str]) -> bool:
    return any(name in change.attributes_by_name or change.action in _GOING for name in plugged)


def _runs(kinds: Kinds, obj: RemoteObject) -> bool:
    power = kinds[obj.kind].capability(Power)
    return power is not None and obj.status == power.running


def _told(change: Change, plugged: Sequence[str], on: dict[str, str]) -> Change:
    machines = [on[machine] for machine in _left(change, plugged) if machine in on]
    if not machines:
        return change
    while_it = "that runs" if len(machines) == 1 else "these run"
    note = f"unmount it on {', '.join(machines)} first: it is unplugged while {while_it}"
    return replace(change, impacts=change.impacts | {Impact.UNPLUG}, notes=(*change.notes, note))


def _left(change: Change, plugged: Sequence[str]) -> list[str]:
    """The machines that it leaves."""
    if change.action in _GOING:
        return [machine for name in plugged for machine in texts(change.live(name))]
    lines = [change.attributes_by_name[name] for name in plugged if name in change.attributes_by_name]
    return [machine for line in lines for machine in texts(line.before) if machine not in set(texts(line.after))]


def stop_before_disks_leave(work: Work, changes: Sequence[Change]) -> None:
    """A running machine that goes is stopped before the first disk that lives on leaves it; where it does not come to
    its deletion, it is started again. So is one that a run which was cut off had stopped, for whatever it was.
    """
    going = [change for change in changes if change.action in _GOING and change.before is not None]
    gone = {change.address: change for change in going}
    leaving: dict[object, list[Draft]] = {}
    for address, drafts in work.of.items():
        for draft in drafts:
            machine = draft.calls[0].leaves if draft.calls else None
            if machine is not None and not _goes_too(gone.get(address), machine):
                leaving.setdefault(machine, []).append(draft)
    for change in going:
        kind = work.kinds[change.kind]
        disks = leaving.get(change.id_text, [])
        if disks and is_on(kind, change):
            _stop_first(work, change, disks)
        elif is_left_off(kind, change) and (disks or not _has_heir(change)):
            _close(work, change, disks, [])


def _goes_too(change: Change | None, machine: object) -> bool:
    """Whether what leaves a machine is itself deleted; what a replacement carries over is not."""
    return change is not None and change.before is not None and change.before.id != machine


def _has_heir(change: Change) -> bool:
    """Whether the new machine runs already: beside it, an old one that a disk has left is not wanted again."""
    return change.before is not None and change.before.retired and change.action is Action.DELETE


def _stop_first(work: Work, change: Change, leaving: Sequence[Draft]) -> None:
    """mark → stop → (disks leave) → delete, and where the delete does not come: start → unmark."""
    kind = work.kinds[change.kind]
    ready = [d.id for d in work.of[change.address] if d.id.verb == ("create" if change.create_first else "check")]
    deletes = _deletes(work, change)
    mark = work.add(change, "mark", restart_call(kind, change))
    stop = stop_step(work, kind, change, is_brief=True)
    inside = {draft.id for draft in leaving}
    work.graph.need_all(mark.id, [*ready, *_what_they_wait_for(work, leaving)], Why.LEAVES)
    work.graph.need(stop.id, mark.id, Why.CHAIN)
    out_of_service = [d.id for d in work.of[change.address] if _comes_before_a_stop(change, d)]
    work.graph.need_all(stop.id, (step for step in out_of_service if step not in inside), Why.CHAIN)
    for draft in (*leaving, *deletes):
        work.graph.need(draft.id, stop.id, Why.LEAVES)
    _close(work, change, leaving, [mark, stop])


def _comes_before_a_stop(change: Change, draft: Draft) -> bool:
    """It leaves its groups then, too; where its new object is made first, when that has taken its place in them."""
    if draft.id.verb == "release":
        return not ((change.create_first or _has_heir(change)) and draft.is_last_release)
    return draft.id.verb in ("drain", "drained")


def _close(work: Work, change: Change, leaving: Sequence[Draft], opened: Sequence[Draft]) -> None:
    """Started again and unmarked, unless it is deleted; what only makes ready for that (a detach) does not count."""
    kind = work.kinds[change.kind]
    deletes = _deletes(work, change)
    unwanted = [draft for draft in deletes if _takes_away(kind, draft.calls[0], change)]
    if change.create_first or _has_heir(change):
        unwanted += leaving
    start = start_step(work, kind, change)
    after, unless = [draft.id for draft in (*leaving, *deletes)], [draft.id for draft in unwanted]
    close_window(work, change, start, after, [draft.id for draft in opened if draft.id.verb == "stop"], unless)
    unmark_step(work, kind, change, start, [draft.id for draft in opened if draft.id.verb == "mark"])


def _takes_away(kind: Kind, call: Call, change: Change) -> bool:
    return call.operation == kind.delete.operation and change.id_text in call.targets


def _deletes(work: Work, change: Change) -> list[Draft]:
    return [draft for draft in work.of[change.address] if draft.id.verb == "delete"]


def _what_they_wait_for(work: Work, leaving: Sequence[Draft]) -> list[StepId]:
    """What has to be done before the first of the drafts: the machine runs until then."""
    after = work.graph.all_after(draft.id for draft in leaving)
    needs = dict.fromkeys(need for draft in leaving for need in work.graph.needs(draft.id))
    return [need for need in needs if need not in after]
