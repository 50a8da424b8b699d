"""Regions, zones, instance types, images, disk categories and quotas: real ids and numbers, read once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

ESSD_ONLY_FROM = 7
ENTRY_FAMILIES = frozenset(("ecs.u1", "ecs.e", "ecs.u2a", "ecs.u2i"))
ESSD = ("cloud_essd", "cloud_auto")


@cache
def _source() -> dict[str, list[dict[str, Any]]]:
    text = Path(__file__).with_name("data").joinpath("catalogue.json").read_text(encoding="utf-8")
    source: dict[str, list[dict[str, Any]]] = json.loads(text)
    return source


@cache
def regions() -> dict[str, dict[str, Any]]:
    return {region["id"]: region for region in _source()["regions"] if region.get("zones")}


def is_region(region: str) -> bool:
    return region in regions()


def zones(region: str) -> list[str]:
    return list(regions()[region]["zones"]) if region in regions() else []


@cache
def instance_types() -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in _source()["instance_types"]}


def instance_type(id_: str) -> dict[str, Any] | None:
    return instance_types().get(id_)


@cache
def images() -> dict[str, dict[str, Any]]:
    return {record["image_id"]: record for record in _source()["images"]}


@cache
def _quotas() -> dict[str, int]:
    return {record["key"]: record["value"] for record in _source()["quotas"]}


def quota(key: str) -> int | None:
    return _quotas().get(key)


@cache
def disk_categories() -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in _source()["disk_categories"]}


def disk_range(category: str, level: str, is_system: bool) -> tuple[int, int] | None:
    """Smallest and largest size in GiB, or None for a category that cannot be bought."""
    record = disk_categories().get(category)
    if record is None or record.get("status") == "retired" or record.get("fixed_by_instance_type"):
        return None
    if "performance_levels" in record:
        record = record["performance_levels"].get(level)
        if record is None:
            return None
    sizes = record.get("system_size_gib" if is_system else "data_size_gib")
    return (sizes[0], sizes[1]) if sizes else None


def disk_performance(category: str, level: str, size: int) -> tuple[int, int]:
    """IOPS and throughput of a size, by the published formulas."""
    record = disk_categories().get(category, {})
    if "performance_levels" in record:
        record = record["performance_levels"].get(level, {})
    return _formula(record.get("iops"), size), _formula(record.get("throughput_mbps"), size)


def _formula(terms: dict[str, float] | None, size: int) -> int:
    return int(min(terms["base"] + terms["per_gib"] * size, terms["max"])) if terms else 0


@cache
def categories_of(type_id: str) -> tuple[str, ...]:
    """Disk categories that an instance type takes. Which type takes which is our reading of the family names."""
    family = str((instance_types().get(type_id) or {}).get("family", ""))
    if family in ENTRY_FAMILIES:
        return ("cloud_essd_entry", *ESSD)
    digits = "".join(ch for ch in family.removeprefix("ecs.") if ch.isdigit())
    generation = int(digits[0]) if digits else 1
    gpu_or_old = family.removeprefix("ecs.")[:2] in ("gn", "vg", "sc", "eb")
    if generation >= ESSD_ONLY_FROM and not gpu_or_old:
        return ESSD
    if generation >= 5:
        return ("cloud_efficiency", "cloud_ssd", *ESSD)
    if generation <= 2:
        return ("cloud", "cloud_efficiency", "cloud_ssd", *ESSD)
    return ("cloud_efficiency", "cloud_ssd", *ESSD)


def image_in_family(family: str) -> dict[str, Any] | None:
    """The newest public image of a family."""
    members = [image for image in images().values() if image.get("image_family") == family]
    return max(members, key=lambda image: str(image.get("build_date", "")), default=None)
