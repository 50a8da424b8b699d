"""Resetting a disk, by the API: the disks of an object, the calls, and obstacles.

ECS 2014-05-26: ReInitDisk (to its image, to the snapshot that it was made of, or empty) and ResetDisk (to a snapshot of
its own). Both need the machine Stopped. Used by the engine; pure.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from ecsplan.kinds import _slots
from ecsplan.kinds._disk_rows import in_slots, of_itself, system_of
from ecsplan.model.algebra import Raw, Values
from ecsplan.model.call import Call, Params, Replay, ReplayGuard, Request, until
from ecsplan.model.copying import replace
from ecsplan.model.disk import LiveDisk
from ecsplan.model.kind import Kind
from ecsplan.model.reinit import SLOT, SYSTEM_DISK, Disk, Host
from ecsplan.model.resource import RemoteObject

POWERS = ("Running", "Starting", "Stopping", "Stopped")
BUSY = "ReIniting"
IMAGES = 100  # ids in ImageId of DescribeImages
Objection = tuple[str, str]
"""What is wrong, and what would be right."""


def disks_of(obj: RemoteObject) -> Iterator[tuple[str, LiveDisk]]:
    """The disks of a disk or an instance by part. Not what is no part of it."""
    if obj.kind == "disk":
        yield "", obj.fact(of_itself)
        return
    system = obj.fact(system_of)
    if system is not None:
        yield SYSTEM_DISK, system
    for slot, disk in obj.fact(in_slots).items():
        yield SLOT + slot, disk


def host(raw: Raw) -> Host:
    """A machine as the service tells it; whose it is, is said by whoever knows."""
    return Host(
        id=str(raw["InstanceId"]),
        address=None,
        status=str(raw.get("Status")),
        key_pair=str(raw.get("KeyPairName") or ""),
        was_started=raw.get("StartTime") != "",
        ends=str(raw.get("ExpiredTime") or "") if raw.get("InstanceChargeType") == "PrePaid" else "",
        is_spot=raw.get("SpotStrategy") not in (None, "", "NoSpot"),
        locks=tuple(_slots.locks(raw, "LockReason")),
    )


def put_back(disk: Disk, snapshot: str | None, login: Params) -> tuple[Call, ...]:
    """One that is being put back already is waited for first.

    Neither call takes a ClientToken. After a lost answer, a disk that is being put back was heard; else the call is
    sent again only while the disk hangs where it did and its machine is off: then nobody can have written to it since,
    and twice back is the same as once.
    """
    held = [("disk", disk.id, "InstanceId", disk.machine)]
    held += [("instance", disk.machine, "Status", "Stopped")] if disk.machine else []
    operation, more = ("ResetDisk", {"SnapshotId": snapshot}) if snapshot is not None else ("ReInitDisk", login)
    call = Call(
        operation,
        {"DiskId": disk.id, **more},
        kind="disk",
        targets=(disk.id,),
        wait=until("In_use", "Available"),
        replay=Replay.NEVER,
        trace=ReplayGuard((BUSY,), tuple(held)),
    )
    return (replace(call, operation=""), call) if disk.live.status == BUSY else (call,)


def login(host: Host | None, declared: Values) -> dict[str, object]:
    """How one logs in on the system disk that is new: the pair of the machine, else the password of the file."""
    pair = host.key_pair if host else ""
    params: dict[str, object] = {"KeyPairName": pair} if pair else {"Password": declared.get("password")}
    params["SecurityEnhancementStrategy"] = declared.get("security_enhancement")
    return {name: value for name, value in params.items() if value is not None}


def objections(disk: Disk, host: Host | None, is_roll_back: bool, now: str) -> Iterator[Objection]:
    """Whatever the lists tell; `now` is the time as the API spells it, to the minute."""
    status = disk.live.status
    if not disk.machine and not is_roll_back:
        yield "it hangs on no machine, and only ResetDisk takes such a disk", "attach it first, or give --snapshot"
    elif status not in ("In_use", BUSY, *(("Available",) if is_roll_back else ())):
        yield f"it is {status}", "try again when that is over"
    elif disk.machine and host is None:
        yield f"its machine {disk.machine} cannot be seen", "allow the key to read it"
    if disk.live.is_local:
        yield f"it is a local disk ({disk.live.category}), and stays what it is", "replace the instance"
    if disk.live.is_shared:
        yield "several machines may share it", "detach it from all, and make a new one"
    yield from _locked("it", disk.live.locks)
    if host is not None:
        yield from _of_the_machine(host, is_roll_back, now)


def _of_the_machine(host: Host, is_roll_back: bool, now: str) -> Iterator[Objection]:
    who = str(host.address or host.id)
    if host.status not in POWERS:
        yield f"{who} is {host.status}", "try again when that is over"
    elif host.address is None and not host.is_off:
        yield f"it hangs on {host.id}, which is not a machine of this stack, and is {host.status}", "stop that first"
    if not host.was_started and not is_roll_back:
        yield f"{who} has never been started", "start it once"
    if host.ends and host.ends < now:
        yield f"the subscription of {who} ended on {host.ends}", "renew it: it could not be started again"
    yield from _locked(who, host.locks)


def _locked(who: str, reasons: Iterable[str]) -> Iterator[Objection]:
    """`financial`, `security`, or `recycling` of a spot instance that is about to go."""
    for reason in reasons:
        yield f"{who} is locked by the service ({reason})", "lift that first"


def of_its_snapshots(snapshots: Iterable[Raw], is_roll_back: bool) -> Iterator[Objection]:
    """`snapshots` are all of the disk."""
    for row in snapshots:
        if row.get("Status") == "progressing":
            yield f"its snapshot {row['SnapshotId']} is being taken", "try again when that is over"
        elif str(row.get("Category")).lower() == "flash" and not is_roll_back:
            yield f"it has a local snapshot, {row['SnapshotId']}", "delete that, or roll back to one (--snapshot)"


def of_its_beginning(disk: Disk, alive: Collection[str]) -> Iterator[Objection]:
    """`alive` are the ids of images and snapshots that are still there."""
    image, snapshot = _beginning(disk)
    if image and image not in alive:
        yield f"its image {image} was deleted", "give an image: (on_image_change: reinstall)"
    if snapshot and snapshot not in alive:
        yield f"the snapshot {snapshot} that it was made of was deleted", "roll back to one of its own (--snapshot)"


def _beginning(disk: Disk) -> tuple[str, str]:
    return (disk.live.made_of, "") if disk.live.is_system else ("", disk.live.made_of)


def beginnings(disks: Iterable[Disk]) -> tuple[list[str], list[str]]:
    """The ids of the images and of the snapshots that they were made of."""
    found = [_beginning(disk) for disk in disks]
    return sorted({image for image, _ in found if image}), sorted({snapshot for _, snapshot in found if snapshot})


def snapshots_of(kind: Kind, disk: Disk) -> Request:
    """Asks for all snapshots of a disk, also those that are not of the stack."""
    listing = kind.listing
    return Request(listing.operation, {**listing.params, "DiskId": disk.id}, listing.product)


def images(ids: Sequence[str]) -> Request:
    """Asks for up to IMAGES images by id, whatever their status."""
    return Request("DescribeImages", {"ImageId": ",".join(ids), "Status": "ALL", "PageSize": IMAGES})


def image_ids(answer: Raw) -> set[str]:
    return {str(row["ImageId"]) for row in (answer.get("Images") or {}).get("Image") or ()}


def of_the_snapshot(disk: Disk, snapshot: Raw) -> Iterator[Objection]:
    """ResetDisk takes a snapshot of the very disk."""
    name = snapshot["SnapshotId"]
    if snapshot.get("SourceDiskId") != disk.id:
        yield (
            f"{name} is a snapshot of {snapshot.get('SourceDiskId') or 'another disk'}, not of {disk.id}",
            ("name a snapshot of this disk"),
        )
    elif snapshot.get("Status") != "accomplished":
        yield f"the snapshot {name} is {snapshot.get('Status')}", "name one that is finished"
