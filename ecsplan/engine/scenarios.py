"""Plays a scenario in a world that is its own: what was applied before, what others did, the plan, the apply."""

import re
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ecsplan.api.connect import connect
from ecsplan.config.scenarios import NAME, read_scenarios
from ecsplan.model.attribute import Impact
from ecsplan.model.call import ApiError
from ecsplan.model.change import Action
from ecsplan.model.clock import Clock
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan, Report, Status
from ecsplan.model.scenario import Scenario, Seen, Subject
from ecsplan.model.stack import Stack

SCENARIOS = NAME
_ADDRESS = re.compile(r"\$\{([^}]+)\}")


class HurriedClock:
    """Time that passes as fast as those who wait let it: no scenario sleeps. Client and emulator share one."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return time.time() + self._skipped

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(0.0005)  # others come to their turn
            with self._lock:
                self._skipped += seconds


class World(Protocol):
    """An account that nothing else uses."""

    @property
    def url(self) -> str: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    def outside(self, product: str, action: str, params: Mapping[str, str]) -> None:
        """Somebody else makes a call. Raises ValueError with the reason where it is refused."""
        ...

    def strike(self, faults: list[Mapping[str, object]]) -> None:
        """Raises ValueError where a fault is none."""
        ...

    def calm(self) -> None:
        """No fault from here on."""
        ...


class Unplayable(Exception):
    """The world of a scenario could not be made: that is a mistake of the scenario, and no result."""


def scenarios_of(path: str) -> tuple[Scenario, ...]:
    """The scenarios of a file. Raises Rejected."""
    return read_scenarios(path)


def play(scenario: Scenario, world: World) -> Seen:
    """Raises Unplayable."""
    with tempfile.TemporaryDirectory(prefix="ecsplan-test-") as state:
        return _Player(scenario, world, state).play()


class _Player:
    def __init__(self, scenario: Scenario, world: World, state: str) -> None:
        self.scenario, self.world, self.state = scenario, world, state
        self.seen = Seen()

    def play(self) -> Seen:
        self._prepare()
        scenario, seen = self.scenario, self.seen
        try:
            self.world.strike(list(scenario.faults))
        except (ValueError, KeyError, TypeError) as error:
            raise Unplayable(f"faults: {error}") from None
        try:
            self._try()
        except Rejected as rejected:
            seen.rejected = _words(rejected)
        except Refused as refused:
            seen.refused, seen.outcome = _words(refused), "refused"
        except ApiError as error:
            seen.outcome, seen.trouble = "failed", str(error)
        self.world.calm()
        if scenario.expected.settled is not None and not seen.rejected:
            seen.left = [address for found in _changes_of(self._planned(self._load(scenario.subject))).values()
                         for address in found]  # fmt: skip
        return seen

    def _prepare(self) -> None:
        ids: dict[str, str] = {}
        if self.scenario.applied:
            try:
                report = self._applied(self._planned(self._load(self.scenario.applied)), prepares=True)
            except (Rejected, Refused, ApiError) as error:
                raise Unplayable(f"world.applied: {_words(error)}") from None
            if not report.is_complete:
                raise Unplayable(f"world.applied: {_trouble(report)}")
            ids = {str(address): live for address, live in report.ids.items()}
        for call in self.scenario.outside:
            params = {name: _filled(value, ids) for name, value in call.params.items()}
            try:
                self.world.outside(call.product, call.action, params)
            except ValueError as error:
                raise Unplayable(f"world.outside: {call.action}: {error}") from None

    def _try(self) -> None:
        seen, expected = self.seen, self.scenario.expected
        plan = self._planned(self._load(self.scenario.subject))
        seen.calls = plan.calls_read
        seen.changes = _changes_of(plan)
        seen.worst = max((change.impact for change in plan.changes), default=Impact.NONE).name.lower()
        if not expected.outcome and not expected.refused:
            return
        report = self._applied(plan)
        seen.calls += report.calls
        seen.outcome = _outcome(report)
        seen.trouble = _trouble(report)

    def _load(self, subject: Subject) -> Stack:
        from ecsplan.engine import load

        return load(
            subject.stack,
            overlays=subject.overlays,
            variables=subject.variables,
            environment=subject.environment,
            environ=self.world.environ,
        )

    def _api(self, region: str) -> Any:
        world = self.world
        return connect(region, endpoint=world.url, environ=world.environ, home=Path(self.state), clock=world.clock)

    def _planned(self, stack: Stack) -> Plan:
        from ecsplan.engine import PlanOptions, plan

        return plan(stack, self._api(stack.region), PlanOptions(state_dir=self.state, price=False))

    def _applied(self, plan: Plan, prepares: bool = False) -> Report:
        from ecsplan.engine import ApplyOptions, apply

        scenario = self.scenario
        allow, destroy = ((), None) if prepares else (scenario.allow, scenario.allow_destroy)
        options = ApplyOptions(
            approved=prepares, allow=allow, allow_destroy=destroy, state_dir=self.state, environ=self.world.environ
        )
        return apply(plan, self._api(plan.region), options)


def _changes_of(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for change in plan.changes:
        if change.action is not Action.NOOP:
            found.setdefault(change.action.name.lower(), []).append(str(change.address))
    return found


def _words(error: Rejected | Refused | ApiError) -> str:
    if isinstance(error, ApiError):
        return str(error)
    return "; ".join(f"{found.address}: {found.summary}" if found.address else found.summary
                     for found in error.diagnostics[:5])  # fmt: skip


def _outcome(report: Report) -> str:
    if report.is_complete:
        return "done"
    return "partly" if report.has_effect or any(o.status is Status.DONE for o in report.outcomes) else "failed"


def _trouble(report: Report) -> str:
    return "; ".join(str(f"{outcome.code} {outcome.message}".strip()) for outcome in report.failed[:3])


def _filled(value: str, ids: Mapping[str, str]) -> str:
    def id_of(found: re.Match[str]) -> str:
        if found[1] not in ids:
            known = ", ".join(sorted(ids)[:20]) or "none: write world.applied"
            raise Unplayable(f"world.outside: there is no {found[1]}; live: {known}")
        return ids[found[1]]

    return _ADDRESS.sub(id_of, value)
