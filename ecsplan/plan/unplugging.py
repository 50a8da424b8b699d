"""Disks that leave a running machine. Used by layout.py and planning; pure.

A file system that is mounted while its disk is unplugged loses what was not written yet. Where the machine goes in
this very plan, it is stopped first; where it stays, only a person can unmount the disk, so that the plan says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import StepId
from ecsplan.model.resource import RemoteObject
from ecsplan.plan.drafts import Draft, Work
from ecsplan.plan.graph import Why
from ecsplan.plan.tagging import restart_call
from ecsplan.plan.window import is_on, start_step, stop_step, unmark_step

_GOING = (Action.DELETE, Action.REPLACE)


def say_unmount_first(changes: Sequence[Change], kinds: Kinds, objects: Iterable[RemoteObject]) -> tuple[Change, ...]:
    """The changes, with a word on those by which a disk leaves a machine that runs and stays."""
    if not any(_may_leave(change, kinds[change.kind].plugged) for change in changes):
        return tuple(changes)
    going = {change.before.id for change in changes if change.before is not None and change.action in _GOING}
    names = {change.before.id: str(change.address) for change in changes if change.before is not None}
    on = {o.id: names.get(o.id, o.id) for o in objects if _runs(kinds, o) and o.id not in going}
    return tuple(_told(change, kinds[change.kind].plugged, on) for change in changes)


def _may_leave(change: Change, plugged: str) -> bool:
    return bool(plugged) and (plugged in change.attributes_by_name or change.action in _GOING)


def _runs(kinds: Kinds, obj: RemoteObject) -> bool:
    power = kinds[obj.kind].power
    return power is not None and obj.status == power.running


def _told(change: Change, plugged: str, on: dict[str, str]) -> Change:
    line = change.attributes_by_name.get(plugged)
    machine = change.live(plugged) if change.action in _GOING else line.before if line is not None else None
    if not plugged or not isinstance(machine, str) or machine not in on:
        return change
    note = f"unmount it on {on[machine]} first: it is unplugged while that runs"
    return replace(change, impacts=change.impacts | {Impact.UNPLUG}, notes=(*change.notes, note))


def stop_before_disks_leave(work: Work, changes: Sequence[Change]) -> None:
    """A running machine that goes is stopped before the first disk that lives on leaves it; where it does not come to
    its deletion, it is started again.
    """
    going = {change.address: change for change in changes if change.action in _GOING}
    leaving: dict[object, list[Draft]] = {}
    for address, drafts in work.of.items():
        for draft in drafts:
            machine = draft.calls[0].leaves
            if machine is not None and not _goes_too(going.get(address), machine):
                leaving.setdefault(machine, []).append(draft)
    for change in going.values() if leaving else ():
        if change.before is not None and change.before.id in leaving and is_on(work.kinds[change.kind], change):
            _stop_first(work, change, leaving[change.before.id])


def _goes_too(change: Change | None, machine: object) -> bool:
    """Whether what leaves a machine is itself deleted; what a replacement carries over is not."""
    return change is not None and change.before is not None and change.before.id != machine


def _stop_first(work: Work, change: Change, leaving: Sequence[Draft]) -> None:
    """mark → stop → (disks leave) → delete, and where the delete does not come: start → unmark."""
    kind = work.kinds[change.kind]
    own = tuple(work.of[change.address])
    deletes = [draft for draft in own if draft.id.verb == "delete"]
    ready = [draft.id for draft in own if draft.id.verb == ("create" if change.create_first else "check")]
    mark = work.add(change, "mark", restart_call(kind, change))
    stop = stop_step(work, kind, change, is_brief=True)
    work.graph.need_all(mark.id, [*ready, *_what_they_wait_for(work, leaving)], Why.LEAVES)
    work.graph.need(stop.id, mark.id, Why.CHAIN)
    for draft in (*leaving, *deletes):
        work.graph.need(draft.id, stop.id, Why.LEAVES)
    start = start_step(work, kind, change)
    # Beside a new machine that runs, one that a disk has left is not wanted again.
    unwanted = (*deletes, *(leaving if change.create_first else ()))
    work.close(start, (draft.id for draft in (*leaving, *deletes)), (stop.id,), (draft.id for draft in unwanted))
    unmark_step(work, kind, change, start, {mark.id})


def _what_they_wait_for(work: Work, leaving: Sequence[Draft]) -> list[StepId]:
    """What has to be done before the first of the drafts: the machine runs until then."""
    after = work.graph.all_after(draft.id for draft in leaving)
    needs = dict.fromkeys(need for draft in leaving for need in work.graph.needs(draft.id))
    return [need for need in needs if need not in after]
