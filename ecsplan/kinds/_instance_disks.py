"""The data disks inside an instance: which live disk is which slot, and the calls that move one map to another.

Used by instance.py. Their order means nothing; a change never replaces the instance.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ecsplan.kinds import _disks, _slots
from ecsplan.kinds._limits import rule, types_of
from ecsplan.kinds._slots import SLOT, hangs_here, slots
from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import Fields, Raw, Value, ValueOrUnknown, Values, fields, of_fields, whole
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Replay, until
from ecsplan.model.capabilities.parts import CarryOver
from ecsplan.model.change import Change
from ecsplan.model.composites import MapOf, Record, Reference
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Detail, Ids
from ecsplan.model.marks import owner_tag
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.slots import Slots
from ecsplan.model.values import Boolean, Text

of = types_of("instance")

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
FIXED = ("encrypted", "kms_key", "snapshot")

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

    def declared(self, raw: Raw) -> tuple[Value, dict[str, str]]:
        """Slots for the disks of an instance that no stack made: named for the disks, else numbered in their order."""
        nobodys = (d for d in data_disks(raw) if _slots.is_nobodys(d, "disk") and _can_be_declared(d))
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
    members = dict(_decode_one(disk))
    members.pop("subscription", None)
    if members.get("name") == slot:
        del members["name"]
    return tuple(sorted(members.items()))


def data_disks(raw: Raw) -> list[Raw]:
    return [disk for disk in raw.get("@disks") or () if disk.get("Type") == "data"]


def _can_be_declared(disk: Raw) -> bool:
    """Local disks come with the machine's type: no call makes, changes or removes one."""
    return disk.get("Type") == "data" and disk.get("Category") not in _disks.OF_THE_TYPE


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


def _fits(disk: Raw, wanted: Values) -> bool:
    record = tuple(sorted(_slots.known(DISK, wanted).items()))
    return can_change((("one", _decode_one(disk)),), (("one", record),))


def _alike(disk: Raw, wanted: Values) -> bool:
    return all(wanted.get(name) in (None, disk.get(FIELDS[name][1])) for name in ("category", "size"))


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
    return {"data_disks": tuple(sorted((slot, _decode_one(disk)) for slot, disk in live.items())), **ids}


def _decode_one(disk: Raw) -> Fields:
    return _decoded(tuple([disk.get(answer) for _, answer in FIELDS.values()]), disk.get("DeleteWithInstance", True))


@lru_cache(maxsize=1 << 12)
def _decoded(values: tuple[Any, ...], goes_along: bool) -> Fields:
    """Of disks that are alike, as those of a group are."""
    found = {name: DISK.by_name[name].type.decode(value) for name, value in zip(FIELDS, values, strict=True)} | {
        "keep": not goes_along
    }
    return tuple(sorted((name, value) for name, value in found.items() if value is not None))


def to_wire(desired: Value) -> list[dict[str, object]]:
    """DataDisk.N of RunInstances. The disk is named for its slot, so that it is found again without its tag."""
    disks: list[dict[str, object]] = []
    for slot, disk in slots(desired).items():
        params: dict[str, object] = {
            FIELDS[name][0]: value
            for name, value in disk.items()
            if name in FIELDS and FIELDS[name][0] and value is not None
        }
        params.setdefault("DiskName", slot)
        params.setdefault("Category", _disks.DEFAULT)
        if disk.get("category") != "ephemeral_ssd":
            params["DeleteWithInstance"] = not disk.get("keep", False)
        disks.append(params)
    return disks


def can_change(before: ValueOrUnknown, after: ValueOrUnknown) -> bool:
    """Whether the calls of a disk can make the change."""
    return next(_hindrances(before, after), None) is None


def why_not(before: ValueOrUnknown, after: ValueOrUnknown) -> str:
    return "; ".join(_hindrances(before, after))


def _hindrances(before: ValueOrUnknown, after: ValueOrUnknown) -> Iterator[str]:
    """A disk cannot shrink, nor be encrypted later, nor go down to PL0."""
    live, desired = slots(before), slots(after)
    for slot in sorted(set(live) & set(desired)):
        changed = _slots.changes(DISK, live[slot], desired[slot])
        if "size" in changed and whole(live[slot].get("size")) > whole(changed["size"]):
            yield f"{slot}: {_disks.no_shrinking(live[slot].get('size'), changed['size'])}"
        for name in sorted(set(FIXED) & set(changed)):
            yield f"{slot}: {name} cannot be changed once the disk exists"
        if not _disks.can_change_spec(live[slot].get("performance_level"), changed.get("performance_level")):
            yield f"{slot}: {_disks.NOT_DOWN}"


def lost(change: Change) -> Iterable[str]:
    """The disks that go with their slots."""
    moved = change.attributes_by_name["data_disks"]
    gone, live = slots(moved.before), by_slot(change.before.raw) if change.before is not None else {}
    for slot in sorted(set(gone) - set(slots(moved.after))):
        along = _disks.with_snapshots(live.get(slot, {}))
        yield f"data disk {slot} ({gone[slot].get('size', '?')} GiB{along})"


def calls(change: Change) -> Iterable[Call]:
    """New disks are attached before old ones go. A disk that is ours and hangs nowhere is attached, not made again."""
    moved = change.attributes_by_name["data_disks"]
    desired = slots(moved.after)
    raw = change.before.raw if change.before else {}
    found = by_slot(raw)
    for slot, disk in desired.items():
        if slot not in found:
            yield from _add(change, slot, disk)
            continue
        if not hangs_here(raw, found[slot]):
            yield from _take_up(found[slot], change.id, disk)
        yield from _alter(found[slot], dict(_decode_one(found[slot])), disk, raw.get("Status") == "Running")
        if len(desired) > 1 and not _slots.is_marked(found[slot], "disk"):
            yield _mark(found[slot]["DiskId"], change, slot)
    for slot, raw_disk in found.items():
        if slot not in desired:
            if raw_disk.get("InstanceId"):
                yield _disks.detach(raw_disk["DiskId"], raw_disk["InstanceId"])
            yield _disks.delete(raw_disk["DiskId"])


