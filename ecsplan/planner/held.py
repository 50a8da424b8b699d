"""Deletions that something still holds: the service would refuse for minutes, so the plan does. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.model.algebra import fields, texts
from ecsplan.model.capabilities.enclosing import Encloses
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.capabilities.preflight import preflight
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject
from ecsplan.model.slots import seated
from ecsplan.planner.enclosing import lies_in, shrinking, wanted

SHOWN = 3  # holders that a refusal names
GOING = (Action.DELETE, Action.REPLACE)
_ON_ITS_WAY_OUT = ("Deleting", "Released")

Read = Callable[[RemoteObject, str], Any]
"""A canonical value of a live object: `read(object, attribute)`."""


def refuse_held(
    changes: Sequence[Change], objects: Iterable[RemoteObject], kinds: Kinds, read: Read
) -> tuple[Change, ...]:
    """The changes, those blocked that delete what is held, or shrink a range that does not hold all of it then.

    `objects` is all that is live, of other stacks too. What goes as well, or lets go in this plan, holds nothing.
    """
    held = _Held.of(changes, kinds)
    outer = shrinking(changes, kinds)
    outside: dict[str, list[str]] = {}
    ways: dict[str, set[str]] = {}
    for kind, by, _ in outer:
        ways.setdefault(kind, set()).add(by)
    for obj in objects if held.watched or outer else ():
        held.note(obj, read)
        for by in ways.get(obj.kind, ()):
            around = outer.get((obj.kind, by, read(obj, by)))
            encloses = kinds[around.kind].capability(Encloses) if around is not None else None
            if around is None or encloses is None or (obj.kind, obj.id) in held.going:
                continue
            inside = read(obj, encloses.inner)
            if not lies_in(kinds, around.kind, wanted(around, encloses), inside):
                outside.setdefault(str(around.id), []).append(f"{shown(obj)} with {inside}")
    return tuple(_blocked(change, held, outside) for change in changes)


def leave_what_is_needed(
    changes: Sequence[Change], objects: Iterable[RemoteObject], kinds: Kinds, read: Read
) -> tuple[Change, ...]:
    """For `destroy`: what the file lets go of lives on, and so does what it stands on."""
    found = tuple(changes)
    stays = {change.id_text for change in found if change.action is Action.RELEASE}
    while stays:
        held = _Held.of(found, kinds)
        for obj in objects:
            held.note(obj, read)
        kept = {id(change): stays & held.by.get(change.id_text, set()) for change in found if change.action in GOING}
        kept = {key: by for key, by in kept.items() if by}
        if not kept:
            break
        stays |= {change.id_text for change in found if id(change) in kept}
        found = tuple(_left(change, kept[id(change)]) if id(change) in kept else change for change in found)
    return found


def _left(change: Change, by: Collection[str]) -> Change:
    told = f"stays: {_list(sorted(by))}, which is let go of, needs it"
    return replace(change, action=Action.NOOP, notes=(told,), loses=(), is_doubtful=False)


def shown(obj: RemoteObject) -> str:
    """As a person can find it: `network_interface eni-1 (left-over)`."""
    return f"{obj.kind} {obj.id}" + (f" ({obj.name})" if obj.name and obj.name != obj.id else "")


class _Held(Struct):
    """What goes, and who holds it. `let_go` are the ids that an object has in lines that this plan changes, and no more
    then. `settled` are parts in slots that it changes, with what the slot will be; None where it will have no part. One
    that hangs nowhere yet is in no line, and becomes what its slot is to be or goes. `detached` are parts of others
    that hang on what goes, and live on.
    """

    kinds: Kinds
    going: dict[tuple[str, str], Change] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    watched: dict[str, list[str]] = field(default_factory=dict)
    let_go: dict[str, set[str]] = field(default_factory=dict)
    holders: dict[str, dict[str, None]] = field(default_factory=dict)
    by: dict[str, set[str]] = field(default_factory=dict)
    detached: set[str] = field(default_factory=set)
    settled: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Sequence[Change], kinds: Kinds) -> "_Held":
        found = cls(kinds)
        for change in changes:
            if change.before is None:
                continue
            if change.action in GOING:
                found.going[change.kind, change.before.id] = change
                found.gone.add(change.before.id)
                found.detached |= {part.id for part in change.taken}
                for kind, name in kinds[change.kind].delete.held_by:
                    if name not in found.watched.setdefault(kind, []):
                        found.watched[kind].append(name)
            elif change.action is not Action.NOOP:
                for line in change.attributes:
                    found.let_go.setdefault(change.before.id, set()).update(
                        set(texts(line.before)) - set(texts(line.after))
                    )
                found.settled |= _settled(change, kinds)
        return found

    def note(self, obj: RemoteObject, read: Read) -> None:
        """Keeps what one live object holds; a part goes where its owner goes, and lets go what that lets go."""
        self.names[obj.id] = obj.name
        if obj.kind not in self.watched or (obj.kind, obj.id) in self.going or obj.status in _ON_ITS_WAY_OUT:
            return
        listing = self.kinds[obj.kind].listing
        parent = obj.fact(listing.holder)
        outlives = listing.outlives is not None and obj.fact(listing.outlives)
        wanted = self.settled.get(obj.id, {})
        goes_along = parent in self.gone and not outlives and obj.id not in self.detached
        if goes_along or wanted is None:
            return
        lost = self.let_go.get(obj.id, set()) | self.let_go.get(parent, set())
        for name in self.watched[obj.kind]:
            left = lost if name not in wanted else lost | (set(texts(read(obj, name))) - set(texts(wanted[name])))
            for held in texts(read(obj, name)):
                if held not in left:
                    self.holders.setdefault(held, {})[shown(obj)] = None
                    self.by.setdefault(held, set()).add(obj.id)

    def of_change(self, change: Change) -> list[str]:
        """Who holds what goes: live objects, and whatever an Inquiry told of."""
        assert change.before is not None
        found = sorted(self.holders.get(change.before.id, ()))
        for inquiry in preflight(self.kinds[change.kind]).inquiries:
            if inquiry.holders is not None:
                for kind, holder, name in inquiry.holders(change, change.told.get(inquiry.into, ())):
                    goes = holder in self.gone or change.before.id in self.let_go.get(holder, ())
                    if not goes:
                        name = name or self.names.get(holder, "")
                        found.append(f"{kind} {holder}" + (f" ({name})" if name else ""))
        return found


def _settled(change: Change, kinds: Kinds) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """What becomes of each part in a slot that this change speaks of."""
    assert change.before is not None
    places = seated(change.before)
    for spec in slots_of(kinds[change.kind]):
        line = change.attributes_by_name.get(spec.attribute)
        after = {slot: fields(part) for slot, part in fields(line.after if line is not None else None).items()}
        for slot, part in (places.get(spec.attribute) or {}).items() if line is not None else ():
            yield part, after.get(slot)


def _blocked(change: Change, held: _Held, outside: Mapping[str, Sequence[str]]) -> Change:
    reasons: list[str] = []
    if change.before is not None and held.going.get((change.kind, change.before.id)) is change:
        delete = held.kinds[change.kind].delete
        found = () if delete.forced is not None and delete.forced(change.before) else held.of_change(change)
        if found:
            reasons.append(f"still used by {_list(found)}, which this plan leaves as it is: {delete.instead}")
    elif change.before is not None and (found := sorted(outside.get(change.before.id, ()))):
        reasons.append(f"its new range has no room for {_list(found)}: write one that has")
    return replace(change, blocked=(*change.blocked, *reasons)) if reasons else change


def _list(found: Sequence[str]) -> str:
    return ", ".join(found[:SHOWN]) + (f" and {len(found) - SHOWN} more" if len(found) > SHOWN else "")
