"""Common bandwidth packages: EIPs that share one bandwidth, and caps of single EIPs in it."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations.eips import NOT_FOUND as NO_EIP
from ecsplan.emulator.operations.eips import protection
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, not_found

NOT_FOUND = "InvalidBandwidthPackageId.NotFound"
CHARGES = ("PayByBandwidth", "PayBy95", "PayByDominantTraffic")


def create_common_bandwidth_package(call: Call) -> Body:
    data: Body = {
        "Status": "Available",
        "Bandwidth": _bandwidth(call),
        "Name": _name(call),
        "Description": check_description(call.get("Description")),
        "InternetChargeType": call.choice("InternetChargeType", *CHARGES, default="PayByBandwidth"),
        "ISP": call.get("ISP", "BGP"),
        "Ratio": call.get("Ratio", 100),
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", "rg-acfmxazb4ph6aiy"),
        "Zone": call.get("Zone", ""),
        "Protection": protection(call),
    }
    id_ = call.account.new_id("cbwp", call.region, 21)
    call.account.add("bandwidthpackage", call.region, id_, data, call.tags())
    return {"BandwidthPackageId": id_, "ResourceGroupId": data["ResourceGroupId"]}


def _name(call: Call) -> str:
    return check_name(call.get("Name"), "Name", "InvalidName.Malformed", "BandwidthPackageName")


def _bandwidth(call: Call) -> str:
    text = str(call.need("Bandwidth"))
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise invalid("Bandwidth", "It is from 1 to 1000.", "InvalidBandwidth.ValueNotSupported")
    return text


def _required(call: Call) -> Thing:
    return call.require("bandwidthpackage", call.need("BandwidthPackageId"), NOT_FOUND, "BandwidthPackageId")


def describe_common_bandwidth_packages(call: Call) -> Body:
    one = call.get("BandwidthPackageId")
    packages = call.listed_by("bandwidthpackage", [one]) if one is not None else call.candidates("bandwidthpackage")
    packages = call.filtered(call.matching_tags(packages), Name="Name")
    packages = call.lacking(packages, "SecurityProtectionEnabled")
    return by_number(call, packages, _shown, ("CommonBandwidthPackages", "CommonBandwidthPackage"), 50)


KEYS = ("Status", "Bandwidth", "Name", "Description", "InternetChargeType", "ISP", "Ratio", "CreationTime",
        "ResourceGroupId", "Zone")  # fmt: skip


def _shown(call: Call, package: Thing) -> Body:
    addresses = [
        {
            "AllocationId": eip.id,
            "IpAddress": eip["IpAddress"],
            "BandwidthPackageIpRelationStatus": "BINDING" if _binding(call, eip) else "BINDED",
        }
        for eip in call.account.where("eip", "BandwidthPackageId", package.id)
    ]
    return {key: package[key] for key in KEYS} | {
        "BandwidthPackageId": package.id,
        "RegionId": package.region,
        "InstanceChargeType": "PostPaid",
        "BusinessStatus": "Normal",
        "DeletionProtection": package.get("DeletionProtection", False),
        "ExpiredTime": "",
        "PublicIpAddresses": {"PublicIpAddresse": addresses},
        "SecurityProtectionTypes": {"SecurityProtectionType": package.get("Protection", [])},
        "ServiceManaged": 0,
        "Tags": vpc_tags(package),
    }


def modify_common_bandwidth_package_attribute(call: Call) -> Body:
    package, changes = _required(call), {}
    if call.get("Name"):
        changes["Name"] = _name(call)
    if call.get("Description"):
        changes["Description"] = check_description(call.get("Description"))
    call.account.change_all(package, changes)
    return {}


def modify_common_bandwidth_package_spec(call: Call) -> Body:
    call.account.change(_required(call), Bandwidth=_bandwidth(call))
    return {}


def add_common_bandwidth_package_ip(call: Call) -> Body:
    _add(call, _idle(call), call.need("IpInstanceId"))
    return {}


def add_common_bandwidth_package_ips(call: Call) -> Body:
    package = _idle(call)
    for id_ in call.many("IpInstanceIds", 50):
        _add(call, package, id_)
    return {}


def _add(call: Call, package: Thing, id_: str) -> None:
    """In its package an EIP has no bandwidth of its own but what it had before."""
    eip = call.require("eip", id_, NO_EIP, "IpInstanceId")
    if eip.get("BandwidthPackageId"):
        raise Refusal(400, "IpInstanceId.AlreadyInBandwidthPackage", f"The EIP {id_} is in a package.")
    if eip["ChargeType"] == "PrePaid":
        raise Refusal(400, "OperationUnsupported.ChargeType", f"The EIP {id_} is a subscription.")
    call.account.change(eip, BandwidthPackageId=package.id, BindingSince=call.now)


def _binding(call: Call, eip: Thing) -> bool:
    return bool(eip.get("BindingSince", -call.settle) + call.settle * 0.3 > call.now)


def _idle(call: Call) -> Thing:
    """AddCommonBandwidthPackageIp: while an address is BINDING nothing else can be done on the package."""
    package = _required(call)
    if any(_binding(call, eip) for eip in call.account.where("eip", "BandwidthPackageId", package.id)):
        text = f"An address is on its way into the package {package.id}."
        raise Refusal(400, "BandwidthPackageOperation.conflict", text)
    return package


def remove_common_bandwidth_package_ip(call: Call) -> Body:
    _idle(call)
    eip = _member(call, "IpInstanceId", Refusal(400, "OperationUnsupported.IpNotInCbwp", "It is in no such package."))
    call.account.change(eip, BandwidthPackageId=None, BandwidthCap=None)
    return {}


def _member(call: Call, parameter: str, refusal: Refusal | None = None) -> Thing:
    package, id_ = _required(call), call.need(parameter)
    eip = call.require("eip", id_, NO_EIP, parameter)
    if eip.get("BandwidthPackageId") != package.id:
        raise refusal or not_found("IpNotInBandwidthPackage.NotFound", parameter, id_)
    return eip


def modify_common_bandwidth_package_ip_bandwidth(call: Call) -> Body:
    eip, cap = _member(call, "EipId"), _bandwidth(call)
    if int(cap) > int(_required(call)["Bandwidth"]):
        raise invalid("Bandwidth", "It is at most the package's.", "InvalidBandwidth.ValueNotSupported")
    call.account.change(eip, BandwidthCap=cap)
    return {}


def cancel_common_bandwidth_package_ip_bandwidth(call: Call) -> Body:
    call.account.change(_member(call, "EipId"), BandwidthCap=None)
    return {}


def delete_common_bandwidth_package(call: Call) -> Body:
    package = _required(call)
    if package.get("DeletionProtection"):
        raise Refusal(400, "OperationDenied.DeletionProtection", f"The package {package.id} is protected.")
    members = call.account.where("eip", "BandwidthPackageId", package.id)
    if members and str(call.get("Force", "false")).lower() != "true":
        raise Refusal(400, "DependencyViolation.EIP", f"The package {package.id} still has EIPs.")
    for eip in members:
        call.account.change(eip, BandwidthPackageId=None, BandwidthCap=None)
    call.account.remove(package)
    return {}


VPC = {
    "CreateCommonBandwidthPackage": create_common_bandwidth_package,
    "DescribeCommonBandwidthPackages": describe_common_bandwidth_packages,
    "ModifyCommonBandwidthPackageAttribute": modify_common_bandwidth_package_attribute,
    "ModifyCommonBandwidthPackageSpec": modify_common_bandwidth_package_spec,
    "AddCommonBandwidthPackageIp": add_common_bandwidth_package_ip,
    "AddCommonBandwidthPackageIps": add_common_bandwidth_package_ips,
    "RemoveCommonBandwidthPackageIp": remove_common_bandwidth_package_ip,
    "ModifyCommonBandwidthPackageIpBandwidth": modify_common_bandwidth_package_ip_bandwidth,
    "CancelCommonBandwidthPackageIpBandwidth": cancel_common_bandwidth_package_ip_bandwidth,
    "DeleteCommonBandwidthPackage": delete_common_bandwidth_package,
}
TAGGABLE = {("vpc", "commonbandwidthpackage"): "bandwidthpackage"}
