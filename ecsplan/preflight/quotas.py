"""Do the quotas of the account take the whole plan? DescribeAccountAttributes (ECS 2014-05-26), one call.

The totals hide quotas of single families, so that a pass is weak. What a plan gives back counts only as room that may
come in time: it depends on the order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.algebra import texts
from ecsplan.model.call import ApiError, Request
from ecsplan.model.preflight import Cores, Counted, Finding, Level, Need, Sold, SoldDisk
from ecsplan.preflight.types import all_rows
from ecsplan.preflight.world import Answers, Judgement, Look, Row, World, rows_at, unchecked, unique

NEAR = 0.8
MOST_NAMES = 8
REAL_NAME = "real-name-authentication"


class Quota(Struct, frozen=True):
    """`most` is its name in the account's attributes, `used` that of what is used; without one the lists tell."""

    what: str
    most: str
    used: str
    code: str


QUOTAS: Mapping[str, Quota] = {
    "postpaid": Quota("vCPUs of pay-as-you-go machines", "max-postpaid-instance-vcpu-count",
                      "used-postpaid-instance-vcpu-count", "QuotaExceed.ElasticQuota"),
    "spot": Quota("vCPUs of spot machines", "max-spot-instance-vcpu-count", "used-spot-instance-vcpu-count",
                  "QuotaExceed.ElasticQuota"),
    "security_groups": Quota("security groups", "max-security-groups", "", "QuotaExceed.SecurityGroup"),
    "interfaces": Quota("network interfaces", "max-elastic-network-interfaces", "", "MaxEniCountExceeded"),
    "disk_space": Quota("GiB of pay-as-you-go disks", "max-postpaid-yundisk-capacity",
                        "used-postpaid-yundisk-capacity", "QuotaExceed.PostPaidDisk"),
}  # fmt: skip


class Limit(Struct, frozen=True):
    """What a region takes of a kind unless it is raised (help.aliyun.com, limits of ECS, VPC and EIP). `is_fixed`: it
    cannot be raised; else the account's own may be another, which the Quota Center tells for some."""

    what: str
    most: int
    code: str
    is_fixed: bool = False


LIMITS: Mapping[str, Limit] = {
    "vpc": Limit("VPCs", 10, "QuotaExceeded.Vpc"),
    "eip": Limit("Elastic IP addresses", 20, "QuotaExceeded.Eip"),
    "key_pair": Limit("key pairs", 500, "QuotaExceed.KeyPair", is_fixed=True),
    "prefix_list": Limit("prefix lists", 100, "QuotaExceeded.PrefixList", is_fixed=True),
    "launch_template": Limit("launch templates", 30, "LaunchTemplateLimitExceed"),
    "auto_snapshot_policy": Limit("snapshot policies", 100, "QuotaExceed.AutoSnapshotPolicy", is_fixed=True),
}
"""By kind. Counted from the lists and the plan, without a call."""


class Sum(Struct):
    """What a plan takes and gives back of one quota. `unknown`: it takes some, and how much cannot be told."""

    takes: int = 0
    returns: int = 0
    unknown: bool = False
    addresses: list[Address] = field(default_factory=list)


def sums(needs: Iterable[Need], types: Mapping[str, Row]) -> dict[str, Sum]:
    """By quota. What one address both takes and gives back is netted: it is replaced, or changes its type."""
    net: dict[tuple[str, Address], int] = {}
    found: dict[str, Sum] = {}
    for need in needs:
        if isinstance(need, Counted):
            net[need.quota, need.address] = net.get((need.quota, need.address), 0) + need.count
        elif isinstance(need, Cores):
            cores = types.get(need.instance_type, {}).get("CpuCoreCount")
            if isinstance(cores, int):
                net[need.pool, need.address] = net.get((need.pool, need.address), 0) + need.count * cores
            elif need.count > 0:
                found.setdefault(need.pool, Sum()).unknown = True
                found[need.pool].addresses.append(need.address)
    for (quota, address), count in net.items():
        one = found.setdefault(quota, Sum())
        if count > 0:
            one.takes += count
            one.addresses.append(address)
        else:
            one.returns -= count
    return {quota: one for quota, one in found.items() if one.addresses}


