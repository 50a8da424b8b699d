"""Parts of images that a table cannot express: sources, shares and snapshots. Used by image.py."""

from collections.abc import Iterable, Mapping

from ecsplan.kinds._limits import rule, types_of
from ecsplan.model.address import Address, Part
from ecsplan.model.algebra import Raw, Value, fields, members, texts
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Params, Wait
from ecsplan.model.change import Change
from ecsplan.model.composites import ListOf, Record, Reference
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.marks import SNAPSHOTS, owner_tag, read_marks, read_tags
from ecsplan.model.ownership import was_applied
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, Text

of = types_of("image")

AT_ONCE = 10  # accounts; what is beyond is silently left out
SOURCES = ("instance", "snapshot", "disks", "copy_from.image", "import_from")
WIRE = {"snapshot": "SnapshotId", "type": "DiskType", "device": "Device", "size": "Size"}

MAPPING = Record(
    "a disk of an image",
    Attribute("snapshot", None, Reference("snapshot", prefixes=("s-",)), "What is on it; an empty disk if left out."),
    Attribute("type", None, Choice("system", "data"), "system or data; that of the snapshot if left out."),
    Attribute("size", None, of("disks[].size"), "The size in GiB; at least that of the snapshot."),
    Attribute("device", None, Text(5, 32, r"^/dev/", "a device name like /dev/xvda"), "The device name."),
)


class Mappings(ListOf):
    """The disks that an image is made of."""

    __slots__ = ()

    def __init__(self) -> None:
        limit = rule("image.disks")
        super().__init__(MAPPING, limit.low, limit.high)

    def encode(self, value: Value) -> list[Params]:
        return [{WIRE[name]: item for name, item in fields(disk).items()} for disk in members(value)]


def _mappings(raw: Raw) -> list[Raw]:
    return (raw.get("DiskDeviceMappings") or {}).get("DiskDeviceMapping") or []


def snapshot_ids(raw: Raw) -> list[str]:
    return [str(disk["SnapshotId"]) for disk in _mappings(raw) if disk.get("SnapshotId")]


def only_snapshot(raw: Raw) -> str | None:
    """The snapshot of an image of one disk; of several disks none is the source alone."""
    ids = snapshot_ids(raw)
    return ids[0] if len(ids) == 1 else None


def deprecation(raw: Raw) -> str | None:
    return str(raw["Status"]) if raw.get("Status") in ("Deprecated", "Available") else None


@Decoder
def accounts(raw: Raw) -> list[str]:
    shares = ((raw.get("@shares") or {}).get("Accounts") or {}).get("Account") or []
    return [str(share["AliyunId"]) for share in shares]


def notes(resource: Resource) -> Iterable[str]:
    if "instance" in resource.attributes:
        yield (
            "an instance that runs goes on running; what is only in its memory is not in the image: stop it first for "
            "one that is sure to be clean"
        )


def share(change: Change) -> Iterable[Call]:
    """Exactly the declared accounts, ten a call."""
    moved = change.attributes_by_name["shared_with"]
    before, after = set(texts(moved.before)), set(texts(moved.after))
    added, removed = sorted(after - before), sorted(before - after)
    for start in range(0, max(len(added), len(removed)), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        params = {"ImageId": change.id, "AddAccount": added[some] or None, "RemoveAccount": removed[some] or None}
        yield Call("ModifyImageSharePermission", params, targets=(change.id,))


def force(image: RemoteObject) -> Params:
    return {"Force": True} if was_applied(image, "force_delete", True) else {}


def with_snapshots(change: Change, delete: Call) -> Iterable[Call]:
    """An image that is shared is not deleted (ImageUseShared), whatever Force says: that ends first.

    It holds its snapshots: they go after it. They are marked before, so that a run cut off leaves none.
    """
    image = change.before
    if image is not None:
        yield from _unshared(image)
    doomed = _doomed(image) if image is not None else []
    if image is not None and image.owner is not None and doomed:
        tags = owner_tag("snapshot", image.owner.stack, Part(image.owner.address, SNAPSHOTS, image.id))
        params = {"ResourceType": "snapshot", "ResourceId": doomed, "Tag": tags}
        yield Call("TagResources", params, kind="snapshot")
    yield delete
    for snapshot in doomed:
        yield Call(
            "DeleteSnapshot",
            {"SnapshotId": snapshot},
            kind="snapshot",
            targets=(snapshot,),
            wait=Wait(absent=True),
            absent_is_done=True,
        )


def _unshared(image: RemoteObject) -> Iterable[Call]:
    shared = image.fact(accounts)
    for start in range(0, len(shared), AT_ONCE):
        params = {"ImageId": image.id, "RemoveAccount": shared[start : start + AT_ONCE]}
        yield Call("ModifyImageSharePermission", params, kind="image", targets=(image.id,), absent_is_done=True)


def gives_up(image: RemoteObject) -> tuple[str, ...]:
    """An image is data: snapshots that stay do not start a machine."""
    return ("what is in the image and its snapshots",) if _doomed(image) else ("what is in the image",)


def _doomed(image: RemoteObject) -> list[str]:
    return image.fact(_own_snapshots) if was_applied(image, "delete_snapshots", True) else []


@Decoder
def _own_snapshots(raw: Raw) -> list[str]:
    """Those that the service made for it: nobody's, or marked as parts of it; never a `snapshot` of some stack."""
    found, image = [], str(raw.get("ImageId"))
    for snapshot in raw.get("@snapshots") or ():
        owner = read_marks(read_tags((snapshot.get("Tags") or {}).get("Tag")), "snapshot").owner
        if owner is None or (owner.part is not None and owner.part.slot == image):
            found.append(str(snapshot["SnapshotId"]))
    return sorted(found)


def has_one_source(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    found = [name for name in SOURCES if name in resource.attributes]
    if len(found) > 1 or (not found and resource.adopt is None):
        said = f"is made from {' and '.join(found)}" if found else "says nothing of what it is made from"
        yield Diagnostic(
            f"the image {said}",
            f"write one of {', '.join(SOURCES)}",
            resource.source_of(found[-1] if found else ""),
            resource.address,
            rule=Rule.COMBINATION,
        )
    if ("copy_from.image" in resource.attributes) != ("copy_from.region" in resource.attributes):
        yield Diagnostic(
            "copy_from needs an image and a region",
            "write copy_from: {image: m-…, region: cn-…}",
            resource.source_of("copy_from"),
            resource.address,
            rule=Rule.COMBINATION,
        )


def fits_its_source(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """What the create call of this source does not take, and no other call can set."""
    declared = resource.attributes
    unfit: tuple[str, ...] = ()
    if "copy_from.image" in declared:
        unfit = ("version", "architecture", "platform")
    elif "instance" in declared:
        unfit = ("platform",)
    for name in unfit:
        if name in declared:
            source = "a copy" if "copy_from.image" in declared else "an image from an instance"
            yield Diagnostic(
                f"{name} cannot be set for {source}: it is that of what it is made from",
                f"remove {name}",
                resource.source_of(name),
                resource.address,
                rule=Rule.COMBINATION,
            )
