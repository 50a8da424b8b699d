"""Every kind of thing that is built comes back as it was: from the file, and from the account's JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator.service import Options, Service, VirtualClock

from .client import Client, Failed, World, build_world

TAGS = [{"Key": "team", "Value": "web"}]


def fill(client: Client) -> World:
    """One of each, some of them still on their way."""
    world = build_world(client)
    vpc, ecs = client.vpc, client.ecs
    vpc("ModifyVpcAttribute", VpcId=world.vpc, EnableIPv6=True)
    vpc("ModifyVSwitchAttribute", VSwitchId=world.vswitch, EnableIPv6=True, Ipv6CidrBlock=1)
    ecs("CreateKeyPair", KeyPairName="mine", Tag=TAGS)
    spread = ecs("CreateDeploymentSet", DeploymentSetName="apart")["DeploymentSetId"]
    (host,) = ecs("AllocateDedicatedHosts", DedicatedHostType="ddh.g7", ZoneId=world.zone)["DedicatedHostIdSets"][
        "DedicatedHostId"
    ]
    client.settle()
    order = {"InstanceType": "ecs.g7.large", "VSwitchId": world.vswitch, "SecurityGroupId": world.group, "Tag": TAGS}
    order |= {"ImageId": "ubuntu_22_04_x64_20G_alibase_20260723.vhd", "SystemDisk": {"Category": "cloud_essd"}}
    ecs("CreateLaunchTemplate", LaunchTemplateName="web", **order)
    ecs("CreateLaunchTemplateVersion", LaunchTemplateName="web", InstanceType="ecs.g7.xlarge")
    (instance,) = world.running(DeploymentSetId=spread, DedicatedHostId=host, KeyPairName="mine", Tag=TAGS)
    (disk,) = ecs("DescribeDisks", InstanceId=instance)["Disks"]["Disk"]
    snapshot = ecs("CreateSnapshot", DiskId=disk["DiskId"], RetentionDays=30)["SnapshotId"]
    client.settle()
    ecs("CopySnapshot", SnapshotId=snapshot, DestinationRegionId="cn-beijing", DestinationSnapshotName="copy",
        DestinationSnapshotDescription="of it")  # fmt: skip
    ecs("CreateSnapshotGroup", InstanceId=instance, Name="night")
    ecs("CreateAutoSnapshotPolicy", regionId=client.region, timePoints='["1"]', repeatWeekdays='["1"]', retentionDays=7)
    image = ecs("CreateImage", SnapshotId=snapshot, ImageName="golden")["ImageId"]
    client.settle()
    ecs("ModifyImageSharePermission", ImageId=image, AddAccount=["1000000000000001"])
    ecs("ExportImage", ImageId=image, OSSBucket="images")
    eni = ecs("CreateNetworkInterface", VSwitchId=world.vswitch, SecurityGroupId=world.group, Ipv4PrefixCount=1,
              Ipv6AddressCount=1, Ipv6PrefixCount=1)["NetworkInterfaceId"]  # fmt: skip
    ecs("CreateNetworkInterfacePermission", NetworkInterfaceId=eni, AccountId=42, Permission="InstanceAttach")
    prefixes = ecs("CreatePrefixList", PrefixListName="office", AddressFamily="IPv4", MaxEntries=2)["PrefixListId"]
    rule = {"IpProtocol": "tcp", "PortRange": "22/22", "SourcePrefixListId": prefixes}
    ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule])
    _fill_network(client, world, instance)
    return world


def _fill_network(client: Client, world: World, instance: str) -> None:
    vpc = client.vpc
    table = vpc("CreateRouteTable", VpcId=world.vpc)["RouteTableId"]
    client.settle()
    vpc("CreateRouteEntry", RouteTableId=table, DestinationCidrBlock="172.16.0.0/16", NextHopType="Instance",
        NextHopId=instance)  # fmt: skip
    gateway = vpc("CreateNatGateway", VpcId=world.vpc, VSwitchId=world.vswitch)
    client.settle()
    eip = vpc("AllocateEipAddress", Bandwidth="5")
    vpc("AssociateEipAddress", AllocationId=eip["AllocationId"], InstanceId=gateway["NatGatewayId"], InstanceType="Nat")
    client.settle()
    (snat,), (forward,) = gateway["SnatTableIds"]["SnatTableId"], gateway["ForwardTableIds"]["ForwardTableId"]
    vpc("CreateSnatEntry", SnatTableId=snat, SnatIp=eip["EipAddress"], SourceVSwitchId=world.vswitch)
    vpc("CreateForwardEntry", ForwardTableId=forward, ExternalIp=eip["EipAddress"], ExternalPort="80", IpProtocol="TCP",
        InternalIp="10.0.0.9", InternalPort="80")  # fmt: skip


def kinds_of(service: Service) -> set[str]:
    return {thing.kind for thing in service.account.all()}


def things(service: Service) -> dict[str, Any]:
    """All that the account knows of each thing, in a form to compare."""
    return {
        f"{thing.kind}/{thing.id}": json.loads(json.dumps([thing.region, thing.data, thing.tags, thing.pending]))
        for thing in service.account.all()
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "account.db"


def test_the_file_keeps_every_kind(file: Path) -> None:
    clock = VirtualClock()
    first = Service(Options(data=file, seed="kept"), clock)
    world = fill(Client(first))
    before = things(first)
    first.close()
    second = Service(Options(data=file, seed="kept"), clock)
    assert things(second) == before
    client = Client(second)
    client.settle()
    assert client.vpc("DescribeSnatTableEntries", NatGatewayId=_gateway(client))["TotalCount"] == 1
    with pytest.raises(Failed, match="DependencyViolation"):
        client.vpc("DeleteVSwitch", VSwitchId=world.vswitch)
    second.close()


def _gateway(client: Client) -> str:
    (row,) = client.vpc("DescribeNatGateways")["NatGateways"]["NatGateway"]
    assert row["Status"] == "Available"
    return str(row["NatGatewayId"])


def test_the_accounts_json_keeps_every_kind() -> None:
    clock = VirtualClock()
    first, second = (Service(Options(seed="kept"), clock) for _ in range(2))
    fill(Client(first))
    state = Client(first).control("GET", "state")
    Client(second).control("PUT", "state", state)
    assert things(second) == things(first)
    assert Client(second).control("GET", "state") == state
    for service in (first, second):
        service.close()


def test_the_account_has_one_of_each_kind() -> None:
    """A kind that a new family brings has to be added to `fill`."""
    service = Service(Options(seed="kept"), VirtualClock())
    fill(Client(service))
    assert kinds_of(service) == {
        "ddh", "deploymentset", "disk", "eip", "eni", "forwardentry", "image", "instance", "keypair",
        "launchtemplate", "natgateway", "prefixlist", "routeentry", "routetable", "securitygroup", "snapshot",
        "snapshotgroup", "snapshotpolicy", "snatentry", "task", "vpc", "vswitch",
    }  # fmt: skip
    service.close()
