"""Disks: create, list, attach, detach, resize, change and delete."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations import _shared_disks as shared
from ecsplan.emulator.operations._disks import (
    AUTO,
    LOCAL,
    DiskSpec,
    check_disk,
    check_iops,
    check_size,
    disks_of,
    make_disk,
    next_device,
    policies_of,
)
from ecsplan.emulator.operations._inheritance import disinherit, inherit
from ecsplan.emulator.paging import by_either
from ecsplan.emulator.prices import order_id
from ecsplan.emulator.wire import Refusal, invalid, missing

NOT_FOUND = "InvalidDiskId.NotFound"
NO_INSTANCE = "InvalidInstanceId.NotFound"
STEADY = ("Running", "Stopped")


def create_disk(call: Call) -> Body:
    """With InstanceId a subscription disk is made and attached; tags and resource group are ignored then."""
    zone, instance_id = call.zone(), call.get("InstanceId")
    if (zone is None) == (instance_id is None) and call.get("DiskCategory") != "cloud_regional_disk_auto":
        raise missing("ZoneId") if zone is None else invalid("InstanceId", "Give ZoneId or InstanceId, not both.")
    category = call.get("DiskCategory", "cloud")
    if call.get("Size") is None and call.get("SnapshotId") is None:
        raise missing("Size")
    spec = check_disk(call, call.params, category, call.get("Size"), is_system=False)
    multi = call.choice("MultiAttach", "Enabled", "Disabled", default="Disabled")
    if multi == "Enabled" and category != "cloud_essd":
        raise Refusal(403, "InvalidParameter.DiskCategoryAndMultiAttachNotMatch", "Only ESSDs have MultiAttach.")
    if multi == "Enabled" and instance_id:
        raise Refusal(403, "InvalidParameter.MultiAttachAndInstanceIdConflict", "A shared disk is bought alone.")
    if instance_id is not None:
        disk = _for_subscription(call, instance_id, spec)
    else:
        disk = make_disk(
            call, spec, zone or catalogue.zones(call.region)[0], call.tags(),
            ResourceGroupId=call.get("ResourceGroupId", ""), MultiAttach=multi, **_storage_set(call),
        )  # fmt: skip
        call.in_settle(disk, share=0.5, Status="Available")
    return {"DiskId": disk.id, **_order(call, disk)}


def _storage_set(call: Call) -> Body:
    """Its number of partitions is 2 unless it is said."""
    number = call.number("StorageSetPartitionNumber", 2, 2000)
    if call.get("StorageSetId") is None:
        if number is not None:
            raise missing("StorageSetId")
        return {}
    return {"StorageSetId": call.get("StorageSetId"), "Partitions": number or 2}


def _order(call: Call, disk: Thing) -> Body:
    return {"OrderId": order_id(call)} if disk["DiskChargeType"] == "PrePaid" else {}


def _for_subscription(call: Call, instance_id: str, spec: DiskSpec) -> Thing:
    instance = call.require("instance", instance_id, NO_INSTANCE, "InstanceId")
    if instance["InstanceChargeType"] != "PrePaid":
        raise Refusal(403, "InvalidInstance.NotPrePaid", f"The instance {instance_id} is not a subscription.")
    disk = make_disk(
        call, spec,
        instance["ZoneId"], {}, DiskChargeType="PrePaid", Portable=False, InstanceId=instance_id,
        DeleteWithInstance=True, Device=next_device(call.account, instance_id), ExpiredTime=instance["ExpiredTime"],
    )  # fmt: skip
    call.in_settle(disk, share=0.5, Status="In_use", AttachedTime=to_seconds(call.now))
    return disk


STATUSES = ("In_use", "Available", "Attaching", "Detaching", "Creating", "ReIniting", "All", "all")


def describe_disks(call: Call) -> Body:
    call.choice("Status", *STATUSES)
    call.choice("DiskType", "all", "system", "data")
    ids, instance_id = call.ids("DiskIds"), call.get("InstanceId")
    if ids is not None:
        disks = call.listed_by("disk", ids)
    elif instance_id is not None:
        hanging = [*disks_of(call.account, instance_id), *shared.disks_on(call.account, instance_id)]
        disks = [disk for disk in hanging if call.sight.shows(disk)]
    else:
        disks = call.candidates("disk")
    if instance_id is not None:
        on_it = {disk.id for disk in shared.disks_on(call.account, instance_id)}
        disks = [d for d in disks if (d.get("InstanceId") == instance_id or d.id in on_it) and d.region == call.region]
    disks = call.filtered(
        call.matching_tags(disks), ZoneId="ZoneId", DiskChargeType="DiskChargeType", SnapshotId="SourceSnapshotId",
        PerformanceLevel="PerformanceLevel", KMSKeyId="KMSKeyId",
    )  # fmt: skip
    policy = call.get("AutoSnapshotPolicyId")
    if policy is not None:
        disks = [disk for disk in disks if policy in policies_of(disk)]
    disks = call.named(disks, "DiskName", "DiskName")
    for parameter, field in (("Status", "Status"), ("Category", "Category"), ("DiskType", "Type")):
        wanted = call.get(parameter)
        if wanted is not None and wanted.lower() != "all":
            disks = [disk for disk in disks if disk.get(field) == wanted]
    disks = call.created_between(call.lacking(disks, "LockReason", "EnableShared"))
    if call.get("MultiAttach") is not None:
        disks = [disk for disk in disks if disk.get("MultiAttach", "Disabled") == call.get("MultiAttach")]
    if call.get("EnableAutomatedSnapshotPolicy") is not None:
        wanted = call.get("EnableAutomatedSnapshotPolicy")
        disks = [disk for disk in disks if bool(disk.get("AutoSnapshotPolicyId")) == wanted]
    for flag in ("DeleteWithInstance", "DeleteAutoSnapshot", "Portable", "EnableAutoSnapshot", "Encrypted"):
        if call.get(flag) is not None:
            disks = [disk for disk in disks if disk.get(flag, False) == call.get(flag)]
    return by_either(call, disks, _shown, ("Disks", "Disk"), 500, 100)


HANGING = ("In_use", "Detaching")  # DescribeDisks: InstanceId and Device have a value in these alone


def _is_attached(disk: Thing) -> bool:
    """The members of Attachments have no such condition: what is being put back hangs where it did."""
    return bool(disk.get("InstanceId")) and disk.status in (*HANGING, "ReIniting")


def _shown(call: Call, disk: Thing) -> Body:
    iops, throughput = catalogue.disk_performance(disk["Category"], disk.get("PerformanceLevel", ""), disk["Size"])
    row: Body = {
        key: disk.get(key, "")
        for key in (
            "Category", "DiskName", "Description", "Type", "ZoneId", "Status", "DiskChargeType", "CreationTime",
            "AttachedTime", "DetachedTime", "InstanceId", "Device", "ImageId", "SourceSnapshotId", "ExpiredTime",
            "KMSKeyId", "ResourceGroupId",
        )
    }  # fmt: skip
    row["AutoSnapshotPolicyId"] = _policies(call, disk)
    if disk.status not in HANGING:
        row |= {"InstanceId": "", "Device": ""}
    attached = [{"InstanceId": disk["InstanceId"], "Device": disk.get("Device", ""),
                 "AttachedTime": disk.get("AttachedTime", "")}] if _is_attached(disk) else []  # fmt: skip
    if shared.is_shared(disk):
        attached = shared.shown(call.account, disk)
    row |= {
        "DiskId": disk.id,
        "RegionId": disk.region,
        "Size": disk["Size"],
        "IOPS": iops + disk.get("ProvisionedIops", 0),
        "Throughput": throughput,
        "Encrypted": disk.get("Encrypted", False),
        "Portable": disk["Portable"],
        "DeleteWithInstance": disk["DeleteWithInstance"],
        "DeleteAutoSnapshot": disk["DeleteAutoSnapshot"],
        "EnableAutoSnapshot": disk["EnableAutoSnapshot"],
        "EnableAutomatedSnapshotPolicy": bool(disk.get("AutoSnapshotPolicyId")),
        "MultiAttach": disk.get("MultiAttach", "Disabled"),
        "SerialNumber": disk.id.removeprefix("d-"),
        "ProductCode": "",
        "StorageSetId": disk.get("StorageSetId", ""),
        **({"StorageSetPartitionNumber": disk["Partitions"]} if disk.get("StorageSetId") else {}),
        "Attachments": {"Attachment": attached},
        "MountInstances": {"MountInstance": []},
        "OperationLocks": {"OperationLock": []},
        "Tags": ecs_tags(disk),
    }
    if disk.get("PerformanceLevel"):
        row["PerformanceLevel"] = disk["PerformanceLevel"]
    if disk["Category"] in AUTO:
        row["BurstingEnabled"] = disk.get("BurstingEnabled", False)
        row["ProvisionedIops"] = disk.get("ProvisionedIops", 0)
    return row


def _policies(call: Call, disk: Thing) -> str:
    """Several are told in one text; one account shows a system disk's first policy for ever (the provider knows it)."""
    held = policies_of(disk)
    first = disk.get("FirstPolicyId") if held and call.settings.first_policy_stays else None
    return str(first) if first else ",".join(held)


