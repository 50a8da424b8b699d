"""Answers fitted to what the API says of them: numbers in digits, null lists, and what fits in no way."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.api import shapes
from ecsplan.api.shapes import fitted, kind_of, table
from ecsplan.api.unread import UNREAD
from ecsplan.model.call import BadAnswer, ErrorClass
from ecsplan.model.capabilities.preflight import preflight

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def disk(**members):
    return {"RequestId": "r", "Disks": {"Disk": [{"DiskId": "d-1", **members}]}}


def fitted_disk(**members):
    return fitted("DescribeDisks", disk(**members))["Disks"]["Disk"][0]


def test_an_answer_as_documented_is_given_on_as_it_is():
    answer = disk(Size=40, Encrypted=True, Tags={"Tag": [{"TagKey": "a", "TagValue": "b"}]}, Unknown=[7, {}])
    assert fitted("DescribeDisks", answer) == answer


@pytest.mark.parametrize(
    ("member", "came", "fits"),
    [
        ("Size", "40", 40), ("Size", 40.0, 40), ("Size", "", None), ("Size", None, None), ("Size", True, 1),
        ("Encrypted", "true", True), ("Encrypted", "False", False), ("Encrypted", 1, True), ("Encrypted", "", None),
        ("DiskName", 7, "7"), ("DiskName", True, "true"), ("DiskName", "", ""), ("DiskName", None, None),
        ("Tags", None, {}), ("Tags", {"Tag": None}, {"Tag": []}), ("OperationLocks", {}, {}),
    ],
)  # fmt: skip
def test_what_says_the_same_in_another_type_becomes_the_documented_one(member, came, fits):
    found = fitted_disk(**{member: came})[member]
    assert found == fits and type(found) is type(fits)


@pytest.mark.parametrize(
    ("member", "came", "words"),
    [
        ("Size", "²", "Disks.Disk[0].Size of d-1 is a string that is not a whole number"),
        ("Size", "4e9", "that is not a whole number"),
        ("Size", 1.5, "is a number that is not a whole number"),
        ("Size", [7], "Disks.Disk[0].Size of d-1 is a list, not a whole number"),
        ("Encrypted", "yes", "is a string that is not a boolean"),
        ("DiskName", {"a": 1}, "is an object, not a string"),
        ("Tags", [7], "Disks.Disk[0].Tags of d-1 is a list, not an object"),
        ("Tags", {"Tag": {"TagKey": "a"}}, "Disks.Disk[0].Tags.Tag of d-1 is an object, not a list"),
        ("Tags", {"Tag": ["a"]}, "Disks.Disk[0].Tags.Tag[0] of d-1 is a string, not an object"),
    ],
)
def test_what_fits_in_no_way_names_action_object_and_field_and_no_value(member, came, words):
    with pytest.raises(BadAnswer) as caught:
        fitted_disk(**{member: came})
    assert caught.value.operation == "DescribeDisks" and words in caught.value.message
    assert "4e9" not in caught.value.message and "yes" not in caught.value.message


def test_of_such_an_answer_a_write_may_have_been_carried_out():
    with pytest.raises(BadAnswer) as caught:
        fitted("RunInstances", {"RequestId": "r", "InstanceIdSets": {"InstanceIdSet": "i-1"}})
    assert caught.value.unknown_outcome and caught.value.error_class is ErrorClass.FATAL


def test_the_answer_that_came_is_not_changed():
    answer = disk(Size="40", Tags=None)
    assert fitted("DescribeDisks", answer) is not answer
    assert answer == disk(Size="40", Tags=None)


def test_an_action_that_nobody_reads_is_left_alone():
    assert fitted("DescribeMoon", {"Disks": 7}) == {"Disks": 7}


@pytest.mark.door("shape of an answer")
@given(st.sampled_from(["DescribeInstances", "DescribeVpcs", "DescribeSecurityGroupAttribute"]), JSON)
def test_any_json_is_either_fitted_or_a_bad_answer(operation, value):
    name = next(iter(table()[operation]))
    try:
        fit = fitted(operation, {name: value})
    except BadAnswer:
        return
    assert fitted(operation, fit) is fit or fitted(operation, fit) == fit


WORDS = [(None, "null"), (True, "a boolean"), (1, "a number"), ("", "a string"), ([], "a list"), ({}, "an object")]


@pytest.mark.parametrize(("value", "word"), WORDS)
def test_types_are_named_in_the_words_of_json(value, word):
    assert kind_of(value) == word


def test_every_action_that_the_code_names_has_its_shape():
    """Made again where a new action is called: make_shapes.py says how."""
    from ecsplan.kinds import load_kinds

    named = set()
    for kind in load_kinds().values():
        named |= {kind.listing.operation, kind.create.operation, kind.delete.operation}
        named |= {detail.operation for detail in kind.listing.details}
        named |= {inquiry.operation for inquiry in preflight(kind).inquiries}
        named |= {update.operation for update in kind.updates if update.operation}
    assert named <= table().keys()


SOURCES = Path(shapes.__file__).parent.parent


@pytest.mark.parametrize("operation", sorted(UNREAD))
def test_what_an_answer_drops_is_read_nowhere(operation: str) -> None:
    """A name that stands here is to be used: take it out of api/unread.py."""
    texts = (
        path.read_text(encoding="utf-8")
        for path in SOURCES.rglob("*.py")
        if "emulator" not in path.parts and path.name != "unread.py"
    )
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    assert not UNREAD[operation] & words


@pytest.mark.parametrize("operation", sorted(UNREAD))
def test_what_an_answer_drops_is_documented(operation: str) -> None:
    def names(shape: shapes.Shape) -> set[str]:
        if isinstance(shape, list):
            return names(shape[0])
        return set(shape).union(*map(names, shape.values())) if isinstance(shape, dict) else set()

    assert names(shapes.table()[operation]) >= UNREAD[operation]


def test_an_answer_keeps_what_is_read_and_what_nobody_documents() -> None:
    instance = {
        "InstanceId": "i-1",
        "VlanId": "7",
        "HibernationOptions": {"Configured": ["no boolean"]},
        "Brandnew": {"VlanId": "8"},
    }
    fit = shapes.fitted("DescribeInstances", {"RequestId": "r", "Instances": {"Instance": [instance]}})
    assert fit["Instances"]["Instance"] == [{"InstanceId": "i-1", "Brandnew": {"VlanId": "8"}}]


def test_a_disk_that_is_being_put_back_is_named_with_the_machine_of_its_attachment():
    """DescribeDisks: InstanceId has a value while a disk is In_use or Detaching; Attachments has no such condition."""
    attachment = {"InstanceId": "i-1", "Device": "/dev/xvdb", "AttachedTime": ""}
    disk = {
        "DiskId": "d-1",
        "Status": "ReIniting",
        "InstanceId": "",
        "Device": "",
        "Attachments": {"Attachment": [attachment]},
    }
    shared = {**disk, "DiskId": "d-2", "MultiAttach": "Enabled"}
    free = {**disk, "DiskId": "d-3", "Status": "Available", "Attachments": {"Attachment": []}}
    odd = {**disk, "DiskId": "d-4", "Attachments": {}}
    read = fitted("DescribeDisks", {"Disks": {"Disk": [disk, shared, free, odd]}})["Disks"]["Disk"]
    assert [row["InstanceId"] for row in read] == ["i-1", "", "", ""]
    assert read[0]["Device"] == "/dev/xvdb" and "Attachments" not in read[0]
