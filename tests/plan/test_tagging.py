"""The ownership tags: born with the object, kept current in one call, never in the way of other people's."""

import pytest

from ecsplan.model.address import Secret
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.ownership import APPLIED_MORE, PROTECTED, RETIRED, SECRETS
from ecsplan.model.resource import Owner
from ecsplan.plan.tagging import birth_tags, release_call, tag_calls, wanted_tags
from tests.builders import BOX, SHELF, a_box, a_live, a_resource, an_object, at


def calls_on(live, resource, *lines, action=Action.UPDATE, kind=SHELF):
    change = Change(resource.address, action, live, resource, lines, stack="lab")
    return {call.operation: call.params for call in tag_calls(kind, change, resource)}


def test_a_new_object_says_whose_it_is_and_what_was_applied():
    tags = {tag["Key"]: tag["Value"] for tag in birth_tags("lab", a_resource(width=3, tags=(("team", "web"),)))}
    assert tags["ecsplan:stack"] == "lab" and tags["team"] == "web" and tags["ecsplan:applied"].startswith("1:")


def test_the_names_of_members_are_in_no_digest():
    one, two = wanted_tags("lab", a_box("box.a[0]"), at("box.a")), wanted_tags("lab", a_box("box.a[1]"), at("box.a"))
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
    assert found["UntagResources"]["TagKey"] == ["b"]
    assert {"Key": "a", "Value": "1"} in found["TagResources"]["Tag"]


@pytest.mark.parametrize("key", [APPLIED_MORE, SECRETS, PROTECTED, RETIRED])
def test_our_tags_that_no_longer_hold_are_taken_away(key):
    resource = a_resource()
    assert calls_on(a_live(resource, tags={key: "x"}), resource)["UntagResources"]["TagKey"] == [key]


def test_a_version_of_a_secret_is_written_and_nothing_else_of_it():
    resource = a_box(password=Secret(2, env="PW"))
    found = calls_on(a_live(a_box(password=Secret(1, env="PW"))), resource, kind=BOX)
    assert {"Key": SECRETS, "Value": "password=2"} in found["TagResources"]["Tag"] and "PW" not in str(found)


def test_a_member_that_carries_its_groups_address_keeps_it():
    member = a_box("box.a[1]", colour="red")
    live = a_live(a_box("box.a[1]", colour="blue"), owner=Owner("lab", at("box.a")), tags={"ecsplan:address": "box.a"})
    tags = calls_on(live, member, kind=BOX)["TagResources"]["Tag"]
    assert "ecsplan:address" not in {tag["Key"] for tag in tags}


def test_a_member_that_was_moved_gets_an_address_of_its_own():
    member = a_box("box.b[1]")
    live = a_live(member, owner=Owner("lab", at("box.a")), tags={"ecsplan:address": "box.a"})
    tags = {tag["Key"]: tag["Value"] for tag in calls_on(live, member, kind=BOX)["TagResources"]["Tag"]}
    assert tags == {"ecsplan:address": "box.b[1]"}


def test_an_ignored_tag_is_not_written():
    resource = a_resource(tags=(("a", "1"),), lifecycle={"ignore_changes": ("tags.a",)})
    assert calls_on(a_live(resource, tags={"a": "theirs"}), resource) == {}


def test_release_takes_all_of_ours_and_nothing_else():
    live = an_object(tags={"ecsplan:stack": "lab", SECRETS: "x", "team": "web"})
    call = release_call(SHELF, Change(at("shelf.main"), Action.RELEASE, live))
    assert call.params["TagKey"] == [SECRETS, "ecsplan:stack"]
