"""Disks that several machines share (MultiAttach): each machine has its own attachment, and the disk is in use while
there is one. DescribeDisks: InstanceId and Device are empty for them, and Attachments has one entry for each machine.
"""

from __future__ import annotations

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations._disks import next_device
from ecsplan.emulator.wire import Refusal

KIND = "attachment"
MOST = 16  # machines on one disk


def is_shared(disk: Thing) -> bool:
    return bool(disk.get("MultiAttach") == "Enabled")


def attachments_of(account: Account, disk: Thing) -> list[Thing]:
    return sorted(account.where(KIND, "DiskId", disk.id), key=lambda one: one.seq)


def attachments_on(account: Account, instance_id: str) -> list[Thing]:
    return account.where(KIND, "InstanceId", instance_id)


def disks_on(account: Account, instance_id: str) -> list[Thing]:
    found = (account.get("disk", one["DiskId"]) for one in attachments_on(account, instance_id))
    return [disk for disk in found if disk is not None]


def attach(call: Call, disk: Thing, instance: Thing) -> None:
    """AttachDisk: DeleteWithInstance cannot be given for such a disk, and it is never a system disk."""
    if call.get("Bootable"):
        code = "InvalidOperation.CanNotAttachMultiAttachDiskAsSystemDisk"
        raise Refusal(403, code, f"The disk {disk.id} can be a data disk only.")
    if call.get("DeleteWithInstance") is not None:
        raise Refusal(403, "DeleteWithInstance.Conflict", f"The disk {disk.id} is shared: it goes with no instance.")
    held = attachments_of(call.account, disk)
    if any(one["InstanceId"] == instance.id for one in held):
        raise Refusal(403, "InvalidDiskStatus.AlreadyAttached", f"The disk {disk.id} is attached to {instance.id}.")
    if len(held) >= MOST:
        raise Refusal(403, "DiskAttachedNumberExceeded", f"The disk {disk.id} is attached to {MOST} instances.")
    data: Body = {
        "DiskId": disk.id, "InstanceId": instance.id, "Device": next_device(call.account, instance.id),
        "AttachedTime": to_seconds(call.now), "Status": "Attaching",
    }  # fmt: skip
    one = call.account.add(KIND, call.region, f"{disk.id}:{instance.id}", data)
    call.in_settle(one, share=0.5, Status="In_use")
    call.account.change(
        disk, Status="In_use" if held else "Attaching", DetachedTime=None, Type="data",
        DeleteAutoSnapshot=disk["DeleteAutoSnapshot"] or call.settings.attach_deletes_auto_snapshots,
    )  # fmt: skip
    if not held:
        call.in_settle(disk, share=0.5, Status="In_use")


def detach(call: Call, disk: Thing, instance: Thing) -> None:
    if call.get("DeleteWithInstance") is not None:
        raise Refusal(403, "DeleteWithInstance.Conflict", f"The disk {disk.id} is shared: it goes with no instance.")
    held = attachments_of(call.account, disk)
    one = next((one for one in held if one["InstanceId"] == instance.id), None)
    if one is None:
        code = "InvalidDisk.AlreadyDetached" if not held else "DependencyViolation"
        raise Refusal(403, code, f"The disk {disk.id} is not attached to {instance.id}.")
    if one.status != "In_use":
        raise Refusal(403, "IncorrectDiskStatus", f"The disk {disk.id} is {one.status} on {instance.id}.")
    call.account.change(one, Status="Detaching")
    if len(held) == 1:
        call.account.change(disk, Status="Detaching")
    call.in_settle(one, "disk_left", 0.5)


@effect("disk_left")
def left(lifecycle: Lifecycle, one: Thing, now: float) -> None:
    """The last machine that it leaves makes the disk available."""
    account = lifecycle.account
    disk = account.get("disk", one["DiskId"])
    account.remove(one)
    if disk is not None and not attachments_of(account, disk):
        lifecycle.cancel(disk)
        account.change(disk, Status="Available", DetachedTime=to_seconds(now))


def shown(account: Account, disk: Thing) -> list[Body]:
    """Where it hangs: what is on its way in does not show yet."""
    return [
        {"InstanceId": one["InstanceId"], "Device": one["Device"], "AttachedTime": one["AttachedTime"]}
        for one in attachments_of(account, disk)
        if one.status != "Attaching"
    ]
