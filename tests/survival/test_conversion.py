"""An instance's own address becomes an EIP: killed at every boundary of every call, it is the same address in the end.

The call takes no token and no tags, and its answer names nothing: what tells of it is that it is bound.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.survival.sizes import Tally
from tests.survival.stacks import BY_NAME
from tests.survival.test_crash import LEASE, Point, before, points, what
from tests.survival.world import World

SCENARIO = BY_NAME["convert"]


def own_address(world: World) -> str:
    (instance,) = world.service.account.everywhere("instance")
    return str(instance["PublicIp"])


def problems(point: Point, unseen: int) -> list[str]:
    with World.of(before(SCENARIO), seed=1) as world:
        address = own_address(world)
        if unseen:
            world.faults({"fault": "not_visible_for", "reads": unseen, "action": "ConvertNatPublicIpToEip"})
        applied = what(world, SCENARIO, point.mode)
        first = world.apply(applied, death=point.death)
        if not first.died and not first.is_complete:
            return [f"did not die: {first}"]
        if point.mode == "elsewhere":
            world.forget_journals()
            world.wait(LEASE)
        again = world.apply(applied)
        if again.is_complete:
            world.check_settled(SCENARIO.then)
        else:
            world.watch.say(f"the re-run did not converge: {again}")
        found = [
            (eip["IpAddress"], eip["Name"], "ecsplan:eip" in eip.tags)
            for eip in world.service.account.everywhere("eip")
        ]
        if found != [(address, "shop-web", True)]:
            world.watch.say(f"not the one EIP that keeps {address}: {found}")
        return world.watch.violations


def test_killed_anywhere_it_is_one_eip_with_the_same_address(
    sweep: Callable[[str], AbstractContextManager[Tally]],
) -> None:
    with sweep("a converted address, killed") as tally:
        for number, point in enumerate(points(SCENARIO)):
            tally.add(point, problems(point, unseen=number % 3 if point.mode != "elsewhere" else 0))
