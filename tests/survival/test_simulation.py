"""Seeded simulation: random stacks, edits, outside edits and faults in virtual time; a failing seed replays.

    ECSPLAN_SEEDS=17,4711 pytest tests/survival/test_simulation.py      these seeds alone

Each seed is a life of one stack: it is made, edited, touched by others, and some are destroyed at the end, while up to
30 % of the calls go wrong and now and then the process is killed. After each apply the invariants hold; once the faults
stop, one plain re-run ends in an empty plan.
"""

import os
import random
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest

from ecsplan import engine
from ecsplan.api.client import Client
from ecsplan.model.call import ApiError, Product, Request
from ecsplan.model.power import Order, Verb
from ecsplan.model.stack import Stack
from tests.survival.estate import Estate
from tests.survival.inline import simulated
from tests.survival.lagging import LaggingEstate, account
from tests.survival.sizes import FULL, Tally
from tests.survival.stacks import stack_of
from tests.survival.world import Actor, Boundary, Death, Run, World

SEEDS = 10_000 if FULL else 64
BLOCK = 500 if FULL else 16
LAG_SEEDS, LAG_BLOCK = SEEDS // 8, BLOCK
GIVEN = [int(text) for text in os.environ.get("ECSPLAN_SEEDS", "").split(",") if text]
RATES = (0.0, 0.05, 0.1, 0.2, 0.3)
FAULTS: tuple[Mapping[str, Any], ...] = (
    {"fault": "error", "code": "ServiceUnavailable", "status": 503},
    {"fault": "error", "code": "InternalError", "status": 500},
    {"fault": "error", "code": "InternalError", "status": 500, "commit": True},
    {"fault": "error", "code": "Throttling.User", "status": 400},
    {"fault": "drop_before_commit"},
    {"fault": "drop_after_commit"},
    {"fault": "cut_body"},
    {"fault": "html_200"},
    {"fault": "status_5xx_without_envelope", "status": 502},
    {"fault": "token_processing"},
    {"fault": "delay", "ms": 3000},
    {"fault": "nonce_replay"},
    {"fault": "not_visible_for", "reads": 2},
)
ROUNDS = 4
DAY = 86_400.0
ADVICE = "start what is off (ecsplan start)"

Sweep = Callable[[str], AbstractContextManager[Tally]]


def faulty(world: World, chance: random.Random) -> str:
    """A share of the calls goes wrong, in some of the ways."""
    rate = chance.choice(RATES)
    ways = chance.sample(FAULTS, chance.randint(1, len(FAULTS)))
    if rate:
        world.faults(*({**way, "probability": rate / len(ways)} for way in ways))
    if chance.random() < 0.3:
        world.faults({"fault": "dependency_lag", "seconds": chance.choice((1, 5, 20))})
    return f"{rate:.0%} faulty"


def meddle(world: World, chance: random.Random) -> str:
    """Somebody else changes or deletes something of the stack, as the API lets them."""
    actor = Actor(world, "somebody else")
    client = world.client(actor)
    account = world.service.account

    def one(kind: str, *statuses: str) -> str | None:
        ids = sorted(t.id for t in account.everywhere(kind) if t.tags and (not statuses or t.status in statuses))
        return chance.choice(ids) if ids else None

    deeds: dict[str, tuple[str | None, Callable[[str], Request]]] = {
        "a disk deleted": (one("disk", "Available"), lambda i: Request("DeleteDisk", {"DiskId": i}, write=True)),
        "an address released": (
            one("eip", "Available"),
            lambda i: Request("ReleaseEipAddress", {"AllocationId": i}, Product.VPC, write=True),
        ),
        "an address changed": (
            one("eip"),
            lambda i: Request("ModifyEipAddressAttribute", {"AllocationId": i, "Bandwidth": "77"}, Product.VPC),
        ),
        "a machine deleted": (
            one("instance"),
            lambda i: Request("DeleteInstance", {"InstanceId": i, "Force": True}, write=True),
        ),
        "a machine stopped": (one("instance", "Running"), lambda i: Request("StopInstance", {"InstanceId": i})),
        "a rule added": (
            one("securitygroup"),
            lambda i: Request(
                "AuthorizeSecurityGroup",
                {"SecurityGroupId": i, "IpProtocol": "tcp", "PortRange": "23/23", "SourceCidrIp": "0.0.0.0/0"},
            ),
        ),
        "a tag set": (
            one("vpc"),
            lambda i: Request(
                "TagResources",
                {"ResourceType": "VPC", "ResourceId": [i], "Tag": [{"Key": "team", "Value": "theirs"}]},
                Product.VPC,
            ),
        ),
    }
    name = chance.choice(sorted(deeds))
    target, request = deeds[name]
    if target is None:
        return "nobody else"
    with mock.patch.object(world, "handle", lambda stack, wire: world.service.handle(wire)):
        try:
            client.send(request(target))
        except ApiError as error:
            return f"{name}: {error.code}"
    # A machine that is on its way out is still in the lists, and looks like one that stops.
    world.wait(20.0 if "machine" in name else chance.choice((0.0, 1.0, 20.0)))
    return name


