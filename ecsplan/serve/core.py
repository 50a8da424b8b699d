"""The next action of the loop: a state machine with the time passed in. Pure.

`step` takes the state and an event, and answers the new state. `due` answers which stacks are to be run now. A stack
runs at most once at a time; one that refers to others runs after them, and applies only if they ended well.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from ecsplan.model.copying import replace

WELL = ("in_sync", "applied")
FINAL = (*WELL, "pending", "drifted", "refused", "failed", "busy")


class Timing(Struct, frozen=True):
    """In seconds. `spread` is the share of the interval that a stack's own jitter may take or add."""

    interval: float = 600.0
    spread: float = 0.1
    first_wait: float = 30.0
    longest_wait: float = 3600.0
    lease: float = 60.0  # until a stack that somebody else has locked is tried again
    elsewhere: float = 2.0  # until one that another server works on is looked at again


class Stack(Struct, frozen=True):
    """`status` is new, running, or one of FINAL; `commit` is that of the last run that ended.

    `since` is when the running one began, `began` when the last one that ended did. `failures` counts those in a row.
    """

    path: str
    needs: tuple[str, ...] = ()
    status: str = "new"
    commit: str = ""
    due: float = 0.0
    since: float = 0.0
    began: float = 0.0
    failures: int = 0
    rounds: int = 0
    is_suspended: bool = False
    is_asked_again: bool = False
    summary: str = ""
    digest: str = ""
    ended: float = 0.0
    succeeded: float = 0.0


class State(Struct, frozen=True):
    """`problem` says why a fetched commit is not followed. Once `is_stopping`, nothing new begins."""

    commit: str = ""
    stacks: Mapping[str, Stack] = field(default_factory=dict)
    is_stopping: bool = False
    problem: str = ""


class Fetched(Struct, frozen=True):
    """The branch as it is now: the stacks by their paths, with those that they refer to."""

    commit: str
    stacks: Mapping[str, tuple[str, ...]]


class NotFollowed(Struct, frozen=True):
    problem: str


class Started(Struct, frozen=True):
    path: str


class Ended(Struct, frozen=True):
    """`outcome` is one of FINAL; `digest` that of the plan that waits."""

    path: str
    commit: str
    outcome: str
    summary: str = ""
    digest: str = ""


class Adopted(Struct, frozen=True):
    """What the store has of a stack, which another server may have run."""

    stack: Stack


class Later(Struct, frozen=True):
    """It was not run: another server works on it, or follows another commit. `stack` is as it was before."""

    stack: Stack


class Asked(Struct, frozen=True):
    """Somebody wanted these stacks to run, all of them where none is named. A run that began after `at` will do."""

    paths: tuple[str, ...] = ()
    at: float = math.inf


class Suspended(Struct, frozen=True):
    path: str
    is_suspended: bool


class Stopping(Struct, frozen=True):
    pass


Event = Fetched | NotFollowed | Started | Ended | Adopted | Later | Asked | Suspended | Stopping


class Start(Struct, frozen=True):
    """`may_apply`: what it refers to ended well at this commit."""

    path: str
    commit: str
    may_apply: bool


def step(state: State, event: Event, now: float, timing: Timing) -> State:
    match event:
        case Fetched():
            return _fetched(state, event, now)
        case NotFollowed():
            return replace(state, problem=event.problem)
        case Stopping():
            return replace(state, is_stopping=True)
        case Asked():
            named = event.paths or tuple(state.stacks)
            return _changed(state, named, lambda one: _asked(one, event.at, now))
        case Suspended():
            return _changed(
                state, [event.path], lambda one: replace(one, is_suspended=event.is_suspended, due=min(one.due, now))
            )
        case Started():
            return _changed(state, [event.path], lambda one: replace(one, status="running", since=now))
        case Ended():
            return _changed(state, [event.path], lambda one: _ended(one, event, now, timing))
        case Adopted() | Later():
            return _changed(state, [event.stack.path], lambda one: _adopted(one, event.stack, now))


def _changed(state: State, paths: Iterable[str], change: Callable[[Stack], Stack]) -> State:
    stacks = {**state.stacks, **{path: change(state.stacks[path]) for path in paths if path in state.stacks}}
    return replace(state, stacks=stacks)


