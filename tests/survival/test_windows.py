"""Every call of every window: refused for good, interrupted by Ctrl-C, or the last thing before a kill.

A window is what lies between the stop and the start of a machine: a change of type, place or image, a disk that is put
back or moved, a replacement that lets go of disks. Whatever becomes of a call of it, no machine stays off that nobody
wants off, never more of a group are away than may be, what is off is named in the first line of the report, and one
plain re-run, or the old file, brings all of them up.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest import mock

import pytest

from ecsplan import engine
from ecsplan.cli.stop import Stop
from ecsplan.emulator.account import Thing
from ecsplan.model.capabilities.power import Power
from ecsplan.model.plan import Report
from ecsplan.model.stack import Stack
from ecsplan.render.report import report_text, report_view
from tests.survival.invariants import READS, is_retired
from tests.survival.sizes import Tally, chosen
from tests.survival.stacks import IMAGE, NETWORK, ONE_GROUP, OTHER_IMAGE, machine, stack_of
from tests.survival.start import applied
from tests.survival.world import Actor, Boundary, Death, Run, World

CASES = 3  # of each scenario and each kind of disturbance, in every test run
LOCK_CALLS = ("ImportKeyPair", "DeleteKeyPairs")
AWAY = ("Stopping", "Stopped")

Sweep = Callable[[str], AbstractContextManager[Tally]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is applied, and then. `most` is how many of a group may be away at once; `off` is meant to be off then."""

    name: str
    before: str
    after: str
    most: int = 1
    off: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def stack(self) -> Stack:
        return stack_of(self.after)


def one(kind: str = "ecs.g7.large", image: str = IMAGE, vswitch: str = "app", more: str = "") -> str:
    body = machine(kind, more=more or "description: one").replace("vswitch: app", f"vswitch: {vswitch}")
    return ZONES + GROUPS + f"  instance:\n    web: {body.replace(FAMILY_TEXT, image)}\n"


FAMILY_TEXT = '{family: "acs:ubuntu_22_04_x64"}'
ZONES = NETWORK.replace(
    "  vswitch:\n",
    "  vswitch:\n    same: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.9.0/24}\n"
    "    other: {vpc: two, zone: cn-hangzhou-h, cidr_block: 10.9.1.0/24}\n",
).replace("  vpc:\n", "  vpc:\n    two: {cidr_block: 10.9.0.0/16}\n")
GROUPS = ONE_GROUP + "    two: {vpc: two}\n"
REINSTALL = "lifecycle: {on_image_change: reinstall}"
REPLACE = "lifecycle: {on_image_change: replace"
SLOTS = "data_disks: {data: {category: cloud_essd, size: 40, keep: true}, logs: {category: cloud_essd, size: 40}}"
STORE = "  disk:\n    store: {zone: cn-hangzhou-h, category: cloud_essd, size: 60, instance: web}\n"
ROLL = "lifecycle: {rollout: {max_unavailable: 1}}"
EACH = "for_each: [a, b, c], " + ROLL

SCENARIOS = (
    Scenario("type", one(), one("ecs.g7.xlarge")),
    Scenario("type of a group", one(more=f"count: 3, {ROLL}"), one("ecs.g7.xlarge", more=f"count: 3, {ROLL}")),
    Scenario("type of three with names", one(more=EACH), one("ecs.g7.xlarge", more=EACH)),
    Scenario("type, in waves of two", one(more="count: 5, lifecycle: {rollout: {max_unavailable: 2}}"),
             one("ecs.g7.xlarge", more="count: 5, lifecycle: {rollout: {max_unavailable: 2}}"), most=2),
    Scenario("subnet", one(), one(vswitch="same")),
    Scenario("subnet, with addresses", one(more="secondary_private_ips: [10.0.1.50]"),
             one(vswitch="same", more="secondary_private_ips: [10.0.9.50]")),
    Scenario("network", one(), one(vswitch="other").replace("security_groups: [web]", "security_groups: [two]")),
    Scenario("image", one(more=REINSTALL), one(image=OTHER_IMAGE, more=REINSTALL)),
    Scenario("type, image and words", one(more=REINSTALL),
             one("ecs.g7.xlarge", OTHER_IMAGE, more=f"{REINSTALL}, description: other words")),
    Scenario("replaced, with kept disks", one(more=f"{REPLACE}}}, {SLOTS}"),
             one(image=OTHER_IMAGE, more=f"{REPLACE}}}, {SLOTS}")),
    Scenario("replaced, new one first", one(more=f"{REPLACE}, create_before_destroy: true}}, {SLOTS}"),
             one(image=OTHER_IMAGE, more=f"{REPLACE}, create_before_destroy: true}}, {SLOTS}")),
    Scenario("replaced, with a disk of its own", one(more=f"{REPLACE}}}") + STORE,
             one(image=OTHER_IMAGE, more=f"{REPLACE}}}") + STORE),
    Scenario("a group replaced", one(more=f"count: 2, {REPLACE}}}, {SLOTS}"),
             one(image=OTHER_IMAGE, more=f"count: 2, {REPLACE}}}, {SLOTS}")),
    Scenario("switched off", one(more="state: running"), one(more="state: stopped"), off=True),
    Scenario("changed and switched off", one(), one("ecs.g7.xlarge", more="state: stopped"), off=True),
    Scenario("switched on", one(more="state: stopped"), one(more="state: running")),
)  # fmt: skip
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@dataclass(frozen=True, slots=True)
class Call:
    """A write of the undisturbed run: its number over all calls, and how often its action came before."""

    at: int
    action: str
    time: int

    def __str__(self) -> str:
        return f"{self.action} {self.time} (call {self.at})"


