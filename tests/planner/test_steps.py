"""Changes to calls: what is sent, with which parameters, and how the calls of one change follow each other."""

import pytest

from ecsplan.model.address import Secret, Template
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Late, Replay
from ecsplan.model.marks import OPEN, key_of, read_marks
from ecsplan.model.ownership import read_record
from ecsplan.model.record import LET_GO, Applied
from ecsplan.model.record_text import pack
from tests.builders import a_box, a_live, a_resource, a_stack, an_object, at, ref
from tests.planner.layout import runs_before, steps_of, the_call, the_step, told

SHELF = a_resource()
LIVE = {"shelf.main": a_live(SHELF)}


def box_steps(declared, live=None, **more):
    matched = {**LIVE, **({"box.a": live} if live else {})}
    return steps_of(a_stack(SHELF, declared), matched, **more)


def tags_of(call) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in call.params["Tag"]}


def record_in(call, **more: str) -> Applied:
    found = read_record(read_marks({"ecsplan:box": "lab/box.a", **more, **tags_of(call)}, "box").named)
    assert found is not None
    return found


def test_a_create_sends_what_is_declared_and_whose_it_is():
    call = the_call(box_steps(a_box(size=40, tags=(("team", "web"),))), "RunBoxes box.a")
    assert (call.params["ShelfId"], call.params["Size"], call.params["Name"]) == ("sh-main", 40, "lab-a")
    tags = tags_of(call)
    assert (tags["ecsplan:box"], tags["team"]) == ("lab/box.a", "web")
    assert call.creates == (at("box.a"),) and call.replay is Replay.TOKEN


def test_what_a_create_does_not_take_is_a_step_of_its_own_afterwards():
    other = a_box("box.lid")
    steps = steps_of(a_stack(SHELF, a_box(lids=(ref("box.lid"),)), other), LIVE)
    assert runs_before(steps, "RunBoxes box.a", "JoinLid box.a") and runs_before(
        steps, "RunBoxes box.lid", "JoinLid box.a"
    )


def test_a_secret_is_a_hole_in_the_call_and_a_version_in_the_tags():
    call = the_call(box_steps(a_box(password=Secret(2, env="PW"))), "RunBoxes box.a")
    assert isinstance(call.params["Password"], Late) and call.params["Password"].is_sensitive
    assert record_in(call).version("password") == 2


def test_a_template_is_filled_when_it_is_sent():
    box = a_box(colour=Template(("of ", ref("shelf.main", "serial"))))
    steps = steps_of(a_stack(SHELF, box))
    assert isinstance(the_call(steps, "RunBoxes box.a").params["Colour"], Late)
    assert runs_before(steps, "CreateShelf shelf.main", "RunBoxes box.a")


def test_attributes_of_one_update_go_out_in_one_call():
    box = a_box(name="new", colour="red")
    steps = box_steps(box, a_live(a_box(name="old", colour="blue")))
    call = the_call(steps, "ModifyBox box.a")
    assert call.params == {"BoxId": "bx-a", "Name": "new", "Colour": "red"}


def test_what_is_about_to_change_is_on_record_before_and_closed_after():
    steps = box_steps(a_box(colour="red"), a_live(a_box(colour="blue")))
    assert told(steps) == ["TagResources box.a", "ModifyBox box.a", "UntagResources box.a"]
    applied = record_in(the_call(steps, "TagResources box.a"))
    assert applied.value("colour") == (True, "red") and applied.opened("colour") == '"blue"'
    assert the_call(steps, "UntagResources box.a").params["TagKey"] == [key_of("box", OPEN)]


def test_what_moved_outside_is_put_back_without_a_word_on_record():
    steps = box_steps(a_box(colour="red"), a_live(a_box(colour="red"), colour="blue"))
    assert told(steps) == ["ModifyBox box.a"]


def test_tags_alone_are_written_with_the_record_in_one_call():
    steps = box_steps(a_box(tags=(("a", "2"),)), a_live(a_box(tags=(("a", "1"),)), tags={"a": "1"}))
    assert told(steps) == ["TagResources box.a"]
    assert OPEN not in tags_of(the_call(steps, "TagResources box.a"))


def test_a_tag_that_goes_is_open_until_it_is_gone():
    steps = box_steps(a_box(tags=()), a_live(a_box(tags=(("a", "1"),)), tags={"a": "1"}))
    assert told(steps) == ["TagResources box.a", "UntagResources box.a"]
    applied = record_in(the_call(steps, "TagResources box.a"))
    assert applied.has("tags.a") is False and applied.opened("tags.a") == '"1"'
    assert the_call(steps, "UntagResources box.a").params["TagKey"] == ["a", key_of("box", OPEN)]


def test_what_later_steps_of_a_birth_set_is_open_until_the_last_of_them():
    steps = box_steps(a_box(state="stopped", lids=("bx-1",), colour="red"))
    assert told(steps) == ["RunBoxes box.a", "JoinLid box.a", "StopBoxes box.a", "UntagResources box.a"]
    applied = record_in(the_call(steps, "RunBoxes box.a"))
    assert applied.opened("colour") is None
    assert (applied.opened("state"), applied.opened("lids")) == ("", "")


def test_the_births_of_many_unlike_things_are_closed_in_one_call():
    boxes = [a_box(f"box.{name}", state="stopped", colour=name) for name in ("red", "blue", "green")]
    steps = steps_of(a_stack(SHELF, *boxes), LIVE)
    assert "UntagResources box.blue ×3" in told(steps)


