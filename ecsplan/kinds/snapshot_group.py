"""The disks of a machine as they were at one moment, all at the same. ECS 2014-05-26: CreateSnapshotGroup,
DescribeSnapshotGroups, ModifySnapshotGroup, DeleteSnapshotGroup.

Like a snapshot it outlives what it is of. Its tags are given by CreateSnapshotGroup alone: TagResources documents no
ResourceType for it.
"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds import _costs
from ecsplan.kinds._forms import DESCRIPTION, NAME, TAG_KEY, TAG_VALUE
from ecsplan.kinds._shared import description, name, resource_group, tags
from ecsplan.kinds.snapshot import is_source, never_attached
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw, members
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import BornTagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Terraform, named
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Reference, SetOf
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Live, Update
from ecsplan.model.limits import Pairs
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Text

MOST = 128  # disks of one group


def _snapshots(raw: Raw) -> list[Raw]:
    return list((raw.get("Snapshots") or {}).get("Snapshot") or ())


def names_something(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    if not {"instance", "disks"} & resource.attributes.keys():
        yield Diagnostic(
            "a snapshot group is of a machine or of disks",
            "write instance: NAME for all its disks, or disks: [NAME, …]",
            resource.source,
            resource.address,
            rule=Rule.MISSING_KEY,
        )


def hindered(change: Change, live: Live) -> Iterable[str]:
    if change.action in (Action.CREATE, Action.REPLACE):
        yield from dict.fromkeys(why for disk in members(change.desired("disks")) for why in never_attached(disk, live))


@Decoder
def _state(raw: Raw) -> str:
    disks = [str(one.get("SourceDiskId")) for one in _snapshots(raw)]
    return f"the state of {', '.join(disks) or 'its disks'} of {raw.get('CreationTime') or 'that time'}"


def gives_up(group: RemoteObject) -> tuple[str, ...]:
    return (group.fact(_state),)


ELSEWHERE = (
    Terraform(
        "alicloud_ecs_snapshot_group",
        named(snapshot_group_name="name", instance_id="instance", disk_id="disks? list") + COMMON,
        theirs_alone={"exclude_disk_id": [], "instant_access": False, "instant_access_retention_days": 0},
    ),
    Ros(
        "ALIYUN::ECS::SnapshotGroup", "SnapshotGroupId",
        {"snapshot_group_name": "Name", "instance_id": "InstanceId", "disk_id": "DiskId",
         "description": "Description", "resource_group_id": "ResourceGroupId", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="snapshot_group",
    summary="The disks of a machine as they were at one moment, all at the same.",
    attributes=(
        name(NAME, "Name"),
        Attribute("instance", "InstanceId", Reference("instance", prefixes=("i-",)),
                  "The machine: all its disks, unless disks says which.", fixed="replace", at_birth=True,
                  as_it_was=True, samples=("web", "other")),
        Attribute("disks", "DiskId", SetOf(Reference("disk", prefixes=("d-",)), 1, MOST), "Disks of one zone; those of "
                  "the machine, where that is named too. ESSDs alone.", fixed="replace", at_birth=True, as_it_was=True,
                  read_as=lambda raw: [one.get("SourceDiskId") for one in _snapshots(raw)],
                  samples=(["data"], ["data", "spare"])),
        description(DESCRIPTION),
        replace(resource_group(), fixed="refuse"),
        tags(Pairs(TAG_KEY, TAG_VALUE), fixed="refuse"),
        Attribute("snapshots", None, SetOf(Text()), "The ids of its snapshots, one of each disk.", computed=True,
                  read_as=lambda raw: [one.get("SnapshotId") for one in _snapshots(raw)]),
        Attribute("created_at", None, Text(), "When it was taken.", computed=True, read_as="CreationTime"),
    ),
    listing=Listing(
        "DescribeSnapshotGroups", items="SnapshotGroups.SnapshotGroup", id="SnapshotGroupId", name="Name",
        ids=Ids("SnapshotGroupId", "list", 10),
    ),
    create=Create("CreateSnapshotGroup", id="SnapshotGroupId", wait=until("accomplished", failed=("failed",)),
                  seconds=60.0),
    updates=(Update("ModifySnapshotGroup", ("name", "description")),),
    delete=Delete("DeleteSnapshotGroup", impacts=(Impact.DATA_LOSS,), gives_up=gives_up),
    id_param="SnapshotGroupId",
    id_prefixes=("ssg-",),
    can=(
        BornTagged(),
        Rights("ecs:snapshotgroup"),
        Checks((names_something,)),
        Preflight(hindered=hindered),
        Ordering(lane="instance", is_brief=False, is_source=is_source),
        Priced(costs=_costs.by_use("its snapshots: by use, per GiB that is kept")),
        Exporting(rank=8, noise={"disks": lambda value, values: bool(values.get("instance"))}),
        *ELSEWHERE,
    ),
    example={"instance": "web", "description": "before the upgrade"},
    docs="https://help.aliyun.com/document_detail/210939.html",
)  # fmt: skip
