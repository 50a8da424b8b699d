"""The rest of VPC: attribute reads, secondary blocks, default networks, protection, EIPs in batches."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations import eips, vpcs, vswitches
from ecsplan.emulator.operations._network import check_reserved, is_taken, parse_block, usable
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

COUNTED = (
    ("VSwitch", "vswitch"),
    ("SecurityGroup", "securitygroup"),
    ("RouteTable", "routetable"),
    ("NatGateway", "natgateway"),
)
ATTRIBUTE = ("VpcId", "RegionId", "Status", "VpcName", "Description", "CidrBlock", "SecondaryCidrBlocks", "UserCidrs",
             "CreationTime", "IsDefault", "VRouterId", "VSwitchIds", "ResourceGroupId", "OwnerId", "DnsHostnameStatus",
             "EnabledIpv6", "Ipv6CidrBlock", "Ipv6CidrBlocks", "Tags")  # fmt: skip


def describe_vpc_attribute(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), vpcs.NOT_FOUND, "VpcId")
    row = vpcs.shown(call, vpc)
    counts = [
        {"ResourceType": name, "ResourceCount": call.account.how_many(kind, "VpcId", vpc.id)} for name, kind in COUNTED
    ]
    return {key: row[key] for key in ATTRIBUTE} | {
        "ClassicLinkEnabled": False,
        "SupportIpv4Gateway": True,
        "Ipv4GatewayId": "",
        "CloudResources": {"CloudResourceSetType": counts},
        "AssociatedCens": {"AssociatedCen": []},
        "AssociatedPropagationSources": {"AssociatedPropagationSources": []},
    }


def describe_vswitch_attributes(call: Call) -> Body:
    vswitch = call.require("vswitch", call.need("VSwitchId"), vswitches.NOT_FOUND, "VSwitchId")
    return vswitches.shown(call, vswitch)


def associate_vpc_cidr_block(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), vpcs.NOT_FOUND, "VpcId")
    if str(call.get("IpVersion", "IPV4")).upper() != "IPV4":
        return _more_ipv6(call, vpc)
    block = parse_block(call.need("SecondaryCidrBlock"), "SecondaryCidrBlock", 8, 28, "InvalidCidrBlock")
    check_reserved(block, "SecondaryCidrBlock", "InvalidCidrBlock")
    present = vpc.get("SecondaryCidrBlocks", [])
    if any(block.overlaps(IPv4Network(other)) for other in (vpc["CidrBlock"], *present)):
        raise Refusal(400, "InvalidCidrBlock.Overlapped", f"The block {block} overlaps with one of the VPC.")
    call.check_quota("secondary_ipv4_cidrs_per_vpc", len(present), "QuotaExceeded.SecondaryCidrBlock")
    call.account.change(vpc, SecondaryCidrBlocks=[*present, str(block)])
    return {"CidrBlock": str(block), "IpVersion": "IPV4"}


def _more_ipv6(call: Call, vpc: Thing) -> Body:
    """A further IPv6 block, for a VPC that has one."""
    if not vpc.get("Ipv6CidrBlock"):
        raise Refusal(400, "OperationFailed.Ipv6Disabled", f"IPv6 is not enabled in VPC {vpc.id}.")
    block = call.get("IPv6CidrBlock") or vpcs.new_ipv6_block(call)
    if block in (vpc["Ipv6CidrBlock"], *vpc.get("MoreIpv6", ())):
        raise Refusal(400, "InvalidCidrBlock.Overlapped", f"The VPC has the block {block} already.")
    call.account.change(vpc, MoreIpv6=[*vpc.get("MoreIpv6", ()), block])
    return {"CidrBlock": block, "IpVersion": "IPV6"}


def unassociate_vpc_cidr_block(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), vpcs.NOT_FOUND, "VpcId")
    block = call.get("SecondaryCidrBlock") or call.get("IPv6CidrBlock")
    if block is None:
        raise missing("SecondaryCidrBlock")
    field = "MoreIpv6" if ":" in block else "SecondaryCidrBlocks"
    present = vpc.get(field, [])
    if block not in present:
        raise not_found("InvalidSecondaryCidrBlock.NotFound", "SecondaryCidrBlock", block)
    name = "Ipv6CidrBlock" if ":" in block else "CidrBlock"
    homes = [v[name] for v in call.account.where("vswitch", "VpcId", vpc.id) if v.get(name)]
    if any(_lies_in(home, block) for home in homes):
        raise Refusal(400, "DependencyViolation.VSwitch", f"A vSwitch is inside of {block}.")
    # What was let go of is not seen to be free at once; the provider waits for it.
    if vpc.get("LeftAt", 0.0) + call.settle > call.now:
        raise Refusal(400, "OperationFailed.CidrInUse", f"The block {block} is in use.")
    call.account.change_all(vpc, {field: [other for other in present if other != block]})
    return {}


def _lies_in(inner: str, outer: str) -> bool:
    if ":" in inner:
        return IPv6Network(inner).subnet_of(IPv6Network(outer))
    return IPv4Network(inner).subnet_of(IPv4Network(outer))


def create_default_vpc(call: Call) -> Body:
    if any(vpc["IsDefault"] for vpc in call.listed("vpc")):
        raise Refusal(400, "OperationDenied.DefaultVpcExists", "The region has a default VPC.")
    body = vpcs.create_vpc(call)
    call.account.change(call.require("vpc", body["VpcId"], vpcs.NOT_FOUND), IsDefault=True)
    return {key: body[key] for key in ("VpcId", "VRouterId", "RouteTableId")}


def create_default_vswitch(call: Call) -> Body:
    """A /20 of the default VPC, in its own place for each zone."""
    vpc = next((v for v in call.listed("vpc") if v["IsDefault"]), None)
    if vpc is None:
        raise Refusal(404, "DefaultVpc.NotFound", "The region has no default VPC.")
    zone = call.need("ZoneId")
    zones = catalogue.zones(call.region)
    if zone not in zones:
        raise not_found("InvalidZoneId.NotFound", "ZoneId", zone)
    if any(v["IsDefault"] and v["ZoneId"] == zone for v in call.account.where("vswitch", "VpcId", vpc.id)):
        raise Refusal(400, "OperationDenied.DefaultVSwitchExists", f"The zone {zone} has a default vSwitch.")
    block = list(IPv4Network(vpc["CidrBlock"]).subnets(new_prefix=20))[zones.index(zone)]
    call.params = {**call.params, "VpcId": vpc.id, "CidrBlock": str(block)}
    body = vswitches.create_vswitch(call)
    call.account.change(call.require("vswitch", body["VSwitchId"], vswitches.NOT_FOUND), IsDefault=True)
    return body


PROTECTED = {
    "EIP": ("eip", eips.NOT_FOUND),
    "NATGW": ("natgateway", "InvalidNatGatewayId.NotFound"),
    "CBWP": ("bandwidthpackage", "InvalidBandwidthPackageId.NotFound"),
}


def deletion_protection(call: Call) -> Body:
    kind, code = PROTECTED[call.choice("Type", *PROTECTED)]
    thing = call.require(kind, call.need("InstanceId"), code, "InstanceId")
    call.account.change(thing, DeletionProtection=call.need("ProtectionEnable"))
    return {}


def associate_eip_address_batch(call: Call) -> Body:
    """All of them, or none; onto a NAT gateway or a secondary network interface."""
    kind = call.choice("BindedInstanceType", "Nat", "NetworkInterface")
    wanted = call.many("InstanceIds", 50)
    if kind == "NetworkInterface" and call.get("Mode") is None and len(wanted) > 1:
        raise missing("Mode")
    found = [call.require("eip", id_, eips.NOT_FOUND, "InstanceIds") for id_ in wanted]
    call.params = {**call.params, "InstanceType": kind}
    target = call.need("BindedInstanceId")
    for place, eip in enumerate(found):
        if eip.status != "Available":
            raise Refusal(400, "IncorrectEipStatus", f"The EIP {eip.id} is {eip.status}, not Available.")
        eips.bind(call, eip, target, beside_others=place > 0 or call.get("Mode") == "MULTI_BINDED")
    return {}


def modify_eip_forward_mode(call: Call) -> Body:
    eip = call.require("eip", call.need("InstanceId"), eips.NOT_FOUND, "InstanceId")
    if eip.get("InstanceType") != "NetworkInterface":
        raise Refusal(400, "OperationUnsupported.ForwardMode", f"The EIP {eip.id} is not on a network interface.")
    if eip.status != "InUse":
        raise Refusal(400, "IncorrectEipStatus", f"The EIP {eip.id} is {eip.status}, not InUse.")
    call.account.change(eip, Mode=call.choice("Mode", "NAT", "MULTI_BINDED", "BINDED"))
    return {}


def check_can_allocate_vpc_private_ip_address(call: Call) -> Body:
    vswitch = call.require("vswitch", call.need("VSwitchId"), vswitches.NOT_FOUND, "VSwitchId")
    address = call.need("PrivateIpAddress")
    try:
        number = int(IPv4Network(address).network_address)
    except ValueError:
        raise invalid("PrivateIpAddress", code="InvalidPrivateIpAddress.Malformed") from None
    free = number in usable(vswitch["CidrBlock"]) and not is_taken(call.account, vswitch, address)
    return {"CanAllocate": free}


VPC = {
    "DescribeVpcAttribute": describe_vpc_attribute,
    "DescribeVSwitchAttributes": describe_vswitch_attributes,
    "AssociateVpcCidrBlock": associate_vpc_cidr_block,
    "UnassociateVpcCidrBlock": unassociate_vpc_cidr_block,
    "CreateDefaultVpc": create_default_vpc,
    "CreateDefaultVSwitch": create_default_vswitch,
    "DeletionProtection": deletion_protection,
    "AssociateEipAddressBatch": associate_eip_address_batch,
    "AllocateEipAddressPro": eips.allocate_eip_address,
    "ModifyEipForwardMode": modify_eip_forward_mode,
    "CheckCanAllocateVpcPrivateIpAddress": check_can_allocate_vpc_private_ip_address,
}
