"""Rules of security groups: authorize, revoke, modify, list. A rule lives in its group's `Rules`."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations.security_groups import NOT_FOUND
from ecsplan.emulator.paging import read_token, write_token
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

PROTOCOLS = ("TCP", "UDP", "ICMP", "ICMPV6", "GRE", "ALL")
WITH_PORTS = ("TCP", "UDP", "6", "17")
BAD_PORTS = {"PortRange": "InvalidParam.PortRange", "SourcePortRange": "InvalidSourcePortRange.Malformed"}
FAR = {"ingress": "Source", "egress": "Dest"}
NEAR = {"ingress": "Dest", "egress": "Source"}
MAX_GROUP_RULES = 20
Rule = dict[str, Any]


def authorize(call: Call, direction: str) -> Body:
    """An equal rule is no error and adds nothing."""
    group = call.require("securitygroup", call.need("SecurityGroupId"), NOT_FOUND, "SecurityGroupId")
    rules = list(group["Rules"])
    known = {identity(rule) for rule in rules}
    for given in _permissions(call):
        rule = normalised(call, group, direction, given)
        if identity(rule) not in known:
            known.add(identity(rule))
            rule |= {
                "SecurityGroupRuleId": call.account.new_id("sgr", call.region),
                "CreateTime": to_seconds(call.now),
                "Description": _description(given.get("Description")),
            }
            rules.append(rule)
    _store(call, group, rules)
    return {}


def _permissions(call: Call) -> list[Mapping[str, Any]]:
    """Permissions.N, or one rule in the old top-level parameters."""
    many = call.many("Permissions", 100)
    return many or [call.params]


def _description(text: str | None) -> str:
    if text and not 1 <= len(text) <= 512:
        raise invalid("Description", "It is 1 to 512 characters.", "InvalidSecurityGroupDescription.Malformed")
    return text or ""


def normalised(call: Call, group: Thing, direction: str, given: Mapping[str, Any]) -> Rule:
    """The rule as the service keeps it: protocol in capitals, blocks without host bits."""
    protocol = _protocol(given.get("IpProtocol"))
    policy = str(given.get("Policy") or "accept").capitalize()
    if policy not in ("Accept", "Drop"):
        raise invalid("Policy", "It is accept or drop.", "InvalidPolicy.Malformed")
    priority = str(given.get("Priority") or "1")
    if not priority.isdecimal() or not 1 <= int(priority) <= 100:
        raise invalid("Priority", "It is from 1 to 100.", "InvalidPriority.ValueNotSupported")
    nic = given.get("NicType") or ("intranet" if group.get("VpcId") else "internet")
    if nic not in ("internet", "intranet"):
        raise invalid("NicType", code="InvalidNicType.ValueNotSupported")
    rule: Rule = {
        "Direction": direction,
        "IpProtocol": protocol,
        **_port_side(call, given, protocol),
        "Policy": policy,
        "Priority": priority,
        "NicType": "intranet" if group.get("VpcId") else nic,
    }
    if given.get("SourcePortRange"):
        rule["SourcePortRange"] = _ports(given["SourcePortRange"], protocol, "SourcePortRange")
    return rule | _far_side(call, group, direction, given) | _near_side(direction, given)


def _port_side(call: Call, given: Mapping[str, Any], protocol: str) -> Rule:
    """A port list counts only where no ports are given."""
    ports = given.get("PortRangeListId")
    if not ports or given.get("PortRange"):
        return {"PortRange": _ports(given.get("PortRange"), protocol, "PortRange")}
    if call.account.get("portrangelist", ports) is None:
        raise not_found("InvalidPortRangeListId.NotFound", "PortRangeListId", ports)
    return {"PortRangeListId": ports}


def _protocol(text: str | None) -> str:
    if not text:
        raise missing("IpProtocol")
    protocol = text.upper()
    if protocol not in PROTOCOLS and not (protocol.isdecimal() and int(protocol) <= 255):
        raise invalid("IpProtocol", code="InvalidIpProtocol.ValueNotSupported")
    return protocol


def _ports(text: str | None, protocol: str, parameter: str) -> str:
    """`80/90` for TCP and UDP, `-1/-1` for everything else."""
    if protocol not in WITH_PORTS:
        if text not in (None, "", "-1/-1"):
            raise invalid(parameter, "For this protocol it is -1/-1.", BAD_PORTS[parameter])
        return "-1/-1"
    if not text:
        raise missing(parameter)
    first, _, last = text.partition("/")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= 65535):
        raise invalid(parameter, "It is from/to, from 1 to 65535.", BAD_PORTS[parameter])
    return f"{int(first)}/{int(last)}"


def _far_side(call: Call, group: Thing, direction: str, given: Mapping[str, Any]) -> Rule:
    """Exactly one of block, IPv6 block and group; a prefix list counts only where none of these is given."""
    side = FAR[direction]
    block, block6 = given.get(f"{side}CidrIp"), given.get(f"Ipv6{side}CidrIp")
    other, prefixes = given.get(f"{side}GroupId"), given.get(f"{side}PrefixListId")
    if block and block6:
        raise invalid(f"Ipv6{side}CidrIp", "Give one of the two blocks.", "InvalidParam.SourceIp")
    if block:
        return {f"{side}CidrIp": cidr(block, f"{side}CidrIp")}
    if block6:
        return {f"Ipv6{side}CidrIp": cidr6(block6, f"Ipv6{side}CidrIp")}
    if other:
        owner = given.get(f"{side}GroupOwnerId") or given.get(f"{side}GroupOwnerAccount")
        if owner not in (None, "", 0, call.account.owner, int(call.account.owner)):
            return {f"{side}GroupId": other, f"{side}GroupOwnerAccount": str(owner)}  # what is there cannot be seen
        _check_other_group(call, group, side, other)
        return {f"{side}GroupId": other}
    if prefixes:
        if call.account.get("prefixlist", prefixes) is None:
            raise not_found("InvalidPrefixListId.NotFound", f"{side}PrefixListId", prefixes)
        return {f"{side}PrefixListId": prefixes}
    raise missing(f"{side}CidrIp", f"MissingParameter.{side}")


def _check_other_group(call: Call, group: Thing, side: str, other: str) -> None:
    if group["SecurityGroupType"] == "enterprise":
        raise Refusal(403, "InvalidOperation.EnterpriseGroup", "An advanced security group can't refer to groups.")
    target = call.account.get("securitygroup", other)
    if target is None or target.region != group.region:
        raise not_found(f"Invalid{side}GroupId.NotFound", f"{side}GroupId", other)
    if target.get("VpcId") != group.get("VpcId"):
        raise Refusal(400, "InvalidGroupAuthParameter.OperationDenied", "The two groups are not in one network.")


def _near_side(direction: str, given: Mapping[str, Any]) -> Rule:
    side, rule = NEAR[direction], {}
    if given.get(f"{side}CidrIp"):
        rule[f"{side}CidrIp"] = cidr(given[f"{side}CidrIp"], f"{side}CidrIp")
    if given.get(f"Ipv6{side}CidrIp"):
        rule[f"Ipv6{side}CidrIp"] = cidr6(given[f"Ipv6{side}CidrIp"], f"Ipv6{side}CidrIp")
    return rule


def cidr(text: str, parameter: str) -> str:
    """A bare address is shown bare; host bits of a block are cleared."""
    try:
        block = IPv4Network(text, strict=False)
    except ValueError:
        raise invalid(parameter, "It is an IPv4 block.", f"Invalid{parameter}.Malformed") from None
    return str(block.network_address) if block.prefixlen == 32 else str(block)


def cidr6(text: str, parameter: str) -> str:
    try:
        block = IPv6Network(text, strict=False)
    except ValueError:
        raise invalid(parameter, "It is an IPv6 block.", f"Invalid{parameter}.Malformed") from None
    return str(block.network_address) if block.prefixlen == 128 else str(block)


NO_IDENTITY = ("SecurityGroupRuleId", "CreateTime", "Description")


def identity(rule: Rule) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((key, value) for key, value in rule.items() if key not in NO_IDENTITY))


def _store(call: Call, group: Thing, rules: list[Rule]) -> None:
    call.check_quota("rules_per_security_group", 0, "QuotaExceed.SecurityGroupRule", _weight(call, rules))
    refs = [rule[key] for rule in rules for key in ("SourceGroupId", "DestGroupId") if key in rule]
    lists = [rule[key] for rule in rules for key in ("SourcePrefixListId", "DestPrefixListId") if key in rule]
    if len(refs) > max(MAX_GROUP_RULES, len(group.get("GroupRefs", []))):
        raise Refusal(403, "QuotaExceed.GroupReference", f"At most {MAX_GROUP_RULES} rules may refer to groups.")
    ports = [rule["PortRangeListId"] for rule in rules if "PortRangeListId" in rule]
    call.account.change(group, Rules=rules, GroupRefs=refs, PrefixListRefs=lists, PortListRefs=ports)


def _weight(call: Call, rules: list[Rule]) -> int:
    """A rule for a prefix list counts as many times as the list has room for entries."""
    weight = len(rules)
    for rule in rules:
        prefixes = call.account.get("prefixlist", rule.get("SourcePrefixListId") or rule.get("DestPrefixListId") or "")
        if prefixes is not None:
            weight += int(prefixes["MaxEntries"]) - 1
        ports = call.account.get("portrangelist", rule.get("PortRangeListId", ""))
        if ports is not None:
            weight += int(ports["MaxEntries"]) - 1
    return weight


def revoke(call: Call, direction: str) -> Body:
    """By id a missing rule is an error; by its fields it is not."""
    group = call.require("securitygroup", call.need("SecurityGroupId"), NOT_FOUND, "SecurityGroupId")
    rules: list[Rule] = list(group["Rules"])
    ids = call.many("SecurityGroupRuleId", 100)
    if ids:
        known = {rule["SecurityGroupRuleId"] for rule in rules if rule["Direction"] == direction}
        gone = [id_ for id_ in ids if id_ not in known]
        if gone:
            raise Refusal(400, "InvalidParam.SecurityGroupRuleId", f"The rule {gone[0]} does not exist.")
        rules = [rule for rule in rules if rule["SecurityGroupRuleId"] not in ids]
    else:
        unwanted = {identity(normalised(call, group, direction, given)) for given in _permissions(call)}
        rules = [rule for rule in rules if identity(rule) not in unwanted]
    _store(call, group, rules)
    return {}


def modify(call: Call, direction: str) -> Body:
    """By rule id, or without one by what the rule is. The kind of source stays; what is set can't be emptied."""
    group = call.require("securitygroup", call.need("SecurityGroupId"), NOT_FOUND, "SecurityGroupId")
    rules: list[Rule] = list(group["Rules"])
    place = _place(call, group, direction, rules)
    old = rules[place]
    rule_id = old["SecurityGroupRuleId"]
    merged = {**old, **{key: value for key, value in call.params.items() if value not in ("", None)}}
    side = FAR[direction]
    kinds = (f"{side}CidrIp", f"Ipv6{side}CidrIp", f"{side}GroupId", f"{side}PrefixListId")
    if any(call.get(kind) and kind not in old for kind in kinds):
        raise Refusal(400, "InvalidOperation.SourceTypeChange", "The kind of a rule's source or target can't change.")
    if call.get("IpProtocol") and not call.get("PortRange") and _protocol(call.get("IpProtocol")) not in WITH_PORTS:
        merged["PortRange"] = "-1/-1"
    new = normalised(call, group, direction, {**merged, "NicType": old["NicType"]})
    if any(identity(new) == identity(rule) for i, rule in enumerate(rules) if i != place):
        raise Refusal(400, "InvalidOperation.RuleDuplicated", "An equal rule exists in the group.")
    description = _description(call.get("Description")) or old["Description"]
    rules[place] = new | {
        "SecurityGroupRuleId": rule_id, "CreateTime": old["CreateTime"], "Description": description,
    }  # fmt: skip
    _store(call, group, rules)
    return {}


