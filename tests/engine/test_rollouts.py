"""Rollouts with gates, on an account in this process: canaries, a member that is not well, and what is left alone."""

import pytest

from ecsplan import engine
from ecsplan.model.plan import Status
from tests.kinds.cloud import Cloud, with_instance

SIZE = 40


def fleet(
    type_: str, *, size: int = SIZE, rollout: str = "max_unavailable: 1, canary: [1, 10%]", check: str = ""
) -> str:
    checks = check or "[{status: true, interval: 1, timeout: 10}]"
    body = with_instance(f"count: {size}", f"lifecycle: {{rollout: {{{rollout}, check: {checks}}}}}")
    return body.replace("ecs.g7.large", type_)


def types(cloud: Cloud) -> list[str]:
    machines = sorted(cloud.things("instance"), key=lambda thing: thing["InstanceName"])
    return [thing["InstanceType"] for thing in machines]


def off(cloud: Cloud) -> list[str]:
    return [thing["InstanceName"] for thing in cloud.things("instance") if thing.status != "Running"]


def unwell(cloud: Cloud, name: str, **more: object) -> None:
    cloud.faults({"fault": "unwell", "match": name, "type": "ecs.g7.xlarge", **more})


def test_a_canary_that_does_not_pass_stops_a_rollout_of_forty_machines(cloud):
    cloud.apply(fleet("ecs.g7.large"))
    unwell(cloud, "*-0002")
    report = cloud.try_apply(fleet("ecs.g7.xlarge"))
    assert types(cloud).count("ecs.g7.xlarge") == 3 and types(cloud)[:3] == ["ecs.g7.xlarge"] * 3
    assert off(cloud) == [] and report.off == ()
    (failed,) = report.failed
    assert (str(failed.step), failed.code) == ("gate instance.web[2]", "CheckFailed")
    assert "instance.web[2]: status: not passed within 10 s: its health is Impaired" in failed.message
    assert {o.because for o in report.skipped} == {failed.step}


def test_a_rollout_does_not_go_on_over_a_member_that_it_left_unwell(cloud):
    small = {"size": 4, "rollout": "max_unavailable: 1"}
    cloud.apply(fleet("ecs.g7.large", **small))
    unwell(cloud, "*-0001")
    cloud.try_apply(fleet("ecs.g7.xlarge", **small))
    cloud.forget()
    again = cloud.try_apply(fleet("ecs.g7.xlarge", **small))
    (failed,) = again.failed
    assert str(failed.step) == "gate instance.web" and "instance.web[1]" in failed.message
    assert cloud.changed() == []
    cloud.service.faults.clear()
    cloud.apply(fleet("ecs.g7.xlarge", **small))
    assert types(cloud) == ["ecs.g7.xlarge"] * 4
    cloud.assert_settled(fleet("ecs.g7.xlarge", **small))


@pytest.mark.parametrize(("more", "changed"), [("on_failure: continue", 4), ("on_failure: stop", 2)])
def test_what_a_failed_check_means_is_what_the_policy_says(cloud, more, changed):
    rollout = f"max_unavailable: 1, {more}"
    cloud.apply(fleet("ecs.g7.large", size=4, rollout=rollout))
    unwell(cloud, "*-0001")
    report = cloud.try_apply(fleet("ecs.g7.xlarge", size=4, rollout=rollout))
    assert types(cloud).count("ecs.g7.xlarge") == changed
    assert [str(outcome.step) for outcome in report.failed] == ["gate instance.web[1]"]


def test_canaries_are_stages_with_a_pause_between_and_stand_in_the_plan(cloud):
    text = fleet("ecs.g7.xlarge", size=10, rollout="max_unavailable: 3, canary: [1, 50%], pause: 5m")
    cloud.apply(text.replace("xlarge", "large"))
    plan = cloud.plan(text)
    waves = {}
    for step in plan.steps:
        if step.id.verb == "update":
            waves.setdefault(step.wave, []).extend(step.addresses)
    assert [len(waves[number]) for number in sorted(waves)] == [1, 3, 1, 3, 2]
    assert [str(step.id) for step in plan.steps if step.gate is not None and step.gate.pause] == [
        "pause instance.web #1", "pause instance.web #3",
    ]  # fmt: skip
    assert sum(step.id.verb == "gate" for step in plan.steps) == 10
    before = cloud.clock.now()
    assert cloud.apply(plan).is_complete and cloud.clock.now() - before > 600


def test_the_gate_of_a_single_machine_that_is_replaced_first_comes_before_the_old_one_goes(cloud):
    check = "[{status: true, interval: 1, timeout: 5}]"
    body = with_instance(
        "lifecycle: {create_before_destroy: true, on_image_change: replace, rollout: {check: " + check + "}}"
    )
    cloud.apply(body)
    (old,) = cloud.things("instance")
    other = body.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "ubuntu_22_04_x64_20G_alibase_20260723.vhd")
    cloud.faults({"fault": "unwell", "image": "ubuntu_22_04_x64_20G_alibase_20260723.vhd"})
    report = cloud.try_apply(other)
    assert [str(outcome.step) for outcome in report.failed] == ["gate instance.web"]
    there = {thing.id: thing.status for thing in cloud.things("instance")}
    assert there[old.id] == "Running" and len(there) == 2
    again = cloud.try_apply(other)  # not by another apply either, while the new one does not pass
    assert [str(outcome.step) for outcome in again.failed] == ["gate instance.web"]
    assert {thing.id for thing in cloud.things("instance")} == there.keys()
    cloud.service.faults.clear()
    cloud.apply(other)
    assert old.id not in {thing.id for thing in cloud.things("instance")}
    cloud.assert_settled(other)


def test_a_gate_that_is_interrupted_is_not_passed_and_begins_nothing_new(cloud):
    from threading import Event

    cloud.apply(fleet("ecs.g7.large", size=3, rollout="max_unavailable: 1"))
    unwell(cloud, "*-0000")
    stop = type("Stop", (), {"requested": Event()})()

    def tell(event):
        if event["type"] == "apply_start" and event["step"] == "gate instance.web[0]":
            stop.requested.set()

    plan = cloud.plan(fleet("ecs.g7.xlarge", size=3, rollout="max_unavailable: 1"))
    options = engine.ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True, allow_destroy=9)
    report = engine.apply(plan, cloud.api, options, events=tell, stop=stop)
    assert report.interrupted and types(cloud).count("ecs.g7.xlarge") == 1 and off(cloud) == []
    assert not [o for o in report.outcomes if o.status is Status.FAILED]
