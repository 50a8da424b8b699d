"""A replacement that was broken off after the new one was made, and the old file restored: the old one stays."""

import pytest

from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, shown, stack_of
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
