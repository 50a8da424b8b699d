"""Placement and birth options of a machine, which need other things to live."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, changes, shown, stack_of, step, with_instance


def test_a_machine_joins_changes_and_leaves_a_deployment_set(cloud: Cloud) -> None:
    made = [cloud.call("CreateDeploymentSet", DeploymentSetName=f"set-{name}")["DeploymentSetId"] for name in "ab"]
    cloud.settled(with_instance(f"deployment_set: {made[0]}"))
    assert cloud.instance()["DeploymentSetId"] == made[0]
    cloud.settled(with_instance(f"deployment_set: {made[1]}"))
    assert cloud.instance()["DeploymentSetId"] == made[1]
    plan = cloud.plan(with_instance())
    assert step(plan, "ModifyInstanceDeployment").calls[0].params["RemoveFromDeploymentSet"] is True
    cloud.settled(with_instance())
    assert cloud.instance().get("DeploymentSetId") is None


def test_a_deployment_set_is_found_by_its_name(cloud: Cloud) -> None:
    made = cloud.call("CreateDeploymentSet", DeploymentSetName="spread")["DeploymentSetId"]
    text = with_instance("deployment_set: {lookup: {name: spread}}")
    cloud.settled(text)
    assert cloud.instance()["DeploymentSetId"] == made
    cloud.settled(with_instance("deployment_set: false"))
    assert cloud.instance().get("DeploymentSetId") is None
    with pytest.raises(Rejected, match="no-such-set"):
        cloud.plan(with_instance("deployment_set: {lookup: {name: no-such-set}}"))


def test_a_group_of_a_set_is_chosen_and_changed_with_its_set(cloud: Cloud) -> None:
    order = {"DeploymentSetName": "rows", "Strategy": "AvailabilityGroup", "GroupCount": 3}
    made = cloud.call("CreateDeploymentSet", **order)["DeploymentSetId"]
    cloud.settled(with_instance(f"deployment_set: {made}", "deployment_set_group: 2"))
    assert cloud.instance()["DeploymentSetGroupNo"] == 2
    cloud.settled(with_instance(f"deployment_set: {made}", "deployment_set_group: 3"))
    assert (cloud.instance()["DeploymentSetId"], cloud.instance()["DeploymentSetGroupNo"]) == (made, 3)


def test_a_set_that_others_chose_is_left_to_them(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    made = cloud.call("CreateDeploymentSet", DeploymentSetName="theirs")["DeploymentSetId"]
    cloud.call("ModifyInstanceDeployment", InstanceId=cloud.instance().id, DeploymentSetId=made)
    cloud.assert_settled(with_instance())


def test_a_password_of_the_image_is_asked_for_when_it_is_made(cloud: Cloud) -> None:
    text = with_instance("password_inherit: true", "login_as_non_root: true")
    cloud.settled(text)
    (made,) = cloud.written("RunInstances")
    assert made["params"]["PasswordInherit"] == "true" and made["params"]["ImageOptions.LoginAsNonRoot"] == "true"
    cloud.assert_settled(with_instance("login_as_non_root: true"), records=True)


def test_ipv6_addresses_by_number_only_grow(cloud: Cloud) -> None:
    network = """
    vpc: {main: {cidr_block: 10.0.0.0/8, enable_ipv6: true}}
    vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, ipv6_cidr_block: 1}}
    security_group: {web: {vpc: main}}
    instance:
      web:
        instance_type: ecs.g7.large
        image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
        vswitch: app
        security_groups: [web]
        system_disk: {category: cloud_essd, size: 40}
        ipv6_count: COUNT
    """
    cloud.settled(stack_of(network.replace("COUNT", "1")))
    cloud.settled(stack_of(network.replace("COUNT", "3")))
    plan = cloud.plan(stack_of(network.replace("COUNT", "2")))
    assert [guard.name for guard in plan.guards] == ["blocked"], shown(plan)


@pytest.mark.parametrize("name", ["cores", "threads_per_core"])
def test_cores_that_nobody_declares_are_those_of_the_type(cloud: Cloud, name: str) -> None:
    cloud.settled(with_instance())
    cloud.settled(with_instance().replace("ecs.g7.large", "ecs.g7.xlarge"))
    assert not changes(cloud.plan(with_instance().replace("ecs.g7.large", "ecs.g7.xlarge"))), name
