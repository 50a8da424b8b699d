"""Records: what a copy has, what is equal, and what is shown of one."""

import dataclasses

import pytest
from msgspec import Struct

from ecsplan.model.address import Address, Ref
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.resource import Listed, LiveObject, Resource

WEB = Address("instance", "web")


class Point(Struct, frozen=True):
    x: int
    y: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Hidden:
    x: int
    secret: str = dataclasses.field(default="", repr=False)


@pytest.mark.parametrize("record", [Point(1), Hidden(1)])
def test_a_copy_has_the_change_and_the_record_stays(record: Point | Hidden) -> None:
    assert replace(record, x=2).x == 2 and record.x == 1
    with pytest.raises(TypeError):
        replace(record, z=3)


def test_a_copy_of_a_change_finds_its_own_lines() -> None:
    size = AttributeChange("size", 40, 60)
    change = Change(WEB, Action.UPDATE, attributes=(size,))
    copied = replace(change, attributes=(AttributeChange("name", "a", "b"),))
    assert set(copied.attributes_by_name) == {"name"} and set(change.attributes_by_name) == {"size"}


def test_nothing_depends_on_what_a_library_calls_after_a_copy() -> None:
    """msgspec 0.20 calls no __post_init__ then: the lines of the original would be planned instead of the copy's."""
    assert not any(hasattr(record, "__post_init__") for record in (Change, Resource, Listed, LiveObject))


def test_changes_are_equal_by_what_is_done_and_not_by_what_is_told_beside() -> None:
    change = Change(WEB, Action.CREATE)
    assert change == replace(change, live_values={"name": "a"}) == replace(change, opens={"size": "40"})
    assert change != replace(change, action=Action.DELETE)


def test_a_copy_of_a_resource_names_what_its_own_values_name() -> None:
    """What a resource holds is walked once, and kept: not for its copies."""
    vpc, other = Address("vpc", "main"), Address("vpc", "other")
    resource = Resource(WEB, {"vpc": Ref(vpc)}, "web")
    same = Resource(WEB, {"vpc": Ref(vpc)}, "web")
    assert resource.named == {vpc} and resource == same
    assert replace(resource, attributes={"vpc": Ref(other)}).named == {other}
    assert replace(resource, attributes={"vpc": "vpc-1"}).named == set()


@pytest.mark.parametrize("kind", [Listed, LiveObject])
def test_the_answer_that_an_object_comes_from_is_not_shown(kind: type[Listed]) -> None:
    shown = repr(kind("instance", "i-1", "web", "Running", _answer={"UserData": "hunter2"}))
    assert "i-1" in shown and "hunter2" not in shown