def problems(seed: int, *, lags: bool = False) -> list[str]:
    """With `lags` every field that may be shown late is, and the stack changes those fields too."""
    chance = random.Random(seed)
    estate = LaggingEstate(seed) if lags else Estate(seed)
    story: list[str] = []
    with World(seed=seed, options={"settings": account(seed)} if lags else {}) as world:
        for number in range(chance.randint(1, ROUNDS)):
            if number == 0:
                estate.begin()
                story.append(f"{estate.size} resources")
            else:
                story.append(estate.edit())
                if chance.random() < 0.5:
                    story.append(meddle(world, chance))
            stack = stack_of(estate.text(), more=estate.head())
            story.append(faulty(world, chance))
            converge(world, chance, stack, story)
            if world.watch.violations:
                break
            world.wait(chance.choice((0.0, 5.0, DAY)))
        if not world.watch.violations and chance.random() < 0.3 and not lags:
            story += ["destroyed", faulty(world, chance)]
            converge(world, chance, stack, story, destroy=True)
        return [f"{violation} ({'; '.join(story)})" for violation in world.watch.violations]


def converge(world: World, chance: random.Random, stack: Stack, story: list[str], destroy: bool = False) -> None:
    """One apply under faults, perhaps killed; then, if it is not complete, a plain one without."""
    death = Death(chance.randint(1, 60), chance.choice(list(Boundary))) if chance.random() < 0.2 else None
    run = world.apply(stack, death=death, destroy=destroy)
    world.service.faults.clear()
    if run.died:
        story.append(f"killed at {death}")
    if not run.is_complete:
        world.wait(chance.choice((0.0, 1.0, 60.0, DAY)))
        again = world.apply(stack, destroy=destroy)
        if ADVICE in str(again.error):  # somebody stopped a member, and a rollout must not take more of its group away
            start_all(world, stack, again)
            again = world.apply(stack, destroy=destroy)
        if not again.is_complete:
            world.watch.say(f"did not converge: {again}, after {run}")
            return
    world.check_settled(stack, destroy)


def start_all(world: World, stack: Stack, refused: Run) -> None:
    """As the refusal says: `ecsplan start` of the groups that it is about."""
    groups = sorted(set(re.findall(r"(instance\.[a-z0-9]+)\[", str(refused.error))))
    actor = Actor(world, stack.name)

    def work(api: Client, events: list[Mapping[str, Any]]) -> tuple[None, None]:
        engine.power(
            stack,
            api,
            Order(Verb.START),
            [f"{group}[*]" for group in groups],
            world.apply_options(),
            lambda plan: True,
            events.append,
        )
        return None, None

    with simulated():
        run = world.play(actor, work)
    assert run.error is None, run.error


BLOCKS = [GIVEN] if GIVEN else [list(range(start, start + BLOCK)) for start in range(0, SEEDS, BLOCK)]


@pytest.mark.parametrize("seeds", BLOCKS, ids=[f"{block[0]}-{block[-1]}" for block in BLOCKS])
def test_lives(seeds: Any, sweep: Sweep) -> None:
    with sweep("simulation") as tally:
        for seed in seeds:
            tally.add(f"seed {seed}", problems(seed), seed)


LAG_BLOCKS = [GIVEN] if GIVEN else [list(range(start, start + LAG_BLOCK)) for start in range(0, LAG_SEEDS, LAG_BLOCK)]


@pytest.mark.parametrize("seeds", LAG_BLOCKS, ids=[f"{block[0]}-{block[-1]}" for block in LAG_BLOCKS])
def test_lives_where_every_field_is_shown_late(seeds: Any, sweep: Sweep) -> None:
    with sweep("simulation with lags") as tally:
        for seed in seeds:
            tally.add(f"seed {seed}", problems(seed, lags=True), seed)


def test_a_seed_replays() -> None:
    def calls() -> list[tuple[str, str]]:
        with World(seed=3) as world:
            chance, estate = random.Random(3), Estate(3)
            estate.begin()
            faulty(world, chance)
            converge(world, chance, stack_of(estate.text()), [])
            return [(entry["action"], entry.get("code", "")) for entry in world.service.log.calls()]

    assert calls() == calls()
