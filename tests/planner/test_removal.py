"""What goes, and going; what is let go without being deleted."""

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Going
from ecsplan.model.identity import Evidence, Known
from tests.builders import a_box, a_resource, a_stack, an_object, at, changes_of


def removed(stack, *pairs, part="orphans"):
    return changes_of(stack, **{part: tuple((at(text), obj) for text, obj in pairs)})


def test_what_the_file_no_longer_has_goes():
    change = removed(a_stack(path="web/"), ("box.a", an_object("box.a")))["-box.a"]
    assert (change.action, change.reason, change.impact) == (Action.DELETE, "removed from web/", Impact.DATA_LOSS)
    assert change.loses == ("what is in bx-a",)


def test_a_member_that_the_group_no_longer_has_goes():
    change = removed(a_stack(a_box("box.a[0]")), ("box.a[7]", an_object("box.a[7]")))["-box.a[7]"]
    assert change.reason == "box.a no longer has this member"


def test_a_part_that_outlived_its_parent_goes_by_its_own_kind():
    part = an_object("shelf.main", "sh-9")
    change = removed(a_stack(), ("box.a", part))['-shelf.a["sh-9"]']
    assert change.reason == "its box is gone"


@pytest.mark.parametrize(
    ("is_known", "has_heir", "going"),
    [(True, True, Going.RETIRED), (False, True, Going.GONE), (True, False, Going.GONE)],
)
def test_what_was_retired_goes_unguarded_if_we_did_it_and_its_successor_lives(is_known, has_heir, going):
    old, heir = an_object(retired=True), an_object(object_id="sh-2")
    known = Known(retired=frozenset({old.id} if is_known else ()))
    matched = {"shelf.main": heir} if has_heir else {}
    pairs = ((at("shelf.main"), old),)
    found = changes_of(a_stack(a_resource()), matched, retired=pairs, known=known)
    assert found["-shelf.main"].going is going


@pytest.mark.parametrize("released", ["box.a", "box.a[0]"])
def test_what_is_released_loses_its_tags_and_lives_on(released):
    stack = a_stack(released=(at(released),))
    change = removed(stack, ("box.a[0]", an_object("box.a[0]")))["-box.a[0]"]
    assert change.action is Action.RELEASE and change.reason == "released"


def test_destroying_lets_go_of_what_is_released_too():
    stack = a_stack(released=(at("box.a"),))
    found = changes_of(stack, orphans=((at("box.a"), an_object("box.a")),), destroy=True)
    assert found["-box.a"].action is Action.RELEASE


@pytest.mark.parametrize("evidence", list(Evidence))
def test_what_only_its_tags_speak_for_is_said_so(evidence):
    change = changes_of(a_stack(), orphans=((at("box.a"), an_object("box.a")),), evidence={"bx-a": evidence})["-box.a"]
    assert change.is_doubtful is (evidence is Evidence.TAGS)
    assert any("bx-a (lab-a) is known by its tags only" in note for note in change.notes) is change.is_doubtful


def test_a_member_that_leaves_a_protected_group_is_protected_whatever_its_tags_say():
    stack = a_stack(a_box("box.a[0]", lifecycle={"prevent_destroy": True}))
    change = removed(stack, ("box.a[1]", an_object("box.a[1]")))["-box.a[1]"]
    assert change.blocked[0].startswith("it is protected")


@pytest.mark.parametrize(
    ("more", "reason"), [({"is_protected": True}, "it is protected"), ({"raw": {"Nailed": 1}}, "it is nailed down")]
)
def test_what_may_not_go_is_blocked(more, reason):
    assert removed(a_stack(), ("box.a", an_object("box.a", **more)))["-box.a"].blocked[0].startswith(reason)


def test_strangers_stay():
    assert removed(a_stack(), ("box.a", an_object("box.a")), part="strangers") == {}


def test_nothing_goes_twice():
    pair = (at("box.a"), an_object("box.a"))
    assert len(changes_of(a_stack(), orphans=(pair, pair))) == 1
