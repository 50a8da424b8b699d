"""When the service releases a machine by itself. Used by instance.py."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ecsplan.model.change import Action, Change

SOONEST, LATEST = timedelta(minutes=30), timedelta(days=3 * 365)


def too_soon(change: Change, now: float) -> Iterable[str]:
    """RunInstances and ModifyInstanceAutoReleaseTime, AutoReleaseTime: from 30 minutes to 3 years ahead."""
    wanted = change.desired("auto_release_time")
    is_new = change.action in (Action.CREATE, Action.REPLACE)
    if not (is_new or "auto_release_time" in change.attributes_by_name) or not isinstance(wanted, str):
        return
    ahead = datetime.fromisoformat(wanted.replace("Z", "+00:00")) - datetime.fromtimestamp(now, UTC)
    if not SOONEST <= ahead <= LATEST:
        yield f"auto_release_time {wanted}: the service takes one from 30 minutes to three years ahead"
