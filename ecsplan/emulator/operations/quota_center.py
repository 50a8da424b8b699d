"""Quota Center (quotas 2020-05-10): what the account may have and has of what this emulator counts.

One endpoint for all regions: the region is a dimension, and without it the answer is of cn-hangzhou. A quota of VPC may
stand a second time, with the region at the end of its name; that one goes first. The codes of VPC are opaque: what is
published is a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations import _allowance, _spec_quotas
from ecsplan.emulator.operations.custom_images import IMAGES
from ecsplan.emulator.wire import Refusal, invalid, not_found

Row = dict[str, Any]
VPCS = "vpc_quota_instances_num"
NEXT = "quota-"


def list_product_quotas(call: Call) -> Body:
    region, size = _region(call), call.number("MaxResults", 1, 100, 30)
    if call.choice("QuotaCategory", "CommonQuota", "FlowControl", "WhiteListLabel", default="CommonQuota") != (
        "CommonQuota"
    ):
        found: list[Row] = []
    else:
        found = list(_rows(call, call.need("ProductCode"), region))
    wanted = call.get("QuotaActionCode")
    rows = [row for row in found if wanted in (None, row["QuotaActionCode"])]
    start = _start(call)
    body: Body = {"TotalCount": len(rows), "MaxResults": size, "Quotas": rows[start : start + size]}
    if len(rows) > start + size:
        body["NextToken"] = f"{NEXT}{start + size}"
    return body


def _start(call: Call) -> int:
    token = str(call.get("NextToken") or f"{NEXT}0")
    number = token.removeprefix(NEXT)
    if not token.startswith(NEXT) or not number.isdecimal():
        raise invalid("NextToken", code="PARAMETER.ILLEGALL")
    return int(number)


def _region(call: Call) -> str:
    given = {row.get("Key"): row.get("Value") for row in call.many("Dimensions", 10)}
    region = str(given.get("regionId") or "cn-hangzhou")
    if not catalogue.is_region(region):
        raise not_found("InvalidRegionId.NotFound", "regionId", region)
    return region


def _rows(call: Call, product: str, region: str) -> Iterator[Row]:
    if product == "ecs-spec":
        for family_class in (*_spec_quotas.CLASSES, "restrict"):
            for way in _spec_quotas.WAYS:
                name = _spec_quotas.code(family_class, way)
                used = _spec_quotas.used(call, region, name)
                yield _row(product, name, _spec_quotas.most(call, name), used, region)
    elif product == "ecs":
        groups = call.quotas.get("security_groups_per_account", catalogue.quota("security_groups_per_account") or 0)
        yield _row(product, "q_security-groups", groups, call.account.count("securitygroup", region), region)
        interfaces = _allowance.most(call, "max-elastic-network-interfaces")
        yield _row(product, "q_elastic-network-interfaces", interfaces, call.account.count("eni", region), region)
        images = call.quotas.get(IMAGES, _allowance.HIGH["max-elastic-network-interfaces"])
        yield _row(product, IMAGES, images, call.account.count("image", region), region)
    elif product == "vpc":
        usual = catalogue.quota("vpcs_per_region") or 0
        own = call.quotas.get("vpcs_per_region", usual)
        yield _row(product, VPCS, usual, call.account.count("vpc", region), "")
        if own != usual:
            yield _row(product, f"{VPCS}_{region}", own, call.account.count("vpc", region), "")
    else:
        raise Refusal(400, "PARAMETER.ILLEGALL", f"The product {product} has no quotas.")


def _opaque(name: str) -> str:
    """One for each name: q_ and six letters or digits."""
    return f"q_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _row(product: str, code: str, most: int, used: int, region: str) -> Row:
    return {
        "ProductCode": product,
        "QuotaActionCode": _opaque(code) if product == "vpc" else code,
        "QuotaName": code,
        "QuotaDescription": code,
        "QuotaCategory": "CommonQuota",
        "QuotaType": "normal",
        "QuotaUnit": "AMOUNT",
        "TotalQuota": float(most),
        "TotalUsage": float(used),
        "Consumable": True,
        "Adjustable": True,
        "GlobalQuota": False,
        "Dimensions": {"regionId": region} if region else {},
        "QuotaItems": [],
    }


QUOTAS = {"ListProductQuotas": list_product_quotas}
