"""Snapshots before risk: taken, waited for and kept, whatever becomes of the change and of the run."""

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.engine.rolling_back import changed_by, rollback
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Plan
from ecsplan.model.reinit import ReinitReport
from tests.kinds.cloud import KINDS, NETWORK, Cloud, changes, comes_before, stack_of, step, steps, with_instance

ALL = "lifecycle: {snapshot_before: [data_loss, resize, reinstall], on_image_change: %s}"
OTHER = "ubuntu_22_04_x64_20G_alibase_20260723.vhd"
LOGS = "data_disks: {logs: {category: cloud_essd, size: 40}, mail: {category: cloud_essd, size: 20, keep: true}}"
MACHINE = with_instance(LOGS, ALL % "reinstall")


def taken(cloud: Cloud) -> dict[str, str]:
    """What each safety snapshot is of, by the id of its disk."""
    found = {}
    for thing in cloud.things("snapshot"):
        assert thing["SourceDiskId"] not in found, "two of one disk"
        found[thing["SourceDiskId"]] = f"{thing.tags['ecsplan:snapshot']}: {thing.tags['ecsplan:snapshot:before']}"
    return found


def disk(cloud: Cloud, name: str = "logs") -> str:
    return cloud.disks(cloud.instance())[name].id


def system(cloud: Cloud) -> str:
    (found,) = cloud.disks(cloud.instance(), "system").values()
    return found.id


def test_a_resize_waits_for_a_snapshot_of_that_disk_alone(cloud: Cloud) -> None:
    cloud.settled(MACHINE)
    larger = MACHINE.replace("logs: {category: cloud_essd, size: 40}", "logs: {category: cloud_essd, size: 60}")
    plan = cloud.plan(larger)
    assert comes_before(plan, step(plan, "CreateSnapshot"), step(plan, "ResizeDisk"))
    (note,) = [note for note in changes(plan)["instance.web"].notes if "snapshot" in note]
    assert note == "a snapshot of its data_disks.logs is taken first, kept for 7 days"
    cloud.apply(plan)
    assert taken(cloud) == {disk(cloud): f"demo/instance.web.before.{disk(cloud)}: resize to 60"}
    (made,) = cloud.written("CreateSnapshot")
    assert made["params"]["RetentionDays"] == "7"
    cloud.assert_settled(larger)
    assert len(cloud.things("snapshot")) == 1


def test_a_reinstallation_waits_for_a_snapshot_of_the_system_disk_before_the_machine_stops(cloud: Cloud) -> None:
    cloud.settled(MACHINE)
    old = system(cloud)
    other = MACHINE.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", OTHER)
    plan = cloud.plan(other)
    assert comes_before(plan, step(plan, "CreateSnapshot"), step(plan, "StopInstances"))
    cloud.apply(plan)
    assert taken(cloud) == {old: f"demo/instance.web.before.{old}: reinstall"} and system(cloud) != old
    cloud.assert_settled(other)


@pytest.mark.parametrize("order", ["false", "true"])
def test_a_replacement_waits_for_snapshots_of_the_disks_that_go_and_of_no_others(cloud: Cloud, order: str) -> None:
    lifecycle = (ALL % "replace").replace("{snap", f"{{create_before_destroy: {order}, snap")
    body = with_instance(LOGS, lifecycle)
    cloud.settled(body)
    going = {system(cloud), disk(cloud)}
    plan = cloud.plan(body.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", OTHER))
    for one in (s for s in plan.steps if s.id.verb == "snapshot"):
        assert comes_before(plan, one, step(plan, "DeleteInstances"))
        assert comes_before(plan, step(plan, "RunInstances"), one) is (order == "true")
    cloud.apply(plan)
    assert set(taken(cloud)) == going
    cloud.assert_settled(body.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", OTHER))


DISK = """
disk:
  data:
    zone: cn-hangzhou-h
    size: 40
    instance: web
    lifecycle: {snapshot_before: {risks: [data_loss], retention_days: 30}}
"""


def test_a_disk_whose_block_is_removed_is_kept_by_its_mark(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=DISK))
    (data,) = (thing for thing in cloud.things("disk") if thing["Type"] == "data")
    assert data.tags["ecsplan:disk:snapshot"] == "30"
    plan = cloud.plan(with_instance())
    assert comes_before(plan, step(plan, "CreateSnapshot"), step(plan, "DetachDisk"))
    cloud.apply(plan)
    assert taken(cloud) == {data.id: f"demo/disk.data.before.{data.id}: deletion"}
    assert [thing["RetentionDays"] for thing in cloud.things("snapshot")] == [30]
    cloud.assert_settled(with_instance())


def test_without_the_risk_in_its_list_nothing_is_taken_and_the_mark_goes_with_the_word(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=DISK))
    larger = with_instance(more=DISK.replace("size: 40", "size: 60"))
    assert "CreateSnapshot disk.data" not in steps(cloud.plan(larger))
    plain = with_instance(
        more=DISK.replace("lifecycle: {snapshot_before: {risks: [data_loss], retention_days: 30}}", "")
    )
    cloud.settled(plain)
    assert "CreateSnapshot disk.data" not in steps(cloud.plan(with_instance()))


