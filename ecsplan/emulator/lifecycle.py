"""Statuses that move by clock: each thing knows what comes next and when; nothing runs until somebody looks."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from ecsplan.emulator.account import Account, Thing


class Patience(Protocol):
    """What may keep a thing from going on, or send it elsewhere; faults are one."""

    def until(self, thing: Thing, values: dict[str, Any], at: float) -> float | None: ...

    def instead(self, thing: Thing, values: dict[str, Any]) -> dict[str, Any] | None: ...

    def lag(self) -> float: ...


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

    def __init__(self, account: Account, patience: Patience | None = None) -> None:
        self.account = account
        self.patience = patience
        self._due: list[tuple[float, int, str, str]] = []
        self.reload()

    def reload(self) -> None:
        """After the account was filled from elsewhere."""
        self._due = []
        for thing in self.account.all():
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
        writer = self.account.cause
        while self._due and self._due[0][0] <= now:
            at, _, kind, id_ = heapq.heappop(self._due)
            thing = self.account.get(kind, id_)
            if thing is not None and thing.pending and thing.pending[0][0] <= at:
                self.account.moment = thing.pending[0][0]
                self.account.cause = thing.cause if thing.cause.delayed else replace(thing.cause, delayed=True)
                self._apply(thing)
        self.account.moment, self.account.cause = now, writer

    def _apply(self, thing: Thing) -> None:
        (at, values, then), *rest = thing.pending
        if self.patience is not None:
            later = self.patience.until(thing, values, at)
            if later is not None:
                self._postpone(thing, later - at)
                return
            outcome = self.patience.instead(thing, values)
            if outcome is None:
                EFFECTS["instance_released" if thing.kind == "instance" else "remove"](self, thing, at)
                return
            values = outcome
        self.account.set_pending(thing, rest)
        if values:
            self.account.change_all(thing, values)
        if then:
            EFFECTS[then](self, thing, at)

    def _postpone(self, thing: Thing, seconds: float) -> None:
        self.account.set_pending(thing, [(at + seconds, values, then) for at, values, then in thing.pending])
        self._announce(thing)

    def _announce(self, thing: Thing) -> None:
        for at, _, _ in thing.pending:
            heapq.heappush(self._due, (at, thing.seq, thing.kind, thing.id))