def _place(call: Call, group: Thing, direction: str, rules: list[Rule]) -> int:
    """Priority and policy count as well when they are what finds the rule."""
    rule_id = call.get("SecurityGroupRuleId")
    if rule_id is not None:
        found = [n for n, r in enumerate(rules) if (r["SecurityGroupRuleId"], r["Direction"]) == (rule_id, direction)]
        if not found:
            raise Refusal(400, "InvalidParam.SecurityGroupRuleId", f"The rule {rule_id} does not exist.")
        return found[0]
    wanted = identity(normalised(call, group, direction, call.params))
    found = [n for n, rule in enumerate(rules) if identity(rule) == wanted]
    if not found:
        raise not_found("SecurityGroupRule.NotFound", "security group rule", call.need("SecurityGroupId"))
    return found[0]


FIELDS = ("IpProtocol", "PortRange", "SourcePortRange", "SourcePrefixListId", "SourcePrefixListName", "Ipv6DestCidrIp",
          "NicType", "DestGroupId", "Direction", "Priority", "DestGroupName", "Policy", "CreateTime",
          "DestPrefixListId", "Description", "DestCidrIp", "Ipv6SourceCidrIp", "DestGroupOwnerAccount",
          "SourceGroupId", "DestPrefixListName", "SourceGroupOwnerAccount", "SourceCidrIp", "SourceGroupName",
          "SecurityGroupRuleId")  # fmt: skip


