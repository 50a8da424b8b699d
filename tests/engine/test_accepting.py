"""Drift accepted by a patch of the file, and put back by a plan: after either there is none."""

import subprocess
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli.drift import _only
from ecsplan.engine import PlanOptions
from ecsplan.engine.accepting import Accepted, accept
from ecsplan.model.call import Product
from ecsplan.model.drift import Drift
from ecsplan.model.stack import Stack
from tests.kinds.cloud import Cloud, stack_of

TEXT = stack_of("""
vpc:
  # the network
  main: {cidr_block: 10.0.0.0/8, description: "of the shop"}  # never change
vswitch:
  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
security_group:
  web:
    vpc: main
    ingress:
      # for everybody
      - {protocol: tcp, ports: 443, cidr: 0.0.0.0/0}
      - {protocol: tcp, ports: 80, cidr: 0.0.0.0/0}   # old clients
disk:
  data:
    count: 2
    zone: cn-hangzhou-h
    category: cloud_essd
    size: 40
""")


def moved(cloud: Cloud, text: str) -> tuple[Stack, Drift]:
    stack = cloud.load(text)
    return stack, engine.drift(stack, cloud.api, PlanOptions(), state_dir=str(cloud.folder / ".ecsplan"))


def edit_outside(cloud: Cloud) -> None:
    group, vpc = cloud.things("securitygroup")[0], cloud.things("vpc")[0]
    old = {"IpProtocol": "tcp", "PortRange": "80/80", "SourceCidrIp": "0.0.0.0/0"}
    new = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8", "Description": "by hand: x"}
    cloud.call("RevokeSecurityGroup", SecurityGroupId=group.id, Permissions=[old])
    cloud.call("AuthorizeSecurityGroup", SecurityGroupId=group.id, Permissions=[new])
    cloud.call("ModifyVpcAttribute", Product.VPC, VpcId=vpc.id, Description="changed: by # hand")


@pytest.fixture
def drifted(cloud: Cloud) -> Cloud:
    cloud.settled(TEXT)
    edit_outside(cloud)
    return cloud


def accepted(cloud: Cloud, stack: Stack, drift: Drift) -> Accepted:
    return accept(stack, drift, cloud.folder.resolve())


def test_a_patch_accepts_what_is_live_and_keeps_every_comment(drifted: Cloud) -> None:
    stack, drift = moved(drifted, TEXT)
    found = accepted(drifted, stack, drift)
    assert found.accepted == ("security_group.web.ingress", "vpc.main.description") and not found.left
    file = Path(stack.files[0])
    before = file.read_text(encoding="utf-8")
    ran = subprocess.run(["patch", "-p1"], cwd=drifted.folder, input=found.patch, text=True, capture_output=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    text = file.read_text(encoding="utf-8")
    assert [line for line in before.splitlines() if line.strip().startswith("#")] == [
        line for line in text.splitlines() if line.strip().startswith("#")
    ]
    again = engine.load(str(file))
    assert not engine.drift(again, drifted.api, state_dir=str(drifted.folder / ".ecsplan")).findings


def test_a_value_that_several_share_is_left_and_told(cloud: Cloud) -> None:
    cloud.settled(TEXT)
    disk = cloud.things("disk")[0]
    cloud.call("ResizeDisk", DiskId=disk.id, NewSize=60, Type="online")
    stack, drift = moved(cloud, TEXT)
    found = accepted(cloud, stack, drift)
    ((name, why),) = found.left
    assert found.patch == "" and name in ("disk.data[0].size", "disk.data[1].size") and why.startswith("2 resources")


def test_the_plan_of_the_other_answer_puts_back_the_findings_alone(drifted: Cloud) -> None:
    wider = TEXT.replace("size: 40", "size: 50")
    stack, drift = moved(drifted, wider)
    plan = engine.plan(stack, drifted.api, _only(drift))
    assert {str(change.address) for change in plan.changes if change.attributes} == {"security_group.web", "vpc.main"}
    drifted.apply(plan)
    stack, drift = moved(drifted, wider)
    assert not drift.findings and drift.pending
