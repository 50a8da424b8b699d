"""A plan whose lists are on their way while the rest is made ready: what makes the plan is loaded, the journals of the
folder are read, and the values of a large stack are resolved.
"""

from contextlib import AbstractContextManager, nullcontext

from ecsplan.engine import kinds as all_kinds
from ecsplan.engine.options import PlanOptions
from ecsplan.model.call import Api
from ecsplan.model.garbage import no_collection
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from ecsplan.provider.alibaba import Reading as Reading
from ecsplan.provider.alibaba import begun


def reading(api: Api) -> AbstractContextManager[Reading]:
    """Begins to read all lists of a region, for a plan that is made within the block."""
    return begun(api, all_kinds())


def plan_early(stack: Stack, api: Api, kinds: Kinds, options: PlanOptions, reading: Reading | None) -> Plan:
    under_way: AbstractContextManager[Reading] = begun(api, kinds) if reading is None else nullcontext(reading)
    with no_collection(), under_way as found:
        from ecsplan.engine.knowing import known_here
        from ecsplan.engine.planning import make_plan

        known = known_here(options.state_dir, stack.name, api, options.store)
        return make_plan(stack, api, kinds, options, known=known, reading=found)
