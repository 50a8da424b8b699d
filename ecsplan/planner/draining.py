"""Draining: no new requests for a machine before it goes away for a while or for good, and again once it is back.

    drain (weight 0) → drained (a pause, in which connections end) → … → start → (checks) → undrain

What is drained is on record as begun, so that a run which is cut off leaves it to the next one to put the weight back.
Used by window.py and steps.py; pure.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ecsplan.model.algebra import Value, members
from ecsplan.model.capabilities.power import Power
from ecsplan.model.capabilities.serving import Serving
from ecsplan.model.change import Action, AttributeChange, Cause, Change
from ecsplan.model.composites import SetOf
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind
from ecsplan.model.marks import RESTART
from ecsplan.model.resource import Lifecycle, LiveObject, RemoteObject, Resource
from ecsplan.planner.calls import updates_of
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.graph import Why
from ecsplan.planner.marks import is_powered_by
from ecsplan.planner.updating import steps_of

USUAL = Lifecycle()
DRAIN, DRAINED, UNDRAIN = "drain", "drained", "undrain"


def apart(kind: Kind, change: Change, *, goes_away: bool) -> tuple[Change, Change]:
    """The lines that say where it serves, of one that goes away meanwhile, and all the others."""
    serving = kind.capability(Serving)
    names = serving.attributes if serving is not None and goes_away and change.before is not None else ()
    lines = [line for line in change.attributes if line.name in names]
    rest = change if not lines else replace(change, attributes=tuple(x for x in change.attributes if x not in lines))
    return replace(change, attributes=tuple(lines)), rest


def drained(work: Work, kind: Kind, change: Change) -> list[Draft]:
    """Weight 0 in each group, then some time for the connections. Nothing for one that takes no requests."""
    lines = _to_zero(kind, change)
    drafts = _steps(work, kind, change, lines, DRAIN)
    return [*drafts, *_pause(work, change, drafts)]


def served_again(work: Work, kind: Kind, change: Change, before: Sequence[Draft]) -> list[Draft]:
    """A closing step: whatever became of the window, once it runs it takes requests as the file says."""
    zero = {line.name: line for line in _to_zero(kind, change)}
    wanted = {line.name: line for line in change.attributes}
    lines = [
        replace(wanted[name], before=zero[name].after if name in zero else wanted[name].before)
        if name in wanted
        else AttributeChange(name, zero[name].after, zero[name].before)
        for name in dict.fromkeys((*zero, *wanted))
    ]
    drafts = _steps(work, kind, change, [line for line in lines if line.before != line.after], UNDRAIN)
    steps = [draft.id for draft in before if draft.question is None]
    drains = [step for step in steps if step.verb == DRAIN]
    starts = [step for step in steps if step.verb == "start"]
    for draft in drafts:
        work.close(draft, after=steps, opened_by=() if wanted else drains)
        work.graph.need_all(draft.id, starts, Why.CHAIN)
    return drafts


def before_it_goes(work: Work, kind: Kind, change: Change) -> list[Draft]:
    """Of what is deleted: all that takes requests, whoever added it."""
    serving = kind.capability(Serving)
    if serving is None or change.before is None or _is_off(kind, change):
        return []
    lines = []
    for name in serving.attributes:
        live = change.before.attributes.get(name)
        if live and serving.drained(live) != live:
            lines.append(AttributeChange(name, live, serving.drained(live)))
    # The old object of a replacement, and not the new one.
    drafts = _steps(work, kind, replace(change, action=Action.UPDATE), lines, DRAIN)
    return [*drafts, *_pause(work, change, drafts)]


def is_joining(kind: Kind, draft: Draft) -> bool:
    """Whether a step makes a new machine take requests."""
    serving = kind.capability(Serving)
    return serving is not None and draft.id.verb == "finish" and not set(serving.attributes).isdisjoint(draft.sets)


def takes_requests(kind: Kind, change: Change) -> bool:
    """Whether it is in a group, by the file, with a weight above 0."""
    return bool(_to_zero(kind, change))


class Rest(Struct, frozen=True):
    """Whether a machine is to be off, and whether that is to change."""

    is_off: bool
    changes: bool


def rest_of(kind: Kind, resource: Resource | None, obj: RemoteObject) -> Rest | None:
    """None for what is no machine."""
    power = kind.capability(Power)
    if power is None:
        return None
    if resource is None or not isinstance(obj, LiveObject) or not is_powered_by(kind, resource):
        return Rest(is_stopped(power, obj), changes=False)
    wanted = resource.attributes[power.attribute]
    return Rest(wanted == "stopped", wanted != obj.attributes.get(power.attribute))


def at_rest(
    kind: Kind, resource: Resource, obj: RemoteObject, lines: Sequence[AttributeChange], holder: Rest | None = None
) -> list[AttributeChange]:
    """Without those of a machine that is to be off, and so is drained; one that is to run again is served again.

    One that was stopped by hand, and of which the file says nothing, is off like one of which it says so. `holder` is
    the machine of what serves from within one.
    """
    serving = kind.capability(Serving)
    rest = holder or rest_of(kind, resource, obj)
    if serving is None or rest is None:
        return list(lines)
    found = []
    for line in lines:
        if line.name not in serving.attributes:
            found.append(line)
        elif not rest.is_off or set(serving.drained(line.after)) != set(members(line.before)):
            found.append(replace(line, cause=Cause.PENDING) if rest.changes else line)
    return found


def is_stopped(power: Power, obj: RemoteObject) -> bool:
    """Off, and not by a run that is to start it again."""
    return obj.status == power.stopped and RESTART not in obj.marks


def back_in_service(work: Work, kind: Kind, change: Change) -> list[Draft]:
    """The weights that the file says, of one that is started by hand; members that others added stay as they are."""
    serving = kind.capability(Serving)
    lines = []
    for name in serving.attributes if serving is not None and change.after is not None else ():
        live, of = change.live(name), kind.attribute(name).type
        if live and isinstance(of, SetOf):
            wanted = {of.identity(entry): entry for entry in members(change.desired(name))}
            after = tuple(wanted.get(of.identity(entry), entry) for entry in members(live))
            lines += [AttributeChange(name, live, after)] if after != live else []
    return _steps(work, kind, change, lines, UNDRAIN)


def _is_off(kind: Kind, change: Change) -> bool:
    power = kind.capability(Power)
    return power is not None and change.before is not None and change.before.status == power.stopped


def _to_zero(kind: Kind, change: Change) -> list[AttributeChange]:
    """What the file declares of what is live, or no longer declares; members that others added stay as they are."""
    serving = kind.capability(Serving)
    if serving is None or change.before is None or change.after is None or _is_off(kind, change):
        return []
    found = []
    for name in serving.attributes:
        live = change.before.attributes.get(name)
        of = kind.attribute(name).type
        if live and isinstance(of, SetOf):
            others = tuple(_of_others(change, name, of, members(live)))
            zero = serving.leaving(name, live, others)
            found += [AttributeChange(name, live, zero)] if zero != live else []
    return found


def _of_others(change: Change, name: str, of: SetOf, live: Iterable[Value]) -> Iterator[Value]:
    assert change.after is not None
    declared = {of.identity(entry) for entry in members(change.after.attributes.get(name))}
    line = change.attributes_by_name.get(name)
    kept = live if line is None else members(line.after)
    return (entry for entry in kept if of.identity(entry) not in declared)


def _steps(work: Work, kind: Kind, change: Change, lines: Iterable[AttributeChange], verb: str) -> list[Draft]:
    moved = replace(change, attributes=tuple(lines))
    return steps_of(work, kind, moved, verb, updates_of(kind, moved))


def _pause(work: Work, change: Change, drafts: Sequence[Draft]) -> Iterator[Draft]:
    resource = work.declared.get(change.address)
    seconds = resource.lifecycle.drain if resource is not None else USUAL.drain
    if drafts and seconds:
        yield work.pause(change, DRAINED, seconds)
