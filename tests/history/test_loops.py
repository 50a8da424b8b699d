"""What loops keep, in both stores: equal answers, claims that end with their process, servers that share one store."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("prometheus_client", reason="the extra server is not installed")

from ecsplan.engine.stores import connect_store
from ecsplan.history.loops import KILLED, LoopRun, LoopStore
from ecsplan.history.sql import Connection
from ecsplan.history.store import StoreError
from ecsplan.serve.book import Book, place_of
from ecsplan.serve.core import Stack
from tests.serve.world import NET, WEB, World, until, world_in

P = "stacks/net"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shared' / 'history.db'}"
    return str(request.getfixturevalue("database"))


@pytest.fixture
def store(url: str) -> LoopStore:
    return LoopStore(lambda: connect_store(url, ""), "loop")


def a_run(number: int, began: float) -> LoopRun:
    return LoopRun(f"run-{number}", P, "c" * 40, "host:1", began, None, "running", "", "")


def test_what_is_kept_is_read_again_and_another_loop_sees_nothing_of_it(url: str, store: LoopStore) -> None:
    store.follow("c1")
    store.follow("c2")
    store.suspend(P, True)
    store.ask(P, 5.0)
    store.keep(P, '{"status": "applied"}')
    store.save_plan(P, "one")
    store.save_plan(P, "two é\x00")
    for at, name in ((2.0, "b"), (1.0, "a"), (3.0, "b")):
        store.approve(P, name, f"statement {name}", "signature", at)
    (kept,) = store.stacks()
    assert (kept.state, kept.asked, kept.is_suspended, kept.is_running) == ('{"status": "applied"}', 5.0, True, False)
    assert store.commit() == "c2" and store.plan(P) == "two é\x00"
    assert store.approvals(P) == [("statement a", "signature"), ("statement b", "signature")]
    other = LoopStore(lambda: connect_store(url, ""), "another")
    assert not (other.commit() or other.stacks() or other.plan(P) or other.approvals(P) or other.runs())


def test_a_run_that_never_ended_is_told_as_killed_when_its_stack_is_taken_up_again(store: LoopStore) -> None:
    store.keep(P, "")
    store.begin(a_run(1, 1.0))
    assert store.stacks(P)[0].is_running
    store.begin(a_run(2, 2.0))
    store.end(LoopRun(**{**{f: getattr(a_run(2, 2.0), f) for f in LoopRun.__slots__}, "ended": 3.0, "outcome": "done"}))
    assert [(run.id, run.outcome, run.summary, run.ended) for run in store.runs(P)] == [
        ("run-2", "done", "", 3.0), ("run-1", "failed", KILLED, 2.0),
    ]  # fmt: skip
    assert not store.stacks(P)[0].is_running


def test_a_claim_is_of_one_alone_and_ends_with_its_process(url: str, store: LoopStore) -> None:
    with store.claimed(P) as first, store.claimed(P) as second, store.claimed("other") as third:
        assert (first, second, third) == (True, False, True)
    script = (
        "import sys, time\nfrom ecsplan.engine.stores import connect_store\n"
        "from ecsplan.history.loops import LoopStore\n"
        "with LoopStore(lambda: connect_store(sys.argv[1], ''), 'loop').claimed(sys.argv[2]) as is_ours:\n"
        "    print(is_ours, flush=True)\n    time.sleep(60)\n"
    )
    held = subprocess.Popen([sys.executable, "-c", script, url, P], stdout=subprocess.PIPE, text=True)
    assert held.stdout is not None and held.stdout.readline() == "True\n"
    with store.claimed(P) as is_ours:
        assert not is_ours
    os.kill(held.pid, signal.SIGKILL)
    held.communicate()

    def is_free() -> bool:
        with store.claimed(P) as found:
            return found

    until(is_free)  # a server of PostgreSQL notices within moments


def test_a_stack_is_due_at_once_where_somebody_asked_since_or_where_its_run_did_not_end(url: str) -> None:
    book = Book(lambda: connect_store(url, ""), place_of("https://user:secret@example.com/a.git", "main", "."))
    book.keep(Stack(P, ("other",), status="in_sync", commit="c", due=900.0, began=10.0))
    assert book.stack(P) == Stack(P, ("other",), status="in_sync", commit="c", due=900.0, began=10.0)
    book.ask([P], 9.0)
    assert book.state().stacks[P].due == 900.0
    book.ask([P], 11.0)
    assert book.state().stacks[P].due == 0.0
    book.keep(Stack(P, status="in_sync", commit="c", due=900.0, began=12.0))
    book.begin(P, "c", 13.0)
    assert book.state().stacks[P].due == 0.0


def test_a_branch_has_one_name_whoever_fetches_it() -> None:
    assert place_of("https://u:p@example.com/a.git", "main", ".") == place_of("https://example.com/a.git", "main", ".")
    assert "secret" not in place_of("https://user:secret@example.com/a.git", "main", ".")
    assert place_of("git@example.com:a.git", "main", "x") != place_of("git@example.com:a.git", "main", "y")


@pytest.fixture
def servers(url: str, tmp_path: Path) -> Iterator[tuple[World, World]]:
    """Two machines with folders of their own, one repository and one store."""
    with world_in(tmp_path) as world:
        world.store, world.rule = url, {"apply": ["create", "update", "access_opened", "access_closed"], "fetch": 1}
        other = World(tmp_path, world.cloud, {**world.rule, "state": str(tmp_path / "other")}, url)
        yield world, other


def test_two_servers_on_one_store_share_the_stacks_and_never_work_on_one_twice(servers: tuple[World, World]) -> None:
    world, other = servers
    names = [f"net{number}" for number in range(5)]
    world.commit({f"{name}/stack.yaml": NET.replace("stack: net", f"stack: {name}") for name in names})
    world.commit({"web/stack.yaml": WEB.replace("stack: net,", "stack: net0,")})
    with ExitStack() as both:
        loops = [both.enter_context(one.looping()) for one in (world, other)]
        all_are(loops, lambda one: one.status == "applied", 6)
        world.commit({"web/stack.yaml": WEB.replace("stack: net,", "stack: net0,").replace("443", "8443")})
        commit = loops[0].state.commit
        all_are(loops, lambda one: one.commit != commit and one.status in ("applied", "in_sync"), 6)
    runs = list(reversed(world.tools().book.runs(most=200)))
    assert sorted(run.path for run in runs) == sorted([*names, "web"] * 2), [(r.path, r.outcome) for r in runs]
    for path in (*names, "web"):
        first, second = (run for run in runs if run.path == path)
        assert first.ended is not None and first.ended <= second.began
    made = [call for call in world.cloud.service.log.calls() if call["action"] == "CreateVpc"]  # type: ignore[attr-defined]
    assert len(made) == 5 and len(world.groups()) == 1


def all_are(loops: list, is_so: Callable[[Stack], bool], count: int) -> None:
    until(
        lambda: all(len(loop.state.stacks) == count and all(map(is_so, loop.state.stacks.values())) for loop in loops)
    )


def test_a_store_that_is_away_for_a_while_stops_no_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away: list[str] = []

    def connect(url: str, state_dir: str) -> Connection:
        if away:
            raise StoreError("the server is away")
        return connect_store(url, state_dir)

    monkeypatch.setattr("ecsplan.serve.start.connect_store", connect)
    with world_in(tmp_path) as world:
        world.rule["fetch"] = 1
        world.commit({"net/stack.yaml": NET})
        with world.looping() as loop:
            all_are([loop], lambda one: one.status == "applied", 1)
            away.append("")
            world.commit({"net/stack.yaml": NET + "  disk: {}\n"})
            until(lambda: b'ecsplan_fetches_total{outcome="failed"}' in loop._tools.metrics.text(loop.state))
            away.clear()
            all_are([loop], lambda one: one.status == "in_sync", 1)
