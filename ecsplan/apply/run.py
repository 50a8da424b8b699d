"""Walks the steps of a plan: several at once, the longest path first, each wait shared; collects Outcomes.

Called by the engine, which has locked, read again and asked. Only here does an ApiError become an Outcome: a failed
step skips what needs it and nothing else. Sends what the plan laid out, and nothing else.
"""

import heapq
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from ecsplan.apply import outcome as outcomes
from ecsplan.apply.fill import Unfilled, born_ids
from ecsplan.apply.sending import Job, Means, filled, send
from ecsplan.apply.wait import VISIBLE_WITHIN, Poller, Waiter
from ecsplan.model.address import Ref
from ecsplan.model.call import ApiError, ErrorClass, Wait
from ecsplan.model.composites import refs_in
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Outcome, Plan, Report, Status, Step, StepId

ATTEMPTS = 3  # of a create whose answer names something that is gone
RETRY_UNSEEN = 2.0  # seconds between tries of a call that cannot see what was just made
LONGEST_NAP = 0.5  # seconds; so soon a Ctrl-C is noticed
LONGEST_WAIT = 30.0  # seconds; so often the lock is renewed while nothing is written


@dataclass(slots=True)
class _Poll:
    """A read under way, and the ids that it was asked for."""

    kind: str
    ids: list[str]


@dataclass(slots=True)
class _Walk:
    """The state of one run. Only the walking thread touches it; workers get a job and answer a result."""

    plan: Plan
    means: Means
    needs: dict[StepId, set[StepId]] = field(default_factory=dict)
    needed_by: dict[StepId, list[StepId]] = field(default_factory=dict)
    steps: dict[StepId, Step] = field(default_factory=dict)
    ready: list[tuple[float, StepId]] = field(default_factory=list)
    rank: dict[StepId, float] = field(default_factory=dict)
    lanes: set[str] = field(default_factory=set)
    sending: dict[Future[Any], Job] = field(default_factory=dict)
    polling: dict[Future[Any], _Poll] = field(default_factory=dict)
    later: list[tuple[float, StepId, Job]] = field(default_factory=list)
    poller: Poller = field(default_factory=Poller)
    refusal_code: str = outcomes.LOCK_LOST
    outcomes: dict[StepId, Outcome] = field(default_factory=dict)
    refusal: str | None = None
    forgotten: int = 0

    @property
    def is_stopping(self) -> bool:
        return self.means.is_stopped() or self.refusal is not None

    @property
    def is_full(self) -> bool:
        return len(self.sending) >= self.means.parallelism

    @property
    def now(self) -> float:
        return self.means.clock.now()

    @property
    def looked_at(self) -> tuple[str, ...]:
        return tuple(poll.kind for poll in self.polling.values())


def run(plan: Plan, means: Means) -> Report:
    """Carries out the plan. Never raises for a refusal of the service: the Report tells."""
    started = means.clock.now()
    walk = _Walk(plan, means)
    _lay_out(walk)
    while walk.ready or walk.sending or walk.polling or walk.later or not walk.poller.is_idle:
        _hold_the_lock(walk)
        if walk.is_stopping and not walk.sending and not walk.polling:
            break
        _submit(walk)
        _advance(walk)
    _leave(walk)
    found = tuple(walk.outcomes[step.id] for step in plan.steps)
    ids = {ref.address: value for ref, value in means.filler.ids.items() if ref.attribute == "id"}
    cut = means.is_stopped() and any(outcome.code == outcomes.INTERRUPTED for outcome in found)
    return Report(found, ids, {}, cut, seconds=means.clock.now() - started)


def _hold_the_lock(walk: _Walk) -> None:
    """The lock is renewed in time, or nothing more is written: not knowing who holds it is no reason to go on."""
    if walk.refusal is None:
        try:
            walk.refusal = walk.means.may_write()
        except ApiError as error:
            walk.refusal = f"the lock cannot be checked ({error.code})"


def _lay_out(walk: _Walk) -> None:
    """Needs both ways, and the rank of each step: how long the longest path from it to the end is."""
    for step in walk.plan.steps:
        walk.steps[step.id] = step
        walk.needs[step.id] = set(step.needs)
        walk.needed_by.setdefault(step.id, [])
        for need in step.needs:
            walk.needed_by.setdefault(need, []).append(step.id)
    for step in reversed(walk.plan.steps):  # the plan's order keeps every need, so what follows is ranked already
        walk.rank[step.id] = step.seconds + max((walk.rank[other] for other in walk.needed_by[step.id]), default=0.0)
    for step in walk.plan.steps:
        if not walk.needs[step.id]:
            heapq.heappush(walk.ready, (-walk.rank[step.id], step.id))


