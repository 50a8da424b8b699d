"""What a caller can see of the account: everything, unless a fault hides or delays some of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecsplan.emulator.account import Thing


@dataclass(slots=True)
class Sight:
    """`hides` and `lagging` come from faults; both are asked once per thing."""

    hides: Callable[[Thing], bool] | None = None
    lagging: Callable[[Thing], Mapping[str, str] | None] | None = None

    def shows(self, thing: Thing) -> bool:
        return self.hides is None or not self.hides(thing)

    def tags(self, thing: Thing) -> Mapping[str, str]:
        if self.lagging is None:
            return thing.tags
        old = self.lagging(thing)
        return thing.tags if old is None else old

    @property
    def bends_tags(self) -> bool:
        return self.lagging is not None
