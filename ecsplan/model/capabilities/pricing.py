"""Costing something by being there. Asked for by engine/facts.py, engine/pricing.py and planner/ways.py."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ecsplan.model.attribute import Impact
from ecsplan.model.capability import Capability
from ecsplan.model.change import Action
from ecsplan.model.price import Cost

if TYPE_CHECKING:
    from ecsplan.model.change import Change, Purchase


def _by_use(change: "Change") -> "Purchase | None":
    return None


def _unknown(change: "Change") -> "Cost":
    is_paid = change.action in (Action.CREATE, Action.REPLACE, Action.DELETE) or Impact.BILLING in change.impacts
    return Cost(unpriced=("it is paid for, and has no price in the ECS API",)) if is_paid else Cost()


class Priced(Capability, frozen=True):
    """An object is paid for as long as it is there. `buys` tells what a change buys for a term at once, `costs` what is
    paid for before it and after it."""

    buys: "Callable[[Change], Purchase | None]" = _by_use
    costs: "Callable[[Change], Cost]" = _unknown
