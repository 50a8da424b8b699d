"""A saved plan of which a part has moved: that is left out with all that depends on it, and the rest is done.

pytest tests/engine/test_skipping.py                      some cases
ECSPLAN_SWEEP=full pytest tests/engine/test_skipping.py   a thousand edits
"""

from random import Random

import pytest

from ecsplan import engine
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan, Report
from tests.engine.test_saved_plans import CHANGING, FULL, edit, failures, options, saved
from tests.kinds.cloud import Cloud, changes

BEFORE = """
vpc: {main: {cidr_block: 10.0.0.0/8, description: one}}
disk:
  db: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}
  logs: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}
"""
AFTER = (
    BEFORE.replace("description: one", "description: two").replace("size: 40", "size: 60")
    + "vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}\n"
)


def planned(cloud: Cloud) -> Plan:
    cloud.settled("resources:\n" + BEFORE.replace("\n", "\n  "))
    plan = engine.load_plan(engine.save_plan(cloud.plan("resources:\n" + AFTER.replace("\n", "\n  "))))
    cloud.forget()
    return plan


def applied(cloud: Cloud, plan: Plan, told: list[dict[str, object]] | None = None) -> Report:
    return engine.apply(plan, cloud.api, options(cloud, skip_stale=True), events=(told or []).append)  # type: ignore[arg-type]


def test_what_has_moved_is_left_out_with_all_that_depends_on_it_and_the_rest_is_done(cloud: Cloud) -> None:
    plan = planned(cloud)
    edit(cloud, "vpc", cloud.thing("vpc", "demo-main").id)
    report = applied(cloud, plan)
    assert {str(address) for address in report.left_out} == {"vpc.main", "vswitch.app"}
    why = {str(address): text for address, text in report.left_out.items()}
    assert "description is 'changed by hand' now" in why["vpc.main"]
    assert why["vswitch.app"] == "it depends on vpc.main, which is left out"
    assert report.is_complete and {thing["Size"] for thing in cloud.things("disk")} == {60}
    assert not cloud.things("vswitch") and cloud.thing("vpc", "demo-main")["Description"] == "changed by hand"


def test_each_is_told_as_an_event(cloud: Cloud) -> None:
    plan, told = planned(cloud), [{"type": ""}]
    edit(cloud, "vpc", cloud.thing("vpc", "demo-main").id)
    applied(cloud, plan, told)
    skipped = [event for event in told if event["type"] == "apply_skipped"]
    assert [event["address"] for event in skipped] == ["vpc.main", "vswitch.app"]
    assert all("left out" in event["message"] for event in skipped)


def test_nothing_moved_nothing_is_left_out(cloud: Cloud) -> None:
    report = applied(cloud, planned(cloud))
    assert report.is_complete and not report.left_out and cloud.things("vswitch")


def test_where_nothing_is_left_the_plan_is_refused(cloud: Cloud) -> None:
    plan = planned(cloud)
    edit(cloud, "vpc", cloud.thing("vpc", "demo-main").id)
    for disk in cloud.things("disk"):
        cloud.service.account.change(disk, Size=50)
    with pytest.raises(Refused, match=r"disk\.db.*size is 50 now"):
        applied(cloud, plan)
    assert cloud.writes() == []


def test_what_was_left_out_is_planned_again_and_done(cloud: Cloud) -> None:
    plan = planned(cloud)
    edit(cloud, "vpc", cloud.thing("vpc", "demo-main").id)
    applied(cloud, plan)
    again = cloud.plan("resources:\n" + AFTER.replace("\n", "\n  "))
    rest = {address for address, change in changes(again).items() if change.action is not Action.NOOP}
    assert rest == {"vpc.main", "vswitch.app"}


@pytest.mark.parametrize("number", range(1000 if FULL else 10))
def test_wherever_somebody_edits_what_was_edited_is_not_touched(cloud: Cloud, number: int) -> None:
    chance = Random(number)
    plan = saved(cloud, CHANGING[number % len(CHANGING)])
    change = chance.choice([c for c in plan.changes if c.action in (Action.UPDATE, Action.REPLACE) and c.before])
    assert change.before is not None
    edit(cloud, change.kind, change.before.id)
    try:
        report = applied(cloud, plan)
    except Refused:
        assert cloud.writes() == []
        return
    assert report.is_complete, failures(report)
    assert change.address in report.left_out
    named = {text for call in cloud.written() for text in str(call).replace("'", " ").split()}
    assert change.before.id not in named
