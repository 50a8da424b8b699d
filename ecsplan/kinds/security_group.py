"""Security group with its rules. ECS 2014-05-26: CreateSecurityGroup, AuthorizeSecurityGroup(Egress), …"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ecsplan.kinds._shared import description, name, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.address import Address
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Replay
from ecsplan.model.change import Change
from ecsplan.model.composites import Record, Reference, SetOf, sort_key
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.digits import whole_number
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Update
from ecsplan.model.resource import Resource
from ecsplan.model.values import Choice, Cidr, Integer, Mistake, Text, ValueType, shown

GROUP = Reference("security_group", prefixes=("sg-",))
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "gre", "all")
PEERS = ("cidr", "ipv6_cidr", "security_group", "prefix_list")
MOST_RULES = 1000  # that a group and an interface can have at all
LIMIT = 100  # Permissions, or rule ids, of one call
WIRE_PEER = {
    "ingress": {"cidr": "SourceCidrIp", "ipv6_cidr": "Ipv6SourceCidrIp", "security_group": "SourceGroupId",
                "prefix_list": "SourcePrefixListId"},
    "egress": {"cidr": "DestCidrIp", "ipv6_cidr": "Ipv6DestCidrIp", "security_group": "DestGroupId",
               "prefix_list": "DestPrefixListId"},
}  # fmt: skip


class Ports(ValueType):
    """A port or a range of one rule; canonical `80` or `80-90`. A rule may list several: it is then several rules."""

    says = "a port like 443, a range like 8000-8080, or a list of them"

    def schema(self) -> dict[str, Any]:
        one = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string"}]}
        return {"anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1}]}

    def parse(self, value: Any) -> str:
        low, dash, high = str(value).partition("-")
        first = whole_number(low)
        last = whole_number(high) if dash else first
        if isinstance(value, bool) or first is None or last is None:
            raise self.mistake(value)
        if not (1 <= first <= 65535 and 1 <= last <= 65535):
            raise Mistake(f"{shown(value)} is no port: ports go from 1 to 65535", f"write {self.says}")
        if first > last:
            raise Mistake(f"the port range {value} is upside down", f"write {last}-{first}")
        return str(first) if first == last else f"{first}-{last}"


RULE = Record(
    "a rule",
    Attribute("protocol", None, Choice(*PROTOCOLS), "tcp, udp, icmp, icmpv6, gre or all.", required=True),
    Attribute("ports", None, Ports(), "For tcp and udp: a port, a range, or a list."),
    Attribute("cidr", None, Cidr(), "The other side, as an IPv4 range."),
    Attribute("ipv6_cidr", None, Cidr(6), "The other side, as an IPv6 range."),
    Attribute("security_group", None, GROUP, "The other side, as the members of a group."),
    Attribute("prefix_list", None, Text(4, 64, r"^pl-", "the id of a prefix list, like pl-x1j1k5ykzqlixdcy****"),
              "The other side, as a prefix list."),
    Attribute("policy", None, Choice("accept", "drop"), "accept (the default) or drop."),
    Attribute("priority", None, Integer(1, 100), "1 (the default) is looked at first."),
    Attribute("description", None, Text(1, 512), "What the rule is for."),
)  # fmt: skip


class Rules(SetOf):
    """The rules of one direction. Canonical: each with protocol, ports, one peer, policy and priority filled in."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(RULE)

    def schema(self) -> dict[str, Any]:
        found = super().schema()
        properties = found["items"]["properties"]
        for peer in PEERS:
            description = properties[peer].pop("description") + " A list is a rule for each."
            several = {"type": "array", "items": properties[peer]}
            properties[peer] = {"description": description, "anyOf": [properties[peer], several]}
        return found

    def parse(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise self.no_list(value)
        rules: dict[Any, Any] = {}
        for place, item in enumerate(value):
            for one in _one_by_one(item, place):
                try:
                    rule = _complete(RULE.parse(one))
                except Mistake as mistake:
                    raise mistake.under(place) from None
                if key_of(rule) in rules:
                    raise Mistake("this rule appears twice in the list", "remove one of the two", (place,))
                rules[key_of(rule)] = rule
        return tuple(sorted(rules.values(), key=sort_key))

    def decode(self, wire: Any) -> tuple[Any, ...]:
        return tuple(sorted({_decoded(raw) for raw in wire or ()}, key=sort_key))

    def matches(self, desired: Any, live: Any) -> bool:
        added, removed, reworded = rule_changes(live, desired)
        return not (added or removed or reworded)

    def merged(self, desired: Any, live: Any) -> Any:
        wanted = {key_of(rule): rule for rule in live or ()} | {key_of(rule): rule for rule in desired}
        return tuple(sorted(wanted.values(), key=sort_key))


def _one_by_one(item: Any, place: int) -> list[Any]:
    """A rule with a list of ports, or of other sides, is one for each."""
    found = [item]
    for member in ("ports", *PEERS):
        several = item.get(member) if isinstance(item, Mapping) else None
        if isinstance(several, list | tuple):
            if len(found) * len(several) > MOST_RULES:
                raise Mistake(f"this is more than {MOST_RULES:,} rules", "use a prefix list, or wider ranges", (place,))
            found = [{**one, member: each} for one in found for each in several]
    return found


def _complete(rule: tuple[Any, ...]) -> tuple[Any, ...]:
    """Fills in defaults and holds the rules that join several members."""
    found = dict(rule)
    peers = [peer for peer in PEERS if peer in found]
    if len(peers) != 1:
        said = "names no other side" if not peers else f"names {' and '.join(peers)}"
        raise Mistake(f"a rule {said}", f"write exactly one of {', '.join(PEERS)}")
    if found["protocol"] in ("tcp", "udp") and "ports" not in found:
        raise Mistake(f"a {found['protocol']} rule needs ports", "write ports: 443, or 1-65535 for all", ("ports",))
    if found["protocol"] not in ("tcp", "udp") and "ports" in found:
        raise Mistake(f"a rule for {found['protocol']} has no ports", "remove ports", ("ports",))
    return tuple(sorted({"policy": "accept", "priority": 1, **found}.items()))


def _decoded(raw: Mapping[str, Any]) -> tuple[Any, ...]:
    protocol = str(raw.get("IpProtocol", "")).lower()
    peers = WIRE_PEER["egress" if raw.get("Direction") == "egress" else "ingress"]
    found: dict[str, Any] = {
        "protocol": protocol,
        "policy": str(raw.get("Policy") or "accept").lower(),
        "priority": int(raw.get("Priority") or 1),
    }
    for peer, wire in peers.items():
        if raw.get(wire):
            found[peer] = Cidr().decode(raw[wire]) if "cidr" in peer else raw[wire]
            break
    if protocol in ("tcp", "udp"):
        low, _, high = str(raw.get("PortRange", "")).partition("/")
        found["ports"] = low if low == high else f"{low}-{high}"
    if raw.get("Description"):
        found["description"] = raw["Description"]
    return tuple(sorted(found.items()))


def key_of(rule: tuple[Any, ...]) -> tuple[Any, ...]:
    """What makes a rule that rule: all but its description."""
    return tuple(pair for pair in rule if pair[0] != "description")


def rule_changes(live: Any, desired: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Rules to add, to remove, and to give another description. A live description that is not declared stays."""
    before = {key_of(rule): dict(rule) for rule in live or ()}
    after = {key_of(rule): dict(rule) for rule in desired or ()}
    reworded = [
        tuple(sorted(rule.items()))
        for key, rule in after.items()
        if key in before and "description" in rule and rule["description"] != before[key].get("description")
    ]
    added = [tuple(sorted(rule.items())) for key, rule in after.items() if key not in before]
    removed = [tuple(sorted(rule.items())) for key, rule in before.items() if key not in after]
    return added, removed, reworded


def _rule_calls(change: Change, direction: str) -> Iterable[Call]:
    """New rules before old ones go, so that traffic is never cut between the two calls."""
    suffix = "Egress" if direction == "egress" else ""
    moved = change.attributes_by_name[direction]
    added, removed, reworded = rule_changes(moved.before, moved.after)
    call = Call("", {"SecurityGroupId": change.id}, kind="security_group", targets=(change.id,), token=True)
    for start in range(0, len(added), LIMIT):
        permissions = [_permission(rule, direction) for rule in added[start : start + LIMIT]]
        yield replace(
            call, operation=f"AuthorizeSecurityGroup{suffix}", params={**call.params, "Permissions": permissions}
        )
    ids = _rule_ids(change, direction)
    for rule in reworded:
        params = {
            **call.params,
            "SecurityGroupRuleId": ids[key_of(rule)],
            "Description": dict(rule)["description"],
        }
        yield replace(call, operation=f"ModifySecurityGroup{suffix or ''}Rule", params=params)
    gone = [ids[key_of(rule)] for rule in removed if key_of(rule) in ids]
    for start in range(0, len(gone), LIMIT):
        yield replace(
            call,
            operation=f"RevokeSecurityGroup{suffix}",
            params={**call.params, "SecurityGroupRuleId": gone[start : start + LIMIT]},
            done_on=("InvalidParam.SecurityGroupRuleId", "InvalidSecurityGroupRule.RuleNotExist"),
        )


def _permission(rule: tuple[Any, ...], direction: str) -> dict[str, Any]:
    found = dict(rule)
    peer = next(peer for peer in PEERS if peer in found)
    low, _, high = found.get("ports", "-1").partition("-") if "ports" in found else ("-1", "", "-1")
    return {
        "IpProtocol": found["protocol"].upper(),
        "PortRange": f"{low}/{high or low}",
        "Policy": found["policy"],
        "Priority": str(found["priority"]),
        WIRE_PEER[direction][peer]: found[peer],
        "Description": found.get("description"),
    }


def _rule_ids(change: Change, direction: str) -> dict[tuple[Any, ...], str]:
    if change.before is None:
        return {}
    return {key_of(_decoded(raw)): raw["SecurityGroupRuleId"] for raw in _live_rules(change.before.raw, direction)}


def _live_rules(raw: Mapping[str, Any], direction: str) -> list[Mapping[str, Any]]:
    rules = ((raw.get("@rules") or {}).get("Permissions") or {}).get("Permission") or []
    return [rule for rule in rules if rule.get("Direction") == direction]


def _read_rules(direction: str) -> Any:
    return lambda raw: _live_rules(raw, direction) if "@rules" in raw else None


def _access_calls(change: Change) -> Iterable[Call]:
    """An enterprise group drops what its members send each other, and takes no other policy."""
    if change.desired("type") != "enterprise" and change.live("type") != "enterprise":
        wanted = change.attributes_by_name["inner_access"].after
        params = {"SecurityGroupId": change.id, "InnerAccessPolicy": wanted}
        yield Call("ModifySecurityGroupPolicy", params, kind="security_group", targets=(change.id,), token=True,
                   replay=Replay.TOKEN)  # fmt: skip


def fits_its_type(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """An enterprise group has no rules that name groups, and no choice of how its members reach each other."""
    if resource.attributes.get("type") != "enterprise":
        return
    for direction in ("ingress", "egress"):
        if any("security_group" in dict(rule) for rule in resource.attributes.get(direction) or ()):
            yield Diagnostic(
                f"{direction}: an enterprise group has no rules that name groups",
                "write the other side as a CIDR block or a prefix list, or use type: normal",
                resource.source_of(direction),
                resource.address,
            )
    if resource.attributes.get("inner_access") == "accept":
        yield Diagnostic(
            "inner_access: the members of an enterprise group never reach each other by default",
            "write drop or leave it out, or use type: normal",
            resource.source_of("inner_access"),
            resource.address,
        )


def has_a_vpc(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """The classic network takes in nothing new; what lives there can be adopted as it is."""
    if "vpc" not in resource.attributes and resource.adopt is None:
        yield Diagnostic(
            "a security group needs vpc",
            "write vpc: NAME; only a group of the classic network has none, and has to be adopted (adopt: sg-…)",
            resource.source,
            resource.address,
        )


def notes(resource: Resource) -> Iterable[str]:
    if resource.attributes.get("type") == "enterprise" and not resource.attributes.get("egress"):
        yield "an enterprise group lets nothing out that no egress rule accepts, and the file has none"


KIND = Kind(
    name="security_group",
    summary="A firewall around instances, with its rules.",
    attributes=(
        name("SecurityGroupName"),
        Attribute("vpc", "VpcId", Reference("vpc", prefixes=("vpc-",)),
                  "The VPC that it belongs to; only an adopted group of the classic network has none.",
                  fixed="replace", samples=("main", "second")),
        Attribute("type", "SecurityGroupType", Choice("normal", "enterprise"),
                  "normal (basic) or enterprise (advanced: no rules that name groups).",
                  fixed="replace", samples=("normal", "enterprise")),
        description(),
        Attribute("inner_access", None, Choice("accept", "drop"),
                  "Whether members reach each other; enterprise groups have no choice.",
                  read_as="@rules.InnerAccessPolicy", samples=("accept", "drop")),
        Attribute("ingress", None, Rules(), "Rules for what comes in. Exclusive: what is not listed is removed.",
                  read_as=_read_rules("ingress"),
                  samples=([{"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}],
                           [{"protocol": "tcp", "ports": "80-90", "cidr": "10.0.0.0/8", "priority": 2},
                            {"protocol": "icmp", "cidr": "10.0.0.0/8", "policy": "drop", "description": "no ping"},
                            {"protocol": "tcp", "ports": 22, "ipv6_cidr": "2001:db8::/56"},
                            {"protocol": "all", "security_group": "web"}])),
        Attribute("egress", None, Rules(), "Rules for what goes out. Exclusive: what is not listed is removed.",
                  read_as=_read_rules("egress"),
                  samples=([{"protocol": "all", "cidr": "0.0.0.0/0"}],
                           [{"protocol": "udp", "ports": 53, "cidr": "100.64.0.0/10"},
                            {"protocol": "tcp", "ports": [80, 443], "security_group": "web"}])),
        resource_group(),
        tags(),
    ),
    listing=Listing(
        "DescribeSecurityGroups",
        items="SecurityGroups.SecurityGroup",
        id="SecurityGroupId",
        name="SecurityGroupName",
        ids=Ids("SecurityGroupIds"),
        dry_run=True,
        details=(
            Detail(
                "@rules",
                "DescribeSecurityGroupAttribute",
                items="Permissions.Permission",
                page_size=1000,
                ids=Ids("SecurityGroupId", "single", 1),
                attributes=("ingress", "egress", "inner_access"),
                holds_others=lambda raw: raw.get("GroupToGroupRuleCount") != 0,
            ),
        ),
    ),
    create=Create(
        "CreateSecurityGroup",
        id="SecurityGroupId",
        later=("ingress", "egress", "inner_access"),
        notes=notes,
        seconds=1.0,
    ),
    updates=(
        Update("ModifySecurityGroupAttribute", ("name", "description")),
        Update("ModifySecurityGroupPolicy", ("inner_access",), build=_access_calls),
        Update("AuthorizeSecurityGroup", ("ingress",), build=lambda change: _rule_calls(change, "ingress")),
        Update("AuthorizeSecurityGroupEgress", ("egress",), build=lambda change: _rule_calls(change, "egress")),
        resource_group_update("securitygroup"),
        tags_update(),
    ),
    delete=Delete("DeleteSecurityGroup", release=("ingress", "egress"),
                  held_by=(("instance", "security_groups"),), seconds=1.0),
    id_param="SecurityGroupId",
    id_prefixes=("sg-",),
    tag_type="securitygroup",
    shields=True,
    checks=(fits_its_type, has_a_vpc),
    example={"vpc": "main", "ingress": [{"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}]},
    docs="https://help.aliyun.com/document_detail/25553.html",
)  # fmt: skip
