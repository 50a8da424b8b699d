"""Which ports of a machine are open, as lines of text, and how a write changed that.

A line is `ingress accept tcp 22/22 10.0.0.0/8`. Where nothing is dropped, lines that another one covers are left out
and priorities do not count; where something is, every line is kept, with its priority. Membership of a group that
rules of others name counts too: `member sg-…`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from ecsplan.emulator.account import Account, Event, Thing

WATCHED = {
    "securitygroup": ("Rules", "InnerAccessPolicy"),
    "prefixlist": ("Entries",),
    "portrangelist": ("Entries",),
    "instance": ("SecurityGroupIds",),
    "eni": ("SecurityGroupIds",),
}
FAR = {
    "ingress": ("SourceCidrIp", "Ipv6SourceCidrIp", "SourceGroupId", "SourcePrefixListId"),
    "egress": ("DestCidrIp", "Ipv6DestCidrIp", "DestGroupId", "DestPrefixListId"),
}
NARROWED = ("SourcePortRange", "SourceCidrIp", "Ipv6SourceCidrIp", "DestCidrIp", "Ipv6DestCidrIp")
NAMES = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "58": "icmpv6"}
EVERYWHERE = ("0.0.0.0/0", "::/0")
Lines = frozenset[str]


@dataclass(frozen=True, slots=True)
class Opening:
    """One rule as far as it opens or shuts something. `more` narrows it: source ports and the near side."""

    direction: str
    policy: str
    protocol: str
    first: int
    last: int
    far: str
    more: str = ""
    priority: int = 1

    def covers(self, other: Opening) -> bool:
        return (
            self.direction == other.direction
            and self.protocol in ("all", other.protocol)
            and (self.protocol == "all" or self.first == -1 or self.first <= other.first <= other.last <= self.last)
            and _holds(self.far, other.far)
            and self.more in ("", other.more)
        )

    def line(self, with_priority: bool) -> str:
        ports = f" {self.first}/{self.last}" if self.first != -1 else ""
        rank = f" priority {self.priority}" if with_priority else ""
        return f"{self.direction} {self.policy} {self.protocol}{ports} {self.far}{self.more}{rank}"


@cache
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@cache
def _holds(wide: str, narrow: str) -> bool:
    """Whether everything in one far side is in the other. A group holds only itself, and is held by all addresses."""
    outer, inner = _network(wide), _network(narrow)
    if wide == narrow or (wide == EVERYWHERE[0] and inner is None):
        return True
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network) and inner.subnet_of(outer)


class World:
    """The account as it is, or with some fields as they were before."""

    def __init__(self, account: Account, past: Mapping[tuple[str, str], Any] | None = None) -> None:
        self.account = account
        self._past = past or {}
        self._known: dict[tuple[str, ...], Lines] = {}

    def field(self, thing: Thing, name: str) -> Any:
        key = (thing.id, name)
        return self._past[key] if key in self._past else thing.get(name)

    def reach(self, group_ids: Sequence[str]) -> Lines:
        """What is open for a member of these groups."""
        key = tuple(sorted(group_ids))
        if key not in self._known:
            self._known[key] = self._lines(key)
        return self._known[key]

    def _lines(self, group_ids: Sequence[str]) -> Lines:
        openings: list[Opening] = []
        lines: set[str] = set()
        for id_ in group_ids:
            group = self.account.get("securitygroup", id_)
            if group is None:
                continue
            openings += self._defaults(group)
            for rule in self.field(group, "Rules") or ():
                openings += self._openings(rule)
            if any(self._names(other, id_) for other in self._naming(id_)):
                lines.add(f"member {id_}")
        for direction in FAR:
            lines |= _shown([opening for opening in openings if opening.direction == direction])
        return frozenset(lines)

    def _naming(self, group_id: str) -> list[Thing]:
        """Groups whose rules name it, or may have named it."""
        changed = (self.account.get("securitygroup", id_) for id_, name in self._past if name == "Rules")
        return [*self.account.where("securitygroup", "GroupRefs", group_id), *(g for g in changed if g is not None)]

    def _names(self, group: Thing, other: str) -> bool:
        rules = self.field(group, "Rules") or ()
        return any(other in (rule.get("SourceGroupId"), rule.get("DestGroupId")) for rule in rules)

    def _defaults(self, group: Thing) -> list[Opening]:
        """Members of one group reach each other unless it says otherwise; a basic group lets everything out."""
        found = []
        if self.field(group, "InnerAccessPolicy") == "Accept":
            found += [Opening(direction, "accept", "all", -1, -1, group.id, priority=110) for direction in FAR]
        if group.get("SecurityGroupType") == "normal":
            found += [Opening("egress", "accept", "all", -1, -1, far, priority=110) for far in EVERYWHERE]
        return found

    def _openings(self, rule: Mapping[str, Any]) -> list[Opening]:
        direction = rule["Direction"]
        protocol = str(rule["IpProtocol"]).lower()
        more = "".join(f" {n}={rule[n]}" for n in NARROWED if n in rule and n not in FAR[direction])
        return [
            Opening(
                direction, str(rule["Policy"]).lower(), NAMES.get(protocol, protocol), first, last, far, more,
                int(rule["Priority"]),
            )
            for first, last in self._ports(rule)
            for far in self._far(rule, direction)
        ]  # fmt: skip

    def _ports(self, rule: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
        listed = self.account.get("portrangelist", rule.get("PortRangeListId", ""))
        for text in (rule["PortRange"],) if listed is None else self.field(listed, "Entries") or ():
            first, _, last = str(text).partition("/")
            yield int(first), int(last or first)

    def _far(self, rule: Mapping[str, Any], direction: str) -> list[str]:
        value = next((str(rule[name]) for name in FAR[direction] if rule.get(name)), "")
        listed = self.account.get("prefixlist", value)
        return [value] if listed is None else [entry["Cidr"] for entry in self.field(listed, "Entries") or ()]


def _shown(openings: list[Opening]) -> set[str]:
    if any(opening.policy == "drop" for opening in openings):
        return {opening.line(with_priority=True) for opening in openings}
    distinct = set(openings)
    return {o.line(False) for o in distinct if not any(p.covers(o) and not o.covers(p) for p in distinct)}


@dataclass(frozen=True, slots=True)
class Turn:
    """What a write opened and closed for one machine or interface."""

    thing: Thing
    opened: Lines
    closed: Lines


def turns(account: Account, events: Iterable[Event]) -> list[Turn]:
    """How the writes of one call changed what was open for things that were there before."""
    past: dict[tuple[str, str], Any] = {}
    touched: dict[str, Thing] = {}
    born: set[str] = set()
    for event in events:
        watched = WATCHED.get(event.thing.kind, ())
        if event.verb == "add" and watched:
            born.add(event.thing.id)
        for name in watched if event.verb == "change" else ():
            if name in event.before:
                past.setdefault((event.thing.id, name), event.before[name])
                touched[event.thing.id] = event.thing
    if not touched:
        return []
    then, now = World(account, past), World(account)
    found = []
    for member in _members(account, touched.values(), past):
        if member.id in born:
            continue
        before = then.reach(then.field(member, "SecurityGroupIds") or ())
        after = now.reach(member.get("SecurityGroupIds") or ())
        if before != after:
            found.append(Turn(member, after - before, before - after))
    return found


def _members(account: Account, touched: Iterable[Thing], past: Mapping[tuple[str, str], Any]) -> list[Thing]:
    """The machines and interfaces for which something may have changed. A machine's first interface is left out: its
    groups are the machine's."""
    groups: set[str] = set()
    members: dict[str, Thing] = {}
    for thing in touched:
        if thing.kind == "securitygroup":
            groups.add(thing.id)
            for rules in (past.get((thing.id, "Rules")), thing.get("Rules")):
                groups |= {r[n] for r in rules or () for n in ("SourceGroupId", "DestGroupId") if n in r}
        elif thing.kind == "prefixlist":
            groups |= {group.id for group in account.where("securitygroup", "PrefixListRefs", thing.id)}
        elif thing.kind == "portrangelist":
            groups |= {group.id for group in account.where("securitygroup", "PortListRefs", thing.id)}
        else:
            members[thing.id] = thing
    for group in groups:
        for kind in ("instance", "eni"):
            members.update((thing.id, thing) for thing in account.where(kind, "SecurityGroupIds", group))
    return [
        thing
        for thing in members.values()
        if account.get(thing.kind, thing.id) is thing and not (thing.kind == "eni" and thing.get("Type") == "Primary")
    ]
