"""What goes while something that stays still holds it: the service would refuse for minutes, so the plan does. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject

SHOWN = 3  # holders that a refusal names


def refuse_held(
    changes: Sequence[Change],
    objects: Iterable[RemoteObject],
    kinds: Kinds,
    read: Callable[[RemoteObject, str], Any],
) -> tuple[Change, ...]:
    """The changes, those blocked that delete what is held; `objects` is all that is live, of other stacks too.

    `read(object, attribute)` answers a canonical value. Who goes as well, or lets go in this plan, holds nothing.
    """
    going = {(c.kind, c.before.id): c for c in changes if c.before and c.action in (Action.DELETE, Action.REPLACE)}
    watched = {pair for kind, _ in going for pair in kinds[kind].delete.held_by}
    lets_go = {(c.kind, c.before.id): set(c.attributes_by_name) for c in changes if c.before is not None}
    holders: dict[str, list[str]] = {}
    for obj in objects:
        for kind, name in watched:
            key = (obj.kind, obj.id)
            if obj.kind == kind and key not in going and name not in lets_go.get(key, ()):
                value = read(obj, name)
                for held in value if isinstance(value, tuple) else (value,):
                    holders.setdefault(str(held), []).append(f"{kind} {obj.id}")
    return tuple(_blocked(change, holders) if going.get(_key(change)) is change else change for change in changes)


def _key(change: Change) -> tuple[str, str]:
    return (change.kind, change.before.id if change.before is not None else "")


def _blocked(change: Change, holders: dict[str, list[str]]) -> Change:
    found = sorted(set(holders.get(_key(change)[1], ())))
    if not found:
        return change
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    reason = f"still used by {', '.join(found[:SHOWN])}{more}, which this plan leaves as it is"
    return replace(change, blocked=(*change.blocked, reason))
