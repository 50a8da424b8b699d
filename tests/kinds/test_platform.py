"""The example platform, in both of its environments: applied, drifted, mended, rolled out with drain, destroyed."""

from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.model.call import Product
from ecsplan.model.stack import Stack
from tests.kinds.cloud import Cloud, changes, shown
from tests.kinds.test_balancers import Front, Log, front

PLATFORM = Path(__file__).parents[2] / "examples" / "platform"


def platform(environment: str, **variables: str) -> Stack:
    given = [f"{name}={value}" for name, value in variables.items()]
    return engine.load(str(PLATFORM), environment=environment, variables=given, environ={})


def test_production_is_twice_as_large(cloud: Cloud) -> None:
    front(cloud, "alb", "platform-web")
    plan = cloud.plan(platform("production"))
    made = [address for address in changes(plan) if address.startswith("instance.")]
    assert len(made) == 9 and plan.stack == "platform-production"


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_platform_is_applied_mended_rolled_out_and_destroyed(cloud: Cloud, environment: str) -> None:
    small = {"web_count": "3", "app_count": "1"} if environment == "production" else {}
    group = front(cloud, "alb", "platform-web")
    there = {thing for thing in cloud.left() if not thing.startswith("albjob")}
    stack = cloud.settled(platform(environment, **small))
    asked = [(run["Command"]["Name"].rpartition("-")[2], len(run["Results"])) for run in cloud.things("invocation")]
    servers = sorted(thing.id for thing in cloud.things("instance") if "web" in thing["InstanceName"])
    assert sorted(group.members()) == [(one, 8080) for one in servers]
    assert sorted(asked) == [("collector", len(servers)), ("setup", 1 if small else 2), ("setup", len(servers))]
    assert {run["Parameters"] for run in cloud.things("invocation")} == {f'{{"environment": "{environment}"}}', "{}"}

    drifted(cloud, group, servers[0])
    mending = cloud.plan(stack)
    machine, *others = sorted(changes(mending))
    assert changes(mending)[machine].id_text == servers[0]
    assert others == ["network_acl.back", "port_range_list.web"], shown(mending)
    cloud.apply(mending)
    cloud.assert_settled(stack)

    larger = platform(environment, size="ecs.g7.xlarge", **small)
    rolled = cloud.plan(larger)
    waves = {step.wave for step in rolled.steps if step.id.verb == "drain"}
    assert waves == set(range(1, len(servers) + 1))  # one web server after the other
    log = Log(group)
    cloud.apply(rolled)
    least = 100 * (len(servers) - 1)
    assert {weight for name, weight in log.seen if name == "StopInstances"} <= {least, 100 * len(servers)}
    assert set(group.members().values()) == {100}
    cloud.assert_settled(larger)

    cloud.apply(cloud.plan(larger, destroy=True))
    left = {thing for thing in cloud.left() if not thing.startswith("albjob")}  # what the balancer was asked to do
    assert group.members() == {} and left == there


def drifted(cloud: Cloud, group: Front, server: str) -> None:
    """Somebody takes a server out of service, and the rules of the ACL and a port of the list away."""
    (ports,) = cloud.things("portrangelist")
    cloud.call("ModifyPortRangeList", PortRangeListId=ports.id, RemoveEntry=[{"PortRange": "9100/9100"}])
    group.weigh(server, 8080, 0)
    (acl,) = cloud.things("networkacl")
    cloud.call("UpdateNetworkAclEntries", Product.VPC, NetworkAclId=acl.id, UpdateEgressAclEntries=True)
    cloud.clock.advance(5)
