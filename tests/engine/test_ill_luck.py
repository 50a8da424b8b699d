"""Situations that nobody plans for: half done, taken away by hand, tagged by others; each with the plain next run."""

import shutil

import pytest

from ecsplan import engine
from ecsplan.engine import PlanOptions
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Refused
from tests.kinds.cloud import Cloud, changes, shown, the_change, with_instance

IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
KEYS = ("AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt",
        "AAAAC3NzaC1lZDI1NTE5AAAAID/EzP50WHDiwNmfcfMP8GVsje3UHMHX09N2sNvmheLz")  # fmt: skip


def quiet(cloud: Cloud) -> None:
    cloud.clock.advance(120)
    cloud.call("DescribeInstances")


def refuse(cloud: Cloud, *actions: str) -> None:
    for action in actions:
        cloud.faults({"fault": "error", "action": action, "code": "OperationDenied", "status": 403, "probability": 1.0})


def machine_of_others(cloud: Cloud, name: str = "theirs", **tags: str) -> str:
    place = {"VSwitchId": cloud.thing("vswitch", "demo-app").id,
             "SecurityGroupId": cloud.thing("securitygroup", "demo-web").id}  # fmt: skip
    marks = [{"Key": key.replace("_", ":"), "Value": value} for key, value in tags.items()]
    cloud.call("RunInstances", ImageId=IMAGE, InstanceType="ecs.g7.large", InstanceName=name, Tag=marks or None,
               SystemDisk={"Category": "cloud_essd", "Size": 40}, **place)  # fmt: skip
    quiet(cloud)
    return cloud.instance(name).id


def keyed(key: str) -> str:
    return with_instance("key_pair: ops", more=f"key_pair:\n  ops: {{public_key: ssh-ed25519 {key}}}\n")


@pytest.mark.parametrize("refused", ["DeleteKeyPairs", "ImportKeyPair", "AttachKeyPair"])
@pytest.mark.parametrize("back", [False, True])
def test_what_a_replacement_let_go_of_and_did_not_take_up_again_is_no_drift(
    cloud: Cloud, refused: str, back: bool
) -> None:
    """The reference reads the same before and after: only what it names is another one."""
    cloud.settled(keyed(KEYS[0]))
    cloud.faults({"fault": "error", "action": refused, "code": "OperationDenied", "status": 403, "probability": 1.0,
                  "from": 2 if refused == "ImportKeyPair" else 1})  # fmt: skip
    assert cloud.try_apply(keyed(KEYS[1])).failed
    cloud.service.faults.clear()

    text = keyed(KEYS[0] if back else KEYS[1])
    found = engine.drift(cloud.load(text), cloud.api, PlanOptions(), state_dir=str(cloud.folder / ".ecsplan"))
    moved = [f"{finding.address} {finding.moved.value}" for finding in found.findings]
    assert not [told for told in moved if not told.startswith("key_pair")], moved
    lines = [line for change in cloud.plan(text).changes for line in change.attributes]
    assert not [line.name for line in lines if line.cause in (Cause.DRIFT, Cause.BOTH)]
    cloud.apply(text)
    cloud.assert_settled(text, records=True)


@pytest.mark.parametrize("fresh", [False, True])
def test_a_machine_of_others_with_our_mark_is_not_taken_for_a_new_member_unasked(cloud: Cloud, fresh: bool) -> None:
    """Anybody who may tag can write a mark. No record, no name and no journal agrees with it."""
    cloud.settled(with_instance("count: 2"))
    theirs = machine_of_others(cloud, "evil", ecsplan_instance="demo/instance.web[2]")
    if fresh:
        shutil.rmtree(cloud.folder / ".ecsplan")

    plan = cloud.plan(with_instance("count: 3"))
    change = changes(plan)["instance.web[2]"]
    assert change.is_doubtful and theirs in " ".join(change.notes), shown(plan)
    with pytest.raises(Refused, match="known by its tags only"):
        cloud.try_apply(plan, approved=False, allow_destroy=0)
    assert cloud.instance("evil").id == theirs


