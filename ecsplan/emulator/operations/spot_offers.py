"""Spot prices, the bandwidth that can be bought, and two old questions about an account. All prices are invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_seconds
from ecsplan.emulator.operations.instances import require_instance
from ecsplan.emulator.prices import SPOT_SHARE as SHARE
from ecsplan.emulator.prices import instance_price
from ecsplan.emulator.wire import Refusal, invalid, missing

STEP, SPAN, LONGEST = 3600.0, 3 * 3600.0, 30 * 86400.0
ROWS = 1000
UNIT = "Mbps"


def _type(call: Call) -> dict[str, Any]:
    record = catalogue.instance_type(call.need("InstanceType"))
    if record is None:
        raise invalid("InstanceType", code="InvalidInstanceType.ValueNotSupported")
    return record


def describe_spot_price_history(call: Call) -> Body:
    """A price an hour and zone, always the same share of the pay-as-you-go price."""
    record, price = _type(call), instance_price(call.need("InstanceType"))
    network = call.choice("NetworkType", "vpc", "classic")
    rows = [
        {
            "InstanceType": record["id"],
            "ZoneId": zone,
            "NetworkType": network,
            "IoOptimized": call.choice("IoOptimized", "optimized", "none", default="optimized"),
            "Timestamp": moment,
            "SpotPrice": round(price * SHARE, 3),
            "OriginPrice": round(price, 3),
        }
        for zone in ([call.zone()] if call.get("ZoneId") else catalogue.zones(call.region))
        for moment in _hours(call)
    ]
    start = call.number("Offset", 0, 10**9, 0)
    body: Body = {"Currency": "CNY", "SpotPrices": {"SpotPriceType": rows[start : start + ROWS]}}
    return {**body, "NextOffset": start + ROWS} if start + ROWS < len(rows) else body


def _hours(call: Call) -> Iterator[str]:
    end = parse_time(call.get("EndTime", "")) or call.now
    start = parse_time(call.get("StartTime", "")) or end - SPAN
    if not 0 <= end - start <= LONGEST:
        raise invalid("StartTime", "The span is at most 30 days.", "InvalidStartTime.ValueNotSupported")
    moment = start - start % STEP
    while moment <= end:
        yield to_seconds(moment)
        moment += STEP


def describe_spot_advice(call: Call) -> Body:
    wanted, family = call.many("InstanceTypes", 10), call.get("InstanceTypeFamily")
    records = [r for r in catalogue.instance_types().values() if family in (None, r["family"])]
    if wanted:
        records = [r for r in records if r["id"] in wanted]
    for parameter, key, is_least in (("Cores", "vcpu", False), ("Memory", "memory_gib", False),
                                     ("MinCores", "vcpu", True), ("MinMemory", "memory_gib", True)):  # fmt: skip
        limit = call.get(parameter)
        if limit is not None:
            records = [r for r in records if r[key] == limit or (is_least and r[key] > limit)]
    rows = [
        {
            "InstanceType": record["id"],
            "AverageSpotDiscount": int(SHARE * 100),
            "InterruptionRate": 0.0,
            "InterruptRateDesc": "0-3%",
        }
        for record in records
    ]
    zones = [call.zone()] if call.get("ZoneId") else catalogue.zones(call.region)
    found = [{"ZoneId": zone, "AvailableSpotResources": {"AvailableSpotResource": rows}} for zone in zones]
    return {"RegionId": call.region, "AvailableSpotZones": {"AvailableSpotZone": found}}


def describe_bandwidth_limitation(call: Call) -> Body:
    """As much as an instance's creation and ModifyInstanceNetworkSpec take; down never below what it has paid for."""
    _type(call)
    charge = call.choice("InstanceChargeType", "PrePaid", "PostPaid", default="PostPaid")
    what = call.choice("OperationType", "Create", "Upgrade", "Downgrade", default="Create")
    least, most = 0, 200 if charge == "PrePaid" and what != "Create" else 100
    if what != "Create":
        if call.get("ResourceId") is None:
            raise missing("ResourceId")
        now = require_instance(call, "ResourceId")["InternetMaxBandwidthOut"]
        least, most = (now, most) if what == "Upgrade" else (0, now)
    rows = [
        {"InternetChargeType": traffic, "Min": least, "Max": most, "Unit": UNIT}
        for traffic in ("PayByTraffic", "PayByBandwidth")
    ]
    return {"Bandwidths": {"Bandwidth": rows}}


def describe_clusters(call: Call) -> Body:
    """Clusters were the zones of the first generation; nobody has any."""
    return {"Clusters": {"Cluster": []} if call.region else {}}


def describe_limitation(call: Call) -> Body:
    name = call.need("Limitation")
    value = call.quotas.get(name, catalogue.quota(name))
    if value is None:
        raise Refusal(404, "InvalidLimitation.NotFound", f"There is no limitation {name}.")
    return {"Limitation": name, "Value": str(value)}


ECS = {
    "DescribeSpotPriceHistory": describe_spot_price_history,
    "DescribeSpotAdvice": describe_spot_advice,
    "DescribeBandwidthLimitation": describe_bandwidth_limitation,
    "DescribeClusters": describe_clusters,
    "DescribeLimitation": describe_limitation,
}
