"""Runs in a store: what is recorded is read again, two may write, a killed writer and an older schema lose nothing."""

import multiprocessing
import os
import signal
import sqlite3
from pathlib import Path
from threading import Thread

import pytest

from ecsplan.history.sql import KEPT_PLANS, MIGRATIONS
from ecsplan.history.sqlite import open_sqlite
from ecsplan.history.store import StoreError
from ecsplan.model.copying import replace
from ecsplan.model.history import COMPLETE, CUT_OFF, RUNNING, Run, StepRecord

RUN = Run(
    "1", "shop", "cn-hangzhou", "apply", 5.0, "1234", "ann", "build-7", "abc", "sha256:0", "0.1.0", ("bob", "eve"), 2
)
STEP = StepRecord(
    "update instance.web", ("instance.web",), ("ModifyInstanceSpec",), "done", 9.0, 3.5, ("R-1", "R-2"), "", "",
    {"gate": [1, 2]},
)  # fmt: skip


def test_a_run_is_read_as_it_was_written(opener):
    store = opener()
    store.begin(replace(RUN, plan="a plan\ud800"), is_alone=True)
    store.add("1", 1, STEP)
    store.end("1", COMPLETE, 11.0)
    again = opener(writes=False)
    wanted = replace(RUN, ended=11.0, outcome=COMPLETE)
    assert again.find("1") == replace(wanted, steps=(STEP,), plan="a plan\ud800")
    assert list(again.recent()) == [wanted] and list(again.recent("other")) == []
    assert again.find("2") is None


def test_the_newest_run_comes_first_and_of_the_stack_that_was_named(opener):
    store = opener()
    for number, stack in enumerate(("a", "b", "a"), 1):
        store.begin(replace(RUN, id=str(number), stack=stack, started=float(number)), is_alone=False)
    assert [run.id for run in store.recent()] == ["3", "2", "1"]
    assert [run.id for run in store.recent("a", "cn-hangzhou")] == ["3", "1"]
    assert [run.id for run in store.recent("a", limit=1)] == ["3"]


def test_a_run_that_holds_the_lock_knows_that_an_unfinished_one_was_cut_off(opener):
    store = opener()
    store.begin(RUN, is_alone=True)
    store.begin(replace(RUN, id="2", stack="other"), is_alone=True)
    store.begin(replace(RUN, id="3", started=6.0), is_alone=False)
    assert [run.outcome for run in store.recent("shop")] == [RUNNING, RUNNING]
    store.begin(replace(RUN, id="4", started=7.0), is_alone=True)
    assert [run.outcome for run in store.recent("shop")] == [RUNNING, CUT_OFF, CUT_OFF]
    assert [run.outcome for run in store.recent("other")] == [RUNNING]


def test_texts_that_no_database_takes_are_made_ones_that_it_takes(opener):
    store = opener()
    store.begin(replace(RUN, host="a\0b\ud800"), is_alone=True)
    assert store.recent()[0].host == "a\N{REPLACEMENT CHARACTER}b?"


def test_durations_are_those_of_steps_that_ended_well_the_newest_first(opener):
    store = opener()
    store.begin(RUN, is_alone=True)
    for number, (status, at, seconds) in enumerate((("done", 1.0, 5.0), ("failed", 2.0, 99.0), ("done", 3.0, 7.0))):
        store.add("1", number, replace(STEP, status=status, at=at, seconds=seconds))
    assert [row[2] for row in store.durations(10)] == [7.0, 5.0]
    assert store.durations(1) == [(("ModifyInstanceSpec",), "instance", 7.0)]


def test_plans_of_old_runs_are_dropped_and_the_runs_are_kept(opener):
    store = opener()
    for number in range(KEPT_PLANS + 2):
        store.begin(replace(RUN, id=str(number), started=float(number), plan="p"), is_alone=False)
    assert [bool(store.find(str(number)).plan) for number in (0, 1, 2)] == [False, False, True]
    assert len(store.recent()) == KEPT_PLANS + 2


def test_a_store_that_is_only_read_is_not_made(tmp_path, opener):
    assert open_sqlite(tmp_path / "nothing.db", writes=False) is None
    store = opener(writes=False)
    assert store is None or (not store.recent() and not store.durations(5) and store.find("1") is None)


