"""When steps are likely to run: as apply runs them, and which of them decide how long it takes."""

from ecsplan.model.copying import replace
from ecsplan.model.plan import Closing, StepId
from ecsplan.render.timing import PARALLEL, schedule
from tests.render.plans import step


def test_a_step_starts_when_what_it_needs_has_ended() -> None:
    first = step("vpc.a", "create", seconds=2.0)
    second = step("vswitch.a", "create", needs=(first.id,), seconds=3.0)
    found = schedule((second, first))
    assert found.order == (first.id, second.id)
    assert found.starts == {first.id: 0.0, second.id: 2.0}
    assert found.seconds == 5.0


def test_steps_of_one_lane_follow_each_other() -> None:
    found = schedule([step(f"vswitch.a[{n}]", "create", seconds=3.0, lane="vpc") for n in range(3)])
    assert sorted(found.starts.values()) == [0.0, 3.0, 6.0]
    assert len(found.critical) == 3


def test_no_more_steps_run_at_once_than_there_are_workers() -> None:
    found = schedule([step(f"disk.a[{n}]", "create", seconds=5.0) for n in range(PARALLEL + 1)])
    assert sorted(found.starts.values()) == [0.0] * PARALLEL + [5.0]
    assert found.seconds == 10.0


def test_the_longest_way_goes_first() -> None:
    alone = [step(f"disk.a[{n}]", "create", seconds=5.0) for n in range(PARALLEL)]
    first = step("instance.z", "stop", seconds=1.0)
    second = step("instance.z", "update", needs=(first.id,), seconds=10.0)
    found = schedule((*alone, first, second))
    assert found.starts[first.id] == 0.0
    assert found.seconds == 11.0
    assert found.critical == {first.id, second.id}


def test_the_critical_path_is_the_chain_that_ends_last() -> None:
    fast = step("vpc.fast", "create", seconds=1.0)
    slow = step("vpc.slow", "create", seconds=4.0)
    last = step("vswitch.a", "create", needs=(fast.id, slow.id), seconds=2.0)
    other = step("eip.a", "create", seconds=3.0)
    assert schedule((fast, slow, last, other)).critical == {slow.id, last.id}


def test_a_closing_step_waits_for_what_it_closes() -> None:
    stop = step("instance.a", "stop", seconds=2.0)
    start = replace(step("instance.a", "start", seconds=2.0), closing=Closing(after=(stop.id,)))
    assert schedule((start, stop)).starts[start.id] == 2.0


def test_what_is_needed_and_not_in_the_plan_is_not_waited_for() -> None:
    assert schedule((step("vpc.a", "create", needs=(StepId("vpc.b", "create"),), seconds=2.0),)).seconds == 2.0
    assert schedule(()).seconds == 0.0 and schedule(()).critical == frozenset()
