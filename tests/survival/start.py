"""Accounts to begin from: a stack that was applied in peace, kept, and unpacked again for each case."""

from functools import cache

from tests.survival.stacks import stack_of
from tests.survival.world import Saved, World

SEED = 1


@cache
def applied(text: str) -> Saved:
    """The account in which the stack of this text stands; an empty account for an empty text."""
    with World(seed=SEED) as world:
        if text:
            run = world.apply(stack_of(text))
            assert run.is_complete, str(run)
            world.check_settled(stack_of(text))
            assert not world.watch.violations, world.watch.violations
        return world.save()


def live(world: World) -> set[tuple[str, str]]:
    """Kind and id of everything in the account, the lock aside."""
    things = world.service.account.all()
    return {(thing.kind, thing.id) for thing in things if "ecsplan-lock" not in thing.id}
