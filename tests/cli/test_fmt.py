"""`ecsplan fmt`: which files it touches, and what --check and --diff say."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ran

Run = Callable[..., Ran]
WRONG, RIGHT = "stack: a\napiVersion: ecsplan/v1\n", "apiVersion: ecsplan/v1\nstack: a\n"
FOREIGN = "kind:   Pod\napiVersion: v1\n"


def test_check_names_the_files_and_writes_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(WRONG, encoding="utf-8")
    ran = run("fmt", "--check")
    assert (ran.status, ran.out) == (1, "stack.yaml\n")
    assert (tmp_path / "stack.yaml").read_text(encoding="utf-8") == WRONG


def test_diff_shows_what_would_change(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(WRONG, encoding="utf-8")
    ran = run("fmt", "--diff")
    assert (ran.status, sorted(ran.out.splitlines()[3:])) == (
        0,
        [" stack: a", "+apiVersion: ecsplan/v1", "-apiVersion: ecsplan/v1"],
    )
    assert (tmp_path / "stack.yaml").read_text(encoding="utf-8") == WRONG
    assert run("fmt", "--diff", "--check").status == 1


def test_a_file_is_written_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(WRONG, encoding="utf-8")
    assert "is reformatted" in run("fmt").err
    assert (tmp_path / "stack.yaml").read_text(encoding="utf-8") == RIGHT
    assert (run("fmt").err, run("fmt", "--check").status) == ("", 0)


def test_a_manifest_of_another_tool_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "pod.yaml").write_text(FOREIGN, encoding="utf-8")
    assert run("fmt", "stack.yaml", "pod.yaml").status == 0
    assert (tmp_path / "pod.yaml").read_text(encoding="utf-8") == FOREIGN


def test_one_file_that_is_no_yaml_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("stack: [\n", encoding="utf-8")
    (tmp_path / "stack.yaml").write_text(WRONG, encoding="utf-8")
    ran = run("fmt")
    assert ran.status == 1
    assert "a.yaml:2:1: error" in ran.err
    assert (tmp_path / "stack.yaml").read_text(encoding="utf-8") == RIGHT


def test_a_link_is_not_written_through(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text(WRONG, encoding="utf-8")
    (tmp_path / "stack.yaml").symlink_to(tmp_path / "real.txt")
    assert run("fmt").status == 1
    assert (tmp_path / "real.txt").read_text(encoding="utf-8") == WRONG
