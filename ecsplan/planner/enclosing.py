"""A range that others lie in (a VPC's, of its vSwitches) changes in place: what is gone before, what has room anyway.

Used by order.py and held.py; pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecsplan.model.address import Ref
from ecsplan.model.capabilities.enclosing import Encloses
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import is_deferred
from ecsplan.model.kind import Kinds

IN_PLACE = (Action.UPDATE, Action.MOVE, Action.ADOPT)
_GOING = (Action.DELETE, Action.REPLACE)
_Place = tuple[str, str, str | Ref]
"""A kind that lies in others, the attribute by which it names one, and the id of that."""


def has_room(kinds: Kinds, outer: Change | None, inner: Change) -> bool:
    """Whether a range that is about to change has room, as it is, for one that is about to be made."""
    if outer is None or outer.action not in IN_PLACE:
        return False
    encloses = kinds[outer.kind].capability(Encloses)
    if encloses is None or encloses.kind != inner.kind or encloses.attribute not in outer.attributes_by_name:
        return False
    return lies_in(kinds, outer.kind, outer.live(encloses.attribute), inner.desired(encloses.inner))


def left_outside(changes: Sequence[Change], kinds: Kinds) -> Iterator[tuple[Change, Change, str]]:
    """Each range that changes, what goes and does not lie in what it will be, and the attribute."""
    changing = shrinking(changes, kinds)
    ways = {(kind, by) for kind, by, _ in changing}
    for change in changes if changing else ():
        for kind, by in ways if change.action in _GOING else ():
            outer = changing.get((kind, by, str(change.live(by)))) if kind == change.kind else None
            encloses = kinds[outer.kind].capability(Encloses) if outer is not None else None
            if outer is None or encloses is None:
                continue
            if not lies_in(kinds, outer.kind, wanted(outer, encloses), change.live(encloses.inner)):
                yield outer, change, encloses.attribute


def shrinking(changes: Sequence[Change], kinds: Kinds) -> Mapping[_Place, Change]:
    """The ranges that change in place, by how what lies in them names them."""
    found: dict[_Place, Change] = {}
    for change in changes:
        encloses = kinds[change.kind].capability(Encloses)
        if encloses is not None and change.action in IN_PLACE and encloses.attribute in change.attributes_by_name:
            found[encloses.kind, encloses.by, change.id] = change
    return found


def wanted(outer: Change, encloses: Encloses) -> Any:
    return outer.attributes_by_name[encloses.attribute].after


def lies_in(kinds: Kinds, outer: str, around: Any, inside: Any) -> bool:
    """Whether a range of what lies in the kind `outer` lies in one of its ranges; not where either is unknown."""
    encloses = kinds[outer].capability(Encloses)
    if encloses is None or around is None or inside is None or is_deferred(around) or is_deferred(inside):
        return False
    reaches = kinds[encloses.kind].attribute(encloses.inner).type.reaches(inside)
    return set(kinds[outer].attribute(encloses.attribute).type.claims(around)) <= set(reaches)
