"""NAT gateways. The interface of one is the service's own and in no list; its private address is taken."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations._interfaces import require_vswitch
from ecsplan.emulator.operations._nat import addresses_of, entries_of, require_available, require_gateway
from ecsplan.emulator.operations._network import claim_address, spot
from ecsplan.emulator.operations.eips import unbound
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, missing

EVERYWHERE = "0.0.0.0/0"
MODES = ("MULTI_BINDED", "NAT")


def create_nat_gateway(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), "InvalidVpcId.NotFound", "VpcId")
    if call.get("VSwitchId") is None:
        raise missing("VSwitchId")
    if call.get("InstanceChargeType", "PostPaid") != "PostPaid":
        raise invalid("InstanceChargeType", "It is PostPaid.", "InvalidInstanceChargeType.ValueNotSupported")
    vswitch = require_vswitch(call, call.get("VSwitchId"))
    if vswitch["VpcId"] != vpc.id:
        raise Refusal(400, "InvalidVSwitchId.VpcMismatch", "The vSwitch is in another VPC.")
    call.check_quota("nat_gateways_per_vpc", call.account.how_many("natgateway", "VpcId", vpc.id),
                     "QuotaExceeded.NatGateway")  # fmt: skip
    address = claim_address(call, vswitch, call.get("NatIp"))
    gateway = call.account.add("natgateway", vpc.region, call.account.new_id("ngw", vpc.region, 21), {
        "Status": "Creating",
        "VpcId": vpc.id,
        "VSwitchId": vswitch.id,
        "ZoneId": vswitch["ZoneId"],
        "Name": check_name(call.get("Name"), "Name", "InvalidNatGatewayName.Malformed", "NatGatewayName"),
        "Description": check_description(call.get("Description")),
        "NatType": call.choice("NatType", "Enhanced", default="Enhanced"),
        "NetworkType": call.choice("NetworkType", "internet", "intranet", default="internet"),
        "InternetChargeType": call.choice("InternetChargeType", "PayByLcu", default="PayByLcu"),
        "EipBindMode": call.choice("EipBindMode", *MODES, default="MULTI_BINDED"),
        "IcmpReplyEnabled": call.get("IcmpReplyEnabled", True),
        "PrivateLinkEnabled": call.get("PrivateLinkEnabled", False),
        "PrivateIpAddress": address,
        "Addresses": [spot(vswitch, address)],
        "EniInstanceId": call.account.new_id("eni", vpc.region),
        "SnatTableId": call.account.new_id("stb", vpc.region, 21),
        "ForwardTableId": call.account.new_id("ftb", vpc.region, 21),
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": vpc["ResourceGroupId"],
    }, call.tags())  # fmt: skip
    call.in_settle(gateway, Status="Available")
    if gateway["NetworkType"] == "internet":
        _route_out(call, vpc, gateway)
    return {"NatGatewayId": gateway.id, **_tables(gateway), "FullNatTableIds": {"FullNatTableId": []}}


def _tables(gateway: Thing) -> Body:
    return {
        "SnatTableIds": {"SnatTableId": [gateway["SnatTableId"]]},
        "ForwardTableIds": {"ForwardTableId": [gateway["ForwardTableId"]]},
    }


def _route_out(call: Call, vpc: Thing, gateway: Thing) -> None:
    """The first Internet NAT gateway of a VPC becomes its way out, by an entry of the System table."""
    entries = call.account.where("routeentry", "RouteTableId", vpc["SystemTable"])
    if any(entry["DestinationCidrBlock"] == EVERYWHERE for entry in entries):
        return
    call.account.add("routeentry", vpc.region, call.account.new_id("rte", vpc.region, 21), {
        "RouteTableId": vpc["SystemTable"],
        "DestinationCidrBlock": EVERYWHERE,
        "NextHopType": "NatGateway",
        "NextHopId": gateway.id,
        "RouteEntryName": "",
        "Description": "Created with the NAT gateway.",
        "Status": "Available",
        "CreationTime": to_seconds(call.now),
        "OfGateway": True,
    })  # fmt: skip


def describe_nat_gateways(call: Call) -> Body:
    one = call.get("NatGatewayId")
    gateways = call.listed_by("natgateway", [one]) if one is not None else call.candidates("natgateway")
    gateways = call.filtered(
        call.matching_tags(gateways), VpcId="VpcId", Name="Name", NatType="NatType", NetworkType="NetworkType",
        Status="Status", ZoneId="ZoneId",
    )  # fmt: skip
    return by_number(call, gateways, _shown, ("NatGateways", "NatGateway"), 50)


HEAD = ("Status", "VpcId", "Name", "Description", "NatType", "NetworkType", "PrivateLinkEnabled", "CreationTime",
        "ResourceGroupId")  # fmt: skip


def _head(gateway: Thing) -> Body:
    return {key: gateway[key] for key in HEAD} | {
        "NatGatewayId": gateway.id,
        "RegionId": gateway.region,
        "BusinessStatus": "Normal",
        "ExpiredTime": "",
        "EcsMetricEnabled": False,
        "AccessMode": {},
        "PrivateLinkMode": "",
    }


def _private(gateway: Thing) -> Body:
    return {
        "EniInstanceId": gateway["EniInstanceId"],
        "IzNo": gateway["ZoneId"],
        "MaxBandwidth": 5120,
        "PrivateIpAddress": gateway["PrivateIpAddress"],
        "VswitchId": gateway["VSwitchId"],
    }


def _addresses(call: Call, gateway: Thing) -> list[Body]:
    rows = []
    for eip in call.account.where("eip", "InstanceId", gateway.id):
        snat = any(eip["IpAddress"] in e["SnatIp"] for e in entries_of(call.account, gateway, "snatentry"))
        forward = any(eip["IpAddress"] == e["ExternalIp"] for e in entries_of(call.account, gateway, "forwardentry"))
        using = "UsedBySnatTable" if snat else "UsedByForwardTable" if forward else "Idle"
        rows.append({"AllocationId": eip.id, "IpAddress": eip["IpAddress"], "UsingStatus": using})
    return rows


def _shown(call: Call, gateway: Thing) -> Body:
    bound = [
        {**row, "SnatEntryEnabled": True, "PrivateIpAddress": gateway["PrivateIpAddress"]}
        for row in _addresses(call, gateway)
    ]
    return _head(gateway) | _tables(gateway) | {
        "EipBindMode": gateway["EipBindMode"],
        "IcmpReplyEnabled": gateway["IcmpReplyEnabled"],
        "InternetChargeType": gateway["InternetChargeType"],
        "InstanceChargeType": "PostPaid",
        "AutoPay": False,
        "DeletionProtection": gateway.get("DeletionProtection", False),
        "SecurityProtectionEnabled": False,
        "EnableSessionLog": str(gateway.get("EnableSessionLog", False)).lower(),
        "Spec": "",
        "IpLists": {"IpList": bound},
        "IpPrefixList": {"IpPrefixList": []},
        "FullNatTableIds": {"FullNatTableId": []},
        "NatGatewayPrivateInfo": {
            **_private(gateway), "EniType": "indirect", "MaxSessionEstablishRate": 100000, "MaxSessionQuota": 2000000,
        },
        "Tags": ecs_tags(gateway),
    }  # fmt: skip


def get_nat_gateway_attribute(call: Call) -> Body:
    gateway = require_gateway(call)
    counts = {kind: len(entries_of(call.account, gateway, kind)) for kind in ("snatentry", "forwardentry")}
    return _head(gateway) | {
        "EnableSessionLog": gateway.get("EnableSessionLog", False),
        "BillingConfig": {
            "AutoPay": "false", "InstanceChargeType": "PostPaid", "InternetChargeType": gateway["InternetChargeType"],
            "Spec": "",
        },
        "DeletionProtectionInfo": {"Enabled": gateway.get("DeletionProtection", False)},
        "SnatTable": {"SnatTableId": gateway["SnatTableId"], "SnatEntryCount": counts["snatentry"]},
        "ForwardTable": {"ForwardTableId": gateway["ForwardTableId"], "ForwardEntryCount": counts["forwardentry"]},
        "FullNatTable": {"FullNatTableId": "", "FullNatEntryCount": 0},
        "IpList": _addresses(call, gateway),
        "PrivateInfo": _private(gateway),
    }  # fmt: skip


def modify_nat_gateway_attribute(call: Call) -> Body:
    gateway = require_gateway(call)
    require_available(gateway)
    changes: Body = {}
    if call.get("Name") is not None:
        changes["Name"] = check_name(call.get("Name"), "Name", "InvalidNatGatewayName.Malformed", "NatGatewayName")
    if call.get("Description") is not None:
        changes["Description"] = check_description(call.get("Description"), 1, 128)
    mode = call.choice("EipBindMode", *MODES)
    if mode is not None and mode != gateway["EipBindMode"]:
        if mode != "NAT":
            raise Refusal(400, "OperationUnsupported.EipBindMode", "The mode only changes to NAT.")
        changes["EipBindMode"] = mode
    for flag in ("IcmpReplyEnabled", "EnableSessionLog"):
        if call.get(flag) is not None:
            changes[flag] = call.get(flag)
    call.account.change_all(gateway, changes)
    return {}


def delete_nat_gateway(call: Call) -> Body:
    """Force takes the entries along; the route that came with the gateway goes with it in any case."""
    gateway = require_gateway(call)
    if gateway.get("DeletionProtection"):
        raise Refusal(400, "OperationDenied.DeletionProtection", f"The NAT gateway {gateway.id} is protected.")
    require_available(gateway)
    routes = call.account.where("routeentry", "NextHopId", gateway.id)
    if any(not route.get("OfGateway") for route in routes):
        raise Refusal(400, "DependencyViolation.RouteEntry", f"A route points at the NAT gateway {gateway.id}.")
    if not call.get("Force"):
        for kind, code in (("snatentry", "SnatEntry"), ("forwardentry", "ForwardEntry")):
            if entries_of(call.account, gateway, kind):
                raise Refusal(400, f"DependencyViolation.{code}", f"The NAT gateway {gateway.id} has entries.")
        if addresses_of(call.account, gateway) and gateway["NetworkType"] == "internet":
            raise Refusal(400, "DependencyViolation.EIPS", f"EIPs are bound to the NAT gateway {gateway.id}.")
    call.account.change(gateway, Status="Deleting")
    call.in_settle(gateway, "gateway_deleted", 0.5)
    return {}


@effect("gateway_deleted")
def deleted(lifecycle: Lifecycle, gateway: Thing, now: float) -> None:
    account = lifecycle.account
    for kind in ("snatentry", "forwardentry"):
        for entry in entries_of(account, gateway, kind):
            account.remove(entry)
    for route in account.where("routeentry", "NextHopId", gateway.id):
        account.remove(route)
    for eip in account.where("eip", "InstanceId", gateway.id):
        lifecycle.cancel(eip)
        unbound(lifecycle, eip, now)
    account.remove(gateway)


def list_zones(call: Call) -> Body:
    """The service's own spelling of the action's name."""
    zones = catalogue.zones(call.region)
    return {"Zones": [{"ZoneId": zone, "LocalName": f"Zone {zone.rsplit('-', 1)[-1].upper()}"} for zone in zones]}


VPC = {
    "CreateNatGateway": create_nat_gateway,
    "DescribeNatGateways": describe_nat_gateways,
    "GetNatGatewayAttribute": get_nat_gateway_attribute,
    "ModifyNatGatewayAttribute": modify_nat_gateway_attribute,
    "DeleteNatGateway": delete_nat_gateway,
    "ListEnhanhcedNatGatewayAvailableZones": list_zones,
}
TAGGABLE = {("vpc", "natgateway"): "natgateway"}
