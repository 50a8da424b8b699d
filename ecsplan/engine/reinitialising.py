"""Puts disks back: lock, look, ask, then steps that stop, ReInitDisk or ResetDisk, and start. See `engine.reinit`.

A machine that ran carries the mark `ecsplan:restart` from before its stop until it runs again: wherever a run is cut
off, the next apply or reinit starts it. A run that was cut off is not gone on with: the next reinit asks anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ecsplan.engine import ApplyOptions, Event, Stop
from ecsplan.engine.applying import LONG_PAUSE, running
from ecsplan.engine.disks import read_plan
from ecsplan.engine.operating import run_steps
from ecsplan.kinds import _reinit
from ecsplan.model.call import Api, Call
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.kind import Kinds
from ecsplan.model.reinit import SYSTEM_DISK, Disk, ReinitPlan, ReinitReport
from ecsplan.model.stack import Stack
from ecsplan.plan.operations import reinit_steps
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
                return read_plan(stack, source, kinds, patterns, snapshot, run.clock.now())

        asked = look()
        _refuse(protected(asked, stack))
        shown_at = run.clock.now()
        if not approve(asked):
            return None
        _refuse(unconsented(asked, approved=options.approved, allow=options.allow, allow_destroy=options.allow_destroy))
        if run.clock.now() - shown_at > LONG_PAUSE and look().shape != asked.shape:
            _refuse([Diagnostic("what is live has moved since it was shown", "run it again")])
        changes, steps = reinit_steps(asked, kinds, stack.by_address(), _calls(asked, stack))
        plan, report = run_steps(run, stack, changes, steps)
    return reinit_report(asked, plan, report)


def _refuse(found: Sequence[Diagnostic]) -> None:
    if found:
        raise Refused(found)


def _calls(plan: ReinitPlan, stack: Stack) -> Mapping[str, Sequence[Call]]:
    """What puts each disk back, by id."""
    return {disk.id: _reinit.put_back(disk, plan.snapshot, _login(disk, plan, stack)) for disk in plan.disks}


def _login(disk: Disk, plan: ReinitPlan, stack: Stack) -> Mapping[str, object]:
    """How one logs in on a system disk that starts from its image again."""
    if disk.part != SYSTEM_DISK or plan.snapshot is not None:
        return {}
    declared = stack.by_address().get(disk.address)
    return _reinit.login(plan.machines.get(disk.machine), declared.attributes if declared else {})
