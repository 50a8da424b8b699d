"""The account's own images: made of instances and snapshots, copied, imported, exported, changed, deleted, shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._disks import LOCAL, disks_of
from ecsplan.emulator.operations.images import NOT_FOUND, find_image
from ecsplan.emulator.operations.instances import NOT_FOUND as NO_INSTANCE
from ecsplan.emulator.operations.instances import require_status
from ecsplan.emulator.operations.snapshots import NOT_FOUND as NO_SNAPSHOT
from ecsplan.emulator.operations.snapshots import take
from ecsplan.emulator.operations.tasks import start_task
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

SHARED_AT_ONCE = 10
LINUX = {
    "OSName": "Linux",
    "OSNameEn": "Linux",
    "OSType": "linux",
    "Platform": "Others Linux",
    "Architecture": "x86_64",
}

IMAGES = "q_user-image-count"  # its quota, without a source for the number


def create_image(call: Call) -> Body:
    """Exactly one source: an instance, a system disk's snapshot, or a mapping of snapshots."""
    instance_id, snapshot_id, mapping = (
        call.get("InstanceId"),
        call.get("SnapshotId"),
        call.many("DiskDeviceMapping", 17),
    )
    if sum(map(bool, (instance_id, snapshot_id, mapping))) > 1:
        raise invalid("InstanceId", "Give one source.", "InvalidParameter.Conflict")
    if instance_id:
        data = _of_instance(call, instance_id)
    elif snapshot_id or mapping:
        data = _of_snapshots(call, mapping or [{"SnapshotId": snapshot_id}])
    else:
        raise missing("InstanceId")
    if call.get("Architecture"):
        data["Architecture"] = call.choice("Architecture", "i386", "x86_64", "arm64")
    if call.get("Platform") and not instance_id:
        data["Platform"] = call.get("Platform")
    return {"ImageId": _new(call, call.region, data, call.get("ImageName"), call.get("Description")).id}


def _new(call: Call, region: str, data: Mapping[str, Any], name: str | None, description: str | None) -> Thing:
    image_id = call.account.new_id("m", region)
    whole: Body = {
        "Status": "Creating",
        "Usable": False,
        "Progress": "0%",
        "ImageName": check_own_name(name, "ImageName") or image_id,
        "Description": check_description(description),
        "ImageFamily": check_own_name(call.get("ImageFamily"), "ImageFamily") or "",
        "ImageVersion": _version(call),
        "BootMode": call.choice("BootMode", "BIOS", "UEFI", "UEFI-Preferred", default="BIOS"),
        "ImageOwnerAlias": "self",
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
        "ImdsSupport": (call.get("Features") or {}).get("ImdsSupport"),
        **data,
    }
    if whole["ImageName"] != image_id and any(
        i["ImageName"] == whole["ImageName"] for i in call.account.in_region("image", region)
    ):
        raise Refusal(400, "InvalidImageName.Duplicated", f"An image named {whole['ImageName']} exists already.")
    _check_room(call, region)
    image = call.account.add("image", region, image_id, whole, call.tags())
    call.in_settle(image, Status="Available", Progress="100%", Usable=True)
    return image


def _check_room(call: Call, region: str) -> None:
    most = call.quotas.get(IMAGES)
    if most is not None and call.account.count("image", region) >= most:
        raise Refusal(403, "QuotaExceed.Image", f"There are {most} custom images already.")


def _version(call: Call) -> str:
    version = str(call.get("ImageVersion", ""))
    if len(version) > 40:
        raise invalid("ImageVersion", "It is at most 40 characters.", "InvalidImageVersion.Malformed")
    return version


def check_own_name(name: str | None, parameter: str) -> str:
    if name and name.startswith(("acs:", "aliyun")):
        raise invalid(parameter, "The prefixes acs: and aliyun are the service's.", f"Invalid{parameter}.Malformed")
    return check_name(name, parameter, f"Invalid{parameter}.Malformed")


