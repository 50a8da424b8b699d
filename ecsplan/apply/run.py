"""Walks the steps of a plan: several at once, the longest path first, each wait shared; collects Outcomes.

Called by the engine, which has locked, read again and asked. Only here does an ApiError become an Outcome: a failed
step skips what needs it and nothing else. Sends what the plan laid out, and nothing else.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from ecsplan.apply.fill import Filler, Unfilled, client_token
from ecsplan.apply.journal import Journal
from ecsplan.apply.wait import VISIBLE_WITHIN, Poller, Read, Waiter
from ecsplan.model.address import Address, Ref
from ecsplan.model.call import Api, ApiError, Call, ErrorClass, Request, Wait
from ecsplan.model.composites import refs_in
from ecsplan.model.plan import Outcome, Plan, Report, Status, Step, StepId

Event = Mapping[str, Any]
ATTEMPTS = 3  # of a create whose answer names something that is gone
RETRY_UNSEEN = 2.0  # seconds between tries of a call that cannot see what was just made
HOPELESS = "HopelessWait"
LONGEST_NAP = 0.5  # seconds; so soon a Ctrl-C is noticed


class Clock(Protocol):
    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a run is given: the way to the cloud, how to read by id, the clock, and whom to tell.

    `read(kind, ids)` answers raw objects by id; `decode(kind, raw)` their attributes. `may_write` is asked before a
    write and answers why not (the lock is lost), or None. `is_stopped`: somebody asked for no new call. `executor`
    bounds how many calls are under way. `salt` sets the client tokens of this life of the stack apart from those of
    earlier ones, where this machine knows of any.
    """

    api: Api
    read: Read
    decode: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
    name_field: Callable[[str], str]
    clock: Clock
    executor: Executor
    parallelism: int
    journal: Journal
    filler: Filler
    is_stopped: Callable[[], bool]
    tell: Callable[[Event], None]
    may_write: Callable[[], str | None]
    salt: str = ""


@dataclass(slots=True)
class _Job:
    """A step under way: which of its calls, which attempt, and since when it has been trying."""

    step: Step
    call_number: int = 0
    attempt: int = 0
    started: float = 0.0
    unseen_since: float | None = None

    @property
    def call(self) -> Call:
        return self.step.calls[self.call_number]


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
    sending: dict[Future[Any], _Job] = field(default_factory=dict)
    polling: dict[Future[Any], str] = field(default_factory=dict)
    later: list[tuple[float, StepId, _Job]] = field(default_factory=list)
    poller: Poller = field(default_factory=Poller)
    outcomes: dict[StepId, Outcome] = field(default_factory=dict)
    refusal: str | None = None
    forgotten: int = 0


def run(plan: Plan, means: Means) -> Report:
    """Carries out the plan. Never raises for a refusal of the service: the Report tells."""
    started = means.clock.now()
    walk = _Walk(plan, means)
    _lay_out(walk)
    while walk.ready or walk.sending or walk.polling or walk.later or not walk.poller.is_idle:
        if _is_stopping(walk) and not walk.sending and not walk.polling:
            break
        _submit(walk)
        _advance(walk)
    _leave(walk)
    outcomes = tuple(walk.outcomes[step.id] for step in plan.steps)
    ids = {ref.address: value for ref, value in means.filler.ids.items() if ref.attribute == "id"}
    return Report(outcomes, ids, {}, _is_stopping(walk), seconds=means.clock.now() - started)


def _is_stopping(walk: _Walk) -> bool:
    return walk.means.is_stopped() or walk.refusal is not None


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
    means, now = walk.means, walk.means.clock.now()
    while (due := walk.poller.next_due(tuple(walk.polling.values()))) is not None and due[0] <= now:
        kind = due[1]
        ids = walk.poller.ids(kind)
        walk.polling[means.executor.submit(means.read, kind, ids)] = kind
    if _is_stopping(walk):
        return
    while walk.later and walk.later[0][0] <= now and len(walk.sending) < means.parallelism:
        _send(walk, heapq.heappop(walk.later)[2])
    blocked: list[tuple[float, StepId]] = []
    while walk.ready and len(walk.sending) < means.parallelism and not _is_stopping(walk):
        entry = heapq.heappop(walk.ready)
        step = walk.steps[entry[1]]
        if step.lane is not None and step.lane in walk.lanes:
            blocked.append(entry)
            continue
        if step.lane is not None:
            walk.lanes.add(step.lane)
        means.tell({"type": "apply_start", "step": str(step.id), "address": _shown(step), **_what(step)})
        _send(walk, _Job(step, started=now))
    for entry in blocked:
        heapq.heappush(walk.ready, entry)


def _send(walk: _Walk, job: _Job) -> None:
    walk.refusal = walk.refusal or walk.means.may_write()
    if walk.refusal is not None:
        _finish(walk, job, Outcome(job.step.id, job.step.addresses, Status.FAILED, "LockLost", walk.refusal))
        return
    job.attempt = max(job.attempt, walk.forgotten)
    walk.sending[walk.means.executor.submit(_call, walk, job)] = job


