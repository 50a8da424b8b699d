"""A machine that may have several types and subnets gets the first in stock, and keeps what it got."""

import pytest

from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, changes, shown, stack_of

STACK = """
vpc: {main: {cidr_block: 10.0.0.0/8}}
vswitch:
  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
  beside: {vpc: main, zone: cn-hangzhou-i, cidr_block: 10.0.2.0/24}
security_group: {web: {vpc: main}}
instance:
  web:
    instance_type: ecs.g7.large
    image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
    vswitch: app
    security_groups: [web]
    system_disk: {category: cloud_essd, size: 40}
    fallback: {%s}
"""
TYPES = stack_of(STACK % "instance_types: [ecs.g6.large, ecs.c7.large]")
BOTH = stack_of(STACK % "instance_types: [ecs.g6.large], vswitches: [beside]")


def sold_out(cloud: Cloud, *types: str, zone: str | None = None) -> None:
    cloud.service.faults.clear()
    for name in types:
        cloud.faults({"fault": "stock_out", "type": name, **({"zone": zone} if zone else {})})


def test_a_wish_that_is_in_stock_is_granted_without_a_word(cloud: Cloud) -> None:
    plan = cloud.plan(BOTH)
    assert not [one for one in plan.warnings if "stock" in one.summary]
    cloud.settled(BOTH)
    assert cloud.instance()["InstanceType"] == "ecs.g7.large"


def test_the_first_type_in_stock_is_made_and_said(cloud: Cloud) -> None:
    sold_out(cloud, "ecs.g7.large", "ecs.g6.large")
    plan = cloud.plan(TYPES)
    (told,) = [one for one in plan.warnings if "stock" in one.summary]
    assert told.summary.startswith("not in stock: ecs.g7.large in cn-hangzhou-h, ecs.g6.large in cn-hangzhou-h;")
    assert "made as ecs.c7.large" in told.summary and not plan.guards, shown(plan)
    cloud.apply(plan)
    assert cloud.instance()["InstanceType"] == "ecs.c7.large"


def test_what_was_made_stays_when_the_wish_is_in_stock_again(cloud: Cloud) -> None:
    sold_out(cloud, "ecs.g7.large")
    cloud.settled(TYPES)
    sold_out(cloud)
    cloud.assert_settled(TYPES)
    assert cloud.instance()["InstanceType"] == "ecs.g6.large"


def test_another_zone_comes_before_another_type(cloud: Cloud) -> None:
    sold_out(cloud, "ecs.g7.large", zone="cn-hangzhou-h")
    cloud.settled(BOTH)
    machine = cloud.instance()
    assert (machine["InstanceType"], machine["ZoneId"]) == ("ecs.g7.large", "cn-hangzhou-i")
    sold_out(cloud)
    cloud.assert_settled(BOTH)


def test_a_type_that_is_no_fallback_any_more_changes_and_says_that_it_stops(cloud: Cloud) -> None:
    sold_out(cloud, "ecs.g7.large")
    cloud.settled(TYPES)
    sold_out(cloud)
    plan = cloud.plan(TYPES.replace("fallback: {instance_types: [ecs.g6.large, ecs.c7.large]}", ""))
    change = changes(plan)["instance.web"]
    assert change.action is Action.UPDATE and "stop and start" in {impact.text for impact in change.impacts}


def test_without_any_in_stock_the_wish_is_refused_as_ever(cloud: Cloud) -> None:
    sold_out(cloud, "ecs.g7.large", "ecs.g6.large", "ecs.c7.large")
    plan = cloud.plan(TYPES)
    assert plan.guards and "sold out" in plan.guards[0].summary, shown(plan)


def test_members_of_a_group_are_asked_for_once(cloud: Cloud) -> None:
    sold_out(cloud, "ecs.g7.large")
    text = TYPES.replace("instance_type: ecs.g7.large", "count: 3\n      instance_type: ecs.g7.large")
    plan = cloud.plan(text)
    (told,) = [one for one in plan.warnings if "stock" in one.summary]
    assert "(3 members)" in told.summary
    cloud.apply(plan)
    assert {machine["InstanceType"] for machine in cloud.things("instance")} == {"ecs.g6.large"}


def test_zones_are_spread_over_a_group_by_its_index(cloud: Cloud) -> None:
    text = TYPES.replace("instance_type: ecs.g7.large", "count: 3\n      instance_type: ecs.g7.large").replace(
        "vswitch: app", "vswitch: \"${['app', 'beside'][index % 2]}\""
    )
    cloud.settled(text)
    machines = sorted(cloud.things("instance"), key=lambda machine: machine["InstanceName"])
    assert [machine["ZoneId"] for machine in machines] == ["cn-hangzhou-h", "cn-hangzhou-i", "cn-hangzhou-h"]


def test_an_address_of_one_subnet_excludes_others_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected) as caught:
        cloud.load(BOTH.replace("vswitch: app", "private_ip: 10.0.1.7\n      vswitch: app"))
    assert "fallback" in caught.value.diagnostics[0].summary


def test_a_saved_plan_makes_what_it_says(cloud: Cloud) -> None:
    sold_out(cloud, "ecs.g7.large")
    plan = cloud.plan(TYPES)
    cloud.apply(plan)
    assert cloud.instance()["InstanceType"] == "ecs.g6.large"
    cloud.destroy(TYPES)
