"""What a deletion takes along that is not ours is let go first, or stops the plan; what is ours is said by name."""

import json

import pytest

from ecsplan.model.call import Product
from ecsplan.model.change import Action
from tests.kinds.cloud import NETWORK, Cloud, stack_of, the_change, with_instance

IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
ONE = with_instance()
GOING = {
    "its block goes": (ONE, stack_of(NETWORK)),
    "the group gets smaller": (with_instance("count: 1"), with_instance("count: 0")),
}


def quiet(cloud: Cloud, seconds: float = 60) -> None:
    cloud.clock.advance(seconds)
    cloud.call("DescribeInstances")


def attached_by_hand(cloud: Cloud, sort: str) -> str:
    """Somebody's disk or interface, which would be deleted with the machine; it is plugged in in its first minutes."""
    machine = cloud.instance("demo-web-0000" if cloud.things("instance")[0]["InstanceName"][-1] == "0" else "demo-web")
    if sort == "disk":
        found = str(cloud.call("CreateDisk", ZoneId="cn-hangzhou-h", Size=20, DiskName="theirs")["DiskId"])
        quiet(cloud)
        cloud.call("AttachDisk", DiskId=found, InstanceId=machine.id, DeleteWithInstance=True)
    else:
        place = {"VSwitchId": machine["VSwitchId"], "SecurityGroupId": cloud.thing("securitygroup", "demo-web").id}
        answer = cloud.call("CreateNetworkInterface", NetworkInterfaceName="theirs", **place)
        found = str(answer["NetworkInterfaceId"])
        quiet(cloud)
        cloud.call("AttachNetworkInterface", NetworkInterfaceId=found, InstanceId=machine.id)
        quiet(cloud)
        cloud.call("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=found, DeleteOnRelease=True)
    quiet(cloud)
    return found


@pytest.mark.parametrize("sort", ["disk", "eni"])
@pytest.mark.parametrize("way", GOING)
def test_what_somebody_plugged_in_is_named_and_outlives_the_machine(cloud: Cloud, way: str, sort: str) -> None:
    before, after = GOING[way]
    cloud.settled(before)
    theirs = attached_by_hand(cloud, sort)

    plan = cloud.plan(after)
    (change,) = (change for change in plan.changes if change.action is Action.DELETE)
    assert any(theirs in lost and "theirs" in lost for lost in change.loses), change.loses
    cloud.apply(plan)

    quiet(cloud)
    assert theirs in {thing.id for thing in cloud.things(sort)} and not cloud.things("instance")


@pytest.mark.parametrize("sort", ["disk", "eni"])
def test_so_it_is_where_everything_is_destroyed(cloud: Cloud, sort: str) -> None:
    """An interface lives on in our subnet and group, so that those stay too: the plan says so and does not wait."""
    stack = cloud.settled(ONE)
    theirs = attached_by_hand(cloud, sort)

    plan = cloud.plan(stack, destroy=True)
    if sort == "disk":
        cloud.apply(plan)
    assert theirs in {thing.id for thing in cloud.things(sort)}
    blocked = {str(change.address): change.blocked[0] for change in plan.changes if change.blocked}
    assert all(theirs in told for told in blocked.values())
    assert sorted(blocked) == (["security_group.web", "vswitch.app"] if sort == "eni" else [])


def test_a_machine_that_is_made_anew_leaves_what_somebody_plugged_in(cloud: Cloud) -> None:
    text = with_instance("lifecycle: {on_image_change: replace}")
    cloud.settled(text)
    theirs = attached_by_hand(cloud, "disk")

    cloud.apply(cloud.plan(text.replace(IMAGE, "ubuntu_24_04_x64_20G_alibase_20260916.vhd")))
    assert theirs in {thing.id for thing in cloud.things("disk")}


def machine_of_others(cloud: Cloud) -> str:
    place = {"VSwitchId": cloud.thing("vswitch", "demo-app").id,
             "SecurityGroupId": cloud.thing("securitygroup", "demo-web").id}  # fmt: skip
    disk = {"Category": "cloud_essd", "Size": 40}
    cloud.call("RunInstances", ImageId=IMAGE, InstanceType="ecs.g7.large", InstanceName="theirs", SystemDisk=disk,
               **place)  # fmt: skip
    quiet(cloud, 120)
    return cloud.instance("theirs").id


def test_a_policy_that_somebody_put_on_a_disk_of_theirs_is_not_deleted(cloud: Cloud) -> None:
    """The service would delete it without a word, and take no snapshots of that disk any more."""
    policy = "auto_snapshot_policy:\n  daily: {hours: [1], weekdays: [1], retention_days: 7}\n"
    cloud.settled(with_instance(more=policy))
    machine = machine_of_others(cloud)
    (disk,) = (disk.id for disk in cloud.things("disk") if disk["InstanceId"] == machine)
    cloud.call("ApplyAutoSnapshotPolicy", autoSnapshotPolicyId=cloud.things("snapshotpolicy")[0].id,
               diskIds=json.dumps([disk]))  # fmt: skip

    change = the_change(cloud.plan(ONE))
    assert change.action is Action.DELETE and disk in change.blocked[0]


def test_a_policy_goes_with_the_disks_that_let_go_of_it_in_the_same_plan(cloud: Cloud) -> None:
    policy = "auto_snapshot_policy:\n  daily: {hours: [1], weekdays: [1], retention_days: 7}\n"
    disks = "data_disks: {data: {category: cloud_essd, size: 40, snapshot_policy: daily}}"
    cloud.settled(with_instance(disks, more=policy))
    cloud.settled(with_instance(disks.replace(", snapshot_policy: daily", ", snapshot_policy: false")))
    assert not cloud.things("snapshotpolicy")


def test_an_address_that_somebody_gave_to_a_machine_of_theirs_is_lost_with_its_name(cloud: Cloud) -> None:
    cloud.settled(with_instance(more="eip:\n  front: {charge_type: PayByTraffic, bandwidth: 5}\n"))
    machine = machine_of_others(cloud)
    cloud.call("AssociateEipAddress", Product.VPC, AllocationId=cloud.things("eip")[0].id, InstanceId=machine,
               InstanceType="EcsInstance")  # fmt: skip
    quiet(cloud)

    change = the_change(cloud.plan(ONE))
    assert change.action is Action.DELETE and f"{machine} has its address, and loses it" in change.notes


def test_automatic_snapshots_that_go_with_a_disk_are_said(cloud: Cloud) -> None:
    slot = "data_disks: {data: {category: cloud_essd, size: 40}}"
    cloud.settled(with_instance(slot))
    (disk,) = (disk for disk in cloud.things("disk") if disk["DiskName"] == "data")
    cloud.call("ModifyDiskAttribute", DiskId=disk.id, DeleteAutoSnapshot=True)

    for text in (with_instance("data_disks: {}"), stack_of(NETWORK)):
        assert "data disk data (40 GiB with its automatic snapshots)" in ", ".join(the_change(cloud.plan(text)).loses)
