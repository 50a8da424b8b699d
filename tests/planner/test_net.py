"""The graph behind a plan's order, held against that of a library."""

from itertools import pairwise

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.planner.net import Net

EDGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30)


def both(edges: list[tuple[int, int]]) -> tuple[Net[int, None], "networkx.DiGraph[int]"]:
    net: Net[int, None] = Net()
    theirs: networkx.DiGraph[int] = networkx.DiGraph()
    for one, other in edges:
        if one != other:
            net.connect(one, other, None)
            theirs.add_edge(one, other)
    return net, theirs


@given(EDGES)
def test_components_are_those_of_the_library_and_come_after_what_they_lead_to(edges: list[tuple[int, int]]) -> None:
    net, theirs = both(edges)
    found = list(net.components())
    assert {frozenset(one) for one in found} == set(map(frozenset, networkx.strongly_connected_components(theirs)))
    place = {node: number for number, one in enumerate(found) for node in one}
    assert all(place[one] >= place[other] for one, other, _ in net.edges())


@given(EDGES)
def test_an_order_keeps_every_edge_and_leaves_out_cycles_alone(edges: list[tuple[int, int]]) -> None:
    net, theirs = both(edges)
    order = net.in_order()
    assert (len(order) == len(net.succ)) is networkx.is_directed_acyclic_graph(theirs)
    if len(order) == len(net.succ):
        assert order == list(networkx.topological_sort(theirs))


@given(EDGES, st.integers(0, 9), st.integers(0, 9))
def test_a_path_is_a_shortest_one(edges: list[tuple[int, int]], first: int, last: int) -> None:
    net, theirs = both(edges)
    if first not in net.succ or last not in net.succ:
        return
    if not networkx.has_path(theirs, first, last):
        with pytest.raises(KeyError):
            net.path(first, last)
        return
    path = net.path(first, last)
    assert len(path) == networkx.shortest_path_length(theirs, first, last) + 1
    assert path[0] == first and path[-1] == last and all(net.has(*pair) for pair in pairwise(path))


def test_an_edge_that_is_cut_is_gone_at_both_ends() -> None:
    net, _ = both([(1, 2), (2, 3)])
    net.cut(1, 2)
    assert not net.has(1, 2) and list(net.edges()) == [(2, 3, None)] and not net.pred[2]
