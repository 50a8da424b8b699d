"""VPCs: CreateVpc, DescribeVpcs, ModifyVpcAttribute, DeleteVpc. Their old ECS spellings answer the same."""

from __future__ import annotations

from ipaddress import IPv4Network

from ecsplan.emulator import others
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._network import check_reserved, parse_block
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid

DEFAULT_BLOCK = "172.16.0.0/12"
NOT_FOUND = "InvalidVpcID.NotFound"


def create_vpc(call: Call) -> Body:
    block = parse_block(call.get("CidrBlock", DEFAULT_BLOCK), "CidrBlock", 8, 28, "InvalidCidrBlock")
    check_reserved(block, "CidrBlock", "InvalidCidrBlock")
    call.check_quota("vpcs_per_region", call.account.count("vpc", call.region), "QuotaExceeded.Vpc")
    name = check_name(call.get("VpcName"), "VpcName", "InvalidVpcName.Malformed")
    tags = call.tags()
    vpc_id = call.account.new_id("vpc", call.region, 21)
    table_id = call.account.new_id("vtb", call.region, 21)
    data: Body = {
        "VpcName": name,
        "Description": check_description(call.get("Description"), 1),
        "CidrBlock": str(block),
        "FirstCidrBlock": str(block),
        "CreationTime": to_seconds(call.now),
        "Status": "Pending",
        "IsDefault": False,
        "ResourceGroupId": call.get("ResourceGroupId", "rg-acfmxazb4ph6aiy"),
        "VRouterId": call.account.new_id("vrt", call.region, 21),
        "SystemTable": table_id,
        "UserCidrs": call.commas("UserCidr", 3) or [],
        "DnsHostnameStatus": "ENABLED" if call.get("EnableDnsHostname") else "DISABLED",
    }
    if call.get("EnableIpv6"):
        data |= _ipv6(call)
    vpc = call.account.add("vpc", call.region, vpc_id, data, tags)
    call.in_settle(vpc, Status="Available")
    call.account.add("routetable", call.region, table_id, {
        "VpcId": vpc_id, "RouteTableType": "System", "RouteTableName": "", "Description": "", "Status": "Available",
        "CreationTime": data["CreationTime"], "VRouterId": data["VRouterId"],
    })  # fmt: skip
    return {
        "VpcId": vpc_id,
        "VRouterId": data["VRouterId"],
        "RouteTableId": table_id,
        "ResourceGroupId": data["ResourceGroupId"],
    }


def _ipv6(call: Call) -> Body:
    return {
        "EnabledIpv6": True,
        "Ipv6CidrBlock": call.get("Ipv6CidrBlock", new_ipv6_block(call)),
        "Ipv6Isp": call.get("Ipv6Isp", "BGP"),
    }


def new_ipv6_block(call: Call) -> str:
    number = call.account.random.randint(0, 0xFFFF)
    return f"2408:4005:3{number % 0xF:x}{number >> 12:x}:{number & 0xFF:x}00::/56"


def describe_vpcs(call: Call) -> Body:
    ids = call.commas("VpcId", 20)
    vpcs = call.candidates("vpc") if ids is None else call.listed_by("vpc", ids)
    vpcs = call.filtered(call.matching_tags(vpcs), VpcName="VpcName")
    vpcs = call.lacking(vpcs, "DhcpOptionsSetId")
    if call.get("VpcOwnerId") is not None:
        vpcs = [vpc for vpc in vpcs if int(others.owner(call, vpc)) == call.get("VpcOwnerId")]
    if call.get("IsDefault") is not None:
        vpcs = [vpc for vpc in vpcs if vpc["IsDefault"] == call.get("IsDefault")]
    if call.get("EnableIpv6") is not None:
        vpcs = [vpc for vpc in vpcs if vpc.get("EnabledIpv6", False) == call.get("EnableIpv6")]
    return by_number(call, vpcs, shown if call.product == "vpc" else _shown_by_ecs, ("Vpcs", "Vpc"), 50)


def shown(call: Call, vpc: Thing) -> Body:
    """A row of DescribeVpcs; DescribeVpcAttribute shows most of it too."""
    vswitches = [v.id for v in call.account.where("vswitch", "VpcId", vpc.id)]
    tables = [t.id for t in call.account.where("routetable", "VpcId", vpc.id)]
    gateways = [g.id for g in call.account.where("natgateway", "VpcId", vpc.id)]
    block = vpc.get("Ipv6CidrBlock")
    blocks = [{"Ipv6CidrBlock": b, "Ipv6Isp": vpc["Ipv6Isp"]} for b in (block, *vpc.get("MoreIpv6", ())) if b]
    return {
        "VpcId": vpc.id,
        "RegionId": vpc.region,
        "Status": vpc["Status"],
        "VpcName": vpc["VpcName"],
        "Description": vpc["Description"],
        "CidrBlock": vpc["CidrBlock"],
        "SecondaryCidrBlocks": {"SecondaryCidrBlock": vpc.get("SecondaryCidrBlocks", [])},
        "UserCidrs": {"UserCidr": vpc["UserCidrs"]},
        "CreationTime": vpc["CreationTime"],
        "IsDefault": vpc["IsDefault"],
        "VRouterId": vpc["VRouterId"],
        "RouterTableIds": {"RouterTableIds": tables},
        "VSwitchIds": {"VSwitchId": vswitches},
        "NatGatewayIds": {"NatGatewayIds": gateways},
        "ResourceGroupId": vpc["ResourceGroupId"],
        "OwnerId": int(others.owner(call, vpc)),
        "DnsHostnameStatus": vpc["DnsHostnameStatus"],
        "EnabledIpv6": vpc.get("EnabledIpv6", False),
        "Ipv6CidrBlock": block or "",
        "Ipv6CidrBlocks": {"Ipv6CidrBlock": blocks},
        "Tags": vpc_tags(vpc),
    }


