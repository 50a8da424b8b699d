"""The secondary network interfaces inside an instance: which is which, and what a change of the map does."""

from typing import Any

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, the_change, the_line, with_instance

PLACE = "vswitch: app, security_groups: [web]"
CONTROL = f"control: {{{PLACE}, description: first words}}"
BACKUP = f"backup: {{{PLACE}, primary_ip: 10.0.1.60}}"


def machine(*slots: str, more: str = "", name: str = "web", extra: str = "") -> str:
    lines = "".join(f"  {slot}\n" for slot in slots)
    map_ = f"network_interfaces:\n{lines}" if slots else "network_interfaces: {}\n"
    return with_instance(map_ + extra, name=name, more=more)


def secondary(cloud: Cloud) -> dict[str, Any]:
    """The live secondary interfaces by name."""
    found = cloud.service.account.everywhere("eni")
    return {eni["NetworkInterfaceName"]: eni for eni in found if eni["Type"] == "Secondary"}


def test_they_are_born_with_the_machine_and_go_with_it(cloud: Cloud) -> None:
    text = machine(CONTROL, BACKUP)
    cloud.forget()
    cloud.settled(text)
    assert "CreateNetworkInterface" not in cloud.writes() and cloud.writes().count("RunInstances") == 1
    live = secondary(cloud)
    assert live["backup"]["PrivateIpAddress"] == "10.0.1.60"
    assert live["control"]["Description"] == "first words"
    assert all(eni["InstanceId"] == cloud.instance().id for eni in live.values())
    assert not any(eni.tags for eni in live.values())  # the service tags the primary one alone
    cloud.destroy(text)
    assert secondary(cloud) == {}


def test_members_of_a_group_are_still_made_in_one_call(cloud: Cloud) -> None:
    cloud.forget()
    cloud.settled(machine(CONTROL, extra="count: 5"))
    assert cloud.writes().count("RunInstances") == 1
    found = [eni for eni in cloud.service.account.everywhere("eni") if eni["NetworkInterfaceName"] == "control"]
    assert len({eni["InstanceId"] for eni in found}) == len(found) == 5


def test_adding_one_leaves_the_machine_and_the_others(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    before, kept = cloud.instance().id, secondary(cloud)["control"].id
    text = machine(CONTROL, BACKUP)
    change = the_change(cloud.plan(text))
    assert (change.action, change.impact, change.loses) == (Action.UPDATE, Impact.NONE, ())
    cloud.forget()
    cloud.settled(text)
    assert cloud.changed() == ["CreateNetworkInterface", "AttachNetworkInterface"]
    assert (cloud.instance().id, secondary(cloud)["control"].id) == (before, kept)
    assert secondary(cloud)["backup"].tags["ecsplan:network_interface"] == "demo/instance.web.network_interfaces.backup"
    cloud.destroy(text)


def test_removing_one_says_which_address_goes(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL, BACKUP))
    plan = cloud.plan(machine(CONTROL))
    change = the_change(plan)
    assert change.impact is Impact.NEW_ADDRESS
    assert change.loses == ("network interface backup (10.0.1.60)",)
    assert the_line(plan).cause is Cause.PENDING
    cloud.forget()
    cloud.apply(plan)
    assert cloud.changed() == ["DetachNetworkInterface", "DeleteNetworkInterface"]
    cloud.assert_settled(machine(CONTROL))
    assert set(secondary(cloud)) == {"control"}


