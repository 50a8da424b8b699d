import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.model.address import Address
from ecsplan.model.copying import replace
from ecsplan.model.plan import Guard, Plan
from tests.cli.conftest import FakeEngine, Ran

Run = Callable[..., Ran]
EMPTY = Plan("web-prod", "cn-hangzhou", None, (), ())


def test_plan_goes_to_stdout_in_each_format(run: Run, fake: FakeEngine) -> None:
    assert run("plan").out.startswith("web-prod · cn-hangzhou")
    assert run("plan", "--format", "markdown").out.startswith(
        "<!-- ecsplan:plan stack=web-prod region=cn-hangzhou -->\n### ecsplan"
    )
    assert run("plan", "--json").out == run("plan", "--format", "json").out
    assert json.loads(run("plan", "--json").out)["summary"]["create"] == 2


def test_plan_shows_calls_in_full_when_asked(run: Run, fake: FakeEngine) -> None:
    assert "VSwitchId = vswitch.new" in run("plan", "-v").out


def test_detailed_exit_code_tells_changes_from_none(run: Run, fake: FakeEngine) -> None:
    assert run("plan", "--detailed-exitcode").status == 2
    assert run("plan").status == 0
    fake.made = EMPTY
    assert run("plan", "--detailed-exitcode").status == 0


def test_plan_is_saved_and_shown_again(run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "save_plan", lambda plan: "saved " + plan.digest)
    monkeypatch.setattr(engine, "load_plan", lambda text: fake.made if text.startswith("saved") else None)

    planned = run("plan", "-o", "plan.json")
    shown = run("show", "plan.json")

    assert "ecsplan apply plan.json" in planned.err
    assert shown.out == planned.out


def test_what_allow_lifts_is_not_shown_and_stays_in_the_saved_plan(
    run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = Guard("data_loss", "disk.a loses 40 GiB", "give --allow disk.a", (Address("disk", "a"),))
    fake.made = replace(fake.made, guards=(guard,))
    monkeypatch.setattr(engine, "save_plan", lambda plan: ", ".join(one.summary for one in plan.guards))

    assert guard.summary in run("plan").out
    planned = run("plan", "--allow", "disk.a", "-o", "plan.json")

    assert fake.asked["blocked"].allow == ("disk.a",)
    assert guard.summary not in planned.out and Path("plan.json").read_text() == guard.summary
    assert run("plan", "--allow", "nonsense").status == exits.USAGE


def test_further_formats_go_to_files_in_the_same_run(run: Run, fake: FakeEngine) -> None:
    done = run("plan", "--write", "html=plan.html", "--write", "markdown=plan.md", "--write", "json=plan.json")

    assert done.out == run("plan").out
    assert Path("plan.html").read_text() == run("plan", "--format", "html").out
    assert Path("plan.md").read_text() == run("plan", "--format", "markdown").out
    assert json.loads(Path("plan.json").read_text())["summary"]["create"] == 2
    assert "written: plan.html" in done.err


@pytest.mark.parametrize("text", ["pdf=plan.pdf", "plan.html", "html="])
def test_a_format_to_write_needs_a_known_name_and_a_file(run: Run, fake: FakeEngine, text: str) -> None:
    refused = run("plan", "--write", text)
    assert refused.status == exits.USAGE
    assert "FORMAT=FILE" in refused.err and refused.out == ""


def test_unreadable_and_unwritable_files_are_errors(
    run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "save_plan", lambda plan: "saved")
    Path("binary.json").write_bytes(b"\xff\xfe")

    assert run("show", "absent.json").status == 1
    assert run("show", "binary.json").status == 1
    assert run("plan", "-o", "no/such/folder/plan.json").status == 1
    assert run("plan", "--events", "no/such/folder/events").status == 1
    assert run("plan", "--log-file", "no/such/folder/log").status == 1


def test_events_are_lines_with_version_and_time(run: Run, fake: FakeEngine) -> None:
    run("plan", "--events", "events.jsonl")

    lines = [json.loads(line) for line in Path("events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["v"] for line in lines} == {1}
    assert all(line["time"].endswith("Z") and line["message"] for line in lines)
    assert [line["type"] for line in lines][:2] == ["version", "planned_change"]
    assert lines[-1]["type"] == "change_summary"


def test_events_on_stdout_move_the_result_to_stderr(run: Run, fake: FakeEngine) -> None:
    ran = run("plan", "--events", "-")

    assert all(json.loads(line)["v"] == 1 for line in ran.out.splitlines())
    assert "web-prod · cn-hangzhou" in ran.err


def test_colours_are_for_terminals_that_want_them(
    run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    from ecsplan.cli.output import paint_for

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in paint_for(sys.stdout)("x", "danger")
    assert paint_for(sys.stdout, no_color=True)("x", "danger") == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint_for(sys.stdout)("x", "danger") == "x"
