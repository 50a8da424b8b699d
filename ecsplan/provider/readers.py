"""Workers that read, and never write. They end with the process, whatever answer they wait for. Used by alibaba.py.

Those of ThreadPoolExecutor are waited for at the end of the process: a slip in a file would be told, and the command
would end, only once a service that does not answer has been given up.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_Job = tuple[Future[Any], Callable[[], Any]]


class Readers(Executor):
    """At most so many threads, started where none is idle."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished = 0
        self._is_shut = False
        self._lock = threading.Lock()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        with self._lock:
            if self._is_shut:
                raise RuntimeError("these readers have ended")
            self._jobs.put((future, lambda: self._finished(fn, *args, **kwargs)))
            self._unfinished += 1
            if len(self._threads) < min(self._unfinished, self._most):
                self._threads.append(threading.Thread(target=self._work, daemon=True))
                self._threads[-1].start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            self._is_shut = True
            if cancel_futures:
                self._give_up()
            for _ in self._threads:
                self._jobs.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _give_up(self) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return
            if job is not None:
                job[0].cancel()

    def _finished(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Counted before the result can be had: who asks for it and goes on finds this worker idle."""
        try:
            return fn(*args, **kwargs)
        finally:
            with self._lock:
                self._unfinished -= 1

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, call = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                found = call()
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
                future.set_exception(error)
            else:
                future.set_result(found)
            del job, future, call
