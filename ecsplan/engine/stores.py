"""Which store a URL names, and opening it; used by whatever records runs or reads what was recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ecsplan.history.sql import Connection
from ecsplan.history.store import Store, StoreError
from ecsplan.model.diagnostic import Diagnostic, Rejected

FORMS = "write postgresql://USER@HOST/DATABASE, or sqlite:///FILE"


def is_postgres(url: str) -> bool:
    return urlsplit(url).scheme in ("postgresql", "postgres")


def open_store(url: str, state_dir: str, *, writes: bool) -> Store | None:
    """The store of a URL; where that is empty, the file in `state_dir`. None for a file that is not there, to read.

    Raises StoreError.
    """
    if is_postgres(url):
        from ecsplan.history.postgres import open_postgres

        return open_postgres(url, writes=writes)
    from ecsplan.history.sqlite import default_path, open_sqlite

    return open_sqlite(_file_of(url) if url else default_path(Path(state_dir)), writes=writes)


def connect_store(url: str, state_dir: str) -> Connection:
    """A connection to write through, to what `open_store` names. Raises StoreError."""
    if is_postgres(url):
        from ecsplan.history.postgres import PostgresConnection

        return PostgresConnection(url)
    from ecsplan.history.sqlite import connect_sqlite, default_path

    return connect_sqlite(_file_of(url) if url else default_path(Path(state_dir)))


def _file_of(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or len(parts.path) < 2:
        raise StoreError(f"no store is at such a URL: {FORMS}")
    return Path(parts.path[1:])  # sqlite:///FILE is below the current folder, sqlite:////FILE is absolute


@contextmanager
def reading(url: str, state_dir: str) -> Iterator[Store | None]:
    """The store, to read from. Raises Rejected."""
    try:
        store = open_store(url, state_dir, writes=False)
        try:
            yield store
        finally:
            if store is not None:
                store.close()
    except StoreError as error:
        raise Rejected([Diagnostic("the history cannot be read", str(error))]) from None