def _submit(walk: _Walk) -> None:
    """Starts what can start: polls that are due first, then steps, the longest path first."""
    means, now = walk.means, walk.now
    while (due := walk.poller.next_due(walk.looked_at)) is not None and due[0] <= now:
        poll = _Poll(due[1], walk.poller.ids(due[1]))
        walk.polling[means.executor.submit(means.look, poll.kind, poll.ids)] = poll
    while walk.later and walk.later[0][0] <= now and not walk.is_full and not walk.is_stopping:
        _send(walk, heapq.heappop(walk.later)[2])
    blocked: list[tuple[float, StepId]] = []
    while walk.ready and not walk.is_full and not walk.is_stopping:
        entry = heapq.heappop(walk.ready)
        step = walk.steps[entry[1]]
        if step.lane is not None and step.lane in walk.lanes:
            blocked.append(entry)
            continue
        if step.lane is not None:
            walk.lanes.add(step.lane)
        means.tell({"type": "apply_start", "step": str(step.id), "address": outcomes.shown(step), **_what(step)})
        _send(walk, Job(step, started=now))
    for entry in blocked:
        heapq.heappush(walk.ready, entry)


def _send(walk: _Walk, job: Job) -> None:
    _hold_the_lock(walk)
    if walk.refusal is not None:
        _finish(walk, job, outcomes.failed(job.step, walk.refusal_code, walk.refusal))
        return
    job.attempt = max(job.attempt, walk.forgotten)
    walk.sending[walk.means.executor.submit(send, walk.means, walk.plan.digest, job)] = job


def _advance(walk: _Walk) -> None:
    """Waits for the next thing to happen, and takes it in."""
    under_way = [*walk.sending, *walk.polling]
    times = [walk.later[0][0]] if walk.later and not walk.is_full and not walk.is_stopping else []
    due = walk.poller.next_due(walk.looked_at)
    if due is not None:
        times.append(due[0])
    pause = max(0.0, min(times) - walk.now) if times else LONGEST_WAIT
    if not under_way:
        if pause and times:
            walk.means.clock.sleep(min(pause, LONGEST_NAP))
        return
    ended, _ = wait(under_way, timeout=min(pause, LONGEST_WAIT), return_when=FIRST_COMPLETED)
    for future in sorted(ended, key=lambda f: str(walk.sending[f].step.id) if f in walk.sending else ""):
        if future in walk.sending:
            _answered(walk, walk.sending.pop(future), future)
        else:
            _looked(walk, walk.polling.pop(future), future)


def _answered(walk: _Walk, job: Job, future: Future[Any]) -> None:
    """A call was answered: it failed, it has to be waited for, or the step goes on."""
    call, filler = job.call, walk.means.filler
    try:
        answer = future.result()
    except ApiError as error:
        if error.error_class is ErrorClass.AUTH_REFRESH:  # every other call would be told the same
            walk.refusal, walk.refusal_code = "the credentials ran out", outcomes.LOGGED_OUT
        if not _try_again(walk, job, error):
            _finish(walk, job, outcomes.refused(job.step, error))
        return
    except Unfilled as missing:
        _finish(walk, job, outcomes.failed(job.step, outcomes.UNFILLED, str(missing)))
        return
    except Rejected as error:
        _finish(walk, job, outcomes.rejected(job.step, error))
        return
    ids = born_ids(answer, call.id_path) if call.creates else []
    if call.creates and len(ids) != len(call.creates):
        text = f"the answer names {len(ids)} new objects instead of {len(call.creates)}" + f": {', '.join(ids)}"[:200]
        _finish(walk, job, outcomes.failed(job.step, outcomes.PARTIAL, text))
        return
    if len(ids) == 1:
        filler.ids[Ref(call.creates[0], call.part or "id")] = ids[0]
    targets = ids or [str(filler.fill(target)) for target in call.targets]
    wanted = call.wait or (Wait() if ids else None)
    if wanted is None or not targets:
        _next_call(walk, job)
        return
    now, wanted = walk.now, filled(wanted, filler)
    kind, deadline = wanted.kind or call.kind, now + job.step.timeout
    walk.poller.add(Waiter(job, kind, set(targets), wanted, now, deadline, is_birth=bool(ids)), now)


def _can_ask_again(job: Job) -> bool:
    return job.call.token and job.attempt + 1 < ATTEMPTS


