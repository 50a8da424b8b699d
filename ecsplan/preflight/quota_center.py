"""Quotas that only the Quota Center tells: vCPUs by class of families and way of payment, VPCs, custom images.

ListProductQuotas, quotas 2020-05-10, one call for each product: `ecs-spec`, `ecs`, `vpc`. The region is a dimension;
without it the answer is of cn-hangzhou. A quota of VPC stands a second time where a region has its own, with the region
at the end of its name. What is published for `ecs` and `ecs-spec` is the QuotaActionCode, and for `vpc` the QuotaName,
whose code is opaque: a row is found by either. Quotas without a published name (of EIPs) are not asked for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, Product, Request
from ecsplan.model.copying import replace
from ecsplan.model.preflight import Cores, Counted, Finding, Level, Mode, Need
from ecsplan.preflight.quotas import LIMITS, Sum, is_beyond, room, sums
from ecsplan.preflight.types import all_rows
from ecsplan.preflight.world import Answers, Judgement, Look, Row, World, rows_at, unchecked, unique

ACTION = "ListProductQuotas"
AT_ONCE = 100
ITEMS = "Quotas"
PRODUCTS = ("ecs-spec", "ecs", "vpc")
WAYS = {"prepaid": "prepay", "postpaid": "postpay", "spot": "spot"}
CLASSES: Mapping[str, Sequence[str]] = {
    "enterprise": ("g", "c", "r", "u", "hfg", "hfc", "hfr", "sn"),
    "share": ("e", "t"),
    "local_storage": ("d", "i"),
    "high_mem": ("re", "se"),
}
"""By the letters that a family begins with; families of metal and of supercomputers are told by theirs alone."""
RESTRICTED = ("xn4", "n4", "mn4", "e4")


class Quota(Struct, frozen=True):
    """`codes`, or names, in the order in which they count; `code` is the refusal of the service beyond it."""

    product: str
    codes: tuple[str, ...]
    what: str
    code: str


def class_of(instance_type: str) -> str | None:
    """None for families that belong to no documented class."""
    family = instance_type.removeprefix("ecs.").partition(".")[0]
    if family in RESTRICTED:
        return "restrict"
    if family.startswith(("ebm", "scc")):
        return "ebm" if family.startswith("ebm") else "hpc"
    letters = re.match("[a-z]+", family)
    return next((name for name, found in CLASSES.items() if letters and letters[0] in found), None)


def _quotas(region: str) -> dict[str, Quota]:
    """By kind, for what is counted one by one."""
    vpcs = "vpc_quota_instances_num"
    return {
        "vpc": Quota("vpc", (f"{vpcs}_{region}", vpcs), "VPCs", "QuotaExceeded.Vpc"),
        "image": Quota("ecs", ("q_user-image-count",), "custom images", "QuotaExceed.Image"),
    }


def _of_cores(code: str) -> Quota:
    return Quota("ecs-spec", (code,), f"vCPUs of {code}", "QuotaExceed.ElasticQuota")


def _code(need: Cores) -> str | None:
    found = class_of(need.instance_type)
    return f"q_ecs_{found}_{WAYS[need.pool]}_c" if found is not None else None


def request_of(product: str, region: str) -> Request:
    dimensions = [{"Key": "regionId", "Value": region}]
    params = {"ProductCode": product, "Dimensions": dimensions, "MaxResults": AT_ONCE}
    return Request(ACTION, params, Product.QUOTAS)


def by_name(rows: Iterable[Row]) -> dict[str, Row]:
    """Each by its code and by its name."""
    return {str(row[key]): row for row in rows for key in ("QuotaName", "QuotaActionCode") if row.get(key)}


def _takers(needs: Iterable[Need], region: str) -> dict[str, list[Address]]:
    """Whom each product is asked for."""
    known, found = _quotas(region), dict[str, list[Address]]()
    for need in needs:
        if isinstance(need, Cores) and need.count > 0:
            found.setdefault("ecs-spec", []).append(need.address)
        elif isinstance(need, Counted) and need.count > 0 and need.quota in known:
            found.setdefault(known[need.quota].product, []).append(need.address)
    return found


def looks(needs: Sequence[Need], world: World, mode: Mode) -> Iterator[Look]:
    """All with `full`; else where the documented limit would not do: an account's own may be larger."""
    for product, about in _takers(needs, world.region).items():
        if mode == "full" or (product == "vpc" and is_beyond("vpc", needs, world)):
            yield Look("quota", request_of(product, world.region), unique(about), ITEMS)


