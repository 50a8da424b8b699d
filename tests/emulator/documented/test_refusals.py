"""HTTP statuses, codes and words of refusals, as the error tables of the API reference have them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator.client import Client, Failed, World

Try = Callable[[World, str], Any]
PERIOD = {"InstanceChargeType": "PrePaid", "Period": 1, "PeriodUnit": "Month"}


def refused(world: World, action: Try, target: str = "") -> Failed:
    with pytest.raises(Failed) as found:
        action(world, target)
    return found.value


@pytest.fixture
def stopped(world: World) -> str:
    (id_,) = world.running(PrivateIpAddress="10.0.0.20")
    world.client.ecs("StopInstance", InstanceId=id_)
    world.client.settle()
    return id_


def free_disk(world: World, **params: Any) -> str:
    order = {"ZoneId": world.zone, "DiskCategory": "cloud_essd", "Size": 40, **params}
    made: str = world.client.ecs("CreateDisk", **order)["DiskId"]
    world.client.settle()
    return made


def detach_a_free_one(world: World, stopped: str) -> None:
    """DetachDisk: InvalidDisk.AlreadyDetached 404."""
    world.client.ecs("DetachDisk", DiskId=free_disk(world), InstanceId=stopped)


def take_a_taken_address(world: World, stopped: str) -> None:
    """RunInstances: InvalidPrivateIpAddress.Duplicated 400."""
    world.run(PrivateIpAddress="10.0.0.20")


def change_the_architecture(world: World, stopped: str) -> None:
    """ModifyInstanceSpec: InvalidInstanceType.ValueUnauthorized 400."""
    world.client.ecs("ModifyInstanceSpec", InstanceId=stopped, InstanceType="ecs.g8y.large")


def run_an_image_of_another_architecture(world: World, stopped: str) -> None:
    """RunInstances: ImageNotSupportInstanceType 403."""
    world.run(InstanceType="ecs.g8y.large")


def address_without_a_block(world: World, stopped: str) -> None:
    """AssignIpv6Addresses: InvalidOperation.Ipv6NotSupport 403."""
    eni = world.client.ecs("CreateNetworkInterface", VSwitchId=world.vswitch, SecurityGroupId=world.group)
    world.client.settle()
    world.client.ecs("AssignIpv6Addresses", NetworkInterfaceId=eni["NetworkInterfaceId"], Ipv6AddressCount=1)


def open_an_advanced_group(world: World, stopped: str) -> None:
    """ModifySecurityGroupPolicy: InvalidParameter.InnerAccessPolicy 400."""
    order = {"VpcId": world.vpc, "SecurityGroupType": "enterprise"}
    group = world.client.ecs("CreateSecurityGroup", **order)["SecurityGroupId"]
    world.client.ecs("ModifySecurityGroupPolicy", SecurityGroupId=group, InnerAccessPolicy="Drop")


def write_a_port_alone(world: World, stopped: str) -> None:
    """AuthorizeSecurityGroup: InvalidParam.PortRange 400."""
    rule = {"IpProtocol": "TCP", "PortRange": "22", "SourceCidrIp": "0.0.0.0/0"}
    world.client.ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule])


def enable_ipv6_without_a_number(world: World, stopped: str) -> None:
    """ModifyVSwitchAttribute: MissingParam.Ipv6CidrBlock 400 (the official provider)."""
    world.client.vpc("ModifyVpcAttribute", VpcId=world.vpc, EnableIPv6=True)
    world.client.vpc("ModifyVSwitchAttribute", VSwitchId=world.vswitch, EnableIPv6=True)


def charge_for_what_has_a_release_time(world: World, stopped: str) -> None:
    """ModifyInstanceChargeType: ReleaseTimeHaveBeenSet 400."""
    from tests.emulator.client import stamp

    when = stamp(world.client.service.clock.now() + 7200)
    world.client.ecs("ModifyInstanceAutoReleaseTime", InstanceId=stopped, AutoReleaseTime=when)
    world.client.ecs("ModifyInstanceChargeType", InstanceIds=json.dumps([stopped]), **PERIOD)


def snapshot_of_a_new_disk(world: World, stopped: str) -> None:
    """CreateSnapshot: IncorrectDiskStatus.NeverAttached 403."""
    world.client.ecs("CreateSnapshot", DiskId=free_disk(world))


def reset_to_another_disks_snapshot(world: World, stopped: str) -> None:
    """ResetDisk: InvalidParameter.Mismatch 403."""
    (system,) = world.client.ecs("DescribeDisks", InstanceId=stopped)["Disks"]["Disk"]
    snapshot = world.client.ecs("CreateSnapshot", DiskId=system["DiskId"])["SnapshotId"]
    world.client.settle()
    world.client.ecs("ResetDisk", DiskId=free_disk(world), SnapshotId=snapshot)


def reset_to_an_unfinished_snapshot(world: World, stopped: str) -> None:
    """ResetDisk: InvalidSnapshotId.NotReady 403."""
    (system,) = world.client.ecs("DescribeDisks", InstanceId=stopped)["Disks"]["Disk"]
    snapshot = world.client.ecs("CreateSnapshot", DiskId=system["DiskId"])["SnapshotId"]
    world.client.ecs("ResetDisk", DiskId=system["DiskId"], SnapshotId=snapshot)


def start_while_a_disk_is_put_back(world: World, stopped: str) -> None:
    """StartInstance: DiskError 403."""
    (system,) = world.client.ecs("DescribeDisks", InstanceId=stopped)["Disks"]["Disk"]
    world.client.ecs("ReInitDisk", DiskId=system["DiskId"])
    world.client.ecs("StartInstance", InstanceId=stopped)


def find_a_rule_that_is_not_there(world: World, stopped: str) -> None:
    """ModifySecurityGroupRule: SecurityGroupRule.NotFound 404."""
    rule = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}
    world.client.ecs("ModifySecurityGroupRule", SecurityGroupId=world.group, **rule)


def iops_of_another_category(world: World, stopped: str) -> None:
    """ModifyDiskSpec: a 0 is refused too (the official provider)."""
    disk = free_disk(world, DiskCategory="cloud_auto", Size=100)
    world.client.ecs(
        "ModifyDiskSpec", DiskId=disk, DiskCategory="cloud_essd", PerformanceLevel="PL1", ProvisionedIops=0
    )  # fmt: skip


def tag_without_a_value(world: World, stopped: str) -> None:
    """TagResources: a tag has a value, if an empty one."""
    world.client.ecs("TagResources", ResourceType="instance", ResourceId=[stopped], Tag=[{"Key": "k"}])


def tag_a_prefix_list(world: World, stopped: str) -> None:
    """TagResources, ResourceType: a prefix list is not among the types; CreatePrefixList takes its tags."""
    order = {"PrefixListName": "offices", "AddressFamily": "IPv4", "MaxEntries": 1, "Tag": [{"Key": "k", "Value": "v"}]}
    made = world.client.ecs("CreatePrefixList", **order)["PrefixListId"]
    world.client.ecs(
        "TagResources", ResourceType="prefixlist", ResourceId=[made], Tag=[{"Key": "k", "Value": "w"}]
    )  # fmt: skip


def take_the_block_of_a_route(world: World, stopped: str) -> None:
    """CreateVSwitch (the official provider): a block that a route leads elsewhere."""
    table = world.client.vpc("DescribeRouteTableList", VpcId=world.vpc)["RouterTableList"]["RouterTableListType"][0]
    block = "10.0.77.0/24"
    world.client.vpc("CreateRouteEntry", RouteTableId=table["RouteTableId"], DestinationCidrBlock=block,
                     NextHopType="Instance", NextHopId=stopped)  # fmt: skip
    world.client.settle()
    world.client.vpc("CreateVSwitch", VpcId=world.vpc, ZoneId=world.zone, CidrBlock=block)


def unbind_as_something_else(world: World, stopped: str) -> None:
    """UnassociateEipAddress, InstanceType: that of what the address is bound to."""
    eip = world.client.vpc("AllocateEipAddress", Bandwidth="5")["AllocationId"]
    world.client.vpc("AssociateEipAddress", AllocationId=eip, InstanceId=stopped)
    world.client.settle()
    world.client.vpc("UnassociateEipAddress", AllocationId=eip, InstanceId=stopped, InstanceType="NetworkInterface")


def with_ipv6(world: World) -> str:
    """A machine with a public IPv6 address."""
    vpc, client = world.vpc, world.client
    client.vpc("ModifyVpcAttribute", VpcId=vpc, EnableIPv6=True)
    client.vpc("ModifyVSwitchAttribute", VSwitchId=world.vswitch, EnableIPv6=True, Ipv6CidrBlock=1)
    client.vpc("CreateIpv6Gateway", VpcId=vpc)
    client.settle()
    (machine,) = world.running(Ipv6AddressCount=1)
    (row,) = client.vpc("DescribeIpv6Addresses", AssociatedInstanceId=machine)["Ipv6Addresses"]["Ipv6Address"]
    client.vpc("AllocateIpv6InternetBandwidth", Ipv6AddressId=row["Ipv6AddressId"], Bandwidth=1)
    return machine


def open_a_public_address_again(world: World, stopped: str) -> None:
    machine = with_ipv6(world)
    (row,) = world.client.vpc("DescribeIpv6Addresses", AssociatedInstanceId=machine)["Ipv6Addresses"]["Ipv6Address"]
    world.client.vpc("AllocateIpv6InternetBandwidth", Ipv6AddressId=row["Ipv6AddressId"], Bandwidth=1)


def delete_a_gateway_with_bandwidth(world: World, stopped: str) -> None:
    """DeleteIpv6Gateway (the official provider): DependencyViolation.Ipv6InternetBandwidth."""
    with_ipv6(world)
    (row,) = world.client.vpc("DescribeIpv6Gateways")["Ipv6Gateways"]["Ipv6Gateway"]
    world.client.vpc("DeleteIpv6Gateway", Ipv6GatewayId=row["Ipv6GatewayId"])


def release_a_machine_with_a_public_address(world: World, stopped: str) -> None:
    world.client.ecs("DeleteInstance", InstanceId=with_ipv6(world), Force=True)


def make_a_gateway_without_ipv6(world: World, stopped: str) -> None:
    """CreateIpv6Gateway: the VPC has IPv6."""
    world.client.vpc("CreateIpv6Gateway", VpcId=world.vpc)


CASES: list[tuple[Try, str, int]] = [
    (detach_a_free_one, "InvalidDisk.AlreadyDetached", 404),
    (take_a_taken_address, "InvalidPrivateIpAddress.Duplicated", 400),
    (change_the_architecture, "InvalidInstanceType.ValueUnauthorized", 400),
    (run_an_image_of_another_architecture, "ImageNotSupportInstanceType", 403),
    (address_without_a_block, "InvalidOperation.Ipv6NotSupport", 403),
    (open_an_advanced_group, "InvalidParameter.InnerAccessPolicy", 400),
    (write_a_port_alone, "InvalidParam.PortRange", 400),
    (enable_ipv6_without_a_number, "MissingParam.Ipv6CidrBlock", 400),
    (charge_for_what_has_a_release_time, "ReleaseTimeHaveBeenSet", 400),
    (snapshot_of_a_new_disk, "IncorrectDiskStatus.NeverAttached", 403),
    (reset_to_another_disks_snapshot, "InvalidParameter.Mismatch", 403),
    (reset_to_an_unfinished_snapshot, "InvalidSnapshotId.NotReady", 403),
    (start_while_a_disk_is_put_back, "DiskError", 403),
    (find_a_rule_that_is_not_there, "SecurityGroupRule.NotFound", 404),
    (iops_of_another_category, "ProvisionedIopsForDiskCategoryUnsupported", 400),
    (tag_without_a_value, "MissingParameter", 400),
    (tag_a_prefix_list, "InvalidResourceType.NotFound", 404),
    (unbind_as_something_else, "InvalidInstanceType.ValueNotSupported", 400),
    (take_the_block_of_a_route, "InvalidCidrBlock.Overlapped", 400),
    (open_a_public_address_again, "OperationFailed.Ipv6InternetBandwidthExist", 400),
    (delete_a_gateway_with_bandwidth, "DependencyViolation.Ipv6InternetBandwidth", 400),
    (release_a_machine_with_a_public_address, "DependencyViolation.Ipv6InternetBandwidth", 400),
    (make_a_gateway_without_ipv6, "OperationFailed.Ipv6Disabled", 400),
]


@pytest.mark.parametrize(("action", "code", "status"), CASES, ids=lambda v: getattr(v, "__name__", str(v)))
def test_a_refusal_has_the_documented_code_and_status(
    world: World, stopped: str, action: Try, code: str, status: int
) -> None:
    found = refused(world, action, stopped)
    assert (found.code, found.status) == (code, status)


@pytest.mark.parametrize(
    ("action", "params", "code", "words"),
    [
        ("StopInstance", {}, "IncorrectInstanceStatus", "does not support this operation"),
        ("ReleasePublicIpAddress", {"PublicIpAddress": "1.2.3.4"}, None, "does not exist"),
        ("RenewInstance", {"Period": 1}, "ChargeTypeViolation", "billing method"),
    ],
)
def test_messages_hold_the_words_that_clients_look_for(
    world: World, stopped: str, action: str, params: dict[str, Any], code: str | None, words: str
) -> None:
    """The vendor's own command line sees the text alone: its retries start by it."""
    found = refused(world, lambda w, t: w.client.ecs(action, InstanceId=t, **params), stopped)
    assert code in (None, found.code)
    assert words in str(found.body["Message"])


