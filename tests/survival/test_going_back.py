"""The way back: from one file to another, broken off anywhere, and back to the first.

Whatever was replaced, alone or with what it is linked to, and in whatever order: each call of it is refused for good,
interrupted by Ctrl-C, or the last thing before a kill. The first file is then planned and applied again. That can be
ordered, nothing that was there from the beginning and still lives is lost, and nothing is left to do afterwards. Only
what is made of something that is gone may be made again with it.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from unittest import mock

import pytest

from ecsplan.cli.stop import Stop
from ecsplan.model.address import Address
from ecsplan.model.composites import refs_in
from ecsplan.model.diagnostic import Refused, Rejected
from tests.survival.invariants import READS, is_lock, owned_address
from tests.survival.replacing import WAYS, Way, before
from tests.survival.sizes import Tally, chosen
from tests.survival.world import Actor, Boundary, Death, World

WAYS_TRIED, CASES = 8, 2  # of the ways, and of the calls of each, in every test run
BROKEN_OFF = ("refused", "refused from then on", "interrupted", "killed before", "killed after")
DEATHS = {"killed before": Boundary.BEFORE, "killed after": Boundary.COMMITTED}
TO_ANOTHER_VALUE = [way for way in WAYS if not way.replaces]
SETTLED = 120.0  # seconds after which whatever was on its way has come to its end


@dataclass(frozen=True, slots=True)
class Break:
    """Where and how the way there is broken off. `time` is how often the action was called before."""

    way: Way
    at: int
    action: str
    time: int
    how: str

    def __str__(self) -> str:
        return f"[{self.way}] {self.action} {self.time} (call {self.at}) {self.how}, then back"


@cache
def breaks(way: Way) -> tuple[Break, ...]:
    with World.of(before(way), seed=1) as world:
        run = world.apply(way.after)
    actions = run.actions
    writes = [(at, action) for at, action in enumerate(actions, 1) if not action.startswith(READS)]
    return tuple(
        Break(way, at, action, actions[: at - 1].count(action), how) for at, action in writes for how in BROKEN_OFF
    )


def broken_off(world: World, case: Break) -> None:
    fault = {"fault": "error", "code": "OperationDenied", "status": 403, "action": case.action}
    if case.how == "refused":
        world.faults({**fault, "nth": case.time + 1})
    elif case.how == "refused from then on":
        world.faults({**fault, "from": case.time + 1, "probability": 1.0})
    stop = Stop()

    def look(actor: Actor, number: int, action: str) -> None:
        if case.how == "interrupted" and number == case.at:
            stop.writing = True
            stop.interrupt(2, None)

    death = Death(case.at, DEATHS[case.how], late=None) if case.how in DEATHS else None
    with mock.patch("ecsplan.cli.stop.say"):
        world.apply(case.way.after, stop=stop, on_call=look, death=death)
    world.service.faults.clear()
    world.wait(SETTLED)
    world.service.lifecycle.advance(world.clock.now())


def owned(world: World) -> dict[tuple[str, str], Address]:
    """What belongs to an address of the stack."""
    found = {(t.kind, t.id): owned_address(t) for t in world.service.account.all() if not is_lock(t)}
    return {key: address for key, address in found.items() if address is not None}


def made_of(way: Way) -> dict[Address, set[Address]]:
    """What each group is made of, by whatever way."""
    found: dict[Address, set[Address]] = {}
    for resource in way.before.resources:
        refs = {ref.address.group for value in resource.attributes.values() for ref in refs_in(value)}
        found.setdefault(resource.address.group, set()).update(refs)
    for _ in found:
        for refs in found.values():
            refs.update(*(found[address] for address in list(refs)))
    return found


def after_going_back(case: Break) -> list[str]:
    with World.of(before(case.way), seed=1) as world:
        originals = owned(world)
        broken_off(world, case)
        alive = owned(world).keys() & originals.keys()
        gone = {originals[key].group for key in originals.keys() - alive}
        try:
            plan = world.plan(case.way.before)
        except (Rejected, Refused) as error:
            return [*world.watch.violations, f"the way back has no plan: {error}"]
        blocked = [f"{change.address} is blocked: {change.blocked[0]}" for change in plan.changes if change.blocked]
        run = world.apply(case.way.before)
        if not run.is_complete:
            return [*world.watch.violations, *blocked, f"the way back broke off: {run}"]
        world.check_settled(case.way.before)
        lost = _lost(case.way, originals, alive - owned(world).keys(), gone)
        return [*world.watch.violations, *blocked, *lost]


def _lost(
    way: Way, originals: Mapping[tuple[str, str], Address], keys: set[tuple[str, str]], gone: set[Address]
) -> Iterator[str]:
    made = made_of(way)
    for key in sorted(keys):
        group = originals[key].group
        if group not in gone and not made.get(group, set()) & gone:
            yield f"{' '.join(key)} of {originals[key]} lived, and was lost on the way back"


@pytest.mark.parametrize("how", BROKEN_OFF)
def test_the_way_back_loses_nothing_that_lives(how: str, sweep: Callable[[str], AbstractContextManager[Tally]]) -> None:
    with sweep("ways back") as tally:
        for way in chosen(TO_ANOTHER_VALUE, WAYS_TRIED, seed=zlib.crc32(how.encode())):
            for case in chosen([one for one in breaks(way) if one.how == how], CASES, seed=len(way.name)):
                tally.add(case, after_going_back(case))
