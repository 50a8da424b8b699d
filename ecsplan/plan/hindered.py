"""What the service would refuse for the sake of something live that a change names: said in the plan. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject


def refuse_hindered(changes: Sequence[Change], objects: Iterable[RemoteObject], kinds: Kinds) -> tuple[Change, ...]:
    """The changes, those blocked that a kind's `hindered` tells of; `objects` is all that is live."""
    if not any(kinds[c.kind].hindered for c in changes if c.action is not Action.NOOP):
        return tuple(changes)
    lives = {obj.id: obj for obj in objects}
    fates = {change.before.id: change for change in changes if change.before is not None}

    def live(object_id: str) -> tuple[RemoteObject | None, Change | None]:
        return lives.get(object_id), fates.get(object_id)

    found = []
    for change in changes:
        hindered = kinds[change.kind].hindered if change.action is not Action.NOOP else None
        reasons = tuple(hindered(change, live)) if hindered else ()
        found.append(replace(change, blocked=(*change.blocked, *reasons)) if reasons else change)
    return tuple(found)