def _call(walk: _Walk, job: _Job) -> Mapping[str, Any]:
    """Runs in a worker: fills, records the intent, sends, records the answer."""
    means, call, step = walk.means, job.call, job.step
    bare = means.filler.params(call, reveal=False)
    token = ""
    if call.token:
        seed = f"{walk.plan.digest} {means.salt}"
        token = client_token(seed, str(step.id), job.call_number, bare, job.attempt)
    number = means.journal.intend(
        step=str(step.id),
        operation=call.operation,
        product=call.product.value,
        params=bare,
        token=token,
        creates=[str(address) for address in call.creates],
        kind=call.kind,
        removes=_removed(means, call),
    )
    request = Request(
        call.operation,
        means.filler.params(call),
        call.product,
        write=True,
        replay=call.replay,
        client_token=token or None,
        conflict_deadline=max(1.0, min(step.timeout, 600.0)),
    )
    try:
        answer = means.api.send(request)
    except ApiError as error:
        if not error.unknown_outcome:
            means.journal.answer(number, {}, error.code)
        if _is_done_anyway(call, error):
            return {}
        raise
    means.journal.answer(number, dict(zip(map(str, call.creates), _born(call, answer), strict=False)))
    return answer


def _removed(means: Means, call: Call) -> list[str]:
    """The ids that a delete takes away: nobody need look for them afterwards."""
    if not call.absent_is_done or call.wait is None or not call.wait.absent:
        return []
    return [str(means.filler.fill(target)) for target in call.targets]


def _is_done_anyway(call: Call, error: ApiError) -> bool:
    if error.code in call.done_on:
        return True
    return call.absent_is_done and error.error_class is ErrorClass.ABSENT


def _born(call: Call, answer: Mapping[str, Any]) -> list[str]:
    """The new ids in an answer, one or a list."""
    if not call.creates:
        return []
    found: Any = answer
    for key in call.id_path.removesuffix("[]").split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return [str(i) for i in found] if isinstance(found, list) else [str(found)] if found else []


def _advance(walk: _Walk) -> None:
    """Waits for the next thing to happen, and takes it in."""
    under_way = [*walk.sending, *walk.polling]
    times = [entry[0] for entry in walk.later[:1]]
    due = walk.poller.next_due(tuple(walk.polling.values()))
    if due is not None:
        times.append(due[0])
    pause = max(0.0, min(times) - walk.means.clock.now()) if times else None
    if not under_way:
        if pause:
            walk.means.clock.sleep(min(pause, LONGEST_NAP))
        return
    done, _ = wait(under_way, timeout=pause, return_when=FIRST_COMPLETED)
    for future in sorted(done, key=lambda f: str(walk.sending[f].step.id) if f in walk.sending else ""):
        if future in walk.sending:
            _answered(walk, walk.sending.pop(future), future)
        else:
            _looked(walk, walk.polling.pop(future), future)


def _answered(walk: _Walk, job: _Job, future: Future[Any]) -> None:
    """A call was answered: it failed, it has to be waited for, or the step goes on."""
    call = job.call
    try:
        answer = future.result()
    except ApiError as error:
        if not _try_again(walk, job, error):
            _finish(walk, job, _failure(job, error))
        return
    except Unfilled as missing:
        _finish(walk, job, Outcome(job.step.id, job.step.addresses, Status.FAILED, "Unfilled", str(missing)))
        return
    ids = _born(call, answer)
    if call.creates and len(ids) != len(call.creates):
        text = f"the answer names {len(ids)} new objects instead of {len(call.creates)}"
        _finish(walk, job, Outcome(job.step.id, job.step.addresses, Status.FAILED, "PartialAnswer", text))
        return
    if len(ids) == 1:
        walk.means.filler.ids[Ref(call.creates[0], call.part or "id")] = ids[0]
    targets = ids or [str(walk.means.filler.fill(target)) for target in call.targets]
    wanted = call.wait or (Wait() if ids else None)
    if wanted is None or not targets:
        _next_call(walk, job)
        return
    now = walk.means.clock.now()
    filled = tuple((path, tuple(walk.means.filler.fill(v) for v in values)) for path, values in wanted.conditions)
    wanted = Wait(filled, wanted.absent, wanted.failed, wanted.kind)
    deadline = now + job.step.timeout
    kind = wanted.kind or call.kind
    walk.poller.add(Waiter(job, kind, set(targets), wanted, now, deadline, is_birth=bool(ids)), now)


def _try_again(walk: _Walk, job: _Job, error: ApiError) -> bool:
    """What was made a moment ago may not be visible to the call that uses it: that is no absence."""
    uses_new = any(ref in walk.means.filler.ids for ref in refs_in(job.call.params))
    if error.error_class is not ErrorClass.ABSENT or not uses_new or _is_stopping(walk):
        return False
    now = walk.means.clock.now()
    job.unseen_since = job.unseen_since or now
    if now - job.unseen_since > VISIBLE_WITHIN:
        return False
    heapq.heappush(walk.later, (now + RETRY_UNSEEN, job.step.id, job))
    return True


