"""Windows: what was stopped is started again, whatever becomes of the change, of the run, or of the lock."""

from collections.abc import Mapping
from typing import Any

import pytest

from ecsplan.model.asking import PASSED, Checked, Probe, Verdict, dry_run, permitted, refused
from ecsplan.model.call import Call, ErrorClass, Wait
from ecsplan.model.marks import RESTART, key_of
from ecsplan.model.plan import Closing, Status, Step, StepId
from tests.builders import a_plan, a_step, at
from tests.executor.world import Cloud, World, only_failure, refusal, statuses

ON, OFF = "Running", "Stopped"
BOX = "id-box"


def step_id(verb: str, name: str = "box.a") -> StepId:
    return StepId(name, verb)


def power(verb: str, status: str, *needs: str, **more: Any) -> Step:
    """Stops or starts, and waits for it."""
    wait = Wait((("Status", (status,)),))
    return a_step(f"{verb} box.a", *needs, targets=(BOX,), params={"Ids": [BOX]}, wait=wait, **more)


def window(**start: Any) -> tuple[Step, ...]:
    """mark → stop → update → (start → unmark) → tag"""
    closing = Closing(after=(step_id("stop"), step_id("update")), opened_by=(step_id("stop"),), **start)
    return (
        a_step("mark box.a"),
        power("stop", OFF, "mark box.a"),
        a_step("update box.a", "stop box.a"),
        power("start", ON, closing=closing),
        a_step(
            "unmark box.a",
            "start box.a",
            targets=(BOX,),
            closing=Closing(opened_by=(step_id("mark"),), unless=closing.unless),
        ),
        a_step("tag box.a", "update box.a", "start box.a", "unmark box.a"),
    )


class Machine(Cloud):
    """One machine whose power the calls Stop and Start move at once; after `settle` seconds in `slow` status."""

    power = ON

    def send(self, request: Any) -> Mapping[str, Any]:
        answer = super().send(request)
        self.power = {"Stop": OFF, "Start": ON}.get(request.operation, self.power)
        return answer

    def _seen(self, object_id: str) -> Mapping[str, Any] | None:
        tags = [{"TagKey": key_of("box"), "TagValue": "lab/box.a"}]
        tags += [{"TagKey": key_of("box", RESTART), "TagValue": "true"}] if self.is_marked else []
        return {"Status": self.power, "Tags": {"Tag": tags}} if object_id == BOX else super()._seen(object_id)

    @property
    def is_marked(self) -> bool:
        return self.operations.count("Mark") > self.operations.count("Unmark")


@pytest.fixture
def machine(world: World) -> Machine:
    world.cloud = Machine(world.clock)
    return world.cloud


def test_a_window_opens_and_closes_in_order(world, machine):
    report = world.run(a_plan(*window()))
    assert machine.operations == ["Mark", "Stop", "Update", "Start", "Unmark", "Tag"]
    assert report.is_complete and report.off == ()


@pytest.mark.parametrize("error", [refusal("NoStock", ErrorClass.CAPACITY), refusal("Timeout", unknown=True)])
def test_a_refused_change_does_not_keep_the_machine_off(world, machine, error):
    machine.refusals = {"Update": [error]}
    report = world.run(a_plan(*window()))
    assert machine.operations == ["Mark", "Stop", "Update", "Start", "Unmark"]
    assert statuses(report)["tag box.a"] == "skipped" and not report.is_complete
    assert machine.power == ON and report.off == ()


def test_a_refused_stop_needs_no_start_and_leaves_no_mark(world, machine):
    machine.refusals = {"Stop": [refusal("Forbidden.RAM")]}
    report = world.run(a_plan(*window()))
    assert machine.operations == ["Mark", "Stop", "Unmark"]
    assert statuses(report)["start box.a"] == "not needed" and report.off == ()


def test_a_stop_whose_answer_is_lost_is_taken_for_one(world, machine):
    machine.refusals = {"Stop": [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)]}
    world.run(a_plan(*window()))
    assert machine.operations == ["Mark", "Stop", "Start", "Unmark"]


def test_what_cannot_be_started_again_is_named_with_its_id(world, machine):
    machine.refusals = {"Update": [refusal("NoStock")], "Start": [refusal("Locked")]}
    report = world.run(a_plan(*window()))
    (off,) = report.off
    assert (str(off.address), off.id, off.by_us) == ("box.a", BOX, True)
    assert "Locked" in off.why and "NoStock" in off.why
    assert machine.is_marked  # the next run starts it


