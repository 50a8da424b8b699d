"""A VPC whose range changes, alone and with what lives in it, and one that cannot be replaced under machines."""

import pytest

from ecsplan.model.change import Action
from ecsplan.model.plan import Plan
from tests.kinds.cloud import INSTANCE, Cloud, changes, comes_before, stack_of, step

GROUP = "security_group:\n  web: {vpc: main}"
MACHINE = "instance:\n  web:\n" + "".join(f"    {line}\n" for line in INSTANCE.strip().splitlines())


def network(vpc: str, *vswitches: str, more: str = "") -> str:
    subnets = "".join(
        f"  {name}: {{vpc: main, zone: cn-hangzhou-h, cidr_block: {block}}}\n"
        for name, block in zip(("app", "db"), vswitches, strict=False)
    )
    return stack_of(f"vpc:\n  main: {{cidr_block: {vpc}}}", "vswitch:\n" + subnets, GROUP, more)


def blocked(plan: Plan) -> list[str]:
    return [guard.summary for guard in plan.guards if guard.name == "blocked"]


def test_another_range_is_another_vpc_and_all_that_lives_in_it_is_made_anew(cloud: Cloud) -> None:
    cloud.settled(network("10.0.0.0/16", "10.0.1.0/24"))
    text = network("192.168.0.0/16", "192.168.1.0/24")
    plan = cloud.plan(text)
    assert {str(c.address) for c in changes(plan).values() if c.action is Action.REPLACE} == {
        "vpc.main", "vswitch.app", "security_group.web",
    }  # fmt: skip
    cloud.forget()
    cloud.apply(plan)
    assert not cloud.written("ModifyVpcAttribute")
    cloud.assert_settled(text)


def test_a_range_shrinks_after_the_vswitch_outside_of_it_is_gone_and_its_new_one_is_there(cloud: Cloud) -> None:
    """The machine moves to the new vSwitch, which has room in both ranges; the old one goes; then the range shrinks."""
    cloud.settled(network("10.0.0.0/16", "10.0.200.0/24", more=MACHINE))
    text = network("10.0.0.0/17", "10.0.1.0/24", more=MACHINE)
    plan = cloud.plan(text)
    new, old, shrinks = (step(plan, name) for name in ("CreateVSwitch", "DeleteVSwitch", "ModifyVpcAttribute"))
    move = step(plan, "ModifyInstanceVpcAttribute")
    assert all(comes_before(plan, *pair) for pair in ((new, move), (move, old), (old, shrinks)))
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_a_range_grows_before_the_vswitch_that_needs_the_room_is_made(cloud: Cloud) -> None:
    """As far as it was made: beyond that the service takes none."""
    cloud.settled(network("10.0.0.0/16", "10.0.1.0/24", more=MACHINE))
    cloud.settled(network("10.0.0.0/17", "10.0.1.0/24", more=MACHINE))
    text = network("10.0.0.0/16", "10.0.200.0/24", more=MACHINE)
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "ModifyVpcAttribute"), step(plan, "CreateVSwitch"))
    cloud.apply(plan)
    cloud.assert_settled(text)


@pytest.mark.parametrize("block", ["10.0.0.0/16", "192.168.0.0/16"])
def test_a_vpc_is_replaced_under_machines_that_move_into_the_new_one(cloud: Cloud, block: str) -> None:
    """By --replace, or for another range: the new network, the machine moves with its groups, the old one goes."""
    cloud.settled(network("10.0.0.0/16", "10.0.1.0/24", more=MACHINE))
    machine = cloud.instance().id
    text = network(block, block.replace(".0.0/16", ".1.0/24"), more=MACHINE)
    plan = cloud.plan(text, replaces=("vpc.main",) if block == "10.0.0.0/16" else ())
    assert not blocked(plan) and changes(plan)["instance.web"].action is Action.UPDATE
    move = step(plan, "ModifyInstanceVpcAttribute")
    for name in ("CreateVpc", "CreateVSwitch", "CreateSecurityGroup"):
        assert comes_before(plan, step(plan, name), move)
    for name in ("DeleteSecurityGroup", "DeleteVSwitch", "DeleteVpc"):
        assert comes_before(plan, move, step(plan, name))
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert cloud.instance().id == machine


def test_a_group_cannot_go_to_another_vpc_while_machines_that_stay_live_in_it(cloud: Cloud) -> None:
    """The plan names what lives there, and what to write instead."""
    text = network("10.0.0.0/16", "10.0.1.0/24", more=MACHINE)
    two = text.replace("vpc:\n", "vpc:\n    second: {cidr_block: 10.0.0.0/16}\n", 1)
    cloud.settled(two)
    second = cloud.thing("vpc", "demo-second").id  # by name, the file itself says that they are in two
    (reason,) = blocked(cloud.plan(two.replace("web: {vpc: main", f"web: {{vpc: {second}")))
    assert reason == (
        "it cannot be replaced while instance.web lives in it (vpc does not change in place); leave vpc as it was, or "
        "replace what stays too (--replace instance.web)"
    )
