"""Time as the client sees it. The real clock is here; tests pass one of their own."""

import time


class SystemClock:
    """The wall clock as it stood at the start, carried on by a steady one that goes on while the machine sleeps.

    A wall clock that is set in mid-run would break signatures and deadlines alike; one that stands still during sleep
    would take a lock for fresh that has run out meanwhile."""

    def __init__(self) -> None:
        self._start = time.time() - _steady()

    def now(self) -> float:
        return self._start + _steady()

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))


def _steady() -> float:
    """Seconds from any beginning, sleep counted where the system can."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
