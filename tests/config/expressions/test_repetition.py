"""`for` in an entry of a list: one entry for each value of a list or mapping, wherever a list is evaluated."""

import pytest

from ecsplan.model.address import Address, Ref, Template
from tests.config.workshop import Workshop

PORTS = "variables: {ports: {default: [80, 443]}, named: {default: {web: 80, api: 81}}}\n"


def rules(work: Workshop, entries: str, more: str = "") -> list[dict[str, object]]:
    stack = work.stack(f"{PORTS}resources: {{wall: {{w: {{rules: {entries}}}, v: {{}}}}{more}}}\n")
    return [dict(rule) for rule in stack.by_address()[Address("wall", "w")].attributes["rules"]]


def refusal(work: Workshop, entries: str) -> tuple[str, str, int]:
    found = work.refused(f"{PORTS}resources:\n  wall:\n    w:\n      rules: {entries}\n").only
    assert found.source is not None
    return found.summary.removeprefix("rules: "), found.detail, found.source.column


def test_an_entry_is_repeated_for_each_member_of_a_list(work: Workshop) -> None:
    assert rules(work, "[{port: 22}, {for: 'p in ${ports}', port: '${p}', wall: v}]") == [
        {"port": 22},
        {"port": 443, "wall": Ref(Address("wall", "v"))},
        {"port": 80, "wall": Ref(Address("wall", "v"))},
    ]


def test_a_mapping_gives_keys_and_values(work: Workshop) -> None:
    body = f"{PORTS}locals: {{l: [{{for: 'k, v in ${{named}}', n: '${{k}}-${{v}}'}}]}}\noutputs: {{o: '${{l}}'}}\n"
    assert [dict(entry) for entry in work.stack(body).outputs["o"]] == [{"n": "web-80"}, {"n": "api-81"}]


def test_entries_inside_entries_are_repeated_too(work: Workshop) -> None:
    body = (
        "locals:\n  l:\n    - for: 'a in ${[1, 2]}'\n      inner: [{for: 'b in ${[3, 4]}', n: '${a * 10 + b}'}]\n"
        "outputs: {o: \"${l|map(attribute='inner')|first|map(attribute='n')|join(' ')}\"}\n"
    )
    assert work.stack(body).outputs["o"] == "13 14"


def test_members_of_a_group_repeat_over_what_is_theirs(work: Workshop) -> None:
    stack = work.stack(
        "resources: {wall: {w: {for_each: {a: [1, 2], b: []}, rules: [{for: 'p in ${each.value}', port: '${p}'}]}}}\n"
    )
    found = stack.by_address()
    assert len(found[Address("wall", "w", "a")].attributes["rules"]) == 2
    assert found[Address("wall", "w", "b")].attributes["rules"] == ()


def test_values_known_after_apply_can_be_repeated_over_and_put_in(work: Workshop) -> None:
    stack = work.stack(
        "resources: {box: {b: {count: 2, size: 1}}}\n"
        "outputs: {o: [{for: 'ip in ${box.b[*].public_ip}', block: '${ip}/32'}], n: '${box.b[*]|length}'}\n"
    )
    first = dict(stack.outputs["o"][0])
    assert first["block"] == Template((Ref(Address("box", "b", 0), "public_ip"), "/32"))
    assert stack.outputs["n"] == 2


@pytest.mark.parametrize(
    ("entry", "summary", "column"),
    [
        ("{for: 'p of ${ports}', port: 1}", "this does not say what to repeat over", 21),
        ("{for: 'p in ports', port: 1}", "this does not say what to repeat over", 21),
        ("{for: 5, port: 1}", "this does not say what to repeat over", 21),
        ("{for: 'p in ${port}', port: 1}", "port is not defined", 21),
        ("{for: 'p in ${ports}', port: '${q}'}", "q is not defined", 44),
        ("{for: 'p in ${ports}', prot: '${p}'}", "a rule has no key prot", 38),
        ("{for: 'p in ${ports}'}", "a rule needs port", 15),
        ("{for: 'ports in ${ports}', port: 1}", "ports has a meaning already", 21),
        ("{for: 'p, p in ${named}', port: 1}", "p has a meaning already", 21),
        ("{for: 'p in ${named}', port: 1}", "a mapping has keys and values", 21),
        ("{for: 'a, b in ${ports}', port: 1}", "a list has no keys", 21),
        ("{for: 'p in ${5}', port: 1}", "only a list or a mapping can be repeated over", 21),
        ("{for: 'p in ${[70000]}', port: '${p}'}", "70000 is not a whole number from", 46),
        ("{port: 22}, {for: 'p in ${ports}', port: '${p}'}, {port: 0}", "0 is not a whole number from", 72),
        ("{for: 'p in ${ports}', port: '${p}'}, {port: 80}", "appears twice in the list", 53),
    ],
)
def test_what_is_wrong_is_told_at_its_place(work: Workshop, entry: str, summary: str, column: int) -> None:
    told, detail, at = refusal(work, f"[{entry}]")
    assert summary in told
    assert detail or "whole number" in told  # which says what to write
    assert at == column


def test_how_many_there_are_has_to_be_known(work: Workshop) -> None:
    body = "resources: {wall: {w: {rules: [{for: 'p in ${box.b.public_ip}', port: '${p}'}]}}, box: {b: {size: 1}}}\n"
    assert "how many there are is not known before apply" in work.refused(body)


def test_a_name_that_an_entry_knows_is_not_known_outside(work: Workshop) -> None:
    body = (
        f"{PORTS}resources: {{wall: {{w: {{rules: [{{for: 'p in ${{ports}}', port: '${{p}}'}}], note: '${{p}}'}}}}}}\n"
    )
    assert "p is not defined" in work.refused(body)


def test_outside_of_lists_for_is_a_key_like_any_other(work: Workshop) -> None:
    assert "a box has no attribute for" in work.refused("resources: {box: {b: {size: 1, for: 'a in ${[1]}'}}}\n")
