"""Network interfaces: what the conformance test cannot say."""

import pytest

from ecsplan.emulator.account import Thing
from ecsplan.model.call import Product
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import INSTANCE, Cloud, changes, comes_before, shown, step, the_line, with_instance

ENI = "network_interface:\n  second: {vswitch: app, security_groups: [web], primary_ip: 10.0.1.50, instance: web}"
PLAIN = ENI.replace(", instance: web", "")
OTHER = "instance:\n  other:\n" + "".join(f"    {line}\n" for line in INSTANCE.strip().splitlines())


def with_eni(attributes: str = "", eni: str = PLAIN) -> str:
    return with_instance(more=eni.replace("}", f", {attributes}}}") if attributes else eni)


def secondary(cloud: Cloud) -> dict[str, Thing]:
    return {eni["NetworkInterfaceName"]: eni for eni in cloud.things("eni") if eni["Type"] == "Secondary"}


def test_it_does_not_go_with_its_instance_unless_that_was_asked_for(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=ENI))
    (eni,) = secondary(cloud).values()
    assert eni["DeleteOnRelease"] is False
    assert len(cloud.things("eni")) == 2


def test_it_moves_over_when_its_instance_is_replaced(cloud: Cloud) -> None:
    """DetachNetworkInterface → DeleteInstances → RunInstances → AttachNetworkInterface"""
    cloud.settled(with_instance(more=ENI))
    newer = with_instance(more=ENI).replace("size: 40}", "size: 40, encrypted: true}")
    plan = cloud.plan(newer)
    assert changes(plan)["instance.web"].action is Action.REPLACE
    assert changes(plan)["network_interface.second"].action is Action.UPDATE
    assert comes_before(plan, step(plan, "DetachNetworkInterface"), step(plan, "DeleteInstances"))
    assert comes_before(plan, step(plan, "RunInstances"), step(plan, "AttachNetworkInterface"))
    cloud.apply(plan)
    cloud.assert_settled(newer)
    assert secondary(cloud)["demo-second"]["InstanceId"] == cloud.instance().id


def test_it_is_detached_before_it_is_deleted(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=ENI))
    plan = cloud.plan(with_instance())
    assert comes_before(plan, step(plan, "DetachNetworkInterface"), step(plan, "DeleteNetworkInterface"))
    cloud.settled(with_instance())


def test_a_stack_with_an_attached_interface_can_be_destroyed(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=ENI))
    cloud.destroy(with_instance(more=ENI))


def test_more_addresses_than_one_call_takes(cloud: Cloud) -> None:
    addresses = [f"10.0.1.{number}" for number in range(100, 123)]
    text = with_eni(f"private_ips: [{', '.join(addresses)}]")
    cloud.settled(text)
    assert len(cloud.written("AssignPrivateIpAddresses")) == 3
    cloud.settled(with_eni(f"private_ips: [{addresses[0]}, 10.0.1.200]"))
    cloud.settled(with_eni("private_ips: []"))
    cloud.destroy(with_eni())


def test_a_lower_number_of_addresses_is_refused(cloud: Cloud) -> None:
    cloud.settled(with_eni("private_ip_count: 3"))
    plan = cloud.plan(with_eni("private_ip_count: 2"))
    assert "list the addresses to keep" in changes(plan)["network_interface.second"].blocked[0], shown(plan)


def test_ipv6_addresses_come_and_go(cloud: Cloud) -> None:
    cloud.settled(with_eni())
    (vpc,), (vswitch,) = cloud.things("vpc"), cloud.things("vswitch")
    cloud.call("ModifyVpcAttribute", Product.VPC, VpcId=vpc.id, EnableIPv6=True)
    cloud.clock.advance(60)
    cloud.call("ModifyVSwitchAttribute", Product.VPC, VSwitchId=vswitch.id, EnableIPv6=True, Ipv6CidrBlock=1)
    cloud.clock.advance(60)
    block = str(cloud.things("vswitch")[0]["Ipv6CidrBlock"]).removesuffix("::/64")
    one, two = f"{block}::1", f"{block}:0:0:0:2"
    cloud.settled(with_eni(f"ipv6_addresses: ['{one}', '{two}']"))
    assert the_line(cloud.plan(with_eni(f"ipv6_addresses: ['{one}']"))).name == "ipv6_addresses"
    cloud.settled(with_eni(f"ipv6_addresses: ['{one}']"))
    cloud.settled(with_eni("ipv6_count: 3"))
    assert len(secondary(cloud)["demo-second"]["Ipv6s"]) == 3


