"""How a run that is told to stop ends: nothing new is begun, and every window that it opened is closed.

A window is open from the step that stops a machine to the one that starts it again. After a first Ctrl-C, a lost
lock or credentials that ran out, the steps inside that run are waited for, and the closing ones still run. After a
Ctrl-C that holds too for windows which a dead run had left open. Used by run.py.
"""

from collections.abc import Iterator

from ecsplan.executor.walk import Walk, cut_off, end
from ecsplan.model.address import Address
from ecsplan.model.marks import RESTART
from ecsplan.model.plan import Outcome, Status, Step, StepId


def give_up(walk: Walk) -> None:
    """Ends every step that is not under way, but for the closing ones of windows that are open, or may be."""
    if walk.has_given_up:
        return
    walk.has_given_up = True
    for job in walk.sending.values():
        job.is_cut = job.step.closing is None
    waiting = [walk.later, *(jobs for lane in walk.parked.values() for jobs in lane.values())]
    put_off = [job for jobs in waiting for _, _, job in jobs if job.step.id in walk.active]
    for job in [job for job in put_off if job.step.closing is None]:
        end(walk, given_up(walk, job.step, is_sent=True))
    walk.later = [entry for entry in walk.later if entry[2].step.closing is not None]
    kept, marked = set(walk.active), _marked(walk)
    for step in walk.plan.steps:
        if step.id in walk.outcomes or step.id in walk.active:
            continue
        is_left_open = step.closing is not None and not step.closing.opened_by and not marked.isdisjoint(step.addresses)
        if is_left_open or any(other in kept or other in walk.effective for other in _window(step)):
            kept.add(step.id)
        elif step.closing is not None and step.closing.opened_by:
            end(walk, Outcome(step.id, step.addresses, Status.NOT_NEEDED))
        else:
            end(walk, given_up(walk, step))


def given_up(walk: Walk, step: Step, *, is_sent: bool = False) -> Outcome:
    """A gate that stands before the end of a window is passed over, and the window is closed."""
    closes = [walk.steps[other] for other in walk.followers[step.id]]
    if step.gate is not None and any(other.closing is not None for other in closes):
        return Outcome(step.id, step.addresses, Status.NOT_NEEDED)
    return cut_off(walk, step, is_sent=is_sent)


def _marked(walk: Walk) -> set[Address]:
    """The machines that a dead run had stopped; none where this run may not write any more: another may be at work."""
    if walk.refusal is not None:
        return set()
    return {c.address for c in walk.plan.changes if c.before is not None and RESTART in c.before.marks}


def _window(step: Step) -> Iterator[StepId]:
    """The steps that may have opened the window that a step closes."""
    if step.closing is not None:
        yield from step.closing.opened_by or step.closing.after


def has_open_windows(walk: Walk) -> bool:
    """After `give_up`, the closing steps that are left are those that are due, or may become so."""
    return any(step.closing is not None and step.id not in walk.outcomes for step in walk.plan.steps)
