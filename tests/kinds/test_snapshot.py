"""Snapshots: what the conformance test cannot say."""

import pytest

from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Plan
from tests.kinds.cloud import NETWORK, Cloud, changes, comes_before, stack_of, step, the_change, with_instance

MACHINE = (
    NETWORK
    + """
instance:
  web:
    instance_type: ecs.g7.large
    image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
    vswitch: app
    security_groups: [web]
    system_disk: {category: cloud_auto, size: 45}
"""
)
DISK = MACHINE + "disk:\n  data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: web}"
SNAPSHOT = "snapshot:\n  before: {disk: data, retention_days: 7}"
DAY = 86400.0


def blocked(plan: Plan) -> str:
    return "".join(guard.summary for guard in plan.guards if guard.name == "blocked")


def test_a_snapshot_is_taken_before_the_same_plan_changes_its_disk(cloud: Cloud) -> None:
    """CreateSnapshot → ResizeDisk"""
    cloud.settled(stack_of(DISK))
    plan = cloud.plan(stack_of(DISK.replace("40", "60"), SNAPSHOT))
    assert comes_before(plan, step(plan, "CreateSnapshot"), step(plan, "ResizeDisk"))
    cloud.apply(plan)
    assert cloud.things("snapshot")[0]["SourceDiskSize"] == "40"


def test_a_snapshot_of_a_disk_that_is_replaced_is_of_the_old_one(cloud: Cloud) -> None:
    cloud.settled(stack_of(DISK))
    old = cloud.thing("disk", "demo-data").id
    plan = cloud.plan(stack_of(DISK.replace("essd,", "essd, encrypted: true,"), SNAPSHOT))
    assert comes_before(plan, step(plan, "CreateSnapshot"), step(plan, "DeleteDisk"))
    cloud.apply(plan)
    assert cloud.things("snapshot")[0]["SourceDiskId"] == old != cloud.thing("disk", "demo-data").id


def test_a_snapshot_of_a_foreign_id_is_taken_before_that_disk_goes(cloud: Cloud) -> None:
    cloud.settled(stack_of(DISK))
    old = cloud.thing("disk", "demo-data").id
    plan = cloud.plan(stack_of(MACHINE, f"snapshot:\n  last: {{disk: {old}}}"))
    assert comes_before(plan, step(plan, "CreateSnapshot"), step(plan, "DeleteDisk"))
    cloud.apply(plan)


def test_a_disk_that_is_replaced_later_does_not_touch_its_snapshot(cloud: Cloud) -> None:
    cloud.settled(stack_of(DISK, SNAPSHOT))
    plan = cloud.plan(stack_of(DISK.replace("essd,", "essd, encrypted: true,"), SNAPSHOT))
    assert {address: change.action for address, change in changes(plan).items()} == {"disk.data": Action.REPLACE}
    cloud.apply(plan)
    cloud.assert_settled(stack_of(DISK.replace("essd,", "essd, encrypted: true,"), SNAPSHOT))


def test_after_its_term_a_new_one_is_not_made_without_saying_so(cloud: Cloud) -> None:
    text = stack_of(DISK, SNAPSHOT)
    cloud.settled(text)
    cloud.clock.advance(8 * DAY)
    change = the_change(cloud.plan(text))
    assert change.action is Action.CREATE
    assert "its term is over, this takes a new one" in change.notes[0]


def test_a_snapshot_that_fails_is_not_waited_for(cloud: Cloud) -> None:
    cloud.faults({"fault": "state_fail", "kind": "snapshot", "state": "accomplished", "instead": "failed"})
    report = cloud.try_apply(stack_of(DISK, SNAPSHOT))
    (failed,) = report.failed
    assert "went to failed" in failed.message
    assert report.seconds < 60


def test_force_is_sent_only_where_it_was_asked_for_even_when_the_block_is_gone(cloud: Cloud) -> None:
    for asked in ("", ", force_delete: true"):
        text = stack_of(DISK, SNAPSHOT.replace("}", asked + "}"))
        cloud.settled(text)
        (source,) = cloud.things("snapshot")
        cloud.call("CreateDisk", ZoneId="cn-hangzhou-h", DiskCategory="cloud_essd", SnapshotId=source.id)
        plan = cloud.plan(stack_of(DISK))
        assert ("Force" in step(plan, "DeleteSnapshot").calls[0].params) is bool(asked)
        blocked = [guard.summary for guard in plan.guards if guard.name == "blocked"]
        if not asked:
            assert "remove that first, or apply force_delete: true first" in blocked[0]
            continue
        assert not blocked
        cloud.apply(plan)
    assert cloud.things("snapshot") == []


