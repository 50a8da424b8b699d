"""The rules of a security group: how they are written, read, and told apart. Used by security_group.py."""

from collections.abc import Mapping
from typing import Any

from ecsplan.kinds._traffic import TrafficRule
from ecsplan.model.algebra import Fields, Raw, Schema, Value, ValueOrUnknown, Values, fields, members, of_fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import Reference, SetOf, sort_key
from ecsplan.model.digits import whole_number
from ecsplan.model.quoting import shown
from ecsplan.model.values import Choice, Cidr, Integer, Mistake, Text, ValueType

GROUP = Reference("security_group", prefixes=("sg-",))
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "gre", "all")
NO_PORTS = "-1/-1"
PEERS = ("cidr", "ipv6_cidr", "security_group", "prefix_list")
# The near side: the part of its members' own addresses that a rule is for. Member and field, by direction.
EXTRAS = {
    "ingress": {"dest_cidr": "DestCidrIp", "dest_ipv6_cidr": "Ipv6DestCidrIp"},
    "egress": {"source_cidr": "SourceCidrIp", "source_ipv6_cidr": "Ipv6SourceCidrIp"},
}
OWNERS = {"ingress": ("SourceGroupOwnerAccount", "SourceGroupOwnerId"),
          "egress": ("DestGroupOwnerAccount", "DestGroupOwnerId")}  # fmt: skip
"""Whose group the other side is: as it is read, and as it is written."""
ANY_EXTRAS = {"source_ports": "SourcePortRange", "nic_type": "NicType"}
PORT_LIST = "PortRangeListId"
MOST_RULES = 1000  # that a group and an interface can have at all
WIRE_PEER = {
    "ingress": {"cidr": "SourceCidrIp", "ipv6_cidr": "Ipv6SourceCidrIp", "security_group": "SourceGroupId",
                "prefix_list": "SourcePrefixListId"},
    "egress": {"cidr": "DestCidrIp", "ipv6_cidr": "Ipv6DestCidrIp", "security_group": "DestGroupId",
               "prefix_list": "DestPrefixListId"},
}  # fmt: skip


# IpProtocol takes, and answers, the numbers of IP too; the service has words for these.
NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "58": "icmpv6"}
LAST_PRIORITY = 100  # rules of the system come after those of people, and are nobody's to change


