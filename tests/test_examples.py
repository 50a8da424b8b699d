"""Every example on a fresh emulator, through the command line: planned, applied, planned again, destroyed."""

import json
import os
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecsplan.cli.main import main
from ecsplan.emulator.testing import running_emulator

EXAMPLES = Path(__file__).parent.parent / "examples"
CASES = [
    ("first-instance", ()),
    ("web-prod", ()),
    ("web-prod", ("-f", "staging")),
    ("web-prod", ("-f", "production")),
    ("fleet", ("--var", "size=25")),
    ("golden-image", ()),
    ("golden-image", ("--var", "version=2")),
    ("backup", ()),
    ("backup", ("-f", "risky")),
]


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[object]]]:
    """An empty account to which the command line points; answers what is in it."""
    with running_emulator(clock="fast") as server:
        monkeypatch.setenv("ECSPLAN_ENDPOINT", server.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")

        def things() -> list[object]:
            asked = urllib.request.Request(f"{server.url}/_emulator/state", headers={"x-ecsplan-emulator": "1"})
            with urllib.request.urlopen(asked) as answer:
                return list(json.load(answer)["things"])

        yield things


@pytest.mark.parametrize(("name", "options"), CASES, ids=lambda case: case if isinstance(case, str) else "-".join(case))
def test_an_example_is_built_stays_and_goes(
    name: str,
    options: tuple[str, ...],
    account: Callable[[], list[object]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(EXAMPLES / name, tmp_path / name)
    monkeypatch.chdir(tmp_path / name)
    assert main(["plan", "--detailed-exitcode", *options]) == 2
    assert main(["apply", "--auto-approve", *options]) == 0, capsys.readouterr()
    assert account()
    capsys.readouterr()
    assert main(["plan", "--detailed-exitcode", *options]) == 0, capsys.readouterr()
    assert "No changes" in capsys.readouterr().out
    assert main(["destroy", "--auto-approve", *options]) == 0, capsys.readouterr()
    assert account() == []


def test_a_golden_image_is_rolled_out_by_one_change_set(
    account: Callable[[], list[object]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(EXAMPLES / "golden-image", tmp_path / "stack")
    monkeypatch.chdir(tmp_path / "stack")
    assert main(["apply", "--auto-approve"]) == 0
    capsys.readouterr()
    assert main(["plan", "--var", "version=2"]) == 0
    shown = capsys.readouterr().out
    assert "4 to replace; 4 unchanged." in shown
    order = [line.split()[0] for line in shown.split("API calls, in order:")[1].split("\n") if "image." in line]
    assert order[-4:] == ["CreateImage", "TagResources", "DeleteImage", "DeleteSnapshot"]
    assert main(["apply", "--auto-approve", "--var", "version=2", "--allow-destroy", "4"]) == 0
    assert main(["plan", "--detailed-exitcode", "--var", "version=2"]) == 0


def test_snapshots_come_before_the_risky_change(
    account: Callable[[], list[object]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(EXAMPLES / "backup", tmp_path / "stack")
    monkeypatch.chdir(tmp_path / "stack")
    assert main(["apply", "--auto-approve"]) == 0
    capsys.readouterr()
    assert main(["plan", "-f", "risky"]) == 0
    shown = capsys.readouterr().out
    assert "3 to create, 1 to update; 6 unchanged." in shown
    calls = [line.split()[0] for line in shown.split("API calls, in order:")[1].split("\n") if line.startswith("    ")]
    assert calls.index("CreateSnapshot") < calls.index("StopInstances")
    assert main(["apply", "--auto-approve", "-f", "risky"]) == 0
    assert main(["plan", "--detailed-exitcode", "-f", "risky"]) == 0


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.yaml")), ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_an_example_starts_with_the_modeline_that_editors_use(path: Path) -> None:
    first = path.read_text().split("\n")[0]
    target = first.removeprefix("# yaml-language-server: $schema=")
    assert target != first
    written = re.fullmatch(r"ecsplan\.(serve|test)\.yaml", path.name)
    schema = written[1] if written else "stack"
    assert os.path.samefile(path.parent / target, EXAMPLES.parent / "schemas" / f"{schema}.schema.json")
