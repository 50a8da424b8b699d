"""Membership in the server groups of balancers, declared on what serves there. Used by instance.py and others.

ALB 2020-06-16 and NLB 2022-04-30: AddServersToServerGroup, UpdateServerGroupServersAttribute,
RemoveServersFromServerGroup, ListServerGroupServers; every change is a job, after which the member says where it is.
CLB (SLB 2014-05-15): AddVServerGroupBackendServers, SetVServerGroupAttribute, RemoveVServerGroupBackendServers of a
vServer group, AddBackendServers, SetBackendServers, RemoveBackendServers of a balancer's own group; at once.

Others (Auto Scaling, Kubernetes, people) have members in the same groups: only what was applied by us goes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ecsplan.kinds._existing import LISTINGS, Existing
from ecsplan.kinds._keyed import Entry, Keyed
from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Merge, Params, Product, Replay, Wait
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.outside import Outside
from ecsplan.model.capabilities.serving import Serving
from ecsplan.model.change import Change
from ecsplan.model.composites import Record
from ecsplan.model.kind import Detail, Ids, Listing, Paging, Under, Update, Watched
from ecsplan.model.marks import read_marks, read_tags
from ecsplan.model.ownership import read_record
from ecsplan.model.values import Integer, Mistake

MOST = 50  # groups that one server is in
USUAL = 100  # the weight that the service gives
AVAILABLE = "Available"


def _server_group(kind: str, *prefixes: str) -> Existing:
    return Existing(kind, *prefixes, noun="server group")


class Memberships(Keyed):
    """`{group, port, weight}`; a server is in a group once for each port."""

    __slots__ = ("product",)

    def __init__(self, product: str, group: Existing, ports: Integer) -> None:
        record = Record(
            "a membership",
            Attribute("group", None, group, "The server group, by id or by a look-up.", required=True),
            Attribute("port", None, ports, "The port that it serves at."),
            Attribute("weight", None, Integer(0, 100), "Its share of the requests; 100 if left out, 0 for none."),
        )
        super().__init__(record, "group", "port", maximum=MOST)
        self.product = product

    def complete(self, item: object) -> Any:
        if not isinstance(item, Mapping):
            return item
        own_group = str(item.get("group")).startswith("lb-")
        if own_group and item.get("port") is not None:
            raise Mistake("the servers of a balancer's own group have no port", "remove port; its listeners have one")
        if not own_group and item.get("port") is None and self.product != "nlb" and "lookup" not in str(item):
            raise Mistake(f"a member of {item.get('group')} needs port", "write port: 8080")
        return {"weight": USUAL, **item}


def drained(value: Any) -> object:
    """The same members without requests."""
    return tuple(tuple(sorted({**dict(entry), "weight": 0}.items())) for entry in value or ())


class Server(Struct, frozen=True):
    """What a member of a group is: an instance or an interface, as the products spell it."""

    kind: str
    type: str  # Ecs or Eni


ECS, ENI = Server("instance", "Ecs"), Server("network_interface", "Eni")


class Side(Struct, frozen=True):
    """One product. `updates` is how many members one call may change."""

    name: str
    product: Product
    of: Memberships
    updates: int

    @property
    def attribute(self) -> str:
        return f"balancers.{self.name}"

    @property
    def into(self) -> str:
        return f"@{self.name}"


ALB = Side("alb", Product.ALB,
           Memberships("alb", _server_group("alb_server_group", "sgp-"), Integer(1, 65535)), 40)  # fmt: skip
NLB = Side("nlb", Product.NLB,
           Memberships("nlb", _server_group("nlb_server_group", "sgp-"), Integer(0, 65535)), 200)  # fmt: skip
CLB = Side("clb", Product.SLB,
           Memberships("clb", _server_group("clb", "rsp-", "lb-"), Integer(1, 65535)), 20)  # fmt: skip
SIDES = (ALB, NLB, CLB)
NAMES = tuple(side.attribute for side in SIDES)
OWN = "own"  # in place of a port, for the group of a balancer itself


def leaving(name: str, before: Any, after: Any) -> object:
    """The members that go from one value to the other, without requests; the others as they are."""
    side = next(side for side in SIDES if side.attribute == name)
    stay = {side.of.identity(entry) for entry in after or ()}
    return tuple(
        entry if side.of.identity(entry) in stay else tuple(sorted({**dict(entry), "weight": 0}.items()))
        for entry in before or ()
    )


def interfaces(raw: Raw) -> Iterator[str]:
    rows = (raw.get("NetworkInterfaces") or {}).get("NetworkInterface") or ()
    return (str(row["NetworkInterfaceId"]) for row in rows)


SERVING = Serving(NAMES, drained, leaving, others=interfaces)
SERVING_FROM_A_MACHINE = Serving(NAMES, drained, leaving, within="instance")


# What is read


def _rows(raw: Raw, *into: str) -> list[Raw] | None:
    if not any(name in raw for name in into):
        return None
    return [row for name in into for row in raw.get(name) or () if row.get("Status") != "Removing"]


def _entry(row: Raw, group: str) -> dict[str, object]:
    port = int(row.get("Port") or 0) or None
    return {"group": row.get(group), "port": port, "weight": int(row.get("Weight", USUAL))}


def _reader(side: Side) -> Callable[[Raw], object]:
    def read(raw: Raw) -> object:
        rows = _rows(raw, side.into)
        return None if rows is None else [_entry(row, "ServerGroupId") for row in rows]

    def read_classic(raw: Raw) -> object:
        rows = _rows(raw, "@clb", "@clb_own")
        if rows is None:
            return None
        return [_entry(row, "VServerGroupId" if row.get("VServerGroupId") else "LoadBalancerId") for row in rows]

    return read_classic if side is CLB else read


def was_given(name: str, kind: str) -> Callable[[Raw], bool]:
    """Whether the record of an object may speak of an attribute: what goes is asked for what we gave it alone."""

    def tell(raw: Raw) -> bool:
        record = read_record(read_marks(read_tags((raw.get("Tags") or {}).get("Tag")), kind).named)
        return record is None or not record.is_exact or name in record.covers

    return tell


def _states(rows: Sequence[Raw]) -> Raw:
    """What a wait sees of one server in one group: by port, whether it is available, and its weight."""
    return {
        str(int(row.get("Port") or 0) or OWN): {"Status": row.get("Status") or AVAILABLE, "Weight": int(row["Weight"])}
        for row in rows
    }


def details(server: Server) -> tuple[Detail, ...]:
    def aside(side: Side, into: str, operation: str, items: str, ids: Ids, watched: str, **more: Any) -> Detail:
        return Detail(into, operation, items, key="ServerId", product=side.product, ids=ids, is_aside=True,
                      attributes=(side.attribute,), holds_others=was_given(side.attribute, server.kind),
                      watched=Watched(watched, _states), **more)  # fmt: skip

    by_server = Ids("ServerIds", "list", 40)
    balancers = Under("DescribeLoadBalancers", "LoadBalancers.LoadBalancer", "LoadBalancerId", Paging.PAGE)
    groups = Under("DescribeVServerGroups", "VServerGroups.VServerGroup", "VServerGroupId", Paging.NONE,
                   under=balancers)  # fmt: skip
    members = "BackendServers.BackendServer"
    return (
        aside(ALB, "@alb", "ListServerGroupServers", "Servers", by_server, "ServerGroupId"),
        aside(NLB, "@nlb", "ListServerGroupServers", "Servers", by_server, "ServerGroupId"),
        aside(CLB, "@clb", "DescribeVServerGroupAttribute", members, Ids("", "whole"), "VServerGroupId", under=groups,
              paging=Paging.NONE),
        aside(CLB, "@clb_own", "DescribeLoadBalancerAttribute", members, Ids("", "whole"), "LoadBalancerId",
              under=balancers, paging=Paging.NONE),
    )  # fmt: skip


def _group_listing(product: Product) -> Listing:
    return Listing("ListServerGroups", "ServerGroups", "ServerGroupId", "ServerGroupName", product,
                   status="ServerGroupStatus", tags="Tags")  # fmt: skip


# What is changed


def _change(side: Side, server: Server) -> Callable[[Change], Iterator[Call]]:
    make = _classic_call if side is CLB else _call

    def build(change: Change) -> Iterator[Call]:
        """What comes is there before what stays is weighed again, and before anything goes."""
        line = change.attributes_by_name[side.attribute]
        made, changed, gone = side.of.moves(line.before, line.after)
        for verb, entries in (("add", made), ("weigh", changed), ("remove", gone)):
            for entry in entries:
                yield make(side, server, change, verb, entry)

    return build


_OPERATIONS = {
    "add": "AddServersToServerGroup",
    "weigh": "UpdateServerGroupServersAttribute",
    "remove": "RemoveServersFromServerGroup",
}
_CLASSIC = {
    ("rsp", "add"): "AddVServerGroupBackendServers",
    ("rsp", "weigh"): "SetVServerGroupAttribute",
    ("rsp", "remove"): "RemoveVServerGroupBackendServers",
    ("lb", "add"): "AddBackendServers",
    ("lb", "weigh"): "SetBackendServers",
    ("lb", "remove"): "RemoveBackendServers",
}


def _effect(kind: str, place: str, verb: str, entry: Mapping[str, object]) -> Wait:
    """The member itself is waited for, not its group: it is there with that weight, or gone to its last connection."""
    port = str(entry.get("port") or OWN)
    if verb == "remove":
        return Wait(((f"{port}.Status", (None,)),), kind=f"{kind}{place}:{entry['group']}")
    wanted = ((f"{port}.Status", (AVAILABLE,)), (f"{port}.Weight", (entry.get("weight", USUAL),)))
    return Wait(wanted, kind=f"{kind}{place}:{entry['group']}")


def _call(side: Side, server: Server, change: Change, verb: str, entry: Entry) -> Call:
    found = dict(entry)
    row: dict[str, object] = {"ServerType": server.type, "Port": found.get("port", 0)}
    if verb != "remove":
        row["Weight"] = found.get("weight", USUAL)
    if verb == "add":
        row["Description"] = f"ecsplan/{change.stack}"
    merge = Merge("Servers", side.updates if verb == "weigh" else 200, "rows", "ServerId", tuple(sorted(row.items())))
    return Call(
        _OPERATIONS[verb], {"ServerGroupId": found["group"]}, side.product, server.kind, (change.id,), merge,
        wait=_effect(server.kind, side.into, verb, found), token=True, replay=Replay.TOKEN,
        absent_is_done=verb == "remove",
    )  # fmt: skip


def _classic_call(side: Side, server: Server, change: Change, verb: str, entry: Entry) -> Call:
    """Numbers are texts there. A second addition is refused, and a removal of nothing is none: both are looked at."""
    found = dict(entry)
    row: dict[str, object] = {"Type": server.type.lower()}
    if found.get("port"):
        row["Port"] = str(found["port"])
    if verb != "remove":
        row["Weight"] = str(found.get("weight", USUAL))
    if verb == "add":
        row["Description"] = f"ecsplan/{change.stack}"
    sort = str(found["group"]).partition("-")[0]
    params: Params = {"VServerGroupId" if sort == "rsp" else "LoadBalancerId": found["group"]}
    return Call(
        _CLASSIC[sort, verb], params, side.product, server.kind, (change.id,),
        Merge("BackendServers", 20, "json rows", "ServerId", tuple(sorted(row.items()))),
        wait=_effect(server.kind, "@clb" if sort == "rsp" else "@clb_own", verb, found),
        replay=Replay.NEVER if verb == "add" else Replay.NATURAL, absent_is_done=verb == "remove",
    )  # fmt: skip


def lane(call: Call) -> str | None:
    """One change at a time in one group."""
    if call.merge is None or call.merge.key != "ServerId":
        return None
    return f"{call.product.value} {next(iter(call.params.values()))}"


# The table


_BALANCERS = {"alb": "an Application", "nlb": "a Network", "clb": "a Classic"}
ATTRIBUTES = tuple(
    Attribute(side.attribute, None, side.of, f"Server groups of {_BALANCERS[side.name]} Load Balancer that it serves "
              f"in. Members of others stay, unless lifecycle.exclusive names {side.attribute}.", read_as=_reader(side),
              is_shared=True, is_relation=True, unsampled="the groups have to live; test_balancers.py makes some")
    for side in SIDES
)  # fmt: skip
OUTSIDE = Outside(
    {
        "alb_server_group": _group_listing(Product.ALB),
        "nlb_server_group": _group_listing(Product.NLB),
        "clb": Listing("DescribeLoadBalancers", "LoadBalancers.LoadBalancer", "LoadBalancerId", "LoadBalancerName",
                       Product.SLB, Paging.PAGE, status="LoadBalancerStatus"),
        **LISTINGS,
    },
    {
        "balancers.alb": (Product.ALB, tuple(_OPERATIONS.values())),
        "balancers.nlb": (Product.NLB, tuple(_OPERATIONS.values())),
        "balancers.clb": (Product.SLB, tuple(_CLASSIC.values())),
    },
)  # fmt: skip
CAN = (SERVING, OUTSIDE, Ordering(lane_of=lane))
CAN_FROM_A_MACHINE = (SERVING_FROM_A_MACHINE, *CAN[1:])


def updates(server: Server) -> tuple[Update, ...]:
    return tuple(Update(None, (side.attribute,), build=_change(side, server)) for side in SIDES)