class Protocol(Choice):
    """One of the words, or the number of another protocol in quotes (`"112"`)."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(*PROTOCOLS)

    @property
    def says(self) -> str:
        return super().says + ', or the number of another one, like "112"'

    def schema(self) -> Schema:
        return {"anyOf": [super().schema(), {"type": "string", "pattern": "^[0-9]{1,3}$"}]}

    def parse(self, value: object) -> str:
        number = whole_number(value) if isinstance(value, str) else None
        if number is None:
            return super().parse(value)
        if not 0 <= number <= 255:
            raise self.mistake(value)
        return word(str(number))


def word(protocol: str) -> str:
    return NUMBERS.get(protocol, protocol.lower())


class Ports(ValueType):
    """A port or a range of one rule; canonical `80` or `80-90`. A rule may list several: it is then several rules."""

    says = "a port like 443, a range like 8000-8080, or a list of them"

    def schema(self) -> Schema:
        one = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string"}]}
        return {"anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1}]}

    def parse(self, value: object) -> str:
        low, dash, high = str(value).partition("-")
        first = whole_number(low)
        last = whole_number(high) if dash else first
        if isinstance(value, bool) or first is None or last is None:
            raise self.mistake(value)
        if not (1 <= first <= 65535 and 1 <= last <= 65535):
            raise Mistake(f"{shown(value)} is not a port: ports go from 1 to 65535", f"write {self.says}")
        if first > last:
            raise Mistake(f"the port range {value} is upside down", f"write {last}-{first}")
        return str(first) if first == last else f"{first}-{last}"


RULE = TrafficRule(
    "a rule",
    Attribute("protocol", None, Protocol(), "tcp, udp, icmp, icmpv6, gre, all, or a number.", required=True),
    Attribute("ports", None, Ports(), "For tcp and udp: a port, a range, or a list."),
    Attribute("port_range_list", None, Reference("port_range_list", prefixes=("prl-",)),
              "For tcp and udp: the ports, as a port list, in place of ports."),
    Attribute("cidr", None, Cidr(), "The other side, as an IPv4 range."),
    Attribute("ipv6_cidr", None, Cidr(6), "The other side, as an IPv6 range."),
    Attribute("security_group", None, GROUP, "The other side, as the members of a group."),
    Attribute("account", None, Text(5, 20, "^[0-9]+$", "the number of an account, in quotes"),
              "For security_group: the account that it is of, where that is another one."),
    Attribute("prefix_list", None, Reference("prefix_list", prefixes=("pl-",)),
              "The other side, as a prefix list."),
    Attribute("source_ports", None, Ports(), "For tcp and udp: the ports that a connection comes from."),
    *(Attribute(member, None, Cidr(6 if "ipv6" in member else 4), "The near side: which addresses of its members it is "
                f"for, as an {'IPv6' if 'ipv6' in member else 'IPv4'} range.")
      for near in EXTRAS.values() for member in near),
    Attribute("policy", None, Choice("accept", "drop"), "accept (the default) or drop."),
    Attribute("priority", None, Integer(1, 100), "1 (the default) is looked at first."),
    Attribute("description", None, Text(1, 512), "What the rule is for."),
)  # fmt: skip


class Rules(SetOf):
    """The rules of one direction. Canonical: each with protocol, ports, one peer, policy and priority filled in."""

    __slots__ = ("direction",)

    def __init__(self, direction: str = "ingress") -> None:
        super().__init__(RULE)
        self.direction = direction

    @property
    def _foreign(self) -> frozenset[str]:
        """The near side of the other direction, which is this one's far side."""
        return frozenset(member for way, near in EXTRAS.items() if way != self.direction for member in near)

    def schema(self) -> Schema:
        found = super().schema()
        properties = found["items"]["properties"]
        for member in self._foreign:
            del properties[member]
        for peer in PEERS:
            description = properties[peer].pop("description") + " A list is a rule for each."
            several = {"type": "array", "items": properties[peer]}
            properties[peer] = {"description": description, "anyOf": [properties[peer], several]}
        return found

    def parse(self, value: object) -> tuple[Value, ...]:
        if not isinstance(value, (list, tuple)):
            raise self.no_list(value)
        rules: dict[Fields, Fields] = {}
        for place, item in enumerate(value):
            for one in _one_by_one(item, place):
                try:
                    rule = _complete(RULE.parse(self._near(one)))
                except Mistake as mistake:
                    raise mistake.under(place) from None
                if key_of(rule) in rules:
                    raise Mistake("this rule appears twice in the list", "remove one of the two", (place,))
                rules[key_of(rule)] = rule
        return tuple(sorted(rules.values(), key=sort_key))

    def _near(self, item: object) -> object:
        wrong = next((member for member in sorted(self._foreign) if isinstance(item, Mapping) and member in item), None)
        if wrong is not None:
            own = " or ".join(EXTRAS[self.direction])
            said = f"an {self.direction} rule has no {wrong}"
            raise Mistake(said, f"write cidr for the other side, {own} for this one", (wrong,))
        return item

    def decode(self, wire: Any) -> tuple[Value, ...]:
        return tuple(sorted({decoded(raw) for raw in wire or ()}, key=sort_key))

    def matches(self, desired: Value, live: Value) -> bool:
        added, removed, reworded = rule_changes(live, desired)
        return not (added or removed or reworded)

    def identity(self, item: Value) -> Fields:
        return key_of(rule_of(item))

    def filled(self, desired: Value, live: Value) -> Value:
        """A description that is not declared stays."""
        known = _as_said(live, desired)
        rules = rules_of(desired)
        return tuple(rule if "description" in fields(rule) else known.get(key_of(rule), rule) for rule in rules)

    def merged(self, desired: Value, live: Value) -> Value:
        wanted = _as_said(live, desired) | {key_of(rule): rule for rule in rules_of(desired)}
        return tuple(sorted(wanted.values(), key=sort_key))


def _one_by_one(item: Any, place: int) -> list[object]:
    """A rule with a list of ports, or of other sides, is one for each."""
    found = [item]
    for member in ("ports", "source_ports", *PEERS):
        several = item.get(member) if isinstance(item, Mapping) else None
        if isinstance(several, (list, tuple)):
            if len(found) * len(several) > MOST_RULES:
                raise Mistake(f"this is more than {MOST_RULES:,} rules", "use a prefix list, or wider ranges", (place,))
            found = [{**one, member: each} for one in found for each in several]
    return found


def _complete(rule: Fields) -> Fields:
    """Fills in defaults and holds the rules that join several members."""
    found = fields(rule)
    peers = [peer for peer in PEERS if peer in found]
    if len(peers) != 1:
        said = "names no other side" if not peers else f"names {' and '.join(peers)}"
        raise Mistake(f"a rule {said}", f"write exactly one of {', '.join(PEERS)}")
    if "account" in found and "security_group" not in found:
        raise Mistake("account says whose group it is, and the rule names none", "remove account", ("account",))
    spans = [member for member in ("ports", "port_range_list") if member in found]
    if len(spans) == 2:
        raise Mistake("a rule names ports and port_range_list", "write one of the two", ("port_range_list",))
    if found["protocol"] in ("tcp", "udp") and not spans:
        raise Mistake(f"a {found['protocol']} rule needs ports", "write ports: 443, or 1-65535 for all", ("ports",))
    if found["protocol"] == "icmp" and "ipv6_cidr" in found:
        raise Mistake("icmp is for IPv4", "write protocol: icmpv6 for an IPv6 range", ("protocol",))
    if found["protocol"] == "icmpv6" and "cidr" in found:
        raise Mistake("icmpv6 is for IPv6", "write protocol: icmp for an IPv4 range", ("protocol",))
    if found["protocol"] not in ("tcp", "udp") and spans:
        raise Mistake(f"a rule for {found['protocol']} has no ports", f"remove {spans[0]}", (spans[0],))
    _check_near_side(found)
    return of_fields({"policy": "accept", "priority": 1, **found})


