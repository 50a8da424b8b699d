"""What became of a step, in words that a person can act on. Used by run.py; pure."""

from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, ErrorClass
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Outcome, Status, Step

PARTIAL, HOPELESS, UNFILLED, LOCK_LOST = "PartialAnswer", "HopelessWait", "Unfilled", "LockLost"
REJECTED, INTERRUPTED, LOGGED_OUT = "Rejected", "Interrupted", "LoggedOut"
NOT_STARTED = "not started"

_ADVICE = {
    ErrorClass.CAPACITY: "no stock or quota for this: change the type, the zone or the quota, then apply again",
    ErrorClass.THROTTLE: "the service kept refusing for load: apply again later",
    ErrorClass.TRANSIENT: "the service did not answer; apply again: what was made is found and not made twice",
    ErrorClass.CONFLICT: "the object stayed busy; look at what is going on with it, then apply again",
    ErrorClass.ABSENT: "something that the plan counts on is gone: plan again",
    ErrorClass.AUTH_REFRESH: "the credentials ran out and could not be renewed: log in again, then apply again",
}


def done(step: Step) -> Outcome:
    return Outcome(step.id, step.addresses, Status.DONE)


def failed(step: Step, code: str, message: str) -> Outcome:
    return Outcome(step.id, step.addresses, Status.FAILED, code, message)


def refused(step: Step, error: ApiError) -> Outcome:
    """The service said no, or nothing."""
    advice = _ADVICE.get(error.error_class, "")
    return Outcome(step.id, step.addresses, Status.FAILED, error.code, error.message, error.request_id, advice)


def rejected(step: Step, error: Rejected) -> Outcome:
    """Something that a person must mend before this step can be sent: a secret that is not where it should be."""
    first = error.diagnostics[0]
    return Outcome(step.id, step.addresses, Status.FAILED, REJECTED, first.summary, advice=first.detail)


def cut_off(step: Step, *, is_sent: bool, refusal: tuple[str, str] | None) -> Outcome:
    """Not finished when the run ended: sent and not settled, or never sent. `refusal`: why nothing more was to be
    written, and its code; else it was interrupted."""
    text = "sent; it was still settling when the run was stopped" if is_sent else NOT_STARTED
    if refusal is not None:
        text += f": {refusal[0]}"
    return Outcome(step.id, step.addresses, Status.SKIPPED, refusal[1] if refusal else INTERRUPTED, text)


def shown(step: Step) -> str:
    """The addresses of a step, for one line."""
    first: Address = step.addresses[0]
    return str(first) if len(step.addresses) == 1 else f"{first} and {len(step.addresses) - 1} more"
