"""Walks the steps of a plan: several at once, the longest path first, each wait shared; collects Outcomes.

Called by the engine, which has locked, read again and asked. Only here does an ApiError become an Outcome: a failed
step skips what needs it and nothing else, and what closes a window runs all the same. Sends what the plan laid out,
and nothing else.
"""

import heapq
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from ecsplan.executor import gating
from ecsplan.executor import outcome as outcomes
from ecsplan.executor.absence import may_be_unseen, place_of
from ecsplan.executor.asking import judged, known_verdict
from ecsplan.executor.closing import give_up, given_up, has_open_windows
from ecsplan.executor.commanding import Running
from ecsplan.executor.commanding import judged as command_judged
from ecsplan.executor.fill import Unfilled, born_ids
from ecsplan.executor.lanes import enter, leave, make_way
from ecsplan.executor.left_off import left_off
from ecsplan.executor.means import Job, Means
from ecsplan.executor.results import results_of
from ecsplan.executor.rows import PartlyRefused
from ecsplan.executor.sending import Unseen, filled, send
from ecsplan.executor.telling import detail_of, snapshots_in, tell_of_retry
from ecsplan.executor.wait import VISIBLE_WITHIN, Waiter
from ecsplan.executor.walk import Poll, Walk, cut_off, end, lay_out
from ecsplan.model.address import Ref
from ecsplan.model.call import ApiError, ErrorClass, Wait
from ecsplan.model.composites import refs_in
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected, SourceRange
from ecsplan.model.plan import Outcome, Plan, Report, Status, Step

ATTEMPTS = 3  # of a create whose answer names something that is gone
RETRY_UNSEEN = 2.0  # seconds between tries of a call that cannot see what was just made
RUN = "run"  # the verb of a step that has a command run inside machines
LONGEST_NAP = 0.5  # seconds; so soon a Ctrl-C is noticed
LONGEST_WAIT = 30.0  # seconds; so often the lock is renewed while nothing is written


def run(plan: Plan, means: Means) -> Report:
    """Carries out the plan. Never raises for a refusal of the service: the Report tells."""
    started = means.clock.now()
    walk = lay_out(plan, means)
    while walk.has_work:
        _hold_the_lock(walk)
        if walk.is_stopping:
            give_up(walk)
            if not walk.sending and not walk.polling and not has_open_windows(walk):
                break
        _submit(walk)
        _advance(walk)
    _leave(walk)
    found = tuple(walk.outcomes[step.id] for step in plan.steps if not step.is_barrier)
    ids = {ref.address: value for ref, value in means.filler.ids.items() if ref.attribute == "id"}
    cut = means.is_stopped() and any(outcome.code == outcomes.INTERRUPTED for outcome in found)
    return Report(
        found,
        ids,
        {},
        cut,
        seconds=means.clock.now() - started,
        off=left_off(walk),
        results=results_of(plan, walk.outcomes, walk.effective),
        has_effect=bool(walk.effective),
        born_at=walk.born_at,
        snapshots=snapshots_in(means.filler.ids),
    )


def _hold_the_lock(walk: Walk) -> None:
    """The lock is renewed in time, or nothing more is written: not knowing who holds it is no reason to go on."""
    if walk.refusal is None:
        try:
            walk.refusal = walk.means.may_write()
        except ApiError as error:
            walk.refusal = f"the lock cannot be checked ({error.code})"


def _submit(walk: Walk) -> None:
    """Starts what can start: polls that are due first, then steps, the longest path first."""
    means, now = walk.means, walk.now
    while (due := walk.poller.next_due(walk.looked_at)) is not None and due[0] <= now:
        asked = walk.poller.asked(due[1], now)
        look = means.executor.submit(
            means.cloud.wait, due[1], asked.ids, is_sample=asked.is_sample, are_to_go=asked.are_to_go
        )
        walk.polling[look] = Poll(due[1], asked.ids)
    while walk.later and walk.later[0][0] <= now and not walk.is_full and not _is_new_stop(walk):
        job = heapq.heappop(walk.later)[2]
        if enter(walk, job):
            (_send if job.step.id in walk.active else _begin)(walk, job)
    while walk.ready and not walk.is_full and not _is_new_stop(walk):
        job = Job(walk.steps[heapq.heappop(walk.ready)[1]])
        if job.step.id not in walk.outcomes and enter(walk, job):  # it may have been cut off meanwhile
            _begin(walk, job)


