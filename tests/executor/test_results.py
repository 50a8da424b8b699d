"""What became of each resource: once each, so that the counts of a report are those of its plan."""

import pytest

from ecsplan.executor.results import results_of
from ecsplan.model.change import Action, Change
from ecsplan.model.plan import Outcome, Plan, Result, Status, StepId
from tests.builders import at


def a_plan(*actions: tuple[str, Action]) -> Plan:
    return Plan("lab", "here", None, tuple(Change(at(text), action, None, None) for text, action in actions), ())


def an_outcome(verb: str, status: Status, *texts: str) -> Outcome:
    return Outcome(StepId(texts[0], verb), tuple(map(at, texts)), status)


def results(plan: Plan, *outcomes: Outcome, effective: tuple[StepId, ...] = ()) -> dict[str, str]:
    found = results_of(plan, {outcome.step: outcome for outcome in outcomes}, effective)
    return {str(address): result.value for address, result in found.items()}


@pytest.mark.parametrize(
    ("action", "word"),
    [
        (Action.CREATE, "created"), (Action.UPDATE, "updated"), (Action.REPLACE, "replaced"),
        (Action.DELETE, "deleted"), (Action.ADOPT, "adopted"), (Action.MOVE, "moved"), (Action.RELEASE, "released"),
    ],
)  # fmt: skip
def test_what_is_done_has_the_word_of_its_change(action, word):
    steps = (an_outcome("one", Status.DONE, "box.a"), an_outcome("two", Status.DONE, "box.a"))
    assert results(a_plan(("box.a", action)), *steps) == {"box.a": word}


def test_one_step_for_several_counts_for_each():
    plan = a_plan(("box.a", Action.CREATE), ("box.b", Action.CREATE))
    assert results(plan, an_outcome("create", Status.DONE, "box.a", "box.b")) == {
        "box.a": "created",
        "box.b": "created",
    }


def test_one_failed_step_is_a_failed_resource():
    steps = (an_outcome("create", Status.DONE, "box.a"), an_outcome("finish", Status.FAILED, "box.a"))
    assert results(a_plan(("box.a", Action.CREATE)), *steps) == {"box.a": "failed"}


def test_what_was_begun_is_told_from_what_was_not():
    plan = a_plan(("box.a", Action.UPDATE), ("box.b", Action.UPDATE), ("box.c", Action.UPDATE))
    steps = (
        an_outcome("stop", Status.DONE, "box.a"),
        an_outcome("update", Status.SKIPPED, "box.a"),
        an_outcome("update", Status.SKIPPED, "box.b"),
        an_outcome("update", Status.SKIPPED, "box.c"),
    )
    found = results(plan, *steps, effective=(StepId("box.c", "update"),))
    assert found == {"box.a": "not finished", "box.b": "not started", "box.c": "not finished"}


def test_what_the_plan_does_not_change_and_what_was_not_needed_count_for_nothing():
    plan = a_plan(("box.a", Action.NOOP), ("box.b", Action.UPDATE))
    steps = (an_outcome("tag", Status.DONE, "box.a"), an_outcome("start", Status.NOT_NEEDED, "box.b"))
    assert results(plan, *steps, an_outcome("update", Status.DONE, "box.b")) == {"box.b": "updated"}


def test_every_result_has_a_word_of_its_own():
    assert len({result.value for result in Result}) == len(Result)
