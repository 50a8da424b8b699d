"""Every example on a fresh emulator, through the command line: planned, applied, planned again, destroyed."""

import json
import os
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
]


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[object]]]:
    """An empty account to which the command line points; answers what is in it."""
    with running_emulator(clock="fast") as server:
        monkeypatch.setenv("ECSPLAN_ENDPOINT", server.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")

        def things() -> list[object]:
            with urllib.request.urlopen(f"{server.url}/_emulator/state") as answer:
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


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.yaml")), ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_an_example_starts_with_the_modeline_that_editors_use(path: Path) -> None:
    first = path.read_text().split("\n")[0]
    target = first.removeprefix("# yaml-language-server: $schema=")
    assert target != first
    assert os.path.samefile(path.parent / target, EXAMPLES.parent / "schemas" / "stack.schema.json")
