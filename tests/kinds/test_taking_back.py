"""Every optional attribute of every kind, declared and applied, then out of the file, then `false`: what becomes of it.

Explain says of each how it is taken back; the plan without its line does that, or says that the value stays.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ecsplan.model.attribute import Attribute
from ecsplan.model.kind import Kind
from ecsplan.model.plan import Plan
from ecsplan.model.taking_back import way_back
from ecsplan.render.explain import attribute_text
from tests.kinds.cloud import KINDS, Cloud, shown
from tests.kinds.test_conformance import flat, nested, put, stack
from tests.survival.sizes import chosen

OPTIONAL = [
    pytest.param(kind, attribute, id=f"{kind.name}.{attribute.name}")
    for kind in KINDS.values()
    for attribute in kind.attributes
    if not (attribute.required or attribute.computed)
]
LARGEST = 14  # attributes of one object: its record still has a line for each


@pytest.mark.parametrize(("kind", "attribute"), OPTIONAL)
def test_explain_says_how_it_is_taken_back(kind: Kind, attribute: Attribute) -> None:
    back = way_back(kind, attribute)
    assert bool(back) != attribute.only_at_birth
    assert back in attribute_text(kind, attribute.name)


@pytest.mark.parametrize(("kind", "attribute"), [p for p in OPTIONAL if p.values[1].clears])
def test_false_is_the_one_spelling_of_none(kind: Kind, attribute: Attribute) -> None:
    assert attribute.parse(False) in (None, (), 0)
    schema = attribute.schema()["anyOf"]
    assert {"const": False} in schema and attribute.says.endswith("or false for none")


def bodies(kind: Kind) -> Iterator[tuple[dict[str, Any], list[Attribute]]]:
    """The example with attributes that mean something beside the same others, until each was in one."""
    left = [
        attribute
        for attribute in kind.attributes
        if attribute.samples and not (attribute.required or attribute.only_at_birth or attribute.sensitive)
        if attribute.name not in flat(kind, kind.example)  # an example may need it
    ]
    while left:
        beside = left[0].samples_with
        taken = [attribute for attribute in left if attribute.samples_with == beside][:LARGEST]
        body = nested(kind.example)
        for name, value in (*((one.name, one.samples[0]) for one in taken), *beside.items()):
            put(body, name, value)
        yield body, taken
        left = [attribute for attribute in left if attribute not in taken]


# Nothing is on record of what takes its tags only when it is made.
RECORDED = [kind for kind in KINDS.values() if kind.ownership.tag_type]


@pytest.mark.parametrize("kind", RECORDED, ids=[kind.name for kind in RECORDED])
def test_what_leaves_the_file_goes_or_is_said_to_stay_and_what_is_false_is_gone(tmp_path: Path, kind: Kind) -> None:
    for number, (body, taken) in enumerate(chosen(list(bodies(kind)), 2)):
        (tmp_path / str(number)).mkdir()
        cloud = Cloud(tmp_path / str(number))
        cloud.settled(stack(kind, body))
        bare = nested(body)
        for name in (
            {*(attribute.name for attribute in taken), *taken[0].samples_with} - kind.example.keys() - required(kind)
        ):
            put(bare, name, None)
        assert_told(cloud.plan(stack(kind, bare)), kind, taken)
        cleared = [attribute for attribute in taken if attribute.clears and attribute.fixed is None]
        for attribute in cleared:
            put(body, attribute.name, False)
        if cleared:
            cloud.settled(stack(kind, body))
        cloud.service.close()


def required(kind: Kind) -> set[str]:
    return {attribute.name for attribute in kind.attributes if attribute.required}


def assert_told(plan: Plan, kind: Kind, taken: Iterable[Attribute]) -> None:
    """Relations and tags go; of everything else it is said that it stays, if it is anywhere."""
    change = next(change for change in plan.changes if str(change.address) == f"{kind.name}.subject")
    assert change.before is not None
    lines, live = change.attributes_by_name, change.before.attributes
    told = "\n".join(f"{one.summary} ({one.detail})" for one in plan.warnings)
    for attribute in taken:
        goes = attribute.is_relation or attribute.name == "tags"
        assert (attribute.name in lines) == goes, f"{attribute.name}\n{shown(plan)}"
        says_how = attribute.read_as is False and attribute.wire is None  # it only says how something is done
        is_nowhere = attribute.read_as is not False and live.get(attribute.name) in (None, ())
        is_said = f"{attribute.name} is no longer in the file" in told
        assert goes or says_how or is_nowhere or is_said, f"{attribute.name}\n{told}"
