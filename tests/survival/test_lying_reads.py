"""Reads that lie: nothing is created or deleted on unproven absence; refused or waited out, and then it converges.

Three stacks: one that stands as it should (any write of a thing is wrong), one that is to be changed, and one to be
made. What a truthful plan would make and delete is the most that a run under a lie may make and delete.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.emulator.credentials import DEFAULT
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused
from tests.survival.sizes import FULL, Tally, chosen
from tests.survival.stacks import BIG, CHANGED, KEY, stack_of
from tests.survival.start import applied, live
from tests.survival.world import Run, World

WHOLE = (
    BIG
    + """\
  auto_snapshot_policy:
    nightly: {hours: [3], weekdays: [1, 5], retention_days: 7}
  network_interface:
    second: {vswitch: app, security_groups: [web]}
"""
)
"""All kinds that can lie: two of them have no dry run that would tell denied from empty."""

STANDS, CHANGES, IS_NEW = (WHOLE, WHOLE), (BIG, CHANGED), ("", BIG)
LISTS = {
    "vpc:DescribeVpcs": True,
    "vpc:DescribeVSwitches": True,
    "vpc:DescribeEipAddresses": True,
    "ecs:DescribeSecurityGroups": True,
    "ecs:DescribeInstances": True,
    "ecs:DescribeDisks": True,
    "ecs:DescribeKeyPairs": True,
    "ecs:DescribeNetworkInterfaces": False,
    "ecs:DescribeAutoSnapshotPolicyEx": False,
}
"""The lists, and whether the service offers a proof that an empty one is empty."""
CREATES = ("CreateVpc", "CreateVSwitch", "CreateSecurityGroup", "RunInstances", "CreateDisk", "AllocateEipAddress",
           "ImportKeyPair")  # fmt: skip
KINDS = ("vpc", "vswitch", "securitygroup", "instance", "disk", "eip", "keypair")
LONG = 120.0
READS_UNSEEN = (1, 2, 3, 5, 8, 12)


@dataclass(frozen=True, slots=True)
class Lie:
    """One account, one stack to apply, and what the reads of the run get wrong."""

    name: str
    texts: tuple[str, str]
    deny: tuple[str, ...] = ()
    faults: tuple[tuple[tuple[str, Any], ...], ...] = ()
    destroy: bool = False
    strict: bool = False
    forget: bool = False

    def __str__(self) -> str:
        return self.name


def fault(**spec: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(spec.items()))


@cache
def honest(texts: tuple[str, str], destroy: bool = False) -> tuple[int, frozenset[str]]:
    """How many things a truthful run makes, and which it deletes."""
    with World.of(applied(texts[0]), seed=1) as world:
        before = live(world)
        run = world.apply(stack_of(texts[1]), destroy=destroy)
        assert run.is_complete, str(run)
        after = live(world)
        return len(after - before), frozenset(id_ for _, id_ in before - after)


def problems(lie: Lie) -> list[str]:
    stack = stack_of(lie.texts[1])
    with World.of(applied(lie.texts[0]), seed=1) as world:
        if lie.forget:
            world.forget_journals()
        before = live(world)
        world.faults(*(dict(spec) for spec in lie.faults))
        world.service.credentials.put(replace(DEFAULT, deny=lie.deny))
        options = engine.PlanOptions(destroy=lie.destroy, strict_absence=lie.strict)
        run = world.apply(stack, plan_options=options)
        after = live(world)
        made, gone = honest(lie.texts, lie.destroy)
        if len(after - before) > made:
            world.watch.say(f"made {sorted(after - before)} on the word of a lie: {run}")
        if lost := {id_ for _, id_ in before - after} - gone:
            world.watch.say(f"deleted {sorted(lost)} on the word of a lie: {run}")
        if lie.deny and run.is_complete and not lie.destroy:
            world.watch.say("a denied list was taken for an empty one")
        world.service.credentials.put(DEFAULT)
        world.service.faults.clear()
        world.wait(LONG)
        again = world.apply(stack, destroy=lie.destroy)
        if again.is_complete:
            world.check_settled(stack, lie.destroy)
        else:
            world.watch.say(f"did not converge: {again}, after {run}")
        return world.watch.violations


def sweep_of(tally: Tally, lies: list[Lie], count: int) -> None:
    for lie in chosen(lies, count, seed=len(lies)):
        tally.add(lie, problems(lie))


Sweep = Callable[[str], AbstractContextManager[Tally]]


def test_a_denied_list_is_no_empty_one(sweep: Sweep) -> None:
    """RAM answers a denied list with nothing; each list alone, and together with others."""
    lies = []
    for texts, what in ((STANDS, "stands"), (CHANGES, "changes"), (IS_NEW, "new")):
        for place, (action, is_provable) in enumerate(LISTS.items()):
            if is_provable:
                lies.append(Lie(f"{what}, {action} denied", texts, (action,)))
            elif texts is STANDS:
                lies.append(Lie(f"{what}, {action} denied, strict", texts, (action,), strict=True))
            others = [name for name, provable in LISTS.items() if provable and name != action]
            second = others[place % len(others)]
            lies.append(Lie(f"{what}, {action} and {second} denied", texts, (action, second), strict=True))
        lies.append(Lie(f"{what}, all denied", texts, ("*:Describe*",)))
        lies.append(Lie(f"{what}, all but a few denied", texts, ("ecs:Describe*",)))
    with sweep("lying reads: denied") as tally:
        sweep_of(tally, lies, 14)


@pytest.mark.parametrize("action", [name for name, provable in LISTS.items() if not provable])
def test_what_cannot_be_proven_is_said(action: str) -> None:
    """Without --strict-absence, a list that offers no proof is believed, and the plan says so."""
    with World.of(applied(WHOLE), seed=1) as world:
        world.service.credentials.put(replace(DEFAULT, deny=(action,)))
        plan = world.plan(stack_of(WHOLE))
        assert any("unproven absence" in warning.summary for warning in plan.warnings)
        with pytest.raises(Refused):
            world.plan(stack_of(WHOLE), strict_absence=True)


def test_a_single_empty_answer(sweep: Sweep) -> None:
    """One answer of a list is empty, at the plan or in the middle of a run; the proof is as denied as the list."""
    lies = []
    for texts, what in ((STANDS, "stands"), (CHANGES, "changes"), (IS_NEW, "new")):
        for action, is_provable in LISTS.items():
            for nth in range(1, 9):
                spec = fault(fault="empty_by_permission", action=action, nth=[nth, nth + 1] if nth == 1 else nth)
                if is_provable:
                    lies.append(Lie(f"{what}, answer {nth} of {action} is empty", texts, faults=(spec,)))
    with sweep("lying reads: one empty answer") as tally:
        sweep_of(tally, lies, 18)


MANY = (
    "  vpc:\n"
    + "".join(f"    net{n:02}: {{cidr_block: 10.{n}.0.0/16}}\n" for n in range(8))
    + "  vswitch:\n"
    + "".join(
        f"    s{n:02}: {{vpc: net{n % 8:02}, zone: cn-hangzhou-h, cidr_block: 10.{n % 8}.{n // 8}.0/24}}\n"
        for n in range(57)
    )
    + "  key_pair:\n"
    + "".join(f"    k{n:02}: {{public_key: {KEY}}}\n" for n in range(54))
)
PAGED = ("vpc:DescribeVSwitches", "ecs:DescribeKeyPairs")


def test_a_page_that_shifts_or_is_cut(sweep: Sweep) -> None:
    """Pages by number, of which one skips items, repeats them, or breaks off in the middle."""
    lies = []
    for action in PAGED:
        lies += [
            Lie(f"{action} shifts by {shift}, {'always' if times > 2 else f'{times} times'}", (MANY, MANY),
                faults=(fault(fault="page_shift", action=action, shift=shift, times=times),))
            for shift in (1, 2, 5, -1, -3)
            for times in (1, 2, 3, 4, 99)
        ]  # fmt: skip
        lies += [
            Lie(f"page {nth} of {action} is cut after {size} bytes", (MANY, MANY),
                faults=(fault(fault="cut_body", action=action, nth=nth, n=size),))
            for nth in (1, 2, 3)
            for size in (0, 1, 100, 1000)
        ]  # fmt: skip
    with sweep("lying reads: pages") as tally:
        sweep_of(tally, lies, 10)


def test_tags_that_come_late(sweep: Sweep) -> None:
    """The index of tags lags behind the things: the next run starts while it does."""
    lags = (1, 5, 20, 45) if not FULL else (0.5, 1, 2, 5, 8, 12, 20, 30, 45, 60)
    with sweep("lying reads: tags late") as tally:
        for lag in lags:
            for texts in (IS_NEW, CHANGES):
                for pause in (0.0, 3.0) if not FULL else (0.0, 1.0, 3.0, 10.0, 25.0):
                    tally.add(f"tags {lag} s late, again after {pause:g} s", late_tags(texts, lag, pause))


def late_tags(texts: tuple[str, str], lag: float, pause: float) -> list[str]:
    stack = stack_of(texts[1])
    with World.of(applied(texts[0]), seed=1) as world:
        world.faults({"fault": "tag_index_lag", "action": "*", "seconds": lag})
        first = world.apply(stack)
        world.wait(pause)
        second = world.apply(stack)
        return settled(world, stack, first, second)


def settled(world: World, stack: Any, *runs: Run) -> list[str]:
    """After the lie has ended, a plain run converges."""
    world.service.faults.clear()
    world.wait(LONG)
    last = world.apply(stack)
    if last.is_complete:
        world.check_settled(stack)
    else:
        world.watch.say(f"did not converge: {last}, after {' and '.join(map(str, runs))}")
    return world.watch.violations


def test_new_things_that_cannot_be_seen_yet(sweep: Sweep) -> None:
    """What a create made is not found by the next k reads, in this run and in the next."""
    cases = [
        (texts, action, reads, boundary)
        for texts in (IS_NEW, CHANGES)
        for action in CREATES
        for reads in READS_UNSEEN
        for boundary in (False, True)
        if texts is IS_NEW or action == "RunInstances"
    ]
    with sweep("lying reads: not seen yet") as tally:
        for texts, action, reads, is_lost in chosen(cases, 16, seed=3):
            what = f"{action} unseen for {reads} reads{', its answer lost' if is_lost else ''}"
            tally.add(what, unseen(texts, action, reads, is_lost))


def unseen(texts: tuple[str, str], action: str, reads: int, is_lost: bool) -> list[str]:
    stack = stack_of(texts[1])
    with World.of(applied(texts[0]), seed=1) as world:
        specs: list[Mapping[str, Any]] = [
            {"fault": "not_visible_for", "action": action, "reads": reads, "times": 99, "from": 1}
        ]
        if is_lost:
            specs.append({"fault": "drop_after_commit", "action": action, "nth": 2 if action == "ImportKeyPair" else 1})
        world.faults(*specs)
        first = world.apply(stack)
        second = world.apply(stack)
        return settled(world, stack, first, second)


def test_lists_that_leave_things_out(sweep: Sweep) -> None:
    """A list lacks what a read by id, or by the instance that it hangs on, finds."""
    lies = [
        Lie(f"{what}, {share:.0%} of {kind} left out{', no journal' if forget else ''}", texts,
            faults=(fault(fault="list_vs_get_disagree", kind=kind, share=share, times=99, action="*"),), forget=forget)
        for texts, what in ((STANDS, "stands"), (CHANGES, "changes"))
        for kind in KINDS
        for share in (0.3, 0.6, 1.0)
        for forget in (False, True)
    ]  # fmt: skip
    with sweep("lying reads: lists leave out") as tally:
        sweep_of(tally, lies, 14)