def test_two_writers_lose_nothing(opener):
    opener().begin(RUN, is_alone=True)

    def write(first: int) -> None:
        store = opener()
        for number in range(first, first + 20):
            store.add("1", number, STEP)

    writers = [Thread(target=write, args=(first,)) for first in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert len(opener().find("1").steps) == 40


def test_two_that_make_the_tables_at_once_make_them_once(opener):
    faults: list[StoreError] = []

    def make() -> None:
        try:
            opener()
        except StoreError as error:
            faults.append(error)

    makers = [Thread(target=make) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(60)
    assert not faults and list(opener().recent()) == []


def _write_on(open_one, ready) -> None:
    store = open_one()
    store.begin(RUN, is_alone=True)
    number = 0
    while True:
        store.add("1", number, STEP)
        number += 1
        if number == 5:
            ready.set()


def test_a_writer_that_is_killed_leaves_whole_steps_and_no_lock(opener):
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    writer = context.Process(target=_write_on, args=(opener, ready))
    writer.start()
    assert ready.wait(60)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(60)
    store = opener()
    found = store.find("1")
    assert len(found.steps) >= 5 and all(step == STEP for step in found.steps) and found.outcome == RUNNING
    store.begin(replace(RUN, id="2"), is_alone=True)
    assert store.find("1").outcome == CUT_OFF


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_an_older_schema_is_brought_up_to_date_with_what_is_in_it(opener, monkeypatch, version):
    monkeypatch.setattr("ecsplan.history.sql.MIGRATIONS", MIGRATIONS[:version])
    old = opener()
    old.begin(RUN, is_alone=True)
    monkeypatch.undo()
    for writes in (False, True):
        store = opener(writes=writes)
        assert [run.id for run in store.recent()] == ["1"]
    store.add("1", 1, STEP)
    assert store.find("1").steps == (STEP,)


def test_a_migration_that_fails_changes_nothing(opener, monkeypatch):
    opener().begin(RUN, is_alone=True)
    broken = (*MIGRATIONS, ("CREATE TABLE ecsplan_half (id TEXT)", "CREATE NONSENSE"))
    monkeypatch.setattr("ecsplan.history.sql.MIGRATIONS", broken)
    with pytest.raises(StoreError):
        opener()
    monkeypatch.undo()
    assert [run.id for run in opener().recent()] == ["1"]


def test_a_newer_schema_is_refused_and_left_alone(opener, monkeypatch):
    monkeypatch.setattr("ecsplan.history.sql.MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE ecsplan_more (id TEXT)",)))
    opener()
    monkeypatch.undo()
    for writes in (False, True):
        with pytest.raises(StoreError, match=r"of version \d+, this ecsplan knows"):
            opener(writes=writes)


def test_a_file_that_others_may_write_is_refused(tmp_path):
    path = tmp_path / "state" / "history.db"
    open_sqlite(path, writes=True)
    path.chmod(0o666)
    with pytest.raises(StoreError, match="can be written by others"):
        open_sqlite(path, writes=False)


def test_a_file_of_something_else_is_an_error_with_its_name(tmp_path):
    path = tmp_path / "history.db"
    path.write_text("not a database, and long enough to be taken for one\n" * 40)
    path.chmod(0o600)
    with pytest.raises(StoreError, match=r"history\.db: file is not a database"):
        open_sqlite(path, writes=True)


def test_a_plan_that_was_damaged_is_said(tmp_path):
    path = tmp_path / "state" / "history.db"
    store = open_sqlite(path, writes=True)
    store.begin(replace(RUN, plan="a plan"), is_alone=True)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE ecsplan_runs SET plan = 'AAAA'")
    with pytest.raises(StoreError, match="damaged"):
        store.find("1")


def test_the_file_is_the_owners_alone(tmp_path):
    open_sqlite(tmp_path / "state" / "history.db", writes=True)
    assert (tmp_path / "state" / "history.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state" / ".gitignore").read_text() == "*\n"


def test_a_server_that_is_not_there_is_named_without_its_password():
    pytest.importorskip("psycopg")
    pytest.importorskip("sqlalchemy")
    from ecsplan.history.postgres import open_postgres

    with pytest.raises(StoreError) as caught:
        open_postgres("postgresql://ann:geheim@/lab?host=/nowhere", writes=True)
    assert "postgresql://ann@/lab" in str(caught.value) and "geheim" not in str(caught.value)
    assert not Path("/nowhere").exists()
