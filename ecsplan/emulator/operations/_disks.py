"""What disks have in common, bought alone or with an instance: categories, sizes, and how one is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.wire import Refusal, invalid, not_found

LEVELS = ("PL0", "PL1", "PL2", "PL3")


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


def check_disk(call: Call, given: Mapping[str, Any], category: str, size: int | None, is_system: bool) -> DiskSpec:
    """Category, level, size and the options that only some categories have. `prefix` names are the caller's."""
    level = given.get("PerformanceLevel") or ("PL1" if category == "cloud_essd" else "")
    if category == "cloud_essd" and level not in LEVELS:
        raise invalid("PerformanceLevel", code="InvalidPerformanceLevel.Malformed")
    source = _snapshot(call, given.get("SnapshotId"))
    if source is not None and (size is None or int(source["SourceDiskSize"]) > size):
        size = int(source["SourceDiskSize"])
    check_size(category, level, size, is_system)
    extra: dict[str, Any] = {"SourceSnapshotId": given.get("SnapshotId") or None}
    if given.get("BurstingEnabled") is not None or given.get("ProvisionedIops") is not None:
        if category != "cloud_auto":
            raise Refusal(400, "InvalidParameter.NotSupported", "Bursting and provisioned IOPS are for cloud_auto.")
        extra["BurstingEnabled"] = bool(given.get("BurstingEnabled"))
        extra["ProvisionedIops"] = check_iops(int(given.get("ProvisionedIops") or 0), int(size or 0))
    if str(given.get("Encrypted", "")).lower() == "true":
        extra["Encrypted"] = True
        extra["KMSKeyId"] = given.get("KMSKeyId") or "service-key"
    policy = given.get("AutoSnapshotPolicyId")
    if policy:
        if call.account.get("snapshotpolicy", policy) is None:
            raise not_found("InvalidAutoSnapshotPolicyId.NotFound", "AutoSnapshotPolicyId", policy)
        extra["AutoSnapshotPolicyId"] = policy
    return DiskSpec(
        category=category,
        size=int(size or 0),
        level=level if category == "cloud_essd" else "",
        name=check_name(given.get("DiskName"), "DiskName", "InvalidDiskName.Malformed"),
        description=check_description(given.get("Description")),
        is_system=is_system,
        extra={key: value for key, value in extra.items() if value is not None},
    )


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
        kind = "SystemDiskSize" if is_system else "DiskSize"
        raise invalid("Size", f"It is from {bounds[0]} to {bounds[1]} GiB.", f"Invalid{kind}.ValueNotSupported")


def check_iops(iops: int, size: int) -> int:
    baseline = min(1800 + 50 * size, 50000)
    if not 0 <= iops <= max(0, min(50000, 1000 * size - baseline)):
        raise invalid("ProvisionedIops", code="InvalidProvisionedIops.LimitExceed")
    return iops


def make_disk(call: Call, spec: DiskSpec, zone: str, tags: Mapping[str, str], **more: Any) -> Thing:
    """A new disk, with what depends on how it was bought in `more`."""
    if call.sold_out.disk(spec.category, zone):
        raise Refusal(403, "OperationDenied.NoStock", f"{spec.category} is sold out in {zone}.")
    data: Body = {
        "Category": spec.category,
        "Size": spec.size,
        "DiskName": spec.name,
        "Description": spec.description,
        "Type": "system" if spec.is_system else "data",
        "ZoneId": zone,
        "Status": "Creating",
        "DiskChargeType": "PostPaid",
        "DeleteAutoSnapshot": True,
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


def disks_of(account: Account, instance_id: str) -> list[Thing]:
    return sorted(account.where("disk", "InstanceId", instance_id), key=lambda disk: disk.seq)


def next_device(account: Account, instance_id: str) -> str:
    """`/dev/xvdb`, … the first letter that no disk of the instance has."""
    used = {disk.get("Device") for disk in account.where("disk", "InstanceId", instance_id)}
    letters = "bcdefghijklmnopqrstuvwxyz"
    names = [f"/dev/xvd{letter}" for letter in letters] + [f"/dev/xvda{letter}" for letter in letters]
    return next(name for name in names if name not in used)
