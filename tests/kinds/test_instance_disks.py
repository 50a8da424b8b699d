"""The data disks inside an instance: which is which, and what a change of the map does to them and to the machine."""

from typing import Any

import pytest

from ecsplan.kinds import _disk_rows as rows
from ecsplan.kinds import _instance_disks as disks
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Cause
from tests.kinds.cloud import (
    NETWORK,
    Cloud,
    changes,
    comes_before,
    stack_of,
    step,
    the_change,
    the_line,
    with_instance,
)

ONE = "data: {category: cloud_essd, size: 40}"
LOGS = "logs: {category: cloud_essd, size: 20}"


def machine(*slots: str, more: str = "", name: str = "web") -> str:
    lines = "".join(f"  {slot}\n" for slot in slots)
    return with_instance(f"data_disks:\n{lines}" if slots else "data_disks: {}", more, name=name)


def test_disks_that_were_not_read_are_not_compared() -> None:
    assert rows.refine({}, {}) == {}


@pytest.mark.parametrize(
    ("before", "after", "possible"),
    [
        ({"size": 40}, {"size": 60}, True),
        ({"size": 60}, {"size": 40}, False),
        ({"encrypted": False}, {"encrypted": True}, False),
        ({"performance_level": "PL1"}, {"performance_level": "PL0"}, False),
        ({"performance_level": "PL0"}, {"performance_level": "PL1"}, True),
    ],
)
def test_what_a_disk_cannot_do(before: dict[str, Any], after: dict[str, Any], possible: bool) -> None:
    parse = rows.DataDisks().parse
    assert disks.can_change(parse({"data": before}), parse({"data": after})) is possible


def test_an_ephemeral_disk_is_not_told_whether_it_goes_with_the_machine() -> None:
    (wire,) = disks.to_wire(rows.DataDisks().parse({"data": {"category": "ephemeral_ssd", "size": 40}}))
    assert "DeleteWithInstance" not in wire


def test_adding_a_disk_leaves_the_machine_running(cloud: Cloud) -> None:
    cloud.settled(machine(ONE))
    before = cloud.instance().id
    text = machine(ONE, LOGS)
    change = the_change(cloud.plan(text))
    assert (change.action, change.impact) == (Action.UPDATE, Impact.NONE)
    cloud.forget()
    cloud.settled(text)
    assert cloud.writes()[:2] == ["TagResources", "TagResources"]  # now a tag tells the first, too
    assert cloud.changed() == ["CreateDisk", "AttachDisk"]
    assert cloud.instance().id == before
    assert cloud.disks(cloud.instance())["logs"]["DeleteWithInstance"] is True
    cloud.destroy(text)


def test_order_in_the_file_means_nothing(cloud: Cloud) -> None:
    cloud.settled(machine(ONE, LOGS))
    cloud.assert_settled(machine(LOGS, ONE))


def test_growing_a_disk_of_the_map_grows_just_that_disk(cloud: Cloud) -> None:
    cloud.settled(machine(ONE, LOGS))
    text = machine("data: {category: cloud_essd, size: 60}", LOGS)
    line = the_line(cloud.plan(text))
    assert line.cause is Cause.PENDING and "growpart" in line.note
    cloud.forget()
    cloud.settled(text)
    assert cloud.changed()[0] == "ResizeDisk" and "CreateDisk" not in cloud.writes()


def test_shrinking_a_disk_of_the_map_is_refused(cloud: Cloud) -> None:
    cloud.settled(machine(ONE))
    plan = cloud.plan(machine("data: {category: cloud_essd, size: 20}"))
    assert [guard.name for guard in plan.guards] == ["blocked"]


