"""What is handed out next, and what becomes of work that is lost, locked or refused."""

import random

import pytest

from ecsplan.fleet.order import BUSY, LOST, MOST_TRIES, MOVED, PLANNED, Done, Fleet, FleetWork

NEEDS: dict[str, tuple[str, ...]] = {"net": (), "db": ("net",), "web": ("db", "net"), "other": ()}


def handed(fleet: Fleet, now: float = 0.0) -> tuple[Fleet, list[FleetWork]]:
    ready = fleet.ready(now)
    for work in ready:
        fleet = fleet.given(work)
    return fleet, ready


def test_a_plan_is_handed_out_in_the_order_of_references() -> None:
    fleet, first = handed(Fleet.of("plan", NEEDS))
    assert [work.path for work in first] == ["net", "other"]
    fleet, second = handed(fleet.ended(Done("net", 2), 0.0))
    assert [work.path for work in second] == ["db"] and not handed(fleet)[1]


def test_what_is_applied_is_the_plan_whose_digest_was_told() -> None:
    fleet, (plan, _) = handed(Fleet.of("apply", NEEDS))
    assert plan == FleetWork("net", "plan", 0)
    _, (apply,) = handed(fleet.ended(Done("net", PLANNED, digest="sha256:1"), 0.0))
    assert apply == FleetWork("net", "apply", 1, "sha256:1")


def test_behind_a_failed_apply_nothing_is_tried() -> None:
    fleet, _ = handed(Fleet.of("apply", NEEDS))
    fleet = fleet.ended(Done("net", 1), 0.0)
    assert fleet.left_out() == ["db", "web"]
    assert fleet.without("db").left_out() == ["web"] and not Fleet.of("plan", NEEDS).left_out()


def test_lost_work_is_handed_out_under_a_new_number_and_not_for_ever() -> None:
    fleet = Fleet.of("apply", {"net": ()})
    numbers = []
    while not fleet.is_over:
        fleet, (work,) = handed(fleet)
        numbers.append(work.number)
        fleet = fleet.ended(Done("net", LOST), 0.0)
    assert numbers == list(range(MOST_TRIES)) and fleet.stacks["net"].ended == 1


def test_a_locked_stack_waits_and_never_gives_up() -> None:
    fleet = Fleet.of("plan", {"net": ()}, pause=10.0)
    for now in range(0, 200, 10):
        fleet, ready = handed(fleet, float(now))
        assert len(ready) == 1
        fleet = fleet.ended(Done("net", BUSY), float(now))
        assert not fleet.ready(now + 9.0) and fleet.wake(now + 4.0) == 6.0


def test_where_the_lists_of_a_busy_account_move_it_waits_and_tries_again_a_few_times() -> None:
    fleet = Fleet.of("apply", {"net": ()}, pause=10.0)
    fleet, _ = handed(fleet)
    fleet = fleet.ended(Done("net", PLANNED, digest="d"), 0.0)
    for now in range(0, 10 * MOST_TRIES, 10):
        fleet, (work,) = handed(fleet, float(now))
        assert (work.step, work.digest) == ("apply", "d")  # the same plan: it is held against what is live again
        fleet = fleet.ended(Done("net", MOVED), float(now))
        assert fleet.is_over or not fleet.ready(now + 9.0)
    assert fleet.is_over and fleet.stacks["net"].ended == 1


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_lost_every_stack_ends_and_no_number_is_used_twice(seed: int) -> None:
    chance, now = random.Random(seed), 0.0
    needs = {f"s{n}": tuple(f"s{m}" for m in range(n) if chance.random() < 0.1) for n in range(60)}
    fleet, used, running = Fleet.of("apply", needs, pause=1.0), set(), list[FleetWork]()
    while not fleet.is_over:
        for path in fleet.left_out():
            fleet = fleet.without(path)
        fleet, ready = handed(fleet, now)
        for work in ready:
            assert (work.path, work.number) not in used
            used.add((work.path, work.number))
            assert all(fleet.stacks[need].ended is not None for need in needs[work.path])
        running += ready
        now += 0.5
        if running:
            work = running.pop(chance.randrange(len(running)))
            ended = PLANNED if work.step == "plan" else 0
            outcome = chance.choice([ended, ended, ended, LOST, BUSY, MOVED])
            fleet = fleet.ended(Done(work.path, outcome, digest="d"), now)
    assert len({path for path, _ in used}) <= 60
