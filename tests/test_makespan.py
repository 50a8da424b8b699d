"""How long an apply takes, in virtual time: what the cloud itself takes, and little more.

The emulator's transitions take the same time each, so that the critical path is a number of them: a VPC, then a
vSwitch, then machines or a NAT gateway; back, machines take one, and a vSwitch and a VPC half of one each. An EIP is
bound or let go of in half of one; so long a VPC is busy with a vSwitch, too. A machine is off or on again after one.
"""

from pathlib import Path

import pytest

from ecsplan.model.plan import Plan
from tests.benchmarks.growth import MACHINE, fleet
from tests.kinds.cloud import Cloud
from tests.kinds.test_balancers import front

FACTOR, LIMIT = 1.15, 1.0  # of the critical path; seconds for sending, and for polls that cannot be shorter
MADE, GONE = 3, 2  # transitions, one after the other


@pytest.mark.parametrize(("machines", "settle"), [(1, 1.0), (1, 10.0), (1, 40.0), (250, 10.0)])
def test_an_apply_takes_little_longer_than_the_cloud_does(machines: int, settle: float, tmp_path: Path) -> None:
    cloud = Cloud(tmp_path, settle=settle)
    stack = cloud.load(fleet(machines))
    assert taken(cloud, cloud.plan(stack)) <= FACTOR * MADE * settle + LIMIT
    cloud.clock.sleep(200.0)  # what lists may lag is over
    assert taken(cloud, cloud.plan(stack, destroy=True)) <= FACTOR * GONE * settle + LIMIT


pytestmark = pytest.mark.usefixtures("first_look")
NETWORK = """\
  vpc: {main: {cidr_block: 10.0.0.0/8}}
  vswitch:
    a: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.0.0/16}
    b: {vpc: main, zone: cn-hangzhou-i, cidr_block: 10.1.0.0/16MORE_B}
    c: {vpc: main, zone: cn-hangzhou-j, cidr_block: 10.2.0.0/16MORE_C}
  security_group: {web: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]}}
"""
MIXED = (
    "resources:\n"
    + NETWORK.replace("MORE_B", ", route_table: own").replace("MORE_C", ", network_acl: tight")
    + f"""\
  network_acl: {{tight: {{vpc: main}}}}
  route_table: {{own: {{vpc: main}}}}
  nat_gateway:
    out: {{vpc: main, vswitch: a, snat: [{{vswitch: a, addresses: [out]}}, {{vswitch: c, addresses: [out]}}]}}
  eip: {{out: {{bandwidth: 5, instance: nat_gateway.out}}, web: {{bandwidth: 5, instance: web}}}}
  disk: {{data: {{zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: web}}}}
  instance:
    web: {{{MACHINE.replace("TYPE", "ecs.g7.large").replace("app", "a")}}}
    db: {{count: 3, {MACHINE.replace("TYPE", "ecs.g7.large").replace("app", "b")}}}
"""
)
MIXED_MADE, MIXED_GONE = (
    3.5,
    2.5,
)  # VPC, vSwitch, gateway, its EIP; EIP, gateway, vSwitch, VPC: half of one each, or one


@pytest.mark.parametrize("settle", [1.0, 10.0])
def test_what_one_object_is_busy_with_holds_up_nothing_else_in_the_vpc(settle: float, tmp_path: Path) -> None:
    cloud = Cloud(tmp_path, settle=settle)
    stack = cloud.load(MIXED)
    assert taken(cloud, cloud.plan(stack)) <= FACTOR * MIXED_MADE * settle + LIMIT
    cloud.clock.sleep(200.0)
    assert taken(cloud, cloud.plan(stack, destroy=True)) <= FACTOR * MIXED_GONE * settle + LIMIT


SUBNETS = "resources:\n" + NETWORK.replace("MORE_B", "").replace("MORE_C", "")


def test_subnets_of_one_vpc_follow_each_other_as_soon_as_it_takes_them(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path, settle=10.0)
    assert taken(cloud, cloud.plan(SUBNETS)) <= FACTOR * (1 + 2 * 0.5 + 1) * 10.0 + LIMIT


def test_windows_of_machines_follow_each_other_at_once(tmp_path: Path) -> None:
    """Off, changed, on again: four machines, one after the other."""
    cloud = Cloud(tmp_path, settle=10.0)
    cloud.apply(fleet(4))
    cloud.clock.sleep(200.0)
    larger = cloud.plan(fleet(4, "ecs.g7.xlarge", ", lifecycle: {rollout: {max_unavailable: 1}}"))
    assert taken(cloud, larger) <= FACTOR * 4 * 2 * 10.0 + LIMIT


def test_machines_join_and_leave_a_server_group_in_the_time_that_it_takes(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path, settle=10.0)
    group = front(cloud, "alb").group
    stack = fleet(3)
    cloud.apply(stack)
    cloud.clock.sleep(200.0)
    joined = fleet(3, more=f", balancers: {{alb: [{{group: {group}, port: 80}}]}}")
    assert taken(cloud, cloud.plan(joined)) <= FACTOR * 10.0 + LIMIT
    cloud.clock.sleep(200.0)
    assert taken(cloud, cloud.plan(stack)) <= FACTOR * 10.0 + LIMIT


def taken(cloud: Cloud, plan: Plan) -> float:
    began = cloud.clock.now()
    cloud.apply(plan)
    return cloud.clock.now() - began