def require_cloud_disk(disk: Thing) -> None:
    if disk["Category"] in LOCAL:
        raise Refusal(400, "DiskCategory.OperationNotSupported", f"{disk.id} is a local disk of its machine.")


def require_status(disk: Thing, *allowed: str) -> None:
    if disk.status not in allowed:
        code = "IncorrectDiskStatus.Initializing" if disk.status == "Creating" else "IncorrectDiskStatus"
        raise Refusal(403, code, f"The disk {disk.id} is {disk.status}; the operation needs {' or '.join(allowed)}.")


def require_steady(instance: Thing, *allowed: str) -> None:
    """No disk or interface comes or goes while an instance is on its way between two statuses."""
    if instance.status not in (allowed or STEADY) or instance.get("Releasing"):
        raise Refusal(403, "IncorrectInstanceStatus", f"The instance {instance.id} is {instance.status}.")


def attach_disk(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NOT_FOUND, "DiskId")
    instance = call.require("instance", call.need("InstanceId"), NO_INSTANCE, "InstanceId")
    require_status(disk, *(("Available", "In_use") if shared.is_shared(disk) else ("Available",)))
    if disk["ZoneId"] != instance["ZoneId"]:
        raise Refusal(403, "InstanceDiskZone.Mismatch", "The disk and the instance are not in one zone.")
    if disk["DiskChargeType"] == "PrePaid" and disk["Type"] != "system":
        raise Refusal(403, "DiskNotPortable", f"The disk {disk.id} is a subscription.")
    siblings = [*disks_of(call.account, instance.id), *shared.disks_on(call.account, instance.id)]
    if call.get("Bootable"):
        require_steady(instance, "Stopped")
        if any(other["Type"] == "system" for other in siblings):
            raise Refusal(403, "InvalidOperation.SystemDiskExists", f"The instance {instance.id} has a system disk.")
    else:
        require_steady(instance)
        record = catalogue.instance_type(instance["InstanceType"]) or {}
        limit = int(record.get("max_data_disks", call.quotas.get("data_disks_per_instance", 16)))
        if sum(other["Type"] == "data" and other["Category"] not in LOCAL for other in siblings) >= limit:
            raise Refusal(403, "InstanceDiskLimitExceeded", f"The instance {instance.id} has {limit} data disks.")
    if shared.is_shared(disk):
        shared.attach(call, disk, instance)
        return {}
    device = "/dev/xvda" if call.get("Bootable") else next_device(call.account, instance.id)
    call.account.change(
        disk, Status="Attaching", InstanceId=instance.id, Device=device, AttachedTime=to_seconds(call.now),
        DeleteWithInstance=call.get("DeleteWithInstance", False), DetachedTime=None,
        DeleteAutoSnapshot=disk["DeleteAutoSnapshot"] or call.settings.attach_deletes_auto_snapshots,
        Type="system" if call.get("Bootable") else "data",
    )  # fmt: skip
    call.in_settle(disk, share=0.5, Status="In_use")
    inherit(call, instance)
    return {}


