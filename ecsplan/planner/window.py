"""The window between a stop and a start, in which all that needs a machine stopped is changed. Used by steps.py; pure.

    check → (changes while it runs) → mark → drain → stop → changes → start → unmark → undrain

What is asked comes first: a refusal leaves everything as it is. The mark says on the machine itself that it ran, so
that a run which was cut off can be made good. The last three close the window: they run whatever becomes of the
changes.
"""

from collections.abc import Iterable, Iterator

from ecsplan.model.asking import Probe
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call, Params, ReplayGuard
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds, Update
from ecsplan.model.marks import RESTART
from ecsplan.model.plan import Off, StepId
from ecsplan.planner.calls import updates_of
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.draining import apart, drained, served_again
from ecsplan.planner.graph import Why
from ecsplan.planner.marks import LEFT_OFF, is_meant_off
from ecsplan.planner.tagging import restart_call, unmark_call
from ecsplan.planner.updating import steps_of


def update_steps(work: Work, kind: Kind, change: Change, verb: str = "update") -> list[Draft]:
    """In-place updates: running ones first, then those that need it stopped between one stop and one start."""
    power = kind.capability(Power)
    back, change, again = _around_a_move(change)
    # All that needs the machine off shares one stop: each would cost its users minutes otherwise. What does not need it
    # comes before, so that the window is short, and a refusal there stops nothing.
    updates = list(updates_of(kind, change))
    stopped = [(update, lines) for update, lines in updates if update.needs_status]
    serving, change = apart(kind, change, goes_away=bool(stopped) or _changes_power(kind, change))
    rest = [(update, lines) for update, lines in updates_of(kind, change) if not update.needs_status]
    running = [(update, lines) for update, lines in rest if not update.runs]
    runs = [(update, lines) for update, lines in rest if update.runs]
    drafts = [work.ask(change, question) for question in _questions(change, stopped)] if is_on(kind, change) else []
    drafts += steps_of(work, kind, change, verb, running)
    opened = _opened(work, kind, change, serving) if stopped else []
    drafts += opened
    given = _running_steps(work, kind, back, verb)
    inside = steps_of(work, kind, change, verb, stopped)
    drafts += [*given, *inside]
    state = change.attributes_by_name.get(power.attribute) if power else None
    if power and starts(kind, change, is_stopped=bool(stopped)):
        drafts += _closed(work, kind, change, drafts, opened)
        drafts += _restored(work, kind, back, given, inside)
        drafts += served_again(work, kind, serving, drafts)
    elif state is not None and state.after == "stopped" and not opened and not _is_off(kind, change):
        stop = [*drained(work, kind, serving), stop_step(work, kind, change, is_brief=False)]
        return [*drafts, *steps_of(work, kind, change, "run", runs), *stop, *_running_steps(work, kind, again, verb)]
    return [*drafts, *_running_steps(work, kind, again, verb), *steps_of(work, kind, change, "run", runs)]


def _around_a_move(change: Change) -> tuple[Change, Change, Change]:
    """What is given back before an object moves, what changes anyway, and what it is given again where it is then."""
    names = change.moving.gives_back if change.moving is not None else ()
    moved = [line for line in change.attributes if line.name in names]
    rest = tuple(line for line in change.attributes if line.name not in names)
    back = tuple(replace(line, after=()) for line in moved if line.before)
    again = tuple(replace(line, before=None) for line in moved if line.after)
    return (replace(change, attributes=back), replace(change, attributes=rest), replace(change, attributes=again))


def _running_steps(work: Work, kind: Kind, change: Change, verb: str) -> list[Draft]:
    """For updates that need nothing stopped."""
    return steps_of(work, kind, change, verb, updates_of(kind, change))


def _restored(work: Work, kind: Kind, back: Change, given: Iterable[Draft], inside: Iterable[Draft]) -> list[Draft]:
    """Where it could not be moved, it has again what was given back for that."""
    lines = tuple(replace(line, before=None, after=line.before) for line in back.attributes)
    drafts = _running_steps(work, kind, replace(back, attributes=lines), "restore")
    for draft in drafts:
        moved = [step.id for step in inside]
        work.close(draft, after=moved, opened_by=[step.id for step in given], unless=moved)
    return drafts


def _changes_power(kind: Kind, change: Change) -> bool:
    power = kind.capability(Power)
    return power is not None and power.attribute in change.attributes_by_name


def _questions(change: Change, stopped: Iterable[tuple[Update, list[AttributeChange]]]) -> Iterator[Probe]:
    """Asked before a machine that runs is stopped."""
    for update, _ in stopped:
        if update.asks is not None:
            yield from update.asks(change)


def is_on(kind: Kind, change: Change) -> bool:
    """Whether its live object runs, or is on its way somewhere."""
    power = kind.capability(Power)
    return power is not None and change.before is not None and not _is_off(kind, change)


def _is_off(kind: Kind, change: Change) -> bool:
    power = kind.capability(Power)
    return power is not None and change.before is not None and change.before.status == power.stopped


def is_left_off(kind: Kind, change: Change) -> bool:
    """Whether a run that was cut off had stopped it, so that its window is open already: off, or about to be."""
    power = kind.capability(Power)
    obj = change.before
    if power is None or obj is None or RESTART not in obj.marks or is_meant_off(kind, change):
        return False
    return obj.status == power.stopped or obj.attributes.get(power.attribute) == "stopped"