def _of_instance(call: Call, instance_id: str) -> Body:
    instance = call.require("instance", instance_id, NO_INSTANCE, "InstanceId")
    require_status(instance, "Running", "Stopped")
    if any(disk["Category"] in LOCAL for disk in disks_of(call.account, instance_id)):
        raise Refusal(400, "InvalidDiskCategory.CreateImage", f"The machine {instance_id} has local disks.")
    source = find_image(call, instance["ImageId"]) if _exists(call, instance["ImageId"]) else None
    snapshots = [
        take(call, disk, "", f"Created from {instance_id}", {}) for disk in disks_of(call.account, instance_id)
    ]
    keys = ("OSName", "OSNameEn", "OSType", "Platform", "Architecture")
    return ({key: source[key] for key in keys} if source is not None else dict(LINUX)) | _mapped(snapshots)


def _exists(call: Call, image_id: str) -> bool:
    return image_id in catalogue.images() or call.account.get("image", image_id) is not None


def _of_snapshots(call: Call, mapping: list[Mapping[str, Any]]) -> Body:
    snapshots = []
    for given in mapping:
        if given.get("SnapshotId"):
            snapshot = call.require("snapshot", given["SnapshotId"], NO_SNAPSHOT, "SnapshotId")
            if snapshot.status != "accomplished":
                raise Refusal(403, "InvalidSnapshotId.NotReady", f"The snapshot {snapshot.id} is {snapshot.status}.")
            snapshots.append(snapshot)
            _check_mapped(given, snapshot)
    is_system = any(s["SourceDiskType"] == "system" for s in snapshots) or any(
        g.get("DiskType") == "system" for g in mapping
    )
    if not is_system:
        raise Refusal(403, "InvalidSnapshotId.NotSystemDisk", "An image needs a snapshot of a system disk.")
    return dict(LINUX) | _mapped(snapshots)


def _check_mapped(given: Mapping[str, Any], snapshot: Thing) -> None:
    """DiskDeviceMapping.N.Size: in its range, and not below the snapshot."""
    size = given.get("Size")
    if size is not None and not max(5, int(snapshot["SourceDiskSize"])) <= int(size) <= 32768:
        raise invalid("DiskDeviceMapping.1.Size", code="InvalidSize.ValueNotSupported")


def _mapped(snapshots: list[Thing]) -> Body:
    rows = [
        {
            "SnapshotId": snapshot.id,
            "Size": snapshot["SourceDiskSize"],
            "Device": f"/dev/xvd{chr(ord('a') + place)}",
            "Type": snapshot["SourceDiskType"],
            "Format": "",
            "ImportOSSBucket": "",
            "ImportOSSObject": "",
            "Progress": "100%",
            "RemainTime": 0,
        }
        for place, snapshot in enumerate(snapshots)
    ]
    size = next((int(s["SourceDiskSize"]) for s in snapshots if s["SourceDiskType"] == "system"), 40)
    return {"Size": size, "DiskDeviceMappings": rows, "SnapshotIds": [snapshot.id for snapshot in snapshots]}


def copy_image(call: Call) -> Body:
    """RegionId is where the source is; the copy is born in DestinationRegionId."""
    source = call.require("image", call.need("ImageId"), NOT_FOUND, "ImageId")
    if source.status != "Available":
        raise Refusal(403, "IncorrectImageStatus", f"The image {source.id} is {source.status}.")
    region = call.get("DestinationRegionId", call.region)
    if not catalogue.is_region(region):
        raise not_found("InvalidRegionId.NotFound", "DestinationRegionId", region)
    keys = ("OSName", "OSNameEn", "OSType", "Platform", "Architecture", "Size", "BootMode")
    data = {key: source[key] for key in keys} | {"IsCopied": True, "DiskDeviceMappings": []}
    image = _new(call, region, data, call.get("DestinationImageName"), call.get("DestinationDescription"))
    return {"ImageId": image.id}


