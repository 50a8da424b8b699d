"""Automatic snapshot policies, and the disks they apply to. The snapshots themselves are not taken."""

from __future__ import annotations

import json

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._disks import policies_of
from ecsplan.emulator.operations.disks import NOT_FOUND as NO_DISK
from ecsplan.emulator.operations.disks import require_cloud_disk
from ecsplan.emulator.paging import by_number, newest_first, read_token, write_token
from ecsplan.emulator.protocol import json_list
from ecsplan.emulator.wire import Refusal, invalid, not_found

NOT_FOUND = "InvalidAutoSnapshotPolicyId.NotFound"
TOO_MANY = "OperationDenied.TooManyAutoSnapshotPolicies"


def create_auto_snapshot_policy(call: Call) -> Body:
    call.check_quota("auto_snapshot_policies_per_region", call.account.count("snapshotpolicy", call.region),
                     "QuotaExceed.AutoSnapshotPolicy")  # fmt: skip
    data: Body = {
        "AutoSnapshotPolicyName": "",
        "Status": "Normal",
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
        "AssociationType": call.choice(
            "AssociationType", "AssociatedWithDisk", "AssociatedWithInstanceTag", default="AssociatedWithDisk"
        ),
        "EnableCrossRegionCopy": False,
        "CopiedSnapshotsRetentionDays": -1,
        **_given(call),
    }
    policy_id = call.account.new_id("sp", call.region)
    call.account.add("snapshotpolicy", call.region, policy_id, data, call.tags())
    return {"AutoSnapshotPolicyId": policy_id}


def _given(call: Call) -> Body:
    data: Body = {}
    if call.get("autoSnapshotPolicyName") is not None:
        code = "InvalidAutoSnapshotPolicyName.Malformed"
        data["AutoSnapshotPolicyName"] = check_name(call.get("autoSnapshotPolicyName"), "autoSnapshotPolicyName", code)
    if call.get("repeatWeekdays") is not None:
        data["RepeatWeekdays"] = _numbers(call.get("repeatWeekdays"), "repeatWeekdays", 1, 7)
    if call.get("timePoints") is not None:
        data["TimePoints"] = _numbers(call.get("timePoints"), "timePoints", 0, 23)
    days = call.get("retentionDays")
    if days is not None:
        data["RetentionDays"] = _days(days, "retentionDays")
    if call.get("EnableCrossRegionCopy") is not None:
        data["EnableCrossRegionCopy"] = call.get("EnableCrossRegionCopy")
    copied = call.get("CopiedSnapshotsRetentionDays")
    if copied is not None:
        data["CopiedSnapshotsRetentionDays"] = _days(copied, "CopiedSnapshotsRetentionDays")
    if call.get("TargetCopyRegions") is not None:
        for region in json_list(call.get("TargetCopyRegions"), "TargetCopyRegions", 1):
            if not catalogue.is_region(region):
                raise not_found("InvalidRegionId.NotFound", "TargetCopyRegions", region)
        data["TargetCopyRegions"] = call.get("TargetCopyRegions")
    if call.get("CopyEncryptionConfiguration"):
        data["CopyEncryption"] = call.get("CopyEncryptionConfiguration")
    if call.get("TargetTags"):
        data["TargetTags"] = call.get("TargetTags")
    return data


def _days(days: int, parameter: str) -> int:
    if days != -1 and not 1 <= days <= 65535:
        raise invalid(parameter, "It is -1, or from 1 to 65535.", "InvalidRetentionDays.Malformed")
    return days


def _numbers(text: str, parameter: str, low: int, high: int) -> str:
    """Kept as the JSON text that it is read back as."""
    values = json_list(text, parameter, high - low + 1)
    if not values or not all(v.isdecimal() and low <= int(v) <= high for v in values):
        raise invalid(parameter, f"Its items are from {low} to {high}.", f"Invalid{parameter}.Malformed")
    return json.dumps(values, separators=(",", ":"))


def _required(call: Call) -> Thing:
    return call.require("snapshotpolicy", call.need("autoSnapshotPolicyId"), NOT_FOUND, "autoSnapshotPolicyId")


def modify_auto_snapshot_policy_ex(call: Call) -> Body:
    call.account.change_all(_required(call), _given(call))
    return {}


def delete_auto_snapshot_policy(call: Call) -> Body:
    policy = _required(call)
    for disk in call.account.where("disk", "AutoSnapshotPolicyId", policy.id):
        _keep(call, disk, [held for held in policies_of(disk) if held != policy.id])
    call.account.remove(policy)
    return {}


