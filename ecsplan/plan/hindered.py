"""What the service would refuse for the sake of something live that a change names: said in the plan. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject


def refuse_hindered(changes: Sequence[Change], objects: Iterable[RemoteObject], kinds: Kinds) -> tuple[Change, ...]:
    """The changes, those blocked that a kind's `hindered` tells of, with what its `noted` adds.

    `objects` is all that is live.
    """
    if not any(kinds[c.kind].hindered or kinds[c.kind].noted for c in changes if c.action is not Action.NOOP):
        return tuple(changes)
    lives = {obj.id: obj for obj in objects}
    fates = {change.before.id: change for change in changes if change.before is not None}

    def live(object_id: str) -> tuple[RemoteObject | None, Change | None]:
        return lives.get(object_id), fates.get(object_id)

    found = []
    for change in changes:
        kind = kinds[change.kind]
        if change.action is not Action.NOOP and (kind.hindered or kind.noted):
            reasons = tuple(kind.hindered(change, live)) if kind.hindered else ()
            notes = tuple(kind.noted(change)) if kind.noted else ()
            change = replace(change, blocked=(*change.blocked, *reasons), notes=(*change.notes, *notes))
        found.append(change)
    return tuple(found)
