"""The budget against servers that count by window and by bucket, under a virtual clock."""

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ecsplan.api.budget import Budget, Pace, Permit, Word

KEY = ("ecs", "cn-hangzhou", "DescribeInstances")
WORKERS, LATENCY = 10, 0.1
NATURAL = WORKERS / LATENCY
LIMIT = NATURAL / 10


class Window:
    """`limit` calls per fixed window; the first window has begun `offset` seconds before."""

    def __init__(self, length: float, offset: float) -> None:
        self.length, self.offset = length, offset
        self.allowed, self.window, self.used = int(LIMIT * length), -1, 0

    def take(self, now: float) -> float | None:
        """None when served, else the seconds until it makes sense to come again."""
        window = int((now + self.offset) // self.length)
        if window != self.window:
            self.window, self.used = window, 0
        self.used += 1
        return None if self.used <= self.allowed else (window + 1) * self.length - self.offset - now


class Bucket:
    def __init__(self, capacity: float) -> None:
        self.capacity = self.tokens = capacity
        self.seen = 0.0

    def take(self, now: float) -> float | None:
        self.tokens = min(self.capacity, self.tokens + (now - self.seen) * LIMIT)
        self.seen = now
        if self.tokens < 1:
            return (1 - self.tokens) / LIMIT
        self.tokens -= 1
        return None


class Crowd:
    """Workers that share one pace and do `calls` calls between them, as events in virtual time."""

    def __init__(self, server: Window | Bucket, calls: int, with_advice: bool, seed: int) -> None:
        self.server, self.left, self.with_advice = server, calls, with_advice
        self.chance, self.pace = random.Random(seed), Pace()
        self.refused, self.end = 0, 0.0
        self.parked: list[int] = []
        self.events: list[Any] = []
        self.order = itertools.count()

    def run(self) -> "Crowd":
        for worker in range(WORKERS):
            self.at(0.0, self.start, worker)
        while self.events:
            now, _, step, arguments = heapq.heappop(self.events)
            step(now, *arguments)
        return self

    def at(self, time: float, step: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self.events, (time, next(self.order), step, arguments))

    def start(self, now: float, worker: int) -> None:
        if self.left:
            self.left -= 1
            self.ask(now, worker)

    def ask(self, now: float, worker: int) -> None:
        wait = self.pace.wait(now)
        if wait is None:
            self.parked.append(worker)
        elif wait > 0:
            self.at(now + wait, self.ask, worker)
        else:
            self.at(now + LATENCY / 2, self.arrive, worker, self.pace.go(KEY, now))

    def arrive(self, now: float, worker: int, permit: Permit) -> None:
        self.at(now + LATENCY / 2, self.told, worker, permit, self.server.take(now))

    def told(self, now: float, worker: int, permit: Permit, advice: float | None) -> None:
        if advice is None:
            self.pace.accept(permit, now)
            self.end = now
            self.at(now, self.start, worker)
        else:
            self.refused += 1
            self.pace.refuse(permit, now, advice if self.with_advice else None, self.chance.random())
            self.at(now, self.ask, worker)
        for parked in self.parked:
            self.at(now, self.ask, parked)
        self.parked.clear()


SERVERS: dict[str, Callable[[int], Window | Bucket]] = {
    "window of 60 s": lambda seed: Window(60, seed * 17.3 % 60),
    "window of 10 s": lambda seed: Window(10, seed * 3.3 % 10),
    "window of 1 s": lambda seed: Window(1, seed * 0.33 % 1),
    "bucket of 10 s": lambda seed: Bucket(LIMIT * 10),
    "bucket of 1 s": lambda seed: Bucket(LIMIT),
}


@pytest.mark.parametrize("with_advice", [False, True], ids=["silent", "with x-acs-retry-after"])
@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS.keys())
def test_a_tenth_of_the_natural_rate_is_found_and_kept(
    server: Callable[[int], Window | Bucket], with_advice: bool
) -> None:
    calls = int(LIMIT * 180)
    for seed in range(6):
        crowd = Crowd(server(seed), calls, with_advice, seed).run()
        assert crowd.refused <= 0.10 * (calls + crowd.refused)
        assert crowd.end <= 1.25 * calls / LIMIT


