"""A custom image. ECS 2014-05-26: CreateImage, CopyImage, ImportImage, DescribeImages, ModifyImageAttribute, …

What it is made from counts at its birth: another version is another image. What a table cannot say is in
_image_calls.py.
"""

from ecsplan.kinds import _asking, _costs
from ecsplan.kinds import _image_calls as calls
from ecsplan.kinds import _image_import as imported
from ecsplan.kinds._limits import rule, types_of
from ecsplan.kinds._shared import description, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.algebra import texts
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Wait
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusive, Exclusivity
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Folded, Terraform, named
from ecsplan.model.composites import Reference, SetOf
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Paging, Update
from ecsplan.model.regions import Region
from ecsplan.model.resource import Resource
from ecsplan.model.values import Boolean, Choice, Integer, Text

of = types_of("image")

# The default shows only Available ones: one that is still being made, or failed, would look absent.
STATUSES = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"
# Usable and Available come in no fixed order; not every answer has the first.
AVAILABLE = Wait((("Status", ("Available",)), ("Usable", (True, None))), failed=("CreateFailed", "UnAvailable"))
LATER = ("shared_with", "nvme", "license_type", "deprecated")
COPY = Create(
    "CopyImage",
    id="ImageId",
    wire={
        "name": "DestinationImageName",
        "description": "DestinationDescription",
        "copy_from.image": "ImageId",
        "copy_from.encrypted": "Encrypted",
        "copy_from.kms_key": "KMSKeyId",
    },
    later=("family", "boot_mode", "imds_support", *LATER),
    elsewhere=lambda resource: next(texts(resource.attributes.get("copy_from.region")), None),
    here="DestinationRegionId",
    asks=_asking.dry_run_of_create,
    wait=AVAILABLE,
    seconds=600.0,
)

ELSEWHERE = (
    Terraform(
        "alicloud_image",
        named(
            image_name="name", image_family="family", image_version="version", boot_mode="boot_mode?",
            architecture="architecture", platform="platform?", force="force_delete bool",
            delete_auto_snapshot="delete_snapshots bool",
        ) + COMMON,
        also=("alicloud_image_copy",),
        theirs_alone={"license_type": "", "detection_strategy": ""},
        renamed={"name": "image_name"},
        plan_names={"instance": "instance_id", "snapshot": "snapshot_id", "disks": "disk_device_mapping"},
        no_place=(
            "copy_from.image", "copy_from.region", "copy_from.encrypted", "copy_from.kms_key", "nvme", "deprecated",
            "shared_with",
        ),
        not_written=("force_delete", "delete_snapshots"),
        written=frozenset({"architecture", "boot_mode"}),
        ignored=("force",),
        folded=(
            Folded("alicloud_image_share_permission", ("shared_with",), "image_id", 0),
        ),
    ),
    Ros(
        "ALIYUN::ECS::CustomImage", "ImageId",
        {"image_name": "ImageName", "image_family": "ImageFamily", "image_version": "ImageVersion",
         "architecture": "Architecture", "platform": "Platform", "description": "Description", "tags": "Tag",
         "resource_group_id": "ResourceGroupId"},
    ),
)  # fmt: skip

IMPORT = imported.create(AVAILABLE, LATER)


def way(resource: Resource) -> Create | None:
    """Each source has its own call; None for an instance or snapshots."""
    found = resource.attributes
    return COPY if "copy_from.image" in found else IMPORT if imported.SOURCE in found else None


