"""How large a sweep is, which part of it a test takes, and the line that it prints."""

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

SIZE = os.environ.get("ECSPLAN_SWEEP", "1")
FULL = SIZE == "full"
TIMES = 1.0 if FULL else float(SIZE)
One = TypeVar("One")


def chosen(cases: Sequence[One], count: int, seed: int = 0) -> list[One]:
    """In full all cases; else so many, spread evenly by chance that repeats. ECSPLAN_SWEEP=5: five times as many."""
    count = max(1, round(count * TIMES))
    if FULL or count >= len(cases):
        return list(cases)
    return [cases[place] for place in sorted(random.Random(seed).sample(range(len(cases)), count))]


@dataclass(slots=True)
class Tally:
    """Counts what a sweep did. `violations` name the case and what was wrong."""

    sweep: str
    cases: int = 0
    violations: list[str] = field(default_factory=list)
    seeds: set[int] = field(default_factory=set)
    seconds: float = 0.0
    more: dict[str, float] = field(default_factory=dict)

    def add(self, case: object, problems: Sequence[str], seed: int | None = None) -> None:
        self.cases += 1
        self.violations += [f"{case}: {problem}" for problem in problems]
        if seed is not None:
            self.seeds.add(seed)

    @property
    def line(self) -> str:
        seeds = f", seeds {min(self.seeds)} to {max(self.seeds)}" if self.seeds else ""
        more = "".join(f", {name} {value:g}" for name, value in self.more.items())
        return (
            f"{self.sweep}: {self.cases:,} cases, {len(self.violations)} violations{seeds}{more}, {self.seconds:.1f} s"
        )


@contextmanager
def counted(sweep: str, record: "list[Tally] | None" = None) -> Iterator[Tally]:
    """A tally that fails the test at its end, with every violation by its name."""
    tally = Tally(sweep)
    started = time.monotonic()
    yield tally
    tally.seconds = time.monotonic() - started
    if record is not None:
        record.append(tally)
    assert not tally.violations, f"{len(tally.violations)} violations\n" + "\n".join(tally.violations[:40])
