"""Putting disks back over the emulator: what stops and starts, what is lost, what stands against it."""

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions
from ecsplan.model.call import Api, ApiError, Request
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.marks import RESTART, key_of
from ecsplan.model.power import Became
from ecsplan.model.reinit import ReinitPlan, ReinitReport, TooMany
from tests.kinds.cloud import Cloud, stack_of, with_instance

LOGS = "data_disks: {logs: {category: cloud_essd, size: 40}, more: {category: cloud_essd, size: 20}}"
GROUP = with_instance(f"count: 3\n{LOGS}")
ONE = with_instance(LOGS)
POWER = ["StopInstances", "StartInstances"]


def reinit(cloud: Cloud, text: str, *patterns: str, api: Api | None = None, **more: Any) -> ReinitReport | None:
    """As a person who says yes."""
    given = {"approve": lambda plan: True, "events": None, "stop": None, "snapshot": None} | more
    options = given.pop("options", None) or options_of(cloud, approved=True)
    return engine.reinit(cloud.load(text), api or cloud.api, patterns, options, **given)


def options_of(cloud: Cloud, **more: Any) -> ApplyOptions:
    return ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), environ=cloud.environ, **more)


def became(report: ReinitReport | None) -> dict[str, Became]:
    assert report is not None
    return {str(row.disk): row.became for row in report.disks}


def statuses(cloud: Cloud) -> set[str]:
    return {thing.status for thing in cloud.things("instance")}


def marked(cloud: Cloud) -> int:
    return sum(key_of("instance", RESTART) in thing.tags for thing in cloud.things("instance"))


def stopped(cloud: Cloud, name: str = "demo-web") -> None:
    cloud.call("StopInstance", InstanceId=cloud.instance(name).id)
    cloud.clock.advance(60)


def snapshot(cloud: Cloud, disk: str, **more: Any) -> str:
    made = cloud.call("CreateSnapshot", DiskId=disk, **more)["SnapshotId"]
    cloud.clock.advance(60)
    cloud.call("DescribeInstances")
    return str(made)


def slot(cloud: Cloud, name: str = "logs", machine: str = "demo-web") -> str:
    return cloud.disks(cloud.instance(machine))[name].id


