"""Public access for the IPv6 addresses of an interface. VPC 2016-04-28: AllocateIpv6InternetBandwidth, …

Bandwidth has no list and no tags: it is told with its address, which belongs to an instance (its primary interface) or
to a secondary interface, and so it is whose that is. It goes before its address does. Used by instance.py and
network_interface.py.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.kinds._balancers import was_given
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, members, whole
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Late, Params, Product, Replay, Wait
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Reference
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Detail, Ids, Paging, Update, Watched
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, Integer

BANDWIDTH, GATEWAY, CHARGE = NAMES = tuple(f"ipv6_internet.{name}" for name in ("bandwidth", "gateway", "charge_type"))
INTO, HOLDER = "@ipv6", "AssociatedInstanceId"
IDS = "ipv6_ids"
MOST = 5000  # Mbit/s; by traffic 1000
MOST_ADDRESSES = 10  # of one interface
SINGLE = "IPv6Address"  # not a range


def _rows(raw: Raw) -> list[Raw]:
    """Those that came first before those that came later."""
    found: Sequence[Raw] = raw.get(INTO) or ()
    return sorted(found, key=lambda row: (str(row.get("AllocationTime")), str(row["Ipv6Address"])))


def _internet(row: Raw) -> Raw:
    """The bandwidth of one address; empty for a private one."""
    found: Raw = row.get("Ipv6InternetBandwidth") or {}
    return found if found.get("Ipv6InternetBandwidthId") else {}


def _bandwidth(raw: Raw) -> object:
    """That of all its addresses; where they differ, or some have none, the smallest."""
    found = [int(_internet(row).get("Bandwidth") or 0) for row in _rows(raw)]
    return min(found) if any(found) else None


def _first(raw: Raw, key: str) -> object:
    return next((row.get(key) or _internet(row).get(key) for row in _rows(raw) if _internet(row)), None)


def refine(raw: Raw, desired: Mapping[str, object]) -> dict[str, object]:
    """The ids of the addresses, of an object that was read alone: a plan was made before some of them were there."""
    return {IDS: tuple(str(row["Ipv6AddressId"]) for row in _rows(raw))} if "@whole" in raw else {}


ATTRIBUTES = (
    Attribute(BANDWIDTH, None, Integer(1, MOST), "Internet bandwidth of each of its IPv6 addresses in Mbit/s, which "
              "makes them public; at most 1000 by traffic.", read_as=_bandwidth, optional=True, is_relation=True,
              unsampled="needs a vSwitch with IPv6 and a gateway; test_ipv6_gateway.py has them"),
    Attribute(GATEWAY, None, Reference("ipv6_gateway", prefixes=("ipv6gw-",)), "The IPv6 gateway of its VPC.",
              read_as=lambda raw: _first(raw, "Ipv6GatewayId"), fixed="refuse", optional=True, is_relation=True,
              unsampled="a VPC has one gateway; test_ipv6_gateway.py has it"),
    Attribute(CHARGE, None, Choice("PayByTraffic", "PayByBandwidth"), "How it is paid; PayByBandwidth if left out.",
              read_as=lambda raw: _first(raw, "InternetChargeType"), fixed="refuse",
              unsampled="needs a vSwitch with IPv6 and a gateway; test_ipv6_gateway.py has them"),
)  # fmt: skip


def detail(kind: str) -> Detail:
    return Detail(INTO, "DescribeIpv6Addresses", "Ipv6Addresses.Ipv6Address", key=HOLDER, product=Product.VPC,
                  paging=Paging.PAGE, page_size=50, ids=Ids("", "whole"), attributes=NAMES, one=HOLDER, is_aside=True,
                  holds_others=was_given(BANDWIDTH, kind),
                  watched=Watched("AddressType", lambda rows: {"Addresses": len(rows)}))  # fmt: skip


def _call(change: Change, operation: str, params: Params) -> Call:
    return Call(operation, params, Product.VPC, change.kind, (change.id,), token=True, replay=Replay.TOKEN)


def _allocate(change: Change, address: str | Late) -> Call:
    charge = change.desired(CHARGE)
    return _call(change, "AllocateIpv6InternetBandwidth", {
        "Ipv6AddressId": address, "Ipv6GatewayId": change.desired(GATEWAY), "Bandwidth": change.desired(BANDWIDTH),
        **({} if charge is None else {"InternetChargeType": charge}),
    })  # fmt: skip


def _delete(change: Change, bandwidth: str) -> Call:
    params = {"Ipv6InternetBandwidthId": bandwidth}
    return replace(_call(change, "DeleteIpv6InternetBandwidth", params), absent_is_done=True)


def _is_born(change: Change) -> bool:
    return change.before is None or change.action is Action.REPLACE


class _Address(Struct, frozen=True):
    """One IPv6 address; of a private one `bandwidth_id` is empty."""

    id: str
    text: str
    bandwidth_id: str
    bandwidth: int


@Decoder
def _addresses(raw: Raw) -> list[_Address]:
    return [
        _Address(
            str(row["Ipv6AddressId"]),
            str(row["Ipv6Address"]),
            str(_internet(row).get("Ipv6InternetBandwidthId") or ""),
            int(_internet(row).get("Bandwidth") or 0),
        )
        for row in _rows(raw)
    ]


def _live(change: Change) -> list[_Address]:
    return [] if _is_born(change) else change.fact(_addresses)


def change_bandwidth(change: Change) -> Iterator[Call]:
    """Of each address that it has and keeps, and of each that this plan gives it."""
    wanted = change.attributes_by_name[BANDWIDTH].after
    kept = [one for one in _live(change) if one.text not in _given_back(change)]
    for one in kept:
        if wanted is None:
            yield from [_delete(change, one.bandwidth_id)] if one.bandwidth_id else []
        elif not one.bandwidth_id:
            yield _allocate(change, one.id)
        elif one.bandwidth != wanted:
            params = {"Ipv6InternetBandwidthId": one.bandwidth_id, "Bandwidth": wanted}
            yield _call(change, "ModifyIpv6InternetBandwidth", params)
    if wanted is not None:
        yield from _of_new(change, len(kept))


def _given_back(change: Change) -> Collection[str]:
    line = change.attributes_by_name.get("ipv6_addresses")
    if line is None or _is_born(change):
        return set()
    return {str(one) for one in set(members(line.before)) - set(members(line.after))}


def _new(change: Change) -> int:
    """How many addresses this plan gives it."""
    if _is_born(change):
        return len(members(change.desired("ipv6_addresses"))) or whole(change.desired("ipv6_count"))
    listed, counted = (change.attributes_by_name.get(name) for name in ("ipv6_addresses", "ipv6_count"))
    if listed is not None:
        return len(set(members(listed.after)) - set(members(listed.before)))
    return whole(counted.after) - whole(counted.before) if counted is not None else 0


def _of_new(change: Change, kept: int) -> Iterator[Call]:
    """Those of which nothing is known before they are there: the last of all that it has then."""
    ids, total = Ref(change.address, IDS), kept + _new(change)
    if kept < total:
        listed = Wait((("Addresses", tuple(range(total, 2 * MOST_ADDRESSES))),), kind=f"{change.kind}{INTO}:{SINGLE}")
        yield Call("", {}, Product.VPC, change.kind, (change.id,), wait=listed)
    for place in range(kept, total):
        yield _allocate(change, Late(ids, _item(place)))


def _item(place: int) -> Callable[[Sequence[str]], str | None]:
    """None where one has gone meanwhile: the service then says that the id is missing."""
    return lambda ids: ids[place] if place < len(ids) else None


def along(calls: Callable[[Change], Iterable[Call]]) -> Callable[[Change], Iterator[Call]]:
    """What goes with a change of the addresses: those that go are private again before, those that come are public
    after, where nothing else of the change sees to that."""

    def build(change: Change) -> Iterator[Call]:
        gone = _given_back(change)
        going = (one.bandwidth_id for one in _live(change) if one.text in gone)
        yield from (_delete(change, bandwidth) for bandwidth in going if bandwidth)
        yield from calls(change)
        if change.desired(BANDWIDTH) is not None and BANDWIDTH not in change.attributes_by_name:
            yield from _of_new(change, sum(one.text not in gone for one in _live(change)))

    return build


def _impacts(change: Change) -> Iterable[Impact]:
    line = change.attributes_by_name[BANDWIDTH]
    return [Impact.BILLING, *([Impact.ACCESS] if not (line.before and line.after) else [])]


UPDATES = (
    Update(None, (BANDWIDTH,), build=change_bandwidth, impacts=_impacts),
    Update(None, (GATEWAY, CHARGE), build=lambda change: (), only_if=lambda before, after: before is None or after is
           None, otherwise="bandwidth is bought with them, and changes in its amount alone"),
)  # fmt: skip


def _going(change: Change) -> Iterable[str]:
    return (change.before.id,) if change.action in (Action.DELETE, Action.REPLACE) and change.before is not None else ()


def _public(change: Change, told: tuple[Raw, ...]) -> Iterator[tuple[str, str, str]]:
    """Whose addresses have bandwidth of a gateway."""
    for row in told:
        kind = "instance" if row.get("AssociatedInstanceType") == "EcsInstance" else "network_interface"
        if _internet(row):
            yield kind, str(row.get(HOLDER)), ""


HOLDERS = Inquiry("public_addresses", "IPv6 addresses with bandwidth of the gateway", "DescribeIpv6Addresses",
                  "Ipv6Addresses.Ipv6Address", wanted=_going, about=lambda raw: (str(raw.get("Ipv6GatewayId")),),
                  product=Product.VPC, paging=Paging.PAGE, page_size=50, holders=_public)  # fmt: skip


def check(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """Bandwidth goes through a gateway, and is that of an address."""
    amount, has = resource.attributes.get(BANDWIDTH), resource.attributes
    if amount is None:
        return
    where = resource.source_of(BANDWIDTH)
    if has.get(GATEWAY) is None:
        yield Diagnostic("ipv6_internet names no gateway", "write ipv6_internet.gateway: NAME, an ipv6_gateway", where,
                         resource.address, rule=Rule.MISSING_KEY)  # fmt: skip
    if not has.get("ipv6_addresses") and not has.get("ipv6_count"):
        yield Diagnostic("ipv6_internet is for IPv6 addresses, and it has none", "write ipv6_count: 1, or their list",
                         where, resource.address, rule=Rule.COMBINATION)  # fmt: skip
    if has.get(CHARGE) == "PayByTraffic" and isinstance(amount, int) and amount > 1000:
        yield Diagnostic("by traffic an address has at most 1000 Mbit/s", "write bandwidth: 1000, or PayByBandwidth",
                         where, resource.address, rule=Rule.LIMIT)  # fmt: skip