def test_destroy_keeps_what_was_on_the_disks(cloud: Cloud) -> None:
    cloud.settled(with_instance(LOGS, ALL % "replace"))
    both = {system(cloud), disk(cloud)}
    cloud.apply(cloud.plan(with_instance(LOGS, ALL % "replace"), destroy=True))
    assert both <= set(taken(cloud))


def test_a_disk_that_no_machine_ever_had_is_no_obstacle(cloud: Cloud) -> None:
    body = stack_of(NETWORK, DISK.replace("    instance: web\n", ""))
    cloud.settled(body)
    plan = cloud.plan(stack_of(NETWORK))
    (note,) = changes(plan)["disk.data"].notes
    assert "no machine ever had it, so that nothing is on it" in note
    cloud.apply(plan)
    assert not cloud.things("snapshot")


def test_a_snapshot_that_fails_leaves_its_disk_as_it_is(cloud: Cloud) -> None:
    cloud.settled(MACHINE)
    cloud.faults({"fault": "error", "action": "CreateSnapshot", "code": "QuotaExceed.Snapshot", "status": 403})
    larger = MACHINE.replace("logs: {category: cloud_essd, size: 40}", "logs: {category: cloud_essd, size: 60}")
    report = cloud.try_apply(larger)
    assert [str(outcome.step) for outcome in report.failed] == ["snapshot instance.web"]
    assert cloud.disks(cloud.instance())["logs"]["Size"] == 40 and cloud.instance().status == "Running"


def test_the_next_change_of_the_same_disk_has_a_snapshot_of_its_own(cloud: Cloud) -> None:
    cloud.settled(MACHINE)
    for size in (60, 80):
        cloud.settled(
            MACHINE.replace("logs: {category: cloud_essd, size: 40}", f"logs: {{category: cloud_essd, size: {size}}}")
        )
    assert len(cloud.things("snapshot")) == 2


def test_what_has_no_disk_has_nothing_to_keep(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="has no disk of which a snapshot could be taken"):
        cloud.load("resources:\n  vpc: {main: {cidr_block: 10.0.0.0/8, lifecycle: {snapshot_before: [data_loss]}}}\n")
    wrong = with_instance("lifecycle: {snapshot_before: [dataloss]}")
    with pytest.raises(Rejected, match="data_loss"):
        cloud.load(wrong)


def put_back(cloud: Cloud, text: str, *disks: str) -> ReinitReport:
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True)
    report = engine.reinit(cloud.load(text), cloud.api, disks, options, approve=lambda plan: True)
    assert report is not None and not report.has_failed
    return report


def test_a_disk_that_is_put_back_by_hand_is_kept_first_each_time(cloud: Cloud) -> None:
    cloud.settled(MACHINE)
    for times in (1, 2):
        cloud.forget()
        report = put_back(cloud, MACHINE, "instance.web.data_disks.logs")
        assert cloud.changed() == ["CreateSnapshot", "StopInstances", "ReInitDisk", "StartInstances"]
        assert list(report.snapshots) == [disk(cloud)] and len(cloud.things("snapshot")) == times
    assert {thing.tags["ecsplan:snapshot:before"] for thing in cloud.things("snapshot")} == {"reinit, done"}
    cloud.assert_settled(MACHINE)


def test_the_way_back_names_the_snapshot_before_the_apply_and_after(cloud: Cloud) -> None:
    cloud.settled(MACHINE)
    larger = MACHINE.replace("logs: {category: cloud_essd, size: 40}", "logs: {category: cloud_essd, size: 60}")
    plan = engine.load_plan(engine.save_plan(cloud.plan(larger)))
    assert ("lossy", f"the data of {disk(cloud)} from the snapshot that the plan takes first") in verdicts(cloud, plan)
    cloud.apply(plan)
    (made,) = cloud.things("snapshot")
    how = f"ecsplan reinit DISK --snapshot {made.id} puts it back"
    assert ("lossy", f"the data of {disk(cloud)} from the snapshot {made.id} ({how})") in verdicts(cloud, plan)


def verdicts(cloud: Cloud, plan: Plan) -> list[tuple[str, str]]:
    options = PlanOptions(state_dir=str(cloud.folder / ".ecsplan"))
    found = rollback(plan, changed_by(plan), cloud.api, KINDS, options)
    return [(one.sort.value, one.why) for one in found.recoveries]


def test_what_a_saved_plan_of_another_type_does_is_taken_back_without_a_replacement(cloud: Cloud) -> None:
    cloud.settled(MACHINE)
    plan = engine.load_plan(engine.save_plan(cloud.plan(MACHINE.replace("g7.large", "g7.xlarge"))))
    assert verdicts(cloud, plan) == [("reversible", "the values before are set again (stop and start)")]