def cancel_copy_image(call: Call) -> Body:
    image = call.require("image", call.need("ImageId"), NOT_FOUND, "ImageId")
    if not image.get("IsCopied") or image.status != "Creating":
        raise Refusal(403, "IncorrectImageStatus", f"The image {image.id} is not being copied.")
    call.account.remove(image)
    return {}


def import_image(call: Call) -> Body:
    """Of files in OSS, the first of which is the system disk; nobody says what is in them."""
    disks = call.many("DiskDeviceMapping", 17)
    if not disks:
        raise missing("DiskDeviceMapping.1.OSSBucket")
    rows = [_imported(disk, place) for place, disk in enumerate(disks)]
    data: Body = dict(LINUX) | {"Size": int(rows[0]["Size"]), "DiskDeviceMappings": rows}
    data["NvmeSupport"] = (call.get("Features") or {}).get("NvmeSupport") or "unsupported"
    is_arm = call.get("Architecture") == "arm64"
    if is_arm and call.choice("BootMode", "BIOS", "UEFI", default="BIOS") != "UEFI":
        raise invalid("BootMode", "An image for arm64 boots by UEFI.", "InvalidParameter.BootMode")
    if call.choice("OSType", "windows", "linux", default="linux") == "windows":
        if call.choice("LicenseType", "Aliyun", "BYOL") == "BYOL":
            data["LicenseType"] = "BYOL"
        data |= {"OSType": "windows", "OSName": "Windows", "OSNameEn": "Windows"}
    if call.get("Platform"):
        data["Platform"] = call.get("Platform")
    if call.get("Architecture"):
        data["Architecture"] = call.choice("Architecture", "i386", "x86_64", "arm64")
    image = _new(call, call.region, data, call.get("ImageName"), call.get("Description"))
    return {"ImageId": image.id, "RegionId": call.region, "TaskId": start_task(call, "ImportImage", image.id).id}


def _imported(disk: Mapping[str, Any], place: int) -> Body:
    for name in ("OSSBucket", "OSSObject"):
        if not disk.get(name):
            raise missing(f"DiskDeviceMapping.{place + 1}.{name}")
    size, format_ = int(disk.get("DiskImageSize") or 40), disk.get("Format") or "VHD"
    if not 1 <= size <= 2048:
        raise invalid(f"DiskDeviceMapping.{place + 1}.DiskImageSize", code="InvalidSize.ValueNotSupported")
    if format_ not in ("RAW", "VHD", "QCOW2", "VMDK"):
        raise invalid(f"DiskDeviceMapping.{place + 1}.Format", code="InvalidImageFormat.Malformed")
    return {
        "SnapshotId": "", "Size": str(size), "Device": f"/dev/xvd{chr(ord('a') + place)}",
        "Type": "data" if place else "system", "Format": format_, "ImportOSSBucket": disk["OSSBucket"],
        "ImportOSSObject": disk["OSSObject"], "Progress": "100%", "RemainTime": 0,
    }  # fmt: skip


def export_image(call: Call) -> Body:
    image = call.require("image", call.need("ImageId"), NOT_FOUND, "ImageId")
    if image.status != "Available":
        raise Refusal(403, "IncorrectImageStatus", f"The image {image.id} is {image.status}.")
    return {"RegionId": call.region, "TaskId": start_task(call, "ExportImage", image.id).id}


def modify_image_attribute(call: Call) -> Body:
    image = call.require("image", call.need("ImageId"), NOT_FOUND, "ImageId")
    changes: Body = {}
    if call.get("ImageName"):
        changes["ImageName"] = check_own_name(call.get("ImageName"), "ImageName")
    if call.get("ImageFamily") is not None:
        changes["ImageFamily"] = check_own_name(call.get("ImageFamily"), "ImageFamily")
    if call.get("Description"):
        changes["Description"] = check_description(call.get("Description"))
    if call.get("BootMode"):
        changes["BootMode"] = call.choice("BootMode", "BIOS", "UEFI", "UEFI-Preferred")
    if call.get("Features", {}).get("NvmeSupport"):
        changes["NvmeSupport"] = call.get("Features")["NvmeSupport"]
    imds = call.get("Features", {}).get("ImdsSupport")
    if imds == "v1" and image.get("ImdsSupport") == "v2":
        raise invalid("Features.ImdsSupport", "It cannot be changed from v2 to v1.")
    if imds:
        changes["ImdsSupport"] = imds
    if call.choice("LicenseType", "BYOL") is not None:
        changes["LicenseType"] = call.get("LicenseType")
    status = call.choice("Status", "Deprecated", "Available")
    if status is not None:
        if image.status not in ("Available", "Deprecated"):
            raise Refusal(403, "IncorrectImageStatus", f"The image {image.id} is {image.status}.")
        changes["Status"] = status
    call.account.change_all(image, changes)
    return {}


