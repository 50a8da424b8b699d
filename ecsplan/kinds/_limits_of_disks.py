"""The limits of disks, snapshots, their policies, and images. Used by _limits.py."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.kinds._forms import DESCRIPTION, NAME, NO_DOT, NOT_AUTO, OF_IMAGE
from ecsplan.model.algebra import Raw
from ecsplan.model.limits import Absent, Computed, Each, Entries, Length, Limit, Range, When

ESSD = {"PL0": 1, "PL1": 20, "PL2": 461, "PL3": 1261}
OF_DATA = {
    "cloud": (5, 2000), "cloud_efficiency": (20, 32768), "cloud_ssd": (20, 32768), "cloud_auto": (1, 65536),
    "cloud_essd_entry": (10, 32768), "ephemeral_ssd": (5, 800), "elastic_ephemeral_disk_standard": (64, 8192),
    "elastic_ephemeral_disk_premium": (64, 8192),
}  # fmt: skip
OF_SYSTEM = {
    "cloud": (20, 500), "cloud_efficiency": (20, 2048), "cloud_ssd": (20, 2048), "cloud_auto": (1, 2048),
    "cloud_essd_entry": (20, 2048),
}  # fmt: skip
DATA_SIZE = (("InvalidDataDiskSize.ValueNotSupported", 400),)
NOT_SOLD = (("InvalidDataDiskCategory.ValueNotSupported", 400), ("InvalidDiskCategory.ValueNotSupported", 400))
SYSTEM_SIZE = (
    ("InvalidSystemDiskSize.LessThanMinSize", 404), ("InvalidSystemDiskSize.MoreThanMaxSize", 404),
    ("InvalidSystemDiskSize.LessThanImageSize", 404), ("InvalidSystemDiskSize.ValueNotSupported", 400),
)  # fmt: skip
DISK_SIZE = (*DATA_SIZE, ("InvalidDiskSize.NotSupported", 400), ("InvalidSize.ValueNotSupported", 400))


def _sizes(path: str, ranges: Mapping[str, tuple[int, int]], high: int, source: str, refusal: Any) -> Iterator[Limit]:
    """By category, and for ESSDs by level; PL1 is the default."""
    before = path.rpartition("size")[0].partition(".")[2].rpartition("[].")
    inside = "" if before[1] else before[2]
    for category, (low, most) in ranges.items():
        only: When = {f"{inside}category": (category,)}
        codes = (*refusal, *NOT_SOLD) if category == "ephemeral_ssd" else refusal
        yield Limit(path, Range(low, most), source, codes, only, f"for {category}")
    for level, low in ESSD.items():
        levels: tuple[str | None, ...] = (level, None) if level == "PL1" else (level,)
        when: When = {f"{inside}category": ("cloud_essd",), f"{inside}performance_level": levels}
        yield Limit(path, Range(low, high), source, refusal, when, f"for cloud_essd of {level}")


def iops(holder: Raw, inside: str = "") -> Range | None:
    """Beyond the base of an AutoPL disk: up to 1,000 a GiB in all, and at most 50,000."""
    size = holder.get(f"{inside}size")
    if not isinstance(size, int):
        return None
    base = max(min(1_800 + 50 * size, 50_000), 3_000)
    return Range(0, max(0, min(50_000, 1_000 * size - base)) if size >= 4 else 0)


def _only_for(path: str, inside: str, source: str) -> Iterator[Limit]:
    """What one category of disks has and the others have not."""
    others = (*OF_DATA, "cloud_essd")
    for member, sample, only in (
        ("performance_level", "PL1", "cloud_essd"),
        ("provisioned_iops", 100, "cloud_auto"),
        ("bursting_enabled", True, "cloud_auto"),
    ):
        for category in (other for other in others if other != only):
            rule = Absent(sample, f"remove it, or write category: {only}")
            when = {f"{inside}category": (category,)}
            because = f"for {category}; it is for {only}"
            yield Limit(f"{path}{member}", rule, source, (), when, because, is_ignored=True)


def _disk(path: str, inside: str, action: str) -> Iterator[Limit]:
    """What a disk has wherever it is declared."""
    yield from _only_for(path, inside, f"{action}.Category")
    small = ({f"{inside}category": "cloud_auto", f"{inside}size": 40}, 36_200)
    rule = Computed(lambda holder: iops(holder, inside), small)
    yield Limit(f"{path}provisioned_iops", Range(0, 50_000), f"{action}.ProvisionedIops")
    yield Limit(f"{path}provisioned_iops", rule, f"{action}.ProvisionedIops", (),
                {f"{inside}category": ("cloud_auto",)}, "for its size")  # fmt: skip
    yield Limit(f"{path}kms_key", Absent("key-one", "remove it, or write encrypted: true"), f"{action}.KMSKeyId", (),
                {f"{inside}encrypted": (False,)}, "for encrypted: false", is_ignored=True)  # fmt: skip


def _mappings(count: int) -> list[dict[str, object]]:
    return [{"snapshot": f"s-{number:04}"} for number in range(count)]


def _disks(count: int) -> dict[str, object]:
    return {f"slot{number:02}": {"category": "cloud_essd", "size": 40} for number in range(count)}


def _accounts(count: int) -> list[str]:
    return [f"1{number:015}" for number in range(count)]


DISKS = (
    Limit("disk.name", NAME, "CreateDisk.DiskName", (("InvalidDiskName.Malformed", 400),)),
    Limit("disk.description", DESCRIPTION, "CreateDisk.Description", (("InvalidDescription.Malformed", 400),)),
    Limit("disk.size", Range(1, 65536), "CreateDisk.Size", DISK_SIZE),
    *_sizes("disk.size", OF_DATA, 65536, "CreateDisk.Size", DISK_SIZE),
    *_disk("disk.", "", "CreateDisk"),
    Limit("instance.system_disk.name", NAME, "RunInstances.SystemDisk.DiskName", (("InvalidDiskName.Malformed", 400),)),
    Limit("instance.system_disk.description", DESCRIPTION, "RunInstances.SystemDisk.Description",
          (("InvalidDiskDescription.Malformed", 400),)),
    Limit("instance.system_disk.size", Range(1, 2048), "RunInstances.SystemDisk.Size", SYSTEM_SIZE),
    *_sizes("instance.system_disk.size", OF_SYSTEM, 2048, "RunInstances.SystemDisk.Size", SYSTEM_SIZE),
    *_disk("instance.system_disk.", "system_disk.", "RunInstances"),
    Limit("instance.data_disks", Entries(16, _disks, what="data disks"), "RunInstances.DataDisk.N",
          (("InstanceDiskNumber.LimitExceed", 400),)),
    Limit("instance.data_disks[].name", NAME, "RunInstances.DataDisk.N.DiskName",
          (("InvalidDiskName.Malformed", 400),)),
    Limit("instance.data_disks[].description", DESCRIPTION, "RunInstances.DataDisk.N.Description",
          (("InvalidDiskDescription.Malformed", 400),)),
    Limit("instance.data_disks[].size", Range(1, 65536), "RunInstances.DataDisk.N.Size", DATA_SIZE),
    *_sizes("instance.data_disks[].size", OF_DATA, 65536, "RunInstances.DataDisk.N.Size", DATA_SIZE),
    *_disk("instance.data_disks[].", "", "RunInstances"),
    Limit("snapshot.name", NOT_AUTO, "CreateSnapshot.SnapshotName", (("InvalidSnapshotName.Malformed", 400),)),
    Limit("snapshot.description", DESCRIPTION, "CreateSnapshot.Description", (("InvalidDescription.Malformed", 404),)),
    Limit("snapshot.retention_days", Range(1, 65536), "CreateSnapshot.RetentionDays"),
    Limit("auto_snapshot_policy.name", NO_DOT, "CreateAutoSnapshotPolicy.autoSnapshotPolicyName"),
    Limit("auto_snapshot_policy.hours", Each(Range(0, 23)), "CreateAutoSnapshotPolicy.timePoints"),
    Limit("auto_snapshot_policy.weekdays", Each(Range(1, 7)), "CreateAutoSnapshotPolicy.repeatWeekdays"),
    Limit("auto_snapshot_policy.retention_days", Range(1, 65535, also=-1), "CreateAutoSnapshotPolicy.retentionDays"),
    Limit("auto_snapshot_policy.cross_region_copy.retention_days", Range(1, 65535, also=-1),
          "CreateAutoSnapshotPolicy.CopiedSnapshotsRetentionDays"),
    Limit("image.name", OF_IMAGE, "CreateImage.ImageName", (("InvalidImageName.Malformed", 400),)),
    Limit("image.family", OF_IMAGE, "CreateImage.ImageFamily"),
    Limit("image.description", DESCRIPTION, "CreateImage.Description", (("InvalidDescription.Malformed", 400),)),
    Limit("image.version", Length(1, 40), "CreateImage.ImageVersion", (("InvalidImageVersion.Malformed", 400),)),
    Limit("image.disks", Entries(17, _mappings, 1, "disks"), "CreateImage.DiskDeviceMapping.N"),
    Limit("image.disks[].size", Range(5, 32768), "CreateImage.DiskDeviceMapping.N.Size",
          (("InvalidSize.ValueNotSupported", 400),)),
    Limit("image.shared_with", Entries(50, _accounts, what="accounts"), "ModifyImageSharePermission.AddAccount.N"),
)  # fmt: skip
