"""A raw answer to an object: paths, canonical values, whose it is."""

import pytest

from ecsplan.inventory.decode import at_path, attribute_of, attributes, bare
from ecsplan.model.call import BadAnswer
from ecsplan.model.capabilities.parts import Parts
from ecsplan.model.copying import replace
from ecsplan.model.resource import Owner
from tests.builders import BOX, SHELF, at

RAW = {
    "BoxId": "bx-1",
    "Name": "one",
    "Status": "On",
    "Size": "40",
    "Colour": "",
    "Lids": ["bx-3", "bx-2"],
    "Tags": {
        "Tag": [{"TagKey": "ecsplan:stack", "TagValue": "lab"}, {"TagKey": "ecsplan:address", "TagValue": "box.a"}]
    },
}


@pytest.mark.parametrize(("path", "value"), [("A.B", 1), ("A.C", None), ("A.B.C", None), ("X", None)])
def test_a_path_that_ends_early_leads_to_nothing(path, value):
    assert at_path({"A": {"B": 1}}, path) == value


def test_an_object_knows_whose_it_is():
    obj = bare(BOX, RAW)
    assert (obj.id, obj.name, obj.status, obj.owner) == ("bx-1", "one", "On", Owner("lab", at("box.a")))
    assert not obj.retired and not obj.is_protected and obj.applied is None


def test_an_object_without_tags_or_name_is_nobodys():
    obj = bare(SHELF, {"ShelfId": 7})
    assert (obj.id, obj.name, obj.owner) == ("7", "", None)


def test_retirement_and_protection_are_tags():
    names = {"ecsplan:box": "lab/box.a", "ecsplan:box:retired": "true", "ecsplan:box:protected": "true"}
    tags = [{"Key": name, "Value": text} for name, text in names.items()]
    obj = bare(BOX, {**RAW, "Tags": {"Tag": tags}})
    assert obj.retired and obj.is_protected


def test_a_part_knows_what_it_is_part_of_and_only_a_part():
    kind = replace(BOX, listing=replace(BOX.listing, parent="In"))
    tags = {"Tag": [{"Key": "ecsplan:stack", "Value": "lab"}, {"Key": "ecsplan:address", "Value": "shelf.main"}]}
    assert bare(kind, {**RAW, "In": "sh-1", "Tags": tags}).parent == "sh-1"
    assert bare(kind, {**RAW, "In": "sh-1"}).parent is None


def test_values_are_canonical_and_what_is_not_told_is_missing():
    found = attributes(BOX, RAW, {})
    assert found == {"name": "one", "size": 40, "lids": ("bx-2", "bx-3"), "state": "running"}


def test_a_kind_may_say_more_by_what_is_desired():
    kind = replace(BOX, can=(*BOX.can, Parts((), lambda raw, desired: {"size": desired.get("size"), "colour": None})))
    assert attributes(kind, RAW, {"size": 7})["size"] == 7


@pytest.mark.parametrize("size", ["²", "4x", [7], {"a": 1}])
def test_a_value_that_says_nothing_names_object_and_field_and_not_itself(size):
    raw = {"BoxId": "bx-1", "Size": size}
    for read in (lambda: attributes(BOX, raw, {})["size"], lambda: attribute_of(BOX, raw, "size")):
        with pytest.raises(BadAnswer) as caught:
            read()
        assert str(caught.value) == "ListBoxes: BadAnswer: box bx-1: size (Size) cannot be understood"


def test_a_value_that_says_nothing_harms_no_other():
    found = attributes(BOX, {**RAW, "Size": "odd"}, {})
    assert found["name"] == "one" and "lids" in found and found.get("depth") is None
    with pytest.raises(KeyError):
        found["depth"]
    with pytest.raises(BadAnswer):
        dict(found)


def test_so_does_what_a_kind_makes_of_several_members():
    kind = replace(BOX, can=(*BOX.can, Parts((), lambda raw, desired: {"size": raw["Lid"]["Size"]})))
    with pytest.raises(BadAnswer, match="box bx-1: what it is made of cannot be understood"):
        attributes(kind, {"BoxId": "bx-1", "Lid": "odd"}, {})