def test_what_goes_is_said_to_let_go_before_it_does():
    box = an_object("box.a", lids=("bx-b",))
    steps = steps_of(a_stack(), orphans=((at("box.a"), box), (at("box.b"), an_object("box.b"))))
    assert runs_before(steps, "TagResources box.a", "LeaveLid box.a")
    applied = record_in(the_call(steps, "TagResources box.a"), **{"ecsplan:box:applied": pack({})})
    assert applied.opened("lids") == LET_GO


def test_a_machine_is_stopped_once_for_all_that_needs_it_and_started_again():
    box = a_box(motor="big", password=Secret(2, env="PW"), colour="red")
    steps = box_steps(box, a_live(a_box(motor="small", password=Secret(1, env="PW"), colour="blue")))
    assert told(steps) == [
        "TagResources box.a", "ModifyBox box.a", "TagResources box.a", "StopBoxes box.a", "ChangeMotor box.a",
        "SetPassword box.a", "StartBoxes box.a", "UntagResources box.a", "UntagResources box.a",
    ]  # fmt: skip
    assert the_step(steps, "ChangeMotor box.a").impact is Impact.STOP_START


@pytest.mark.parametrize(
    ("status", "state", "operations"),
    [
        ("Off", None, ["ChangeMotor"]),  # it was off, and nobody asks for it
        ("Off", "running", ["ChangeMotor", "StartBoxes"]),
        ("On", "stopped", ["StopBoxes", "ChangeMotor"]),
        ("On", "running", ["StopBoxes", "ChangeMotor", "StartBoxes", "UntagResources"]),
    ],
)
def test_a_machine_ends_as_the_file_says_or_as_it_was(status, state, operations):
    more = {"state": state} if state else {}
    live = a_live(a_box(motor="small", **more), status=status, state={"On": "running", "Off": "stopped"}[status])
    steps = box_steps(a_box(motor="big", **more), live)
    assert [step.calls[0].operation for step in steps][1:-1] == operations


@pytest.mark.parametrize(
    ("wanted", "status", "operation"), [("stopped", "On", "StopBoxes"), ("running", "Off", "StartBoxes")]
)
def test_only_the_power_state(wanted, status, operation):
    live = a_live(a_box(state=wanted), status=status, state={"On": "running", "Off": "stopped"}[status])
    assert told(box_steps(a_box(state=wanted), live)) == [f"{operation} box.a"]


def test_a_new_machine_that_is_to_be_off_is_stopped_after_its_creation():
    assert told(box_steps(a_box(state="stopped"))) == ["RunBoxes box.a", "StopBoxes box.a", "UntagResources box.a"]


def test_a_new_machine_runs_by_itself():
    assert told(box_steps(a_box(state="running"))) == ["RunBoxes box.a"]


def test_a_delete_is_done_when_the_thing_is_gone_already():
    steps = steps_of(a_stack(), orphans=((at("shelf.main"), an_object()),))
    call = the_call(steps, "DeleteShelf shelf.main")
    assert call.params == {"ShelfId": "sh-main"} and call.absent_is_done


def test_what_is_held_of_the_doomed_is_let_go_before():
    box = an_object("box.a", lids=("bx-b", "bx-stays"))
    steps = steps_of(a_stack(), orphans=((at("box.a"), box), (at("box.b"), an_object("box.b"))))
    call = the_call(steps, "LeaveLid box.a")
    assert call.params["LidId"] == "bx-b" and runs_before(steps, "LeaveLid box.a", "DeleteBoxes box.a ×2")


def test_a_replacement_deletes_then_creates():
    steps = box_steps(a_box(material="steel"), a_live(a_box(material="tin")))
    assert told(steps) == ["DeleteBoxes box.a", "RunBoxes box.a"]


def test_a_replacement_that_creates_first_retires_the_old_one_before():
    box = a_box(material="steel", lifecycle={"create_before_destroy": True})
    steps = box_steps(box, a_live(a_box(material="tin")))
    assert told(steps) == ["TagResources box.a", "RunBoxes box.a", "DeleteBoxes box.a"]
    assert tags_of(the_call(steps, "TagResources box.a")) == {"ecsplan:box:retired": "true"}


def test_what_is_released_loses_our_tags_alone():
    live = an_object(tags={"ecsplan:stack": "lab", "ecsplan:address": "shelf.main", "team": "web"})
    steps = steps_of(a_stack(released=(at("shelf.main"),)), orphans=((at("shelf.main"), live),))
    assert the_call(steps, "UntagResources shelf.main").params["TagKey"] == ["ecsplan:address", "ecsplan:stack"]


def test_what_is_adopted_gets_our_tags_first_and_is_then_changed():
    steps = steps_of(a_stack(a_resource(width=3)), {"shelf.main": an_object(owner=None, width=2)})
    assert told(steps) == ["TagResources shelf.main", "ModifyShelf shelf.main", "UntagResources shelf.main"]


def test_timeouts_are_those_of_the_file():
    box = a_box(lifecycle={"timeouts": (("create", 60.0),)})
    assert the_step(box_steps(box), "RunBoxes box.a").timeout == 60.0


def test_nothing_to_do_is_no_step():
    assert box_steps(a_box(), a_live(a_box())) == ()


def test_a_step_says_all_that_it_does_and_not_only_the_worst():
    box = a_box(motor="big", password=Secret(2, env="PW"), colour="red")
    steps = box_steps(box, a_live(a_box(motor="small", password=Secret(1, env="PW"), colour="blue")))
    stop = the_step(steps, "StopBoxes box.a")
    assert stop.impacts >= the_step(steps, "ChangeMotor box.a").impacts >= {Impact.STOP_START}
    assert stop.impact is max(stop.impacts)
