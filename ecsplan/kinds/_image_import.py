"""An image that is made of files in OSS. Used by image.py. ECS 2014-05-26: ImportImage.

DescribeImages tells the bucket and the object of each disk afterwards, so that another source is seen.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecsplan.kinds import _asking
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw, Value, fields, members, of_fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Params, Wait
from ecsplan.model.composites import ListOf, Record
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, Integer, Text

SOURCE = "import_from"
WIRE = {"bucket": "OSSBucket", "object": "OSSObject", "format": "Format", "size": "DiskImageSize"}
TOLD = {"bucket": "ImportOSSBucket", "object": "ImportOSSObject"}
MOST = 17  # what is beyond is silently left out

FILE = Record(
    "a file with a disk",
    Attribute("bucket", None, Text(3, 63, "^[a-z0-9][a-z0-9-]+[a-z0-9]$", "the name of an OSS bucket, like my-images"),
              "The OSS bucket that it is in.", required=True),
    Attribute("object", None, Text(1, 1023), "Its name in the bucket, like images/web.qcow2.", required=True),
    Attribute("format", None, Choice("RAW", "VHD", "QCOW2", "VMDK"), "Its format; the service finds out if left out."),
    Attribute("size", None, Integer(1, 2048), "The size of the disk in GiB; at least that of the file."),
)  # fmt: skip


class Files(ListOf):
    """The first is the system disk. What the service tells of each is where it came from."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(FILE, 1, MOST)

    def encode(self, value: Value) -> list[Params]:
        return [{WIRE[name]: item for name, item in fields(file).items()} for file in members(value)]

    def decode(self, wire: Any) -> tuple[Value, ...]:
        rows = ({ours: disk.get(theirs) for ours, theirs in TOLD.items()} for disk in wire or ())
        return tuple(of_fields(row) for row in rows)

    def matches(self, desired: Value, live: Value) -> bool:
        return _origins(desired) == _origins(live)


def _origins(value: Value) -> list[tuple[Value, ...]]:
    return [tuple(fields(file).get(name) for name in TOLD) for file in members(value)]


def files(raw: Raw) -> list[Raw]:
    """None of an image that was made in another way."""
    found = (raw.get("DiskDeviceMappings") or {}).get("DiskDeviceMapping") or []
    return [disk for disk in found if disk.get("ImportOSSBucket")]


ATTRIBUTES = (
    Attribute(SOURCE, None, Files(), "Files in OSS that it is imported from, a disk each; the first is the system "
              "disk.", read_as=files, fixed="replace", at_birth=True,
              unsampled="an image has one source; test_image_import.py has this one"),
    Attribute("import_role", None, Text(1, 64), "The RAM role that lets the service read the bucket; "
              "AliyunECSImageImportDefaultRole if left out.", read_as=False, only_at_birth=True,
              unsampled="it only says how it is made; test_image_import.py imports"),
    Attribute("os_type", None, Choice("linux", "windows"), "What an imported image has on it; linux if left out.",
              read_as="OSType", fixed="replace", unsampled="it is of an import; test_image_import.py has one"),
)  # fmt: skip


def create(available: Wait, later: tuple[str, ...]) -> Create:
    """`later` is what no way of making an image takes; this one takes license and drivers, and no family."""
    at_once = ("nvme", "license_type")
    return Create(
        "ImportImage",
        id="ImageId",
        wire={
            SOURCE: "DiskDeviceMapping",
            "import_role": "RoleName",
            "os_type": "OSType",
            "nvme": "Features.NvmeSupport",
            "license_type": "LicenseType",
        },
        later=("family", *(name for name in later if name not in at_once)),
        asks=_asking.dry_run_of_create,
        wait=available,
        notes=notes,
        seconds=1800.0,
    )


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterator[Diagnostic]:
    """Checks of an import, and of the attributes that are for an import alone."""
    found = resource.attributes
    if SOURCE not in found:
        for name in ("import_role", "os_type"):
            if name in found and resource.adopt is None:
                yield _wrong(resource, name, f"{name} is for an image that is imported", f"remove {name}")
        return
    if "version" in found:
        yield _wrong(resource, "version", "an imported image has no version", "remove version")
    if found.get("boot_mode") == "UEFI-Preferred":
        yield _wrong(resource, "boot_mode", "an import boots by BIOS or UEFI", "write boot_mode: UEFI")
    if found.get("architecture") == "arm64" and found.get("boot_mode") != "UEFI":
        yield _wrong(resource, "architecture", "an imported image for arm64 boots by UEFI", "write boot_mode: UEFI")
    if found.get("license_type") and found.get("os_type") != "windows":
        yield _wrong(resource, "license_type", "license_type is for an image of Windows", "write os_type: windows")


def _wrong(resource: Resource, name: str, what: str, instead: str) -> Diagnostic:
    return Diagnostic(what, instead, resource.source_of(name), resource.address, rule=Rule.COMBINATION)


def notes(resource: Resource) -> Iterable[str]:
    if SOURCE in resource.attributes and "nvme" not in resource.attributes:
        yield "it counts as one without NVMe drivers, as the file does not say nvme: supported"
