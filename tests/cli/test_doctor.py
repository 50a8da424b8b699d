"""`ecsplan doctor` on the emulator, from the command line, and its page in docs/."""

import json
import re
from pathlib import Path

import pytest

from ecsplan.cli.main import main

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    for name in ("ECSPLAN_ENDPOINT", "ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_REGION"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> tuple[int, str]:
        status = main(["doctor", "--emulator", *words])
        return status, capsys.readouterr().out

    return run


def _rows(text: str) -> set[tuple[str, ...]]:
    """The health and name of each check, and the last line without its numbers."""
    lines = [line for line in text.splitlines() if line]
    rows = {tuple(re.split(r"  +", line)[:2]) for line in lines[:-1] if not line.startswith(" ")}
    return rows | {(re.sub(r"\d+ warnings?", "N warnings", lines[-1]),)}


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def test_the_page_shows_what_it_prints(ran) -> None:  # type: ignore[no-untyped-def]
    status, out = ran()
    assert status == 0
    assert _rows(out) == _rows(_blocks("text")[0])


def test_the_page_shows_the_report_for_an_issue(ran) -> None:  # type: ignore[no-untyped-def]
    status, out = ran("--conformance")
    (first, *rest), (shown, *lines) = out.splitlines(), _blocks("text")[1].splitlines()
    assert status == 0 and re.sub(r"\d+", "N", first) == re.sub(r"\d+", "N", shown)
    assert all(re.fullmatch(r"    \w+( \S+)?: (never there: .*|.* documented .*)", line) for line in (*rest, *lines))


def test_json_holds_the_facts(ran) -> None:  # type: ignore[no-untyped-def]
    status, out = ran("--format", "json")
    found = json.loads(out)
    assert status == 0 and found["format"] == "ecsplan-doctor/v1" and found["sound"] is True
    facts = {check["name"]: check["facts"] for check in found["checks"]}
    assert facts["signature"] == {"asked": "v3", "used": "v3"}
    assert facts["endpoints"]["ecs"]["answers"] is True
    status, out = ran("--conformance", "--json")
    assert json.loads(out)["answers"]["GetCallerIdentity"] >= 1


def test_a_region_that_the_account_has_not_is_a_problem_with_what_was_meant(ran) -> None:  # type: ignore[no-untyped-def]
    status, out = ran("--region", "cn-hangzou")
    assert status == 1 and "did you mean cn-hangzhou" in out
