"""The facts of instance types that the other looks need, and whether a machine keeps the limits of its type.

DescribeInstanceTypes, ECS 2014-05-26: up to ten names in one call.
"""

from collections.abc import Iterable, Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, Request
from ecsplan.model.preflight import Cores, Finding, Fits, Image, Level, Need, Sold
from ecsplan.preflight.world import Answers, Judgement, Look, Row, World, unchecked, unique

AT_ONCE = 10
LIMITS = (
    ("interfaces", "EniQuantity", "network interfaces", "EniPerInstanceLimitExceeded"),
    ("addresses", "EniPrivateIpAddressQuantity", "private addresses on one interface",
     "InvalidOperation.Ipv4CountExceeded"),
    ("ipv6", "EniIpv6AddressQuantity", "IPv6 addresses on one interface", "InvalidOperation.Ipv6CountExceeded"),
)  # fmt: skip


def _types(needs: Iterable[Need]) -> dict[str, list[Address]]:
    found: dict[str, list[Address]] = {}
    for need in needs:
        if isinstance(need, (Sold, Image, Fits, Cores)):
            found.setdefault(need.instance_type, []).append(need.address)
    return found


def _requests(names: Iterable[str]) -> list[tuple[Request, tuple[str, ...]]]:
    ordered = sorted(set(names))
    chunks = [tuple(ordered[at : at + AT_ONCE]) for at in range(0, len(ordered), AT_ONCE)]
    return [(Request("DescribeInstanceTypes", {"InstanceTypes": list(chunk)}), chunk) for chunk in chunks]


def looks(needs: Sequence[Need], world: World) -> Iterator[Look]:
    wanted = _types(needs)
    for request, names in _requests(wanted):
        yield Look("type", request, unique(address for name in names for address in wanted[name]))


def all_rows(needs: Sequence[Need], answers: Answers) -> dict[str, Row]:
    """What was read of the types of a plan."""
    found = [row for request, _ in _requests(_types(needs)) for row in
             answers.rows(request, "InstanceTypes.InstanceType")]  # fmt: skip
    return {str(row.get("InstanceTypeId")): row for row in found}


def type_rows(answers: Answers, names: Iterable[str]) -> dict[str, Row]:
    """By name, out of whatever list of types was read."""
    found = {}
    for key, answer in answers.by_key.items():
        if key.startswith("DescribeInstanceTypes ") and not isinstance(answer, ApiError):
            for row in (answer.get("InstanceTypes") or {}).get("InstanceType") or ():
                if row.get("InstanceTypeId") in names:
                    found[str(row["InstanceTypeId"])] = row
    return found


def judged(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Judgement]:
    wanted = _types(needs)
    for request, names in _requests(wanted):
        answer = answers.to(request)
        if isinstance(answer, ApiError):
            about = (address for name in names for address in wanted[name])
            yield unchecked("type", "what instance types can hold", answer, about)
    rows = all_rows(needs, answers)
    alike: dict[tuple[object, ...], list[Fits]] = {}
    for need in needs:
        if isinstance(need, Fits) and need.instance_type in rows:
            key = (need.instance_type, need.interfaces, need.addresses, need.ipv6, need.disks)
            alike.setdefault(key, []).append(need)
    for machines in alike.values():
        yield _fits(machines, rows[machines[0].instance_type], world)


def _fits(machines: Sequence[Fits], row: Row, world: World) -> Judgement:
    one, addresses = machines[0], unique(machine.address for machine in machines)
    line = world.source_of(one.address, "instance_type")
    for field, name, what, code in LIMITS:
        most, has = row.get(name), getattr(one, field)
        if isinstance(most, int) and most > 0 and has > most:
            told = f"{one.instance_type} takes {most} {what}, and it has {has}"
            return Finding(Level.FAIL, "type", told, code, "choose a larger type", addresses, line)
    most = row.get("DiskQuantity")
    if isinstance(most, int) and most > 0 and one.disks >= most:  # whether it counts the system disk is not documented
        level = Level.FAIL if one.disks > most else Level.WARN
        told = f"{one.instance_type} takes {most} disks, and it has {one.disks} beside the system disk"
        return Finding(level, "type", told, "InstanceDiskNumber.LimitExceed", "choose another type", addresses, line)
    return None
