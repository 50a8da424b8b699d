"""A rollout whose third member is not well, killed at every call: what is touched is what the policy says, none is off.

Whatever `on_failure` says and wherever the run dies, two plain re-runs end as one that was never cut off, and once the
member is well again, one more ends the rollout. `ECSPLAN_SWEEP` (sizes.py) sets how many of the points are tried; in
full the rollout is of 40 machines (8 where it goes on over all of them).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache

import pytest

from ecsplan.model.stack import Stack
from tests.survival.invariants import READS
from tests.survival.sizes import FULL, Tally, chosen
from tests.survival.stacks import NETWORK, ONE_GROUP, machine, stack_of
from tests.survival.world import Boundary, Death, Run, Saved, World

POINTS = {"stop": 3, "roll_back": 2, "continue": 2}  # of every test run
SIZES = {"stop": 40, "roll_back": 40, "continue": 8}
SIZE = 4
TOUCHED = {"stop": {3}, "roll_back": {2}, "continue": set()}
UNWELL = {"fault": "unwell", "match": "*-0002", "type": "ecs.g7.xlarge"}
Sweep = Callable[[str], AbstractContextManager[Tally]]


class Killed(BaseException):
    """The process is gone."""


def size_of(action: str) -> int:
    return SIZES[action] if FULL else SIZE


def fleet(action: str, type_: str) -> Stack:
    checks = "check: [{status: true, interval: 1, timeout: 10}]"
    policy = f"rollout: {{max_unavailable: 1, canary: [1, 10%, 50%], on_failure: {action}, {checks}}}"
    more = f"count: {size_of(action)}, lifecycle: {{{policy}}}"
    return stack_of(NETWORK + ONE_GROUP + f"  instance:\n    web: {machine(type_, more=more)}\n")


@cache
def before(action: str) -> Saved:
    with World(seed=1) as world:
        run = world.apply(fleet(action, "ecs.g7.large"))
        assert run.is_complete, str(run)
        world.wait(120)
        return world.save()


def begun(action: str) -> World:
    world = World.of(before(action), seed=1)
    world.faults(UNWELL)
    return world


def touched(world: World) -> int:
    return sum(thing["InstanceType"] == "ecs.g7.xlarge" for thing in world.service.account.everywhere("instance"))


def off(world: World) -> list[str]:
    world.wait(60)
    world.service.lifecycle.advance(world.clock.now())
    return [thing.id for thing in world.service.account.everywhere("instance") if thing.status != "Running"]


@cache
def whole(action: str) -> Run:
    """The run that nobody kills."""
    with begun(action) as world:
        run = world.apply(fleet(action, "ecs.g7.xlarge"))
        assert not run.is_complete and not off(world)
        assert touched(world) in (TOUCHED[action] or {size_of(action)})
        assert not world.watch.violations, world.watch.violations
        return run


def kills(action: str) -> Iterator[tuple[int, Boundary]]:
    """Writes at each place on their way; of reads it makes no difference."""
    for at, name in enumerate(whole(action).actions, 1):
        for boundary in (Boundary.BEFORE,) if name.startswith(READS) else Boundary:
            yield at, boundary


def after_a_kill(action: str, at: int, boundary: Boundary) -> list[str]:
    stack = fleet(action, "ecs.g7.xlarge")
    with begun(action) as world:
        world.apply(stack, death=Death(at, boundary))
        for _ in range(2):
            world.wait(300)
            again = world.apply(stack)
        # A run that was killed takes nothing back. The next one finds the third member unwell, and changes nothing.
        expected = TOUCHED[action] | ({3} if action == "roll_back" else set()) or {size_of(action)}
        if again.is_complete and action != "continue":
            world.watch.say("it is complete, though the third member is not well")
        if touched(world) not in expected:
            world.watch.say(f"{touched(world)} were touched")
        if left := off(world):
            world.watch.say(f"{left} are off")
        world.service.faults.clear()
        last = world.apply(stack)
        if not last.is_complete or touched(world) != size_of(action):
            world.watch.say(f"it does not come to its end once all are well: {last}")
        world.check_settled(stack)
        return world.watch.violations


@pytest.mark.parametrize("action", POINTS)
def test_killed_anywhere_it_touches_what_the_policy_says_and_leaves_none_off(action: str, sweep: Sweep) -> None:
    with sweep(f"rollout of {size_of(action)} machines, on_failure: {action}, killed") as tally:
        for at, boundary in chosen(list(kills(action)), POINTS[action], seed=15):
            tally.add(f"killed at call {at}, {boundary.value}", after_a_kill(action, at, boundary))
