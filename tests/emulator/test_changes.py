"""Changes in place, and those that are refused: instances, their network and disks, VPCs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator.service import HttpRequest, Options, Service, VirtualClock

from .client import CONTROL, Client, Failed, World, build_world

IMAGE = "ubuntu_24_04_x64_20G_alibase_20240812.vhd"


def code(client: Client, product: str, action: str, **params: Any) -> Any:
    try:
        client.call(product, action, **params)
    except Failed as refused:
        return refused.code
    return None


def shown(client: Client, id_: str) -> dict[str, Any]:
    row: dict[str, Any] = client.ecs("DescribeInstances", InstanceIds=json.dumps([id_]))["Instances"]["Instance"][0]
    return row


@pytest.fixture
def running(world: World) -> str:
    return world.running(InstanceName="web")[0]


@pytest.fixture
def stopped(world: World, running: str) -> str:
    world.client.ecs("StopInstance", InstanceId=running)
    world.client.settle()
    return running


def test_attributes_of_a_running_machine(client: Client, running: str) -> None:
    client.ecs(
        "ModifyInstanceAttribute", InstanceId=running, InstanceName="front", Description="the front",
        HostName="front-1", UserData="aGk=", DeletionProtection=True, EnableJumboFrame=True, Password="Passw0rd-2",
    )  # fmt: skip
    row = shown(client, running)
    seen = [row[key] for key in ("InstanceName", "Description", "HostName", "DeletionProtection")]
    assert seen == ["front", "the front", "front-1", True]
    assert client.ecs("DescribeUserData", InstanceId=running)["UserData"] == "aGk="
    assert client.ecs("DescribeInstanceAttribute", InstanceId=running)["EnableJumboFrame"] is True
    client.ecs("ModifyInstanceAttribute", InstanceId=running, InstanceName="", Description="")
    assert (shown(client, running)["InstanceName"], shown(client, running)["Description"]) == (running, "")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"HostName": "-x"}, "InvalidHostName.Malformed"),
        ({"HostName": "a..b"}, "InvalidHostName.Malformed"),
        ({"Password": "weakweak"}, "InvalidPassword.Malformed"),
        ({"CreditSpecification": "Standard"}, "InvalidParameter.NotSupported"),
        ({"CreditSpecification": "Infinite"}, "InvalidCreditSpecification.ValueNotSupported"),
        ({"CpuOptions": {"ThreadsPerCore": 1}}, "IncorrectInstanceStatus"),
        ({"SecurityGroupIds": ["sg-none"]}, "InvalidSecurityGroupId.NotFound"),
    ],
)
def test_bad_attributes(client: Client, running: str, change: dict[str, Any], refused: str) -> None:
    assert code(client, "ecs", "ModifyInstanceAttribute", InstanceId=running, **change) == refused


def test_cpu_options_of_a_stopped_machine(client: Client, stopped: str) -> None:
    client.ecs("ModifyInstanceAttribute", InstanceId=stopped, CpuOptions={"ThreadsPerCore": 1, "Core": 1})
    assert shown(client, stopped)["CpuOptions"]["ThreadsPerCore"] == 1


def test_a_burstable_machine_has_credits(world: World) -> None:
    (id_,) = world.running(InstanceType="ecs.t5-lc1m1.small")
    world.client.ecs("ModifyInstanceAttribute", InstanceId=id_, CreditSpecification="Unlimited")
    assert shown(world.client, id_)["CreditSpecification"] == "Unlimited"


def test_the_groups_of_a_machine_change_as_a_set(world: World, running: str) -> None:
    client = world.client
    groups = [client.ecs("CreateSecurityGroup", VpcId=world.vpc)["SecurityGroupId"] for _ in range(5)]
    client.ecs("ModifyInstanceAttribute", InstanceId=running, SecurityGroupIds=groups)
    assert shown(client, running)["SecurityGroupIds"]["SecurityGroupId"] == groups
    (eni,) = client.ecs("DescribeNetworkInterfaces", InstanceId=running)["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    assert eni["SecurityGroupIds"]["SecurityGroupId"] == groups
    six = {"InstanceId": running, "SecurityGroupIds": [*groups, world.group]}
    assert code(client, "ecs", "ModifyInstanceAttribute", **six) == "InvalidSecurityGroupId.ExceedLimit"
    twice = {"InstanceId": running, "SecurityGroupIds": [groups[0], groups[0]]}
    assert code(client, "ecs", "ModifyInstanceAttribute", **twice) == "InvalidParameter.Duplicate"
    assert code(client, "ecs", "JoinSecurityGroup", InstanceId=running, SecurityGroupId=groups[0]) == (
        "InvalidInstanceId.AlreadyExists"
    )
    for group in groups[1:]:
        client.ecs("LeaveSecurityGroup", InstanceId=running, SecurityGroupId=group)
    last = {"InstanceId": running, "SecurityGroupId": groups[0]}
    assert code(client, "ecs", "LeaveSecurityGroup", **last) == "InstanceLastSecurityGroup"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"InstanceType": "ecs.none"}, "InvalidInstanceType.ValueNotSupported"),
        ({"InstanceType": "ecs.g8y.large"}, "InvalidInstanceType.ValueUnauthorized"),
        ({"InstanceType": "ecs.g7.xlarge", "InternetMaxBandwidthOut": 1}, "InvalidParameter.Conflict"),
        ({"InternetMaxBandwidthOut": 101}, "InvalidParameter"),
    ],
)
def test_bad_changes_of_type(client: Client, stopped: str, change: dict[str, Any], refused: str) -> None:
    assert code(client, "ecs", "ModifyInstanceSpec", InstanceId=stopped, **change) == refused


def test_a_type_has_to_take_the_disks(world: World) -> None:
    client = world.client
    (id_,) = world.running(InstanceType="ecs.g6.large", SystemDisk={"Category": "cloud_efficiency"})
    client.ecs("StopInstance", InstanceId=id_)
    client.settle()
    newer = {"InstanceId": id_, "InstanceType": "ecs.g7.large"}
    assert code(client, "ecs", "ModifyInstanceSpec", **newer) == "InvalidInstanceType.DiskMismatch"
    types = client.ecs("DescribeResourcesModification", ResourceId=id_, DestinationResource="InstanceType")
    rows = types["AvailableZones"]["AvailableZone"][0]["AvailableResources"]["AvailableResource"][0][
        "SupportedResources"
    ]
    assert "ecs.g7.large" not in {row["Value"] for row in rows["SupportedResource"]}


def test_bandwidth_goes_down_and_the_address_with_it(client: Client, running: str) -> None:
    client.ecs("ModifyInstanceNetworkSpec", InstanceId=running, InternetMaxBandwidthOut=9, AllocatePublicIp=True)
    assert len(shown(client, running)["PublicIpAddress"]["IpAddress"]) == 1
    client.ecs("ModifyInstanceNetworkSpec", InstanceId=running, NetworkChargeType="PayByBandwidth")
    assert shown(client, running)["InternetChargeType"] == "PayByBandwidth"
    client.ecs("ModifyInstanceSpec", InstanceId=running, InternetMaxBandwidthOut=0)
    assert shown(client, running)["PublicIpAddress"]["IpAddress"] == []
    eip = client.vpc("AllocateEipAddress")["AllocationId"]
    client.vpc("AssociateEipAddress", AllocationId=eip, InstanceId=running)
    up = {"InstanceId": running, "InternetMaxBandwidthOut": 5}
    assert code(client, "ecs", "ModifyInstanceNetworkSpec", **up) == "InvalidStatus.InstanceHasEip"


def test_a_static_address_is_released(world: World) -> None:
    client = world.client
    (id_,) = world.running(InternetMaxBandwidthOut=5)
    (address,) = shown(client, id_)["PublicIpAddress"]["IpAddress"]
    assert code(client, "ecs", "AllocatePublicIpAddress", InstanceId=id_) == "AllocatedAlready"
    client.ecs("ReleasePublicIpAddress", PublicIpAddress=address)
    assert shown(client, id_)["PublicIpAddress"]["IpAddress"] == []
    assert code(client, "ecs", "ReleasePublicIpAddress", PublicIpAddress=address) == "InvalidIpAddress.NotFound"


def test_a_machine_moves_within_its_zone(world: World, stopped: str) -> None:
    client = world.client
    near = client.vpc("CreateVSwitch", VpcId=world.vpc, CidrBlock="10.1.0.0/24", ZoneId=world.zone)["VSwitchId"]
    client.settle()
    far = client.vpc("CreateVSwitch", VpcId=world.vpc, CidrBlock="10.2.0.0/24", ZoneId="cn-hangzhou-i")["VSwitchId"]
    client.settle()
    move = {"InstanceId": stopped, "VSwitchId": far}
    assert code(client, "ecs", "ModifyInstanceVpcAttribute", **move) == "InvalidVSwitchId.ZoneMismatch"
    client.ecs("ModifyInstanceVpcAttribute", InstanceId=stopped, VSwitchId=near, PrivateIpAddress="10.1.0.9")
    attributes = shown(client, stopped)["VpcAttributes"]
    assert (attributes["VSwitchId"], attributes["PrivateIpAddress"]["IpAddress"]) == (near, ["10.1.0.9"])
    client.ecs("ModifyInstanceVpcAttribute", InstanceId=stopped, VSwitchId=near, PrivateIpAddress="10.1.0.9")
    client.vpc("DeleteVSwitch", VSwitchId=world.vswitch)


def test_a_machine_moves_to_another_vpc_with_new_groups(world: World, stopped: str) -> None:
    client = world.client
    other = build_world(client)
    move = {"InstanceId": stopped, "VSwitchId": other.vswitch}
    assert code(client, "ecs", "ModifyInstanceVpcAttribute", **move) == "InvalidVSwitchId.VpcMismatch"
    wrong = {**move, "VpcId": world.vpc}
    assert code(client, "ecs", "ModifyInstanceVpcAttribute", **wrong) == "InvalidVSwitchId.VpcMismatch"
    bare = {**move, "VpcId": other.vpc}
    assert code(client, "ecs", "ModifyInstanceVpcAttribute", **bare) == "MissingParameter"
    client.ecs("ModifyInstanceVpcAttribute", **bare, SecurityGroupId=[other.group])
    row = shown(client, stopped)
    assert (row["VpcAttributes"]["VpcId"], row["SecurityGroupIds"]["SecurityGroupId"]) == (other.vpc, [other.group])
    client.ecs("DeleteSecurityGroup", SecurityGroupId=world.group)


def test_a_system_disk_is_replaced(world: World, stopped: str) -> None:
    client = world.client
    client.ecs("CreateKeyPair", KeyPairName="mine")
    small = {"InstanceId": stopped, "ImageId": IMAGE, "SystemDisk": {"Size": 39}}
    assert code(client, "ecs", "ReplaceSystemDisk", **small) == "InvalidSystemDiskSize.LessThanImageSize"
    assert code(client, "ecs", "ReplaceSystemDisk", InstanceId=stopped) == "MissingParameter"
    nobody = {"InstanceId": stopped, "ImageId": IMAGE, "KeyPairName": "none"}
    assert code(client, "ecs", "ReplaceSystemDisk", **nobody) == "InvalidKeyPairName.NotFound"
    disk = client.ecs(
        "ReplaceSystemDisk",
        InstanceId=stopped,
        ImageId=IMAGE,
        KeyPairName="mine",
        SystemDisk={"Size": 60},
        Encrypted=True,
    )["DiskId"]
    client.settle()
    (row,) = client.ecs("DescribeDisks", InstanceId=stopped)["Disks"]["Disk"]
    assert (row["DiskId"], row["Size"], row["ImageId"], row["Encrypted"], row["Status"]) == (
        disk,
        60,
        IMAGE,
        True,
        "In_use",
    )
    assert (shown(client, stopped)["ImageId"], shown(client, stopped)["KeyPairName"]) == (IMAGE, "mine")


def test_a_disk_is_put_back_to_its_beginning(client: Client, running: str) -> None:
    (row,) = client.ecs("DescribeDisks", InstanceId=running)["Disks"]["Disk"]
    assert code(client, "ecs", "ReInitDisk", DiskId=row["DiskId"]) == "IncorrectInstanceStatus"
    client.ecs("StopInstance", InstanceId=running)
    client.settle()
    client.ecs("ReInitDisk", DiskId=row["DiskId"], AutoStartInstance=True)
    assert client.ecs("DescribeDisks", InstanceId=running)["Disks"]["Disk"][0]["Status"] == "ReIniting"
    client.settle()
    assert shown(client, running)["Status"] == "Running"


def test_a_vpc_shrinks_around_its_vswitches(world: World) -> None:
    client, vpc = world.client, world.vpc
    client.vpc("ModifyVpcAttribute", VpcId=vpc, CidrBlock="10.0.0.0/12", EnableDnsHostname=True)
    assert code(client, "vpc", "ModifyVpcAttribute", VpcId=vpc, CidrBlock="10.64.0.0/12") == "InvalidCidrBlock"
    off = {"VSwitchId": world.vswitch, "EnableIPv6": True, "Ipv6CidrBlock": 7}
    assert code(client, "vpc", "ModifyVSwitchAttribute", **off) == "OperationFailed.Ipv6Disabled"
    client.vpc("ModifyVpcAttribute", VpcId=vpc, EnableIPv6=True)
    client.vpc("ModifyVSwitchAttribute", VSwitchId=world.vswitch, EnableIPv6=True, Ipv6CidrBlock=7)
    block = client.vpc("DescribeVSwitches", VSwitchId=world.vswitch)["VSwitches"]["VSwitch"][0]["Ipv6CidrBlock"]
    assert block.endswith("07::/64")
    assert code(client, "vpc", "ModifyVpcAttribute", VpcId=vpc, EnableIPv6=False) == "DependencyViolation.Ipv6Address"
    client.vpc("ModifyVSwitchAttribute", VSwitchId=world.vswitch, EnableIPv6=False)
    client.vpc("ModifyVpcAttribute", VpcId=vpc, EnableIPv6=False)
    row = client.vpc("DescribeVpcs", VpcId=vpc)["Vpcs"]["Vpc"][0]
    assert (row["CidrBlock"], row["EnabledIpv6"], row["DnsHostnameStatus"]) == ("10.0.0.0/12", False, "ENABLED")


def test_default_networks(client: Client) -> None:
    assert code(client, "vpc", "CreateDefaultVSwitch", ZoneId="cn-hangzhou-h") == "DefaultVpc.NotFound"
    vpc = client.vpc("CreateDefaultVpc")["VpcId"]
    client.settle()
    assert code(client, "vpc", "CreateDefaultVpc") == "OperationDenied.DefaultVpcExists"
    client.vpc("CreateDefaultVSwitch", ZoneId="cn-hangzhou-h")
    client.settle()
    assert code(client, "vpc", "CreateDefaultVSwitch", ZoneId="cn-hangzhou-h") == "OperationDenied.DefaultVSwitchExists"
    assert client.vpc("DescribeVpcs", IsDefault=True)["Vpcs"]["Vpc"][0]["VpcId"] == vpc
    assert client.vpc("DescribeVSwitches", IsDefault=True)["TotalCount"] == 1


def test_tokens_are_remembered_across_restarts(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    order = {"ZoneId": "cn-hangzhou-h", "Size": 40, "ClientToken": "t"}
    first = Client(Service(Options(data=path), VirtualClock(1_800_000_000)))
    disk = first.ecs("CreateDisk", **order)["DiskId"]
    first.service.close()
    again = Client(Service(Options(data=path), VirtualClock(1_800_000_100)))
    assert again.ecs("CreateDisk", **order)["DiskId"] == disk
    again.control("POST", "reset", {"what": "account"})
    assert again.ecs("CreateDisk", **order)["DiskId"] != disk
    again.service.close()


@pytest.mark.parametrize(("given", "words"), [({"clock": "sun"}, "real or fast"), ({"settle": -1}, "negative")])
def test_bad_options(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Options(**given)


def test_a_pair_of_credentials() -> None:
    service = Service(Options(credentials=("me", "mine")), VirtualClock())
    assert Client(service, key=("me", "mine")).call("sts", "GetCallerIdentity")["IdentityType"] == "Account"
    assert service.handle(HttpRequest("POST", "/_emulator/clock", CONTROL, b"{}")).status == 400