def test_a_group_is_stopped_and_started_by_one_call_each(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    cloud.forget()

    found = became(reinit(cloud, GROUP, "instance.web[*].data_disks.logs"))

    assert found == {f"instance.web[{number}].data_disks.logs": Became.DONE for number in range(3)}
    assert cloud.writes() == [
        "TagResources", "StopInstances", *["ReInitDisk"] * 3, "StartInstances", "UntagResources",
    ]  # fmt: skip
    assert statuses(cloud) == {"Running"}
    assert not marked(cloud)
    cloud.assert_settled(GROUP)


def test_all_disks_of_a_machine_go_back_in_one_stop(cloud: Cloud) -> None:
    cloud.settled(ONE)
    cloud.forget()

    reinit(cloud, ONE, "instance.web.data_disks.*", "instance.web.system_disk")

    assert cloud.writes().count("StopInstances") == 1
    assert cloud.writes().count("ReInitDisk") == 3
    assert cloud.written("StopInstances")[0]["params"]["StoppedMode"] == "KeepCharging"


def test_a_machine_that_is_off_stays_off(cloud: Cloud) -> None:
    cloud.settled(ONE)
    stopped(cloud)
    cloud.forget()

    report = reinit(cloud, ONE, "instance.web.data_disks.logs")

    assert cloud.writes() == ["ReInitDisk"]
    assert report is not None and [row.became for row in report.machines] == [Became.ALREADY]
    assert statuses(cloud) == {"Stopped"}


def test_a_machine_that_a_cut_off_run_stopped_is_started(cloud: Cloud) -> None:
    cloud.settled(ONE)
    cloud.call("TagResources", ResourceType="instance", ResourceId=[cloud.instance().id],
               Tag=[{"Key": key_of("instance", RESTART), "Value": "true"}])  # fmt: skip
    stopped(cloud)
    cloud.forget()

    reinit(cloud, ONE, "instance.web.data_disks.logs")

    assert cloud.writes() == ["ReInitDisk", "StartInstances", "UntagResources"]
    assert statuses(cloud) == {"Running"}


def test_one_that_the_file_wants_off_is_not_marked(cloud: Cloud) -> None:
    cloud.settled(ONE)
    cloud.forget()

    reinit(cloud, with_instance(f"{LOGS}\nstate: stopped"), "instance.web.data_disks.logs")

    assert cloud.writes() == ["StopInstances", "ReInitDisk", "StartInstances"]


def test_a_disk_of_its_own_goes_back_with_its_machine_off(cloud: Cloud) -> None:
    text = with_instance(more="disk:\n  data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: web}\n")
    cloud.settled(text)
    cloud.forget()

    assert became(reinit(cloud, text, "disk.data")) == {"disk.data": Became.DONE}

    assert [one for one in cloud.writes() if one in POWER] == POWER
    cloud.assert_settled(text)


def test_a_disk_on_no_machine_can_be_rolled_back_only(cloud: Cloud) -> None:
    disk = "disk: {data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}"
    text = stack_of(disk, "snapshot: {first: {disk: data}}")
    cloud.settled(stack_of(disk))
    cloud.thing("disk", "demo-data").data["DetachedTime"] = "2026-01-01T00:00:00Z"  # a machine had it once
    cloud.settled(text)
    cloud.forget()

    with pytest.raises(Rejected, match="hangs on no machine"):
        reinit(cloud, text, "disk.data")
    assert became(reinit(cloud, text, "disk.data", snapshot="snapshot.first")) == {"disk.data": Became.DONE}
    assert cloud.writes() == ["ResetDisk"]


def test_a_roll_back_takes_a_snapshot_of_the_very_disk(cloud: Cloud) -> None:
    cloud.settled(ONE)
    own, other = (snapshot(cloud, slot(cloud, name)) for name in ("logs", "more"))
    cloud.forget()

    for wrong, why in ((other, "not of d-"), ("s-nowhere", "no such snapshot"), ("snapshot.first", "no such snapshot")):
        with pytest.raises(Rejected, match=why):
            reinit(cloud, ONE, "instance.web.data_disks.logs", snapshot=wrong)
    with pytest.raises(TooMany):
        reinit(cloud, ONE, "instance.web.data_disks.*", snapshot=own)
    assert cloud.writes() == []

    reinit(cloud, ONE, "instance.web.data_disks.logs", snapshot=own)

    (call,) = cloud.written("ResetDisk")
    assert (call["params"]["DiskId"], call["params"]["SnapshotId"]) == (slot(cloud), own)
    assert statuses(cloud) == {"Running"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda cloud: snapshot(cloud, slot(cloud), Category="flash"), "local snapshot"),
        (lambda cloud: cloud.call("CreateSnapshot", DiskId=slot(cloud)), "is being taken"),
        (lambda cloud: set_on(cloud, "disk", slot(cloud), Category="ephemeral_ssd"), "local disk"),
        (lambda cloud: set_on(cloud, "disk", slot(cloud), MultiAttach="Enabled"), "several machines"),
        (lambda cloud: set_on(cloud, "instance", cloud.instance().id, Status="Pending"), "is Pending"),
        (lambda cloud: set_on(cloud, "instance", cloud.instance().id, StartTime=""), "never been started"),
        (
            lambda cloud: set_on(
                cloud, "instance", cloud.instance().id, InstanceChargeType="PrePaid", ExpiredTime="2020-01-01T16:00Z"
            ),
            "subscription .* ended",
        ),
    ],
)
def test_what_stands_against_it_is_found_before_anything_stops(
    cloud: Cloud, change: Callable[[Cloud], Any], why: str
) -> None:
    cloud.settled(ONE)
    change(cloud)
    cloud.forget()

    with pytest.raises(Rejected, match=why):
        reinit(cloud, ONE, "instance.web.data_disks.*")
    assert cloud.writes() == []


def set_on(cloud: Cloud, kind: str, object_id: str, **values: Any) -> None:
    thing = cloud.service.account.get(kind, object_id)
    assert thing is not None
    cloud.service.account.change(thing, **values)


def test_a_beginning_that_is_gone_is_found_before_anything_stops(cloud: Cloud) -> None:
    cloud.settled(ONE)
    set_on(cloud, "disk", slot(cloud), SourceSnapshotId="s-gone")
    system = next(iter(cloud.disks(cloud.instance(), "system").values()))
    set_on(cloud, "disk", system.id, ImageId="m-gone")
    cloud.forget()

    with pytest.raises(Rejected) as caught:
        reinit(cloud, ONE, "instance.web.data_disks.logs", "instance.web.system_disk")
    assert [d.summary.partition(": ")[2] for d in caught.value.diagnostics] == [
        "the snapshot s-gone that it was made of was deleted",
        "its image m-gone was deleted",
    ]
    assert cloud.writes() == []


def test_what_is_protected_is_refused(cloud: Cloud) -> None:
    text = with_instance(f"{LOGS}\nlifecycle: {{prevent_destroy: true}}")
    cloud.settled(text)
    cloud.forget()

    for stack in (text, ONE):  # the live tag protects as well
        with pytest.raises(Refused, match="prevent_destroy"):
            reinit(cloud, stack, "instance.web.data_disks.logs")
    assert cloud.writes() == []


