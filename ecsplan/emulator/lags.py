"""Fields that the service shows late after it has accepted a change: single fields of single things, by the account's
settings.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from ecsplan.emulator.account import Event, Thing
from ecsplan.emulator.settings import LAGGING, Settings

EMPTY = "private_address"  # shows nothing meanwhile, instead of what was


class Lags:
    """Told of every write; asked by reads."""

    def __init__(self, settings: Settings, seed: str | None) -> None:
        self.settings = settings
        self._random = random.Random(f"lag/{seed}")
        self._old: dict[str, dict[str, tuple[float, str, Any]]] = {}
        self._unlisted: dict[str, float] = {}

    def saw(self, events: list[Event]) -> None:
        """A field that changes again while it lags goes on showing what it showed, for the new time."""
        for what, (low, high) in self.settings.lag.items():
            for event in events:
                if event.verb == "change":
                    self._note(event, what, event.at + self._random.uniform(low, high))
                elif event.verb == "add" and what == "lists":
                    self._unlisted[event.thing.id] = event.at + self._random.uniform(low, high)

    def _note(self, event: Event, what: str, until: float) -> None:
        for name in LAGGING[what] & event.after.keys():
            if event.before[name] != event.after[name]:
                held = self._old.setdefault(event.thing.id, {})
                before = event.before[name] if name not in held or held[name][0] <= event.at else held[name][2]
                held[name] = (until, what, None if what == EMPTY else before)

    @property
    def unlists(self) -> bool:
        """Whether lists may leave anything out."""
        return bool(self._unlisted)

    def lists(self, thing: Thing, now: float) -> bool:
        """Whether lists show it; a read by its id does so from the beginning."""
        until = self._unlisted.get(thing.id)
        if until is not None and until <= now:
            del self._unlisted[thing.id]
        return until is None or until <= now

    def lagging(self, thing: Thing, what: str, now: float) -> bool:
        return any(until > now and kind == what for until, kind, _ in self._old.get(thing.id, {}).values())

    def seen(self, thing: Thing, now: float) -> Thing:
        """The thing as a read shows it now."""
        held = self._old.get(thing.id)
        if not held:
            return thing
        late: Mapping[str, Any] = {name: value for name, (until, _, value) in held.items() if until > now}
        if not late:
            del self._old[thing.id]
            return thing
        data = {**thing.data, **late}
        shown = {name: value for name, value in data.items() if value is not None}
        return Thing(thing.kind, thing.region, thing.id, thing.seq, shown, thing.tags, thing.creator)
