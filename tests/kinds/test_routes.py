"""Routes of a VPC's own table and of others: made after their next hops, gone before them, and those of others stay."""

import pytest

from ecsplan.kinds._routes import read_routes
from ecsplan.model.call import Product
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import NETWORK, Cloud, changes, comes_before, shown, stack_of, step, with_instance

VPC = NETWORK.replace("main: {cidr_block: 10.0.0.0/8}", "main: {cidr_block: 10.0.0.0/8, routes: ROUTES}")
GATEWAY = "nat_gateway:\n  out: {vpc: main, vswitch: app}\n"
EVERYWHERE = "[{cidr: 0.0.0.0/0, next_hop: nat_gateway.out}]"


def routes(cloud: Cloud) -> dict[str, str]:
    cloud.clock.advance(60)
    cloud.call("DescribeInstances")  # lets what is under way come to its end
    return {entry["DestinationCidrBlock"]: entry["NextHopId"] for entry in cloud.things("routeentry")}


def text(listed: str = EVERYWHERE, more: str = GATEWAY) -> str:
    return stack_of(VPC.replace("ROUTES", listed), more)


def test_a_route_that_a_gateway_made_by_itself_is_the_declared_one(cloud: Cloud) -> None:
    cloud.settled(text())
    gateway = cloud.things("natgateway")[0].id
    assert routes(cloud) == {"0.0.0.0/0": gateway}
    cloud.assert_settled(text())
    cloud.destroy(text())


def test_a_route_goes_before_its_next_hop(cloud: Cloud) -> None:
    both = "[{cidr: 0.0.0.0/0, next_hop: nat_gateway.out}, {cidr: 192.168.0.0/16, next_hop: nat_gateway.out}]"
    cloud.settled(text(both))
    plan = cloud.plan(text("[]", more=""))
    gone = [s for s in plan.steps if s.calls and s.calls[0].operation == "DeleteRouteEntry"]
    assert len(gone) == 2
    assert all(comes_before(plan, one, step(plan, "DeleteNatGateway")) for one in gone), shown(plan)
    cloud.settled(text("[]", more=""))
    assert routes(cloud) == {}


def test_routes_of_others_stay(cloud: Cloud) -> None:
    """Container clusters write theirs into the table of the VPC."""
    cloud.settled(text())
    (table,) = {entry["RouteTableId"] for entry in cloud.things("routeentry")}
    gateway = cloud.things("natgateway")[0].id
    cloud.call("CreateRouteEntry", Product.VPC, RouteTableId=table, DestinationCidrBlock="172.20.1.0/24",
               NextHopType="NatGateway", NextHopId=gateway)  # fmt: skip
    cloud.clock.advance(60)
    cloud.assert_settled(text())
    cloud.settled(text("[{cidr: 192.168.0.0/16, next_hop: nat_gateway.out}]"))
    assert set(routes(cloud)) == {"172.20.1.0/24", "192.168.0.0/16"}


def test_how_long_a_table_is_busy_with_a_route_the_second_one_finds_out_and_the_others_know(cloud: Cloud) -> None:
    rows = ", ".join(f"{{cidr: 192.168.{n}.0/24, next_hop: nat_gateway.out}}" for n in range(6))
    cloud.settled(stack_of(NETWORK, GATEWAY, f"route_table:\n  inner: {{vpc: main, routes: [{rows}]}}\n"))
    statuses = [entry["status"] for entry in cloud.written("CreateRouteEntry")]
    assert statuses.count(200) == 6
    assert statuses.count(400) <= 2 * 6, "eight for each, where each has to find out"


def test_a_route_to_another_hop_is_changed_in_place(cloud: Cloud) -> None:
    machines = with_instance("count: 2", more="""
route_table:
  inner: {vpc: main, routes: [{cidr: 192.168.0.0/16, next_hop: 'instance.web[0]'}]}
""")  # fmt: skip
    cloud.settled(machines)
    other = machines.replace("web[0]", "web[1]")
    plan = cloud.plan(other)
    assert set(changes(plan)) == {"route_table.inner"}
    assert step(plan, "ModifyRouteEntry").calls[0].params["NewNextHopType"] == "Instance"
    cloud.settled(other)
    cloud.destroy(other)


def test_a_subnet_that_leaves_its_table_comes_back_to_that_of_the_vpc(cloud: Cloud) -> None:
    both = "route_table:\n  inner: {vpc: main}\n  other: {vpc: main}\n"
    subnet = NETWORK.replace("cidr_block: 10.0.1.0/24", "cidr_block: 10.0.1.0/24, route_table: inner")
    cloud.settled(stack_of(subnet, both))
    cloud.settled(stack_of(subnet.replace("route_table: inner", "route_table: other"), both))
    cloud.settled(stack_of(NETWORK, both))
    cloud.destroy(stack_of(NETWORK, both))


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("[{cidr: 0.0.0.0/0}]", "a route needs next_hop"),
        ("[{cidr: 0.0.0.0/0, next_hop: nothing}]", "there is no nat_gateway or instance"),
        ("[{cidr: '::/0', next_hop: nat_gateway.out}]", "takes IPv4 traffic alone, and ::/0 is none"),
        ("[{cidr: 0.0.0.0/0, next_hop: ipv6gw-1}]", "takes IPv6 traffic alone, and 0.0.0.0/0 is none"),
        (EVERYWHERE.replace("}]", "}, {cidr: 0.0.0.0/0, next_hop: ngw-1}]"), "cidr: 0.0.0.0/0 appears twice"),
    ],
)
def test_what_is_no_route_is_told_offline(cloud: Cloud, listed: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        cloud.load(text(listed))


def test_a_route_that_a_service_hosts_is_none_of_a_table() -> None:
    """DescribeRouteEntryList, ServiceType: set for what a service has put there, which lifecycle.exclusive leaves."""
    rows = [
        {"Type": "Custom", "Status": "Available", "DestinationCidrBlock": cidr, "ServiceType": hosted,
         "NextHops": {"NextHop": [{"NextHopId": "ngw-1"}]}}
        for cidr, hosted in (("10.1.0.0/16", ""), ("10.2.0.0/16", "TR"))
    ]  # fmt: skip
    assert read_routes({"@routes": {"RouteEntrys": {"RouteEntry": rows}}}) == [
        {"cidr": "10.1.0.0/16", "next_hop": "ngw-1", "name": None, "description": None}
    ]
