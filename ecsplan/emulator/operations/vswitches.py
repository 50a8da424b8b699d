"""vSwitches: create, list, modify, delete; one write at a time in a VPC."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from ecsplan.emulator import catalogue, others
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._network import check_reserved, free_addresses, parse_block
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

NOT_FOUND = "InvalidVSwitchId.NotFound"
BUSY_SHARE = 0.1


def create_vswitch(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), "InvalidVpcId.NotFound", "VpcId")
    zone = call.need("ZoneId")
    if zone not in catalogue.zones(vpc.region):
        raise not_found("InvalidZoneId.NotFound", "ZoneId", zone)
    if vpc.status != "Available":
        raise Refusal(400, "IncorrectVpcStatus", f"The VPC {vpc.id} is {vpc.status}, not Available.")
    block = parse_block(call.need("CidrBlock"), "CidrBlock", 16, 29, "InvalidCidrBlock.Malformed")
    check_reserved(block, "CidrBlock", "InvalidCidrBlock.Malformed")
    siblings = call.account.where("vswitch", "VpcId", vpc.id)
    _check_idle(call, vpc)
    _check_block(vpc, block, siblings)
    _check_routes(call, vpc, block)
    call.check_quota("vswitches_per_vpc", len(siblings), "QuotaExceeded.VSwitch")
    data: Body = {
        "VpcId": vpc.id,
        "ZoneId": zone,
        "CidrBlock": str(block),
        "VSwitchName": check_name(call.get("VSwitchName"), "VSwitchName", "InvalidVSwitchName.Malformed"),
        "Description": check_description(call.get("Description"), 1),
        "CreationTime": to_seconds(call.now),
        "Status": "Pending",
        "IsDefault": False,
        "ResourceGroupId": vpc["ResourceGroupId"],
        "RouteTableId": vpc["SystemTable"],
    }
    if call.get("Ipv6CidrBlock") is not None:
        data["Ipv6CidrBlock"] = ipv6_block(call, vpc, call.get("Ipv6CidrBlock"))
    vswitch = call.account.add("vswitch", vpc.region, call.account.new_id("vsw", vpc.region, 21), data, call.tags())
    call.in_settle(vswitch, Status="Available")
    call.account.change(vpc, BusyUntil=call.now + call.settle * BUSY_SHARE)
    return {"VSwitchId": vswitch.id}


def _check_idle(call: Call, vpc: Thing) -> None:
    """The service takes one vSwitch or route write at a time in a VPC, and needs a moment between two."""
    if vpc.get("BusyUntil", 0.0) > call.now:
        raise Refusal(400, "TaskConflict", f"Another vSwitch of VPC {vpc.id} is being created or deleted.")


def _check_block(vpc: Thing, block: IPv4Network, siblings: list[Thing]) -> None:
    homes = [IPv4Network(b) for b in (vpc["CidrBlock"], *vpc.get("SecondaryCidrBlocks", []))]
    if not any(block.subnet_of(home) for home in homes):
        raise invalid("CidrBlock", "It is not inside of the VPC.", "InvalidCidrBlock.NotInVpc")
    if any(block.overlaps(IPv4Network(other["CidrBlock"])) for other in siblings):
        raise Refusal(400, "InvalidCidrBlock.Overlapped", f"The block {block} overlaps with another vSwitch.")


def _check_routes(call: Call, vpc: Thing, block: IPv4Network) -> None:
    """A block that a custom route leads elsewhere is taken: both would be the same line of the route table."""
    for table in call.account.where("routetable", "VpcId", vpc.id):
        for route in call.account.where("routeentry", "RouteTableId", table.id):
            if route["DestinationCidrBlock"] == str(block):
                raise Refusal(400, "InvalidCidrBlock.Overlapped", f"The block {block} is the destination of a route.")


def ipv6_block(call: Call, vpc: Thing, number: int) -> str:
    """The 64 bits with that number in the VPC's block; 0 is a number."""
    if not vpc.get("Ipv6CidrBlock"):
        raise Refusal(400, "OperationFailed.Ipv6Disabled", f"IPv6 is not enabled in VPC {vpc.id}.")
    if not 0 <= number <= 255:
        raise invalid("Ipv6CidrBlock", "It is from 0 to 255.")
    home = IPv6Network(vpc["Ipv6CidrBlock"])
    block = str(IPv6Network((int(home.network_address) + (number << 64), 64)))
    if any(v.get("Ipv6CidrBlock") == block for v in call.account.where("vswitch", "VpcId", vpc.id)):
        raise Refusal(400, "InvalidIpv6CidrBlock.Overlapped", f"Another vSwitch has the block {block}.")
    return block


