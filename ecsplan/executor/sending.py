"""One call of a step: filled, its intent on disk, sent, its answer on disk. Used by run.py, in worker threads."""

from collections.abc import Callable, Collection, Iterator, Mapping
from math import inf
from typing import Any

from msgspec import Struct, field

from ecsplan.executor.blind import VISIBILITY_LAG, look_for
from ecsplan.executor.fill import Filler, Unfilled, born_ids, client_token
from ecsplan.executor.finding import look, may_be_there
from ecsplan.executor.heard import effect_of, may_be_sent_again
from ecsplan.executor.means import Job, Means
from ecsplan.executor.rows import PAUSES, PartlyRefused, all_taken
from ecsplan.executor.telling import tell_of_retry
from ecsplan.executor.wait import VISIBLE_WITHIN, Waiter
from ecsplan.model.call import ApiError, Call, ErrorClass, RefusalCause, Replay, Request, Wait
from ecsplan.model.copying import replace
from ecsplan.model.marks import RESTART, birth_marks, read_marks, read_tags
from ecsplan.model.plan import Step

LONGEST_CONFLICT = 600.0  # seconds that a busy object is waited for, however long its step may take
SENDS, RESEND = 4, 1.0  # of a write that must not be sent again before somebody has looked; seconds before that look
SENDS_BY_TAGS = 2  # of a create whose name anybody may have: only a list tells whether there is one
LONGEST_RESEND = 5.0  # seconds between sends under new tokens
KEEPS_TOKEN = ("RunInstances",)  # a token that was refused as busy is as good as new
_BUSY = (ErrorClass.CONFLICT, ErrorClass.NEW_TOKEN)
PATIENCE = (5.0, 30.0)  # seconds after which a busy object is looked at
LINGERING = sum(PATIENCE)  # seconds for which what is gone may still be said to be in the way


class Unseen(Unfilled):
    """A call was carried out, and what it made cannot be seen yet."""


def send(means: Means, digest: str, job: Job) -> Mapping[str, Any]:
    """Sends a call; one without an operation is only waited for.

    Raises ApiError, Unfilled, PartlyRefused, or Rejected where a secret is missing.
    """
    if job.step.question is not None:
        return _ask(means, job.call)
    if not job.call.operation:
        return {}
    call = _still_marked(means, job.call) if job.is_unlocked else job.call
    if call.targets != job.call.targets and not call.targets:
        return {}
    return _Tries(means, digest, job, call).answer()


