"""Rows of DescribeDisks as disks: of one that is a resource, and of those inside a machine."""

from typing import Any

from ecsplan.kinds._disk_rows import in_slots, live_disk, own_of, system_of
from ecsplan.model.resource import LiveObject
from ecsplan.model.slots import FOREIGN, SLOTS_OF


def row(disk: str, sort: str = "data", **more: Any) -> dict[str, Any]:
    return {"DiskId": disk, "Type": sort, "InstanceId": "i-1", "Size": 40, "Category": "cloud_essd", **more}


def machine(*rows: dict[str, Any], **slots: str) -> LiveObject:
    answer = {"InstanceId": "i-1", "@disks": rows, SLOTS_OF: {"data_disks": slots}, FOREIGN: ["d-theirs"]}
    return LiveObject("instance", "i-1", "web", "Running", _answer=answer)


MACHINE = machine(row("d-s", "system"), row("d-1"), row("d-2", InstanceId=""), row("d-theirs"), logs="d-1", data="d-2")


def test_a_subscription_ends_and_a_disk_without_one_does_not() -> None:
    assert live_disk(row("d-1", DiskChargeType="PrePaid", ExpiredTime="2027-01-01")).paid_until == "2027-01-01"
    assert live_disk(row("d-1", DiskChargeType="PrePaid")).paid_until == "its end"
    assert live_disk(row("d-1", DiskChargeType="PostPaid", ExpiredTime="2999-09-08")).paid_until is None


def test_what_it_is_made_of_is_an_image_or_a_snapshot() -> None:
    source = {"ImageId": "m-1", "SourceSnapshotId": "s-1"}
    assert [live_disk(row("d-1", sort, **source)).made_of for sort in ("system", "data")] == ["m-1", "s-1"]


def test_locks_of_the_service_are_named() -> None:
    locks = {"OperationLock": [{"LockReason": "financial"}, {"LockReason": "security"}]}
    assert live_disk(row("d-1", OperationLocks=locks)).locks == ("financial", "security")


def test_a_disk_goes_along_unless_the_answer_says_that_it_stays() -> None:
    told = [{}, {"DeleteWithInstance": True}, {"DeleteWithInstance": False}]
    assert [live_disk(row("d-1", **one)).goes_along for one in told] == [True, True, False]


def test_parts_are_told_by_slot_also_those_that_hang_nowhere() -> None:
    assert {slot: (disk.id, disk.machine) for slot, disk in MACHINE.fact(in_slots).items()} == {
        "logs": ("d-1", "i-1"), "data": ("d-2", ""),
    }  # fmt: skip


def test_what_hangs_on_the_machine_and_is_of_others_is_no_part_of_it() -> None:
    assert [disk.id for disk in MACHINE.fact(own_of)] == ["d-1"]


def test_a_machine_whose_disks_were_not_read_tells_of_no_system_disk() -> None:
    assert machine().fact(system_of) is None
    system = MACHINE.fact(system_of)
    assert system is not None and (system.id, system.is_system) == ("d-s", True)
