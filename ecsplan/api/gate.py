"""One door per endpoint that shuts while the service is down, so that an outage never sees a storm.

Passed by `client` around every send. While shut, one worker at a time tries the service, a few seconds
apart, and the others wait for its word. The very first call of a run goes alone too: a clock that is off
then costs one refusal instead of one per worker.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from ecsplan.api.clock import Clock

FAILURES_TO_SHUT = 3
PATIENCE = 120.0
# Nobody has ever answered here and nothing could be sent: more likely a wrong address than an outage.
PATIENCE_WITH_A_STRANGER = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 4.5  # the longest is what bounds the first success after an outage


class Health(Enum):
    """What a send told about the service as such."""

    UP = "up"  # it answered, be it with a refusal
    DOWN = "down"
    UNREACHABLE = "unreachable"  # not a byte could be sent
    UNKNOWN = "unknown"  # the send was broken off on our side


class ServiceIsDown(Exception):
    """The door has been shut for longer than anybody should wait."""


@dataclass(frozen=True, slots=True)
class Pass:
    is_probe: bool


@dataclass(slots=True)
class Gate:
    clock: Clock
    roll: Callable[[], float]
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _is_open: bool = False
    _was_ever_open: bool = False
    _is_probed: bool = False
    _failures: int = 0
    _pause: float = _FIRST_PAUSE
    _next_probe: float = 0.0
    _down_since: float | None = None
    _patience: float = PATIENCE

    def enter(self) -> Pass:
        """Blocks while the service is down; raises ServiceIsDown when it has been for too long."""
        while True:
            with self._turn:
                if self._is_open:
                    return Pass(is_probe=False)
                if self._is_probed:
                    self._turn.wait()
                    continue
                now = self.clock.now()
                if now >= self._next_probe:
                    self._is_probed = True
                    return Pass(is_probe=True)
                wait = self._next_probe - now
                if self._down_since is not None:
                    left = self._down_since + self._patience - now
                    if left <= 0:
                        raise ServiceIsDown(f"no answer from the service for {now - self._down_since:.0f} s")
                    wait = min(wait, left)
            self.clock.sleep(wait)

    def leave(self, passed: Pass, health: Health) -> None:
        with self._turn:
            if passed.is_probe:
                self._is_probed = False
            if health is Health.UP:
                self._open()
            elif health is not Health.UNKNOWN:
                self._failed(passed, health)
            self._turn.notify_all()

    @property
    def is_shut(self) -> bool:
        return self._down_since is not None

    def _open(self) -> None:
        self._is_open = self._was_ever_open = True
        self._failures, self._pause, self._down_since = 0, _FIRST_PAUSE, None

    def _failed(self, passed: Pass, health: Health) -> None:
        self._failures += 1
        if not passed.is_probe and (not self._is_open or self._failures < FAILURES_TO_SHUT):
            return
        now = self.clock.now()
        if self._down_since is None:
            self._down_since, self._is_open = now, False
            is_stranger = health is Health.UNREACHABLE and not self._was_ever_open
            self._patience = PATIENCE_WITH_A_STRANGER if is_stranger else PATIENCE
        self._next_probe = now + self._pause * (0.8 + 0.2 * self.roll())
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