class _Tries(Struct):
    """The sends of one call until it is answered for good; `call` is what is left of it to ask for.

    An object that stays busy is looked at now and then: it may be on its way to where it was to go, from a run that
    was cut off, and then it will refuse for ever.
    """

    means: Means
    digest: str
    job: Job
    call: Call
    began: float = inf  # waiting, by a refusal: what waited for its turn before does not count
    deadline: float = inf
    patience: Iterator[float] = field(default_factory=lambda: iter(PATIENCE))
    pauses: Iterator[float] = field(default_factory=lambda: iter(PAUSES))
    lost: int = 0  # answers

    def answer(self) -> Mapping[str, Any]:
        means = self.means
        # Short waits at first, longer ones later: what is busy for a second does not cost a minute, and what is busy
        # for an hour is not asked every second. Each refusal is followed by a look at whether the effect is there.
        while True:
            asked, whole = means.clock.now(), _longest(self.job)
            left = max(1.0, min(whole, self.deadline - asked))
            longest = min(next(self.patience, LONGEST_CONFLICT), left)
            try:
                answer = _send(means, self.digest, self.job, self.call, longest)
                return all_taken(means.cloud.classify, self.call, answer)
            except PartlyRefused as partly:
                known = self._after_rows(partly)
            except ApiError as error:
                if self.began == inf:
                    self.began = max(asked, means.clock.now() - longest)
                    self.deadline = self.began + whole
                known = self._after(error, is_last=longest >= left)
            if known is not None:
                return known

    def _after_rows(self, partly: PartlyRefused) -> Mapping[str, Any] | None:
        """Those of several that are busy are asked for again, a few times. Raises what stands in the end."""
        means, pause = self.means, next(self.pauses, None)
        if not partly.is_busy or pause is None or _is_told_to_stop(means, self.job):
            raise partly
        self.job.ring()
        means.clock.sleep(pause)
        targets = unsettled(means, _narrowed(self.call, _among(means, self.call, partly.refused)))
        self.call = _narrowed(self.call, targets)
        return None if targets else {}

    def _after(self, error: ApiError, *, is_last: bool) -> Mapping[str, Any] | None:
        """The answer all the same, as a look tells it; None where it is to be sent again. Raises what stands."""
        means, job, call = self.means, self.job, self.call
        if _is_replayed(call, error) and means.clock.now() < self.deadline and not means.is_stopped():
            job.renewals += 1
            tell_of_retry(means, job, error)
            means.clock.sleep(min(0.2 * 1.5**job.renewals, LONGEST_RESEND))
            return None
        # Before anything else that would send it again: a second machine costs more than any wait.
        if _must_look(call, error):
            return self._looked(error)
        if error.error_class not in _BUSY and not _is_one_gone(call, error):
            raise error
        if call.creates:  # there is nothing to look at: it is asked for until the time is up
            if is_last or means.is_stopped():
                raise error
            job.renewals += _may_renew(call, error)
            return None
        targets = call.targets if call.wait is not None and call.wait.rests else unsettled(means, call)
        if call.targets and not targets:
            return {}
        # Something holds it that no step of this run takes away. Lists lag behind by seconds, and so does this refusal;
        # after that it is true, and waiting longer changes nothing.
        if error.is_about(RefusalCause.HELD) and not _frees(job.step):
            self.deadline = min(self.deadline, self.began + LINGERING)
        is_stuck = is_last or error.error_class is ErrorClass.ABSENT or _is_told_to_stop(means, job)
        if targets == call.targets and is_stuck:
            raise error
        # Some of several have settled: the rest is asked for alone, as the whole would be refused for those.
        job.renewals += _may_renew(call, error)
        self.call = _narrowed(call, targets)
        return None

    def _looked(self, error: ApiError) -> Mapping[str, Any] | None:
        """After a write that may have been carried out, and must not be sent twice on a guess."""
        means, call = self.means, self.call
        made = _read_back(means, call, error)
        if made is not None:
            return made
        # No trace of it. A list may lag, so that this is no proof: it is sent again a few times only, and fewest where
        # tags alone can tell that it was carried out.
        self.lost += 1
        sends = SENDS_BY_TAGS if call.creates and call.replay is Replay.NEVER else SENDS
        may = error.unknown_outcome and self.lost < sends and not means.is_stopped()
        if not may or not may_be_sent_again(means.cloud, call):
            raise error
        return None


def _among(means: Means, call: Call, ids: Collection[str]) -> tuple[Any, ...]:
    return tuple(target for target in call.targets if str(means.filler.fill(target)) in ids)


def _frees(step: Step) -> bool:
    """Whether something that this run has done before the step takes away what holds its object."""
    return any(need.verb in ("delete", "release", "update") for need in step.needs)


def _longest(job: Job) -> float:
    """How long a busy object is waited for, in seconds: a create has the whole time of its step."""
    return max(1.0, job.step.timeout if job.call.creates else min(job.step.timeout, LONGEST_CONFLICT))


def _is_told_to_stop(means: Means, job: Job) -> bool:
    """Whoever interrupts a run does not wait for what is busy; but a window is closed."""
    return means.is_stopped() and job.step.closing is None


def _ask(means: Means, call: Call) -> Mapping[str, Any]:
    """One call of a question: it changes nothing, so that the journal need not know of it."""
    return means.cloud.ask(
        Request(call.operation, means.filler.params(call), call.product, conflict_deadline=0.0, region=call.region)
    )


