"""`stop --out FILE` and its like: an operation by hand that is saved, looked at, and carried out by `apply FILE`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.cli.test_operations import edit

Run = Callable[..., Ran]
LOGS = "instance.web[0].data_disks.logs"


@pytest.fixture
def shop(run: Run) -> Path:
    assert run("init", "--name", "shop").status == 0
    disk = "      data_disks: {logs: {category: cloud_essd, size: 40}}"
    edit(Path("stack.yaml"), "      security_groups: [web]", f"      security_groups: [web]\n{disk}")
    assert run("apply", "--emulator", "--auto-approve").status == 0
    return Path("stack.yaml")


def test_a_saved_stop_is_carried_out_by_apply_and_needs_nothing_the_second_time(run: Run, shop: Path) -> None:
    saved = run("stop", "instance.*", "--emulator", "-o", "off.json")
    assert (saved.status, "saved: ecsplan apply off.json" in saved.err) == (0, True)
    assert "instance.web[0]" in saved.err
    assert json.loads(Path("off.json").read_text(encoding="utf-8"))["asked"]["operation"]["name"] == "stop"
    assert "instance.web[0]" in run("show", "off.json").out

    first, again = run("apply", "off.json", "--emulator"), run("apply", "off.json", "--emulator")

    assert (first.status, again.status) == (0, 0)
    assert "Done: 1 updated" in first.out
    assert "updated;" not in again.out
    assert "stopped already" in run("stop", "instance.*", "--emulator", "--auto-approve").err


def test_nothing_is_done_where_a_plan_is_saved(run: Run, shop: Path) -> None:
    assert run("stop", "instance.*", "--emulator", "-o", "off.json").status == 0
    assert run("reinit", LOGS, "--emulator", "-o", "empty.json").status == 0

    assert run("plan", "--emulator", "--detailed-exitcode").status == 0


def test_a_saved_reinit_empties_the_disk_once(run: Run, shop: Path) -> None:
    saved = run("reinit", LOGS, "--emulator", "-o", "empty.json")
    assert "all data on it (40 GiB) is lost" in saved.err

    assert run("apply", "empty.json", "--emulator").status == 0
    assert run("plan", "--emulator", "--detailed-exitcode").status == 0


def test_a_saved_reinit_is_refused_once_its_machine_was_stopped(run: Run, shop: Path) -> None:
    assert run("reinit", LOGS, "--emulator", "-o", "empty.json").status == 0
    assert run("stop", "instance.*", "--emulator", "--auto-approve").status == 0

    ran = run("apply", "empty.json", "--emulator")

    assert ran.status == 3
    assert "what is live has moved since the plan was saved" in ran.err
