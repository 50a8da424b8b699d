"""The result of each resource of a plan, from the outcomes of its steps. Used by run.py; pure."""

from collections.abc import Collection, Iterable, Mapping

from ecsplan.model.address import Address
from ecsplan.model.change import Action
from ecsplan.model.plan import Outcome, Plan, Result, Status, StepId

_DONE = {
    Action.CREATE: Result.CREATED,
    Action.UPDATE: Result.UPDATED,
    Action.REPLACE: Result.REPLACED,
    Action.DELETE: Result.DELETED,
    Action.ADOPT: Result.ADOPTED,
    Action.MOVE: Result.MOVED,
    Action.RELEASE: Result.RELEASED,
}


def results_of(plan: Plan, outcomes: Mapping[StepId, Outcome], effective: Collection[StepId]) -> dict[Address, Result]:
    """Each resource that the plan changes, once: so the counts of a report are those of its plan."""
    steps: dict[Address, list[Outcome]] = {}
    for outcome in outcomes.values():
        if outcome.status is not Status.NOT_NEEDED:
            for address in outcome.addresses:
                steps.setdefault(address, []).append(outcome)
    return {
        change.address: _result(_DONE[change.action], steps[change.address], effective)
        for change in plan.changes
        if change.action in _DONE and change.address in steps
    }


def _result(done: Result, outcomes: Iterable[Outcome], effective: Collection[StepId]) -> Result:
    found = list(outcomes)
    statuses = {outcome.status for outcome in found}
    if Status.FAILED in statuses:
        return Result.FAILED
    if statuses == {Status.DONE}:
        return done
    began = Status.DONE in statuses or any(outcome.step in effective for outcome in found)
    return Result.UNFINISHED if began else Result.NOT_STARTED