def test_status_refusals_of_vpcs_speak_of_the_status(client: Client) -> None:
    """CreateVSwitch: IncorrectVpcStatus; CreateVSwitch of ECS's documents has the words for vSwitches."""
    vpc = client.vpc("CreateVpc")["VpcId"]
    with pytest.raises(Failed) as found:
        client.vpc("CreateVSwitch", VpcId=vpc, ZoneId="cn-hangzhou-h", CidrBlock="172.16.0.0/24")
    assert found.value.code == "IncorrectVpcStatus"
    assert "does not support this operation" in found.value.body["Message"]


# ClientToken


def test_a_token_of_vpc_stands_for_its_failure(client: Client) -> None:
    """The official provider takes a new token for CreateVSwitch after a conflict, and keeps it for RunInstances."""
    vpc = client.vpc("CreateVpc")["VpcId"]
    order = {"VpcId": vpc, "ZoneId": "cn-hangzhou-h", "CidrBlock": "172.16.0.0/24"}
    for _ in range(2):
        with pytest.raises(Failed, match="IncorrectVpcStatus"):
            client.vpc("CreateVSwitch", ClientToken="one", **order)
        client.settle()  # the cause is gone, the failure is not
    assert client.vpc("CreateVSwitch", ClientToken="two", **order)["VSwitchId"]
    client.control("POST", "settings", {"tokens_keep_failures": False})
    client.settle()
    wrong = {**order, "CidrBlock": "172.16.0.0/25"}
    with pytest.raises(Failed, match="Overlapped"):
        client.vpc("CreateVSwitch", ClientToken="three", **wrong)
    client.vpc("CreateVSwitch", ClientToken="three", **{**order, "CidrBlock": "172.16.1.0/24"})


def test_a_token_of_run_instances_is_free_after_a_failure(world: World) -> None:
    """RunInstances, ClientToken: the provider sends IncorrectVSwitchStatus again with the same one."""
    client = world.client
    client.control("POST", "faults", [{"fault": "stock_out", "type": "ecs.g7.large"}])
    with pytest.raises(Failed, match="NoStock"):
        world.run(ClientToken="one")
    client.control("POST", "faults", {"clear": True})
    assert world.run(ClientToken="one")
