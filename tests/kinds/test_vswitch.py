"""Ranges that must fit, and a vSwitch that is replaced under running machines."""

import pytest

from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan
from tests.kinds.cloud import INSTANCE, Cloud, changes, comes_before, stack_of, step

VPC = "vpc:\n  main: {cidr_block: 10.0.0.0/16}"


def subnets(*blocks: str, vpc: str = VPC) -> str:
    lines = [
        f"  s{number}: {{vpc: main, zone: cn-hangzhou-h, cidr_block: {block}}}" for number, block in enumerate(blocks)
    ]
    return stack_of(vpc, "vswitch:\n" + "\n".join(lines))


def test_a_range_outside_its_vpc_is_refused_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"10.1.0.0/24 lies outside the VPC's 10.0.0.0/16"):
        cloud.load(subnets("10.1.0.0/24"))


def test_ranges_that_overlap_are_refused_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"overlaps 10.0.0.0/23 of vswitch.s0"):
        cloud.load(subnets("10.0.0.0/23", "10.0.1.0/24"))


def test_ranges_of_two_vpcs_may_overlap(cloud: Cloud) -> None:
    cloud.load(
        stack_of(
            "vpc:\n  main: {cidr_block: 10.0.0.0/16}\n  other: {cidr_block: 10.0.0.0/16}",
            "vswitch:\n"
            "  one: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}\n"
            "  two: {vpc: other, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}",
        )
    )


def test_what_is_not_known_yet_is_not_judged(cloud: Cloud) -> None:
    cloud.load(stack_of("vswitch:\n  s: {vpc: vpc-elsewhere, zone: cn-hangzhou-h, cidr_block: 10.9.0.0/24}"))


def test_writes_in_one_vpc_do_not_overlap(cloud: Cloud) -> None:
    text = subnets("10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24")
    cloud.settled(text)
    statuses = [entry["status"] for entry in cloud.written("CreateVSwitch")]
    assert statuses.count(200) == 4
    assert statuses[-2:] == [200, 200], "after the second one it is known how long each keeps the VPC busy"
    cloud.destroy(text)


def machines(block: str, more: str = "") -> str:
    body = "\n".join(f"    {line}" for line in INSTANCE.strip().splitlines())
    return stack_of(
        VPC,
        f"vswitch:\n  app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: {block}{more}}}",
        "security_group:\n  web: {vpc: main}",
        f"instance:\n  web:\n    count: 2\n{body}",
    )


def test_a_vswitch_is_replaced_under_running_machines(cloud: Cloud) -> None:
    """New one first; the machines move, one wave after the other, each stopped and started; then the old one goes."""
    cloud.settled(machines("10.0.1.0/24"))
    ids = {thing.id for thing in cloud.things("instance")}
    text = machines("10.0.2.0/24")
    plan = cloud.plan(text)

    found = changes(plan)
    assert found["vswitch.app"].action is Action.REPLACE and found["vswitch.app"].create_first
    new, old = step(plan, "CreateVSwitch"), step(plan, "DeleteVSwitch")
    for number in (0, 1):
        member = found[f"instance.web[{number}]"]
        assert (member.action, member.impact.text) == (Action.UPDATE, "new address")
        move = step(plan, "ModifyInstanceVpcAttribute", f"instance.web[{number}]")
        stop = step(plan, "StopInstances", f"instance.web[{number}]")
        start = step(plan, "StartInstances", f"instance.web[{number}]")
        for first, last in ((new, stop), (stop, move), (move, start), (move, old)):
            assert comes_before(plan, first, last)
    assert comes_before(
        plan, step(plan, "StartInstances", "instance.web[0]"), step(plan, "StopInstances", "instance.web[1]")
    )

    cloud.apply(plan)
    cloud.assert_settled(text)
    assert {thing.id for thing in cloud.things("instance")} == ids
    assert {thing["Status"] for thing in cloud.things("instance")} == {"Running"}
    assert all(thing["PrivateIpAddress"].startswith("10.0.2.") for thing in cloud.things("instance"))
    cloud.destroy(text)


