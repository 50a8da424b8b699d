"""Disks that several machines share: one attachment for each, none of which takes the disk along."""

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.engine.accounts import assert_brought_in, disown, export
from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, comes_before, shown, stack_of, step, the_change, the_line

DISK = "zone: cn-hangzhou-h, category: cloud_essd, size: 40, multi_attach: true"


def shared(*machines: str, live: int = 3, more: str = "") -> str:
    on = f", instances: [{', '.join(machines)}]" if machines else ""
    body = "".join(f"    {line}\n" for line in INSTANCE.strip().splitlines())
    names = "".join(f"  {name}:\n{body}" for name in ("a", "b", "c")[:live])
    return stack_of(NETWORK, f"instance:\n{names}", f"disk:\n  data: {{{DISK}{on}{more}}}")


def on(cloud: Cloud) -> list[str]:
    """The names of the machines that the service tells of."""
    (row,) = [row for row in cloud.call("DescribeDisks")["Disks"]["Disk"] if row["DiskName"] == "demo-data"]
    names = {thing.id: str(thing["InstanceName"]) for thing in cloud.things("instance")}
    return sorted(names[machine] for machine in row["Machines"])


def test_each_machine_has_it_attached_and_leaves_it_by_itself(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    assert on(cloud) == ["demo-a", "demo-b"]
    plan = cloud.plan(shared("b", "c"))
    change = the_change(plan)
    assert (change.action, change.impacts) == (Action.UPDATE, {Impact.UNPLUG})
    assert "unmount it on instance.a first" in change.notes[0]
    assert comes_before(plan, step(plan, "DetachDisk"), step(plan, "AttachDisk"))
    cloud.forget()
    cloud.apply(plan)
    assert cloud.changed() == ["DetachDisk", "AttachDisk", "ModifyDiskAttribute"]
    cloud.assert_settled(shared("b", "c"))
    assert on(cloud) == ["demo-b", "demo-c"]
    cloud.settled(shared())
    assert on(cloud) == [] and cloud.thing("disk", "demo-data")["Status"] == "Available"
    cloud.destroy(shared())


def test_attaching_it_keeps_its_automatic_snapshots(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    assert cloud.thing("disk", "demo-data")["DeleteAutoSnapshot"] is False


def test_a_machine_that_goes_leaves_it_first_and_the_others_keep_it(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    disk = cloud.thing("disk", "demo-data").id
    text = shared("a", live=1)
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "StopInstances"), step(plan, "DetachDisk"))
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert on(cloud) == ["demo-a"] and cloud.thing("disk", "demo-data").id == disk


def test_it_comes_back_to_a_machine_that_is_replaced(cloud: Cloud) -> None:
    text = shared("a", "b", live=2)
    cloud.settled(text)
    disk, stays = cloud.thing("disk", "demo-data").id, cloud.instance("demo-a").id
    cloud.forget()
    plan = cloud.plan(text, replaces=("instance.b",))
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert on(cloud) == ["demo-a", "demo-b"] and cloud.thing("disk", "demo-data").id == disk
    left = [entry["params"]["InstanceId"] for entry in cloud.written("DetachDisk")]
    assert stays not in left and len(left) == 1, shown(plan)


def test_somebody_who_detaches_or_attaches_it_is_seen(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    disk = cloud.thing("disk", "demo-data").id
    cloud.call("DetachDisk", DiskId=disk, InstanceId=cloud.instance("demo-b").id)
    cloud.call("AttachDisk", DiskId=disk, InstanceId=cloud.instance("demo-c").id)
    cloud.clock.advance(60)
    line = the_line(cloud.plan(shared("a", "b")))
    assert (line.name, line.cause.name) == ("instances", "DRIFT")
    cloud.settled(shared("a", "b"))
    assert on(cloud) == ["demo-a", "demo-b"]


def test_an_instance_deleted_by_hand_only_loses_its_own_attachment(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    cloud.call("DeleteInstance", InstanceId=cloud.instance("demo-b").id, Force=True)
    cloud.clock.advance(600)
    cloud.settled(shared("a", "b"))
    assert on(cloud) == ["demo-a", "demo-b"]


def test_deleting_it_leaves_every_machine_first(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    plan = cloud.plan(shared().partition("  disk:")[0])
    assert [s.calls[0].operation for s in plan.steps].count("DetachDisk") == 2
    assert "unmount it on instance.a, instance.b first" in the_change(plan).notes[0]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (", instance: a", "names its machines in a list"),
        (", instances: [a], subscription: true", "pay-as-you-go for good"),
        (", instances: [elsewhere]", "no instance"),
    ],
)
def test_what_does_not_go_with_it(cloud: Cloud, more: str, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        cloud.load(shared(more=more))


def test_a_list_of_machines_is_for_a_shared_disk_alone(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="only a disk with multi_attach is shared"):
        cloud.load(shared("a").replace(", multi_attach: true", ""))


def test_it_grows_offline_and_changes_no_level(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    cloud.settled(shared("a", "b").replace("size: 40, multi", "size: 500, multi"))
    (resized,) = cloud.written("ResizeDisk")
    assert resized["params"]["Type"] == "offline"
    plan = cloud.plan(shared("a", "b").replace("size: 40, multi", "size: 500, performance_level: PL2, multi"))
    assert "performance_level cannot change while it has multi_attach" in shown(plan)


def test_it_is_brought_in_with_all_its_machines(cloud: Cloud) -> None:
    cloud.settled(shared("a", "b"))
    disown(cloud)
    made = export(cloud)
    assert "instances:" in made.text and made.left_out == ()
    assert_brought_in(cloud, made)


def test_a_run_that_was_cut_off_between_two_machines_keeps_its_automatic_snapshots(cloud: Cloud) -> None:
    """The first one has turned their deletion on already, so that what is live is not what was meant."""
    cloud.settled(shared())
    cloud.faults({"fault": "error", "action": "AttachDisk", "code": "Forbidden.RAM", "status": 403, "nth": 2})
    assert not cloud.try_apply(shared("a", "b")).is_complete
    assert cloud.thing("disk", "demo-data")["DeleteAutoSnapshot"] is True
    cloud.settled(shared("a", "b"))
    assert on(cloud) == ["demo-a", "demo-b"]
    assert cloud.thing("disk", "demo-data")["DeleteAutoSnapshot"] is False
