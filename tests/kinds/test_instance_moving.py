"""A machine that is to be in another vSwitch: moved where the service can, else made anew, and said so in the plan."""

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.call import Product
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud, changes, comes_before, stack_of, step

NETWORK = """
vpc: {one: {cidr_block: 10.0.0.0/16}, two: {cidr_block: 10.1.0.0/16}}
vswitch:
  app: {vpc: one, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
  same: {vpc: one, zone: cn-hangzhou-h, cidr_block: 10.0.2.0/24}
  far: {vpc: one, zone: cn-hangzhou-i, cidr_block: 10.0.3.0/24}
  other: {vpc: two, zone: cn-hangzhou-h, cidr_block: 10.1.1.0/24}
security_group: {web: {vpc: one}, two: {vpc: two}}
"""


def machine(vswitch: str = "app", groups: str = "web", *more: str) -> str:
    body = ", ".join((
        "instance_type: ecs.g7.large", "image: ubuntu_22_04_x64_20G_alibase_20260522.vhd",
        f"vswitch: {vswitch}, security_groups: [{groups}], system_disk: {{category: cloud_essd, size: 40}}", *more,
    ))  # fmt: skip
    return stack_of(NETWORK, f"instance: {{web: {{{body}}}}}")


def the_change(plan: Plan) -> Change:
    return changes(plan)["instance.web"]


def blocked(plan: Plan) -> str:
    return "".join(guard.summary for guard in plan.guards if guard.name == "blocked")


def test_within_its_vpc_and_zone_it_moves(cloud: Cloud) -> None:
    cloud.settled(machine())
    before = cloud.instance().id
    plan = cloud.plan(machine("same"))
    assert the_change(plan).action is Action.UPDATE and the_change(plan).impact is Impact.NEW_ADDRESS
    assert "load balancer" in "".join(the_change(plan).notes)
    cloud.apply(plan)
    cloud.assert_settled(machine("same"))
    assert (cloud.instance().id, cloud.instance()["Status"]) == (before, "Running")


def test_into_another_vpc_it_moves_with_its_groups(cloud: Cloud) -> None:
    cloud.settled(machine())
    before = cloud.instance().id
    cloud.apply(machine("other", "two"))
    (call,) = cloud.written("ModifyInstanceVpcAttribute")
    assert call["params"]["VpcId"] == cloud.thing("vpc", "demo-two").id
    assert call["params"]["SecurityGroupId.1"] == cloud.thing("securitygroup", "demo-two").id
    assert not [entry for entry in cloud.written("ModifyInstanceAttribute") if "SecurityGroupIds.1" in entry["params"]]
    cloud.assert_settled(machine("other", "two"))
    assert cloud.instance().id == before


def test_its_declared_address_goes_along(cloud: Cloud) -> None:
    cloud.settled(machine("app", "web", "private_ip: 10.0.1.10"))
    text = machine("other", "two", "private_ip: 10.1.1.10")
    cloud.apply(text)
    cloud.assert_settled(text)


def test_groups_that_stay_behind_in_the_old_vpc_are_refused_at_plan(cloud: Cloud) -> None:
    """By its id: of a name the file itself says it."""
    cloud.settled(machine())
    group = cloud.thing("securitygroup", "demo-web").id
    assert "is of another VPC than the vSwitch" in blocked(cloud.plan(machine("other", group)))


def test_another_zone_is_a_replacement_that_needs_a_yes(cloud: Cloud) -> None:
    cloud.settled(machine())
    plan = cloud.plan(machine("far"))
    assert the_change(plan).action is Action.REPLACE
    assert "a machine stays in its zone" in the_change(plan).attributes_by_name["vswitch"].note
    assert "loss" in [guard.name for guard in plan.guards]
    cloud.apply(plan)
    cloud.assert_settled(machine("far"))
    assert cloud.instance()["ZoneId"] == "cn-hangzhou-i"


def test_a_kept_disk_cannot_be_taken_along_to_another_zone(cloud: Cloud) -> None:
    kept = "data_disks: {data: {category: cloud_essd, size: 40, keep: true}}"
    cloud.settled(machine("app", "web", kept))
    assert "data_disks.data has keep: true" in blocked(cloud.plan(machine("far", "web", kept)))


SECOND = "network_interfaces: {second: {vswitch: app, security_groups: [web]}}"


@pytest.mark.parametrize(
    ("more", "behind_its_back", "told"),
    [
        ((SECOND,), None, "it has a second network interface"),
        ((), "AssignPrivateIpAddresses", "it has several private addresses"),
        ((), "AssignIpv6Addresses", "it has an IPv6 address"),
        ((), "Mode", "is bound to it in the mode"),
        ((), "RouteTable", "has a route table of its own"),
    ],
)
def test_what_the_service_does_not_move_is_made_anew_and_the_plan_says_why(
    cloud: Cloud, more: tuple[str, ...], behind_its_back: str | None, told: str
) -> None:
    cloud.settled(machine("app", "web", *more))
    if behind_its_back is not None:
        hinder(cloud, behind_its_back)
    for place in (("same", "web"), *([] if more else [("other", "two")])):  # an interface stays in its machine's VPC
        change = the_change(cloud.plan(machine(*place, *more)))
        assert change.action is Action.REPLACE
        assert told in change.attributes_by_name["vswitch"].note


