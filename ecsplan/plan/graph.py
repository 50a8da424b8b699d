"""From changes to the drafts of all steps: chained, connected, rolled out in waves, and merged. Pure."""

from collections.abc import Collection, Mapping, Sequence

from ecsplan.model.address import Address
from ecsplan.model.change import Change
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Resource
from ecsplan.plan.batch import merge
from ecsplan.plan.drafts import Draft
from ecsplan.plan.order import connect
from ecsplan.plan.rollout import roll
from ecsplan.plan.shielding import wait_until_shut
from ecsplan.plan.steps import make_steps
from ecsplan.plan.unplugging import stop_before_disks_leave


def drafts_of(
    changes: Sequence[Change],
    kinds: Kinds,
    declared: Mapping[Address, Resource],
    region: str,
    singled_out: Collection[Address],
) -> list[Draft]:
    """In an order that keeps every edge. `singled_out` are members that are made one by one."""
    work = make_steps(changes, kinds, declared, region)
    connect(work, changes)
    wait_until_shut(work, changes)
    stop_before_disks_leave(work, changes)
    roll(work, changes)
    return merge(work.drafts, kinds, singled_out)
