"""The disks of a machine as its answer has them: rows of DescribeDisks, decoded. Used by whatever is about disks.

ECS 2014-05-26: DescribeDisks.
"""

import re
from collections.abc import Collection
from functools import lru_cache

from ecsplan.kinds import _disks, _slots
from ecsplan.kinds._limits import rule, types_of
from ecsplan.kinds._slots import SLOT, hangs_here, slots
from ecsplan.model.algebra import Fields, Raw, Value, Values
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import MapOf, Record, Reference
from ecsplan.model.decoder import Decoder
from ecsplan.model.disk import LiveDisk
from ecsplan.model.kind import Detail, Ids
from ecsplan.model.values import Boolean, Text

of = types_of("instance")

LOCAL = ("ephemeral", "ephemeral_ssd", "local_hdd_pro", "local_ssd_pro")  # disks of the host, no cloud disks

# member of a slot → field of DataDisk.N, field of DescribeDisks
FIELDS = {
    "category": ("Category", "Category"),
    "size": ("Size", "Size"),
    "performance_level": ("PerformanceLevel", "PerformanceLevel"),
    "provisioned_iops": ("ProvisionedIops", "ProvisionedIops"),
    "bursting_enabled": ("BurstingEnabled", "BurstingEnabled"),
    "name": ("DiskName", "DiskName"),
    "description": ("Description", "Description"),
    "encrypted": ("Encrypted", "Encrypted"),
    "kms_key": ("KMSKeyId", "KMSKeyId"),
    "snapshot": ("SnapshotId", "SourceSnapshotId"),
    "snapshot_policy": ("AutoSnapshotPolicyId", "AutoSnapshotPolicyId"),
    "subscription": ("", "DiskChargeType"),  # bought with a machine, it is paid as that is
}

DISK = Record(
    "a data disk",
    Attribute("category", None, _disks.CATEGORY, "The sort of disk."),
    Attribute("size", None, of("data_disks[].size"), "The size in GiB; it can only grow."),
    Attribute("performance_level", None, _disks.LEVEL, "For cloud_essd: PL0 to PL3."),
    Attribute("provisioned_iops", None, of("data_disks[].provisioned_iops"), "For cloud_auto: IOPS beyond the base."),
    Attribute("bursting_enabled", None, Boolean(), "For cloud_auto: whether it may burst."),
    Attribute("name", None, of("data_disks[].name"), "The name in the cloud; the slot's if left out."),
    Attribute("description", None, of("data_disks[].description"), "What it is for."),
    Attribute("encrypted", None, Boolean(), "Whether it is encrypted; cannot change."),
    Attribute("kms_key", None, Text(1, 64), "The key that encrypts it; cannot change."),
    Attribute(
        "snapshot", None, Reference("snapshot", prefixes=("s-",)), "What it is made from; cannot change.", at_birth=True
    ),
    Attribute(
        "snapshot_policy",
        None,
        _disks.POLICY,
        "The policy for automatic snapshots.",
        optional=True,
        is_relation=True,
    ),
    Attribute("subscription", None, _disks.SUBSCRIPTION, "Whether it is paid for ahead with the machine."),
    Attribute("keep", None, Boolean(), "Whether it outlives the instance, and moves over when that is replaced."),
)


class DataDisks(MapOf):
    """Slots to disks. Only what a slot declares is compared; a live disk that fits no slot is named by its id."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(DISK, SLOT, rule("instance.data_disks").high)

    def matches(self, desired: Value, live: Value) -> bool:
        return _slots.matches(DISK, desired, live)

    @property
    def declared(self) -> Decoder[tuple[Value, dict[str, str]]]:
        return _declared


@Decoder
def _declared(raw: Raw) -> tuple[Value, dict[str, str]]:
    """Slots for the disks of an instance that no stack made: named for the disks, else numbered in their order."""
    nobodys = (disk for disk in data_disks(raw) if _slots.is_nobodys(disk, "disk") and can_be_declared(disk))
    disks = sorted(nobodys, key=lambda disk: _order(raw, disk))
    names = {str(disk.get("DiskName")) for disk in disks}
    found: dict[str, Raw] = {}
    for disk in disks:
        found[_free_slot(disk, found, names)] = disk
    value = tuple(sorted((slot, _declared_disk(slot, disk)) for slot, disk in found.items()))
    return value, {str(disk["DiskId"]): slot for slot, disk in found.items()}


def _free_slot(disk: Raw, taken: Collection[str], names: Collection[str]) -> str:
    """Numbers sort as the disks of one name, or of none, do: that is how they are told apart when they are adopted."""
    name = str(disk.get("DiskName") or "")
    if re.search(SLOT.pattern or "", name) and 2 <= len(name) <= 60:
        if name not in taken:
            return name
    else:
        name = "data"
    candidates = (f"{name}{number:02d}" for number in range(1, 1000))
    return next(slot for slot in candidates if slot not in taken and slot not in names)


def _declared_disk(slot: str, disk: Raw) -> Fields:
    """What `to_wire` would make again: a name only where it is not the slot's, and a term as its machine has it."""
    members = dict(slot_of(disk))
    members.pop("subscription", None)
    if members.get("name") == slot:
        del members["name"]
    return tuple(sorted(members.items()))


def is_data(disk: Raw) -> bool:
    return disk.get("Type") == "data"


def can_be_declared(disk: Raw) -> bool:
    """Local disks come with the machine's type: no call makes, changes or removes one."""
    return is_data(disk) and disk.get("Category") not in _disks.OF_THE_TYPE


def alike(disk: Raw, wanted: Values) -> bool:
    """Whether a disk looks as a slot wants it, in what cannot well be changed."""
    return all(wanted.get(name) in (None, disk.get(FIELDS[name][1])) for name in ("category", "size"))