def _still_marked(means: Means, call: Call) -> Call:
    """The call for those of its targets that still say that they are to be started again.

    The lock is lost: who holds it now may have started a machine, or has found that it is to stay off.
    """
    found = means.cloud.read(call.kind, [str(means.filler.fill(target)) for target in call.targets])
    marked = tuple(
        target
        for target in call.targets
        if RESTART in read_marks(_tags_of(found.get(str(means.filler.fill(target)), {})), call.kind)
    )
    return _narrowed(call, marked)


def _tags_of(raw: Mapping[str, Any]) -> dict[str, str]:
    return read_tags((raw.get("Tags") or {}).get("Tag"))


def _is_replayed(call: Call, error: ApiError) -> bool:
    """Whether the refusal stands for as long as the token is the same, and nothing was carried out under it."""
    return error.error_class is ErrorClass.NEW_TOKEN and call.token and not error.unknown_outcome


def _may_renew(call: Call, error: ApiError) -> bool:
    """Whether a call that was refused as busy may go on with another token: some services replay the refusal for the
    old one. Not where an earlier send may have been carried out, and not where the service is known not to do so."""
    return call.token and not error.unknown_outcome and call.operation not in KEEPS_TOKEN


def _must_look(call: Call, error: ApiError) -> bool:
    """Whether a write that must not be sent twice on a guess may have been carried out, now or by an earlier send."""
    if call.find is not None:
        return may_be_there(error)
    if call.replay is Replay.NAME:
        return error.unknown_outcome or error.error_class is ErrorClass.ALREADY
    has_power = bool(call.rows) and call.wait is not None
    return error.unknown_outcome and (call.replay is Replay.NEVER or has_power)


def _read_back(means: Means, call: Call, error: ApiError) -> Mapping[str, Any] | None:
    """The answer that got lost, as a look at the cloud tells it: by its name, by its tags, by where its targets are."""
    if call.find is not None:
        means.clock.sleep(RESEND)
        patience = 0.0 if error.unknown_outcome else VISIBILITY_LAG
        return look(means.search, call, means.clock, patience, means.is_stopped)
    if call.replay is Replay.NAME:
        return _read_by_name(means, call, 0.0 if error.unknown_outcome else VISIBLE_WITHIN)
    if call.creates:
        bare, until = means.filler.params(call, reveal=False), means.clock.now() + VISIBILITY_LAG
        found = look_for(means.tagged, call.kind, bare, means.clock, until, means.is_stopped)
        return {call.id_path: found} if found else None
    if call.trace is None:  # what is under way for a moment alone is looked at at once
        means.clock.sleep(RESEND)
    # One that is on its way refuses the second send as busy, and is looked at again.
    return None if unsettled(means, call) else {}


def _read_by_name(means: Means, call: Call, patience: float) -> Mapping[str, Any] | None:
    """A create whose name is its id, and whose answer was lost: a look tells whether we have made it.

    None when not, or when it is somebody else's. What is said to exist is waited for until it can be seen.
    """
    wanted = birth_marks(call.kind, call.params)
    deadline = means.clock.now() + patience
    while True:
        means.clock.sleep(RESEND)
        try:
            raw = means.cloud.read(call.kind, call.names).get(call.names[0])
        except ApiError:
            raw = None
        if raw is not None:
            is_ours = bool(wanted) and wanted <= set(read_tags((raw.get("Tags") or {}).get("Tag")).items())
            return {call.id_path: call.names[0]} if is_ours else None
        if means.clock.now() >= deadline:
            return None


