"""Ctrl-C at every boundary, once and twice: no new call, an honest report, and a re-run that converges.

The first Ctrl-C comes just before a call is carried out, or just after its answer. The second kills the process at a
boundary of the call that is under way, or of one of those that give the lock back.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest import mock

import pytest

from ecsplan.cli.stop import Stop
from ecsplan.engine import PlanOptions
from ecsplan.model.plan import Plan, Status
from tests.survival.invariants import READS
from tests.survival.sizes import Tally, chosen
from tests.survival.stacks import BY_NAME, Scenario
from tests.survival.test_crash import before
from tests.survival.world import Actor, Boundary, Death, Run, World

NAMES = ("create shop", "change", "replace group", "destroy", "scale down")
LOCK_CALLS = ("DeleteKeyPairs",)
CLOSING = ("StartInstances", "UntagResources")
SOON, CLOSED = 5.0, 10.0  # seconds after which the run has ended; where machines are started again first

Sweep = Callable[[str], AbstractContextManager[Tally]]


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Before the call `at` of a run. `later`: so many calls further the second one comes, at that boundary."""

    scenario: Scenario
    at: int
    later: int | None = None
    boundary: Boundary = Boundary.BEFORE

    def __str__(self) -> str:
        again = "" if self.later is None else f", again at call {self.at + self.later}, {self.boundary.value}"
        return f"[{self.scenario}] Ctrl-C at call {self.at}{again}"

    @property
    def death(self) -> Death | None:
        return None if self.later is None else Death(self.at + self.later, self.boundary)


class Yes:
    """Says yes to a plan, as the command line does: from now on Ctrl-C waits for what runs."""

    def __init__(self, world: World, stop: Stop) -> None:
        self.world, self.stop = world, stop
        self.plan: Plan | None = None

    def __call__(self, plan: Plan) -> bool:
        self.world.watch.approve(plan)
        self.plan, self.stop.writing = plan, True
        return True


@cache
def length(scenario: Scenario) -> int:
    with World.of(before(scenario), seed=1) as world:
        run = world.apply(scenario.then, destroy=scenario.destroy)
        assert run.is_complete, str(run)
        return run.calls


def problems(case: Interrupt) -> list[str]:
    scenario = case.scenario
    with World.of(before(scenario), seed=1) as world, mock.patch("ecsplan.cli.stop.say"):
        stop = Stop()
        yes = Yes(world, stop)
        seen: dict[str, Any] = {}

        def interrupt(actor: Actor, number: int, action: str) -> None:
            if number == case.at:
                seen["at"] = world.clock.now()
                stop.interrupt(2, None)

        with mock.patch.object(world, "_approve", yes):
            try:
                run = world.apply(
                    scenario.then,
                    death=case.death,
                    plan_options=PlanOptions(destroy=scenario.destroy),
                    stop=stop,
                    on_call=interrupt,
                )
            except KeyboardInterrupt:
                run = Run(died=True)
        if case.later is None and not run.died:
            judge(world, case, run, world.clock.now() - seen["at"])
        again = world.apply(scenario.then, destroy=scenario.destroy)
        if again.is_complete:
            world.check_settled(scenario.then, scenario.destroy, scenario.leaves)
        else:
            world.watch.say(f"the re-run did not converge: {again}")
        return world.watch.violations


def judge(world: World, case: Interrupt, run: Run, seconds: float) -> None:
    """After the first Ctrl-C: nothing new but what starts machines again, soon over, told as it was; none is off."""
    sent = [action for action in run.actions[case.at :] if not action.startswith(READS)]
    new = [action for action in sent if action not in (*LOCK_CALLS, *CLOSING)]
    if new:
        world.watch.say(f"sent {', '.join(new)} after it was told to stop")
    for thing in world.service.account.everywhere("instance"):
        if thing.status in ("Stopping", "Stopped") and not thing.get("Releasing"):
            world.watch.say(f"{thing.id} is {thing.status}")
    if seconds > (CLOSED if set(sent) & set(CLOSING) else SOON):
        world.watch.say(f"took {seconds:.1f} s to stop")
    if run.report is None:
        world.watch.say(f"no report: {run}")
        return
    if not run.report.interrupted and not run.report.is_complete:
        world.watch.say("the report does not say that it was interrupted")
    started = {event["step"] for event in run.events if event["type"] == "apply_start"}
    for outcome in run.report.outcomes:
        was_started, step = str(outcome.step) in started, str(outcome.step)
        is_unsent = outcome.status is Status.SKIPPED and outcome.message.startswith("not started")
        if outcome.status is Status.DONE and not was_started:
            world.watch.say(f"{step} is said to be done, and was never started")
        if is_unsent and was_started:
            world.watch.say(f"{step} is said not to be started, and was")
    alive = {thing.id.rpartition("/")[2] for thing in world.service.account.all()}
    for address, object_id in run.report.ids.items():
        if object_id not in alive:
            world.watch.say(f"{address} is said to be {object_id}, which is not there")


@pytest.mark.parametrize("name", NAMES)
def test_once(name: str, sweep: Sweep) -> None:
    scenario = BY_NAME[name]
    cases = [Interrupt(scenario, at) for at in range(1, length(scenario) + 1)]
    with sweep("interrupts, once") as tally:
        for case in chosen(cases, 10, seed=11):
            tally.add(case, problems(case))


@pytest.mark.parametrize("name", NAMES)
def test_twice(name: str, sweep: Sweep) -> None:
    scenario = BY_NAME[name]
    cases = [
        Interrupt(scenario, at, later, boundary)
        for at in range(1, length(scenario) + 1)
        for later in (0, 1, 2)
        for boundary in Boundary
    ]
    with sweep("interrupts, twice") as tally:
        for case in chosen(cases, 10, seed=13):
            tally.add(case, problems(case))
