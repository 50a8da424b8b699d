"""Whether a plan made now is the saved one, in whole or in part done; else what has moved. Pure.

An attribute may hold its recorded before or its after, or, where it is changed by several calls, some of each; a thing
to be made may be absent or there; one to be deleted may be gone. What the saved plan does not touch may be as it
likes, unless what it touches refers to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecsplan.model.address import Address, Ref, Secret
from ecsplan.model.algebra import is_fields
from ecsplan.model.capabilities.conversion import birth
from ecsplan.model.capabilities.parts import Parts
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.composites import MapOf
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import RESTART
from ecsplan.model.told import difference, told
from ecsplan.model.values import ValueType
from ecsplan.planner.consistent import depends, unshown
from ecsplan.planner.marks import NUMBERING, RESTARTING, RETIREMENT

_GOING = (Action.DELETE, Action.RELEASE)
Key = tuple[Address | None, str]


def moved(saved: Sequence[Change], fresh: Sequence[Change], kinds: Kinds) -> Iterator[Diagnostic]:
    """What makes the saved plan stale, by object and attribute; nothing when it may be applied."""
    # Only what the plan touches, or what that refers to, has to be as it was: people go on working beside a saved plan.
    planned = {_key(change): change for change in saved if change.action is not Action.NOOP}
    touched = {change.address for change in planned.values()}
    needed = {ref.address for change in planned.values() if change.after is not None for _, ref in change.after.refs}
    alone = {change.address: change for change in saved if change.action is Action.NOOP}
    let_go, halves = _let_go(saved), _halves(saved)
    for change in fresh:
        before = planned.get(_key(change)) or _other_half(change, halves)
        if before is not None:
            yield from _differences(before, change, kinds, let_go)
        elif change.action is Action.CREATE and change.address in touched | needed:
            yield _moved(change.address, "it is gone; the plan counts on it")
        elif change.action is Action.REPLACE and change.address in needed:
            yield _moved(change.address, "it would have to be replaced now; the plan counts on it")
        elif change.address in needed and change.address in alone and change.after is not None:
            yield from _another(alone[change.address], change)
            if change.before is None:  # a question stands there
                yield from (_moved(change.address, reason) for reason in change.blocked)
    # A deletion that is not planned any more is done already; anything else that is missing was lost.
    seen = {change.address for change in fresh}
    for change in planned.values():
        if change.address not in seen and change.action not in _GOING:
            yield _moved(change.address, "it no longer exists")


def still_planned(saved: Sequence[Change], fresh: Sequence[Change]) -> tuple[Change, ...]:
    """What is left to do of the saved plan; what a fresh one would do beside it is not done."""
    keys = {_key(change) for change in saved if change.action is not Action.NOOP}
    # What the saved plan left alone stays in: others refer to it, and their steps need its id.
    alone = {change.address: change.records for change in saved if change.action is Action.NOOP}
    left: list[Change] = []
    halves = _halves(saved)
    for change in fresh:
        if _key(change) in keys or _other_half(change, halves) is not None:
            left.append(change)
        elif change.address in alone and change.after is not None:
            records = change.records and alone[change.address]
            left.append(replace(change, action=Action.NOOP, attributes=(), blocked=(), records=records))
    return tuple(left)


def _key(change: Change) -> Key:
    """What goes is known by its id: its address may have a new object, or be told by other evidence than before."""
    if change.action in _GOING and change.before is not None:
        return (None, change.before.id)
    return (change.address, "")


def _halves(saved: Sequence[Change]) -> dict[str, Change]:
    """Planned replacements by the id of the old object."""
    return {c.before.id: c for c in saved if c.action is Action.REPLACE and c.before is not None}


def _other_half(change: Change, halves: Mapping[str, Change]) -> Change | None:
    """A deletion that is the rest of a planned replacement: the retired object of the same id."""
    if change.action is not Action.DELETE or change.before is None:
        return None
    return halves.get(change.before.id)


def _let_go(saved: Sequence[Change]) -> set[Address]:
    """What is replaced: whoever holds it lets go of the old one first, and holds nothing in between."""
    return {change.address for change in saved if change.action is Action.REPLACE}


def _moved(address: Address, what: str) -> Diagnostic:
    return Diagnostic(f"the cloud has moved since the plan was made: {what}", "plan again", address=address)


def _another(saved: Change, fresh: Change) -> Iterator[Diagnostic]:
    if saved.before is not None and fresh.before is not None and saved.before.id != fresh.before.id:
        yield _moved(
            fresh.address, f"it is another object now, {fresh.before.id}; the plan counts on {saved.before.id}"
        )


def _differences(saved: Change, fresh: Change, kinds: Kinds, let_go: set[Address]) -> Iterator[Diagnostic]:
    """How the fresh change of an address goes beyond the saved one."""
    # Nothing is left to do: an earlier run has done it. But it must be the object that was planned, as another one of
    # the same form can have taken its place.
    if fresh.action in (Action.NOOP, Action.RELEASE):
        if saved.action in (Action.UPDATE, Action.ADOPT, Action.MOVE):
            yield from _another(saved, fresh)
        yield from _worse(saved, fresh)
        return
    if saved.action is Action.CREATE and fresh.action in (Action.CREATE, Action.ADOPT):
        yield from _made_otherwise(saved, fresh)
    if fresh.action is Action.CREATE:
        if saved.action not in (Action.CREATE, Action.REPLACE):
            yield _moved(fresh.address, f"{saved.before.id if saved.before else 'it'} is gone")
        return
    same = saved.before is not None and fresh.before is not None and saved.before.id == fresh.before.id
    yield from _worse(saved, fresh)
    if fresh.action is Action.DELETE:
        return
    if fresh.action is Action.REPLACE and (saved.action is not Action.REPLACE or not same):
        yield _moved(fresh.address, "it would have to be replaced now")
        return
    if saved.action in (Action.UPDATE, Action.ADOPT, Action.MOVE) and not same:
        yield from _another(saved, fresh)
        return
    # A create that is done, and whose finishing steps are not: those attributes differ as they must.
    born = saved.action in (Action.CREATE, Action.REPLACE) and not same
    later = birth(kinds[fresh.kind], replace(fresh, converts=saved.converts)).later if born else ()
    if born and saved.converts:  # it is born without any
        later = (*later, "tags")
    if saved.action is Action.REPLACE:  # what moves to the new object has been let go, and not taken up yet
        parts = kinds[fresh.kind].capability(Parts)
        later = (*later, *(parts.carried if parts else ()))
    later = (*later, NUMBERING)  # a tag, and of no consequence for anything else
    power = kinds[fresh.kind].capability(Power)
    if power is not None and fresh.before is not None and RESTART in fresh.before.marks:  # stopped by a cut-off run
        later = (*later, RESTARTING, power.attribute)
    if fresh.before is not None and fresh.before.retired:  # marked before its successor was to be made
        later = (*later, RETIREMENT)
    # The order of the two halves decides whether there is a moment without either: that was approved, too.
    if saved.action is fresh.action is Action.REPLACE and saved.create_first != fresh.create_first:
        yield _moved(fresh.address, "which of the two comes first is another thing now")
    for line in fresh.attributes:
        if _is_let_go_on_the_way(saved, line, kinds[fresh.kind]):
            continue
        yield from _unshown(saved, fresh, line)
        if line.name not in later:  # else it is set by a step of its own after the create
            known = {attribute.name: attribute.type for attribute in kinds[fresh.kind].attributes}
            yield from _line_moved(saved, fresh.address, line, let_go, known.get(line.name))


def _is_let_go_on_the_way(saved: Change, line: AttributeChange, kind: Kind) -> bool:
    """What the way of a planned line gives up and takes again: an EIP that goes to another private address of its
    interface is bound to nothing in between."""
    planned = saved.attributes_by_name
    ways = {name for one in planned for update in kind.updates_for(one) for name in update.attributes}
    return line.before is None and line.name not in planned and line.name in ways


def _made_otherwise(saved: Change, fresh: Change) -> Iterator[Diagnostic]:
    """What the saved plan takes over is there no more, or there is something to take over that it knows nothing of."""
    if saved.converts != fresh.converts:
        yield _moved(
            fresh.address,
            f"{saved.converts} is not there to be taken over"
            if saved.converts
            else f"{fresh.converts or (fresh.before.id if fresh.before else 'it')} would be taken over now",
        )


def _worse(saved: Change, fresh: Change) -> Iterator[Diagnostic]:
    """Nobody has approved more than the saved plan said."""
    worse = sorted(fresh.impacts - saved.impacts, reverse=True)
    if saved.action is Action.REPLACE:  # what finishes the new object does to it what its making would have done
        worse = [impact for impact in worse if impact > saved.impact]
    if worse and saved.before is not None:
        said = ", ".join(impact.text for impact in sorted(saved.impacts, reverse=True)) or "nothing"
        yield _moved(fresh.address, f"it would mean {', '.join(i.text for i in worse)} now; what was approved: {said}")
    more = [loss for loss in fresh.loses if loss not in saved.loses]
    if more:
        yield _moved(fresh.address, f"{', '.join(more)} would be lost too")
    for reason in fresh.blocked:
        if reason not in saved.blocked:
            yield _moved(fresh.address, reason)


def _line_moved(
    saved: Change, address: Address, line: AttributeChange, let_go: set[Address], of: ValueType | None
) -> Iterator[Diagnostic]:
    planned = saved.attributes_by_name.get(line.name)
    if planned is None:
        yield _moved(address, f"{line.name} is {told(line.before, is_sensitive=line.sensitive)} now")
    # The holder of what is replaced has let go of the old one, and the run was cut off before it took the new one.
    elif line.before is None and isinstance(planned.after, Ref) and planned.after.address in let_go:
        return
    elif not any(
        is_between(line.before, before, after)
        for after in (planned.after, line.after)
        for before in (planned.before, _without_what_goes(of, planned.before, after))
    ):
        yield _moved(address, f"{line.name} {_differs(line, planned)}")


def _differs(line: AttributeChange, planned: AttributeChange) -> str:
    return "is another one now" if line.sensitive else difference(line.before, planned.before)


def _unshown(saved: Change, fresh: Change, line: AttributeChange) -> Iterator[Diagnostic]:
    """What would be set, and the plan does not show; a value that depends on live ones may be known only now."""
    planned = saved.attributes_by_name.get(line.name)
    wanted = fresh.after.attributes.get(line.name) if fresh.after is not None else None
    if planned is None or isinstance(wanted, Secret) or depends(wanted) or depends(planned.after):
        return
    if unshown(line.after, planned.after, planned.before, line.before):
        values = "" if line.sensitive else f": {told(line.after)} instead of {told(planned.after)}"
        summary = f"{line.name} would be set to what the plan does not show{values}"
        yield Diagnostic(summary, "plan again", address=fresh.address)


def _without_what_goes(of: ValueType | None, before: object, after: object) -> Any:
    """A map as it is while parts of it that are made anew are gone, and not there again."""
    if not isinstance(of, MapOf) or not isinstance(before, tuple) or not isinstance(after, tuple):
        return before
    wanted = dict(after)
    return tuple((key, value) for key, value in before if key not in wanted or not of.is_made_anew(value, wanted[key]))


def is_between(live: Any, before: Any, after: Any) -> bool:
    """Whether a value is one of two, or on its way from one to the other: sets and maps are changed piece by piece."""
    # By its text too: equal values of a saved plan and of an answer may differ in type (1 and 1.0).
    if live in (before, after) or repr(live) == repr(before):
        return True
    if not all(isinstance(value, tuple) for value in (live, before, after)):
        return False
    maps = [_as_map(value) for value in (live, before, after)]
    if None not in maps:
        return _is_map_between(*maps)
    # Nothing that neither side has, and all that both have: else somebody else has changed it on the way.
    found = set(live)
    return found <= {*before, *after} and set(before) & set(after) <= found


def _is_map_between(live: Any, before: Any, after: Any) -> bool:
    if not before.keys() & after.keys() <= live.keys() <= before.keys() | after.keys():
        return False
    return all(
        is_between(value, before[key], after[key])
        if key in before and key in after
        else value == before[key]
        if key in before
        else _has_all(value, after[key])
        for key, value in live.items()
    )


def _has_all(live: object, wanted: object) -> bool:
    """Whether something new is as declared; a record also has what nobody declared."""
    if live == wanted or not (isinstance(live, tuple) and isinstance(wanted, tuple)):
        return bool(live == wanted)
    found, declared = _as_map(live), _as_map(wanted)
    return found is not None and declared is not None and declared.items() <= found.items()


def _as_map(value: tuple[Any, ...]) -> Mapping[str, Any] | None:
    """Pairs by name, where the value is a map at all."""
    found = dict(value) if is_fields(value) else {}
    return found if len(found) == len(value) else None