def describe_vswitches(call: Call) -> Body:
    vpc_id, vswitch_id = call.get("VpcId"), call.get("VSwitchId")
    if call.get("RegionId") is None and vpc_id is None and vswitch_id is None:
        raise missing("RegionId")
    if vswitch_id is not None:
        found = call.find("vswitch", vswitch_id)
        vswitches = [found] if found else []
    elif vpc_id is not None:
        named = call.get("RegionId")
        found_here = call.account.where("vswitch", "VpcId", vpc_id)
        vswitches = [v for v in found_here if named in (None, v.region) and call.sight.shows(v)]
    else:
        vswitches = call.candidates("vswitch")
    vswitches = call.filtered(
        call.matching_tags(vswitches),
        VpcId="VpcId",
        ZoneId="ZoneId",
        VSwitchName="VSwitchName",
        RouteTableId="RouteTableId",
    )
    if call.get("VSwitchOwnerId") is not None:
        vswitches = [v for v in vswitches if int(others.owner(call, v)) == call.get("VSwitchOwnerId")]
    if call.get("IsDefault") is not None:
        vswitches = [v for v in vswitches if v["IsDefault"] == call.get("IsDefault")]
    if call.get("EnableIpv6") is not None:
        vswitches = [v for v in vswitches if bool(v.get("Ipv6CidrBlock")) == call.get("EnableIpv6")]
    return by_number(call, vswitches, shown if call.product == "vpc" else _shown_by_ecs, ("VSwitches", "VSwitch"), 50)


def shown(call: Call, vswitch: Thing) -> Body:
    table = call.account.get("routetable", vswitch["RouteTableId"])
    return {
        "VSwitchId": vswitch.id,
        "VpcId": vswitch["VpcId"],
        "Status": vswitch["Status"],
        "CidrBlock": vswitch["CidrBlock"],
        "Ipv6CidrBlock": vswitch.get("Ipv6CidrBlock", ""),
        "EnabledIpv6": bool(vswitch.get("Ipv6CidrBlock")),
        "ZoneId": vswitch["ZoneId"],
        "AvailableIpAddressCount": free_addresses(call.account, vswitch),
        "Description": vswitch["Description"],
        "VSwitchName": vswitch["VSwitchName"],
        "CreationTime": vswitch["CreationTime"],
        "IsDefault": vswitch["IsDefault"],
        "ResourceGroupId": vswitch["ResourceGroupId"],
        "NetworkAclId": vswitch.get("NetworkAclId", ""),
        "OwnerId": int(others.owner(call, vswitch)),
        "ShareType": vswitch.get("ShareType", ""),
        "RouteTable": {
            "RouteTableId": vswitch["RouteTableId"],
            "RouteTableType": table["RouteTableType"] if table else "System",
        },
        "Tags": vpc_tags(vswitch),
    }


OLD_KEYS = ("VSwitchId", "VpcId", "Status", "CidrBlock", "ZoneId", "AvailableIpAddressCount", "Description",
            "VSwitchName", "CreationTime", "IsDefault")  # fmt: skip


def _shown_by_ecs(call: Call, vswitch: Thing) -> Body:
    row = shown(call, vswitch)
    return {key: row[key] for key in OLD_KEYS}


