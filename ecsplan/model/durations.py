"""How long steps usually take: learned from runs that were recorded, by what a step calls and for which kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median

from msgspec import Struct, field

from ecsplan.model.plan import Step

ENOUGH = 3  # of the same sort; from fewer nothing is learned
NEWEST = 25  # of each sort: what was years ago tells little
SLOW, SLACK = 2.0, 5.0  # so many times the usual, and so many seconds more, are slower than usual

Sort = tuple[tuple[str, ...], str]


class Durations(Struct, frozen=True):
    """Seconds by operations and kind."""

    usual: Mapping[Sort, float] = field(default_factory=dict)

    @classmethod
    def learned(cls, rows: Iterable[tuple[tuple[str, ...], str, float]]) -> "Durations":
        """`rows` are operations, kind and seconds of steps that ended well, the newest first."""
        found: dict[Sort, list[float]] = defaultdict(list)
        for operations, kind, seconds in rows:
            if any(operations) and len(found[operations, kind]) < NEWEST:
                found[operations, kind].append(seconds)
        return cls({sort: median(times) for sort, times in found.items() if len(times) >= ENOUGH})

    def of(self, step: Step) -> float | None:
        """What a step usually takes; None where that is not known."""
        return self.usual.get(sort_of(step))

    def seconds(self, step: Step) -> float:
        """As learned, else as estimated."""
        usual = self.of(step)
        return step.seconds if usual is None else usual


NOTHING_LEARNED = Durations()


def sort_of(step: Step) -> Sort:
    kind = step.addresses[0].kind if step.addresses else ""
    return tuple(call.operation for call in step.calls), kind


def is_slow(seconds: float, usual: float | None) -> bool:
    return usual is not None and seconds > SLOW * usual and seconds > usual + SLACK
