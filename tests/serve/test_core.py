"""The loop's decisions, with the time passed in: order, jitter, back-off, suspension, kills; and a random year."""

import random

import pytest

from ecsplan.model.copying import replace
from ecsplan.serve.core import (
    FINAL,
    Adopted,
    Asked,
    Ended,
    Fetched,
    Later,
    NotFollowed,
    Stack,
    Start,
    Started,
    State,
    Stopping,
    Suspended,
    Timing,
    due,
    step,
    wake,
)  # fmt: skip
from tests.survival.sizes import FULL, TIMES

TIMING = Timing()
STACKS: dict[str, tuple[str, ...]] = {"net": (), "db": ("net",), "web": ("db", "net"), "other": ()}


def after(*events: object, state: State | None = None, now: float = 0.0) -> State:
    for event in events:
        state = step(state or State(), event, now, TIMING)  # type: ignore[arg-type]
    assert state is not None
    return state


def run(state: State, path: str, outcome: str = "in_sync", now: float = 0.0) -> State:
    return after(Started(path), Ended(path, state.commit, outcome), state=state, now=now)


def paths(state: State, now: float = 0.0, free: int = 9) -> list[str]:
    return [one.path for one in due(state, now, free)]


def test_what_others_refer_to_runs_first() -> None:
    state = after(Fetched("c1", STACKS))
    assert paths(state) == ["net", "other"]
    state = run(state, "net")
    assert paths(state) == ["db", "other"]
    state = run(run(state, "other"), "db")
    assert due(state, 0.0, 9) == [Start("web", "c1", may_apply=True)]


@pytest.mark.parametrize("outcome", ["failed", "refused", "pending", "drifted", "busy"])
def test_behind_a_stack_that_did_not_end_well_others_are_only_planned(outcome: str) -> None:
    state = run(after(Fetched("c1", STACKS)), "net", outcome)
    assert Start("db", "c1", may_apply=False) in due(state, 0.0, 9)


def test_a_stack_never_runs_twice_at_once_and_no_more_run_than_there_is_room() -> None:
    state = after(Fetched("c1", STACKS), Started("net"), Asked(("net",)))
    assert paths(state) == ["other"] and paths(state, free=0) == []
    state = after(Ended("net", "c1", "in_sync"), state=state, now=5.0)
    assert "net" in paths(state, 5.0)  # asked for while it ran


def test_a_new_commit_is_run_at_once_and_ends_the_back_off() -> None:
    state = after(Fetched("c1", {"net": ()}))
    for _ in range(5):
        state = run(state, "net", "failed")
    assert state.stacks["net"].due == 30.0 * 2**4 and paths(state, 100.0) == []
    state = after(Fetched("c2", {"net": ()}), state=state, now=100.0)
    assert paths(state, 100.0) == ["net"] and state.stacks["net"].failures == 0


def test_the_back_off_ends_at_an_hour_and_a_refusal_waits_for_the_interval() -> None:
    state = after(Fetched("c1", {"net": ()}))
    for _ in range(40):
        state = run(state, "net", "failed")
    assert state.stacks["net"].due == 3600.0
    assert 540.0 <= run(state, "net", "refused").stacks["net"].due <= 660.0
    assert run(state, "net", "busy").stacks["net"].due == 60.0


def test_five_hundred_stacks_do_not_run_at_the_same_moment() -> None:
    state = after(Fetched("c1", {f"s{number}": () for number in range(500)}))
    for path in state.stacks:
        state = run(state, path)
    moments = [one.due for one in state.stacks.values()]
    assert all(540.0 <= moment <= 660.0 for moment in moments)
    assert max(sum(1 for m in moments if second <= m < second + 5) for second in range(540, 660, 5)) < 60


def test_a_suspended_stack_does_not_run_and_holds_up_nobody() -> None:
    state = after(Fetched("c1", STACKS), Suspended("net", True))
    assert paths(state) == ["db", "other"]
    assert not next(one for one in due(state, 0.0, 9) if one.path == "db").may_apply
    assert "net" in paths(after(Suspended("net", False), state=state))


def test_stacks_that_refer_to_each_other_are_planned_and_not_applied() -> None:
    state = after(Fetched("c1", {"a": ("b",), "b": ("a",)}))
    assert [(one.path, one.may_apply) for one in due(state, 0.0, 9)] == [("a", False), ("b", False)]


