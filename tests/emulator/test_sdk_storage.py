"""Disks, snapshots, their groups, chains and policies through the official SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .sdk import ZONE, Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]
DAY = 86400.0


def make_disk(sdk: Sdk, **more: Any) -> str:
    order = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 40, "DiskName": "data", "Tag": TAGS, **more}
    made = sdk.ecs("CreateDisk", **order)["DiskId"]
    sdk.settle()
    return str(made)


def used_disk(sdk: Sdk, **more: Any) -> str:
    """As one is that a machine has had: only of such a disk can a snapshot be made."""
    made = make_disk(sdk, **more)
    account = sdk.server.service.account
    thing = account.get("disk", made)
    assert thing is not None
    account.change(thing, DetachedTime="2026-11-01T00:00:00Z")
    return made


def disk_of(sdk: Sdk, disk_id: str) -> dict[str, Any]:
    (row,) = sdk.ecs("DescribeDisks", DiskIds=json.dumps([disk_id]))["Disks"]["Disk"]
    return dict(row)


def make_snapshot(sdk: Sdk, disk_id: str, **more: Any) -> str:
    made = sdk.ecs("CreateSnapshot", DiskId=disk_id, **{"SnapshotName": "before", "Tag": TAGS, **more})["SnapshotId"]
    sdk.settle()
    return str(made)


def snapshot_of(sdk: Sdk, snapshot_id: str, **more: Any) -> dict[str, Any]:
    (row,) = sdk.ecs("DescribeSnapshots", SnapshotIds=json.dumps([snapshot_id]), **more)["Snapshots"]["Snapshot"]
    return dict(row)


def test_a_disk_from_order_to_release(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    disk = make_disk(sdk, Description="of web", PerformanceLevel="PL1")
    sdk.ecs("AttachDisk", InstanceId=instance, DiskId=disk)
    assert disk_of(sdk, disk)["Status"] == "Attaching"
    sdk.settle()
    row = disk_of(sdk, disk)
    assert (row["Status"], row["InstanceId"], row["Device"]) == ("In_use", instance, "/dev/xvdb")
    assert row["Attachments"]["Attachment"][0]["InstanceId"] == instance
    sdk.ecs("ResizeDisk", DiskId=disk, NewSize=600, Type="online")
    sdk.ecs("ModifyDiskSpec", DiskId=disk, PerformanceLevel="PL2")
    sdk.ecs("ModifyDiskAttribute", DiskId=disk, DiskName="logs", DeleteWithInstance=True)
    row = disk_of(sdk, disk)
    assert (row["Size"], row["PerformanceLevel"], row["DiskName"], row["DeleteWithInstance"]) == (600, "PL2", "logs", 1)
    with pytest.raises(Refused, match="IncorrectDiskStatus"):
        sdk.ecs("DeleteDisk", DiskId=disk)
    sdk.ecs("DetachDisk", InstanceId=instance, DiskId=disk)
    sdk.settle()
    sdk.ecs("DeleteDisk", DiskId=disk)
    assert sdk.ecs("DescribeDisks", DiskIds=json.dumps([disk]))["TotalCount"] == 0


def test_disks_come_page_by_page_and_by_filter(sdk: Sdk) -> None:
    ids = {make_disk(sdk, DiskCategory="cloud_auto", BurstingEnabled=True, ProvisionedIops=1000) for _ in range(12)}
    first = sdk.ecs("DescribeDisks", MaxResults=10)
    rest = sdk.ecs("DescribeDisks", MaxResults=10, NextToken=first["NextToken"])
    rows = first["Disks"]["Disk"] + rest["Disks"]["Disk"]
    assert {row["DiskId"] for row in rows} == ids
    assert (rows[0]["BurstingEnabled"], rows[0]["ProvisionedIops"]) == (True, 1000)
    assert "NextToken" not in rest
    assert sdk.ecs("DescribeDisks", Tag=TAGS, Category="cloud_auto")["TotalCount"] == 12


def test_a_subscription_disk_comes_with_an_order(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(InstanceChargeType="PrePaid", Period=1, PeriodUnit="Month")
    made = sdk.ecs("CreateDisk", InstanceId=instance, DiskCategory="cloud_essd", Size=40)
    sdk.settle()
    named = {"DiskId": made["DiskId"]}
    orders = {made["OrderId"], sdk.ecs("ResizeDisk", **named, NewSize=500, Type="online")["OrderId"]}
    orders.add(sdk.ecs("ModifyDiskSpec", **named, PerformanceLevel="PL2")["OrderId"])
    assert (len(orders), disk_of(sdk, made["DiskId"])["DiskChargeType"]) == (3, "PrePaid")


def test_a_snapshot_is_made_changed_and_used(sdk: Sdk) -> None:
    disk = used_disk(sdk)
    made = sdk.ecs("CreateSnapshot", DiskId=disk, SnapshotName="before", Description="the change", Tag=TAGS)[
        "SnapshotId"
    ]
    assert snapshot_of(sdk, made)["Status"] == "progressing"
    with pytest.raises(Refused, match=r"IncorrectDiskStatus\.CreatingSnapshot"):
        sdk.ecs("CreateSnapshot", DiskId=disk)
    sdk.settle()
    sdk.ecs("ModifySnapshotAttribute", SnapshotId=made, SnapshotName="kept", RetentionDays=30)
    row = snapshot_of(sdk, made)
    assert (row["SnapshotName"], row["RetentionDays"], row["Progress"]) == ("kept", 30, "100%")
    make_disk(sdk, SnapshotId=made)
    assert snapshot_of(sdk, made)["Usage"] == "disk"
    with pytest.raises(Refused, match="SnapshotCreatedDisk"):
        sdk.ecs("DeleteSnapshot", SnapshotId=made)
    usage = sdk.ecs("DescribeSnapshotsUsage")
    assert (usage["SnapshotCount"], usage["SnapshotSize"]) == (1, 40 * 2**30)
    sdk.ecs("DeleteSnapshot", SnapshotId=made, Force=True)
    assert sdk.ecs("DescribeSnapshots")["TotalCount"] == 0


def test_a_snapshot_goes_when_its_days_are_over(sdk: Sdk) -> None:
    made = make_snapshot(sdk, used_disk(sdk), RetentionDays=2)
    sdk.settle(DAY)
    assert snapshot_of(sdk, made)["SnapshotId"] == made
    sdk.settle(DAY)
    assert sdk.ecs("DescribeSnapshots")["TotalCount"] == 0


def test_snapshots_are_filtered_and_paged(sdk: Sdk) -> None:
    disks = [used_disk(sdk) for _ in range(2)]
    ids = [make_snapshot(sdk, disk) for disk in disks for _ in range(6)]
    first = sdk.ecs("DescribeSnapshots", MaxResults=10)
    rest = sdk.ecs("DescribeSnapshots", MaxResults=10, NextToken=first["NextToken"])
    rows = first["Snapshots"]["Snapshot"] + rest["Snapshots"]["Snapshot"]
    assert [row["SnapshotId"] for row in rows] == ids[::-1]
    assert sdk.ecs("DescribeSnapshots", DiskId=disks[0], Status="accomplished")["TotalCount"] == 6
    chain = rows[0]["SnapshotLinkId"]
    assert sdk.ecs("DescribeSnapshots", SnapshotLinkId=json.dumps([chain]))["TotalCount"] == 6
    assert sdk.ecs("DescribeSnapshots", SnapshotIds="[]")["TotalCount"] == 0


def test_chains_sum_up_a_disk(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(InstanceName="web")
    (system,) = sdk.ecs("DescribeDisks", InstanceId=instance)["Disks"]["Disk"]
    for _ in range(2):
        make_snapshot(sdk, system["DiskId"])
    make_snapshot(sdk, used_disk(sdk))
    (row,) = sdk.ecs("DescribeSnapshotLinks", InstanceId=instance)["SnapshotLinks"]["SnapshotLink"]
    assert (row["SourceDiskId"], row["TotalCount"], row["InstanceName"]) == (system["DiskId"], 2, "web")
    assert row["TotalSize"] == 2 * system["Size"] * 2**30
    by_id = sdk.ecs("DescribeSnapshotLinks", SnapshotLinkIds=json.dumps([row["SnapshotLinkId"]]))
    assert by_id["TotalCount"] == 1
    assert sdk.ecs("DescribeSnapshotLinks", DiskIds="[]")["TotalCount"] == 0
    assert sdk.ecs("DescribeSnapshotLinks")["TotalCount"] == 2


def test_chains_come_page_by_page(sdk: Sdk) -> None:
    for _ in range(11):
        make_snapshot(sdk, used_disk(sdk))
    first = sdk.ecs("DescribeSnapshotLinks", MaxResults=10)
    rest = sdk.ecs("DescribeSnapshotLinks", MaxResults=10, NextToken=first["NextToken"])
    assert len(rest["SnapshotLinks"]["SnapshotLink"]) == 1


def test_a_copy_lives_in_another_region(sdk: Sdk) -> None:
    disk = used_disk(sdk)
    source = make_snapshot(sdk, disk)
    there = {"DestinationRegionId": "cn-beijing", "DestinationSnapshotName": "copy", "Tag": TAGS}
    made = sdk.ecs("CopySnapshot", SnapshotId=source, DestinationSnapshotDescription="of before", **there)["SnapshotId"]
    assert snapshot_of(sdk, made, RegionId="cn-beijing")["Status"] == "progressing"
    sdk.settle()
    row = snapshot_of(sdk, made, RegionId="cn-beijing")
    assert (row["Status"], row["SnapshotName"], row["RegionId"]) == ("accomplished", "copy", "cn-beijing")
    assert (row["SourceSnapshotId"], row["SourceRegionId"]) == (source, "cn-hangzhou")
    assert sdk.ecs("DescribeSnapshots", SnapshotIds=json.dumps([made]))["TotalCount"] == 0
    with pytest.raises(Refused, match="SameRegion"):
        sdk.ecs("CopySnapshot", SnapshotId=source, DestinationSnapshotDescription="copy",
                **{**there, "DestinationRegionId": "cn-hangzhou"})  # fmt: skip


def test_only_old_snapshots_are_archived(sdk: Sdk) -> None:
    made = make_snapshot(sdk, used_disk(sdk))
    with pytest.raises(Refused, match="KeptTooShort"):
        sdk.ecs("ModifySnapshotCategory", SnapshotId=made, Category="Archive")
    sdk.settle(14 * DAY)
    task = sdk.ecs("ModifySnapshotCategory", SnapshotId=made, Category="Archive", RetentionDays=60)["TaskId"]
    assert sdk.ecs("DescribeTaskAttribute", TaskId=task)["TaskStatus"] == "Processing"
    assert snapshot_of(sdk, made)["Category"] == "archive"
    with pytest.raises(Refused, match="NotStandard"):
        sdk.ecs("ModifySnapshotCategory", SnapshotId=made, Category="Archive")


def test_a_group_holds_every_disk_of_an_instance(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(DataDisk=[{"Category": "cloud_essd", "Size": 40}])
    made = sdk.ecs("CreateSnapshotGroup", InstanceId=instance, Name="night", Description="of web", Tag=TAGS)[
        "SnapshotGroupId"
    ]
    sdk.settle()
    sdk.ecs("ModifySnapshotGroup", SnapshotGroupId=made, Name="day", Description="of the web")
    (row,) = sdk.ecs("DescribeSnapshotGroups", SnapshotGroupId=[made])["SnapshotGroups"]["SnapshotGroup"]
    assert (row["Name"], row["Status"], len(row["Snapshots"]["Snapshot"])) == ("day", "accomplished", 2)
    assert sdk.ecs("DescribeSnapshots", Tag=TAGS)["TotalCount"] == 0, "CreateSnapshotGroup: Tag.N is that of the group"
    assert sdk.ecs("DescribeSnapshots")["TotalCount"] == 2
    gone = sdk.ecs("DeleteSnapshotGroup", SnapshotGroupId=made)["OperationProgressSet"]["OperationProgress"]
    assert [progress["OperationStatus"] for progress in gone] == ["Success", "Success"]
    assert sdk.ecs("DescribeSnapshotGroups")["SnapshotGroups"] == {"SnapshotGroup": []}


def test_groups_come_page_by_page(sdk: Sdk) -> None:
    disk = used_disk(sdk)
    for _ in range(11):
        sdk.ecs("CreateSnapshotGroup", DiskId=[disk])
        sdk.settle()
    first = sdk.ecs("DescribeSnapshotGroups", MaxResults=10)
    rest = sdk.ecs("DescribeSnapshotGroups", MaxResults=10, NextToken=first["NextToken"])
    assert len(rest["SnapshotGroups"]["SnapshotGroup"]) == 1


def test_disks_go_back_to_snapshots(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    (system,) = (row["DiskId"] for row in sdk.ecs("DescribeDisks", InstanceId=instance)["Disks"]["Disk"])
    made = make_snapshot(sdk, system)
    with pytest.raises(Refused, match="IncorrectInstanceStatus"):
        sdk.ecs("ResetDisk", DiskId=system, SnapshotId=made)
    sdk.ecs("StopInstance", InstanceId=instance)
    sdk.settle()
    sdk.ecs("ResetDisk", DiskId=system, SnapshotId=made)
    assert disk_of(sdk, system)["Status"] == "ReIniting"
    with pytest.raises(Refused, match="IncorrectDiskStatus"):
        sdk.ecs("StartInstance", InstanceId=instance)
    sdk.settle()
    done = sdk.ecs("ResetDisks", Disk=[{"DiskId": system, "SnapshotId": made}])
    assert done["OperationProgressSet"]["OperationProgress"][0]["OperationStatus"] == "Success"
    sdk.settle()
    sdk.ecs("ReInitDisk", DiskId=system, AutoStartInstance=True)
    assert disk_of(sdk, system)["Status"] == "ReIniting"
    sdk.settle()
    assert disk_of(sdk, system)["Status"] == "In_use"


def test_another_image_takes_another_system_disk(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    (old,) = sdk.ecs("DescribeDisks", InstanceId=instance)["Disks"]["Disk"]
    sdk.ecs("StopInstance", InstanceId=instance)
    sdk.settle()
    image = sdk.ecs("DescribeImageFromFamily", ImageFamily="acs:centos_7_9_x64")["Image"]["ImageId"]
    made = sdk.ecs("ReplaceSystemDisk", InstanceId=instance, ImageId=image, SystemDisk={"Size": 60})["DiskId"]
    sdk.settle()
    assert made != old["DiskId"]
    row = disk_of(sdk, made)
    assert (row["Size"], row["ImageId"], row["Tags"]) == (60, image, old["Tags"])


def test_policies_apply_to_disks(sdk: Sdk) -> None:
    order = {"autoSnapshotPolicyName": "nightly", "timePoints": '["1","13"]', "repeatWeekdays": '["1","5"]',
             "retentionDays": 30, "Tag": TAGS}  # fmt: skip
    made = sdk.ecs("CreateAutoSnapshotPolicy", regionId="cn-hangzhou", **order)["AutoSnapshotPolicyId"]
    target = {"regionId": "cn-hangzhou", "autoSnapshotPolicyId": made}
    disks = [make_disk(sdk) for _ in range(12)]
    sdk.ecs("ApplyAutoSnapshotPolicy", diskIds=json.dumps(disks), **target)
    rows = sdk.ecs("DescribeAutoSnapshotPolicyAssociations", AutoSnapshotPolicyId=made)
    rest = sdk.ecs("DescribeAutoSnapshotPolicyAssociations", AutoSnapshotPolicyId=made, NextToken=rows["NextToken"])
    pairs = [body["AutoSnapshotPolicyAssociations"]["AutoSnapshotPolicyAssociation"] for body in (rows, rest)]
    assert sorted(pair["DiskId"] for page in pairs for pair in page) == sorted(disks)
    assert sdk.ecs("DescribeDisks", AutoSnapshotPolicyId=made)["TotalCount"] == 12
    sdk.ecs("CancelAutoSnapshotPolicy", regionId="cn-hangzhou", diskIds=json.dumps(disks[1:]))
    copy = {"EnableCrossRegionCopy": True, "TargetCopyRegions": '["cn-beijing"]', "CopiedSnapshotsRetentionDays": 7}
    sdk.ecs("ModifyAutoSnapshotPolicyEx", **target, retentionDays=-1, TargetTags=TAGS, **copy)
    (row,) = sdk.ecs("DescribeAutoSnapshotPolicyEx", Tag=TAGS)["AutoSnapshotPolicies"]["AutoSnapshotPolicy"]
    assert (row["AutoSnapshotPolicyName"], row["RetentionDays"], row["DiskNums"]) == ("nightly", -1, 1)
    assert (row["TimePoints"], row["TargetCopyRegions"]) == ('["1","13"]', '["cn-beijing"]')
    sdk.ecs("DeleteAutoSnapshotPolicy", **target)
    assert disk_of(sdk, disks[0])["AutoSnapshotPolicyId"] == ""


def test_a_region_encrypts_every_new_disk(sdk: Sdk) -> None:
    sdk.ecs("EnableDiskEncryptionByDefault")
    sdk.ecs("ModifyDiskDefaultKMSKeyId", KMSKeyId="key-of-ours")
    assert sdk.ecs("DescribeDiskEncryptionByDefaultStatus")["Encrypted"] is True
    assert sdk.ecs("DescribeDiskDefaultKMSKeyId")["KMSKeyId"] == "key-of-ours"
    row = disk_of(sdk, make_disk(sdk, Encrypted=False))
    assert (row["Encrypted"], row["KMSKeyId"]) == (True, "key-of-ours")
    sdk.ecs("ResetDiskDefaultKMSKeyId")
    sdk.ecs("DisableDiskEncryptionByDefault")
    assert disk_of(sdk, make_disk(sdk))["Encrypted"] is False