def test_removing_a_disk_is_data_loss_and_does_not_replace_the_machine(cloud: Cloud) -> None:
    cloud.settled(machine(ONE, LOGS))
    plan = cloud.plan(machine(ONE))
    change = the_change(plan)
    assert (change.action, change.impact, change.loses) == (
        Action.UPDATE, Impact.DATA_LOSS, ("data disk logs (20 GiB)",),
    )  # fmt: skip
    assert [guard.name for guard in plan.guards] == ["loss"]
    cloud.forget()
    cloud.apply(plan)
    cloud.assert_settled(machine(ONE))
    assert cloud.changed() == ["DetachDisk", "DeleteDisk"]
    assert list(cloud.disks(cloud.instance())) == ["data"]


def test_a_slot_under_another_name_keeps_the_only_disk_that_can_be_meant(cloud: Cloud) -> None:
    cloud.settled(machine(ONE, LOGS))
    disk = cloud.disks(cloud.instance())["data"].id
    text = machine("base: {category: cloud_essd, size: 40}", LOGS)
    change = the_change(cloud.plan(text))
    assert (change.action, change.impact) == (Action.MOVE, Impact.NONE)
    assert change.notes == (
        f"{disk} (data), which was instance.web.data_disks.data, becomes instance.web.data_disks.base",
    )
    cloud.forget()
    cloud.settled(text)
    assert set(cloud.writes()) == {"TagResources"}


def test_a_slot_under_another_name_that_the_disk_cannot_be_is_another_disk(cloud: Cloud) -> None:
    """A disk does not shrink: the new slot is made, the old one goes, and that is said."""
    cloud.settled(machine(ONE, LOGS))
    text = machine("base: {category: cloud_essd, size: 30}", LOGS)
    assert the_change(cloud.plan(text)).impact is Impact.DATA_LOSS
    cloud.settled(text)


def test_of_several_disks_that_a_new_slot_could_be_the_file_says_which(cloud: Cloud) -> None:
    two = (ONE, LOGS.replace("20", "40"))
    cloud.settled(machine(*two))
    disk = cloud.disks(cloud.instance())["logs"].id
    text = machine("base: {category: cloud_essd, size: 40}")
    plan = cloud.plan(text)
    assert not plan.steps and "moved: [{from: instance.web.data_disks.data" in plan.guards[0].summary
    cloud.apply(text + "moved: [{from: instance.web.data_disks.logs, to: instance.web.data_disks.base}]\n")
    assert [thing.id for thing in cloud.disks(cloud.instance()).values()] == [disk]


@pytest.mark.parametrize(
    ("after", "operation"),
    [
        ("data: {category: cloud_essd, size: 40, performance_level: PL1, keep: true}", "ModifyDiskAttribute"),
        ("data: {category: cloud_essd, size: 40, description: for the shop}", "ModifyDiskAttribute"),
        ("data: {category: cloud_essd, size: 40, name: shop}", "ModifyDiskAttribute"),
        ("data: {category: cloud_auto, size: 40, provisioned_iops: 50}", "ModifyDiskSpec"),
    ],
)
def test_other_members_change_in_place(cloud: Cloud, after: str, operation: str) -> None:
    cloud.settled(machine(ONE))
    cloud.forget()
    cloud.settled(machine(after))
    assert cloud.changed()[0] == operation and "CreateDisk" not in cloud.writes()


def test_a_disk_detached_outside_is_attached_again(cloud: Cloud) -> None:
    text = machine(ONE, LOGS)
    cloud.settled(text)
    disk = cloud.disks(cloud.instance())["logs"]
    cloud.call("DetachDisk", DiskId=disk.id, InstanceId=cloud.instance().id)
    cloud.clock.advance(10)
    cloud.forget()
    cloud.settled(text)
    assert "CreateDisk" not in cloud.writes() and "AttachDisk" in cloud.writes()
    assert cloud.disks(cloud.instance())["logs"].id == disk.id


def test_a_disk_deleted_outside_is_drift_and_made_again(cloud: Cloud) -> None:
    text = machine(ONE, LOGS)
    cloud.settled(text)
    disk = cloud.disks(cloud.instance())["logs"]
    cloud.call("DetachDisk", DiskId=disk.id, InstanceId=cloud.instance().id)
    cloud.clock.advance(10)
    cloud.call("DeleteDisk", DiskId=disk.id)
    assert the_line(cloud.plan(text)).cause is Cause.DRIFT
    cloud.settled(text)


