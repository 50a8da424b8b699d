"""What plans open and close, in words."""

import pytest

from ecsplan.engine.reaching import reach_of
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud

MACHINE = """{instance_type: ecs.g7.large, image: {family: "acs:ubuntu_22_04_x64"}, vswitch: app,
          system_disk: {category: cloud_essd, size: 40}"""
STACK = f"""\
apiVersion: ecsplan/v1
stack: demo
region: cn-hangzhou
resources:
  vpc: {{main: {{cidr_block: 10.0.0.0/16}}}}
  vswitch: {{app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}}}
  security_group:
    web:
      vpc: main
      ingress: [{{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}}, {{protocol: tcp, ports: 22, cidr: 10.0.0.0/8}}]
    db: {{vpc: main, ingress: [{{protocol: tcp, ports: 3306, security_group: web}}]}}
  instance:
    web: {MACHINE}, security_groups: [web], count: 2}}
    db: {MACHINE}, security_groups: [db]}}
"""


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    cloud.apply(STACK)
    return cloud


def said(plan: Plan) -> list[str]:
    found = []
    for reach in reach_of(plan.changes):
        who = ", ".join(str(address) for address in reach.addresses)
        found += [f"{who} {reach.direction} + {line}" for line in reach.opened]
        found += [f"{who} {reach.direction} - {line}" for line in reach.closed]
        found += [f"{who} {reach.direction} ? {line}" for line in reach.unknown]
    return found


WEB = "instance.web[0], instance.web[1]"


def test_a_plan_without_changes_opens_nothing(live: Cloud) -> None:
    assert said(live.plan(STACK)) == []


def test_a_port_for_the_world(live: Cloud) -> None:
    text = STACK.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 0.0.0.0/0")
    assert said(live.plan(text)) == [f"{WEB} ingress + tcp 22 0.0.0.0/0 (partly open before)"]


def test_the_only_way_in_for_ssh(live: Cloud) -> None:
    text = STACK.replace(", {protocol: tcp, ports: 22, cidr: 10.0.0.0/8}", "")
    assert said(live.plan(text)) == [f"{WEB} ingress - tcp 22 10.0.0.0/8"]


def test_another_group_of_a_machine(live: Cloud) -> None:
    text = STACK.replace("security_groups: [db]", "security_groups: [db, web]")
    assert said(live.plan(text)) == [
        "instance.db ingress + all group web (partly open before)",
        "instance.db ingress + tcp 22 10.0.0.0/8",
        "instance.db ingress + tcp 443 0.0.0.0/0",
    ]


def test_members_that_no_longer_reach_each_other(live: Cloud) -> None:
    text = STACK.replace("db: {vpc: main,", "db: {vpc: main, inner_access: drop,")
    assert said(live.plan(text)) == ["instance.db ingress - all group db"]


def test_a_rule_that_changes_its_words_alone_opens_nothing(live: Cloud) -> None:
    text = STACK.replace("ports: 443, cidr: 0.0.0.0/0", "ports: 443, cidr: 0.0.0.0/0, description: web")
    assert said(live.plan(text)) == []