def modify_vswitch_attribute(call: Call) -> Body:
    vswitch = call.require("vswitch", call.need("VSwitchId"), NOT_FOUND, "VSwitchId")
    if vswitch.status != "Available":
        raise Refusal(400, "IncorrectVSwitchStatus", f"The vSwitch {vswitch.id} is {vswitch.status}, not Available.")
    changes: Body = {}
    if call.get("VSwitchName"):
        changes["VSwitchName"] = check_name(call.get("VSwitchName"), "VSwitchName", "InvalidVSwitchName.Malformed")
    if call.get("Description"):
        changes["Description"] = check_description(call.get("Description"), 1)
    if call.get("EnableIPv6") is not None or call.get("Ipv6CidrBlock") is not None:
        changes["Ipv6CidrBlock"] = _changed_ipv6(call, vswitch)
    call.account.change_all(vswitch, changes)
    return {}


def _changed_ipv6(call: Call, vswitch: Thing) -> str | None:
    """On with a number, off without one; another block only by off and on again (the official provider)."""
    vpc = call.require("vpc", vswitch["VpcId"], "InvalidVpcId.NotFound", "VpcId")
    number, wanted, present = call.get("Ipv6CidrBlock"), call.get("EnableIPv6"), vswitch.get("Ipv6CidrBlock")
    if wanted is False:
        if number is not None:
            raise invalid("Ipv6CidrBlock", "It goes with EnableIPv6=true.", "InvalidParam.Ipv6CidrBlock")
        if any(eni.get("Ipv6s") for eni in call.account.where("eni", "VSwitchId", vswitch.id)):
            raise Refusal(400, "DependencyViolation.Ipv6Address", f"An interface in {vswitch.id} has an IPv6 address.")
        call.account.change(vpc, LeftAt=call.now)
        return None
    if number is None:
        raise missing("Ipv6CidrBlock", "MissingParam.Ipv6CidrBlock")
    home = vpc.get("Ipv6CidrBlock")
    same = home and present == str(IPv6Network((int(IPv6Network(home).network_address) + (number << 64), 64)))
    if present and not same:
        raise Refusal(400, "OperationDenied.Ipv6CidrBlockExist", f"{vswitch.id} has the block {present}; it stays.")
    return str(present) if same else ipv6_block(call, vpc, number)


def delete_vswitch(call: Call) -> Body:
    vswitch = call.require("vswitch", call.need("VSwitchId"), NOT_FOUND, "VSwitchId")
    vpc = call.account.get("vpc", vswitch["VpcId"])
    if vpc is not None:
        _check_idle(call, vpc)
    if call.account.how_many("eni", "VSwitchId", vswitch.id):
        raise Refusal(400, "DependencyViolation", f"The vSwitch {vswitch.id} still has network interfaces.")
    if call.account.how_many("natgateway", "VSwitchId", vswitch.id):
        raise Refusal(400, "DependencyViolation.EnhancedNatgw", f"The vSwitch {vswitch.id} still has a NAT gateway.")
    if call.account.how_many("havip", "VSwitchId", vswitch.id):
        raise Refusal(400, "DependencyViolation.HaVip", f"The vSwitch {vswitch.id} still has a HaVip.")
    if vswitch.get("NetworkAclId"):
        raise Refusal(400, "DependencyViolation.NetworkAcl", f"The vSwitch {vswitch.id} still has a network ACL.")
    if vswitch.status != "Available":
        raise Refusal(400, "IncorrectVSwitchStatus", f"The vSwitch {vswitch.id} is {vswitch.status}, not Available.")
    call.account.change(vswitch, Status="Pending")
    call.in_settle(vswitch, "remove", 0.5)
    if vpc is not None:
        call.account.change(vpc, BusyUntil=call.now + call.settle * BUSY_SHARE, LeftAt=call.now)
    return {}


VPC = ECS = {
    "CreateVSwitch": create_vswitch,
    "DescribeVSwitches": describe_vswitches,
    "ModifyVSwitchAttribute": modify_vswitch_attribute,
    "DeleteVSwitch": delete_vswitch,
}
TAGGABLE = {("vpc", "vswitch"): "vswitch"}
