"""Traffic that rules accept, held against a plain first match of single packets."""

import os
import random
from ipaddress import ip_address, ip_network

import pytest

from ecsplan.access.naming import openings
from ecsplan.access.rules import END, LAST, PORTS, Directory, Far, Policy, Rule, defaults
from ecsplan.access.sweep import OTHER, PROTOCOLS, WITH_PORTS, Region, accepted, difference
from ecsplan.access.told import told
from ecsplan.access.ways import last_ways_in
from ecsplan.model.copying import replace

SEEDS = int(os.environ.get("ECSPLAN_ACCESS_SEEDS", "60"))
DIRECTORY = Directory(
    {"app": ("10.0.1.5/32", "10.0.1.9/32", "2001:db8::5/128")}, {"pl-1": ("10.2.0.0/16", "192.0.2.0/24")}
)


def tcp(port: int, cidr: str = "0.0.0.0/0", **more: object) -> Rule:
    return Rule("tcp", Far("cidr", cidr), (port, port + 1), **more)  # type: ignore[arg-type]


def lines(before: Policy, after: Policy) -> tuple[list[str], list[str]]:
    opened, closed = difference(4, before, after)
    return [str(o) for o in openings(opened, after.directory)], [str(o) for o in openings(closed, before.directory)]


def matches(rule: Rule, directory: Directory, protocol: str, port: int, source: int, peer: str) -> bool:
    """One packet against one rule, as the documentation says it, without any cutting."""
    address = ip_address(peer)
    ranges = {
        "cidr": (rule.far.name,),
        "group": directory.groups.get(rule.far.name, ()),
        "prefix_list": directory.prefix_lists.get(rule.far.name, ()),
    }[rule.far.kind]
    is_port = protocol not in WITH_PORTS or (
        rule.ports[0] <= port < rule.ports[1] and rule.source_ports[0] <= source < rule.source_ports[1]
    )
    return rule.protocol in ("all", protocol) and is_port and any(address in ip_network(one, False) for one in ranges)


def is_let_in(policy: Policy, protocol: str, port: int, source: int, peer: str) -> bool:
    for rule in sorted(policy.rules, key=lambda rule: (rule.priority, rule.accepts)):
        if matches(rule, policy.directory, protocol, port, source, peer):
            return rule.accepts
    return False


def holds(regions: list[Region], protocol: str, port: int, source: int, peer: str) -> bool:
    number = int(ip_address(peer))
    return any(
        region.protocol == protocol
        and (protocol not in WITH_PORTS or region.ports[0] <= port < region.ports[1])
        and (protocol not in WITH_PORTS or region.source_ports[0] <= source < region.source_ports[1])
        and any(first <= number < end for first, end in region.spans)
        for region in regions
    )


def random_rules(draw: random.Random, family: int, count: int) -> Policy:
    def far() -> Far:
        kind = draw.choice(["cidr"] * 6 + ["group", "prefix_list"])
        if kind != "cidr":
            return Far(kind, {"group": "app", "prefix_list": "pl-1"}[kind])  # type: ignore[arg-type]
        if family == 6:
            return Far(
                "cidr", str(ip_network((0x20010DB8 << 96 | draw.randrange(16), draw.choice([0, 64, 124, 128])), False))
            )
        return Far(
            "cidr",
            f"10.{draw.randrange(3)}.{draw.randrange(3)}.{draw.randrange(16)}/{draw.choice([0, 8, 16, 24, 28, 32])}",
        )

    def span() -> tuple[int, int]:
        first, last = sorted((draw.randrange(1, 30), draw.randrange(1, 30)))
        return draw.choice([PORTS, (first, last + 1), (first, first + 1)])

    rules = []
    for _ in range(count):
        protocol = draw.choice(["tcp", "tcp", "udp", "icmp", "gre", "all", "50"])
        source = draw.choice([PORTS] * 5 + [span()]) if protocol in WITH_PORTS else PORTS
        ports = span() if protocol in WITH_PORTS else PORTS
        rules.append(Rule(protocol, far(), ports, draw.random() < 0.7, draw.randrange(1, 5), source))
    return Policy(tuple(rules), DIRECTORY)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_packet_is_judged_as_by_first_match(seed: int, family: int):
    draw = random.Random(seed * 2 + family)
    before, after = (random_rules(draw, family, draw.randrange(14)) for _ in range(2))
    opened, closed = difference(family, before, after)  # type: ignore[arg-type]
    whole = accepted(family, after)  # type: ignore[arg-type]
    for _ in range(150):
        protocol = draw.choice([*PROTOCOLS, "50", OTHER])
        port, source = draw.randrange(1, 32), draw.randrange(1, 32)
        peer = (
            f"2001:db8::{draw.randrange(18):x}"
            if family == 6
            else f"10.{draw.randrange(3)}.{draw.randrange(3)}.{draw.randrange(18)}"
        )
        was, will = (is_let_in(policy, protocol, port, source, peer) for policy in (before, after))
        known = (
            protocol if protocol != "50" or any(r.protocol == "50" for r in (*before.rules, *after.rules)) else OTHER
        )
        assert holds(opened, known, port, source, peer) == (will and not was)
        assert holds(closed, known, port, source, peer) == (was and not will)
        known = protocol if protocol != "50" or any(r.protocol == "50" for r in after.rules) else OTHER
        assert holds(whole, known, port, source, peer) == will