def test_what_was_off_and_is_to_run_is_started_though_its_change_is_refused(world, machine):
    machine.power = OFF
    machine.refusals = {"Update": [refusal("NoStock")]}
    start = power("start", ON, closing=Closing(after=(step_id("update"),)))
    report = world.run(a_plan(a_step("update box.a"), start))
    assert machine.power == ON and statuses(report)["start box.a"] == "done"


@pytest.mark.parametrize("sent", range(1, 6))
def test_an_interrupted_run_closes_what_it_opened(world, machine, sent):
    """Ctrl-C after each call: no further change, but the machine runs and carries no mark."""
    world.stopped = lambda: len(machine.sent) >= sent
    report = world.run(a_plan(*window(), a_step("create box.other", "tag box.a")))
    assert machine.power == ON and not machine.is_marked and report.off == ()
    assert "Create" not in machine.operations and report.interrupted
    assert ("Update" in machine.operations) == (sent > 2)


def test_an_interruption_before_anything_is_sent_sends_nothing(world, machine):
    world.stopped = lambda: True
    world.run(a_plan(*window()))
    assert machine.sent == []


def test_an_interruption_waits_for_a_change_that_is_under_way(world, machine, clock):
    """The start comes after the change has settled, not into it."""
    machine.objects["slow"] = {"ready": clock.time + 30, "hidden": 0}
    steps = list(window())
    steps[2] = a_step("update box.a", "stop box.a", targets=("slow",), wait=Wait((("Status", ("Ready",)),)))
    world.stopped = lambda: "Update" in machine.operations
    world.run(a_plan(*steps))
    started = next(time for time, request in machine.sent if request.operation == "Start")
    assert started >= 1_000_030 and machine.power == ON


def test_a_machine_is_started_again_though_the_lock_is_lost(world, machine):
    world.may_write = lambda: "somebody else has it" if "Stop" in machine.operations else None
    report = world.run(a_plan(*window()))
    assert machine.operations == ["Mark", "Stop", "Start", "Unmark"] and machine.power == ON
    assert {o.code for o in report.outcomes if o.status is Status.SKIPPED} == {"LockLost"}


def test_without_the_lock_nothing_is_started_that_somebody_else_has_dealt_with(world, machine):
    """Whoever has the lock now has taken the mark off: it is that run's to say whether the machine is to be on."""
    world.may_write = lambda: "somebody else has it" if "Stop" in machine.operations else None
    type(machine).is_marked = property(lambda self: False)
    try:
        world.run(a_plan(*window()))
    finally:
        type(machine).is_marked = property(lambda self: self.operations.count("Mark") > self.operations.count("Unmark"))
    assert "Start" not in machine.operations


def test_credentials_that_ran_out_leave_a_machine_off_and_the_report_says_so(world, machine):
    gone = [refusal("InvalidSecurityToken.Expired", ErrorClass.AUTH_REFRESH)] * 9
    machine.refusals = {"Update": list(gone), "Start": list(gone)}
    report = world.run(a_plan(*window()))
    assert [str(off.address) for off in report.off] == ["box.a"]


def test_a_rescue_is_not_needed_where_nothing_fails(world, machine):
    """stop → delete, and a start for the case that the delete does not come."""
    closing = Closing(after=(step_id("delete"),), opened_by=(step_id("stop"),), unless=(step_id("delete"),))
    steps = (power("stop", OFF), a_step("delete box.a", "stop box.a"), power("start", ON, closing=closing))
    report = world.run(a_plan(*steps))
    assert machine.operations == ["Stop", "Delete"] and report.is_complete and report.off == ()
    machine.refusals = {"Delete": [refusal("Protected")]}
    machine.sent.clear()
    world.run(a_plan(*steps), "two")
    assert machine.operations == ["Stop", "Delete", "Start"]


def test_of_several_that_are_started_one_refusal_keeps_no_other_off(world, machine):
    row = {"InstanceId": "id-b", "Code": "OperationDenied", "Message": "locked"}
    machine.send = lambda request: machine.sent.append((0, request)) or {"Rows": {"Row": [row]}}  # type: ignore[assignment]
    wait = Wait((("Status", (ON,)),))
    call = Call("Start", {"Ids": [BOX, "id-b"]}, kind="box", targets=(BOX, "id-b"), wait=wait, rows="Rows.Row")
    step = Step(StepId("box.a", "start"), (at("box.a"), at("box.b")), (call,), closing=Closing())
    report = world.run(a_plan(step))
    assert only_failure(report) == ("OperationDenied", "id-b: locked")
    assert [str(off.address) for off in report.off] == ["box.b"]


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_gone_when_it_is_to_be_started_is_not_off(world, machine, is_there):
    """The deletion that a dead run had sent is carried out late."""
    machine.power, machine.refusals = OFF, {"Start": [refusal("NotFound", ErrorClass.ABSENT)]}
    world.classify = lambda operation, code: ErrorClass.ABSENT
    machine._seen = (lambda object_id: {"Status": OFF}) if is_there else (lambda object_id: None)  # type: ignore[assignment]
    report = world.run(a_plan(power("start", ON, closing=Closing())))
    assert [off.id for off in report.off] == ([BOX] if is_there else [])


