"""What is told of a run while it runs."""

import sys
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest

from ecsplan.cli.progress import LiveProgress, Progress, progress
from ecsplan.render.paint import unpainted


def event(kind: str, who: str = "vpc.a", **more: Any) -> Mapping[str, Any]:
    return {"type": kind, "step": f"create {who}", "address": who, **more}


def test_lines_tell_starts_and_ends_with_the_time_since_the_beginning() -> None:
    lines: list[str] = []
    listener = Progress(lines.append, unpainted)

    listener(event("apply_start"))
    listener(event("apply_done"))

    assert [line.split("s  ", 1)[1] for line in lines] == ["create vpc.a: started", "create vpc.a: done after 0.0 s"]


def test_events_that_are_no_progress_are_passed_over() -> None:
    lines: list[str] = []

    Progress(lines.append, unpainted)(event("summary"))

    assert lines == []


def test_a_retry_is_a_line_of_its_own() -> None:
    lines: list[str] = []

    Progress(lines.append, unpainted)(event("apply_retry", message="CreateVSwitch found the object busy (Conflict)"))

    assert lines[0].endswith("create vpc.a: waiting: CreateVSwitch found the object busy (Conflict)")


def test_display_begins_with_the_first_step_and_shows_the_longest_running_first() -> None:
    begun: list[bool] = []
    lines: list[str] = []
    listener = LiveProgress(lines.append, unpainted, lambda: begun.append(True))

    for number in range(10):
        listener(event("apply_start", f"eip.a[{number}]"))
    listener(event("apply_done", "eip.a[3]"))

    assert begun == [True]
    assert len(lines) == 1
    shown = str(listener.__rich__())
    assert shown.startswith("  … create eip.a[0]  ")
    assert shown.endswith("  … and 1 more")


def test_a_terminal_gets_the_live_display_and_it_ends_with_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with progress() as listener:
        listener(event("apply_start"))
        listener(event("apply_done"))

    assert "create vpc.a: " in terminal.getvalue()
    assert "\x1b[?25h" in terminal.getvalue(), "the cursor is shown again"


def test_lines_say_how_far_the_run_is_and_what_is_slower_than_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.render.test_eta import LEARNED, STEPS

    now = [0.0]
    monkeypatch.setattr("ecsplan.cli.progress.time.monotonic", lambda: now[0])
    lines: list[str] = []
    listener = Progress(lines.append, unpainted)
    listener.expect(STEPS, LEARNED)
    listener({"type": "run_begin", "steps": [str(step.id) for step in STEPS]})
    for verb in ("stop", "update"):
        listener({"type": "apply_done", "step": f"{verb} instance.db", "address": "instance.db"})
    now[0] = 1.0
    started = {"type": "apply_start", "step": "start instance.db", "address": "instance.db"}
    listener(started)
    now[0] = 301.0
    listener({**started, "type": "apply_done"})
    assert lines[-1].endswith("done after 5 min, slower than usual (1 min 50 s)  (3 of 4, about 10 s left)")


def test_the_live_display_says_how_far_the_run_is_below_what_runs() -> None:
    from tests.render.test_eta import LEARNED, STEPS

    listener = LiveProgress(lambda line: None, unpainted, lambda: None)
    listener.expect(STEPS, LEARNED)
    listener({"type": "apply_start", "step": "stop instance.db", "address": "instance.db"})
    last = str(listener.__rich__()).splitlines()[-1]
    assert last == "  0 of 4, about 2 min 20 s left; waiting for stop instance.db"