def test_a_budget_that_was_never_refused_makes_nobody_wait() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.accept(pace.go(KEY, 5.0), 5.0)
        assert pace.wait(5.0) == 0


def a_shut_pace(advice: float | None = None) -> Pace:
    """Four accepted calls in two seconds, the fifth refused."""
    pace = Pace()
    for second in (0.0, 0.5, 1.0, 1.5):
        pace.accept(pace.go(KEY, second), second)
    pace.refuse(pace.go(KEY, 2.0), 2.0, advice, 0.5)
    return pace


def test_a_refusal_shuts_the_door_for_as_long_as_the_service_says() -> None:
    assert a_shut_pace(advice=3.0).wait(2.0) == pytest.approx(3.025)
    assert a_shut_pace(advice=9999).wait(2.0) == pytest.approx(120.025)


def test_only_one_worker_knocks() -> None:
    pace = a_shut_pace(advice=1.0)
    assert pace.go(KEY, 3.1).is_knock
    assert pace.wait(3.1) is None


def test_a_knock_that_is_refused_makes_the_next_one_later() -> None:
    pace, waits = a_shut_pace(), []
    now = 2.0
    for _ in range(10):
        waits.append(pace.wait(now))
        now += waits[-1] or 0
        pace.refuse(pace.go(KEY, now), now, None, 0.5)
    assert waits[:3] == pytest.approx([0.05, 0.1, 0.2])
    assert waits[-1] == pytest.approx(6.0)


def test_the_knock_let_in_sets_the_rate_that_was_measured() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    assert pace.limit == pytest.approx(1.0)
    assert pace.rate(4.0) == pytest.approx(0.95, abs=0.001)


def test_the_rate_grows_past_the_limit_slowly_first() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    rates = [pace.rate(4.0 + pace.growth * part) or 0 for part in (0, 0.368, 0.8, 1.368)]
    assert rates == sorted(rates)
    assert rates[1] == pytest.approx(1.0)
    assert rates[3] == pytest.approx(2.0)


def test_refusals_of_calls_already_on_their_way_change_nothing() -> None:
    pace = Pace()
    early, late = pace.go(KEY, 0.0), pace.go(KEY, 0.0)
    pace.refuse(late, 1.0, 5.0, 0.0)
    pace.refuse(early, 2.0, 50.0, 0.0)
    assert pace.wait(2.0) == pytest.approx(4.0)


def reopened(pace: Pace, shut_at: float, open_at: float) -> None:
    """Refused once, let in at the first knock."""
    pace.refuse(pace.go(KEY, shut_at), shut_at, None, 0.0)
    pace.accept(pace.go(KEY, open_at), open_at)


def test_nor_do_they_when_the_door_is_open_again() -> None:
    pace = Pace()
    sent = [pace.go(KEY, 0.0) for _ in range(4)]
    pace.refuse(sent[0], 1.0, 2.0, 0.0)
    pace.accept(pace.go(KEY, 3.0), 3.0)
    open_at = 3.0 + (pace.wait(3.0) or 0)
    for late in sent[1:]:
        pace.refuse(late, open_at, 50.0, 0.0)
    assert pace.wait(open_at) == 0


def test_a_refusal_of_a_call_sent_since_then_shuts_it_again() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    pace.refuse(pace.go(KEY, 6.0), 6.0, 50.0, 0.0)
    assert pace.wait(6.0) == pytest.approx(50.0)