def test_a_second_interface_that_goes_along_is_unplugged_for_the_move(cloud: Cloud) -> None:
    there = machine("other", "two", SECOND.replace("app", "other").replace("web", "two"))
    cloud.settled(machine("app", "web", SECOND))
    before = cloud.instance().id
    cloud.apply(cloud.plan(there))
    cloud.assert_settled(there)
    assert cloud.instance().id == before


def hinder(cloud: Cloud, what: str) -> None:
    """What somebody has done to the machine or around it since it was made."""
    machine, account = cloud.instance(), cloud.service.account
    primary = next(eni for eni in cloud.things("eni") if eni["InstanceId"] == machine.id)
    if what == "Mode":
        eip = cloud.call("AllocateEipAddress", product=Product.VPC)["AllocationId"]
        account.change(account.get("eip", eip), InstanceId=machine.id, InstanceType="EcsInstance", Mode="BINDED",
                       Status="InUse")  # fmt: skip
    elif what == "RouteTable":
        subnet = account.get("vswitch", machine["VSwitchId"])
        account.change(account.get("routetable", subnet["RouteTableId"]), RouteTableType="Custom")
    elif what == "AssignIpv6Addresses":
        account.change(primary, Ipv6s=[*(primary.get("Ipv6s") or ()), "2001:db8::1"])
    else:
        cloud.call(what, NetworkInterfaceId=primary.id, SecondaryPrivateIpAddressCount=1)


def with_addresses(vswitch: str, *addresses: str) -> str:
    return machine(vswitch, "web", f"secondary_private_ips: [{', '.join(addresses)}]")


def test_further_addresses_that_are_declared_are_given_back_for_the_move_and_come_again(cloud: Cloud) -> None:
    cloud.settled(with_addresses("app", "10.0.1.50"))
    text = with_addresses("same", "10.0.2.50", "10.0.2.51")
    plan = cloud.plan(text)
    stop, back, move, start = (
        step(plan, name) for name in
        ("StopInstances", "UnassignPrivateIpAddresses", "ModifyInstanceVpcAttribute", "StartInstances")
    )  # fmt: skip
    again = next(s for s in plan.steps if s.calls and s.calls[0].operation.startswith("Assign") and not s.is_rescue)
    for first, last in ((stop, back), (back, move), (move, start), (start, again)):
        assert comes_before(plan, first, last)
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_a_machine_that_could_not_be_moved_has_its_addresses_back(cloud: Cloud) -> None:
    cloud.settled(with_addresses("app", "10.0.1.50"))
    cloud.faults({"fault": "error", "action": "ecs:ModifyInstanceVpcAttribute", "code": "InvalidOperation.HaVip",
                  "status": 403, "probability": 1.0})  # fmt: skip
    report = cloud.try_apply(with_addresses("same", "10.0.2.50"))
    assert [outcome.code for outcome in report.failed] == ["InvalidOperation.HaVip"] and report.off == ()
    cloud.service.faults.clear()
    cloud.assert_settled(with_addresses("app", "10.0.1.50"), records=True)
    assert cloud.instance()["Status"] == "Running"


def test_a_new_machine_is_restarted_before_it_moves(cloud: Cloud) -> None:
    """The service wants that once; one that has been restarted since is only stopped."""
    cloud.settled(machine())
    assert "RebootInstances" in operations(cloud.plan(machine("same")))
    cloud.clock.advance(3600)
    cloud.call("RebootInstance", InstanceId=cloud.instance().id)
    cloud.clock.advance(60)
    cloud.call("DescribeInstances")
    assert "RebootInstances" not in operations(cloud.plan(machine("same")))


def operations(plan: Plan) -> list[str]:
    return [call.operation for one in plan.steps for call in one.calls]


def test_a_vswitch_that_does_not_exist_moves_no_machine(cloud: Cloud) -> None:
    cloud.settled(machine())
    cloud.forget()
    with pytest.raises(Rejected, match="vsw-elsewhere does not exist"):
        cloud.plan(machine("vsw-elsewhere"))
    assert cloud.writes() == []


def test_interfaces_that_are_made_anew_go_before_the_move_and_come_after_it(cloud: Cloud) -> None:
    cloud.settled(machine("app", "web", SECOND))
    text = machine("same", "web", SECOND.replace("app", "same"))
    plan = cloud.plan(text)
    gone, move, start = (
        step(plan, name) for name in ("DetachNetworkInterface", "ModifyInstanceVpcAttribute", "StartInstances")
    )
    made = next(
        s for s in plan.steps if s.calls and "CreateNetworkInterface" in s.calls[0].operation and not s.is_rescue
    )
    for first, last in ((gone, move), (move, start), (start, made)):
        assert comes_before(plan, first, last)
    cloud.apply(plan)
    cloud.assert_settled(text)
