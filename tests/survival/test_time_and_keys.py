"""Throttling, outages, keys that run out, clocks that are wrong, and Ctrl-C."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event
from typing import Any

import pytest

from ecsplan.emulator.wire import HttpRequest, HttpResponse
from tests.survival.invariants import READS
from tests.survival.sizes import FULL, Tally, chosen
from tests.survival.stacks import BIG, BY_NAME, KEY, stack_of
from tests.survival.test_crash import before, length
from tests.survival.world import START, Actor, World

Sweep = Callable[[str], AbstractContextManager[Tally]]
MANY = 600 if FULL else 300
ROOM = {"quotas": {"key_pairs_per_region": 5000}}
MANY_KEYS = f"  key_pair:\n    many: {{count: {MANY}, public_key: {KEY}}}\n"


def natural() -> float:
    """Seconds that it takes when nobody counts."""
    with World(seed=2, options=ROOM) as world:
        run = world.apply(stack_of(MANY_KEYS))
        assert run.is_complete, str(run)
        return run.seconds


@pytest.mark.parametrize("header", [False, True], ids=["no advice", "advice"])
@pytest.mark.parametrize("style", ["window", "bucket"])
def test_throttled_to_a_tenth(style: str, header: bool, sweep: Sweep) -> None:
    """At most a tenth of the calls is refused, and it takes at most a quarter longer than it has to."""
    seconds = natural()
    rate = max(1, int(MANY / seconds / 10))
    with sweep("throttling") as tally, World(seed=2, options=ROOM) as world:
        world.faults({"fault": "throttle", "action": "ImportKeyPair", "limit": rate, "window": 1,
                      "style": style, "header": header})  # fmt: skip
        run = world.apply(stack_of(MANY_KEYS))
        refused = world.service.log._errors.get("ImportKeyPair", {}).get("Throttling.User", 0)
        share = refused / run.actions.count("ImportKeyPair")
        stretch = run.seconds / (seconds + MANY / rate)
        tally.more |= {"refused %": round(100 * share, 1), "makespan × optimum": round(stretch, 2)}
        problems = [] if run.is_complete else [f"did not end: {run}"]
        problems += [f"{share:.0%} refused"] if share > 0.1 else []
        problems += [f"makespan {stretch:.2f} × optimum"] if stretch > 1.25 else []
        tally.add(f"{style}, {rate} a second", [*problems, *world.watch.violations])


@pytest.mark.parametrize("start", [0.5, 3.0, 6.0])
def test_an_outage_of_a_minute(start: float, sweep: Sweep) -> None:
    with World(seed=4) as world:
        usual = world.apply(stack_of(BIG)).calls
    with sweep("outage") as tally, World(seed=4) as world:
        real, answered = world.handle, []

        def handle(stack: str, wire: HttpRequest) -> HttpResponse:
            if start <= world.clock.now() - START < start + 60:
                return HttpResponse(503, {"Content-Type": "text/html"}, b"<html>503</html>")
            answered.append(world.clock.now() - START)
            return real(stack, wire)

        world.handle = handle  # type: ignore[method-assign]
        run = world.apply(stack_of(BIG))
        after = next((at for at in answered if at >= start + 60), None)
        tally.more["calls × usual"] = round(run.calls / usual, 2)
        problems = [] if run.is_complete else [f"did not recover: {run}"]
        problems += [f"{run.calls} calls instead of {usual}"] if run.calls > 2 * usual else []
        if after is None or after - start - 60 > 5:
            problems.append(f"the first success came {after and after - start - 60} s after the outage")
        tally.add(f"from {start} s", [*problems, *world.watch.violations])


def sts(number: int) -> dict[str, Any]:
    return {"access_key_id": f"STS.{number}", "access_key_secret": f"secret-{number}", "security_token": f"t-{number}"}


def profile(world: World, number: int) -> None:
    """The key as the vendor's command line keeps it."""
    key = sts(number)
    path = world.folder / ".aliyun" / "config.json"
    path.parent.mkdir(exist_ok=True)
    entry = {"name": "default", "mode": "StsToken", "access_key_id": key["access_key_id"],
             "access_key_secret": key["access_key_secret"], "sts_token": key["security_token"]}  # fmt: skip
    path.write_text(json.dumps({"current": "default", "profiles": [entry]}))


