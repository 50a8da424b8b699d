"""Lanes: what must not overlap is sent one after the other, and what is busy keeps nothing else from going on."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from ecsplan.executor import lanes
from ecsplan.executor.means import Job
from ecsplan.executor.wait import KNOWN
from ecsplan.executor.walk import Walk, end, lay_out
from ecsplan.model.plan import BRIEF, Outcome, Status
from tests.builders import a_plan, a_step

LANE = f"{BRIEF}room one"


@pytest.fixture
def walk(clock) -> Walk:
    """Two boxes and a shelf to be put into one room; the first box takes longest."""
    steps = (
        a_step("create box.a", lane=LANE, seconds=9.0),
        a_step("create box.b", lane=LANE, seconds=8.0),
        a_step("create shelf.c", lane=LANE, seconds=7.0),
    )
    found = lay_out(a_plan(*steps), SimpleNamespace(clock=clock))  # type: ignore[arg-type]
    found.ready.clear()
    return found


def job(walk: Walk, name: str) -> Job:
    return Job(next(step for step in walk.plan.steps if str(step.id) == f"create {name}"))


def waiting(walk: Walk) -> list[str]:
    """What may try again, the soonest first."""
    return [str(step) for _, step, _ in sorted(walk.later, key=lambda entry: entry[:2])]


def test_one_call_at_a_time(walk):
    first = job(walk, "box.a")
    assert lanes.enter(walk, first)
    assert not lanes.enter(walk, job(walk, "shelf.c")) and not lanes.enter(walk, job(walk, "box.b"))
    lanes.leave(walk, first)
    assert waiting(walk) == ["create box.b", "create shelf.c"], "the first of each kind"


def test_what_is_refused_as_busy_makes_way_for_other_kinds(walk):
    first, second, other = job(walk, "box.a"), job(walk, "box.b"), job(walk, "shelf.c")
    assert lanes.enter(walk, first) and not lanes.enter(walk, other)
    lanes.make_way(walk, first)
    assert waiting(walk) == ["create shelf.c"] and lanes.enter(walk, other)
    assert not lanes.enter(walk, second)
    lanes.leave(walk, other)
    assert not lanes.enter(walk, second), "of the same kind: it would be refused as well"
    walk.later.clear()
    lanes.leave(walk, first)
    assert waiting(walk) == ["create box.b"]


def test_how_long_one_was_refused_the_next_of_its_kind_waits_by_itself(walk, clock):
    first, second = job(walk, "box.a"), job(walk, "box.b")
    assert lanes.enter(walk, first)
    lanes.leave(walk, first)
    assert lanes.enter(walk, second) and not lanes.enter(walk, job(walk, "shelf.c"))
    lanes.make_way(walk, second)
    clock.sleep(10.0)
    lanes.leave(walk, second)
    third = job(walk, "box.a")
    walk.later.clear()
    assert not lanes.enter(walk, third)
    ((at, step, _),) = walk.later
    assert step == third.step.id and at == pytest.approx(clock.now() + KNOWN * 10.0)
    clock.sleep(10.0)
    assert lanes.enter(walk, third)


def test_what_was_cut_off_while_it_waited_is_passed_over(walk):
    first, second = job(walk, "box.a"), job(walk, "box.b")
    assert lanes.enter(walk, first) and not lanes.enter(walk, second)
    end(walk, Outcome(second.step.id, second.step.addresses, Status.SKIPPED))
    lanes.leave(walk, first)
    assert not walk.later


def test_a_brief_lane_is_free_while_the_effect_is_waited_for(world, cloud, clock):
    cloud.settle = 10.0
    steps = tuple(a_step(f"create box.{name}", lane=LANE) for name in "abc")
    began = clock.now()
    assert world.run(a_plan(*steps)).is_complete
    assert clock.now() - began < 12.0 and len(cloud.sent) == 3


def test_a_worker_that_is_refused_rings_once_and_without_a_bell_not_at_all():
    one = Job(a_step("create box.a"), bell=Future())
    one.ring()
    one.ring()
    assert one.bell is not None and one.bell.done()
    Job(a_step("create box.b")).ring()
