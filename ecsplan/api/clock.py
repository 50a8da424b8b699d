"""Time as the client sees it. The real clock is here; tests pass one of their own."""

import time
from typing import Protocol


class Clock(Protocol):
    """`now` is seconds since 1970 and never jumps; every wait in this folder goes through `sleep`."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The wall clock as it stood at the start, carried on by the steady one.

    A wall clock that is set in mid-run would break signatures and deadlines alike."""

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()

    def now(self) -> float:
        return self._start + time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))
