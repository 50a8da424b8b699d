"""A new system: ReplaceSystemDisk makes a new disk of an image, ReInitDisk puts a disk back to its beginning."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._disks import LOCAL, QUICK, DiskSpec, check_size, disks_of, make_disk
from ecsplan.emulator.operations._launch import check_password
from ecsplan.emulator.operations.images import find_image
from ecsplan.emulator.operations.instances import require_instance, require_status
from ecsplan.emulator.operations.key_pairs import place
from ecsplan.emulator.wire import Refusal, missing, not_found


def replace_system_disk(call: Call) -> Body:
    """Stopped only. The old disk and its data are gone at once, the new one has another id.

    Category, level and billing stay; the rest is by default as the documents have it: max(40, image)
    GiB, refused below the size of the old one, not encrypted, without name, policy and tags.
    """
    instance = require_instance(call)
    require_status(instance, "Stopped")
    if not call.get("ImageId") and not call.get("DiskId"):
        raise missing("ImageId")
    image = find_image(call, call.need("ImageId"))
    if image.status != "Available":
        raise Refusal(403, "ImageNotReady", f"The image {image.id} is {image.status}.")
    _set_login(call, instance)
    olds = [disk for disk in disks_of(call.account, instance.id) if disk["Type"] == "system"]
    old = olds[0] if olds else None
    category = old["Category"] if old else "cloud_efficiency"
    level = old.get("PerformanceLevel", "") if old else ""
    size = call.get("SystemDisk", {}).get("Size") or max(40, image["Size"])
    if size < image["Size"] or (old is not None and size < old["Size"]):
        raise Refusal(
            400, "InvalidSystemDiskSize.LessThanImageSize", "The disk can't be smaller than the image or the old one."
        )
    check_size(category, level, size, True)
    _new_disk(call, instance, old, DiskSpec(category, size, level, "", "", True, {}), image)
    call.account.change(
        instance, ImageId=image.id, OSName=image["OSName"], OSNameEn=image["OSNameEn"], OSType=image["OSType"]
    )
    return {"DiskId": next(d.id for d in disks_of(call.account, instance.id) if d["Type"] == "system")}


def _new_disk(call: Call, instance: Thing, old: Thing | None, spec: DiskSpec, image: Thing) -> None:
    kept: Body = {}
    if old is not None:
        names = ("DiskChargeType", "ExpiredTime", "DeleteWithInstance", "ResourceGroupId", "ProvisionedIops")
        kept = {name: old[name] for name in names if name in old.data}
        call.lifecycle.cancel(old)
        call.account.remove(old)
    if call.get("Encrypted"):
        kept |= {"Encrypted": True, "KMSKeyId": call.get("KMSKeyId", "service-key")}
    disk = make_disk(
        call,
        spec,
        instance["ZoneId"],
        {},
        InstanceId=instance.id,
        Device="/dev/xvda",
        ImageId=image.id,
        **kept,
    )
    call.in_settle(disk, share=0.5, Status="In_use")


def _set_login(call: Call, instance: Thing) -> None:
    check_password(call.get("Password"))
    name = call.get("KeyPairName")
    if name is not None:
        if call.account.get("keypair", place(instance.region, name)) is None:
            raise not_found("InvalidKeyPairName.NotFound", "KeyPairName", name)
        call.account.change(instance, KeyPairName=name)


def re_init_disk(call: Call) -> Body:
    """Back to its image, to the snapshot that it was made of, or empty; AutoStartInstance then starts the machine."""
    disk = call.require("disk", call.need("DiskId"), "InvalidDiskId.NotFound", "DiskId")
    if disk.status != "In_use":
        raise Refusal(403, "IncorrectDiskStatus", f"The disk {disk.id} is {disk.status}, not In_use.")
    instance = call.account.get("instance", disk.get("InstanceId", ""))
    if instance is not None:
        require_status(instance, "Stopped")
        if not instance.get("StartTime"):
            raise Refusal(403, "InstanceNotReady", f"The instance {instance.id} has never been started.")
    _check_beginning(call, disk)
    if instance is not None:
        if disk["Type"] == "system":
            _set_login(call, instance)
        if call.get("AutoStartInstance"):
            call.account.change(instance, Status="Starting")
            call.in_settle(instance, "instance_started", 2.0, Status="Running")
    call.account.change(disk, Status="ReIniting")
    call.in_settle(disk, share=min(1.0, QUICK / call.settle) if call.settle else 1.0, Status="In_use")
    return {}


def _check_beginning(call: Call, disk: Thing) -> None:
    """What the disk began as must still be there, and be its own alone."""
    if disk.get("MultiAttach") == "Enabled" or disk["Category"] in LOCAL:
        raise Refusal(400, "DiskCategory.OperationNotSupported", f"The disk {disk.id} cannot be re-initialised.")
    snapshots = call.account.where("snapshot", "SourceDiskId", disk.id)
    if any(snapshot.status == "progressing" for snapshot in snapshots):
        raise Refusal(403, "DiskCreatingSnapshot", f"A snapshot of the disk {disk.id} is being made.")
    if any(snapshot["Category"] == "flash" for snapshot in snapshots):
        raise Refusal(403, "OperationDenied.LocalSnapshot", f"The disk {disk.id} has a local snapshot.")
    if disk["Type"] == "system" and disk.get("ImageId"):
        find_image(call, disk["ImageId"])
    source = disk.get("SourceSnapshotId")
    if source and call.account.get("snapshot", source) is None:
        raise Refusal(403, "InvalidSourceSnapshot", f"The snapshot {source} that the disk was made of was deleted.")


ECS = {"ReplaceSystemDisk": replace_system_disk, "ReInitDisk": re_init_disk}
