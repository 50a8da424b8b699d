"""The outlook of a plan: traffic that it opens or closes, what the service says of it ahead, and what it costs."""

from typing import TYPE_CHECKING

from ecsplan.model.call import Api
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.preflight import NO_PREFLIGHT
from ecsplan.model.price import NO_PRICES

if TYPE_CHECKING:
    from ecsplan.engine.options import PlanOptions


def with_outlook(plan: Plan, inventory: Inventory, api: Api, kinds: Kinds, options: "PlanOptions") -> Plan:
    """A plan that changes nothing comes to nothing, and what would tell more is not even loaded."""
    if all(change.action is Action.NOOP and not change.snapshots for change in plan.changes):
        prices = replace(NO_PRICES, is_on=options.price)
        return replace(plan, preflight=replace(NO_PREFLIGHT, mode=options.preflight), prices=prices)
    from ecsplan.engine.preflighting import looked_ahead
    from ecsplan.engine.pricing import with_prices
    from ecsplan.engine.reaching import group_types, reach_of

    plan = replace(plan, reach=reach_of(plan.changes, group_types(kinds, inventory.objects)))
    plan = looked_ahead(plan, inventory, api, kinds, options.preflight)
    return with_prices(plan, api, kinds) if options.price else plan
