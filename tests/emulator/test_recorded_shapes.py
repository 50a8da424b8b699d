"""The emulator's answers beside recorded ones: types, casing, nesting, and what is there at all.

cases/recorded_shapes.json says of each action which fields its recorded answers have: [types, how often, of how many
owners, how often empty]; made by make_recorded_shapes.py, without a value of theirs. Where the two differ, the reason
stands in DIFFERENT or UNRECORDED.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator.service import Options, Service, VirtualClock

from .client import Client, World, build_world

WORDS = {str: "s", bool: "b", int: "i", float: "f", dict: "o", list: "l"}
SHAPES: Mapping[str, Any] = json.loads(Path(__file__).with_name("cases").joinpath("recorded_shapes.json").read_text())
NO_FIELDS = ("RequestId",)


def fields(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each path of an answer, with its type."""
    if path:
        yield path, WORDS[type(value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in NO_FIELDS:
                yield from fields(inner, f"{path}.{key}" if path else key)
    for item in value if isinstance(value, list) else ():
        yield from fields(item, f"{path}[]")


def estate(world: World) -> dict[str, list[Mapping[str, Any]]]:
    """One of each, in a VPC of its own, and what the reads of it answer."""
    client = world.client
    client.ecs("ImportKeyPair", KeyPairName="ops", PublicKeyBody="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC6 ops")
    (machine,) = world.running(
        InstanceChargeType="PrePaid", Period=1, KeyPairName="ops", Tag=[{"Key": "team", "Value": "web"}],
        InternetMaxBandwidthOut=5, DataDisk=[{"Category": "cloud_essd", "Size": 40}],
    )  # fmt: skip
    (bound,) = world.running()
    eip = client.vpc("AllocateEipAddress", Bandwidth=5, Name="front")["AllocationId"]
    client.vpc("AllocateEipAddress")
    client.vpc("AssociateEipAddress", AllocationId=eip, InstanceId=bound)
    group = world.group
    client.ecs("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[
        {"IpProtocol": "TCP", "PortRange": "443/443", "SourceCidrIp": "0.0.0.0/0"}])  # fmt: skip
    client.settle()
    disk = client.ecs("DescribeDisks", InstanceId=machine, DiskType="system")["Disks"]["Disk"][0]["DiskId"]
    client.ecs("CreateSnapshot", DiskId=disk)
    client.settle()
    client.ecs("CreateImage", InstanceId=machine, ImageName="golden")
    client.settle()
    return {
        "DescribeAvailableResource": [
            client.ecs("DescribeAvailableResource", DestinationResource="DataDisk", ResourceType="disk",
                       ZoneId="cn-hangzhou-h")],
        "DescribeDisks": [client.ecs("DescribeDisks")],
        "DescribeEipAddresses": [client.vpc("DescribeEipAddresses")],
        "DescribeImages": [client.ecs("DescribeImages", ImageOwnerAlias="self")],
        "DescribeInstanceAttribute": [client.ecs("DescribeInstanceAttribute", InstanceId=machine)],
        "DescribeInstanceAutoRenewAttribute": [
            client.ecs("DescribeInstanceAutoRenewAttribute", InstanceId=machine)],
        "DescribeInstanceTypes": [
            client.ecs("DescribeInstanceTypes", InstanceTypes=["ecs.g7.large", "ecs.i3.2xlarge"])],
        "DescribeInstances": [client.ecs("DescribeInstances")],
        "DescribeKeyPairs": [client.ecs("DescribeKeyPairs")],
        "DescribeRegions": [client.ecs("DescribeRegions")],
        "DescribeSecurityGroupAttribute": [client.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=group)],
        "DescribeSecurityGroups": [client.ecs("DescribeSecurityGroups")],
        "DescribeSnapshots": [client.ecs("DescribeSnapshots")],
        "DescribeVSwitches": [client.vpc("DescribeVSwitches")],
        "DescribeVpcs": [client.vpc("DescribeVpcs")],
        "GetCallerIdentity": [client.call("sts", "GetCallerIdentity")],
    }  # fmt: skip


@cache
def seen() -> Mapping[str, Mapping[str, set[str]]]:
    """The paths of the emulator's answers with their types, by action."""
    service = Service(Options(seed="shapes"), VirtualClock())
    found: dict[str, dict[str, set[str]]] = {}
    for action, answers in estate(build_world(Client(service))).items():
        for answer in answers:
            for path, kind in fields(answer):
                found.setdefault(action, {}).setdefault(path, set()).add(kind)
    service.close()
    return found


