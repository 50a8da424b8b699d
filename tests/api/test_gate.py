"""The gate over an outage, under a virtual clock: no storm, and nobody is late when the service is back."""

import heapq
import itertools
import random
import threading
from typing import Any

import pytest

from ecsplan.api.gate import (
    FAILURES_TO_SHUT,
    PATIENCE,
    PATIENCE_WITH_A_STRANGER,
    Door,
    Gate,
    Health,
    Pass,
    ServiceIsDown,
)

LATENCY = 0.02


class Outage:
    """Ten workers do `calls` calls, each as often as it takes; the service is down from `start` to `end`."""

    def __init__(self, calls: int, start: float, end: float, seed: int) -> None:
        self.left, self.down, self.chance, self.door = calls, (start, end), random.Random(seed), Door()
        self.sent, self.first_success = 0, 0.0
        self.events: list[Any] = []
        self.parked: list[int] = []
        self.order = itertools.count()

    def run(self) -> "Outage":
        for worker in range(10):
            self.at(0.0, self.start, worker)
        while self.events:
            now, _, step, worker = heapq.heappop(self.events)
            step(now, *worker)
        return self

    def at(self, time: float, step: Any, *arguments: Any) -> None:
        heapq.heappush(self.events, (time, next(self.order), step, arguments))

    def start(self, now: float, worker: int) -> None:
        if self.left:
            self.left -= 1
            self.ask(now, worker)

    def ask(self, now: float, worker: int) -> None:
        wait = self.door.wait(now)
        if wait is None:
            self.parked.append(worker)
        elif wait > 0:
            self.at(now + wait, self.ask, worker)
        else:
            self.sent += 1
            self.at(now + LATENCY, self.told, worker, self.door.go())

    def told(self, now: float, worker: int, passed: Pass) -> None:
        is_down = self.down[0] <= now < self.down[1]
        self.door.tell(passed, Health.DOWN if is_down else Health.UP, now, self.chance.random())
        if now >= self.down[1] and not self.first_success:
            self.first_success = now
        self.at(now, self.ask if is_down else self.start, worker)
        for parked in self.parked:
            self.at(now, self.ask, parked)
        self.parked.clear()


@pytest.mark.parametrize("start", [0.0, 0.05])
@pytest.mark.parametrize("seed", range(20))
def test_an_outage_of_a_minute_costs_no_storm_and_ends_in_time(start: float, seed: int) -> None:
    outage = Outage(60, start, start + 60, seed).run()
    assert outage.sent <= 2 * 60
    assert outage.first_success <= start + 60 + 5


def failed(door: Door, times: int, now: float = 0.0, health: Health = Health.DOWN) -> None:
    for _ in range(times):
        door.tell(door.go(), health, now, 0.0)


def an_open_door() -> Door:
    door = Door()
    door.tell(door.go(), Health.UP, 0.0, 0.0)
    return door


def test_the_first_call_goes_alone() -> None:
    door = Door()
    first = door.go()
    assert first.is_probe
    assert door.wait(0.0) is None
    door.tell(first, Health.UP, 0.1, 0.0)
    assert door.wait(0.1) == 0
    assert not door.go().is_probe


def test_a_few_failures_in_a_row_shut_the_door() -> None:
    door = an_open_door()
    failed(door, FAILURES_TO_SHUT - 1)
    assert door.wait(0.0) == 0
    failed(door, 1)
    assert door.wait(0.0) == pytest.approx(0.4)


def test_one_success_in_between_keeps_it_open() -> None:
    door = an_open_door()
    failed(door, FAILURES_TO_SHUT - 1)
    door.tell(door.go(), Health.UP, 0.0, 0.0)
    failed(door, FAILURES_TO_SHUT - 1)
    assert door.wait(0.0) == 0


def test_failures_of_calls_already_on_their_way_do_not_put_off_the_probe() -> None:
    door = an_open_door()
    late = [door.go() for _ in range(5)]
    failed(door, FAILURES_TO_SHUT)
    for passed in late:
        door.tell(passed, Health.DOWN, 0.2, 0.0)
    assert door.wait(0.2) == pytest.approx(0.2)


def test_a_late_success_opens_it_again() -> None:
    door = an_open_door()
    late = door.go()
    failed(door, FAILURES_TO_SHUT)
    door.tell(late, Health.UP, 0.1, 0.0)
    assert door.wait(0.1) == 0


def test_probes_come_ever_later_up_to_a_bound() -> None:
    door, now, waits = an_open_door(), 0.0, []
    failed(door, FAILURES_TO_SHUT)
    for _ in range(7):
        waits.append(door.wait(now) or 0)
        now += waits[-1]
        door.tell(door.go(), Health.DOWN, now, 1.0)
    assert waits == pytest.approx([0.4, 1.0, 2.0, 4.0, 4.5, 4.5, 4.5])


def test_a_probe_that_was_broken_off_leaves_its_turn_to_the_next() -> None:
    door = Door()
    door.tell(door.go(), Health.UNKNOWN, 0.0, 0.0)
    assert door.wait(0.0) == 0


@pytest.mark.parametrize(
    ("health", "patience"), [(Health.DOWN, PATIENCE), (Health.UNREACHABLE, PATIENCE_WITH_A_STRANGER)]
)
def test_nobody_waits_beyond_the_patience(health: Health, patience: float) -> None:
    door = Door()
    failed(door, 1, health=health)
    door.next_probe = 1000.0
    assert door.wait(patience - 1) == pytest.approx(1.0)
    with pytest.raises(ServiceIsDown, match=f"no answer from the service for {patience:.0f} s"):
        door.wait(patience)


def test_a_probe_that_is_late_goes_at_once() -> None:
    door = an_open_door()
    failed(door, FAILURES_TO_SHUT)
    assert door.wait(50.0) == 0


def test_the_last_words_of_the_service_are_quoted_and_silence_does_not_blot_them_out() -> None:
    door = Door()
    door.tell(door.go(), Health.DOWN, 100.0, 0.0, "502 from a proxy")
    door.tell(door.go(), Health.DOWN, 150.0, 0.0)
    door.next_probe = 1000.0
    with pytest.raises(ServiceIsDown, match=r"^no answer from the service for 120 s, the last time: 502 from a proxy$"):
        door.wait(100.0 + PATIENCE)


def test_the_gate_passes_the_words_on(clock: Any) -> None:
    gate = Gate(clock, lambda: 0.0)
    with pytest.raises(ServiceIsDown, match=r"the last time: cut off$"):
        while True:
            gate.leave(gate.enter(), Health.DOWN, "cut off")
            gate.leave(gate.enter(), Health.DOWN)


def test_a_service_that_has_answered_before_is_waited_for_longer() -> None:
    door = an_open_door()
    failed(door, FAILURES_TO_SHUT, health=Health.UNREACHABLE)
    assert door.patience == PATIENCE


def test_workers_wait_for_the_probe_and_for_its_time(clock: Any) -> None:
    gate = Gate(clock, lambda: 0.0)
    gate.leave(gate.enter(), Health.DOWN)
    assert gate.is_shut
    probe = gate.enter()
    waiter = threading.Thread(target=lambda: gate.leave(gate.enter(), Health.UP))
    waiter.start()
    gate.leave(probe, Health.UP)
    waiter.join(10)
    assert not waiter.is_alive()
    assert clock.sleeps == [pytest.approx(0.4)]
    assert not gate.is_shut
