"""Killed at every boundary of every call; one plain re-run then converges, from the path and from the saved plan."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache

import pytest

from ecsplan import engine
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from tests.survival.invariants import public_id
from tests.survival.sizes import FULL, Tally, chosen
from tests.survival.stacks import ABROAD, BY_NAME, REGION_ABROAD, SCENARIOS, Scenario
from tests.survival.world import Boundary, Death, Saved, World

POINTS = 240  # of every test run; 20 more are real processes (test_kill.py)
LEASE = 620.0
MODES = ("path", "plan", "elsewhere")
"""Applied again from the stack file, from the saved plan, or from a machine that has no journal."""


@dataclass(frozen=True, slots=True)
class Point:
    scenario: Scenario
    death: Death
    mode: str

    def __str__(self) -> str:
        return f"[{self.scenario}] {self.death}, late {self.death.late}, again from the {self.mode}"


@cache
def before(scenario: Scenario) -> Saved:
    """The account in which the scenario begins."""
    with World(seed=1) as world:
        if scenario.abroad:
            world.put_image(ABROAD, REGION_ABROAD)
        if scenario.first is not None:
            run = world.apply(scenario.first)
            assert run.is_complete, str(run)
            world.check_settled(scenario.first)
            assert not world.watch.violations
        return world.save()


@cache
def length(scenario: Scenario, mode: str) -> int:
    """How many calls the scenario takes when nothing happens."""
    with World.of(before(scenario), seed=1) as world:
        run = world.apply(what(world, scenario, mode), destroy=scenario.destroy)
        assert run.is_complete, str(run)
        return run.calls


def what(world: World, scenario: Scenario, mode: str) -> Stack | Plan:
    if mode != "plan":
        return scenario.then
    return engine.load_plan(engine.save_plan(world.plan(scenario.then, destroy=scenario.destroy)))


def points(scenario: Scenario) -> list[Point]:
    """Every boundary of every call; the kinds of re-run take turns, so that each boundary sees each over time."""
    found = []
    for call in range(1, max(length(scenario, "path"), length(scenario, "plan")) + 1):
        for place, boundary in enumerate(Boundary):
            modes = MODES if FULL else (MODES[(call + place) % 3],)
            late = None if call % 4 == 0 else 1
            found += [
                Point(scenario, Death(call, boundary, late), mode) for mode in modes if call <= length(scenario, mode)
            ]
    return found


def kept(world: World, scenario: Scenario) -> set[str]:
    disks = world.service.account.everywhere("disk")
    return {public_id(disk) for disk in disks if disk.get("DiskName") in scenario.keeps}


def problems(point: Point) -> list[str]:
    scenario = point.scenario
    with World.of(before(scenario), seed=1) as world:
        stays = kept(world, scenario)
        applied = what(world, scenario, point.mode)
        first = world.apply(applied, death=point.death, destroy=scenario.destroy)
        if not first.died and not (point.death.boundary is Boundary.ANSWERED and first.is_complete):
            return [f"did not die: {first}"]
        if point.mode == "elsewhere":
            world.forget_journals()
            world.wait(LEASE)
        again = world.apply(applied, destroy=scenario.destroy)
        if again.is_complete:
            world.check_settled(scenario.then, scenario.destroy, scenario.leaves)
        else:
            world.watch.say(f"the re-run did not converge: {again}")
        lost = stays - {public_id(disk) for disk in world.service.account.everywhere("disk")}
        if lost:
            world.watch.say(f"data is lost: {', '.join(sorted(lost))}")
        return world.watch.violations


@pytest.mark.parametrize("name", BY_NAME)
def test_killed_anywhere_it_converges(name: str, sweep: Callable[[str], AbstractContextManager[Tally]]) -> None:
    scenario = BY_NAME[name]
    share = POINTS // len(SCENARIOS) + 1
    with sweep("crash sweep") as tally:
        for point in chosen(points(scenario), share, seed=len(name)):
            tally.add(point, problems(point))
