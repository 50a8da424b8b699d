"""From a stack to a report: the lock around it, the question in it, what it mends before and what it tells after."""

from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.engine.applying import LONG_PAUSE
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan, Report
from tests.kinds.cloud import Cloud, stack_of, with_instance

NET = "vpc:\n  main: {cidr_block: 10.0.0.0/8}\n"
STACK = stack_of(NET)


def options(cloud: Cloud, **more: Any) -> ApplyOptions:
    return ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), environ=cloud.environ, **{"approved": True, **more})


def session(cloud: Cloud, text: str, answer: Any = True, **more: Any) -> tuple[Plan, Report | None]:
    """`answer` is the person's, or what happens while the person thinks."""
    approve = answer if callable(answer) else lambda plan: answer
    return engine.session(cloud.load(text), cloud.api, PlanOptions(), options(cloud, **more), approve)


def locks(cloud: Cloud) -> list[str]:
    return [thing.id for thing in cloud.things("keypair")]


def test_a_stack_is_planned_asked_about_and_applied_in_one_go(cloud):
    plan, report = session(cloud, STACK)
    assert plan.is_new_stack and report is not None and report.is_complete
    assert locks(cloud) == []


def test_what_is_declined_is_not_done(cloud):
    plan, report = session(cloud, STACK, answer=False)
    assert report is None and not plan.is_empty and cloud.writes() == [] and locks(cloud) == []


def test_nothing_to_do_is_no_report(cloud):
    cloud.settled(STACK)
    assert session(cloud, STACK)[1] is None


def test_the_lock_is_held_while_the_person_thinks(cloud):
    seen: list[str] = []
    session(cloud, STACK, answer=lambda plan: seen.extend(locks(cloud)) or True)
    assert len(seen) == 1


def test_a_locked_stack_is_refused_with_its_holder(cloud):
    def while_the_other_thinks(plan: Plan) -> bool:
        told = r"(?s)the stack is locked by ecsplan apply, run by .* since .*ecsplan unlock demo"
        with pytest.raises(Refused, match=told):
            session(cloud, STACK)
        return False

    session(cloud, STACK, answer=while_the_other_thinks)


def test_without_a_lock_nobody_waits(cloud):
    def while_the_other_thinks(plan: Plan) -> bool:
        report = session(cloud, STACK, lock=False)[1]
        return report is None or not report.is_complete

    assert session(cloud, STACK, answer=while_the_other_thinks)[1] is None


def test_unlock_breaks_it_and_tells_whose_it_was(cloud):
    seen: list[Any] = []
    session(cloud, STACK, answer=lambda plan: seen.append(engine.unlock("demo", cloud.api)))
    assert seen[0]["holder"].startswith("ecsplan-") and engine.unlock("demo", cloud.api) is None


def test_after_a_long_pause_the_cloud_is_read_again(cloud):
    cloud.settled(STACK)
    wider = stack_of("vpc:\n  main: {cidr_block: 10.0.0.0/8, description: new words}\n")

    def think(plan: Plan) -> bool:
        cloud.clock.advance(LONG_PAUSE + 1)
        cloud.service.account.change(cloud.thing("vpc", "demo-main"), Description="words of another")
        return True

    with pytest.raises(Refused, match="description is 'words of another' now"):
        session(cloud, wider, answer=think)


def test_a_guard_that_the_options_do_not_lift_refuses(cloud):
    cloud.settled(with_instance())
    with pytest.raises(Refused, match="would be lost"):
        session(cloud, stack_of(NET), approved=False)


def test_a_secret_that_is_missing_is_named_before_anything_is_written(cloud):
    text = with_instance("password: {env: DB_PASSWORD, version: 1}")
    with pytest.raises(Rejected, match="environment variable DB_PASSWORD is not set"):
        session(cloud, text)
    assert cloud.writes() == []


def test_outputs_are_filled_from_what_was_made(cloud):
    text = stack_of(NET) + "outputs:\n  vpc: ${vpc.main.id}\n  table: ${vpc.main.route_table}\n"
    _, report = session(cloud, text)
    assert report is not None and report.outputs["vpc"] == cloud.thing("vpc", "demo-main").id
    assert str(report.outputs["table"]).startswith("vtb-")


def test_outputs_of_what_failed_are_not_known(cloud):
    cloud.faults({"fault": "error", "action": "CreateVpc", "code": "QuotaExceeded.Vpc", "status": 400, "times": 99})
    _, report = session(cloud, stack_of(NET) + "outputs:\n  vpc: ${vpc.main.id}\n")
    assert report is not None and report.outputs == {"vpc": None} and not report.is_complete


def test_a_second_life_of_a_stack_waits_for_nothing_of_the_first(cloud):
    """The service still remembers the tokens of the first life, and would answer with what is deleted."""
    for _ in range(2):
        cloud.settled(STACK)
        cloud.destroy(STACK)
    started = cloud.clock.now()
    cloud.apply(STACK)
    assert cloud.clock.now() - started < 30


def test_a_create_whose_answer_was_lost_is_found_and_not_made_twice(cloud):
    cloud.faults({"fault": "drop_after_commit", "action": "CreateVpc", "times": 1})
    cloud.settled(STACK)
    assert len(cloud.things("vpc")) == 1


@pytest.mark.parametrize("reads", [1, 4, 12])
def test_new_things_that_reads_do_not_show_yet_are_waited_for(cloud, reads):
    cloud.faults({"fault": "not_visible_for", "action": "Create*", "reads": reads, "times": 99})
    cloud.settled(with_instance())
    assert len(cloud.things("vpc")) == 1


def test_the_lock_that_cannot_be_given_back_hides_no_report(cloud):
    session(cloud, STACK, answer=False)
    cloud.faults({"fault": "error", "action": "DeleteKeyPairs", "code": "Forbidden.RAM", "status": 403, "times": 99})
    assert session(cloud, STACK)[1].is_complete


def test_a_plan_that_is_nothing_but_a_question_is_refused(cloud):
    cloud.settled(with_instance())
    for disk in list(cloud.things("disk")):
        cloud.service.account.remove(disk)
    with pytest.raises(Refused, match="DescribeDisks tells nothing of it"):
        session(cloud, with_instance())
