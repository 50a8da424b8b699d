"""Puts disks back: lock, look, ask, then steps that stop, ReInitDisk or ResetDisk, and start. See `engine.reinit`.

A machine that ran carries the mark `ecsplan:restart` from before its stop until it runs again: wherever a run is cut
off, the next apply or reinit starts it. A run that was cut off is not gone on with: the next reinit asks anew.
"""

from collections.abc import Callable, Iterable

from ecsplan.engine import ApplyOptions, Event, Stop
from ecsplan.engine.applying import LONG_PAUSE, running
from ecsplan.engine.by_hand import laid_disks, refuse
from ecsplan.engine.disks import read_plan
from ecsplan.engine.operating import run_steps
from ecsplan.model.call import Api
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Kinds
from ecsplan.model.reinit import ReinitPlan, ReinitReport
from ecsplan.model.stack import Stack
from ecsplan.power.reinit import protected, unconsented
from ecsplan.power.results import reinit_report
from ecsplan.provider.alibaba import opened


def put_back(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    patterns: Iterable[str],
    snapshot: str | None,
    options: ApplyOptions,
    approve: Callable[[ReinitPlan], bool],
    events: Callable[[Event], None] | None,
    stop: Stop | None,
) -> ReinitReport | None:
    """See `engine.reinit`."""
    patterns = tuple(patterns)
    with running(stack, stack.name, api, kinds, options, "reinit", events, stop) as run:

        def look() -> ReinitPlan:
            with opened(api, kinds, options.parallelism) as source:
                return read_plan(stack, source, kinds, patterns, snapshot, run.clock.now(), drains=options.drains)

        asked = look()
        refuse(protected(asked, stack))
        shown_at = run.clock.now()
        if not approve(asked):
            return None
        refuse(unconsented(asked, approved=options.approved, allow=options.allow, allow_destroy=options.allow_destroy))
        if run.clock.now() - shown_at > LONG_PAUSE and look().shape != asked.shape:
            refuse([Diagnostic("what is live has moved since it was shown", "run it again")])
        changes, steps = laid_disks(asked, stack, kinds)
        plan, report = run_steps(run, stack, changes, steps)
    return reinit_report(asked, plan, report)
