"""Reads what the cloud offers, every list to its end. Called by the engine with a source; filters are in pick.py."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from ecsplan.model.algebra import Raw
from ecsplan.model.call import Request
from ecsplan.model.catalog import DiskCategory, ImageRow, InstanceType, RegionRow, Row, Zone
from ecsplan.model.kind import Paging

ENGLISH = {"AcceptLanguage": "en-US"}
KBIT = 1_000_000  # InstanceBandwidthTx counts Kbit/s; people count Gbit/s


class CatalogSource(Protocol):
    """An Api that also reads whole lists."""

    def send(self, request: Request) -> Raw: ...

    def pages(self, request: Request, items: str, paging: Paging, size: int, item_id: str | None) -> Sequence[Raw]: ...


def regions(source: CatalogSource) -> list[RegionRow]:
    found = _items(source.send(Request("DescribeRegions", ENGLISH)), "Regions.Region")
    return [RegionRow(*_texts(raw, "RegionId", "LocalName", "Status", "RegionEndpoint")) for raw in found]


def zones(source: CatalogSource) -> list[Zone]:
    return [_zone(raw) for raw in _zones(source)]


def _zones(source: CatalogSource) -> Sequence[Raw]:
    return _items(source.send(Request("DescribeZones", {**ENGLISH, "Verbose": True})), "Zones.Zone")


def _zone(raw: Raw) -> Zone:
    types = _items(raw, "AvailableInstanceTypes.InstanceTypes")
    categories = tuple(sorted(map(str, _items(raw, "AvailableDiskCategories.DiskCategories"))))
    id_, name, kind = _texts(raw, "ZoneId", "LocalName", "ZoneType")
    return Zone(id_, name, kind, len(types), categories)


def instance_types(source: CatalogSource) -> list[InstanceType]:
    """With the zones in which each is in stock right now."""
    types = source.pages(
        Request("DescribeInstanceTypes"), "InstanceTypes.InstanceType", Paging.TOKEN, 1600, "InstanceTypeId"
    )
    families = _items(source.send(Request("DescribeInstanceTypeFamilies")), "InstanceTypeFamilies.InstanceTypeFamily")
    generations = {str(raw.get("InstanceTypeFamilyId")): str(raw.get("Generation") or "") for raw in families}
    stock = in_stock(source, DestinationResource="InstanceType")
    return [_instance_type(raw, generations, stock) for raw in types]


def _instance_type(raw: Raw, generations: Mapping[str, str], stock: Mapping[str, Sequence[Raw]]) -> InstanceType:
    id_, family, architecture = _texts(raw, "InstanceTypeId", "InstanceTypeFamily", "CpuArchitecture")
    amount = int(raw.get("GPUAmount") or 0)
    return InstanceType(
        id_,
        family,
        generations.get(family) or _generation(family),
        int(raw.get("CpuCoreCount") or 0),
        float(raw.get("MemorySize") or 0),
        round(int(raw.get("InstanceBandwidthTx") or 0) / KBIT, 1),
        architecture,
        f"{amount} × {raw.get('GPUSpec') or 'GPU'}" if amount else "",
        tuple(sorted(str(zone["ZoneId"]) for zone in stock.get(id_, ()))),
    )


def _generation(family: str) -> str:
    """The number in a family's name: `ecs.g7` is of the seventh."""
    number = re.search(r"\d+", family.removeprefix("ecs."))
    return number[0] if number else ""


def in_stock(source: CatalogSource, **asked: str) -> dict[str, list[Raw]]:
    """The zones in which each value can be had now, each row with its ZoneId."""
    found: dict[str, list[Raw]] = {}
    answer = source.send(Request("DescribeAvailableResource", asked))
    for zone in _items(answer, "AvailableZones.AvailableZone"):
        for resource in _items(zone, "AvailableResources.AvailableResource"):
            for row in _items(resource, "SupportedResources.SupportedResource"):
                if row.get("Status") == "Available" and row.get("StatusCategory") != "WithoutStock":
                    found.setdefault(str(row.get("Value")), []).append({**row, "ZoneId": zone.get("ZoneId")})
    return found


def images(source: CatalogSource) -> list[ImageRow]:
    """Public ones and the account's own."""
    found = source.pages(Request("DescribeImages"), "Images.Image", Paging.PAGE, 100, "ImageId")
    return [_image(raw) for raw in found]


def _image(raw: Raw) -> ImageRow:
    id_, family, name, platform, os_type = _texts(raw, "ImageId", "ImageFamily", "ImageName", "Platform", "OSType")
    architecture, owner, status, created = _texts(raw, "Architecture", "ImageOwnerAlias", "Status", "CreationTime")
    size = int(raw.get("Size") or 0)
    return ImageRow(id_, family, name, platform, os_type, architecture, size, owner, status, created)


def disk_categories(source: CatalogSource) -> list[DiskCategory]:
    """What is sold as data disk is in the stock; as system disk, in the zones' own lists."""
    as_data = in_stock(source, DestinationResource="DataDisk", ResourceType="disk")
    as_system = _system_categories(_zones(source))
    found = []
    for category in sorted({*as_data, *as_system}):
        zones = {str(row["ZoneId"]) for row in as_data.get(category, ())} | as_system.get(category, set())
        uses = [use for use, sold in (("system", as_system), ("data", as_data)) if category in sold]
        found.append(DiskCategory(category, tuple(uses), _sizes(as_data.get(category, ())), tuple(sorted(zones))))
    return found


def _system_categories(zones: Iterable[Raw]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for zone in zones:
        for resource in _items(zone, "AvailableResources.ResourcesInfo"):
            for category in _items(resource, "SystemDiskCategories.supportedSystemDiskCategory"):
                found.setdefault(str(category), set()).add(str(zone.get("ZoneId")))
    return found


def _sizes(rows: Sequence[Raw]) -> str:
    lows = [int(row["Min"]) for row in rows if row.get("Min") is not None]
    highs = [int(row["Max"]) for row in rows if row.get("Max") is not None]
    return f"{min(lows)}-{max(highs)}" if lows and highs else ""


def _items(raw: Any, path: str) -> Sequence[Any]:
    for key in path.split("."):
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw or ()


def _texts(raw: Raw, *names: str) -> list[str]:
    return [str(raw.get(name) or "") for name in names]


READERS: Mapping[str, Callable[[CatalogSource], Sequence[Row]]] = {
    "regions": regions,
    "zones": zones,
    "instance-types": instance_types,
    "images": images,
    "disk-categories": disk_categories,
}
