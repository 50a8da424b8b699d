"""Snapshots of all disks of a machine at one moment."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, changes, shown, stack_of, step, with_instance

DISKS = "data_disks: {data: {category: cloud_essd, size: 40}}"


def group(body: str = "instance: web", *lines: str) -> str:
    return with_instance(*lines or (DISKS,), more=f"snapshot_group:\n  before: {{{body}}}\n")


def test_it_has_all_disks_of_the_machine_and_stays_when_they_change(cloud: Cloud) -> None:
    cloud.settled(group())
    (found,) = cloud.things("snapshotgroup")
    sources = {thing["SourceDiskId"] for thing in cloud.things("snapshot")}
    assert len(found["SnapshotIds"]) == 2 and sources == {thing.id for thing in cloud.things("disk")}
    cloud.settled(group("instance: web", DISKS.replace("40", "60")))
    cloud.settled(group("instance: web", DISKS.replace("data:", "other:")))
    assert [thing.id for thing in cloud.things("snapshotgroup")] == [found.id]


def test_it_is_taken_before_the_same_plan_changes_the_machine(cloud: Cloud) -> None:
    cloud.settled(with_instance(DISKS))
    plan = cloud.plan(group("instance: web", DISKS.replace("40", "60")))
    taken = step(plan, "CreateSnapshotGroup", "snapshot_group.before").id
    (resized,) = [one for one in plan.steps if any(call.operation == "ResizeDisk" for call in one.calls)]
    assert taken in resized.needs, shown(plan)


def test_its_snapshots_are_no_resources_of_the_stack_and_go_with_it(cloud: Cloud) -> None:
    cloud.settled(group())
    plan = cloud.plan(with_instance(DISKS))
    assert list(changes(plan)) == ["snapshot_group.before"], shown(plan)
    assert changes(plan)["snapshot_group.before"].loses[0].startswith("the state of d-")
    cloud.settled(with_instance(DISKS))
    assert not cloud.things("snapshot") and not cloud.things("snapshotgroup")


def test_a_disk_that_no_machine_ever_had_is_known_at_plan(cloud: Cloud) -> None:
    text = stack_of(
        "disk: {data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}\n"
        "snapshot_group: {before: {disks: [data]}}\n"
    )
    assert [guard.name for guard in cloud.plan(text).guards] == ["blocked"]


def test_it_names_a_machine_or_disks(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="a snapshot group is of a machine or of disks"):
        cloud.load(group("description: nothing of nothing"))
