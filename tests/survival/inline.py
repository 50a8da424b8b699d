"""What the engine is given in place of threads: a run then takes the same path each time."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any
from unittest import mock

from ecsplan.engine import applying
from ecsplan.executor.journal import Journal
from ecsplan.provider import alibaba

acting = threading.local()
"""`acting.one` is the simulated process that this thread plays, if any."""


class InlineExecutor(Executor):
    """Does at once what it is given. A crash is no result: it goes up through whoever submitted."""

    def __init__(self, max_workers: int | None = None) -> None:
        del max_workers

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any], **_: Any) -> Iterator[Any]:
        return iter([fn(*items) for items in zip(*iterables, strict=False)])

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass


_write = Journal._write


def _written(journal: Journal, record: Any) -> None:
    """A process that is to end between an answer and its record leaves half a line."""
    one = getattr(acting, "one", None)
    if one is not None and one.is_doomed:
        journal.stream.write('{"answer": {"num')
        journal.stream.flush()
        one.die()
    if one is not None and one.is_dead:
        one.die()
    _write(journal, record)


_depth = 0
_guard = threading.Lock()


@contextmanager
def simulated(threads: bool = False) -> Iterator[None]:
    """While the block runs, the engine works without threads of its own (unless asked), and processes are simulated.

    Several may enter it at once; the first decides.
    """
    global _depth
    with _guard:
        _depth += 1
        is_first = _depth == 1
    try:
        if is_first:
            with _patched(threads):
                yield
        else:
            yield
    finally:
        with _guard:
            _depth -= 1


@contextmanager
def _patched(threads: bool) -> Iterator[None]:
    patches: list[Any] = [mock.patch.object(Journal, "_write", _written)]
    if not threads:
        patches += [
            mock.patch.object(applying, "ThreadPoolExecutor", InlineExecutor),
            mock.patch.object(alibaba, "Readers", InlineExecutor),
        ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()
