"""A store in a file of SQLite: `.ecsplan/history.db` where no other is named. Survives a process that is killed.

Several runs may write into it: each transaction waits for its turn.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecsplan.files.opening import BadFile
from ecsplan.files.own import FILE_MODE, doubt_of, own_folder
from ecsplan.history.sql import Row, SqlStore
from ecsplan.history.store import StoreError

FILE = "history.db"
PATIENCE = 10.0  # seconds for another writer's transaction


def default_path(state_dir: Path) -> Path:
    return state_dir / FILE


def open_sqlite(path: Path, *, writes: bool) -> SqlStore | None:
    """The store in a file, made where it is missing; None where it is missing and only to be read.

    Raises StoreError, also for a file that others may have written.
    """
    try:
        if not os.path.lexists(path):
            if not writes:
                return None
            own_folder(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE))
        doubt = doubt_of(path)
    except (OSError, BadFile) as error:
        raise StoreError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if doubt:
        raise StoreError(f"{path} {doubt}: nothing of it is used; move it away")
    connection = _File(path)
    try:
        return SqlStore(connection, writes=writes)
    except BaseException:
        connection.close()
        raise


class _File:
    """A `Connection` (sql.py). The journal of SQLite itself is what a killed process is undone by."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            self._db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            self._db.execute("PRAGMA synchronous = NORMAL")

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Row]:
        with self._told():
            return self._db.execute(statement, values or {}).fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        self.run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.rollback()
            raise
        self.run("COMMIT")

    migrating = writing

    def has_table(self, name: str) -> bool:
        return bool(self.run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name", {"name": name}))

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from None
