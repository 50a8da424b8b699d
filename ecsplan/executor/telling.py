"""Events while a call is sent again: the wait, and its reason. Used by sending.py and run.py."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecsplan.executor import outcome as outcomes
from ecsplan.model.address import Ref
from ecsplan.model.call import ApiError, ErrorClass
from ecsplan.model.safety import BEFORE

if TYPE_CHECKING:
    from ecsplan.executor.means import Job, Means

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
    if error.error_class in (ErrorClass.CONFLICT, ErrorClass.NEW_TOKEN):
        job.ring()
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


def detail_of(means: "Means", job: "Job") -> dict[str, Any]:
    """What a step that has ended has to tell beside its outcome: what a gate saw, which snapshot is of which disk."""
    if job.watch is not None:
        return {"detail": job.watch.detail}
    parts = [Ref(address, call.part) for call in job.step.calls if call.part for address in call.creates]
    taken = snapshots_in({ref: means.filler.ids[ref] for ref in parts if ref in means.filler.ids})
    return {"detail": {"snapshots": taken}} if taken else {}


def snapshots_in(ids: Mapping[Ref, Any]) -> dict[str, str]:
    """The safety snapshots among what was made, by the ids of their disks."""
    start = f"{BEFORE}."
    found = {ref.attribute.removeprefix(start): str(i) for ref, i in ids.items() if ref.attribute.startswith(start)}
    return dict(sorted(found.items()))
