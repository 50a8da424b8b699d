"""Security groups, their rules, key pairs and RAM roles through the official SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .sdk import Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]
PUBLIC_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC0 web"


def rules(sdk: Sdk, group: str, **more: Any) -> list[dict[str, Any]]:
    body = sdk.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=group, **more)
    rows: list[dict[str, Any]] = body["Permissions"]["Permission"]
    return rows


def test_a_group_from_creation_to_its_end(sdk: Sdk, network: Network) -> None:
    order = {"SecurityGroupName": "db", "Description": "of data", "SecurityGroupType": "enterprise", "Tag": TAGS}
    made = sdk.ecs("CreateSecurityGroup", VpcId=network.vpc, **order)["SecurityGroupId"]
    sdk.ecs("ModifySecurityGroupAttribute", SecurityGroupId=made, SecurityGroupName="data", Description="of rows")
    with pytest.raises(Refused, match="InnerAccessPolicy"):
        sdk.ecs("ModifySecurityGroupPolicy", SecurityGroupId=made, InnerAccessPolicy="Accept")
    sdk.ecs("ModifySecurityGroupPolicy", SecurityGroupId=network.group, InnerAccessPolicy="Drop")
    (row,) = sdk.ecs("DescribeSecurityGroups", Tag=TAGS, IsQueryEcsCount=True)["SecurityGroups"]["SecurityGroup"]
    assert (row["SecurityGroupName"], row["Description"], row["SecurityGroupType"]) == ("data", "of rows", "enterprise")
    assert row["EcsCount"] == 0
    network.run(SecurityGroupId=made)
    with pytest.raises(Refused, match="DependencyViolation"):
        sdk.ecs("DeleteSecurityGroup", SecurityGroupId=made)
    (row,) = sdk.ecs("DescribeSecurityGroups", SecurityGroupIds=json.dumps([made]), IsQueryEcsCount=True)[
        "SecurityGroups"
    ]["SecurityGroup"]
    assert row["EcsCount"] == 1


def test_groups_come_page_by_page(sdk: Sdk, network: Network) -> None:
    for number in range(12):
        sdk.ecs("CreateSecurityGroup", VpcId=network.vpc, SecurityGroupName=f"g{number}")
    first = sdk.ecs("DescribeSecurityGroups", MaxResults=10)
    rest = sdk.ecs("DescribeSecurityGroups", MaxResults=10, NextToken=first["NextToken"])
    assert len(rest["SecurityGroups"]["SecurityGroup"]) == 3
    assert "NextToken" not in rest


def test_rules_are_known_by_id(sdk: Sdk, network: Network) -> None:
    group = network.group
    given = [
        {"IpProtocol": "tcp", "PortRange": "80/80", "SourceCidrIp": "10.1.2.3/8", "Description": "web"},
        {"IpProtocol": "icmp", "PortRange": "-1/-1", "Ipv6SourceCidrIp": "2001:db8::/32", "Priority": "7"},
    ]
    for _ in range(2):
        sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=given)
    out = [{"IpProtocol": "all", "PortRange": "-1/-1", "DestCidrIp": "0.0.0.0/0", "Policy": "drop"}]
    sdk.ecs("AuthorizeSecurityGroupEgress", SecurityGroupId=group, Permissions=out)
    first, second = rules(sdk, group, Direction="ingress")
    assert (first["SourceCidrIp"], first["IpProtocol"], first["Description"]) == ("10.0.0.0/8", "TCP", "web")
    assert (second["Ipv6SourceCidrIp"], second["Priority"]) == ("2001:db8::/32", "7")
    (far,) = rules(sdk, group, Direction="egress")
    named = {"SecurityGroupId": group}
    sdk.ecs("ModifySecurityGroupRule", **named, SecurityGroupRuleId=first["SecurityGroupRuleId"], PortRange="443/443")
    sdk.ecs("ModifySecurityGroupEgressRule", **named, SecurityGroupRuleId=far["SecurityGroupRuleId"], Policy="accept")
    assert rules(sdk, group, Direction="ingress")[0]["PortRange"] == "443/443"
    assert rules(sdk, group, Direction="egress")[0]["Policy"] == "Accept"
    sdk.ecs("RevokeSecurityGroup", **named, SecurityGroupRuleId=[first["SecurityGroupRuleId"]])
    sdk.ecs("RevokeSecurityGroup", **named, Permissions=given[1:])
    sdk.ecs("RevokeSecurityGroupEgress", **named, SecurityGroupRuleId=[far["SecurityGroupRuleId"]])
    assert rules(sdk, group) == []
    with pytest.raises(Refused, match="SecurityGroupRuleId"):
        sdk.ecs("RevokeSecurityGroup", **named, SecurityGroupRuleId=["sgr-nowhere"])


def test_rules_that_name_groups_hold_them(sdk: Sdk, network: Network) -> None:
    other = sdk.ecs("CreateSecurityGroup", VpcId=network.vpc)["SecurityGroupId"]
    rule = {"IpProtocol": "tcp", "PortRange": "22/22", "SourceGroupId": other}
    sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=network.group, Permissions=[rule])
    (row,) = sdk.ecs("DescribeSecurityGroupReferences", SecurityGroupId=[other])["SecurityGroupReferences"][
        "SecurityGroupReference"
    ]
    assert row["ReferencingSecurityGroups"]["ReferencingSecurityGroup"][0]["SecurityGroupId"] == network.group
    with pytest.raises(Refused, match="DependencyViolation"):
        sdk.ecs("DeleteSecurityGroup", SecurityGroupId=other)
    sdk.ecs("DeleteSecurityGroup", SecurityGroupId=network.group)
    sdk.ecs("DeleteSecurityGroup", SecurityGroupId=other)


def test_rules_come_page_by_page(sdk: Sdk, network: Network) -> None:
    given = [{"IpProtocol": "tcp", "PortRange": f"{n}/{n}", "SourceCidrIp": "10.0.0.0/8"} for n in range(1, 13)]
    sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=network.group, Permissions=given)
    first = sdk.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=network.group, MaxResults=10)
    assert len(rules(sdk, network.group, MaxResults=10, NextToken=first["NextToken"])) == 2


def test_machines_join_and_leave_groups(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    other = sdk.ecs("CreateSecurityGroup", VpcId=network.vpc)["SecurityGroupId"]
    sdk.ecs("JoinSecurityGroup", InstanceId=instance, SecurityGroupId=other)
    sdk.ecs("LeaveSecurityGroup", InstanceId=instance, SecurityGroupId=network.group)
    (row,) = sdk.ecs("DescribeInstances", SecurityGroupId=other)["Instances"]["Instance"]
    assert row["SecurityGroupIds"]["SecurityGroupId"] == [other]
    with pytest.raises(Refused, match="LastSecurityGroup"):
        sdk.ecs("LeaveSecurityGroup", InstanceId=instance, SecurityGroupId=other)


# Key pairs


def test_key_pairs(sdk: Sdk, network: Network) -> None:
    made = sdk.ecs("CreateKeyPair", KeyPairName="mine", Tag=TAGS)
    assert made["PrivateKeyBody"].startswith("-----BEGIN")
    sdk.ecs("ImportKeyPair", KeyPairName="yours", PublicKeyBody=PUBLIC_KEY)
    with pytest.raises(Refused, match=r"KeyPair\.AlreadyExist"):
        sdk.ecs("ImportKeyPair", KeyPairName="mine", PublicKeyBody=PUBLIC_KEY)
    (row,) = sdk.ecs("DescribeKeyPairs", Tag=TAGS, IncludePublicKey=True)["KeyPairs"]["KeyPair"]
    assert (row["KeyPairName"], row["KeyPairFingerPrint"]) == ("mine", made["KeyPairFingerPrint"])
    (instance,) = network.run()
    ids = json.dumps([instance, "i-nowhere"])
    bound = sdk.ecs("AttachKeyPair", KeyPairName="mine", InstanceIds=ids)
    assert (bound["TotalCount"], bound["FailCount"]) == ("2", "1")
    with pytest.raises(Refused, match="KeypairAlreadyAttachedInstance"):
        sdk.ecs("DeleteKeyPairs", KeyPairNames='["mine"]')
    sdk.ecs("DetachKeyPair", KeyPairName="mine", InstanceIds=json.dumps([instance]))
    sdk.ecs("DeleteKeyPairs", KeyPairNames='["mine","yours"]')
    assert sdk.ecs("DescribeKeyPairs")["TotalCount"] == 0


# Roles


def test_roles(sdk: Sdk, network: Network) -> None:
    ids = network.run(Amount=2)
    given = sdk.ecs("AttachInstanceRamRole", InstanceIds=json.dumps([*ids, "i-nowhere"]), RamRoleName="reader")
    assert (given["TotalCount"], given["FailCount"]) == (3, 1)
    rows = sdk.ecs("DescribeInstanceRamRole", RamRoleName="reader")["InstanceRamRoleSets"]["InstanceRamRoleSet"]
    assert sorted(row["InstanceId"] for row in rows) == sorted(ids)
    again = sdk.ecs("AttachInstanceRamRole", InstanceIds=json.dumps(ids[:1]), RamRoleName="writer")
    assert again["FailCount"] == 1
    taken = sdk.ecs("DetachInstanceRamRole", InstanceIds=json.dumps(ids), RamRoleName="reader")
    assert taken["FailCount"] == 0
    assert sdk.ecs("DescribeInstanceRamRole", RamRoleName="reader")["TotalCount"] == 0
