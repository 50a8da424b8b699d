"""`on_failure: roll_back`: the wave that failed gets its values again in the same run, and no other machine does."""

import pytest

from ecsplan.engine.runs import recent_runs
from ecsplan.model.marks import RESTART, key_of
from ecsplan.model.plan import Result
from ecsplan.render.report import report_text, report_view
from tests.engine.test_rollouts import fleet, off, types, unwell
from tests.kinds.cloud import address, with_instance

BACK = "max_unavailable: 2, canary: [1], on_failure: roll_back"


def test_a_wave_that_fails_is_rolled_back_alone_and_none_is_off(cloud):
    old, new = (fleet(f"ecs.g7.{size}", size=5, rollout=BACK) for size in ("large", "xlarge"))
    cloud.apply(old)
    unwell(cloud, "*-0002")
    report = cloud.try_apply(new, store="")
    assert types(cloud) == ["ecs.g7.xlarge", *["ecs.g7.large"] * 4] and off(cloud) == []
    members = [address("instance.web[1]"), address("instance.web[2]")]
    assert report.taken_back == dict.fromkeys(members, "")
    assert [report.results[one] for one in members] == [Result.ROLLED_BACK] * 2
    assert not report.is_complete and not report.off
    text = report_text(report_view(report))
    assert "rolled back instance.web[1..2]: the values before are there again" in text
    assert "1 updated" in text and "2 rolled back" in text
    runs = recent_runs("", state_dir=str(cloud.folder / ".ecsplan"))
    assert sorted((run.operation, run.outcome) for run in runs) == [("apply", "in part"), ("rollback", "complete")]
    cloud.service.faults.clear()
    cloud.apply(new)
    cloud.assert_settled(new)


def test_a_member_whose_change_is_refused_takes_its_wave_back(cloud):
    rollout = "max_unavailable: 2, on_failure: roll_back"
    old, new = (fleet(f"ecs.g7.{size}", size=4, rollout=rollout) for size in ("large", "xlarge"))
    cloud.apply(old)
    refusal = {"fault": "error", "action": "ModifyInstanceSpec", "nth": 2, "times": 1}
    cloud.faults({**refusal, "code": "OperationDenied.NoStock", "status": 403})
    report = cloud.try_apply(new)
    assert types(cloud) == ["ecs.g7.large"] * 4 and off(cloud) == []
    assert set(report.taken_back.values()) == {""} and report.failed


def test_a_member_that_is_not_well_with_the_values_before_either_is_said(cloud):
    old, new = (fleet(f"ecs.g7.{size}", size=3, rollout=BACK) for size in ("large", "xlarge"))
    cloud.apply(old)
    cloud.faults({"fault": "unwell", "match": "*-0000"})
    report = cloud.try_apply(new)
    assert types(cloud) == ["ecs.g7.large"] * 3 and off(cloud) == []
    assert "it has its values again, and does not pass: CheckFailed" in report.taken_back[address("instance.web[0]")]


def test_what_was_replaced_is_not_replaced_once_more_by_itself(cloud):
    check = "[{status: true, interval: 1, timeout: 5}]"
    body = with_instance(
        "lifecycle: {on_image_change: replace, rollout: {on_failure: roll_back, check: " + check + "}}"
    )
    cloud.apply(body)
    cloud.faults({"fault": "unwell", "image": "ubuntu_22_04_x64_20G_alibase_20260723.vhd"})
    cloud.forget()
    report = cloud.try_apply(body.replace("20260522", "20260723"))
    assert "the way back is lossy" in report.taken_back[address("instance.web")]
    assert cloud.changed().count("RunInstances") == 1


@pytest.mark.parametrize("when", ["gate", "rollback"])
def test_a_run_that_is_told_to_stop_begins_no_way_back_and_ends_one_that_it_began(cloud, when):
    from threading import Event

    from ecsplan import engine

    old, new = (fleet(f"ecs.g7.{size}", size=3, rollout=BACK) for size in ("large", "xlarge"))
    cloud.apply(old)
    unwell(cloud, "*-0000")
    stop = type("Stop", (), {"requested": Event()})()
    seen = []

    def tell(event):
        if event["type"] == "apply_start":
            seen.append(event["step"])
            begins = seen.count("stop instance.web[0]") == 2 if when == "rollback" else event["step"].startswith("gate")
            if begins:
                stop.requested.set()

    options = engine.ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True, allow_destroy=9)
    report = engine.apply(cloud.plan(new), cloud.api, options, events=tell, stop=stop)
    assert report.interrupted and off(cloud) == []
    assert types(cloud).count("ecs.g7.xlarge") <= 1


@pytest.mark.parametrize("state", ["", "state: running"])
def test_what_a_cut_off_run_left_off_is_not_stopped_again_by_the_way_back(cloud, state):
    """It is started by the run whose wave fails: off is no state to go back to."""
    plain = fleet("ecs.g7.large", size=2, rollout="max_unavailable: 1, on_failure: roll_back")
    old = plain.replace("count: 2\n", f"count: 2\n      {state}\n")
    cloud.apply(old)
    machine = cloud.instance("demo-web-0000")
    tag = {"Key": key_of("instance", RESTART), "Value": "true"}
    cloud.call("TagResources", ResourceType="instance", ResourceId=[machine.id], Tag=[tag])
    cloud.call("StopInstance", InstanceId=machine.id)
    cloud.clock.advance(60)
    unwell(cloud, "*-0000")
    report = cloud.try_apply(old.replace("ecs.g7.large", "ecs.g7.xlarge"))
    assert [str(one) for one in report.taken_back] == ["instance.web[0]"]
    assert off(cloud) == [] and types(cloud) == ["ecs.g7.large"] * 2
