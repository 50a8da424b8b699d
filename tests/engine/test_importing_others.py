"""The promise of `import` for ROS and Pulumi: the same road, the same proof, the same report."""

import copy
import json
import random
from typing import Any

import pytest
import yaml

from ecsplan.engine.importing import bring_over, read_source
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.migration import Fate, Migration
from tests.engine.accounts import assert_brought_in, disown
from tests.kinds.cloud import Cloud, with_instance

STACK = with_instance(
    "count: 2\ndata_disks: {data: {category: cloud_essd, size: 40}}",
    more="""
disk:
  logs: {zone: cn-hangzhou-h, category: cloud_essd, size: 60, instance: 'web[0]'}
eip:
  front: {bandwidth: 5, charge_type: PayByTraffic, instance: 'web[0]'}
""",
).replace("web: {vpc: main}", "web: {vpc: main, ingress: [{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]}")


@pytest.fixture
def ids(cloud: Cloud) -> dict[str, str]:
    """An account that another tool made: ids by what they are."""
    cloud.settled(STACK)
    disown(cloud)
    found = {kind: cloud.things(kind)[0].id for kind in ("vpc", "vswitch", "securitygroup", "eip")}
    machines = {str(thing["InstanceName"])[-1]: thing.id for thing in cloud.things("instance")}
    logs = next(thing.id for thing in cloud.things("disk") if "logs" in str(thing.get("DiskName")))
    return {**found, "web0": machines["0"], "web1": machines["1"], "logs": logs}


# Pulumi


