"""Common parts of the disk kind and the disks inside an instance: words of the API and the calls on one disk."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.model.algebra import Value, ValueOrUnknown
from ecsplan.model.call import Call, Merge, Params, Replay, Wait, until
from ecsplan.model.composites import Reference
from ecsplan.model.disk import LiveDisk
from ecsplan.model.values import Boolean, Choice

CATEGORY = Choice(
    "cloud",
    "cloud_efficiency",
    "cloud_ssd",
    "cloud_essd",
    "cloud_auto",
    "cloud_essd_entry",
    "ephemeral_ssd",
    "elastic_ephemeral_disk_standard",
    "elastic_ephemeral_disk_premium",
    "cloud_regional_disk_auto",
)
# Disks of the host that only reads tell of; ephemeral_ssd of old families is bought in a slot.
OF_THE_TYPE = ("ephemeral", "local_hdd_pro", "local_ssd_pro")


class PolicySource(Reference):
    """The automatic snapshot policy of a disk. In some accounts a disk can have several: the live value is then their
    ids, with commas between them.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("auto_snapshot_policy", prefixes=("sp-",))

    def matches(self, desired: Value, live: Value) -> bool:
        return desired in policies(live)


def policies(live: object) -> list[Any]:
    return live.split(",") if isinstance(live, str) else [live]


POLICY = PolicySource()
SUBSCRIPTION = Boolean("PrePaid", "PostPaid")
LEVEL = Choice("PL0", "PL1", "PL2", "PL3")
SPEC = ("category", "performance_level", "provisioned_iops")
AUTO = {"category": "cloud_auto", "performance_level": None}  # what samples of its options go with

DEFAULT = "cloud_essd"  # CreateDisk and RunInstances have defaults of their own, which differ, and are outdated

GROW = "run growpart and resize2fs (or xfs_growfs) on the machine"
NOT_DOWN = "a disk can change its level, but not down to PL0"


def no_shrinking(before: ValueOrUnknown, after: ValueOrUnknown) -> str:
    """Why a size is refused, and which one to declare: it was grown outside, or the file asks for less."""
    return f"a disk cannot shrink from {before} to {after} GiB; write size: {before}"


def can_change_spec(before: ValueOrUnknown, after: ValueOrUnknown) -> bool:
    """Of the members of SPEC, only the level has a way that is closed."""
    return not (after == "PL0" and before in ("PL1", "PL2", "PL3"))


def attach(disk: ValueOrUnknown, instance: ValueOrUnknown, *, delete_with_instance: bool) -> Call:
    return Call(
        "AttachDisk",
        {"DiskId": disk, "InstanceId": instance, "DeleteWithInstance": delete_with_instance},
        kind="disk",
        targets=(disk,),
        wait=until("In_use", InstanceId=instance),
        done_on=("InvalidDiskStatus.AlreadyAttached",),
    )


def detach(disk: ValueOrUnknown, instance: ValueOrUnknown) -> Call:
    return Call(
        "DetachDisk",
        {"DiskId": disk, "InstanceId": instance, "DeleteWithInstance": False},
        kind="disk",
        targets=(disk,),
        wait=until("Available"),
        absent_is_done=True,
        done_on=("InvalidDisk.AlreadyDetached",),
        leaves=instance,
    )


def join(disk: ValueOrUnknown, instance: ValueOrUnknown) -> Call:
    """One of several machines that share a disk, which goes with none of them."""
    return Call(
        "AttachDisk",
        {"DiskId": disk, "InstanceId": instance},
        kind="disk",
        targets=(disk,),
        wait=until("In_use", Machines=instance),
        done_on=("InvalidDiskStatus.AlreadyAttached",),
    )