def covers(line: str, protocol: str, port: int, peer: str, known: set[str]) -> bool:
    """Whether a line, as people read it, speaks of a packet."""
    traffic, _, peers = line.partition(" (")[0].partition(" to ")
    word, _, ports = traffic.partition(" ")
    if word == "other":
        word, ports = "other", ""
    if word not in ("all", protocol) and not (word == "other" and protocol not in known):
        return False
    if ports not in ("", "all ports"):
        first, _, last = ports.partition("-")
        if not int(first) <= port <= int(last or first):
            return False
    ranges: dict[str, tuple[str, ...]] = {"group app": (), "prefix list pl-1": DIRECTORY.prefix_lists["pl-1"]}
    if " more" in peers:  # cut for people; which ranges they are is not said
        return word != "other"
    named = [entry for one in peers.split(", ") for entry in ranges.get(one, (one,))]
    return any(ip_address(peer) in ip_network(entry, False) for entry in named)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_packet_that_changes_is_in_a_line_and_a_line_without_partly_says_nothing_else(seed: int, family: int):
    """Packets of a small world."""
    draw = random.Random(seed * 2 + family)
    before = random_rules(draw, family, draw.randrange(1, 10))
    rules = [replace(rule, source_ports=PORTS) for rule in before.rules]
    kept = [rule for rule in rules if draw.random() < 0.7]
    more = [replace(rule, source_ports=PORTS) for rule in random_rules(draw, family, draw.randrange(1, 4)).rules]
    directory = replace(DIRECTORY, groups={})  # as plans have it: members have no address that is known
    before, after = Policy(tuple(rules), directory), Policy((*kept, *more), directory)
    opened, closed = told(before, after, {})
    known = {rule.protocol for rule in (*before.rules, *after.rules)} | set(PROTOCOLS)
    for _ in range(300):
        protocol, port = draw.choice([*PROTOCOLS, "50"]), draw.randrange(1, 32)
        peer = (
            f"2001:db8::{draw.randrange(18):x}"
            if family == 6
            else f"10.{draw.randrange(3)}.{draw.randrange(3)}.{draw.randrange(18)}"
        )
        was, will = (is_let_in(policy, protocol, port, 1, peer) for policy in (before, after))
        for lines, moved in ((opened, will and not was), (closed, was and not will)):
            about = [line for line in lines if covers(line, protocol, port, peer, known)]
            if moved:
                assert about, (lines, protocol, port, peer)
            else:
                assert all("partly" in line or " more" in line for line in about), (about, protocol, port, peer)


def test_a_port_opened_to_the_world_is_one_line():
    assert lines(Policy((tcp(443),)), Policy((tcp(443), tcp(22)))) == (["tcp 22 to 0.0.0.0/0"], [])


def test_a_rule_that_another_one_covers_changes_nothing():
    wide = Rule("all", Far("cidr", "0.0.0.0/0"))
    assert lines(Policy((wide,)), Policy((wide, tcp(22, "10.0.0.0/8")))) == ([], [])


def test_a_drop_of_equal_priority_goes_first():
    assert lines(Policy((tcp(22),)), Policy((tcp(22), tcp(22, "10.0.0.0/8", accepts=False)))) == (
        [],
        ["tcp 22 to 10.0.0.0/8"],
    )