def _fetched(state: State, event: Fetched, now: float) -> State:
    """A new commit is run at once, with no back-off. A stack that is gone is forgotten once it does not run."""
    is_new = event.commit != state.commit
    stacks = {}
    for path, needs in sorted(event.stacks.items()):
        before = state.stacks.get(path, Stack(path))
        due, failures = (now, 0) if is_new else (before.due, before.failures)
        stacks[path] = replace(
            before, needs=tuple(sorted(set(needs) & event.stacks.keys())), due=due, failures=failures
        )
    gone = {path: one for path, one in state.stacks.items() if path not in stacks and one.status == "running"}
    return replace(state, commit=event.commit, stacks={**stacks, **gone}, problem="")


def _asked(one: Stack, at: float, now: float) -> Stack:
    if max(one.since, one.began) > at:
        return one
    return replace(one, due=min(one.due, now), is_asked_again=one.status == "running")


def _ended(one: Stack, event: Ended, now: float, timing: Timing) -> Stack:
    is_failed = event.outcome == "failed"
    failures = one.failures + 1 if is_failed else 0
    done = replace(
        one, status=event.outcome, commit=event.commit, failures=failures, rounds=one.rounds + 1, since=0.0,
        began=one.since, summary=event.summary, digest=event.digest, ended=now, is_asked_again=False,
        succeeded=now if event.outcome in WELL else one.succeeded,
    )  # fmt: skip
    return replace(done, due=now if one.is_asked_again else now + _wait(done, timing))


def _adopted(one: Stack, kept: Stack, now: float) -> Stack:
    """What it refers to is that of the commit that is followed here. What was asked while it ran still holds."""
    due = min(kept.due, now) if one.is_asked_again else kept.due
    is_off = one.is_suspended if one.status == "running" else kept.is_suspended
    return replace(kept, needs=one.needs, due=due, since=0.0, is_asked_again=False, is_suspended=is_off)


def _wait(one: Stack, timing: Timing) -> float:
    """Until the next run: the interval with the stack's own jitter, or longer after each failure."""
    if one.status == "failed":
        return min(timing.first_wait * 2.0 ** (one.failures - 1), timing.longest_wait)
    if one.status == "busy":
        return timing.lease
    return timing.interval * (1.0 + timing.spread * _jitter(one))


def _jitter(one: Stack) -> float:
    """From -1 to 1, another for each stack and each round, so that many stacks do not run at the same moment."""
    found = hashlib.sha256(f"{one.path}\0{one.rounds}".encode()).digest()
    return int.from_bytes(found[:4], "big") / 2**31 - 1.0


def due(state: State, now: float, free: int) -> list[Start]:
    """What is to start now, at most `free` runs, the longest due first."""
    if state.is_stopping or not state.commit:
        return []
    ready = [one for one in state.stacks.values() if _is_ready(one, state, now)]
    ready.sort(key=lambda one: (one.due, one.path))
    return [Start(one.path, state.commit, _may_apply(one, state)) for one in ready[: max(free, 0)]]


def _is_ready(one: Stack, state: State, now: float) -> bool:
    """What it refers to has run at this commit, does not run now, and is not to run first."""
    if one.status == "running" or one.is_suspended or one.due > now:
        return False
    needed = [state.stacks[path] for path in one.needs]
    if any(two.path == one.path or _needs(two, one.path, state) for two in needed):
        return True  # they refer to each other: no order is right, and none applies
    return all(
        two.is_suspended or (two.commit == state.commit and two.status not in ("running", "new") and two.due > now)
        for two in needed
    )


def _may_apply(one: Stack, state: State) -> bool:
    needed = [state.stacks[path] for path in one.needs]
    return all(two.commit == state.commit and two.status in WELL for two in needed)


def _needs(one: Stack, path: str, state: State, seen: frozenset[str] = frozenset()) -> bool:
    return any(
        need == path or (need not in seen and _needs(state.stacks[need], path, state, seen | {need}))
        for need in one.needs
        if need in state.stacks
    )


def wake(state: State, now: float) -> float:
    """Seconds until something may be due; a stack that waits for another is woken by that one's end."""
    waits = [one.due - now for one in state.stacks.values() if one.status != "running" and not one.is_suspended]
    return max(min((wait for wait in waits if wait > 0), default=60.0), 0.05)
