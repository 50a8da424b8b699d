"""Routes: custom entries of a route table. The System entries that every VPC has are shown, not kept."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations.route_tables import require_available, require_table, vswitches_of
from ecsplan.emulator.paging import by_number, newest_first, read_token, write_token
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

NOT_FOUND = "InvalidRouteEntry.NotFound"
HOPS = {"Instance": "instance", "NetworkInterface": "eni", "NatGateway": "natgateway", "HaVip": "havip"}
OTHER_HOPS = (
    "RouterInterface",
    "VpnGateway",
    "IPv6Gateway",
    "Attachment",
    "VpcPeer",
    "Ipv4Gateway",
    "PrefixList",
)
BUSY_SHARE = 0.1
MAX_BATCH = 50


def create_route_entry(call: Call) -> Body:
    table = require_table(call)
    many = call.many("NextHopList", 16)
    hop = many[0] if many else {"NextHopType": call.get("NextHopType"), "NextHopId": call.get("NextHopId")}
    if many:
        for other in many:
            _check_hop(call, table, other.get("NextHopType"), other.get("NextHopId"))
    given = {
        "DstCidrBlock": call.need("DestinationCidrBlock"), "NextHop": hop.get("NextHopId"),
        "NextHopType": hop.get("NextHopType") or "Instance", "Name": call.get("RouteEntryName"),
        "Description": call.get("Description"),
    }  # fmt: skip
    entry = _add(call, table, given)
    if many:
        call.account.change(entry, NextHopList=[dict(other) for other in many])
    return {"RouteEntryId": entry.id}


def _add(call: Call, table: Thing, given: Mapping[str, Any]) -> Thing:
    vpc = call.require("vpc", table["VpcId"], "InvalidVpcId.NotFound", "VpcId")
    require_available(table)
    if table.get("BusyUntil", 0.0) > call.now:
        raise Refusal(400, "TaskConflict", f"Another entry of the route table {table.id} is being written.")
    block = _block(given["DstCidrBlock"])
    siblings = call.account.where("routeentry", "RouteTableId", table.id)
    if any(entry["DestinationCidrBlock"] == block for entry in siblings):
        raise Refusal(400, "RouterEntryConflict.Duplicated", f"A route to {block} exists in the table.")
    if (
        any(v["CidrBlock"] == block for v in call.account.where("vswitch", "VpcId", vpc.id))
        or block == vpc["CidrBlock"]
    ):
        raise Refusal(400, "InvalidCIDRBlock.Duplicate", f"{block} is a block of the VPC itself.")
    if not given.get("NextHop"):
        raise missing("NextHopId")
    _check_hop(call, table, given["NextHopType"], given["NextHop"])
    call.check_quota("custom_routes_per_route_table", len(siblings), "QuotaExceeded.RouteEntry")
    entry = call.account.add("routeentry", table.region, call.account.new_id("rte", table.region, 21), {
        "RouteTableId": table.id,
        "DestinationCidrBlock": block,
        "NextHopType": given["NextHopType"],
        "NextHopId": given["NextHop"],
        "RouteEntryName": check_name(given.get("Name"), "RouteEntryName", "InvalidRouteEntryName.Malformed"),
        "Description": check_description(given.get("Description"), 1),
        "Status": "Pending",
        "CreationTime": to_seconds(call.now),
    })  # fmt: skip
    call.in_settle(entry, share=0.5, Status="Available")
    return entry


def _block(text: str) -> str:
    try:
        return str(IPv6Network(text) if ":" in text else IPv4Network(text))
    except ValueError:
        raise invalid("DestinationCidrBlock", "It is a CIDR block.", "InvalidCIDRBlock.Malformed") from None


def _check_hop(call: Call, table: Thing, kind: str | None, hop_id: str | None) -> None:
    if kind in OTHER_HOPS:
        return
    if kind not in HOPS:
        raise invalid(
            "NextHopType", f"It is one of: {', '.join((*HOPS, *OTHER_HOPS))}.", "InvalidNextHopType.NotSupported"
        )
    hop = call.account.get(HOPS[kind], hop_id or "")
    is_going = hop is not None and (hop.get("Releasing") or hop.status == "Deleting")
    if hop is None or is_going or hop.get("VpcId") != table["VpcId"]:
        raise not_found("InvalidNextHopId.NotFound", "NextHopId", str(hop_id))


def _busy(call: Call, table: Thing) -> None:
    """The service refuses two writes of one table at a time."""
    call.account.change(table, BusyUntil=call.now + call.settle * BUSY_SHARE)


def _created(call: Call) -> Body:
    body = create_route_entry(call)
    _busy(call, require_table(call))
    return body


def create_route_entries(call: Call) -> Body:
    """Each entry has its own result; those that fail are listed."""
    made, failed = [], []
    for given in call.many("RouteEntries", MAX_BATCH):
        try:
            table = call.require("routetable", given["RouteTableId"], "InvalidRouteTableId.NotFound", "RouteTableId")
            made.append(_add(call, table, given).id)
        except Refusal as refusal:
            failed.append({
                "DstCidrBlock": given["DstCidrBlock"], "NextHop": given["NextHop"], "FailedCode": refusal.code,
                "FailedMessage": refusal.message,
            })  # fmt: skip
    return {
        "RouteEntryIds": made, "SuccessCount": len(made), "FailedCount": len(failed), "FailedRouteEntries": failed,
    }  # fmt: skip


def delete_route_entry(call: Call) -> Body:
    entry = _found(call, call.get("RouteEntryId"), call.get("RouteTableId"), call.get("DestinationCidrBlock"))
    if call.get("NextHopId") not in (None, entry["NextHopId"]):
        raise not_found(NOT_FOUND, "RouteEntry", str(call.get("NextHopId")))
    table = call.require("routetable", entry["RouteTableId"], "InvalidRouteTableId.NotFound", "RouteTableId")
    if table.get("BusyUntil", 0.0) > call.now:
        raise Refusal(400, "TaskConflict", f"Another entry of the route table {table.id} is being written.")
    _remove(call, entry)
    _busy(call, table)
    return {}


def _remove(call: Call, entry: Thing) -> None:
    if entry.status != "Available":
        raise Refusal(400, "IncorrectRouteEntryStatus", f"The route entry {entry.id} is {entry.status}.")
    call.account.change(entry, Status="Deleting")
    call.in_settle(entry, "remove", 0.3)


def _found(call: Call, entry_id: str | None, table_id: str | None, block: str | None) -> Thing:
    if entry_id is not None:
        return call.require("routeentry", entry_id, NOT_FOUND, "RouteEntryId")
    if table_id is None or block is None:
        raise missing("RouteEntryId")
    for entry in call.account.where("routeentry", "RouteTableId", table_id):
        if entry["DestinationCidrBlock"] == block:
            return entry
    raise not_found(NOT_FOUND, "RouteEntry", block)


def delete_route_entries(call: Call) -> Body:
    done, failed = 0, []
    for given in call.many("RouteEntries", MAX_BATCH):
        try:
            _remove(call, _found(call, given.get("RouteEntryId"), given["RouteTableId"], given.get("DstCidrBlock")))
            done += 1
        except Refusal as refusal:
            failed.append({
                "RouteEntryId": given.get("RouteEntryId", ""), "DstCidrBlock": given.get("DstCidrBlock", ""),
                "NextHop": given.get("NextHop", ""), "FailedCode": refusal.code, "FailedMessage": refusal.message,
            })  # fmt: skip
    return {"SuccessCount": done, "FailedCount": len(failed), "FailedRouteEntries": failed}


def modify_route_entry(call: Call) -> Body:
    entry = _found(call, call.get("RouteEntryId"), call.get("RouteTableId"), call.get("DestinationCidrBlock"))
    changes: Body = {}
    if call.get("RouteEntryName") is not None:
        code = "InvalidRouteEntryName.Malformed"
        changes["RouteEntryName"] = check_name(call.get("RouteEntryName"), "RouteEntryName", code)
    if call.get("Description") is not None:
        changes["Description"] = check_description(call.get("Description"), 1)
    if call.get("NewNextHopId") is not None:
        table = call.require("routetable", entry["RouteTableId"], "InvalidRouteTableId.NotFound", "RouteTableId")
        kind = call.get("NewNextHopType", entry["NextHopType"])
        _check_hop(call, table, kind, call.get("NewNextHopId"))
        changes |= {"NextHopId": call.get("NewNextHopId"), "NextHopType": kind}
    call.account.change_all(entry, changes)
    return {}


def describe_route_entry_list(call: Call) -> Body:
    table = require_table(call)
    entries = newest_first(call.account.where("routeentry", "RouteTableId", table.id))
    rows = [*_system_rows(call, table), *(_row(call, entry) for entry in entries)]
    for parameter, key in (("RouteEntryId", "RouteEntryId"), ("DestinationCidrBlock", "DestinationCidrBlock"),
                           ("RouteEntryName", "RouteEntryName"), ("RouteEntryType", "Type")):  # fmt: skip
        if call.get(parameter) is not None:
            rows = [row for row in rows if row[key] == call.get(parameter)]
    for parameter in ("NextHopId", "NextHopType"):
        wanted = call.get(parameter)
        if wanted is not None:
            rows = [row for row in rows if any(hop[parameter] == wanted for hop in row["NextHops"]["NextHop"])]
    size, start = min(max(call.get("MaxResult", 10), 1), 100), read_token(call.get("NextToken")) or 0
    body: Body = {"TotalCount": len(rows), "RouteEntrys": {"RouteEntry": rows[start : start + size]}}
    if start + size < len(rows):
        body["NextToken"] = write_token(start + size)
    return body


def _row(call: Call, entry: Thing) -> Body:
    hops = entry.get("NextHopList") or [
        {"NextHopType": entry["NextHopType"], "NextHopId": entry["NextHopId"], "Weight": 0}
    ]
    return {
        "RouteEntryId": entry.id,
        "RouteEntryName": entry["RouteEntryName"],
        "Description": entry["Description"],
        "RouteTableId": entry["RouteTableId"],
        "DestinationCidrBlock": entry["DestinationCidrBlock"],
        "IpVersion": "IPv6" if ":" in entry["DestinationCidrBlock"] else "IPv4",
        "Status": entry["Status"],
        "Type": "Custom",
        "GmtModified": entry["CreationTime"],
        "NextHops": {
            "NextHop": [
                {
                    "NextHopType": hop["NextHopType"],
                    "NextHopId": hop["NextHopId"],
                    "Weight": hop.get("Weight", 0),
                    "Enabled": 1,
                }
                for hop in hops
            ]
        },
    }


def _system_rows(call: Call, table: Thing) -> list[Body]:
    """A local route for each vSwitch of the VPC, and the service's own range."""
    blocks = [v["CidrBlock"] for v in call.account.where("vswitch", "VpcId", table["VpcId"])] + ["100.64.0.0/10"]
    hop = {"NextHopType": "local", "NextHopId": "", "Weight": 0, "Enabled": 1}
    return [
        {
            "RouteEntryId": "",
            "RouteEntryName": "",
            "Description": "Created by system.",
            "RouteTableId": table.id,
            "DestinationCidrBlock": block,
            "IpVersion": "IPv4",
            "Status": "Available",
            "Type": "System",
            "GmtModified": table["CreationTime"],
            "NextHops": {"NextHop": [hop]},
        }
        for block in blocks
    ]


