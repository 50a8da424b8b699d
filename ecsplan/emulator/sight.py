"""Visibility and stock for a caller: everything, unless a fault hides, delays or has sold out some of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecsplan.emulator.account import Thing


@dataclass(frozen=True, slots=True)
class SoldOut:
    """Instance type, disk category and zone, `*` for any, and the StatusCategory; one of the first two names what is
    gone, or with ClosedWithStock will not be restocked."""

    what: tuple[tuple[str, str, str, str], ...] = ()

    def type(self, type_id: str, zone: str) -> str:
        """Its StatusCategory; empty for the usual one."""
        found = (w for t, category, z, w in self.what if not category and t in ("*", type_id) and z in ("*", zone))
        return next(found, "")

    def disk(self, category: str, zone: str) -> str:
        return next((w for _, c, z, w in self.what if c == category and z in ("*", zone)), "")

    def has_no_type(self, type_id: str, zone: str) -> bool:
        return self.type(type_id, zone) not in ("", "ClosedWithStock")

    def has_no_disk(self, category: str, zone: str) -> bool:
        return self.disk(category, zone) not in ("", "ClosedWithStock")


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
