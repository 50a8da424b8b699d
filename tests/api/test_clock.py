"""The real clock."""

import time

import pytest

from ecsplan.api.clock import SystemClock


def test_the_clock_keeps_the_time_of_day() -> None:
    assert SystemClock().now() == pytest.approx(time.time(), abs=1)


def test_the_clock_does_not_follow_a_wall_clock_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.now()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert clock.now() == pytest.approx(before, abs=1)


def test_a_wait_that_is_already_over_is_no_error() -> None:
    SystemClock().sleep(-1)
