"""Two appliers of one stack in random interleavings: one wins, the other stops clearly or finds nothing to do.

A seed decides what stands there, what each of them wants, whether they wait for the lock, whether they share the folder
of journals, who starts when, who runs on, and whether one is killed while it holds the lock.
"""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ecsplan import engine
from ecsplan.model.diagnostic import Refused
from tests.survival.invariants import READS
from tests.survival.sizes import FULL, Tally
from tests.survival.stacks import FIRST, group, stack_of
from tests.survival.stage import Part, Stage
from tests.survival.start import applied
from tests.survival.world import Boundary, Death, World

SEEDS = 5000 if FULL else 60
BLOCK = 500 if FULL else 30
LOCK_ACTIONS = ("ImportKeyPair", "DeleteKeyPairs", "TagResources")
LEASE = 700.0
CASES_OF_TWO = (
    ("", (FIRST, FIRST.replace("ports: 443", "ports: 444"))),
    (FIRST, (FIRST.replace("ports: 443", "ports: 444"), FIRST.replace("ports: 443", "ports: 445"), FIRST)),
    (group(3), (group(5), group(2), group(3))),
)
"""What stands there, and what the two may want."""

Sweep = Callable[[str], AbstractContextManager[Tally]]


def problems(seed: int) -> list[str]:
    chance = random.Random(seed)
    before, wants = chance.choice(CASES_OF_TWO)
    with World.of(applied(before), seed=1) as world:
        stage = Stage(world, seed, chance.choice((0.0, 0.5, 0.9, 0.98)))
        wanted = [stack_of(chance.choice(wants)) for _ in range(2)]
        timeout = chance.choice((0.0, 0.0, 900.0))
        dies = chance.choice((None, None, Death(chance.randint(1, 30), chance.choice(list(Boundary)))))
        is_shared = chance.random() < 0.5
        later = chance.choice((0.0, 0.0, 1.0, 5.0))
        from_plan = chance.random() < 0.3
        planned = engine.load_plan(engine.save_plan(world.plan(wanted[1])))
        for place, stack in enumerate(wanted):
            state = world.state_dir if place == 0 or is_shared else world.folder / "other"
            options = engine.ApplyOptions(
                approved=True,
                allow_destroy=1000,
                parallelism=4,
                environ={},
                state_dir=str(state),
                lock_timeout=max(timeout, LEASE + 200 if dies and place else 0.0),
            )
            what = planned if from_plan and place else stack
            death = dies if place == 0 else None
            stage.add(
                lambda what=what, options=options, death=death: world.apply(what, options=options, death=death),
                place * later,
            )
        stage.play()
        judge(world, *stage.parts, timeout=timeout, died=dies is not None)
        done = [(part.ended, place) for place, part in enumerate(stage.parts) if part.run and part.run.is_complete]
        last = wanted[max(done)[1]] if done else wanted[0]
        # A dead one may have written last; and what a saved plan does not touch may be as it likes.
        if not done or from_plan or any(part.run and part.run.died for part in stage.parts):
            world.wait(LEASE)
            again = world.apply(last)
            if not again.is_complete:
                world.watch.say(f"did not converge: {again}")
        world.check_settled(last)
        if any("ecsplan-lock" in thing.id for thing in world.service.account.everywhere("keypair")):
            world.watch.say("a lock was left behind")
        return world.watch.violations


def judge(world: World, *parts: Part, timeout: float, died: bool) -> None:
    """At least one is complete; whoever is not was refused, with a message that says who holds it or what moved."""
    runs = [part.run for part in parts if part.run is not None]
    if not died and not any(run.is_complete for run in runs):
        world.watch.say(f"neither was done: {' / '.join(map(str, runs))}")
    for run in runs:
        if run.is_complete or run.died:
            continue
        text = str(run)
        if not isinstance(run.error, Refused) or not ("locked by" in text or "moved" in text or "changed" in text):
            world.watch.say(f"stopped without a clear message: {text}")
        written = [action for action in run.actions if not action.startswith(READS) and action not in LOCK_ACTIONS]
        if written:
            world.watch.say(f"was refused, and sent {', '.join(written)}")
        if timeout and "locked by" in text:
            world.watch.say(f"did not wait for the lock: {text}")


@pytest.mark.parametrize("start", range(0, SEEDS, BLOCK))
def test_two_at_once(start: int, sweep: Sweep) -> None:
    with sweep("two appliers") as tally:
        for seed in range(start, start + BLOCK):
            tally.add(f"seed {seed}", problems(seed), seed)


def test_the_same_seed_is_the_same_play() -> None:
    """Or a seed that fails could not be looked at."""

    def played() -> list[tuple[str, ...]]:
        with World.of(applied(CASES_OF_TWO[0][0]), seed=1) as world:
            stage = Stage(world, 4, 0.5)
            for _ in range(2):
                stage.add(lambda: world.apply(stack_of(CASES_OF_TWO[0][1][0])))
            stage.play()
            return [part.run.actions for part in stage.parts if part.run]

    assert played() == played()


@pytest.mark.parametrize("at", range(1, 31))
def test_who_was_cut_off_comes_back_after_somebody_else_has_gone_on(at: int) -> None:
    """What he was about to make is there by now, made under another token: his journal must not make it again."""
    stack = stack_of(FIRST)
    with World.of(applied(""), seed=1) as world:
        assert world.apply(stack, death=Death(at, Boundary.BEFORE)).died
        world.wait(LEASE)
        elsewhere = engine.ApplyOptions(
            approved=True, allow_destroy=1000, parallelism=4, environ={}, state_dir=str(world.folder / "other")
        )
        assert world.apply(stack, options=elsewhere).is_complete
        assert world.apply(stack).is_complete
        world.check_settled(stack)
        assert not world.watch.violations
