import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.cli.stop import Stop
from ecsplan.model.address import Address
from ecsplan.model.change import Action
from ecsplan.model.plan import Guard, Outcome, Plan, Report, Result, Status, StepId
from tests.cli.conftest import FakeEngine, Ran
from tests.render.plans import every_action

Run = Callable[..., Ran]
STEP = StepId("vpc.main", "create")
ANNOUNCED = [change.address for change in every_action().changes if change.action is not Action.NOOP]
ONE = Outcome(STEP, (Address("vpc", "main"),), Status.DONE)
DONE = Report((ONE,), calls=1, seconds=2.0, results=dict.fromkeys(ANNOUNCED, Result.UPDATED))
LEFT = dict.fromkeys(ANNOUNCED, Result.NOT_STARTED)
SAVED = '{"format": "ecsplan-plan/v1"}'


def test_apply_shows_asks_applies_and_reports(run: Run, fake: FakeEngine) -> None:
    fake.report = DONE

    ran = run("apply", stdin="yes\n")

    assert ran.status == 0
    assert ran.out.startswith("web-prod · cn-hangzhou")
    assert "Only 'yes' will be accepted" in ran.err
    assert ran.out.endswith(f"Done: {len(ANNOUNCED)} updated; 1 API call in 2.0 s.\n")
    assert fake.asked["apply"].approved


@pytest.mark.parametrize("answer", ["y\n", "YES\n", "no\n", ""])
def test_anything_but_yes_declines(run: Run, fake: FakeEngine, answer: str) -> None:
    ran = run("apply", stdin=answer)

    assert ran.status == 3
    assert "declined" in ran.err
    assert "apply" not in fake.asked


def test_without_a_terminal_nobody_said_yes(run: Run, fake: FakeEngine) -> None:
    ran = run("apply")

    assert ran.status == 3
    assert "give --auto-approve" in ran.err
    assert "apply" not in fake.asked


def test_auto_approve_does_not_ask_and_is_no_interactive_yes(run: Run, fake: FakeEngine) -> None:
    fake.report = DONE

    ran = run("apply", "--auto-approve", "--allow", "eip.a", "--allow-destroy", "4", "--no-lock", "--lock-timeout", "9")

    options = fake.asked["apply"]
    assert ran.status == 0
    assert "Only 'yes'" not in ran.err
    assert not options.approved
    assert (options.allow, options.allow_destroy, options.lock, options.lock_timeout) == (("eip.a",), 4, False, 9.0)


def test_an_empty_plan_is_done_without_a_question(run: Run, fake: FakeEngine) -> None:
    fake.made, fake.report = Plan("web-prod", "cn-hangzhou", None, (), ()), Report(())

    ran = run("apply")

    assert ran.status == 0
    assert "No changes" in ran.out


def test_guards_refuse_before_the_question(run: Run, fake: FakeEngine) -> None:
    fake.guards = (Guard("data_loss", "loses data", "give --allow", (Address("disk", "a"),)),)

    ran = run("apply", stdin="yes\n")

    assert ran.status == 3
    assert "disk.a: loses data" in ran.err
    assert "Only 'yes'" not in ran.err


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (DONE, 0),
        (Report((*DONE.outcomes, Outcome(STEP, (), Status.FAILED, code="X"))), 4),
        (Report((Outcome(STEP, (), Status.FAILED, code="X"),)), 1),
        (Report(DONE.outcomes, interrupted=True), 130),
    ],
)
def test_status_says_how_much_was_done(run: Run, fake: FakeEngine, report: Report, status: int) -> None:
    fake.report = report

    assert run("apply", "--auto-approve").status == status


def test_a_saved_plan_is_applied_as_it_is(run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "load_plan", lambda text: fake.made)
    Path("plan.json").write_text(SAVED, encoding="utf-8")
    fake.report = DONE

    ran = run("apply", "plan.json")

    assert ran.status == 0
    assert fake.asked["apply"].approved
    assert "load" not in fake.asked


