"""A new system disk under a machine that stays: what ReplaceSystemDisk is told, and what the new disk gets again.

ReplaceSystemDisk takes an image and little else: left to its defaults, an encrypted disk of 100 GiB is refused or comes
back as a plain one of 40. The new disk has another id, and neither name, description, policy nor tags of the old one.
ECS 2014-05-26: ReplaceSystemDisk, ModifyDiskAttribute, ApplyAutoSnapshotPolicy, TagResources. Used by instance.py.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.kinds import _disks
from ecsplan.kinds._disk_rows import system_disk
from ecsplan.model.address import Ref
from ecsplan.model.algebra import Raw, ValueOrUnknown
from ecsplan.model.call import Call, Params, Replay, until
from ecsplan.model.change import Change
from ecsplan.model.decoder import Decoder
from ecsplan.model.marks import read_tags

NEW_DISK = "system_disk.id"
WORDS = {"system_disk.name": "DiskName", "system_disk.description": "Description"}


def names_an_image(before: ValueOrUnknown, after: ValueOrUnknown) -> bool:
    """ReplaceSystemDisk takes an image id; only RunInstances knows families."""
    return not (isinstance(after, str) and after.startswith("family:"))


def is_reinstalled(change: Change) -> bool:
    """Then what is declared of the system disk goes to the new one, and to the old one nothing any more."""
    return "image" in change.attributes_by_name


def replace_system_disk(change: Change) -> Iterable[Call]:
    """A new system disk from the image, as large and as encrypted as the old one, or as is declared."""
    image = change.attributes_by_name["image"].after
    yield Call(
        "ReplaceSystemDisk",
        {"InstanceId": change.id, "ImageId": image, **_disk(change), **_login(change)},
        kind="instance",
        targets=(change.id,),
        token=True,
        replay=Replay.TOKEN,
        wait=until("Stopped", ImageId=image),
        part=NEW_DISK,
        id_path="DiskId",
    )
    yield from _given_again(change, Ref(change.address, NEW_DISK))


def _disk(change: Change) -> Params:
    params: dict[str, object] = {}
    size = _wanted(change, "system_disk.size")
    if size is not None:
        params["SystemDisk"] = {"Size": size}
    if _wanted(change, "system_disk.encrypted"):
        params["Encrypted"] = True
        key = _wanted(change, "system_disk.kms_key")
        params |= {"KMSKeyId": key} if key else {}
    strategy = change.desired("security_enhancement")
    return params | ({"SecurityEnhancementStrategy": strategy} if strategy else {})


def _login(change: Change) -> Params:
    key_pair = change.desired("key_pair") or change.live("key_pair")
    if key_pair:
        return {"KeyPairName": key_pair}
    return {"Password": change.desired("password")} if change.desired("password") else {}


def _given_again(change: Change, disk: Ref) -> Iterable[Call]:
    """What the old disk had, and what is declared now, whichever of it is not born with a disk."""
    words = {wire: _wanted(change, name) for name, wire in WORDS.items()}
    params = {wire: value for wire, value in words.items() if value}
    if _wanted(change, "system_disk.bursting_enabled"):
        params["BurstingEnabled"] = True
    if params:
        yield _disks.modify(disk, params)
    policy = _wanted(change, "system_disk.snapshot_policy")
    for one in policy.split(",") if isinstance(policy, str) else [policy] if policy else []:  # it may have several
        yield from _disks.change_policy(disk, None, one)
    tags = {name: value for name, value in change.fact(_tags_of_system_disk).items()
            if not name.startswith(("acs:", "aliyun"))}  # fmt: skip
    if tags:
        told = [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
        params = {"ResourceType": "disk", "ResourceId": [disk], "Tag": told}
        yield Call("TagResources", params, kind="disk", targets=(disk,))


def _wanted(change: Change, name: str) -> Any:
    """What is declared, else what the old disk has."""
    declared = change.desired(name)
    return change.live(name) if declared is None else declared


@Decoder
def _tags_of_system_disk(raw: Raw) -> Mapping[str, str]:
    return read_tags((system_disk(raw).get("Tags") or {}).get("Tag"))
