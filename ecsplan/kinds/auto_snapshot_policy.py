"""When snapshots are taken by themselves. ECS 2014-05-26: CreateAutoSnapshotPolicy, ModifyAutoSnapshotPolicyEx, …

Which disks it applies to is said on the disks (`snapshot_policy`). These actions spell their parameters in lower case.
"""

import json
from collections.abc import Iterable
from typing import Any

from ecsplan.kinds import _costs, _leaving
from ecsplan.kinds._limits import types_of
from ecsplan.kinds._shared import name, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.algebra import Fields, Raw, Value, ValueOrUnknown, fields, members, of_fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Params
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Terraform, named
from ecsplan.model.change import Change
from ecsplan.model.composites import MapOf, SetOf
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.regions import Region
from ecsplan.model.resource import Resource
from ecsplan.model.values import Boolean, Integer, Mistake, Text

of = types_of("auto_snapshot_policy")

COPY = ("cross_region_copy.regions", "cross_region_copy.retention_days", "cross_region_copy.encrypted",
        "cross_region_copy.kms_key")  # fmt: skip
COPIED_TO = {"cross_region_copy.regions": ["cn-beijing"]}


class JsonSet(SetOf):
    """A set that the API spells as one text with a JSON array of texts, both ways."""

    __slots__ = ()

    def decode(self, wire: object) -> tuple[Value, ...]:
        return super().decode(json.loads(wire) if isinstance(wire, str) and wire else wire or ())

    def encode(self, value: Value) -> str:
        return json.dumps([str(item) for item in members(value)])


class Copies(JsonSet):
    """The regions that copies go to; the API takes one."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Region(), maximum=1)

    def parse(self, value: object) -> tuple[Value, ...]:
        if isinstance(value, (list, tuple)) and len(value) > 1:
            raise Mistake("copies go to one region only", "write one region, like [cn-beijing]")
        return super().parse(value)


class TargetTags(MapOf):
    """Tags of instances, as a list of pairs in both directions; an empty value means any."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Text(0, 128), Text(1, 128, r"^(?!aliyun|acs:)", "a tag key of 1 to 128 characters"), 5)

    def decode(self, wire: Any) -> Fields:
        return of_fields({str(tag.get("TagKey")): str(tag.get("TagValue") or "") for tag in wire or ()})

    def encode(self, value: Value) -> list[dict[str, object]]:
        return [{"Key": key, "Value": text} for key, text in fields(value).items()]


def both_by_tags(before: ValueOrUnknown, after: ValueOrUnknown) -> bool:
    return bool(before) and bool(after)


def born_with(resource: Resource) -> Params:
    by_tags = {"AssociationType": "AssociatedWithInstanceTag"} if resource.attributes.get("target_tags") else {}
    return {**copy_switch(resource), **by_tags}


def copy_switch(resource: Resource) -> Params:
    regions = resource.attributes.get("cross_region_copy.regions")
    return {} if regions is None else _copy(regions)


def _copy(regions: ValueOrUnknown) -> Params:
    """The switch goes with the regions; an empty list turns the copies off."""
    on = bool(regions)
    return {"EnableCrossRegionCopy": on, "TargetCopyRegions": Copies().encode(members(regions)) if on else None}


def change_copies(change: Change) -> Iterable[Call]:
    """One call for all that concerns copies, with what stays of it: the service takes them as a whole."""
    found = {name: change.desired(name) if change.desired(name) is not None else change.live(name) for name in COPY}
    params: dict[str, object] = {"autoSnapshotPolicyId": change.id, **_copy(found["cross_region_copy.regions"] or ())}
    if params["EnableCrossRegionCopy"]:
        params["CopiedSnapshotsRetentionDays"] = found["cross_region_copy.retention_days"]
        encrypted, key = found["cross_region_copy.encrypted"], found["cross_region_copy.kms_key"]
        if encrypted is not None:
            params["CopyEncryptionConfiguration"] = {"Encrypted": encrypted, "KMSKeyId": key if encrypted else None}
    yield Call("ModifyAutoSnapshotPolicyEx", params, targets=(change.id,))


def _regions(raw: Raw) -> object:
    return raw.get("TargetCopyRegions") if raw.get("EnableCrossRegionCopy") else ()