# Where a type is another one, by action and path: why.
OF_OLD = "the recorded answers are of 2016 to 2021, and the reference of today says text"
DIFFERENT: Mapping[tuple[str, str], str] = {
    ("DescribeSecurityGroupAttribute", "Permissions.Permission[].Priority"): OF_OLD,
    ("DescribeSnapshots", "Snapshots.Snapshot[].SourceDiskSize"): OF_OLD,
}
YOUNGER = "the field is younger than the recorded answers, and in the reference of today"
UNASKED = "the reference has it and no recorded answer shows it: clients of other languages read it without looking"
# What no recorded answer has, by action: patterns of paths, and why the emulator has it.
UNRECORDED: Mapping[str, Mapping[str, str]] = {
    "DescribeAvailableResource": {r".*\.StatusCategory": YOUNGER},
    "DescribeEipAddresses": {r"EipAddresses\.EipAddress\[\]\..*": YOUNGER},
    "DescribeImages": {r"Images\.Image\[\]\.(ImageOwnerId|Usable|.*\.RemainTime)": UNASKED},
    "DescribeInstanceAttribute": {r"EipAddress\.Bandwidth|EnableNetworkEncryption": YOUNGER},
    "DescribeInstanceTypes": {
        r".*\.(NetworkCardQuantity|QueuePairNumber)": YOUNGER,
        r".*\.LocalStorage(Amount|Capacity)": "no type with local disks is among the recorded ones",
    },
    "DescribeKeyPairs": {r".*\.(Tags(\..*)?|PublicKey)": YOUNGER},
    "DescribeRegions": {r".*\.Status": YOUNGER},
    "DescribeSecurityGroupAttribute": {
        r".*\.SecurityGroupRuleId": YOUNGER, r"SnapshotPolicyIds(\..*)?": YOUNGER,
    },
    "DescribeSnapshots": {r"Snapshots\.Snapshot\[\]\..*": YOUNGER},
    "DescribeVSwitches": {r".*\.(Ipv6CidrBlock|NetworkAclId|ShareType|Tags(\..*)?)": YOUNGER},
    "DescribeVpcs": {r".*\.(Ipv6CidrBlocks(\..*)?|Tags(\..*)?)": YOUNGER},
}  # fmt: skip
# What every recorded answer has and the emulator's do not: why.
MISSING: Mapping[tuple[str, str], str] = {
    (
        "DescribeInstanceTypes",
        f"InstanceTypes.InstanceType[].CpuOptions.{name}",
    ): "of one recorded type, in no reference"
    for name in ("HyperThreadingAdjustable", "SupportedTopologyTypes")
}


@pytest.mark.parametrize("action", sorted(SHAPES))
def test_types_casing_and_nesting_are_the_recorded_ones(action: str) -> None:
    recorded = SHAPES[action]["fields"]
    spelled = {path.lower(): path for path in recorded}
    wrong = []
    for path, kinds in seen()[action].items():
        if spelled.get(path.lower(), path) != path:
            wrong.append(f"{path} is spelled {spelled[path.lower()]}")
        known = set(recorded[path][0].split("|")) - {"null"} if path in recorded else set()
        if known and not kinds <= known and (action, path) not in DIFFERENT:
            wrong.append(f"{path} is {kinds}, recorded {known}")
    assert not wrong


@pytest.mark.parametrize("action", sorted(SHAPES))
def test_what_is_always_there_is_there(action: str) -> None:
    """Of objects that the emulator's answer has; a list may be an empty one."""
    have, missing = seen()[action], []
    for path, (_, often, owners, _) in SHAPES[action]["fields"].items():
        owner = path.rpartition(".")[0]
        is_owned = not owner or owner in have
        if often == owners and is_owned and path not in have and not path.endswith("[]"):
            missing.append(path)
    assert [path for path in missing if (action, path) not in MISSING] == []


@pytest.mark.parametrize("action", sorted(SHAPES))
def test_what_no_recorded_answer_has_is_left_out_or_has_its_reason(action: str) -> None:
    reasons = UNRECORDED.get(action, {})
    more = [path for path in seen()[action] if path not in SHAPES[action]["fields"] and not path.endswith("[]")]
    assert [path for path in more if not any(re.fullmatch(pattern, path) for pattern in reasons)] == []
    unused = [pattern for pattern in reasons if not any(re.fullmatch(pattern, path) for path in more)]
    assert unused == []


def test_each_difference_is_one() -> None:
    """A reason for what does not differ any more goes."""
    for action, path in DIFFERENT:
        kinds, known = seen()[action][path], set(SHAPES[action]["fields"][path][0].split("|"))
        assert not kinds <= known, path
    for action, path in MISSING:
        assert path not in seen()[action]
