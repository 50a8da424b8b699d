"""The order for instances that a version of a launch template holds. Used by launch_template.py.

A version never changes: another order is another version, with all that it is to have, said or not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.kinds import _disks
from ecsplan.kinds._forms import TAG_KEY, TAG_VALUE
from ecsplan.kinds._shared import GROUPS
from ecsplan.kinds.instance import KIND as INSTANCE
from ecsplan.model.address import Ref, Template
from ecsplan.model.algebra import Raw, Value, fields, members, whole
from ecsplan.model.attribute import Attribute, Reader
from ecsplan.model.call import Call, Late, Replay
from ecsplan.model.change import Change
from ecsplan.model.composites import ListOf, MapOf, Record, Reference
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder
from ecsplan.model.kind import Detail, Ids, Live, Paging
from ecsplan.model.values import Boolean, Integer, IpAddress, Text

INTO = "@versions"
MOST = 30  # versions of one template
TAKEN = (
    "instance_type", "zone", "vswitch", "private_ip", "security_groups", "hostname", "key_pair", "user_data",
    "ram_role", "system_disk.category", "system_disk.size", "system_disk.performance_level",
    "system_disk.provisioned_iops", "system_disk.bursting_enabled", "system_disk.name", "system_disk.description",
    "system_disk.encrypted", "system_disk.kms_key", "system_disk.snapshot_policy", "internet.charge_type",
    "internet.max_bandwidth_out", "internet.max_bandwidth_in", "metadata.endpoint", "metadata.tokens",
    "deployment_set", "password_inherit", "login_as_non_root", "ipv6_count", "spot.strategy", "spot.price_limit",
    "spot.duration", "credit_specification", "security_enhancement", "deletion_protection", "charge_type", "period",
    "period_unit", "auto_release_time",
)  # fmt: skip
"""Attributes of instances that mean the same here."""
UNSAMPLED = {
    "zone": "it goes with the vSwitch", "deployment_set": "any id will do: nothing is looked up",
    "password_inherit": "true alone says something", "login_as_non_root": "as the others that are true or false",
    "ipv6_count": "a number like the others",
}  # fmt: skip


@Decoder
def _rows(raw: Raw) -> Sequence[Raw]:
    found = ((raw.get(INTO) or {}).get("LaunchTemplateVersionSets") or {}).get("LaunchTemplateVersionSet")
    return found or ()


@Decoder
def latest(raw: Raw) -> Raw:
    """The newest version that was read; empty where none was."""
    return max(_rows(raw), key=lambda row: int(row["VersionNumber"]), default={})


def _data(raw: Raw, path: str) -> Any:
    value: object = latest(raw).get("LaunchTemplateData")
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _reader(path: str) -> Reader:
    return lambda raw: _data(raw, path) if INTO in raw else None


def _of_instance(name: str) -> Attribute:
    found = INSTANCE.by_name[name]
    path = "SecurityGroupIds.SecurityGroupId" if name == "security_groups" else str(found.wire)
    return replace(
        found, required=False, fixed=None, optional=False, is_relation=False, only_at_birth=False, decided_by=None,
        compare_by_digest=False, at_birth=False, ends=False, afterwards="", read_as=_reader(path),
        samples=() if name in UNSAMPLED else found.samples, unsampled=UNSAMPLED.get(name, ""),
    )  # fmt: skip


DISK = Record(
    "a data disk",
    Attribute("category", "Category", _disks.CATEGORY, "The sort of disk."),
    Attribute("size", "Size", Integer(1, 65536), "The size in GiB."),
    Attribute("performance_level", "PerformanceLevel", _disks.LEVEL, "For cloud_essd: PL0 to PL3."),
    Attribute("snapshot", "SnapshotId", Text(4, 64, "^s-", "the id of a snapshot, like s-bp1…"), "What is on it."),
    Attribute("encrypted", "Encrypted", Boolean("true", "false"), "Whether it is encrypted."),
    Attribute("kms_key", "KMSKeyId", Text(1, 64), "The key that encrypts it."),
    Attribute("name", "DiskName", Text(2, 128), "Its name."),
    Attribute("description", "Description", Text(2, 256), "What it is for."),
    Attribute("delete_with_instance", "DeleteWithInstance", Boolean(), "Whether it goes with the instance."),
    is_whole=True,
)


INTERFACE = Record(
    "a network interface",
    Attribute(
        "vswitch",
        "VSwitchId",
        Reference("vswitch", prefixes=("vsw-",)),
        "Its subnet; that of the instance if left out.",
    ),
    Attribute("security_groups", "SecurityGroupIds", GROUPS, "Its security groups; those of the instance if left out."),
    Attribute("primary_ip", "PrimaryIpAddress", IpAddress(), "Its private address."),
    Attribute("name", "NetworkInterfaceName", Text(2, 128), "Its name."),
    Attribute("description", "Description", Text(2, 256), "What it is for."),
    Attribute("delete_on_release", "DeleteOnRelease", Boolean(), "Whether it goes with the instance."),
    is_whole=True,
)


class Rows(ListOf):
    """Records in their order, each as the order for instances spells it."""

    __slots__ = ("record",)

    def __init__(self, record: Record, maximum: int) -> None:
        super().__init__(record, maximum=maximum)
        self.record = record

    def decode(self, wire: Any) -> tuple[Value, ...]:
        def of(row: Raw) -> Value:
            found = {one.name: one.type.decode(_bare(row.get(str(one.wire)))) for one in self.record.members}
            return tuple(sorted((name, value) for name, value in found.items() if value not in (None, ())))

        return tuple(of(row) for row in wire or ())

    def encode(self, value: Value) -> list[dict[str, object]]:
        return [
            {str((one := self.record.by_name[name]).wire): _encoded(one, item) for name, item in fields(row).items()}
            for row in members(value)
        ]


def _bare(value: object) -> object:
    """A list without its wrapper."""
    return next(iter(value.values()), ()) if isinstance(value, Mapping) else value


def _secondary(raw: Raw) -> object:
    """The further interfaces; a primary one stands for what the instance says itself."""
    rows = _data(raw, "NetworkInterfaces.NetworkInterface") if INTO in raw else None
    return None if rows is None else [row for row in rows if row.get("InstanceType") != "Primary"]


class Tags(MapOf):
    """Tags of what is made by it: pairs on the wire."""

    __slots__ = ()

    def decode(self, wire: Any) -> tuple[tuple[str, Value], ...]:
        return tuple(sorted((str(row["Key"]), str(row.get("Value") or "")) for row in wire or ()))

    def encode(self, value: Value) -> list[dict[str, object]]:
        return [{"Key": key, "Value": item} for key, item in fields(value).items()]


ATTRIBUTES = (
    *(_of_instance(name) for name in TAKEN),
    Attribute("image", "ImageId", Reference("image", prefixes=("m-",), or_literal=True), "An image id, or an image of "
              "the stack.", read_as=_reader("ImageId"), samples=INSTANCE.by_name["image"].samples),
    Attribute("instance_name", "InstanceName", Text(2, 128), "The name of what is made by it.",
              read_as=_reader("InstanceName"), samples=("web-one", "web-two")),
    Attribute("instance_description", "Description", Text(2, 256), "What it makes is for.",
              read_as=_reader("Description"), samples=("first words", "second words")),
    Attribute("instance_tags", "Tag", Tags(TAG_VALUE.type(), TAG_KEY.type(), 20), "Tags of what is made by it.",
              read_as=_reader("Tags.InstanceTag"), samples=({"team": "web"}, {"team": "db", "cost": "7"})),
    Attribute("data_disks", "DataDisk", Rows(DISK, 16), "Data disks, in order.", read_as=_reader("DataDisks.DataDisk"),
              samples=([{"category": "cloud_essd", "size": 40}],
                       [{"category": "cloud_essd", "size": 60, "delete_with_instance": False},
                        {"category": "cloud_auto", "size": 40}])),
    Attribute("network_interfaces", "NetworkInterface", Rows(INTERFACE, 1), "One further network interface, for what "
              "others make by it; a machine of the stack says its own.",
              read_as=_secondary, samples=([{"name": "inner", "description": "to the lab"}],
                                           [{"name": "inner", "delete_on_release": False, "primary_ip": "10.0.1.9"}])),
    Attribute("version_description", "VersionDescription", Text(2, 256, "^(?!https?://)", "a string of 2 to 256 "
              "characters that does not start with http:// or https://"), "What this version is for; another one makes "
              "another version.", read_as=lambda raw: latest(raw).get("VersionDescription"),
              samples=("first words", "second words")),
)  # fmt: skip
NAMES = tuple(attribute.name for attribute in ATTRIBUTES)
VERSIONS = Detail(INTO, "DescribeLaunchTemplateVersions", "LaunchTemplateVersionSets.LaunchTemplateVersionSet",
                  paging=Paging.PAGE, page_size=50, ids=Ids("LaunchTemplateId", "single", 1),
                  attributes=NAMES)  # fmt: skip

# Lists have wrappers in the answer, and other names in the request.
_WRAPPED = {"DataDisks": ("DataDisk", "DataDisk"), "NetworkInterfaces": ("NetworkInterface", "NetworkInterface"),
            "Tags": ("InstanceTag", "Tag"), "SecurityGroupIds": ("SecurityGroupId", "SecurityGroupIds")}  # fmt: skip


def as_asked(data: Raw) -> dict[str, object]:
    """The order of a version as a request for another one spells it."""
    found: dict[str, object] = {}
    for name, value in data.items():
        if name in _WRAPPED:
            inner, asked = _WRAPPED[name]
            rows = [as_asked(row) if isinstance(row, Mapping) else row for row in (value or {}).get(inner) or ()]
            found |= {asked: rows} if rows else {}
        elif isinstance(value, Mapping):
            found |= {name: dict(value)} if value else {}
        elif value not in (None, ""):
            found[name] = value
    return found


def _put(params: dict[str, Any], path: str, value: object) -> None:
    *outer, last = path.split(".")
    for key in outer:
        params = params.setdefault(key, {})
    params[last] = value


def _encoded(attribute: Attribute, value: Any) -> object:
    if isinstance(value, Template):
        form = "base64" if getattr(attribute.type, "base64", False) else "plain"
        return Late(value, attribute.type.encode, form=form)
    if isinstance(value, tuple) and any(isinstance(item, Ref) for item in value):
        return list(value)
    return value if isinstance(value, Ref) else attribute.type.encode(value)


def new_version(change: Change) -> Iterator[Call]:
    """All that the newest one has, and what the file says; then the default, and what makes room for the next."""
    params = change.fact(_asked)
    if change.desired("security_groups") is not None:
        params.pop("SecurityGroupId", None)
    primary = _primary(params)
    for attribute in ATTRIBUTES:
        value = change.desired(attribute.name)
        if value is not None:
            _put(params, str(attribute.wire), _encoded(attribute, value))
    if change.desired("network_interfaces") is not None:
        params["NetworkInterface"] = [*primary, *params["NetworkInterface"]]
    made = _call(change, "CreateLaunchTemplateVersion", params, Replay.NEVER)
    unwanted = surplus(change)
    gone = [replace(_call(change, "DeleteLaunchTemplateVersion", {"DeleteVersion": unwanted}), absent_is_done=True)]
    is_full = len(change.fact(_numbers)) >= MOST  # else nothing goes before there is something in its place
    yield from [*gone, made] if unwanted and is_full else [made]
    if str(change.desired("default_version") or "latest") == "latest":
        yield _call(change, "ModifyLaunchTemplateDefaultVersion", {"DefaultVersionNumber": change.fact(_newest) + 1})
    yield from gone if unwanted and not is_full else ()


def _primary(params: Mapping[str, Any]) -> list[Raw]:
    """Interfaces that the newest version has and no attribute says: a version that is made without them loses them."""
    return [row for row in params.get("NetworkInterface") or () if row.get("InstanceType") == "Primary"]


def _call(change: Change, operation: str, params: Mapping[str, object], replay: Replay = Replay.NATURAL) -> Call:
    return Call(operation, {"LaunchTemplateId": change.id, **params}, kind="launch_template", targets=(change.id,),
                replay=replay)  # fmt: skip


@Decoder
def _newest(raw: Raw) -> int:
    return int(raw.get("LatestVersionNumber") or 0)


@Decoder
def _default(raw: Raw) -> int:
    return int(raw.get("DefaultVersionNumber") or 0)


@Decoder
def _numbers(raw: Raw) -> list[int]:
    return sorted(int(row["VersionNumber"]) for row in _rows(raw))


@Decoder
def _asked(raw: Raw) -> dict[str, Any]:
    """The parameters that would make the newest version again."""
    params: dict[str, object] = as_asked(latest(raw).get("LaunchTemplateData") or {})
    return params | {"VersionDescription": latest(raw).get("VersionDescription") or None}


def surplus(change: Change) -> list[int]:
    """The oldest versions, where more than `keep_versions` are there with the new one; never the default of now."""
    kept = change.desired("keep_versions")
    if kept is None or change.before is None:
        return []
    named, numbers = {change.fact(_default), _pinned(change)}, change.fact(_numbers)
    over = len(numbers) + 1 - whole(kept)
    return [number for number in numbers if number not in named][: max(over, 0)]


def _pinned(change: Change) -> int:
    wanted = str(change.desired("default_version") or "")
    return int(wanted) if wanted.isdecimal() else 0


def change_default(change: Change) -> Iterator[Call]:
    """A new version moves it as well, where it is to follow the newest one."""
    wanted = str(change.attributes_by_name["default_version"].after)
    if wanted != "latest":
        yield _call(change, "ModifyLaunchTemplateDefaultVersion", {"DefaultVersionNumber": int(wanted)})
    elif change.before is not None and not set(NAMES) & change.attributes_by_name.keys():
        yield _call(change, "ModifyLaunchTemplateDefaultVersion", {"DefaultVersionNumber": change.fact(_newest)})


def noted(change: Change) -> Iterable[str]:
    """What keep_versions takes away with a new version."""
    gone = surplus(change) if set(NAMES) & change.attributes_by_name.keys() else []
    if gone:
        yield f"keep_versions: {', '.join(f'version {number}' for number in gone)} of it will be deleted"


def hindered(change: Change, live: Live) -> Iterable[str]:
    """No room for another version, known from what was read."""
    if change.before is None or not set(NAMES) & change.attributes_by_name.keys():
        return
    count = len(change.fact(_numbers))
    if count >= MOST and not surplus(change):
        yield (
            f"it has {count} versions, of which a template has at most {MOST}: delete some that nothing "
            "starts from any more (keep_versions: 20 does so with each new version)"
        )
