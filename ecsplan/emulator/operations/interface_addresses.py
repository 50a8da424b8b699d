"""The secondary private and the IPv6 addresses of network interfaces."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address, IPv6Network

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._ipv6 import check_private
from ecsplan.emulator.operations._network import claim_address, spot
from ecsplan.emulator.operations._prefixes import add_prefixes4, add_prefixes6, asked, drop_prefixes
from ecsplan.emulator.wire import Refusal, invalid, missing

NOT_FOUND = "InvalidEniId.NotFound"
FREE_LIMIT, IPV6_LIMIT = 50, 10
STEADY = ("Available", "InUse")


def ipv4_sets(call: Call, eni: Thing) -> Body:
    rows = [
        {
            "PrivateIpAddress": ip,
            "Primary": ip == eni["PrivateIpAddress"],
            "PrivateDnsName": "",
            "AssociatedPublicIp": public_of(call, eni, ip),
        }
        for ip in eni["PrivateIps"]
    ]
    return {"PrivateIpSet": rows}


def public_of(call: Call, eni: Thing, address: str) -> Body:
    """The EIP of one private address; an EIP of an instance is on its primary interface."""
    found = call.account.where("eip", "InstanceId", eni.id)
    if eni["Type"] == "Primary" and eni.get("InstanceId"):
        found += call.account.where("eip", "InstanceId", eni["InstanceId"])
    for eip in found:
        if eip.get("PrivateIpAddress") == address:
            return {"AllocationId": eip.id, "PublicIpAddress": eip["IpAddress"]}
    return {}


def ipv6_sets(eni: Thing) -> Body:
    first = {"Primary": True} if eni.get("PrimaryIpv6") else {}
    rows = [{"Ipv6Address": address} for address in eni.get("Ipv6s", [])]
    return {"Ipv6Set": [row | (first if place == 0 else {}) for place, row in enumerate(rows)]}


def add_ipv4(call: Call, eni: Thing, vswitch: Thing, wanted: list[str], count: int | None) -> list[str]:
    """Named ones, or as many as asked for; never beyond what the instance type takes."""
    if wanted and count is not None:
        raise invalid("SecondaryPrivateIpAddressCount", "Give addresses or their number.", "InvalidParameter.Conflict")
    new: list[str] = []
    asked: list[str | None] = [*wanted] if wanted else [None] * (count or 0)
    for address in asked:
        claimed = claim_address(call, vswitch, address)
        new.append(claimed)
        ips = [*eni["PrivateIps"], claimed]
        call.account.change(eni, PrivateIps=ips, Addresses=[*eni["Addresses"], spot(vswitch, claimed)])
    if len(eni["PrivateIps"]) > _limit(call, eni, "private_ip_per_eni", FREE_LIMIT):
        raise Refusal(403, "InvalidOperation.PrivateIpLimitExceeded", f"{eni.id} has no room for more addresses.")
    return new


def _limit(call: Call, eni: Thing, key: str, free: int) -> int:
    instance = call.account.get("instance", eni.get("InstanceId", ""))
    if instance is None:
        return free
    return int((catalogue.instance_type(instance["InstanceType"]) or {}).get(key, free))


def add_ipv6(call: Call, eni: Thing, vswitch: Thing, wanted: list[str], count: int | None) -> list[str]:
    if wanted and count is not None:
        raise invalid("Ipv6AddressCount", "Give addresses or their number.", "InvalidParameter.Conflict")
    if not wanted and not count:
        return []
    if not vswitch.get("Ipv6CidrBlock"):
        raise Refusal(400, "InvalidOperation.Ipv6NotSupport", f"IPv6 is not enabled in the vSwitch {vswitch.id}.")
    block = IPv6Network(vswitch["Ipv6CidrBlock"])
    new = [_ipv6(call, vswitch, block, text) for text in wanted]
    while len(new) < (count or 0):
        candidate = str(IPv6Address(int(block.network_address) + call.account.random.getrandbits(62) + 1))
        if candidate not in new and not call.account.how_many("eni", "Addresses", spot(vswitch, candidate)):
            new.append(candidate)
    held = [*eni.get("Ipv6s", []), *new]
    if len(held) > _limit(call, eni, "ipv6_per_eni", IPV6_LIMIT) or len(set(held)) != len(held):
        raise Refusal(403, "InvalidOperation.Ipv6CountExceeded", f"{eni.id} has no room for more IPv6 addresses.")
    times = eni.get("Ipv6Times", {}) | dict.fromkeys(new, to_seconds(call.now))
    places = [*eni["Addresses"], *(spot(vswitch, address) for address in new)]
    call.account.change(eni, Ipv6s=held, Ipv6Times=times, Addresses=places)
    return new


def _ipv6(call: Call, vswitch: Thing, block: IPv6Network, text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise invalid("Ipv6Address", code="InvalidIp.Malformed") from None
    if address not in block:
        raise invalid("Ipv6Address", f"It is not in {block}.", "InvalidIp.NotInVSwitch")
    if call.account.how_many("eni", "Addresses", spot(vswitch, str(address))):
        raise Refusal(403, "InvalidIp.IpAssigned", f"The address {address} is in use.")
    return str(address)


def _steady(call: Call) -> tuple[Thing, Thing]:
    eni = call.require("eni", call.need("NetworkInterfaceId"), NOT_FOUND, "NetworkInterfaceId")
    if eni.status not in STEADY:
        raise Refusal(403, "InvalidOperation.InvalidEniState", f"The network interface {eni.id} is {eni.status}.")
    return eni, call.require("vswitch", eni["VSwitchId"], "InvalidVSwitchId.NotFound", "VSwitchId")


def assign_private_ip_addresses(call: Call) -> Body:
    eni, vswitch = _steady(call)
    wanted, count = call.many("PrivateIpAddress", 50), call.number("SecondaryPrivateIpAddressCount", 1, 50)
    if not wanted and count is None and not asked(call, "Ipv4"):
        raise missing("PrivateIpAddress.1")
    new = add_ipv4(call, eni, vswitch, wanted, count)
    sets = {"NetworkInterfaceId": eni.id, "PrivateIpSet": {"PrivateIpAddress": new}}
    sets["Ipv4PrefixSet"] = {"Ipv4Prefixes": add_prefixes4(call, eni, vswitch)}
    return {"AssignedPrivateIpAddressesSet": sets}


def unassign_private_ip_addresses(call: Call) -> Body:
    eni, vswitch = _steady(call)
    unwanted = call.many("PrivateIpAddress", 50)
    if not unwanted and not asked(call, "Ipv4"):
        raise missing("PrivateIpAddress.1")
    for address in unwanted:
        if address == eni["PrivateIpAddress"]:
            raise Refusal(403, "InvalidIp.PrimaryPrivateIp", "The primary address stays.")
        if address not in eni["PrivateIps"]:
            raise Refusal(403, "InvalidIp.IpUnassigned", f"{eni.id} does not have the address {address}.")
    _drop(call, eni, vswitch, "PrivateIps", unwanted)
    drop_prefixes(call, eni, vswitch, "Ipv4")
    return {}


def _drop(call: Call, eni: Thing, vswitch: Thing, field: str, unwanted: list[str]) -> None:
    spots = {spot(vswitch, address) for address in unwanted}
    call.account.change_all(eni, {
        field: [address for address in eni[field] if address not in unwanted],
        "Addresses": [place for place in eni["Addresses"] if place not in spots],
    })  # fmt: skip


def assign_ipv6_addresses(call: Call) -> Body:
    eni, vswitch = _steady(call)
    wanted, count = call.many("Ipv6Address", 10), call.number("Ipv6AddressCount", 1, 10)
    if not wanted and count is None and not asked(call, "Ipv6"):
        raise missing("Ipv6Address.1")
    new = add_ipv6(call, eni, vswitch, wanted, count)
    prefixes = {"Ipv6Prefix": add_prefixes6(call, eni, vswitch)}
    return {"NetworkInterfaceId": eni.id, "Ipv6Sets": {"Ipv6Address": new}, "Ipv6PrefixSets": prefixes}


def unassign_ipv6_addresses(call: Call) -> Body:
    eni, vswitch = _steady(call)
    unwanted = call.many("Ipv6Address", 10)
    if not unwanted and not asked(call, "Ipv6"):
        raise missing("Ipv6Address.1")
    held = eni.get("Ipv6s", [])
    gone = [address for address in unwanted if address not in held]
    if gone:
        raise Refusal(403, "InvalidIp.IpUnassigned", f"{eni.id} does not have the address {gone[0]}.")
    if unwanted:
        check_private(call.account, eni, unwanted)
        _drop(call, eni, vswitch, "Ipv6s", unwanted)
    drop_prefixes(call, eni, vswitch, "Ipv6")
    return {}


ECS = {
    "AssignPrivateIpAddresses": assign_private_ip_addresses,
    "UnassignPrivateIpAddresses": unassign_private_ip_addresses,
    "AssignIpv6Addresses": assign_ipv6_addresses,
    "UnassignIpv6Addresses": unassign_ipv6_addresses,
}
