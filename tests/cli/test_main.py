"""Exit statuses, streams and options that hold for every command."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli.main import COMMANDS
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected, SourceRange
from tests.cli.conftest import FakeEngine, Ran

Run = Callable[..., Ran]


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_help_names_every_command_on_stdout(run: Run) -> None:
    ran = run("--help")

    assert ran.status == 0
    assert all(f"  {name}" in ran.out for name in COMMANDS)
    assert ran.err == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    ran = run(name, "--help")

    assert ran.status == 0
    assert f"Usage: ecsplan {name}" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["plan", "--nonsense"],
        ["plan", "--format", "yaml"],
        ["show", "a", "b"],
        ["plan", "--parallelism", "0"],
        ["show"],
        ["apply", "--allow-destroy", "many"],
        ["apply", "--allow", "no address"],
        ["completion", "basic"],
        ["explain", "nonsense"],
    ],
)
def test_wrong_usage_is_64_and_says_so_on_stderr(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)

    assert ran.status == 64
    assert ran.out == ""
    assert "Error" in ran.err


def test_a_mistyped_command_is_told_the_nearest(run: Run) -> None:
    assert "Did you mean validate?" in run("valdate").err


@pytest.mark.parametrize(("name", "words"), [("import", "adopt: ID"), ("state", "released:"), ("taint", "--replace")])
def test_a_command_of_other_tools_has_a_counterpart(run: Run, name: str, words: str) -> None:
    assert words in run(name).err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Rejected([Diagnostic("wrong")]), 1),
        (Refused([Diagnostic("locked by ada")]), 3),
        (ApiError("DescribeVpcs", "Forbidden.RAM", "no"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_have_their_status(
    run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    monkeypatch.setattr(engine, "plan", failing(error))

    ran = run("plan")

    assert ran.status == status
    assert ran.out == ""
    assert ran.err


def test_no_usable_key_is_an_error_in_words(run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "connect", failing(ValueError("no credentials: set …")))

    ran = run("plan")

    assert (ran.status, ran.out, ran.err) == (1, "", "error: no credentials: set …\n")


def test_problems_show_their_place_and_line(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text("resources:\n  vcp: {}\n", encoding="utf-8")
    wrong = Diagnostic("unknown kind vcp", "did you mean vpc?", SourceRange("stack.yaml", 2, 3))
    monkeypatch.setattr(engine, "load", failing(Rejected([wrong], ("stack.yaml",))))

    ran = run("validate")

    assert ran.status == 1
    assert ran.err == "stack.yaml:2:3: error: unknown kind vcp\n    2 |   vcp: {}\n      |   ^\n  did you mean vpc?\n"


def test_a_line_of_what_is_no_stack_file_is_never_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("canary\n", encoding="utf-8")
    wrong = Diagnostic("odd", "mend it", SourceRange("token", 1, 1))
    monkeypatch.setattr(engine, "load", failing(Rejected([wrong], ("stack.yaml",))))

    assert "canary" not in run("validate").err


def test_validate_as_json_tells_problems_on_stdout(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "environments", lambda path: ())
    monkeypatch.setattr(engine, "load", failing(Rejected([Diagnostic("odd", address=Address("vpc", "a"))])))

    ran = run("validate", "--json")

    assert ran.status == 1
    assert json.loads(ran.out)["diagnostics"][0]["address"] == "vpc.a"


def test_validate_counts_what_it_found(run: Run, fake: FakeEngine) -> None:
    assert run("validate", "here").out == "web-prod: 1 resource, no errors.\n"
    assert fake.asked["load"]["path"] == "here"
    assert json.loads(run("validate", "--json").out) == {
        "format": "ecsplan-diagnostics/v1",
        "valid": True,
        "diagnostics": [],
        "stack": "web-prod",
        "resources": 1,
    }


def test_stack_and_cloud_options_reach_the_engine(run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECSPLAN_ENDPOINT", "http://127.0.0.1:1")

    run("plan", "-f", "a.yaml", "-f", "b.yaml", "--var", "n=1", "--var-file", "v.yaml", "--region", "cn-beijing",
        "--profile", "p", "--parallelism", "3")  # fmt: skip

    loaded, connected = fake.asked["load"], fake.asked["connect"]
    assert loaded["overlays"] == ("a.yaml", "b.yaml")
    assert (loaded["variables"], loaded["var_files"]) == (("n=1",), ("v.yaml",))
    assert (connected["region"], connected["profile"], connected["parallelism"]) == ("cn-beijing", "p", 3)
    assert connected["endpoint"] == "http://127.0.0.1:1"


def test_planning_options_reach_the_engine(run: Run, fake: FakeEngine) -> None:
    run("plan", "--target", "vpc.a", "--exclude", "vpc.b", "--replace", "vpc.c", "--destroy", "--refresh=full",
        "--strict-absence")  # fmt: skip

    assert fake.asked["plan"] == engine.PlanOptions(
        targets=("vpc.a",),
        excludes=("vpc.b",),
        replaces=("vpc.c",),
        destroy=True,
        refresh_full=True,
        strict_absence=True,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--help"]])
def test_help_and_validate_load_nothing_heavy(arguments: list[str]) -> None:
    script = """
import sys
from ecsplan.cli.main import main
assert main(sys.argv[1:]) == 0
heavy = {"requests", "networkx", "rich", "jinja2", "ecsplan.emulator"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script, *arguments], check=True, stdout=subprocess.DEVNULL)


def test_a_reader_that_has_gone_is_not_complained_of() -> None:
    read, write = os.pipe()
    os.close(read)

    ran = subprocess.run([sys.executable, "-m", "ecsplan", "--help"], stdout=write, stderr=subprocess.PIPE, check=False)

    assert ran.stderr == b""


def test_a_terminal_without_utf_8_is_no_error() -> None:
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    ran = subprocess.run([sys.executable, "-m", "ecsplan", "--help"], env=ascii_only, capture_output=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, b"")