@pytest.mark.parametrize(
    ("allowed", "is_enough"),
    [
        ({}, False),
        ({"allow": ("instance.db",)}, False),
        ({"allow": ("instance.web[0]",)}, False),
        ({"allow": ("instance.web",)}, True),
        ({"allow": ("instance.web.data_disks.logs",)}, True),
        ({"allow": tuple(f"instance.web[{number}].data_disks.logs" for number in range(3))}, True),
        ({"allow_destroy": 2}, False),
        ({"allow_destroy": 3}, True),
    ],
)
def test_without_a_person_each_loss_is_allowed_by_name(cloud: Cloud, allowed: dict[str, Any], is_enough: bool) -> None:
    cloud.settled(GROUP)
    cloud.forget()

    options = options_of(cloud, **allowed)
    if is_enough:
        reinit(cloud, GROUP, "instance.web[*].data_disks.logs", options=options)
    else:
        with pytest.raises(Refused, match="--allow ADDRESS"):
            reinit(cloud, GROUP, "instance.web[*].data_disks.logs", options=options)
    assert cloud.writes().count("ReInitDisk") == 3 * is_enough


def test_a_declined_one_changes_nothing(cloud: Cloud) -> None:
    cloud.settled(ONE)
    cloud.forget()

    assert reinit(cloud, ONE, "instance.web.system_disk", approve=lambda plan: False) is None
    assert cloud.writes() == []


def test_what_moved_while_it_was_asked_for_is_refused(cloud: Cloud) -> None:
    cloud.settled(ONE)

    def approve(plan: ReinitPlan) -> bool:
        stopped(cloud)
        cloud.clock.advance(600)
        return True

    with pytest.raises(Refused, match="moved"):
        reinit(cloud, ONE, "instance.web.system_disk", approve=approve)