def _check_near_side(found: Values) -> None:
    """Both sides are of one family, and source ports are of a protocol that has ports."""
    if found["protocol"] not in ("tcp", "udp") and "source_ports" in found:
        raise Mistake(f"a rule for {found['protocol']} has no ports", "remove source_ports", ("source_ports",))
    near = [member for members_ in EXTRAS.values() for member in members_ if member in found]
    if len(near) > 1:
        raise Mistake(f"a rule names {' and '.join(near)}", "write one of the two", (near[1],))
    for member in near:
        other = "cidr" if "ipv6" in member else "ipv6_cidr"
        if other in found:
            said = f"{member} and {other} are of two families"
            raise Mistake(said, "write both sides as IPv4 or as IPv6", (member,))


def decoded(raw: Raw) -> Fields:
    protocol = word(str(raw.get("IpProtocol", "")))
    direction = "egress" if raw.get("Direction") == "egress" else "ingress"
    found: dict[str, Value] = {
        "protocol": protocol,
        "policy": str(raw.get("Policy") or "accept").lower(),
        "priority": int(raw.get("Priority") or 1),
    }
    for member, wire in (WIRE_PEER[direction] | EXTRAS[direction] | ANY_EXTRAS).items():
        value = raw.get(wire)
        if value and value != NO_PORTS:
            found[member] = (
                Cidr().decode(value) if "cidr" in member else ports_of(value) if "ports" in member else value
            )
    if "security_group" in found and raw.get(OWNERS[direction][0]):
        found["account"] = str(raw[OWNERS[direction][0]])
    if raw.get(PORT_LIST):
        found["port_range_list"] = str(raw[PORT_LIST])
    elif protocol in ("tcp", "udp") and raw.get("PortRange"):
        found["ports"] = ports_of(raw["PortRange"])
    if raw.get("Description"):
        found["description"] = raw["Description"]
    return of_fields(found)


def ports_of(text: str) -> str:
    low, _, high = str(text).partition("/")
    return low if low == high else f"{low}-{high}"


def ports_on_the_wire(ports: str) -> str:
    low, _, high = ports.partition("-")
    return f"{low}/{high or low}"


def rules_of(value: ValueOrUnknown) -> list[Fields]:
    """The rules of one direction."""
    return [rule_of(item) for item in members(value)]


def rule_of(item: Value) -> Fields:
    return of_fields(fields(item))


def key_of(rule: Fields) -> Fields:
    """What makes a rule that rule: all but its description. A live one may have what no file can declare."""
    return tuple(pair for pair in rule if pair[0] != "description")


def _as_said(live: ValueOrUnknown, desired: ValueOrUnknown) -> dict[Fields, Fields]:
    """Live rules by their keys; without the account where the file names the group alone."""
    wanted = {key_of(rule) for rule in rules_of(desired)}
    found = {}
    for rule in rules_of(live):
        key = key_of(rule)
        bare = tuple(pair for pair in key if pair[0] != "account")
        found[bare if key not in wanted and bare in wanted else key] = rule
    return found


def rule_changes(live: ValueOrUnknown, desired: ValueOrUnknown) -> tuple[list[Fields], list[Fields], list[Fields]]:
    """Rules to add, to remove, and to give another description. A live description that is not declared stays."""
    before = {key: fields(rule) for key, rule in _as_said(live, desired).items()}
    after = {key_of(rule): fields(rule) for rule in rules_of(desired)}
    reworded = [
        of_fields({**before[key], **rule})
        for key, rule in after.items()
        if key in before and "description" in rule and rule["description"] != before[key].get("description")
    ]
    added = [of_fields(rule) for key, rule in after.items() if key not in before]
    removed = [of_fields(rule) for key, rule in before.items() if key not in after]
    return added, removed, reworded


def live_rules(raw: Raw, direction: str) -> list[Raw]:
    """As they were read; the sort of interface that rules of its network have anyway is left out."""
    rules = ((raw.get("@rules") or {}).get("Permissions") or {}).get("Permission") or []
    usual = "intranet" if raw.get("VpcId") else "internet"
    own = [r for r in rules if r.get("Direction") == direction and int(r.get("Priority") or 1) <= LAST_PRIORITY]
    return [{**rule, "NicType": ""} if rule.get("NicType") == usual else rule for rule in own]


def read_rules(direction: str) -> Any:
    return lambda raw: live_rules(raw, direction) if "@rules" in raw else None
