"""Answers held against the shape table: types and places are told, values never."""

import json
from typing import Any

from ecsplan.api.conformance import Comparison
from ecsplan.api.shapes import table
from ecsplan.model.doctor import Conformance, Deviation

SECRET = "user-secret-7731"


def compared(operation: str, *answers: Any) -> Conformance:
    comparison = Comparison()
    for answer in answers:
        comparison.take(operation, answer)
    return comparison.result()


def told(found: Conformance) -> set[tuple[str, str, int, int]]:
    return {(d.path, d.problem, d.count, d.of) for d in found.deviations if d.problem != "absent"}


def a_disk(**more: Any) -> dict[str, Any]:
    return {"RequestId": "r", "Disks": {"Disk": [{"DiskId": "d-1", "Size": 40, "Encrypted": False, **more}]}}


def test_what_is_as_documented_is_no_deviation() -> None:
    found = compared("DescribeDisks", a_disk())
    assert told(found) == set() and found.answers == {"DescribeDisks": 1}


def test_another_type_is_told_with_its_place_and_how_often() -> None:
    found = compared("DescribeDisks", a_disk(Size="40"), a_disk(), a_disk(Encrypted=None))
    assert told(found) == {
        ("Disks.Disk[].Size", "a string, documented as a whole number", 1, 3),
        ("Disks.Disk[].Encrypted", "null, documented as a boolean", 1, 3),
    }


def test_a_boolean_is_no_number_and_a_number_with_a_point_is_not_whole() -> None:
    found = told(compared("DescribeDisks", a_disk(Size=True), a_disk(Size=40.5)))
    assert {problem for _, problem, _, _ in found} == {
        "a boolean, documented as a whole number",
        "a number, documented as a whole number",
    }


def test_an_object_or_a_list_of_another_kind_is_told_and_not_entered() -> None:
    answer = {"RequestId": "r", "Disks": {"Disk": {"DiskId": SECRET}}}
    assert told(compared("DescribeDisks", answer)) == {("Disks.Disk", "an object, documented as a list", 1, 1)}
    assert told(compared("DescribeDisks", {"RequestId": "r", "Disks": []})) == {
        ("Disks", "a list, documented as an object", 1, 1)
    }


def test_a_member_that_is_documented_nowhere_is_told_by_its_name_if_it_can_be_one() -> None:
    found = compared("DescribeDisks", a_disk(Novelty=SECRET, **{"a key of the user": SECRET}))
    assert told(found) == {
        ("Disks.Disk[].Novelty", "a string, documented nowhere", 1, 1),
        ("Disks.Disk[].(a name of no member)", "a string, documented nowhere", 1, 1),
    }


def test_what_some_objects_lack_is_counted() -> None:
    found = compared("DescribeDisks", a_disk(Category="cloud_essd"), a_disk())
    absent = {d.path: (d.count, d.of) for d in found.deviations if d.problem == "absent"}
    assert absent["Disks.Disk[].Category"] == (1, 2)
    assert absent["Disks.Disk[].DiskName"] == (2, 2)
    assert "Disks.Disk[].Size" not in absent


def test_an_action_of_no_table_is_told() -> None:
    assert compared("DescribeNovelties", {"RequestId": "r"}).deviations == (
        Deviation("DescribeNovelties", "", "is in no table", 1, 1),
    )


def _filled(shape: Any) -> Any:
    """A value of a shape in which each text is a secret, and each type is wrong."""
    if isinstance(shape, dict):
        return {**{name: _filled(member) for name, member in shape.items()}, SECRET: SECRET}
    if isinstance(shape, list):
        return [_filled(shape[0])]
    return {SECRET: SECRET} if shape == "*" else SECRET if shape != "s" else 7731


def test_no_value_of_any_answer_is_ever_told() -> None:
    for operation, shape in table().items():
        found = compared(operation, _filled(shape))
        assert SECRET not in json.dumps([repr(one) for one in found.deviations]), operation
        assert "7731" not in repr(found), operation
