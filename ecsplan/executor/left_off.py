"""Which machines are off at the end of a run without being meant to be. Used by run.py.

Whatever a run stopped, or was to start, and has not started is looked at once more: its status is what counts.
"""

from collections.abc import Collection, Iterator

from ecsplan.executor import outcome as outcomes
from ecsplan.executor.sending import unsettled
from ecsplan.executor.walk import Walk
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, Call, ErrorClass
from ecsplan.model.plan import Off, Outcome, Status, Step


def left_off(walk: Walk) -> tuple[Off, ...]:
    """Machines that are off, those that this run left so first; then those that it found off and leaves so."""
    left = [off for step in walk.plan.steps if _is_in_doubt(walk, step) for off in _not_started(walk, step)]
    named = {off.id for off in left}
    return (*left, *(off for off in walk.plan.off if off.id not in named))


def _is_in_doubt(walk: Walk, step: Step) -> bool:
    """Whether a step was to start machines again, and nobody knows that it did."""
    if step.closing is None or step.id.verb != "start":
        return False
    return walk.outcomes[step.id].status not in (Status.DONE, Status.NOT_NEEDED)


def _not_started(walk: Walk, step: Step) -> Iterator[Off]:
    """Those of its targets that do not run, as a look tells; all of them where there is none to be had."""
    call, outcome = step.calls[0], walk.outcomes[step.id]
    sort = walk.means.cloud.classify(call.operation, outcome.code)
    # With a key that has ended every look is refused as well.
    left = set(map(str, call.targets if sort is ErrorClass.AUTH_REFRESH else unsettled(walk.means, call)))
    is_absent = sort is ErrorClass.ABSENT
    if is_absent or outcome.status is Status.SKIPPED:
        left -= _gone(walk, call, left)
    for address, target in zip(step.addresses, call.targets, strict=True):
        if str(target) in left:
            yield Off(address, str(target), _why(walk, step, outcome, address))


def _gone(walk: Walk, call: Call, ids: Collection[str]) -> set[str]:
    """Those that are not there: a deletion that a dead run had sent may be carried out late."""
    try:
        return set(ids) - set(walk.means.cloud.read(call.kind, list(ids)))
    except ApiError:
        return set()


def _why(walk: Walk, step: Step, outcome: Outcome, address: Address) -> str:
    """Why it was not started; and what stands in the way of the change that it was stopped for."""
    told = ": ".join(filter(None, (outcome.code, outcome.message)))
    if outcome.because is not None:
        told = f"{outcome.because} failed"
    for other in step.closing.after if step.closing is not None else ():
        found = walk.outcomes.get(other)
        if found is not None and found.status is Status.FAILED and address in found.addresses:
            told = f"{told}; before that, {other} failed: {found.code}" if told else f"{other} failed: {found.code}"
            break
    return told or outcomes.NOT_STARTED
