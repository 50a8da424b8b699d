"""Names, periods and figures that the service refuses, from the parameter descriptions of the API reference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.client import Client, Failed, World, stamp

GOOD, BAD = True, False
NAMES = [
    ("CreateSecurityGroup", "SecurityGroupName", "web-1_a.b:c", GOOD),
    ("CreateSecurityGroup", "SecurityGroupName", "web group", BAD),
    ("CreateSecurityGroup", "SecurityGroupName", "web(prod)", BAD),
    ("CreateSecurityGroup", "SecurityGroupName", "1web", BAD),
    ("CreateSecurityGroup", "SecurityGroupName", "w", BAD),
    ("CreateSecurityGroup", "SecurityGroupName", "http://x", BAD),
    ("CreateSecurityGroup", "Description", "1st", GOOD),
    ("CreateSecurityGroup", "Description", "x", BAD),
    ("CreateKeyPair", "KeyPairName", "ops:one", GOOD),
    ("CreateKeyPair", "KeyPairName", "ops.one", BAD),
    ("CreateLaunchTemplate", "LaunchTemplateName", "web.one", BAD),
    ("CreateVpc", "VpcName", "Blue / net (1)", GOOD),
    ("CreateVpc", "VpcName", "a", GOOD),
    ("CreateVpc", "VpcName", "https://x", BAD),
    ("CreateVpc", "VpcName", "n" * 129, BAD),
    ("AllocateEipAddress", "Name", "edge-1", GOOD),
    ("AllocateEipAddress", "Name", "a", GOOD),
    ("AllocateEipAddress", "Name", "edge ip (prod)", BAD),
    ("AllocateEipAddress", "Name", "1-edge", BAD),
    ("AllocateEipAddress", "Name", "a:b", BAD),
    ("AllocateEipAddress", "Description", "1st", BAD),
    ("CreateDisk", "DiskName", "data.one", GOOD),
    ("CreateDisk", "DiskName", "data one", BAD),
]
MORE: dict[str, dict[str, Any]] = {"CreateDisk": {"ZoneId": "cn-hangzhou-h", "Size": 40}}
VPC = ("CreateVpc", "AllocateEipAddress")


def taken(client: Client, product: str, action: str, **params: Any) -> bool:
    try:
        client.call(product, action, **params)
    except Failed as refused:
        assert refused.status == 400 and str(refused.code).startswith("Invalid"), refused
        return False
    return True


@pytest.mark.parametrize(("action", "parameter", "text", "good"), NAMES)
def test_texts_are_taken_as_documented(world: World, action: str, parameter: str, text: str, good: bool) -> None:
    product = "vpc" if action in VPC else "ecs"
    assert taken(world.client, product, action, **{parameter: text}, **MORE.get(action, {})) is good


@pytest.mark.parametrize(
    ("name", "good"),
    [("web-1.shop", GOOD), ("-web", BAD), ("web.", BAD), ("we--b", BAD), ("we..b", BAD), ("w", BAD), ("we_b", BAD),
     ("h" * 64, GOOD), ("h" * 65, BAD)],
)  # fmt: skip
def test_host_names(world: World, name: str, good: bool) -> None:
    """ModifyInstanceAttribute, HostName."""
    (machine,) = world.running()
    assert taken(world.client, "ecs", "ModifyInstanceAttribute", InstanceId=machine, HostName=name) is good


@pytest.mark.parametrize(
    ("unit", "period", "good"),
    [("Month", 9, GOOD), ("Month", 12, GOOD), ("Month", 60, GOOD), ("Month", 10, BAD), ("Month", 13, BAD),
     ("Month", 61, BAD), ("Week", 4, GOOD), ("Week", 5, BAD)],
)  # fmt: skip
def test_periods(world: World, unit: str, period: int, good: bool) -> None:
    """RunInstances, Period and PeriodUnit."""
    order = {"InstanceChargeType": "PrePaid", "Period": period, "PeriodUnit": unit}
    try:
        world.run(**order)
    except Failed as refused:
        assert (good, refused.code) == (BAD, "InvalidPeriod")
    else:
        assert good


@pytest.mark.parametrize("more", [{"DeletionProtection": True}, {"AutoReleaseTime": 7200.0}])
def test_what_does_not_go_with_a_subscription(world: World, more: dict[str, Any]) -> None:
    """RunInstances, DeletionProtection and AutoReleaseTime: for pay-as-you-go instances."""
    if "AutoReleaseTime" in more:
        more = {"AutoReleaseTime": stamp(world.client.service.clock.now() + more["AutoReleaseTime"])}
    with pytest.raises(Failed, match="ChargeTypeViolation"):
        world.run(InstanceChargeType="PrePaid", Period=1, **more)


@pytest.mark.parametrize(("ahead", "good"), [(-3600, BAD), (600, BAD), (1900, GOOD), (4 * 366 * 86400, BAD)])
def test_release_times(world: World, ahead: float, good: bool) -> None:
    """RunInstances, AutoReleaseTime: from 30 minutes to three years ahead."""
    when = stamp(world.client.service.clock.now() + ahead)
    try:
        world.run(AutoReleaseTime=when)
    except Failed as refused:
        assert (good, refused.code) == (BAD, "InvalidAutoReleaseTime.Malformed")
    else:
        assert good


def test_a_subscription_gets_smaller_only_when_it_is_said(world: World) -> None:
    """ModifyPrepayInstanceSpec, OperatorType."""
    client = world.client
    (machine,) = world.running(InstanceType="ecs.g7.xlarge", InstanceChargeType="PrePaid", Period=1)
    client.ecs("StopInstance", InstanceId=machine)
    client.settle()
    smaller = {"InstanceId": machine, "InstanceType": "ecs.g7.large"}
    with pytest.raises(Failed, match="InvalidOperatorType"):
        client.ecs("ModifyPrepayInstanceSpec", **smaller)
    client.ecs("ModifyPrepayInstanceSpec", **smaller, OperatorType="downgrade")


@pytest.mark.parametrize(
    ("level", "size", "good"),
    [("PL0", 1, GOOD), ("PL1", 19, BAD), ("PL1", 20, GOOD), ("PL2", 460, BAD), ("PL2", 461, GOOD), ("PL3", 1260, BAD),
     ("PL3", 1261, GOOD), ("PL1", 65536, GOOD), ("PL1", 65537, BAD)],
)  # fmt: skip
def test_sizes_of_an_essd(client: Client, level: str, size: int, good: bool) -> None:
    """CreateDisk, Size by PerformanceLevel."""
    order = {"ZoneId": "cn-hangzhou-h", "DiskCategory": "cloud_essd", "PerformanceLevel": level, "Size": size}
    assert taken(client, "ecs", "CreateDisk", **order) is good


def test_a_snapshots_term_only_grows(world: World) -> None:
    """ModifySnapshotAttribute, RetentionDays."""
    client = world.client
    (machine,) = world.running()
    (system,) = client.ecs("DescribeDisks", InstanceId=machine)["Disks"]["Disk"]
    made = client.ecs("CreateSnapshot", DiskId=system["DiskId"], RetentionDays=30)["SnapshotId"]
    client.settle()
    assert not taken(client, "ecs", "ModifySnapshotAttribute", SnapshotId=made, RetentionDays=7)
    assert taken(client, "ecs", "ModifySnapshotAttribute", SnapshotId=made, RetentionDays=60)


def test_queues_of_an_interface_wait_for_a_stop(world: World) -> None:
    """ModifyNetworkInterfaceAttribute, QueueNumber: Available, or on a machine that is Stopped."""
    client = world.client
    (machine,) = world.running()
    eni = client.ecs("CreateNetworkInterface", VSwitchId=world.vswitch, SecurityGroupId=world.group)
    named = {"NetworkInterfaceId": eni["NetworkInterfaceId"]}
    client.settle()
    client.ecs("ModifyNetworkInterfaceAttribute", **named, QueueNumber=2)
    client.ecs("AttachNetworkInterface", **named, InstanceId=machine)
    client.settle()
    with pytest.raises(Failed, match="InvalidEcsState"):
        client.ecs("ModifyNetworkInterfaceAttribute", **named, QueueNumber=3)
    client.ecs("ModifyNetworkInterfaceAttribute", **named, QueueNumber=2, Description="unchanged queues")
    client.ecs("StopInstance", InstanceId=machine)
    client.settle()
    client.ecs("ModifyNetworkInterfaceAttribute", **named, QueueNumber=3)


def test_a_disk_that_changes_its_category_takes_nothing_else_meanwhile(client: Client) -> None:
    """ModifyDiskSpec and ModifyDiskAttribute: BurstingEnabled goes on after the change, and off before it is left (the
    official provider)."""
    order = {"ZoneId": "cn-hangzhou-h", "DiskCategory": "cloud_essd", "Size": 40}
    named = {"DiskId": client.ecs("CreateDisk", **order)["DiskId"]}
    client.settle()
    client.ecs("ModifyDiskSpec", **named, DiskCategory="cloud_auto")
    with pytest.raises(Failed, match=r"IncorrectDiskStatus\.Transferring"):
        client.ecs("ModifyDiskAttribute", **named, BurstingEnabled=True)
    client.settle()
    client.ecs("ModifyDiskAttribute", **named, BurstingEnabled=True)
    with pytest.raises(Failed, match="BurstingEnabled"):
        client.ecs("ModifyDiskSpec", **named, DiskCategory="cloud_essd", PerformanceLevel="PL1")
    client.ecs("ModifyDiskAttribute", **named, BurstingEnabled=False)
    client.ecs("ModifyDiskSpec", **named, DiskCategory="cloud_essd", PerformanceLevel="PL1")


def test_tags(world: World) -> None:
    """TagResources: 20 at most, no addresses of web pages, no keys of the system."""
    client, named = world.client, {"ResourceType": "securitygroup", "ResourceId": [world.group]}
    for key, value in (("aliyun-x", "y"), ("acs:foo", "x"), ("http://k", "x"), ("repo", "https://git.example.com")):
        assert not taken(client, "ecs", "TagResources", **named, Tag=[{"Key": key, "Value": value}])
    many = [{"Key": f"k{n}", "Value": ""} for n in range(20)]
    client.ecs("TagResources", **named, Tag=many)
    with pytest.raises(Failed, match="QuotaExceed"):
        client.ecs("TagResources", **named, Tag=[{"Key": "one-more", "Value": ""}])


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"SpotStrategy": "SpotAsPriceGo", "InstanceChargeType": "PrePaid", "Period": 1}, "InvalidSpotPrepaid"),
        ({"SpotStrategy": "SpotAsPriceGo", "SpotPriceLimit": 0.5}, "InvalidSpotPriceLimit"),
        (
            {"SpotStrategy": "SpotWithPriceLimit", "SpotPriceLimit": 0.01},
            "InvalidSpotPriceLimit.LowerThanPublicPrice",
        ),
        ({"SpotStrategy": "SpotAsPriceGo", "SpotDuration": 2}, "InvalidSpotDuration"),
        ({"RamRoleName": "web role"}, "InvalidRamRole.NotFound"),
        ({"HostName": "we_b"}, "InvalidHostName.Malformed"),
        ({"InternetMaxBandwidthOut": 101}, "InvalidInternetMaxBandwidthOut.Malformed"),
        ({"Ipv6AddressCount": 1}, "InvalidOperation.Ipv6NotSupport"),
    ],
)
def test_orders_of_machines_that_cannot_be(world: World, order: dict[str, Any], code: str) -> None:
    """RunInstances: the parameters' descriptions, and the error codes of its page."""
    with pytest.raises(Failed) as refused:
        world.run(**order)
    assert refused.value.code == code


