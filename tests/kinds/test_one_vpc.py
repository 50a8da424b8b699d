"""What is linked in a network is of one VPC: told offline, where the service would say so in the middle of an apply."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, stack_of

MACHINE = "instance_type: ecs.g7.large, image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, system_disk: {size: 40}"
HERE = f"{MACHINE}, vswitch: a, security_groups: [one]"


def text(body: str, of_a: str = "") -> str:
    return stack_of(f"""
vpc: {{one: {{cidr_block: 10.0.0.0/16, enable_ipv6: true}}, two: {{cidr_block: 10.1.0.0/16, enable_ipv6: true}}}}
vswitch:
  a: {{vpc: one, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, ipv6_cidr_block: 0{of_a}}}
  b: {{vpc: two, zone: cn-hangzhou-h, cidr_block: 10.1.1.0/24, ipv6_cidr_block: 0}}
security_group: {{one: {{vpc: one}}, two: {{vpc: two}}}}
{body}
""")


@pytest.mark.parametrize(
    ("body", "of_a", "summary"),
    [
        ("network_acl: {e: {vpc: two}}", ", network_acl: e", "network_acl: network_acl.e is in vpc.two"),
        ("route_table: {e: {vpc: two}}", ", route_table: e", "route_table: route_table.e is in vpc.two"),
        (f"instance: {{w: {{{MACHINE}, vswitch: a, security_groups: [two]}}}}", "", "security_group.two is in vpc.two"),
        (f"instance: {{w: {{{HERE}, fallback: {{vswitches: [b]}}}}}}", "", "vswitch.b is in vpc.two"),
        (f"instance: {{w: {{{HERE}, network_interfaces: {{inner: {{vswitch: b, security_groups: [two]}}}}}}}}", "",
         "vswitch.b is in vpc.two"),
        ("nat_gateway: {n: {vpc: one, vswitch: b}}", "", "vswitch: vswitch.b is in vpc.two"),
        (
            f"ipv6_gateway: {{g: {{vpc: two}}}}\n"
            f"instance: {{w: {{{HERE}, ipv6_count: 1, ipv6_internet: {{gateway: g, bandwidth: 5}}}}}}",
            "", "ipv6_gateway.g is in vpc.two",
        ),
        ("route_table: {t: {vpc: one, routes: [{cidr: 192.168.0.0/16, next_hop: nat_gateway.n}]}}\n"
         "nat_gateway: {n: {vpc: two, vswitch: b}}", "", "nat_gateway.n is in vpc.two, and route_table.t in vpc.one"),
        (f"route_table: {{t: {{vpc: two, routes: [{{cidr: 192.168.0.0/16, next_hop: instance.w}}]}}}}\n"
         f"instance: {{w: {{{HERE}}}}}", "", "instance.w is in vpc.one, and route_table.t in vpc.two"),
        ("route_table: {t: {vpc: one, routes: [{cidr: 192.168.0.0/16, next_hop: network_interface.i}]}}\n"
         "network_interface: {i: {vswitch: b, security_groups: [two]}}", "", "network_interface.i is in vpc.two"),
        ("nat_gateway: {n: {vpc: one, vswitch: a, snat: [{vswitch: b, addresses: [47.99.1.2]}]}}", "",
         "snat: vswitch.b is in vpc.two"),
        (
            f"network_interface: {{i: {{vswitch: b, security_groups: [two], instance: w}}}}\n"
            f"instance: {{w: {{{HERE}}}}}",
            "", "instance: instance.w is in vpc.one, and network_interface.i in vpc.two",
        ),
    ],
)  # fmt: skip
def test_a_link_into_another_vpc_is_told_offline(cloud: Cloud, body: str, of_a: str, summary: str) -> None:
    with pytest.raises(Rejected) as told:
        cloud.load(text(body, of_a))
    assert summary in str(told.value) and "name one that is in" in str(told.value)


def test_links_within_a_vpc_and_to_what_the_file_does_not_place_are_taken(cloud: Cloud) -> None:
    machine = f"instance: {{w: {{{MACHINE}, vswitch: a, security_groups: [one, sg-bp1a2b3c4d5e6f7g8h9i]}}}}"
    assert cloud.load(text(f"network_acl: {{e: {{vpc: one}}}}\n{machine}", ", network_acl: e"))
