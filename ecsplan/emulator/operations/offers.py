"""What can be bought, and for how much. Prices are invented, but stable and plausible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._disks import disks_of
from ecsplan.emulator.operations.instances import require_instance
from ecsplan.emulator.prices import bandwidth_price, disk_price, instance_price
from ecsplan.emulator.wire import invalid, missing

HOURS = {"Hour": 1, "Week": 7 * 24, "Month": 30 * 24, "Year": 365 * 24}
SUBSCRIPTION = 0.6
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
            yield _row(record["id"], not call.sold_out.type(record["id"], zone))
    elif wanted in ("SystemDisk", "DataDisk"):
        type_id = call.get("InstanceType")
        categories = catalogue.categories_of(type_id) if type_id else tuple(catalogue.disk_categories())
        for category in categories:
            bounds = catalogue.disk_range(category, "PL1", wanted == "SystemDisk")
            if bounds is not None:
                has = not call.sold_out.disk(category, zone)
                yield {**_row(category, has), "Min": bounds[0], "Max": bounds[1], "Unit": "GiB"}
    elif wanted != "ddh":
        yield _row({"Zone": zone, "IoOptimized": "optimized", "Network": "vpc"}[wanted], True)


def _row(value: str, has: bool) -> Body:
    status = {"Status": "Available", "StatusCategory": "WithStock"}
    return {"Value": value, **(status if has else {"Status": "SoldOut", "StatusCategory": "WithoutStock"})}


def _types(call: Call) -> list[dict[str, Any]]:
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
            _row(record["id"], not call.sold_out.type(record["id"], zone))
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


def describe_price(call: Call) -> Body:
    kind = call.choice("ResourceType", "instance", "disk", "bandwidth", default="instance")
    unit = call.choice("PriceUnit", *HOURS, default="Hour")
    hours = HOURS[unit] * call.get("Period", 1) * (1.0 if unit == "Hour" else SUBSCRIPTION)
    parts: list[tuple[str, float]] = []
    if kind == "instance":
        type_id = call.need("InstanceType")
        if catalogue.instance_type(type_id) is None:
            raise invalid("InstanceType", code="InvalidInstanceType.ValueNotSupported")
        parts.append(("instanceType", instance_price(type_id)))
        system = call.get("SystemDisk", {})
        category = system.get("Category") or catalogue.categories_of(type_id)[0]
        parts.append(("systemDisk", disk_price(category, system.get("PerformanceLevel", ""), system.get("Size") or 40)))
    for disk in call.many("DataDisk", 16):
        if not disk.get("Category") or not disk.get("Size"):
            raise missing("DataDisk.1.Size")
        parts.append(("dataDisk", disk_price(disk["Category"], disk.get("PerformanceLevel", ""), disk["Size"])))
    if kind == "disk" and not parts:
        raise missing("DataDisk.1.Category")
    traffic = call.choice("InternetChargeType", "PayByBandwidth", "PayByTraffic", default="PayByTraffic")
    parts.append(("bandwidth", bandwidth_price(traffic, call.get("InternetMaxBandwidthOut", 0))))
    return _price([(name, price * hours * call.get("Amount", 1)) for name, price in parts])


def _price(parts: list[tuple[str, float]]) -> Body:
    total = round(sum(price for _, price in parts), 4)
    details = [
        {
            "Resource": name,
            "OriginalPrice": round(price, 4),
            "TradePrice": round(price, 4),
            "DiscountPrice": 0.0,
            "SubRules": {"Rule": []},
        }
        for name, price in parts
    ]
    price = {
        "Currency": "CNY",
        "OriginalPrice": total,
        "TradePrice": total,
        "DiscountPrice": 0.0,
        "DetailInfos": {"DetailInfo": details},
    }
    return {"PriceInfo": {"Price": price, "Rules": {"Rule": []}}}


def describe_renewal_price(call: Call) -> Body:
    instance = require_instance(call, "ResourceId")
    unit = call.choice("PriceUnit", "Week", "Month", "Year", default="Month")
    hours = HOURS[unit] * call.get("Period", 1) * SUBSCRIPTION
    return _price([("instanceType", instance_price(instance["InstanceType"]) * hours)])


def describe_instance_modification_price(call: Call) -> Body:
    """The difference of an hour, never below nothing."""
    instance = require_instance(call)
    old = instance_price(instance["InstanceType"])
    new = instance_price(call.get("InstanceType", instance["InstanceType"]))
    return _price([("instanceType", max(0.0, new - old))])


ECS = {
    "DescribeAvailableResource": describe_available_resource,
    "DescribeResourcesModification": describe_resources_modification,
    "DescribePrice": describe_price,
    "DescribeRenewalPrice": describe_renewal_price,
    "DescribeInstanceModificationPrice": describe_instance_modification_price,
}