def _wanted(needs: Sequence[Need]) -> tuple[dict[str, list[Address]], Request | None]:
    """The quotas that a plan takes of, and the one call for them."""
    takers: dict[str, list[Address]] = {}
    for need in needs:
        if isinstance(need, Cores) and need.count > 0:
            takers.setdefault(need.pool, []).append(need.address)
        elif isinstance(need, Counted) and need.count > 0 and need.quota in QUOTAS:
            takers.setdefault(need.quota, []).append(need.address)
    sold = [need.address for need in needs if isinstance(need, (Sold, SoldDisk))]
    names = [REAL_NAME] if sold else []
    for quota in (name for name in QUOTAS if name in takers):
        more = [name for name in (QUOTAS[quota].most, QUOTAS[quota].used) if name]
        if len(names) + len(more) <= MOST_NAMES:
            names += more
    return takers, Request("DescribeAccountAttributes", {"AttributeName": names}) if names else None


def looks(needs: Sequence[Need], world: World) -> Iterator[Look]:
    takers, request = _wanted(needs)
    if request is not None:
        sold = [need.address for need in needs if isinstance(need, (Sold, SoldDisk))]
        yield Look("quota", request, unique([*sold, *(address for all_ in takers.values() for address in all_)]))


def judged(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Judgement]:
    takers, request = _wanted(needs)
    answer = answers.to(request) if request is not None else None
    if request is None or answer is None:
        return
    if isinstance(answer, ApiError):
        about = (address for all_ in takers.values() for address in all_)
        yield unchecked("quota", "quotas of the account", answer, about)
        return
    values = values_of(answer)
    yield from _real_name(needs, values)
    for name, taken in sums(needs, all_rows(needs, answers)).items():
        if name in QUOTAS and QUOTAS[name].most in texts(request.params["AttributeName"]):
            yield _of_quota(QUOTAS[name], name, taken, values, world)


def values_of(answer: Row) -> dict[str, str]:
    """The first value of each attribute."""
    found = {}
    for item in rows_at(answer, "AccountAttributeItems.AccountAttributeItem"):
        for value in rows_at(item, "AttributeValues.ValueItem")[:1]:
            found[str(item.get("AttributeName"))] = str(value.get("Value"))
    return found


def _real_name(needs: Sequence[Need], values: Mapping[str, str]) -> Iterator[Judgement]:
    if REAL_NAME in values:
        if values[REAL_NAME] != "none":
            yield None
            return
        sold = unique(need.address for need in needs if isinstance(need, (Sold, SoldDisk)))
        yield Finding(Level.FAIL, "quota", "the account has no real-name authentication: nothing is sold to it",
                      "RealNameAuthenticationError", "have it authenticated in the console", sold)  # fmt: skip


def _of_quota(quota: Quota, name: str, taken: Sum, values: Mapping[str, str], world: World) -> Judgement:
    addresses = unique(taken.addresses)
    limit = _number(values.get(quota.most))
    used = _number(values.get(quota.used)) if quota.used else world.used.get(name)
    if limit is None or used is None or taken.unknown:
        told = f"the quota of {quota.what}: the account does not tell it"
        return Finding(Level.UNCHECKED, "quota", told, addresses=addresses)
    return room(quota.what, quota.code, taken, limit, used, addresses)


def room(what: str, code: str, taken: Sum, limit: int, used: int, addresses: tuple[Address, ...]) -> Judgement:
    """Whether a limit takes it; what is given back by others may come too late."""
    told = f"{taken.takes:,} more {what} are needed, and {max(0, limit - used):,} of {limit:,} are left"
    advice = "have the quota raised in the Quota Center, or plan less at once"
    if used + taken.takes - taken.returns > limit:
        return Finding(Level.FAIL, "quota", told, code, advice, addresses)
    if used + taken.takes > limit:
        more = f"{told}; the plan gives {taken.returns:,} back, if that comes first"
        return Finding(Level.WARN, "quota", more, code, advice, addresses)
    if limit > 0 and used + taken.takes >= NEAR * limit:
        near = f"{used + taken.takes:,} of {limit:,} {what} will be used"
        return Finding(Level.WARN, "quota", near, code, advice, addresses)
    return None


def is_beyond(kind: str, needs: Sequence[Need], world: World) -> bool:
    """Whether a plan takes more of a kind than the documented limit."""
    taken = sums([need for need in needs if isinstance(need, Counted) and need.quota == kind], {}).get(kind)
    return taken is not None and world.used.get(kind, 0) + taken.takes > LIMITS[kind].most


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None
