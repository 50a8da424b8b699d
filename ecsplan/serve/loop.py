"""The process around the core: fetches, starts runs in threads, keeps the book, stops with grace.

Another server may keep the same branch from the same store: a stack is run under a claim, and what another one has done
meanwhile is adopted.
"""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Queue
from threading import Lock, Thread
from typing import Any

from msgspec import Struct

from ecsplan.history.loops import LoopRun
from ecsplan.history.store import StoreError
from ecsplan.model.copying import replace
from ecsplan.serve.book import Book
from ecsplan.serve.checkout import Checkout, GitFailed
from ecsplan.serve.core import (
    Adopted,
    Asked,
    Ended,
    Event,
    Fetched,
    Later,
    NotFollowed,
    Stack,
    Start,
    Started,
    State,
    Stopping,
    Suspended,
    due,
    step,
    wake,
)  # fmt: skip
from ecsplan.serve.metrics import Metrics
from ecsplan.serve.runner import Result, Runner, Stop, Task, stacks_in
from ecsplan.serve.settings import Settings
from ecsplan.serve.traces import RunTrace

log = logging.getLogger("ecsplan.serve")
_MOST_LINES = 500  # of a live run


class Tools(Struct):
    """What the loop works with; a test gives its own. `use` is called when the settings were read again."""

    settings: Settings
    environ: Mapping[str, str]
    book: Book
    checkout: Checkout
    runner: Runner
    metrics: Metrics
    now: Callable[[], float] = time.time
    tracer: Any = None

    def use(self, settings: Settings) -> None:
        self.settings = self.runner.settings = settings


