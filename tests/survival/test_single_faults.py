"""Every action in use × every class of fault × the first, second and third time that it is called.

What can be retried converges unattended. What cannot ends with a report that says so; nothing that depends on it is
written, and a later run without the fault converges.
"""

import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from ecsplan.model.plan import Status
from tests.survival.invariants import READS
from tests.survival.sizes import Tally, chosen
from tests.survival.stacks import BY_NAME, Scenario
from tests.survival.test_crash import LEASE, before
from tests.survival.world import Run, World

CASES = 180
USED = ("create shop", "change", "replace, others move", "data disks", "destroy", "scale up", "fewer blocks",
        "backups")  # fmt: skip

RETRYABLE: dict[str, Mapping[str, Any]] = {
    "throttled": {"fault": "error", "code": "Throttling.User", "status": 400},
    "throttled with advice": {
        "fault": "error", "code": "Throttling", "status": 429, "header": {"x-acs-retry-after": "1500"},
    },
    "unavailable": {"fault": "error", "code": "ServiceUnavailable", "status": 503},
    "internal error": {"fault": "error", "code": "InternalError", "status": 500},
    "internal error after commit": {"fault": "error", "code": "InternalError", "status": 500, "commit": True},
    "busy": {"fault": "error", "code": "OperationConflict", "status": 400},
    "misspelt lock": {"fault": "error", "code": "OperationFailed.DistibuteLock", "status": 400},
    "token processing": {"fault": "token_processing"},
    "dropped before commit": {"fault": "drop_before_commit"},
    "dropped after commit": {"fault": "drop_after_commit"},
    "cut body": {"fault": "cut_body"},
    "proxy's page": {"fault": "html_200"},
    "proxy's page after commit": {"fault": "html_200", "commit": True},
    "bare 502": {"fault": "status_5xx_without_envelope", "status": 502},
    "bare 504 after commit": {"fault": "status_5xx_without_envelope", "status": 504, "commit": True},
    "nonce seen": {"fault": "nonce_replay"},
    "xml": {"fault": "xml_when_json"},
    "slow": {"fault": "delay", "ms": 8000},
}  # fmt: skip
FATAL: dict[str, Mapping[str, Any]] = {
    "forbidden": {"fault": "error", "code": "Forbidden.RAM", "status": 403, "probability": 1.0},
    "bad parameter": {"fault": "error", "code": "InvalidParameter", "status": 400, "probability": 1.0},
    "no stock": {"fault": "error", "code": "OperationDenied.NoStock", "status": 403, "probability": 1.0},
    "quota": {"fault": "error", "code": "QuotaExceed.ElasticQuota", "status": 403, "probability": 1.0},
    "no money": {"fault": "error", "code": "InsufficientBalance", "status": 400, "probability": 1.0},
}


@dataclass(frozen=True, slots=True)
class Case:
    scenario: Scenario
    action: str
    fault: str
    time: int

    def __str__(self) -> str:
        return f"[{self.scenario}] {self.action} {self.fault}, time {self.time}"

    @property
    def is_fatal(self) -> bool:
        return self.fault in FATAL

    @property
    def spec(self) -> Mapping[str, Any]:
        """A fatal fault stays: it does not go away by asking again."""
        if self.is_fatal:
            return {**FATAL[self.fault], "action": self.action, "from": self.time}
        return {**RETRYABLE[self.fault], "action": self.action, "nth": self.time}


@cache
def actions(scenario: Scenario) -> dict[str, int]:
    """How often each action is called when nothing happens."""
    with World.of(before(scenario), seed=1) as world:
        run = world.apply(scenario.then, destroy=scenario.destroy)
        assert run.is_complete, str(run)
        return {action: run.actions.count(action) for action in sorted(set(run.actions))}


def cases(scenario: Scenario) -> list[Case]:
    return [
        Case(scenario, action, fault, time)
        for action, count in actions(scenario).items()
        for fault in (*RETRYABLE, *FATAL)
        for time in range(1, min(count, 3) + 1)
    ]


def problems(case: Case) -> list[str] | None:
    """What is wrong; None where the fault met no call (a token fault and a call without a token)."""
    scenario = case.scenario
    with World.of(before(scenario), seed=1) as world:
        world.faults(case.spec)
        run = world.apply(scenario.then, destroy=scenario.destroy)
        if not any("faults" in entry for entry in world.service.log._calls):
            return None
        if case.is_fatal:
            _check_fatal(world, case, run)
            world.service.faults.clear()
            world.wait(LEASE)  # the lock may have been left behind
            run = world.apply(scenario.then, destroy=scenario.destroy)
        if run.is_complete:
            world.check_settled(scenario.then, scenario.destroy, scenario.leaves)
        else:
            world.watch.say(f"did not converge: {run}")
        return world.watch.violations


def _check_fatal(world: World, case: Case, run: Run) -> None:
    if run.died:
        world.watch.say(f"died: {run}")
    elif run.is_complete:
        world.check_settled(case.scenario.then, case.scenario.destroy, case.scenario.leaves)
        if not case.action.startswith(READS) and case.action not in ("DeleteKeyPairs", "ImportKeyPair"):
            world.watch.say("complete, although a write was refused for good")
    elif run.report is not None and run.plan is not None:
        outcomes = {outcome.step: outcome for outcome in run.report.outcomes}
        bad = {step for step, outcome in outcomes.items() if outcome.status is Status.FAILED}
        for step in run.plan.steps:
            if set(step.needs) & bad:
                bad.add(step.id)
                if step.calls and outcomes[step.id].status is Status.DONE:
                    world.watch.say(f"{step.id} was done, though what it needs failed")
        if not run.report.failed and not case.action.startswith(READS):
            world.watch.say(f"nothing failed: {run}")


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", USED)
def test_single_faults(name: str, part: int, sweep: Callable[[str], AbstractContextManager[Tally]]) -> None:
    scenario = BY_NAME[name]
    share = CASES // len(USED) + 4
    found = chosen(cases(scenario), share, seed=zlib.crc32(name.encode()))
    with sweep("single faults") as tally:
        for case in found[part::4]:
            wrong = problems(case)
            if wrong is not None:
                tally.add(case, wrong)