def detach_disk(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NOT_FOUND, "DiskId")
    instance = call.require("instance", call.need("InstanceId"), NO_INSTANCE, "InstanceId")
    if disk.status == "Available":
        raise Refusal(403, "InvalidDisk.AlreadyDetached", f"The disk {disk.id} is not attached.")
    if shared.is_shared(disk):
        require_steady(instance)
        shared.detach(call, disk, instance)
        return {}
    if disk.get("InstanceId") != instance.id:
        raise Refusal(403, "DependencyViolation", f"The disk {disk.id} is not attached to {instance.id}.")
    require_cloud_disk(disk)
    require_status(disk, "In_use")
    if not disk["Portable"] and disk["Type"] != "system":
        raise Refusal(403, "DiskNotPortable", f"The disk {disk.id} can't be detached.")
    require_steady(instance, "Stopped") if disk["Type"] == "system" else require_steady(instance)
    call.account.change(disk, Status="Detaching")
    call.in_settle(disk, "disk_detached", 0.5)
    return {}


@effect("disk_detached")
def detached(lifecycle: Lifecycle, disk: Thing, now: float) -> None:
    """A disk on its own is pay-as-you-go and stays when its former instance goes."""
    lifecycle.account.change(
        disk, Status="Available", InstanceId=None, Device=None, DetachedTime=to_seconds(now), AttachedTime=None,
        Portable=True, DeleteWithInstance=False,
    )  # fmt: skip
    disinherit(lifecycle.account, disk)


