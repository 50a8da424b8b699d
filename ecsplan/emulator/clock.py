"""Where the emulator's time comes from: the wall, or a clock that a test moves by hand."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """Time as the emulated service sees it."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Returns when that much of this clock's time has passed."""
        ...


@runtime_checkable
class Movable(Protocol):
    """A clock whose time can be moved ahead."""

    def now(self) -> float: ...

    def advance(self, seconds: float) -> None: ...


class RealClock:
    """The wall clock; `shift` moves the account's time ahead without waiting."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> float:
        return time.time() + self.shift

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)

    def advance(self, seconds: float) -> None:
        self.shift += seconds


class VirtualClock:
    """Stands still until `advance` or `sleep` moves it: a test of ten minutes takes none."""

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds


def to_seconds(moment: float) -> str:
    """`2026-11-24T08:15:30Z`, the usual form."""
    return _spelled(int(moment), "%Y-%m-%dT%H:%M:%SZ")


def to_minutes(moment: float) -> str:
    """`2026-11-24T08:15Z`, as instances show their times."""
    return _spelled(int(moment), "%Y-%m-%dT%H:%MZ")


@lru_cache(maxsize=1024)  # all that one call makes has the same times
def _spelled(second: int, form: str) -> str:
    return datetime.fromtimestamp(second, UTC).strftime(form)


@lru_cache(maxsize=1024)
def parse_time(text: str) -> float | None:
    """Either form of the service's times, or None when it is neither."""
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None
