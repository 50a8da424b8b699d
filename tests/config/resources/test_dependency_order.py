import random

import pytest

from tests.config.workshop import Workshop


def order(work: Workshop, body: str) -> list[str]:
    return [str(r.address) for r in work.stack(body).resources]


def test_what_is_needed_comes_first_and_ties_go_by_address(work: Workshop) -> None:
    """
    net.z ← net.b ← box.a       box.a → wall.c (depends_on)
    """
    body = """
        resources:
          box: {a: {size: 1, net: b, depends_on: [wall.c]}, "0": {size: 1}}
          wall: {c: {}}
          net: {b: {upstream: z}, z: {}, a: {}}
    """.replace('"0"', "a0")
    assert order(work, body) == ["box.a0", "net.a", "net.z", "net.b", "wall.c", "box.a"]


def test_members_stand_in_the_order_of_their_numbers(work: Workshop) -> None:
    assert order(work, "resources: {net: {g: {count: 11}}}") == [f"net.g[{i}]" for i in range(11)]


def test_the_order_in_the_file_means_nothing(work: Workshop) -> None:
    names = [f"n{i}" for i in range(30)]
    entries = [f"{n}: {{upstream: n{i // 2}}}" if i else "n0: {}" for i, n in enumerate(names)]
    found = set()
    for seed in range(5):
        random.Random(seed).shuffle(entries)
        found.add(tuple(order(work, f"resources: {{net: {{{', '.join(entries)}}}}}")))
    assert len(found) == 1


def test_a_cycle_is_refused_with_its_path_and_places(work: Workshop) -> None:
    """a → b → c → a"""
    body = "resources:\n  net:\n    b: {upstream: c}\n    a: {upstream: b}\n    c: {upstream: a}\n"
    found = work.refused(body)
    assert found.only.summary == "these need each other: net.a → net.b → net.c → net.a"
    assert "net.b needs net.c: upstream at" in found.only.detail
    assert found.places == [(7, 9)]


def test_every_cycle_is_said(work: Workshop) -> None:
    body = "resources: {net: {a: {upstream: b}, b: {upstream: a}, c: {upstream: c}, d: {depends_on: [net.d]}}}"
    found = work.refused(body)
    assert {d.summary.partition(": ")[2] for d in found.diagnostics} == {
        "net.a → net.b → net.a", "net.c → net.c", "net.d → net.d",
    }  # fmt: skip


def test_a_heap_of_cycles_is_not_said_to_the_end(work: Workshop) -> None:
    entries = ", ".join(f"n{i}: {{upstream: n{i}}}" for i in range(30))
    assert len(work.refused(f"resources: {{net: {{{entries}}}}}").diagnostics) == 10


def test_attributes_that_are_set_later_make_no_cycle(work: Workshop) -> None:
    """wall.a ⇄ wall.b by their rules, which a later call writes"""
    body = "resources: {wall: {a: {rules: [{port: 1, wall: b}]}, b: {rules: [{port: 1, wall: a}, {port: 2, wall: b}]}}}"
    assert order(work, body) == ["wall.a", "wall.b"]


def test_an_expression_is_an_edge(work: Workshop) -> None:
    body = "resources: {net: {n: {}}, box: {a: {size: 1, note: 'in ${net.n.id}'}, b: {size: 1, note: '${net.n.id}'}}}"
    assert order(work, body) == ["net.n", "box.a", "box.b"]


@pytest.mark.parametrize("size", [3000])
def test_a_long_chain_is_no_trouble(work: Workshop, size: int) -> None:
    entries = ", ".join(f"n{i}: {{upstream: n{i + 1}}}" for i in range(size))
    assert len(order(work, f"resources: {{net: {{{entries}, n{size}: {{}}}}}}")) == size + 1
