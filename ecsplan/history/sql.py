"""The store in SQL that SQLite and PostgreSQL both understand; each dialect adds a connection, and nothing else.

Texts hold no NUL and no lone surrogate: PostgreSQL takes neither. Lists are JSON, a plan is compressed. A store that an
older version made is brought up to date when it is opened; one that a newer version made is left alone.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ecsplan.history.store import StoreError
from ecsplan.model.history import CUT_OFF, RUNNING, Run, StepRecord

Row = Sequence[Any]
KEPT_PLANS = 50  # of a stack; older runs are kept without their plan

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE ecsplan_runs (id TEXT PRIMARY KEY, stack TEXT NOT NULL, region TEXT NOT NULL, "
        "operation TEXT NOT NULL, started DOUBLE PRECISION NOT NULL, account TEXT NOT NULL, who TEXT NOT NULL, "
        "host TEXT NOT NULL, commit_id TEXT NOT NULL, digest TEXT NOT NULL, version TEXT NOT NULL, "
        "approvals TEXT NOT NULL, planned INTEGER NOT NULL, ended DOUBLE PRECISION, outcome TEXT NOT NULL, "
        "plan TEXT NOT NULL)",
        "CREATE INDEX ecsplan_runs_of_stack ON ecsplan_runs (stack, region, started)",
        "CREATE TABLE ecsplan_steps (run TEXT NOT NULL, number INTEGER NOT NULL, step TEXT NOT NULL, "
        "addresses TEXT NOT NULL, operations TEXT NOT NULL, status TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, "
        "seconds DOUBLE PRECISION NOT NULL, request_ids TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, "
        "PRIMARY KEY (run, number))",
    ),
    ("ALTER TABLE ecsplan_steps ADD COLUMN detail TEXT NOT NULL DEFAULT '{}'",),
    (
        "CREATE TABLE ecsplan_journals (name TEXT PRIMARY KEY, written DOUBLE PRECISION NOT NULL)",
        "CREATE TABLE ecsplan_lines (journal TEXT NOT NULL, number INTEGER NOT NULL, line TEXT NOT NULL, "
        "PRIMARY KEY (journal, number))",
    ),
    (
        "CREATE TABLE ecsplan_loops (loop TEXT PRIMARY KEY, commit_id TEXT NOT NULL)",
        "CREATE TABLE ecsplan_loop_stacks (loop TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL DEFAULT '', "
        "asked DOUBLE PRECISION NOT NULL DEFAULT 0, suspended INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (loop, path))",
        "CREATE TABLE ecsplan_loop_runs (loop TEXT NOT NULL, id TEXT NOT NULL, path TEXT NOT NULL, "
        "commit_id TEXT NOT NULL, server TEXT NOT NULL, began DOUBLE PRECISION NOT NULL, ended DOUBLE PRECISION, "
        "outcome TEXT NOT NULL, summary TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (loop, id))",
        "CREATE INDEX ecsplan_loop_runs_of_stack ON ecsplan_loop_runs (loop, path, began)",
        "CREATE TABLE ecsplan_loop_plans (loop TEXT NOT NULL, path TEXT NOT NULL, plan TEXT NOT NULL, "
        "PRIMARY KEY (loop, path))",
        "CREATE TABLE ecsplan_loop_approvals (loop TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL, "
        "statement TEXT NOT NULL, signature TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, "
        "PRIMARY KEY (loop, path, name))",
    ),
    ("CREATE TABLE ecsplan_secrets (name TEXT PRIMARY KEY, secret TEXT NOT NULL)",),
)
"""The statements that lead from one version of the tables to the next. Never changed, only added to."""

_RUN = "id, stack, region, operation, started, account, who, host, commit_id, digest, version, approvals, planned"
_STEP = "step, addresses, operations, status, at, seconds, request_ids, code, message, detail"


class Connection(Protocol):
    """A database. `run` gives the rows; `writing` is a transaction, `migrating` one that only one writer is in.

    `claim` says whether a name is this connection's alone; it is until the connection is closed or its process ends.
    """

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Row]: ...

    def writing(self) -> AbstractContextManager[None]: ...

    def migrating(self) -> AbstractContextManager[None]: ...

    def has_table(self, name: str) -> bool: ...

    def claim(self, name: str) -> bool: ...

    def close(self) -> None: ...


def migrate(connection: Connection) -> None:
    """Brings the tables to the newest version, all of it or nothing. Raises StoreError."""
    if _version(connection) == len(MIGRATIONS):
        return
    with connection.migrating():
        found = _version(connection)  # another writer may have been faster
        if not connection.has_table("ecsplan_schema"):
            connection.run("CREATE TABLE ecsplan_schema (version INTEGER NOT NULL)")
            connection.run("INSERT INTO ecsplan_schema (version) VALUES (0)")
        for statements in MIGRATIONS[found:]:
            for statement in statements:
                connection.run(statement)
        connection.run("UPDATE ecsplan_schema SET version = :version", {"version": len(MIGRATIONS)})


def _version(connection: Connection) -> int:
    rows = connection.run("SELECT version FROM ecsplan_schema") if connection.has_table("ecsplan_schema") else ()
    found = int(rows[0][0]) if rows else 0
    if found > len(MIGRATIONS):
        raise StoreError(
            f"the store is of version {found}, this ecsplan knows {len(MIGRATIONS)}: install the version of ecsplan "
            "that wrote it, or a newer one"
        )
    return found


class SqlStore:
    """A `Store` (store.py). Opened to read, one without tables is empty and stays so."""

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._db = connection
        if writes or 0 < _version(connection) < len(MIGRATIONS):
            migrate(connection)

    @property
    def _is_empty(self) -> bool:
        return not self._db.has_table("ecsplan_schema")

    def begin(self, run: Run, *, is_alone: bool) -> None:
        values = {
            **{name: clean(getattr(run, name)) for name in ("id", "stack", "region", "operation", "account", "who")},
            **{name: clean(getattr(run, name)) for name in ("host", "digest", "version", "outcome")},
            "commit_id": clean(run.commit),
            "started": run.started,
            "approvals": json.dumps(list(run.approvals)),
            "planned": run.planned,
            "plan": packed(run.plan),
        }
        names = f"{_RUN}, outcome, plan"
        with self._db.writing():
            if is_alone:
                self._db.run(
                    "UPDATE ecsplan_runs SET outcome = :outcome WHERE stack = :stack AND region = :region "
                    "AND outcome = :running",
                    {"outcome": CUT_OFF, "running": RUNNING, "stack": clean(run.stack), "region": clean(run.region)},
                )
            self._db.run(f"INSERT INTO ecsplan_runs ({names}) VALUES ({_places(names)})", values)
            self._forget_old_plans(run)

    def _forget_old_plans(self, run: Run) -> None:
        self._db.run(
            "UPDATE ecsplan_runs SET plan = '' WHERE stack = :stack AND region = :region AND plan <> '' AND id NOT IN "
            "(SELECT id FROM ecsplan_runs WHERE stack = :stack AND region = :region "
            "ORDER BY started DESC, id DESC LIMIT :kept)",
            {"stack": clean(run.stack), "region": clean(run.region), "kept": KEPT_PLANS},
        )

    def add(self, run_id: str, number: int, step: StepRecord) -> None:
        values = {
            "run": run_id,
            "number": number,
            **{name: clean(getattr(step, name)) for name in ("step", "status", "code", "message")},
            **{name: json.dumps(list(getattr(step, name))) for name in ("addresses", "operations", "request_ids")},
            "at": step.at,
            "seconds": step.seconds,
            "detail": json.dumps(step.detail, default=str),
        }
        names = f"run, number, {_STEP}"
        with self._db.writing():
            self._db.run(f"INSERT INTO ecsplan_steps ({names}) VALUES ({_places(names)})", values)

    def end(self, run_id: str, outcome: str, at: float) -> None:
        with self._db.writing():
            self._db.run(
                "UPDATE ecsplan_runs SET outcome = :outcome, ended = :at WHERE id = :id",
                {"outcome": outcome, "at": at, "id": run_id},
            )

    def recent(self, stack: str = "", region: str = "", limit: int = 0) -> Sequence[Run]:
        if self._is_empty:
            return ()
        wanted = [f"{name} = :{name}" for name, value in (("stack", stack), ("region", region)) if value]
        where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
        rows = self._db.run(
            f"SELECT {_RUN}, ended, outcome, '' FROM ecsplan_runs{where} ORDER BY started DESC, id DESC"
            + (f" LIMIT {int(limit)}" if limit else ""),
            {name: value for name, value in (("stack", stack), ("region", region)) if value},
        )
        return [_run(row) for row in rows]

    def find(self, run_id: str) -> Run | None:
        if self._is_empty:
            return None
        rows = self._db.run(f"SELECT {_RUN}, ended, outcome, plan FROM ecsplan_runs WHERE id = :id", {"id": run_id})
        if not rows:
            return None
        steps = self._db.run(f"SELECT {_STEP} FROM ecsplan_steps WHERE run = :run ORDER BY number", {"run": run_id})
        return _run(rows[0], tuple(map(_step, steps)))

    def durations(self, limit: int) -> Sequence[tuple[tuple[str, ...], str, float]]:
        if self._is_empty:
            return ()
        rows = self._db.run(
            "SELECT operations, addresses, seconds FROM ecsplan_steps WHERE status = 'done' "
            f"ORDER BY at DESC LIMIT {int(limit)}"
        )
        return [(_texts(row[0]), (_texts(row[1]) or ("",))[0].partition(".")[0], float(row[2])) for row in rows]

    def close(self) -> None:
        self._db.close()


def _places(names: str) -> str:
    return ", ".join(f":{name.strip()}" for name in names.split(","))


def _run(row: Row, steps: tuple[StepRecord, ...] = ()) -> Run:
    (id_, stack, region, operation, started, account, who, host, commit, digest, version, approvals, planned) = row[:13]
    ended, outcome, plan = row[13:]
    return Run(
        id_, stack, region, operation, float(started), account, who, host, commit, digest, version, _texts(approvals),
        int(planned), None if ended is None else float(ended), outcome, steps, unpacked(plan),
    )  # fmt: skip


def _step(row: Row) -> StepRecord:
    step, addresses, operations, status, at, seconds, request_ids, code, message, detail = row
    try:
        told = json.loads(detail)
    except ValueError:
        told = {}
    return StepRecord(
        step, _texts(addresses), _texts(operations), status, float(at), float(seconds), _texts(request_ids), code,
        message, told if isinstance(told, dict) else {},
    )  # fmt: skip


def _texts(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except ValueError:
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def clean(text: str) -> str:
    """The text without what a database cannot hold."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(errors="surrogatepass"), 6)).decode() if text else ""


def unpacked(text: str) -> str:
    """Raises StoreError for what `packed` did not make."""
    try:
        return zlib.decompress(base64.b64decode(text)).decode(errors="surrogatepass") if text else ""
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        raise StoreError("the store holds a plan that cannot be read: it was damaged") from None
