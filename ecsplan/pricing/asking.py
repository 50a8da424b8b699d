"""A shape as questions to the service, and what their answers say. Pure; sources as in kinds/_costs.py.

Prices are those of the account: with its contract's discounts, without coupons, savings plans and packages. A list of
details may stand inside the price or beside it, under either of two names.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from ecsplan.model.call import ApiError, Params, RefusalCause, Request
from ecsplan.model.price import (
    HOURS_OF_A_MONTH,
    ZERO,
    PricedDisk,
    PricedMachine,
    PricedRenewal,
    PricedTraffic,
    Shape,
)

Answer = Mapping[str, Any] | ApiError
DISKS_AT_ONCE = 16


class Amount(Struct, frozen=True):
    """What an answer says: `total` of what was asked for (an hour, a term), None where it says nothing, for `why`.

    `is_smaller`: a smaller type, for which no price can be asked."""

    total: Decimal | None
    currency: str = ""
    why: str = ""
    is_smaller: bool = False


def question(shape: Shape) -> Request:
    if isinstance(shape, PricedDisk):
        params = {"ResourceType": "disk", "DataDisk": [_disk(shape)], "PriceUnit": "Hour"}
        return Request("DescribePrice", params)
    if isinstance(shape, PricedMachine):
        return Request("DescribePrice", _machine(shape))
    if isinstance(shape, PricedTraffic):
        return Request("DescribePrice", {"ResourceType": "bandwidth"})
    if isinstance(shape, PricedRenewal):
        term = _term(shape.period, shape.unit)
        return Request("DescribeRenewalPrice", {"ResourceId": shape.id, "ResourceType": "instance", **term})
    disks = [_disk(disk) for disk in shape.disks] or None
    return Request(
        "DescribeInstanceModificationPrice",
        {"InstanceId": shape.id, "InstanceType": shape.instance_type or None, "DataDisk": disks},
    )


def _machine(one: PricedMachine) -> Params:
    is_term = one.charge_type == "PrePaid"
    return {
        "ResourceType": "instance",
        "InstanceType": one.instance_type,
        "ImageId": one.image or None,
        "SystemDisk": {key: value for key, value in _disk(one.system).items() if key != "ProvisionedIops"},
        "DataDisk": [_disk(disk) for disk in one.disks[:DISKS_AT_ONCE]] or None,
        "InternetChargeType": "PayByBandwidth" if one.bandwidth else None,
        "InternetMaxBandwidthOut": one.bandwidth or None,
        **(_term(one.period, one.unit) if is_term else {"PriceUnit": "Hour", "Period": 1}),
        "SpotStrategy": one.spot if one.spot != "NoSpot" else None,
        "ZoneId": one.zone or None,
    }


def _term(period: int, unit: str) -> Params:
    """Prices of months are told up to nine; a year is asked for as such."""
    if unit == "Month" and period % 12 == 0:
        return {"PriceUnit": "Year", "Period": period // 12}
    return {"PriceUnit": unit, "Period": period}


def _disk(disk: PricedDisk) -> dict[str, Any]:
    found: dict[str, Any] = {"Category": disk.category, "Size": disk.size}
    if disk.level:
        found["PerformanceLevel"] = disk.level
    if disk.iops:
        found["ProvisionedIops"] = disk.iops
    return found


def amount(shape: Shape, answer: Answer | None) -> Amount:
    """Of what was asked for: the hour, the term, or the rest of one."""
    if answer is None:
        return Amount(None, why="more shapes than calls")
    if isinstance(answer, ApiError):
        why = f"{answer.code}: {answer.message}".rstrip(": ")
        return Amount(None, why=why, is_smaller=answer.is_about(RefusalCause.NO_UPGRADE))
    price = (answer.get("PriceInfo") or {}).get("Price") or {}
    total = _number(price.get("TradePrice"))
    if total is None:
        return Amount(None, why="the answer holds no price")
    if isinstance(shape, PricedMachine) and shape.off:
        computing = _computing(answer)
        if computing is None:
            return Amount(None, why="the answer does not tell the vCPUs from the rest")
        total -= computing
    return Amount(total, str(price.get("Currency") or ""))


def _computing(answer: Mapping[str, Any]) -> Decimal | None:
    """The part of a machine that a stop gives back: its vCPUs and memory."""
    for row in _details(answer):
        if str(row.get("Resource", "")).lower() == "instancetype":
            return _number(row.get("TradePrice"))
    return None


def _details(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    info = answer.get("PriceInfo") or {}
    for place in (info.get("Price") or {}, info):
        details: Any = place.get("DetailInfos") or {}
        for name in ("DetailInfo", "ResourcePriceModel"):
            found: Sequence[Mapping[str, Any]] = details.get(name) or ()
            yield from found


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None


def monthly(shape: Shape, total: Decimal) -> Decimal:
    """By the month, of what was asked for."""
    if isinstance(shape, PricedDisk):
        return total * HOURS_OF_A_MONTH
    if isinstance(shape, PricedMachine):
        return total / shape.months if shape.charge_type == "PrePaid" else total * HOURS_OF_A_MONTH
    return ZERO
