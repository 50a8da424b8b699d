"""Credentials that expire in mid-run, and clocks that are off: refreshed and corrected, or stopped and resumable.

The keys lie in a profile of the vendor's command line, which somebody renews; the client reads it again when the
service calls the token expired.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

from ecsplan.emulator.credentials import read_credential
from ecsplan.model.call import ApiError, ErrorClass
from ecsplan.model.plan import Report, Status
from tests.survival.sizes import Tally, chosen
from tests.survival.stacks import BIG, CHANGED, FIRST, group, stack_of
from tests.survival.start import applied
from tests.survival.world import Actor, Run, World

OLD = {"access_key_id": "STS.old", "access_key_secret": "old-secret", "security_token": "old-token"}
NEW = {"access_key_id": "STS.new", "access_key_secret": "new-secret", "security_token": "new-token"}
CASES = (("", FIRST), (BIG, CHANGED), (group(3), group(7)))
WORDS = {FIRST: "create one", CHANGED: "change", CASES[2][1]: "scale up"}
EXPIRED = ("InvalidSecurityToken.Expired", "InvalidParameter")
HOUR = 3600.0
GIVES_BACK = 2  # the last calls of a run look at the lock and delete it; without them it is found dead
PARALLEL = 4  # calls under way at once, each of which is told

Sweep = Callable[[str], AbstractContextManager[Tally]]


@dataclass(frozen=True, slots=True)
class End:
    """Where the token ends, in which of the service's words, and whether somebody has renewed it."""

    texts: tuple[str, str]
    at: int
    form: str
    is_renewed: bool

    def __str__(self) -> str:
        rest = "renewed" if self.is_renewed else "not renewed"
        return f"[{WORDS[self.texts[1]]}] expired at call {self.at} ({self.form}), {rest}"


def log_in(world: World, key: Mapping[str, str]) -> None:
    """Writes the profile, as `aliyun configure` does, and lets the service know the key."""
    path = world.folder / ".aliyun" / "config.json"
    path.parent.mkdir(exist_ok=True)
    profile = {"name": "work", "mode": "StsToken", "sts_token": key["security_token"], **key}
    path.write_text(json.dumps({"current": "work", "profiles": [profile]}))
    world.service.credentials.put(read_credential(dict(key)))


@cache
def length(texts: tuple[str, str]) -> int:
    with World.of(applied(texts[0]), seed=1) as world:
        log_in(world, OLD)
        run = world.apply(stack_of(texts[1]), environ={})
        assert run.is_complete, str(run)
        return run.calls


@cache
def length_as_before(texts: tuple[str, str]) -> int:
    """With the key of the run before, whose journal is believed then: what that made is looked for by id."""
    with World.of(applied(texts[0]), seed=1) as world:
        return world.apply(stack_of(texts[1])).calls


def problems(end: End) -> list[str]:
    stack = stack_of(end.texts[1])
    with World.of(applied(end.texts[0]), seed=1) as world:
        log_in(world, OLD)
        world.faults({"fault": "sts_expire", "form": end.form, "at_call": end.at})

        def renew(actor: Actor, number: int, action: str) -> None:
            if number == end.at and end.is_renewed:
                log_in(world, NEW)

        run = world.apply(stack, environ={}, on_call=renew)
        if end.is_renewed:
            # The call itself once more; and a look more, where the polls come at other times after that.
            if not run.is_complete or run.calls > length(end.texts) + 2:
                world.watch.say(f"{run.calls} calls instead of at most {length(end.texts)} and two: {run}")
        else:
            refused = [entry for entry in world.service.log.calls() if entry.get("code") in EXPIRED]
            is_all_done = end.at > length(end.texts) - GIVES_BACK
            if not (is_all_done and run.is_complete) and not is_told(run):
                world.watch.say(f"nothing says that the credentials ran out: {run}")
            if len(refused) > PARALLEL:  # what was under way when the first one was told
                world.watch.say(f"{len(refused)} calls with a key that had ended: {run}")
            log_in(world, NEW)
            world.service.faults.clear()
            run = world.apply(stack, environ={})
        if run.is_complete:
            world.check_settled(stack)
        else:
            world.watch.say(f"did not converge: {run}")
        return world.watch.violations


def is_told(run: Run) -> bool:
    if any("credentials ran out" in str(event.get("message", "")) for event in run.events):
        return True
    if isinstance(run.error, ApiError):
        return run.error.error_class is ErrorClass.AUTH_REFRESH
    report: Report | None = run.report
    return report is not None and any(
        outcome.status is Status.FAILED and "credentials ran out" in outcome.advice for outcome in report.outcomes
    )


def test_a_token_that_ends_at_any_call(sweep: Sweep) -> None:
    """At every call of every case, in both of the service's words; renewed, or not."""
    ends = [
        End(texts, at, form, is_renewed)
        for texts in CASES
        for at in range(1, length(texts) + 1)
        for form in ("code", "parameter")
        for is_renewed in (True, False)
    ]
    with sweep("credentials that end") as tally:
        for end in chosen(ends, 36, seed=5):
            tally.add(end, problems(end))


@dataclass(frozen=True, slots=True)
class Skew:
    """How far the client's clock is off at the start, and by how much the service's moves away at call `at`."""

    texts: tuple[str, str]
    offset: float = 0.0
    at: int = 0
    jump: float = 0.0

    def __str__(self) -> str:
        jump = f", {self.jump:+.0f} s at call {self.at}" if self.at else ""
        return f"[{WORDS[self.texts[1]]}] clock off by {self.offset:+.0f} s{jump}"


def skewed(skew: Skew) -> list[str]:
    stack = stack_of(skew.texts[1])
    with World.of(applied(skew.texts[0]), seed=1) as world:
        usual = length_as_before(skew.texts)

        def jump(actor: Actor, number: int, action: str) -> None:
            if number == skew.at:
                world.faults({"fault": "clock_skew", "seconds": skew.jump})

        run = world.apply(stack, offset=skew.offset, on_call=jump)
        is_lease_written_anew = bool(skew.offset)  # the first answer told the time by which it is measured
        most = usual + bool(skew.offset) + bool(skew.at) + is_lease_written_anew
        if not run.is_complete or run.calls > most:
            world.watch.say(f"{run.calls} calls instead of at most {most}: {run}")
        world.check_settled(stack)
        return world.watch.violations


def test_a_clock_that_is_off(sweep: Sweep) -> None:
    """By an hour either way, and moved by an hour at any call: one more call for each."""
    offsets: list[Any] = [Skew(texts, offset) for texts in CASES for offset in (HOUR, -HOUR, 2 * HOUR, -1000.0)]
    jumps = [
        Skew(texts, offset, at, by)
        for texts in CASES
        for at in range(2, length(texts) + 1)
        for offset, by in ((0.0, HOUR), (0.0, -HOUR), (HOUR, -HOUR))
        if not offset or at > 2  # one request is not moved twice
    ]
    with sweep("clocks that are off") as tally:
        for skew in (*offsets, *chosen(jumps, 18, seed=7)):
            tally.add(skew, skewed(skew))
