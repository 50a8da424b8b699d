"""A disk as it was at one moment. ECS 2014-05-26: CreateSnapshot, DescribeSnapshots, ModifySnapshotAttribute.

It outlives its disk: a disk that is changed, replaced or gone later is no change of it. With a term it goes by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ecsplan.kinds import _costs
from ecsplan.kinds._disk_rows import of_itself
from ecsplan.kinds._limits import types_of
from ecsplan.kinds._shared import description, name, resource_group, resource_group_update, tags, tags_update
from ecsplan.kinds._slots import SLOT
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, Schema, Value, ValueOrUnknown, fields
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Terraform, named
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import NamedRef, Reference
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Live, Paging, Update
from ecsplan.model.ownership import was_applied
from ecsplan.model.quoting import shown
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Boolean, Choice, Integer, Mistake, Text

of = types_of("snapshot")

SYSTEM_DISK = "system_disk.id"


class DiskSource(Reference):
    """A disk of the stack, a disk id, or a disk inside an instance: `{instance: web}` or `{instance: web, slot: data}`.

    Canonical for the latter: the instance's attribute that holds the disk's id.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("disk", prefixes=("d-",))

    says = "the name of a disk of this stack, an id like d-…, {instance: NAME} or {instance: NAME, slot: NAME}"

    def schema(self) -> Schema:
        inside = {
            "type": "object",
            "properties": {
                "instance": {"type": "string", "description": "An instance of this stack."},
                "slot": {**SLOT.schema(), "description": "Which of its data disks; its system disk if left out."},
            },
            "required": ["instance"],
            "additionalProperties": False,
        }
        return {"anyOf": [*super().schema()["anyOf"], inside]}

    def parse(self, value: object) -> Value:
        if not isinstance(value, Mapping) or "instance" not in value:
            return super().parse(value)
        unknown = set(value) - {"instance", "slot"}
        if unknown or not isinstance(value["instance"], str):
            raise Mistake("a disk inside an instance has an instance and a slot", f"write {self.says}")
        if value["instance"].startswith("i-"):
            raise Mistake(
                f"{shown(value['instance'])} is not an instance of this stack", "write the id of the disk itself"
            )
        attribute = f"data_disks.{SLOT.parse(value['slot'])}" if "slot" in value else SYSTEM_DISK
        return NamedRef(value["instance"], ("instance",), attribute=attribute)


class Category(Choice):
    """Written in lower case; the API takes the words in upper camel case."""

    def encode(self, value: Value) -> object:
        return value.capitalize() if isinstance(value, str) else value


def notes(resource: Resource) -> Iterable[str]:
    """Without a state file nobody knows whether it was there once: a new one is never made without saying so."""
    days = resource.attributes.get("retention_days")
    if days is not None:
        yield (
            f"is deleted automatically after {days} days; if there was one and its term is over, this takes a new one: "
            "remove the block when it has served"
        )


def grows(before: int | None, after: int) -> bool:
    """The service takes a longer term, no shorter one (ModifySnapshotAttribute, RetentionDays)."""
    return before is None or after > before