def resource(token: str, name: str, object_id: str, inputs: Any = None, **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:prod::shop::alicloud:{token}::{name}"
    return {"urn": urn, "custom": True, "id": object_id, "type": f"alicloud:{token}", "inputs": inputs or {},
            "outputs": {**(inputs or {}), "id": object_id}, **more}  # fmt: skip


def exported(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    stack = {"urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop", "custom": False, "type": "pulumi:pulumi:Stack"}
    deployment = {
        "manifest": {"version": "v3.100.0"},
        "resources": [stack, *resources],
        "pending_operations": [],
        **more,
    }
    return {"version": 3, "deployment": deployment}


def program(ids: dict[str, str]) -> dict[str, Any]:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "R2VoZWltLTE="}
    return exported(
        resource("vpc/network:Network", "net", ids["vpc"], {"vpcName": "demo-main", "__defaults": []}, protect=True),
        resource("vpc/switch:Switch", "app", ids["vswitch"], {"vpcId": ids["vpc"]}),
        resource("ecs/securityGroup:SecurityGroup", "web", ids["securitygroup"]),
        resource("ecs/securityGroupRule:SecurityGroupRule", "https", "…", {
            "securityGroupId": ids["securitygroup"], "type": "ingress", "ipProtocol": "tcp", "portRange": "443/443",
            "cidrIp": "0.0.0.0/0", "priority": 1}),
        resource("ecs/instance:Instance", "web-0", ids["web0"], {"password": secret}, ignoreChanges=["userData"]),
        resource("ecs/instance:Instance", "web-1", ids["web1"]),
        resource("ecs/ecsDisk:EcsDisk", "logs", ids["logs"]),
        resource("ecs/ecsDiskAttachment:EcsDiskAttachment", "logs", f"{ids['logs']}:{ids['web0']}"),
        resource("ecs/eipAddress:EipAddress", "front", ids["eip"]),
        resource("ecs/eipAssociation:EipAssociation", "front", f"{ids['eip']}:{ids['web0']}"),
    )  # fmt: skip


def from_pulumi(cloud: Cloud, found: dict[str, Any]) -> Migration:
    return bring_over(read_source("pulumi", json.dumps(found), "stack.json"), cloud.api, "moved")


def test_a_pulumi_stack_is_brought_in(cloud: Cloud, ids: dict[str, str]) -> None:
    found = from_pulumi(cloud, program(ids))

    resources = yaml.safe_load(found.made.text)["resources"]
    assert resources["vpc"]["net"]["lifecycle"] == {"prevent_destroy": True}
    assert resources["instance"]["web"]["count"] == 2  # web-0 and web-1 of a loop
    assert resources["instance"]["web"]["lifecycle"] == {"ignore_changes": ["user_data"]}
    assert resources["disk"]["logs"]["instance"] == "web[0]"
    assert resources["security_group"]["web"]["ingress"] == [{"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}]
    assert found.is_complete and not found.code
    assert "R2VoZWlt" not in repr(found)
    assert [note.about for note in found.secrets] == ["instance.web[0]"]
    assert "pulumi state delete 'urn:pulumi:prod::shop::alicloud:vpc/network:Network::net' --force" in found.forget
    assert_brought_in(cloud, found.made)


def test_what_pulumi_has_not_finished_is_left(cloud: Cloud, ids: dict[str, str]) -> None:
    going = resource("vpc/network:Network", "net", ids["vpc"], delete=True)
    read = resource("vpc/switch:Switch", "app", ids["vswitch"], external=True)
    pending = resource("ecs/eipAddress:EipAddress", "front", ids["eip"])
    other = {**resource("x", "bucket", "b-1"), "type": "aws:s3/bucket:Bucket"}
    found = from_pulumi(
        cloud, exported(going, read, pending, other, pending_operations=[{"resource": pending, "type": "updating"}])
    )
    assert [one.why.partition(":")[0] for one in found.of(Fate.LEFT)] == [
        "half of a replacement that did not finish", "a data source", "an operation is pending", "of another provider",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "this is not a Pulumi stack"),
        ({"version": 2, "deployment": {}}, "version 2 of the format is not read"),
        ({"version": 4, "features": ["refresh-before"], "deployment": {}}, 'features "refresh-before" of the format'),
        ({"version": 3, "deployment": []}, "deployment: an object is needed, and this is a list"),
        ({"version": 3, "deployment": {"resources": [{"urn": 7}]}}, "deployment.resources[0].urn: a string is needed"),
    ],
)
def test_what_is_no_pulumi_stack_is_told_with_the_place(cloud: Cloud, document: Any, words: str) -> None:
    with pytest.raises(Rejected, match=words.replace("[", r"\[")):
        from_pulumi(cloud, document)


# ROS

TEMPLATE = """
ROSTemplateFormatVersion: '2015-09-01'
Parameters:
  Source: {Type: String, Default: 0.0.0.0/0}
  Password: {Type: String, NoEcho: true, Default: Geheim-1}
Resources:
  Net:
    Type: ALIYUN::ECS::VPC
    DeletionPolicy: Retain
    Properties: {VpcName: demo-main, CidrBlock: 10.0.0.0/8}
  App:
    Type: ALIYUN::ECS::VSwitch
    Properties: {VpcId: !Ref Net, CidrBlock: 10.0.1.0/24, ZoneId: cn-hangzhou-h}
  Web:
    Type: ALIYUN::ECS::SecurityGroup
    Properties:
      VpcId: !GetAtt Net.VpcId
      SecurityGroupIngress:
        - {IpProtocol: TCP, PortRange: 443/443, SourceCidrIp: !Ref Source, Priority: 1}
  Machines:
    Type: ALIYUN::ECS::InstanceGroup
    Properties: {MaxAmount: 2, Password: !Ref Password, VSwitchId: !Ref App, SecurityGroupId: !Ref Web}
  Logs:
    Type: ALIYUN::ECS::Disk
    Properties: {Size: 60}
  LogsOnWeb:
    Type: ALIYUN::ECS::DiskAttachment
    Properties: {DiskId: !Ref Logs, InstanceId: 'Fn::Select'}
  Front:
    Type: ALIYUN::VPC::EIP
    Properties: {Name: front, Tags: [{Key: a, Value: b}]}
  FrontOnWeb:
    Type: ALIYUN::VPC::EIPAssociation
    Properties: {AllocationId: !GetAtt Front.AllocationId}
  Later: {Type: 'ALIYUN::ECS::VPC'}
"""


def listed(ids: dict[str, str]) -> dict[str, Any]:
    def row(name: str, kind: str, object_id: str) -> dict[str, Any]:
        return {"LogicalResourceId": name, "ResourceType": f"ALIYUN::{kind}", "PhysicalResourceId": object_id,
                "Status": "CREATE_COMPLETE"}  # fmt: skip

    return {"Resources": [
        row("Net", "ECS::VPC", ids["vpc"]), row("App", "ECS::VSwitch", ids["vswitch"]),
        row("Web", "ECS::SecurityGroup", ids["securitygroup"]),
        row("Machines", "ECS::InstanceGroup", json.dumps([ids["web0"], ids["web1"]])),
        row("Logs", "ECS::Disk", ids["logs"]), row("LogsOnWeb", "ECS::DiskAttachment", "attached"),
        row("Front", "VPC::EIP", ids["eip"]), row("FrontOnWeb", "VPC::EIPAssociation", "bound"),
        row("Hook", "ROS::WaitCondition", "h-1"),
    ]}  # fmt: skip


def from_ros(cloud: Cloud, template: str, resources: Any) -> Migration:
    return bring_over(read_source("ros", template, "t.yaml", resources=json.dumps(resources)), cloud.api, "moved")


def test_a_ros_stack_is_brought_in(cloud: Cloud, ids: dict[str, str]) -> None:
    found = from_ros(cloud, TEMPLATE, listed(ids))

    resources = yaml.safe_load(found.made.text)["resources"]
    assert resources["vpc"]["Net"]["lifecycle"] == {"prevent_destroy": True}
    assert resources["instance"]["Machines"]["count"] == 2
    assert resources["security_group"]["Web"]["ingress"] == [{"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}]
    assert resources["disk"]["Logs"]["instance"] == "Machines[0]"
    assert "lifecycle" not in resources["security_group"]["Web"]
    assert "Geheim" not in repr(found)
    assert {note.about for note in found.secrets} == {"instance.Machines[0]", "instance.Machines[1]"}
    assert [(note.about, note.text) for note in found.code] == [
        ("Later", "in the template, and not in the stack: not made yet")
    ]
    assert {one.address: one.why for one in found.of(Fate.LEFT)} == {"Hook": "of another provider"}
    assert "aliyun ros DeleteStack --StackId STACK_ID --RetainAllResources true" in found.forget
    assert_brought_in(cloud, found.made)


def test_properties_that_are_a_function_are_not_known(cloud: Cloud, ids: dict[str, str]) -> None:
    text = TEMPLATE.replace(
        "Properties: {VpcName: demo-main, CidrBlock: 10.0.0.0/8}", "Properties: {'Fn::If': [a, b, c]}"
    )
    text = text.replace(
        "Tags: [{Key: a, Value: b}]", "Tags: [{Key: a, Value: !Join ['-', [b, c]]}, {Key: d, Value: e}]"
    )
    source = read_source("ros", text, resources=json.dumps(listed(ids)))
    attributes = {entry.address: entry.attributes for entry in source.entries}
    assert attributes["Net"] == {}
    assert attributes["Front"]["tags"] == {"d": "e"}


def test_a_template_without_its_resources_is_refused(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="a template has no ids"):
        read_source("ros", TEMPLATE, "t.yaml")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("a: [", "t.yaml:1:5: error: not YAML or JSON"),
        ("a: !!python/object/apply:os.system [ls]", "not YAML or JSON"),
        ("{}", "this is not a ROS template"),
        ("ROSTemplateFormatVersion: '2015-09-01'\nTransform: Aliyun::Terraform-v1.5", "a template that is transformed"),
        ("ROSTemplateFormatVersion: '1'\nResources: [1]", "Resources: an object is needed, and this is a list"),
        ("a: &a [1]\n" + "\n".join(f"k{n}: &b{n} [*{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}, *{p}]"
                                   for n, p in enumerate(["a", *(f"b{n}" for n in range(8))])), "more than 200,000"),
    ],
)  # fmt: skip
def test_a_hostile_template_is_refused(cloud: Cloud, template: str, words: str) -> None:
    with pytest.raises(Rejected) as caught:
        from_ros(cloud, template, {"Resources": []})
    assert words in str(caught.value)


ODD: tuple[Any, ...] = (None, True, -1, "", "${x}", [], {}, {"Ref": []}, {"Fn::GetAtt": [1]}, ["x"], 10**30, "\u202e")


def _mutated(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.05:
        return copy.deepcopy(chance.choice(ODD))
    if isinstance(value, dict):
        return {key: _mutated(item, chance) for key, item in value.items()}
    return [_mutated(item, chance) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("tool", ["ros", "pulumi"])
def test_whatever_stands_there_is_read_or_refused_in_plain_words(tool: str, seed: int) -> None:
    chance = random.Random(seed)
    ids = {name: f"{name}-1" for name in ("vpc", "vswitch", "securitygroup", "eip", "web0", "web1", "logs")}
    template = json.dumps(_mutated(yaml.safe_load(TEMPLATE.replace("!Ref", "").replace("!GetAtt", "")), chance))
    text = template if tool == "ros" else json.dumps(_mutated(program(ids), chance))
    rows = json.dumps(_mutated(listed(ids), chance))
    try:
        bring_over(read_source(tool, text, resources=rows if tool == "ros" else None), None, "moved")
    except Rejected as refused:
        assert all(diagnostic.summary for diagnostic in refused.diagnostics)
