"""Whether rules let anybody in to a service at all."""

from collections.abc import Mapping

from ecsplan.access.rules import FIRST, Family, Policy
from ecsplan.access.sweep import Grid, accepted_in, lanes
from ecsplan.model.copying import replace

SERVICES: Mapping[str, int] = {"ssh": 22, "rdp": 3389}
"""How people get in to manage a machine: the TCP port of each."""
_FAMILIES: tuple[Family, ...] = (4, 6)


def last_ways_in(before: Policy, after: Policy) -> tuple[str, ...]:
    """The services that some rule let in before, and none does after. What the members of a group may send each other
    counts as no way in: it is there without any rule, and of use to a neighbour alone."""
    return tuple(name for name, port in SERVICES.items() if _lets_in(before, port) and not _lets_in(after, port))


def _lets_in(policy: Policy, port: int) -> bool:
    rules = tuple(
        rule
        for rule in policy.rules
        if rule.protocol in ("tcp", "all") and rule.ports[0] <= port < rule.ports[1] and rule.priority != FIRST
    )
    left = replace(policy, rules=rules)
    return any(
        first <= port < end and bits
        for family in _FAMILIES
        for grid in (Grid(family, (left,)),)
        for lane in lanes((left,))
        if lane.protocol == "tcp"
        for first, end, bits in accepted_in(grid, left, lane)
    )
