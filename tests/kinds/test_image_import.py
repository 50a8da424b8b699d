"""Images that are made of files in OSS."""

import pytest

from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.engine.accounts import assert_brought_in, disown, export
from tests.kinds.cloud import Cloud, changes, stack_of, step, the_change

FILES = "import_from: [{bucket: images, object: web.qcow2, format: QCOW2, size: 20}, {bucket: images, object: d.raw}]"


def of_files(more: str = "", files: str = FILES) -> str:
    return stack_of(f"image:\n  golden: {{{files}{more}}}")


def test_it_is_made_of_a_file_for_each_disk(cloud: Cloud) -> None:
    text = of_files(
        ", os_type: windows, license_type: BYOL, architecture: x86_64, platform: Windows Server 2022, boot_mode: UEFI, "
        "nvme: supported, imds_support: v2, import_role: ImportRole, family: shop, tags: {team: web}"
    )
    plan = cloud.plan(text)
    (call,) = step(plan, "ImportImage").calls
    assert call.params["DiskDeviceMapping"] == [
        {"Format": "QCOW2", "OSSBucket": "images", "OSSObject": "web.qcow2", "DiskImageSize": 20},
        {"OSSBucket": "images", "OSSObject": "d.raw"},
    ]
    assert (call.params["RoleName"], call.params["OSType"]) == ("ImportRole", "windows")
    cloud.settled(text)
    (made,) = cloud.things("image")
    assert (made["LicenseType"], made["ImdsSupport"], made["NvmeSupport"]) == ("BYOL", "v2", "supported")
    assert (made["ImageFamily"], made["Size"]) == ("shop", 20)
    cloud.destroy(text)


def test_another_file_is_another_image(cloud: Cloud) -> None:
    cloud.settled(of_files())
    cloud.assert_settled(of_files(files=FILES.replace("format: QCOW2, ", "")), records=True)
    change = the_change(cloud.plan(of_files(files=FILES.replace("web.qcow2", "web-2.qcow2"))))
    assert (change.action, change.attributes[0].name) == (Action.REPLACE, "import_from")


def test_the_plan_says_that_an_import_has_no_drivers_unless_it_is_said(cloud: Cloud) -> None:
    assert "without NVMe drivers" in changes(cloud.plan(of_files()))["image.golden"].notes[0]
    assert not changes(cloud.plan(of_files(", nvme: supported")))["image.golden"].notes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (of_files(", version: '1'"), "has no version"),
        (of_files(", architecture: arm64"), "boots by UEFI"),
        (of_files(", boot_mode: UEFI-Preferred"), "boots by BIOS or UEFI"),
        (of_files(", license_type: BYOL"), "is for an image of Windows"),
        (of_files(", instance: i-1"), "is made from instance and import_from"),
        (of_files(files="instance: i-1, os_type: linux"), "os_type is for an image that is imported"),
        (of_files(files="import_from: [{bucket: images}]"), "object"),
    ],
)
def test_what_does_not_go_with_it(cloud: Cloud, text: str, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        cloud.load(text)


def test_it_is_brought_in_with_its_source(cloud: Cloud) -> None:
    cloud.settled(of_files(", os_type: windows"))
    disown(cloud)
    made = export(cloud)
    assert "object: web.qcow2" in made.text and "os_type: windows" in made.text and made.left_out == ()
    assert_brought_in(cloud, made)
