"""A store in a file of SQLite: `.ecsplan/history.db` where no other is named. Survives a process that is killed.

Several runs may write into it: each transaction waits for its turn.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecsplan.files.opening import BadFile
from ecsplan.files.own import FILE_MODE, doubt_of, open_own, own_folder, private_folder
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
    if not writes and not os.path.lexists(path):
        return None
    connection = connect_sqlite(path)
    try:
        return SqlStore(connection, writes=writes)
    except BaseException:
        connection.close()
        raise


def connect_sqlite(path: Path) -> "SqliteConnection":
    """The file, made where it is missing. Raises StoreError, also for one that others may have written."""
    try:
        if not os.path.lexists(path):
            own_folder(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE))
        doubt = doubt_of(path)
    except (OSError, BadFile) as error:
        raise StoreError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if doubt:
        raise StoreError(f"{path} {doubt}: nothing of it is used; move it away")
    return SqliteConnection(path)


class SqliteConnection:
    """A `Connection` (sql.py). The journal of SQLite itself is what a killed process is undone by."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._claims: list[int] = []
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

    def claim(self, name: str) -> bool:
        """A lock on a file beside the store: the system ends it with the process."""
        try:
            import fcntl
        except ImportError:
            raise StoreError("this system has no file locks: keep the loop in PostgreSQL (--store)") from None
        folder = self.path.with_name(f"{self.path.name}.claims")
        try:
            private_folder(folder)
            handle = open_own(folder / hashlib.sha256(name.encode()).hexdigest()[:32], 0)
        except (OSError, BadFile) as error:
            raise StoreError(f"{folder}: {error}") from None
        self._claims.append(handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._db.close()
        while self._claims:
            os.close(self._claims.pop())

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from None
