"""A replacement that was broken off after the new one was made, and the old file restored: the old one stays."""

import pytest

from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, shown, stack_of, with_instance
from tests.kinds.cloud import changes as changes_of

FIRST = "lifecycle: {create_before_destroy: true}"
REPLACE = FIRST.replace("}", ", on_image_change: replace}")
MACHINE = f"instance:\n  web: {{{', '.join(INSTANCE.strip().splitlines())}}}"
CASES = {
    "a subnet of another range": (
        NETWORK.replace("10.0.1.0/24", f"10.0.1.0/24, {FIRST}"),
        ("10.0.1.0/24", "10.0.3.0/24"),
        "vpc:DeleteVSwitch",
        "vswitch",
    ),
    "a disk that is to be encrypted": (
        f"{NETWORK}disk:\n  store: {{zone: cn-hangzhou-h, category: cloud_essd, size: 40, {FIRST}}}",
        ("size: 40,", "size: 40, encrypted: true,"),
        "ecs:DeleteDisk",
        "disk",
    ),
    "an address of another billing, bound to a machine": (
        f"{NETWORK}{MACHINE}\neip:\n  front: {{bandwidth: 5, charge_type: PayByTraffic, instance: web, {FIRST}}}",
        ("PayByTraffic", "PayByBandwidth"),
        "vpc:ReleaseEipAddress",
        "eip",
    ),
    "a machine of another image": (
        NETWORK + MACHINE.replace("system_disk", f"{REPLACE}, system_disk"),
        ("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "ubuntu_24_04_x64_20G_alibase_20260916.vhd"),
        "ecs:DeleteInstances",
        "instance",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_with_the_old_file_again_the_old_one_stays_and_the_new_one_goes(cloud: Cloud, name: str) -> None:
    block, (value, other), delete, kind = CASES[name]
    text = stack_of(block)
    cloud.settled(text)
    before = {thing.id for thing in cloud.things(kind)}
    cloud.faults({"fault": "error", "action": delete, "code": "OperationDenied", "status": 403, "probability": 1.0})
    assert cloud.try_apply(text.replace(value, other)).failed
    cloud.service.faults.clear()
    assert before < {thing.id for thing in cloud.things(kind)}

    plan = cloud.plan(text)
    (gone,) = (change for change in plan.changes if change.action.name == "DELETE")
    assert gone.before is not None and gone.before.id not in before, shown(plan)
    assert "is wanted again" in gone.reason
    cloud.apply(plan)
    cloud.assert_settled(text, records=True)
    assert {thing.id for thing in cloud.things(kind)} == before


@pytest.mark.parametrize("name", CASES)
def test_with_the_new_file_again_the_replacement_goes_on(cloud: Cloud, name: str) -> None:
    block, (value, other), delete, kind = CASES[name]
    text = stack_of(block)
    cloud.settled(text)
    before = {thing.id for thing in cloud.things(kind)}
    cloud.faults({"fault": "error", "action": delete, "code": "OperationDenied", "status": 403, "probability": 1.0})
    assert cloud.try_apply(text.replace(value, other)).failed
    cloud.service.faults.clear()
    made = {thing.id for thing in cloud.things(kind)} - before
    cloud.settled(text.replace(value, other))
    assert {thing.id for thing in cloud.things(kind)} == made


def test_two_are_never_taken_for_the_same_while_they_change_places(cloud: Cloud) -> None:
    """The new one is gone before the old one loses its mark."""
    block, (value, other), delete, _ = CASES["a subnet of another range"]
    text = stack_of(block)
    cloud.settled(text)
    cloud.faults({"fault": "error", "action": delete, "code": "OperationDenied", "status": 403, "probability": 1.0})
    assert cloud.try_apply(text.replace(value, other)).failed
    assert [str(one.step) for one in cloud.try_apply(text).failed] == ["delete vswitch.app"]
    assert "lifecycle.retired" in changes_of(cloud.plan(text))["vswitch.app"].attributes_by_name
    cloud.service.faults.clear()
    cloud.settled(text)


SIDE = "    side: {vpc: main, zone: cn-hangzhou-h, cidr_block: RANGE, lifecycle: {create_before_destroy: true}}\n"
INSIDE = "network_interfaces:\n  inside: {vswitch: side, security_groups: [web]}\n"


@pytest.mark.parametrize("refused", ["ecs:AttachNetworkInterface", "ecs:DetachNetworkInterface"])
def test_an_interface_that_was_made_for_a_slot_and_not_plugged_in_goes_on_the_way_back(
    cloud: Cloud, refused: str
) -> None:
    """It is in the subnet that goes again. It is ours and in no machine: nobody has to remove it by hand."""
    text = with_instance(INSIDE).replace("  vswitch:\n", "  vswitch:\n" + SIDE, 1)
    cloud.settled(text.replace("RANGE", "10.0.7.0/24"))
    before = {thing.id for kind in ("vswitch", "instance") for thing in cloud.things(kind)}
    cloud.faults({"fault": "error", "action": refused, "code": "OperationDenied", "status": 403, "probability": 1.0})
    assert cloud.try_apply(text.replace("RANGE", "10.0.9.0/24")).failed
    cloud.service.faults.clear()

    plan = cloud.plan(text.replace("RANGE", "10.0.7.0/24"))
    assert not any(change.blocked for change in plan.changes), shown(plan)
    cloud.forget()
    cloud.apply(plan)
    written = cloud.changed()
    assert (
        written.index("DeleteNetworkInterface") < written.index("DeleteVSwitch") and written.count("DeleteVSwitch") == 1
    )
    cloud.assert_settled(text.replace("RANGE", "10.0.7.0/24"), records=True)
    assert {thing.id for kind in ("vswitch", "instance") for thing in cloud.things(kind)} == before


def test_a_foreign_interface_in_the_subnet_that_goes_still_stops_the_plan(cloud: Cloud) -> None:
    text = with_instance(INSIDE).replace("  vswitch:\n", "  vswitch:\n" + SIDE, 1)
    cloud.settled(text.replace("RANGE", "10.0.7.0/24"))
    side, group = cloud.thing("vswitch", "demo-side").id, cloud.thing("securitygroup", "demo-web").id
    cloud.call("CreateNetworkInterface", VSwitchId=side, SecurityGroupId=group, NetworkInterfaceName="somebodys")
    cloud.clock.advance(60)

    plan = cloud.plan(text.replace("RANGE", "10.0.9.0/24"))
    assert ["somebodys" in change.blocked[0] for change in plan.changes if change.blocked] == [True]
