"""One call of a step: filled, its intent on disk, sent, its answer on disk. Used by run.py, in worker threads."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

from ecsplan.apply.fill import Filler, born_ids, client_token
from ecsplan.apply.journal import Journal
from ecsplan.apply.wait import Read
from ecsplan.model.call import Api, ApiError, Call, ErrorClass, Request
from ecsplan.model.plan import Step

Event = Mapping[str, Any]
LONGEST_CONFLICT = 600.0  # seconds that a busy object is waited for, however long its step may take


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
class Job:
    """A step under way: which of its calls, which attempt, and since when it has been trying."""

    step: Step
    call_number: int = 0
    attempt: int = 0
    started: float = 0.0
    unseen_since: float | None = None

    @property
    def call(self) -> Call:
        return self.step.calls[self.call_number]


def send(means: Means, digest: str, job: Job) -> Mapping[str, Any]:
    """Raises ApiError, Unfilled, or Rejected where a secret is missing. The journal knows of it before the service."""
    call, step = job.call, job.step
    bare = means.filler.params(call, reveal=False)
    seed = f"{digest} {means.salt}"
    request = Request(
        call.operation,
        means.filler.params(call),
        call.product,
        write=True,
        replay=call.replay,
        client_token=client_token(seed, str(step.id), job.call_number, bare, job.attempt) if call.token else None,
        conflict_deadline=max(1.0, min(step.timeout, LONGEST_CONFLICT)),
        region=call.region,
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
        answer = means.api.send(request)
    except ApiError as error:
        if not error.unknown_outcome:
            means.journal.answer(number, {}, error.code)
        if is_done_anyway(call, error):
            return {}
        raise
    ids = born_ids(answer, call.id_path) if call.creates else []
    means.journal.answer(number, dict(zip(map(str, call.creates), ids, strict=False)))
    return answer


def is_done_anyway(call: Call, error: ApiError) -> bool:
    """Whether a refusal means that it holds already."""
    if error.code in call.done_on:
        return True
    return call.absent_is_done and error.error_class is ErrorClass.ABSENT


def _removed(means: Means, call: Call) -> list[str]:
    """The ids that a delete takes away: nobody need look for them afterwards."""
    if not call.absent_is_done or call.wait is None or not call.wait.absent:
        return []
    return [str(means.filler.fill(target)) for target in call.targets]
