"""SNAT and DNAT entries of NAT gateways."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_name
from ecsplan.emulator.operations._nat import addresses_of, entries_of, gateway_of, require_available
from ecsplan.emulator.operations._network import parse_block
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

NO_SNAT, NO_FORWARD = "InvalidSnatTableId.NotFound", "InvalidForwardTableId.NotFound"
NAME_CODE = "InvalidName.Malformed"
FORWARDED = ("ExternalIp", "ExternalPort", "InternalIp", "InternalPort", "IpProtocol")


def _add(call: Call, gateway: Thing, kind: str, prefix: str, data: Body) -> Thing:
    entry_id = call.account.new_id(prefix, gateway.region, 21)
    whole = {**data, "NatGatewayId": gateway.id, "Status": "Pending"}
    entry = call.account.add(kind, gateway.region, entry_id, whole)
    call.in_settle(entry, share=0.3, Status="Available")
    return entry


def _require(call: Call, gateway: Thing, kind: str, parameter: str) -> Thing:
    wanted = call.need(parameter)
    entry = call.account.get(kind, wanted)
    if entry is None or entry["NatGatewayId"] != gateway.id:
        raise not_found(f"Invalid{parameter}.NotFound", parameter, wanted)
    if entry.status != "Available":
        # The service's own spelling.
        code = "IncorretSnatEntryStatus" if kind == "snatentry" else "IncorretForwardEntryStatus"
        raise Refusal(400, code, f"The entry {entry.id} is {entry.status}.")
    return entry


def _drop(call: Call, entry: Thing) -> None:
    call.account.change(entry, Status="Deleting")
    call.in_settle(entry, "remove", 0.3)


# SNAT


def create_snat_entry(call: Call) -> Body:
    gateway = gateway_of(call, "SnatTableId", NO_SNAT)
    require_available(gateway)
    source = _source(call, gateway)
    siblings = entries_of(call.account, gateway, "snatentry")
    if any(entry["SourceCIDR"] == source["SourceCIDR"] for entry in siblings):
        raise Refusal(400, "Duplicated.SnatEntry", f"There is an entry for {source['SourceCIDR']}.")
    call.check_quota("snat_entries_per_nat_gateway", len(siblings), "QuotaExceeded.SnatEntry")
    entry = _add(call, gateway, "snatentry", "snat", {
        "SnatTableId": gateway["SnatTableId"],
        "SnatIp": _snat_ips(call, gateway),
        "SnatEntryName": check_name(call.get("SnatEntryName"), "SnatEntryName", NAME_CODE),
        "EipAffinity": call.number("EipAffinity", 0, 1, 0),
        **source,
    })  # fmt: skip
    return {"SnatEntryId": entry.id}


def _source(call: Call, gateway: Thing) -> Body:
    """A vSwitch, or a block."""
    vswitch_id, block = call.get("SourceVSwitchId"), call.get("SourceCIDR")
    if (vswitch_id is None) == (block is None):
        raise missing("SourceVSwitchId") if block is None else invalid("SourceCIDR", "Give one of the two.")
    if block is not None:
        parsed = parse_block(block, "SourceCIDR", 0, 32, "InvalidSourceCIDR.Malformed")
        return {"SourceCIDR": str(parsed), "SourceVSwitchId": ""}
    vswitch = call.require("vswitch", vswitch_id, "InvalidVSwitchId.NotFound", "SourceVSwitchId")
    if vswitch["VpcId"] != gateway["VpcId"]:
        raise Refusal(400, "InvalidVSwitchId.VpcMismatch", "The vSwitch is in another VPC than the gateway.")
    return {"SourceCIDR": vswitch["CidrBlock"], "SourceVSwitchId": vswitch.id}


def _snat_ips(call: Call, gateway: Thing) -> str:
    wanted = call.commas("SnatIp", 64)
    if not wanted:
        raise missing("SnatIp")
    for address in wanted:
        if address not in addresses_of(call.account, gateway):
            raise Refusal(400, "EIP_NOT_IN_GATEWAY", f"The address {address} is not on the gateway {gateway.id}.")
    return ",".join(wanted)


def modify_snat_entry(call: Call) -> Body:
    gateway = gateway_of(call, "SnatTableId", NO_SNAT)
    entry = _require(call, gateway, "snatentry", "SnatEntryId")
    changes: Body = {}
    if call.get("SnatIp") is not None:
        changes["SnatIp"] = _snat_ips(call, gateway)
    if call.get("SnatEntryName") is not None:
        changes["SnatEntryName"] = check_name(call.get("SnatEntryName"), "SnatEntryName", NAME_CODE)
    if call.get("EipAffinity") is not None:
        changes["EipAffinity"] = call.number("EipAffinity", 0, 1)
    call.account.change_all(entry, changes)
    return {}


def delete_snat_entry(call: Call) -> Body:
    _drop(call, _require(call, gateway_of(call, "SnatTableId", NO_SNAT), "snatentry", "SnatEntryId"))
    return {}


def _entries(call: Call, kind: str, table: str, fields: tuple[str, ...], id_parameter: str) -> list[Thing]:
    """At least the table or the gateway has to be named."""
    gateway_id, table_id = call.get("NatGatewayId"), call.get(table)
    if gateway_id is None and table_id is None:
        raise missing(table)
    found = call.account.in_region(kind, call.region)  # of one gateway: that is seen by its id
    found = [e for e in found if gateway_id in (None, e["NatGatewayId"]) and table_id in (None, e[table])]
    found = call.filtered(found, **{field: field for field in fields})
    wanted = call.get(id_parameter)
    return [entry for entry in found if wanted in (None, entry.id)]


def describe_snat_table_entries(call: Call) -> Body:
    fields = ("SnatEntryName", "SnatIp", "SourceCIDR", "SourceVSwitchId")
    entries = _entries(call, "snatentry", "SnatTableId", fields, "SnatEntryId")
    return by_number(call, entries, _snat, ("SnatTableEntries", "SnatTableEntry"), 50)


def _snat(call: Call, entry: Thing) -> Body:
    keys = ("SnatTableId", "SnatIp", "SnatEntryName", "SourceCIDR", "SourceVSwitchId", "Status", "NatGatewayId")
    row = {key: entry[key] for key in keys}
    return {**row, "SnatEntryId": entry.id, "EipAffinity": str(entry["EipAffinity"]), "NetworkInterfaceId": ""}


# DNAT


def create_forward_entry(call: Call) -> Body:
    gateway = gateway_of(call, "ForwardTableId", NO_FORWARD)
    require_available(gateway)
    rule = _rule(call, gateway, {name: call.need(name) for name in FORWARDED}, None)
    siblings = entries_of(call.account, gateway, "forwardentry")
    call.check_quota("dnat_entries_per_nat_gateway", len(siblings), "QuotaExceeded.ForwardEntry")
    entry = _add(call, gateway, "forwardentry", "fwd", {
        "ForwardTableId": gateway["ForwardTableId"],
        "ForwardEntryName": check_name(call.get("ForwardEntryName"), "ForwardEntryName", NAME_CODE),
        **rule,
    })  # fmt: skip
    return {"ForwardEntryId": entry.id}


def _rule(call: Call, gateway: Thing, rule: Body, old: Thing | None) -> Body:
    """Protocol in lower case; ports `any`, `80` or `10/20`; the inner address is of the VPC."""
    protocol = str(rule["IpProtocol"]).lower()
    if protocol not in ("tcp", "udp", "any"):
        raise invalid("IpProtocol", "It is TCP, UDP or Any.", "InvalidProtocal.ValueNotSupported")
    ports = [_ports(str(rule[name]), name, protocol) for name in ("ExternalPort", "InternalPort")]
    if rule["ExternalIp"] not in addresses_of(call.account, gateway):
        raise Refusal(400, "InvalidIp.NotInNatgw", f"{rule['ExternalIp']} is not on the gateway {gateway.id}.")
    vpc = call.require("vpc", gateway["VpcId"], "InvalidVpcId.NotFound", "VpcId")
    _check_inner(vpc, rule["InternalIp"])
    whole = {**rule, "IpProtocol": protocol, "ExternalPort": ports[0], "InternalPort": ports[1]}
    for other in entries_of(call.account, gateway, "forwardentry"):
        same = all(other[name] == whole[name] for name in ("ExternalIp", "ExternalPort", "IpProtocol"))
        if same and other is not old:
            raise Refusal(400, "Forward.Duplicated", f"The entry {other.id} has that address and port.")
    return whole


def _ports(text: str, parameter: str, protocol: str) -> str:
    if protocol == "any":
        if text.lower() != "any":
            raise invalid(parameter, "With IpProtocol=Any it is Any.", f"Invalid{parameter}.Malformed")
        return "any"
    first, slash, last = text.partition("/")
    parts = [first, last] if slash else [first]
    if not all(part.isdecimal() and 1 <= int(part) <= 65535 for part in parts):
        raise invalid(parameter, "It is from 1 to 65535.", f"Invalid{parameter}.Malformed")
    return text


def _check_inner(vpc: Thing, address: str) -> None:
    homes = [IPv4Network(block) for block in (vpc["CidrBlock"], *vpc.get("SecondaryCidrBlocks", []))]
    try:
        inside = any(IPv4Address(address) in home for home in homes)
    except ValueError:
        inside = False
    if not inside:
        raise invalid("InternalIp", "It is an address of the VPC.", "InvalidInternalIp.Malformed")


def modify_forward_entry(call: Call) -> Body:
    gateway = gateway_of(call, "ForwardTableId", NO_FORWARD)
    entry = _require(call, gateway, "forwardentry", "ForwardEntryId")
    merged = {name: call.get(name, entry[name]) for name in FORWARDED}
    changes = _rule(call, gateway, merged, entry)
    if call.get("ForwardEntryName") is not None:
        changes["ForwardEntryName"] = check_name(call.get("ForwardEntryName"), "ForwardEntryName", NAME_CODE)
    call.account.change_all(entry, changes)
    return {}


def delete_forward_entry(call: Call) -> Body:
    _drop(call, _require(call, gateway_of(call, "ForwardTableId", NO_FORWARD), "forwardentry", "ForwardEntryId"))
    return {}


def describe_forward_table_entries(call: Call) -> Body:
    fields = ("ForwardEntryName", "ExternalIp", "ExternalPort", "InternalIp", "InternalPort")
    entries = _entries(call, "forwardentry", "ForwardTableId", fields, "ForwardEntryId")
    protocol = call.get("IpProtocol")
    entries = [entry for entry in entries if protocol is None or entry["IpProtocol"] == protocol.lower()]
    return by_number(call, entries, _forward, ("ForwardTableEntries", "ForwardTableEntry"), 50)


def _forward(call: Call, entry: Thing) -> Body:
    keys = ("ForwardTableId", "ForwardEntryName", "Status", "NatGatewayId", *FORWARDED)
    return {"ForwardEntryId": entry.id, **{key: entry[key] for key in keys}}


VPC = {
    "CreateSnatEntry": create_snat_entry,
    "ModifySnatEntry": modify_snat_entry,
    "DeleteSnatEntry": delete_snat_entry,
    "DescribeSnatTableEntries": describe_snat_table_entries,
    "CreateForwardEntry": create_forward_entry,
    "ModifyForwardEntry": modify_forward_entry,
    "DeleteForwardEntry": delete_forward_entry,
    "DescribeForwardTableEntries": describe_forward_table_entries,
}
