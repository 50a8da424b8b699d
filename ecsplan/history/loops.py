"""The state of loops in a store: the state of each stack, runs, waiting plans, approvals. See serve/book.py.

A connection serves one call, so that any thread may call, and a server that was away is found again. Several processes
may share a store; `claimed` says which of them works on a stack.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct

from ecsplan.history.sql import Connection, Row, clean, migrate, packed, unpacked

KEPT = 200  # runs of each stack, and approvals
KILLED = "the loop was killed while it ran"
_RUN = "id, path, commit_id, server, began, ended, outcome, summary, digest"


class Kept(Struct, frozen=True):
    """`state` is JSON; `asked` is when somebody last wanted a run; `running`: a run that began has not ended."""

    path: str
    state: str
    asked: float
    is_suspended: bool
    is_running: bool


class LoopRun(Struct, frozen=True):
    """`ended` is None while it runs, and for one that was killed until its stack is taken up again."""

    id: str
    path: str
    commit: str
    server: str
    began: float
    ended: float | None
    outcome: str
    summary: str
    digest: str


class LoopStore:
    """`loop` names the branch that is watched, in one word. Every method raises StoreError."""

    def __init__(self, connect: Callable[[], Connection], loop: str) -> None:
        self._connect, self._loop = connect, loop

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        connection = self._connect()
        try:
            migrate(connection)
            yield connection
        finally:
            connection.close()

    def _rows(self, statement: str, **values: object) -> Sequence[Row]:
        with self._opened() as connection:
            return connection.run(statement, {"loop": self._loop, **values})

    def _write(self, *statements: str, **values: object) -> None:
        with self._opened() as connection, connection.writing():
            for statement in statements:
                connection.run(statement, {"loop": self._loop, **values})

    @contextmanager
    def claimed(self, path: str) -> Iterator[bool]:
        """Whether this process alone works on a stack while the block runs; the claim ends with the process."""
        connection = self._connect()
        try:
            yield connection.claim(f"ecsplan loop {self._loop} {path}")
        finally:
            connection.close()

    def commit(self) -> str:
        """The one that is followed; empty at first."""
        rows = self._rows("SELECT commit_id FROM ecsplan_loops WHERE loop = :loop")
        return str(rows[0][0]) if rows else ""

    def follow(self, commit: str) -> None:
        self._write(
            "INSERT INTO ecsplan_loops (loop, commit_id) VALUES (:loop, :commit) "
            "ON CONFLICT (loop) DO UPDATE SET commit_id = excluded.commit_id",
            commit=commit,
        )

    def stacks(self, path: str = "") -> Sequence[Kept]:
        """All of them, or one."""
        only = "AND path = :path" if path else ""
        rows = self._rows(
            "SELECT path, state, asked, suspended, EXISTS (SELECT 1 FROM ecsplan_loop_runs AS run WHERE "
            "run.loop = kept.loop AND run.path = kept.path AND run.ended IS NULL) "
            f"FROM ecsplan_loop_stacks AS kept WHERE loop = :loop {only} ORDER BY path",
            **({"path": path} if path else {}),
        )
        return [Kept(path, state, float(asked), bool(off), bool(runs)) for path, state, asked, off, runs in rows]

    def keep(self, path: str, state: str) -> None:
        self._write(_set("state"), path=path, value=state)

    def ask(self, path: str, at: float) -> None:
        self._write(_set("asked"), path=path, value=at)

    def suspend(self, path: str, is_suspended: bool) -> None:
        self._write(_set("suspended"), path=path, value=int(is_suspended))

    def begin(self, run: LoopRun) -> None:
        """Under the claim: whatever of the stack has not ended was killed."""
        values = {"id": run.id, "path": run.path, "commit": run.commit, "server": clean(run.server), "at": run.began}
        self._write(
            f"UPDATE ecsplan_loop_runs SET outcome = 'failed', summary = '{KILLED}', ended = :at "
            "WHERE loop = :loop AND path = :path AND ended IS NULL",
            "INSERT INTO ecsplan_loop_runs (loop, id, path, commit_id, server, began, outcome, summary, digest) "
            "VALUES (:loop, :id, :path, :commit, :server, :at, 'running', '', '')",
            "DELETE FROM ecsplan_loop_runs WHERE loop = :loop AND path = :path AND id NOT IN (SELECT id FROM "
            f"ecsplan_loop_runs WHERE loop = :loop AND path = :path ORDER BY began DESC, id DESC LIMIT {KEPT})",
            **values,
        )

    def end(self, run: LoopRun) -> None:
        self._write(
            "UPDATE ecsplan_loop_runs SET outcome = :outcome, summary = :summary, digest = :digest, ended = :ended "
            "WHERE loop = :loop AND id = :id",
            id=run.id, outcome=run.outcome, summary=clean(run.summary), digest=run.digest, ended=run.ended,
        )  # fmt: skip

    def runs(self, path: str = "", most: int = 50) -> Sequence[LoopRun]:
        """The newest first; of one stack where one is named."""
        only = "AND path = :path" if path else ""
        rows = self._rows(
            f"SELECT {_RUN} FROM ecsplan_loop_runs WHERE loop = :loop {only} "
            f"ORDER BY began DESC, id DESC LIMIT {int(most)}",
            **({"path": path} if path else {}),
        )
        return [LoopRun(*row) for row in rows]

    def save_plan(self, path: str, text: str) -> None:
        self._write(
            "INSERT INTO ecsplan_loop_plans (loop, path, plan) VALUES (:loop, :path, :plan) "
            "ON CONFLICT (loop, path) DO UPDATE SET plan = excluded.plan",
            path=path, plan=packed(text),
        )  # fmt: skip

    def plan(self, path: str) -> str:
        """The plan that was saved last; empty where none was."""
        rows = self._rows("SELECT plan FROM ecsplan_loop_plans WHERE loop = :loop AND path = :path", path=path)
        return unpacked(rows[0][0]) if rows else ""

    def approve(self, path: str, name: str, statement: str, signature: str, at: float) -> None:
        """`name` is made of the statement: the same one is kept once."""
        self._write(
            "INSERT INTO ecsplan_loop_approvals (loop, path, name, statement, signature, at) "
            "VALUES (:loop, :path, :name, :statement, :signature, :at) ON CONFLICT (loop, path, name) DO NOTHING",
            "DELETE FROM ecsplan_loop_approvals WHERE loop = :loop AND path = :path AND name NOT IN (SELECT name FROM "
            f"ecsplan_loop_approvals WHERE loop = :loop AND path = :path ORDER BY at DESC, name LIMIT {KEPT})",
            path=path, name=name, statement=clean(statement), signature=clean(signature), at=at,
        )  # fmt: skip

    def approvals(self, path: str) -> Sequence[tuple[str, str]]:
        """Statements with their signatures, the oldest first."""
        rows = self._rows(
            "SELECT statement, signature FROM ecsplan_loop_approvals WHERE loop = :loop AND path = :path "
            "ORDER BY at, name",
            path=path,
        )
        return [(str(statement), str(signature)) for statement, signature in rows]


def _set(column: str) -> str:
    return (
        f"INSERT INTO ecsplan_loop_stacks (loop, path, {column}) VALUES (:loop, :path, :value) "
        f"ON CONFLICT (loop, path) DO UPDATE SET {column} = excluded.{column}"
    )