# Questions


def asked(judge: Any, shape: str = "big", name: str = "box.a") -> Step:
    call = Call("WouldYou", {"Shape": shape}, kind="box")
    return Step(StepId(name, "check"), (at(name),), (call,), question=Probe((shape,), (call,), judge))


def test_a_refused_question_stops_nothing(world, machine):
    steps = (asked(lambda answers: refused("NoStock", "sold out", "try another")), *window())
    first = a_step("mark box.a", "check box.a")
    report = world.run(a_plan(steps[0], first, *steps[2:]))
    assert machine.operations == ["WouldYou"]
    (failed,) = report.failed
    assert (failed.code, failed.message, failed.advice) == ("NoStock", "sold out", "try another")
    assert report.off == ()


def test_questions_are_not_writes(world, machine, tmp_path):
    world.run(a_plan(asked(lambda answers: PASSED)))
    ((_, request),) = machine.sent
    assert not request.write
    assert '"intent"' not in next((tmp_path / "journal").glob("*.jsonl")).read_text()


def test_the_same_question_is_asked_once_within_a_minute(world, machine, clock):
    steps = [asked(lambda answers: PASSED, name=f"box.{name}") for name in "abc"]
    chained = [steps[0], *(a_step(f"check box.{b}", f"check box.{a}", calls=step.calls, question=step.question)
                           for a, b, step in zip("ab", "bc", steps[1:], strict=True))]  # fmt: skip
    assert world.run(a_plan(*chained)).is_complete
    assert machine.operations == ["WouldYou"]


def test_a_question_that_nobody_can_answer_is_told_and_holds_nothing_up(world, machine):
    verdict = Verdict(Checked.UNCHECKED, "Forbidden.RAM", "no right")
    report = world.run(a_plan(asked(lambda answers: verdict), a_step("update box.a", "check box.a")))
    assert report.is_complete and machine.operations == ["WouldYou", "Update"]
    (told,) = [event for event in world.events if event["type"] == "diagnostic"]
    assert "not checked" in told["message"] and "Forbidden.RAM" in told["message"]


def test_a_question_gets_refusals_as_answers(world, machine):
    machine.refusals = {"WouldYou": [refusal("DryRunOperation", ErrorClass.DRY_RUN)]}
    assert world.run(a_plan(asked(dry_run))).is_complete


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        (refusal("DryRunOperation", ErrorClass.DRY_RUN), Checked.PASSED),
        (refusal("OperationDenied.NoStock", ErrorClass.CAPACITY), Checked.REFUSED),
        (refusal("Forbidden.RAM"), Checked.REFUSED),
        (refusal("InvalidInstanceStatus.NotStopped"), Checked.UNCHECKED),
        (refusal("IncorrectInstanceStatus", ErrorClass.CONFLICT), Checked.UNCHECKED),
        (refusal("Throttling", ErrorClass.THROTTLE), Checked.UNCHECKED),
        (refusal("QuotaExceed.ElasticQuota", ErrorClass.CAPACITY), Checked.REFUSED),
    ],
)
def test_what_a_dry_run_says(error, finding):
    assert dry_run([error]).finding is finding


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        (refusal("DryRunOperation", ErrorClass.DRY_RUN), Checked.PASSED),
        (refusal("InvalidInstanceStatus.NotStopped", ErrorClass.CONFLICT), Checked.PASSED),
        (refusal("Forbidden.RAM", ErrorClass.DENIED), Checked.REFUSED),
        (refusal("Throttling", ErrorClass.THROTTLE), Checked.UNCHECKED),
    ],
)
def test_what_a_dry_run_says_of_the_right_alone(error, finding):
    assert permitted([error]).finding is finding


def test_room_that_the_old_thing_still_takes_is_no_refusal():
    full = refusal("QuotaExceed.ElasticQuota", ErrorClass.CAPACITY)
    assert dry_run([full], frees_room=True).finding is Checked.UNCHECKED
