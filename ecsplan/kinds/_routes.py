"""The routes of a table: those of people, never those of the system. VPC 2016-04-28: CreateRouteEntry, …

They are parts of their table: no tags, listed by table alone, and one for each range. So they are whose the table is,
which for the table that every VPC has is the VPC itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ecsplan.kinds._forms import LETTERS
from ecsplan.kinds._keyed import Entry, Keyed
from ecsplan.kinds._prefix import Prefix
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, Value, ValueOrUnknown, fields, members
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Params, Product, Replay
from ecsplan.model.change import Change
from ecsplan.model.composites import Record, Reference
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Detail, Ids
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Text

HOPS: Mapping[str, str] = {
    "ngw": "NatGateway", "i": "Instance", "eni": "NetworkInterface", "ipv6gw": "IPv6Gateway", "havip": "HaVip",
    "vpn": "VpnGateway", "ri": "RouterInterface", "pcc": "VpcPeer", "ipv4gw": "Ipv4Gateway", "tr": "Attachment",
}  # fmt: skip
OF_KIND: Mapping[str, str] = {
    "nat_gateway": "NatGateway", "instance": "Instance", "network_interface": "NetworkInterface",
}  # fmt: skip
"""What the service calls the next hop, by the beginning of its id, or by our kind."""

ROUTE = Record(
    "a route",
    Attribute("cidr", "DestinationCidrBlock", Prefix(), "Where it leads; 0.0.0.0/0 is everywhere else.", required=True),
    Attribute("next_hop", "NextHopId", Reference(*OF_KIND, prefixes=tuple(f"{prefix}-" for prefix in HOPS)),
              "Through which resource of the stack, or which id (a NAT gateway, an instance, an interface, …).",
              required=True),
    Attribute("name", "RouteEntryName", Text(1, 128, f"^[{LETTERS}][{LETTERS}0-9._-]*$", "a name of 1 to 128 letters, "
              "digits, '.', '_' and '-'"), "Its name; as it was, if left out."),
    Attribute("description", "Description", Text(1, 256, "^(?!https?://)", "a string of 1 to 256 characters that does "
              "not start with http:// or https://"), "What it is for; as it was, if left out."),
)  # fmt: skip


_SIX, _FOUR = ("IPv6Gateway",), ("NatGateway", "Ipv4Gateway", "VpnGateway")


def check(resource: Resource, _: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """A next hop of the other version of IP than the range."""
    for entry in members(resource.attributes.get("routes")):
        found = fields(entry)
        cidr, hop = found.get("cidr"), found.get("next_hop")
        if not isinstance(cidr, str) or not isinstance(hop, (Ref, str)):
            continue
        of_hop = hop_type(hop)
        if of_hop in (_FOUR if ":" in cidr else _SIX):
            other = "IPv4" if ":" in cidr else "IPv6"
            yield Diagnostic(
                f"routes: {hop} takes {other} traffic alone, and {cidr} is none",
                "name another next_hop, or a range of its version of IP",
                resource.source_of("routes"),
                resource.address,
                rule=Rule.NETWORK,
            )


class Routes(Keyed):
    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(ROUTE, "cidr", maximum=200)


ROUTES = Routes()


def detail(table: Callable[[Raw], str] | None = None) -> Detail:
    """`table` is the id of the table, where the object is none itself."""
    return Detail("@routes", "DescribeRouteEntryList", "RouteEntrys.RouteEntry", product=Product.VPC, page_size=100,
                  params={"RouteEntryType": "Custom"}, ids=Ids("RouteTableId", "single", 1), attributes=("routes",),
                  asked_by=table, size_name="MaxResult")  # fmt: skip


def read_routes(raw: Raw) -> object:
    return list(_rows(raw)) if "@routes" in raw else None


def _rows(raw: Raw) -> Iterator[Raw]:
    """With several next hops of one weight each the first stands for all. Those that a service hosts are its own."""
    for row in ((raw["@routes"] or {}).get("RouteEntrys") or {}).get("RouteEntry") or ():
        hops = (row.get("NextHops") or {}).get("NextHop") or ()
        if row.get("Type") == "Custom" and row.get("Status") != "Deleting" and not row.get("ServiceType") and hops:
            yield {
                "cidr": row["DestinationCidrBlock"],
                "next_hop": hops[0].get("NextHopId"),
                "name": row.get("RouteEntryName"),
                "description": row.get("Description"),
            }


def change_routes(table: Callable[[Change], Value]) -> Callable[[Change], Iterable[Call]]:
    return lambda change: _calls(change, table(change))


def _calls(change: Change, table: ValueOrUnknown) -> Iterator[Call]:
    """New ones come before old ones go; one to the same place is changed, so that it is never missing."""
    line = change.attributes_by_name["routes"]
    made, changed, gone = ROUTES.moves(line.before, line.after)
    for entry in made:
        yield _call("CreateRouteEntry", {"RouteTableId": table, **_body(entry, "")}, change)
    before = {ROUTES.identity(item): fields(item) for item in members(line.before)}
    for entry in changed:
        was = before[ROUTES.identity(entry)]
        moved = [pair for pair in entry if pair[0] == "cidr" or was.get(pair[0]) != pair[1]]
        yield _call("ModifyRouteEntry", {"RouteTableId": table, **_body(moved, "New")}, change)
    for entry in gone:
        params = {"RouteTableId": table, "DestinationCidrBlock": dict(entry)["cidr"]}
        yield _call("DeleteRouteEntry", params, change)


def _body(entry: Iterable[tuple[str, Any]], before: str) -> dict[str, object]:
    found = {str(ROUTE.by_name[name].wire): value for name, value in entry}
    hop = found.pop("NextHopId", None)
    return found if hop is None else found | {f"{before}NextHopId": hop, f"{before}NextHopType": hop_type(hop)}


def hop_type(hop: ValueOrUnknown) -> str:
    if isinstance(hop, Ref):
        return OF_KIND[hop.address.kind]
    return HOPS[str(hop).partition("-")[0]]


def _call(operation: str, params: Params, change: Change) -> Call:
    """A NAT gateway makes the route to everywhere by itself: then it is there already."""
    is_new = operation == "CreateRouteEntry"
    return Call(operation, params, Product.VPC, change.kind, (change.id,), token=is_new,
                replay=Replay.TOKEN if is_new else Replay.NATURAL, absent_is_done=operation == "DeleteRouteEntry",
                done_on=("RouterEntryConflict.Duplicated",) if is_new else ())  # fmt: skip


def entries(raw: Raw) -> Iterable[Entry]:
    return ROUTES.live(_rows(raw)) if "@routes" in raw else ()
