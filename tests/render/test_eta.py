"""How far a run is and how long it takes, from its graph and what such steps took before."""

from ecsplan.model.address import Address
from ecsplan.model.call import Call
from ecsplan.model.copying import replace
from ecsplan.model.durations import Durations, is_slow
from ecsplan.model.plan import Plan, Step, StepId
from ecsplan.render.eta import Course
from ecsplan.render.text import plan_text
from ecsplan.render.view import view


def step(verb: str, name: str, operation: str, seconds: float, *needs: Step) -> Step:
    address = Address("instance", name)
    calls = (Call(operation),)
    return Step(StepId(str(address), verb), (address,), calls, tuple(n.id for n in needs), seconds=seconds)


STOP = step("stop", "db", "StopInstances", 10)
CHANGE = step("update", "db", "ModifyInstanceSpec", 20, STOP)
START = step("start", "db", "StartInstances", 30, CHANGE)
ALONE = step("update", "web", "ModifyInstanceAttribute", 5)
STEPS = (STOP, CHANGE, START, ALONE)
ROWS = [(("StartInstances",), "instance", seconds) for seconds in (100.0, 120.0, 110.0)]
LEARNED = Durations.learned([*ROWS, (("StopInstances",), "instance", 400.0), ((), "instance", 1.0)])


def test_what_a_step_takes_is_learned_from_enough_of_its_sort() -> None:
    assert LEARNED.of(START) == 110.0 and LEARNED.of(STOP) is None and LEARNED.seconds(STOP) == 10


def test_the_chain_that_is_left_decides_and_the_running_part_of_it_counts_for_less() -> None:
    course = Course.of(STEPS, Durations())
    assert course.text(0.0) == "0 of 4, about 1 min left"
    course.begins("stop instance.db", 0.0)
    course.begins("update instance.web", 0.0)
    course.ends("update instance.web")
    assert course.text(15.0) == "1 of 4, about 50 s left; waiting for stop instance.db"
    for name in ("stop", "update", "start"):
        course.ends(f"{name} instance.db")
    assert course.text(70.0) == "4 of 4"


def test_several_steps_of_one_sort_are_waited_for_by_the_same_words() -> None:
    second = replace(STOP, id=replace(STOP.id, number=1))
    course = Course.of((STOP, second), Durations())
    course.begins(str(second.id), 0.0)
    assert course.text(0.0).endswith("; waiting for stop instance.db")


def test_steps_that_end_within_a_second_shorten_the_estimate() -> None:
    course = Course.of(STEPS, Durations())
    assert course.text(0.0) == "0 of 4, about 1 min left"
    for at, (verb, left) in enumerate((("stop", "50"), ("update", "30"))):
        course.ends(f"{verb} instance.db")
        assert f"about {left} s left" in course.text(0.2 + at / 10)


def test_what_was_learned_is_in_the_estimate_the_plan_and_what_is_called_slow() -> None:
    assert Course.of(STEPS, LEARNED).remaining(0.0) == 140
    plan = Plan("demo", "cn-hangzhou", None, (), STEPS)
    text = plan_text(view(plan, durations=LEARNED))
    chain = "stop instance.db (10 s) → update instance.db (20 s) → start instance.db (1 min 50 s)"
    assert f"What takes longest: {chain}\n" in text
    assert "as earlier runs took: 1 of 4 steps" in text
    assert view(plan).seconds == 60 and view(plan, durations=LEARNED).seconds == 140
    usual = Course.of(STEPS, LEARNED).usual("start instance.db")
    assert is_slow(230, usual) and not is_slow(200, usual) and not is_slow(900, None)


def test_what_had_been_done_before_does_not_count() -> None:
    course = Course.of(STEPS, Durations())
    course.only(["start instance.db"])
    assert course.text(0.0) == "0 of 1, about 30 s left"


def test_more_work_than_runs_at_once_takes_longer_than_its_chain() -> None:
    many = [replace(ALONE, id=StepId(f"instance.web[{n}]", "update")) for n in range(40)]
    assert Course.of(many, Durations()).remaining(0.0) == 20