def leave(disk: ValueOrUnknown, instance: ValueOrUnknown) -> Call:
    """The live id of a machine: it is what the disk no longer tells of."""
    return Call(
        "DetachDisk",
        {"DiskId": disk, "InstanceId": instance},
        kind="disk",
        targets=(disk,),
        wait=Wait((("Status", ("Available", "In_use")), (f"Machines.{instance}", (None,)))),
        absent_is_done=True,
        done_on=("InvalidDisk.AlreadyDetached",),
        leaves=instance,
    )


def charge(disk: ValueOrUnknown, instance: ValueOrUnknown, *, is_subscription: bool) -> Call:
    """Disks of one machine that change alike go in one call."""
    wanted = "PrePaid" if is_subscription else "PostPaid"
    return Call(
        "ModifyDiskChargeType",
        {"InstanceId": instance, "DiskChargeType": wanted, "AutoPay": True},
        kind="disk",
        targets=(disk,),
        merge=Merge("DiskIds", 16, "json"),
        wait=until(DiskChargeType=wanted),
        token=True,
        replay=Replay.TOKEN,
    )


def resize(disk: ValueOrUnknown, size: ValueOrUnknown, *, online: bool) -> Call:
    return Call(
        "ResizeDisk",
        {"DiskId": disk, "NewSize": size, "Type": "online" if online else "offline"},
        kind="disk",
        targets=(disk,),
        wait=until(Size=size),
        token=True,
        replay=Replay.TOKEN,
    )


def modify_spec(disk: ValueOrUnknown, category: Value, wanted: Mapping[str, ValueOrUnknown]) -> Call:
    """A performance level means something for cloud_essd only, provisioned IOPS for cloud_auto only."""
    params: dict[str, object] = {"DiskId": disk}
    if "category" in wanted:
        params["DiskCategory"] = wanted["category"]
    if category == "cloud_essd" and wanted.get("performance_level"):
        params["PerformanceLevel"] = wanted["performance_level"]
    if category == "cloud_auto" and wanted.get("provisioned_iops") is not None:
        params["ProvisionedIops"] = wanted["provisioned_iops"]
    # The status alone is the same before and after.
    shown: dict[str, Any] = {name.removeprefix("Disk"): value for name, value in params.items() if name != "DiskId"}
    return Call("ModifyDiskSpec", params, kind="disk", targets=(disk,), wait=until("Available", "In_use", **shown))


MANY = Merge("DiskIds", 100)


def modify(disk: ValueOrUnknown, params: Params) -> Call:
    return Call("ModifyDiskAttribute", dict(params), kind="disk", targets=(disk,), merge=MANY)


def change_policy(disk: ValueOrUnknown, before: ValueOrUnknown, after: ValueOrUnknown) -> Iterator[Call]:
    """The new one, then an end to the old ones by their ids: where a disk can have several, the new one is added.

    Where it has one, the new one has taken the place of the old, and the end of that changes nothing. Many disks go in
    one call.
    """
    merge = Merge("diskIds", 100, "json")
    if after is not None:
        params = {"autoSnapshotPolicyId": after}
        yield Call("ApplyAutoSnapshotPolicy", params, kind="disk", targets=(disk,), merge=merge)
    for old in policies(before):
        if old not in (None, after):
            params = {"autoSnapshotPolicyId": old}
            yield Call("CancelAutoSnapshotPolicy", params, kind="disk", targets=(disk,), merge=merge)


def delete(disk: ValueOrUnknown) -> Call:
    return Call(
        "DeleteDisk",
        {"DiskId": disk},
        kind="disk",
        targets=(disk,),
        wait=Wait(absent=True, kind="disk"),
        absent_is_done=True,
    )


def with_snapshots(disk: LiveDisk | None) -> str:
    """What a deletion of the disk takes along."""
    return " with its automatic snapshots" if disk is not None and disk.has_snapshots else ""


def cannot_be_deleted(disk: LiveDisk) -> str | None:
    return (
        f"a subscription until {disk.paid_until}, neither deleted nor detached before: write subscription: false first"
        if disk.paid_until
        else None
    )
