"""Two environments for people and for programs."""

import json

from ecsplan.model.stack import Stack
from ecsplan.planner.compare import compare
from ecsplan.render.compare import Compared, compare_document, compare_text
from ecsplan.render.json_format import dumped
from tests.builders import KINDS, a_box, a_stack

BOXES = [a_box(f"box.a[{n}]", motor="small") for n in range(3)]
BIG = [a_box(f"box.a[{n}]", motor="big") for n in range(4)]


def compared(one: Stack, other: Stack) -> Compared:
    return Compared((one, other), ("staging", "prod"), compare(one, other, KINDS), KINDS)


def test_members_that_differ_alike_are_one_line() -> None:
    text = compare_text(compared(a_stack(*BOXES), a_stack(*BIG)))
    assert "~ box.a[0..2]\n    ~ motor: small → big\n" in text
    assert "+ box.a[3]: only in prod\n" in text and "4 resources differ.\n" in text


def test_nothing_that_differs_is_said() -> None:
    assert compare_text(compared(a_stack(*BOXES), a_stack(*BOXES))).endswith("No resource differs.\n")


def test_programs_get_every_member() -> None:
    found = json.loads(dumped(compare_document(compared(a_stack(*BOXES), a_stack(*BIG)))))
    assert [resource["address"] for resource in found["resources"]] == [f"box.a[{n}]" for n in range(4)]
    assert found["resources"][0]["attributes"] == [{"name": "motor", "values": ["small", "big"]}]
