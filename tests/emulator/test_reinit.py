"""Disks that go back: ReInitDisk to their beginning, ResetDisk to a snapshot, and what stands against it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .client import Client, Failed, World


def code(client: Client, action: str, **params: Any) -> Any:
    try:
        client.ecs(action, **params)
    except Failed as refused:
        return refused.code
    return None


def disks(client: Client, machine: str) -> dict[str, str]:
    rows = client.ecs("DescribeDisks", InstanceId=machine)["Disks"]["Disk"]
    return {row["Type"]: row["DiskId"] for row in rows}


def status(client: Client, disk: str) -> str:
    return str(client.ecs("DescribeDisks", DiskIds=json.dumps([disk]))["Disks"]["Disk"][0]["Status"])


def snapshot(client: Client, disk: str, **more: Any) -> str:
    made = client.ecs("CreateSnapshot", DiskId=disk, **more)["SnapshotId"]
    client.settle()
    return str(made)


@pytest.fixture
def machine(world: World) -> str:
    """Stopped, with a system and a data disk."""
    (made,) = world.running(DataDisk=[{"Size": 20, "Category": "cloud_essd"}])
    world.client.ecs("StopInstance", InstanceId=made)
    world.client.settle()
    return made


def test_a_disk_is_busy_until_it_is_back(client: Client, machine: str) -> None:
    disk = disks(client, machine)["data"]

    client.ecs("ReInitDisk", DiskId=disk)

    assert status(client, disk) == "ReIniting"
    assert code(client, "ReInitDisk", DiskId=disk) == "IncorrectDiskStatus"
    assert code(client, "StartInstance", InstanceId=machine) == "DiskError"
    client.settle()
    assert status(client, disk) == "In_use"
    assert code(client, "StartInstance", InstanceId=machine) is None


def test_a_disk_that_hangs_nowhere_can_be_rolled_back_only(client: Client, machine: str) -> None:
    disk = disks(client, machine)["data"]
    made = snapshot(client, disk)
    client.ecs("DetachDisk", InstanceId=machine, DiskId=disk)
    client.settle()

    assert code(client, "ReInitDisk", DiskId=disk) == "IncorrectDiskStatus"
    assert code(client, "ResetDisk", DiskId=disk, SnapshotId=made, DryRun=True) == "DryRunOperation"
    assert status(client, disk) == "Available"
    client.ecs("ResetDisk", DiskId=disk, SnapshotId=made)
    assert status(client, disk) == "ReIniting"
    client.settle()
    assert status(client, disk) == "Available"


def test_a_disk_is_rolled_back_to_its_own_finished_snapshots(client: Client, machine: str) -> None:
    found = disks(client, machine)
    foreign = snapshot(client, found["system"])
    unfinished = client.ecs("CreateSnapshot", DiskId=found["data"])["SnapshotId"]

    assert code(client, "ResetDisk", DiskId=found["data"], SnapshotId=foreign) == "InvalidParameter.Mismatch"
    assert code(client, "ResetDisk", DiskId=found["data"], SnapshotId=unfinished) == "InvalidSnapshotId.NotReady"
    assert code(client, "ReInitDisk", DiskId=found["data"]) == "DiskCreatingSnapshot"


def test_several_go_back_together_or_not_at_all(client: Client, machine: str) -> None:
    found = disks(client, machine)
    pairs = [{"DiskId": disk, "SnapshotId": snapshot(client, disk)} for disk in found.values()]

    wrong = [pairs[0], {**pairs[1], "SnapshotId": pairs[0]["SnapshotId"]}]
    assert code(client, "ResetDisks", Disk=wrong) == "InvalidParameter.Mismatch"
    assert status(client, pairs[0]["DiskId"]) == "In_use"
    client.ecs("ResetDisks", Disk=pairs)
    assert {status(client, disk) for disk in found.values()} == {"ReIniting"}


def test_a_disk_with_a_local_snapshot_stays_as_it_is(client: Client, machine: str) -> None:
    disk = disks(client, machine)["data"]
    snapshot(client, disk, Category="flash")

    assert code(client, "ReInitDisk", DiskId=disk) == "OperationDenied.LocalSnapshot"


def test_the_beginning_must_still_be_there(client: Client, world: World, machine: str) -> None:
    source = snapshot(client, disks(client, machine)["data"])
    image = client.ecs("CreateImage", InstanceId=machine, ImageName="golden")["ImageId"]
    client.settle()
    order = {"ImageFamily": None, "ImageId": image, "DataDisk": [{"SnapshotId": source, "Category": "cloud_essd"}]}
    (other,) = world.running(**order)
    client.ecs("StopInstance", InstanceId=other)
    client.settle()
    found = disks(client, other)
    rows = client.ecs("DescribeDisks", InstanceId=other)["Disks"]["Disk"]
    found["data"] = next(row["DiskId"] for row in rows if row["SourceSnapshotId"] == source)
    client.ecs("DeleteSnapshot", SnapshotId=source, Force=True)
    client.ecs("DeleteImage", ImageId=image, Force=True)

    assert code(client, "ReInitDisk", DiskId=found["data"]) == "InvalidSourceSnapshot"
    assert code(client, "ReInitDisk", DiskId=found["system"]) == "InvalidImageId.NotFound"


def test_a_machine_that_never_ran_has_nothing_to_go_back_from(client: Client, world: World) -> None:
    order = {"ImageId": "ubuntu_24_04_x64_20G_alibase_20240812.vhd", "InstanceType": "ecs.g7.large"}
    made = client.ecs("CreateInstance", VSwitchId=world.vswitch, SecurityGroupId=world.group, **order)["InstanceId"]
    client.settle()

    assert code(client, "ReInitDisk", DiskId=disks(client, made)["system"]) == "InstanceNotReady"


def test_a_disk_of_several_machines_cannot_go_back(client: Client, machine: str) -> None:
    made = client.ecs(
        "CreateDisk", ZoneId="cn-hangzhou-h", Size=40, DiskCategory="cloud_essd", MultiAttach="Enabled"
    )["DiskId"]  # fmt: skip
    client.settle()
    client.ecs("AttachDisk", InstanceId=machine, DiskId=made)
    client.settle()

    assert code(client, "ReInitDisk", DiskId=made) == "DiskCategory.OperationNotSupported"