def test_a_machine_is_made_with_ipv6_addresses(client: Client) -> None:
    """RunInstances, Ipv6AddressCount and Ipv6Address.N: of the primary interface."""
    vpc = client.vpc("CreateVpc", CidrBlock="10.0.0.0/16", EnableIpv6=True)["VpcId"]
    client.settle()
    place = {"VpcId": vpc, "ZoneId": "cn-hangzhou-h"}
    vswitch = client.vpc("CreateVSwitch", CidrBlock="10.0.1.0/24", Ipv6CidrBlock=1, **place)["VSwitchId"]
    group = client.ecs("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    client.settle()
    image = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
    order = {"VSwitchId": vswitch, "SecurityGroupId": group, "InstanceType": "ecs.g7.large", "ImageId": image}
    (machine,) = client.ecs("RunInstances", Ipv6AddressCount=2, **order)["InstanceIdSets"]["InstanceIdSet"]
    client.settle()
    (eni,) = client.ecs("DescribeNetworkInterfaces", InstanceId=machine)["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    held = [one["Ipv6Address"] for one in eni["Ipv6Sets"]["Ipv6Set"]]
    assert len(held) == 2
    with pytest.raises(Failed, match=r"InvalidIp\.IpAssigned"):
        client.ecs("RunInstances", Ipv6Address=held[:1], **order)
    with pytest.raises(Failed, match=r"InvalidParameter\.Conflict"):
        client.ecs("RunInstances", Ipv6Address=[held[0][:-1] + "f"], Amount=2, **order)


def test_tag_values_of_a_network_and_of_a_public_address(client: Client) -> None:
    """Tag.N.Value of CreateVpc: no acs: or aliyun in front; of AllocateEipAddress: not empty."""
    for value in ("acs:x", "aliyun"):
        assert not taken(client, "vpc", "CreateVpc", Tag=[{"Key": "k", "Value": value}])
    assert taken(client, "vpc", "CreateVpc", Tag=[{"Key": "k", "Value": ""}])
    assert not taken(client, "vpc", "AllocateEipAddress", Tag=[{"Key": "k", "Value": ""}])
    eip = client.vpc("AllocateEipAddress")["AllocationId"]
    client.vpc("TagResources", ResourceType="EIP", ResourceId=[eip], Tag=[{"Key": "k", "Value": ""}])
