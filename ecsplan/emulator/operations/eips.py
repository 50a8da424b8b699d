"""Elastic IP addresses: allocate, list, modify, bind, unbind, release."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from ecsplan.emulator import others
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations._inheritance import disinherit, inherit
from ecsplan.emulator.operations._nat import check_unused, require_available
from ecsplan.emulator.operations._network import public_address
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.prices import order_id
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

NOT_FOUND = "InvalidAllocationId.NotFound"
LARGEST = {("PostPaid", "PayByTraffic"): 200, ("PostPaid", "PayByBandwidth"): 500}
TARGETS = {"EcsInstance": "instance", "NetworkInterface": "eni", "Nat": "natgateway", "HaVip": "havip"}
PREFIXES = {"lb-": "SlbInstance", "ngw-": "Nat", "eni-": "NetworkInterface"}


def allocate_eip_address(call: Call) -> Body:
    charge = call.choice("InstanceChargeType", "PostPaid", "PrePaid", default="PostPaid")
    traffic = call.choice("InternetChargeType", "PayByBandwidth", "PayByTraffic", default="PayByBandwidth")
    if charge == "PrePaid" and traffic != "PayByBandwidth":
        raise invalid("InternetChargeType", "A subscription is PayByBandwidth.", "InvalidInternetChargeType")
    months = _months(call) if charge == "PrePaid" else 0
    call.check_quota("eips_per_account", call.account.count("eip", call.region), "QuotaExceeded.Eip")
    data: Body = {
        "Status": "Available",
        "IpAddress": _address(call),
        "PublicIpAddressPoolId": call.get("PublicIpAddressPoolId", ""),
        "Bandwidth": check_bandwidth(call, charge, traffic, "5"),
        "InternetChargeType": traffic,
        "ChargeType": charge,
        "Name": check_name(call.get("Name"), "Name", "InvalidName.Malformed", "EipName"),
        "Description": check_description(call.get("Description"), letter_first=True),
        "ISP": call.get("ISP", "BGP"),
        "Protection": protection(call),
        "Netmode": call.get("Netmode", "public"),
        "AllocationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", "rg-acfmxazb4ph6aiy"),
    }
    data["PublicIp"] = data["IpAddress"]
    if charge == "PrePaid":
        data["ExpiredTime"] = to_seconds(call.now + months * 30 * 86400)
    tags = call.tags()
    if "" in tags.values():  # Tag.N.Value of AllocateEipAddress, unlike that of TagResources
        raise invalid("Tag.1.Value", "An EIP is not made with an empty value.", "InvalidTagValue.Malformed")
    eip = call.account.add("eip", call.region, call.account.new_id("eip", call.region, 21), data, tags)
    if charge == "PrePaid":
        return {"AllocationId": eip.id, "OrderId": int(order_id(call))}
    return {"AllocationId": eip.id, "EipAddress": data["IpAddress"], "ResourceGroupId": data["ResourceGroupId"]}


def protection(call: Call) -> list[str]:
    """SecurityProtectionTypes.N: one level at most."""
    wanted = list(call.get("SecurityProtectionTypes") or [])
    if wanted not in ([], ["AntiDDoS_Enhanced"]):
        raise invalid("SecurityProtectionTypes.1", code="InvalidParameter")
    return wanted


def _months(call: Call) -> int:
    """The term of a subscription, which has no name and no description, and of which an order that nobody pays makes
    nothing: Period, PricingCycle and AutoPay are required then."""
    for name in ("Period", "PricingCycle"):
        if call.get(name) is None:
            raise missing(name)
    is_year = call.choice("PricingCycle", "Month", "Year") == "Year"
    period = int(call.number("Period", 1, 5 if is_year else 9))
    for name in ("Name", "Description"):
        if call.get(name):
            raise invalid(name, "A subscription is made without it.", "InvalidParameter")
    if call.get("AutoPay") is None:
        raise missing("AutoPay")
    if not call.get("AutoPay"):
        raise Refusal(400, "InvalidParameter", "The order would wait for somebody to pay it.")
    return period * 12 if is_year else period


def _address(call: Call) -> str:
    """The one that is asked for, if nobody has it."""
    wanted = call.get("IpAddress")
    if wanted is None:
        return public_address(call.account)
    if any(eip["IpAddress"] == wanted for eip in call.account.everywhere("eip")):
        raise Refusal(400, "InvalidEipIpAddress.NotAvailable", f"The address {wanted} is in use.")
    return str(wanted)


def check_bandwidth(call: Call, charge: str, traffic: str, default: str) -> str:
    """A number in text, as the API has it here."""
    text = str(call.get("Bandwidth", default))
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST.get((charge, traffic), 1000):
        raise invalid("Bandwidth", code="InvalidBandwidth.ValueNotSupported")
    return text


NEVER = ("LockReason", "SegmentInstanceId", "SecurityProtectionEnabled")


def describe_eip_addresses(call: Call) -> Body:
    ids, addresses = call.commas("AllocationId", 50), call.commas("EipAddress", 50)
    eips = call.candidates("eip") if ids is None else call.listed_by("eip", ids)
    if addresses is not None:
        eips = [eip for eip in eips if eip["IpAddress"] in addresses]
    eips = call.filtered(
        call.matching_tags(eips), Status="Status", EipName="Name", ISP="ISP", ChargeType="ChargeType",
        PublicIpAddressPoolId="PublicIpAddressPoolId",
        AssociatedInstanceId="InstanceId", AssociatedInstanceType="InstanceType",
    )  # fmt: skip
    if call.get("ServiceManaged") is not None:
        eips = [eip for eip in eips if bool(eip.get("ServiceManaged")) == call.get("ServiceManaged")]
    eips = call.created_between(call.lacking(eips, *NEVER), "AllocationTime")
    render = _shown if call.product == "vpc" else _shown_by_ecs
    return by_number(call, eips, render, ("EipAddresses", "EipAddress"), 100)


def _shown(call: Call, eip: Thing) -> Body:
    """The private address is told of a secondary interface alone, and a VPC of an address in it."""
    row: Body = {key: eip[key] for key in (
        "Status", "IpAddress", "Bandwidth", "InternetChargeType", "ChargeType", "Name", "Description", "ISP",
        "Netmode", "AllocationTime", "ResourceGroupId",
    )}  # fmt: skip
    is_on_interface = eip.get("InstanceType") == "NetworkInterface"
    package = call.account.get("bandwidthpackage", eip.get("BandwidthPackageId", ""))
    if package is not None:
        row |= {"EipBandwidth": eip["Bandwidth"], "Bandwidth": eip.get("BandwidthCap", package["Bandwidth"])}
    if eip.get("InstanceType") == "IpAddress":
        row["VpcId"] = eip["BoundVpc"]
    return row | {
        "AllocationId": eip.id,
        "RegionId": eip.region,
        "InstanceId": eip.get("InstanceId", ""),
        "InstanceType": eip.get("InstanceType", ""),
        "InstanceRegionId": eip.region if eip.get("InstanceId") else "",
        "PrivateIpAddress": eip.get("PrivateIpAddress", "") if is_on_interface else "",
        "Mode": eip.get("Mode", "NAT"),
        "ExpiredTime": eip.get("ExpiredTime", ""),
        "DeletionProtection": eip.get("DeletionProtection", False),
        "BusinessStatus": "Normal",
        "OperationLocks": {"LockReason": []},
        "SecurityProtectionTypes": {"SecurityProtectionType": eip.get("Protection", [])},
        **{name: int(value) for name, value in others.signs(eip).items()},
        "SecondLimited": False,
        "HDMonitorStatus": "OFF",
        "BandwidthPackageId": package.id if package is not None else "",
        "BandwidthPackageType": "CommonBandwidthPackage" if package is not None else "",
        "BandwidthPackageBandwidth": package["Bandwidth"] if package is not None else "",
        "SegmentInstanceId": "",
        "PublicIpAddressPoolId": eip.get("PublicIpAddressPoolId", ""),
        "Zone": "",
        "Tags": vpc_tags(eip),
    }


OLD_KEYS = ("RegionId", "IpAddress", "AllocationId", "Status", "InstanceId", "Bandwidth", "InternetChargeType",
            "AllocationTime", "ChargeType", "ExpiredTime", "InstanceType", "OperationLocks")  # fmt: skip


def _shown_by_ecs(call: Call, eip: Thing) -> Body:
    row = _shown(call, eip)
    return {key: row[key] for key in OLD_KEYS}


def modify_eip_address_attribute(call: Call) -> Body:
    eip = call.require("eip", call.need("AllocationId"), NOT_FOUND, "AllocationId")
    if eip.status not in ("Available", "InUse"):
        raise Refusal(400, "IncorrectEipStatus", f"The EIP {eip.id} is {eip.status}.")
    if eip["ChargeType"] == "PrePaid":  # AllocationId: the ID of the pay-as-you-go EIP
        raise Refusal(400, "ChargeTypeViolation", f"The EIP {eip.id} is a subscription.")
    changes: Body = {}
    if call.get("Bandwidth"):
        changes["Bandwidth"] = check_bandwidth(call, eip["ChargeType"], eip["InternetChargeType"], "")
    if call.get("Name"):
        changes["Name"] = check_name(call.get("Name"), "Name", "InvalidName.Malformed", "EipName")
    if call.get("Description"):
        changes["Description"] = check_description(call.get("Description"), letter_first=True)
    call.account.change_all(eip, changes)
    return {}


def associate_eip_address(call: Call) -> Body:
    eip = call.require("eip", call.need("AllocationId"), NOT_FOUND, "AllocationId")
    if eip.status != "Available":
        raise Refusal(400, "IncorrectEipStatus", f"The EIP {eip.id} is {eip.status}, not Available.")
    bind(call, eip, call.need("InstanceId"))
    return {}


def bind(call: Call, eip: Thing, target_id: str, beside_others: bool = False) -> None:
    guessed = next((kind for prefix, kind in PREFIXES.items() if target_id.startswith(prefix)), "EcsInstance")
    target_type = call.choice("InstanceType", *TARGETS, "SlbInstance", "IpAddress", default=guessed)
    if target_type != "NetworkInterface" and call.get("Mode", "NAT") != "NAT":
        raise invalid("Mode", "It is for network interfaces.", "InvalidParameter")
    if target_type == "IpAddress":
        _bind_to_address(call, eip, target_id)
        return
    if target_type not in TARGETS:
        raise invalid("InstanceType", f"This emulator has no {target_type}.", "InvalidInstanceType.ValueNotSupported")
    target = call.account.get(TARGETS[target_type], target_id)
    if target is None or target.region != eip.region:
        raise not_found("InvalidInstanceId.NotFound", "InstanceId", target_id)
    if target.kind == "natgateway":
        require_available(target)
    elif target.kind == "instance":
        _check_instance(call, target)
    elif target.kind == "havip" and target.status not in ("Available", "InUse"):
        raise Refusal(400, "IncorrectHaVipStatus", f"The HaVip {target.id} is {target.status}.")
    elif target.kind == "eni" and (target["Type"] == "Primary" or target.status not in ("Available", "InUse")):
        raise Refusal(400, "InvalidStatus.EniStatusNotSupport", f"The network interface {target.id} can't take an EIP.")
    if target.kind == "eni":
        _check_private(call, target)
    elif target.kind != "natgateway" and not beside_others and call.account.how_many("eip", "InstanceId", target.id):
        raise Refusal(400, "InvalidAssociation.Duplicated", f"{target.id} has an EIP already.")
    call.account.change(
        eip, Status="Associating", InstanceId=target.id, InstanceType=target_type, BoundVpc=target.get("VpcId"),
        PrivateIpAddress=call.get("PrivateIpAddress", target.get("PrivateIpAddress")), Mode=call.get("Mode", "NAT"),
    )  # fmt: skip
    call.in_settle(eip, share=0.5, Status="InUse")
    inherit(call, target if target.kind == "instance" else None)


def _check_private(call: Call, eni: Thing) -> None:
    """In NAT mode each private address of an interface takes one, in MULTI_BINDED it has many, in BINDED one."""
    wanted, mode = call.get("PrivateIpAddress", eni["PrivateIpAddress"]), call.get("Mode", "NAT")
    if wanted not in eni["PrivateIps"]:
        raise invalid("PrivateIpAddress", f"{eni.id} has no {wanted}.", "InvalidPrivateIpAddress.NotFound")
    others = call.account.where("eip", "InstanceId", eni.id)
    if mode == "BINDED" and others:
        raise Refusal(400, "InvalidAssociation.Duplicated", f"{eni.id} has an EIP already.")
    if mode == "NAT" and any(other.get("PrivateIpAddress") == wanted for other in others):
        raise Refusal(400, "InvalidAssociation.Duplicated", f"{wanted} has an EIP already.")


def _bind_to_address(call: Call, eip: Thing, address: str) -> None:
    """An address in a VPC, whatever has it: the service tells it as the instance."""
    vpc = call.require("vpc", call.need("VpcId"), "InvalidVpcId.NotFound", "VpcId")
    try:
        number = IPv4Address(address)
    except ValueError:
        raise invalid("InstanceId", f"{address} is no address.", "InvalidInstanceId.NotFound") from None
    if not any(number in IPv4Network(s["CidrBlock"]) for s in call.account.where("vswitch", "VpcId", vpc.id)):
        raise invalid("InstanceId", f"{address} is in no vSwitch of {vpc.id}.", "InvalidInstanceId.NotFound")
    if any(other.get("BoundVpc") == vpc.id for other in call.account.where("eip", "InstanceId", address)):
        raise Refusal(400, "InvalidAssociation.Duplicated", f"{address} has an EIP already.")
    call.account.change(eip, Status="Associating", InstanceId=address, InstanceType="IpAddress", BoundVpc=vpc.id)
    call.in_settle(eip, share=0.5, Status="InUse")


def _check_instance(call: Call, instance: Thing) -> None:
    if instance.status not in ("Running", "Stopped") or instance.get("Releasing"):
        raise Refusal(400, "IncorrectInstanceStatus", f"The instance {instance.id} is {instance.status}.")
    if not instance.get("VpcId"):
        raise Refusal(400, "InvalidInstance.NotInVpc", f"The instance {instance.id} is not in a VPC.")
    if instance.get("PublicIp"):
        raise Refusal(400, "InvalidStatus.InstanceHasBandWidth", f"The instance {instance.id} has a public address.")


def unassociate_eip_address(call: Call) -> Body:
    eip = call.require("eip", call.need("AllocationId"), NOT_FOUND, "AllocationId")
    if eip.status != "InUse":
        raise Refusal(400, "IncorrectEipStatus", f"The EIP {eip.id} is {eip.status}, not InUse.")
    named = call.get("InstanceId")
    if named is not None and named != eip["InstanceId"]:
        raise Refusal(400, "InvalidAssociation.NotExists", f"The EIP {eip.id} is not bound to {named}.")
    if call.product == "ecs" and named is None:
        raise missing("InstanceId")
    if not call.get("Force"):
        check_unused(call.account, eip)
    sort = call.get("InstanceType")
    if call.product == "vpc" and sort not in (None, eip["InstanceType"]):
        raise invalid("InstanceType", f"The EIP {eip.id} is bound to another.", "InvalidInstanceType.ValueNotSupported")
    call.account.change(eip, Status="Unassociating")
    call.in_settle(eip, "eip_unbound", 0.5)
    return {}


UNBOUND: Body = {"Status": "Available", "InstanceId": None, "InstanceType": None, "BoundVpc": None,
                 "PrivateIpAddress": None, "Mode": None}  # fmt: skip


@effect("eip_unbound")
def unbound(lifecycle: Lifecycle, eip: Thing, now: float) -> None:
    lifecycle.account.change_all(eip, UNBOUND)
    disinherit(lifecycle.account, eip)


def release_eip_address(call: Call) -> Body:
    eip = call.require("eip", call.need("AllocationId"), NOT_FOUND, "AllocationId")
    if eip.status != "Available":
        raise Refusal(400, "IncorrectEipStatus", f"The EIP {eip.id} is {eip.status}: unbind it first.")
    if eip["ChargeType"] == "PrePaid":
        raise Refusal(400, "ChargeTypeViolation", f"The EIP {eip.id} is a subscription until {eip['ExpiredTime']}.")
    if eip.get("DeletionProtection"):
        raise Refusal(400, "OperationDenied.DeletionProtection", f"The EIP {eip.id} is protected from deletion.")
    call.account.remove(eip)
    return {}


_OPERATIONS = {
    "AllocateEipAddress": allocate_eip_address,
    "DescribeEipAddresses": describe_eip_addresses,
    "ModifyEipAddressAttribute": modify_eip_address_attribute,
    "AssociateEipAddress": associate_eip_address,
    "UnassociateEipAddress": unassociate_eip_address,
    "ReleaseEipAddress": release_eip_address,
}
VPC = _OPERATIONS
ECS = {
    **_OPERATIONS,
    "AllocateEipAddress": lambda call: {
        key: value for key, value in allocate_eip_address(call).items() if key not in ("ResourceGroupId", "OrderId")
    },
}
TAGGABLE = {("vpc", "eip"): "eip"}
