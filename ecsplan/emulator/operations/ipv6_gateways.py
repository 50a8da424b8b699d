"""IPv6 gateways, one for a VPC, and the bandwidth that makes an IPv6 address public."""

from __future__ import annotations

from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._ipv6 import Address6, addresses6
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

NOT_FOUND, NO_ADDRESS = "InvalidIpv6GatewayId.NotFound", "InvalidIpv6AddressId.NotFound"
NO_BANDWIDTH = "InvalidIpv6InternetBandwidthId.NotFound"
CHARGES = ("PayByTraffic", "PayByBandwidth", "PayByOld95")
LARGEST = {"PayByTraffic": 1000}
"""Mbit/s by charge type; the others take up to 5000."""


def create_ipv6_gateway(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), "InvalidVpcId.NotFound", "VpcId")
    if vpc.status != "Available":
        raise Refusal(400, "IncorrectStatus.Vpc", f"The VPC {vpc.id} is {vpc.status}.")
    if not vpc.get("Ipv6CidrBlock"):
        raise Refusal(400, "OperationFailed.Ipv6Disabled", f"IPv6 is not enabled in VPC {vpc.id}.")
    if call.account.how_many("ipv6gateway", "VpcId", vpc.id):
        raise Refusal(400, "QuotaExceeded.Ipv6Gateway", f"The VPC {vpc.id} has an IPv6 gateway.")
    gateway = call.account.add("ipv6gateway", vpc.region, call.account.new_id("ipv6gw", vpc.region, 21), {
        "VpcId": vpc.id,
        "Name": _name(call),
        "Description": check_description(call.get("Description"), 1),
        "Status": "Pending",
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", vpc["ResourceGroupId"]),
    }, call.tags())  # fmt: skip
    call.in_settle(gateway, share=0.5, Status="Available")
    return {"Ipv6GatewayId": gateway.id, "ResourceGroupId": gateway["ResourceGroupId"]}


def _name(call: Call) -> str:
    return check_description(call.get("Name"), 1, 128, code="InvalidName.Malformed")


def _required(call: Call) -> Thing:
    return call.require("ipv6gateway", call.need("Ipv6GatewayId"), NOT_FOUND, "Ipv6GatewayId")


def _idle(call: Call) -> Thing:
    gateway = _required(call)
    if gateway.status != "Available":
        raise Refusal(400, "IncorrectStatus", f"The IPv6 gateway {gateway.id} is {gateway.status}.")
    return gateway


def modify_ipv6_gateway_attribute(call: Call) -> Body:
    gateway, changes = _idle(call), {}
    if call.get("Name"):
        changes["Name"] = _name(call)
    if call.get("Description"):
        changes["Description"] = check_description(call.get("Description"), 1)
    call.account.change_all(gateway, changes)
    return {}


def delete_ipv6_gateway(call: Call) -> Body:
    gateway = _idle(call)
    if call.account.how_many("ipv6bandwidth", "Ipv6GatewayId", gateway.id):
        text = f"Addresses have Internet bandwidth of the IPv6 gateway {gateway.id}."
        raise Refusal(400, "DependencyViolation.Ipv6InternetBandwidth", text)
    call.account.change(gateway, Status="Deleting")
    call.in_settle(gateway, "remove", 0.5)
    return {}


def describe_ipv6_gateways(call: Call) -> Body:
    one = call.get("Ipv6GatewayId")
    gateways = call.listed_by("ipv6gateway", [one]) if one is not None else call.candidates("ipv6gateway")
    gateways = call.filtered(
        call.matching_tags(gateways, "Tags"), VpcId="VpcId", Name="Name", ResourceGroupId="ResourceGroupId"
    )
    return by_number(call, gateways, _shown, ("Ipv6Gateways", "Ipv6Gateway"), 50)


def describe_ipv6_gateway_attribute(call: Call) -> Body:
    return _shown(call, _required(call)) | {"GatewayRouteTableId": ""}


KEYS = ("VpcId", "Name", "Description", "Status", "CreationTime", "ResourceGroupId")


def _shown(call: Call, gateway: Thing) -> Body:
    return {key: gateway[key] for key in KEYS} | {
        "Ipv6GatewayId": gateway.id,
        "RegionId": gateway.region,
        "OwnerId": int(call.account.owner),
        "BusinessStatus": "Normal",
        "InstanceChargeType": "PostPaid",
        "ExpiredTime": "",
        "Tags": vpc_tags(gateway),
    }


def _addresses(call: Call) -> list[Address6]:
    return list(addresses6(call.listed("eni")))


