"""Batches that do a part of what was asked: said so, and made whole by the next run, never by one too many."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

from ecsplan.emulator.lifecycle import EFFECTS
from ecsplan.emulator.wire import HttpRequest, HttpResponse
from tests.survival.invariants import is_lock
from tests.survival.sizes import Tally
from tests.survival.stacks import DATA, group, stack_of
from tests.survival.world import World

Sweep = Callable[[str], AbstractContextManager[Tally]]


def fewer(world: World, made: int) -> None:
    """The first RunInstances makes only so many, and says so by the ids that it answers."""
    real, done = world.handle, []

    def handle(stack: str, wire: HttpRequest) -> HttpResponse:
        answer = real(stack, wire)
        if wire.headers["x-acs-action"] != "RunInstances" or done:
            return answer
        done.append(True)
        body = json.loads(answer.body)
        ids = body["InstanceIdSets"]["InstanceIdSet"]
        account, lifecycle = world.service.account, world.service.lifecycle
        for id_ in ids[made:]:
            thing = account.get("instance", id_)
            assert thing is not None
            EFFECTS["instance_released"](lifecycle, thing, world.clock.now())
            for disk in account.where("disk", "InstanceId", id_):
                account.remove(disk)
        for disk in [d for d in account.everywhere("disk") if not d.get("InstanceId")]:
            account.remove(disk)
        body["InstanceIdSets"]["InstanceIdSet"] = ids[:made]
        world.service.tokens.forget()
        return HttpResponse(answer.status, answer.headers, json.dumps(body).encode())

    world.handle = handle  # type: ignore[method-assign]


def test_partial_batches_are_reported_and_converge(sweep: Sweep) -> None:
    """RunInstances that makes fewer than asked says so, and the next run makes the rest: never one too many."""
    with sweep("partial batches") as tally:
        for size in (2, 3, 5, 8, 12):
            for made in range(size):
                for more in ("", DATA):
                    with World(seed=size) as world:
                        fewer(world, made)
                        stack = stack_of(group(size, more=more))
                        first = world.apply(stack)
                        problems = ["fewer were made, and nobody was told"] if first.is_complete else []
                        again = world.apply(stack)
                        problems += [] if again.is_complete else [f"did not converge: {again}"]
                        world.check_settled(stack)
                        count = sum(1 for _ in world.service.account.everywhere("instance"))
                        problems += [f"{count} machines instead of {size}"] if count != size else []
                        problems += ["a lock is left"] if any(map(is_lock, world.service.account.all())) else []
                        case = f"{made} of {size}" + (" with disks" if more else "")
                        tally.add(case, [*problems, *world.watch.violations])
