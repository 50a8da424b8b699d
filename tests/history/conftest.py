"""Both stores, one after the other: whatever holds of one holds of the other."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecsplan.history.postgres import open_postgres
from ecsplan.history.sql import SqlStore
from ecsplan.history.sqlite import open_sqlite
from tests.history.servers import server

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture
def database(postgres: str) -> str:
    """The URL of an empty database."""
    from sqlalchemy import text

    from ecsplan.history.postgres import engine_of

    name = f"lab{next(NUMBERS)}"
    with engine_of(postgres).connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f"CREATE DATABASE {name}"))
    return postgres.replace("/postgres?", f"/{name}?")


Opener = Callable[..., SqlStore]


@pytest.fixture(params=["sqlite", "postgres"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same store again and again."""
    if request.param == "sqlite":
        return lambda writes=True: open_sqlite(tmp_path / "state" / "history.db", writes=writes)  # type: ignore[return-value]
    url = request.getfixturevalue("database")
    return lambda writes=True: open_postgres(url, writes=writes)
