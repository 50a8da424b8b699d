"""What the tags of a live object say of it: by keys of its own kind, by those of earlier versions, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.address import Part, Span
from ecsplan.model.marks import (
    PROTECTED,
    RETIRED,
    key_of,
    mark,
    owner_of,
    read_marks,
    read_owner,
    read_tags,
    spanning,
    user_tags,
)
from ecsplan.model.resource import Owner
from tests.builders import at

WEB, DB = at("instance.web"), at("disk.db")
DATA = Part(at("instance.web[0]"), "data_disks", "data")
OLD = {"ecsplan:stack": "lab", "ecsplan:address": "instance.web"}


@pytest.mark.parametrize(
    ("raw", "tags"),
    [
        ([{"TagKey": "a", "TagValue": "b"}], {"a": "b"}),
        ([{"Key": "a", "Value": "b"}], {"a": "b"}),
        ([{"Key": "a", "Value": None}, {"Odd": 1}], {"a": ""}),
        (None, {}),
    ],
)
def test_tags_are_read_in_both_spellings(raw, tags):
    assert read_tags(raw) == tags


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("lab/instance.web", Owner("lab", WEB)),
        ('lab/instance.web["a/b"]', Owner("lab", at('instance.web["a/b"]'))),
        ("lab/instance.web[0..2]", Owner("lab", WEB, span=Span(WEB, 0, 2))),
        ("lab/instance.web[0].data_disks.data", Owner("lab", DATA.owner, part=DATA)),
        ("lab/instance.web[2..0]", None),
        ("lab/nonsense", None),
        ("lab/", None),
        ("/instance.web", None),
        ("instance.web", None),
        ('lab/instance.web["', None),
        ("", None),
    ],
)
def test_the_mark_of_an_owner_is_read_or_there_is_none(text, owner):
    assert read_owner(text) == owner


@given(st.text(max_size=128))
def test_no_text_of_a_mark_is_an_error(text):
    owner = read_owner(text)
    assert owner is None or (owner.stack and owner.address)


@pytest.mark.parametrize("place", [WEB, DATA, Span(WEB, 3, 99), at('instance.web["x y"]')])
def test_a_mark_is_read_back(place):
    assert read_owner(mark("lab", place)) == owner_of("lab", place)


@pytest.mark.parametrize(
    ("kind", "tags", "owner"),
    [
        ("instance", OLD, Owner("lab", WEB)),
        ("disk", OLD, Owner("lab", WEB)),
        ("disk", OLD | {"ecsplan:slot": "data"}, Owner("lab", WEB, Part(WEB, "data_disks", "data"))),
        ("snapshot", OLD | {"ecsplan:part-of": "m-1"}, Owner("lab", WEB, Part(WEB, "snapshots", "m-1"))),
        ("disk", {"ecsplan:stack": "lab"}, None),
        ("disk", OLD | {"ecsplan:address": "nonsense"}, None),
        ("disk", {}, None),
    ],
)
def test_marks_of_earlier_versions_are_read(kind, tags, owner):
    assert read_marks(tags, kind, "instance").owner == owner


def test_what_a_rule_copies_from_the_machine_does_not_hide_a_mark_of_its_own():
    machine = {key_of("instance"): "lab/instance.web", key_of("instance", RETIRED): "true"}
    found = read_marks({key_of("disk"): "lab/disk.db"} | machine, "disk", "instance")
    assert found.owner == Owner("lab", DB) and RETIRED not in found and found.is_own


def test_a_disk_that_has_only_the_marks_of_its_machine_is_a_part_of_it():
    tags = {key_of("instance"): "lab/instance.web", key_of("instance", PROTECTED): "true"}
    found = read_marks(tags, "disk", "instance")
    assert found.owner == Owner("lab", WEB) and PROTECTED in found and not found.is_own


def test_marks_that_a_rule_copies_onto_an_address_are_not_its_own():
    assert read_marks({key_of("instance"): "lab/instance.web"}, "eip").owner is None


def test_marks_of_earlier_versions_do_not_count_beside_present_ones():
    tags = OLD | {"ecsplan:retired": "true", key_of("instance"): "lab/instance.front"}
    found = read_marks(tags, "instance")
    assert found.owner == Owner("lab", at("instance.front")) and RETIRED not in found


def test_a_flag_of_today_is_seen_on_an_object_of_an_earlier_version():
    assert RETIRED in read_marks(OLD | {key_of("instance", RETIRED): "true"}, "instance")


def test_a_batch_shares_one_mark():
    tags = [{"Key": "team", "Value": "a"}, {"Key": key_of("instance"), "Value": "lab/instance.web[3]"}]
    assert spanning(tags, "instance", Span(WEB, 3, 5)) == [
        {"Key": "team", "Value": "a"},
        {"Key": key_of("instance"), "Value": "lab/instance.web[3..5]"},
    ]


def test_tags_of_people_are_neither_the_services_nor_ours():
    tags = {"team": "web", "acs:rm": "x", "aliyun.y": "1", "ecsplan:vpc": "lab/vpc.main", "a": ""}
    assert user_tags(tags) == (("a", ""), ("team", "web"))