def describe_ipv6_addresses(call: Call) -> Body:
    ids = call.commas("Ipv6AddressId", 20)
    filters = ("AssociatedInstanceId", "AssociatedInstanceType", "Ipv6Address", "VpcId", "VSwitchId", "NetworkType",
               "Ipv6AddressName")  # fmt: skip
    wanted = {name: call.get(name) for name in filters if call.get(name) is not None}
    bandwidth = call.get("Ipv6InternetBandwidthId")
    rows = [address.shown(call.account) for address in _addresses(call) if ids is None or address.id in ids]
    rows = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    if bandwidth is not None:
        rows = [row for row in rows if row["Ipv6InternetBandwidth"].get("Ipv6InternetBandwidthId") == bandwidth]
    if call.choice("AddressType", "IPv6Address", "IPv6Prefix", default="IPv6Address") == "IPv6Prefix":
        rows = []
    number, size = call.number("PageNumber", 1, 10**6, 1), call.number("PageSize", 1, 50, 10)
    page: list[Any] = rows[(number - 1) * size : number * size]
    return {"TotalCount": len(rows), "PageNumber": number, "PageSize": size, "Ipv6Addresses": {"Ipv6Address": page}}


def allocate_ipv6_internet_bandwidth(call: Call) -> Body:
    wanted = call.need("Ipv6AddressId")
    address = next((one for one in _addresses(call) if one.id == wanted), None)
    if address is None:
        raise not_found(NO_ADDRESS, "Ipv6AddressId", wanted)
    if not address.eni.get("InstanceId"):
        raise Refusal(400, "OperationUnsupported.Ipv6AddressNotBound", f"{address.text} is on no instance.")
    gateway = address.gateway(call.account)
    if gateway is None or call.get("Ipv6GatewayId") not in (None, gateway.id):
        raise not_found(NOT_FOUND, "Ipv6GatewayId", call.get("Ipv6GatewayId") or "")
    if gateway.status != "Available":
        raise Refusal(400, "IncorrectStatus", f"The IPv6 gateway {gateway.id} is {gateway.status}.")
    if address.bandwidth(call.account) is not None:
        raise Refusal(400, "OperationFailed.Ipv6InternetBandwidthExist", f"{address.text} has bandwidth already.")
    charge = call.choice("InternetChargeType", *CHARGES, default="PayByBandwidth")
    bandwidth = call.account.add("ipv6bandwidth", call.region, call.account.new_id("ipv6bw", call.region, 21), {
        "Ipv6AddressId": address.id,
        "Address": address.text,
        "HolderId": address.holder[1],
        "Ipv6GatewayId": gateway.id,
        "InternetChargeType": charge,
        "Bandwidth": _bandwidth(call, charge),
    })  # fmt: skip
    return {"InternetBandwidthId": bandwidth.id, "Ipv6AddressId": address.id}


def _bandwidth(call: Call, charge: str) -> int:
    most = LARGEST.get(charge, 5000)
    amount = int(call.need("Bandwidth"))
    if not 1 <= amount <= most:
        raise invalid("Bandwidth", f"It is from 1 to {most}.", "InvalidBandwidth.ValueNotSupported")
    return amount


def _required_bandwidth(call: Call) -> Thing:
    id_, address = call.get("Ipv6InternetBandwidthId"), call.get("Ipv6AddressId")
    if id_ is None and address is None:
        raise missing("Ipv6InternetBandwidthId")
    for one in call.listed("ipv6bandwidth"):
        if id_ in (None, one.id) and address in (None, one["Ipv6AddressId"]):
            return one
    raise not_found(NO_BANDWIDTH, "Ipv6InternetBandwidthId", str(id_ or address))


def modify_ipv6_internet_bandwidth(call: Call) -> Body:
    bandwidth = _required_bandwidth(call)
    call.account.change(bandwidth, Bandwidth=_bandwidth(call, bandwidth["InternetChargeType"]))
    return {}


def delete_ipv6_internet_bandwidth(call: Call) -> Body:
    call.account.remove(_required_bandwidth(call))
    return {}


VPC = {
    "CreateIpv6Gateway": create_ipv6_gateway,
    "DescribeIpv6Gateways": describe_ipv6_gateways,
    "DescribeIpv6GatewayAttribute": describe_ipv6_gateway_attribute,
    "ModifyIpv6GatewayAttribute": modify_ipv6_gateway_attribute,
    "DeleteIpv6Gateway": delete_ipv6_gateway,
    "DescribeIpv6Addresses": describe_ipv6_addresses,
    "AllocateIpv6InternetBandwidth": allocate_ipv6_internet_bandwidth,
    "ModifyIpv6InternetBandwidth": modify_ipv6_internet_bandwidth,
    "DeleteIpv6InternetBandwidth": delete_ipv6_internet_bandwidth,
}
TAGGABLE = {("vpc", "ipv6gateway"): "ipv6gateway"}
