"""A difference in the words of the rules that make it, as somebody wrote them; what no rule explains, as ranges.

`tcp 22 0.0.0.0/0 (partly open before)` says more to a reader than the eight ranges that are really new. A rule is
named only where it lets through something that the other side does not, so nothing is named that changes nothing.

Only traffic that a rule of one side alone is about is looked at: elsewhere both sides have the same rules.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter

from msgspec import Struct

from ecsplan.access.naming import openings, traffic_of
from ecsplan.access.rules import PORTS, Family, Policy, Rule, Span, network
from ecsplan.access.sweep import Grid, Lane, Piece, Region, accepted_in, counts_in, lanes, ports_in, regions
from ecsplan.model.copying import replace

PARTLY_OPEN = "partly open before"
PARTLY_LEFT = "partly open after"


class _Table(Struct, frozen=True):
    """The addresses of a lane that one side accepts and the other does not, between neighbouring port cuts."""

    lane: Lane
    cuts: Sequence[int]
    more: Sequence[int]
    less: Sequence[int]

    def places(self, rule: Rule) -> range:
        first, end = ports_in(rule, self.lane)
        return range(bisect_left(self.cuts, first), bisect_left(self.cuts, end))


def told(before: Policy, after: Policy, names: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The lines of what is opened and of what is closed, both families together, in the order of the rules."""
    opened: dict[str, bool] = {}
    closed: dict[str, bool] = {}
    for family in (4, 6):
        differing = [rule for rule in _differing(before, after) if _is_about(rule, family, before, after)]
        if differing:
            old, new = _beside(before, differing), _beside(after, differing)
            grid = Grid(family, (old, new))
            tables = list(_tables(grid, old, new, differing))
            _add(opened, _lines(grid, tables, old, new, names, True))
            _add(closed, _lines(grid, tables, new, old, names, False))
    return list(_said(opened, PARTLY_OPEN)), list(_said(closed, PARTLY_LEFT))


def _add(lines: dict[str, bool], more: Iterable[tuple[str, bool]]) -> None:
    """What holds in part for one family holds in part."""
    for line, is_part in more:
        lines[line] = lines.get(line, False) or is_part


def _said(lines: Mapping[str, bool], partly: str) -> Iterator[str]:
    yield from (f"{line} ({partly})" if is_part else line for line, is_part in lines.items())


def _beside(policy: Policy, differing: Sequence[Rule]) -> Policy:
    """The rules that share protocol and ports with one that differs; the others decide the same on both sides."""
    windows: dict[str, list[Span]] = {}
    for rule in sorted(differing, key=lambda rule: rule.ports):
        spans = windows.setdefault(rule.protocol, [])
        if spans and rule.ports[0] <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], rule.ports[1]))
        else:
            spans.append(rule.ports)

    def is_beside(rule: Rule) -> bool:
        near = windows if rule.protocol == "all" else {rule.protocol, "all"} & windows.keys()
        return any(_meets(windows[protocol], rule.ports) for protocol in near)

    return replace(policy, rules=tuple(rule for rule in policy.rules if is_beside(rule)))


def _meets(spans: Sequence[Span], ports: Span) -> bool:
    place = bisect_left(spans, ports[1], key=itemgetter(0))
    return place > 0 and spans[place - 1][1] > ports[0]


def _differing(before: Policy, after: Policy) -> set[Rule]:
    """The rules of one side alone; all, where the sides know other addresses."""
    if before.directory != after.directory or before.addresses != after.addresses:
        return {*before.rules, *after.rules}
    return set(before.rules) ^ set(after.rules)


def _is_about(rule: Rule, family: Family, *policies: Policy) -> bool:
    """Whether any address of a family may be meant; a group has members of both."""
    if rule.far.kind == "cidr":
        return network(rule.far.name)[0] == family
    listed = [policy.directory.prefix_lists.get(rule.far.name) for policy in policies]
    if rule.far.kind == "group" or None in listed:
        return True
    return any(network(entry)[0] == family for entries in listed for entry in entries or ())


def _tables(grid: Grid, before: Policy, after: Policy, differing: Sequence[Rule]) -> Iterator[_Table]:
    sides = (before, after)
    for lane in lanes(sides):
        if not any(counts_in(rule, side, lane) for rule in differing for side in sides):
            continue
        cuts = {*PORTS}
        for side in sides:
            for rule in side.rules:
                if counts_in(rule, side, lane):
                    cuts.update(ports_in(rule, lane))
        found = sorted(cuts)
        old, new = (list(_at(found, accepted_in(grid, side, lane))) for side in sides)
        more = [after & ~before for before, after in zip(old, new, strict=True)]
        less = [before & ~after for before, after in zip(old, new, strict=True)]
        yield _Table(lane, found, more, less)


def _at(cuts: Sequence[int], pieces: Sequence[Piece]) -> Iterator[int]:
    """The bits between each two cuts; the pieces cover all ports, and change at cuts alone."""
    rest = iter(pieces)
    _, end, bits = next(rest)
    for first, _ in pairwise(cuts):
        while first >= end:
            _, end, bits = next(rest)
        yield bits


def _lines(
    grid: Grid, tables: Sequence[_Table], without: Policy, having: Policy, names: Mapping[str, str], opens: bool
) -> Iterator[tuple[str, bool]]:
    """Each rule that is in `having` alone and accounts for some of what is left, and whether in part; then the rest."""
    whole = [table.more if opens else table.less for table in tables]
    left = [list(bits) for bits in whole]
    known = set(without.rules)
    for rule in sorted((rule for rule in having.rules if rule.accepts and rule not in known), key=_order):
        bits = grid.bits(grid.spans(rule, having))
        counted = bits & grid.addresses if rule.far.kind == "cidr" else bits
        touched, missing = 0, 0
        for table, rest, all_of_it in zip(tables, left, whole, strict=True):
            if not counts_in(rule, having, table.lane):
                continue
            for place in table.places(rule):
                touched |= bits & rest[place]
                missing |= counted & ~all_of_it[place]
                rest[place] &= ~bits
        if touched:
            yield traffic_of(rule, names), bool(missing)
    rest_of = [region for table, rest in zip(tables, left, strict=True) for region in _regions(grid, table, rest)]
    yield from ((str(opening), False) for opening in openings(rest_of, having.directory, names))


def _regions(grid: Grid, table: _Table, bits: Sequence[int]) -> Iterator[Region]:
    """What is left of a lane; ports that touch and have the same addresses are one."""
    pieces: list[Piece] = []
    for (first, end), here in zip(pairwise(table.cuts), bits, strict=True):
        if pieces and pieces[-1][1] == first and pieces[-1][2] == here:
            pieces[-1] = (pieces[-1][0], end, here)
        elif here:
            pieces.append((first, end, here))
    return regions(grid, table.lane, pieces)


def _order(rule: Rule) -> tuple[str, tuple[int, int], str]:
    return rule.protocol, rule.ports, rule.far.name
