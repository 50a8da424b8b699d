"""Is what would be bought in stock, in its zone, as it would be bought? DescribeAvailableResource, ECS 2014-05-26.

The row of the type counts, not that of its zone. The category of the system disk is always sent: without it the
service goes by one that newer types do not take. No answer tells how many there are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.model.call import ApiError, Params, Request
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.preflight import Finding, Level, Need, Sold, SoldDisk
from ecsplan.preflight.types import type_rows
from ecsplan.preflight.world import Answer, Answers, Judgement, Look, Row, World, listed, rows_at, unchecked, unique

STOCK = "DescribeAvailableResource"
FEW_TYPES = 2  # so many are asked for by name; more by one list of all types
MANY = 10  # of one type in one zone; stock is never told in numbers
SOLD_OUT = ("WithoutStock", "ClosedWithoutStock")
NOT_SOLD = ("OperationDenied.RegionIdNotSupported", "OperationDenied.FlavorNotSupported", "Unavailable.Regions")


class Terms(Struct, frozen=True):
    """How a machine is bought; each asks for a list of its own."""

    charge_type: str
    spot: str
    system_disk: str
    data_disk: str

    @property
    def params(self) -> Params:
        return {
            "DestinationResource": "InstanceType",
            "IoOptimized": "optimized",
            "InstanceChargeType": self.charge_type,
            "SpotStrategy": self.spot if self.charge_type == "PostPaid" else None,
            "SystemDiskCategory": self.system_disk or None,
            "DataDiskCategory": self.data_disk or None,
        }

    @property
    def words(self) -> str:
        """`PrePaid, system disk cloud_essd`."""
        told = [self.charge_type if self.spot == "NoSpot" else "spot"]
        told += [f"{use} disk {name}" for use, name in (("system", self.system_disk), ("data", self.data_disk)) if name]
        return ", ".join(told)


def _by_terms(needs: Iterable[Need]) -> dict[Terms, dict[str, list[Sold]]]:
    found: dict[Terms, dict[str, list[Sold]]] = {}
    for need in needs:
        if isinstance(need, Sold):
            for disk in need.data_disks or ("",):
                terms = Terms(need.charge_type, need.spot, need.system_disk, disk)
                found.setdefault(terms, {}).setdefault(need.instance_type, []).append(need)
    return found


def _request(terms: Terms, wanted: str, among: int) -> Request:
    return Request(STOCK, {**terms.params, "InstanceType": wanted if among <= FEW_TYPES else None})


def looks(needs: Sequence[Need], world: World) -> Iterator[Look]:
    """The terms of the most machines first."""
    groups = _by_terms(needs)
    for terms, types in sorted(groups.items(), key=lambda item: -sum(map(len, item[1].values()))):
        for name, wanted in types.items():
            yield Look("stock", _request(terms, name, len(types)), unique(one.address for one in wanted))
    disks = unique(need.address for need in needs if isinstance(need, SoldDisk))
    if disks:
        yield Look("stock", DISKS, disks)


DISKS = Request(STOCK, {"DestinationResource": "DataDisk", "ResourceType": "disk"})


def judged(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Judgement]:
    for terms, types in _by_terms(needs).items():
        for name, wanted in types.items():
            request = _request(terms, name, len(types))
            answer = answers.to(request)
            if answer is not None:
                yield from _of_type(name, terms, wanted, world, answer, answers)
    answer = answers.to(DISKS)
    if answer is not None:
        yield from _of_disks([need for need in needs if isinstance(need, SoldDisk)], world, answer)


def _of_type(
    name: str, terms: Terms, wanted: Sequence[Sold], world: World, answer: Answer, answers: Answers
) -> Iterator[Judgement]:
    if isinstance(answer, ApiError):
        yield _refused(answer, name, terms, wanted, world)
        return
    rows = stock_of(answer, "InstanceType")
    zones = {zone: row for (value, zone), row in rows.items() if value == name}
    for zone, here in _by_zone(wanted, world).items():
        if not rows_at(answer, "AvailableZones.AvailableZone"):
            yield Finding(Level.UNCHECKED, "stock", f"the list of types on sale is empty ({terms.words})",
                          addresses=unique(one.address for one in here))  # fmt: skip
        elif zone is None:
            yield _anywhere(name, terms, zones, here, world)
        else:
            yield _in_zone(name, zone, terms, zones, here, world, answers)


def _by_zone(wanted: Sequence[Sold], world: World) -> dict[str | None, list[Sold]]:
    found: dict[str | None, list[Sold]] = {}
    for one in wanted:
        found.setdefault(one.zone or world.zone_of(one.subnet), []).append(one)
    return found


def _refused(error: ApiError, name: str, terms: Terms, wanted: Sequence[Sold], world: World) -> Finding:
    addresses = unique(one.address for one in wanted)
    if error.code in NOT_SOLD:
        told = f"{name} is not sold in this region ({terms.words})"
        return Finding(Level.FAIL, "stock", told, error.code, error.message, addresses, _line(wanted, world))
    return unchecked("stock", f"whether {name} is in stock", error, addresses)


def _anywhere(name: str, terms: Terms, zones: Mapping[str, Row], wanted: Sequence[Sold], world: World) -> Judgement:
    """No zone is declared: the service chooses one."""
    if any(_is_sold(row) for row in zones.values()):
        return None
    code, told = ("OperationDenied.NoStock", "sold out") if zones else ("InvalidResourceType.NotSupported", "not sold")
    return Finding(Level.FAIL, "stock", f"{name} is {told} in every zone of the region ({terms.words})", code,
                   "choose another type", unique(one.address for one in wanted), _line(wanted, world))  # fmt: skip


def _in_zone(
    name: str,
    zone: str,
    terms: Terms,
    zones: Mapping[str, Row],
    wanted: Sequence[Sold],
    world: World,
    answers: Answers,
) -> Judgement:
    row, addresses, line = zones.get(zone), unique(one.address for one in wanted), _line(wanted, world)
    if row is None or row.get("Status") == "SoldOut" or row.get("StatusCategory") in SOLD_OUT:
        code = "InvalidResourceType.NotSupported" if row is None else "OperationDenied.NoStock"
        word = "is not sold" if row is None else "is sold out"
        why = terms.words if row is None else f"{row.get('StatusCategory') or row.get('Status')}; {terms.words}"
        advice = _alternatives(name, zone, terms, zones, answers)
        return Finding(Level.FAIL, "stock", f"{name} {word} in {zone} ({why})", code, advice, addresses, line)
    if row.get("Status") != "Available":
        return Finding(Level.UNCHECKED, "stock", f"{name} is {row.get('Status')} in {zone}", addresses=addresses)
    if row.get("StatusCategory") == "ClosedWithStock":
        told = f"{name} is no longer restocked in {zone} (ClosedWithStock): what is left may not be enough"
        return Finding(Level.WARN, "stock", told, "OperationDenied.NoStock", _elsewhere(zone, zones), addresses, line)
    if len(addresses) >= MANY:
        told = f"{len(addresses)} of {name} at once in {zone}: it is in stock, and no answer tells how many there are"
        return Finding(Level.WARN, "stock", told, "OperationDenied.NoStock", "", addresses, line)
    return None


def _alternatives(name: str, zone: str, terms: Terms, zones: Mapping[str, Row], answers: Answers) -> str:
    like = [
        value
        for (value, place), row in stock_of(answers.to(like_it(name, zone, terms, answers)), "InstanceType").items()
        if place == zone and value != name and _is_sold(row)
    ]
    like.sort(key=lambda value: (_distance(name, value), value))
    here = f"as large, and in stock in {zone}: {listed(like)}" if like else ""
    return "; ".join(filter(None, (_elsewhere(zone, zones), here))) or "choose another type or zone"


def _distance(name: str, other: str) -> tuple[bool, int]:
    """Of another family: first those of the same letters (`g` of ecs.g7), then the nearest generation."""
    (letters, number), (others, generation) = (_family(one) for one in (name, other))
    return letters != others, abs(number - generation)


def _family(name: str) -> tuple[str, int]:
    found = re.match(r"(?:ecs\.)?([a-z]+)(\d*)", name)
    return (found[1], int(found[2] or 0)) if found else (name, 0)


def _elsewhere(zone: str, zones: Mapping[str, Row]) -> str:
    others = sorted(place for place, row in zones.items() if place != zone and _is_sold(row))
    return f"in stock in {listed(others)}" if others else ""


def like_it(name: str, zone: str, terms: Terms, answers: Answers) -> Request:
    """All that is as large as a type, in its zone. vCPUs and memory are in the list of types, if that was read."""
    row = type_rows(answers, [name]).get(name, {})
    size = {"Cores": row.get("CpuCoreCount"), "Memory": row.get("MemorySize")}
    return Request(STOCK, {**terms.params, **size, "ZoneId": zone})


def looks_for_others(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Look]:
    """Once something is sold out: what else there is."""
    for terms, types in _by_terms(needs).items():
        for name, wanted in types.items():
            answer = answers.to(_request(terms, name, len(types)))
            if answer is None or isinstance(answer, ApiError):
                continue
            for zone, here in _by_zone(wanted, world).items():
                found = _in_zone(name, zone, terms, _zones(answer, name), here, world, answers) if zone else None
                if zone and found is not None and found.level is Level.FAIL and type_rows(answers, [name]):
                    yield Look("stock", like_it(name, zone, terms, answers), found.addresses)


def _zones(answer: Answer, name: str) -> dict[str, Row]:
    return {zone: row for (value, zone), row in stock_of(answer, "InstanceType").items() if value == name}


def stock_of(answer: Answer | None, kind: str) -> dict[tuple[str, str], Row]:
    """Rows by value and zone."""
    found: dict[tuple[str, str], Row] = {}
    for zone in rows_at(answer, "AvailableZones.AvailableZone"):
        for resource in rows_at(zone, "AvailableResources.AvailableResource"):
            if resource.get("Type") in (kind, None):
                for row in rows_at(resource, "SupportedResources.SupportedResource"):
                    found[str(row.get("Value")), str(zone.get("ZoneId"))] = row
    return found


def _is_sold(row: Row) -> bool:
    return row.get("Status") == "Available" and row.get("StatusCategory") not in SOLD_OUT


def type_on_sale(name: str, charge_type: str, spot: str, system_disk: str, data_disk: str) -> Request:
    """What tells where a type can be bought so."""
    return _request(Terms(charge_type, spot, system_disk, data_disk), name, 1)


def on_sale(answer: Answer, name: str) -> frozenset[str]:
    """The zones where it is in stock."""
    return frozenset(zone for zone, row in _zones(answer, name).items() if _is_sold(row))


def _line(wanted: Sequence[Sold], world: World) -> SourceRange | None:
    return world.source_of(wanted[0].address, wanted[0].attribute)


def _of_disks(wanted: Sequence[SoldDisk], world: World, answer: Answer) -> Iterator[Judgement]:
    if isinstance(answer, ApiError):
        yield unchecked("stock", "whether disks are in stock", answer, (one.address for one in wanted))
        return
    rows = stock_of(answer, "DataDisk")
    alike: dict[tuple[str, str, int], list[SoldDisk]] = {}
    for one in wanted:
        alike.setdefault((one.category, one.zone, one.size), []).append(one)
    for (category, zone, size), disks in alike.items():
        yield _of_disk(category, zone, size, rows, disks, world)


def _of_disk(
    category: str,
    zone: str,
    size: int,
    rows: Mapping[tuple[str, str], Row],
    disks: Sequence[SoldDisk],
    world: World,
) -> Judgement:
    addresses = unique(one.address for one in disks)
    line = world.source_of(addresses[0], disks[0].attribute)
    if not rows:
        return Finding(Level.UNCHECKED, "stock", "the list of disks on sale is empty", addresses=addresses)
    row = rows.get((category, zone))
    if row is None or not _is_sold(row):
        word, code = ("not sold", "InvalidDiskCategory.NotSupported") if row is None else (
            "sold out", "OperationDenied.NoStock")  # fmt: skip
        others = sorted(value for (value, place), row in rows.items() if place == zone and _is_sold(row))
        advice = f"in stock in {zone}: {listed(others)}" if others else "choose another zone"
        return Finding(Level.FAIL, "stock", f"a disk of {category} is {word} in {zone}", code, advice, addresses, line)
    low, high = row.get("Min"), row.get("Max")
    if size and isinstance(low, int) and isinstance(high, int) and not low <= size <= high:
        told = f"a disk of {category} has {low} to {high} GiB in {zone}, not {size}"
        return Finding(Level.FAIL, "stock", told, "InvalidDiskSize.NotSupported", "", addresses, line)
    return None