def test_once_it_stops_nothing_begins_and_what_is_gone_is_forgotten() -> None:
    state = after(Fetched("c1", STACKS), Started("net"), Fetched("c2", {"db": ()}))
    assert set(state.stacks) == {"net", "db"}
    assert set(after(Ended("net", "c1", "in_sync"), Fetched("c2", {"db": ()}), state=state).stacks) == {"db"}
    assert paths(after(Stopping(), state=state)) == []


def test_a_branch_that_was_rewound_is_told_and_not_followed() -> None:
    state = after(Fetched("c2", STACKS), NotFollowed("main was rewound"))
    assert state.commit == "c2" and state.problem
    assert not after(Fetched("c3", STACKS), state=state).problem


def killed(state: State) -> State:
    """As the store has it: what ran is due at once."""
    stacks = {path: replace(one, status="failed", due=0.0) if one.status == "running" else one
              for path, one in state.stacks.items()}  # fmt: skip
    return replace(state, stacks=stacks)


def test_after_a_kill_what_ran_runs_again_at_once() -> None:
    assert "net" in paths(killed(after(Fetched("c1", STACKS), Started("net"))), 50.0)


def test_what_another_server_did_counts_as_done_here() -> None:
    state = after(Fetched("c1", STACKS), Started("net"))
    there = Stack("net", ("of another commit",), status="applied", commit="c1", due=500.0, ended=7.0)
    state = after(Adopted(there), state=state)
    assert state.stacks["net"] == replace(there, needs=()) and paths(state, 100.0) == ["db", "other"]


def test_a_stack_that_another_server_works_on_is_looked_at_again_and_holds_back_what_refers_to_it() -> None:
    before = after(Fetched("c1", STACKS))
    state = after(Started("net"), Later(replace(before.stacks["net"], due=2.0)), state=before)
    assert paths(state) == ["other"] and paths(state, 2.0) == ["other", "net"]


def test_what_was_asked_or_suspended_while_it_ran_holds_after_it() -> None:
    there = Stack("net", status="in_sync", commit="c1", due=500.0)
    state = after(Fetched("c1", STACKS), Started("net"), Asked(("net",)), Adopted(there), now=9.0)
    assert state.stacks["net"].due == 9.0
    state = after(Started("net"), Suspended("net", True), Adopted(there), state=state, now=9.0)
    assert state.stacks["net"].is_suspended


@pytest.mark.parametrize("seed", range(400 if FULL else round(20 * TIMES)))
def test_whatever_happens_no_stack_runs_twice_at_once_and_every_one_comes_round(seed: int) -> None:
    """Random ends, commits, suspensions, questions and kills; then quiet."""
    chance, now, running = random.Random(seed), 0.0, set[str]()
    state, number = after(Fetched("c0", STACKS)), 0
    last = dict.fromkeys(STACKS, 0.0)
    for turn in range(400):
        now += chance.uniform(0.0, 60.0)
        is_quiet = turn > 300
        match chance.randrange(8):
            case 0 if not is_quiet:
                number += 1
                state = after(Fetched(f"c{number}", STACKS), state=state, now=now)
            case 1 if not is_quiet:
                state = after(Suspended(chance.choice(list(STACKS)), chance.random() < 0.5), state=state, now=now)
            case 2 if not is_quiet:
                state = after(Asked(), state=state, now=now)
            case 3 if not is_quiet and running:
                state, running = killed(state), set()
            case _ if running:
                path = chance.choice(sorted(running))
                outcome = "in_sync" if is_quiet else chance.choice(FINAL)
                state = after(Ended(path, state.commit, outcome), state=state, now=now)
                running.remove(path)
                last[path] = now
        if turn == 301:
            for path in STACKS:
                state = after(Suspended(path, False), state=state, now=now)
        for one in due(state, now, 2 - len(running)):
            assert one.path not in running and len(running) < 2
            running.add(one.path)
            state = after(Started(one.path), state=state, now=now)
        assert {path for path, one in state.stacks.items() if one.status == "running"} == running
        assert wake(state, now) > 0.0
    for path in STACKS:
        assert now - last[path] < 3 * TIMING.interval


def test_equal_states_decide_equally() -> None:
    state = after(Fetched("c1", STACKS))
    assert due(state, 0.0, 9) == due(replace(state), 0.0, 9)
