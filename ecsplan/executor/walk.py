"""The state of one walk over the steps of a plan, and what the end of a step means for those that follow it.

Used by run.py and closing.py. Only the walking thread touches it; workers get a job and return a result.
"""

import heapq
from collections.abc import Hashable, Mapping
from concurrent.futures import Future
from typing import Any

from msgspec import Struct, field

from ecsplan.executor import outcome as outcomes
from ecsplan.executor.means import Job, Means
from ecsplan.executor.wait import Poller
from ecsplan.model.address import Address
from ecsplan.model.asking import Verdict
from ecsplan.model.plan import Outcome, Plan, Status, Step, StepId
from ecsplan.model.resource import Resource


class Poll(Struct):
    """A read under way, and the ids that it was asked for."""

    kind: str
    ids: list[str]


class Walk(Struct):
    """`pending` are the steps that have to end before a step can start, `followers` the same the other way.

    `active` are under way: sent, waited for, or put off. `effective` are those that changed something, or may have:
    what they did has to be undone or closed. `verdicts` are the newest answers to questions, with their time. `lanes`
    are who holds each of them, `refused` who tries again in them, by kind, and `parked` who waits for them, by kind.
    `taken` is when an action was taken last, and `busy` for how many seconds the next one was refused after that.
    """

    plan: Plan
    means: Means
    pending: dict[StepId, set[StepId]] = field(default_factory=dict)
    followers: dict[StepId, list[StepId]] = field(default_factory=dict)
    steps: dict[StepId, Step] = field(default_factory=dict)
    ready: list[tuple[float, StepId]] = field(default_factory=list)
    rank: dict[StepId, float] = field(default_factory=dict)
    lanes: dict[str, StepId] = field(default_factory=dict)
    refused: dict[tuple[str, str], StepId] = field(default_factory=dict)
    taken: dict[tuple[str, str], float] = field(default_factory=dict)
    busy: dict[tuple[str, str], float] = field(default_factory=dict)
    parked: dict[str, dict[str, list[tuple[float, StepId, Job]]]] = field(default_factory=dict)
    sending: dict[Future[Any], Job] = field(default_factory=dict)
    polling: dict[Future[Any], Poll] = field(default_factory=dict)
    later: list[tuple[float, StepId, Job]] = field(default_factory=list)
    poller: Poller = field(default_factory=Poller)
    active: set[StepId] = field(default_factory=set)
    effective: set[StepId] = field(default_factory=set)
    born_at: dict[str, float] = field(default_factory=dict)  # ids, and when an answer named them
    verdicts: dict[tuple[Hashable, ...], tuple[float, Verdict]] = field(default_factory=dict)
    refusal: str | None = None
    refusal_code: str = outcomes.LOCK_LOST
    outcomes: dict[StepId, Outcome] = field(default_factory=dict)
    has_given_up: bool = False
    forgotten: int = 0
    declared: Mapping[Address, Resource] = field(default_factory=dict)

    @property
    def is_stopping(self) -> bool:
        return self.means.is_stopped() or self.refusal is not None

    @property
    def is_full(self) -> bool:
        return len(self.sending) >= self.means.parallelism

    @property
    def has_work(self) -> bool:
        return bool(self.ready or self.sending or self.polling or self.later or not self.poller.is_idle)

    @property
    def now(self) -> float:
        return self.means.clock.now()

    @property
    def looked_at(self) -> tuple[str, ...]:
        return tuple(poll.kind for poll in self.polling.values())


def lay_out(plan: Plan, means: Means) -> Walk:
    """What has to end before what, and the rank of each step: how long the longest path from it to the end is."""
    walk = Walk(plan, means, declared=plan.definition.by_address() if plan.definition is not None else {})
    for step in plan.steps:
        walk.steps[step.id] = step
        walk.pending[step.id] = set(step.comes_after)
        walk.followers.setdefault(step.id, [])
        for other in walk.pending[step.id]:
            walk.followers.setdefault(other, []).append(step.id)
    for step in reversed(plan.steps):  # the plan's order keeps every need, so what follows is ranked already
        after = (walk.rank[other] for other in walk.followers[step.id])
        walk.rank[step.id] = step.seconds + max(after, default=0.0)
    for step in plan.steps:
        if not walk.pending[step.id] and step.id not in walk.outcomes:
            if not step.is_barrier:
                make_ready(walk, step.id)
            else:
                end(walk, outcomes.done(step))
    return walk


def make_ready(walk: Walk, step: StepId) -> None:
    heapq.heappush(walk.ready, (-walk.rank[step], step))


def end(walk: Walk, outcome: Outcome) -> None:
    """Records the outcome of a step. What follows it can start now, or never will; then what follows that."""
    walk.active.discard(outcome.step)
    walk.outcomes[outcome.step] = outcome
    todo = [outcome.step]
    while todo:
        ended = todo.pop()
        for other in walk.followers[ended]:
            if other not in walk.outcomes:
                walk.pending[other].discard(ended)
                found = _fate(walk, walk.steps[other], ended) or _passed(walk, walk.steps[other])
                if found is not None:
                    walk.outcomes[other] = found
                    _tell_skipped(walk, found)
                    todo.append(other)
                elif not walk.pending[other]:
                    make_ready(walk, other)


def _fate(walk: Walk, step: Step, ended: StepId) -> Outcome | None:
    """The outcome of a step that will not run, as another has ended; None where it may run yet."""
    source = walk.outcomes[ended]
    if ended in step.needs and source.status not in (Status.DONE, Status.NOT_NEEDED):
        return _passed_on(walk, step, source)
    if walk.pending[step.id] or is_due(walk, step):
        return None
    return Outcome(step.id, step.addresses, Status.NOT_NEEDED)


def _passed(walk: Walk, step: Step) -> Outcome | None:
    """All that a barrier waits for is done: so is it, without a word."""
    return outcomes.done(step) if step.is_barrier and not walk.pending[step.id] else None


def is_due(walk: Walk, step: Step) -> bool:
    """Whether there is something for a step to do: a closing one is idle where nothing was opened."""
    closing = step.closing
    if closing is None:
        return True
    if any(other in walk.effective for other in closing.unless):
        return False
    return not closing.opened_by or any(other in walk.effective for other in closing.opened_by)


def _passed_on(walk: Walk, step: Step, source: Outcome) -> Outcome:
    """A step that is left out shares the cause of the one that it needs."""
    if source.status is Status.SKIPPED and source.because is None:  # the run was cut off
        return cut_off(walk, step)
    return Outcome(step.id, step.addresses, Status.SKIPPED, because=source.because or source.step)


def cut_off(walk: Walk, step: Step, *, is_sent: bool = False) -> Outcome:
    """Why a step has not been done to its end, where the run was told to stop."""
    why = (walk.refusal, walk.refusal_code) if walk.refusal is not None else None
    return outcomes.cut_off(step, is_sent=is_sent, refusal=why)


def _tell_skipped(walk: Walk, outcome: Outcome) -> None:
    step = walk.steps[outcome.step]
    if not step.is_barrier and outcome.status is Status.SKIPPED and outcome.because is not None:
        told = {"step": str(step.id), "address": outcomes.shown(step), "because": str(outcome.because)}
        walk.means.tell({"type": "apply_skipped", **told})
