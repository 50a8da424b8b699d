"""What the loop remembers through a kill: the state of each stack, and the runs. SQLite, in the loop's own folder.

Written before a run starts and after it ended, so that a loop that was killed knows what ran.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from threading import Lock

from ecsplan.serve.core import Stack, State

_TABLES = """
CREATE TABLE IF NOT EXISTS loop (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, "commit" TEXT NOT NULL, began REAL NOT NULL, ended REAL,
    outcome TEXT NOT NULL DEFAULT 'running', summary TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS runs_of ON runs (path, id);
"""
_KEPT = 200  # runs of each stack
_FIELDS = {field.name for field in fields(Stack)}


@dataclass(frozen=True, slots=True)
class Run:
    """`ended` is None while it runs, and for one that was killed before the loop came back."""

    id: int
    path: str
    commit: str
    began: float
    ended: float | None
    outcome: str
    summary: str
    digest: str


class Book:
    """Used by several threads, one at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_TABLES)

    def state(self) -> State:
        """What was kept last; an empty one at first."""
        with self._lock:
            row = self._connection.execute("SELECT state FROM loop").fetchone()
        if row is None:
            return State()
        kept = json.loads(row[0])
        stacks = {
            one["path"]: Stack(**{**{k: v for k, v in one.items() if k in _FIELDS}, "needs": tuple(one["needs"])})
            for one in kept["stacks"]
        }
        return State(kept["commit"], stacks, problem=kept["problem"])

    def keep(self, state: State) -> None:
        kept = {
            "commit": state.commit, "problem": state.problem, "stacks": [asdict(one) for one in state.stacks.values()],
        }  # fmt: skip
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO loop VALUES (1, ?)", [json.dumps(kept)])

    def begin(self, path: str, commit: str, now: float) -> int:
        with self._lock:
            made = self._connection.execute(
                'INSERT INTO runs (path, "commit", began) VALUES (?, ?, ?)', [path, commit, now]
            )
            self._connection.execute(
                "DELETE FROM runs WHERE path = ? AND id <= (SELECT max(id) FROM runs) AND id NOT IN "
                "(SELECT id FROM runs WHERE path = ? ORDER BY id DESC LIMIT ?)",
                [path, path, _KEPT],
            )
            return int(made.lastrowid or 0)

    def end(self, run: int, outcome: str, summary: str, digest: str, now: float) -> None:
        with self._lock:
            self._connection.execute(
                "UPDATE runs SET outcome = ?, summary = ?, digest = ?, ended = ? WHERE id = ?",
                [outcome, summary, digest, now, run],
            )

    def cut_off(self, now: float) -> None:
        """Runs that a kill ended."""
        with self._lock:
            self._connection.execute(
                "UPDATE runs SET outcome = 'failed', summary = 'the loop was killed while it ran', ended = ? "
                "WHERE ended IS NULL",
                [now],
            )

    def runs(self, path: str = "", most: int = 50) -> Sequence[Run]:
        """The newest first; of one stack where one is named."""
        where, values = ("WHERE path = ? ", [path]) if path else ("", [])
        with self._lock:
            rows = self._connection.execute(
                'SELECT id, path, "commit", began, ended, outcome, summary, digest FROM runs '
                f"{where}ORDER BY id DESC LIMIT {int(most)}",
                values,
            ).fetchall()
        return [Run(*row) for row in rows]

    def close(self) -> None:
        with self._lock:
            self._connection.close()
