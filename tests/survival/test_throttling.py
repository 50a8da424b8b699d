"""A service that lets through a tenth of what we could ask, and one that answers nothing for a minute."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ecsplan.emulator.wire import HttpRequest, HttpResponse
from tests.survival.sizes import FULL, Tally
from tests.survival.stacks import BIG, KEY, stack_of
from tests.survival.world import START, World

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
