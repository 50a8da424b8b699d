"""Public and own images, copies, imports, exports, shares and tasks through the official SDK."""

from __future__ import annotations

from typing import Any

import pytest

from .sdk import Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]
FAMILY = "acs:ubuntu_22_04_x64"


def images(sdk: Sdk, **filters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sdk.ecs("DescribeImages", **filters)["Images"]["Image"]
    return rows


def own(sdk: Sdk, image_id: str, **filters: Any) -> dict[str, Any]:
    (row,) = images(sdk, ImageId=image_id, **{"Status": "ALL", **filters})
    return row


def golden(sdk: Sdk, network: Network, **more: Any) -> str:
    (instance,) = network.run()
    made = sdk.ecs("CreateImage", InstanceId=instance, **{"ImageName": "golden", "Tag": TAGS, **more})["ImageId"]
    sdk.settle()
    return str(made)


def test_public_images(sdk: Sdk) -> None:
    rows = images(sdk, ImageOwnerAlias="system", OSType="linux", PageSize=100)
    assert {row["ImageOwnerAlias"] for row in rows} == {"system"}
    newest = sdk.ecs("DescribeImageFromFamily", ImageFamily=FAMILY)["Image"]
    members = images(sdk, ImageFamily=FAMILY)
    assert newest["ImageId"] == max(members, key=lambda row: str(row["CreationTime"]))["ImageId"]
    assert {row["Architecture"] for row in images(sdk, InstanceType="ecs.g8y.large", PageSize=100)} == {"arm64"}
    types = sdk.ecs("DescribeImageSupportInstanceTypes", ImageId=newest["ImageId"])["InstanceTypes"]["InstanceType"]
    assert "ecs.g7.large" in {row["InstanceTypeId"] for row in types}
    assert "ecs.g8y.large" not in {row["InstanceTypeId"] for row in types}


def test_an_image_of_an_instance_holds_its_disks(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(DataDisk=[{"Category": "cloud_essd", "Size": 40}])
    order = {"ImageName": "golden", "Description": "of web", "ImageFamily": "web", "ImageVersion": "2", "Tag": TAGS}
    made = sdk.ecs("CreateImage", InstanceId=instance, BootMode="UEFI", **order)["ImageId"]
    assert images(sdk, ImageId=made) == []
    row = own(sdk, made)
    assert (row["Status"], row["Progress"]) == ("Creating", "0%")
    sdk.settle()
    row = own(sdk, made, Status="Available")
    assert (row["ImageName"], row["Description"], row["ImageFamily"], row["Usage"]) == (
        "golden",
        "of web",
        "web",
        "none",
    )
    mapped = row["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert [(disk["Device"], disk["Type"], disk["Size"]) for disk in mapped] == [
        ("/dev/xvda", "system", "40"), ("/dev/xvdb", "data", "40"),
    ]  # fmt: skip
    assert sdk.ecs("DescribeImageFromFamily", ImageFamily="web")["Image"]["ImageId"] == made
    with pytest.raises(Refused, match="SnapshotCreatedImage"):
        sdk.ecs("DeleteSnapshot", SnapshotId=mapped[0]["SnapshotId"])
    assert [row["ImageId"] for row in images(sdk, SnapshotId=mapped[1]["SnapshotId"])] == [made]
    assert [row["ImageId"] for row in images(sdk, Tag=TAGS)] == [made]


def test_an_image_of_snapshots(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    (disk,) = sdk.ecs("DescribeDisks", InstanceId=instance)["Disks"]["Disk"]
    snapshot = sdk.ecs("CreateSnapshot", DiskId=disk["DiskId"])["SnapshotId"]
    with pytest.raises(Refused, match="NotReady"):
        sdk.ecs("CreateImage", SnapshotId=snapshot)
    sdk.settle()
    mapping = [{"SnapshotId": snapshot, "DiskType": "system", "Device": "/dev/xvda"}]
    made = sdk.ecs("CreateImage", DiskDeviceMapping=mapping, Platform="Ubuntu", Architecture="x86_64")["ImageId"]
    sdk.settle()
    assert own(sdk, made)["Platform"] == "Ubuntu"
    with pytest.raises(Refused, match="Conflict"):
        sdk.ecs("CreateImage", SnapshotId=snapshot, InstanceId=instance)


def test_an_image_is_changed_deprecated_and_deleted(sdk: Sdk, network: Network) -> None:
    made = golden(sdk, network)
    sdk.ecs("ModifyImageAttribute", ImageId=made, ImageName="gold", Description="of the web", ImageFamily="web",
            Features={"NvmeSupport": "unsupported"})  # fmt: skip
    row = own(sdk, made)
    assert (row["ImageName"], row["ImageFamily"], row["Features"]["NvmeSupport"]) == ("gold", "web", "unsupported")
    sdk.ecs("ModifyImageAttribute", ImageId=made, Status="Deprecated")
    assert images(sdk, ImageId=made) == []
    assert own(sdk, made, Status="Deprecated")["ImageId"] == made
    with pytest.raises(Refused, match="NotFound"):
        sdk.ecs("DescribeImageFromFamily", ImageFamily="web")
    sdk.ecs("ModifyImageAttribute", ImageId=made, Status="Available")
    network.run(ImageFamily=None, ImageId=made)
    with pytest.raises(Refused, match="ImageUsingByInstance"):
        sdk.ecs("DeleteImage", ImageId=made)
    sdk.ecs("DeleteImage", ImageId=made, Force=True)
    assert images(sdk, ImageOwnerAlias="self", Status="ALL") == []
    assert sdk.ecs("DescribeSnapshots")["TotalCount"] == 1


def test_a_copy_appears_in_the_other_region(sdk: Sdk, network: Network) -> None:
    made = golden(sdk, network)
    there = {"DestinationRegionId": "cn-beijing", "DestinationImageName": "copy", "Tag": TAGS}
    copy = sdk.ecs("CopyImage", ImageId=made, DestinationDescription="of golden", **there)["ImageId"]
    assert own(sdk, copy, RegionId="cn-beijing")["Status"] == "Creating"
    with pytest.raises(Refused, match="ImageCopying"):
        sdk.ecs("DeleteImage", ImageId=copy, RegionId="cn-beijing")
    sdk.settle()
    assert own(sdk, copy, RegionId="cn-beijing")["IsCopied"] is True
    again = sdk.ecs("CopyImage", ImageId=made, **{**there, "DestinationImageName": "again"})["ImageId"]
    sdk.ecs("CancelCopyImage", ImageId=again, RegionId="cn-beijing")
    assert len(images(sdk, RegionId="cn-beijing", ImageOwnerAlias="self", Status="ALL")) == 1


def test_shares_beyond_ten_are_left_out(sdk: Sdk, network: Network) -> None:
    made = golden(sdk, network)
    accounts = [f"10000000000000{number:02d}" for number in range(12)]
    sdk.ecs("ModifyImageSharePermission", ImageId=made, AddAccount=accounts)
    first = sdk.ecs("DescribeImageSharePermission", ImageId=made, PageSize=8)
    rest = sdk.ecs("DescribeImageSharePermission", ImageId=made, PageSize=8, PageNumber=2)
    shown = [row["AliyunId"] for body in (first, rest) for row in body["Accounts"]["Account"]]
    assert (first["TotalCount"], shown) == (10, accounts[:10])
    assert own(sdk, made)["IsSelfShared"] == "true"
    sdk.ecs("ModifyImageSharePermission", ImageId=made, RemoveAccount=accounts[:9])
    assert sdk.ecs("DescribeImageSharePermission", ImageId=made)["TotalCount"] == 1


def test_imports_and_exports_are_tasks(sdk: Sdk) -> None:
    disks = [{"OSSBucket": "images", "OSSObject": "disk.qcow2", "DiskImageSize": 20, "Format": "QCOW2"}]
    order = {"DiskDeviceMapping": disks, "OSType": "linux", "Platform": "Ubuntu", "Architecture": "x86_64"}
    made = sdk.ecs("ImportImage", ImageName="imported", Tag=TAGS, **order)
    (task,) = sdk.ecs("DescribeTasks", TaskAction="ImportImage", TaskStatus="Processing")["TaskSet"]["Task"]
    assert (task["TaskId"], task["ResourceId"], task["SupportCancel"]) == (made["TaskId"], made["ImageId"], "true")
    sdk.settle()
    row = own(sdk, made["ImageId"])
    assert (row["Status"], row["Size"], row["Platform"]) == ("Available", 20, "Ubuntu")
    exported = sdk.ecs("ExportImage", ImageId=made["ImageId"], OSSBucket="images", OSSPrefix="copy")["TaskId"]
    sdk.settle()
    done = sdk.ecs("DescribeTaskAttribute", TaskId=exported)
    assert (done["TaskStatus"], done["TaskProcess"], done["SuccessCount"]) == ("Finished", "100%", 1)
    cancelled = sdk.ecs("ImportImage", ImageName="other", **order)
    sdk.ecs("CancelTask", TaskId=cancelled["TaskId"])
    assert images(sdk, ImageId=cancelled["ImageId"], Status="ALL") == []
    assert sdk.ecs("DescribeTasks", TaskIds=cancelled["TaskId"])["TaskSet"]["Task"][0]["TaskStatus"] == "Failed"
    with pytest.raises(Refused, match="CannotCancel"):
        sdk.ecs("CancelTask", TaskId=exported)


def test_a_redeployment_is_a_task(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    task = sdk.ecs("RedeployInstance", InstanceId=instance)["TaskId"]
    sdk.settle()
    assert sdk.ecs("DescribeTaskAttribute", TaskId=task)["TaskStatus"] == "Finished"


def test_images_are_found_by_status_and_use(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    made = sdk.ecs("CreateImage", InstanceId=instance)["ImageId"]
    both = images(sdk, ImageOwnerAlias="self", Status="Creating,Available")
    assert [row["ImageId"] for row in both] == [made]
    assert images(sdk, ImageOwnerAlias="self", Status="ALL", Usable=True) == []
    sdk.settle()
    assert [row["ImageId"] for row in images(sdk, ImageOwnerAlias="self", Status="ALL", Usable=True)] == [made]
    assert images(sdk, Usage="instance")[0]["ImageFamily"] == FAMILY
    assert images(sdk, ImageOwnerAlias="marketplace") == images(sdk, ImageOwnerAlias="others") == []
    with pytest.raises(Refused, match="Status"):
        images(sdk, Status="ALL,Available")
