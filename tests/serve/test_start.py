"""Starting, and reading the settings again: the book of version 0.1; good files, bad ones, what needs a restart."""

import json
import logging
import sqlite3
from pathlib import Path

import pytest

pytest.importorskip("prometheus_client", reason="the extra server is not installed")

from ecsplan.cli.serve import read_again
from tests.serve.test_web import Nowhere
from tests.serve.world import World

OLD = {
    "commit": "c" * 40, "problem": "",
    "stacks": [
        {"path": "net", "needs": [], "status": "in_sync", "commit": "c" * 40, "due": 9e9, "digest": ""},
        {"path": "web", "needs": ["net"], "status": "pending", "commit": "c" * 40, "due": 9e9, "digest": "sha256:1",
         "is_suspended": True},
        {"path": "db", "needs": [], "status": "running", "commit": "", "due": 0.0, "digest": "", "since": 5.0},
    ],
}  # fmt: skip


def test_the_book_of_version_0_1_is_taken_over_once(tmp_path: Path) -> None:
    world = World(tmp_path, Nowhere())
    home = Path(world.settings().state)
    home.mkdir(mode=0o700)
    old = sqlite3.connect(home / "loop.db")
    old.execute("CREATE TABLE loop (one INTEGER PRIMARY KEY, state TEXT NOT NULL)")
    old.execute("INSERT INTO loop VALUES (1, ?)", [json.dumps(OLD)])
    old.commit()
    old.close()
    state = world.tools().book.state()
    assert state.commit == "c" * 40 and state.stacks["net"].due == 9e9
    assert state.stacks["web"].is_suspended and state.stacks["web"].status == "new"
    assert state.stacks["db"].status == "new"
    assert [path.name for path in home.glob("loop.db*")] == ["loop.db.old"]
    assert world.tools().book.state() == state


def document(**more: object) -> str:
    return json.dumps({
        "apiVersion": "ecsplan/v1", "kind": "Serve", "repository": {"url": "/srv/git"}, "interval": 60,
        "tokens": {"read": {"env": "READ_TOKEN"}, "write": {"env": "WRITE_TOKEN"}}, **more,
    })  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("READ_TOKEN", "read-token-of-the-test")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WRITE_TOKEN", "write-token-of-the-test")
    return World(tmp_path, Nowhere())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (document(interval="soon"), "interval"), ("{", "the file is bad"),
        (document(tokens={"read": {"env": "READ_TOKEN"}, "write": {"env": "MISSING"}}), "MISSING is not set"),
        (document(repository={"url": "/srv/other"}), "url"), (document(workers=9), "workers"),
    ],
)  # fmt: skip
def test_a_bad_file_keeps_the_old_settings_and_says_so(
    world: World, tmp_path: Path, text: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    tools = world.tools(repository={"url": "/srv/git"}, state=".ecsplan/serve", workers=4)
    before = tools.settings
    path = tmp_path / "serve.yaml"
    path.write_text(text, encoding="utf-8")
    with caplog.at_level(logging.INFO, "ecsplan.serve"):
        read_again(tools, str(path))
    (record,) = caplog.records
    assert record.getMessage().startswith("settings kept") and told in f"{record.__dict__}"
    assert tools.settings is before


def test_a_good_file_holds_from_then_on_for_the_loop_and_its_runs(world: World, tmp_path: Path) -> None:
    tools = world.tools(repository={"url": "/srv/git"}, state=".ecsplan/serve", workers=4)
    path = tmp_path / "serve.yaml"
    path.write_text(document(apply=["update"], stacks={"web": {"revert": ["update"]}}), encoding="utf-8")
    read_again(tools, str(path))
    assert tools.settings.timing.interval == 60.0 and tools.runner.settings is tools.settings
    assert tools.settings.rule_of("web").revert == {"update"}