OLD_KEYS = ("VpcId", "RegionId", "Status", "VpcName", "CreationTime", "CidrBlock", "IsDefault", "Description",
            "VRouterId", "VSwitchIds", "UserCidrs")  # fmt: skip


def _shown_by_ecs(call: Call, vpc: Thing) -> Body:
    row = shown(call, vpc)
    return {key: row[key] for key in OLD_KEYS}


def modify_vpc_attribute(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), NOT_FOUND, "VpcId")
    _check_available(vpc)
    changes: Body = {}
    if call.get("VpcName"):
        changes["VpcName"] = check_name(call.get("VpcName"), "VpcName", "InvalidVpcName.Malformed")
    if call.get("Description"):
        changes["Description"] = check_description(call.get("Description"), 1)
    if call.get("CidrBlock"):
        changes["CidrBlock"] = _resized(call, vpc)
    if call.get("EnableDnsHostname") is not None:
        changes["DnsHostnameStatus"] = "ENABLED" if call.get("EnableDnsHostname") else "DISABLED"
    wants_ipv6 = call.get("EnableIPv6")
    if wants_ipv6 and not vpc.get("EnabledIpv6"):
        changes |= _ipv6(call)
    elif wants_ipv6 is False and vpc.get("EnabledIpv6"):
        if any(v.get("Ipv6CidrBlock") for v in call.account.where("vswitch", "VpcId", vpc.id)):
            raise Refusal(400, "DependencyViolation.Ipv6Address", "A vSwitch of the VPC uses IPv6.")
        if call.account.how_many("ipv6gateway", "VpcId", vpc.id):
            raise Refusal(400, "DependencyViolation.Ipv6Gateway", "The VPC has an IPv6 gateway.")
        changes |= {"EnabledIpv6": None, "Ipv6CidrBlock": None}
    call.account.change_all(vpc, changes)
    return {}


def _resized(call: Call, vpc: Thing) -> str:
    block = parse_block(call.get("CidrBlock"), "CidrBlock", 8, 28, "InvalidCidrBlock")
    if not block.subnet_of(IPv4Network(vpc.get("FirstCidrBlock", vpc["CidrBlock"]))):
        raise invalid("CidrBlock", "It is not within the block that the VPC was made with.", "InvalidCidrBlock")
    inside = [IPv4Network(v["CidrBlock"]) for v in call.account.where("vswitch", "VpcId", vpc.id)]
    if not all(vswitch.subnet_of(block) for vswitch in inside):
        raise invalid("CidrBlock", "A vSwitch would fall outside of it.", "InvalidCidrBlock")
    return str(block)


def _check_available(vpc: Thing) -> None:
    if vpc.status != "Available":
        raise Refusal(400, "IncorrectVpcStatus", f"The VPC {vpc.id} is {vpc.status}, not Available.")


DEPENDANTS = (
    ("vswitch", "DependencyViolation.VSwitch", "vSwitches"),
    ("securitygroup", "DependencyViolation.SecurityGroup", "security groups"),
    ("natgateway", "DependencyViolation.NatGateway", "NAT gateways"),
    ("ipv6gateway", "DependencyViolation.Ipv6Gateway", "an IPv6 gateway"),
)


def delete_vpc(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), NOT_FOUND, "VpcId")
    for kind, code, what in DEPENDANTS:
        if call.account.how_many(kind, "VpcId", vpc.id):
            raise Refusal(400, code, f"Specified VPC {vpc.id} still has {what}.")
    if call.account.how_many("routetable", "VpcId", vpc.id) > 1:
        raise Refusal(400, "DependencyViolation.RouteTable", f"Specified VPC {vpc.id} still has custom route tables.")
    _check_available(vpc)
    call.account.change(vpc, Status="Deleting")
    for table in call.account.where("routetable", "VpcId", vpc.id):
        call.in_settle(table, "remove", 0.5)
    call.in_settle(vpc, "remove", 0.5)
    return {}


_OPERATIONS = {
    "CreateVpc": create_vpc,
    "DescribeVpcs": describe_vpcs,
    "ModifyVpcAttribute": modify_vpc_attribute,
    "DeleteVpc": delete_vpc,
}
VPC = _OPERATIONS
ECS = {**_OPERATIONS, "CreateVpc": lambda call: {k: v for k, v in create_vpc(call).items() if k != "ResourceGroupId"}}
TAGGABLE = {("vpc", "vpc"): "vpc"}
