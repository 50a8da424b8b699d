"""Safety snapshots on the wire: which disks a change puts at risk, and CreateSnapshot with the marks that tell them.

ECS 2014-05-26: CreateSnapshot (ClientToken, RetentionDays, Tag), DescribeSnapshots. Its service takes none of local
disks, nor of a disk that no machine ever had (IncorrectDiskStatus.NeverAttached). Used by disk.py and instance.py.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ecsplan.kinds import _instance_disks
from ecsplan.kinds._reinit import LOCAL
from ecsplan.kinds._reinstalling import is_reinstalled
from ecsplan.kinds.snapshot import was_ever_attached
from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import Raw, fields, whole
from ecsplan.model.call import Call, Replay, until
from ecsplan.model.capabilities.holding import HoldsData
from ecsplan.model.change import Action, Change
from ecsplan.model.marks import key_of, mark, pairs
from ecsplan.model.reinit import SLOT, SYSTEM_DISK
from ecsplan.model.resource import RemoteObject
from ecsplan.model.safety import BEFORE, DATA_LOSS, REINSTALL, RESIZE, AtRisk, SafetySnapshot, Taken

KIND = "snapshot"
DELETION, REINSTALLED, PUT_BACK = "deletion", "reinstall", "reinit"
_GOES = (Action.DELETE, Action.REPLACE)


def of_disk(change: Change) -> Iterator[AtRisk]:
    raw = change.before.raw if change.before is not None else {}
    line = change.attributes_by_name.get("size")
    if change.action in _GOES:
        yield at_risk(raw, "", DATA_LOSS, DELETION)
    elif line is not None and raw:
        yield at_risk(raw, "", RESIZE, f"resize to {line.after}")


def of_instance(change: Change) -> Iterator[AtRisk]:
    if change.before is None:
        return
    raw = change.before.raw
    if change.action in _GOES:
        yield from _going_along(change, raw)
        return
    if system := _instance_disks.system_disk(raw):
        size = change.attributes_by_name.get("system_disk.size")
        if is_reinstalled(change):
            yield at_risk(system, SYSTEM_DISK, REINSTALL, REINSTALLED)
        elif size is not None:
            yield at_risk(system, SYSTEM_DISK, RESIZE, f"resize to {size.after}")
    if "data_disks" in change.attributes_by_name:
        yield from _in_slots(change, raw)


def _going_along(change: Change, raw: Raw) -> Iterator[AtRisk]:
    """The disks that the service deletes with their machine; those that move to the new one stay."""
    over = _instance_disks.carry_over(change) if change.action is Action.REPLACE else None
    slots = {disk["DiskId"]: slot for slot, disk in _instance_disks.by_slot(raw).items()}
    if system := _instance_disks.system_disk(raw):
        yield at_risk(system, SYSTEM_DISK, DATA_LOSS, DELETION)
    for disk in _instance_disks.own(raw):
        if _instance_disks.goes_along(disk) and (over is None or disk["DiskId"] not in over.ids):
            yield at_risk(disk, f"{SLOT}{slots.get(disk['DiskId'], disk['DiskId'])}", DATA_LOSS, DELETION)


def _in_slots(change: Change, raw: Raw) -> Iterator[AtRisk]:
    wanted = fields(change.attributes_by_name["data_disks"].after)
    for slot, disk in _instance_disks.by_slot(raw).items():
        size = whole(fields(wanted.get(slot)).get("size"))
        if slot not in wanted:
            yield at_risk(disk, SLOT + slot, DATA_LOSS, DELETION)
        elif size > whole(disk.get("Size")):
            yield at_risk(disk, SLOT + slot, RESIZE, f"resize to {size}")


def at_risk(disk: Raw, part: str, risk: str, what: str) -> AtRisk:
    """`disk` is its row of DescribeDisks."""
    cannot = ""
    if disk.get("Category") in LOCAL:
        cannot = "a local disk has none"
    elif not was_ever_attached(disk):
        cannot = "no machine ever had it, so that nothing is on it"
    return AtRisk(str(disk["DiskId"]), part, risk, what, cannot)


def put_back(disk: Raw, part: str) -> AtRisk:
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
        if part is None or part.attribute != BEFORE or obj.raw.get("Status") not in ("progressing", "accomplished"):
            continue
        at = datetime.fromisoformat(str(obj.raw["CreationTime"])).timestamp()
        yield Taken(obj.id, part.slot, obj.marks.get(BEFORE, ""), at, obj.raw["Status"] == "accomplished")


OF_DISK = HoldsData(of_disk, put_back, take, closing, taken)
OF_INSTANCE = HoldsData(of_instance, put_back, take, closing, taken)
