"""Costing something by being there. Asked for by engine/facts.py and plan/ways.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsplan.model.capability import Capability

if TYPE_CHECKING:
    from ecsplan.model.change import Change, Purchase


def _by_use(change: "Change") -> "Purchase | None":
    return None


@dataclass(frozen=True, slots=True)
class Priced(Capability):
    """An object is paid for as long as it is there. `buys` tells what a change buys for a term at once."""

    buys: "Callable[[Change], Purchase | None]" = _by_use