def test_one_turn_that_was_slept_through_may_be_caught_up_and_no_more() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    now = 500.0
    turn = 1 / (pace.rate(now) or 0)
    for _ in range(2):
        assert pace.wait(now) == 0
        pace.go(KEY, now)
    assert pace.wait(now) == pytest.approx(turn)


def test_at_a_slow_rate_a_turn_that_was_slept_through_is_one_too() -> None:
    pace = Pace(limit=0.1, growth=1e9)
    turn = 1 / (pace.rate(100.0) or 0)
    pace.next_at = 100.0 - turn / 2
    pace.go(KEY, 100.0)
    assert pace.wait(100.0) == pytest.approx(turn / 2)


def test_the_call_after_the_knock_waits_for_its_turn() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    assert pace.wait(4.0) == pytest.approx(1 / (pace.limit or 0))


def test_knocks_at_a_slow_door_are_a_turn_apart() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    pace.refuse(pace.go(KEY, 20.0), 20.0, None, 0.5)
    assert pace.wait(20.0) == pytest.approx(1 / (pace.limit or 0))


@pytest.mark.parametrize(("roll", "share"), [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)])
def test_knocks_are_spread(roll: float, share: float) -> None:
    pace = Pace()
    pace.refuse(pace.go(KEY, 0.0), 0.0, None, roll)
    assert pace.wait(0.0) == pytest.approx(0.05 * share)


def test_a_pause_of_a_minute_is_still_part_of_the_measure() -> None:
    """The longest window that is known: what was accepted within it counts."""
    pace = Pace()
    for second in (0.0, 60.0):
        pace.accept(pace.go(KEY, second), second)
    reopened(pace, 60.0, 80.0)
    assert pace.limit == pytest.approx(2 / 80)


def test_a_short_burst_is_measured_as_it_was() -> None:
    pace = Pace()
    for tenth in range(10):
        pace.accept(pace.go(KEY, tenth / 20), tenth / 20)
    reopened(pace, 0.45, 0.5)
    assert pace.limit == pytest.approx(20.0)


def test_the_very_first_call_counts_as_one() -> None:
    pace = Pace()
    reopened(pace, 0.0, 2.0)
    assert pace.limit == pytest.approx(1 / 0.05)


def after_a_burst(knocks: int) -> tuple[float, float]:
    """The rate when a burst at ten a second is refused at once, and what is taken for the limit after it."""
    pace = Pace(limit=10.0, grown_from=0.0, growth=1e9, cycle_start=0.0)
    before = pace.rate(0.0) or 0
    pace.refuse(pace.go(KEY, 0.0), 0.0, None, 0.0)
    for _ in range(knocks):
        pace.refuse(pace.go(KEY, 1.0), 1.0, None, 0.0)
    pace.accept(pace.go(KEY, 100.0), 100.0)
    return before, pace.limit or 0


def test_a_door_that_opens_at_the_first_knock_cuts_the_rate_lightly_and_else_deeply() -> None:
    before, light = after_a_burst(0)
    assert light == pytest.approx(0.7 * before)
    assert [after_a_burst(knocks)[1] for knocks in (1, 2, 3)] == pytest.approx([0.6 * before] * 3)


def test_the_first_guess_is_left_behind_quickly_and_later_ones_slowly() -> None:
    """A first guess is doubled within ten calls, a later limit within a hundred, none slower than in a minute."""
    pace = Pace()
    reopened(pace, 0.0, 1.0)
    assert pace.growth == pytest.approx(10 / (pace.limit or 0))
    reopened(pace, 1.1, 1.2)
    assert pace.growth == pytest.approx(100 / (pace.limit or 0))
    slow = a_shut_pace(advice=2.0)
    slow.accept(slow.go(KEY, 4.0), 4.0)
    assert slow.growth == pytest.approx(10.0)
    reopened(slow, 4.5, 5.0)
    assert slow.growth == 60.0