def _looked(walk: _Walk, kind: str, future: Future[Any]) -> None:
    """A poll came back. One that fails is no absence: whoever waits goes on waiting, up to the deadline."""
    now = walk.means.clock.now()
    try:
        found = future.result()
    except ApiError as error:
        for waiter in walk.poller.waiters.pop(kind, []):
            job: _Job = waiter.step
            _finish(walk, job, _failure(job, error))
        for table in (walk.poller.pace, walk.poller.due):
            table.pop(kind, None)
        return
    for waiter in walk.poller.take(kind, found, now):
        job = waiter.step
        if waiter.is_lost and job.call.token and job.attempt + 1 < ATTEMPTS:
            # The token was that of an object that is gone, from an earlier life of the stack: so are the others.
            job.attempt += 1
            walk.forgotten = max(walk.forgotten, job.attempt)
            _send(walk, job)
        elif waiter.problem:
            outcome = Outcome(job.step.id, job.step.addresses, Status.FAILED, HOPELESS, waiter.problem)
            _finish(walk, job, outcome)
        else:
            _learn(walk, job, waiter)
            _next_call(walk, job)


def _learn(walk: _Walk, job: _Job, waiter: Waiter) -> None:
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


def _next_call(walk: _Walk, job: _Job) -> None:
    if job.call_number + 1 < len(job.step.calls):
        job.call_number += 1
        job.attempt = 0
        heapq.heappush(walk.later, (walk.means.clock.now(), job.step.id, job))
        return
    _finish(walk, job, Outcome(job.step.id, job.step.addresses, Status.DONE))


def _finish(walk: _Walk, job: _Job, outcome: Outcome) -> None:
    """Records an outcome and lets go what depends on it, or skips it."""
    step = job.step
    walk.outcomes[step.id] = outcome
    if step.lane is not None:
        walk.lanes.discard(step.lane)
    done = outcome.status is Status.DONE
    walk.means.tell(
        {
            "type": "apply_done" if done else "apply_failed",
            "step": str(step.id),
            "address": _shown(step),
            "seconds": round(walk.means.clock.now() - job.started, 3),
            **({} if done else {"code": outcome.code, "message": outcome.message, "request_id": outcome.request_id}),
        }
    )
    if not done:
        _skip(walk, step.id, step.id)
        return
    for other in walk.needed_by[step.id]:
        walk.needs[other].discard(step.id)
        if not walk.needs[other] and other not in walk.outcomes:
            heapq.heappush(walk.ready, (-walk.rank[other], other))


def _skip(walk: _Walk, failed: StepId, because: StepId) -> None:
    todo = list(walk.needed_by[failed])
    while todo:
        other = todo.pop()
        if other not in walk.outcomes:
            step = walk.steps[other]
            walk.outcomes[other] = Outcome(other, step.addresses, Status.SKIPPED, because=because)
            walk.means.tell(
                {"type": "apply_skipped", "step": str(other), "address": _shown(step), "because": str(because)}
            )
            todo += walk.needed_by[other]


def _leave(walk: _Walk) -> None:
    """Whatever has no outcome when the run ends was cut off: sent and not settled, or never sent."""
    waiting = {waiter.step.step.id for waiters in walk.poller.waiters.values() for waiter in waiters}
    for step in walk.plan.steps:
        if step.id not in walk.outcomes:
            text = "sent; it was still settling when the run was stopped" if step.id in waiting else "not started"
            walk.outcomes[step.id] = Outcome(step.id, step.addresses, Status.SKIPPED, "Interrupted", text)


def _failure(job: _Job, error: ApiError) -> Outcome:
    return Outcome(
        job.step.id,
        job.step.addresses,
        Status.FAILED,
        error.code,
        error.message,
        error.request_id,
        _ADVICE.get(error.error_class, ""),
    )


_ADVICE = {
    ErrorClass.CAPACITY: "no stock or quota for this: change the type, the zone or the quota, then apply again",
    ErrorClass.THROTTLE: "the service kept refusing for load: apply again later",
    ErrorClass.TRANSIENT: "the service did not answer; apply again: what was made is found and not made twice",
    ErrorClass.CONFLICT: "the object stayed busy; look at what is going on with it, then apply again",
    ErrorClass.ABSENT: "something that the plan counts on is gone: plan again",
    ErrorClass.AUTH_REFRESH: "the credentials ran out and could not be renewed: log in again, then apply again",
}


def _shown(step: Step) -> str:
    first: Address = step.addresses[0]
    return str(first) if len(step.addresses) == 1 else f"{first} and {len(step.addresses) - 1} more"


def _what(step: Step) -> dict[str, Any]:
    operations: Iterable[str] = (call.operation for call in step.calls)
    return {"verb": step.id.verb, "operations": list(operations), "addresses": len(step.addresses)}