def _send(means: Means, digest: str, job: Job, call: Call, patience: float) -> Mapping[str, Any]:
    """The journal knows of it before the service."""
    step = job.step
    bare = means.filler.params(call, reveal=False)
    seed = f"{digest} {means.salt}"
    request = Request(
        call.operation,
        means.filler.params(call),
        call.product,
        write=True,
        replay=Replay.NEVER if call.replay is Replay.NAME else call.replay,
        client_token=client_token(seed, str(step.id), job.call_number, bare, job.attempt, job.renewals)
        if call.token
        else None,
        conflict_deadline=patience,
        region=call.region,
        is_off=lambda: job.is_cut,
        retrying=lambda error, seconds: tell_of_retry(means, job, error),
    )
    # On disk before the call: after a crash between the two, the next run looks for something that may not be there;
    # the other way round it would not look for something that is.
    number = means.journal.intend(
        step=str(step.id),
        operation=call.operation,
        product=call.product.value,
        params=bare,
        token=request.client_token or "",
        creates=[str(address) for address in call.creates],
        id_path=call.id_path,
        kind=call.kind,
        removes=_removed(means, call),
        at=means.clock.now(),
        region=call.region,
    )
    try:
        answer = _way(means, call)(request)
    except ApiError as error:
        # Without an answer the intent stays open, and recovery looks for what it made.
        if not error.unknown_outcome:
            means.journal.answer(number, {}, error.code)
        if is_done_anyway(call, error):
            return {}
        raise
    if call.find is not None:
        answer = _found(means, call)
    ids = born_ids(answer, call.id_path) if call.creates else []
    means.journal.answer(number, dict(zip(map(str, call.creates), ids, strict=False)))
    return answer


def _way(means: Means, call: Call) -> Callable[[Request], Mapping[str, Any]]:
    if call.creates and not call.part:
        return means.cloud.create
    is_end = call.absent_is_done and call.wait is not None and call.wait.absent
    return means.cloud.delete if is_end else means.cloud.update


def _found(means: Means, call: Call) -> Mapping[str, Any]:
    """What a create has made whose answer does not say it; its intent stays open until it is seen."""
    found = look(means.search, call, means.clock, VISIBLE_WITHIN, means.is_stopped)
    if found is None:
        raise Unseen(f"{call.operation} was carried out, and what it made cannot be seen yet; apply again")
    return found


def is_done_anyway(call: Call, error: ApiError) -> bool:
    """Whether a refusal means that it holds already."""
    if error.code in call.done_on:
        return True
    return call.absent_is_done and error.error_class is ErrorClass.ABSENT and len(call.targets) < 2


def _is_one_gone(call: Call, error: ApiError) -> bool:
    """One of several that is gone refuses a removal as a whole: the others are still to go."""
    return call.absent_is_done and error.error_class is ErrorClass.ABSENT


def unsettled(means: Means, call: Call) -> tuple[Any, ...]:
    """The targets of a call that are not yet as it would make them; all of them where nobody can tell."""
    wait = effect_of(call)
    if wait is None or call.creates or not (wait.conditions or wait.absent):
        return call.targets
    ids = {str(means.filler.fill(target)): target for target in call.targets}
    kind, now = wait.kind or call.kind, means.clock.now()
    try:
        found = means.cloud.read(kind, list(ids))
    except ApiError:
        return call.targets
    waiter = Waiter(None, kind, set(ids), filled(wait, means.filler), now, now + 1.0)
    waiter.look(ids, found, now)
    return tuple(target for object_id, target in ids.items() if object_id in waiter.ids)


def _narrowed(call: Call, targets: tuple[Any, ...]) -> Call:
    """The same call for fewer objects, where it takes several."""
    if targets == call.targets or (call.merge is None and targets):
        return call
    if call.merge is None:
        return replace(call, targets=())
    return replace(call, targets=targets, params={**call.params, call.merge.param: call.merge.of(targets)})


def filled(wait: Wait, filler: Filler) -> Wait:
    """What is waited for, with the ids that the plan could not know."""
    return replace(wait, conditions=tuple((path, tuple(map(filler.fill, v))) for path, v in wait.conditions))


def _removed(means: Means, call: Call) -> list[str]:
    """The ids that a delete takes away: nobody need look for them afterwards."""
    if not call.absent_is_done or call.wait is None or not call.wait.absent:
        return []
    return [str(means.filler.fill(target)) for target in call.targets]
