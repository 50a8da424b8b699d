"""References to what the stack does not own: exactly one, or an error that names what was found."""

import pytest

from ecsplan.inventory.lookup import looked_up
from ecsplan.model.address import ForeignRef, Lookup
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.resource import Owner
from tests.builders import a_box, a_stack, an_object, at, ref

NET = Owner("net", at("shelf.app"))
OBJECTS = (
    an_object("shelf.app", "sh-net", owner=NET),
    an_object("shelf.app", "sh-old", owner=NET, retired=True),
    an_object("shelf.x", "sh-x", owner=None, name="window", tags={"team": "web"}),
    an_object("shelf.y", "sh-y", owner=None, name="door", tags={"team": "web"}),
)


def found(value):
    (box,) = looked_up(a_stack(a_box(shelf=value)), OBJECTS).resources
    return box.attributes["shelf"]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (ForeignRef("net", at("shelf.app")), "sh-net"),
        (Lookup("shelf", "window"), "sh-x"),
        (Lookup("shelf", None, (("team", "web"),)), None),
        (Lookup("shelf", "door", (("team", "web"),)), "sh-y"),
        (Lookup("shelf", "door", (("team", "db"),)), None),
        (Lookup("box", "window"), None),
        (ForeignRef("net", at("shelf.other")), None),
    ],
)
def test_a_look_up_finds_one_or_is_refused(value, result):
    if result is None:
        with pytest.raises(Rejected, match=r"is not there|is not one thing"):
            found(value)
    else:
        assert found(value) == result


def test_several_are_named():
    with pytest.raises(Rejected, match=r"is not one thing: sh-x \(window\), sh-y \(door\)"):
        found(Lookup("shelf", None, (("team", "web"),)))


def test_all_that_find_nothing_are_told_at_once():
    stack = a_stack(a_box(shelf=Lookup("shelf", "no")), a_box("box.b", shelf=Lookup("shelf", "nor")))
    with pytest.raises(Rejected) as caught:
        looked_up(stack, OBJECTS)
    assert [str(d.address) for d in caught.value.diagnostics] == ["box.a", "box.b"]


def test_a_set_with_look_ups_in_it_keeps_one_order():
    lids = (Lookup("shelf", "door"), Lookup("shelf", "window"), ref("box.b"), "sh-a")
    (box,) = looked_up(a_stack(a_box(lids=lids)), OBJECTS).resources
    assert box.attributes["lids"] == (ref("box.b"), "sh-a", "sh-x", "sh-y")


def test_a_look_up_inside_a_record_keeps_its_place():
    (box,) = looked_up(a_stack(a_box(lids=((("in", Lookup("shelf", "door")), ("n", 1)),))), OBJECTS).resources
    assert box.attributes["lids"] == ((("in", "sh-y"), ("n", 1)),)


def test_a_stack_that_is_not_applied_yet_is_said_once_and_first():
    """Three members and two of its resources: one word, and what to do."""
    members = [a_box(f"box.row[{n}]", shelf=ForeignRef("later", at("shelf.app"))) for n in range(3)]
    stack = a_stack(*members, a_box("box.b", shelf=ForeignRef("later", at("shelf.other"))))
    with pytest.raises(Rejected) as caught:
        looked_up(stack, OBJECTS)
    (only,) = caught.value.diagnostics
    assert "apply stack later first" in only.detail
    assert str(only.address) == "box.row"


def test_a_wrong_name_in_a_stack_that_is_there_is_told_with_what_it_has():
    with pytest.raises(Rejected, match=r"stack net has shelf\.app"):
        found(ForeignRef("net", at("shelf.ap")))


def test_a_mistyped_name_is_told_with_the_near_one():
    with pytest.raises(Rejected, match=r"did you mean window\?"):
        found(Lookup("shelf", "windw"))