def _mark(disk: ValueOrUnknown, change: Change, slot: str) -> Call:
    """Says on a disk which slot of which machine it is."""
    params = {"ResourceType": "disk", "ResourceId": [disk], "Tag": _tag(change, slot)}
    return Call("TagResources", params, kind="disk", targets=(disk,))


def _tag(change: Change, slot: str) -> list[dict[str, Value]]:
    return owner_tag("disk", change.stack, Part(change.address, "data_disks", slot))


def _add(change: Change, slot: str, disk: Raw) -> Iterable[Call]:
    part = f"data_disks.{slot}"
    wire = to_wire(((slot, tuple(disk.items())),))[0]
    delete_with_instance = bool(wire.pop("DeleteWithInstance", True))
    wire["DiskCategory"] = wire.pop("Category", None)
    wire.pop("AutoSnapshotPolicyId", None)  # set on the disk once it is there
    zone = change.before.raw.get("ZoneId") if change.before else Ref(change.address, "zone")
    yield Call(
        "CreateDisk",
        {"ZoneId": zone, **wire, "Tag": _tag(change, slot)},
        kind="disk",
        creates=(change.address,),
        part=part,
        id_path="DiskId",
        wait=until("Available", kind="disk"),
        token=True,
        replay=Replay.TOKEN,
    )
    yield _disks.attach(Ref(change.address, part), change.id, delete_with_instance=delete_with_instance)
    yield from _disks.change_policy(Ref(change.address, part), None, disk.get("snapshot_policy"))


def _alter(raw: Raw, live: Values, desired: Values, is_running: bool) -> Iterable[Call]:
    """A higher level may need the larger size; bursting needs the category that has it."""
    changed = _slots.changes(DISK, live, desired)
    if "size" in changed:
        yield _disks.resize(raw["DiskId"], changed["size"], online=is_running)
    spec = {name: changed[name] for name in _disks.SPEC if name in changed}
    if spec:
        yield _disks.modify_spec(raw["DiskId"], desired.get("category", live.get("category")), spec)
    params = {FIELDS[name][0]: changed[name] for name in ("name", "description", "bursting_enabled") if name in changed}
    if "keep" in changed:
        params["DeleteWithInstance"] = not changed["keep"]
    if params:
        yield _disks.modify(raw["DiskId"], params)
    if "snapshot_policy" in changed:
        yield from _disks.change_policy(raw["DiskId"], live.get("snapshot_policy"), changed["snapshot_policy"])


def _take_up(raw: Raw, instance: ValueOrUnknown, desired: Values) -> Iterable[Call]:
    if raw.get("InstanceId"):
        yield _disks.detach(raw["DiskId"], raw["InstanceId"])
    yield _disks.attach(raw["DiskId"], instance, delete_with_instance=not desired.get("keep", False))


def carry_over(change: Change) -> CarryOver | None:
    """On a replacement, disks that are kept move to the new machine: its create call leaves their slots out.

    So do those that hang nowhere, and those that a machine left which is gone (`change.parts`).
    """
    if change.after is None:
        return None
    declared = change.after.attributes.get("data_disks") or ()
    desired = slots(declared)
    raw = dict(change.before.raw) if change.before else {}
    kept = {
        slot: disk
        for slot, disk in {**by_slot(raw), **_slots.left_by(change.parts, "disk")}.items()
        if slot in desired and (desired[slot].get("keep") or not disk.get("InstanceId"))
    }
    if not kept:
        return None
    is_running = change.after.attributes.get("state") != "stopped"
    take_up: list[Call] = []
    for slot, disk in kept.items():
        free = {**disk, "InstanceId": None}
        take_up += _take_up(free, Ref(change.address), desired[slot])
        take_up += _alter(
            disk, dict(_decode_one(disk)) | {"keep": desired[slot].get("keep", False)}, desired[slot], is_running
        )
    return CarryOver(
        {"data_disks": of_fields({slot: disk for slot, disk in fields(declared).items() if slot not in kept}) or None},
        tuple(call for slot, disk in kept.items() for call in _let_go(change, slot, disk)),
        tuple(take_up),
        frozenset(str(disk["DiskId"]) for disk in kept.values()),
    )


def _let_go(change: Change, slot: str, disk: Raw) -> Iterable[Call]:
    """Marked for its member and slot first: were the run cut off now, nobody else could tell whose it is."""
    if not disk.get("InstanceId"):
        return
    yield _mark(disk["DiskId"], change, slot)
    yield _disks.detach(disk["DiskId"], disk["InstanceId"])


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """A data disk without a source has a size."""
    for slot, disk in slots(resource.attributes.get("data_disks")).items():
        if "size" not in disk and "snapshot" not in disk:
            place = resource.source_of(f"data_disks.{slot}")
            yield Diagnostic(
                f"data_disks.{slot} needs a size, or a snapshot",
                "write size: 40",
                place,
                resource.address,
                rule=Rule.MISSING_KEY,
            )


SLOTS = Slots(
    "data_disks",
    "disk",
    "@disks",
    "DiskName",
    may_be=_can_be_declared,
    is_marked=True,
    goes_along=goes_along,
    decode=_decode_one,
    fits=_fits,
    alike=_alike,
    holder="instance",
    outlive=lambda disk: _disks.modify(disk, {"DeleteWithInstance": False}),
)