def test_a_machine_of_nobody_is_stopped_by_its_owner(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    machine = cloud.instance().id
    block = f"disk:\n  data: {{zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: {machine}}}\n"
    text = "apiVersion: ecsplan/v1\nstack: other\nregion: cn-hangzhou\n" + stack_of(block)
    cloud.settled(text)

    with pytest.raises(Rejected, match="not a machine of this stack"):
        reinit(cloud, text, "disk.data")
    stopped(cloud)
    report = reinit(cloud, text, "disk.data")
    assert became(report) == {"disk.data": Became.DONE}
    assert report is not None and report.machines == ()


def test_a_new_system_disk_can_be_logged_in_on(cloud: Cloud) -> None:
    cloud.environ["LOGIN"] = "Passw0rd-1"
    text = with_instance("password: {env: LOGIN, version: 1}\nsecurity_enhancement: Active")
    cloud.settled(text)

    reinit(cloud, text, "instance.web.system_disk")

    (call,) = cloud.written("ReInitDisk")
    assert call["params"]["SecurityEnhancementStrategy"] == "Active"
    assert "Password" in call["params"] and "Passw0rd-1" not in str(call)
    del cloud.environ["LOGIN"]
    cloud.forget()
    with pytest.raises(Rejected, match="LOGIN"):
        reinit(cloud, text, "instance.web.system_disk")
    assert cloud.writes() == []


class Faulty:
    """A cloud where some calls of one operation go wrong, before or after the service has heard them."""

    def __init__(self, cloud: Cloud, operation: str, error: ApiError, *, heard: bool = False, times: int = 1) -> None:
        self.cloud, self.operation, self.error, self.heard, self.left = cloud, operation, error, heard, times
        self.region, self.clock, self.server_now = cloud.api.region, cloud.api.clock, cloud.api.server_now
        self.calls = 0
        self.then: Callable[[], None] = lambda: None

    def send(self, request: Request) -> Mapping[str, Any]:
        if request.operation != self.operation or not self.left:
            return self.cloud.api.send(request)
        self.left -= 1
        if self.heard:
            self.cloud.api.send(request)
        self.then()
        raise self.error


def lost(operation: str) -> ApiError:
    return ApiError(operation, "NoAnswer", "the connection broke", unknown_outcome=True)


def denied(operation: str) -> ApiError:
    return ApiError(operation, "Forbidden.RAM", "not allowed", status=403)


@pytest.mark.parametrize(
    ("heard", "seconds", "calls"),
    [(True, 0, 1), (False, 0, 1), (True, 60, 2)],
    ids=["under way", "never heard", "over, and the machine is off: once more does no harm"],
)
def test_after_a_lost_answer_the_disk_is_looked_at(cloud: Cloud, heard: bool, seconds: float, calls: int) -> None:
    cloud.settled(ONE)
    api = Faulty(cloud, "ReInitDisk", lost("ReInitDisk"), heard=heard)
    api.then = lambda: cloud.clock.advance(seconds)
    cloud.forget()

    report = reinit(cloud, ONE, "instance.web.data_disks.logs", api=api)

    assert became(report) == {"instance.web.data_disks.logs": Became.DONE}
    assert cloud.writes().count("ReInitDisk") == calls
    assert statuses(cloud) == {"Running"}


def test_a_disk_that_may_be_in_use_again_is_left_alone(cloud: Cloud) -> None:
    cloud.settled(ONE)
    api = Faulty(cloud, "ReInitDisk", lost("ReInitDisk"), heard=True)
    machine = cloud.instance().id

    def somebody_starts_it() -> None:
        cloud.clock.advance(60)
        cloud.call("StartInstance", InstanceId=machine)
        cloud.clock.advance(60)

    api.then = somebody_starts_it
    cloud.forget()

    report = reinit(cloud, ONE, "instance.web.data_disks.logs", api=api)

    assert became(report) == {"instance.web.data_disks.logs": Became.FAILED}
    assert cloud.writes().count("ReInitDisk") == 1
    assert statuses(cloud) == {"Running"} and not marked(cloud)


def test_a_disk_that_fails_keeps_no_machine_off(cloud: Cloud) -> None:
    cloud.settled(GROUP)

    report = reinit(cloud, GROUP, "instance.web[*].data_disks.logs",
                    api=Faulty(cloud, "ReInitDisk", denied("ReInitDisk")))  # fmt: skip

    assert sorted(row.value for row in became(report).values()) == ["done", "done", "failed"]
    assert statuses(cloud) == {"Running"} and not marked(cloud)


def test_machines_that_cannot_be_stopped_are_left_as_they_are(cloud: Cloud) -> None:
    cloud.settled(GROUP)

    report = reinit(cloud, GROUP, "instance.web[*].data_disks.logs",
                    api=Faulty(cloud, "StopInstances", denied("StopInstances"), times=100))  # fmt: skip

    assert set(became(report).values()) == {Became.SKIPPED}
    assert report is not None and {row.code for row in report.machines} == {"Forbidden.RAM"}
    assert statuses(cloud) == {"Running"} and not marked(cloud)


@pytest.mark.parametrize("operation", POWER)
def test_a_lost_answer_of_a_power_call_is_no_failure(cloud: Cloud, operation: str) -> None:
    cloud.settled(ONE)

    report = reinit(cloud, ONE, "instance.web.data_disks.logs",
                    api=Faulty(cloud, operation, lost(operation), heard=True))  # fmt: skip

    assert report is not None and not report.has_failed
    assert statuses(cloud) == {"Running"}


def test_a_machine_that_is_not_started_is_started_by_the_next_apply(cloud: Cloud) -> None:
    cloud.settled(ONE)

    report = reinit(cloud, ONE, "instance.web.data_disks.logs",
                    api=Faulty(cloud, "StartInstances", denied("StartInstances"), times=100))  # fmt: skip

    assert report is not None and report.has_failed
    assert statuses(cloud) == {"Stopped"} and marked(cloud) == 1
    cloud.apply(ONE)
    assert statuses(cloud) == {"Running"} and not marked(cloud)


def test_a_machine_whose_stop_is_under_way_is_started_too(cloud: Cloud) -> None:
    cloud.settled(ONE)
    machine, tags = [cloud.instance().id], [{"Key": key_of("instance", RESTART), "Value": "true"}]
    cloud.call("TagResources", ResourceType="instance", ResourceId=machine, Tag=tags)
    cloud.call("StopInstances", InstanceId=machine)
    assert statuses(cloud) == {"Stopping"}

    cloud.apply(ONE)

    assert statuses(cloud) == {"Running"} and not marked(cloud)
    cloud.assert_settled(ONE)


class Interrupted:
    """A Ctrl-C that comes with the first event of a kind."""

    def __init__(self, step: str) -> None:
        self.requested = Event()
        self.step = step

    def hear(self, event: Mapping[str, Any]) -> None:
        if str(event.get("step")).startswith(self.step):
            self.requested.set()


def test_a_ctrl_c_starts_what_was_stopped(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    stop = Interrupted("stop")
    cloud.forget()

    report = reinit(cloud, GROUP, "instance.web[*].data_disks.logs", stop=stop, events=stop.hear)

    assert report is not None and report.interrupted
    assert set(became(report).values()) == {Became.SKIPPED}
    assert "ReInitDisk" not in cloud.writes()
    assert statuses(cloud) == {"Running"} and not marked(cloud)
