"""The data disks inside an instance: which live disk is which slot, and the calls that move one map to another.

Used by instance.py. Their order means nothing; a change never replaces the instance.
"""

from collections.abc import Iterable, Iterator, Mapping

from ecsplan.kinds import _disks, _slots
from ecsplan.kinds._disk_rows import DISK, FIELDS, alike, can_be_declared, goes_along, in_slots, of_itself, slot_of
from ecsplan.kinds._slots import slots
from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import Raw, Value, ValueOrUnknown, Values, fields, of_fields, whole
from ecsplan.model.call import Call, Replay, until
from ecsplan.model.capabilities.parts import CarryOver
from ecsplan.model.change import Change
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.disk import LiveDisk
from ecsplan.model.marks import owner_tag
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.slots import Slots

FIXED = ("encrypted", "kms_key", "snapshot")


def _fits(disk: Raw, wanted: Values) -> bool:
    record = tuple(sorted(_slots.known(DISK, wanted).items()))
    return can_change((("one", slot_of(disk)),), (("one", record),))


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
    gone, live = slots(moved.before), change.fact(in_slots)
    for slot in sorted(set(gone) - set(slots(moved.after))):
        along = _disks.with_snapshots(live.get(slot))
        yield f"data disk {slot} ({gone[slot].get('size', '?')} GiB{along})"


def calls(change: Change) -> Iterable[Call]:
    """New disks are attached before old ones go. A disk that is ours and hangs nowhere is attached, not made again."""
    moved = change.attributes_by_name["data_disks"]
    desired = slots(moved.after)
    found = change.fact(in_slots)
    is_running = change.before is not None and change.before.status == "Running"
    for slot, disk in desired.items():
        if slot not in found:
            yield from _add(change, slot, disk)
            continue
        live = found[slot]
        if live.machine != change.id_text:
            yield from _take_up(live.id, live.machine, change.id, disk)
        yield from _alter(live.id, fields(live.slot), disk, is_running)
        if len(desired) > 1 and not live.is_marked:
            yield _mark(live.id, change, slot)
    for slot, live in found.items():
        if slot not in desired:
            if live.machine:
                yield _disks.detach(live.id, live.machine)
            yield _disks.delete(live.id)


def _mark(disk: ValueOrUnknown, change: Change, slot: str) -> Call:
    """Says on a disk which slot of which machine it is."""
    params = {"ResourceType": "disk", "ResourceId": [disk], "Tag": _tag(change, slot)}
    return Call("TagResources", params, kind="disk", targets=(disk,))


def _tag(change: Change, slot: str) -> list[dict[str, Value]]:
    return owner_tag("disk", change.stack, Part(change.address, "data_disks", slot))


def _add(change: Change, slot: str, disk: Values) -> Iterable[Call]:
    part = f"data_disks.{slot}"
    wire = to_wire(((slot, tuple(disk.items())),))[0]
    delete_with_instance = bool(wire.pop("DeleteWithInstance", True))
    wire["DiskCategory"] = wire.pop("Category", None)
    wire.pop("AutoSnapshotPolicyId", None)  # set on the disk once it is there
    zone = change.live("zone") if change.before else Ref(change.address, "zone")
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


def _alter(disk: str, live: Values, desired: Values, is_running: bool) -> Iterable[Call]:
    """A higher level may need the larger size; bursting needs the category that has it."""
    changed = _slots.changes(DISK, live, desired)
    if "size" in changed:
        yield _disks.resize(disk, changed["size"], online=is_running)
    spec = {name: changed[name] for name in _disks.SPEC if name in changed}
    if spec:
        yield _disks.modify_spec(disk, desired.get("category", live.get("category")), spec)
    params = {FIELDS[name][0]: changed[name] for name in ("name", "description", "bursting_enabled") if name in changed}
    if "keep" in changed:
        params["DeleteWithInstance"] = not changed["keep"]
    if params:
        yield _disks.modify(disk, params)
    if "snapshot_policy" in changed:
        yield from _disks.change_policy(disk, live.get("snapshot_policy"), changed["snapshot_policy"])


def _take_up(disk: str, holder: str, instance: ValueOrUnknown, desired: Values) -> Iterable[Call]:
    """`holder` is the machine that it hangs on so far, empty for none."""
    if holder:
        yield _disks.detach(disk, holder)
    yield _disks.attach(disk, instance, delete_with_instance=not desired.get("keep", False))


def carry_over(change: Change) -> CarryOver | None:
    """On a replacement, disks that are kept move to the new machine: its create call leaves their slots out.

    So do those that hang nowhere, and those that a machine left which is gone (`change.parts`).
    """
    if change.after is None:
        return None
    declared = change.after.attributes.get("data_disks") or ()
    desired = slots(declared)
    left = _slots.left_by(change.parts, "disk", of_itself)
    kept = {
        slot: disk
        for slot, disk in (change.fact(in_slots) | left).items()
        if slot in desired and (desired[slot].get("keep") or not disk.machine)
    }
    if not kept:
        return None
    is_running = change.after.attributes.get("state") != "stopped"
    take_up: list[Call] = []
    for slot, disk in kept.items():
        live = fields(disk.slot) | {"keep": desired[slot].get("keep", False)}
        take_up += _take_up(disk.id, "", Ref(change.address), desired[slot])
        take_up += _alter(disk.id, live, desired[slot], is_running)
    return CarryOver(
        {"data_disks": of_fields({slot: disk for slot, disk in fields(declared).items() if slot not in kept}) or None},
        tuple(call for slot, disk in kept.items() for call in _let_go(change, slot, disk)),
        tuple(take_up),
        frozenset(disk.id for disk in kept.values()),
    )


def _let_go(change: Change, slot: str, disk: LiveDisk) -> Iterable[Call]:
    """Marked for its member and slot first: were the run cut off now, nobody else could tell whose it is."""
    if not disk.machine:
        return
    yield _mark(disk.id, change, slot)
    yield _disks.detach(disk.id, disk.machine)


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
    may_be=can_be_declared,
    is_marked=True,
    goes_along=goes_along,
    decode=slot_of,
    fits=_fits,
    alike=alike,
    holder="instance",
    outlive=lambda disk: _disks.modify(disk, {"DeleteWithInstance": False}),
)
