"""Port lists: named sets of port ranges that security group rules may point at."""

from __future__ import annotations

from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.paging import newest_first, read_token, write_token
from ecsplan.emulator.wire import Refusal, invalid

NOT_FOUND = "InvalidPortRangeListId.NotFound"
MOST, MOST_AT_ONCE = 2000, 200


def create_port_range_list(call: Call) -> Body:
    most = call.number("MaxEntries", 1, MOST)
    entries = {_ports(one.get("PortRange")): _text(one.get("Description")) for one in call.many("Entry", MOST_AT_ONCE)}
    _check_room(len(entries), most)
    id_ = call.account.new_id("prl", call.region)
    call.account.add("portrangelist", call.region, id_, {
        "PortRangeListName": _name(call),
        "Description": check_description(call.get("Description")),
        "MaxEntries": most,
        "Entries": entries,
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
    }, call.tags())  # fmt: skip
    return {"PortRangeListId": id_}


def _name(call: Call) -> str:
    return check_name(call.need("PortRangeListName"), "PortRangeListName", "InvalidPortRangeListName.Malformed")


def _text(text: str | None) -> str:
    return check_description(text, 2, 32)


def _ports(text: str | None) -> str:
    first, _, last = str(text or "").partition("/")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= 65535):
        raise invalid("PortRange", "It is from/to, from 1 to 65535.", "InvalidPortRange.Malformed")
    return f"{int(first)}/{int(last)}"


def _check_room(count: int, most: int) -> None:
    if count > most:
        raise Refusal(403, "PortRangeListMaxEntriesExceeded", f"The port list takes {most} entries.")


def _required(call: Call) -> Thing:
    return call.require("portrangelist", call.need("PortRangeListId"), NOT_FOUND, "PortRangeListId")


def modify_port_range_list(call: Call) -> Body:
    """An entry that is added again gets another description; none is added and removed in one call."""
    ports = _required(call)
    entries: dict[str, str] = dict(ports["Entries"])
    added = {_ports(one.get("PortRange")): _text(one.get("Description")) for one in call.many("AddEntry", MOST_AT_ONCE)}
    removed = [_ports(one.get("PortRange")) for one in call.many("RemoveEntry", MOST_AT_ONCE)]
    if len(set(removed)) != len(removed) or added.keys() & set(removed):
        raise Refusal(400, "InvalidPortRangeListEntry.Duplicated", "A port range appears twice.")
    for one in removed:
        if entries.pop(one, None) is None:
            raise Refusal(404, "InvalidPortRangeListEntry.NotFound", f"The entry {one} does not exist.")
    entries |= added
    _check_room(len(entries), ports["MaxEntries"])
    changes: dict[str, Any] = {"Entries": entries}
    if call.get("PortRangeListName"):
        changes["PortRangeListName"] = _name(call)
    if "Description" in call.params:
        changes["Description"] = check_description(call.get("Description"))
    call.account.change_all(ports, changes)
    return {}


def delete_port_range_list(call: Call) -> Body:
    ports = _required(call)
    groups = call.account.where("securitygroup", "PortListRefs", ports.id)
    if groups:
        names = ", ".join(group.id for group in groups)
        raise Refusal(403, "DependencyViolation.PortRangeListAssociation", f"The port list is used by {names}.")
    call.account.remove(ports)
    return {}


def _page(call: Call, rows: list[Any]) -> tuple[list[Any], Body]:
    size, start = min(max(call.get("MaxResults", 10), 1), 100), read_token(call.get("NextToken")) or 0
    more = {"NextToken": write_token(start + size)} if start + size < len(rows) else {}
    return rows[start : start + size], more


def describe_port_range_lists(call: Call) -> Body:
    ids, name = call.many("PortRangeListId", 100), call.get("PortRangeListName")
    lists = call.listed_by("portrangelist", ids) if ids else call.candidates("portrangelist")
    lists = newest_first(call.filtered(call.matching_tags(lists)))
    page, more = _page(call, [one for one in lists if name is None or name in one["PortRangeListName"]])
    return {"PortRangeLists": [_shown(call, call.seen(one)) for one in page], **more}


HEAD = ("PortRangeListName", "Description", "MaxEntries", "CreationTime", "ResourceGroupId")


def _shown(call: Call, ports: Thing) -> Body:
    return {key: ports[key] for key in HEAD} | {
        "PortRangeListId": ports.id,
        "AssociationCount": call.account.how_many("securitygroup", "PortListRefs", ports.id),
        "Tags": [{"TagKey": key, "TagValue": value} for key, value in ports.tags.items()],
    }


def describe_port_range_list_entries(call: Call) -> Body:
    entries = _required(call)["Entries"].items()
    return {"Entries": [{"PortRange": ports, "Description": text} for ports, text in entries]}


def describe_port_range_list_associations(call: Call) -> Body:
    groups = call.account.where("securitygroup", "PortListRefs", _required(call).id)
    page, more = _page(call, [{"ResourceId": group.id, "ResourceType": "SecurityGroup"} for group in groups])
    return {"PortRangeListAssociations": page, **more}


ECS = {
    "CreatePortRangeList": create_port_range_list,
    "ModifyPortRangeList": modify_port_range_list,
    "DeletePortRangeList": delete_port_range_list,
    "DescribePortRangeLists": describe_port_range_lists,
    "DescribePortRangeListEntries": describe_port_range_list_entries,
    "DescribePortRangeListAssociations": describe_port_range_list_associations,
}
