"""When each step of a plan is likely to run, and how long the whole takes: an estimate, for people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from ecsplan.model.plan import Step, StepId

PARALLEL = 10  # as many steps at once as apply runs by default


@dataclass(frozen=True, slots=True)
class Schedule:
    order: tuple[StepId, ...]
    seconds: float


def schedule(steps: Sequence[Step]) -> Schedule:
    """The steps in the order of their earliest starts, and the longest of: path, lane, work shared by all workers."""
    by_id = {step.id: step for step in steps}
    needs = {step.id: [need for need in step.comes_after if need in by_id] for step in steps}
    starts: dict[StepId, float] = {}
    ends: dict[StepId, float] = {}
    lanes: defaultdict[str, float] = defaultdict(float)
    for step_id in TopologicalSorter(needs).static_order():
        step = by_id[step_id]
        starts[step_id] = max((ends[need] for need in needs[step_id]), default=0.0)
        ends[step_id] = starts[step_id] + step.seconds
        if step.lane:
            lanes[step.lane] += step.seconds
    shared = sum(step.seconds for step in steps) / PARALLEL
    longest = max([*ends.values(), *lanes.values(), shared], default=0.0)
    places = {step_id: place for place, step_id in enumerate(starts)}
    return Schedule(tuple(sorted(starts, key=lambda s: (starts[s], places[s]))), longest)
