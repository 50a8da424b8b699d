"""Windows in a plan: what is asked and marked before a machine is stopped, and what closes the window."""

import pytest

from ecsplan.model.asking import PASSED, Probe
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.plugging import Pluggable
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.marks import RESTART, key_of
from ecsplan.planner.drafts import Draft
from ecsplan.planner.unplugging import say_unmount_first
from ecsplan.planner.window import found_off
from tests.builders import BOX, KINDS, SHELF, a_box, a_live, a_resource, a_stack, an_object, at, changes_of, ref
from tests.planner.layout import laid_out, runs_before, steps_of, the_step, told

A_SHELF = a_resource()
LIVE = {"shelf.main": a_live(A_SHELF)}
MARKED = {key_of("box", RESTART): "true"}


def box_steps(box, live):
    return steps_of(a_stack(A_SHELF, box), {**LIVE, "box.a": live})


def windowed(**more):
    return box_steps(a_box(motor="big", **more), a_live(a_box(motor="small", **more)))


def test_the_start_comes_after_the_change_and_does_not_need_it():
    steps = windowed()
    start, change = the_step(steps, "StartBoxes box.a"), the_step(steps, "ChangeMotor box.a")
    assert start.needs == () and change.id in start.closing.after
    assert start.closing.opened_by == (the_step(steps, "StopBoxes box.a").id,)


def test_what_is_recorded_as_applied_needs_both_the_change_and_the_start():
    steps = windowed()
    record = steps[-1]
    assert {the_step(steps, f"{name} box.a").id for name in ("ChangeMotor", "StartBoxes")} <= set(record.needs)


def test_a_machine_is_marked_whatever_the_file_says_of_its_power():
    """The file may be another one in the next run."""
    assert told(windowed(state="running"))[0] == "TagResources box.a"


def test_a_machine_that_is_to_stay_off_is_neither_marked_nor_started():
    live = a_live(a_box(motor="small", state="stopped"), status="On", state="running")
    assert told(box_steps(a_box(motor="big", state="stopped"), live))[1:3] == ["StopBoxes box.a", "ChangeMotor box.a"]


def test_a_state_that_is_ignored_does_not_keep_a_machine_off():
    lifecycle = {"ignore_changes": ("state",)}
    live = a_live(a_box(motor="small"), state="running")
    steps = box_steps(a_box(motor="big", state="stopped", lifecycle=lifecycle), live)
    assert "StartBoxes box.a" in told(steps)


@pytest.mark.parametrize("motor", ["small", "big"])
def test_a_marked_machine_is_started_with_its_change_or_without(motor):
    live = a_live(a_box(motor="small"), status="Off", state="stopped", tags=MARKED)
    steps = box_steps(a_box(motor=motor), live)
    start = the_step(steps, "StartBoxes box.a")
    assert start.closing.opened_by == () and start.needs == ()
    assert "UntagResources box.a" in told(steps)


@pytest.mark.parametrize(("status", "state"), [("On", "running"), ("Off", "stopped")])
def test_a_mark_that_is_left_goes_where_the_file_says_what_is_to_be(status, state):
    live = a_live(a_box(state=state), status=status, tags=MARKED)
    assert told(box_steps(a_box(state=state), live)) == ["UntagResources box.a"]


# Questions


def asking(name: str) -> Probe:
    call = Call("MayI", {"Name": name}, kind="box")
    return Probe(("motor",), (call,), lambda answers: PASSED)


def asking_steps(count: int, status: str = "On", unavailable: str = "all"):
    update = replace(BOX.updates[2], asks=lambda change: [asking(str(change.id))])
    kinds = {**KINDS, "box": replace(BOX, updates=(*BOX.updates[:2], update, *BOX.updates[3:]))}
    lifecycle = {"max_unavailable": unavailable}
    boxes = [a_box(f"box.a[{n}]", motor="big", lifecycle=lifecycle) for n in range(count)]
    state = {"On": "running", "Off": "stopped"}[status]
    live = {str(b.address): a_live(b, f"bx-{b.address.key}", motor="small", status=status, state=state) for b in boxes}
    stack = a_stack(A_SHELF, *boxes)
    changes = tuple(changes_of(stack, {**LIVE, **live}).values())
    return laid_out(changes, stack.by_address(), kinds)


def test_what_is_asked_comes_before_anything_of_the_change():
    steps = asking_steps(1)
    assert told(steps)[0] == "MayI box.a[0]" and runs_before(steps, "MayI box.a[0]", "TagResources box.a[0]")


def test_alike_machines_are_asked_about_once():
    assert told(asking_steps(3))[0] == "MayI box.a[0] ×3"


def test_each_wave_asks_anew_as_stock_may_run_out():
    steps = asking_steps(3, unavailable="1")
    assert [step.wave for step in steps if step.question] == [1, 2, 3]


def test_what_is_off_already_is_not_asked_about():
    assert not [step for step in asking_steps(1, "Off") if step.question]


# What is found off