def _is_new_stop(walk: Walk) -> bool:
    """Whether the run is to stop and nothing has been given up yet: that comes before anything else is sent."""
    return walk.is_stopping and not walk.has_given_up


def _begin(walk: Walk, job: Job) -> None:
    step, job.started = job.step, walk.now
    walk.active.add(step.id)
    walk.means.tell({"type": "apply_start", "step": str(step.id), "address": outcomes.shown(step), **_what(step)})
    verdict = known_verdict(walk, step)
    if step.gate is not None or step.id.verb == RUN:
        _watch(walk, job)
    elif verdict is not None:
        _finish(walk, job, judged(walk, step, verdict))
    else:
        _send(walk, job)


def _watch(walk: Walk, job: Job) -> None:
    """A gate, or a command inside machines: looked at now, or when its pause is over."""
    if job.step.gate is None:
        job.watch = Running(walk.means, walk.plan.digest, job, walk.means.hidden())
    elif walk.means.watch is not None:
        job.watch = walk.means.watch(job.step)
    assert job.watch is not None
    _look_again(walk, job, job.watch.begin(walk.now))


def _look_again(walk: Walk, job: Job, at: float | None) -> None:
    assert job.watch is not None
    if isinstance(job.watch, Running) and job.watch.is_sent:
        walk.effective.add(job.step.id)
    if at is None:
        _finish(walk, job, _judged(job))
    else:
        _put_off(walk, job, at)


def _judged(job: Job) -> Outcome:
    assert job.watch is not None
    if isinstance(job.watch, Running):
        return command_judged(job.step, job.watch)
    return gating.judged(job.step, job.watch)


def _send(walk: Walk, job: Job) -> None:
    """A closing step goes out even where nothing else may be written any more."""
    if job.watch is not None and job.step.gate is not None:
        walk.sending[walk.means.executor.submit(job.watch.look)] = job
        return
    _hold_the_lock(walk)
    if walk.refusal is not None and job.step.closing is None:
        _finish(walk, job, outcomes.failed(job.step, walk.refusal_code, walk.refusal))
        return
    if job.watch is not None:
        walk.sending[walk.means.executor.submit(job.watch.look)] = job
        return
    job.is_unlocked = walk.refusal is not None and walk.refusal_code == outcomes.LOCK_LOST
    job.attempt = max(job.attempt, walk.forgotten)
    job.bell = Future() if job.step.is_lane_brief else None
    walk.sending[walk.means.executor.submit(send, walk.means, walk.plan.digest, job)] = job


def _put_off(walk: Walk, job: Job, until: float) -> None:
    """The step goes on later; not at all, where the run is to stop meanwhile."""
    if walk.has_given_up and job.step.closing is None:
        _finish(walk, job, given_up(walk, job.step, is_sent=True))
    else:
        heapq.heappush(walk.later, (until, job.step.id, job))


def _advance(walk: Walk) -> None:
    """Waits for the next thing to happen, and takes it in."""
    under_way = [*walk.sending, *walk.polling]
    times = [walk.later[0][0]] if walk.later and not walk.is_full else []
    due = walk.poller.next_due(walk.looked_at)
    if due is not None:
        times.append(due[0])
    pause = max(0.0, min(times) - walk.now) if times else LONGEST_WAIT
    if not under_way:
        if pause and times:
            walk.means.clock.sleep(min(pause, LONGEST_NAP))
        return
    bells = {job.bell: job for job in walk.sending.values() if job.bell is not None}
    ended, _ = wait([*under_way, *bells], timeout=min(pause, LONGEST_WAIT), return_when=FIRST_COMPLETED)
    for bell in ended & bells.keys():
        make_way(walk, bells[bell])
    for future in sorted(ended - bells.keys(), key=lambda f: str(walk.sending[f].step.id) if f in walk.sending else ""):
        if future in walk.sending:
            _answered(walk, walk.sending.pop(future), future)
        else:
            _looked(walk, walk.polling.pop(future), future)