def test_an_attachment_whose_answer_got_lost_is_seen_and_not_asked_for_again(cloud: Cloud) -> None:
    cloud.faults({"fault": "drop_after_commit", "action": "AttachNetworkInterface"})
    report = cloud.apply(with_instance(more=ENI))
    assert report.seconds < 100
    assert cloud.writes().count("AttachNetworkInterface") == 1
    cloud.assert_settled(with_instance(more=ENI))


def test_an_eip_is_bound_to_it_and_let_go_before_it_is_deleted(cloud: Cloud) -> None:
    text = with_instance(more=PLAIN + "\neip:\n  front: {bandwidth: 5, instance: second}")
    cloud.settled(text)
    (bind,) = cloud.written("AssociateEipAddress")
    assert bind["params"]["InstanceType"] == "NetworkInterface"
    cloud.destroy(text)


def test_primary_interfaces_are_not_listed(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.forget()
    cloud.plan(with_instance())
    (listed,) = [call for call in cloud.service.log.calls() if call["action"] == "DescribeNetworkInterfaces"]
    assert listed["params"]["Type"] == "Secondary"


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ("private_ips: [10.0.1.7], private_ip_count: 1", "say the same thing twice"),
        ("private_ips: [10.9.1.7]", r"10\.9\.1\.7 lies outside the vSwitch's 10\.0\.1\.0/24"),
    ],
)
def test_addresses_that_cannot_be_are_refused(cloud: Cloud, attributes: str, message: str) -> None:
    with pytest.raises(Rejected, match=message):
        cloud.load(with_eni(attributes))


def test_an_instance_has_further_addresses_on_its_primary_interface(cloud: Cloud) -> None:
    cloud.settled(with_instance("secondary_private_ips: [10.0.1.60, 10.0.1.61]"))
    (primary,) = cloud.things("eni")
    assert set(primary["PrivateIps"]) == {primary["PrivateIpAddress"], "10.0.1.60", "10.0.1.61"}
    cloud.settled(with_instance("secondary_private_ips: [10.0.1.61, 10.0.1.62]"))
    cloud.call("UnassignPrivateIpAddresses", NetworkInterfaceId=primary.id, PrivateIpAddress=["10.0.1.62"])
    assert the_line(cloud.plan(with_instance("secondary_private_ips: [10.0.1.61, 10.0.1.62]"))).cause.value == "drift"
    cloud.settled(with_instance("secondary_private_ips: []"))
    cloud.destroy(with_instance())


def test_ipv6_addresses_of_an_instance(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    (vpc,), (vswitch,) = cloud.things("vpc"), cloud.things("vswitch")
    cloud.call("ModifyVpcAttribute", Product.VPC, VpcId=vpc.id, EnableIPv6=True)
    cloud.clock.advance(60)
    cloud.call("ModifyVSwitchAttribute", Product.VPC, VSwitchId=vswitch.id, EnableIPv6=True, Ipv6CidrBlock=1)
    cloud.clock.advance(60)
    block = str(cloud.things("vswitch")[0]["Ipv6CidrBlock"]).removesuffix("::/64")
    cloud.settled(with_instance(f"ipv6_addresses: ['{block}::1', '{block}::2']"))
    cloud.settled(with_instance(f"ipv6_addresses: ['{block}::3']"))
    assert len(cloud.things("eni")[0]["Ipv6s"]) == 1


def test_one_that_is_going_is_not_there_any_more(cloud: Cloud) -> None:
    """Nor is it taken up by the machine that replaces the one it went with."""
    text = with_instance(more="network_interface:\n  second: {vswitch: app, security_groups: [web]}")
    cloud.settled(text)
    (second,) = secondary(cloud).values()
    cloud.call("DeleteNetworkInterface", NetworkInterfaceId=second.id)
    assert second.status == "Deleting"
    cloud.settled(text)
    assert second.id not in {eni.id for eni in secondary(cloud).values()}