def describe_route_tables(call: Call) -> Body:
    """The old list, with the entries inside of it."""
    if call.get("RouteTableId") is not None:
        table = call.find("routetable", call.get("RouteTableId"))
        tables = [table] if table is not None else []
    else:
        tables = call.listed("routetable")
    router = call.get("VRouterId") or call.get("RouterId")
    tables = [t for t in tables if router in (None, t["VRouterId"])]
    tables = call.filtered(tables, RouteTableName="RouteTableName", Type="RouteTableType")
    if call.get("RouterType") not in (None, "VRouter"):
        tables = []
    return by_number(call, tables, _old_row, ("RouteTables", "RouteTable"), 50)


OLD_ENTRY = ("RouteEntryId", "RouteEntryName", "Description", "RouteTableId", "DestinationCidrBlock", "Status", "Type")


def _old_row(call: Call, table: Thing) -> Body:
    entries = newest_first(call.account.where("routeentry", "RouteTableId", table.id))
    rows = []
    for row in (*_system_rows(call, table), *(_row(call, entry) for entry in entries)):
        first = row["NextHops"]["NextHop"][0]
        old = {key: row[key] for key in OLD_ENTRY}
        rows.append(
            old | {"InstanceId": first["NextHopId"], "NextHopType": first["NextHopType"], "NextHops": row["NextHops"]}
        )
    return {
        "RouteTableId": table.id,
        "RouteTableType": table["RouteTableType"],
        "Status": table["Status"],
        "CreationTime": table["CreationTime"],
        "VRouterId": table["VRouterId"],
        "ResourceGroupId": "",
        "VSwitchIds": {"VSwitchId": vswitches_of(call, table)},
        "RouteEntrys": {"RouteEntry": rows},
    }


VPC = {
    "CreateRouteEntry": _created,
    "CreateRouteEntries": create_route_entries,
    "DeleteRouteEntry": delete_route_entry,
    "DeleteRouteEntries": delete_route_entries,
    "ModifyRouteEntry": modify_route_entry,
    "DescribeRouteEntryList": describe_route_entry_list,
    "DescribeRouteTables": describe_route_tables,
}
