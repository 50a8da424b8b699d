"""Details that are asked for while lists are still being read, each for the one who asks first. Used by alibaba.py."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from ecsplan.inventory.ahead import Expected
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Api, Request
from ecsplan.model.kind import Kind


class Ahead:
    """Answers on their way. What a plan expects may be known before lists are read, or while they are."""

    def __init__(self, api: Api, pool: Executor) -> None:
        self._api, self._pool = api, pool
        self._expected: Expected | None = None
        self._read: list[tuple[Kind, Sequence[Raw]]] = []
        self._answers: dict[str, Future[Mapping[str, Any]]] = {}
        self._lock = threading.Lock()

    def expect(self, expected: Expected | None) -> None:
        with self._lock:
            self._expected = expected
            for kind, raws in self._read:
                self._ask(kind, raws)

    def was_read(self, kind: Kind, raws: Sequence[Raw]) -> None:
        with self._lock:
            self._read.append((kind, raws))
            self._ask(kind, raws)

    def begin(self) -> None:
        """Lists are read from now on: what was asked along with earlier ones may be out of date."""
        with self._lock:
            self._answers.clear()

    def end(self) -> None:
        """All lists were read: what is wanted now is asked by whoever wants it."""
        with self._lock:
            self._read.clear()

    def answer(self, request: Request) -> Future[Mapping[str, Any]] | None:
        return self._answers.pop(_key(request), None) if self._answers else None

    def _ask(self, kind: Kind, raws: Sequence[Raw]) -> None:
        for request in self._expected.requests(self._api.region, kind, raws) if self._expected is not None else ():
            self._answers[_key(request)] = self._pool.submit(self._api.send, request)


def _key(request: Request) -> str:
    return f"{request.operation} {sorted(request.params.items())}"
