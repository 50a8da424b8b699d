"""Orders by hand as steps: what is merged into one call, what is only waited for, and what closes a window."""

from ecsplan.kinds import load_kinds
from ecsplan.kinds._reinit import put_back
from ecsplan.model.address import Address
from ecsplan.model.disk import LiveDisk
from ecsplan.model.marks import RESTART
from ecsplan.model.plan import Step
from ecsplan.model.power import Order, PowerPlan, Verb
from ecsplan.model.reinit import Disk, Host, ReinitPlan
from ecsplan.model.resource import LiveObject, Owner
from ecsplan.planner.operations import power_steps, reinit_steps

KINDS = load_kinds()


def machine(number: int, status: str = "Running", **more: object) -> LiveObject:
    address = Address("instance", "web", number)
    return LiveObject("instance", f"i-{number}", f"web-{number}", status, owner=Owner("demo", address), **more)  # type: ignore[arg-type]


def ordered(order: Order, *machines: LiveObject) -> list[Step]:
    owned = {obj.owner.address: obj for obj in machines if obj.owner is not None}
    return list(power_steps(PowerPlan(order, "demo", "cn-hangzhou", owned), KINDS, {})[1])


def test_up_to_a_hundred_machines_are_one_call() -> None:
    steps = ordered(Order(Verb.START), *(machine(number, "Stopped") for number in range(250)))

    assert [len(step.calls[0].targets) for step in steps] == [100, 100, 50]
    assert {step.calls[0].operation for step in steps} == {"StartInstances"}


def test_each_verb_has_its_own_parameters() -> None:
    (stop,), (reboot,) = (ordered(Order(verb, force=True, stop_charging=True), machine(1)) for verb in
                          (Verb.STOP, Verb.REBOOT))  # fmt: skip

    assert (stop.calls[0].params["ForceStop"], stop.calls[0].params["StoppedMode"]) == (True, "StopCharging")
    assert reboot.calls[0].params["ForceReboot"] is True
    assert "StoppedMode" not in reboot.calls[0].params


def test_a_machine_that_is_being_stopped_is_waited_for_and_not_asked_again() -> None:
    steps = ordered(Order(Verb.STOP), machine(1), machine(2, "Stopping"))

    assert {step.calls[0].operation: step.calls[0].targets for step in steps} == {
        "StopInstances": ("i-1",), "": ("i-2",),
    }  # fmt: skip


def put_back_steps(status: str, disk: str = "In_use", ran: bool = True, **more: object) -> dict[str, Step]:
    obj = machine(0, status, **more)
    address = Address("instance", "web", 0)
    asked = Disk(address, "data_disks.logs", obj, LiveDisk("d-1", machine=obj.id, status=disk))
    host = Host(obj.id, address, status, ran=ran, is_marked=RESTART in obj.marks, owner=obj)
    plan = ReinitPlan("demo", "cn-hangzhou", (asked,), {obj.id: host})
    _, steps = reinit_steps(plan, KINDS, {}, {"d-1": put_back(asked, None, {})})
    return {step.id.verb: step for step in steps}


def test_a_machine_is_started_whatever_becomes_of_its_disk() -> None:
    steps = put_back_steps("Running")

    assert list(steps) == ["mark", "stop", "reinit", "start", "unmark"]
    assert steps["start"].closing is not None
    assert steps["start"].closing.opened_by == (steps["stop"].id,)
    assert steps["reinit"].needs == (steps["stop"].id,)


def test_a_machine_that_runs_again_keeps_its_place() -> None:
    steps = put_back_steps("Running")

    assert steps["stop"].calls[0].params["StoppedMode"] == "KeepCharging"
    assert "StoppedMode" not in steps["start"].calls[0].params


def test_a_disk_that_is_being_put_back_is_waited_for_first() -> None:
    steps = put_back_steps("Stopped", "ReIniting", ran=False)

    assert [step.calls[0].operation for step in steps.values()] == ["", "ReInitDisk"]


def test_a_machine_that_is_on_its_way_down_stays_off() -> None:
    assert list(put_back_steps("Stopping", ran=False)) == ["wait", "reinit"]


def test_what_a_dead_run_left_off_is_started_though_nothing_is_stopped() -> None:
    steps = put_back_steps("Stopped", marks={RESTART: "true"})

    assert list(steps) == ["reinit", "start", "unmark"]
    assert steps["start"].closing is not None and steps["start"].closing.opened_by == ()