ELSEWHERE = (
    Terraform(
        "alicloud_ecs_auto_snapshot_policy",
        named(
            auto_snapshot_policy_name="name", time_points="hours text numbers",
            repeat_weekdays="weekdays text numbers", retention_days="retention_days number",
            target_copy_regions="cross_region_copy.regions list",
            copied_snapshots_retention_days="cross_region_copy.retention_days? number",
        ) + COMMON[1:],
        older=("alicloud_snapshot_policy",),
        renamed={"name": "auto_snapshot_policy_name"},
        no_place=("cross_region_copy.encrypted", "cross_region_copy.kms_key"),
        written=frozenset({"resource_group"}),
    ),
    Ros(
        "ALIYUN::ECS::AutoSnapshotPolicy", "AutoSnapshotPolicyId",
        {"auto_snapshot_policy_name": "AutoSnapshotPolicyName", "time_points": "TimePoints",
         "repeat_weekdays": "RepeatWeekdays", "retention_days": "RetentionDays", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="auto_snapshot_policy",
    summary="When snapshots are taken of the disks that name it (snapshot_policy), and how long they are kept.",
    attributes=(
        name("auto_snapshot_policy", "autoSnapshotPolicyName", read_as="AutoSnapshotPolicyName"),
        Attribute("hours", "timePoints", JsonSet(of("hours"), minimum=1), "The full hours, 0 to 23, in UTC+8.",
                  required=True, read_as="TimePoints", samples=([2], [2, 14])),
        Attribute("weekdays", "repeatWeekdays", JsonSet(of("weekdays"), minimum=1),
                  "The days, 1 (Monday) to 7 (Sunday).", required=True, read_as="RepeatWeekdays",
                  samples=([7], [1, 2, 3, 4, 5])),
        Attribute("retention_days", "retentionDays", of("retention_days"),
                  "How long a snapshot is kept; -1: until it is deleted.", required=True, read_as="RetentionDays",
                  samples=(7, -1)),
        Attribute("cross_region_copy.regions", "TargetCopyRegions", Copies(),
                  "The region that each snapshot is copied to; an empty list: none.", read_as=_regions,
                  samples=(["cn-beijing"], ["cn-shanghai"])),
        Attribute("cross_region_copy.retention_days", "CopiedSnapshotsRetentionDays",
                  of("cross_region_copy.retention_days"), "How long a copy is kept; -1: until it is deleted.",
                  samples=(7, 30), samples_with=COPIED_TO),
        Attribute("cross_region_copy.encrypted", "CopyEncryptionConfiguration.Encrypted", Boolean(),
                  "Whether copies are encrypted.", samples=(False, True), samples_with=COPIED_TO),
        Attribute("cross_region_copy.kms_key", "CopyEncryptionConfiguration.KMSKeyId", Text(1, 64),
                  "The key that encrypts copies.", samples=("key-one", "key-two"),
                  samples_with={**COPIED_TO, "cross_region_copy.encrypted": True}),
        Attribute("target_tags", "TargetTags", TargetTags(), "The tags of the instances whose disks it applies to, in "
                  "place of disks that name it; an empty value means any. Decided when it is made.",
                  read_as="TargetTags.TargetTag", fixed="refuse", samples=({"backup": "daily"}, {"backup": ""})),
        resource_group(),
        tags("auto_snapshot_policy"),
        Attribute("disks", None, Integer(), "How many disks it applies to.", computed=True, read_as="DiskNums"),
    ),
    listing=Listing(
        "DescribeAutoSnapshotPolicyEx",
        items="AutoSnapshotPolicies.AutoSnapshotPolicy",
        id="AutoSnapshotPolicyId",
        name="AutoSnapshotPolicyName",
        paging=Paging.PAGE,
        page_size=100,
        ids=Ids("AutoSnapshotPolicyId", "single", 1),
        skip=lambda raw: raw.get("Type") == "System",
    ),
    # No ClientToken and no unique name: after an unknown outcome it is looked for by its tags before anything is sent.
    create=Create("CreateAutoSnapshotPolicy", id="AutoSnapshotPolicyId", token=False, extra=born_with, seconds=1.0),
    updates=(
        Update("ModifyAutoSnapshotPolicyEx", ("name", "hours", "weekdays", "retention_days")),
        Update("ModifyAutoSnapshotPolicyEx", COPY, build=change_copies),
        Update("ModifyAutoSnapshotPolicyEx", ("target_tags",), only_if=both_by_tags,
               otherwise="whether a policy goes by tags is decided when it is made"),
        resource_group_update("snapshotpolicy"),
        tags_update(),
    ),
    # The service would delete it all the same, and no snapshots would be taken of those disks any more.
    delete=Delete("DeleteAutoSnapshotPolicy", held_by=(("disk", "snapshot_policy"),), seconds=1.0),
    id_param="autoSnapshotPolicyId",
    id_prefixes=("sp-",),
    can=(
        Tagged("snapshotpolicy"),
        _leaving.POLICY,
        Rights("ecs:snapshotpolicy", ("AutoSnapshotPolicyId",)),
        Priced(costs=_costs.by_use("the snapshots that it takes: by use, per GiB that is kept")),
        Exporting(rank=6, word="policy", noise={
            "cross_region_copy": lambda value, values: not values.get("cross_region_copy.regions"),
        }),
        *ELSEWHERE,
    ),
    example={"hours": [2], "weekdays": [1, 2, 3, 4, 5], "retention_days": 14},
    docs="https://help.aliyun.com/document_detail/25527.html",
)  # fmt: skip