@cache
def writes(scenario: Scenario) -> tuple[Call, ...]:
    with World.of(applied(scenario.before), seed=1) as world:
        run = world.apply(scenario.stack)
        assert run.is_complete, str(run)
        found = [
            Call(at, action, run.actions[:at].count(action))
            for at, action in enumerate(run.actions, 1)
            if not action.startswith(READS) and action not in LOCK_CALLS
        ]
        return tuple(found)


# What is looked at


def off(world: World, scenario: Scenario) -> dict[str, Thing]:
    """Machines that are off without being meant to be; not one that goes, or that another has taken the place of."""
    machines = [thing for thing in world.service.account.everywhere("instance") if not thing.get("Releasing")]
    runs = {thing["InstanceName"] for thing in machines if thing.status == "Running"}
    return {
        thing.id: thing
        for thing in machines
        if thing.status in AWAY and not scenario.off
        if not (is_retired(thing) and thing["InstanceName"] in runs)
    }


def watch_the_group(world: World, scenario: Scenario, was_off: int = 0) -> Callable[[Actor, int, str], None]:
    """Before every call: how many are away."""

    def look(actor: Actor, number: int, action: str) -> None:
        away = [thing.id for thing in off(world, scenario).values()]
        if len(away) > max(scenario.most, was_off):
            world.watch.say(f"{len(away)} are away at once before {action}")

    return look


def judge(world: World, scenario: Scenario, run: Run, may_stay_off: bool) -> None:
    """After a run that came to its end: who is off, and whether the first lines say so."""
    if run.report is None:
        if run.error is None and not run.is_complete:
            world.watch.say(f"no report: {run}")
        return
    world.wait(60)
    world.service.lifecycle.advance(world.clock.now())
    found = off(world, scenario)
    told = {machine.id for machine in run.report.off if machine.by_us}
    if found.keys() - told:
        world.watch.say(f"{', '.join(found.keys() - told)} is off, and the report does not say so: {run}")
    if told - found.keys():
        world.watch.say(f"{', '.join(told - found.keys())} is said to be off: {run}")
    if found and not may_stay_off:
        world.watch.say(f"{', '.join(found)} was left off: {run}")
    check_first_line(world, run.report, found)


def check_first_line(world: World, report: Report, found: Mapping[str, Thing]) -> None:
    first = report_text(report_view(report)).splitlines()[0]
    for name in found:
        if name not in first:
            world.watch.say(f"the first line does not name {name}: {first}")


def run_again(world: World, scenario: Scenario, stack: Stack, *, is_before: bool = False) -> None:
    """One plain run, without the fault: it converges, and all run that are to."""
    meant = Scenario(scenario.name, "", "", scenario.most) if is_before else scenario
    was_off = len(off(world, meant))
    again = world.apply(stack, on_call=watch_the_group(world, meant, was_off) if not meant.off else None)
    if not again.is_complete:
        world.watch.say(f"the re-run did not converge: {again}")
        return
    world.check_settled(stack)
    world.wait(60)
    world.service.lifecycle.advance(world.clock.now())
    if is_before and (scenario.name == "switched on" or (scenario.off and "state" not in scenario.before)):
        return  # it was off before, or was switched off by the file and is now as it is
    for name, thing in off(world, meant).items():
        world.watch.say(f"{name} is {thing.status} after the re-run")


