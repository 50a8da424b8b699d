"""A plan whose lists are on their way while the rest is made ready: what makes the plan is loaded, the journals of the
folder are read, and the values of a large stack are resolved.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from ecsplan.engine import kinds
from ecsplan.model.call import Api

if TYPE_CHECKING:
    from ecsplan.engine.options import PlanOptions
    from ecsplan.model.plan import Plan
    from ecsplan.model.stack import Stack
    from ecsplan.provider.alibaba import Reading


class EarlyPlan:
    """Plans one stack. `connect` makes the Api of its region, once; what has to be closed it enters into the ExitStack.
    To be used as a context."""

    def __init__(self, connect: Callable[[str, ExitStack], Api]) -> None:
        self._connect, self._ends = connect, ExitStack()
        self._api: Api | None = None
        self._reading: Reading | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._ends.__exit__(*raised)  # type: ignore[arg-type]

    def begin(self, region: str) -> Api:
        """Begins to read the lists of a region. Raises what connecting to it raises."""
        from ecsplan.provider.alibaba import begun

        self._api = self._api or self._connect(region, self._ends)
        self._reading = self._reading or self._ends.enter_context(begun(self._api, kinds()))
        return self._api

    def plan(self, stack: "Stack", options: "PlanOptions") -> "Plan":
        """See `engine.plan`."""
        api = self.begin(stack.region)
        from ecsplan.engine.knowing import known_here
        from ecsplan.engine.planning import make_plan

        known = known_here(options.state_dir, stack.name, api, options.store)
        return make_plan(stack, api, kinds(), options, known=known, reading=self._reading)
