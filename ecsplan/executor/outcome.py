"""The outcome of a step, in words that a person can act on. Used by run.py; pure."""

import re

from ecsplan.executor.absence import noun_of
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, ErrorClass, RefusalCause
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Outcome, Status, Step

PARTIAL, HOPELESS, UNFILLED, LOCK_LOST = "PartialAnswer", "HopelessWait", "Unfilled", "LockLost"
REJECTED, INTERRUPTED, LOGGED_OUT = "Rejected", "Interrupted", "LoggedOut"
NOT_STARTED = "not started"

_BUSY = "the object stayed busy: look at what is going on with it, then apply again"
_ADVICE = {
    ErrorClass.THROTTLE: "the service kept refusing for load: apply again later",
    ErrorClass.TRANSIENT: "the service did not answer: apply again; what was made is found and not made twice",
    ErrorClass.CONFLICT: _BUSY,
    ErrorClass.IN_PROGRESS: _BUSY,
    ErrorClass.NEW_TOKEN: _BUSY,
    ErrorClass.ABSENT: "something that this step names is not there: check its ids and names, then plan again",
    ErrorClass.ALREADY: "something of that name or address exists and is not of this stack: rename one of them, or"
    " take it over with adopt, then plan again",
    ErrorClass.AUTH_REFRESH: "the credentials ran out and could not be renewed: log in again, then apply again",
    ErrorClass.CLOCK: "the clock of this machine is off by more than 15 minutes: set it, then apply again",
    ErrorClass.FATAL: "the service refuses what is declared here: change it, then plan again",
}
_STOCK = (
    "there is none of this type in this zone now: choose another type or zone (ecsplan catalog instance-types), then"
    " plan again"
)
# What is short, by words in the code or the message.
_SHORT = (
    (
        r"balance|arrear|unpaid|overdue|paymethod|payment",
        "the account has no money for this, or an unpaid order: top up or pay, then apply again",
    ),
    (r"ipnotenough|ip address", "the vSwitch has no free address: use another or a larger one, then plan again"),
    (
        r"quota|limit|exceed|maximum",
        "a quota is used up: raise it in the Quota Center or remove what is not needed, then apply again",
    ),
)


def advice(error: ApiError) -> str:
    """What a person can do about a refusal."""
    if error.error_class is ErrorClass.DENIED:
        if error.is_about(RefusalCause.WRONG_KEY):
            return "the access key is wrong or disabled: check it with ecsplan whoami, then apply again"
        action = (error.detail.get("AccessDeniedDetail") or {}).get("AuthAction") or error.operation
        return f"the key may not do this: allow {action} in its RAM policy, then apply again"
    if error.error_class is ErrorClass.CAPACITY:
        told = f"{error.code} {error.message}".lower()
        return next((words for pattern, words in _SHORT if re.search(pattern, told)), _STOCK)
    noun = noun_of(error.code) if error.error_class in (ErrorClass.ABSENT, ErrorClass.FATAL) else None
    return (noun.remedy if noun else "") or _ADVICE.get(error.error_class, "")


def done(step: Step) -> Outcome:
    return Outcome(step.id, step.addresses, Status.DONE)


def failed(step: Step, code: str, message: str) -> Outcome:
    return Outcome(step.id, step.addresses, Status.FAILED, code, message)


def refused(step: Step, error: ApiError) -> Outcome:
    """The service said no, or nothing."""
    told = advice(error)
    return Outcome(
        step.id,
        step.addresses,
        Status.FAILED,
        error.code,
        error.message,
        error.request_id,
        told,
        error=error.error_class,
    )


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
