"""Records a run while it goes: one entry when it begins, one for each step that ends, and how it ended.

The record is an aid. Where it cannot be written, the run goes on and says so once; but a store that somebody named
must be there before anything is written to the cloud. Nothing is recorded where `ApplyOptions.store` is None.
"""

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, field

from ecsplan.engine.options import ApplyOptions, Event
from ecsplan.engine.stores import open_store
from ecsplan.files.git import GitFailed, commit_of
from ecsplan.history.store import Store, StoreError
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.history import COMPLETE, FAILED, INTERRUPTED, PARTLY, Run, StepRecord
from ecsplan.model.plan import Plan, Report, Step
from ecsplan.planner.planfile import digest_of, dumps

_ENDED = {"apply_done": "done", "apply_failed": "failed", "apply_skipped": "skipped"}
ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "GITEE_USER_NAME", "BUILD_USER")
"""Variables in which CI systems name who started a job; the login name there is that of the runner."""


class Subject(Struct, frozen=True):
    """What is recorded of a run before it begins. `holder` and `suffix` make its id unique; `is_alone`: it holds
    the lock."""

    plan: Plan
    operation: str
    holder: str
    user: str
    is_alone: bool
    suffix: str = ""


class Recorder(Struct):
    """Takes the events of one run. Only the thread that walks the plan tells of steps that ended."""

    store: Store | None
    run_id: str
    steps: Mapping[str, Step]
    now: Callable[[], float]
    tell: Callable[[Event], None]
    count: int = 0
    recorded: set[str] = field(default_factory=set)

    def __call__(self, event: Event) -> None:
        status = _ENDED.get(event["type"])
        step = self.steps.get(str(event.get("step", ""))) if status else None
        if status and step is not None:
            seconds, code = float(event.get("seconds") or 0.0), str(event.get("code") or "")
            ids = tuple(event.get("request_ids") or filter(None, (event.get("request_id"),)))
            self._add(step, status, seconds, ids, code, str(event.get("message") or _because(event)), event)
        self.tell(event)

    def end(self, report: Report) -> None:
        """Records what nobody told of, and the outcome of the whole."""
        for outcome in report.outcomes:
            step = self.steps.get(str(outcome.step))
            if step is not None and str(outcome.step) not in self.recorded and outcome.status.value != "not needed":
                self._add(step, outcome.status.value, 0.0, (), outcome.code, outcome.message, {})
        self._try(lambda store: store.end(self.run_id, outcome_of(report), self.now()))

    def _add(
        self, step: Step, status: str, seconds: float, ids: Iterable[str], code: str, message: str, event: Event
    ) -> None:
        self.count += 1
        self.recorded.add(str(step.id))
        operations = tuple(call.operation for call in step.calls)
        record = StepRecord(
            str(step.id), tuple(map(str, step.addresses)), operations, status, self.now(), seconds, tuple(ids), code,
            message, event.get("detail") or {},
        )  # fmt: skip
        number = self.count
        self._try(lambda store: store.add(self.run_id, number, record))

    def _try(self, act: Callable[[Store], None]) -> None:
        if self.store is None:
            return
        try:
            act(self.store)
        except StoreError as error:
            self.store = None
            self.tell(_warning(error))


def _because(event: Event) -> str:
    return f"{event['because']} failed" if event.get("because") else ""


def _warning(error: StoreError) -> Event:
    message = f"this run is not recorded any further in the history: {error}"
    return {"type": "diagnostic", "severity": "warning", "message": message}


def outcome_of(report: Report) -> str:
    if report.is_complete:
        return COMPLETE
    if report.interrupted:
        return INTERRUPTED
    return PARTLY if report.has_effect else FAILED


@contextmanager
def recorded(
    subject: Subject, options: ApplyOptions, now: Callable[[], float], tell: Callable[[Event], None]
) -> Iterator[Recorder]:
    """Records while the block runs; the block calls `end`. Raises Rejected where a named store is not there."""
    if options.store is None:
        yield Recorder(None, "", {}, now, tell)
        return
    run = _run(subject, options, now())
    store = None
    try:
        store = open_store(options.store, options.state_dir, writes=True)
        if store is not None:
            store.begin(run, is_alone=subject.is_alone)
    except StoreError as error:
        if options.store:
            raise Rejected([Diagnostic("the run cannot be recorded in its store", str(error))]) from None
        tell(_warning(error))
        store = None
    run_id = run.id
    del run  # of a large plan, its text is tens of megabytes
    recorder = Recorder(store, run_id, {str(step.id): step for step in subject.plan.steps}, now, tell)
    try:
        yield recorder
    finally:
        if store is not None:
            store.close()


def _run(subject: Subject, options: ApplyOptions, at: float) -> Run:
    plan = subject.plan
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%S")
    path = Path(plan.definition.path if plan.definition is not None else ".")
    return Run(
        f"{moment}-{subject.holder.removeprefix('ecsplan-')[:6]}{subject.suffix}",
        plan.stack,
        plan.region,
        subject.operation,
        at,
        plan.account or "",
        next((options.environ[name] for name in ACTORS if options.environ.get(name)), subject.user),
        socket.gethostname(),
        _commit(path if path.is_dir() else path.parent),
        plan.digest,
        plan.ecsplan_version,
        options.approvals,
        sum(bool(step.calls) and not step.is_rescue for step in plan.steps),
        plan=dumps(replace(plan, digest=digest_of(plan))),  # of a saved plan, what is still to be done
    )


def _commit(folder: Path) -> str:
    """That of the folder of the stack file; of the current one, for a plan that came without its checkout."""
    for place in (folder, Path.cwd()):
        try:
            return commit_of(place)
        except (GitFailed, OSError):
            continue
    return ""
