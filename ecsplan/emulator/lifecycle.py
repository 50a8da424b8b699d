"""Statuses that move by clock: each thing knows what comes next and when; nothing runs until somebody looks."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

from ecsplan.emulator.account import Account, Thing

Effect = Callable[["Lifecycle", Thing, float], None]
EFFECTS: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Registers what happens at the end of a transition, beyond fields that change; the name is stored."""

    def register(function: Effect) -> Effect:
        EFFECTS[name] = function
        return function

    return register


@effect("remove")
def _remove(lifecycle: Lifecycle, thing: Thing, now: float) -> None:
    lifecycle.account.remove(thing)


class Lifecycle:
    """Applies due changes in the order of their time, across the whole account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._due: list[tuple[float, int, str, str]] = []
        for thing in account.all():
            self._announce(thing)

    def schedule(self, thing: Thing, at: float, then: str = "", **values: Any) -> None:
        """At that time the fields take these values (None takes one away), then the named effect runs."""
        self.account.set_pending(thing, sorted([*thing.pending, (at, values, then)], key=lambda item: item[0]))
        heapq.heappush(self._due, (at, thing.seq, thing.kind, thing.id))

    def cancel(self, thing: Thing) -> None:
        """Nothing more comes by itself."""
        if thing.pending:
            self.account.set_pending(thing, [])

    def advance(self, now: float) -> None:
        """Brings every thing to where it is at that time."""
        while self._due and self._due[0][0] <= now:
            at, _, kind, id_ = heapq.heappop(self._due)
            thing = self.account.get(kind, id_)
            if thing is not None and thing.pending and thing.pending[0][0] <= at:
                self._apply(thing)

    def _apply(self, thing: Thing) -> None:
        (at, values, then), *rest = thing.pending
        self.account.set_pending(thing, rest)
        if values:
            self.account.change_all(thing, values)
        if then:
            EFFECTS[then](self, thing, at)

    def _announce(self, thing: Thing) -> None:
        for at, _, _ in thing.pending:
            heapq.heappush(self._due, (at, thing.seq, thing.kind, thing.id))
