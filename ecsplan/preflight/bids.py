"""Is the highest price that a spot machine may cost as high as the market's? DescribeSpotPriceHistory, ECS 2014-05-26:
the newest price of the type in its zone, one call for both. A lower bid is refused, or waits for nothing.
"""

from collections.abc import Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, Request
from ecsplan.model.preflight import Finding, Level, Need, Sold
from ecsplan.preflight.world import Answers, Judgement, Look, World, rows_at, unchecked, unique

Bids = dict[tuple[str, str], list[Sold]]


def _bids(needs: Sequence[Need], world: World) -> Bids:
    """By type and zone; where the service chooses the zone, so is the price."""
    found: Bids = {}
    for need in needs:
        if isinstance(need, Sold) and need.bid is not None:
            zone = need.zone or world.zone_of(need.subnet)
            if zone is not None:
                found.setdefault((need.instance_type, zone), []).append(need)
    return found


def _request(instance_type: str, zone: str) -> Request:
    params = {"NetworkType": "vpc", "InstanceType": instance_type, "ZoneId": zone}
    return Request("DescribeSpotPriceHistory", params)


def looks(needs: Sequence[Need], world: World) -> Iterator[Look]:
    for (instance_type, zone), machines in _bids(needs, world).items():
        yield Look("stock", _request(instance_type, zone), _addresses(machines))


def judged(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Judgement]:
    for (instance_type, zone), machines in _bids(needs, world).items():
        answer = answers.to(_request(instance_type, zone))
        if isinstance(answer, ApiError):
            yield unchecked("stock", f"the spot price of {instance_type} in {zone}", answer, _addresses(machines))
        elif answer is not None:
            yield _of_market(machines, instance_type, zone, answer, world)


def _of_market(machines: Sequence[Sold], instance_type: str, zone: str, answer: object, world: World) -> Judgement:
    rows = sorted(rows_at(answer, "SpotPrices.SpotPriceType"), key=lambda row: str(row.get("Timestamp")))
    price = rows[-1].get("SpotPrice") if rows else None
    if not isinstance(price, (int, float)):
        told = f"the spot price of {instance_type} in {zone}: the service tells none"
        return Finding(Level.UNCHECKED, "stock", told, addresses=_addresses(machines))
    low = [machine for machine in machines if machine.bid is not None and machine.bid < price]
    if not low:
        return None
    told = f"{instance_type} costs {price:g} an hour as a spot machine in {zone}, and at most {low[0].bid:g} is bid"
    advice = f"bid at least {price:g}, or write strategy: SpotAsPriceGo"
    line = world.source_of(low[0].address, "spot.price_limit")
    return Finding(Level.FAIL, "stock", told, "InvalidSpotPriceLimit.LowerThanPublicPrice", advice,
                   _addresses(low), line)  # fmt: skip


def _addresses(machines: Sequence[Sold]) -> tuple[Address, ...]:
    return unique(machine.address for machine in machines)
