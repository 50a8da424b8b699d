"""Safety snapshots on the wire: which disks a change puts at risk, and CreateSnapshot with the marks that tell them.

ECS 2014-05-26: CreateSnapshot (ClientToken, RetentionDays, Tag), DescribeSnapshots. Its service takes none of local
disks, nor of a disk that no machine ever had (IncorrectDiskStatus.NeverAttached). Used by disk.py and instance.py.
"""

from collections.abc import Iterable, Iterator

from ecsplan.kinds import _instance_disks
from ecsplan.kinds._disk_rows import in_slots, of_itself, own_of, system_of
from ecsplan.kinds._reinstalling import is_reinstalled
from ecsplan.kinds.snapshot import taken_at
from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import fields, whole
from ecsplan.model.call import Call, Replay, until
from ecsplan.model.capabilities.holding import HoldsData
from ecsplan.model.change import Action, Change
from ecsplan.model.disk import LiveDisk
from ecsplan.model.marks import key_of, mark, pairs
from ecsplan.model.reinit import SLOT, SYSTEM_DISK
from ecsplan.model.resource import RemoteObject
from ecsplan.model.safety import BEFORE, DATA_LOSS, REINSTALL, RESIZE, AtRisk, SafetySnapshot, Taken

KIND = "snapshot"
DELETION, REINSTALLED, PUT_BACK = "deletion", "reinstall", "reinit"
_GOES = (Action.DELETE, Action.REPLACE)


def of_disk(change: Change) -> Iterator[AtRisk]:
    disk, line = change.fact(of_itself), change.attributes_by_name.get("size")
    if change.action in _GOES:
        yield at_risk(disk, "", DATA_LOSS, DELETION)
    elif line is not None and disk.id:
        yield at_risk(disk, "", RESIZE, f"resize to {line.after}")


def of_instance(change: Change) -> Iterator[AtRisk]:
    if change.before is None:
        return
    if change.action in _GOES:
        yield from _going_along(change)
        return
    if system := change.fact(system_of):
        size = change.attributes_by_name.get("system_disk.size")
        if is_reinstalled(change):
            yield at_risk(system, SYSTEM_DISK, REINSTALL, REINSTALLED)
        elif size is not None:
            yield at_risk(system, SYSTEM_DISK, RESIZE, f"resize to {size.after}")
    if "data_disks" in change.attributes_by_name:
        yield from _in_slots(change)


def _going_along(change: Change) -> Iterator[AtRisk]:
    """The disks that the service deletes with their machine; those that move to the new one stay."""
    over = _instance_disks.carry_over(change) if change.action is Action.REPLACE else None
    slots = {disk.id: slot for slot, disk in change.fact(in_slots).items()}
    if system := change.fact(system_of):
        yield at_risk(system, SYSTEM_DISK, DATA_LOSS, DELETION)
    for disk in change.fact(own_of):
        if disk.goes_along and (over is None or disk.id not in over.ids):
            yield at_risk(disk, f"{SLOT}{slots.get(disk.id, disk.id)}", DATA_LOSS, DELETION)


def _in_slots(change: Change) -> Iterator[AtRisk]:
    wanted = fields(change.attributes_by_name["data_disks"].after)
    for slot, disk in change.fact(in_slots).items():
        size = whole(fields(wanted.get(slot)).get("size"))
        if slot not in wanted:
            yield at_risk(disk, SLOT + slot, DATA_LOSS, DELETION)
        elif size > whole(disk.size):
            yield at_risk(disk, SLOT + slot, RESIZE, f"resize to {size}")


def at_risk(disk: LiveDisk, part: str, risk: str, what: str) -> AtRisk:
    cannot = ""
    if disk.is_local:
        cannot = "a local disk has none"
    elif not disk.was_attached:
        cannot = "no machine ever had it, so that nothing is on it"
    return AtRisk(disk.id, part, risk, what, cannot)


def put_back(disk: LiveDisk, part: str) -> AtRisk:
    return at_risk(disk, part, REINSTALL, PUT_BACK)


def take(stack: str, address: Address, snapshot: SafetySnapshot) -> Call:
    """Takes one; one that a run which was cut off has begun is only waited for."""
    done = until("accomplished", failed=("failed",))
    if snapshot.live:
        return Call("", kind=KIND, targets=(snapshot.live,), wait=done)
    of = snapshot.of
    tags = {key_of(KIND): mark(stack, Part(address, BEFORE, of.disk)), key_of(KIND, BEFORE): of.what}
    params = {
        "DiskId": of.disk,
        "SnapshotName": f"before-{of.what.replace(' ', '-')}-{of.disk}",
        "Description": f"{stack}: {address}{'.' * bool(of.part)}{of.part} before its {of.what}"[:256],
        "RetentionDays": snapshot.days,
        "Tag": pairs(tags),
    }
    return Call(
        "CreateSnapshot",
        params,
        kind=KIND,
        creates=(address,),
        part=snapshot.part,
        id_path="SnapshotId",
        wait=done,
        token=True,
        replay=Replay.TOKEN,
        note=f"of its {of.part}" if of.part else "",
    )


def closing(address: Address, snapshot: SafetySnapshot) -> Call:
    """Says on a snapshot that its change is done: the same change of the same disk, later, needs another one."""
    target = snapshot.live or Ref(address, snapshot.part)
    tag = pairs({key_of(KIND, BEFORE): f"{snapshot.of.what}, done"})
    params = {"ResourceType": KIND, "ResourceId": [target], "Tag": tag}
    return Call("TagResources", params, kind=KIND, targets=(target,))


def taken(stack: str, objects: Iterable[RemoteObject]) -> Iterator[Taken]:
    """Those that came to nothing are left out."""
    for obj in objects:
        part = obj.owner.part if obj.kind == KIND and obj.owner is not None and obj.owner.stack == stack else None
        if part is None or part.attribute != BEFORE or obj.status not in ("progressing", "accomplished"):
            continue
        at = obj.fact(taken_at)
        yield Taken(obj.id, part.slot, obj.marks.get(BEFORE, ""), at, obj.status == "accomplished")


OF_DISK = HoldsData(of_disk, put_back, take, closing, taken)
OF_INSTANCE = HoldsData(of_instance, put_back, take, closing, taken)