def _answered(walk: Walk, job: Job, future: Future[Any]) -> None:
    """A call was answered: it failed, it has to be waited for, or the step goes on."""
    if job.step.is_lane_brief:
        leave(walk, job)
    if job.watch is not None:
        _look_again(walk, job, job.watch.take(future.result(), walk.now))
        return
    call, taken = job.call, job.call.targets
    try:
        answer = future.result()
    except PartlyRefused as partly:
        answer, job.problem = {}, partly.error
        job.refused |= partly.refused
        taken = tuple(target for target in taken if str(walk.means.filler.fill(target)) not in partly.refused)
    except ApiError as error:
        _refused(walk, job, error)
        return
    except Unfilled as missing:
        if isinstance(missing, Unseen):
            walk.effective.add(job.step.id)
        _finish(walk, job, outcomes.failed(job.step, outcomes.UNFILLED, str(missing)))
        return
    except Rejected as error:
        _finish(walk, job, outcomes.rejected(job.step, error))
        return
    job.request_ids += filter(None, (str(answer.get("RequestId") or ""),))
    if job.step.question is not None:
        job.answers.append(answer)
        _next_call(walk, job)
        return
    if call.operation:
        walk.effective.add(job.step.id)
    ids = born_ids(answer, call.id_path) if call.creates else []
    if call.part and not call.creates:  # another part inside an object that stays
        for found in born_ids(answer, call.id_path):
            walk.means.filler.ids[Ref(job.step.addresses[0], call.part)] = found
    if call.creates and len(ids) != len(call.creates):
        text = f"the answer names {len(ids)} new objects instead of {len(call.creates)}" + f": {', '.join(ids)}"[:200]
        _finish(walk, job, outcomes.failed(job.step, outcomes.PARTIAL, text))
        return
    if len(ids) == 1:
        walk.means.filler.ids[Ref(call.creates[0], call.part or "id")] = ids[0]
    _await(walk, job, ids, taken)


def _refused(walk: Walk, job: Job, error: ApiError) -> None:
    """The service said no, or nothing. To a question, that is an answer."""
    _heed(walk, error)
    if job.step.question is not None:
        job.answers.append(error)
        _next_call(walk, job)
        return
    if error.unknown_outcome:
        walk.effective.add(job.step.id)
    if not _try_again(walk, job, error):
        _finish(walk, job, outcomes.refused(job.step, error))


def _heed(walk: Walk, error: ApiError) -> None:
    """Where the credentials ran out, every other call would be told the same."""
    if error.error_class is ErrorClass.AUTH_REFRESH and walk.refusal is None:
        walk.refusal, walk.refusal_code = "the credentials ran out", outcomes.LOGGED_OUT


def _await(walk: Walk, job: Job, born: list[str], taken: tuple[Any, ...]) -> None:
    """Waits for what the call made, or for those of its targets that were taken."""
    call, filler = job.call, walk.means.filler
    targets = born or [str(filler.fill(target)) for target in taken]
    wanted = call.wait or (Wait() if born else None)
    walk.born_at |= dict.fromkeys(born, walk.now)
    if wanted is None or not targets:
        _next_call(walk, job)
        return
    now, wanted = walk.now, filled(wanted, filler)
    kind, deadline, usual = wanted.kind or call.kind, now + job.step.timeout, job.step.seconds
    waiter = Waiter(job, kind, set(targets), wanted, now, deadline, bool(born), action=call.operation, usual=usual)
    waiter.is_needed = bool(walk.followers[job.step.id]) or job.call_number + 1 < len(job.step.calls)
    walk.poller.add(waiter, now)


def _can_ask_again(job: Job) -> bool:
    return job.call.token and job.attempt + 1 < ATTEMPTS


def _ask_again(walk: Walk, job: Job) -> None:
    """The token was that of an object that is gone, from an earlier life of the stack: so are the others."""
    job.attempt += 1
    walk.forgotten = max(walk.forgotten, job.attempt)
    _put_off(walk, job, walk.now)


def _try_again(walk: Walk, job: Job, error: ApiError) -> bool:
    """What was made a moment ago may not be visible to the call that uses it: that is no absence."""
    new = [ref for ref in refs_in(job.call.params) if ref in walk.means.filler.ids]
    if error.error_class is not ErrorClass.ABSENT or not may_be_unseen(error.code, new):
        return False
    if job.unseen_since is None:
        job.unseen_since = walk.now
    if walk.now - job.unseen_since > VISIBLE_WITHIN:
        return False
    tell_of_retry(walk.means, job, error)
    _put_off(walk, job, walk.now + RETRY_UNSEEN)
    return True


