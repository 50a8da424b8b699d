"""A machine behind a balancer is killed over at every call of a window: the next run puts its weight back.

Whatever becomes of a call between drain and undrain, one plain re-run leaves the machine on and with all its requests,
and no request was ever sent to a machine that was off.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache

import pytest

from ecsplan.emulator import balancing
from ecsplan.emulator.account import Account
from tests.survival.invariants import READS
from tests.survival.sizes import Tally, chosen
from tests.survival.stacks import NETWORK, ONE_GROUP, machine, stack_of
from tests.survival.world import Actor, Boundary, Death, Saved, World

CASES = 6
WEIGHT = 70
GROUP = "rsp-drained"
Sweep = Callable[[str], AbstractContextManager[Tally]]


SERVES = f"balancers: {{clb: [{{group: {GROUP}, port: 80, weight: {WEIGHT}}}]}}"


def itself(type_: str) -> str:
    return NETWORK + ONE_GROUP + f"  instance:\n    web: {machine(type_, more=SERVES)}\n"


def by_an_interface(type_: str) -> str:
    front = f"{{vswitch: app, security_groups: [web], instance: web, {SERVES}}}"
    return NETWORK + ONE_GROUP + f"  instance:\n    web: {machine(type_)}\n  network_interface:\n    front: {front}\n"


Text = Callable[[str], str]
SMALL, LARGE = "ecs.g7.large", "ecs.g7.xlarge"


@cache
def before(text: Text) -> Saved:
    with World(seed=1) as world:
        account: Account = world.service.account
        balancer = balancing.make(account, {"product": "clb", "name": "front"}, world.clock.now())["id"]
        data = {"LoadBalancerId": balancer, "Name": "web", "Members": [], "CreatedAt": world.clock.now()}
        account.add("vservergroup", "cn-hangzhou", GROUP, data)
        run = world.apply(stack_of(text(SMALL)))
        assert run.is_complete, str(run)
        return world.save()


def weights(world: World) -> list[int]:
    return [int(member["Weight"]) for member in world.service.account.get("vservergroup", GROUP)["Members"]]


@cache
def writes(text: Text) -> tuple[int, ...]:
    with World.of(before(text), seed=1) as world:
        run = world.apply(stack_of(text(LARGE)))
        assert run.is_complete and weights(world) == [WEIGHT], str(run)
        return tuple(at for at, action in enumerate(run.actions, 1) if not action.startswith(READS))


def never_to_one_that_is_off(world: World) -> Callable[[Actor, int, str], None]:
    def look(actor: Actor, number: int, action: str) -> None:
        (instance,) = world.service.account.everywhere("instance")
        if instance.status in ("Stopping", "Stopped") and any(weights(world)):
            world.watch.say(f"{instance.id} is {instance.status} and gets requests before {action}")

    return look


def after_a_kill(text: Text, at: int, boundary: Boundary) -> list[str]:
    stack = stack_of(text(LARGE))
    with World.of(before(text), seed=1) as world:
        look = never_to_one_that_is_off(world)
        world.apply(stack, death=Death(at, boundary), on_call=look)
        again = world.apply(stack, on_call=look)
        if not again.is_complete or weights(world) != [WEIGHT]:
            world.watch.say(f"weights {weights(world)} after the re-run: {again}")
        world.wait(60)
        world.service.lifecycle.advance(world.clock.now())
        (instance,) = world.service.account.everywhere("instance")
        if instance.status != "Running":
            world.watch.say(f"{instance.id} is {instance.status} after the re-run")
        world.check_settled(stack)
        return world.watch.violations


def kills(text: Text) -> Iterator[tuple[int, Boundary]]:
    for at in writes(text):
        for boundary in Boundary:
            yield at, boundary


@pytest.mark.parametrize("text", [itself, by_an_interface])
def test_a_kill_never_leaves_a_machine_without_requests(sweep: Sweep, text: Text) -> None:
    with sweep(f"drains, {text.__name__}, killed") as tally:
        for at, boundary in chosen(list(kills(text)), CASES):
            tally.add(f"killed at call {at}, {boundary.value}", after_a_kill(text, at, boundary))
