"""One door per endpoint that shuts while the service is down, so that an outage never sees a storm.

Passed by `client` around every send. While shut, one worker at a time tries the service, a few seconds
apart, and the others wait for its word. The very first call of a run goes alone too: a clock that is off
then costs one refusal instead of one per worker.
"""

import threading
from collections.abc import Callable
from enum import Enum

from msgspec import Struct, field

from ecsplan.model.clock import Clock

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


class Pass(Struct, frozen=True):
    is_probe: bool


class Door(Struct):
    """The rule. Holds no clock and no lock: every method is told the time."""

    is_open: bool = False
    was_ever_open: bool = False
    is_probed: bool = False
    failures: int = 0
    pause: float = _FIRST_PAUSE
    next_probe: float = 0.0
    down_since: float | None = None
    patience: float = PATIENCE
    last_words: str = ""

    def wait(self, now: float) -> float | None:
        """Seconds until it is worth asking again, 0 for go; None: until the one who probes is back."""
        if self.is_open:
            return 0.0
        if self.is_probed:
            return None
        if self.down_since is None or now >= self.next_probe:
            return 0.0
        left = self.down_since + self.patience - now
        if left <= 0:
            silence = f"no answer from the service for {now - self.down_since:.0f} s"
            raise ServiceIsDown(f"{silence}, the last time: {self.last_words}")
        return min(self.next_probe - now, left)

    def go(self) -> Pass:
        """Takes the turn that `wait` said is there."""
        self.is_probed = self.is_probed or not self.is_open
        return Pass(is_probe=not self.is_open)

    def tell(self, passed: Pass, health: Health, now: float, roll: float, words: str = "") -> None:
        """`words` is the failure as the user should read it, should nothing better follow."""
        self.last_words = words or self.last_words
        if passed.is_probe:
            self.is_probed = False
        if health is Health.UP:
            self.is_open = self.was_ever_open = True
            self.failures, self.pause, self.down_since = 0, _FIRST_PAUSE, None
        elif health is not Health.UNKNOWN:
            self._fail(passed, health, now, roll)

    def _fail(self, passed: Pass, health: Health, now: float, roll: float) -> None:
        self.failures += 1
        if not passed.is_probe and (not self.is_open or self.failures < FAILURES_TO_SHUT):
            return
        if self.down_since is None:
            self.down_since, self.is_open = now, False
            is_stranger = health is Health.UNREACHABLE and not self.was_ever_open
            self.patience = PATIENCE_WITH_A_STRANGER if is_stranger else PATIENCE
        self.next_probe = now + self.pause * (0.8 + 0.2 * roll)
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)


class Gate(Struct):
    """`enter` blocks while the service is down; `leave` tells what came of the send."""

    clock: Clock
    roll: Callable[[], float]
    _door: Door = field(default_factory=Door)
    _turn: threading.Condition = field(default_factory=threading.Condition)

    def enter(self) -> Pass:
        """Raises ServiceIsDown when it has been down for too long."""
        while True:
            with self._turn:
                wait = self._door.wait(self.clock.now())
                if wait == 0:
                    return self._door.go()
                if wait is None:
                    self._turn.wait()
                    continue
            self.clock.sleep(wait)

    def leave(self, passed: Pass, health: Health, words: str = "") -> None:
        with self._turn:
            self._door.tell(passed, health, self.clock.now(), self.roll(), words)
            self._turn.notify_all()

    @property
    def is_shut(self) -> bool:
        return self._door.down_since is not None
