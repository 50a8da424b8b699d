"""The traffic that rules accept, exactly, and the difference between two sets of rules.

Addresses are cut at the edges of every rule of both sets, ports as well: between two edges nothing changes. The pieces
of the address line are the bits of an integer; for each range of ports the rules that hold there are taken in the
order of the cloud, and each decides the bits that none before it has: a few operations on integers for each rule.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter

from msgspec import Struct

from ecsplan.access.rules import END, PORTS, Family, Far, Policy, Rule, Span, holds_here, network

PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "gre")
OTHER = "other"  # every protocol that no rule names
WITH_PORTS = ("tcp", "udp")


class Region(Struct, frozen=True):
    """Traffic of one protocol: ports, source ports and `spans` (addresses) are half-open.

    `groups` are groups, and prefix lists, of which members with unknown addresses are in it.
    """

    family: Family
    protocol: str
    ports: Span
    spans: tuple[Span, ...]
    groups: tuple[Far, ...] = ()
    source_ports: Span = PORTS


class Lane(Struct, frozen=True):
    """One protocol and one range of source ports, in which ports and addresses are compared."""

    protocol: str
    source_ports: Span


Piece = tuple[int, int, int]
"""First port, end, and the bits of the addresses that are accepted."""


class Grid:
    """The address line of one family, cut at the edges of all rules of some policies."""

    def __init__(self, family: Family, policies: Sequence[Policy]) -> None:
        self.family = family
        named = {
            rule.far
            for policy in policies
            for rule in policy.rules
            if rule.far.kind == "group"
            or (rule.far.kind == "prefix_list" and rule.far.name not in policy.directory.prefix_lists)
        }
        self.groups = {far: END[family] + place for place, far in enumerate(sorted(named))}
        self.end = END[family] + len(named)
        edges = {0, END[family], self.end, *self.groups.values()}
        for policy in policies:
            for rule in policy.rules:
                for span in self.spans(rule, policy):
                    edges.update(span)
        self.edges = sorted(edges)
        self._places = {edge: place for place, edge in enumerate(self.edges)}
        self.all = (1 << (len(self.edges) - 1)) - 1
        self.addresses = (1 << self._places[END[family]]) - 1  # without the numbers of groups

    def spans(self, rule: Rule, policy: Policy) -> list[Span]:
        """The addresses of a rule's other side."""
        far, directory = rule.far, policy.directory
        if far.kind == "cidr":
            return self._of_this_family([far.name])
        if far.kind == "group":
            unknown = self.groups[far]
            return [*self._of_this_family(directory.groups.get(far.name, ())), (unknown, unknown + 1)]
        if far.name in directory.prefix_lists:
            return self._of_this_family(directory.prefix_lists[far.name])
        unknown = self.groups[far]
        return [(unknown, unknown + 1)]

    def _of_this_family(self, ranges: Iterable[str]) -> list[Span]:
        found = []
        for text in ranges:
            family, (first, end) = network(text)
            if family == self.family:
                found.append((first, self.end if end - first == END[family] else end))
        return found

    def bits(self, spans: Iterable[Span]) -> int:
        mask = 0
        for first, end in spans:
            low, high = self._places[first], self._places[end]
            mask |= ((1 << (high - low)) - 1) << low
        return mask

    def region(self, lane: "Lane", ports: Span, bits: int) -> Region:
        """The traffic of some bits; address ranges that touch are one."""
        last = END[self.family]
        spans = [(first, min(end, last)) for first, end in self._runs(bits) if first < last]
        groups = tuple(far for far, number in self.groups.items() if bits >> self._places[number] & 1)
        return Region(self.family, lane.protocol, ports, tuple(spans), groups, lane.source_ports)

    def _runs(self, bits: int) -> Iterator[Span]:
        while bits:
            low = (bits & -bits).bit_length() - 1
            run = bits >> low
            length = (~run & (run + 1)).bit_length() - 1
            yield self.edges[low], self.edges[low + length]
            bits = run >> length << (low + length)