class Loop:
    """`run` works until `stop`; the other methods may be called from any thread."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._inbox: Queue[Event | None] = Queue()
        self._lock = Lock()
        self._lines: dict[str, list[str]] = {}
        self._stops: dict[str, Stop] = {}
        self.ticked = 0.0
        self._passed: set[str] = set()
        self._state = tools.book.state()
        self._began_at = tools.now()
        self._fetch_now = False
        self._is_read = False  # which stacks the commit has

    @property
    def state(self) -> State:
        return self._state

    @property
    def has_passed(self) -> bool:
        """Whether every stack that is not suspended ran since this process began, here or on another server."""
        stacks = self._state.stacks
        return bool(stacks) and {path for path, one in stacks.items() if not one.is_suspended} <= self._passed

    def lines(self, path: str) -> list[str]:
        """What the run that goes on has told, or the last one did."""
        with self._lock:
            return list(self._lines.get(path, ()))

    def ask(self, *paths: str) -> None:
        """Raises StoreError, as does `suspend`."""
        at = self._tools.now()
        self._tools.book.ask(paths or tuple(self._state.stacks), at)
        self._inbox.put(Asked(paths, at))

    def look(self) -> None:
        """Fetches at once: somebody pushed."""
        self._fetch_now = True
        self._inbox.put(None)

    def suspend(self, path: str, is_suspended: bool) -> None:
        self._tools.book.suspend(path, is_suspended)
        self._inbox.put(Suspended(path, is_suspended))

    def stop(self) -> None:
        """Begins nothing new; what runs finishes its calls."""
        self._inbox.put(Stopping())

    def run(self) -> None:
        now = self._tools.now
        next_fetch = 0.0
        with ThreadPoolExecutor(self._tools.settings.workers, thread_name_prefix="run") as pool:
            while True:
                if self._fetch_now or now() >= next_fetch:
                    self._fetch_now = False
                    self._fetch()
                    next_fetch = now() + self._tools.settings.fetch
                self._begin(pool)
                self.ticked = now()
                if self._state.is_stopping and not self._stops:
                    return
                self._take(min(wake(self._state, now()), max(next_fetch - now(), 0.05)))

    def _take(self, seconds: float) -> None:
        """The events that are there; waits for the first."""
        try:
            event = self._inbox.get(timeout=seconds)
            while True:
                if event is not None:
                    self._step(event)
                event = self._inbox.get_nowait()
        except Empty:
            return

    def _step(self, event: Event) -> None:
        self._state = step(self._state, event, self._tools.now(), self._tools.settings.timing)
        match event:
            case Ended(path):
                self._stops.pop(path, None)
                self._passed.add(path)
            case Adopted(stack):
                self._stops.pop(stack.path, None)
                if stack.commit == self._state.commit and stack.ended >= self._began_at:
                    self._passed.add(stack.path)
            case Later(stack):
                self._stops.pop(stack.path, None)
            case Stopping():
                for stop in self._stops.values():
                    stop.requested.set()
            case _:
                pass

    def _fetch(self) -> None:
        tools = self._tools
        try:
            known = tools.book.commit()
            commit = tools.checkout.fetch()
            if tools.checkout.is_behind(commit, known) and not tools.settings.may_rewind:
                self._step(
                    NotFollowed(f"{tools.settings.branch} was rewound to {commit[:12]}: set may_rewind to follow")
                )
                return
            folder = tools.checkout.laid_out(commit) / tools.settings.folder
            if commit != known:
                tools.book.follow(commit)
            if commit != self._state.commit or self._state.problem or not self._is_read:
                self._is_read = True
                self._step(Fetched(commit, stacks_in(folder, tools.environ)))
                log.info("fetched", extra={"commit": commit, "stacks": len(self._state.stacks)})
            self._share()
            tools.metrics.fetched(True)
        except (GitFailed, OSError, StoreError) as error:
            tools.metrics.fetched(False)
            log.warning("not fetched", extra={"reason": str(error)})

    def _share(self) -> None:
        """Takes over what other servers did; suspends what the settings say, where nothing was said before."""
        kept = self._tools.book.state().stacks
        for path, one in self._state.stacks.items():
            if path not in kept and path in self._tools.settings.suspended:
                self._tools.book.suspend(path, True)
                self._step(Suspended(path, True))
            elif path in kept and path not in self._stops and _is_news(kept[path], one):
                self._step(Adopted(kept[path]))

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        for start in due(self._state, self._tools.now(), self._tools.settings.workers - len(self._stops)):
            self._stops[start.path] = Stop()
            with self._lock:
                self._lines[start.path] = []
            before = self._state.stacks[start.path]
            self._step(Started(start.path))
            pool.submit(self._work, start, before, self._stops[start.path])

    def _work(self, start: Start, before: Stack, stop: Stop) -> None:
        """In a thread of the pool. Whatever happens, the loop hears that it ended."""
        told: Event = Ended(start.path, start.commit, "failed", "an unexpected error: see the log")
        try:
            with self._tools.book.claimed(start.path) as is_ours:
                told = self._claimed(start, before, stop) if is_ours else self._later(before)
        except StoreError as error:
            told = Ended(start.path, start.commit, "failed", f"the store: {error}")
            log.warning("the store failed", extra={"stack": start.path, "reason": str(error)})
        except Exception:
            log.exception("run failed", extra={"stack": start.path})
        finally:
            self._inbox.put(told)

    def _later(self, stack: Stack) -> Later:
        return Later(replace(stack, due=self._tools.now() + self._tools.settings.timing.elsewhere))

    def _claimed(self, start: Start, before: Stack, stop: Stop) -> Adopted | Later:
        """The stack after its run; or as another server left it, where that leaves nothing to do."""
        book, now = self._tools.book, self._tools.now()
        if book.commit() != start.commit:  # this server or the other one has not fetched yet
            self.look()
            return self._later(before)
        kept = book.stack(start.path)
        if kept is not None and (kept.is_suspended or not _is_due(kept, start, now)):
            return Adopted(kept)
        begun = replace(kept or before, path=start.path, since=now)
        result = self._run(start, book.begin(start.path, start.commit, now), stop)
        event = Ended(start.path, start.commit, result.outcome, result.summary, result.digest)
        at, timing = self._tools.now(), self._tools.settings.timing
        done = step(State(start.commit, {start.path: begun}), event, at, timing).stacks[start.path]
        book.keep(done)
        return Adopted(done)

    def _run(self, start: Start, run: LoopRun, stop: Stop) -> Result:
        tools = self._tools
        result = Result("failed", "an unexpected error: see the log")
        try:
            folder = tools.checkout.laid_out(start.commit) / tools.settings.folder
            trace = RunTrace(tools.tracer)
            task = Task(start.path, folder, start.may_apply, stop, lambda e: self._heard(start.path, e), trace)
            names = {"cicd.pipeline.name": start.path, "cicd.pipeline.run.id": run.id}
            with trace.span(f"run {start.path}", **names, **{"vcs.ref.head.revision": start.commit}):
                result = tools.runner(task)
                trace.outcome(result.outcome)
            failures = tools.runner.tell(result.notices)
            tools.metrics.not_sent(len(failures))
            for failure in failures:
                log.warning("not sent", extra={"reason": failure})
        except Exception:
            log.exception("run failed", extra={"stack": start.path})
        ended = tools.now()
        tools.book.end(run, result.outcome, result.summary, result.digest, ended)
        tools.metrics.ended(start.path, result, ended - run.began)
        log.info("ended", extra={"stack": start.path, "outcome": result.outcome, "commit": start.commit})
        return result

    def _heard(self, path: str, event: Mapping[str, Any]) -> None:
        told = " ".join(str(event[key]) for key in ("type", "step", "code", "message") if event.get(key))
        with self._lock:
            lines = self._lines.setdefault(path, [])
            lines.append(told[:500])
            del lines[:-_MOST_LINES]


def in_thread(loop: Loop) -> Thread:
    thread = Thread(target=loop.run, name="loop", daemon=True)
    thread.start()
    return thread


def _is_due(kept: Stack, start: Start, now: float) -> bool:
    """Whether the store's word of a stack leaves something to do."""
    return kept.commit != start.commit or kept.due <= now


def _is_news(kept: Stack, one: Stack) -> bool:
    return kept.ended > one.ended or kept.is_suspended != one.is_suspended or kept.due < one.due
