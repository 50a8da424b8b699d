"""What must hold before a write, family by family, and the code that the service refuses with."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from .client import Client, Failed, World, stamp

PL2 = {"PerformanceLevel": "PL2"}
IMAGE = "ubuntu_24_04_x64_20G_alibase_20240812.vhd"


def code(client: Client, product: str, action: str, **params: Any) -> Any:
    try:
        client.call(product, action, **params)
    except Failed as refused:
        return refused.code
    return None


def one(client: Client, action: str, *path: str, **params: Any) -> Any:
    body: Any = client.ecs(action, **params)
    for part in path:
        body = body[part]
    return body[0]


# Networks


def test_a_vswitch_needs_its_vpc_ready_its_zone_and_its_own_block(client: Client) -> None:
    vpc = client.vpc("CreateVpc", CidrBlock="10.0.0.0/8")["VpcId"]
    order = {"VpcId": vpc, "ZoneId": "cn-hangzhou-h", "CidrBlock": "10.0.0.0/24"}
    assert code(client, "vpc", "CreateVSwitch", **order) == "IncorrectVpcStatus"
    client.settle()
    assert code(client, "vpc", "CreateVSwitch", **{**order, "ZoneId": "cn-beijing-h"}) == "InvalidZoneId.NotFound"
    assert (
        code(client, "vpc", "CreateVSwitch", **{**order, "CidrBlock": "192.168.0.0/24"}) == "InvalidCidrBlock.NotInVpc"
    )
    assert code(client, "vpc", "CreateVSwitch", **{**order, "CidrBlock": "10.0.0.0/30"}) == "InvalidCidrBlock.Malformed"
    client.vpc("CreateVSwitch", **order)
    assert code(client, "vpc", "CreateVSwitch", **{**order, "CidrBlock": "10.0.1.0/24"}) == "TaskConflict"
    client.settle()
    assert code(client, "vpc", "CreateVSwitch", **order) == "InvalidCidrBlock.Overlapped"
    assert code(client, "vpc", "DeleteVpc", VpcId=vpc) == "DependencyViolation.VSwitch"


def test_a_machine_is_born_with_as_many_interfaces_as_its_type_takes(world: World) -> None:
    more = [{"InstanceType": "Secondary"}] * 3
    with pytest.raises(Failed, match="EniPerInstanceLimitExceeded"):
        world.run(InstanceType="ecs.g7.large", NetworkInterface=more)
    assert world.run(InstanceType="ecs.g7.xlarge", NetworkInterface=more)


def test_a_vswitch_is_used_when_it_is_available(world: World) -> None:
    client = world.client
    fresh = client.vpc("CreateVSwitch", VpcId=world.vpc, CidrBlock="10.1.0.0/24", ZoneId=world.zone)["VSwitchId"]
    with pytest.raises(Failed, match="IncorrectVSwitchStatus"):
        world.run(VSwitchId=fresh)
    client.settle()
    assert world.run(VSwitchId=fresh)
    assert code(client, "vpc", "DeleteVSwitch", VSwitchId=fresh) == "DependencyViolation"


def test_addresses_stay_inside_of_the_vswitch(world: World) -> None:
    client = world.client
    small = client.vpc("CreateVSwitch", VpcId=world.vpc, CidrBlock="10.9.0.0/29", ZoneId=world.zone)["VSwitchId"]
    client.settle()
    ids = world.run(VSwitchId=small, Amount=3)
    rows = client.ecs("DescribeInstances", InstanceIds=json.dumps(ids))["Instances"]["Instance"]
    addresses = {row["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0] for row in rows}
    assert addresses == {"10.9.0.1", "10.9.0.2", "10.9.0.3"}
    with pytest.raises(Failed, match=r"QuotaExceeded\.PrivateIpAddress"):
        world.run(VSwitchId=small, Amount=2)
    assert client.ecs("DescribeInstances")["TotalCount"] == 3
    with pytest.raises(Failed, match=r"QuotaExceeded\.PrivateIpAddress"):
        world.run(VSwitchId=small, Amount=3, MinAmount=2)
    assert len(world.run(VSwitchId=small, Amount=3, MinAmount=1)) == 1
    assert client.vpc("DescribeVSwitches", VSwitchId=small)["VSwitches"]["VSwitch"][0]["AvailableIpAddressCount"] == 0
    with pytest.raises(Failed, match=r"InvalidPrivateIpAddress\.Duplicated"):
        world.run(VSwitchId=small, PrivateIpAddress="10.9.0.2")
    with pytest.raises(Failed, match=r"InvalidPrivateIpAddress\.Malformed"):
        world.run(VSwitchId=small, PrivateIpAddress="10.9.0.6")


def test_an_eip_is_bound_to_one_thing_that_has_no_address_yet(world: World) -> None:
    client = world.client
    with_address, plain = world.run(InternetMaxBandwidthOut=5), world.run()
    eip = client.vpc("AllocateEipAddress", Bandwidth="5")["AllocationId"]
    bind = {"AllocationId": eip, "InstanceId": plain[0]}
    assert code(client, "vpc", "AssociateEipAddress", **bind) == "IncorrectInstanceStatus"
    client.settle()
    busy = {**bind, "InstanceId": with_address[0]}
    assert code(client, "vpc", "AssociateEipAddress", **busy) == "InvalidStatus.InstanceHasBandWidth"
    client.vpc("AssociateEipAddress", **bind)
    assert code(client, "vpc", "AssociateEipAddress", **bind) == "IncorrectEipStatus"
    client.settle()
    assert code(client, "vpc", "ReleaseEipAddress", AllocationId=eip) == "IncorrectEipStatus"
    second = client.vpc("AllocateEipAddress")["AllocationId"]
    again = {"AllocationId": second, "InstanceId": plain[0]}
    assert code(client, "vpc", "AssociateEipAddress", **again) == "InvalidAssociation.Duplicated"
    client.ecs("DeleteInstances", InstanceId=plain, Force=True)
    client.settle()
    assert (
        client.vpc("DescribeEipAddresses", AllocationId=eip)["EipAddresses"]["EipAddress"][0]["Status"] == "Available"
    )


@pytest.mark.parametrize(
    ("order", "refused"),
    [
        ({"Bandwidth": "201", "InternetChargeType": "PayByTraffic"}, "InvalidBandwidth.ValueNotSupported"),
        ({"Bandwidth": "fast"}, "InvalidBandwidth.ValueNotSupported"),
        ({"InstanceChargeType": "PrePaid", "InternetChargeType": "PayByTraffic"}, "InvalidInternetChargeType"),
        ({"InstanceChargeType": "Free"}, "InvalidInstanceChargeType.ValueNotSupported"),
    ],
)
def test_bad_eip_orders(client: Client, order: dict[str, str], refused: str) -> None:
    assert code(client, "vpc", "AllocateEipAddress", **order) == refused


def test_a_subscription_eip_is_not_released(client: Client) -> None:
    eip = client.vpc("AllocateEipAddress", InstanceChargeType="PrePaid", Period=1, PricingCycle="Month", AutoPay=True)[
        "AllocationId"
    ]
    assert code(client, "vpc", "ReleaseEipAddress", AllocationId=eip) == "ChargeTypeViolation"


# Security groups


def permission(**more: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "PortRange": "80/80", "SourceCidrIp": "0.0.0.0/0", **more}


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        (permission(PortRange="80"), "InvalidParam.PortRange"),
        (permission(PortRange="-1/-1"), "InvalidParam.PortRange"),
        (permission(IpProtocol="icmp"), "InvalidParam.PortRange"),
        (permission(Priority="0"), "InvalidPriority.ValueNotSupported"),
        (permission(Policy="maybe"), "InvalidPolicy.Malformed"),
        (permission(IpProtocol="xyz"), "InvalidIpProtocol.ValueNotSupported"),
        (permission(SourceCidrIp="10.0.0"), "InvalidSourceCidrIp.Malformed"),
        (permission(SourceCidrIp=None), "MissingParameter.Source"),
        (permission(SourceCidrIp=None, SourceGroupId="sg-none"), "InvalidSourceGroupId.NotFound"),
    ],
)
def test_bad_rules_are_refused_as_a_whole(world: World, rule: dict[str, Any], refused: str) -> None:
    both = {"SecurityGroupId": world.group, "Permissions": [permission(), rule]}
    assert code(world.client, "ecs", "AuthorizeSecurityGroup", **both) == refused
    body = world.client.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=world.group)
    assert body["Permissions"]["Permission"] == []


def test_an_equal_rule_adds_nothing_and_a_missing_one_is_no_error(world: World) -> None:
    client, params = world.client, {"SecurityGroupId": world.group}
    client.ecs("AuthorizeSecurityGroup", **params, Permissions=[permission(SourceCidrIp="10.0.0.7/32")])
    same = permission(SourceCidrIp="10.0.0.7", IpProtocol="TCP", Policy="Accept", Description="other words")
    client.ecs("AuthorizeSecurityGroup", **params, Permissions=[same])
    rules = client.ecs("DescribeSecurityGroupAttribute", **params)["Permissions"]["Permission"]
    assert [(r["SourceCidrIp"], r["IpProtocol"], r["Policy"]) for r in rules] == [("10.0.0.7", "TCP", "Accept")]
    client.ecs("RevokeSecurityGroup", **params, Permissions=[permission(PortRange="81/81")])
    by_id = {**params, "SecurityGroupRuleId": ["sgr-none"]}
    assert code(client, "ecs", "RevokeSecurityGroup", **by_id) == "InvalidParam.SecurityGroupRuleId"
    client.ecs("RevokeSecurityGroup", **params, Permissions=[same])
    assert client.ecs("DescribeSecurityGroupAttribute", **params)["Permissions"]["Permission"] == []


def test_a_rules_kind_of_source_is_fixed(world: World) -> None:
    client, params = world.client, {"SecurityGroupId": world.group}
    client.ecs("AuthorizeSecurityGroup", **params, Permissions=[permission(), permission(PortRange="81/81")])
    rules = client.ecs("DescribeSecurityGroupAttribute", **params)["Permissions"]["Permission"]
    rule = {**params, "SecurityGroupRuleId": rules[0]["SecurityGroupRuleId"]}
    change = {**rule, "Ipv6SourceCidrIp": "::/0"}
    assert code(client, "ecs", "ModifySecurityGroupRule", **change) == "InvalidOperation.SourceTypeChange"
    assert (
        code(client, "ecs", "ModifySecurityGroupRule", **rule, PortRange="81/81") == "InvalidOperation.RuleDuplicated"
    )
    client.ecs("ModifySecurityGroupRule", **rule, SourceCidrIp="10.0.0.0/8", Priority="7")
    changed = client.ecs("DescribeSecurityGroupAttribute", **params)["Permissions"]["Permission"][0]
    assert (changed["SecurityGroupRuleId"], changed["SourceCidrIp"], changed["Priority"]) == (
        rules[0]["SecurityGroupRuleId"], "10.0.0.0/8", "7",
    )  # fmt: skip


def test_an_advanced_group_is_closed_and_refers_to_no_group(world: World) -> None:
    client = world.client
    group = client.ecs("CreateSecurityGroup", VpcId=world.vpc, SecurityGroupType="enterprise")["SecurityGroupId"]
    assert client.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=group)["InnerAccessPolicy"] == "Drop"
    change = {"SecurityGroupId": group, "InnerAccessPolicy": "Accept"}
    assert code(client, "ecs", "ModifySecurityGroupPolicy", **change) == "InvalidParameter.InnerAccessPolicy"
    rule = {"SecurityGroupId": group, "Permissions": [permission(SourceCidrIp=None, SourceGroupId=world.group)]}
    assert code(client, "ecs", "AuthorizeSecurityGroup", **rule) == "InvalidOperation.EnterpriseGroup"
    (id_,) = world.running()
    mixed = {"InstanceId": id_, "SecurityGroupIds": [world.group, group]}
    assert code(client, "ecs", "ModifyInstanceAttribute", **mixed) == "InvalidSecurityGroup.TypeMismatch"


# Instances


def test_what_needs_a_stopped_instance(world: World) -> None:
    client = world.client
    (id_,) = world.running()
    wanted = "IncorrectInstanceStatus"
    bigger = {"InstanceId": id_, "InstanceType": "ecs.g7.xlarge"}
    assert code(client, "ecs", "ModifyInstanceSpec", **bigger) == "InvalidInstanceStatus.NotStopped"
    assert code(client, "ecs", "ReplaceSystemDisk", InstanceId=id_, ImageId=IMAGE) == wanted
    assert code(client, "ecs", "ModifyInstanceVpcAttribute", InstanceId=id_, VSwitchId=world.vswitch) == wanted
    assert code(client, "ecs", "StartInstance", InstanceId=id_) == wanted
    client.ecs("StopInstance", InstanceId=id_)
    assert code(client, "ecs", "StartInstance", InstanceId=id_) == wanted
    client.settle()
    client.ecs("ModifyInstanceSpec", InstanceId=id_, InstanceType="ecs.g7.xlarge")
    before = one(client, "DescribeDisks", "Disks", "Disk", InstanceId=id_)["DiskId"]
    after = client.ecs("ReplaceSystemDisk", InstanceId=id_, ImageId=IMAGE)["DiskId"]
    assert before != after
    assert one(client, "DescribeDisks", "Disks", "Disk", InstanceId=id_)["DiskId"] == after


@pytest.mark.parametrize(
    ("order", "refused"),
    [
        ({"InstanceType": "ecs.none"}, "InvalidInstanceType.ValueNotSupported"),
        ({"InstanceType": "ecs.g8y.large"}, "ImageNotSupportInstanceType"),
        ({"ImageFamily": "acs:none"}, "InvalidImageFamily.NotFound"),
        ({"SystemDisk": {"Category": "cloud_efficiency"}}, "InvalidSystemDiskCategory.ValueNotSupported"),
        ({"SystemDisk": {"Size": "19"}}, "InvalidSystemDiskSize.LessThanImageSize"),
        ({"DataDisk": [{"Size": 10, "Category": "cloud_essd"}]}, "InvalidDataDiskSize.ValueNotSupported"),
        ({"DataDisk": [{"Size": 400, "Category": "cloud_essd", **PL2}]}, "InvalidDataDiskSize.ValueNotSupported"),
        ({"Password": "short"}, "InvalidPassword.Malformed"),
        ({"KeyPairName": "none"}, "InvalidKeyPairName.NotFound"),
        ({"InstanceName": "1st"}, "InvalidInstanceName.Malformed"),
        ({"Amount": 101}, "InvalidParameter"),
        ({"ZoneId": "cn-hangzhou-i"}, "InvalidParameter.Conflict"),
        ({"InstanceChargeType": "PrePaid"}, "MissingParameter"),
        ({"AutoReleaseTime": "2020-01-01T00:00:00Z"}, "InvalidAutoReleaseTime.Malformed"),
    ],
)  # fmt: skip
def test_bad_orders_make_nothing(world: World, order: dict[str, Any], refused: str) -> None:
    with pytest.raises(Failed) as failed:
        world.run(**order)
    assert failed.value.code == refused
    for action in ("DescribeInstances", "DescribeDisks", "DescribeNetworkInterfaces"):
        assert world.client.ecs(action)["TotalCount"] == 0


def test_protection_and_automatic_release(world: World) -> None:
    client = world.client
    (id_,) = world.running(DeletionProtection=True)
    assert code(client, "ecs", "DeleteInstance", InstanceId=id_, Force=True) == "InvalidOperation.DeletionProtection"
    later = client.service.clock.now() + 7200
    client.ecs("ModifyInstanceAutoReleaseTime", InstanceId=id_, AutoReleaseTime=stamp(later))
    shown = one(client, "DescribeInstances", "Instances", "Instance")["AutoReleaseTime"]
    assert shown == stamp(later)[:16] + "Z"
    client.service.clock.sleep(7300)
    assert client.ecs("DescribeInstances")["TotalCount"] == 0


def test_bandwidth_and_public_addresses(world: World) -> None:
    client = world.client
    (id_,) = world.running()

    def address() -> list[str]:
        return list(one(client, "DescribeInstances", "Instances", "Instance")["PublicIpAddress"]["IpAddress"])

    zero = code(client, "ecs", "AllocatePublicIpAddress", InstanceId=id_)
    assert zero == "InvalidInternetMaxBandwidthOut.ValueIsZero"
    client.ecs("ModifyInstanceNetworkSpec", InstanceId=id_, InternetMaxBandwidthOut=5)
    assert address() == []
    given = client.ecs("AllocatePublicIpAddress", InstanceId=id_)["IpAddress"]
    assert address() == [given]
    client.ecs("ConvertNatPublicIpToEip", InstanceId=id_)
    assert address() == []
    assert client.vpc("DescribeEipAddresses")["EipAddresses"]["EipAddress"][0]["IpAddress"] == given


def test_an_address_is_converted_once_and_comes_without_a_name_or_tags(world: World) -> None:
    client = world.client
    (id_,) = world.running()
    assert code(client, "ecs", "ConvertNatPublicIpToEip", InstanceId=id_) == "InvalidInstance.NoPublicIp"
    client.ecs("ModifyInstanceNetworkSpec", InstanceId=id_, InternetMaxBandwidthOut=7, AllocatePublicIp=True)
    assert list(client.ecs("ConvertNatPublicIpToEip", InstanceId=id_)) == ["RequestId"]
    of_it = {"AssociatedInstanceId": id_, "AssociatedInstanceType": "EcsInstance"}
    (eip,) = client.vpc("DescribeEipAddresses", **of_it)["EipAddresses"]["EipAddress"]
    assert (eip["Status"], eip["InstanceId"], eip["Bandwidth"], eip["ChargeType"]) == ("InUse", id_, "7", "PostPaid")
    assert (eip["Name"], eip["Tags"]["Tag"]) == ("", [])
    assert code(client, "ecs", "ConvertNatPublicIpToEip", InstanceId=id_) == "InvalidStatus.InstanceHasEip"


@pytest.mark.parametrize(
    ("traffic", "hours", "refused"),
    [
        ("PayByBandwidth", 0, "InvalidInternetChargeType"),
        ("PayByTraffic", 0, None),
        ("PayByTraffic", 30 * 24 - 23, "InvalidInstance.ExpireSoon"),
    ],
)
def test_the_address_of_a_subscription_is_converted_if_it_is_paid_by_traffic_and_lives_on(
    world: World, traffic: str, hours: int, refused: str | None
) -> None:
    client = world.client
    order = {"InternetMaxBandwidthOut": 5, "InternetChargeType": traffic, "InstanceChargeType": "PrePaid"}
    (id_,) = world.run(**order, Period=1, PeriodUnit="Month")
    client.settle()
    client.service.clock.sleep(hours * 3600)
    assert code(client, "ecs", "ConvertNatPublicIpToEip", InstanceId=id_) == refused


# Disks, snapshots, images


def test_a_disk_is_attached_where_it_fits(world: World) -> None:
    client = world.client
    (id_,) = world.run()
    disk = client.ecs("CreateDisk", ZoneId=world.zone, Size=40, DiskCategory="cloud_essd")["DiskId"]
    far = client.ecs("CreateDisk", ZoneId="cn-hangzhou-i", Size=40, DiskCategory="cloud_essd")["DiskId"]
    attach = {"DiskId": disk, "InstanceId": id_}
    assert code(client, "ecs", "AttachDisk", **attach) == "IncorrectDiskStatus.Initializing"
    client.service.clock.sleep(1.1)
    assert code(client, "ecs", "AttachDisk", **attach) == "IncorrectInstanceStatus"
    client.settle()
    assert code(client, "ecs", "AttachDisk", DiskId=far, InstanceId=id_) == "InstanceDiskZone.Mismatch"
    client.ecs("AttachDisk", **attach)
    assert code(client, "ecs", "DetachDisk", **attach) == "IncorrectDiskStatus"
    client.settle()
    assert code(client, "ecs", "DeleteDisk", DiskId=disk) == "IncorrectDiskStatus"
    client.ecs("DetachDisk", **attach)
    client.settle()
    assert code(client, "ecs", "DetachDisk", **attach) == "InvalidDisk.AlreadyDetached"
    client.ecs("DeleteDisk", DiskId=disk)
    assert code(client, "ecs", "DeleteDisk", DiskId=disk) == "InvalidDiskId.NotFound"


def test_disks_only_grow_and_levels_need_size(client: Client) -> None:
    disk = client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, DiskCategory="cloud_essd")["DiskId"]
    client.settle()
    assert code(client, "ecs", "ResizeDisk", DiskId=disk, NewSize=40) == "InvalidDiskSize.TooSmall"
    assert (
        code(client, "ecs", "ModifyDiskSpec", DiskId=disk, PerformanceLevel="PL3")
        == "OperationDenied.PerformanceLevelNotMatch"
    )
    client.ecs("ResizeDisk", DiskId=disk, NewSize=1300)
    client.ecs("ModifyDiskSpec", DiskId=disk, PerformanceLevel="PL3")
    assert (
        code(client, "ecs", "ModifyDiskAttribute", DiskId=disk, BurstingEnabled=True) == "InvalidParameter.NotSupported"
    )


def test_snapshots_are_held_by_images_and_disks(world: World) -> None:
    client = world.client
    (id_,) = world.running()
    image = client.ecs("CreateImage", InstanceId=id_, ImageName="golden")["ImageId"]
    client.settle()
    assert code(client, "ecs", "CreateImage", InstanceId=id_, ImageName="golden") == "InvalidImageName.Duplicated"
    snapshot = one(client, "DescribeSnapshots", "Snapshots", "Snapshot")
    assert snapshot["Usage"] == "image"
    assert (
        code(client, "ecs", "DeleteSnapshot", SnapshotId=snapshot["SnapshotId"], Force=True) == "SnapshotCreatedImage"
    )
    copy = world.run(ImageId=image, ImageFamily=None)
    assert code(client, "ecs", "DeleteImage", ImageId=image) == "ImageUsingByInstance"
    client.ecs("DeleteImage", ImageId=image, Force=True)
    assert copy
    order = {"ZoneId": world.zone, "DiskCategory": "cloud_essd", "SnapshotId": snapshot["SnapshotId"]}
    client.ecs("CreateDisk", **order)
    assert code(client, "ecs", "DeleteSnapshot", SnapshotId=snapshot["SnapshotId"]) == "SnapshotCreatedDisk"
    client.ecs("DeleteSnapshot", SnapshotId=snapshot["SnapshotId"], Force=True)
    client.ecs("DeleteSnapshot", SnapshotId=snapshot["SnapshotId"])


def test_a_snapshot_ends_when_its_days_are_over(world: World) -> None:
    (id_,) = world.running()
    disk = one(world.client, "DescribeDisks", "Disks", "Disk", InstanceId=id_)["DiskId"]
    world.client.ecs("CreateSnapshot", DiskId=disk, RetentionDays=2)
    world.client.service.clock.sleep(2 * 86400 - 10)
    assert world.client.ecs("DescribeSnapshots")["TotalCount"] == 1
    world.client.service.clock.sleep(20)
    assert world.client.ecs("DescribeSnapshots")["TotalCount"] == 0


def test_images_hide_until_they_are_available(world: World) -> None:
    client = world.client
    (id_,) = world.running()
    image = client.ecs("CreateImage", InstanceId=id_)["ImageId"]
    for status, shown in ((None, 0), ("Creating", 1), ("Creating,Available", 1)):
        params = {"ImageId": image, **({"Status": status} if status else {})}
        assert client.ecs("DescribeImages", **params)["TotalCount"] == shown
    with pytest.raises(Failed, match="ImageNotReady"):
        world.run(ImageId=image, ImageFamily=None)
    client.settle()
    client.ecs("ModifyImageAttribute", ImageId=image, Status="Deprecated")
    assert client.ecs("DescribeImages", ImageId=image)["TotalCount"] == 0


# Interfaces and key pairs


def test_interfaces_come_and_go(world: World) -> None:
    client = world.client
    (id_,) = world.running()
    order = {"VSwitchId": world.vswitch, "SecurityGroupId": world.group}
    enis = [client.ecs("CreateNetworkInterface", **order)["NetworkInterfaceId"] for _ in range(3)]
    client.settle()
    for eni in enis[:2]:
        client.ecs("AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId=id_)
    full = code(client, "ecs", "AttachNetworkInterface", NetworkInterfaceId=enis[2], InstanceId=id_)
    assert full == "EniPerInstanceLimitExceeded"
    client.settle()
    assert (
        code(client, "ecs", "DeleteNetworkInterface", NetworkInterfaceId=enis[0]) == "InvalidOperation.InvalidEniState"
    )
    primary = next(e for e in client.service.account.where("eni", "InstanceId", id_) if e["Type"] == "Primary")
    detach = {"NetworkInterfaceId": primary.id, "InstanceId": id_}
    assert code(client, "ecs", "DetachNetworkInterface", **detach) == "InvalidOperation.InvalidEniType"
    client.ecs("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=enis[0], DeleteOnRelease=False)
    client.ecs("DeleteInstance", InstanceId=id_, Force=True)
    client.settle()
    left = client.ecs("DescribeNetworkInterfaces")["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    assert {(e["NetworkInterfaceId"], e["Status"]) for e in left} == {(enis[0], "Available"), (enis[2], "Available")}


def test_a_key_pairs_name_is_unique_in_its_region(client: Client) -> None:
    made = client.ecs("ImportKeyPair", KeyPairName="mine", PublicKeyBody="ssh-rsa AAAAB3NzaC1yc2E= me@here")
    assert made["KeyPairFingerPrint"] == hashlib.md5(base64.b64decode("AAAAB3NzaC1yc2E=")).hexdigest()
    assert code(client, "ecs", "CreateKeyPair", KeyPairName="mine") == "KeyPair.AlreadyExist"
    client.ecs("CreateKeyPair", KeyPairName="mine", RegionId="cn-beijing")
    bad = {"KeyPairName": "other", "PublicKeyBody": "not a key"}
    assert code(client, "ecs", "ImportKeyPair", **bad) == "InvalidPublicKeyBody.Malformed"
    client.ecs("DeleteKeyPairs", KeyPairNames='["mine", "none"]')
    assert client.ecs("DescribeKeyPairs")["TotalCount"] == 0
