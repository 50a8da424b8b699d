"""Reads for reachability: the rules of groups that come or go, the entries of lists."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecsplan.kinds import _rule_calls as rule_calls
from ecsplan.kinds._rules import Rules, live_rules, ports_of
from ecsplan.kinds._slots import slots
from ecsplan.model.change import Action, Change
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Ids, Paging

_GROUP_RULES, _ENTRIES, _PORTS = "group_rules", "prefix_list_entries", "port_range_list_entries"


def _joined_and_left(change: Change) -> Iterable[str]:
    """Groups that an interface of a machine comes into or leaves; one that the plan makes has no id yet."""
    if change.action in (Action.DELETE, Action.RELEASE, Action.NOOP):
        return ()
    found: set[str] = set()
    if change.action is Action.CREATE:
        found |= _ids(change.desired("security_groups"))
    if (line := change.attributes_by_name.get("security_groups")) is not None:
        found |= _ids(line.before) ^ _ids(line.after)
    if (line := change.attributes_by_name.get("network_interfaces")) is not None:
        for old, new in ((slots(line.before), slots(line.after)),):
            for slot in old.keys() | new.keys():
                sides = [side.get(slot, {}).get("security_groups") for side in (old, new)]
                found |= _ids(sides[0]) ^ _ids(sides[1])
    return sorted(found)


def _ids(value: Any) -> set[str]:
    return {one for one in value or () if isinstance(one, str)}


GROUP_RULES = Inquiry(
    _GROUP_RULES,
    "rules of groups that machines come into or leave",
    "DescribeSecurityGroupAttribute",
    "",
    wanted=_joined_and_left,
    about=lambda raw: (str(raw.get("SecurityGroupId")),),
    paging=Paging.NONE,
    params={"MaxResults": 1000},
    ids=Ids("SecurityGroupId", "single", 1),
)
ENTRIES = Inquiry(
    _ENTRIES,
    "entries of prefix lists",
    "DescribePrefixListAttributes",
    "",
    wanted=rule_calls.named("prefix_list"),
    about=lambda raw: (str(raw.get("PrefixListId")),),
    paging=Paging.NONE,
    ids=Ids("PrefixListId", "single", 1),
)
PORTS = Inquiry(
    _PORTS,
    "entries of port lists",
    "DescribePortRangeListEntries",
    "",
    wanted=rule_calls.named("port_range_list"),
    about=lambda raw: (str(raw.get("PortRangeListId")),),
    paging=Paging.NONE,
    ids=Ids("PortRangeListId", "single", 1),
)


def groups_told(change: Change) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The id of each group that a machine comes into or leaves, with its rules and inner access as attributes."""
    for raw in change.told.get(_GROUP_RULES, ()):
        read = {"@rules": raw, "VpcId": raw.get("VpcId")}
        rules = {direction: Rules().decode(live_rules(read, direction)) for direction in ("ingress", "egress")}
        yield str(raw["SecurityGroupId"]), {**rules, "inner_access": str(raw.get("InnerAccessPolicy") or "").lower()}


def entries_told(change: Change) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The id of each prefix list that a changed rule names, with its CIDR blocks."""
    for raw in change.told.get(_ENTRIES, ()):
        entries = (raw.get("Entries") or {}).get("Entry") or ()
        yield str(raw["PrefixListId"]), tuple(str(entry["Cidr"]) for entry in entries)


def ports_told(change: Change) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The id of each port list that a changed rule names, with its ports as rules write them."""
    for raw in change.told.get(_PORTS, ()):
        yield str(raw["PortRangeListId"]), tuple(ports_of(entry["PortRange"]) for entry in raw.get("Entries") or ())
