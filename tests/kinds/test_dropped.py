"""What is taken out of the file: what we gave is let go of, all else is said to stay; nothing goes in silence."""

import pytest

from ecsplan.model.change import Cause
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud, changes, shown, stack_of, the_change, the_line, with_instance

RELEASE = "auto_release_time: '2027-01-01T00:00:00Z'"
EIP = "eip:\n  front: {bandwidth: 5, charge_type: PayByTraffic%s}"


def told(plan: Plan) -> str:
    return "\n".join(f"{one.address}: {one.summary} ({one.detail})" for one in plan.warnings)


def test_a_release_time_that_drops_out_is_loud_and_can_be_cleared(cloud: Cloud) -> None:
    cloud.settled(with_instance(RELEASE))
    plan = cloud.plan(with_instance())
    assert plan.is_empty and changes(plan) == {}
    assert "auto_release_time is no longer in the file and no longer managed: it stays at 2027-01-01" in told(plan)
    assert "the cloud still releases the machine then; write false" in told(plan)
    cloud.apply(plan)
    assert cloud.instance()["AutoReleaseTime"].startswith("2027")
    again = told(cloud.plan(with_instance()))
    assert "no longer managed" not in again and "the service ends" in again
    cloud.settled(with_instance("auto_release_time: false"))
    assert not cloud.instance().get("AutoReleaseTime")


def test_a_release_time_that_somebody_set_is_told_by_plan_and_drift_until_it_is_declared(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    machine = cloud.instance().id
    cloud.call("ModifyInstanceAutoReleaseTime", InstanceId=machine, AutoReleaseTime="2027-01-01T00:00:00Z")
    plan = cloud.plan(with_instance())
    assert plan.is_empty
    assert f"the service ends {machine} at 2027-01-01T00:00Z (auto_release_time)" in told(plan)
    assert told(cloud.plan(with_instance(RELEASE))) == ""
    cloud.settled(with_instance("auto_release_time: false"))
    assert not cloud.instance().get("AutoReleaseTime")


@pytest.mark.parametrize("now", ["", "instance: false"])
def test_a_relation_that_drops_out_is_released_and_its_thing_stays(cloud: Cloud, now: str) -> None:
    cloud.settled(with_instance(more=EIP % ", instance: web"))
    text = with_instance(more=EIP % (f", {now}" if now else ""))
    line = the_line(cloud.plan(text))
    assert (line.name, line.after, line.cause) == ("instance", None, Cause.PENDING)
    cloud.settled(text)
    assert not cloud.things("eip")[0].get("InstanceId")


def test_a_whole_block_that_drops_out_stays_and_is_said_in_one(cloud: Cloud) -> None:
    disks = "data_disks: {aa: {category: cloud_essd, size: 40}, bb: {category: cloud_essd, size: 40}}"
    cloud.settled(with_instance(disks))
    plan = cloud.plan(with_instance())
    assert "data_disks is no longer in the file and no longer managed: what it named stays (aa, bb)" in told(plan)
    cloud.apply(plan)
    assert len([disk for disk in cloud.things("disk") if disk["Type"] == "data"]) == 2
    cloud.assert_settled(with_instance())


def test_what_was_never_ours_is_passed_over(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, Description="by hand")
    plan = cloud.plan(with_instance())
    assert plan.is_empty and plan.steps == () and plan.warnings == (), shown(plan)


def test_tags_that_drop_out_as_a_whole_go_and_those_of_others_stay(cloud: Cloud) -> None:
    cloud.settled(with_instance("tags: {team: web}"))
    cloud.call(
        "TagResources", ResourceType="instance", ResourceId=[cloud.instance().id], Tag=[{"Key": "x", "Value": "y"}]
    )
    cloud.settled(with_instance())
    assert cloud.instance().tags.get("x") == "y" and "team" not in cloud.instance().tags


def test_many_members_say_what_drops_out_once(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 3", "description: the front"))
    plan = cloud.plan(with_instance("count: 3"))
    assert told(plan).count("description") == 1 and "3 members" in told(plan)


def test_a_record_that_is_out_of_date_is_no_change_and_brought_up_to_date(cloud: Cloud) -> None:
    """Somebody has made it so by hand before the file said it: nothing is left to do but to know it."""
    cloud.settled(with_instance())
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, Description="the front")
    text = with_instance("description: the front")
    plan = cloud.plan(text)
    assert plan.is_empty and {call.operation for step in plan.steps for call in step.calls} == {"TagResources"}
    cloud.apply(plan)
    cloud.assert_settled(text)
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, Description="other")
    assert the_line(cloud.plan(text)).cause is Cause.DRIFT


def test_a_description_of_a_rule_that_is_not_declared_any_more_stays_and_is_said(cloud: Cloud) -> None:
    rule = "{protocol: tcp, ports: 80, cidr: 10.0.0.0/8%s}"
    group = "security_group:\n  web: {vpc: main, ingress: [" + rule + "]}\nvpc:\n  main: {cidr_block: 10.0.0.0/8}"
    cloud.settled(stack_of(group % ", description: the front"))
    plan = cloud.plan(stack_of(group % ""))
    assert plan.is_empty and "description stays at 'the front'" in told(plan)


def test_ignored_tags_may_be_a_pattern(cloud: Cloud) -> None:
    lifecycle = "lifecycle: {ignore_changes: ['tags.o*']}"
    cloud.settled(with_instance("tags: {owner: a, team: web}", lifecycle))
    text = with_instance("tags: {owner: b, team: net}", lifecycle)
    line = the_change(cloud.plan(text)).attributes_by_name["tags"]
    assert dict(line.after)["owner"] == "a" and dict(line.after)["team"] == "net"
