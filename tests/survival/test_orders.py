"""Whatever is replaced, alone or with what it is linked to, in whatever order, can be ordered.

Or the plan says which attribute forbids it, and what to write instead; steps that wait for each other reach no user.
"""

import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache

import pytest

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan
from tests.survival.replacing import WAYS, Way, before, links, renamed, whole
from tests.survival.sizes import Tally, chosen
from tests.survival.world import Saved, World

PLANS = 120  # of every test run


def order_problems(world: World, way: Way) -> list[str]:
    """What is wrong with how the plan of the new file is ordered, or with why it is not."""
    plan = world.plan(way.after, replaces=way.replaces)
    return _unexplained(plan) + ([] if plan.steps else ["nothing is replaced"])


def _unexplained(plan: Plan) -> list[str]:
    """The reasons of blocked changes that name no attribute, or do not say what to write instead."""
    reasons = [reason for change in plan.changes for reason in change.blocked]
    return [reason for reason in reasons if "no order of its steps" in reason or not {";", ":"} & set(reason)]


def plan_problems(way: Way) -> list[str]:
    with World.of(before(way), seed=1) as world:
        try:
            return order_problems(world, way)
        except (Rejected, Refused) as error:
            return [str(error)]


@pytest.mark.parametrize("holder", sorted({str(holder) for holder, _ in links()}))
def test_whatever_is_replaced_can_be_ordered_or_the_plan_says_what_forbids_it(
    holder: str, sweep: Callable[[str], AbstractContextManager[Tally]]
) -> None:
    mine = [way for way in WAYS if way.name.startswith(f"{holder} on ")]
    with sweep("orders of replacements") as tally:
        for way in chosen(mine, PLANS * len(mine) // len(WAYS) + 1, seed=zlib.crc32(holder.encode())):
            tally.add(way, plan_problems(way))


@cache
def everything() -> Saved:
    with World(seed=1) as world:
        run = world.apply(whole())
        assert run.is_complete, str(run)
        return world.save()


def rename_problems(old: Address) -> list[str]:
    with World.of(everything(), seed=1) as world:
        plan = world.plan(renamed(whole(), old))
    wrong = _unexplained(plan)
    if not any(warning.summary.startswith(f"looks like {old}") for warning in plan.warnings):
        wrong.append("the move is not proposed")
    return wrong


def test_a_rename_without_moved_is_proposed_and_never_a_circle(
    sweep: Callable[[str], AbstractContextManager[Tally]],
) -> None:
    """Every kind, with all that refers to it."""
    with sweep("renames without moved") as tally:
        for old in sorted({resource.address.group for resource in whole().resources}):
            tally.add(old, rename_problems(old))
