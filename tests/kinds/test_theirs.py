"""What scaling groups, clusters, managed balancers and other accounts have: known as theirs, and left to them."""

from collections.abc import Mapping
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.emulator.control import ROUTES
from tests.emulator.client import flatten
from tests.kinds.cloud import NETWORK, Cloud, changes, shown, stack_of, with_instance

OTHER = "9876543210987654"
ALONE = """
instance:
  web:
    adopt: {}
    instance_type: ecs.g7.large
    image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
    vswitch: app
    security_groups: [web]
"""


def others(cloud: Cloud, service: str | None, *ids: str, **order: Any) -> list[str]:
    given = {"service": service, "name": "asg-1", "ids": list(ids), **order}
    if "params" in order:
        given["params"] = flatten({"RegionId": "cn-hangzhou", **order["params"]})
    found: list[str] = ROUTES["POST", "others"](cloud.service, given)["ids"]
    cloud.clock.advance(600)
    cloud.call("DescribeInstances")
    return found


def network(cloud: Cloud) -> Mapping[str, str]:
    """The network of `with_instance`, applied."""
    cloud.settled(stack_of(NETWORK))
    return {"VSwitchId": cloud.thing("vswitch", "demo-app").id,
            "SecurityGroupId": cloud.thing("securitygroup", "demo-web").id}  # fmt: skip


def machine_of(cloud: Cloud, service: str, **more: Any) -> str:
    """One that the service made, in the network of the stack; its id."""
    order = {"ImageId": "ubuntu_22_04_x64_20G_alibase_20260522.vhd", "InstanceType": "ecs.g7.large", **network(cloud)}
    return next(i for i in others(cloud, service, action="RunInstances", params={**order, **more}) if i[:2] == "i-")


def blocked(cloud: Cloud, text: str, **options: Any) -> list[str]:
    plan = cloud.plan(text, **options)
    return [guard.summary for guard in plan.guards if guard.name == "blocked"]


def test_a_machine_of_a_scaling_group_cannot_be_adopted(cloud: Cloud) -> None:
    machine = machine_of(cloud, "ess", InstanceName="worker")
    text = stack_of(NETWORK, ALONE.format(machine))
    (reason,) = blocked(cloud, text)
    assert "is a machine of a scaling group (acs:autoscaling:scalingGroupId=asg-1)" in reason
    assert "take it out of its group first" in reason
    others(cloud, None, machine)
    assert blocked(cloud, text) == []


def test_a_machine_of_ours_that_joined_a_scaling_group_is_left_to_it(cloud: Cloud) -> None:
    """Neither changed, nor made anew, nor deleted; taken out of the group, it is ours again."""
    cloud.settled(with_instance())
    machine = cloud.instance().id
    others(cloud, "ess", machine)
    cloud.mark()
    bigger = with_instance().replace("ecs.g7.large", "ecs.g7.xlarge")
    assert "scaling group" in blocked(cloud, bigger)[0]
    without = cloud.plan(stack_of(NETWORK))
    assert not changes(without) and "left alone" in "".join(warning.summary for warning in without.warnings)
    assert machine not in {c.id for c in changes(cloud.plan(with_instance(), destroy=True)).values()}
    others(cloud, None, machine)
    cloud.assert_settled(with_instance())


