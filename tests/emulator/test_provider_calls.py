"""What the official Terraform provider sent for 36 resources, sent again: each call is answered, with what it reads.

`provider_calls.jsonl` is made by make_provider_calls.py. The provider (aliyun/terraform-provider-alicloud) takes some
members of an answer without a look whether they are there: where one is missing it crashes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator import contract
from ecsplan.emulator.service import Options, Service, VirtualClock

from .client import Client, misfits, read, v3_request
from .make_provider_calls import ID, ids_in

CALLS = [json.loads(line) for line in
         Path(__file__).with_name("provider_calls.jsonl").read_text(encoding="utf-8").splitlines()]  # fmt: skip

# action → where its items are (`` is the answer itself), and what is read of each without a look.
READS: Mapping[str, tuple[str, str]] = {
    "CreateDeploymentSet": ("", "DeploymentSetId"),
    "CreateDisk": ("", "DiskId"),
    "CreateForwardEntry": ("", "ForwardEntryId"),
    "CreateImage": ("", "ImageId"),
    "CreateNatGateway": ("", "NatGatewayId SnatTableIds.SnatTableId ForwardTableIds.ForwardTableId"),
    "CreateNetworkInterface": ("", "NetworkInterfaceId"),
    "CreatePrefixList": ("", "PrefixListId"),
    "CreateRouteTable": ("", "RouteTableId"),
    "CreateSecurityGroup": ("", "SecurityGroupId"),
    "CreateSnapshot": ("", "SnapshotId"),
    "CreateSnatEntry": ("", "SnatEntryId"),
    "CreateVSwitch": ("", "VSwitchId"),
    "CreateVpc": ("", "VpcId"),
    "AllocateEipAddress": ("", "AllocationId EipAddress"),
    "ImportKeyPair": ("", "KeyPairName KeyPairFingerPrint"),
    "RunInstances": ("", "InstanceIdSets.InstanceIdSet"),
    "DescribeAvailableResource": ("AvailableZones.AvailableZone", "ZoneId AvailableResources.AvailableResource"),
    "DescribeDeploymentSets": ("DeploymentSets.DeploymentSet", "DeploymentSetId DeploymentSetName Strategy"),
    "DescribeDisks": ("Disks.Disk", "DiskId Status Category Size DiskName Type ZoneId DeleteWithInstance Encrypted"),
    "DescribeEipAddresses": ("EipAddresses.EipAddress", "AllocationId Status IpAddress Bandwidth InstanceId"),
    "DescribeForwardTableEntries": ("ForwardTableEntries.ForwardTableEntry", "ForwardEntryId Status ExternalPort"),
    "DescribeImages": ("Images.Image", "ImageId Status ImageName OSType Architecture DiskDeviceMappings"),
    "DescribeInstanceAttachmentAttributes": ("Instances.Instance", "InstanceId"),
    "DescribeInstanceAttribute": ("", "InstanceId Status VpcAttributes.VSwitchId SecurityGroupIds.SecurityGroupId"),
    "DescribeInstanceMaintenanceAttributes": (
        "MaintenanceAttributes.MaintenanceAttribute", "InstanceId MaintenanceWindows.MaintenanceWindow"
        " ActionOnMaintenance",
    ),
    "DescribeInstanceRamRole": ("InstanceRamRoleSets.InstanceRamRoleSet", "InstanceId RamRoleName"),
    "DescribeInstanceTypes": ("InstanceTypes.InstanceType", "InstanceTypeId CpuCoreCount InstanceTypeFamily"),
    "DescribeInstances": (
        "Instances.Instance", "InstanceId Status ImageId InstanceType ZoneId VpcAttributes.VSwitchId"
        " VpcAttributes.PrivateIpAddress.IpAddress SecurityGroupIds.SecurityGroupId PublicIpAddress.IpAddress"
        " InstanceChargeType CreationTime",
    ),
    "DescribeKeyPairs": ("KeyPairs.KeyPair", "KeyPairName KeyPairFingerPrint"),
    "DescribeNatGateways": ("NatGateways.NatGateway", "NatGatewayId Status SnatTableIds.SnatTableId VpcId NatType"),
    "DescribeNetworkInterfaces": (
        "NetworkInterfaceSets.NetworkInterfaceSet", "NetworkInterfaceId Status PrivateIpSets.PrivateIpSet"
        " Ipv6Sets.Ipv6Set Ipv4PrefixSets.Ipv4PrefixSet SecurityGroupIds.SecurityGroupId MacAddress",
    ),
    "DescribePrefixListAttributes": ("", "PrefixListId PrefixListName Entries.Entry MaxEntries AddressFamily"),
    "DescribeRouteTableList": ("RouterTableList.RouterTableListType", "RouteTableId Status VpcId VSwitchIds.VSwitchId"),
    "DescribeRouteTables": ("RouteTables.RouteTable", "RouteTableId RouteEntrys.RouteEntry VRouterId"),
    "DescribeSecurityGroupAttribute": ("", "SecurityGroupId InnerAccessPolicy Permissions.Permission VpcId"),
    "DescribeSecurityGroups": ("SecurityGroups.SecurityGroup", "SecurityGroupId SecurityGroupName VpcId"),
    "DescribeSnapshots": ("Snapshots.Snapshot", "SnapshotId Status SourceDiskId"),
    "DescribeSnatTableEntries": ("SnatTableEntries.SnatTableEntry", "SnatEntryId Status SnatIp"),
    "DescribeUserData": ("", "InstanceId RegionId"),
    "DescribeVSwitchAttributes": ("", "VSwitchId Status VpcId ZoneId CidrBlock RouteTable.RouteTableId"),
    "DescribeVpcAttribute": ("", "VpcId Status CidrBlock VRouterId"),
    "DescribeZones": (
        "Zones.Zone", "ZoneId AvailableDiskCategories.DiskCategories AvailableResourceCreation.ResourceTypes",
    ),
    "ListTagResources": ("TagResources.TagResource", "ResourceId TagKey TagValue"),
}  # fmt: skip


def at(value: Any, path: str) -> Any:
    """What is at a dotted path; KeyError where something on the way is missing."""
    for name in path.split(".") if path else ():
        value = value[name]
    return value


class Replay:
    """One account, and the ids that the recorded ones stand for."""

    def __init__(self) -> None:
        self.clock = VirtualClock(1_790_000_000.0)
        self.service = Service(Options(seed="provider"), self.clock)
        self.client = Client(self.service)
        self.names: dict[str, str] = {}

    def send(self, call: Mapping[str, Any]) -> Any:
        ids_in(self.client.control("GET", "state")["things"], self.names)
        ids = {name: found for found, name in self.names.items()}
        params = json.loads(re.sub(r"\{[a-z]+\.\d+\}", lambda match: ids[match[0]], json.dumps(call["params"])))
        self.clock.advance(30)
        flat = {"Action": call["action"], **params}
        body = read(self.service.handle(v3_request(flat, call["product"], self.client.now())))
        self.clock.advance(30)
        return body


@pytest.fixture(scope="module")
def answers() -> Iterator[list[tuple[str, Any]]]:
    """Each action with its answer, or what was wrong with it."""
    replay = Replay()
    found = []
    for call in CALLS:
        try:
            found.append((f"{call['phase']} {call['action']}", replay.send(call)))
        except Exception as error:  # noqa: BLE001
            found.append((f"{call['phase']} {call['action']}", error))
    yield found
    replay.service.close()


def test_the_calls_are_those_of_a_whole_life(answers: list[tuple[str, Any]]) -> None:
    phases = Counter(call["phase"] for call in CALLS)
    assert set(phases) == {"create", "change", "destroy"} and len(CALLS) > 200
    assert len({call["action"] for call in CALLS}) > 90
    assert not ID.search(json.dumps(CALLS))


def test_each_call_is_answered(answers: list[tuple[str, Any]]) -> None:
    assert [f"{what}: {answer}" for what, answer in answers if isinstance(answer, Exception)] == []


def test_each_answer_has_what_the_provider_reads_without_a_look(answers: list[tuple[str, Any]]) -> None:
    missing = []
    for what, answer in answers:
        where, members = READS.get(what.split()[1], ("", "RequestId"))
        items = at(answer, where) if where else [answer]
        for path in members.split():
            for item in items:
                try:
                    at(item, path)
                except (KeyError, TypeError):
                    missing.append(f"{what}: {where}[].{path}")
    assert missing == []


def test_every_read_has_its_row_here_and_found_something(answers: list[tuple[str, Any]]) -> None:
    asked = {call["action"] for call in CALLS if call["action"].startswith(("Describe", "List"))}
    assert asked - READS.keys() <= {"DescribeTags"}
    full = {what.split()[1] for what, answer in answers if at(answer, READS.get(what.split()[1], ("", ""))[0])}
    assert READS.keys() - full <= {"DescribeInstanceAttachmentAttributes"}


def test_no_answer_has_what_the_api_does_not_document(answers: list[tuple[str, Any]]) -> None:
    wrong = []
    for call, (what, answer) in zip(CALLS, answers, strict=True):
        agreed = contract.find(call["product"], call["action"])
        assert agreed is not None
        wrong += [f"{what}{misfit}" for misfit in misfits(agreed.response, answer)]
    assert wrong == []


def test_in_the_end_nothing_is_left() -> None:
    replay = Replay()
    for call in CALLS:
        if not call["action"].startswith(("Describe", "List")):
            replay.send(call)
    left = {thing["kind"] for thing in replay.client.control("GET", "state")["things"]}
    replay.service.close()
    assert left <= {"snapshot"}