def judged(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Judgement]:
    yield from _beyond_limits(needs, world, answers)
    for product, about in _takers(needs, world.region).items():
        answer = answers.to(request_of(product, world.region))
        if isinstance(answer, ApiError):
            yield unchecked("quota", f"quotas of {product} in the Quota Center", answer, about)
        elif answer is not None:
            rows = by_name(rows_at(answer, ITEMS))
            known = _cores(needs, answers) if product == "ecs-spec" else _counted(needs, world, product)
            yield from (_of(quota, taken, rows, world, kind) for kind, (quota, taken) in known.items())
            if product == "ecs-spec":
                yield from _without_class(needs)


def _counted(needs: Sequence[Need], world: World, product: str) -> dict[str, tuple[Quota, Sum]]:
    known = {kind: quota for kind, quota in _quotas(world.region).items() if quota.product == product}
    taken = sums((need for need in needs if isinstance(need, Counted) and need.quota in known), {})
    return {kind: (known[kind], one) for kind, one in taken.items()}


def _cores(needs: Sequence[Need], answers: Answers) -> dict[str, tuple[Quota, Sum]]:
    coded = [replace(need, pool=code) for need in needs if isinstance(need, Cores) and (code := _code(need))]
    return {code: (_of_cores(code), one) for code, one in sums(coded, all_rows(needs, answers)).items()}


def _without_class(needs: Iterable[Need]) -> Iterator[Finding]:
    others = [
        need for need in needs if isinstance(need, Cores) and need.count > 0 and class_of(need.instance_type) is None
    ]
    if others:
        types = ", ".join(sorted({need.instance_type for need in others}))
        told = f"the quota of {types}: it is not documented which one counts this family"
        yield Finding(Level.UNCHECKED, "quota", told, addresses=unique(need.address for need in others))


def _of(quota: Quota, taken: Sum, rows: Mapping[str, Row], world: World, kind: str) -> Judgement:
    row = next((rows[code] for code in quota.codes if code in rows), None)
    limit = _number(row.get("TotalQuota")) if row is not None else None
    used = _number(row.get("TotalUsage")) if row is not None and row.get("Consumable") else world.used.get(kind)
    addresses = unique(taken.addresses)
    if limit is None or used is None or taken.unknown:
        told = f"the quota of {quota.what}: the Quota Center does not tell it"
        return Finding(Level.UNCHECKED, "quota", told, addresses=addresses)
    found = room(quota.what, quota.code, taken, limit, used, addresses)
    if found is not None and row is not None and row.get("Adjustable") is False:
        return replace(found, advice="this quota cannot be raised: plan less at once")
    return found


def _is_told(kind: str, world: World, answers: Answers) -> bool:
    """Whether the Quota Center was asked for what a documented limit stands for, and answered."""
    quota = _quotas(world.region).get(kind)
    answer = answers.to(request_of(quota.product, world.region)) if quota is not None else None
    if quota is None or answer is None or isinstance(answer, ApiError):
        return False
    return not by_name(rows_at(answer, ITEMS)).keys().isdisjoint(quota.codes)


def _beyond_limits(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Finding]:
    """By the documented limits, where the Quota Center does not tell the account's own."""
    counted = [need for need in needs if isinstance(need, Counted) and need.quota in LIMITS]
    counted = [need for need in counted if not _is_told(need.quota, world, answers)]
    for name, taken in sums(counted, {}).items():
        limit, used = LIMITS[name], world.used.get(name, 0)
        found = room(limit.what, limit.code, taken, limit.most, used, unique(taken.addresses))
        if found is None or used + taken.takes <= limit.most:
            continue
        if limit.is_fixed:
            yield found
            continue
        told = f"{found.summary}, unless the account has a larger quota"
        yield replace(found, level=Level.WARN, summary=told)


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
