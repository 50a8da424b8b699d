"""Snapshot-consistent groups: the disks of one instance (or named ones) at one moment."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._disks import disks_of
from ecsplan.emulator.operations.disks import NOT_FOUND as NO_DISK
from ecsplan.emulator.operations.instances import NOT_FOUND as NO_INSTANCE
from ecsplan.emulator.operations.snapshots import remove, take
from ecsplan.emulator.paging import by_token
from ecsplan.emulator.wire import Refusal, invalid, missing

NOT_FOUND = "InvalidSnapshotGroupId.NotFound"
MAX_DISKS, MAX_GIB = 128, 256 * 1024


def create_snapshot_group(call: Call) -> Body:
    disks = _disks(call)
    if len(disks) > MAX_DISKS or sum(disk["Size"] for disk in disks) > MAX_GIB:
        raise Refusal(400, "InvalidParameter.DiskLimit", f"A group has at most {MAX_DISKS} disks and {MAX_GIB} GiB.")
    if len({disk["ZoneId"] for disk in disks}) > 1:
        raise invalid("DiskId", "The disks are in several zones.", "InvalidDiskId.ZoneMismatch")
    for disk in disks:
        if not disk["Category"].startswith(("cloud_essd", "cloud_auto", "cloud_regional")):
            raise Refusal(403, "InvalidDiskCategory.NotSupported", f"The disk {disk.id} is no ESSD.")
    group_id = call.account.new_id("ssg", call.region)
    tags = call.tags()
    snapshots = [take(call, disk, "", "", {}).id for disk in disks]  # the tags are those of the group
    group = call.account.add("snapshotgroup", call.region, group_id, {
        "Name": check_name(call.get("Name"), "Name", "InvalidName.Malformed", "SnapshotGroupName"),
        "Description": check_description(call.get("Description")),
        "Status": "progressing",
        "InstanceId": call.get("InstanceId", ""),
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
        "SnapshotIds": snapshots,
    }, tags)  # fmt: skip
    call.in_settle(group, Status="accomplished")
    return {"SnapshotGroupId": group.id}


def _disks(call: Call) -> list[Thing]:
    wanted, unwanted = call.many("DiskId", MAX_DISKS), call.many("ExcludeDiskId", MAX_DISKS)
    if wanted and unwanted:
        raise invalid("ExcludeDiskId", "Give DiskId or ExcludeDiskId.", "InvalidParameter.Conflict")
    instance_id = call.get("InstanceId")
    if instance_id is None and not wanted:
        raise missing("InstanceId")
    if instance_id is None:
        return [call.require("disk", id_, NO_DISK, "DiskId") for id_ in wanted]
    instance = call.require("instance", instance_id, NO_INSTANCE, "InstanceId")
    attached = disks_of(call.account, instance.id)
    known = {disk.id for disk in attached}
    for id_ in [*wanted, *unwanted]:
        if id_ not in known:
            raise Refusal(400, "InvalidDiskId.NotAttached", f"The disk {id_} is not attached to {instance.id}.")
    return [disk for disk in attached if (not wanted or disk.id in wanted) and disk.id not in unwanted]


def describe_snapshot_groups(call: Call) -> Body:
    ids = call.many("SnapshotGroupId", 10)
    groups = call.listed_by("snapshotgroup", ids) if ids else call.candidates("snapshotgroup")
    groups = call.filtered(call.matching_tags(groups), InstanceId="InstanceId", Name="Name")
    statuses = call.many("Status", 10)
    if statuses:
        groups = [group for group in groups if group.status in statuses]
    return by_token(call, groups, _shown, ("SnapshotGroups", "SnapshotGroup"), 100, counted=False)


def _shown(call: Call, group: Thing) -> Body:
    members = [s for s in (call.account.get("snapshot", id_) for id_ in group["SnapshotIds"]) if s is not None]
    rows = [
        {
            "SnapshotId": snapshot.id,
            "SourceDiskId": snapshot["SourceDiskId"],
            "SourceDiskType": snapshot["SourceDiskType"],
            "Available": snapshot.status == "accomplished",
            "Progress": "100%" if snapshot.status == "accomplished" else "0%",
            "InstantAccess": False,
            "Tags": vpc_tags(snapshot),
        }
        for snapshot in members
    ]
    return {
        "SnapshotGroupId": group.id,
        "Name": group["Name"],
        "Description": group["Description"],
        "Status": group["Status"],
        "ProgressStatus": "",
        "InstanceId": group["InstanceId"],
        "CreationTime": group["CreationTime"],
        "ResourceGroupId": group["ResourceGroupId"],
        "Snapshots": {"Snapshot": rows},
        "Tags": vpc_tags(group),
    }


def modify_snapshot_group(call: Call) -> Body:
    group = call.require("snapshotgroup", call.need("SnapshotGroupId"), NOT_FOUND, "SnapshotGroupId")
    if call.get("Name"):
        name = check_name(call.get("Name"), "Name", "InvalidName.Malformed", "SnapshotGroupName")
        call.account.change(group, Name=name)
    if call.get("Description"):
        call.account.change(group, Description=check_description(call.get("Description")))
    return {}


def delete_snapshot_group(call: Call) -> Body:
    """Its snapshots go with it, and keep it when they are in use."""
    group = call.require("snapshotgroup", call.need("SnapshotGroupId"), NOT_FOUND, "SnapshotGroupId")
    rows = []
    for id_ in group["SnapshotIds"]:
        snapshot = call.account.get("snapshot", id_)
        if snapshot is not None:
            remove(call, snapshot, force=False)
            items = [{"Name": "SnapshotId", "Value": id_}]
            rows.append(
                {
                    "OperationStatus": "Success",
                    "ErrorCode": "",
                    "ErrorMsg": "",
                    "RelatedItemSet": {"RelatedItem": items},
                }
            )
    call.account.remove(group)
    return {"OperationProgressSet": {"OperationProgress": rows}}


ECS = {
    "CreateSnapshotGroup": create_snapshot_group,
    "DescribeSnapshotGroups": describe_snapshot_groups,
    "ModifySnapshotGroup": modify_snapshot_group,
    "DeleteSnapshotGroup": delete_snapshot_group,
}
TAGGABLE = {("ecs", "snapshotgroup"): "snapshotgroup"}
