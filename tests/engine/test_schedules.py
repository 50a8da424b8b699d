"""`schedule` of an instance: whether it runs is told by the clock, for plan, apply and drift alike."""

import pytest

from ecsplan import engine
from ecsplan.model.change import Cause
from ecsplan.model.diagnostic import Refused, Rejected
from tests.kinds.cloud import Cloud, the_change, the_line, with_instance

HOUR = 3600.0
DAILY = 'schedule: {running: "daily 14:00-15:00 UTC"}'  # the clock begins at 14:13
STACK = with_instance(DAILY)


def status(cloud: Cloud) -> str:
    return cloud.instance().status


def test_a_machine_is_off_when_its_hours_are_over_and_on_again_when_they_begin(cloud):
    cloud.settled(STACK)
    assert status(cloud) == "Running"
    cloud.clock.advance(HOUR)
    plan = cloud.plan(STACK)
    line = the_line(plan)
    assert (line.name, line.before, line.after, line.cause) == ("state", "running", "stopped", Cause.PENDING)
    cloud.apply(plan)
    assert status(cloud) == "Stopped"
    cloud.assert_settled(STACK)
    cloud.clock.advance(23 * HOUR)
    cloud.apply(STACK)
    assert status(cloud) == "Running"


def test_what_somebody_starts_at_night_is_drift_and_goes_back(cloud):
    cloud.clock.advance(HOUR)
    cloud.settled(STACK)
    assert status(cloud) == "Stopped"
    assert not engine.drift(cloud.load(STACK), cloud.api).findings
    cloud.call("StartInstance", InstanceId=cloud.instance().id)
    cloud.clock.advance(60)
    found = engine.drift(cloud.load(STACK), cloud.api).findings
    assert [str(one.address) for one in found] == ["instance.web"]
    cloud.apply(STACK)
    assert status(cloud) == "Stopped"


def test_a_plan_of_the_hour_before_is_refused_after_it(cloud):
    cloud.settled(STACK)
    plan = cloud.plan(STACK.replace("g7.large", "g7.xlarge"))
    cloud.clock.advance(HOUR)
    with pytest.raises(Refused):
        cloud.try_apply(plan)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "nothing is saved in the others"),
        ("stopped_mode: StopCharging", "in the other 161 hours vCPUs and memory cost"),
    ],
)
def test_the_plan_says_what_the_hours_save_and_risk(cloud, more, said):
    change = next(c for c in cloud.plan(with_instance(DAILY, more)).changes if str(c.address) == "instance.web")
    (note,) = [note for note in change.notes if "schedule" in note]
    assert "runs 7 of 168 hours a week" in note and said in note
    assert ("may find none left" in note) == bool(more)
    cloud.settled(with_instance(DAILY, more))
    cloud.clock.advance(HOUR)
    (note,) = [line.note for line in the_change(cloud.plan(with_instance(DAILY, more))).attributes if line.note]
    assert said in note


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ('schedule: {running: "Mon-Fri 8-20 Asia/Shanghai"}', "is not a range of hours"),
        ('schedule: {running: "Mon-Fri 08:00-20:00 Asia/Nowhere"}', "is not a time zone"),
        ("schedule: nights", "schedule is"),
        (DAILY + "\nstate: stopped", "it has a schedule and state"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(cloud, extra, said):
    with pytest.raises(Rejected) as found:
        cloud.load(with_instance(extra))
    assert any(said in fault.summary and fault.source is not None for fault in found.value.diagnostics)
