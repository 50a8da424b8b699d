"""Common parts of disks, bought alone or with an instance: categories, sizes, and how one is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._allowance import check_space
from ecsplan.emulator.wire import Refusal, invalid, not_found

AUTO = ("cloud_auto", "cloud_regional_disk_auto")
LEVELS = ("PL0", "PL1", "PL2", "PL3")
LOCAL = ("ephemeral", "ephemeral_ssd", "local_hdd_pro", "local_ssd_pro")  # of a machine's type: no cloud disks
QUICK = 1.0  # seconds in which a disk that is put back is there again, whatever settles elsewhere


@dataclass(frozen=True, slots=True)
class DiskSpec:
    """A checked order for one disk."""

    category: str
    size: int
    level: str
    name: str
    description: str
    is_system: bool
    extra: Mapping[str, Any]


def check_disk(
    call: Call,
    given: Mapping[str, Any],
    category: str,
    size: int | None,
    is_system: bool,
    described: str = "InvalidDescription.Malformed",
) -> DiskSpec:
    """Category, level, size and the options that only some categories have. `described`: the code of a description
    that can't be."""
    level = given.get("PerformanceLevel") or ("PL1" if category == "cloud_essd" else "")
    if category == "cloud_essd" and level not in LEVELS:
        raise invalid("PerformanceLevel", code="InvalidPerformanceLevel.Malformed")
    source = _snapshot(call, given.get("SnapshotId"))
    if source is not None and (size is None or int(source["SourceDiskSize"]) > size):
        size = int(source["SourceDiskSize"])
    check_size(category, level, size, is_system)
    extra: dict[str, Any] = {"SourceSnapshotId": given.get("SnapshotId") or None}
    if given.get("BurstingEnabled") is not None or given.get("ProvisionedIops") is not None:
        if category not in AUTO:
            raise Refusal(400, "InvalidParameter.NotSupported", "Bursting and provisioned IOPS are for cloud_auto.")
        extra["BurstingEnabled"] = bool(given.get("BurstingEnabled"))
        extra["ProvisionedIops"] = check_iops(int(given.get("ProvisionedIops") or 0), int(size or 0))
    default = encryption_default(call.account, call.region)
    if str(given.get("Encrypted", "")).lower() == "true" or default["Encrypted"]:
        extra["Encrypted"] = True
        extra["KMSKeyId"] = given.get("KMSKeyId") or default["KMSKeyId"]
    policy = given.get("AutoSnapshotPolicyId")
    if policy:
        if call.account.get("snapshotpolicy", policy) is None:
            raise not_found("InvalidAutoSnapshotPolicyId.NotFound", "AutoSnapshotPolicyId", policy)
        extra["AutoSnapshotPolicyId"] = [policy]
        if is_system:
            extra["FirstPolicyId"] = policy
    return DiskSpec(
        category=category,
        size=int(size or 0),
        level=level if category == "cloud_essd" else "",
        name=check_name(given.get("DiskName"), "DiskName", "InvalidDiskName.Malformed"),
        description=check_description(given.get("Description"), code=described),
        is_system=is_system,
        extra={key: value for key, value in extra.items() if value is not None},
    )


SERVICE_KEY = "service-key"


def encryption_default(account: Account, region: str) -> Body:
    """What EnableDiskEncryptionByDefault has set for the region: every new disk is encrypted then, whatever it says."""
    setting = account.get("regionsetting", region)
    if setting is None:
        return {"Encrypted": False, "KMSKeyId": SERVICE_KEY}
    return {"Encrypted": setting.get("EncryptDisks", False), "KMSKeyId": setting.get("KMSKeyId", SERVICE_KEY)}


def policies_of(disk: Thing) -> list[str]:
    """Accounts of older emulators have one policy as text."""
    held = disk.get("AutoSnapshotPolicyId") or []
    return [held] if isinstance(held, str) else list(held)


def was_attached(disk: Thing) -> bool:
    return any(disk.get(name) for name in ("InstanceId", "AttachedTime", "DetachedTime"))