def difference(family: Family, before: Policy, after: Policy) -> tuple[list[Region], list[Region]]:
    """The traffic of a family that `after` accepts and `before` did not, and the other way round."""
    grid = Grid(family, (before, after))
    opened: list[Region] = []
    closed: list[Region] = []
    for lane in lanes((before, after)):
        old, new = accepted_in(grid, before, lane), accepted_in(grid, after, lane)
        opened += regions(grid, lane, minus(new, old))
        closed += regions(grid, lane, minus(old, new))
    return opened, closed


def accepted(family: Family, policy: Policy) -> list[Region]:
    """All the traffic of a family that a policy accepts."""
    grid = Grid(family, (policy,))
    return [region for lane in lanes((policy,)) for region in regions(grid, lane, accepted_in(grid, policy, lane))]


def lanes(policies: Sequence[Policy]) -> Iterator[Lane]:
    rules = [rule for policy in policies for rule in policy.rules]
    named = {rule.protocol for rule in rules} - {"all", *PROTOCOLS}
    cuts = sorted({edge for rule in rules for edge in rule.source_ports} | set(PORTS))
    for protocol in (*PROTOCOLS, *sorted(named), OTHER):
        if protocol in WITH_PORTS:
            yield from (Lane(protocol, span) for span in pairwise(cuts))
        else:
            yield Lane(protocol, PORTS)


def counts_in(rule: Rule, policy: Policy, lane: Lane) -> bool:
    """Whether a rule of a policy is about the traffic of a lane."""
    first, end = lane.source_ports
    return (
        rule.protocol in ("all", lane.protocol)
        and rule.source_ports[0] <= first
        and end <= rule.source_ports[1]
        and holds_here(rule, policy.addresses)
    )


def ports_in(rule: Rule, lane: Lane) -> Span:
    return rule.ports if lane.protocol in WITH_PORTS else PORTS


def _holding(policy: Policy, lane: Lane) -> list[Rule]:
    """The rules that count in a lane, in the order of the cloud."""
    return sorted((r for r in policy.rules if counts_in(r, policy, lane)), key=lambda rule: rule.precedence)


def accepted_in(grid: Grid, policy: Policy, lane: Lane) -> list[Piece]:
    rules = _holding(policy, lane)
    masks = [grid.bits(grid.spans(rule, policy)) for rule in rules]
    starts: dict[int, list[int]] = {}
    stops: dict[int, list[int]] = {}
    for place, rule in enumerate(rules):
        first, end = ports_in(rule, lane)
        starts.setdefault(first, []).append(place)
        stops.setdefault(end, []).append(place)
    cuts = sorted({*starts, *stops, *PORTS})
    active: list[int] = []
    pieces: list[Piece] = []
    for first, end in pairwise(cuts):
        for place in stops.get(first, ()):
            active.remove(place)
        for place in starts.get(first, ()):
            insort(active, place)
        bits = _decide(rules, masks, active, grid.all)
        if pieces and pieces[-1][2] == bits:
            pieces[-1] = (pieces[-1][0], end, bits)
        else:
            pieces.append((first, end, bits))
    return pieces


def _decide(rules: Sequence[Rule], masks: Sequence[int], active: Sequence[int], everything: int) -> int:
    """The bits that the first rule to match accepts."""
    undecided, found = everything, 0
    for place in active:
        here = masks[place] & undecided
        if rules[place].accepts:
            found |= here
        undecided ^= here
        if not undecided:
            break
    return found


def minus(one: Sequence[Piece], other: Sequence[Piece]) -> list[Piece]:
    """What one has and the other has not, by ports; both are in order."""
    found: list[Piece] = []
    cuts = sorted({edge for first, end, _ in (*one, *other) for edge in (first, end)})
    for first, end in pairwise(cuts):
        left = _bits_at(one, first) & ~_bits_at(other, first)
        if left and found and found[-1][1] == first and found[-1][2] == left:
            found[-1] = (found[-1][0], end, left)
        elif left:
            found.append((first, end, left))
    return found


def _bits_at(pieces: Sequence[Piece], port: int) -> int:
    place = bisect_right(pieces, port, key=itemgetter(0)) - 1
    return pieces[place][2] if place >= 0 and port < pieces[place][1] else 0


def regions(grid: Grid, lane: Lane, pieces: Iterable[Piece]) -> Iterator[Region]:
    for first, end, bits in pieces:
        if bits:
            yield grid.region(lane, (first, end), bits)
