"""Images to start from: the public ones of the catalogue, and the account's own. Others make and change images."""

from __future__ import annotations

from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, ecs_tags
from ecsplan.emulator.clock import parse_time
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import invalid, missing, not_found

NOT_FOUND = "InvalidImageId.NotFound"
STATUSES = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")


def public_image(record: dict[str, Any], region: str, seq: int) -> Thing:
    """A catalogue record in the shape of a thing, so that both kinds of image are listed alike."""
    built = str(record.get("build_date", "2024-01-01"))
    data: Body = {
        "ImageName": record["image_id"],
        "Status": "Available",
        "OSName": record["os_name"],
        "OSNameEn": record["os_name_en"],
        "OSType": record["os_type"],
        "Platform": record["platform"],
        "Architecture": record["architecture"],
        "Size": record["size_gib"],
        "ImageFamily": record.get("image_family", ""),
        "ImageOwnerAlias": "system",
        "CreationTime": f"{built}T02:00:00Z",
        "Description": "",
    }
    return Thing("image", region, record["image_id"], seq, data, {})


def find_image(call: Call, image_id: str) -> Thing:
    record = catalogue.images().get(image_id)
    if record is not None:
        return public_image(record, call.region, 0)
    return call.require("image", image_id, NOT_FOUND, "ImageId")


def image_of_family(call: Call, family: str) -> Thing:
    """The newest Available image: an own one before a public one."""
    own = [i for i in call.listed("image") if i.get("ImageFamily") == family and i.status == "Available"]
    if own:
        return max(own, key=lambda image: image.seq)
    record = catalogue.image_in_family(family)
    if record is None:
        raise not_found("InvalidImageFamily.NotFound", "ImageFamily", family)
    return public_image(record, call.region, 0)


def describe_images(call: Call) -> Body:
    """Only Available ones, unless Status says otherwise."""
    wanted = _statuses(call)
    alias = call.choice("ImageOwnerAlias", "system", "self", "others", "marketplace")
    images = _public(call) if alias in (None, "system") and not call.params.get("Tag") else []
    if alias in (None, "self"):
        images = images + call.matching_tags(call.candidates("image"))
    if call.get("InstanceType") is not None:
        images = [image for image in images if image["Architecture"] in _fitting(call)]
    ids = call.commas("ImageId", 100)
    if ids is not None:
        images = [image for image in images if image.id in ids]
    images = [image for image in images if image.status in wanted]
    images = call.filtered(images, OSType="OSType", Architecture="Architecture", ImageFamily="ImageFamily")
    images = call.named(images, "ImageName", "ImageName")
    if call.get("SnapshotId") is not None:
        images = [image for image in images if call.get("SnapshotId") in image.get("SnapshotIds", [])]
    if call.get("IsPublic") is not None:
        images = [i for i in images if i.get("Community", False) == call.get("IsPublic")]
    if call.get("Usable") is not None:
        images = [i for i in images if (i.status == "Available") == call.get("Usable")]
    if call.get("IsSupportCloudinit") is False or call.get("IsSupportIoOptimized") is False:
        images = []
    for pair in call.many("Filter", 10):
        images = _kept(images, str(pair.get("Key") or ""), str(pair.get("Value") or ""))
    if call.get("Usage") is not None:
        images = [i for i in images if _usage(call, i) == call.get("Usage")]
    return {"RegionId": call.region, **by_number(call, images, shown, ("Images", "Image"), 100)}


def _kept(images: list[Thing], key: str, value: str) -> list[Thing]:
    """One pair of `Filter.N`. Every image goes into a VPC, and none changes CPUs or memory online."""
    if key in ("CreationStartTime", "CreationEndTime"):
        sign, moment = (1 if key == "CreationStartTime" else -1), parse_time(value)
        if moment is None:
            raise invalid("Filter", code="InvalidFilterValue")
        return [i for i in images if sign * (parse_time(i["CreationTime"]) or 0.0) >= sign * moment]
    usual = {"NetworkType": "vpc", **dict.fromkeys(ONLINE, "unsupported")}
    if key not in usual:
        raise invalid("Filter", code="InvalidFilterKey.NotFound")
    return images if value == usual[key] else []


ONLINE = ("CpuOnlineUpgrade", "CpuOnlineDowngrade", "MemoryOnlineUpgrade", "MemoryOnlineDowngrade")