def test_a_saved_plan_takes_nothing_that_makes_plans(run: Run, fake: FakeEngine) -> None:
    Path("plan.json").write_text(SAVED, encoding="utf-8")

    ran = run("apply", "plan.json", "--var", "a=1", "--target", "vpc.a")

    assert ran.status == 64
    assert "--var, --target" in ran.err


@pytest.mark.parametrize("content", ['{"apiVersion": "ecsplan/v1"}', "[1]", "not json"])
def test_a_json_file_that_is_no_plan_is_a_path(run: Run, fake: FakeEngine, content: str) -> None:
    Path("stack.json").write_text(content, encoding="utf-8")

    run("apply", "stack.json", "--auto-approve")

    assert fake.asked["load"]["path"] == "stack.json"


def test_a_printed_plan_is_refused_with_the_way_to_save_one(run: Run, fake: FakeEngine) -> None:
    Path("plan.json").write_text(run("plan", "--json").out, encoding="utf-8")

    ran = run("apply", "plan.json")

    assert ran.status == 64
    assert "ecsplan plan -o FILE" in ran.err


def test_destroy_plans_the_end(run: Run, fake: FakeEngine) -> None:
    fake.report = DONE

    assert run("destroy", "--auto-approve").status == 0
    assert fake.asked["session"][0].destroy


def test_json_result_holds_plan_and_report_and_nothing_else(run: Run, fake: FakeEngine) -> None:
    ran = run("apply", "--auto-approve", "--json")

    document = json.loads(ran.out)
    assert document["plan"]["stack"] == "web-prod"
    assert document["report"]["status"] == "partly"
    assert "web-prod · cn-hangzhou" in ran.err


def test_markdown_result_is_the_report(run: Run, fake: FakeEngine) -> None:
    assert run("apply", "--auto-approve", "--format", "markdown").out.startswith("### ecsplan · Applied in part")


def test_json_of_a_declined_plan_has_no_report(run: Run, fake: FakeEngine) -> None:
    assert json.loads(run("apply", "--json", stdin="no\n").out)["report"] is None


def test_progress_is_plain_lines_in_a_pipe(run: Run, fake: FakeEngine) -> None:
    err = run("apply", "--auto-approve").err

    assert "create vpc.main: started" in err
    assert "create vpc.main: done after 0.0 s" in err
    assert "create instance.db: failed after 0.0 s: NoStock: none left" in err
    assert "finish disk.a: skipped because create instance.db failed" in err
    assert "note: asking again" in err


def test_events_of_an_apply_end_with_a_summary(run: Run, fake: FakeEngine) -> None:
    run("apply", "--auto-approve", "--events", "events.jsonl")

    lines = [json.loads(line) for line in Path("events.jsonl").read_text(encoding="utf-8").splitlines()]
    types = [line["type"] for line in lines]
    assert types[0] == "version"
    assert types[-6:] == ["apply_start", "apply_done", "apply_start", "apply_failed", "apply_skipped", "summary"]
    assert {"planned_change", "change_summary", "diagnostic"} < set(types)
    assert all(line["message"] for line in lines)


def test_the_first_interruption_asks_to_stop_and_the_report_is_told(run: Run, fake: FakeEngine) -> None:
    def interrupt(stop: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.requested.wait(5)

    fake.during, fake.report = interrupt, Report(DONE.outcomes, interrupted=True, results=LEFT)

    ran = run("apply", "--auto-approve")

    assert ran.status == 130
    assert "once more ends at once" in ran.err
    assert f"Interrupted: {len(ANNOUNCED)} not started" in ran.out


def test_an_interruption_before_the_first_write_ends_the_command() -> None:
    with pytest.raises(KeyboardInterrupt):
        Stop().interrupt(signal.SIGINT, None)


def test_the_second_interruption_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    stop = Stop()
    stop.writing = True

    stop.interrupt(signal.SIGINT, None)
    stop.interrupt(signal.SIGINT, None)

    assert ended == [130]