def data_disks(raw: Raw) -> list[Raw]:
    return [disk for disk in raw.get("@disks") or () if is_data(disk)]


def system_disk(raw: Raw) -> Raw:
    return next((disk for disk in raw.get("@disks") or () if disk.get("Type") == "system"), {})


def system_disk_policies(raw: Raw) -> str | None:
    """All that work, with commas between them. The disk itself goes on showing the one that it was born with, also
    after another was applied.
    """
    if "@policies" in raw:
        return ",".join(sorted(row["AutoSnapshotPolicyId"] for row in raw["@policies"])) or None
    return system_disk(raw).get("AutoSnapshotPolicyId")


POLICIES = Detail(
    "@policies", "DescribeAutoSnapshotPolicyAssociations",
    "AutoSnapshotPolicyAssociations.AutoSnapshotPolicyAssociation", key="DiskId",
    on=lambda raw: (system_disk(raw).get("DiskId", ""),), ids=Ids("", "whole"),
    attributes=("system_disk.snapshot_policy",),
)  # fmt: skip


def by_slot(raw: Raw) -> dict[str, Raw]:
    """Each live data disk that is a part of the machine, under its slot."""
    return _slots.by_slot(raw, "data_disks", data_disks(raw), "DiskId")


@Decoder
def goes_along(disk: Raw) -> bool:
    """Whether the service deletes it with its machine."""
    return disk.get("DeleteWithInstance", True) is not False


def own(raw: Raw) -> list[Raw]:
    """All that hangs on the machine and is a part of it, in a slot of the file or not."""
    others = {disk["DiskId"] for disk in _slots.foreign(raw, data_disks(raw), "DiskId")}
    return [disk for disk in data_disks(raw) if hangs_here(raw, disk) and disk["DiskId"] not in others]


def _order(raw: Raw, disk: Raw) -> tuple[bool, str, str]:
    """What hangs on the machine before what does not."""
    return (not hangs_here(raw, disk), str(disk.get("Device", "")), str(disk.get("DiskId")))


def refine(raw: Raw, desired: Values) -> dict[str, object]:
    """The canonical map of the live data disks, and the id of each under `data_disks.SLOT`; {} if they were not read.

    A disk that does not hang here fills no slot: it is still to be attached, or to go.
    """
    if "@disks" not in raw:
        return {}
    wanted = slots(desired.get("data_disks"))
    found = by_slot(raw)
    live = {slot: disk for slot, disk in found.items() if hangs_here(raw, disk) or slot not in wanted}
    ids = {f"data_disks.{slot}": disk["DiskId"] for slot, disk in live.items()}
    return {"data_disks": tuple(sorted((slot, slot_of(disk)) for slot, disk in live.items())), **ids}


def slot_of(disk: Raw) -> Fields:
    """The canonical value that a slot has of the disk."""
    return _decoded(tuple([disk.get(answer) for _, answer in FIELDS.values()]), disk.get("DeleteWithInstance", True))


@lru_cache(maxsize=1 << 12)
def _decoded(values: tuple[object, ...], goes_along: bool) -> Fields:
    """Of disks that are alike, as those of a group are."""
    found = {name: DISK.by_name[name].type.decode(value) for name, value in zip(FIELDS, values, strict=True)} | {
        "keep": not goes_along
    }
    return tuple(sorted((name, value) for name, value in found.items() if value is not None))


def live_disk(row: Raw) -> LiveDisk:
    """`row` is one of DescribeDisks."""
    is_system = row.get("Type") == "system"
    return LiveDisk(
        id=str(row.get("DiskId") or ""),
        name=str(row.get("DiskName") or ""),
        machine=str(row.get("InstanceId") or ""),
        status=str(row.get("Status") or ""),
        category=str(row.get("Category") or ""),
        size=row.get("Size"),
        level=str(row.get("PerformanceLevel") or ""),
        iops=int(row.get("ProvisionedIops") or 0),
        is_system=is_system,
        is_local=row.get("Category") in LOCAL,
        is_shared=row.get("MultiAttach") == "Enabled",
        made_of=str(row.get("ImageId" if is_system else "SourceSnapshotId") or ""),
        locks=tuple(_slots.locks(row, "OperationLock")),
        goes_along=goes_along(row),
        was_attached=was_attached(row),
        has_snapshots=bool(row.get("DeleteAutoSnapshot")),
        paid_until=str(row.get("ExpiredTime") or "its end") if row.get("DiskChargeType") == "PrePaid" else None,
        is_marked=_slots.is_marked(row, "disk"),
        slot=slot_of(row),
    )


def was_attached(row: Raw) -> bool:
    """What a disk in no machine tells of its past, where it tells anything."""
    told = [row[name] for name in ("AttachedTime", "DetachedTime") if name in row]
    return bool(row.get("InstanceId")) or any(told) or not told


of_itself = Decoder(live_disk)
"""Of a disk that is an object of its own."""


@Decoder
def system_of(raw: Raw) -> LiveDisk | None:
    """The system disk of a machine; None where it was not read."""
    row = system_disk(raw)
    return live_disk(row) if row else None


@Decoder
def in_slots(raw: Raw) -> dict[str, LiveDisk]:
    """The data disks that are parts of a machine, by slot; also those that are still to be attached to it."""
    return {slot: live_disk(row) for slot, row in by_slot(raw).items()}


@Decoder
def own_of(raw: Raw) -> tuple[LiveDisk, ...]:
    """The data disks that hang on a machine and are parts of it, in a slot of the file or not."""
    return tuple(live_disk(row) for row in own(raw))


@Decoder
def data_of(raw: Raw) -> tuple[LiveDisk, ...]:
    """All data disks that were read with a machine."""
    return tuple(live_disk(row) for row in data_disks(raw))
