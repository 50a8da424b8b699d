"""A store in PostgreSQL, for teams whose runners come and go: the extra `postgres` (SQLAlchemy Core and psycopg).

A connection asks the server to notice soon that a client is gone: locks that stand for a living run depend on it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ecsplan.history.sql import Row, SqlStore
from ecsplan.history.store import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCHEMES = ("postgresql", "postgres")
MIGRATING = 0x6563_7370_6C61_6E00
"""The advisory lock that is held while the tables are brought up to date."""
_ALIVE = "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
_EXTRA = "a store in PostgreSQL needs the extra postgres: pip install 'ecsplan[postgres]'"
CONNECT_WITHIN = 10  # seconds


def named(url: str) -> str:
    """The URL without its password, for people."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    place = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    return f"{parts.scheme}://{user}{place}{parts.path}"


def open_postgres(url: str, *, writes: bool) -> SqlStore:
    """The store in a database. Raises StoreError."""
    connection = PostgresConnection(url)
    try:
        return SqlStore(connection, writes=writes)
    except BaseException:
        connection.close()
        raise


def engine_of(url: str) -> "Engine":
    """Without a pool: a connection that is closed here is closed at the server. Raises StoreError."""
    try:
        import psycopg  # noqa: F401
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import ArgumentError
        from sqlalchemy.pool import NullPool
    except ImportError:
        raise StoreError(_EXTRA) from None
    try:
        found = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise StoreError("the store is not a URL: write postgresql://USER@HOST/DATABASE") from None
    options = {"connect_timeout": CONNECT_WITHIN, "application_name": "ecsplan", "options": _ALIVE}
    return create_engine(found, poolclass=NullPool, connect_args=options)


def lock_key(name: str) -> int:
    """The number of an advisory lock: 64 bits of a hash."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


class PostgresConnection:
    """A `Connection` (sql.py). Each statement outside of `writing` is a transaction of its own.

    Advisory locks are of the session: they end with it, however the process ends.
    """

    def __init__(self, url: str) -> None:
        self.name = named(url)
        self._is_writing = False
        with self._told():
            self._db = engine_of(url).connect()

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Row]:
        from sqlalchemy import text

        with self._told(), nullcontext() if self._is_writing else self._db.begin():
            found = self._db.execute(text(statement), dict(values or {}))
            return [tuple(row) for row in found] if found.returns_rows else []

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._told(), self._db.begin():
            self._is_writing = True
            try:
                yield
            finally:
                self._is_writing = False

    @contextmanager
    def migrating(self) -> Iterator[None]:
        with self.writing():
            self.run("SELECT pg_advisory_xact_lock(:key)", {"key": MIGRATING})
            yield

    def has_table(self, name: str) -> bool:
        # Not to_regclass: inside a transaction it may still believe that a table is missing which another has made.
        statement = "SELECT 1 FROM pg_catalog.pg_class WHERE relname = :name AND pg_catalog.pg_table_is_visible(oid)"
        return bool(self.run(statement, {"name": name}))

    def claim(self, name: str) -> bool:
        return bool(self.run("SELECT pg_try_advisory_lock(:key)", {"key": lock_key(name)})[0][0])

    def close(self) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._db.close()
        except SQLAlchemyError:  # the server is gone: so is the connection
            self._db.invalidate()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            from sqlalchemy.exc import SQLAlchemyError
        except ImportError:
            raise StoreError(_EXTRA) from None
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(f"{self.name}: {' '.join(str(cause).split())}") from None
