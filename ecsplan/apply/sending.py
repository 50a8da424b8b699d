"""One call of a step: filled, its intent on disk, sent, its answer on disk. Used by run.py, in worker threads."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ecsplan.apply.blind import VISIBILITY_LAG, Tagged, look_for
from ecsplan.apply.fill import Filler, Unfilled, born_ids, client_token
from ecsplan.apply.finding import Search, look, may_be_there
from ecsplan.apply.journal import Journal
from ecsplan.apply.telling import tell_of_retry
from ecsplan.apply.wait import VISIBLE_WITHIN, Waiter
from ecsplan.model.asking import Answer
from ecsplan.model.call import ApiError, Call, ErrorClass, Replay, Request, Wait
from ecsplan.model.marks import RESTART, birth_marks, read_marks, read_tags
from ecsplan.model.plan import Step
from ecsplan.provider.protocol import Carrier

Event = Mapping[str, Any]
LONGEST_CONFLICT = 600.0  # seconds that a busy object is waited for, however long its step may take
SENDS, RESEND = 4, 1.0  # of a write that must not be sent again before somebody has looked; seconds before that look
SENDS_BY_TAGS = 2  # of a create whose name anybody may have: only a list tells whether there is one
LONGEST_RESEND = 5.0  # seconds between sends under new tokens
KEEPS_TOKEN = ("RunInstances",)  # a token that was refused as busy is as good as new
_BUSY = (ErrorClass.CONFLICT, ErrorClass.NEW_TOKEN)
PATIENCE = (5.0, 30.0)  # seconds after which a busy object is looked at
LINGERING = sum(PATIENCE)  # seconds for which what is gone may still be said to be in the way
TAKEN = ("200", "success", "")  # codes of a row for a target that was taken


class Clock(Protocol):
    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a run is given: the way to the cloud, the clock, and whom to tell.

    `decode(kind, raw)` answers the attributes of a raw object. `may_write` is asked before a
    write and answers why not (the lock is lost), or None. `is_stopped`: somebody asked for no new call. `executor`
    bounds how many calls are under way. `tagged` reads the list of a kind again, `search` what it has under some
    parameters. `salt` sets the client tokens of this life of the stack apart from those of earlier ones, where this
    machine knows of any.
    """

    cloud: Carrier
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
    tagged: Tagged
    salt: str = ""
    search: Search = lambda kind, params: ()


class PartlyRefused(Exception):
    """A call for several that the service has carried out for some: `taken` are their targets."""

    def __init__(self, taken: tuple[Any, ...], error: ApiError) -> None:
        super().__init__(str(error))
        self.taken, self.error = taken, error


class Unseen(Unfilled):
    """A call was carried out, and what it made cannot be seen yet."""


@dataclass(slots=True)
class Job:
    """A step under way: which of its calls, which attempt, and since when it has been trying.

    `answers` are those to its questions. `problem` is a refusal for some of its targets, told once the others are
    through. `is_unlocked`: it closes a window although the lock is lost; another run may be at work.
    """

    step: Step
    call_number: int = 0
    attempt: int = 0
    renewals: int = 0  # of its client token, after refusals that the service replays
    started: float = 0.0
    unseen_since: float | None = None
    answers: list[Answer] = field(default_factory=list)
    problem: ApiError | None = None
    is_unlocked: bool = False
    is_cut: bool = False  # the run was told to stop: what is under way is not sent again
    told: dict[str, float] = field(default_factory=dict)  # when it was told last that it is retried, by code

    @property
    def call(self) -> Call:
        return self.step.calls[self.call_number]


def send(means: Means, digest: str, job: Job) -> Mapping[str, Any]:
    """Raises ApiError, Unfilled, PartlyRefused, or Rejected where a secret is missing.

    An object that stays busy is looked at now and then: it may be on its way to where it was to go, from a run that
    was cut off, and then it will refuse for ever.
    """
    if job.step.question is not None:
        return _ask(means, job.call)
    call = _still_marked(means, job.call) if job.is_unlocked else job.call
    if call.targets != job.call.targets and not call.targets:
        return {}
    began = means.clock.now()
    deadline = began + _longest(job)
    patience = iter(PATIENCE)
    lost = 0
    while True:
        left = max(1.0, deadline - means.clock.now())
        longest = min(next(patience, LONGEST_CONFLICT), left)
        try:
            return _all_taken(means, call, _send(means, digest, job, call, longest))
        except ApiError as error:
            if _is_replayed(call, error) and means.clock.now() < deadline and not means.is_stopped():
                job.renewals += 1
                tell_of_retry(means, job, error)
                means.clock.sleep(min(0.2 * 1.5**job.renewals, LONGEST_RESEND))
                continue
            if _must_look(call, error):
                made = _read_back(means, call, error)
                if made is not None:
                    return made
                lost += 1
                sends = SENDS_BY_TAGS if call.creates and call.replay is Replay.NEVER else SENDS
                if not error.unknown_outcome or lost == sends or means.is_stopped():
                    raise
                continue
            if error.error_class not in _BUSY and not _is_one_gone(call, error):
                raise
            if call.creates:  # there is nothing to look at: it is asked for until the time is up
                if longest >= left or means.is_stopped():
                    raise
                job.renewals += _may_renew(call, error)
                continue
            targets = unsettled(means, call)
            if call.targets and not targets:
                return {}
            if error.code.startswith("DependencyViolation") and not _frees(job.step):
                deadline = min(deadline, began + LINGERING)
            is_stuck = longest >= left or error.error_class is ErrorClass.ABSENT or _is_told_to_stop(means, job)
            if targets == call.targets and is_stuck:
                raise
            job.renewals += _may_renew(call, error)
            call = _narrowed(call, targets)


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


def _all_taken(means: Means, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, where the call was carried out for each of its targets; else one of them says why not.

    Raises ApiError where those that are left may be asked for again, PartlyRefused where that is of no use.
    """
    if not call.rows:
        return answer
    refused = {str(row["InstanceId"]): row for row in _rows(answer, call.rows) if str(row.get("Code")) not in TAKEN}
    if not refused:
        return answer
    first = next(iter(refused.values()))
    code, who = str(first.get("Code")), ", ".join(refused)
    kinds = {means.cloud.classify(call.operation, str(row.get("Code"))) for row in refused.values()}
    busy = kinds == {ErrorClass.CONFLICT}
    kind = ErrorClass.CONFLICT if busy else means.cloud.classify(call.operation, code)
    error = ApiError(call.operation, code, f"{who}: {first.get('Message') or 'refused'}", error_class=kind)
    if busy:
        means.clock.sleep(RESEND)
        raise error
    raise PartlyRefused(tuple(t for t in call.targets if str(means.filler.fill(t)) not in refused), error)


def _rows(answer: Mapping[str, Any], path: str) -> list[Mapping[str, Any]]:
    found: Any = answer
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return list(found or ())


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
        return error.unknown_outcome or "Exist" in error.code
    return call.replay is Replay.NEVER and error.unknown_outcome


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
    wait = call.wait
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
    return replace(call, targets=targets, params={**call.params, call.merge.param: list(targets)})


def filled(wait: Wait, filler: Filler) -> Wait:
    """What is waited for, with the ids that the plan could not know."""
    return replace(wait, conditions=tuple((path, tuple(map(filler.fill, v))) for path, v in wait.conditions))


def _removed(means: Means, call: Call) -> list[str]:
    """The ids that a delete takes away: nobody need look for them afterwards."""
    if not call.absent_is_done or call.wait is None or not call.wait.absent:
        return []
    return [str(means.filler.fill(target)) for target in call.targets]