def test_a_renamed_machine_of_ours_is_known_by_its_record_in_a_fresh_checkout(cloud: Cloud) -> None:
    cloud.settled(with_instance("name: front"))
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance("front").id, InstanceName="by-hand")
    shutil.rmtree(cloud.folder / ".ecsplan")

    change = the_change(cloud.plan(with_instance("name: front")))
    assert (change.action, change.is_doubtful) == (Action.UPDATE, False)


SLOT = "data_disks: {data: {category: cloud_essd, size: 40}}"


@pytest.mark.parametrize("gone", ["data_disks: {}", ""])
def test_a_disk_that_hangs_on_a_machine_of_others_is_not_forgotten_when_its_slot_goes(cloud: Cloud, gone: str) -> None:
    """It would go on costing money without any file or plan speaking of it."""
    cloud.settled(with_instance(SLOT))
    (disk,) = (disk.id for disk in cloud.things("disk") if disk["DiskName"] == "data")
    theirs = machine_of_others(cloud)
    cloud.call("DetachDisk", DiskId=disk, InstanceId=cloud.instance().id)
    quiet(cloud)
    cloud.call("AttachDisk", DiskId=disk, InstanceId=theirs)
    quiet(cloud)

    plan = cloud.plan(with_instance(gone))
    (change,) = (change for change in plan.changes if str(change.address) == "instance.web")
    assert disk in change.blocked[0] and theirs in change.blocked[0], shown(plan)

    released = with_instance(gone) + "released: [instance.web.data_disks.data]\n"
    cloud.apply(released)
    cloud.assert_settled(with_instance(gone))
    assert disk in {thing.id for thing in cloud.things("disk")}


def test_a_disk_that_was_unplugged_by_hand_goes_only_with_a_yes_when_its_slot_goes(cloud: Cloud) -> None:
    cloud.settled(with_instance(SLOT))
    (disk,) = (disk.id for disk in cloud.things("disk") if disk["DiskName"] == "data")
    cloud.call("DetachDisk", DiskId=disk, InstanceId=cloud.instance().id)
    quiet(cloud)

    plan = cloud.plan(with_instance("data_disks: {}"))
    assert "data disk data (40 GiB" in ", ".join(the_change(plan).loses), shown(plan)
    cloud.apply(plan)
    cloud.assert_settled(with_instance("data_disks: {}"))
    assert disk not in {thing.id for thing in cloud.things("disk")}


@pytest.mark.parametrize(
    ("block", "kind", "unplug", "plug", "told"),
    [
        ("network_interface:\n  in: {vswitch: app, security_groups: [web], instance: web}\n", "eni",
         "DetachNetworkInterface", "AttachNetworkInterface", "access"),
        ("disk:\n  in: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: web}\n", "disk",
         "DetachDisk", "AttachDisk", "unmount first"),
    ],
)  # fmt: skip
def test_what_comes_back_from_a_running_machine_of_others_has_an_impact(
    cloud: Cloud, block: str, kind: str, unplug: str, plug: str, told: str
) -> None:
    """It was plugged in there by hand: whoever uses it there is told by the plan, and the plan is not quiet."""
    text = with_instance(more=block)
    cloud.settled(text)
    theirs, field = machine_of_others(cloud), "NetworkInterfaceId" if kind == "eni" else "DiskId"
    (part,) = (t.id for t in cloud.things(kind) if t.get("Type") in ("Secondary", "data"))
    cloud.call(unplug, InstanceId=cloud.instance().id, **{field: part})
    quiet(cloud)
    cloud.call(plug, InstanceId=theirs, **{field: part})
    quiet(cloud)

    change = the_change(cloud.plan(text))
    assert told in {impact.text for impact in change.impacts}, shown(cloud.plan(text))
    cloud.apply(text)
    cloud.assert_settled(text)


