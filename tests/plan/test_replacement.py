"""Which half of a replacement comes first, and when it can be in neither order."""

import pytest

from ecsplan.model.change import Action
from tests.builders import a_box, a_live, a_resource, a_stack, changes_of, ref

PINE = a_resource(wood="pine", spot="left")
LIDDED = a_box("box.b", lids=(ref("box.a"),))


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
    assert not blocked or "spot stays the same" in change.blocked[0]