def _statuses(call: Call) -> tuple[str, ...]:
    """Several with commas, or ALL on its own; with Usable there is no default."""
    given = call.get("Status")
    if given is None and call.get("Usable") is not None:
        raise missing("Status")
    if given is not None and given.upper() == "ALL":
        return STATUSES
    wanted = tuple((given or "Available").split(","))
    if not set(wanted) <= set(STATUSES):
        raise invalid("Status", f"It is one of: {', '.join(STATUSES)}, ALL.", "InvalidStatus.ValueNotSupported")
    return wanted


def _usage(call: Call, image: Thing) -> str:
    return "instance" if call.account.how_many("instance", "ImageId", image.id) else "none"


def _public(call: Call) -> list[Thing]:
    records = list(catalogue.images().values())
    return [public_image(record, call.region, place - len(records)) for place, record in enumerate(records)]


def _fitting(call: Call) -> tuple[str, ...]:
    """The architectures that a type runs."""
    record = catalogue.instance_type(call.get("InstanceType")) or {}
    return ("arm64",) if record.get("cpu_architecture") == "ARM" else ("x86_64", "i386")


def shown(call: Call, image: Thing) -> Body:
    is_public = image["ImageOwnerAlias"] == "system"
    return {
        "ImageId": image.id,
        "ImageName": image["ImageName"],
        "Description": image["Description"],
        "Status": image["Status"],
        "Progress": image.get("Progress", "100%"),
        "ImageFamily": image["ImageFamily"],
        "ImageVersion": image.get("ImageVersion", ""),
        "ImageOwnerAlias": image["ImageOwnerAlias"],
        "ImageOwnerId": 0 if is_public else int(call.account.owner),
        "OSName": image["OSName"],
        "OSNameEn": image["OSNameEn"],
        "OSType": image["OSType"],
        "Platform": image["Platform"],
        "Architecture": image["Architecture"],
        "Size": image["Size"],
        "CreationTime": image["CreationTime"],
        "IsPublic": is_public or image.get("Community", False),
        "IsCopied": image.get("IsCopied", False),
        "IsSelfShared": str(bool(image.get("Shares"))).lower() if not is_public else "",
        "IsSubscribed": False,
        "IsSupportCloudinit": True,
        "IsSupportIoOptimized": True,
        "BootMode": boot_mode(image),
        "ProductCode": "",
        "Usable": image.get("Usable", image["Status"] == "Available"),
        "Usage": _usage(call, image),
        "ResourceGroupId": image.get("ResourceGroupId", ""),
        "DiskDeviceMappings": {"DiskDeviceMapping": image.get("DiskDeviceMappings", [])},
        "Features": {
            "NvmeSupport": image.get("NvmeSupport", "supported"),
            **({"ImdsSupport": image["ImdsSupport"]} if image.get("ImdsSupport") else {}),
        },
        **({"LicenseType": image["LicenseType"]} if image.get("LicenseType") else {}),
        "LoginAsNonRootSupported": is_public and image["OSType"] == "linux",
        "Tags": ecs_tags(image),
    }


def boot_mode(image: Thing) -> str:
    return str(image.get("BootMode") or ("UEFI" if image["Architecture"] == "arm64" else "BIOS"))


FAMILY_KEYS = ("ImageId", "ImageName", "Description", "Status", "Progress", "ImageFamily", "ImageVersion",
               "ImageOwnerAlias", "OSName", "OSType", "Platform", "Architecture", "Size", "CreationTime", "IsCopied",
               "IsSelfShared", "IsSubscribed", "IsSupportCloudinit", "IsSupportIoOptimized", "ProductCode", "Usage",
               "Tags")  # fmt: skip
FAMILY_DISK = ("Device", "Format", "ImportOSSBucket", "ImportOSSObject", "Size", "SnapshotId", "Type")


def describe_image_from_family(call: Call) -> Body:
    row = shown(call, image_of_family(call, call.need("ImageFamily")))
    body = {key: row[key] for key in FAMILY_KEYS}
    mapped = [{key: disk[key] for key in FAMILY_DISK} for disk in row["DiskDeviceMappings"]["DiskDeviceMapping"]]
    return {"Image": {**body, "DiskDeviceMappings": {"DiskDeviceMapping": mapped}}}


ECS = {
    "DescribeImages": describe_images,
    "DescribeImageFromFamily": describe_image_from_family,
}
TAGGABLE = {("ecs", "image"): "image"}
