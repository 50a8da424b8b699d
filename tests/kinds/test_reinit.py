"""What the lists tell against putting a disk back; the rest is in tests/engine/test_reinitialising.py."""

from typing import Any

import pytest

from ecsplan.kinds import _reinit
from ecsplan.kinds._disk_rows import live_disk
from ecsplan.model.address import Address
from ecsplan.model.call import Replay
from ecsplan.model.copying import replace
from ecsplan.model.reinit import Disk, Host
from ecsplan.model.resource import LiveObject

WEB = Address.parse("instance.web")
NOW = "2026-11-25T10:00Z"


def disk(**raw: Any) -> Disk:
    found = {"DiskId": "d-1", "Status": "In_use", "InstanceId": "i-1", "Category": "cloud_essd", **raw}
    return Disk(WEB, "data_disks.logs", LiveObject("instance", "i-1", "web", "Running"), live_disk(found))


def host(status: str = "Running", address: Address | None = WEB, **raw: Any) -> Host:
    return replace(_reinit.host({"InstanceId": "i-1", "Status": status, **raw}), address=address)


def against(one: Disk, its_host: Host | None, is_roll_back: bool = False) -> list[str]:
    return [summary for summary, _ in _reinit.objections(one, its_host, is_roll_back, NOW)]


@pytest.mark.parametrize("status", ["In_use", "ReIniting"])
@pytest.mark.parametrize("power", ["Running", "Stopped", "Starting", "Stopping"])
def test_nothing_stands_against_a_disk_of_a_machine_at_work(status: str, power: str) -> None:
    assert against(disk(Status=status), host(power)) == []


@pytest.mark.parametrize(
    ("one", "its_host", "why"),
    [
        (disk(Status="Detaching"), host(), "it is Detaching"),
        (disk(InstanceId="", Status="Available"), None, "it hangs on no machine, and only ResetDisk takes such a disk"),
        (disk(), None, "its machine i-1 cannot be seen"),
        (disk(Category="local_ssd_pro"), host(), "it is a local disk (local_ssd_pro), and stays what it is"),
        (
            disk(OperationLocks={"OperationLock": [{"LockReason": "financial"}]}),
            host(),
            "it is locked by the service (financial)",
        ),
        (
            disk(),
            host(OperationLocks={"LockReason": [{"LockReason": "recycling"}]}),
            "instance.web is locked by the service (recycling)",
        ),
        (disk(), host(StartTime=""), "instance.web has never been started"),
        (
            disk(),
            host(InstanceChargeType="PrePaid", ExpiredTime="2026-11-25T09:59Z"),
            "the subscription of instance.web ended on 2026-11-25T09:59Z",
        ),
        (disk(), host(address=None), "it hangs on i-1, which is not a machine of this stack, and is Running"),
    ],
)
def test_it_is_said_what_stands_against_it(one: Disk, its_host: Host | None, why: str) -> None:
    assert against(one, its_host) == [why]


def test_a_roll_back_takes_more_disks() -> None:
    assert against(disk(InstanceId="", Status="Available"), None, is_roll_back=True) == []
    assert against(disk(), host(StartTime=""), is_roll_back=True) == []


def test_a_subscription_that_goes_on_is_nothing() -> None:
    assert against(disk(), host(InstanceChargeType="PrePaid", ExpiredTime="2026-12-25T16:00Z")) == []


def test_neither_call_is_sent_again_blindly() -> None:
    calls = [_reinit.put_back(disk(), snapshot, {"KeyPairName": "ops"})[-1] for snapshot in (None, "s-1")]

    assert [call.operation for call in calls] == ["ReInitDisk", "ResetDisk"]
    assert {call.replay for call in calls} == {Replay.NEVER}
    assert [call.params for call in calls] == [
        {"DiskId": "d-1", "KeyPairName": "ops"}, {"DiskId": "d-1", "SnapshotId": "s-1"},
    ]  # fmt: skip


def test_the_pair_of_the_machine_comes_before_a_password() -> None:
    assert _reinit.login(host(KeyPairName="ops"), {"password": "x"}) == {"KeyPairName": "ops"}
    assert _reinit.login(host(KeyPairName=""), {"password": "x"}) == {"Password": "x"}
    assert _reinit.login(None, {}) == {}
