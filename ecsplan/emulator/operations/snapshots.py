"""Snapshots of disks, and going back to one."""

from __future__ import annotations

from collections.abc import Mapping

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._disks import QUICK, was_attached
from ecsplan.emulator.operations.disks import NOT_FOUND as NO_DISK
from ecsplan.emulator.operations.disks import require_cloud_disk, require_status, require_steady
from ecsplan.emulator.paging import by_either, newest_first
from ecsplan.emulator.wire import Refusal, invalid

NOT_FOUND = "InvalidSnapshotId.NotFound"
DAY = 86400.0
PER_DISK = "manual_snapshots_per_disk"


def create_snapshot(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NO_DISK, "DiskId")
    name = check_name(call.get("SnapshotName"), "SnapshotName", "InvalidSnapshotName.Malformed")
    if name.startswith("auto"):
        raise invalid("SnapshotName", "Names that start with auto are the service's.", "InvalidSnapshotName.Malformed")
    days = call.number("RetentionDays", 1, 65536)
    snapshot = take(call, disk, name, check_description(call.get("Description")), call.tags())
    call.account.change(
        snapshot,
        Category=str(call.get("Category", "standard")).lower(),
        ResourceGroupId=call.get("ResourceGroupId", ""),
    )
    keep(call, snapshot, days)
    return {"SnapshotId": snapshot.id}


def take(call: Call, disk: Thing, name: str, description: str, tags: Mapping[str, str]) -> Thing:
    """A snapshot that is progressing; one at a time of a disk."""
    require_cloud_disk(disk)
    require_status(disk, "In_use", "Available")
    if not was_attached(disk) and call.settings.snapshots_need_a_machine:
        raise Refusal(403, "IncorrectDiskStatus.NeverAttached", f"No machine has ever had the disk {disk.id}.")
    siblings = call.account.where("snapshot", "SourceDiskId", disk.id)
    if any(other.status == "progressing" for other in siblings):
        raise Refusal(403, "IncorrectDiskStatus.CreatingSnapshot", f"A snapshot of the disk {disk.id} is being made.")
    call.check_quota(PER_DISK, len(siblings), "QuotaExceed.Snapshot")
    snapshot = call.account.add("snapshot", disk.region, call.account.new_id("s", disk.region), {
        "SnapshotName": name,
        "Description": description,
        "Status": "progressing",
        "SourceDiskId": disk.id,
        "SourceDiskSize": str(disk["Size"]),
        "SourceDiskType": disk["Type"],
        "SourceStorageType": disk["Category"],
        "InstanceId": disk.get("InstanceId", ""),
        "Encrypted": disk.get("Encrypted", False),
        "KMSKeyId": disk.get("KMSKeyId", ""),
        "CreationTime": to_seconds(call.now),
        "LastModifiedTime": to_seconds(call.now),
        "SnapshotType": "user",
        "Category": "standard",
        "ResourceGroupId": "",
    }, tags)  # fmt: skip
    call.in_settle(snapshot, Status="accomplished")
    return snapshot


def keep(call: Call, snapshot: Thing, days: int | None) -> None:
    """It goes by itself when its days are over."""
    rest = [item for item in snapshot.pending if item[2] != "remove"]
    call.account.set_pending(snapshot, rest)
    call.account.change(snapshot, RetentionDays=days)
    if days is not None:
        call.lifecycle.schedule(snapshot, call.now + days * DAY, "remove")


def describe_snapshots(call: Call) -> Body:
    ids = call.ids("SnapshotIds")
    if ids is not None:
        snapshots = call.listed_by("snapshot", ids)
    elif call.get("DiskId") is not None:
        snapshots = [
            s for s in call.account.where("snapshot", "SourceDiskId", call.get("DiskId")) if call.sight.shows(s)
        ]
    else:
        snapshots = call.candidates("snapshot")
    snapshots = [s for s in snapshots if s.region == call.region]
    snapshots = call.filtered(
        call.matching_tags(snapshots), DiskId="SourceDiskId", InstanceId="InstanceId", SnapshotName="SnapshotName",
        KMSKeyId="KMSKeyId",
    )  # fmt: skip
    snapshots = call.created_between(snapshots)
    links = call.ids("SnapshotLinkId")
    if links is not None:
        snapshots = [s for s in snapshots if chain_of(s["SourceDiskId"]) in links]
    for parameter in ("Status", "SnapshotType", "SourceDiskType", "Category"):
        wanted = call.get(parameter)
        if wanted is not None and wanted.lower() != "all":
            snapshots = [s for s in snapshots if s[parameter] == wanted.lower()]
    if call.get("Encrypted") is not None:
        snapshots = [s for s in snapshots if s["Encrypted"] == call.get("Encrypted")]
    if call.get("Usage") is not None:
        snapshots = [s for s in snapshots if usage(call, s) == call.get("Usage")]
    return by_either(call, snapshots, _shown, ("Snapshots", "Snapshot"), 100)


def chain_of(disk_id: str) -> str:
    """A chain is all snapshots of a disk, and nothing of its own."""
    return "sl-" + disk_id.removeprefix("d-") if disk_id else ""


def usage(call: Call, snapshot: Thing) -> str:
    image = call.account.how_many("image", "SnapshotIds", snapshot.id) > 0
    disk = call.account.how_many("disk", "SourceSnapshotId", snapshot.id) > 0
    return {(True, True): "image_disk", (True, False): "image", (False, True): "disk"}.get((image, disk), "none")


