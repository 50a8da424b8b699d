"""Block storage disk with its attachment. ECS 2014-05-26: CreateDisk, AttachDisk, ResizeDisk, ModifyDiskSpec, …"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds import _asking, _costs, _disk_hanging, _disks, _encryption, _impacts, _leaving, _needs, _safety
from ecsplan.kinds._disk_rows import of_itself
from ecsplan.kinds._limits import checks_of, types_of
from ecsplan.kinds._shared import (
    INSTANCES,
    ZONE,
    description,
    name,
    resource_group,
    resource_group_update,
    tags,
    tags_update,
)
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Params, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting, always
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.plugging import Pluggable
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Folded, Terraform, named
from ecsplan.model.change import Change
from ecsplan.model.composites import Reference
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Split, Update
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Boolean, Integer, Text

of = types_of("disk")


def resize(change: Change) -> Iterable[Call]:
    online = change.before is not None and change.before.status == "In_use"
    is_shared = change.live("multi_attach")  # ResizeDisk refuses a shared disk while it is online
    running = online and not is_shared and change.fact(_status_of_machine) in (None, "Running")
    yield _disks.resize(change.id, change.attributes_by_name["size"].after, online=running)


@Decoder
def _status_of_machine(raw: Raw) -> str | None:
    """None where it was not read."""
    rows = raw.get("@instance")
    return rows[0].get("Status") if rows else None


def gives_up(disk: RemoteObject) -> tuple[str, ...]:
    live = disk.fact(of_itself)
    return (f"{'?' if live.size is None else live.size} GiB of data{_disks.with_snapshots(live)}",)


def cannot_be_deleted(disk: RemoteObject) -> str | None:
    return _disks.cannot_be_deleted(disk.fact(of_itself))


def change_spec(change: Change) -> Iterable[Call]:
    """Category, performance level and provisioned IOPS are one call: the level of the old category is not sent."""
    wanted = {name: change.desired(name) for name in _disks.SPEC if name in change.attributes_by_name}
    category = change.desired("category") or change.live("category")
    if "category" in wanted and change.live("bursting_enabled"):
        yield _disks.modify(change.id, {"BurstingEnabled": False})  # refused once it has a category without it
    yield _disks.modify_spec(change.id, category, wanted)


def has_a_size(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    found = resource.attributes
    if "size" not in found and "snapshot" not in found and resource.adopt is None:
        yield Diagnostic(
            "a disk needs a size, or a snapshot that it is made from",
            "write size: 40",
            resource.source,
            resource.address,
            rule=Rule.MISSING_KEY,
        )


def default_category(resource: Resource) -> Params:
    return {} if "category" in resource.attributes else {"DiskCategory": _disks.DEFAULT}


def notes(resource: Resource) -> Iterable[str]:
    if "category" not in resource.attributes:
        yield f"it is {_disks.DEFAULT}, as the file does not name its category"


def change_policy(change: Change) -> Iterable[Call]:
    moved = change.attributes_by_name["snapshot_policy"]
    yield from _disks.change_policy(change.id, moved.before, moved.after)


ELSEWHERE = (
    Terraform(
        "alicloud_ecs_disk",
        named(
            disk_name="name", zone_id="zone", category="category", size="size number",
            performance_level="performance_level", provisioned_iops="provisioned_iops number",
            bursting_enabled="bursting_enabled bool", encrypted="encrypted bool", kms_key_id="kms_key",
            snapshot_id="snapshot", delete_auto_snapshot="delete_auto_snapshot bool", instance_id="instance?",
            payment_type="subscription? paid", multi_attach="multi_attach enabled", storage_set_id="storage_set",
        ) + COMMON,
        older=("alicloud_disk",),
        plan_type="alicloud_disk",  # policy tools know no other
        theirs_alone={
            "encrypt_algorithm": "", "advanced_features": "", "dedicated_block_storage_cluster_id": "", "type": "",
        },
        renamed={"name": "disk_name", "availability_zone": "zone_id"},
        no_place=("snapshot_policy", "instance"),
        not_written=("instance",),
        written=frozenset({"category", "delete_auto_snapshot"}),
        folded=(
            Folded("alicloud_ecs_disk_attachment", ("instance",), "disk_id", 0, older=("alicloud_disk_attachment",)),
            Folded("alicloud_ecs_auto_snapshot_policy_attachment", ("snapshot_policy",), "disk_id", 1),
        ),
        remark="or a slot of `instance.data_disks`",
    ),
    Ros(
        "ALIYUN::ECS::Disk", "DiskId",
        {"disk_name": "DiskName", "zone_id": "ZoneId", "category": "DiskCategory", "size": "Size",
         "performance_level": "PerformanceLevel", "provisioned_iops": "ProvisionedIops",
         "bursting_enabled": "BurstingEnabled", "encrypted": "Encrypted", "kms_key_id": "KMSKeyId",
         "snapshot_id": "SnapshotId", "delete_auto_snapshot": "DeleteAutoSnapshot", "description": "Description",
         "resource_group_id": "ResourceGroupId", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="disk",
    summary="A disk that is not part of an instance, and never deleted with one.",
    attributes=(
        name("disk", "DiskName"),
        description("disk"),
        Attribute("zone", "ZoneId", ZONE, "The zone; that of the instance it is attached to.",
                  required=True, fixed="replace",
                  samples=("cn-hangzhou-h", "cn-hangzhou-i")),
        Attribute("category", "DiskCategory", _disks.CATEGORY, "The sort of disk.", read_as="Category",
                  samples=("cloud_efficiency", "cloud_essd"), samples_with={"performance_level": None}),
        Attribute("size", "Size", of("size"), "The size in GiB; it can only grow.", fixed="refuse",
                  samples=(40, 60)),
        Attribute("performance_level", "PerformanceLevel", _disks.LEVEL, "For cloud_essd: PL0 to PL3.", fixed="refuse",
                  samples=("PL0", "PL1")),
        Attribute("provisioned_iops", "ProvisionedIops", of("provisioned_iops"),
                  "For cloud_auto: IOPS beyond the base.", samples=(100, 200), samples_with=_disks.AUTO),
        Attribute("bursting_enabled", "BurstingEnabled", Boolean(), "For cloud_auto: whether it may burst.",
                  samples=(False, True), samples_with=_disks.AUTO),
        Attribute("multi_attach", "MultiAttach", Boolean("Enabled", "Disabled"), "Whether several machines can share "
                  "it, which instances names; for cloud_essd.", fixed="replace", samples=(False, True)),
        Attribute("storage_set", "StorageSetId", Text(4, 64, "^ss-", "the id of a storage set, like ss-bp67acf"),
                  "The storage set that keeps its data apart from that of others.", fixed="replace",
                  samples=("ss-one", "ss-two")),
        Attribute("storage_set_partitions", "StorageSetPartitionNumber", Integer(2, 2000), "How many partitions the "
                  "storage set has.", fixed="replace", samples=(2, 3), samples_with={"storage_set": "ss-one"}),
        Attribute("encrypted", "Encrypted", Boolean(), "Whether it is encrypted.", fixed="replace",
                  samples=(False, True)),
        Attribute("kms_key", "KMSKeyId", Text(1, 64), "The key that encrypts it.", fixed="replace",
                  samples=("key-one", "key-two"), samples_with={"encrypted": True}),
        Attribute("snapshot", "SnapshotId", Reference("snapshot", prefixes=("s-",)), "The snapshot it is made from.",
                  read_as="SourceSnapshotId", fixed="replace", at_birth=True,
                  samples=("first", "later")),
        Attribute("snapshot_policy", None, _disks.POLICY,
                  "The policy for automatic snapshots.", read_as="AutoSnapshotPolicyId", optional=True,
                  is_relation=True, samples=("daily", "weekly")),
        Attribute("delete_auto_snapshot", None, Boolean(), "Whether its automatic snapshots go with it.",
                  read_as="DeleteAutoSnapshot", samples=(True, False)),
        *_disk_hanging.ATTRIBUTES,
        resource_group(),
        tags("disk"),
        Attribute("device", None, Text(), "The device name that the cloud gave.", computed=True, read_as="Device"),
    ),
    listing=Listing(
        "DescribeDisks",
        items="Disks.Disk",
        id="DiskId",
        name="DiskName",
        page_size=500,
        ids=Ids("DiskIds"),
        parent="InstanceId",
        born_with="instance",
        outlives=Decoder(lambda raw: not raw.get("InstanceId") or raw.get("DeleteWithInstance") is False),
        dry_run=True,
        split=Split("DiskType", "Type", ("system", "data")),
        details=(Detail("@instance", "DescribeInstances", "Instances.Instance", key="InstanceId", on="InstanceId",
                        params=INSTANCES, fields=("Status",)),),
    ),
    create=Create("CreateDisk", id="DiskId", later=(*_disk_hanging.NAMES, "snapshot_policy", "delete_auto_snapshot"),

                  extra=default_category, notes=notes, asks=_asking.new_disk, wait=until("Available", "In_use"),
                  seconds=3.0),
    updates=(
        Update("ResizeDisk", ("size",), build=resize, only_if=lambda before, after: before is None or after > before,
               otherwise=_disks.no_shrinking, impacts=(Impact.BILLING,),
               note=f"the file system is not grown: {_disks.GROW}"),
        Update("ModifyDiskSpec", _disks.SPEC, build=change_spec, only_if=_disks.can_change_spec,
               otherwise=_disks.NOT_DOWN, impacts=(Impact.BILLING,)),
        Update("ModifyDiskAttribute", ("name", "description", "bursting_enabled", "delete_auto_snapshot"),
               wire={"delete_auto_snapshot": "DeleteAutoSnapshot"}, merge=_disks.MANY,
               impacts=_impacts.only(Impact.BILLING, "bursting_enabled")),
        Update("ApplyAutoSnapshotPolicy", ("snapshot_policy",), build=change_policy),
        *_disk_hanging.UPDATES,
        resource_group_update("disk"),
        tags_update(),
    ),
    delete=Delete("DeleteDisk", release=("instance", "instances"), empties=("instances",), impacts=(Impact.DATA_LOSS,),
                  gives_up=gives_up, refused=cannot_be_deleted),
    id_param="DiskId",
    id_prefixes=("d-",),
    can=(
        _leaving.DISK,
        Tagged("disk"),
        Rights("ecs:disk", ("DiskIds",)),
        _safety.OF_DISK,
        Checks((checks_of("disk"), has_a_size, _disk_hanging.checks)),
        Preflight(
            (_encryption.INQUIRY,),
            lambda change, live: (*_encryption.hindered(change), *_disk_hanging.hindered(change, live)),
            needs=_needs.of_disk,
        ),
        Pluggable(("instance", "instances")),
        Ordering(after={"instance": ("charge_type",)}, along={"instance": ("subscription",)}),
        Priced(costs=_costs.of_disk),
        Exporting(rank=11, beyond={"storage_cluster": "StorageClusterId"},
                  defaults={"snapshot_policy": "none", "subscription": False},
                  noise={"delete_auto_snapshot": always}),
        *ELSEWHERE,
    ),
    example={"zone": "cn-hangzhou-h", "category": "cloud_essd", "size": 200, "performance_level": "PL1"},
    docs="https://help.aliyun.com/document_detail/25513.html",
)  # fmt: skip