def test_an_empty_map_removes_all_and_no_map_leaves_all(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    cloud.assert_settled(with_instance(), records=True)
    cloud.settled(machine())
    assert secondary(cloud) == {}


def test_words_and_groups_change_in_place(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    kept = secondary(cloud)["control"].id
    text = machine("control: {vswitch: app, security_groups: [other, web], description: second words}")
    text = text.replace("  web: {vpc: main}\n", "  web: {vpc: main}\n    other: {vpc: main}\n")
    cloud.forget()
    cloud.settled(text)
    assert "ModifyNetworkInterfaceAttribute" in cloud.writes()
    assert "CreateNetworkInterface" not in cloud.writes()
    live = secondary(cloud)["control"]
    assert (live.id, live["Description"], len(live["SecurityGroupIds"])) == (kept, "second words", 2)


def test_another_address_is_another_interface(cloud: Cloud) -> None:
    cloud.settled(machine(BACKUP))
    text = machine(BACKUP.replace("10.0.1.60", "10.0.1.61"))
    change = the_change(cloud.plan(text))
    assert (change.action, change.impact) == (Action.UPDATE, Impact.NEW_ADDRESS)
    assert change.loses == ("network interface backup (10.0.1.60)",)
    cloud.settled(text)
    assert [eni["PrivateIpAddress"] for eni in secondary(cloud).values()] == ["10.0.1.61"]


def test_a_slot_of_another_name_can_take_the_address(cloud: Cloud) -> None:
    cloud.settled(machine(BACKUP))
    (before,) = secondary(cloud).values()
    cloud.settled(machine(BACKUP.replace("backup", "standby")))
    (after,) = secondary(cloud).values()
    assert (after.id, after["PrivateIpAddress"]) == (before.id, "10.0.1.60")


def test_a_subnet_that_is_replaced_takes_the_machine_and_its_interfaces_along(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL, BACKUP.replace(", primary_ip: 10.0.1.60", "")))
    before = cloud.instance().id
    text = machine(CONTROL, BACKUP.replace("10.0.1.60", "10.0.2.60")).replace("10.0.1.0/24", "10.0.2.0/24")
    cloud.settled(text)
    assert cloud.instance().id == before
    assert {eni["PrivateIpAddress"].rpartition(".")[0] for eni in secondary(cloud).values()} == {"10.0.2"}
    cloud.destroy(text)


def test_one_that_was_plugged_in_by_hand_is_left_alone(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    vswitch = cloud.instance()["VSwitchId"]
    group = cloud.instance()["SecurityGroupIds"][0]
    made = cloud.call("CreateNetworkInterface", VSwitchId=vswitch, SecurityGroupId=group)["NetworkInterfaceId"]
    cloud.clock.sleep(5)
    cloud.call("AttachNetworkInterface", NetworkInterfaceId=made, InstanceId=cloud.instance().id)
    cloud.clock.sleep(5)
    cloud.assert_settled(machine(CONTROL), records=True)
    cloud.apply(machine("{}"))
    assert [eni.id for eni in secondary(cloud).values()] == [made]


def test_a_resource_on_the_machine_is_no_slot_of_it(cloud: Cloud) -> None:
    more = "network_interface:\n  second: {vswitch: app, security_groups: [web], instance: web}\n"
    text = machine(CONTROL, more=more)
    cloud.settled(text)
    assert len(secondary(cloud)) == 2
    cloud.destroy(text)


@pytest.mark.parametrize("action", ["AttachNetworkInterface", "DetachNetworkInterface", "DeleteNetworkInterface"])
def test_a_run_that_fails_between_the_calls_is_finished_by_the_next(cloud: Cloud, action: str) -> None:
    cloud.settled(machine(CONTROL, f"old: {{{PLACE}}}"))
    text = machine(CONTROL, BACKUP)
    cloud.faults({"fault": "error", "action": action, "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(text).is_complete
    cloud.settled(text)
    assert set(secondary(cloud)) == {"control", "backup"}
    cloud.destroy(text)


CALLS_OF_ANOTHER = ["CreateNetworkInterface", "DetachNetworkInterface", "AttachNetworkInterface"]


@pytest.mark.parametrize("action", [*CALLS_OF_ANOTHER, "DeleteNetworkInterface"])
def test_another_one_for_a_slot_is_made_once_though_a_run_fails_between(cloud: Cloud, action: str) -> None:
    cloud.settled(machine(CONTROL))
    old = secondary(cloud)["control"].id
    text = machine(BACKUP.replace("backup", "control"))
    cloud.faults({"fault": "error", "action": action, "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(text).is_complete
    cloud.forget()
    cloud.settled(text)
    assert [eni["PrivateIpAddress"] for eni in secondary(cloud).values()] == ["10.0.1.60"]
    assert old not in {eni.id for eni in cloud.service.account.everywhere("eni")}
    assert cloud.changed().count("CreateNetworkInterface") == (action == "CreateNetworkInterface")


@pytest.mark.parametrize("action", CALLS_OF_ANOTHER)
def test_going_back_from_another_one_keeps_the_first_where_it_lives(cloud: Cloud, action: str) -> None:
    before = machine(BACKUP)
    cloud.settled(before)
    old = secondary(cloud)["backup"].id
    cloud.faults({"fault": "error", "action": action, "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(machine(BACKUP.replace("10.0.1.60", "10.0.1.61"))).is_complete
    cloud.settled(before)
    assert [eni.id for eni in secondary(cloud).values()] == [old]
    assert len([eni for eni in cloud.service.account.everywhere("eni") if eni["Type"] == "Secondary"]) == 1


def test_one_that_leaves_its_slot_is_not_taken_for_a_new_slot(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    old = secondary(cloud)["control"].id
    text = machine(BACKUP.replace("backup", "control"), f"new: {{{PLACE}}}")
    cloud.faults({"fault": "error", "action": "CreateNetworkInterface", "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(text).is_complete
    cloud.settled(text)
    found = secondary(cloud)
    assert set(found) == {"control", "new"} and found["control"]["PrivateIpAddress"] == "10.0.1.60"
    assert old not in {eni.id for eni in found.values()}


def test_what_a_cut_off_run_left_loose_is_not_taken_for_another_address(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    cloud.faults({"fault": "error", "action": "AttachNetworkInterface", "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(machine(CONTROL, BACKUP)).is_complete
    cloud.settled(machine(CONTROL, BACKUP.replace("10.0.1.60", "10.0.1.61")))
    addresses = {eni["PrivateIpAddress"] for eni in secondary(cloud).values()}
    assert "10.0.1.61" in addresses and "10.0.1.60" not in addresses


def test_what_a_cut_off_run_left_loose_goes_with_the_stack(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    cloud.faults({"fault": "error", "action": "AttachNetworkInterface", "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(machine(CONTROL, BACKUP)).is_complete
    cloud.destroy(machine(CONTROL))
    assert secondary(cloud) == {}


def test_a_list_that_leaves_one_out_makes_no_second(cloud: Cloud) -> None:
    cloud.settled(machine(CONTROL))
    cloud.faults({"fault": "empty_by_permission", "action": "DescribeNetworkInterfaces", "times": 99})
    plan = cloud.plan(machine(CONTROL))
    assert not plan.steps and "tells nothing of eni-" in "".join(guard.summary for guard in plan.guards)


def test_create_first_is_refused_where_a_slot_keeps_its_address(cloud: Cloud) -> None:
    order = "lifecycle: {create_before_destroy: true, on_image_change: replace}"
    text = machine(BACKUP, extra=order)
    cloud.settled(text)
    other = text.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "ubuntu_24_04_x64_20G_alibase_20260916.vhd")
    (blocked,) = the_change(cloud.plan(other)).blocked
    assert "cannot share network_interfaces.backup.primary_ip" in blocked
    cloud.settled(other.replace("create_before_destroy: true, ", ""))
    assert [eni["PrivateIpAddress"] for eni in secondary(cloud).values()] == ["10.0.1.60"]


def test_an_address_outside_the_subnet_is_refused_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"network_interfaces.backup: primary_ip 10.9.9.9 lies outside the vSwitch's"):
        cloud.load(machine(BACKUP.replace("10.0.1.60", "10.9.9.9")))


def test_members_of_a_group_cannot_share_an_address(cloud: Cloud) -> None:
    with pytest.raises(
        Rejected, match=r"network_interfaces.backup.primary_ip: 10.0.1.60 is already that of instance.web\[0\]"
    ):
        cloud.load(machine(BACKUP, extra="count: 2"))
    cloud.load(machine(BACKUP.replace("10.0.1.60", '"10.0.1.${index + 60}"'), extra="count: 2"))