def test_a_disk_attached_outside_is_left_alone(cloud: Cloud) -> None:
    text = machine(ONE)
    cloud.settled(text)
    disk = cloud.call("CreateDisk", ZoneId="cn-hangzhou-h", DiskCategory="cloud_essd", Size=30, DiskName="byhand")
    cloud.clock.advance(10)
    cloud.call("AttachDisk", DiskId=disk["DiskId"], InstanceId=cloud.instance().id)
    cloud.clock.advance(10)
    cloud.assert_settled(text)
    cloud.apply(machine())
    assert [thing.id for thing in cloud.disks(cloud.instance()).values()] == [disk["DiskId"]]


KEPT = "data: {category: cloud_essd, size: 40, keep: true}"


@pytest.mark.parametrize("more", ["", "lifecycle: {create_before_destroy: true}"], ids=["delete first", "create first"])
def test_a_kept_disk_moves_over_to_the_new_machine(cloud: Cloud, more: str) -> None:
    text = machine(KEPT, LOGS, more=more)
    cloud.settled(text)
    old, kept = cloud.instance().id, cloud.disks(cloud.instance())["data"].id
    plan = cloud.plan(text, replaces=("instance.web",))
    change = the_change(plan)
    assert change.action is Action.REPLACE and change.create_first == bool(more)
    assert change.loses == ("the system disk", "data disk logs (20 GiB)")
    assert comes_before(plan, step(plan, "DetachDisk"), step(plan, "AttachDisk"))
    assert comes_before(plan, step(plan, "DetachDisk"), step(plan, "DeleteInstances"))
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert cloud.instance().id != old
    assert cloud.disks(cloud.instance())["data"].id == kept
    assert cloud.disks(cloud.instance())["data"]["DeleteWithInstance"] is False
    cloud.destroy(text)


def test_only_kept_disks_move_over(cloud: Cloud) -> None:
    text = machine(KEPT)
    cloud.settled(text)
    cloud.apply(cloud.plan(text, replaces=("instance.web",)))
    assert [entry["params"].get("DataDisk.1.Size") for entry in cloud.written("RunInstances")] == ["40", None]
    cloud.assert_settled(text)


def test_a_disk_whose_machine_vanished_is_an_orphan(cloud: Cloud) -> None:
    """With the machine gone and gone from the file, its kept disk is shown, and goes only with a yes."""
    text = machine(KEPT, more="deletion_protection: false")
    cloud.settled(text)
    kept = cloud.disks(cloud.instance())["data"].id
    cloud.call("DeleteInstance", InstanceId=cloud.instance().id, Force=True)
    cloud.clock.advance(60)
    bare = with_instance(name="elsewhere")
    plan = cloud.plan(bare)
    orphan = changes(plan)[f'disk.web["{kept}"]']
    assert (orphan.action, orphan.reason) == (Action.DELETE, "its instance is gone")
    assert "loss" in [guard.name for guard in plan.guards]
    from ecsplan import engine

    assert kept in [obj.id for _, obj in engine.list_objects(cloud.load(bare), cloud.api)]
    cloud.destroy(bare)


def test_a_kept_disk_is_taken_up_by_the_machine_that_is_made_anew(cloud: Cloud) -> None:
    text = machine(KEPT, LOGS)
    cloud.settled(text)
    kept = cloud.disks(cloud.instance())["data"].id
    cloud.call("DeleteInstance", InstanceId=cloud.instance().id, Force=True)
    cloud.clock.advance(60)
    grown = machine(KEPT.replace("40", "50"), LOGS)
    plan = cloud.plan(grown)
    assert the_change(plan).action is Action.CREATE
    cloud.apply(plan)
    cloud.assert_settled(grown)
    assert cloud.disks(cloud.instance())["data"].id == kept
    cloud.destroy(grown)


