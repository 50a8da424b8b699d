"""Lanes: calls that must not overlap, such as writes to one VPC. Used by run.py; only the walking thread touches them.

A brief lane is held while a call is under way, not while its effect is waited for: what is being made does not keep
others from being asked for. A call that is refused as busy makes way for calls of other kinds: what holds it up (a
vSwitch that is being made) may be nothing to them. How long it was refused, the next like it waits by itself. Any
other lane is held until the step is done: one snapshot of a disk after the other.
"""

import heapq

from ecsplan.executor.means import Job
from ecsplan.executor.wait import KNOWN
from ecsplan.executor.walk import Walk


def enter(walk: Walk, job: Job) -> bool:
    """Whether the next call of a job can be sent; else it comes back by itself when it may be."""
    lane, step = job.step.lane, job.step.id
    if lane is None:
        return True
    kind, free_at = job.call.kind, _free_at(walk, job)
    if free_at > walk.now:
        heapq.heappush(walk.later, (free_at, step, job))
        return False
    if walk.lanes.get(lane, step) == step and walk.refused.get((lane, kind), step) == step:
        walk.lanes[lane] = step
        return True
    parked = walk.parked.setdefault(lane, {}).setdefault(kind, [])
    heapq.heappush(parked, (-walk.rank[step], step, job))
    return False


def make_way(walk: Walk, job: Job) -> None:
    """The call is refused as busy, and is sent again: another kind may go meanwhile."""
    lane, step = job.step.lane, job.step.id
    job.bell = None
    if lane is not None and walk.lanes.get(lane) == step:
        walk.refused[lane, job.call.kind] = step
        del walk.lanes[lane]
        _next(walk, lane)


def leave(walk: Walk, job: Job) -> None:
    """The call was answered, or the step is done."""
    lane, step = job.step.lane, job.step.id
    job.bell = None
    if lane is None:
        return
    key, now = (lane, job.call.kind), walk.now
    is_refused = walk.refused.get(key) == step
    last = (lane, job.call.operation)
    if is_refused:
        del walk.refused[key]
        walk.busy[last] = now - walk.taken.get(last, now)
    elif walk.lanes.get(lane) == step:
        del walk.lanes[lane]
    else:
        return
    walk.taken[last] = now
    _next(walk, lane)


def _free_at(walk: Walk, job: Job) -> float:
    """When the next call of a job is not refused any more, as far as that is known of others like it."""
    like = (job.step.lane or "", job.call.operation)
    return walk.taken.get(like, 0.0) + KNOWN * walk.busy.get(like, 0.0)


def _next(walk: Walk, lane: str) -> None:
    """The first of each kind that waits may try again."""
    for kind, parked in walk.parked.get(lane, {}).items():
        while parked and (lane, kind) not in walk.refused:
            _, step, job = heapq.heappop(parked)
            if step not in walk.outcomes:  # it may have been cut off meanwhile
                heapq.heappush(walk.later, (walk.now, step, job))
                break
