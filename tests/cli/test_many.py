"""Several stacks in one command: in the order of their references, each on its own, with one summary."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "apiVersion: ecsplan/v1\nstack: {}\nregion: cn-hangzhou\nresources:\n"
NET = HEAD.format("net") + "  vpc: {main: {cidr_block: 10.0.0.0/16}}\n"
APP = HEAD.format("app") + "  security_group: {web: {vpc: {stack: net, name: main}}}\n"


def ecsplan(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ecsplan", *words, "--emulator"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("app", APP), ("net", NET)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stack.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_all_below_a_folder_are_applied_in_the_order_of_their_references(folder: Path) -> None:
    ran = ecsplan(folder, "apply", "--all", "--auto-approve", "--allow", "stack.app")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.index("── net ──") < ran.stdout.index("── app ──")
    assert ran.stdout.endswith("2 of 2 stacks: net done, app done\n")
    again = ecsplan(folder, "plan", "app", "net", "--detailed-exitcode")
    assert again.returncode == 0 and "No changes" in again.stdout
    assert ecsplan(folder, "drift", "--all").returncode == 0
    by_pattern = ecsplan(folder, "drift", "--all", "[ab]*", "n*t")
    assert by_pattern.returncode == 0 and by_pattern.stdout.endswith("2 of 2 stacks: net done, app done\n")
    assert "no stack is declared in x* or below" in ecsplan(folder, "drift", "--all", "x*").stderr


def test_the_worst_status_is_that_of_all_and_one_with_an_error_stops_no_other(folder: Path) -> None:
    (folder / "odd").mkdir()
    (folder / "odd" / "stack.yaml").write_text(HEAD.format("odd") + "  vpc: {main: {cidr: 1}}\n", encoding="utf-8")
    ran = ecsplan(folder, "plan", "odd", "net", "--detailed-exitcode")
    assert ran.returncode == 1 and "has no attribute cidr" in ran.stderr
    assert "odd failed" in ran.stdout and "net changes" in ran.stdout and "create" in ran.stdout


def test_what_refers_to_one_that_did_not_end_well_is_not_tried(folder: Path) -> None:
    text = NET.replace("region:", "account: '1111111111'\nregion:")
    (folder / "net" / "stack.yaml").write_text(text, encoding="utf-8")
    ran = ecsplan(folder, "apply", "--all", "--auto-approve")
    assert ran.returncode == 3 and "app: not tried: net did not end well" in ran.stderr
    assert ran.stdout.endswith("2 of 2 stacks: net refused, app refused\n")


def test_nothing_is_applied_where_one_has_an_error(folder: Path) -> None:
    (folder / "app" / "stack.yaml").write_text(APP + "  vswitch: {app: {vpc: main}}\n", encoding="utf-8")
    ran = ecsplan(folder, "apply", "--all", "--auto-approve")
    assert ran.returncode == 1 and "needs zone" in ran.stderr and "──" not in ran.stdout


def test_stacks_that_refer_to_each_other_are_named(folder: Path) -> None:
    text = NET + "  security_group: {x: {vpc: {stack: app, name: main}}}\n"
    (folder / "net" / "stack.yaml").write_text(text, encoding="utf-8")
    ran = ecsplan(folder, "plan", "--all")
    assert ran.returncode == 1 and "these stacks refer to each other" in ran.stderr


@pytest.mark.parametrize("words", [("--json",), ("-o", "plan.json")])
def test_what_holds_one_plan_takes_one_stack(folder: Path, words: tuple[str, ...]) -> None:
    assert ecsplan(folder, "plan", "app", "net", *words).returncode == 64


def test_a_folder_without_stacks_is_said(tmp_path: Path) -> None:
    ran = ecsplan(tmp_path, "plan", "--all")
    assert ran.returncode == 1 and "no stack is declared in . or below" in ran.stderr
