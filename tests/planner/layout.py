"""From declared and live things to the steps of a plan, for the tests of steps, order, batches and waves."""

from collections.abc import Iterable, Mapping

from ecsplan.model.address import Address
from ecsplan.model.call import Call
from ecsplan.model.change import Change
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Step
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.planner.layout import lay_out
from tests.builders import KINDS, at, changes_of


def steps_of(stack: Stack, matched: Mapping[str, LiveObject] | None = None, alone: tuple[str, ...] = (), **more):
    """`alone` are members that are made one by one; `more` goes to the diff."""
    changes = tuple(changes_of(stack, matched, **more).values())
    return laid_out(changes, stack.by_address(), alone=alone)


def laid_out(
    changes: Iterable[Change],
    declared: Mapping[Address, Resource],
    kinds: Kinds = KINDS,
    alone: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """The steps of some changes, none of which waits for itself."""
    steps, reasons = lay_out(tuple(changes), kinds, declared, "here", {at(text) for text in alone})
    assert not reasons
    return steps


def told(steps: tuple[Step, ...]) -> list[str]:
    """`operation address` of each step but barriers, in the plan's order; `×3` where one call is for three."""
    return [_told(step) for step in steps if step.calls]


def _told(step: Step) -> str:
    count = f" ×{len(step.addresses)}" if len(step.addresses) > 1 else ""
    return f"{step.calls[0].operation} {step.addresses[0]}{count}"


def the_step(steps: tuple[Step, ...], text: str) -> Step:
    (found,) = [step for step in steps if step.calls and _told(step) == text]
    return found


def the_call(steps: tuple[Step, ...], text: str) -> Call:
    return the_step(steps, text).calls[0]


def runs_before(steps: tuple[Step, ...], first: str, last: str) -> bool:
    """Whether one waits for the other, by whatever way."""
    by_id = {step.id: step for step in steps}
    todo, goal, seen = list(the_step(steps, last).comes_after), the_step(steps, first).id, set()
    while todo:
        need = todo.pop()
        if need == goal:
            return True
        if need not in seen:
            seen.add(need)
            todo += by_id[need].comes_after
    return False
