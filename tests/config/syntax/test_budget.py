"""No stack, however it is written, holds its reader for minutes, fills its memory, or prints megabytes."""

import difflib

import pytest

from ecsplan.config.resources import resolution as resolve
from ecsplan.config.syntax import budget
from ecsplan.model import spelling as words
from tests.config.workshop import Workshop


def small(monkeypatch: pytest.MonkeyPatch, what: str, limit: int) -> None:
    monkeypatch.setitem(budget.LIMITS, what, (limit, budget.LIMITS[what][1]))


@pytest.mark.door("size of a load")
def test_groups_count_together(work: Workshop) -> None:
    groups = "".join(f"    g{n}: {{count: 100000}}\n" for n in range(100))
    found = work.refused("resources:\n  net:\n" + groups).only
    assert found.summary == "the stack has more than 100,000 resources"
    assert found.source is not None and found.source.line == 7


def test_members_of_for_each_count_as_those_of_count(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, "resources", 5)
    assert "more than 5 resources" in work.refused("resources: {net: {a: {}, b: {count: 2}, c: {for_each: [x, y, z]}}}")


@pytest.mark.door("size of a load")
def test_texts_that_grow_by_powers_are_refused_before_they_are_made(work: Workshop) -> None:
    """Each is ten times the one before it: of texts, and of values that only the cloud knows."""
    for first in ("x" * 100, "${box.b0.public_ip}"):
        found = work.refused("resources:\n  box:\n    b0: {size: 1, disk: {size: 2}}\n" + growing("script", first, 12))
        assert "too long" in found or "too many parts" in found or "at most 1000 bytes" in found


def growing(attribute: str, first: str, boxes: int) -> str:
    """Boxes whose attribute is ten times that of the one before."""
    texts = [first, *(f"${{box.b{number}.{attribute}}}" * 10 for number in range(1, boxes))]
    lines = [f'    b{n}: {{size: 1, disk: {{size: 2}}, {attribute}: "{text}"}}\n' for n, text in enumerate(texts, 1)]
    return "".join(lines)


def test_secrets_inside_secrets_do_not_grow_by_powers(work: Workshop) -> None:
    variables = "variables: {p: {env: P, version: 1}}\n"
    found = work.refused(variables + "resources:\n  box:\n" + growing("password", "${p}", 8))
    assert "the string has too many parts" in found


def test_one_value_many_times_in_a_text_is_refused_before_it_is_joined(work: Workshop) -> None:
    value, holes = "x" * 60_000, "${v}" * 20_000
    found = work.refused(f'variables: {{v: {{default: "{value}"}}}}\noutputs: {{o: "{holes}"}}')
    assert found.only.summary == "the result is too long"


def test_the_characters_of_all_texts_are_counted(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, "characters", 500)
    body = "resources: {box: {b: {count: 20, size: 1, disk: {size: 2}, note: 'a long note ${index} of this box'}}}"
    assert "more than 500 characters" in work.refused(body)


def test_the_steps_of_all_expressions_are_counted(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, "steps", 5_000)
    lists = ", ".join(["v|list"] * 60)
    body = f"variables: {{v: {{default: {'x' * 100}}}}}\noutputs: {{o: '${{[{lists}]|length}}'}}"
    found = work.refused(body).only
    assert found.summary.startswith("the stack has more than 5,000 steps")
    assert found.source is not None and found.source.line == 5


def test_the_values_of_all_files_are_counted(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, "values", 30)
    work.write("a.yaml", "apiVersion: ecsplan/v1\nstack: demo\nregion: cn-hangzhou\n")
    work.write("b.yaml", "outputs: {o: [" + ", ".join("1" for _ in range(20)) + "]}\n")
    work.read()
    work.write("c.yaml", "variables: {v: {default: [" + ", ".join("1" for _ in range(20)) + "]}}\n")
    assert "c.yaml:1:" in work.refused(work.read)


def test_similar_names_are_looked_for_only_where_they_are_shown(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of unknown names: each would be compared with hundreds."""
    asked: list[str] = []

    def counted(word: str, *rest: object) -> list[str]:
        asked.append(word)
        return difflib.get_close_matches(word, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(words, "get_close_matches", counted)
    entries = "".join(
        f"    b{n}: {{size: 1, net: no{n}, disk: {{size: 2}}, depends_on: [net.nn{n}], note: '${{x{n}}}'}}\n"
        for n in range(1_000)
    )
    assert len(work.refused("resources:\n  net: {a: {}}\n  box:\n" + entries).diagnostics) == 51
    assert len(asked) <= 100


def test_foreign_names_are_compared_with_the_stack_a_few_dozen_times(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(resolve, "get_close_matches", lambda word, *rest: asked.append(word) or [])
    entries = "".join(f"    b{n}: {{size: 1, key: other-{n}, disk: {{size: 2}}}}\n" for n in range(500))
    work.stack("resources:\n  key: {mine: {}}\n  box:\n" + entries)
    assert len(asked) == 36


def test_many_keys_of_for_each_are_read_in_one_pass(work: Workshop) -> None:
    keys = ", ".join(f"k{n}" for n in range(60_000))
    assert len(work.stack(f"resources: {{net: {{g: {{for_each: [{keys}]}}}}}}").resources) == 60_000


def test_a_group_that_depends_on_a_group_has_an_edge_a_member(work: Workshop) -> None:
    stack = work.stack("resources: {net: {a: {count: 3000}, b: {count: 3000, depends_on: [net.a]}}}")
    assert {len(resource.depends_on) for resource in stack.resources} == {0, 1}
    order = [str(resource.address.group) for resource in stack.resources]
    assert order == ["net.a"] * 3000 + ["net.b"] * 3000


def test_a_long_word_is_no_work_for_a_regular_expression(work: Workshop) -> None:
    word = "a" * 100_000
    found = work.refused(f"resources: {{net: {{g: {{count: '${{{word}}}'}}}}}}")
    assert "the expression is too long" in found