def test_snapshots_of_disks_inside_an_instance_made_in_the_same_plan(cloud: Cloud) -> None:
    """The disk ids are not in RunInstances' answer: they are read when they are needed."""
    text = with_instance(
        "data_disks: {data: {category: cloud_essd, size: 40}, logs: {category: cloud_essd, size: 60, name: spool}}",
        more="snapshot:\n  system: {disk: {instance: web}}\n  logs: {disk: {instance: web, slot: logs}}",
    )
    cloud.settled(text)
    taken = {snapshot["SnapshotName"]: snapshot["SourceDiskId"] for snapshot in cloud.things("snapshot")}
    web = cloud.instance()
    (system,) = cloud.disks(web, "system").values()
    assert taken == {"demo-system": system.id, "demo-logs": cloud.disks(web)["spool"].id}
    cloud.destroy(text)


def test_a_snapshot_of_a_system_disk_is_taken_before_the_machine_is_reinstalled(cloud: Cloud) -> None:
    """CreateSnapshot → StopInstances → ReplaceSystemDisk"""
    cloud.settled(with_instance())
    (old,) = cloud.disks(cloud.instance(), "system").values()
    newer = with_instance(
        "lifecycle: {on_image_change: reinstall}", more="snapshot:\n  system: {disk: {instance: web}}"
    ).replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "ubuntu_24_04_x64_20G_alibase_20260916.vhd")
    plan = cloud.plan(newer)
    assert comes_before(plan, step(plan, "CreateSnapshot"), step(plan, "StopInstances"))
    cloud.apply(plan)
    assert cloud.things("snapshot")[0]["SourceDiskId"] == old.id
    cloud.assert_settled(newer)


def test_a_slot_that_the_instance_does_not_have_is_refused(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"instance\.web has no data disk logs"):
        cloud.load(with_instance(more="snapshot:\n  logs: {disk: {instance: web, slot: logs}}"))


def test_a_name_that_starts_with_auto_is_refused(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="not with auto"):
        cloud.load(stack_of(DISK, "snapshot:\n  before: {disk: data, name: automatic}"))


def test_a_disk_that_no_machine_ever_had_has_no_snapshot(cloud: Cloud) -> None:
    """CreateSnapshot: IncorrectDiskStatus.NeverAttached."""
    alone = "disk:\n  data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}"
    assert "no machine ever had" in blocked(cloud.plan(stack_of(alone, SNAPSHOT)))
    cloud.settled(stack_of(alone))
    assert "no machine ever had" in blocked(cloud.plan(stack_of(alone, SNAPSHOT)))
    cloud.settled(stack_of(DISK))
    cloud.settled(stack_of(MACHINE, alone))
    cloud.settled(stack_of(MACHINE, alone, SNAPSHOT))


def test_a_disk_that_was_made_and_not_attached_gets_both_from_the_next_apply(cloud: Cloud) -> None:
    """The machine was refused, or the run was cut off: the plain next run has to go on from there."""
    cloud.faults({"fault": "error", "action": "RunInstances", "code": "OperationDenied", "status": 403, "times": 1})
    assert cloud.try_apply(stack_of(DISK, SNAPSHOT)).failed and cloud.things("disk")

    plan = cloud.plan(stack_of(DISK, SNAPSHOT))
    assert comes_before(plan, step(plan, "AttachDisk"), step(plan, "CreateSnapshot"))
    cloud.apply(plan)
    cloud.assert_settled(stack_of(DISK, SNAPSHOT))


def test_a_snapshot_waits_until_its_new_disk_is_attached(cloud: Cloud) -> None:
    plan = cloud.plan(stack_of(DISK, SNAPSHOT))
    assert comes_before(plan, step(plan, "AttachDisk"), step(plan, "CreateSnapshot"))
