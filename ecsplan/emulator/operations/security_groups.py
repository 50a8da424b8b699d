"""Security groups themselves; their rules are in `security_group_rules`."""

from __future__ import annotations

from ecsplan.emulator import others
from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.paging import by_either
from ecsplan.emulator.wire import Refusal, invalid, missing

NOT_FOUND = "InvalidSecurityGroupId.NotFound"
# DescribeSecurityGroups counts a group's room; by type, as the limits page has it.
ROOM = {"normal": "private_ips_per_basic_security_group", "enterprise": "private_ips_per_advanced_security_group"}


def create_security_group(call: Call) -> Body:
    vpc_id = call.get("VpcId")
    if vpc_id is not None:
        call.require("vpc", vpc_id, "InvalidVpcId.NotFound", "VpcId")
    kind = call.choice("SecurityGroupType", "normal", "enterprise", default="normal")
    call.check_quota(
        "security_groups_per_account", call.account.count("securitygroup", call.region), "QuotaExceed.SecurityGroup"
    )
    data: Body = {
        "SecurityGroupName": check_name(
            call.get("SecurityGroupName"), "SecurityGroupName", "InvalidSecurityGroupName.Malformed"
        ),
        "Description": check_description(call.get("Description"), code="InvalidSecurityGroupDiscription.Malformed"),
        "SecurityGroupType": kind,
        "InnerAccessPolicy": "Accept" if kind == "normal" else "Drop",
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
        "Rules": [],
    }
    if vpc_id is not None:
        data["VpcId"] = vpc_id
    group_id = call.account.new_id("sg", call.region)
    call.account.add("securitygroup", call.region, group_id, data, call.tags())
    return {"SecurityGroupId": group_id}


def describe_security_groups(call: Call) -> Body:
    ids = call.ids("SecurityGroupIds")
    if call.get("SecurityGroupId") is not None:
        ids = [call.get("SecurityGroupId")] if ids is None else [i for i in ids if i == call.get("SecurityGroupId")]
    groups = call.candidates("securitygroup") if ids is None else call.listed_by("securitygroup", ids)
    groups = call.filtered(call.matching_tags(groups), VpcId="VpcId", SecurityGroupType="SecurityGroupType")
    name = call.get("SecurityGroupName")
    if name is not None and call.get("FuzzyQuery"):
        groups = [group for group in groups if name.strip("*") in group["SecurityGroupName"]]
    else:
        groups = call.named(groups, "SecurityGroupName", "SecurityGroupName")
    if call.get("ServiceManaged") is not None:
        groups = [group for group in groups if bool(group.get("ServiceManaged")) == call.get("ServiceManaged")]
    network = call.choice("NetworkType", "vpc", "classic")
    if network is not None:
        groups = [group for group in groups if bool(group.get("VpcId")) == (network == "vpc")]
    page = by_either(call, groups, _shown, ("SecurityGroups", "SecurityGroup"), 100)
    return {"RegionId": call.region, **page}


def members(account: Account, group_id: str) -> int:
    return account.how_many("instance", "SecurityGroupIds", group_id)


def room(account: Account, group: Thing, quotas: int) -> int:
    return quotas - account.how_many("eni", "SecurityGroupIds", group.id)


def _shown(call: Call, group: Thing) -> Body:
    key = ROOM[group["SecurityGroupType"]]
    row: Body = {
        "SecurityGroupId": group.id,
        "SecurityGroupName": group["SecurityGroupName"],
        "Description": group["Description"],
        "SecurityGroupType": group["SecurityGroupType"],
        "VpcId": group.get("VpcId", ""),
        "CreationTime": group["CreationTime"],
        "ResourceGroupId": group["ResourceGroupId"],
        **others.signs(group),
        "RuleCount": len(group["Rules"]),
        "GroupToGroupRuleCount": len(group.get("GroupRefs", [])),
        "Tags": ecs_tags(group),
    }
    if call.get("IsQueryEcsCount"):
        row["EcsCount"] = members(call.account, group.id)
        row["AvailableInstanceAmount"] = room(call.account, group, call.quotas.get(key, 2000))
    return row


def modify_security_group_attribute(call: Call) -> Body:
    group = call.require("securitygroup", call.need("SecurityGroupId"), NOT_FOUND, "SecurityGroupId")
    name, description = call.get("SecurityGroupName"), call.params.get("Description")
    if name is None and description is None:
        raise missing("SecurityGroupName")
    if name is not None:
        code = "InvalidSecurityGroupName.Malformed"
        call.account.change(group, SecurityGroupName=check_name(name, "SecurityGroupName", code))
    if description is not None:
        call.account.change(group, Description=check_description(description))
    return {}


def modify_security_group_policy(call: Call) -> Body:
    group = call.require("securitygroup", call.need("SecurityGroupId"), NOT_FOUND, "SecurityGroupId")
    policy = str(call.need("InnerAccessPolicy")).capitalize()
    if policy not in ("Accept", "Drop"):
        raise invalid("InnerAccessPolicy", "It is Accept or Drop.", "InvalidPolicy.Malformed")
    if group["SecurityGroupType"] == "enterprise":
        code = "InvalidParameter.InnerAccessPolicy"
        raise invalid("InnerAccessPolicy", "That of an advanced security group is fixed.", code)
    call.account.change(group, InnerAccessPolicy=policy)
    return {}


def delete_security_group(call: Call) -> Body:
    group = call.require("securitygroup", call.need("SecurityGroupId"), NOT_FOUND, "SecurityGroupId")
    if members(call.account, group.id):
        raise Refusal(403, "DependencyViolation", "There is still instance(s) in the specified security group.")
    if call.account.how_many("eni", "SecurityGroupIds", group.id):
        raise Refusal(403, "DependencyViolation", "There is still ENI(s) in the specified security group.")
    referring = [g.id for g in call.account.where("securitygroup", "GroupRefs", group.id) if g.id != group.id]
    if referring:
        raise Refusal(403, "DependencyViolation", f"It is referred to by rules of {', '.join(referring)}.")
    call.account.remove(group)
    return {}


def describe_security_group_references(call: Call) -> Body:
    rows = []
    for group_id in call.many("SecurityGroupId", 10):
        referring = [g for g in call.account.where("securitygroup", "GroupRefs", group_id) if g.id != group_id]
        if referring:
            sources = [{"SecurityGroupId": g.id, "AliUid": call.account.owner} for g in referring]
            rows.append(
                {"SecurityGroupId": group_id, "ReferencingSecurityGroups": {"ReferencingSecurityGroup": sources}}
            )
    return {"SecurityGroupReferences": {"SecurityGroupReference": rows}}


ECS = {
    "CreateSecurityGroup": create_security_group,
    "DescribeSecurityGroups": describe_security_groups,
    "ModifySecurityGroupAttribute": modify_security_group_attribute,
    "ModifySecurityGroupPolicy": modify_security_group_policy,
    "DeleteSecurityGroup": delete_security_group,
    "DescribeSecurityGroupReferences": describe_security_group_references,
}
TAGGABLE = {("ecs", "securitygroup"): "securitygroup"}
