"""The process around the core: fetches, starts runs in threads, keeps the book, stops with grace."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Lock, Thread
from typing import Any

from ecsplan.serve.book import Book
from ecsplan.serve.checkout import Checkout, GitFailed
from ecsplan.serve.core import (
    Asked,
    Ended,
    Event,
    Fetched,
    NotFollowed,
    Start,
    Started,
    State,
    Stopping,
    Suspended,
    due,
    recovered,
    step,
    wake,
)  # fmt: skip
from ecsplan.serve.metrics import Metrics
from ecsplan.serve.runner import Result, Runner, Stop, Task, stacks_in
from ecsplan.serve.settings import Settings

log = logging.getLogger("ecsplan.serve")
_MOST_LINES = 500  # of a live run


@dataclass(frozen=True, slots=True)
class Tools:
    """What the loop works with; a test gives its own."""

    settings: Settings
    environ: Mapping[str, str]
    book: Book
    checkout: Checkout
    runner: Runner
    metrics: Metrics
    now: Callable[[], float] = time.time


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
        tools.book.cut_off(tools.now())
        self._state = recovered(tools.book.state(), tools.now())
        self._fetch_now = False

    @property
    def state(self) -> State:
        return self._state

    @property
    def has_passed(self) -> bool:
        """Whether every stack that is not suspended ran since this process began."""
        stacks = self._state.stacks
        return bool(stacks) and {path for path, one in stacks.items() if not one.is_suspended} <= self._passed

    def lines(self, path: str) -> list[str]:
        """What the run that goes on has told, or the last one did."""
        with self._lock:
            return list(self._lines.get(path, ()))

    def ask(self, *paths: str) -> None:
        self._inbox.put(Asked(paths))

    def look(self) -> None:
        """Fetches at once: somebody pushed."""
        self._fetch_now = True
        self._inbox.put(None)

    def suspend(self, path: str, is_suspended: bool) -> None:
        self._inbox.put(Suspended(path, is_suspended))

    def stop(self) -> None:
        """Begins nothing new; what runs finishes its calls."""
        self._inbox.put(Stopping())

    def run(self) -> None:
        settings, now = self._tools.settings, self._tools.now
        next_fetch = 0.0
        with ThreadPoolExecutor(settings.workers, thread_name_prefix="run") as pool:
            while True:
                if self._fetch_now or now() >= next_fetch:
                    self._fetch_now = False
                    self._fetch()
                    next_fetch = now() + settings.fetch
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
        self._tools.book.keep(self._state)
        match event:
            case Ended(path):
                self._stops.pop(path, None)
                self._passed.add(path)
            case Stopping():
                for stop in self._stops.values():
                    stop.requested.set()
            case _:
                pass

    def _fetch(self) -> None:
        tools = self._tools
        try:
            commit = tools.checkout.fetch()
            if tools.checkout.is_behind(commit, self._state.commit) and not tools.settings.may_rewind:
                self._step(
                    NotFollowed(f"{tools.settings.branch} was rewound to {commit[:12]}: set may_rewind to follow")
                )
                return
            folder = tools.checkout.laid_out(commit) / tools.settings.folder
            if commit != self._state.commit or self._state.problem or not self._state.stacks:
                first = not self._state.stacks
                self._step(Fetched(commit, stacks_in(folder, tools.environ)))
                for path in tools.settings.suspended if first else ():
                    self._step(Suspended(path, True))
                log.info("fetched", extra={"commit": commit, "stacks": len(self._state.stacks)})
            tools.metrics.fetched(True)
        except (GitFailed, OSError) as error:
            tools.metrics.fetched(False)
            log.warning("not fetched", extra={"reason": str(error)})

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        for start in due(self._state, self._tools.now(), self._tools.settings.workers - len(self._stops)):
            self._stops[start.path] = Stop()
            with self._lock:
                self._lines[start.path] = []
            self._step(Started(start.path))
            pool.submit(self._work, start, self._stops[start.path])

    def _work(self, start: Start, stop: Stop) -> None:
        """In a thread of the pool. Whatever happens, the loop hears that it ended."""
        tools, began = self._tools, self._tools.now()
        number = tools.book.begin(start.path, start.commit, began)
        result = Result("failed", "an unexpected error: see the log")
        try:
            folder = tools.checkout.laid_out(start.commit) / tools.settings.folder
            result = tools.runner(Task(start.path, folder, start.may_apply, stop, lambda e: self._heard(start.path, e)))
            failures = tools.runner.tell(result.notices)
            tools.metrics.not_sent(len(failures))
            for failure in failures:
                log.warning("not sent", extra={"reason": failure})
        except Exception:
            log.exception("run failed", extra={"stack": start.path})
        finally:
            ended = tools.now()
            tools.book.end(number, result.outcome, result.summary, result.digest, ended)
            tools.metrics.ended(start.path, result, ended - began)
            log.info("ended", extra={"stack": start.path, "outcome": result.outcome, "commit": start.commit})
            self._inbox.put(Ended(start.path, start.commit, result.outcome, result.summary, result.digest))

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


def state_file(settings: Settings) -> Path:
    return Path(settings.state) / "loop.db"
