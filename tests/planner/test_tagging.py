"""The ownership tags: born with the object, kept current in one call, never in the way of other people's."""

import pytest

from ecsplan.model.address import Secret, Span
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.marks import APPLIED_MORE, PROTECTED, RETIRED, SECRETS, read_marks
from ecsplan.model.ownership import read_record
from ecsplan.model.resource import Owner
from ecsplan.planner.tagging import birth_tags, release_call, tag_calls, wanted_tags
from tests.builders import BOX, SHELF, a_box, a_live, a_resource, an_object, at


def calls_on(live, resource, *lines, action=Action.UPDATE, kind=SHELF):
    change = Change(resource.address, action, live, resource, lines, stack="lab")
    calls = tag_calls(kind, change, resource, is_only_tags=True)
    return {call.operation: call.params for call in (calls.first, calls.last) if call is not None}


def test_a_new_object_says_whose_it_is_and_what_was_applied():
    tags = {tag["Key"]: tag["Value"] for tag in birth_tags(SHELF, "lab", a_resource(width=3, tags=(("team", "web"),)))}
    assert tags["ecsplan:shelf"] == "lab/shelf.main" and tags["team"] == "web"
    assert tags["ecsplan:shelf:applied"].startswith("2:")


def test_the_names_of_members_are_in_no_record():
    span = Span(at("box.a"), 0, 1)
    one, two = (wanted_tags(BOX, "lab", a_box(f"box.a[{number}]"), span) for number in (0, 1))
    assert one == two


def test_tags_that_are_current_cost_no_call():
    resource = a_resource(width=3)
    assert calls_on(a_live(resource), resource) == {}


def test_what_changed_is_written_before_what_goes_is_taken_away():
    resource = a_resource(tags=(("a", "1"),))
    live = a_live(a_resource(tags=(("a", "0"), ("b", "2"))))
    line = AttributeChange("tags", (("a", "0"), ("b", "2")), (("a", "1"),))
    found = calls_on(live, resource, line)
    assert list(found) == ["TagResources", "UntagResources"]
    assert found["UntagResources"]["TagKey"] == ["b"]  # what of it is open is told by the diff
    assert {"Key": "a", "Value": "1"} in found["TagResources"]["Tag"]


@pytest.mark.parametrize("name", [APPLIED_MORE, SECRETS, PROTECTED, RETIRED])
def test_our_tags_that_no_longer_hold_are_taken_away(name):
    resource, key = a_resource(), f"ecsplan:shelf:{name}"
    assert calls_on(a_live(resource, tags={key: "x"}), resource)["UntagResources"]["TagKey"] == [key]


def test_what_is_written_to_an_object_replaces_the_marks_of_earlier_versions():
    resource = a_resource(width=3)
    old = {"ecsplan:stack": "lab", "ecsplan:address": "shelf.main", "ecsplan:applied": "1:abcd"}
    found = calls_on(an_object(tags=old, width=3), resource)
    assert {"Key": "ecsplan:shelf", "Value": "lab/shelf.main"} in found["TagResources"]["Tag"]
    assert found["UntagResources"]["TagKey"] == sorted(old)


def test_a_version_of_a_secret_is_written_and_nothing_else_of_it():
    resource = a_box(password=Secret(2, env="PW"))
    found = calls_on(a_live(a_box(password=Secret(1, env="PW"))), resource, kind=BOX)
    tags = {tag["Key"]: tag["Value"] for tag in found["TagResources"]["Tag"]}
    applied = read_record(read_marks({"ecsplan:box": "lab/box.a", **tags}, "box").named)
    assert applied is not None and applied.version("password") == 2 and "PW" not in str(found)


A = at("box.a")
BATCH = {"owner": Owner("lab", A, span=Span(A, 0, 2)), "tags": {"ecsplan:box": "lab/box.a[0..2]"}}


def test_a_member_that_carries_its_batchs_mark_keeps_it():
    live = a_live(a_box("box.a[1]", colour="blue"), **BATCH)
    tags = calls_on(live, a_box("box.a[1]", colour="red"), kind=BOX)["TagResources"]["Tag"]
    assert {tag["Key"] for tag in tags} == {"ecsplan:box:applied"}


def test_members_with_the_address_of_their_group_get_one_mark_for_all_of_them():
    live = an_object("box.a[1]", owner=Owner("lab", A), tags={"ecsplan:stack": "lab", "ecsplan:address": "box.a"})
    change = Change(at("box.a[1]"), Action.UPDATE, live, a_box("box.a[1]"), stack="lab")
    first = tag_calls(BOX, change, a_box("box.a[1]"), last=7).first
    assert first is not None
    tags = first.params["Tag"]
    assert {"Key": "ecsplan:box", "Value": "lab/box.a[0..7]"} in tags


@pytest.mark.parametrize("address", ["box.b[1]", "box.a[3]", 'box.a["x"]', "box.a"])
def test_a_member_that_was_moved_gets_an_address_of_its_own(address):
    live = a_live(a_box(address), **BATCH)
    tags = {tag["Key"]: tag["Value"] for tag in calls_on(live, a_box(address), kind=BOX)["TagResources"]["Tag"]}
    assert tags == {"ecsplan:box": f"lab/{address}"}


def test_an_ignored_tag_is_not_written():
    resource = a_resource(tags=(("a", "1"),), lifecycle={"ignore_changes": ("tags.a",)})
    assert calls_on(a_live(resource, tags={"a": "theirs"}), resource) == {}


def test_release_takes_all_of_ours_and_nothing_else():
    live = an_object(tags={"ecsplan:stack": "lab", "ecsplan:shelf": "x", "team": "web"})
    call = release_call(SHELF, Change(at("shelf.main"), Action.RELEASE, live))
    assert call.params["TagKey"] == ["ecsplan:shelf", "ecsplan:stack"]