def delete_image(call: Call) -> Body:
    """One that is not there is ignored. Its snapshots stay."""
    image = call.find("image", call.need("ImageId"))
    if image is None:
        return {}
    if image.status == "Creating":
        code = "OperationDenied.ImageCopying" if image.get("IsCopied") else "ImageIsCreating"
        raise Refusal(403, code, f"The image {image.id} is being made.")
    if image.get("Shares"):
        raise Refusal(403, "ImageUseShared", f"The image {image.id} has been shared to others.")
    if call.account.how_many("instance", "ImageId", image.id) and not call.get("Force"):
        raise Refusal(403, "ImageUsingByInstance", f"Instances use the image {image.id}; Force deletes it.")
    call.account.remove(image)
    return {}


def modify_image_share_permission(call: Call) -> Body:
    """What is beyond ten accounts a call is silently left out."""
    image = call.require("image", call.need("ImageId"), NOT_FOUND, "ImageId")
    if call.get("IsPublic") is not None:
        call.account.change(image, Community=call.get("IsPublic"))
    added, removed = call.get("AddAccount", [])[:SHARED_AT_ONCE], call.get("RemoveAccount", [])[:SHARED_AT_ONCE]
    shared = {account: at for account, at in image.get("Shares", {}).items() if account not in removed}
    shared |= {account: to_seconds(call.now) for account in added if account not in shared}
    call.check_quota("image_share_accounts", 0, "InvalidAccount.Quota", len(shared))
    call.account.change(image, Shares=shared)
    return {}


def describe_image_share_permission(call: Call) -> Body:
    image = call.require("image", call.need("ImageId"), NOT_FOUND, "ImageId")
    rows = [{"AliyunId": account, "SharedTime": at} for account, at in image.get("Shares", {}).items()]
    number, size = call.get("PageNumber", 1), call.number("PageSize", 1, 100, 10)
    return {
        "ImageId": image.id,
        "RegionId": image.region,
        "TotalCount": len(rows),
        "PageNumber": number,
        "PageSize": size,
        "Accounts": {"Account": rows[(number - 1) * size : number * size]},
        "ShareGroups": {"ShareGroup": []},
    }


def describe_image_support_instance_types(call: Call) -> Body:
    image = find_image(call, call.need("ImageId"))
    arm = image["Architecture"] == "arm64"
    rows = [
        {
            "InstanceTypeId": t["id"],
            "InstanceTypeFamily": t["family"],
            "CpuCoreCount": t["vcpu"],
            "MemorySize": float(t["memory_gib"]),
        }
        for t in catalogue.instance_types().values()
        if (t.get("cpu_architecture") == "ARM") == arm
    ]
    return {"ImageId": image.id, "RegionId": call.region, "InstanceTypes": {"InstanceType": rows}}


ECS = {
    "CreateImage": create_image,
    "CopyImage": copy_image,
    "CancelCopyImage": cancel_copy_image,
    "ImportImage": import_image,
    "ExportImage": export_image,
    "ModifyImageAttribute": modify_image_attribute,
    "DeleteImage": delete_image,
    "ModifyImageSharePermission": modify_image_share_permission,
    "DescribeImageSharePermission": describe_image_share_permission,
    "DescribeImageSupportInstanceTypes": describe_image_support_instance_types,
}
