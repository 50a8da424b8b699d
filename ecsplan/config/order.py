"""Resources in dependency order, ties by address; cycles are shown as the path they take."""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from ecsplan.config.faults import Faults
from ecsplan.config.resolve import Resolved
from ecsplan.model.address import Address
from ecsplan.model.resource import Resource

_MOST_CYCLES = 10


def in_dependency_order(resolved: Resolved, faults: Faults) -> tuple[Resource, ...]:
    """Every resource after what it needs. Cycles go to `faults`; the order is then no use."""
    edges = {
        address: {needed: name for needed, name in needs.items() if needed in resolved.resources}
        for address, needs in resolved.edges.items()
    }
    for _ in range(_MOST_CYCLES):
        sorter = TopologicalSorter(edges)
        try:
            sorter.prepare()
        except CycleError as error:
            # graphlib's path goes from what is needed to what needs it.
            path = list(reversed(error.args[1]))
            _report(path, resolved, faults)
            del edges[path[0]][path[1]]
            continue
        return tuple(resolved.resources[address] for address in _smallest_first(sorter))
    return ()


def _smallest_first(sorter: TopologicalSorter[Address]) -> Iterable[Address]:
    """Of all that is ready the smallest address comes next, so that the order is the same in every run."""
    ready: list[tuple[tuple[str, str, int, int, str], Address]] = []
    while sorter.is_active():
        for address in sorter.get_ready():
            heappush(ready, (address.sort_key, address))
        _, address = heappop(ready)
        yield address
        sorter.done(address)


def _report(path: list[Address], resolved: Resolved, faults: Faults) -> None:
    smallest = min(path, key=lambda address: address.sort_key)
    start = path.index(smallest)
    path = [*path[start:-1], *path[:start], smallest] if start else path
    places = []
    for one, other in pairwise(path):
        name = resolved.edges[one][other]
        places.append(f"{one} needs {other}: {name} at {resolved.resources[one].source_of(name)}")
    source = resolved.resources[smallest].source_of(resolved.edges[smallest][path[1]])
    summary = f"these need each other: {' → '.join(map(str, path))}"
    faults.add(summary, "; ".join(places) + "; take one of these away", source, smallest)
