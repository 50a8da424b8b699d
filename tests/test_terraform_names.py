"""The names of Terraform's provider stand in two tables, as stages share no code: they say the same."""

import pytest

from ecsplan import engine
from ecsplan.migrate.ros_out import _TYPES as ROS
from ecsplan.migrate.table import NAMES, NO_COUNTERPART
from ecsplan.migrate.table import TYPES as READ
from ecsplan.render.terraform.names import ATTRIBUTES, TYPES


def test_every_kind_has_a_counterpart_or_a_reason_why_not() -> None:
    assert set(NAMES) | set(NO_COUNTERPART) == set(engine.kinds())
    assert set(NAMES) == set(TYPES) and set(NAMES.values()) <= set(ROS)
    assert not set(NAMES) & set(NO_COUNTERPART)


TWINS = {"alicloud_disk": "alicloud_ecs_disk"}
"""Ours to write for policy tools, and the one that Terraform's own files should have."""


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_a_kind_has_the_same_type_in_plans_and_in_files(kind: str) -> None:
    assert TWINS.get(TYPES[kind], TYPES[kind]) == NAMES[kind]


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_an_attribute_has_a_name_that_is_read_back_as_the_same_attribute(kind: str) -> None:
    read = {field.theirs: field.ours for field in READ[NAMES[kind]].fields}
    ours = {attribute.name for attribute in engine.kinds()[kind].attributes}
    written = {name: ATTRIBUTES[kind].get(name, name) for name in ours}
    assert {name: read[there] for name, there in written.items() if there in read} == {
        name: name for name, there in written.items() if there in read
    }


def test_the_tables_name_attributes_that_there_are() -> None:
    for kind, table in ATTRIBUTES.items():
        assert set(table) <= {attribute.name for attribute in engine.kinds()[kind].attributes}