def test_a_kept_disk_that_is_declared_no_longer_goes_only_with_a_yes(cloud: Cloud) -> None:
    cloud.settled(machine(KEPT))
    kept = cloud.disks(cloud.instance())["data"].id
    cloud.call("DeleteInstance", InstanceId=cloud.instance().id, Force=True)
    cloud.clock.advance(60)
    plan = cloud.plan(machine())
    assert changes(plan)[f'disk.web["{kept}"]'].action is Action.DELETE
    assert [guard.name for guard in plan.guards] == ["doubt", "loss"]


@pytest.mark.parametrize("group", [False, True], ids=["single", "member"])
@pytest.mark.parametrize("more", ["", "lifecycle: {create_before_destroy: true}"], ids=["delete first", "create first"])
@pytest.mark.parametrize("broken", ["RunInstances", "DetachDisk", "AttachDisk", "DeleteInstances"])
def test_a_replacement_that_was_cut_off_loses_no_disk(cloud: Cloud, broken: str, more: str, group: bool) -> None:
    """Whatever call it stopped at, the next run takes the kept disk up and leaves nothing behind."""
    text = with_instance("count: 2" if group else "", f"data_disks:\n  {KEPT}\n  {LOGS}", more)
    address, name = ("instance.web[1]", "demo-web-0001") if group else ("instance.web", "demo-web")
    cloud.settled(text)
    kept = cloud.disks(cloud.instance(name))["data"].id
    plan = cloud.plan(text, replaces=(address,))
    rule = {"fault": "error", "code": "Forbidden", "status": 403, "message": "no", "action": broken}
    cloud.service.faults.add([rule])
    assert cloud.try_apply(plan).failed
    cloud.service.faults.clear()
    cloud.settled(text)
    assert cloud.disks(cloud.instance(name))["data"].id == kept
    assert len([disk for disk in cloud.things("disk") if disk["Type"] == "data"]) == (4 if group else 2)
    cloud.destroy(text)


def test_a_destroy_takes_kept_disks_too(cloud: Cloud) -> None:
    text = machine(KEPT, LOGS)
    cloud.settled(text)
    plan = cloud.plan(text, destroy=True)
    assert comes_before(plan, step(plan, "DetachDisk"), step(plan, "DeleteInstances"))
    cloud.destroy(text)


def test_disks_of_a_group_are_those_of_each_member(cloud: Cloud) -> None:
    text = with_instance(f"count: 3\ndata_disks:\n  {KEPT}\n  {LOGS}\nlifecycle: {{rollout: {{max_unavailable: all}}}}")
    cloud.settled(text)
    cloud.assert_settled(text.replace("size: 20}", "size: 20}"))
    grown = text.replace("logs: {category: cloud_essd, size: 20}", "logs: {category: cloud_essd, size: 25}")
    cloud.settled(grown)
    assert sorted(disk["Size"] for disk in cloud.things("disk") if disk["Type"] == "data") == [25, 25, 25, 40, 40, 40]
    cloud.destroy(grown)


def test_a_kept_disk_of_a_block_that_is_gone_stays_and_can_be_given_up(cloud: Cloud) -> None:
    cloud.settled(machine(KEPT))
    (kept,) = cloud.disks(cloud.instance()).values()
    nobody = stack_of(NETWORK)
    change = the_change(cloud.plan(nobody))
    assert change.notes == (f"disk data ({kept.id}) stays; a later plan shows it as left over",)
    cloud.apply(nobody)
    left = the_change(cloud.plan(nobody))
    assert (left.action, str(left.address)) == (Action.DELETE, f'disk.web["{kept.id}"]')
    assert left.notes[0] == "released: [instance.web] gives it up without deleting it"
    freed = nobody + "released: [instance.web]\n"
    assert the_change(cloud.plan(freed)).action is Action.RELEASE
    cloud.settled(freed)
    (disk,) = cloud.things("disk")
    assert disk.id == kept.id and not any(key.startswith("ecsplan:") for key in disk.tags)
