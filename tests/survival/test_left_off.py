"""What a run does, that was killed inside a window, and what the next run then does with the machine that is off.

The next run deletes it, replaces it, lets go of it, takes the whole stack down or leaves it out; and is refused just
that, or the question before it. Then the machine runs again, or the first line of the report names it.
"""

from dataclasses import dataclass, field
from unittest import mock

import pytest

from ecsplan import engine
from ecsplan.cli.stop import Stop
from ecsplan.model.stack import Stack
from tests.survival.sizes import chosen
from tests.survival.stacks import stack_of
from tests.survival.start import applied
from tests.survival.test_windows import (
    BY_NAME,
    GROUPS,
    ZONES,
    Call,
    Scenario,
    Sweep,
    judge,
    off,
    writes,
)
from tests.survival.world import Actor, Boundary, Death, World

CASES = 2  # of each scenario and each next run, in every test run
REFUSAL = {"fault": "error", "code": "OperationDenied", "status": 403, "probability": 1.0}


@dataclass(frozen=True, slots=True)
class Next:
    """The next run: its file, where that is another one, what is asked beside it, and which action is refused."""

    name: str
    refused: str = ""
    file: Stack | None = None
    asked: engine.PlanOptions = field(default_factory=engine.PlanOptions)

    def __str__(self) -> str:
        return self.name


FORCED = engine.PlanOptions(replaces=("instance.web",))
REMOVED = stack_of(ZONES + GROUPS)
RELEASED = "released"
NEXT = (
    Next("removed", "DeleteInstances", REMOVED),
    Next("replaced, and the question refused", "RunInstances", None, FORCED),
    Next("replaced, and the deletion refused", "DeleteInstances", None, FORCED),
    Next(RELEASED, "", stack_of(ZONES + GROUPS, more="released: [instance.web]\n")),
    Next("destroyed", "DeleteInstances", None, engine.PlanOptions(destroy=True)),
)
STOPPED = ("type", "type of a group", "subnet", "image", "replaced, with kept disks", "replaced, new one first",
           "a group replaced")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    scenario: Scenario
    call: Call
    boundary: Boundary
    then: Next

    def __str__(self) -> str:
        return f"[{self.scenario}] killed at {self.call}, {self.boundary.value}; then {self.then.name}"


def after(case: Case) -> list[str]:
    scenario, then = case.scenario, case.then
    with World.of(applied(scenario.before), seed=1) as world:
        run = world.apply(scenario.stack, death=Death(case.call.at, case.boundary))
        if not run.died:
            return [f"did not die: {run}"]
        if not off(world, scenario):
            return []
        if then.refused:
            world.faults({**REFUSAL, "action": then.refused})
        again = world.apply(then.file or scenario.stack, plan_options=then.asked)
        if again.report is None:
            world.watch.say(f"no report: {again}")
        judge(world, scenario, again, may_stay_off=False)
        if then.name == RELEASED:  # its parts are nobody's then
            return [text for text in world.watch.violations if not text.startswith("I2")]
        return world.watch.violations


def cases(scenario: Scenario, then: Next) -> list[Case]:
    """Every call between the first stop and the last start; of a replacement that needs no start, to its end."""
    calls = writes(scenario)
    actions = [call.action for call in calls]
    first = actions.index("StopInstances")
    last = len(actions) - actions[::-1].index("StartInstances") if "StartInstances" in actions else len(actions)
    return [Case(scenario, call, boundary, then) for call in calls[first:last] for boundary in Boundary]


@pytest.mark.parametrize("then", NEXT, ids=str)
@pytest.mark.parametrize("name", STOPPED)
def test_what_a_dead_run_stopped_runs_again_whatever_the_next_run_does(name: str, then: Next, sweep: Sweep) -> None:
    with sweep("left off") as tally:
        for case in chosen(cases(BY_NAME[name], then), CASES, seed=len(name)):
            tally.add(case, after(case))


@pytest.mark.parametrize("name", ["type", "replaced, with kept disks", "replaced, new one first"])
def test_a_ctrl_c_in_the_next_run_leaves_no_machine_off(name: str, sweep: Sweep) -> None:
    found = [case for case in cases(BY_NAME[name], NEXT[1]) if case.boundary is Boundary.SENT]
    with sweep("left off, interrupted") as tally, mock.patch("ecsplan.cli.stop.say"):
        for number, case in enumerate(found):
            for at in range(1 + number % 3, 40, 3):
                tally.add(f"{case} with Ctrl-C at {at}", after_a_ctrl_c(case, at))


def after_a_ctrl_c(case: Case, at: int) -> list[str]:
    with World.of(applied(case.scenario.before), seed=1) as world:
        world.apply(case.scenario.stack, death=Death(case.call.at, case.boundary))
        stop = Stop()

        def interrupt(actor: Actor, number: int, action: str) -> None:
            if number == at:
                stop.writing = True
                stop.interrupt(2, None)

        run = world.apply(case.scenario.stack, plan_options=case.then.asked, stop=stop, on_call=interrupt)
        judge(world, case.scenario, run, may_stay_off=False)
        return world.watch.violations


@pytest.mark.parametrize("file", [None, REMOVED], ids=["declared", "removed"])
def test_what_a_dead_run_stopped_is_named_where_the_next_plan_leaves_it_out(file: Stack | None) -> None:
    scenario = BY_NAME["type"]
    change = [call for call in writes(scenario) if call.action == "ModifyInstanceSpec"][-1]  # the first are asked only
    with World.of(applied(scenario.before), seed=1) as world:
        world.apply(scenario.stack, death=Death(change.at, Boundary.SENT))
        plan = world.plan(file or scenario.stack, targets=("vpc.two",))
        assert off(world, scenario).keys() == {machine.id for machine in plan.off if machine.by_us} != set()