def starts(kind: Kind, change: Change, *, is_stopped: bool) -> bool:
    """Started when the file asks for it, or when it ran before and we stop it; never what is to be off."""
    power = kind.capability(Power)
    assert power is not None
    if change.before is None:
        return False
    state = change.attributes_by_name.get(power.attribute)
    if state is not None:
        return bool(state.after == "running")
    return is_stopped and is_on(kind, change) and not is_meant_off(kind, change)


def found_off(changes: Iterable[Change], left: Iterable[Change], kinds: Kinds) -> Iterator[Off]:
    """The machines that are off, that nothing says should be, and that these changes leave so.

    `left` are changes that are left out: what a dead run left off stays off then.
    """
    for change in changes:
        kind, obj = kinds[change.kind], change.before
        power = kind.capability(Power)
        if power is None or obj is None or change.action in (Action.DELETE, Action.REPLACE, Action.RELEASE):
            continue
        is_off = obj.status == power.stopped or obj.attributes.get(power.attribute) == "stopped"
        if is_off and not is_meant_off(kind, change) and not starts(kind, change, is_stopped=False):
            why = f"it was {obj.status} before, and its {power.attribute} is not in the stack file"
            yield Off(change.address, obj.id, why, by_us=RESTART in obj.marks)
    for change in left:
        if is_left_off(kinds[change.kind], change):
            yield Off(change.address, change.id_text, f"{LEFT_OFF}, and it is left out of this plan")


def _opened(work: Work, kind: Kind, change: Change, serving: Change) -> list[Draft]:
    """Marked, then stopped; nothing for what is off already. What is to stay off needs no mark."""
    power = kind.capability(Power)
    if not is_on(kind, change):
        return []
    # The mark comes before the stop: a run that dies in between has marked a machine that runs, which harms nothing.
    # The other way round, no later run would know that the machine is to be started again.
    is_brief = starts(kind, change, is_stopped=True)
    steps = [work.add(change, "mark", restart_call(kind, change))] if is_brief else []
    steps += drained(work, kind, serving)
    if change.moving is not None and change.moving.restarts and power is not None and power.reboot:
        steps.append(work.add(change, "reboot", power_call(kind, change, power.reboot, {}), power.reboot))
    return [*steps, stop_step(work, kind, change, is_brief=is_brief)]


def stop_step(work: Work, kind: Kind, change: Change, *, is_brief: bool) -> Draft:
    """`is_brief`: a start follows, so that it must keep its place and its address meanwhile."""
    power = kind.capability(Power)
    assert power is not None
    options = power.stopping(change, is_brief) if power.stopping else {}
    call = power_call(kind, change, power.stop, options)
    draft = work.add(change, "stop", call, power.stop, sets=_asked_for(kind, change))
    draft.impacts = change.impacts | {Impact.STOP_START if is_brief else Impact.STOP}
    return draft


def _closed(work: Work, kind: Kind, change: Change, inside: Iterable[Draft], opened: Iterable[Draft]) -> list[Draft]:
    """Started again, and the mark taken off, whatever became of the steps `inside`."""
    assert change.before is not None
    start = start_step(work, kind, change)
    marks = [draft.id for draft in opened if draft.id.verb == "mark"]
    is_marked = bool(marks) or RESTART in change.before.marks
    # It waits for what is inside to end, well or not, and needs none of it: a refused change must not leave it off.
    after = [draft.id for draft in inside if draft.question is None]
    close_window(work, change, start, after, [draft.id for draft in opened if draft.id.verb == "stop"])
    return [start, unmark_step(work, kind, change, start, marks)] if is_marked else [start]


def close_window(
    work: Work,
    change: Change,
    start: Draft,
    after: Iterable[StepId],
    opened_by: Iterable[StepId],
    unless: Iterable[StepId] = (),
) -> None:
    """Makes a start close the window of its machine. What a dead run left off is started though nothing is stopped."""
    is_open = is_left_off(work.kinds[change.kind], change)
    work.close(start, after, () if is_open else opened_by, unless)


def start_step(work: Work, kind: Kind, change: Change) -> Draft:
    """A closing step; whoever adds it says which window it closes."""
    power = kind.capability(Power)
    assert power is not None
    call = power_call(kind, change, power.start, {})
    start = work.add(change, "start", call, power.start, sets=_asked_for(kind, change))
    start.closes = True
    return start


def _asked_for(kind: Kind, change: Change) -> Iterable[str]:
    """The attribute that a stop or start sets, where it is not only for a window."""
    power = kind.capability(Power)
    return [power.attribute] if power and power.attribute in change.attributes_by_name else []


def unmark_step(work: Work, kind: Kind, change: Change, start: Draft, marks: Iterable[StepId]) -> Draft:
    """After the start, or where none is needed: the stop was refused."""
    draft = work.add(change, "unmark", unmark_call(kind, change))
    work.graph.need(draft.id, start.id, Why.CHAIN)
    work.close(draft, (), () if is_left_off(kind, change) else marks, start.unless)
    return draft


def power_call(kind: Kind, change: Change, update: Update, options: Params) -> Call:
    assert update.operation is not None
    power = kind.capability(Power)
    return Call(
        update.operation,
        {**update.params, **options},
        kind.product,
        kind.name,
        (change.before.id if change.before is not None else change.id,),
        update.merge,
        wait=update.wait,
        rows=update.rows,
        trace=ReplayGuard(tuple(power.on_the_way.values())) if power and update is power.reboot else None,
    )