def _snapshot(call: Call, id_: str | None) -> Thing | None:
    if not id_:
        return None
    snapshot = call.require("snapshot", id_, "InvalidSnapshotId.NotFound", "SnapshotId")
    if snapshot.status != "accomplished":
        raise Refusal(403, "InvalidSnapshot.NotReady", f"The snapshot {id_} is {snapshot.status}.")
    return snapshot


def check_size(category: str, level: str, size: int | None, is_system: bool) -> None:
    bounds = catalogue.disk_range(category, level, is_system)
    if bounds is None:
        kind = "SystemDisk" if is_system else "Disk"
        raise invalid(f"{kind}Category", code=f"Invalid{kind}Category.ValueNotSupported")
    if size is None or not bounds[0] <= size <= bounds[1]:
        kind = "SystemDiskSize" if is_system else "DataDiskSize"
        raise invalid("Size", f"It is from {bounds[0]} to {bounds[1]} GiB.", f"Invalid{kind}.ValueNotSupported")


def check_iops(iops: int, size: int) -> int:
    baseline = min(1800 + 50 * size, 50000)
    if not 0 <= iops <= max(0, min(50000, 1000 * size - baseline)):
        raise invalid("ProvisionedIops", code="InvalidProvisionedIops.LimitExceed")
    return iops


def make_disk(call: Call, spec: DiskSpec, zone: str, tags: Mapping[str, str], **more: Any) -> Thing:
    """A new disk, with what depends on how it was bought in `more`."""
    if call.sold_out.has_no_disk(spec.category, zone):
        raise Refusal(403, "OperationDenied.NoStock", f"{spec.category} is sold out in {zone}.")
    check_space(call, more.get("DiskChargeType", "PostPaid"), spec.size)
    data: Body = {
        "Category": spec.category,
        "Size": spec.size,
        "DiskName": spec.name,
        "Description": spec.description,
        "Type": "system" if spec.is_system else "data",
        "ZoneId": zone,
        "Status": "Creating",
        "DiskChargeType": "PostPaid",
        "DeleteAutoSnapshot": False,
        "EnableAutoSnapshot": True,
        "DeleteWithInstance": spec.is_system,
        "Portable": not spec.is_system,
        "CreationTime": to_seconds(call.now),
        **spec.extra,
        **more,
    }
    if spec.level:
        data["PerformanceLevel"] = spec.level
    return call.account.add("disk", call.region, call.account.new_id("d", call.region), data, tags)


def make_local_disks(call: Call, instance: Thing, record: Mapping[str, Any]) -> None:
    """The disks that a type brings along: they are listed, and belong to the machine for good."""
    local = record.get("local_storage") or {}
    category = "local_hdd_pro" if str(record.get("family", "")).startswith("ecs.d") else "local_ssd_pro"
    for _ in range(int(local.get("amount", 0))):
        spec = DiskSpec(category, int(local["capacity_gib"]), "", "", "", False, {})
        disk = make_disk(
            call, spec, instance["ZoneId"], {}, InstanceId=instance.id, DeleteWithInstance=True, Portable=False,
            Device=next_device(call.account, instance.id), DiskChargeType=instance["InstanceChargeType"],
        )  # fmt: skip
        call.in_settle(disk, share=0.4, Status="In_use")


def disks_of(account: Account, instance_id: str) -> list[Thing]:
    return sorted(account.where("disk", "InstanceId", instance_id), key=lambda disk: disk.seq)


def next_device(account: Account, instance_id: str) -> str:
    """`/dev/xvdb`, … the first letter that no disk of the instance has."""
    hanging = [one for kind in ("disk", "attachment") for one in account.where(kind, "InstanceId", instance_id)]
    used = {one.get("Device") for one in hanging}
    letters = "bcdefghijklmnopqrstuvwxyz"
    names = [f"/dev/xvd{letter}" for letter in letters] + [f"/dev/xvda{letter}" for letter in letters]
    return next(name for name in names if name not in used)
