"""How a rollout goes, in a line for each group: its waves, its pauses, and what each machine must pass."""

from collections.abc import Iterator

from ecsplan.render.view import PlanView, StepRow
from ecsplan.render.words import duration, plural


def rollout_lines(view: PlanView) -> Iterator[str]:
    """Nothing for a plan without gates and pauses."""
    rollouts: dict[str, list[StepRow]] = {}
    for step in view.steps:
        if step.gate:
            rollouts.setdefault(step.rollout or str(step.addresses[0].group), []).append(step)
    for name, steps in rollouts.items():
        yield _line(view, name, steps)


def _line(view: PlanView, name: str, steps: list[StepRow]) -> str:
    groups = {address.group for step in steps for address in step.addresses}
    waves = {step.wave for step in view.steps if step.wave and step.addresses[0].group in groups}
    gates = [step for step in steps if step.id.verb == "gate" and step.wave]
    pauses = [step for step in steps if step.id.verb == "pause"]
    parts = [plural(len(waves), "wave")] if len(waves) > 1 else []
    drained = [step for step in steps if step.id.verb == "drained"]
    parts += [f"drained for {duration(drained[0].seconds)} before it goes away"] if drained else []
    if pauses:
        parts.append(f"{plural(len(pauses), 'pause')} of {duration(pauses[0].seconds)} after the canaries")
    if gates:
        parts.append(f"each must pass before the next: {gates[0].gate}")
    before = [step for step in steps if step.id.verb == "gate" and not step.wave]
    parts += [f"{plural(len(before[0].addresses), 'other')} must pass before it begins"] if before else []
    return f"Rollout of {name.removeprefix('rollout.')}: {'; '.join(parts)}."
