"""Gates and pauses in a run: a look in a worker thread, then again when it is time, until it is passed or failed.

What a look is and what it means is given to the run (`Means.watch`); here a gate is a step like any other.
"""

from typing import Any, Protocol

from ecsplan.executor import outcome as outcomes
from ecsplan.model.plan import Outcome, Status, Step

FAILED = "CheckFailed"


class Watch(Protocol):
    """One gate under way. `begin` and `take` give when to look again, None where all is known."""

    def begin(self, now: float) -> float | None: ...

    def look(self) -> Any: ...

    def take(self, found: Any, now: float) -> float | None: ...

    @property
    def failure(self) -> str:
        """Which machines did not pass, and why; empty where the gate is passed."""
        ...

    @property
    def detail(self) -> dict[str, Any]: ...


def judged(step: Step, watch: Watch) -> Outcome:
    if not watch.failure:
        return outcomes.done(step)
    advice = "look at the machine; ecsplan rollback shows the way back, apply goes on once it is well"
    return Outcome(step.id, step.addresses, Status.FAILED, FAILED, watch.failure, advice=advice)
