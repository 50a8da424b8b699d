"""Which half of a replacement comes first, and when it can be in neither order."""

import pytest

from ecsplan.model.change import Action
from tests.builders import a_box, a_live, a_resource, a_stack, changes_of, ref

PINE = a_resource(wood="pine", spot="left")
LIDDED = a_box("box.b", lids=(ref("box.a"),))
ELSEWHERE = a_resource("box.b", shelf="sh-x", lids=(ref("box.a"),))
IDS = {"shelf.main": "sh-main", "box.a": "bx-a"}


def replaced(declared, *others, live=PINE, **ids):
    objects = {str(r.address): a_live(r, ids={"shelf.main": "sh-main", "box.a": "bx-a"}) for r in others}
    return changes_of(a_stack(declared, *others), {"shelf.main": a_live(live), **objects})


def test_a_replacement_deletes_first_when_nobody_needs_it_meanwhile():
    found = replaced(a_resource(wood="oak", spot="left"), a_box())
    assert found["shelf.main"].action is Action.REPLACE and not found["shelf.main"].create_first


def test_a_replacement_creates_first_when_the_file_asks():
    declared = a_resource(wood="oak", spot="right", lifecycle={"create_before_destroy": True})
    assert replaced(declared)["shelf.main"].create_first


def test_a_replacement_creates_first_when_somebody_who_stays_must_move_over():
    boxes = (a_box(material="steel"), LIDDED)
    live = {
        "box.a": a_live(boxes[0], material="tin"),
        "box.b": a_live(LIDDED, ids={"shelf.main": "sh-main", "box.a": "bx-a"}),
    }
    found = changes_of(a_stack(PINE, *boxes), {"shelf.main": a_live(PINE), **live})
    assert found["box.b"].action is Action.UPDATE and found["box.a"].create_first


@pytest.mark.parametrize(("spot", "blocked"), [("left", True), ("right", False)])
def test_create_first_is_blocked_where_both_cannot_live_at_once(spot, blocked):
    declared = a_resource(wood="oak", spot=spot, lifecycle={"create_before_destroy": True})
    change = replaced(declared)["shelf.main"]
    assert bool(change.blocked) is blocked and change.create_first is not blocked
    assert not blocked or "cannot share spot left" in change.blocked[0]


def chain(*, spot="left", **lifecycles):
    """shelf.main ← box.a, both replaced; `lifecycles` by name."""
    shelf = a_resource(wood="oak", spot=spot, lifecycle=lifecycles.get("shelf"))
    one = a_box(material="steel", lifecycle=lifecycles.get("a"))
    return changes_of(
        a_stack(shelf, one), {"shelf.main": a_live(PINE), "box.a": a_live(one, material="tin", shelf="sh-main")}
    )


def test_what_is_made_before_its_old_one_goes_needs_the_new_one_of_what_it_stands_on():
    found = chain(spot="right", a={"create_before_destroy": True})
    assert found["box.a"].create_first and found["shelf.main"].create_first and not found["shelf.main"].blocked


def test_where_that_cannot_be_the_plan_says_which_attribute_forbids_it_and_what_to_write():
    (reason,) = chain(a={"create_before_destroy": True})["shelf.main"].blocked
    assert reason == (
        "box.a (shelf) has create_before_destroy, but two live objects cannot share spot left; "
        "write another spot, or let that one delete first"
    )


def test_what_the_old_one_never_stood_on_may_go_first():
    """On the way back: the new box stands on the shelf again, and the live one stands elsewhere."""
    shelf = a_resource(wood="oak", spot="left")
    one = a_box(material="steel", lifecycle={"create_before_destroy": True})
    elsewhere = a_live(one, material="tin", shelf="sh-other")
    found = changes_of(a_stack(shelf, one), {"shelf.main": a_live(PINE), "box.a": elsewhere})
    assert found["box.a"].create_first
    assert not found["shelf.main"].create_first and not found["shelf.main"].blocked


def test_a_member_that_is_missing_is_waited_for_like_one_that_is_replaced():
    """It could not be made the last time: the other member keeps what both stand on until it is there."""
    boxes = [a_box(f"box.a[{n}]", lifecycle={"max_unavailable": "1"}) for n in range(2)]
    live = {"shelf.main": a_live(PINE), "box.a[0]": a_live(boxes[0], "bx-0", shelf="sh-main")}
    found = changes_of(a_stack(a_resource(wood="oak", spot="right"), *boxes), live)
    assert found["box.a[1]"].action is Action.CREATE and found["shelf.main"].create_first


def test_what_is_replaced_member_by_member_needs_the_new_one_of_what_it_stands_on():
    def grown(unavailable):
        boxes = [a_box(f"box.a[{n}]", lifecycle={"max_unavailable": unavailable}) for n in range(2)]
        shelf = a_resource(wood="oak", spot="left")
        live = {str(b.address): a_live(b, f"bx-{b.address.key}", shelf="sh-main") for b in boxes}
        return changes_of(a_stack(shelf, *boxes), {"shelf.main": a_live(PINE), **live})["shelf.main"]

    (reason,) = grown("1").blocked
    assert "the members of box.a (shelf) are replaced one after the other" in reason
    assert "rollout: {max_unavailable: all}" in reason
    assert not grown("all").blocked and not grown("all").create_first


def test_the_need_goes_on_from_what_must_move_to_what_that_stands_on():
    """box.b stays and is a lid of box.a, which is replaced for want of the old shelf."""
    boxes = (a_box(), ELSEWHERE)
    live = {"box.a": a_live(boxes[0], shelf="sh-main"), "box.b": a_live(ELSEWHERE, ids=IDS)}
    shelf = a_resource(wood="oak", spot="right")
    found = changes_of(a_stack(shelf, *boxes), {"shelf.main": a_live(PINE), **live})
    assert found["box.a"].create_first and found["shelf.main"].create_first


def test_a_wish_gives_way_where_what_it_stands_on_cannot_be_made_first():
    """box.b could be without box.a for a moment, so the shelf that keeps its spot goes first, and box.a with it."""
    boxes = (a_box(), ELSEWHERE)
    live = {"box.a": a_live(boxes[0], shelf="sh-main"), "box.b": a_live(ELSEWHERE, ids=IDS)}
    shelf = a_resource(wood="oak", spot="left")
    found = changes_of(a_stack(shelf, *boxes), {"shelf.main": a_live(PINE), **live})
    assert not any(change.create_first or change.blocked for change in found.values())
