"""When each step of a plan is likely to run, and how long the whole takes: an estimate, for people.

The steps are played through as apply runs them: so many at once, the longest way to the end first, and never two of one
lane together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from msgspec import Struct, field

from ecsplan.model.plan import Step, StepId

PARALLEL = 10  # as many steps at once as apply runs by default


class Schedule(Struct, frozen=True):
    """`order` is that of the starts. `critical` are the steps of the chain that decides how long the whole takes."""

    order: tuple[StepId, ...]
    seconds: float
    starts: Mapping[StepId, float] = field(default_factory=dict)
    critical: frozenset[StepId] = frozenset()


def schedule(steps: Sequence[Step]) -> Schedule:
    """The steps in the order in which they are likely to start."""
    run = _Run(steps)
    run.play()
    ends = {step.id: run.starts[step.id] + step.seconds for step in steps if step.id in run.starts}
    last = max(ends, key=lambda step: ends[step], default=None)
    critical: set[StepId] = set()
    while last is not None and last not in critical:
        critical.add(last)
        last = run.waited_for.get(last)
    return Schedule(tuple(run.starts), max(ends.values(), default=0.0), run.starts, frozenset(critical))


def ways(steps: Sequence[Step]) -> Mapping[StepId, float]:
    """The seconds from the start of each step to the end of all that waits for it."""
    return _Run(steps).way


class _Run:
    """One play of the steps. `waited_for` is the step whose end let another begin."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.by_id = {step.id: step for step in steps}
        self.place = {step.id: place for place, step in enumerate(steps)}
        self.left = {step.id: len({n for n in step.comes_after if n in self.by_id}) for step in steps}
        self.later: defaultdict[StepId, list[StepId]] = defaultdict(list)
        for step in steps:
            for need in dict.fromkeys(step.comes_after):
                if need in self.by_id:
                    self.later[need].append(step.id)
        self.way = self._ways()
        self.starts: dict[StepId, float] = {}
        self.waited_for: dict[StepId, StepId] = {}
        self._ready: list[tuple[float, int, StepId]] = []
        self._parked: defaultdict[str, list[tuple[float, int, StepId]]] = defaultdict(list)
        self._busy: set[str] = set()
        self._running: list[tuple[float, int, StepId]] = []

    def _ways(self) -> dict[StepId, float]:
        """The seconds from the start of each step to the end of all that waits for it."""
        order, left = [], dict(self.left)
        todo = [step for step, count in left.items() if not count]
        while todo:
            order.append(todo.pop())
            for step in self.later[order[-1]]:
                left[step] -= 1
                if not left[step]:
                    todo.append(step)
        found: dict[StepId, float] = {}
        for step in reversed(order):
            found[step] = self.by_id[step].seconds + max((found[after] for after in self.later[step]), default=0.0)
        return found

    def play(self) -> None:
        for step, count in self.left.items():
            if not count:
                self._offer(step)
        self._start(0.0, None)
        while self._running:
            now, _, ended = heappop(self._running)
            lane = _lane(self.by_id[ended])
            if lane:
                self._busy.discard(lane)
                if self._parked[lane]:
                    heappush(self._ready, heappop(self._parked[lane]))
            for step in self.later[ended]:
                self.left[step] -= 1
                if not self.left[step]:
                    self._offer(step)
            self._start(now, ended)

    def _offer(self, step: StepId) -> None:
        heappush(self._ready, (-self.way[step], self.place[step], step))

    def _start(self, now: float, ended: StepId | None) -> None:
        """Begins all that can."""
        while self._ready and len(self._running) < PARALLEL:
            entry = heappop(self._ready)
            step = self.by_id[entry[2]]
            lane = _lane(step)
            if lane and lane in self._busy:
                heappush(self._parked[lane], entry)
                continue
            if lane:
                self._busy.add(lane)
            self.starts[step.id] = now
            if ended is not None:
                self.waited_for[step.id] = ended
            heappush(self._running, (now + step.seconds, self.place[step.id], step.id))


def _lane(step: Step) -> str | None:
    """A brief one is held for a call, which takes no time here."""
    return None if step.is_lane_brief else step.lane