def test_a_rate_that_took_long_to_measure_is_tested_no_sooner_than_in_twice_that_time() -> None:
    pace = Pace()
    for tenth in range(100):
        pace.accept(pace.go(KEY, tenth / 10), tenth / 10)
    reopened(pace, 9.9, 10.0)
    assert pace.growth == pytest.approx(20.0)


def test_each_measure_begins_anew_with_the_knock_that_was_let_in() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    for second in (5.0, 6.0, 7.0):
        pace.accept(pace.go(KEY, second), second)
    pace.limit, pace.growth = 1.5, 1e9
    for _ in range(2):
        pace.refuse(pace.go(KEY, 8.0), 8.0, 0.0, 0.0)
    pace.accept(pace.go(KEY, 8.0), 8.0)
    assert pace.limit == pytest.approx(4 / 4)


def test_one_bad_burst_does_not_halve_the_rate_for_good() -> None:
    pace = a_shut_pace(advice=2.0)
    pace.accept(pace.go(KEY, 4.0), 4.0)
    before = pace.rate(5.0) or 0
    pace.refuse(pace.go(KEY, 5.0), 5.0, 50.0, 0.0)
    pace.accept(pace.go(KEY, 55.0), 55.0)
    assert 0.5 * before < (pace.limit or 0) <= 1.0


def test_refusals_by_chance_never_bring_the_rate_down_to_nothing() -> None:
    pace, now = Pace(), 0.0
    for call in range(2000):
        now += (pace.wait(now) or 0) + 0.01
        permit = pace.go(KEY, now)
        # Never twice in a row: the door opens at the first knock.
        if call % 10 == 9 and not permit.is_knock:
            pace.refuse(permit, now, None, 0.5)
        else:
            pace.accept(permit, now)
    assert (pace.rate(now) or 0) >= 1.9


def test_a_long_pause_is_not_part_of_the_measure() -> None:
    pace = Pace()
    pace.accept(pace.go(KEY, 0.0), 0.0)
    for second in (1000.0, 1000.5):
        pace.accept(pace.go(KEY, second), second)
    pace.refuse(pace.go(KEY, 1001.0), 1001.0, 1.0, 0.0)
    pace.accept(pace.go(KEY, 1002.0), 1002.0)
    assert pace.limit == pytest.approx(1.0)


def test_a_refusal_of_the_very_first_call_gives_a_rate_too() -> None:
    pace = Pace()
    pace.refuse(pace.go(KEY, 0.0), 0.0, 2.0, 0.0)
    pace.accept(pace.go(KEY, 2.0), 2.0)
    assert 0 < (pace.limit or 0) < 100


def test_a_knock_that_came_to_nothing_lets_the_next_one_knock() -> None:
    pace = a_shut_pace(advice=1.0)
    pace.give_up(pace.go(KEY, 3.1))
    assert pace.wait(3.1) == 0
    pace.give_up(pace.go(KEY, 3.1))


def test_budgets_of_two_actions_are_apart(clock: Any) -> None:
    budget = Budget(clock, lambda: 0.0)
    budget.give_back(budget.acquire(KEY), Word.REFUSED, advice=9.0)
    other = budget.acquire(("ecs", "cn-hangzhou", "DescribeDisks"))
    budget.give_back(other, Word.NOTHING)
    assert clock.sleeps == []
    budget.give_back(budget.acquire(KEY), Word.ACCEPTED)
    assert clock.sleeps == [9.0]


def test_workers_wait_for_the_one_who_knocks(clock: Any) -> None:
    budget = Budget(clock, lambda: 0.0)
    budget.give_back(budget.acquire(KEY), Word.REFUSED, advice=1.0)
    knock = budget.acquire(KEY)
    waiter = threading.Thread(target=lambda: budget.give_back(budget.acquire(KEY), Word.ACCEPTED))
    waiter.start()
    budget.give_back(knock, Word.ACCEPTED)
    waiter.join(10)
    assert knock.is_knock
    assert not waiter.is_alive()
