"""A run that is killed in one folder is resumed exactly in another, with nothing but the store in PostgreSQL."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsplan.executor.history import KEPT, is_dead, prune, read_history
from ecsplan.executor.journal import Journal, file_name
from ecsplan.executor.records import Start
from ecsplan.executor.seal import Seal, holder_of
from ecsplan.history.shelf import StoreShelf
from tests.executor.test_journal import answers, intends
from tests.executor.world import KEY, PROOF
from tests.survival.stacks import group
from tests.survival.test_kill import HEAD, Server, ended, start

NAME = file_name("lab", f"1-{holder_of(PROOF).removeprefix('ecsplan-')}")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def a_runner(folder: Path) -> Path:
    folder.mkdir()
    (folder / "stack.yaml").write_text(HEAD.format(name="shop") + group(3))
    return folder


def test_a_run_that_was_killed_on_one_runner_is_resumed_on_another(server, database, tmp_path, monkeypatch):
    monkeypatch.setenv("ECSPLAN_STORE", database)
    server.ask("POST", "faults", [{"fault": "hold", "action": "RunInstances", "when": "before"}])
    pid = start(server, a_runner(tmp_path / "one"))
    deadline = time.monotonic() + 60
    while not server.ask("GET", "held")["held"]:
        assert time.monotonic() < deadline, (tmp_path / "one" / "out.txt").read_text()
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    ended(pid)
    server.ask("POST", "resume", {"answer": False})  # it never reached the service
    server.ask("POST", "faults", {"clear": True})
    assert not (tmp_path / "one" / ".ecsplan" / "journal").exists()
    other = a_runner(tmp_path / "two")
    assert ended(start(server, other)) == 0, (other / "out.txt").read_text()
    assert "got no answer; asking again" in (other / "out.txt").read_text()
    sent = [call for call in server.ask("GET", "calls")["calls"] if call["action"] == "RunInstances"]
    assert len(sent) == 2 and len({call["params"]["ClientToken"] for call in sent}) == 1
    assert len({thing["id"] for thing in server.ask("GET", "state")["things"] if thing["kind"] == "instance"}) == 3


def write(shelf: StoreShelf, name: str, *acts, end: str = "") -> None:
    with shelf.create(name) as stream:
        journal = Journal(stream, Seal(KEY, name))
        journal.start(Start("lab", "here", PROOF, "apply", 1.0, "boot"))
        for act in acts:
            act(journal)
        if end:
            journal.end(end, 9.0)


def test_what_a_journal_says_is_read_from_the_store_and_a_line_that_was_changed_there_is_no_record(database):
    shelf = StoreShelf(database)
    write(shelf, NAME, intends(), answers(1, **{"box.a": "bx-1"}), intends(step="create box.b"))
    (past,) = read_history(StoreShelf(database), "lab", "here", KEY).pasts
    assert past.births.made == {"bx-1": "box"} and [intent.step for intent in past.unanswered] == ["create box.b"]
    assert not past.is_running and not past.is_ended
    (forged,) = read_history(StoreShelf(database), "lab", "here", b"another key").pasts
    assert not forged.is_authentic and not forged.births.made


def test_a_run_lives_for_as_long_as_its_connection(database):
    shelf, holder = StoreShelf(database), holder_of(PROOF)
    with shelf.create(NAME) as stream:
        Journal(stream, Seal(KEY, NAME)).start(Start("lab", "here", PROOF, "apply", 1.0, "boot"))
        assert not is_dead(StoreShelf(database), "lab", holder, "", is_same_host=False)
        (past,) = read_history(StoreShelf(database), "lab", "here", KEY).pasts
        assert past.is_running
    assert is_dead(StoreShelf(database), "lab", holder, "", is_same_host=False)


def test_old_journals_become_one_sum_in_the_store_too(database):
    shelf = StoreShelf(database)
    for number in range(KEPT + 2):
        acts = (intends(creates=[f"box.b{number}"]), answers(1, **{f"box.b{number}": f"bx-{number}"}))
        write(shelf, file_name("lab", f"{number + 1:03d}"), *acts, end="complete")
    prune(shelf, "lab", read_history(shelf, "lab", "here", KEY), KEY)
    found = read_history(shelf, "lab", "here", KEY)
    assert len(found.pasts) == KEPT + 1 and len(found.known) == KEPT + 2