def delete_disk(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NOT_FOUND, "DiskId")
    require_status(disk, "Available")
    if disk["DiskChargeType"] == "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", f"The disk {disk.id} is a subscription.")
    call.account.remove(disk)
    return {}


def resize_disk(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NOT_FOUND, "DiskId")
    size, how = call.need("NewSize"), call.choice("Type", "offline", "online", default="offline")
    require_cloud_disk(disk)
    require_status(disk, "In_use", "Available")
    if size <= disk["Size"]:
        raise Refusal(403, "InvalidDiskSize.TooSmall", f"The disk {disk.id} has {disk['Size']} GiB; it can only grow.")
    check_size(disk["Category"], disk.get("PerformanceLevel", ""), size, disk["Type"] == "system")
    if how == "online" and shared.is_shared(disk):
        code = "InvalidOperation.MultiAttachDiskNotSupportResizeOnline"
        raise Refusal(403, code, f"The disk {disk.id} is shared: it grows offline.")
    instance = call.account.get("instance", disk.get("InstanceId", ""))
    if instance is not None:
        require_steady(instance, "Running") if how == "online" else require_steady(instance)
    call.account.change(disk, Size=size)
    return _order(call, disk)


def modify_disk_spec(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NOT_FOUND, "DiskId")
    require_cloud_disk(disk)
    require_status(disk, "In_use", "Available")
    if shared.is_shared(disk):
        raise Refusal(403, "InvalidOperation.MultiAttachDisk", f"The disk {disk.id} is shared.")
    _check_moved(call, disk)
    category = call.get("DiskCategory", disk["Category"])
    level = call.get("PerformanceLevel", disk.get("PerformanceLevel", "PL1")) if category == "cloud_essd" else ""
    if call.get("PerformanceLevel") and category != "cloud_essd":
        raise invalid("PerformanceLevel", "Only an ESSD has one.", "InvalidPerformanceLevel.Malformed")
    if category == "cloud_essd" and call.get("PerformanceLevel") == "PL0" and disk.get("PerformanceLevel") != "PL0":
        raise Refusal(403, "InvalidOperation.PerformanceLevel", "A level can't go down to PL0.")
    if disk["DiskChargeType"] == "PrePaid" and level and level < disk.get("PerformanceLevel", ""):
        raise Refusal(403, "InvalidOperation.Downgrade", "The level of a subscription disk can only rise.")
    bounds = catalogue.disk_range(category, level, disk["Type"] == "system")
    if bounds is None:
        raise invalid("DiskCategory", code="InvalidDiskCategory.ValueNotSupported")
    if not bounds[0] <= disk["Size"] <= bounds[1]:
        code = "OperationDenied.PerformanceLevelNotMatch"
        why = f"{level or category} takes {bounds[0]} to {bounds[1]} GiB."
        raise Refusal(403, code, f"The disk {disk.id} has {disk['Size']}; {why}")
    changes: Body = {"Category": category, "PerformanceLevel": level or None}
    iops = call.get("ProvisionedIops")
    if category != disk["Category"]:
        changes["MovedUntil"] = call.now + call.settle
    if category not in AUTO:
        if iops is not None:
            code = "ProvisionedIopsForDiskCategoryUnsupported"
            raise invalid("ProvisionedIops", "Only cloud_auto has it, and no other takes a 0.", code)
        if disk.get("BurstingEnabled"):
            raise Refusal(403, "InvalidParameter.BurstingEnabled", f"Bursting of {disk.id} has to be off before.")
        changes |= {"ProvisionedIops": None, "BurstingEnabled": None}
    elif iops is not None:
        changes["ProvisionedIops"] = check_iops(iops, disk["Size"])
    call.account.change_all(disk, changes)
    return _order(call, disk)


