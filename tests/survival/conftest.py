"""One line per sweep at the end of the run, also where the tests ran in other processes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.survival.sizes import Tally, counted

PROPERTY = "sweep"


@pytest.fixture
def sweep(request: pytest.FixtureRequest) -> Iterator[Callable[[str], AbstractContextManager[Tally]]]:
    """`with sweep("name") as tally:` counts cases; violations fail the test when the block ends."""
    tallies: list[Tally] = []
    yield lambda name: counted(name, tallies)
    for tally in tallies:
        seeds = sorted(tally.seeds)
        entry = [tally.sweep, tally.cases, len(tally.violations), seeds[:1] + seeds[-1:], tally.seconds, tally.more]
        request.node.user_properties.append((PROPERTY, entry))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    whole: dict[str, Tally] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, entry in (
                getattr(report, "user_properties", ()) if getattr(report, "when", "") == "teardown" else ()
            ):
                if name == PROPERTY:
                    _join(whole, *entry)
    for tally in whole.values():
        terminalreporter.write_line(tally.line)


def _join(
    whole: dict[str, Tally], name: str, cases: int, bad: int, seeds: list[int], seconds: float, more: Any
) -> None:
    tally = whole.setdefault(name, Tally(name))
    tally.cases += cases
    tally.violations += ["one"] * bad
    tally.seeds |= set(seeds)
    tally.seconds += seconds
    for key, value in more.items():
        tally.more[key] = max(tally.more.get(key, value), value)
