"""Prices: the three questions about prices. All numbers are invented, stable, and come with a discount.

Written from the parameter descriptions of DescribePrice, DescribeRenewalPrice and DescribeInstanceModificationPrice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time
from ecsplan.emulator.operations._disks import disks_of
from ecsplan.emulator.operations.instances import require_instance
from ecsplan.emulator.prices import (
    HOURS,
    PER_GB_OF_TRAFFIC,
    PER_HOST,
    PER_IOPS,
    SPOT_SHARE,
    SUBSCRIPTION,
    bandwidth_price,
    disk_price,
    instance_price,
    trade,
)
from ecsplan.emulator.wire import Refusal, invalid, missing

Parts = list[tuple[str, float]]
PERIODS = {"Hour": (1,), "Week": (1, 2, 3, 4), "Month": tuple(range(1, 10)), "Year": (1, 2, 3, 4, 5)}
RENEWALS = {"Month": tuple(range(1, 10)), "Year": (1, 2, 3)}
NO_PRICE = Refusal(400, "PriceNotFound", "There is no price of this.")


def describe_price(call: Call) -> Body:
    kind = call.choice("ResourceType", "instance", "disk", "diskperformance", "bandwidth", "ddh", default="instance")
    amount = call.number("Amount", 1, 1000, 1)
    if kind != "instance":
        return _price([(name, price * amount) for name, price in _one_part(call, kind)])
    hours = _hours(call, spot := call.get("SpotStrategy", "NoSpot") != "NoSpot")
    parts = [(name, price * hours * amount) for name, price in _machine(call, spot)]
    return _price(parts, with_details=True)


def _hours(call: Call, spot: bool) -> float:
    """Of the term that is asked for; a subscription is cheaper."""
    unit, period = call.choice("PriceUnit", *HOURS, default="Hour"), call.get("Period", 1)
    if period not in PERIODS[unit]:
        raise invalid("Period", code="InvalidPeriod")
    if spot and unit != "Hour":
        raise invalid("PriceUnit", "Spot instances are priced by the hour.", "InvalidPriceUnit.ValueNotSupported")
    return float(HOURS[unit] * period * (1.0 if unit == "Hour" else SUBSCRIPTION))


def _one_part(call: Call, kind: str) -> Parts:
    if call.get("PriceUnit", "Hour") != "Hour":
        raise invalid("PriceUnit", f"{kind} is priced by the hour.", "InvalidPriceUnit.ValueNotSupported")
    if kind == "bandwidth":
        return [("bandwidth", PER_GB_OF_TRAFFIC)]
    if kind == "ddh":
        if not call.get("DedicatedHostType"):
            raise missing("DedicatedHostType")
        return [("ddh", PER_HOST)]
    disks = call.many("DataDisk", 16)
    if not disks or not disks[0].get("Category"):
        raise missing("DataDisk.1.Category")
    if kind == "diskperformance":
        if not disks[0].get("ProvisionedIops"):
            raise missing("DataDisk.1.ProvisionedIops")
        return [("dataDisk", PER_IOPS * disks[0]["ProvisionedIops"])]
    if not disks[0].get("Size"):
        raise missing("DataDisk.1.Size")
    return [("dataDisk", _disk(disks[0]))]


def _machine(call: Call, spot: bool) -> Parts:
    type_id = call.need("InstanceType")
    if catalogue.instance_type(type_id) is None:
        raise invalid("InstanceType", code="InvalidInstanceType.ValueNotSupported")
    share = SPOT_SHARE if spot else 1.0
    parts: Parts = [("instanceType", instance_price(type_id) * share)]
    system = dict(call.get("SystemDisk", {}))
    system.setdefault("Category", catalogue.categories_of(type_id)[0])
    parts.append(("systemDisk", _disk({**system, "Size": system.get("Size") or 40})))
    for disk in call.many("DataDisk", 16):
        if not disk.get("Category") or not disk.get("Size"):
            raise missing("DataDisk.1.Size")
        parts.append(("dataDisk", _disk(disk)))
    traffic = call.choice("InternetChargeType", "PayByBandwidth", "PayByTraffic", default="PayByTraffic")
    return [*parts, ("bandwidth", bandwidth_price(traffic, call.get("InternetMaxBandwidthOut", 0)))]


def _disk(given: Mapping[str, Any]) -> float:
    if catalogue.disk_categories().get(given["Category"]) is None:
        raise NO_PRICE
    price = disk_price(given["Category"], given.get("PerformanceLevel", ""), int(given["Size"]))
    return price + PER_IOPS * int(given.get("ProvisionedIops") or 0)


def _price(parts: Iterable[tuple[str, float]], *, with_details: bool = False) -> Body:
    """The discount is what is taken off; the trade price is what is left."""
    found = list(parts)
    price = {"Currency": "CNY", **_amounts(sum(amount for _, amount in found))}
    if with_details:
        rows = [{"Resource": name, **_amounts(amount), "SubRules": {"Rule": []}} for name, amount in found]
        price["DetailInfos"] = {"DetailInfo": rows}
        for name in ("OriginalPrice", "DiscountPrice", "TradePrice"):  # they add up
            price[name] = round(sum(row[name] for row in rows), 4)
    return {"PriceInfo": {"Price": price, "Rules": {"Rule": []}}}


def _amounts(original: float) -> dict[str, Any]:
    original = round(original, 4)
    paid = trade(original)
    return {"OriginalPrice": original, "TradePrice": paid, "DiscountPrice": round(original - paid, 4)}


def _subscription(call: Call, parameter: str) -> Thing:
    instance = require_instance(call, parameter)
    if instance["InstanceChargeType"] != "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", f"The instance {instance.id} is no subscription.")
    return instance


def _now(call: Call, instance: Thing) -> Parts:
    """Of an hour, with the disks that were bought with it."""
    parts: Parts = [("instanceType", instance_price(instance["InstanceType"]))]
    for disk in disks_of(call.account, instance.id):
        if disk["DiskChargeType"] == "PrePaid":
            name = "systemDisk" if disk["Type"] == "system" else "dataDisk"
            parts.append((name, disk_price(disk["Category"], disk.get("PerformanceLevel", ""), int(disk["Size"]))))
    return [*parts, ("bandwidth", bandwidth_price(instance["InternetChargeType"], instance["InternetMaxBandwidthOut"]))]


def describe_renewal_price(call: Call) -> Body:
    """Of a subscription, for the machine as it is."""
    instance = _subscription(call, "ResourceId")
    if call.get("ExpectedRenewDay") is not None and (call.get("Period") or call.get("PriceUnit")):
        raise invalid("ExpectedRenewDay", "Give a period or a day.", "InvalidParam.ExpectedRenewDay.Conflict")
    unit, period = call.choice("PriceUnit", *RENEWALS, default="Month"), call.get("Period", 1)
    if period not in RENEWALS[unit]:
        raise invalid("Period", code="InvalidPeriod")
    hours = HOURS[unit] * period * SUBSCRIPTION
    return _price([(name, price * hours) for name, price in _now(call, instance)], with_details=True)


def describe_instance_modification_price(call: Call) -> Body:
    """What a larger type, or a new disk, costs for the rest of the term; only of subscriptions, and only upwards."""
    instance, type_id, disks = _subscription(call, "InstanceId"), call.get("InstanceType"), call.many("DataDisk", 16)
    if not type_id and not disks:
        raise Refusal(400, "MissingParameter.InstanceTypeOrDataDisk", "Give InstanceType or DataDisk.")
    more = 0.0
    if type_id:
        if catalogue.instance_type(type_id) is None:
            raise invalid("InstanceType", code="InvalidInstanceType.ValueNotSupported")
        more = instance_price(type_id) - instance_price(instance["InstanceType"])
        if more <= 0:
            raise Refusal(403, "InvalidInstanceType.NotSupportUpgrade", f"{type_id} is no upgrade.")
    more += sum(_disk(disk) for disk in disks)
    left = max(0.0, ((parse_time(instance["ExpiredTime"]) or call.now) - call.now) / 3600)
    return _price([("instanceType", more * left * SUBSCRIPTION)], with_details=True)


ECS = {
    "DescribePrice": describe_price,
    "DescribeRenewalPrice": describe_renewal_price,
    "DescribeInstanceModificationPrice": describe_instance_modification_price,
}
