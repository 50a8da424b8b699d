"""Snapshots beyond one disk: the chain of a disk, copies in other regions, and the archive."""

from __future__ import annotations

from collections.abc import Iterable

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import parse_time, to_seconds
from ecsplan.emulator.operations.snapshots import DAY, NOT_FOUND, chain_of, keep
from ecsplan.emulator.operations.tasks import start_task
from ecsplan.emulator.paging import by_either
from ecsplan.emulator.wire import Refusal, invalid, not_found

LEAST_DAYS, LEAST_ARCHIVED_DAYS = 14, 60


def describe_snapshot_links(call: Call) -> Body:
    """One row a disk that has snapshots; an empty JSON array finds nothing."""
    chains = {snapshot["SourceDiskId"]: snapshot for snapshot in call.listed("snapshot") if snapshot["SourceDiskId"]}
    disks, links, instance_id = call.ids("DiskIds"), call.ids("SnapshotLinkIds"), call.get("InstanceId")
    newest: Iterable[Thing] = chains.values()
    if disks is not None:
        newest = [snapshot for snapshot in newest if snapshot["SourceDiskId"] in disks]
    if links is not None:
        newest = [snapshot for snapshot in newest if chain_of(snapshot["SourceDiskId"]) in links]
    if instance_id is not None:
        newest = [snapshot for snapshot in newest if _instance_id(call, snapshot) == instance_id]
    return by_either(call, list(newest), _chain, ("SnapshotLinks", "SnapshotLink"), 100)


def _instance_id(call: Call, snapshot: Thing) -> str:
    disk = call.account.get("disk", snapshot["SourceDiskId"])
    return str(disk.get("InstanceId", "")) if disk is not None else ""


def _chain(call: Call, newest: Thing) -> Body:
    disk_id = newest["SourceDiskId"]
    disk = call.account.get("disk", disk_id)
    instance = call.account.get("instance", _instance_id(call, newest))
    members = call.account.where("snapshot", "SourceDiskId", disk_id)
    return {
        "SnapshotLinkId": chain_of(disk_id),
        "RegionId": newest.region,
        "SourceDiskId": disk_id,
        "SourceDiskName": disk["DiskName"] if disk is not None else "",
        "SourceDiskSize": int(newest["SourceDiskSize"]),
        "SourceDiskType": newest["SourceDiskType"],
        "InstanceId": instance.id if instance is not None else "",
        "InstanceName": instance["InstanceName"] if instance is not None else "",
        "Category": newest["Category"],
        "InstantAccess": False,
        "TotalCount": len(members),
        "TotalSize": sum(int(snapshot["SourceDiskSize"]) for snapshot in members) * 2**30,
    }


def copy_snapshot(call: Call) -> Body:
    """RegionId is where the source is; the copy knows no disk, so that no disk can go back to it."""
    source = call.require("snapshot", call.need("SnapshotId"), NOT_FOUND, "SnapshotId")
    if source.status != "accomplished":
        raise Refusal(403, "InvalidSnapshotId.NotReady", f"The snapshot {source.id} is {source.status}.")
    region = call.need("DestinationRegionId")
    if not catalogue.is_region(region):
        raise not_found("InvalidRegionId.NotFound", "DestinationRegionId", region)
    if region == source.region:
        raise invalid("DestinationRegionId", "It is another region.", "InvalidDestinationRegionId.SameRegion")
    name = check_name(call.get("DestinationSnapshotName"), "DestinationSnapshotName", "InvalidSnapshotName.Malformed")
    kept = ("SourceDiskSize", "SourceDiskType", "SourceStorageType", "Category")
    data = {key: source[key] for key in kept} | {
        "SnapshotName": name,
        "Description": check_description(call.get("DestinationSnapshotDescription")),
        "Status": "progressing",
        "SourceDiskId": "",
        "SourceSnapshotId": source.id,
        "SourceRegionId": source.region,
        "InstanceId": "",
        "Encrypted": bool(call.get("Encrypted", source["Encrypted"])),
        "KMSKeyId": call.get("KMSKeyId", ""),
        "CreationTime": to_seconds(call.now),
        "LastModifiedTime": to_seconds(call.now),
        "SnapshotType": "user",
        "ResourceGroupId": call.get("ResourceGroupId", ""),
    }
    copy = call.account.add("snapshot", region, call.account.new_id("s", region), data, call.tags())
    call.in_settle(copy, Status="accomplished")
    keep(call, copy, call.number("RetentionDays", 1, 65536))
    return {"SnapshotId": copy.id}


def modify_snapshot_category(call: Call) -> Body:
    """Only into the archive, and only what has been kept for two weeks; there is no way back."""
    snapshot = call.require("snapshot", call.need("SnapshotId"), NOT_FOUND, "SnapshotId")
    call.choice("Category", "Archive")
    if snapshot["Category"] != "standard" or snapshot.status != "accomplished":
        raise Refusal(403, "InvalidSnapshotId.NotStandard", f"The snapshot {snapshot.id} can't be archived.")
    age = call.now - (parse_time(snapshot["CreationTime"]) or call.now)
    if age < LEAST_DAYS * DAY:
        raise Refusal(403, "InvalidSnapshotId.KeptTooShort", f"A snapshot is archived after {LEAST_DAYS} days.")
    days = call.number("RetentionDays", LEAST_ARCHIVED_DAYS, 65536)
    call.account.change(snapshot, Category="archive", LastModifiedTime=to_seconds(call.now))
    if days is not None:
        keep(call, snapshot, days)
    return {"TaskId": start_task(call, "ArchiveSnapshot", snapshot.id).id}


ECS = {
    "DescribeSnapshotLinks": describe_snapshot_links,
    "CopySnapshot": copy_snapshot,
    "ModifySnapshotCategory": modify_snapshot_category,
}
