"""What is told while a call is sent again: what is waited for, and why. Used by sending.py and run.py."""

from typing import TYPE_CHECKING

from ecsplan.apply import outcome as outcomes
from ecsplan.model.call import ApiError, ErrorClass

if TYPE_CHECKING:
    from ecsplan.apply.means import Job, Means

RETOLD = 15.0  # seconds
RETRIES = {
    ErrorClass.THROTTLE: "was slowed down by the service: waiting for its turn",
    ErrorClass.TRANSIENT: "was not answered: asking again",
    ErrorClass.CONFLICT: "found the object busy: waiting until it has settled",
    ErrorClass.NEW_TOKEN: "found the object busy: waiting until it has settled",
    ErrorClass.IN_PROGRESS: "is still being carried out: waiting for its answer",
    ErrorClass.ABSENT: "does not see yet what was made a moment ago: trying again",
    ErrorClass.AUTH_REFRESH: "found the credentials ended: renewing them",
    ErrorClass.CLOCK: "found the clock off: correcting it",
}


def tell_of_retry(means: "Means", job: "Job", error: ApiError) -> None:
    """Says what is waited for, and why; the same reason again only after a while. Called by worker threads."""
    now = means.clock.now()
    if now - job.told.get(error.code, -RETOLD) < RETOLD:
        return
    job.told[error.code] = now
    step = job.step
    means.tell(
        {
            "type": "apply_retry",
            "step": str(step.id),
            "address": outcomes.shown(step),
            "operation": error.operation,
            "code": error.code,
            "message": f"{error.operation} {RETRIES.get(error.error_class, 'is sent again')} ({error.code})",
        }
    )
