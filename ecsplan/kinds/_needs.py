"""The needs of a change before it can be carried out: stock, an image, room in quotas and subnets.

Values for preflight/. A replacement that deletes first gives back before it takes; the sums are made there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from ecsplan.kinds import _disks
from ecsplan.kinds import _machine as machine
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Value, ValueOrUnknown, Values, fields
from ecsplan.model.change import Action, Change
from ecsplan.model.preflight import Addresses, Cores, Counted, Fits, Image, Need, Sold, SoldDisk, Subnet
from ecsplan.model.resource import Resource

Declared = Mapping[Address, Resource]
Needs = Callable[[Change, Declared], Iterable[Need]]
_MAKES = (Action.CREATE, Action.REPLACE)
_GOES = (Action.DELETE, Action.REPLACE)


def counted(quota: str) -> Needs:
    """One of a quota for each that is made, one less for each that is deleted."""

    def needs(change: Change, declared: Declared) -> Iterator[Need]:
        if change.action in _MAKES:
            yield Counted(change.address, quota)
        if change.action in _GOES:
            yield Counted(change.address, quota, -1)

    return needs


def of_interface(change: Change, declared: Declared) -> Iterator[Need]:
    yield from counted("interfaces")(change, declared)
    found = _attributes(change)
    subnet = _subnet(found.get("vswitch"))
    if change.action in _MAKES and subnet is not None:
        further = _length(found.get("private_ips")) or _number(found.get("private_ip_count"))
        yield Addresses(change.address, subnet, 1 + further)
    if change.action in _GOES and change.before is not None:
        yield from _given_back(change, change.live("vswitch"), 1)


def of_disk(change: Change, declared: Declared) -> Iterator[Need]:
    found = _attributes(change)
    zone, size = found.get("zone"), _number(found.get("size"))
    if change.action in _MAKES and isinstance(zone, str):
        yield SoldDisk(change.address, str(found.get("category") or _disks.DEFAULT), size, zone)
        yield Counted(change.address, "disk_space", size)
    elif "size" in change.attributes_by_name:
        yield Counted(change.address, "disk_space", size - _number(change.live("size")))
    if change.action in _GOES and change.before is not None:
        yield Counted(change.address, "disk_space", -_number(change.live("size")))


def of_instance(change: Change, declared: Declared) -> Iterator[Need]:
    if change.action in _MAKES:
        yield from _new_machine(change, _attributes(change), declared)
    elif change.action in (Action.UPDATE, Action.MOVE, Action.ADOPT):
        yield from _changed_machine(change, declared)
    if change.action in _GOES and change.before is not None:
        yield from _old_machine(change)


def _new_machine(change: Change, found: Values, declared: Declared) -> Iterator[Need]:
    address, kind = change.address, found.get("instance_type")
    if not isinstance(kind, str):
        return
    yield _sold(change, found, kind, declared)
    yield from _image(change, found, kind)
    yield _fits(address, found, kind)
    yield from _cores(address, found, kind, 1)
    subnet = _subnet(found.get("vswitch"))
    if subnet is not None:
        yield Addresses(address, subnet, 1 + _length(found.get("secondary_private_ips")))
    yield Counted(address, "interfaces", 1 + _length(found.get("network_interfaces")))
    yield from _of_slots(address, found, subnet, ())
    if found.get("charge_type", "PostPaid") == "PostPaid":
        yield Counted(address, "disk_space", _space(found))
    if _number(found.get("internet.max_bandwidth_out")):
        yield Counted(address, "public_addresses")


def _old_machine(change: Change) -> Iterator[Need]:
    yield from _given_back(change, change.fact(machine.subnet), max(1, len(change.fact(machine.private_addresses))))
    yield Counted(change.address, "interfaces", -1)
    pool = "spot" if change.fact(machine.spot) != "NoSpot" else "postpaid"
    is_paid_ahead = change.fact(machine.is_subscription)
    yield Cores(change.address, change.fact(machine.instance_type), "prepaid" if is_paid_ahead else pool, -1)


def _given_back(change: Change, subnet: ValueOrUnknown, count: int) -> Iterator[Need]:
    if isinstance(subnet, str) and subnet:
        yield Addresses(change.address, Subnet(subnet), -count)


def _changed_machine(change: Change, declared: Declared) -> Iterator[Need]:
    assert change.before is not None
    found = {**change.before.attributes, **_attributes(change)}
    changed, kind = change.attributes_by_name, found.get("instance_type")
    if not isinstance(kind, str):
        return
    is_new_type = "instance_type" in changed and changed["instance_type"].after is not None
    if is_new_type:
        yield _fits(change.address, found, kind)
        yield from _cores(change.address, found, kind, 1)
        yield from _cores(change.address, found, str(changed["instance_type"].before), -1)
    if "image" in changed:
        yield from _image(change, found, kind)
    if _starts_anew(change):
        yield _sold(change, found, kind, declared, "state")
    before = tuple(name for name in fields(change.live("network_interfaces")))
    if "network_interfaces" in changed:
        yield from _of_slots(change.address, found, _subnet(found.get("vswitch")), before)
    if "secondary_private_ips" in changed and (subnet := _subnet(found.get("vswitch"))) is not None:
        more = _length(changed["secondary_private_ips"].after) - _length(changed["secondary_private_ips"].before)
        yield Addresses(change.address, subnet, more)
    if "vswitch" in changed and (subnet := _subnet(changed["vswitch"].after)) is not None:
        yield Addresses(change.address, subnet, 1)
    if "data_disks" in changed:
        yield from _new_disks(change, found)


def _starts_anew(change: Change) -> bool:
    """A machine that gave its vCPUs back needs them to be in stock."""
    state = change.attributes_by_name.get("state")
    return state is not None and state.after == "running" and change.fact(machine.stops_charging)


def _new_disks(change: Change, found: Values) -> Iterator[Need]:
    """Disks that are added to a machine are made in its zone."""
    assert change.before is not None
    had = fields(change.live("data_disks"))
    for slot, disk in fields(change.desired("data_disks")).items():
        if slot not in had:
            wanted = fields(disk)
            category, zone = str(wanted.get("category") or _disks.DEFAULT), change.fact(machine.zone)
            yield SoldDisk(change.address, category, _number(wanted.get("size")), zone, "data_disks")
            yield Counted(change.address, "disk_space", _number(wanted.get("size")))


def _sold(change: Change, found: Values, kind: str, declared: Declared, attribute: str = "instance_type") -> Sold:
    disks = (str(fields(disk).get("category") or _disks.DEFAULT) for disk in fields(found.get("data_disks")).values())
    return Sold(
        change.address,
        kind,
        _zone(found, declared),
        _subnet(found.get("vswitch")),
        str(found.get("charge_type") or "PostPaid"),
        str(found.get("spot.strategy") or "NoSpot"),
        str(found.get("system_disk.category") or _disks.DEFAULT),
        tuple(sorted(set(disks))),
        attribute,
        _bid(found),
    )


def _bid(found: Values) -> float | None:
    limit = found.get("spot.price_limit")
    return float(limit) if limit and found.get("spot.strategy") == "SpotWithPriceLimit" else None  # type: ignore[arg-type]


def _image(change: Change, found: Values, kind: str) -> Iterator[Need]:
    """One that the plan itself makes is not there to be looked at."""
    image = found.get("image")
    if isinstance(image, str):
        yield Image(change.address, image, kind, _number(found.get("system_disk.size")))


def _fits(address: Address, found: Values, kind: str) -> Fits:
    private, ipv6 = 1 + _length(found.get("secondary_private_ips")), _length(found.get("ipv6_addresses"))
    return Fits(address, kind, 1 + _length(found.get("network_interfaces")), private, ipv6,
                _length(found.get("data_disks")))  # fmt: skip


def _cores(address: Address, found: Values, kind: str, count: int) -> Iterator[Need]:
    if found.get("charge_type", "PostPaid") == "PrePaid":
        yield Cores(address, kind, "prepaid", count)
    else:
        yield Cores(address, kind, "spot" if found.get("spot.strategy", "NoSpot") != "NoSpot" else "postpaid", count)


def _of_slots(address: Address, found: Values, own: Subnet | None, before: tuple[str, ...]) -> Iterator[Need]:
    for name, slot in fields(found.get("network_interfaces")).items():
        subnet = _subnet(fields(slot).get("vswitch")) or own
        if name not in before and subnet is not None:
            yield Addresses(address, subnet, 1)


def _space(found: Values) -> int:
    disks = sum(_number(fields(disk).get("size")) for disk in fields(found.get("data_disks")).values())
    return disks + _number(found.get("system_disk.size"))


def _attributes(change: Change) -> Values:
    return change.after.attributes if change.after is not None else {}


def _zone(found: Values, declared: Declared) -> str | None:
    zone, vswitch = found.get("zone"), found.get("vswitch")
    if zone is None and isinstance(vswitch, Ref) and vswitch.address in declared:
        zone = declared[vswitch.address].attributes.get("zone")
    return zone if isinstance(zone, str) else None


def _subnet(value: ValueOrUnknown) -> Subnet | None:
    if isinstance(value, Ref):
        return Subnet(value.address)
    return Subnet(value) if isinstance(value, str) and value else None


def _length(value: ValueOrUnknown) -> int:
    return len(value) if isinstance(value, (tuple, list, frozenset, set)) else 0


def _number(value: Value) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