def _check_moved(call: Call, disk: Thing) -> None:
    """A disk that has just changed its category is still on its way."""
    if disk.get("MovedUntil", 0.0) > call.now and call.settings.category_changes_take_time:
        raise Refusal(403, "IncorrectDiskStatus.Transferring", f"The disk {disk.id} is being changed.")


def modify_disk_attribute(call: Call) -> Body:
    ids = call.many("DiskIds", 100)
    one = call.get("DiskId")
    if bool(ids) == (one is not None):
        raise missing("DiskId") if not ids else invalid("DiskIds", "Give DiskId or DiskIds, not both.")
    for disk in [call.require("disk", id_, NOT_FOUND, "DiskId") for id_ in ids or [one]]:
        _change_attributes(call, disk)
    return {}


def _change_attributes(call: Call, disk: Thing) -> None:
    changes: Body = {}
    if "DiskName" in call.params:
        changes["DiskName"] = check_name(call.get("DiskName"), "DiskName", "InvalidDiskName.Malformed")
    if "Description" in call.params:
        changes["Description"] = check_description(call.get("Description"))
    for flag in ("DeleteWithInstance", "DeleteAutoSnapshot", "EnableAutoSnapshot"):
        if call.get(flag) is not None:
            changes[flag] = call.get(flag)
    if call.get("BurstingEnabled") is not None:
        if disk["Category"] not in AUTO:
            raise Refusal(400, "InvalidParameter.NotSupported", f"The disk {disk.id} is not cloud_auto.")
        _check_moved(call, disk)
        changes["BurstingEnabled"] = call.get("BurstingEnabled")
    if changes.get("DeleteWithInstance") is False and disk["Category"] == "cloud" and not disk["Portable"]:
        raise Refusal(403, "InvalidDeleteWithInstance.Conflict", f"The disk {disk.id} goes with its instance.")
    call.account.change_all(disk, changes)


ECS = {
    "CreateDisk": create_disk,
    "DescribeDisks": describe_disks,
    "AttachDisk": attach_disk,
    "DetachDisk": detach_disk,
    "DeleteDisk": delete_disk,
    "ResizeDisk": resize_disk,
    "ModifyDiskSpec": modify_disk_spec,
    "ModifyDiskAttribute": modify_disk_attribute,
}
TAGGABLE = {("ecs", "disk"): "disk"}