def test_a_drop_of_lower_priority_has_no_effect():
    late = tcp(22, "10.0.0.0/8", accepts=False, priority=2)
    assert lines(Policy((tcp(22),)), Policy((tcp(22), late))) == ([], [])


def test_members_that_are_not_known_are_named_by_their_group():
    rule = Rule("tcp", Far("group", "sg-new"), (3306, 3307))
    assert lines(Policy(()), Policy((rule,))) == (["tcp 3306 to group sg-new"], [])


def test_known_members_are_named_by_their_group_alone():
    rule = Rule("tcp", Far("group", "app"), (3306, 3307))
    assert lines(Policy((), DIRECTORY), Policy((rule,), DIRECTORY)) == (["tcp 3306 to group app"], [])


def test_a_prefix_list_is_named():
    rule = Rule("udp", Far("prefix_list", "pl-1"), (53, 54))
    assert lines(Policy((), DIRECTORY), Policy((rule,), DIRECTORY)) == (["udp 53 to prefix list pl-1"], [])


def test_a_prefix_list_of_unknown_entries_is_said():
    assert Policy((Rule("udp", Far("prefix_list", "pl-9")),)).unknown == ("pl-9",)


def test_all_traffic_is_one_line():
    everything = Rule("all", Far("cidr", "0.0.0.0/0"))
    assert lines(Policy(()), Policy((everything,))) == (["all to 0.0.0.0/0"], [])


def test_a_basic_group_lets_everything_out_and_an_enterprise_group_nothing():
    basic = Policy(tuple(defaults("egress", "normal", ())))
    enterprise = Policy(tuple(defaults("egress", "enterprise", ())))
    assert lines(enterprise, basic) == (["all to 0.0.0.0/0"], [])
    assert all(rule.priority == LAST for rule in basic.rules)


def test_members_of_an_open_group_reach_each_other_whatever_the_rules_say():
    drop = Rule("all", Far("cidr", "0.0.0.0/0"), accepts=False)
    inside = Policy((drop, *defaults("ingress", "normal", ("sg-1",))))
    assert lines(Policy((drop,)), inside) == (["all to group sg-1"], [])


def test_a_rule_for_another_of_the_own_addresses_does_not_count():
    rule = tcp(22, near="10.0.0.0/24")
    assert lines(Policy(()), Policy((rule,), addresses=("10.0.1.7",))) == ([], [])
    assert lines(Policy(()), Policy((rule,), addresses=("10.0.0.7",))) == (["tcp 22 to 0.0.0.0/0"], [])


def test_the_whole_of_ipv6():
    opened, closed = difference(6, Policy(()), Policy((Rule("tcp", Far("cidr", "::/0"), (22, 23)),)))
    assert [str(one) for one in openings(opened, Directory())] == ["tcp 22 to ::/0"] and not closed


def test_many_rules_cost_operations_in_proportion_to_those_that_meet():
    rules = tuple(tcp(port, f"10.{port % 250}.0.0/16") for port in range(1, 1001))
    opened, _ = difference(4, Policy(()), Policy(rules))
    assert len(opened) == 1000 and opened[0].spans[0][1] < END[4]


def test_two_lists_of_unknown_entries_are_told_apart_and_the_world_has_both():
    old, new = (Rule("udp", Far("prefix_list", name), (53, 54)) for name in ("pl-8", "pl-9"))
    assert told(Policy((old,)), Policy((new,)), {}) == (["udp 53 to prefix list pl-9"], ["udp 53 to prefix list pl-8"])
    world = tuple(Rule("udp", Far("cidr", everywhere), (53, 54)) for everywhere in ("0.0.0.0/0", "::/0"))
    assert told(Policy(world), Policy((*world, new)), {}) == ([], [])


def test_a_way_in_that_a_drop_covers_is_none():
    drop = Rule("tcp", Far("cidr", "0.0.0.0/0"), (1, 1000), accepts=False)
    assert last_ways_in(Policy((tcp(22),)), Policy((tcp(22), drop))) == ("ssh",)
    assert last_ways_in(Policy((tcp(22),)), Policy((tcp(22), replace(drop, priority=2)))) == ()
    assert last_ways_in(Policy((tcp(22),)), Policy((tcp(22, "10.0.0.1/32"),))) == ()
    everything = Rule("all", Far("cidr", "::/0"))
    assert last_ways_in(Policy((everything,)), Policy(())) == ("ssh", "rdp")