def names_a_slot(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    source = resource.attributes.get("disk")
    instance = everything.get(source.address) if isinstance(source, Ref) else None
    block, _, slot = source.attribute.partition(".") if isinstance(source, Ref) else ("", "", "")
    if instance is None or block != "data_disks":
        return
    slots = list(fields(instance.attributes.get("data_disks")))
    if slot not in slots:
        yield Diagnostic(
            f"{instance.address} has no data disk {slot}",
            f"its slots: {', '.join(slots)}" if slots else "leave slot out for its system disk",
            resource.source_of("disk"),
            resource.address,
            rule=Rule.REFERENCE,
        )


NEVER = (
    "the service takes no snapshot of a disk that no machine ever had: attach it first (instance: NAME), and take the "
    "snapshot in a later change"
)


def hindered(change: Change, live: Live) -> Iterable[str]:
    """CreateSnapshot: IncorrectDiskStatus.NeverAttached."""
    source = change.after.attributes.get("disk") if change.after is not None else None
    if change.action in (Action.CREATE, Action.REPLACE):
        yield from never_attached(source, live)


def never_attached(source: ValueOrUnknown, live: Live) -> Iterable[str]:
    """Why no snapshot can be taken of a disk."""
    if isinstance(source, Ref):  # still to be made; one that is attached in the same plan is waited for
        _, making = live(str(source.address))
        made = making.after if making is not None else None
        if source.attribute == "id" and made is not None and "instance" not in made.attributes:
            yield NEVER
    elif isinstance(source, str):
        disk, changing = live(source)
        is_attached = changing is not None and changing.after is not None and "instance" in changing.attributes_by_name
        if disk is not None and not is_source(disk) and not is_attached:
            yield NEVER


def is_source(disk: RemoteObject) -> bool:
    return disk.kind != "disk" or disk.fact(of_itself).was_attached


@Decoder
def _state(raw: Raw) -> str:
    return f"the state of {raw.get('SourceDiskId') or 'its disk'} of {raw.get('CreationTime') or 'that time'}"


@Decoder
def taken_at(raw: Raw) -> float:
    """When it was begun, in seconds since 1970."""
    return datetime.fromisoformat(str(raw["CreationTime"])).timestamp()


def gives_up(snapshot: RemoteObject) -> tuple[str, ...]:
    return (snapshot.fact(_state),)


def is_forced(snapshot: RemoteObject) -> bool:
    """Whether it may go though disks were made from it."""
    return was_applied(snapshot, "force_delete", True)


# This service takes an empty text.
CLEARED = replace(description("snapshot"), optional=True, cleared_by="", afterwards="")


@Decoder
def goes_by_itself(raw: Raw) -> str:
    """Those that a policy takes, and takes away again, are not for a stack file."""
    return (
        "it was taken automatically, and expires automatically" if raw.get("SnapshotType") in ("auto", "timer") else ""
    )


ELSEWHERE = (
    Terraform(
        "alicloud_ecs_snapshot",
        named(
            snapshot_name="name", disk_id="disk", retention_days="retention_days number", category="category",
            force="force_delete bool",
        ) + COMMON,
        older=("alicloud_snapshot",),
        renamed={"name": "snapshot_name"},
        not_written=("force_delete",),
        written=frozenset({"resource_group"}),
    ),
    Ros(
        "ALIYUN::ECS::Snapshot", "SnapshotId",
        {"snapshot_name": "SnapshotName", "disk_id": "DiskId", "retention_days": "RetentionDays",
         "description": "Description", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="snapshot",
    summary="A disk as it was at one moment, taken before the same plan changes that disk.",
    attributes=(
        name("snapshot", "SnapshotName"),
        Attribute("disk", "DiskId", DiskSource(),
                  "What it is of: a disk of the stack, an id, or a disk inside an instance.", required=True,
                  read_as="SourceDiskId", fixed="replace", at_birth=True, as_it_was=True,
                  samples=("data", "spare")),
        CLEARED,
        Attribute("retention_days", "RetentionDays", of("retention_days"),
                  "Days after which the service deletes it; never if left out. It can only grow. A later plan would "
                  "take a new one, and says so.", fixed="refuse", samples=(7, 30)),
        Attribute("category", "Category", Category("standard", "flash"), "standard, or flash for a local one.",
                  fixed="replace", samples=("standard", "flash")),
        Attribute("force_delete", None, Boolean(),
                  "Whether it may be deleted although disks were made from it, which then cannot be re-initialised.",
                  read_as=False, samples=(False, True)),
        resource_group(),
        tags("snapshot"),
        Attribute("size", None, Integer(), "The size of its disk in GiB.", computed=True, read_as="SourceDiskSize"),
        Attribute("created_at", None, Text(), "When it was taken.", computed=True, read_as="CreationTime"),
    ),
    listing=Listing(
        "DescribeSnapshots",
        items="Snapshots.Snapshot",
        id="SnapshotId",
        name="SnapshotName",
        paging=Paging.EITHER,
        page_size=100,
        ids=Ids("SnapshotIds"),
        dry_run=True,
    ),
    create=Create("CreateSnapshot", id="SnapshotId", wait=until("accomplished", failed=("failed",)), notes=notes,
                  seconds=60.0),
    updates=(
        Update("ModifySnapshotAttribute", ("name", "description")),
        Update("ModifySnapshotAttribute", ("retention_days",), only_if=grows, note="counted from when it was taken"),
        Update(None, ("force_delete",), build=lambda change: (), note="counts when it is deleted"),
        resource_group_update("snapshot"),
        tags_update(),
    ),
    delete=Delete("DeleteSnapshot", impacts=(Impact.DATA_LOSS,), gives_up=gives_up, held_by=(("disk", "snapshot"),),
                  forced=is_forced, instead="remove that first, or apply force_delete: true first",
                  extra=lambda obj: {"Force": True} if is_forced(obj) else {}),
    id_param="SnapshotId",
    id_prefixes=("s-",),
    can=(
        Tagged("snapshot"),
        Rights("ecs:snapshot"),
        Checks((names_a_slot,)),
        Preflight(hindered=hindered),
        # One at a time of a disk (IncorrectDiskStatus.CreatingSnapshot).
        Ordering(lane="disk", is_brief=False, is_source=is_source),
        Priced(costs=_costs.by_use("the snapshot: by use, per GiB that is kept")),
        Exporting(beyond={"instant_access": "InstantAccess"},
                  rank=7, defaults={"category": "standard"}, obstacle=goes_by_itself),
        *ELSEWHERE,
    ),
    example={"disk": "data", "retention_days": 30},
    docs="https://help.aliyun.com/document_detail/25524.html",
)  # fmt: skip
