"""The published schema is the gate: what it refuses is told at its place, once, beside what later steps find."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecsplan.config.resources.schema_gate import errors_of
from ecsplan.config.resources.stack_schema import stack_schema
from ecsplan.kinds import load_kinds
from tests.config.workshop import HEADER, Workshop

KINDS = load_kinds()
BASE = {"apiVersion": "ecsplan/v1", "stack": "demo", "region": "cn-hangzhou"}


def refusals(resources: Any, **top: Any) -> list[tuple[str, str]]:
    """Where the schema refuses something, and by which keyword."""
    found = errors_of({**BASE, "resources": resources, **top}, KINDS)
    return [(".".join(map(str, error.absolute_path)), str(error.validator)) for error in found]


def test_the_example_of_every_kind_passes() -> None:
    assert refusals({name: {"main": dict(kind.example)} for name, kind in KINDS.items()}) == []


@pytest.mark.parametrize(
    ("body", "where", "keyword"),
    [
        ({"sise": 1}, "", "additionalProperties"),
        ({"size": "big"}, "size", "type"),
        ({"size": 99999}, "size", "maximum"),
        ({"category": "cloud_esd"}, "category", "enum"),
        ({"name": "1st"}, "name", "pattern"),
        ({"tags": {"acs:x": "y"}}, "tags", "pattern"),
        ({"tags": {"x": 5}}, "tags.x", "type"),
    ],
)
def test_the_innermost_value_is_the_one_that_is_refused(body: dict[str, Any], where: str, keyword: str) -> None:
    path = ".".join(filter(None, ["resources.disk.d", where]))
    assert refusals({"disk": {"d": body}}) == [(path, keyword)]


@pytest.mark.parametrize("body", [{"size": "${n}"}, {"tags": "${t}"}, {"tags": {"x": "${t}"}}, {"size": None}, None])
def test_an_expression_passes_wherever_a_value_may_stand(body: Any) -> None:
    assert refusals({"disk": {"d": body}}) == []


def test_a_value_that_repeats_is_judged_once_and_refused_each_time() -> None:
    wrong = {f"d{number}": {"size": 99999, "zone": "cn-hangzhou-h"} for number in range(30)}
    assert len(refusals({"disk": wrong})) == 30


def test_what_is_wrong_in_the_schema_and_beyond_it_is_told_together(work: Workshop) -> None:
    found = work.refused(
        """
        resources:
          disk:
            one: {size: 99999, zone: cn-hangzhou-h}
            two: {sise: 40, size: 40, zone: cn-hangzhou-h}
            three: {size: 40, instance: wbe}
          vpc: [main]
        """,
        kinds=KINDS,
        header=HEADER,
    )
    for words in ("99999 is not", "has no attribute sise", "no instance called wbe", "resources.vpc is not a mapping"):
        assert words in found


def test_a_required_value_that_is_wrong_is_not_missing_too(work: Workshop) -> None:
    found = work.refused("resources: {vpc: {main: {cidr_block: 7}}}", kinds=KINDS, header=HEADER)
    assert "7 is not" in str(found.only)


def test_a_long_list_of_keys_is_not_poured_out(work: Workshop) -> None:
    found = work.refused("resources: {instance: {web: {zzzzzz: 1}}}", kinds=KINDS, header=HEADER)
    assert max(map(len, str(found).splitlines())) < 500


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("variables: {v: {type: text}}", "type"),
        ("moved: [{from: vpc.a, too: vpc.b}]", "moved"),
        ("resources: {vpc: {main: {cidr_block: 10.0.0.0/16, lifecycle: {prevent_destroi: true}}}}", "prevent_destroi"),
        ("resources: {vpc: {main: {cidr_block: 10.0.0.0/16, depends_on: {a: b}}}}", "depends_on"),
        ("released: vpc.main", "released"),
    ],
)
def test_what_later_steps_read_is_refused_by_them_or_by_the_schema(work: Workshop, line: str, words: str) -> None:
    assert words in work.refused(line, kinds=KINDS, header=HEADER)


def test_the_published_schema_is_the_one_that_judges() -> None:
    published = json.loads((Path(__file__).parents[3] / "schemas" / "stack.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(stack_schema(KINDS)))
