"""Machines that a run which was cut off had stopped: started again unless this run deletes them."""

import pytest

from ecsplan.model.asking import PASSED, Probe
from ecsplan.model.call import Call
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind
from ecsplan.model.marks import RESTART, key_of
from ecsplan.model.plan import Closing, Step
from ecsplan.model.resource import LiveObject
from ecsplan.model.stack import Stack
from ecsplan.planner.window import found_off
from tests.builders import BOX, KINDS, a_box, a_live, a_resource, a_stack, at, changes_of
from tests.planner.layout import laid_out, runs_before, the_step, told

A_SHELF = a_resource()
LIVE = {"shelf.main": a_live(A_SHELF)}
MARKED = {key_of("box", RESTART): "true"}
REMOVED = a_stack(A_SHELF)
REPLACED = a_stack(A_SHELF, a_box(material="steel"))


def left_off(object_id: str = "", **more) -> LiveObject:
    found = {"status": "Off", "state": "stopped", **more}
    return a_live(a_box(material="tin"), object_id, tags=MARKED, **found)


def laid(stack: Stack, live=None, kind: Kind = BOX, **more) -> tuple[Step, ...]:
    changes = tuple(changes_of(stack, {**LIVE, **(live or {})}, **more).values())
    return laid_out(changes, stack.by_address(), {**KINDS, "box": kind})


def removed(box: LiveObject, kind: Kind = BOX) -> tuple[Step, ...]:
    return laid(REMOVED, kind=kind, orphans=((at("box.a"), box),))


def replaced(box: LiveObject, kind: Kind = BOX) -> tuple[Step, ...]:
    return laid(REPLACED, {"box.a": box}, kind)


@pytest.mark.parametrize("goes", [removed, replaced])
@pytest.mark.parametrize("status", ["Off", "Stopping"])
def test_what_goes_is_started_and_unmarked_unless_it_is_deleted(goes, status):
    steps = goes(left_off(status=status))
    start, delete = the_step(steps, "StartBoxes box.a"), the_step(steps, "DeleteBoxes box.a")
    assert start.needs == () and start.closing == Closing((delete.id,), (), (delete.id,))
    unmark = the_step(steps, "UntagResources box.a")
    assert unmark.needs == (start.id,) and unmark.closing == Closing((), (), (delete.id,))


@pytest.mark.parametrize("goes", [removed, replaced])
def test_what_is_off_without_a_mark_is_not_started(goes):
    box = a_live(a_box(material="tin"), status="Off", state="stopped")
    assert "StartBoxes box.a" not in told(goes(box))


def test_what_is_to_be_off_when_it_is_replaced_is_not_started():
    stack = a_stack(A_SHELF, a_box(material="steel", state="stopped"))
    assert "StartBoxes box.a" not in told(laid(stack, {"box.a": left_off()}))


def test_what_a_new_machine_has_taken_the_place_of_is_not_started():
    old = left_off(retired=True)
    stack, heir = a_stack(A_SHELF, a_box(material="tin")), a_live(a_box(material="tin"), "bx-new")
    steps = laid(stack, {"box.a": heir}, retired=((at("box.a"), old),))
    assert "DeleteBoxes box.a" in told(steps) and "StartBoxes box.a" not in told(steps)


@pytest.mark.parametrize("box", [left_off(), a_live(a_box(material="tin"))], ids=["off", "on"])
@pytest.mark.parametrize("goes", [removed, replaced])
def test_a_disk_that_is_detached_before_the_deletion_does_not_keep_a_machine_off(goes, box):
    """The deletion itself may be refused then."""

    def detached(change, delete):
        return (Call("Detach", {}, kind="shelf", targets=("sh-9",), leaves=change.id_text), delete)

    steps = goes(box, replace(BOX, delete=replace(BOX.delete, around=detached)))
    start = the_step(steps, "StartBoxes box.a")
    assert start.closing.unless == (the_step(steps, "DeleteBoxes box.a").id,)
    assert the_step(steps, "Detach box.a").id in start.closing.after


def test_what_is_let_go_of_is_started_first():
    """Its mark goes, so that no later run would know."""
    stack = a_stack(A_SHELF, released=(at("box.a"),))
    changes = changes_of(stack, LIVE, orphans=((at("box.a"), left_off()),))
    steps = laid_out(tuple(changes.values()), stack.by_address())
    assert runs_before(steps, "StartBoxes box.a", "UntagResources box.a")
    assert changes["-box.a"].notes == ("a run that was cut off had stopped it: it is started first",)


def test_its_start_waits_for_nothing_that_it_depends_on():
    """It ran before: the change of what it depends on may be refused."""
    box = a_box(material="tin", depends_on=(at("shelf.main"),))
    live = {"shelf.main": a_live(a_resource(width=3)), "box.a": left_off()}
    steps = laid(a_stack(a_resource(width=7), box), live)
    assert the_step(steps, "StartBoxes box.a").needs == ()


def test_it_is_started_though_its_stop_is_under_way_and_a_question_is_refused():
    question = Probe(("motor",), (Call("MayI", {}, kind="box"),), lambda answers: PASSED)
    update = replace(BOX.updates[2], asks=lambda change: [question])
    kind = replace(BOX, updates=(*BOX.updates[:2], update, *BOX.updates[3:]))
    stack, live = a_stack(A_SHELF, a_box(motor="big")), left_off(motor="small", material=None, status="Stopping")
    steps = laid(stack, {"box.a": live}, kind)
    start = the_step(steps, "StartBoxes box.a")
    assert "MayI box.a" in told(steps) and start.needs == () and start.closing.opened_by == ()
    (unmark,) = (step for step in steps if step.id.verb == "unmark")
    assert unmark.closing.opened_by == ()


def test_one_machine_that_is_deleted_keeps_no_other_off():
    """Deleted by two calls, they are not started by one: the second deletion may be refused."""
    boxes = tuple((at(f"box.a[{n}]"), left_off(f"bx-{n}")) for n in range(3))
    steps = laid(REMOVED, orphans=boxes)
    deletes = [step for step in steps if step.id.verb == "delete"]
    starts = [step for step in steps if step.id.verb == "start"]
    assert [step.closing.unless for step in starts] == [(step.id,) for step in deletes] and len(deletes) == 2


def test_what_is_left_out_is_named():
    change = changes_of(REMOVED, LIVE, orphans=((at("box.a"), left_off()),))["-box.a"]
    assert [(off.id, off.by_us) for off in found_off((), (change,), KINDS)] == [("bx-a", True)]
