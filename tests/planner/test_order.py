"""The edges between changes: who runs before whom. An edge a → b means that a runs before b."""

import pytest

from tests.builders import a_box, a_live, a_resource, a_stack, an_object, at, ref
from tests.planner.layout import runs_before, steps_of, told

SHELF = a_resource(wood="oak")
IDS = {"shelf.main": "sh-main", "box.a": "bx-a", "box.b": "bx-b"}


def test_what_i_refer_to_is_made_before_me():
    """shelf.main → box.a"""
    steps = steps_of(a_stack(a_box(), SHELF))
    assert runs_before(steps, "CreateShelf shelf.main", "RunBoxes box.a")


def test_two_who_name_each_other_are_made_side_by_side_and_finished_afterwards():
    """box.a ⇄ box.b: both made, then each joins the other"""
    steps = steps_of(a_stack(SHELF, a_box(lids=(ref("box.b"),)), a_box("box.b", lids=(ref("box.a"),))))
    assert told(steps)[0] == "CreateShelf shelf.main" and told(steps)[-1] == "UntagResources box.a ×2"
    for made in ("RunBoxes box.a", "RunBoxes box.b"):
        for joined in ("JoinLid box.a", "JoinLid box.b"):
            assert runs_before(steps, made, joined)


def test_i_am_deleted_before_what_i_hold():
    """box.a (on shelf.main) → shelf.main"""
    orphans = ((at("shelf.main"), an_object()), (at("box.a"), an_object("box.a", shelf="sh-main")))
    assert runs_before(steps_of(a_stack(), orphans=orphans), "DeleteBoxes box.a", "DeleteShelf shelf.main")


def test_two_who_hold_each_other_let_go_first():
    orphans = ((at("box.a"), an_object("box.a", lids=("bx-b",))), (at("box.b"), an_object("box.b", lids=("bx-a",))))
    steps = steps_of(a_stack(), orphans=orphans)
    assert told(steps) == ["TagResources box.a ×2", "LeaveLid box.a", "LeaveLid box.b", "DeleteBoxes box.a ×2"]


def test_who_stays_lets_go_before_the_thing_goes():
    """box.b leaves box.a (an orphan) → box.a is deleted"""
    box = a_box("box.b", lids=())
    live = {"shelf.main": a_live(SHELF), "box.b": a_live(box, lids=("bx-a",))}
    steps = steps_of(a_stack(SHELF, box), live, orphans=((at("box.a"), an_object("box.a")),))
    assert runs_before(steps, "LeaveLid box.b", "DeleteBoxes box.a")


def test_who_stays_moves_to_the_new_one_before_the_old_one_goes():
    """box.a' → box.b joins box.a' and leaves box.a → box.a is deleted"""
    boxes = (a_box(material="steel"), a_box("box.b", lids=(ref("box.a"),)))
    live = {"box.a": a_live(boxes[0], material="tin"), "box.b": a_live(boxes[1], ids=IDS)}
    steps = steps_of(a_stack(SHELF, *boxes), {"shelf.main": a_live(SHELF), **live})
    assert runs_before(steps, "RunBoxes box.a", "JoinLid box.b")
    assert runs_before(steps, "LeaveLid box.b", "DeleteBoxes box.a")


def test_a_whole_chain_is_replaced_from_its_end_and_made_from_its_start():
    """box.a is deleted → shelf.main is deleted → shelf.main' → box.a'"""
    live = {"shelf.main": a_live(SHELF, wood="pine"), "box.a": a_live(a_box())}
    steps = steps_of(a_stack(SHELF, a_box()), live)
    assert told(steps) == ["DeleteBoxes box.a", "DeleteShelf shelf.main", "CreateShelf shelf.main", "RunBoxes box.a"]


def test_a_value_that_two_cannot_share_is_freed_before_it_is_taken():
    """shelf.old (at the window) is deleted → shelf.new (at the window)"""
    orphans = ((at("shelf.old"), an_object("shelf.old", spot="window")),)
    steps = steps_of(a_stack(a_resource("shelf.new", spot="window")), orphans=orphans)
    assert runs_before(steps, "DeleteShelf shelf.old", "CreateShelf shelf.new")


def test_values_that_differ_wait_for_nobody():
    orphans = ((at("shelf.old"), an_object("shelf.old", spot="door")),)
    steps = steps_of(a_stack(a_resource("shelf.new", spot="window")), orphans=orphans)
    assert not runs_before(steps, "DeleteShelf shelf.old", "CreateShelf shelf.new")


@pytest.mark.parametrize("other", ["shelf.main", "shelf.row", "shelf.row[1]"])
def test_who_depends_on_another_comes_after_it(other):
    shelves = (SHELF, a_resource("shelf.row[0]"), a_resource("shelf.row[1]"))
    box = a_resource("box.a", shelf="sh-x", depends_on=(at(other),))
    steps = steps_of(a_stack(*shelves, box))
    first = "shelf.row[1]" if other != "shelf.main" else other
    assert runs_before(steps, f"CreateShelf {first}", "RunBoxes box.a")


@pytest.mark.parametrize("size", [3, 30])
def test_a_group_that_depends_on_a_group_has_an_edge_for_each_member_and_not_for_each_pair(size):
    shelves = [a_resource(f"shelf.row[{number}]") for number in range(size)]
    others = [a_resource(f"shelf.top[{number}]", depends_on=(at("shelf.row"),)) for number in range(size)]
    steps = steps_of(a_stack(*shelves, *others))
    assert sum(len(step.needs) for step in steps) == 2 * size
    assert runs_before(steps, "CreateShelf shelf.row[0]", f"CreateShelf shelf.top[{size - 1}]")
    assert len(told(steps)) == 2 * size


def test_a_barrier_comes_before_what_waits_for_it_and_keeps_alike_calls_together():
    """box.b[…] wait for the shelf that they stand on, box.a[…] for it and for a group: two calls all the same"""
    boxes = [a_box(f"box.a[{number}]", depends_on=(at("shelf.row"),)) for number in range(2)]
    others = [a_box(f"box.b[{number}]") for number in range(2)]
    steps = steps_of(a_stack(SHELF, a_resource("shelf.row[0]"), *boxes, *others))
    seen = set()
    for step in steps:
        assert seen.issuperset(step.needs)
        seen.add(step.id)
    assert {"RunBoxes box.a[0] ×2", "RunBoxes box.b[0] ×2"} <= set(told(steps))
