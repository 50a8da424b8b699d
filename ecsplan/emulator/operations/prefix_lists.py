"""Prefix lists: named sets of blocks that security group rules may point at."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.paging import by_token, read_token, write_token
from ecsplan.emulator.wire import Refusal, invalid

NOT_FOUND = "InvalidPrefixListId.NotFound"


def canonical(text: str, family: str) -> str:
    """A bare address becomes /32 or /128, host bits are cleared, IPv6 is compressed."""
    try:
        return str(IPv4Network(text, strict=False) if family == "IPv4" else IPv6Network(text, strict=False))
    except ValueError:
        raise invalid("Entry.Cidr", f"It is an {family} block.", "InvalidCidr.Malformed") from None


def create_prefix_list(call: Call) -> Body:
    family = call.choice("AddressFamily", "IPv4", "IPv6")
    most = call.number("MaxEntries", 1, 200)
    call.check_quota(
        "prefix_lists_per_region", call.account.count("prefixlist", call.region), "QuotaExceeded.PrefixList"
    )
    entries = {canonical(e["Cidr"], family): _text(e.get("Description")) for e in call.many("Entry", 200)}
    _check_room(len(entries), most)
    prefix_id = call.account.new_id("pl", call.region)
    call.account.add("prefixlist", call.region, prefix_id, {
        "PrefixListName": check_name(call.need("PrefixListName"), "PrefixListName", "InvalidPrefixListName.Malformed"),
        "Description": check_description(call.get("Description")),
        "AddressFamily": family,
        "MaxEntries": most,
        "Entries": [{"Cidr": cidr, "Description": text} for cidr, text in entries.items()],
        "CreationTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
    }, call.tags())  # fmt: skip
    return {"PrefixListId": prefix_id}


def _text(text: str | None) -> str:
    return check_description(text, 2, 32)


def _check_room(count: int, most: int) -> None:
    if count > most:
        raise Refusal(403, "PrefixListMaxEntriesExceeded", f"The prefix list takes {most} entries.")


def _required(call: Call) -> Thing:
    return call.require("prefixlist", call.need("PrefixListId"), NOT_FOUND, "PrefixListId")


def modify_prefix_list(call: Call) -> Body:
    """An entry that is added again gets another description; no block is added and removed in one call."""
    prefixes = _required(call)
    family = prefixes["AddressFamily"]
    entries = {entry["Cidr"]: entry["Description"] for entry in prefixes["Entries"]}
    added = [(canonical(given["Cidr"], family), given) for given in call.many("AddEntry", 200)]
    removed = [canonical(given["Cidr"], family) for given in call.many("RemoveEntry", 200)]
    blocks = [*removed, *(cidr for cidr, _ in added)]
    twice = next((cidr for cidr in blocks if blocks.count(cidr) > 1), None)
    if twice is not None:
        raise Refusal(400, "InvalidPrefixListEntry.Duplicated", f"The block {twice} appears twice.")
    for cidr in removed:
        if cidr not in entries:
            raise Refusal(404, "InvalidPrefixListEntry.NotFound", f"The entry {cidr} does not exist.")
        del entries[cidr]
    entries |= {cidr: _text(given.get("Description")) for cidr, given in added}
    _check_room(len(entries), prefixes["MaxEntries"])
    changes: Body = {"Entries": [{"Cidr": cidr, "Description": text} for cidr, text in entries.items()]}
    if call.get("PrefixListName"):
        code = "InvalidPrefixListName.Malformed"
        changes["PrefixListName"] = check_name(call.get("PrefixListName"), "PrefixListName", code)
    if "Description" in call.params:
        changes["Description"] = check_description(call.get("Description"))
    call.account.change_all(prefixes, changes)
    return {}


def delete_prefix_list(call: Call) -> Body:
    prefixes = _required(call)
    groups = call.account.where("securitygroup", "PrefixListRefs", prefixes.id)
    if groups:
        names = ", ".join(group.id for group in groups)
        raise Refusal(403, "DependencyViolation.PrefixListAssociation", f"The prefix list is used by {names}.")
    call.account.remove(prefixes)
    return {}


def describe_prefix_lists(call: Call) -> Body:
    ids = call.many("PrefixListId", 100)
    lists = call.listed_by("prefixlist", ids) if ids else call.candidates("prefixlist")
    lists = call.filtered(call.matching_tags(lists), AddressFamily="AddressFamily")
    name = call.get("PrefixListName")
    if name is not None:
        lists = [one for one in lists if name in one["PrefixListName"]]
    return by_token(call, lists, _shown, ("PrefixLists", "PrefixList"), 100, counted=False)


HEAD = ("PrefixListName", "Description", "AddressFamily", "MaxEntries", "CreationTime")


def _shown(call: Call, prefixes: Thing) -> Body:
    return {key: prefixes[key] for key in HEAD} | {
        "PrefixListId": prefixes.id,
        "AssociationCount": call.account.how_many("securitygroup", "PrefixListRefs", prefixes.id),
        "ResourceGroupId": prefixes["ResourceGroupId"],
        "Tags": ecs_tags(prefixes),
    }


def describe_prefix_list_attributes(call: Call) -> Body:
    prefixes = _required(call)
    entries = {"Entry": prefixes["Entries"]}
    return {key: prefixes[key] for key in HEAD} | {"PrefixListId": prefixes.id, "Entries": entries}


def describe_prefix_list_associations(call: Call) -> Body:
    prefixes = _required(call)
    groups = call.account.where("securitygroup", "PrefixListRefs", prefixes.id)
    rows = [{"ResourceId": group.id, "ResourceType": "securitygroup"} for group in groups]
    size, start = min(max(call.get("MaxResults", 10), 1), 100), read_token(call.get("NextToken")) or 0
    body: Body = {"PrefixListAssociations": {"PrefixListAssociation": rows[start : start + size]}}
    if start + size < len(rows):
        body["NextToken"] = write_token(start + size)
    return body


ECS = {
    "CreatePrefixList": create_prefix_list,
    "ModifyPrefixList": modify_prefix_list,
    "DeletePrefixList": delete_prefix_list,
    "DescribePrefixLists": describe_prefix_lists,
    "DescribePrefixListAttributes": describe_prefix_list_attributes,
    "DescribePrefixListAssociations": describe_prefix_list_associations,
}
