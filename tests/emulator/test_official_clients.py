"""The official SDKs, as they are (V3 signature): every family is made, read, changed and deleted through them.

After each call the SDK's own model of the answer must hold exactly what was on the wire.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"

from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.exceptions import DaraException

from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.service import HttpRequest, HttpResponse, Service
from ecsplan.emulator.testing import running_emulator

from .client import CONTROL

REGION, ZONE = "cn-hangzhou", "cn-hangzhou-h"


class Sdk:
    """Both SDKs behind one call: the action's name and the wire's parameter names."""

    def __init__(self, server: EmulatorServer) -> None:
        address = server.url.removeprefix("http://")
        config = Config(
            access_key_id="emulator",
            access_key_secret="emulator-secret",
            endpoint=address,
            protocol="http",
            region_id=REGION,
        )
        self.clients = {"ecs": (EcsClient(config), ecs_models), "vpc": (VpcClient(config), vpc_models)}
        self.bodies: list[bytes] = []
        self.service = server.service
        original = server.service.handle

        def recorded(request: HttpRequest) -> HttpResponse:
            response = original(request)
            self.bodies.append(response.body)
            return response

        server.service.handle = recorded  # type: ignore[method-assign]

    def call(self, product: str, action: str, **params: Any) -> dict[str, Any]:
        client, models = self.clients[product]
        model = getattr(models, f"{action}Request")
        if "RegionId" in model().to_map() or hasattr(model(), "region_id"):
            params.setdefault("RegionId", REGION)
        request = model().from_map(params)
        method = getattr(client, method_name(client, action))
        response = method(request)
        wire = json.loads(self.bodies[-1])
        assert response.body.to_map() == wire, action
        return wire

    def ecs(self, action: str, **params: Any) -> dict[str, Any]:
        return self.call("ecs", action, **params)

    def vpc(self, action: str, **params: Any) -> dict[str, Any]:
        return self.call("vpc", action, **params)

    def settle(self) -> None:
        """On the account's clock; the SDK signs with the wall's."""
        advance(self.service)


def advance(service: Service) -> None:
    service.handle(HttpRequest("POST", "/_emulator/clock", CONTROL, b'{"advance": 10}'))


def method_name(client: Any, action: str) -> str:
    plain = action.lower()
    return next(name for name in dir(client) if name.replace("_", "") == plain)


@pytest.fixture
def sdk() -> Iterator[Sdk]:
    with running_emulator(settle=1.0, seed="sdk") as server:
        yield Sdk(server)


@pytest.fixture
def network(sdk: Sdk) -> dict[str, str]:
    vpc = sdk.vpc("CreateVpc", CidrBlock="10.0.0.0/8", VpcName="main", EnableIpv6=True)["VpcId"]
    sdk.settle()
    vswitch = sdk.vpc("CreateVSwitch", VpcId=vpc, CidrBlock="10.0.0.0/16", ZoneId=ZONE, Ipv6CidrBlock=1)["VSwitchId"]
    sdk.settle()
    group = sdk.ecs("CreateSecurityGroup", VpcId=vpc, SecurityGroupName="web")["SecurityGroupId"]
    return {"VpcId": vpc, "VSwitchId": vswitch, "SecurityGroupId": group}


def make(sdk: Sdk, network: dict[str, str], **more: Any) -> str:
    order = {"InstanceType": "ecs.g7.large", "ImageFamily": "acs:ubuntu_22_04_x64", **more}
    order |= {"VSwitchId": network["VSwitchId"], "SecurityGroupId": network["SecurityGroupId"]}
    (id_,) = sdk.ecs("RunInstances", **order)["InstanceIdSets"]["InstanceIdSet"]
    sdk.settle()
    return str(id_)


def test_places(sdk: Sdk) -> None:
    assert sdk.ecs("DescribeRegions")["Regions"]["Region"]
    assert sdk.ecs("DescribeZones")["Zones"]["Zone"]
    types = sdk.ecs("DescribeInstanceTypes", InstanceTypes=["ecs.g7.large"])["InstanceTypes"]["InstanceType"]
    assert types[0]["CpuCoreCount"] == 2
    assert sdk.ecs("DescribeInstanceTypeFamilies")
    assert sdk.vpc("DescribeRegions")
    assert sdk.vpc("DescribeZones")
    assert sdk.ecs("DescribeAccountAttributes", AttributeName=["max-security-groups"])
    assert sdk.ecs("DescribeAvailableResource", DestinationResource="InstanceType", ZoneId=ZONE)
    price = sdk.ecs("DescribePrice", ResourceType="instance", InstanceType="ecs.g7.large")
    assert price["PriceInfo"]["Price"]["TradePrice"] > 0


def test_vpcs_and_vswitches(sdk: Sdk, network: dict[str, str]) -> None:
    vpc, vswitch = network["VpcId"], network["VSwitchId"]
    sdk.vpc("ModifyVpcAttribute", VpcId=vpc, VpcName="renamed", Description="a network")
    assert sdk.vpc("DescribeVpcs", VpcId=vpc)["Vpcs"]["Vpc"][0]["VpcName"] == "renamed"
    assert sdk.vpc("DescribeVpcAttribute", VpcId=vpc)["Description"] == "a network"
    sdk.vpc("AssociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="172.16.0.0/16")
    sdk.vpc("UnassociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="172.16.0.0/16")
    sdk.vpc("ModifyVSwitchAttribute", VSwitchId=vswitch, VSwitchName="app")
    assert sdk.vpc("DescribeVSwitches", VpcId=vpc)["VSwitches"]["VSwitch"][0]["VSwitchName"] == "app"
    assert sdk.vpc("DescribeVSwitchAttributes", VSwitchId=vswitch)["AvailableIpAddressCount"] == 65532
    sdk.vpc("TagResources", ResourceType="VPC", ResourceId=[vpc], Tag=[{"Key": "a", "Value": "b"}])
    assert sdk.vpc("ListTagResources", ResourceType="VPC", ResourceId=[vpc])["TagResources"]["TagResource"]
    sdk.vpc("UnTagResources", ResourceType="VPC", ResourceId=[vpc], TagKey=["a"])
    sdk.vpc("MoveResourceGroup", ResourceType="VPC", ResourceId=vpc, NewResourceGroupId="rg-1")
    sdk.ecs("DeleteSecurityGroup", SecurityGroupId=network["SecurityGroupId"])
    sdk.vpc("DeleteVSwitch", VSwitchId=vswitch)
    sdk.settle()
    sdk.vpc("DeleteVpc", VpcId=vpc)
    sdk.settle()
    assert sdk.vpc("DescribeVpcs")["TotalCount"] == 0


def test_routes(sdk: Sdk, network: dict[str, str]) -> None:
    instance = make(sdk, network)
    table = sdk.vpc("CreateRouteTable", VpcId=network["VpcId"], RouteTableName="custom")["RouteTableId"]
    sdk.settle()
    sdk.vpc("ModifyRouteTableAttributes", RouteTableId=table, Description="ours")
    sdk.vpc("AssociateRouteTable", RouteTableId=table, VSwitchId=network["VSwitchId"])
    entry = sdk.vpc(
        "CreateRouteEntry", RouteTableId=table, DestinationCidrBlock="192.168.0.0/24", NextHopType="Instance",
        NextHopId=instance,
    )["RouteEntryId"]  # fmt: skip
    sdk.settle()
    rows = sdk.vpc("DescribeRouteEntryList", RouteTableId=table, RouteEntryType="Custom")["RouteEntrys"]["RouteEntry"]
    assert [row["RouteEntryId"] for row in rows] == [entry]
    with pytest.raises(DaraException, match=r"DependencyViolation\.RouteEntry"):
        sdk.ecs("DeleteInstance", InstanceId=instance, Force=True)
    assert sdk.vpc("DescribeRouteTables")["RouteTables"]["RouteTable"]
    assert sdk.vpc("DescribeRouteTableList")["TotalCount"] == 2
    assert sdk.vpc("DescribeVRouters")["TotalCount"] == 1
    sdk.vpc("ModifyRouteEntry", RouteEntryId=entry, RouteEntryName="out")
    sdk.vpc("DeleteRouteEntry", RouteEntryId=entry)
    sdk.settle()
    sdk.vpc("UnassociateRouteTable", RouteTableId=table, VSwitchId=network["VSwitchId"])
    sdk.vpc("DeleteRouteTable", RouteTableId=table)


def test_eips(sdk: Sdk, network: dict[str, str]) -> None:
    instance = make(sdk, network)
    eip = sdk.vpc("AllocateEipAddress", Bandwidth="10", InternetChargeType="PayByTraffic", Name="out")["AllocationId"]
    sdk.vpc("ModifyEipAddressAttribute", AllocationId=eip, Bandwidth="20", Description="the way out")
    sdk.vpc("AssociateEipAddress", AllocationId=eip, InstanceId=instance)
    assert sdk.vpc("DescribeEipAddresses", AllocationId=eip)["EipAddresses"]["EipAddress"][0]["Status"] == "Associating"
    sdk.settle()
    row = sdk.ecs("DescribeInstances", InstanceIds=json.dumps([instance]))["Instances"]["Instance"][0]
    assert row["EipAddress"]["AllocationId"] == eip
    sdk.vpc("DeletionProtection", InstanceId=eip, Type="EIP", ProtectionEnable=True)
    sdk.vpc("UnassociateEipAddress", AllocationId=eip)
    sdk.settle()
    with pytest.raises(DaraException, match="DeletionProtection"):
        sdk.vpc("ReleaseEipAddress", AllocationId=eip)
    sdk.vpc("DeletionProtection", InstanceId=eip, Type="EIP", ProtectionEnable=False)
    sdk.vpc("ReleaseEipAddress", AllocationId=eip)
    assert sdk.vpc("DescribeEipAddresses")["TotalCount"] == 0


def test_security_groups(sdk: Sdk, network: dict[str, str]) -> None:
    group = network["SecurityGroupId"]
    other = sdk.ecs("CreateSecurityGroup", VpcId=network["VpcId"])["SecurityGroupId"]
    sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[
        {"IpProtocol": "tcp", "PortRange": "80/80", "SourceCidrIp": "10.1.2.3/8"},
        {"IpProtocol": "all", "PortRange": "-1/-1", "SourceGroupId": other, "Priority": "5"},
    ])  # fmt: skip
    sdk.ecs("AuthorizeSecurityGroupEgress", SecurityGroupId=group, Permissions=[
        {"IpProtocol": "icmp", "PortRange": "-1/-1", "DestCidrIp": "0.0.0.0/0", "Policy": "drop"},
    ])  # fmt: skip
    rules = sdk.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=group)["Permissions"]["Permission"]
    assert [rule["SourceCidrIp"] or rule["SourceGroupId"] or rule["DestCidrIp"] for rule in rules] == [
        "10.0.0.0/8", other, "0.0.0.0/0",
    ]  # fmt: skip
    sdk.ecs(
        "ModifySecurityGroupRule", SecurityGroupId=group, SecurityGroupRuleId=rules[0]["SecurityGroupRuleId"],
        PortRange="443/443", Description="web",
    )  # fmt: skip
    sdk.ecs(
        "ModifySecurityGroupEgressRule", SecurityGroupId=group, SecurityGroupRuleId=rules[2]["SecurityGroupRuleId"],
        Policy="accept",
    )  # fmt: skip
    sdk.ecs("ModifySecurityGroupPolicy", SecurityGroupId=group, InnerAccessPolicy="Drop")
    sdk.ecs("ModifySecurityGroupAttribute", SecurityGroupId=group, SecurityGroupName="front")
    assert sdk.ecs("DescribeSecurityGroups", SecurityGroupName="front", IsQueryEcsCount=True)["TotalCount"] == 1
    assert sdk.ecs("DescribeSecurityGroupReferences", SecurityGroupId=[other])["SecurityGroupReferences"]
    with pytest.raises(DaraException, match="DependencyViolation"):
        sdk.ecs("DeleteSecurityGroup", SecurityGroupId=other)
    ids = [rule["SecurityGroupRuleId"] for rule in rules[:2]]
    sdk.ecs("RevokeSecurityGroup", SecurityGroupId=group, SecurityGroupRuleId=ids)
    sdk.ecs("RevokeSecurityGroupEgress", SecurityGroupId=group, SecurityGroupRuleId=[rules[2]["SecurityGroupRuleId"]])
    sdk.ecs("DeleteSecurityGroup", SecurityGroupId=other)


def test_prefix_lists(sdk: Sdk, network: dict[str, str]) -> None:
    entries = [{"Cidr": "10.0.0.1", "Description": "one"}]
    prefixes = sdk.ecs(
        "CreatePrefixList", PrefixListName="office", AddressFamily="IPv4", MaxEntries=5, Entry=entries
    )["PrefixListId"]  # fmt: skip
    sdk.ecs("ModifyPrefixList", PrefixListId=prefixes, AddEntry=[{"Cidr": "10.2.3.4/16"}], PrefixListName="offices")
    cidrs = sdk.ecs("DescribePrefixListAttributes", PrefixListId=prefixes)["Entries"]["Entry"]
    assert [entry["Cidr"] for entry in cidrs] == ["10.0.0.1/32", "10.2.0.0/16"]
    rule = {"IpProtocol": "tcp", "PortRange": "22/22", "SourcePrefixListId": prefixes}
    sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=network["SecurityGroupId"], Permissions=[rule])
    assert sdk.ecs("DescribePrefixListAssociations", PrefixListId=prefixes)["PrefixListAssociations"]
    assert sdk.ecs("DescribePrefixLists")["PrefixLists"]["PrefixList"][0]["AssociationCount"] == 1
    with pytest.raises(DaraException, match="DependencyViolation"):
        sdk.ecs("DeletePrefixList", PrefixListId=prefixes)
    sdk.ecs("RevokeSecurityGroup", SecurityGroupId=network["SecurityGroupId"], Permissions=[rule])
    sdk.ecs("DeletePrefixList", PrefixListId=prefixes)


def test_instances(sdk: Sdk, network: dict[str, str]) -> None:
    id_ = make(sdk, network, InstanceName="web", UserData="aGk=", KeyPairName=None, Tag=[{"Key": "a", "Value": "b"}])
    sdk.ecs("ModifyInstanceAttribute", InstanceId=id_, InstanceName="front", Description="a machine")
    row = sdk.ecs("DescribeInstances", Tag=[{"Key": "a", "Value": "b"}])["Instances"]["Instance"][0]
    assert (row["InstanceName"], row["Status"]) == ("front", "Running")
    assert sdk.ecs("DescribeInstanceAttribute", InstanceId=id_)["HostName"]
    assert sdk.ecs("DescribeInstanceStatus", InstanceId=[id_])["TotalCount"] == 1
    assert sdk.ecs("DescribeUserData", InstanceId=id_)["UserData"] == "aGk="
    sdk.ecs("ModifyInstanceMetadataOptions", InstanceId=id_, HttpEndpoint="enabled", HttpTokens="required")
    window = [{"StartTime": "02:00:00", "EndTime": "04:00:00"}]
    sdk.ecs(
        "ModifyInstanceMaintenanceAttributes", InstanceId=[id_], MaintenanceWindow=window, ActionOnMaintenance="Stop"
    )  # fmt: skip
    assert sdk.ecs("DescribeInstanceMaintenanceAttributes", InstanceId=[id_])["TotalCount"] == 1
    assert sdk.ecs("DescribeInstanceAttachmentAttributes", InstanceIds=json.dumps([id_]))["TotalCount"] == 1
    sdk.ecs("ModifyInstanceAttachmentAttributes", InstanceId=id_, PrivatePoolOptions={"MatchCriteria": "None"})
    sdk.ecs("AttachInstanceRamRole", InstanceIds=json.dumps([id_]), RamRoleName="reader")
    assert sdk.ecs("DescribeInstanceRamRole", RamRoleName="reader")["TotalCount"] == 1
    sdk.ecs("DetachInstanceRamRole", InstanceIds=json.dumps([id_]), RamRoleName="reader")
    sdk.ecs("ModifyInstanceAutoReleaseTime", InstanceId=id_, AutoReleaseTime="2027-11-01T00:00:30Z")
    sdk.ecs("ModifyInstanceNetworkSpec", InstanceId=id_, InternetMaxBandwidthOut=5, AllocatePublicIp=True)
    sdk.ecs("StopInstances", InstanceId=[id_])
    sdk.settle()
    sdk.ecs("ModifyInstanceSpec", InstanceId=id_, InstanceType="ecs.g7.xlarge")
    sdk.ecs("ModifyInstanceVpcAttribute", InstanceId=id_, VSwitchId=network["VSwitchId"], PrivateIpAddress="10.0.9.9")
    sdk.ecs("ReplaceSystemDisk", InstanceId=id_, ImageId="ubuntu_24_04_x64_20G_alibase_20240812.vhd")
    sdk.settle()
    assert sdk.ecs("DescribeResourcesModification", ResourceId=id_, DestinationResource="InstanceType")
    sdk.ecs("StartInstances", InstanceId=[id_])
    sdk.settle()
    sdk.ecs("RebootInstances", InstanceId=[id_])
    sdk.settle()
    sdk.ecs("DeleteInstances", InstanceId=[id_], Force=True)
    sdk.settle()
    assert sdk.ecs("DescribeInstances")["TotalCount"] == 0


def test_a_subscription(sdk: Sdk, network: dict[str, str]) -> None:
    id_ = make(sdk, network, InstanceChargeType="PrePaid", Period=1, PeriodUnit="Month")
    with pytest.raises(DaraException, match="ChargeTypeViolation"):
        sdk.ecs("DeleteInstance", InstanceId=id_, Force=True)
    sdk.ecs(
        "ModifyInstanceAutoRenewAttribute", InstanceId=id_, RenewalStatus="AutoRenewal", Duration=3, PeriodUnit="Month"
    )
    rows = sdk.ecs("DescribeInstanceAutoRenewAttribute", InstanceId=id_)["InstanceRenewAttributes"]
    assert rows["InstanceRenewAttribute"][0]["Duration"] == 3
    sdk.ecs("RenewInstance", InstanceId=id_, Period=1, PeriodUnit="Month")
    assert sdk.ecs("DescribeRenewalPrice", ResourceId=id_)["PriceInfo"]["Price"]["TradePrice"] > 0
    sdk.ecs("ModifyPrepayInstanceSpec", InstanceId=id_, InstanceType="ecs.g7.xlarge", OperatorType="upgrade")
    sdk.ecs("ModifyInstanceChargeType", InstanceIds=json.dumps([id_]), InstanceChargeType="PostPaid")
    sdk.ecs("DeleteInstance", InstanceId=id_, Force=True)


def test_disks_and_snapshots(sdk: Sdk, network: dict[str, str]) -> None:
    instance = make(sdk, network)
    disk = sdk.ecs("CreateDisk", ZoneId=ZONE, Size=40, DiskCategory="cloud_essd", DiskName="data")["DiskId"]
    sdk.settle()
    sdk.ecs("AttachDisk", InstanceId=instance, DiskId=disk)
    sdk.settle()
    sdk.ecs("ResizeDisk", DiskId=disk, NewSize=60, Type="online")
    sdk.ecs("ModifyDiskSpec", DiskId=disk, DiskCategory="cloud_auto", ProvisionedIops=100)
    sdk.settle()
    sdk.ecs("ModifyDiskAttribute", DiskId=disk, DiskName="more", BurstingEnabled=True)
    row = sdk.ecs("DescribeDisks", DiskIds=json.dumps([disk]))["Disks"]["Disk"][0]
    assert (row["Size"], row["Category"], row["Status"]) == (60, "cloud_auto", "In_use")
    snapshot = sdk.ecs("CreateSnapshot", DiskId=disk, SnapshotName="before", RetentionDays=30)["SnapshotId"]
    sdk.settle()
    sdk.ecs("ModifySnapshotAttribute", SnapshotId=snapshot, Description="kept")
    assert sdk.ecs("DescribeSnapshots", DiskId=disk)["Snapshots"]["Snapshot"][0]["Status"] == "accomplished"
    assert sdk.ecs("DescribeSnapshotsUsage")["SnapshotCount"] == 1
    group = sdk.ecs("CreateSnapshotGroup", InstanceId=instance, Name="both")["SnapshotGroupId"]
    sdk.settle()
    sdk.ecs("ModifySnapshotGroup", SnapshotGroupId=group, Description="all disks")
    assert len(sdk.ecs("DescribeSnapshotGroups")["SnapshotGroups"]["SnapshotGroup"][0]["Snapshots"]["Snapshot"]) == 2
    sdk.ecs("DeleteSnapshotGroup", SnapshotGroupId=group)
    policy = sdk.ecs(
        "CreateAutoSnapshotPolicy", regionId=REGION, autoSnapshotPolicyName="nightly", repeatWeekdays='["1"]',
        timePoints='["3"]', retentionDays=7,
    )["AutoSnapshotPolicyId"]  # fmt: skip
    sdk.ecs("ApplyAutoSnapshotPolicy", regionId=REGION, autoSnapshotPolicyId=policy, diskIds=json.dumps([disk]))
    sdk.ecs("ModifyAutoSnapshotPolicyEx", regionId=REGION, autoSnapshotPolicyId=policy, retentionDays=-1)
    assert sdk.ecs("DescribeAutoSnapshotPolicyEx")["AutoSnapshotPolicies"]["AutoSnapshotPolicy"][0]["DiskNums"] == 1
    assert sdk.ecs("DescribeAutoSnapshotPolicyAssociations")["AutoSnapshotPolicyAssociations"]
    sdk.ecs("CancelAutoSnapshotPolicy", regionId=REGION, diskIds=json.dumps([disk]))
    sdk.ecs("DeleteAutoSnapshotPolicy", regionId=REGION, autoSnapshotPolicyId=policy)
    sdk.ecs("DetachDisk", InstanceId=instance, DiskId=disk)
    sdk.settle()
    sdk.ecs("ResetDisk", DiskId=disk, SnapshotId=snapshot)
    sdk.settle()
    sdk.ecs("DeleteSnapshot", SnapshotId=snapshot)
    sdk.ecs("DeleteDisk", DiskId=disk)


def test_images_and_tasks(sdk: Sdk, network: dict[str, str]) -> None:
    instance = make(sdk, network)
    image = sdk.ecs("CreateImage", InstanceId=instance, ImageName="golden", ImageFamily="ours")["ImageId"]
    assert sdk.ecs("DescribeImages", ImageOwnerAlias="self")["TotalCount"] == 0
    assert sdk.ecs("DescribeImages", ImageOwnerAlias="self", Status="Creating")["TotalCount"] == 1
    sdk.settle()
    assert sdk.ecs("DescribeImageFromFamily", ImageFamily="ours")["Image"]["ImageId"] == image
    sdk.ecs("ModifyImageAttribute", ImageId=image, Description="gold")
    sdk.ecs("ModifyImageSharePermission", ImageId=image, AddAccount=[str(n) for n in range(12)])
    assert sdk.ecs("DescribeImageSharePermission", ImageId=image)["TotalCount"] == 10
    sdk.ecs("ModifyImageSharePermission", ImageId=image, RemoveAccount=[str(n) for n in range(10)])
    copy = sdk.ecs("CopyImage", ImageId=image, DestinationRegionId="cn-beijing", DestinationImageName="far")["ImageId"]
    assert sdk.ecs("DescribeImages", RegionId="cn-beijing", ImageId=copy, Status="Creating")["TotalCount"] == 1
    task = sdk.ecs("ExportImage", ImageId=image, OSSBucket="bucket")["TaskId"]
    assert sdk.ecs("DescribeTasks")["TotalCount"] == 1
    sdk.settle()
    assert sdk.ecs("DescribeTaskAttribute", TaskId=task)["TaskStatus"] == "Finished"
    assert sdk.ecs("DescribeImageSupportInstanceTypes", ImageId=image)["InstanceTypes"]["InstanceType"]
    sdk.ecs("DeleteImage", ImageId=image)


def test_key_pairs_and_old_tags(sdk: Sdk, network: dict[str, str]) -> None:
    made = sdk.ecs("CreateKeyPair", KeyPairName="mine")
    assert made["PrivateKeyBody"].startswith("-----BEGIN")
    with pytest.raises(DaraException, match=r"KeyPair\.AlreadyExist"):
        sdk.ecs("ImportKeyPair", KeyPairName="mine", PublicKeyBody="ssh-rsa AAAAB3NzaC1yc2E=")
    instance = make(sdk, network)
    sdk.ecs("AttachKeyPair", KeyPairName="mine", InstanceIds=json.dumps([instance]))
    with pytest.raises(DaraException, match="KeypairAlreadyAttachedInstance"):
        sdk.ecs("DeleteKeyPairs", KeyPairNames='["mine"]')
    sdk.ecs("DetachKeyPair", KeyPairName="mine", InstanceIds=json.dumps([instance]))
    assert sdk.ecs("DescribeKeyPairs", KeyPairName="mi*", IncludePublicKey=True)["TotalCount"] == 1
    sdk.ecs("DeleteKeyPairs", KeyPairNames='["mine"]')
    sdk.ecs("AddTags", ResourceType="instance", ResourceId=instance, Tag=[{"Key": "k", "Value": "v"}])
    assert sdk.ecs("DescribeTags")["Tags"]["Tag"][0]["ResourceTypeCount"]["Instance"] == 1
    assert sdk.ecs("DescribeResourceByTags", Tag=[{"Key": "k", "Value": "v"}])["TotalCount"] == 1
    sdk.ecs("RemoveTags", ResourceType="instance", ResourceId=instance, Tag=[{"Key": "k", "Value": "v"}])
    sdk.ecs("JoinResourceGroup", ResourceType="instance", ResourceId=instance, ResourceGroupId="rg-1")
    assert sdk.ecs("DescribeInstances", ResourceGroupId="rg-1")["TotalCount"] == 1


def test_network_interfaces(sdk: Sdk, network: dict[str, str]) -> None:
    instance = make(sdk, network)
    eni = sdk.ecs(
        "CreateNetworkInterface", VSwitchId=network["VSwitchId"], SecurityGroupId=network["SecurityGroupId"],
        NetworkInterfaceName="second", Tag=[{"Key": "a", "Value": "b"}],
    )["NetworkInterfaceId"]  # fmt: skip
    sdk.settle()
    sdk.ecs("AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)
    sdk.settle()
    sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount=2)
    sdk.ecs("AssignIpv6Addresses", NetworkInterfaceId=eni, Ipv6AddressCount=1)
    row = sdk.ecs("DescribeNetworkInterfaces", NetworkInterfaceId=[eni])["NetworkInterfaceSets"]["NetworkInterfaceSet"][
        0
    ]
    assert (row["Status"], len(row["PrivateIpSets"]["PrivateIpSet"]), len(row["Ipv6Sets"]["Ipv6Set"])) == (
        "InUse",
        3,
        1,
    )
    addresses = [ip["PrivateIpAddress"] for ip in row["PrivateIpSets"]["PrivateIpSet"] if not ip["Primary"]]
    sdk.ecs("UnassignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress=addresses)
    sdk.ecs("UnassignIpv6Addresses", NetworkInterfaceId=eni, Ipv6Address=[row["Ipv6Sets"]["Ipv6Set"][0]["Ipv6Address"]])
    sdk.ecs("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni, Description="changed")
    assert sdk.ecs("DescribeNetworkInterfaceAttribute", NetworkInterfaceId=eni)["Description"] == "changed"
    sdk.ecs("DetachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)
    sdk.settle()
    sdk.ecs("DeleteNetworkInterface", NetworkInterfaceId=eni)
    sdk.settle()
    assert sdk.ecs("DescribeNetworkInterfaces", NetworkInterfaceId=[eni])["TotalCount"] == 0
