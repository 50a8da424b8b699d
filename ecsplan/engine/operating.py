"""Operations by hand as ordinary plans: lock, read, ask, then the steps run as in any apply. See `engine.power`."""

from collections.abc import Callable, Iterable, Mapping

from ecsplan.engine import ApplyOptions, Event, Stop
from ecsplan.engine.applying import Run, carry_out, running
from ecsplan.engine.by_hand import laid_power, machines_of, plan_of
from ecsplan.model.call import Api
from ecsplan.model.change import Change
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import Plan, Report, Step
from ecsplan.model.power import Order, PowerPlan, PowerReport
from ecsplan.model.stack import Stack
from ecsplan.power.results import power_report
from ecsplan.provider.alibaba import opened


def operate(
    stack: Stack,
    api: Api,
    kinds: Kinds,
    order: Order,
    patterns: Iterable[str],
    options: ApplyOptions,
    approve: Callable[[PowerPlan], bool],
    events: Callable[[Event], None] | None,
    stop: Stop | None,
) -> PowerReport | None:
    """See `engine.power`."""
    kind, power = machines_of(kinds)
    with running(stack, stack.name, api, kinds, options, order.verb.value, events, stop) as run:
        asked, changes, steps = laid_power(stack, api, kinds, order, patterns, options)
        if not approve(asked):
            return None
        plan, report = run_steps(run, stack, changes, steps)
        live = _statuses(api, kinds, kind, asked) if not report.is_complete else {}
    return power_report(asked, power.target(order.verb), plan, report, live)


def run_steps(run: Run, stack: Stack, changes: tuple[Change, ...], steps: tuple[Step, ...]) -> tuple[Plan, Report]:
    """Carries out steps that are made of no difference between file and cloud, with all that an apply has."""
    plan = plan_of(run.api, stack, changes, steps)
    return plan, carry_out(run, plan)


def _statuses(api: Api, kinds: Kinds, kind: Kind, asked: PowerPlan) -> Mapping[str, str]:
    """Where the machines are in the end; nothing of those that cannot be read."""
    with opened(api, kinds) as source:
        found = source.wait(kind.name, [obj.id for obj in asked.machines.values()]).found
    return {one: str(raw.get(kind.listing.status) or "") for one, raw in found.items()}