def test_a_machine_that_a_scaling_group_copied_with_our_marks_is_a_copy(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    ours = cloud.instance()
    marks = [{"Key": key, "Value": value} for key, value in ours.tags.items()]
    made = machine_of_running(cloud, marks)
    plan = cloud.plan(with_instance())
    assert plan.is_empty and not plan.steps, shown(plan)
    assert any(made in warning.summary and "left alone" in warning.summary for warning in plan.warnings)


def machine_of_running(cloud: Cloud, tags: list[dict[str, str]]) -> str:
    order = {"ImageId": "ubuntu_22_04_x64_20G_alibase_20260522.vhd", "InstanceType": "ecs.g7.large",
             "VSwitchId": cloud.thing("vswitch", "demo-app").id, "Tag": tags, "InstanceName": "demo-web",
             "SecurityGroupId": cloud.thing("securitygroup", "demo-web").id}  # fmt: skip
    return next(i for i in others(cloud, "ess", action="RunInstances", params=order) if i[:2] == "i-")


@pytest.mark.parametrize(("service", "keeper"), [("ack", "ACK"), ("ehpc", "E-HPC"), ("emr", "EMR")])
def test_a_machine_of_a_cluster_is_taken_over_only_with_a_yes(cloud: Cloud, service: str, keeper: str) -> None:
    machine = machine_of(cloud, service)
    plan = cloud.plan(stack_of(NETWORK, ALONE.format(machine)))
    (guard,) = [guard for guard in plan.guards if guard.name == "theirs"]
    assert [str(address) for address in guard.addresses] == ["instance.web"]
    assert f"{keeper} keeps {machine}, too" in " ".join(changes(plan)["instance.web"].notes)
    options = engine.ApplyOptions(allow=("instance.web",))
    assert "theirs" not in {one.name for one in engine.blocked(plan, options)}


def test_an_interface_of_a_balancer_cannot_be_adopted(cloud: Cloud) -> None:
    (eni,) = others(cloud, "managed", action="CreateNetworkInterface", params=network(cloud))
    (reason,) = blocked(
        cloud, stack_of(NETWORK, f"network_interface: {{one: {{adopt: {eni}, vswitch: app, security_groups: [web]}}}}")
    )
    assert f"{eni} is managed by 12345678910" in reason


def test_a_shared_vswitch_is_listed_as_theirs_and_cannot_be_adopted(cloud: Cloud) -> None:
    """DescribeVSwitches, ShareType: what others share, with their tags, which may be those of a stack of our name."""
    cloud.settled(stack_of(NETWORK))
    tag = [{"Key": "ecsplan:vswitch", "Value": "demo/vswitch.old"}]
    block = {"VpcId": cloud.thing("vpc", "demo-main").id, "CidrBlock": "10.9.0.0/24", "ZoneId": "cn-hangzhou-h"}
    (shared,) = others(cloud, OTHER, action="CreateVSwitch", product="vpc", params={**block, "Tag": tag})
    cloud.assert_settled(stack_of(NETWORK))
    (row,) = [one for one in engine.unmanaged(cloud.api) if one.obj.id == shared]
    assert (row.tool, row.because) == ("another account", f"owned by {OTHER}")
    own = "  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}\n"
    theirs = f"  theirs: {{adopt: {shared}, vpc: main, zone: cn-hangzhou-h, cidr_block: 10.9.0.0/24}}\n"
    (reason,) = blocked(cloud, stack_of(NETWORK.replace(own, own + theirs)))
    assert f"{shared} is owned by {OTHER}" in reason and "write its id where something refers to it" in reason
    inside = with_instance().replace("vswitch: app", f"vswitch: {shared}")
    cloud.settled(inside)


def test_machines_of_others_are_listed_as_theirs_and_stay_out_of_exports(cloud: Cloud) -> None:
    machine = machine_of(cloud, "ess", InstanceName="worker")
    (row,) = [one for one in engine.unmanaged(cloud.api) if one.obj.id == machine]
    assert (row.tool, row.because) == ("Auto Scaling", "acs:autoscaling:scalingGroupId=asg-1")
    for with_tools in (False, True):
        made = engine.export(cloud.api, "estate", with_tools=with_tools)
        assert machine not in made.text and machine in {one.id for one in made.left_out}


def test_a_network_that_another_account_owns_is_deleted_only_with_a_yes(cloud: Cloud) -> None:
    """DescribeVpcs, OwnerId."""
    cloud.settled(stack_of(NETWORK))
    vpc = cloud.thing("vpc", "demo-main")
    vpc.data["Owner"] = OTHER
    plan = cloud.plan("resources: {}", destroy=True)
    assert "vpc.main" in {str(a) for guard in plan.guards if guard.name == "theirs" for a in guard.addresses}