def test_what_is_off_and_stays_so_is_found():
    box, live = a_box(motor="big"), a_live(a_box(motor="small"), status="Off", state="stopped")
    (off,) = found_off(changes_of(a_stack(A_SHELF, box), {**LIVE, "box.a": live}).values(), (), KINDS)
    assert (str(off.address), off.id, off.by_us) == ("box.a", "bx-a", False)


@pytest.mark.parametrize("more", [{"state": "stopped"}, {"state": "running"}])
def test_what_is_meant_to_be_off_or_is_started_is_not(more):
    live = a_live(a_box(), status="Off", state="stopped")
    found = changes_of(a_stack(A_SHELF, a_box(**more)), {**LIVE, "box.a": live}).values()
    assert not list(found_off(found, (), KINDS))


# Disks that leave


DISK = replace(
    SHELF,
    name="disk",
    can=(*SHELF.can, Pluggable(("width",))),
    updates=(
        replace(SHELF.updates[0], attributes=("name",)),
        replace(SHELF.updates[0], operation=None, attributes=("width",), build=lambda change: [_detach(change)]),
        SHELF.updates[1],
    ),
)


def _detach(change) -> Call:
    return Call("Detach", {"DiskId": change.id}, kind="disk", targets=(change.id,), leaves=change.live("width"))


def leaving(action: Action, status: str = "On", create_first: bool = False) -> list[Draft]:
    """A disk leaves box.a, which goes in the same plan, or stays."""
    live = a_live(a_box(), status=status)
    box = {
        Action.NOOP: changes_of(a_stack(A_SHELF, a_box()), {**LIVE, "box.a": live}),
        Action.REPLACE: changes_of(
            a_stack(A_SHELF, a_box(material="steel", lifecycle={"create_before_destroy": create_first})),
            {**LIVE, "box.a": a_live(a_box(material="tin"), status=status)},
        ),
        Action.DELETE: changes_of(a_stack(A_SHELF), LIVE, orphans=((at("box.a"), live),)),
    }[action]
    declared = {c.address: c.after for c in box.values() if c.after is not None}
    disk = _disk_change()
    return laid_out((*box.values(), disk), {**declared, disk.address: disk.after}, {**KINDS, "disk": DISK})


def _disk_change():
    wanted = a_resource(width=7)
    (change,) = changes_of(a_stack(wanted), {"shelf.main": a_live(a_resource(width=3))}).values()
    line = replace(change.attributes[0], before="bx-a", after=None)
    live = an_object(width="bx-a", kind="disk")
    disk = at("disk.d")
    return replace(change, address=disk, before=live, after=replace(wanted, address=disk), attributes=(line,))


@pytest.mark.parametrize("action", [Action.DELETE, Action.REPLACE])
@pytest.mark.parametrize("create_first", [False, True])
def test_a_machine_that_goes_is_stopped_before_a_disk_leaves_it(action, create_first):
    steps = leaving(action, create_first=create_first)
    assert runs_before(steps, "StopBoxes box.a", "Detach disk.d")
    assert runs_before(steps, "StopBoxes box.a", "DeleteBoxes box.a")
    start = the_step(steps, "StartBoxes box.a")
    assert start.is_rescue and the_step(steps, "DeleteBoxes box.a").id in start.closing.unless


def test_a_new_machine_is_there_before_the_old_one_is_stopped():
    steps = leaving(Action.REPLACE, create_first=True)
    assert runs_before(steps, "RunBoxes box.a", "StopBoxes box.a")


@pytest.mark.parametrize(("action", "status"), [(Action.NOOP, "On"), (Action.DELETE, "Off")])
def test_nothing_is_stopped_that_stays_or_is_off(action, status):
    assert not [step for step in leaving(action, status) if step.id.verb == "stop"]


def test_a_disk_that_leaves_a_running_machine_says_unmount_first():
    running = an_object("box.a", status="On")
    (change,) = say_unmount_first([_disk_change()], {**KINDS, "disk": DISK}, [running])
    assert change.impact is Impact.UNPLUG and "unmount it on bx-a first" in change.notes[0]
    (calm,) = say_unmount_first([_disk_change()], {**KINDS, "disk": DISK}, [replace(running, status="Off")])
    assert calm.impact is Impact.NONE and not calm.notes


# What joins a group


def shielded(*, names_it: bool):
    """Boxes stand on a shelf that shields, and whose `spot` is set late; it may name the address of the very box."""
    shelf = replace(SHELF, can=(*SHELF.can, Ordering(shields=True)), create=replace(SHELF.create, later=("width",)))
    width = ref("box.a", "address") if names_it else 3
    stack = a_stack(a_resource(width=width), a_box())
    changes = tuple(changes_of(stack).values())
    return laid_out(changes, stack.by_address(), {**KINDS, "shelf": shelf})


def test_what_joins_a_group_waits_until_it_is_shut():
    assert runs_before(shielded(names_it=False), "ModifyShelf shelf.main", "RunBoxes box.a")


def test_a_group_whose_rule_names_the_machine_cannot_be_waited_for():
    assert runs_before(shielded(names_it=True), "RunBoxes box.a", "ModifyShelf shelf.main")
