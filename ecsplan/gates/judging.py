"""The verdict over many looks: passed, failed, or look again, and when. Pure; time is passed in.

Checks follow each other, so that the reason that is named is the deepest one that was reached. A look that nobody could
answer is no failure; it only uses up the time.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.model.gate import Check, CheckResult, Gate, Measurement


class Progress(Struct):
    """How far one machine is. `memory` is what a check has to know between two looks: the id of a command that runs."""

    gate: Gate
    began: float
    place: int = 0
    since: float = 0.0  # when the check in course was begun
    streak: int = 0
    failures: int = 0
    looks: int = 0
    last: str = ""
    reason: str = ""
    is_passed: bool = False
    memory: dict[str, Any] = field(default_factory=dict)
    done: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.since = self.began
        self.is_passed = not self.gate.checks

    @property
    def check(self) -> Check:
        return self.gate.checks[self.place]

    @property
    def is_over(self) -> bool:
        return self.is_passed or bool(self.reason)

    def take(self, found: Measurement, now: float) -> float | None:
        """Takes in a look; when to look again, None where there is nothing more to learn."""
        check = self.check
        self.looks += 1
        self.last = found.text or self.last
        if found.result is CheckResult.PASSED:
            self.streak += 1
            if self.streak >= check.successes:
                return self._pass(now)
        elif found.result is CheckResult.FAILED:
            self.streak, self.failures = 0, self.failures + 1
        elif found.result is CheckResult.UNKNOWN:
            self.streak = 0
        too_often = check.retries is not None and self.failures > check.retries
        if found.is_final or too_often or now - self.since >= check.timeout:
            self._fail(found, now)
            return None
        return min(now + check.interval, self.since + check.timeout)

    def _pass(self, now: float) -> float | None:
        self._note(True, now)
        self.place, self.since = self.place + 1, now
        self.streak, self.failures, self.looks, self.memory, self.last = 0, 0, 0, {}, ""
        self.is_passed = self.place == len(self.gate.checks)
        return None if self.is_passed else now

    def _fail(self, found: Measurement, now: float) -> None:
        late = now - self.since >= self.check.timeout
        within = f" within {self.check.timeout:.0f} s" if late and not found.is_final else ""
        self._note(False, now)
        self.reason = f"{self.check.text}: not passed{within}: {self.last or 'no answer'}"

    def _note(self, passed: bool, now: float) -> None:
        self.done.append(
            {
                "check": self.check.text,
                "passed": passed,
                "looks": self.looks,
                "seconds": round(now - self.since, 3),
                "last": self.last,
            }
        )
