"""The commands over the real engine and the emulator inside the process, from `init` to `destroy`."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli.emulate import embedded
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.fixture
def stack(run: Run) -> Path:
    assert run("init", "--name", "shop").status == 0
    return Path("stack.yaml")


def test_a_first_stack_lives_and_ends(run: Run, stack: Path) -> None:
    assert run("validate").out == "shop: 4 resources, no errors.\n"

    planned = run("plan", "--emulator", "--detailed-exitcode")
    assert planned.status == 2
    assert "new stack in cn-hangzhou" in planned.out
    assert "emulator: a local account in .ecsplan/emulator.db" in planned.err

    applied = run("apply", "--emulator", stdin="yes\n")
    assert applied.status == 0
    assert "Done: 4 created; " in applied.out

    again = run("plan", "--emulator", "--detailed-exitcode")
    assert again.status == 0
    assert "No changes: the cloud is as the stack says (4 resources)." in again.out

    listed = list(csv.DictReader(run("list", "--emulator", "--format", "csv").out.splitlines()))
    assert [row["address"] for row in listed] == ["instance.web[0]", "security_group.web", "vpc.main", "vswitch.app"]

    destroyed = run("destroy", "--emulator", "--auto-approve", "--allow-destroy", "4")
    assert destroyed.status == 0
    assert run("list", "--emulator").out == "shop owns nothing in cn-hangzhou.\n"


def test_a_saved_plan_is_shown_and_applied_and_done_when_applied_again(run: Run, stack: Path) -> None:
    planned = run("plan", "--emulator", "-o", "plan.json")

    shown = run("show", "plan.json", "--json")
    assert json.loads(shown.out)["changes"][0]["address"] == "vpc.main"
    assert run("show", "plan.json").out.splitlines()[1:] == planned.out.splitlines()[1:]
    assert run("apply", "plan.json", "--emulator").status == 0
    assert "had been done before" in run("apply", "plan.json", "--emulator").out


def test_an_altered_plan_is_no_plan(run: Run, stack: Path) -> None:
    run("plan", "--emulator", "-o", "plan.json")
    saved = Path("plan.json").read_text(encoding="utf-8")
    Path("plan.json").write_text(saved.replace("10.0.1.0/24", "10.0.2.0/24"), encoding="utf-8")

    ran = run("apply", "plan.json", "--emulator")

    assert ran.status in (1, 3)
    assert "altered" in ran.err


def test_events_log_and_json_tell_of_an_apply(run: Run, stack: Path) -> None:
    ran = run("apply", "--emulator", "--auto-approve", "--json", "--events", "events.jsonl", "--log-file", "calls.log")

    report = json.loads(ran.out)["report"]
    events = [json.loads(line) for line in Path("events.jsonl").read_text(encoding="utf-8").splitlines()]
    log = Path("calls.log").read_text(encoding="utf-8")
    assert report["status"] == "done"
    assert set(report["ids"]) == {"instance.web[0]", "security_group.web", "vpc.main", "vswitch.app"}
    assert {"version", "planned_change", "change_summary", "run_begin", "apply_start", "apply_done", "summary"} == {
        event["type"] for event in events
    }
    assert "RunInstances cn-hangzhou 200" in log
    assert "emulator-secret" not in log


def test_all_regions_are_looked_through(run: Run, stack: Path) -> None:
    run("apply", "--emulator", "--auto-approve")

    ran = run("list", "--emulator", "--all-regions", "--region", "cn-beijing")

    assert ran.status == 0
    assert "cn-hangzhou" in ran.out


def test_an_account_of_the_emulator_that_is_in_use_is_said(run: Run, stack: Path) -> None:
    with embedded():
        ran = run("plan", "--emulator")

    assert ran.status == 1
    assert "in use" in ran.err


def test_the_smaller_commands_answer(run: Run, stack: Path) -> None:
    assert "1234567890123456" in run("whoami", "--emulator").out
    assert run("unlock", "shop", "--emulator").out == "shop is not locked in cn-hangzhou.\n"
    assert "CreateVpc" not in run("explain").out
    assert "instance" in run("explain").out
    assert run("explain", "instance.system_disk").status == 0
    assert run("explain", "instance.nonsense").status == 64
    assert json.loads(run("explain", "vpc", "--json").out)["kind"] == "vpc"
    assert json.loads(run("schema").out)["title"] == "ecsplan stack"
    assert json.loads(run("schema", "plan").out)["title"] == "ecsplan saved plan"


def test_every_kind_explains_itself(run: Run) -> None:
    for kind in engine.kinds().values():
        assert run("explain", kind.name).status == 0
        for attribute in kind.attributes:
            assert f"{kind.name}.{attribute.name}" in run("explain", f"{kind.name}.{attribute.name}").out
