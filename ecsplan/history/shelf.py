"""The journals of runs in PostgreSQL (a `Shelf` of executor/shelf.py): what dies on one runner is resumed on another.

Each line is on the server before its call goes out. A run holds an advisory lock of its session for as long as it
lives; the server ends it with the connection, so that every runner can tell whether another one lives.
"""

import errno
import io
import os
import secrets
import shutil
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from ecsplan.history.postgres import PostgresConnection, lock_key
from ecsplan.history.sql import migrate
from ecsplan.history.store import StoreError
from ecsplan.model.diagnostic import Diagnostic, Rejected

_ADD = "INSERT INTO ecsplan_lines (journal, number, line) VALUES (:journal, :number, :line)"
_KEEP = "INSERT INTO ecsplan_secrets (name, secret) VALUES (:name, :secret) ON CONFLICT (name) DO NOTHING"
_TOUCH = "UPDATE ecsplan_journals SET written = :at WHERE name = :name"


class StoreShelf:
    """`url` is that of the database. Journals are read as files of a folder that goes with this object."""

    sees_all = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._folder = Path(mkdtemp(prefix="ecsplan-journal-"))  # the owner's alone
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @contextmanager
    def _connected(self) -> Iterator[PostgresConnection]:
        """Raises Rejected."""
        connection = None
        try:
            connection = PostgresConnection(self._url)
            migrate(connection)
            yield connection
        except StoreError as error:
            raise Rejected([Diagnostic("the journal in the store cannot be used", str(error))]) from None
        finally:
            if connection is not None:
                connection.close()

    @contextmanager
    def create(self, name: str) -> Iterator[TextIO]:
        with self._connected() as connection:
            connection.run("SELECT pg_advisory_lock(:key)", {"key": lock_key(name)})
            with connection.writing():
                values = {"name": name, "at": time.time()}
                connection.run("INSERT INTO ecsplan_journals (name, written) VALUES (:name, :at)", values)
            yield _Lines(connection, name, 0)

    @contextmanager
    def append_to(self, name: str) -> Iterator[TextIO]:
        with self._connected() as connection:
            rows = connection.run("SELECT max(number) FROM ecsplan_lines WHERE journal = :name", {"name": name})
            yield _Lines(connection, name, int(rows[0][0] or 0))

    @contextmanager
    def replacing(self, name: str) -> Iterator[TextIO]:
        text = _Text()
        yield text
        with self._connected() as connection, connection.writing():
            _forget(connection, name)
            values = {"name": name, "at": time.time()}
            connection.run("INSERT INTO ecsplan_journals (name, written) VALUES (:name, :at)", values)
            for number, line in enumerate(text.getvalue().splitlines(), 1):
                connection.run(_ADD, {"journal": name, "number": number, "line": line})

    def files(self, prefix: str) -> Iterator[tuple[Path, str]]:
        with self._connected() as connection:
            rows = connection.run("SELECT name, written FROM ecsplan_journals ORDER BY name")
            for name, written in rows:
                if name.startswith(prefix):
                    yield self._written(connection, name, float(written)), ""

    def _written(self, connection: PostgresConnection, name: str, written: float) -> Path:
        lines = connection.run("SELECT line FROM ecsplan_lines WHERE journal = :name ORDER BY number", {"name": name})
        path = self._folder / name
        path.write_text("".join(f"{line}\n" for (line,) in lines), encoding="ascii", errors="replace")
        os.utime(path, (written, written))
        return path

    def runs(self, path: Path) -> bool:
        key = {"key": lock_key(path.name)}
        with self._connected() as connection:
            if not connection.run("SELECT pg_try_advisory_lock_shared(:key)", key)[0][0]:
                return True
            connection.run("SELECT pg_advisory_unlock_shared(:key)", key)
            return False

    def secret(self) -> str:
        """That of the store: whoever may write into it could forge its journals in any case."""
        with self._connected() as connection, connection.writing():
            values = {"name": "seal", "secret": secrets.token_hex(32)}
            connection.run(_KEEP, values)
            return str(connection.run("SELECT secret FROM ecsplan_secrets WHERE name = 'seal'")[0][0])

    def discard(self, name: str) -> None:
        with self._connected() as connection, connection.writing():
            _forget(connection, name)


def _forget(connection: PostgresConnection, name: str) -> None:
    connection.run("DELETE FROM ecsplan_lines WHERE journal = :name", {"name": name})
    connection.run("DELETE FROM ecsplan_journals WHERE name = :name", {"name": name})


class _Text(io.StringIO):
    def fileno(self) -> int:
        return -1  # nothing to sync


class _Lines(_Text):
    """A stream whose lines are committed with each flush. Raises OSError, as a file would."""

    def __init__(self, connection: PostgresConnection, name: str, count: int) -> None:
        super().__init__()
        self._connection, self._name, self._count = connection, name, count

    def flush(self) -> None:
        lines = [line for line in self.getvalue().split("\n") if line]
        self.seek(0)
        self.truncate()
        if not lines:
            return
        try:
            with self._connection.writing():
                for number, line in enumerate(lines, self._count + 1):
                    self._connection.run(_ADD, {"journal": self._name, "number": number, "line": line})
                self._connection.run(_TOUCH, {"at": time.time(), "name": self._name})
        except StoreError as error:
            raise OSError(errno.EIO, str(error)) from None
        self._count += len(lines)
