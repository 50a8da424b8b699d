"""A difference in the words of the rules that make it, as somebody wrote them; what no rule explains, as ranges.

`tcp 22 0.0.0.0/0 (partly open before)` says more to a reader than the eight ranges that are really new. A rule is
named only where it lets through something that the other side does not, so nothing is named that changes nothing.
"""

from collections.abc import Iterator, Mapping

from ecsplan.access.naming import openings, traffic_of
from ecsplan.access.rules import Family, Policy, Rule
from ecsplan.access.sweep import Grid, Lane, Piece, accepted_in, lanes, minus, rectangle, regions

PARTLY_OPEN = "partly open before"
PARTLY_LEFT = "partly open after"


def told(before: Policy, after: Policy, names: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The lines of what is opened and of what is closed, both families together, in the order of the rules."""
    opened: dict[str, None] = {}
    closed: dict[str, None] = {}
    for family in _families(before, after):
        grid = Grid(family, (before, after))
        found = list(lanes((before, after)))
        old = {lane: accepted_in(grid, before, lane) for lane in found}
        new = {lane: accepted_in(grid, after, lane) for lane in found}
        more = {lane: minus(new[lane], old[lane]) for lane in found}
        less = {lane: minus(old[lane], new[lane]) for lane in found}
        opened |= dict.fromkeys(_lines(grid, more, before, after, names, PARTLY_OPEN))
        closed |= dict.fromkeys(_lines(grid, less, after, before, names, PARTLY_LEFT))
    return list(opened), list(closed)


def _families(*policies: Policy) -> Iterator[Family]:
    yield 4
    if any(":" in rule.far.name for policy in policies for rule in policy.rules if rule.far.kind == "cidr"):
        yield 6


def _lines(
    grid: Grid, left: dict[Lane, list[Piece]], without: Policy, having: Policy, names: Mapping[str, str], partly: str
) -> Iterator[str]:
    """Each rule that is in `having` alone and accounts for some of what is left, then the rest."""
    known, all_of_it = set(without.rules), dict(left)
    for rule in sorted((rule for rule in having.rules if rule.accepts and rule not in known), key=_order):
        touched, whole = False, True
        for lane in left:
            own = rectangle(grid, having, rule, lane)
            if not own:
                continue
            rest = minus(left[lane], own) if left[lane] else []
            touched = touched or rest != left[lane]
            missing = minus(own, all_of_it[lane])
            whole = whole and not any(bits & grid.addresses or rule.far.kind == "group" for _, _, bits in missing)
            left[lane] = rest
        if touched:
            yield f"{traffic_of(rule, names)}{'' if whole else f' ({partly})'}"
    rest_of = [region for lane, pieces in left.items() for region in regions(grid, lane, pieces)]
    yield from (str(opening) for opening in openings(rest_of, having.directory, names))


def _order(rule: Rule) -> tuple[str, tuple[int, int], str]:
    return rule.protocol, rule.ports, rule.far.name
