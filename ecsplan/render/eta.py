"""How far a run is, and how long it may still take: from the graph of the plan and what its steps usually take."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from ecsplan.model.copying import replace
from ecsplan.model.durations import NOTHING_LEARNED, Durations
from ecsplan.model.plan import Step
from ecsplan.render.timing import PARALLEL, ways
from ecsplan.render.words import duration

ROUGH = 10  # seconds: no estimate is better than that


class Course(Struct):
    """The steps of one run as they end. Times are seconds of any clock.

    `way` is how long it takes from the start of a step to the end of all that waits for it.
    """

    steps: Mapping[str, Step] = field(default_factory=dict)
    durations: Durations = NOTHING_LEARNED
    way: Mapping[str, float] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    started: dict[str, float] = field(default_factory=dict)
    estimated: tuple[float, int, float] | None = None  # when, with how many steps left, and how long it was to be

    @classmethod
    def of(cls, steps: Sequence[Step], durations: Durations) -> "Course":
        timed = [replace(step, seconds=durations.seconds(step)) for step in steps]
        found = {str(step): seconds for step, seconds in ways(timed).items()}
        counted = {str(step.id): step for step in timed if not step.is_barrier and not step.is_rescue}
        return cls(counted, durations, found, set(counted))

    def only(self, names: Iterable[str]) -> None:
        """Those that are still to be done, where a part had been done before."""
        self.left &= set(names)
        self.steps = {name: step for name, step in self.steps.items() if name in self.left}

    def begins(self, name: str, now: float) -> None:
        self.started[name] = now

    def ends(self, name: str) -> None:
        self.left.discard(name)
        self.started.pop(name, None)

    def remaining(self, now: float) -> float:
        """The longest chain that is left, or the work of all that is left where that takes longer."""
        chain = max((self._rest(name, self.way.get(name, 0.0), now) for name in self.left), default=0.0)
        work = sum(self._rest(name, self.steps[name].seconds, now) for name in self.left)
        return max(chain, work / PARALLEL)

    def _rest(self, name: str, seconds: float, now: float) -> float:
        """What began takes at least a moment more, however long it has taken."""
        begun = self.started.get(name)
        if begun is None:
            return seconds
        own = self.steps[name].seconds
        return seconds - min(now - begun, own * 0.9)

    def text(self, now: float) -> str:
        """`7 of 31, about 2 min left; waiting for start instance.db`."""
        if not self.steps:
            return ""
        done = len(self.steps) - len(self.left)
        parts = [f"{done} of {len(self.steps)}"]
        if self.left:
            seconds = self._estimate(now)
            parts.append(f"about {duration(max(ROUGH, round(seconds / ROUGH) * ROUGH))} left")
        last = max(self.started, key=lambda name: self.way.get(name, 0.0), default="")
        # Without the number that tells several such steps of one resource apart: no other line has it.
        waiting = replace(self.steps[last].id, number=0) if last in self.steps else last
        return ", ".join(parts) + (f"; waiting for {waiting}" if last else "")

    def _estimate(self, now: float) -> float:
        """Worked out anew each second, and for each tenth of what is left that has ended: not for every one of
        thousands of steps, of which an estimate looks at all that are left."""
        if self.estimated is not None:
            when, left, seconds = self.estimated
            if now - when < 1 and len(self.left) > 0.9 * left:
                return seconds
        self.estimated = (now, len(self.left), self.remaining(now))
        return self.estimated[2]

    def usual(self, name: str) -> float | None:
        step = self.steps.get(name)
        return self.durations.of(step) if step is not None else None
