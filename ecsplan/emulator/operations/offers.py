"""Offers: resources on sale, and the types that a machine can change to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._disks import disks_of
from ecsplan.emulator.operations.instances import require_instance
from ecsplan.emulator.wire import Refusal, missing

RESOURCES = ("Zone", "IoOptimized", "InstanceType", "Network", "ddh", "SystemDisk", "DataDisk")


def describe_available_resource(call: Call) -> Body:
    wanted = call.choice("DestinationResource", *RESOURCES)
    if wanted == "SystemDisk" and call.get("InstanceType") is None and call.get("ResourceType") != "disk":
        raise missing("InstanceType")
    zones = [call.zone()] if call.get("ZoneId") else catalogue.zones(call.region)
    return {"AvailableZones": {"AvailableZone": [_zone(call, str(zone), wanted) for zone in zones]}}


def _zone(call: Call, zone: str, wanted: str) -> Body:
    rows = list(_supported(call, zone, wanted))
    has = any(row["Status"] == "Available" for row in rows)
    resource = {"Type": wanted, "SupportedResources": {"SupportedResource": rows}}
    return {
        "RegionId": call.region,
        "ZoneId": zone,
        "Status": "Available" if has else "SoldOut",
        "StatusCategory": "WithStock" if has else "WithoutStock",
        "AvailableResources": {"AvailableResource": [resource]},
    }


def _supported(call: Call, zone: str, wanted: str) -> Iterable[Body]:
    if wanted == "InstanceType":
        for record in _types(call):
            yield _row(record["id"], _stock(call, record["id"], zone))
    elif wanted in ("SystemDisk", "DataDisk"):
        type_id = call.get("InstanceType")
        categories = catalogue.categories_of(type_id) if type_id else tuple(catalogue.disk_categories())
        for category in categories:
            bounds = catalogue.disk_range(category, "PL1", wanted == "SystemDisk")
            if bounds is not None:
                word = call.sold_out.disk(category, zone)
                yield {**_row(category, word), "Min": bounds[0], "Max": bounds[1], "Unit": "GiB"}
    elif wanted != "ddh":
        yield _row({"Zone": zone, "IoOptimized": "optimized", "Network": "vpc"}[wanted])


def _stock(call: Call, type_id: str, zone: str) -> str:
    """The list is of what can be had with the disks that are asked for: the scarcest of them decides."""
    words = [call.sold_out.type(type_id, zone)]
    categories = (call.get("SystemDiskCategory"), call.get("DataDiskCategory"))
    words += [call.sold_out.disk(category, zone) for category in categories if category]
    return max(words, key=STOCK.index)


STOCK = ("", "ClosedWithStock", "WithoutStock", "ClosedWithoutStock")


def _row(value: str, word: str = "") -> Body:
    """`word` is the StatusCategory, where it is not the usual one."""
    is_gone = word in ("WithoutStock", "ClosedWithoutStock")
    return {"Value": value, "Status": "SoldOut" if is_gone else "Available", "StatusCategory": word or "WithStock"}


def _types(call: Call) -> list[dict[str, Any]]:
    if call.get("InstanceType") is not None and (call.get("Cores") or call.get("Memory")):
        raise Refusal(403, "InvalidParam.TypeAndCpuMem.Conflict", "Give InstanceType, or Cores and Memory.")
    records = list(catalogue.instance_types().values())
    if call.get("InstanceType") is not None:
        records = [r for r in records if r["id"] == call.get("InstanceType")]
    if call.get("Cores") is not None:
        records = [r for r in records if r["vcpu"] == call.get("Cores")]
    if call.get("Memory") is not None:
        records = [r for r in records if r["memory_gib"] == call.get("Memory")]
    for parameter in ("SystemDiskCategory", "DataDiskCategory"):
        category = call.get(parameter)
        if category is not None:
            records = [r for r in records if category in catalogue.categories_of(r["id"])]
    return records


def describe_resources_modification(call: Call) -> Body:
    """The types that an instance may change to keep its architecture and take its disks."""
    wanted = call.choice("DestinationResource", "InstanceType", "SystemDisk")
    instance = require_instance(call, "ResourceId")
    zone = call.get("ZoneId", instance["ZoneId"])
    if wanted == "SystemDisk":
        rows = list(_supported(call, zone, "SystemDisk"))
    else:
        old = catalogue.instance_type(instance["InstanceType"]) or {}
        disks = {disk["Category"] for disk in disks_of(call.account, instance.id)}
        rows = [
            _row(record["id"], call.sold_out.type(record["id"], zone))
            for record in _types(call)
            if record.get("cpu_architecture") == old.get("cpu_architecture")
            and record["id"] != instance["InstanceType"]
            and disks <= set(catalogue.categories_of(record["id"]))
        ]
    resource = {"Type": wanted, "SupportedResources": {"SupportedResource": rows}}
    row = {
        "RegionId": instance.region,
        "ZoneId": zone,
        "Status": "Available" if rows else "SoldOut",
        "StatusCategory": "WithStock" if rows else "WithoutStock",
        "AvailableResources": {"AvailableResource": [resource]},
    }
    return {"AvailableZones": {"AvailableZone": [row]}}


ECS = {
    "DescribeAvailableResource": describe_available_resource,
    "DescribeResourcesModification": describe_resources_modification,
}