KIND = Kind(
    name="image",
    summary="A custom image, from an instance, from snapshots, from files in OSS, or copied from another region.",
    attributes=(
        Attribute("name", "ImageName", of("name"),
                  "The name, unique among the account's images; STACK-NAME if left out.",
                  samples=("conformance-one", "conformance-two")),
        Attribute("instance", "InstanceId", Reference("instance", prefixes=("i-",)),
                  "The instance that it is made from, with all its disks.", read_as=False, fixed="replace",
                  at_birth=True, samples=("web", "other")),
        Attribute("snapshot", "SnapshotId", Reference("snapshot", prefixes=("s-",)),
                  "The snapshot of a system disk that it is made from.", read_as=calls.only_snapshot, fixed="replace",
                  at_birth=True),
        Attribute("disks", "DiskDeviceMapping", calls.Mappings(),
                  "The disks that it is made of, each from a snapshot or empty.", read_as=False, fixed="replace",
                  at_birth=True),
        Attribute("copy_from.image", None, Text(3, 128, r"^m-", "the id of an image, like m-bp67acfmxazb4p****"),
                  "The image of another region that it is a copy of.", read_as=False, fixed="replace", at_birth=True),
        Attribute("copy_from.region", None, Region(), "The region that the copy comes from.", read_as=False,
                  fixed="replace", at_birth=True),
        Attribute("copy_from.encrypted", None, Boolean(), "Whether the copy is encrypted.", read_as=False,
                  fixed="replace", at_birth=True),
        Attribute("copy_from.kms_key", None, Text(1, 64), "The key that encrypts the copy.", read_as=False,
                  fixed="replace", at_birth=True),
        *imported.ATTRIBUTES,
        Attribute("family", "ImageFamily", of("family"), "The family; {family: NAME} means its newest image.",
                  samples=("family-one", "family-two")),
        Attribute("version", "ImageVersion", of("version"), "The version: another one makes a new image.",
                  fixed="replace", samples=("1", "2")),
        description("image"),
        Attribute("boot_mode", "BootMode", Choice("BIOS", "UEFI", "UEFI-Preferred"), "How instances boot from it.",
                  samples=("BIOS", "UEFI")),
        Attribute("architecture", "Architecture", Choice("i386", "x86_64", "arm64"), "The processor it is for.",
                  fixed="replace", samples=("x86_64", "i386")),
        Attribute("platform", "Platform", Text(2, 64), "The distribution, for an image from snapshots, like Ubuntu.",
                  fixed="replace"),
        Attribute("nvme", None, Choice("supported", "unsupported"), "Whether it has a driver for NVMe disks.",
                  read_as="Features.NvmeSupport", samples=("supported", "unsupported")),
        Attribute("imds_support", "Features.ImdsSupport", Choice("v1", "v2"), "v2: machines made of it can insist on "
                  "session tokens for metadata. It never goes back to v1.", fixed="refuse", samples=("v1", "v2")),
        Attribute("license_type", None, Choice("BYOL"), "BYOL: machines made of it use your own license; "
                  "of imported images of Windows.", read_as="LicenseType", fixed="refuse",
                  unsampled="there is one value, and no way back; test_image.py writes it"),
        Attribute("deprecated", None, Boolean("Deprecated", "Available"),
                  "Whether it is deprecated: families skip it.", read_as=calls.deprecation,
                  samples=(False, True)),
        Attribute("shared_with", None,
                  SetOf(Text(6, 32, r"^[0-9]+$", "an account id, in quotes"), maximum=rule("image.shared_with").high),
                  "The accounts that may use it. Exclusive: what is not listed is removed.", read_as=calls.accounts,
                  samples=(["1111222233334444"], ["1111222233334444", "5555666677778888"])),
        Attribute("delete_snapshots", None, Boolean(),
                  "Whether the snapshots that the service made for it go with it; they are billed else.", read_as=False,
                  samples=(False, True)),
        Attribute("force_delete", None, Boolean(),
                  "Whether it may be deleted while instances use it, which then cannot be re-initialised.",
                  read_as=False, samples=(False, True)),
        resource_group(),
        tags("image"),
        Attribute("size", None, Integer(), "The size of its system disk in GiB.", computed=True, read_as="Size"),
        Attribute("os", None, Text(), "The operating system's name.", computed=True, read_as="OSNameEn"),
        Attribute("snapshots", None, SetOf(Text()), "The ids of its snapshots.", computed=True,
                  read_as=calls.snapshot_ids),
    ),
    listing=Listing(
        "DescribeImages",
        items="Images.Image",
        id="ImageId",
        name="ImageName",
        paging=Paging.PAGE,
        page_size=100,
        params={"Status": STATUSES, "ImageOwnerAlias": "self"},
        ids=Ids("ImageId", "comma", 100),
        dry_run=True,
        details=(
            Detail("@snapshots", "DescribeSnapshots", "Snapshots.Snapshot", key="SnapshotId", on=calls.snapshot_ids),
            Detail("@shares", "DescribeImageSharePermission", "Accounts.Account", paging=Paging.PAGE, page_size=100,
                   ids=Ids("ImageId", "single", 1), attributes=("shared_with",), for_deletion=True),
        ),
    ),
    create=Create("CreateImage", id="ImageId", later=LATER, wait=AVAILABLE, notes=calls.notes, seconds=180.0,
                  asks=_asking.dry_run_of_create,
                  instead=way),
    updates=(
        Update("ModifyImageAttribute", ("name", "description", "family", "boot_mode", "nvme"),
               wire={"nvme": "Features.NvmeSupport"}),
        Update("ModifyImageAttribute", ("imds_support",), only_if=lambda before, after: after == "v2",
               otherwise="the service never takes v2 back: make another image"),
        Update("ModifyImageAttribute", ("license_type",), wire={"license_type": "LicenseType"}),
        Update("ModifyImageAttribute", ("deprecated",), wire={"deprecated": "Status"}),
        Update("ModifyImageSharePermission", ("shared_with",), build=calls.share),
        Update(None, ("delete_snapshots", "force_delete"), build=lambda change: (), note="counts when it is deleted"),
        resource_group_update("image"),
        tags_update(),
    ),
    delete=Delete("DeleteImage", extra=calls.force, around=calls.with_snapshots, impacts=(Impact.DATA_LOSS,),
                  gives_up=calls.gives_up),
    id_param="ImageId",
    id_prefixes=("m-",),
    can=(
        Tagged("image"),
        Rights("ecs:image", made_by=("CopyImage", "ImportImage"), makes=("ecs:snapshot",)),
        Checks((calls.has_one_source, calls.fits_its_source, imported.checks)),
        Exclusivity((Exclusive("name"),)),
        Priced(costs=_costs.by_use("the image: by use, per GiB of its snapshots")),
        Exporting(rank=8, beyond={"community": "IsPublic"}, defaults={"os_type": "linux"},
                  noise={"os_type": lambda value, values: not values.get(imported.SOURCE)}),
        *ELSEWHERE,
    ),
    example={"instance": "web", "family": "shop", "version": "1", "delete_snapshots": True},
    docs="https://help.aliyun.com/document_detail/25534.html",
)  # fmt: skip