def test_a_vswitch_that_keeps_its_range_cannot_be_replaced_under_machines(cloud: Cloud) -> None:
    """Two live vSwitches cannot share a range, and the machines cannot be without one."""
    cloud.settled(machines("10.0.1.0/24"))
    plan = cloud.plan(machines("10.0.1.0/24"), replaces=("vswitch.app",))
    blocked = [guard.summary for guard in plan.guards if guard.name == "blocked"]
    assert len(blocked) == 1
    assert "must move to the new one while the old one still lives" in blocked[0]


def test_create_before_destroy_with_the_same_range_is_refused(cloud: Cloud) -> None:
    cloud.settled(subnets("10.0.1.0/24"))
    text = subnets("10.0.1.0/24").replace("/24}", "/24, lifecycle: {create_before_destroy: true}}")
    plan = cloud.plan(text, replaces=("vswitch.s0",))
    assert "two live objects cannot share cidr_block 10.0.1.0/24" in plan.guards[0].summary


def test_a_range_is_freed_before_another_vswitch_takes_it(cloud: Cloud) -> None:
    cloud.settled(subnets("10.0.1.0/24"))
    text = stack_of(VPC, "vswitch:\n  other: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}")
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "DeleteVSwitch"), step(plan, "CreateVSwitch"))
    cloud.apply(plan)
    cloud.assert_settled(text)


def blocked(plan: Plan) -> list[str]:
    return [guard.summary for guard in plan.guards if guard.name == "blocked"]


@pytest.mark.parametrize("block", ["10.0.1.0/25", "10.0.0.0/23"])
def test_a_range_that_overlaps_the_old_one_is_refused_under_machines_and_the_old_file_is_good_again(
    cloud: Cloud, block: str
) -> None:
    before = cloud.settled(machines("10.0.1.0/24"))
    plan = cloud.plan(machines(block))
    (reason,) = blocked(plan)
    assert f"cannot share cidr_block {block}; write another cidr_block" in reason
    cloud.forget()
    with pytest.raises(Refused):
        cloud.apply(plan)
    assert cloud.writes() == []
    cloud.assert_settled(before)


def test_a_range_that_overlaps_the_old_one_is_fine_where_nothing_stays_in_it(cloud: Cloud) -> None:
    cloud.settled(subnets("10.0.1.0/24"))
    plan = cloud.plan(subnets("10.0.1.0/25"))
    assert comes_before(plan, step(plan, "DeleteVSwitch"), step(plan, "CreateVSwitch"))
    cloud.apply(plan)
    cloud.assert_settled(subnets("10.0.1.0/25"))


def test_ranges_change_hands_when_both_are_free(cloud: Cloud) -> None:
    cloud.settled(subnets("10.0.1.0/24", "10.0.2.0/24"))
    cloud.settled(subnets("10.0.2.0/24", "10.0.1.0/24"))


def test_a_vswitch_renamed_under_machines_is_a_question_and_no_circle(cloud: Cloud) -> None:
    cloud.settled(machines("10.0.1.0/24"))
    text = machines("10.0.1.0/24").replace("app", "front")
    plan = cloud.plan(text)
    (reason,) = blocked(plan)
    assert "its cidr_block 10.0.1.0/24 collides with that of vswitch.app" in reason
    assert "cannot go before instance.web[0], instance.web[1] has moved to this one; write another cidr_block" in reason
    assert "moved: [{from: vswitch.app, to: vswitch.front}]" in reason
    assert any("looks like vswitch.app, renamed" in warning.summary for warning in plan.warnings)
    cloud.settled(text + "moved: [{from: vswitch.app, to: vswitch.front}]\n")


def test_addresses_that_two_machines_would_exchange_are_refused(cloud: Cloud) -> None:
    def pair(one: int, other: int) -> str:
        text = "".join(f"  m{n}: {{private_ip: 10.0.1.{ip}, <<: *m}}\n" for n, ip in enumerate((one, other)))
        body = INSTANCE.strip().replace("\n", ", ")
        return stack_of(
            VPC, "vswitch:\n  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}",
            "security_group:\n  web: {vpc: main}", "instance:\n" + text.replace("<<: *m", body),
        )  # fmt: skip

    cloud.settled(pair(10, 11))
    plan = cloud.plan(pair(11, 10))
    assert any("its private_ip 10.0.1.11 collides with that of instance.m1" in reason for reason in blocked(plan))
    plan = cloud.plan(pair(11, 12))
    assert not blocked(plan)
    cloud.apply(plan)
    cloud.assert_settled(pair(11, 12))
