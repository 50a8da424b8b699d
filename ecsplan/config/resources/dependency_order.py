"""Resources in dependency order, ties by address; cycles are shown as the path they take."""

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from ecsplan.config.resources.resolution import Edges, Resolved
from ecsplan.config.syntax.faults import Faults
from ecsplan.model.address import Address
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule

_MOST_CYCLES = 10
_MEMBER = "member"


def in_dependency_order(resolved: Resolved, faults: Faults) -> tuple[Resource, ...]:
    """Every resource after what it needs. Cycles go to `faults`; the order is then no use."""
    known = resolved.resources.keys() | resolved.groups.keys()
    edges = {
        address: {needed: name for needed, name in needs.items() if needed in known}
        for address, needs in resolved.edges.items()
    }
    for group, members in resolved.groups.items():
        edges[group] = {member: _MEMBER for member in members if member in resolved.resources}
    for _ in range(_MOST_CYCLES):
        sorter = TopologicalSorter(edges)
        try:
            sorter.prepare()
        except CycleError as error:
            # graphlib's path goes from what is needed to what needs it.
            path = list(reversed(error.args[1]))
            _report(path, edges, resolved, faults)
            del edges[path[0]][path[1]]
            continue
        return tuple(resolved.resources[address] for address in _smallest_first(sorter, resolved.groups))
    return ()


def _smallest_first(sorter: TopologicalSorter[Address], groups: Collection[Address]) -> Iterator[Address]:
    """Of all that is ready the smallest address comes next, so that the order is the same in every run."""
    ready: list[tuple[tuple[str, str, int, int, str], Address]] = []
    while sorter.is_active():
        for address in sorter.get_ready():
            if address in groups:
                sorter.done(address)
            else:
                heappush(ready, (address.sort_key, address))
        if ready:
            _, address = heappop(ready)
            yield address
            sorter.done(address)


def _report(path: list[Address], edges: Edges, resolved: Resolved, faults: Faults) -> None:
    """The cycle from its smallest resource on; the groups in it stand for the members that follow."""
    smallest = min((a for a in path if a in resolved.resources), key=lambda address: address.sort_key)
    start = path.index(smallest)
    path = [*path[start:-1], *path[:start], smallest] if start else path
    names = [edges[one][other] for one, other in pairwise(path)]
    steps = [(path[n], name) for n, name in enumerate(names) if path[n] in resolved.resources]
    cycle = [*(one for one, _ in steps), smallest]
    places = []
    for (one, name), other in zip(steps, cycle[1:], strict=True):
        places.append(f"{one} needs {other}: {name} at {resolved.resources[one].source_of(name)}")
    source = resolved.resources[smallest].source_of(steps[0][1])
    summary = f"these need each other: {' → '.join(map(str, cycle))}"
    faults.add(summary, "; ".join(places) + "; take one of these away", source, smallest, rule=Rule.CYCLE)
