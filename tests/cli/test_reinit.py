"""`ecsplan reinit` over the real engine and the emulator inside the process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.cli.test_operations import behind_its_back, edit

Run = Callable[..., Ran]
SYSTEM = "instance.web[0].system_disk"


@pytest.fixture
def shop(run: Run) -> Path:
    """A stack that is applied, with a data disk."""
    assert run("init", "--name", "shop").status == 0
    disk = "      data_disks: {logs: {category: cloud_essd, size: 40}}"
    edit(Path("stack.yaml"), "      security_groups: [web]", f"      security_groups: [web]\n{disk}")
    assert run("apply", "--emulator", "--auto-approve").status == 0
    return Path("stack.yaml")


def test_what_is_lost_is_said_and_asked(run: Run, shop: Path) -> None:
    ran = run("reinit", "instance.web[*].data_disks.logs", "--emulator", stdin="yes\n")

    assert ran.status == 0
    assert "reinit instance.web[0].data_disks.logs  d-" in ran.err
    assert "on instance.web[0]: all data on it (40 GiB) is lost, it is empty then" in ran.err
    assert "instance.web[0]: stops, and starts again" in ran.err
    assert ran.out.startswith("1 re-initialised, 1 machine running again;")
    assert run("plan", "--emulator", "--detailed-exitcode").status == 0


def test_without_a_yes_nothing_is_lost(run: Run, shop: Path) -> None:
    assert run("reinit", SYSTEM, "--emulator", stdin="no\n").status == 3
    assert "no terminal" in run("reinit", SYSTEM, "--emulator").err
    ran = run("reinit", SYSTEM, "--emulator", "--auto-approve")
    assert ran.status == 3
    assert f"refused: the data on {SYSTEM} would be lost" in ran.err
    assert run("reinit", SYSTEM, "--emulator", "--allow", "instance.web").status == 3
    assert run("reinit", SYSTEM, "--emulator", "--auto-approve", "--allow", "instance.web").status == 0


def test_a_program_reads_what_became_of_each(run: Run, shop: Path) -> None:
    ran = run("reinit", SYSTEM, "--emulator", "--auto-approve", "--allow", SYSTEM, "--json")

    found = json.loads(ran.out)
    assert found["format"] == "ecsplan-reinit/v1"
    assert [(row["address"], row["result"]) for row in found["disks"]] == [(SYSTEM, "done")]
    assert [(row["address"], row["before"], row["status"]) for row in found["machines"]] == [
        ("instance.web[0]", "Running", "Running")
    ]


def test_one_disk_goes_back_to_a_snapshot(run: Run, shop: Path) -> None:
    block = "\n  snapshot:\n    first: {disk: {instance: 'web[0]', slot: logs}}\n"
    shop.write_text(shop.read_text(encoding="utf-8") + block, encoding="utf-8")
    assert run("apply", "--emulator", "--auto-approve").status == 0
    disk = "instance.web[0].data_disks.logs"

    assert run("reinit", disk, SYSTEM, "--snapshot", "snapshot.first", "--emulator").status == 64
    assert run("reinit", SYSTEM, "--snapshot", "snapshot.first", "--emulator").status == 1
    ran = run("reinit", disk, "--snapshot", "snapshot.first", "--emulator", stdin="yes\n")

    assert ran.status == 0
    assert f"roll back {disk}" in ran.err
    assert ran.out.startswith("1 rolled back, 1 machine running again;")


def test_what_is_protected_is_refused(run: Run, shop: Path) -> None:
    line = "      security_groups: [web]"
    edit(shop, line, f"{line}\n      lifecycle: {{prevent_destroy: true}}")

    ran = run("reinit", SYSTEM, "--emulator", stdin="yes\n")

    assert ran.status == 3
    assert "prevent_destroy" in ran.err


def test_a_machine_is_no_disk(run: Run, shop: Path) -> None:
    ran = run("reinit", "instance.*", "--emulator", stdin="yes\n")

    assert ran.status == 1
    assert "instance.* is not a disk of this stack" in ran.err
    assert "instance.web.data_disks.logs, instance.web.system_disk" in ran.err


def test_a_machine_that_is_off_stays_so(run: Run, shop: Path) -> None:
    assert run("stop", "instance.web", "--emulator", "--auto-approve").status == 0

    ran = run("reinit", SYSTEM, "--emulator", stdin="yes\n")

    assert "instance.web[0]: is off, and stays so" in ran.err
    assert ran.out.startswith("1 re-initialised; ")
    assert "Stopped" in run("list", "--emulator").out


def test_a_disk_that_the_service_keeps_is_told(run: Run, shop: Path) -> None:
    rows = json.loads(run("reinit", SYSTEM, "--emulator", "--json", stdin="yes\n").out)["disks"]
    behind_its_back("CreateSnapshot", DiskId=rows[0]["id"], Category="flash")

    ran = run("reinit", SYSTEM, "--emulator", stdin="yes\n")

    assert ran.status == 1
    assert f"{SYSTEM}: it" in ran.err
