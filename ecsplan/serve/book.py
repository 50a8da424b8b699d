"""The state that the loop keeps through a kill, and shares with other servers: a store of runs (history/loops.py).

A stack is worked on under a claim. Its state is written before the claim ends, so that the server that comes next
knows of it.
"""

import hashlib
import json
import os
import socket
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import asdict

from ecsplan.approval.folder import folder_of, store
from ecsplan.history.loops import Kept, LoopRun, LoopStore
from ecsplan.history.sql import Connection
from ecsplan.history.store import StoreError
from ecsplan.model.copying import replace
from ecsplan.serve.core import Stack, State

__all__ = ["Book", "StoreError", "place_of"]
_FIELDS = set(Stack.__struct_fields__)


class Book:
    """Any thread may call. Every method raises StoreError."""

    def __init__(self, connect: Callable[[], Connection], place: str) -> None:
        """`place` is what is watched, see `place_of`."""
        self._store = LoopStore(connect, hashlib.sha256(place.encode()).hexdigest()[:32])
        self._server = f"{socket.gethostname()}:{os.getpid()}"

    def state(self) -> State:
        """What was kept last; an empty one at first."""
        return State(self._store.commit(), {kept.path: _stack(kept) for kept in self._store.stacks()})

    def stack(self, path: str) -> Stack | None:
        return next((_stack(kept) for kept in self._store.stacks(path)), None)

    def keep(self, stack: Stack) -> None:
        self._store.keep(stack.path, json.dumps(asdict(stack)))

    def commit(self) -> str:
        return self._store.commit()

    def follow(self, commit: str) -> None:
        self._store.follow(commit)

    def ask(self, paths: Sequence[str], now: float) -> None:
        """Somebody wants these stacks to run, on whatever server."""
        for path in paths:
            self._store.ask(path, now)

    def suspend(self, path: str, is_suspended: bool) -> None:
        self._store.suspend(path, is_suspended)

    @contextmanager
    def claimed(self, path: str) -> Iterator[bool]:
        """Whether no other server works on the stack while the block runs."""
        with self._store.claimed(path) as is_ours:
            yield is_ours

    def begin(self, path: str, commit: str, now: float) -> LoopRun:
        run = LoopRun(uuid.uuid4().hex, path, commit, self._server, now, None, "running", "", "")
        self._store.begin(run)
        return run

    def end(self, run: LoopRun, outcome: str, summary: str, digest: str, now: float) -> None:
        self._store.end(replace(run, outcome=outcome, summary=summary, digest=digest, ended=now))

    def runs(self, path: str = "", most: int = 50) -> Sequence[LoopRun]:
        """The newest first; of one stack where one is named."""
        return self._store.runs(path, most)

    def save_plan(self, path: str, text: str) -> None:
        self._store.save_plan(path, text)

    def plan(self, path: str) -> str:
        """The plan that waits, as JSON; empty where none does."""
        return self._store.plan(path)

    def approve(self, path: str, statement: str, signature: str, now: float) -> None:
        name = hashlib.sha256(f"{statement}\0{signature}".encode()).hexdigest()
        self._store.approve(path, name, statement, signature, now)

    def lay_out(self, path: str, planfile: Path) -> None:
        """Writes the approvals beside the file of a plan, where they are looked for. Raises OSError."""
        for statement, signature in self._store.approvals(path):
            store(folder_of(planfile), statement, signature, "from-the-page")


def place_of(url: str, branch: str, folder: str) -> str:
    """Names a branch, whoever fetches it: without user and password."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.scheme else url
    return "\n".join((bare, branch, folder))


def _stack(kept: Kept) -> Stack:
    """Due at once where somebody asked since it ran, and where its run did not end: that was killed, or goes on."""
    found = json.loads(kept.state) if kept.state else {}
    known = {name: value for name, value in found.items() if name in _FIELDS}
    stack = Stack(**{**known, "path": kept.path, "needs": tuple(found.get("needs", ()))})
    is_wanted = kept.is_running or kept.asked > stack.began
    return replace(stack, is_suspended=kept.is_suspended, due=0.0 if is_wanted else stack.due)
