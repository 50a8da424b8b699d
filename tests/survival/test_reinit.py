"""A reinit killed at every boundary of every call, or met by one fault: no machine is left off in the end.

Nothing is put back twice while somebody uses it: the emulator refuses that of a machine that is on, as the service
does, and the invariants are watched as everywhere.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.api.client import Client
from ecsplan.model.marks import RESTART, key_of
from ecsplan.model.reinit import ReinitReport
from tests.survival.inline import simulated
from tests.survival.sizes import Tally, chosen
from tests.survival.stacks import NETWORK, ONE_GROUP, machine, stack_of
from tests.survival.test_single_faults import FATAL, RETRYABLE
from tests.survival.world import Actor, Boundary, Death, Run, Saved, World

POINTS, FAULTS = 60, 30
LEASE = 620.0
DISKS = ("instance.web[*].data_disks.logs", "instance.web.system_disk")
LOGS = "data_disks: {logs: {category: cloud_essd, size: 40}}"
STACKS = {
    state or "its power is its own": stack_of(
        NETWORK
        + ONE_GROUP
        + f"  instance:\n    web: {machine(more=', '.join(filter(None, ('count: 2', LOGS, state))))}\n"
    )
    for state in ("", "state: running")
}
ENDS = ("apply", "reinit", "apply elsewhere")


@dataclass(frozen=True, slots=True)
class Point:
    stack: str
    death: Death
    end: str

    def __str__(self) -> str:
        return f"[{self.stack}] {self.death}, late {self.death.late}, then {self.end}"


@cache
def before(name: str) -> Saved:
    with World(seed=1) as world:
        assert world.apply(STACKS[name]).is_complete
        return world.save()


def reinit(world: World, name: str, death: Death | None = None) -> tuple[Run, ReinitReport | None]:
    """One run, and its report where it came to one."""
    actor, found = Actor(world, STACKS[name].name, death), list[ReinitReport | None]()

    def work(api: Client, events: list[Mapping[str, Any]]) -> tuple[None, None]:
        options = world.apply_options()
        found.append(engine.reinit(STACKS[name], api, DISKS, options, lambda plan: True, events.append))
        return None, None

    with simulated():
        run = world.play(actor, work)
    return run, found[0] if found else None


@cache
def undisturbed(name: str) -> Run:
    with World.of(before(name), seed=1) as world:
        run, report = reinit(world, name)
        assert report is not None and not report.has_failed, str(run)
        assert not world.watch.violations
        return run


def points(name: str) -> list[Point]:
    return [
        Point(name, Death(call, boundary, None if (call + place) % 4 == 0 else 1), ENDS[(call + place) % len(ENDS)])
        for call in range(1, undisturbed(name).calls + 1)
        for place, boundary in enumerate(Boundary)
    ]


def problems(point: Point) -> list[str]:
    with World.of(before(point.stack), seed=1) as world:
        run, report = reinit(world, point.stack, point.death)
        if not run.died and not (point.death.boundary is Boundary.ANSWERED and report is not None):
            return [f"did not die: {run}"]
        if point.end == "apply elsewhere":
            world.forget_journals()
            world.wait(LEASE)
        if point.end == "reinit":
            again, report = reinit(world, point.stack)
            if report is None or report.has_failed:
                world.watch.say(f"the next reinit failed: {again}")
        else:
            again = world.apply(STACKS[point.stack])
            if not again.is_complete:
                world.watch.say(f"the next apply failed: {again}")
        world.wait(60)
        world.check_settled(STACKS[point.stack])
        return [*world.watch.violations, *left_off(world)]


def left_off(world: World) -> list[str]:
    """Machines that do not run in the end, and marks that say so where nobody else does."""
    machines = world.service.account.everywhere("instance")
    return [
        f"{thing.id} is {thing.status}, {'' if key_of('instance', RESTART) in thing.tags else 'not '}marked"
        for thing in machines
        if thing.status != "Running"
    ]


@pytest.mark.parametrize("name", list(STACKS))
def test_killed_anywhere_it_leaves_no_machine_off(
    name: str, sweep: Callable[[str], AbstractContextManager[Tally]]
) -> None:
    with sweep("reinit, killed") as tally:
        for point in chosen(points(name), POINTS // len(STACKS), seed=len(name)):
            tally.add(point, problems(point))


@dataclass(frozen=True, slots=True)
class Fault:
    stack: str
    action: str
    name: str

    def __str__(self) -> str:
        return f"[{self.stack}] {self.action} {self.name}"

    @property
    def spec(self) -> Mapping[str, Any]:
        known = RETRYABLE.get(self.name)
        return {**known, "action": self.action, "nth": 1} if known else {**FATAL[self.name], "action": self.action}


def after_a_fault(fault: Fault) -> list[str]:
    """What goes away does no harm; what stays is told, and mended by an apply."""
    with World.of(before(fault.stack), seed=1) as world:
        world.faults(fault.spec)
        run, report = reinit(world, fault.stack)
        is_well = report is not None and not report.has_failed
        if fault.name in RETRYABLE and not is_well:
            told = [(str(row.disk), row.code) for row in report.disks] if report else []
            world.watch.say(f"did not get through: {run} {told}")
        if not is_well:
            world.service.faults.clear()
            world.wait(LEASE)
            again = world.apply(STACKS[fault.stack])
            if not again.is_complete:
                world.watch.say(f"the next apply failed: {again}")
        world.wait(60)
        world.check_settled(STACKS[fault.stack])
        return [*world.watch.violations, *left_off(world)]


@pytest.mark.parametrize("name", list(STACKS))
def test_one_fault_leaves_no_machine_off(name: str, sweep: Callable[[str], AbstractContextManager[Tally]]) -> None:
    met = [Fault(name, action, fault) for action in sorted(set(undisturbed(name).actions))
           for fault in (*RETRYABLE, *FATAL)]  # fmt: skip
    with sweep("reinit, one fault") as tally:
        for fault in chosen(met, FAULTS // len(STACKS), seed=len(name)):
            tally.add(fault, after_a_fault(fault))