@pytest.mark.parametrize("form", ["code", "message"])
def test_credentials_that_expire_at_any_call(form: str, sweep: Sweep) -> None:
    """Renewed in the file by somebody else, as a login does: one refresh, and on."""
    scenario = BY_NAME["create one"]
    from ecsplan.emulator.credentials import read_credential

    with sweep("credentials") as tally:
        for at in chosen(range(2, length(scenario, "path")), 15, seed=3):
            with World.of(before(scenario), seed=1) as world:
                world.service.credentials.put(read_credential(sts(1)))
                profile(world, 1)
                world.faults({"fault": "sts_expire", "at_call": at, "form": form, "next": sts(2)})

                def renewed(actor: Actor, number: int, action: str, world: World = world, at: int = at) -> None:
                    if number == at:
                        profile(world, 2)

                run = world.apply(scenario.then, environ={}, on_call=renewed)
                problems = [] if run.is_complete else [f"did not go on: {run}"]
                if run.is_complete:
                    actions = len(run.actions)
                    usual = length(scenario, "path")
                    problems += [f"{actions} calls instead of {usual + 1}"] if actions > usual + 2 else []
                tally.add(f"call {at}, by {form}", [*problems, *world.watch.violations])


@pytest.mark.parametrize("offset", [3600.0, -3600.0])
def test_a_clock_an_hour_off(offset: float, sweep: Sweep) -> None:
    with sweep("clock") as tally:
        for name in ("create shop", "change", "destroy"):
            scenario = BY_NAME[name]
            with World.of(before(scenario), seed=1) as world:
                run = world.apply(scenario.then, destroy=scenario.destroy, offset=offset)
                problems = [] if run.is_complete else [f"did not go on: {run}"]
                extra = world.service.log._errors.get("ImportKeyPair", {}).get("InvalidTimeStamp.Expired", 0)
                problems += [f"{extra} refusals"] if extra > 1 else []
                if run.is_complete:
                    world.check_settled(scenario.then, scenario.destroy)
                tally.add(f"[{name}] off by {offset:g} s", [*problems, *world.watch.violations])


class Stopping:
    """What the command line's Ctrl-C sets."""

    def __init__(self) -> None:
        self.requested = Event()


@pytest.mark.parametrize("name", ["create shop", "change", "replace group", "destroy", "scale up"])
def test_interrupted_at_any_call(name: str, sweep: Sweep) -> None:
    """No new call of the plan after it, an honest report, and the next run converges."""
    scenario = BY_NAME[name]
    with sweep("interruption") as tally:
        for at in chosen(range(1, length(scenario, "path")), 12, seed=5):
            with World.of(before(scenario), seed=1) as world:
                stop, later = Stopping(), []

                def watch(actor: Actor, number: int, action: str, stop: Stopping = stop, at: int = at,
                          later: list[str] = later) -> None:  # fmt: skip
                    if number == at:
                        stop.requested.set()
                    elif number > at and not action.startswith(READS):
                        later.append(action)

                run = world.apply(scenario.then, destroy=scenario.destroy, stop=stop, on_call=watch)
                own = [action for action in later if action not in ("DeleteKeyPairs", "ImportKeyPair")]
                problems = [f"new calls after the interruption: {own}"] if own else []
                if run.report is not None and not run.is_complete and not run.report.interrupted:
                    problems.append(f"the report tells of no interruption: {run}")
                again = world.apply(scenario.then, destroy=scenario.destroy)
                if again.is_complete:
                    world.check_settled(scenario.then, scenario.destroy)
                else:
                    problems.append(f"the re-run did not converge: {again}")
                tally.add(f"[{name}] call {at}", [*problems, *world.watch.violations])