def _ask_again(walk: _Walk, job: Job) -> None:
    """The token was that of an object that is gone, from an earlier life of the stack: so are the others."""
    job.attempt += 1
    walk.forgotten = max(walk.forgotten, job.attempt)
    heapq.heappush(walk.later, (walk.now, job.step.id, job))


def _try_again(walk: _Walk, job: Job, error: ApiError) -> bool:
    """What was made a moment ago may not be visible to the call that uses it: that is no absence."""
    uses_new = any(ref in walk.means.filler.ids for ref in refs_in(job.call.params))
    if error.error_class is not ErrorClass.ABSENT or not uses_new:
        return False
    if job.unseen_since is None:
        job.unseen_since = walk.now
    if walk.now - job.unseen_since > VISIBLE_WITHIN:
        return False
    heapq.heappush(walk.later, (walk.now + RETRY_UNSEEN, job.step.id, job))
    return True


def _looked(walk: _Walk, poll: _Poll, future: Future[Any]) -> None:
    """A poll came back, for all who wait for objects of its kind."""
    for waiter in walk.poller.take(poll.kind, poll.ids, future.result(), walk.now):
        job: Job = waiter.step
        if waiter.is_lost and _can_ask_again(job):
            _ask_again(walk, job)
        elif waiter.refusal:
            _finish(walk, job, outcomes.refused(job.step, waiter.refusal))
        elif waiter.problem:
            _finish(walk, job, outcomes.failed(job.step, outcomes.HOPELESS, waiter.problem))
        else:
            _learn(walk, job, waiter)
            _next_call(walk, job)


def _learn(walk: _Walk, job: Job, waiter: Waiter) -> None:
    """Keeps what the poll told of new objects; members made together are told apart by their names."""
    call, filler = job.call, walk.means.filler
    if not call.creates or call.part:
        return
    by_name = dict(zip(call.names, call.creates, strict=False))
    name_field = walk.means.name_field(call.kind)
    for object_id, raw in waiter.raws.items():
        address = by_name.get(str(raw.get(name_field))) if len(call.creates) > 1 else call.creates[0]
        if address is not None:
            filler.ids[Ref(address)] = object_id
            filler.attributes[address] = walk.means.decode(call.kind, raw)


def _next_call(walk: _Walk, job: Job) -> None:
    if job.call_number + 1 < len(job.step.calls):
        job.call_number += 1
        job.attempt, job.unseen_since = 0, None
        heapq.heappush(walk.later, (walk.now, job.step.id, job))
        return
    _finish(walk, job, outcomes.done(job.step))


def _finish(walk: _Walk, job: Job, outcome: Outcome) -> None:
    """Records an outcome and lets go what depends on it, or skips it."""
    step = job.step
    walk.outcomes[step.id] = outcome
    if step.lane is not None:
        walk.lanes.discard(step.lane)
    is_done = outcome.status is Status.DONE
    problem = {"code": outcome.code, "message": outcome.message, "request_id": outcome.request_id}
    walk.means.tell(
        {
            "type": "apply_done" if is_done else "apply_failed",
            "step": str(step.id),
            "address": outcomes.shown(step),
            "seconds": round(walk.now - job.started, 3),
            **({} if is_done else problem),
        }
    )
    if not is_done:
        _skip(walk, step.id)
        return
    for other in walk.needed_by[step.id]:
        walk.needs[other].discard(step.id)
        if not walk.needs[other] and other not in walk.outcomes:
            heapq.heappush(walk.ready, (-walk.rank[other], other))


def _skip(walk: _Walk, because: StepId) -> None:
    todo = list(walk.needed_by[because])
    while todo:
        other = todo.pop()
        if other not in walk.outcomes:
            step = walk.steps[other]
            walk.outcomes[other] = Outcome(other, step.addresses, Status.SKIPPED, because=because)
            told = {"step": str(other), "address": outcomes.shown(step), "because": str(because)}
            walk.means.tell({"type": "apply_skipped", **told})
            todo += walk.needed_by[other]


def _leave(walk: _Walk) -> None:
    """Whatever has no outcome when the run ends was cut off."""
    sent = {waiter.step.step.id for waiters in walk.poller.waiters.values() for waiter in waiters}
    for step in walk.plan.steps:
        if step.id not in walk.outcomes:
            why = (walk.refusal, walk.refusal_code) if walk.refusal is not None else None
            walk.outcomes[step.id] = outcomes.cut_off(step, is_sent=step.id in sent, refusal=why)


def _what(step: Step) -> Mapping[str, Any]:
    operations = [call.operation for call in step.calls]
    return {"verb": step.id.verb, "operations": operations, "addresses": len(step.addresses)}
