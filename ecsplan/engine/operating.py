"""Operations by hand as ordinary plans: lock, read, ask, then the steps run as in any apply. See `engine.power`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ecsplan.engine import ApplyOptions, Event, Stop
from ecsplan.engine.applying import Run, carry_out, running
from ecsplan.engine.versions import own_version
from ecsplan.inventory.match import match
from ecsplan.inventory.read import read_lists
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Change
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import Plan, Report, Step
from ecsplan.model.power import Order, PowerPlan, PowerReport
from ecsplan.model.resource import RemoteObject
from ecsplan.model.stack import Stack
from ecsplan.plan.operations import power_steps
from ecsplan.plan.planfile import digest_of
from ecsplan.power.choose import chosen, laid_out
from ecsplan.power.results import power_report
from ecsplan.provider.alibaba import account_of, opened
from ecsplan.provider.protocol import Provider


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
        with opened(api, kinds, options.parallelism) as source:
            owned = owned_of(stack, source, kinds, kind)
        asked = laid_out(order, stack, chosen(patterns, owned), power.target(order.verb))
        if not approve(asked):
            return None
        changes, steps = power_steps(asked, kinds, stack.by_address())
        plan, report = run_steps(run, stack, changes, steps)
        live = _statuses(api, kinds, kind, asked) if not report.is_complete else {}
    return power_report(asked, power.target(order.verb), plan, report, live)


def machines_of(kinds: Kinds) -> tuple[Kind, Power]:
    """The kind that can be stopped and started."""
    return next((kind, power) for kind in kinds.values() if (power := kind.capability(Power)) is not None)


def run_steps(run: Run, stack: Stack, changes: tuple[Change, ...], steps: tuple[Step, ...]) -> tuple[Plan, Report]:
    """Carries out steps that are made of no difference between file and cloud, with all that an apply has."""
    plan = Plan(stack.name, stack.region, account_of(run.api), changes, steps, definition=stack)
    plan = replace(plan, ecsplan_version=own_version())
    plan = replace(plan, digest=digest_of(plan))
    return plan, carry_out(run, plan)


def owned_of(stack: Stack, source: Provider, kinds: Kinds, kind: Kind) -> dict[Address, RemoteObject]:
    """What the stack has of a kind; only its list is read. Copies and unknown members are left alone."""
    bare = replace(kind, listing=replace(kind.listing, details=()))
    machines = replace(stack, resources=tuple(r for r in stack.resources if r.address.kind == kind.name))
    found = match(read_lists(source, [bare], source.reading.map), kinds, machines)
    unowned = [address for address, obj in found.matched.items() if obj.owner is None]
    everything = (*found.orphans, *found.matched.items())
    return {address: obj for address, obj in everything if address not in unowned and obj.kind == kind.name}


def _statuses(api: Api, kinds: Kinds, kind: Kind, asked: PowerPlan) -> Mapping[str, str]:
    """Where the machines are in the end; nothing of those that cannot be read."""
    with opened(api, kinds) as source:
        found = source.wait(kind.name, [obj.id for obj in asked.machines.values()]).found
    return {one: str(raw.get(kind.listing.status) or "") for one, raw in found.items()}