# Refusals


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call is refused for good, alone or with all that come after it of its action; then which file is applied."""

    scenario: Scenario
    call: Call
    stays: bool
    restored: bool

    def __str__(self) -> str:
        stays = "and all later ones" if self.stays else "once"
        return f"[{self.scenario}] {self.call} refused {stays}, then the {'old' if self.restored else 'same'} file"

    @property
    def fault(self) -> Mapping[str, Any]:
        where = {"from": self.call.time, "probability": 1.0} if self.stays else {"nth": self.call.time}
        return {"fault": "error", "code": "OperationDenied", "status": 403, "action": self.call.action, **where}


def after_a_refusal(case: Refusal) -> list[str]:
    scenario = case.scenario
    with World.of(applied(scenario.before), seed=1) as world:
        world.faults(case.fault)
        for _ in range(2 if case.stays else 1):  # whoever retries what is refused takes no further machine down
            was_off = len(off(world, scenario))
            run = world.apply(scenario.stack, on_call=watch_the_group(world, scenario, was_off))
            judge(world, scenario, run, may_stay_off=case.call.action == "StartInstances")
        world.service.faults.clear()
        stack = stack_of(scenario.before) if case.restored else scenario.stack
        if case.restored and not is_way_back_open(scenario):
            return world.watch.violations
        run_again(world, scenario, stack, is_before=case.restored)
        return world.watch.violations


def is_way_back_open(scenario: Scenario) -> bool:
    """Going back from a replacement is swept elsewhere: here are windows."""
    return "replaced" not in scenario.name and "image" not in scenario.name


def refusals(scenario: Scenario) -> Iterator[Refusal]:
    for number, call in enumerate(writes(scenario)):
        for stays in (False, True):
            yield Refusal(scenario, call, stays, restored=(number + stays) % 3 == 2)


@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_refusal_leaves_no_machine_off(name: str, sweep: Sweep) -> None:
    with sweep("windows, refused") as tally:
        for case in chosen(list(refusals(BY_NAME[name])), CASES, seed=len(name)):
            tally.add(case, after_a_refusal(case))


# Ctrl-C


def after_an_interruption(scenario: Scenario, call: Call) -> list[str]:
    """Just before a call of the run is carried out."""
    with World.of(applied(scenario.before), seed=1) as world, mock.patch("ecsplan.cli.stop.say"):
        stop, look = Stop(), watch_the_group(world, scenario)

        def interrupt(actor: Actor, number: int, action: str) -> None:
            look(actor, number, action)
            if number == call.at:
                stop.writing = True
                stop.interrupt(2, None)

        run = world.apply(scenario.stack, stop=stop, on_call=interrupt)
        judge(world, scenario, run, may_stay_off=scenario.before.count("state: stopped") > 0)
        run_again(world, scenario, scenario.stack)
        return world.watch.violations


@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_ctrl_c_leaves_no_machine_off(name: str, sweep: Sweep) -> None:
    with sweep("windows, interrupted") as tally:
        for call in chosen(writes(BY_NAME[name]), CASES, seed=len(name)):
            tally.add(f"[{name}] Ctrl-C at {call}", after_an_interruption(BY_NAME[name], call))


# Kills


@dataclass(frozen=True, slots=True)
class Kill:
    """`then` is the next run: the same again, the same while what is inside the window is refused, or the old file."""

    scenario: Scenario
    call: Call
    boundary: Boundary
    then: str

    def __str__(self) -> str:
        return f"[{self.scenario}] killed at {self.call}, {self.boundary.value}; then {self.then}"


SAME, REFUSED, RESTORED = "the same again", "the same, refused", "the old file"


def after_a_kill(case: Kill) -> list[str]:
    scenario = case.scenario
    with World.of(applied(scenario.before), seed=1) as world:
        run = world.apply(scenario.stack, death=Death(case.call.at, case.boundary))
        if not run.died:
            return [f"did not die: {run}"]
        if case.then == REFUSED:
            world.faults(*({"fault": "error", "code": "OperationDenied", "status": 403, "action": action,
                            "probability": 1.0} for action in inside(scenario)))  # fmt: skip
            was_off = len(off(world, scenario))
            again = world.apply(scenario.stack, on_call=watch_the_group(world, scenario, was_off))
            judge(world, scenario, again, may_stay_off=False)
            world.service.faults.clear()
        if case.then == RESTORED and is_way_back_open(scenario):
            run_again(world, scenario, stack_of(scenario.before), is_before=True)
        else:
            run_again(world, scenario, scenario.stack)
        return world.watch.violations


def inside(scenario: Scenario) -> list[str]:
    """The actions for the sake of which machines are stopped."""
    actions = [call.action for call in writes(scenario)]
    first = actions.index("StopInstances") + 1 if "StopInstances" in actions else len(actions)
    last = actions.index("StartInstances") if "StartInstances" in actions else len(actions)
    return [action for action in actions[first:last] if "Tag" not in action]


def kills(scenario: Scenario) -> Iterator[Kill]:
    ways = (SAME, REFUSED, RESTORED)
    for number, call in enumerate(writes(scenario)):
        for place, boundary in enumerate(Boundary):
            yield Kill(scenario, call, boundary, ways[(number + place) % len(ways)])


@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_kill_leaves_no_machine_off_for_the_next_run(name: str, sweep: Sweep) -> None:
    with sweep("windows, killed") as tally:
        for case in chosen(list(kills(BY_NAME[name])), CASES, seed=len(name)):
            tally.add(case, after_a_kill(case))


def test_the_engine_is_what_is_swept() -> None:
    """Each scenario opens a window, or switches a machine."""
    assert engine.kinds()["instance"].capability(Power) is not None
    for scenario in SCENARIOS:
        actions = {call.action for call in writes(scenario)}
        assert actions & {"StopInstances", "StartInstances"}, scenario.name
