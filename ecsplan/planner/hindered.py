"""Changes that the service would refuse because of a live object that they refer to: said in the plan. Pure."""

from collections.abc import Iterable, Sequence

from ecsplan.model.capabilities.preflight import preflight
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject
from ecsplan.planner.tagging import crowded, unmarkable


def refuse_hindered(
    changes: Sequence[Change], objects: Iterable[RemoteObject], kinds: Kinds, now: float = 0.0
) -> tuple[Change, ...]:
    """The changes, those blocked that a kind's `hindered` tells of, with what its `noted` adds.

    `objects` is all that is live, `now` the time by the service's clock.
    """
    lives = {obj.id: obj for obj in objects}
    fates = {change.before.id: change for change in changes if change.before is not None}
    fates |= {str(change.address): change for change in changes if change.before is None}

    def live(object_id: str) -> tuple[RemoteObject | None, Change | None]:
        return lives.get(object_id), fates.get(object_id)

    found = []
    for change in changes:
        kind = kinds[change.kind]
        known = preflight(kind)
        if change.action is not Action.NOOP:
            reasons = (*known.hindered(change, live), *filter(None, [crowded(change), unmarkable(kind, change)]))
            reasons += tuple(known.timely(change, now))
            notes = tuple(known.noted(change))
            if reasons or notes:
                change = replace(change, blocked=(*change.blocked, *reasons), notes=(*change.notes, *notes))
        found.append(change)
    return tuple(found)
