import pytest

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.disk import LiveDisk
from ecsplan.model.reinit import Disk, Host, ReinitPlan
from ecsplan.model.resource import LiveObject
from ecsplan.model.stack import Stack
from ecsplan.power.reinit import meant, warnings


def disk(text: str, part: str = "") -> Disk:
    address = Address.parse(text)
    live = LiveDisk(f"d-{text}-{part}", machine=f"i-{text}")
    return Disk(address, part, LiveObject(address.kind, f"o-{text}", text, "Running"), live)


DISKS = [
    disk("disk.data"),
    disk("disk.more[0]"),
    *(disk(f"instance.web[{n}]", part) for n in (0, 1, 10) for part in ("system_disk", "data_disks.logs")),
    disk('instance.by["a.b"]', "data_disks.logs-2"),
]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("disk.data", ["disk.data"]),
        ("disk.more", ["disk.more[0]"]),
        ("disk.*", ["disk.data", "disk.more[0]"]),
        ("instance.web[1].system_disk", ["instance.web[1].system_disk"]),
        ("instance.web[1*].system_disk", ["instance.web[1].system_disk", "instance.web[10].system_disk"]),
        ("instance.web.data_disks.logs", [f"instance.web[{n}].data_disks.logs" for n in (0, 1, 10)]),
        ("instance.web[0].data_disks.*", ["instance.web[0].data_disks.logs"]),
        ('instance.by["a.b"].data_disks.logs-2', ['instance.by["a.b"].data_disks.logs-2']),
        ("instance.*.data_disks.logs*", ['instance.by["a.b"].data_disks.logs-2',
                                         *(f"instance.web[{n}].data_disks.logs" for n in (0, 1, 10))]),
    ],
)  # fmt: skip
def test_a_pattern_means(pattern: str, found: list[str]) -> None:
    assert [str(one) for one in meant([pattern], DISKS)] == found


@pytest.mark.parametrize(
    "pattern", ["instance.*", "instance.web", "instance.web[0]", "*", "disk.data.system_disk", "d-disk.data-"]
)
def test_nobody_loses_a_disk_that_was_not_named(pattern: str) -> None:
    if pattern == "*":
        assert [str(one) for one in meant(["*"], DISKS)] == ["disk.data", "disk.more[0]"]
        return
    with pytest.raises(Rejected, match="not a disk of this stack"):
        meant([pattern], DISKS)


def test_all_that_mean_nothing_are_said_at_once() -> None:
    with pytest.raises(Rejected) as caught:
        meant(["instance.web", "disk.data", "disk.nobody"], DISKS)

    assert [d.summary.split()[0] for d in caught.value.diagnostics] == ["instance.web", "disk.nobody"]
    assert "instance.web.system_disk" in caught.value.diagnostics[0].detail


def test_a_spot_instance_may_not_run_again() -> None:
    address = Address.parse("instance.web[0]")
    host = Host("i-1", address, "Running", ran=True, is_spot=True)
    plan = ReinitPlan("shop", "cn-hangzhou", (), {"i-1": host})

    (warning,) = warnings((), plan, Stack("shop", "cn-hangzhou", ()))
    assert "spot" in warning.summary and warning.address == address