def _looked(walk: Walk, poll: Poll, future: Future[Any]) -> None:
    """A poll came back, for all who wait for objects of its kind."""
    for waiter in walk.poller.take(poll.kind, poll.ids, future.result(), walk.now):
        job: Job = waiter.step
        if waiter.is_lost and _can_ask_again(job):
            _ask_again(walk, job)
        elif waiter.refusal:
            job.left_behind(waiter.ids, waiter.refusal.code, waiter.refusal.message)
            _heed(walk, waiter.refusal)
            _finish(walk, job, outcomes.refused(job.step, waiter.refusal))
        elif waiter.problem:
            job.left_behind(waiter.ids, outcomes.HOPELESS, waiter.problem)
            _finish(walk, job, outcomes.failed(job.step, outcomes.HOPELESS, waiter.problem))
        else:
            _learn(walk, job, waiter)
            _next_call(walk, job)


def _learn(walk: Walk, job: Job, waiter: Waiter) -> None:
    """Keeps what the poll told of new objects; members made together are told apart by their names."""
    call, filler = job.call, walk.means.filler
    if not call.creates or call.part:
        return
    by_name = dict(zip(call.names, call.creates, strict=False))
    name_field = walk.means.name_field(call.kind)
    members = {}
    for object_id, raw in waiter.raws.items():
        address = by_name.get(str(raw.get(name_field))) if len(call.creates) > 1 else call.creates[0]
        if address is not None:
            filler.ids[Ref(address)] = object_id
            filler.attributes[address] = walk.means.decode(call.kind, raw)
            members[str(address)] = object_id
    if len(call.creates) > 1:
        walk.means.journal.learn(members)


def _next_call(walk: Walk, job: Job) -> None:
    step = job.step
    if job.call_number + 1 < len(step.calls) and job.problem is None:
        job.call_number += 1
        job.attempt, job.unseen_since = 0, None
        _put_off(walk, job, walk.now)
    elif job.problem is not None:
        _finish(walk, job, outcomes.refused(step, job.problem))
    elif step.question is not None:
        _finish(walk, job, judged(walk, step, step.question.judge(job.answers)))
    else:
        _finish(walk, job, outcomes.done(step))


def _finish(walk: Walk, job: Job, outcome: Outcome) -> None:
    """Records an outcome and lets go what depends on it, or skips it."""
    step = job.step
    leave(walk, job)
    is_done = outcome.status is Status.DONE
    if not is_done:
        outcome = replace(outcome, source=_source_of(walk, step, outcome.code), refused=job.refused)
    answered = tuple(dict.fromkeys((*job.request_ids, *filter(None, (outcome.request_id,)))))
    outcome = replace(outcome, request_ids=answered)
    problem = {
        "code": outcome.code,
        "message": outcome.message,
        "request_id": outcome.request_id,
        "source": f"{outcome.source.file}:{outcome.source.line}" if outcome.source else None,
    }
    if outcome.status is not Status.SKIPPED:
        walk.means.tell(
            {
                "type": "apply_done" if is_done else "apply_failed",
                "step": str(step.id),
                "address": outcomes.shown(step),
                "seconds": round(walk.now - job.started, 3),
                **detail_of(walk.means, job),
                "request_ids": list(answered),
                **({} if is_done else problem),
            }
        )
    end(walk, outcome)


def _source_of(walk: Walk, step: Step, code: str) -> SourceRange | None:
    """Where the first of the resources of a step is declared, that is declared at all; the attribute that names what
    the code says is not there."""
    found = [walk.declared[address] for address in step.addresses if address in walk.declared]
    places = (resource.source_of(place_of(code, resource.sources)) for resource in found)
    return next((source for source in places if source is not None), None)


def _leave(walk: Walk) -> None:
    """Whatever has no outcome when the run ends was cut off."""
    sent = {waiter.step.step.id for waiters in walk.poller.waiters.values() for waiter in waiters}
    for step in walk.plan.steps:
        if step.id not in walk.outcomes:
            walk.outcomes[step.id] = cut_off(walk, step, is_sent=step.id in sent)


def _what(step: Step) -> Mapping[str, Any]:
    operations = [call.operation for call in step.calls if call.operation]
    return {"verb": step.id.verb, "operations": operations, "addresses": len(step.addresses)}