def _shown(call: Call, rule: Rule) -> Body:
    """The port list is told only of a rule that has one: no recorded answer has the field."""
    row = {key: rule.get(key, "") for key in FIELDS}
    ports = call.account.get("portrangelist", rule.get("PortRangeListId", ""))
    return (
        row if ports is None else row | {"PortRangeListId": ports.id, "PortRangeListName": ports["PortRangeListName"]}
    )


def describe_security_group_attribute(call: Call) -> Body:
    group = call.require("securitygroup", call.need("SecurityGroupId"), NOT_FOUND, "SecurityGroupId")
    direction = call.choice("Direction", "egress", "ingress", "all", default="all")
    if group.get("VpcId"):
        nic = "intranet"  # whatever it says: the official provider sends a word that is none
    else:
        nic = call.choice("NicType", "internet", "intranet", default="internet") or "internet"
    rules = [r for r in group["Rules"] if direction in ("all", r["Direction"]) and r["NicType"] == nic]
    size = min(max(call.get("MaxResults", 500), 10), 1000)
    start = read_token(call.get("NextToken")) or 0
    page = rules[start : start + size]
    body: Body = {
        "RegionId": group.region,
        "SecurityGroupId": group.id,
        "SecurityGroupName": group["SecurityGroupName"],
        "Description": group["Description"],
        "VpcId": group.get("VpcId", ""),
        "InnerAccessPolicy": group["InnerAccessPolicy"],
        "Permissions": {"Permission": [_shown(call, rule) for rule in page]},
        "SnapshotPolicyIds": {"SnapshotPolicyId": []},
    }
    if start + size < len(rules):
        body["NextToken"] = write_token(start + size)
    return body


ECS = {
    "AuthorizeSecurityGroup": lambda call: authorize(call, "ingress"),
    "AuthorizeSecurityGroupEgress": lambda call: authorize(call, "egress"),
    "RevokeSecurityGroup": lambda call: revoke(call, "ingress"),
    "RevokeSecurityGroupEgress": lambda call: revoke(call, "egress"),
    "ModifySecurityGroupRule": lambda call: modify(call, "ingress"),
    "ModifySecurityGroupEgressRule": lambda call: modify(call, "egress"),
    "DescribeSecurityGroupAttribute": describe_security_group_attribute,
}