SHOWN = ("SnapshotName", "Description", "Status", "SourceDiskId", "SourceDiskSize", "SourceDiskType",
         "SourceStorageType", "Encrypted", "KMSKeyId", "CreationTime", "LastModifiedTime", "SnapshotType", "Category",
         "ResourceGroupId")  # fmt: skip


def _shown(call: Call, snapshot: Thing) -> Body:
    row = {key: snapshot[key] for key in SHOWN} | {
        "SnapshotId": snapshot.id,
        "RegionId": snapshot.region,
        "Progress": "100%" if snapshot.status == "accomplished" else "0%",
        "Available": snapshot.status == "accomplished",
        "Usage": usage(call, snapshot),
        "RemainTime": 0,
        "ProductCode": "",
        "InstantAccess": False,
        "SourceSnapshotId": snapshot.get("SourceSnapshotId", ""),
        "SourceRegionId": snapshot.get("SourceRegionId", ""),
        "SnapshotLinkId": chain_of(snapshot["SourceDiskId"]),
        "Tags": ecs_tags(snapshot),
    }
    if snapshot.get("RetentionDays") is not None:
        row["RetentionDays"] = snapshot["RetentionDays"]
    return row


def modify_snapshot_attribute(call: Call) -> Body:
    snapshot = call.require("snapshot", call.need("SnapshotId"), NOT_FOUND, "SnapshotId")
    changes: Body = {"LastModifiedTime": to_seconds(call.now)}
    if "SnapshotName" in call.params:
        changes["SnapshotName"] = check_name(call.get("SnapshotName"), "SnapshotName", "InvalidSnapshotName.Malformed")
    if "Description" in call.params:
        changes["Description"] = check_description(call.get("Description"))
    call.account.change_all(snapshot, changes)
    days = call.number("RetentionDays", 1, 65536)
    if days is not None:
        if days < (snapshot.get("RetentionDays") or 0):
            raise invalid("RetentionDays", "It can only grow.", "InvalidRetentionDays.Malformed")
        keep(call, snapshot, days)
    return {}


def delete_snapshot(call: Call) -> Body:
    """One that is not there is ignored."""
    snapshot = call.find("snapshot", call.need("SnapshotId"))
    if snapshot is not None:
        remove(call, snapshot, bool(call.get("Force")))
    return {}


def remove(call: Call, snapshot: Thing, force: bool) -> None:
    used = usage(call, snapshot)
    if "image" in used:
        raise Refusal(403, "SnapshotCreatedImage", f"An image was made of the snapshot {snapshot.id}: delete it first.")
    if "disk" in used and not force:
        raise Refusal(403, "SnapshotCreatedDisk", f"A disk was made of the snapshot {snapshot.id}; Force deletes it.")
    call.account.remove(snapshot)


def reset_disk(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NO_DISK, "DiskId")
    _check_reset(call, disk, call.need("SnapshotId"))
    _reset(call, disk)
    return {}


def _reset(call: Call, disk: Thing) -> None:
    """It takes its time, and is then what it was: attached or not."""
    before = disk.status
    call.account.change(disk, Status="ReIniting")
    call.in_settle(disk, share=min(1.0, QUICK / call.settle) if call.settle else 1.0, Status=before)


def _check_reset(call: Call, disk: Thing, snapshot_id: str) -> None:
    require_status(disk, "In_use", "Available")
    snapshot = call.require("snapshot", snapshot_id, NOT_FOUND, "SnapshotId")
    if snapshot["SourceDiskId"] != disk.id:
        raise Refusal(403, "InvalidParameter.Mismatch", f"The snapshot {snapshot_id} is of another disk.")
    if snapshot.status != "accomplished":
        raise Refusal(403, "InvalidSnapshotId.NotReady", f"The snapshot {snapshot_id} is {snapshot.status}.")
    instance = call.account.get("instance", disk.get("InstanceId", ""))
    if instance is not None:
        require_steady(instance, "Stopped")


def reset_disks(call: Call) -> Body:
    """All may go back, or none does."""
    disks = []
    for pair in call.many("Disk", 10):
        disks.append(call.require("disk", pair.get("DiskId"), NO_DISK, "DiskId"))
        _check_reset(call, disks[-1], pair.get("SnapshotId", ""))
    rows = []
    for disk in disks:
        _reset(call, disk)
        items = [{"Name": "DiskId", "Value": disk.id}]
        rows.append(
            {"OperationStatus": "Success", "ErrorCode": "", "ErrorMsg": "", "RelatedItemSet": {"RelatedItem": items}}
        )
    return {"OperationProgressSet": {"OperationProgress": rows}}


def describe_snapshots_usage(call: Call) -> Body:
    snapshots = newest_first(call.listed("snapshot"))
    return {"SnapshotCount": len(snapshots), "SnapshotSize": sum(int(s["SourceDiskSize"]) for s in snapshots) * 2**30}


ECS = {
    "CreateSnapshot": create_snapshot,
    "DescribeSnapshots": describe_snapshots,
    "ModifySnapshotAttribute": modify_snapshot_attribute,
    "DeleteSnapshot": delete_snapshot,
    "DescribeSnapshotsUsage": describe_snapshots_usage,
    "ResetDisk": reset_disk,
    "ResetDisks": reset_disks,
}
TAGGABLE = {("ecs", "snapshot"): "snapshot"}