def test_a_group_that_a_machine_of_others_has_joined_is_not_deleted_under_it(cloud: Cloud) -> None:
    """Renamed without `moved`: ours would move over, and theirs would hold the old group for ten minutes."""
    text = with_instance()
    cloud.settled(text)
    theirs = machine_of_others(cloud)
    renamed = text.replace("    web: {vpc: main}", "    front: {vpc: main}").replace("groups: [web]", "groups: [front]")
    plan = cloud.plan(renamed)
    assert theirs in changes(plan)["security_group.web"].blocked[0], shown(plan)


def test_a_second_stack_gets_no_machine_of_the_first_by_adoption(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    adopting = with_instance(f"adopt: {cloud.instance().id}")
    second = f"apiVersion: ecsplan/v1\nstack: second\nregion: cn-hangzhou\n{adopting}"
    plan = cloud.plan(second)
    blocked = [change.blocked[0] for change in plan.changes if change.blocked]
    assert len(blocked) == 1 and "belongs to instance.web of stack demo" in blocked[0]


def test_a_group_taken_down_and_refused_half_way_comes_back_with_what_it_had(cloud: Cloud) -> None:
    """Disks and addresses of the members went; the machines live, and get others of the same names."""
    members = "count: {0}, zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: 'web[${{index}}]'"
    eips = "count: {0}, bandwidth: 5, charge_type: PayByTraffic, instance: 'web[${{index}}]'"

    def group(count: int) -> str:
        more = f"disk:\n  db: {{{members.format(count)}}}\neip:\n  pub: {{{eips.format(count)}}}\n"
        return with_instance(f"count: {count}", more=more)

    cloud.settled(group(2))
    machines = {thing.id for thing in cloud.things("instance")}
    refuse(cloud, "DeleteInstances")
    assert cloud.try_apply(group(0)).failed
    cloud.service.faults.clear()
    cloud.apply(group(2))
    cloud.assert_settled(group(2))
    assert {thing.id for thing in cloud.things("instance")} == machines


@pytest.mark.parametrize("fresh", [False, True], ids=["here", "from a fresh checkout"])
@pytest.mark.parametrize("members", ["", "count: 2\n"], ids=["single", "group"])
def test_an_interface_that_was_unplugged_by_hand_is_asked_about_and_no_second_one_is_made(
    cloud: Cloud, members: str, fresh: bool
) -> None:
    """The service leaves it without marks: its name, its time and the record of the machine tell."""
    text = with_instance(members + "network_interfaces: {ctl: {vswitch: app, security_groups: [web]}}")
    cloud.settled(text)
    part = next(thing for thing in cloud.things("eni") if thing["Type"] == "Secondary")
    machine = part["InstanceId"]
    cloud.call("DetachNetworkInterface", NetworkInterfaceId=part.id, InstanceId=machine)
    quiet(cloud)
    if fresh:
        shutil.rmtree(cloud.folder / ".ecsplan")

    asked = [reason for change in cloud.plan(text).changes for reason in change.blocked]
    assert len(asked) == 1 and part.id in asked[0] and f"attach it to {machine} again" in asked[0]
    with pytest.raises(Refused):
        cloud.try_apply(text)

    cloud.call("AttachNetworkInterface", NetworkInterfaceId=part.id, InstanceId=machine)
    quiet(cloud)
    cloud.assert_settled(text)


def test_one_that_has_another_name_is_somebody_elses(cloud: Cloud) -> None:
    text = with_instance("network_interfaces: {ctl: {vswitch: app, security_groups: [web]}}")
    cloud.settled(text)
    part = next(thing for thing in cloud.things("eni") if thing["Type"] == "Secondary")
    cloud.call("DetachNetworkInterface", NetworkInterfaceId=part.id, InstanceId=part["InstanceId"])
    quiet(cloud)
    cloud.call("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=part.id, NetworkInterfaceName="spare")
    cloud.settled(text)
    assert part.id in {thing.id for thing in cloud.things("eni")}