def describe_auto_snapshot_policy_ex(call: Call) -> Body:
    one = call.get("AutoSnapshotPolicyId")
    policies = call.listed_by("snapshotpolicy", [one]) if one is not None else call.candidates("snapshotpolicy")
    policies = call.filtered(call.matching_tags(policies), AutoSnapshotPolicyName="AutoSnapshotPolicyName")
    return by_number(call, policies, _shown, ("AutoSnapshotPolicies", "AutoSnapshotPolicy"), 100)


KEYS = ("AutoSnapshotPolicyName", "Status", "CreationTime", "ResourceGroupId", "AssociationType", "RetentionDays",
        "EnableCrossRegionCopy", "CopiedSnapshotsRetentionDays")  # fmt: skip
JSON_TEXTS = ("RepeatWeekdays", "TimePoints", "TargetCopyRegions")  # absent where there is none: "" is no JSON


def _shown(call: Call, policy: Thing) -> Body:
    encryption = policy.get("CopyEncryption", {})
    targets = [{"TagKey": t.get("Key", ""), "TagValue": t.get("Value", "")} for t in policy.get("TargetTags", [])]
    head = {key: policy[key] for key in KEYS} | {key: policy[key] for key in JSON_TEXTS if policy.get(key)}
    return head | {
        "AutoSnapshotPolicyId": policy.id,
        "RegionId": policy.region,
        "DiskNums": call.account.how_many("disk", "AutoSnapshotPolicyId", policy.id),
        "VolumeNums": 0,
        "Type": "Custom",
        "CopyEncryptionConfiguration": {
            "Encrypted": encryption.get("Encrypted", False),
            "KMSKeyId": encryption.get("KMSKeyId", ""),
        },
        "TargetTags": {"TargetTag": targets},
        "Tags": ecs_tags(policy),
    }


def apply_auto_snapshot_policy(call: Call) -> Body:
    """Where a disk has one policy, the new one silently takes its place; where it may have several, it is added."""
    policy, most = _required(call), call.settings.snapshot_policies_per_disk
    for disk in _disks(call):
        require_cloud_disk(disk)
        held = [one for one in policies_of(disk) if one != policy.id] if most > 1 else []
        if len(held) >= most:
            raise Refusal(403, TOO_MANY, f"The disk {disk.id} has {len(held)} policies.")
        _keep(call, disk, [*held, policy.id])
    return {}


def _keep(call: Call, disk: Thing, policies: list[str]) -> None:
    call.account.change(disk, AutoSnapshotPolicyId=policies or None)


def cancel_auto_snapshot_policy(call: Call) -> Body:
    """Of a disk with several policies the one that goes has to be named."""
    named = call.get("autoSnapshotPolicyId")
    for disk in _disks(call):
        held = policies_of(disk)
        if named is None and len(held) > 1:
            raise Refusal(403, TOO_MANY, f"The disk {disk.id} has several policies: name one.")
        _keep(call, disk, [one for one in held if named not in (None, one)])
    return {}


def _disks(call: Call) -> list[Thing]:
    return [call.require("disk", id_, NO_DISK, "diskIds") for id_ in call.ids("diskIds", 1000) or []]


def describe_auto_snapshot_policy_associations(call: Call) -> Body:
    wanted = call.get("AutoSnapshotPolicyId")
    rows = [
        {"DiskId": disk.id, "AutoSnapshotPolicyId": policy}
        for disk in newest_first(call.listed("disk"))
        for policy in policies_of(call.seen(disk))
        if call.get("DiskId") in (None, disk.id) and wanted in (None, policy)
    ]
    size, start = min(max(call.get("MaxResults", 10), 1), 100), read_token(call.get("NextToken")) or 0
    body: Body = {"AutoSnapshotPolicyAssociations": {"AutoSnapshotPolicyAssociation": rows[start : start + size]}}
    if start + size < len(rows):
        body["NextToken"] = write_token(start + size)
    return body


ECS = {
    "CreateAutoSnapshotPolicy": create_auto_snapshot_policy,
    "ModifyAutoSnapshotPolicyEx": modify_auto_snapshot_policy_ex,
    "DeleteAutoSnapshotPolicy": delete_auto_snapshot_policy,
    "DescribeAutoSnapshotPolicyEx": describe_auto_snapshot_policy_ex,
    "ApplyAutoSnapshotPolicy": apply_auto_snapshot_policy,
    "CancelAutoSnapshotPolicy": cancel_auto_snapshot_policy,
    "DescribeAutoSnapshotPolicyAssociations": describe_auto_snapshot_policy_associations,
}
TAGGABLE = {("ecs", "snapshotpolicy"): "snapshotpolicy"}
