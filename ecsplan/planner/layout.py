"""From changes to the steps of a plan: chained, connected, rolled out in waves, freed of cycles, and merged. Pure."""

from collections.abc import Collection, Mapping, Sequence

from ecsplan.model.address import Address
from ecsplan.model.change import Change
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Step
from ecsplan.model.resource import Resource
from ecsplan.planner.batch import merge
from ecsplan.planner.knots import Reasons, untie
from ecsplan.planner.order import connect, wait_for_heirs
from ecsplan.planner.rollout import roll
from ecsplan.planner.safety import take_snapshots
from ecsplan.planner.steps import make_steps
from ecsplan.planner.unplugging import stop_before_disks_leave
from ecsplan.planner.within import wait_for_machines


def lay_out(
    changes: Sequence[Change],
    kinds: Kinds,
    declared: Mapping[Address, Resource],
    region: str,
    referred: Collection[Address],
    heirs: Mapping[Address, Address] | None = None,
) -> tuple[tuple[Step, ...], Reasons]:
    """The steps, in an order that keeps every edge, and why which changes must not be applied: no order would do.

    `referred` are members that something names by their numbers; `heirs` says of what goes what comes in its place.
    """
    work = make_steps(changes, kinds, declared, region)
    take_snapshots(work, changes)
    connect(work, changes)
    wait_for_heirs(work, heirs or {})
    stop_before_disks_leave(work, changes)
    roll(work, changes)
    wait_for_machines(work, changes)
    reasons = untie(work, changes)
    work.graph.settle()
    merged, graph = merge(work.drafts, work.graph, kinds, referred)
    return tuple(draft.frozen(graph.reasons(draft.id)) for draft in merged), reasons
