"""Operations by hand (start, stop, reboot, reset disks) as steps like those of any plan. Pure.

    power:   wait for what is on its way · drain → one call for up to a hundred others → undrain
    disks:   snapshot → mark → drain → stop → put back each disk → start → unmark, undrain

The window of a machine is that of planner/window.py: its start runs whatever becomes of the disks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call, until
from ecsplan.model.capabilities.holding import HoldsData
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import Step
from ecsplan.model.power import Order, PowerPlan, Verb
from ecsplan.model.reinit import Disk, Host, ReinitPlan
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.running import RunPlan
from ecsplan.planner.batch import merge
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.draining import back_in_service, drained, served_again
from ecsplan.planner.graph import Why
from ecsplan.planner.safety import snapshot_steps
from ecsplan.planner.tagging import restart_call
from ecsplan.planner.window import close_window, power_call, start_step, stop_step, unmark_step
from ecsplan.planner.within import serving_from

Declared = Mapping[Address, Resource]
Served = Mapping[str, tuple[LiveObject, Resource]]
"""What takes requests, by id: as it is in its groups, and as the file has it there."""
NOBODY: Served = {}
Laid = tuple[tuple[Change, ...], tuple[Step, ...]]


def power_steps(plan: PowerPlan, kinds: Kinds, declared: Declared, served: Served = NOBODY) -> Laid:
    """The machines as changes, and the steps that carry the order out; those that are `served` are drained."""
    work = Work(kinds, declared, plan.region)
    impact = _IMPACTS[plan.order.verb]
    changes = [_change(address, obj, plan.stack, impact, served) for address, obj in plan.machines.items()]
    beside: list[Change] = []
    for change in changes:
        interfaces = _beside(kinds, plan.stack, change.id_text, served)
        _order(work, kinds[change.kind], change, plan.order, interfaces)
        beside += interfaces
    return (*changes, *beside), _merged(work)


def _beside(kinds: Kinds, stack: str, machine: str, served: Served) -> list[Change]:
    """What serves in its own name from a machine."""
    own = (served[one] for one in serving_from(kinds, served).get(machine, ()))
    return [_change(resource.address, obj, stack, Impact.NONE, served) for obj, resource in own]


_IMPACTS = {Verb.START: Impact.NONE, Verb.STOP: Impact.STOP, Verb.REBOOT: Impact.STOP_START}


def _change(address: Address, obj: LiveObject, stack: str, impact: Impact, served: Served = NOBODY) -> Change:
    live, after = served.get(obj.id, (obj, None))
    return Change(address, Action.UPDATE, live, after, impacts=frozenset({impact} - {Impact.NONE}), stack=stack)


def _order(work: Work, kind: Kind, change: Change, order: Order, beside: Iterable[Change]) -> None:
    power = kind.capability(Power)
    assert power is not None and change.before is not None
    update = power.way(order.verb)
    call = power_call(kind, change, update, power.ordered(order))
    if change.before.status == power.on_the_way.get(order.verb):
        call = replace(call, operation="", params={}, rows="")
    first = drained(work, kind, change) if order.verb is not Verb.START else []
    draft = work.add(change, order.verb.value, call, update)
    draft.impacts = change.impacts
    after = back_in_service(work, kind, change) if order.verb is Verb.START else []
    work.chain([*first, draft, *after])
    if order.verb is Verb.REBOOT:
        served_again(work, kind, change, [*first, draft])
    for one in beside:
        its = work.kinds[one.kind]
        out = _out(work, one, draft) if order.verb is not Verb.START else []
        back = back_in_service(work, its, one) if order.verb is Verb.START else []
        work.chain([draft, *back])
        if order.verb is Verb.REBOOT:
            served_again(work, its, one, [*out, draft])


def _out(work: Work, change: Change, stop: Draft) -> list[Draft]:
    """An interface is drained before its machine goes away."""
    out = drained(work, work.kinds[change.kind], change)
    work.chain([*out, stop])
    return out


def run_steps_of(plan: RunPlan, kinds: Kinds, declared: Declared, call: Callable[[Change, RunPlan], Call]) -> Laid:
    """A command on machines; those alike share a call."""
    work = Work(kinds, declared, plan.region)
    changes = [_change(address, obj, plan.stack, Impact.RUN) for address, obj in plan.machines.items()]
    for change in changes:
        draft = work.add(change, "run", call(change, plan), seconds=15.0)
        draft.impacts = change.impacts
    return tuple(changes), _merged(work)


def _merged(work: Work) -> tuple[Step, ...]:
    merged, graph = merge(work.drafts, work.graph, work.kinds, ())
    return tuple(draft.frozen(graph.reasons(draft.id)) for draft in merged)


def reinit_steps(plan: ReinitPlan, kinds: Kinds, declared: Declared, calls: Mapping[str, Sequence[Call]]) -> Laid:
    """Each machine around its disks; `calls` put the disks back, by id."""
    work, changes = Work(kinds, declared, plan.region), _changes(plan)
    for machine, disks in plan.by_machine.items():
        host = plan.machines.get(machine)
        own = host if host is not None and host.owner is not None else None
        kept = [draft for disk in disks for draft in _snapshots(work, plan, disk, changes)]
        beside = _beside(kinds, plan.stack, machine, plan.served) if own is not None and own.ran else []
        changes |= {change.id_text: change for change in beside}
        off = _off(work, own, changes[own.id], beside) if own is not None else []
        inside = []
        for disk in disks:
            change = changes[disk.owner.id]
            steps = [work.add(change, "reinit" if call.operation else "wait", call) for call in calls[disk.id]]
            work.chain([*off[-1:], *steps])
            for draft in kept:
                work.graph.need((*off[:1], *steps)[0].id, draft.id, Why.KEPT)
            inside += steps
            work.chain([*steps[-1:], *_closed(work, plan, disk, change)])
        if own is not None and own.ran:
            _on_again(work, own, changes[own.id], off, inside, beside)
    return tuple(changes.values()), _merged(work)


def _snapshots(work: Work, plan: ReinitPlan, disk: Disk, changes: Mapping[str, Change]) -> list[Draft]:
    """Of one that the file wants kept; before its machine is stopped."""
    return snapshot_steps(work, changes[disk.owner.id], (plan.kept[disk.id],)) if disk.id in plan.kept else []


def _closed(work: Work, plan: ReinitPlan, disk: Disk, change: Change) -> list[Draft]:
    """To put it back once more needs another snapshot."""
    holds = work.kinds[change.kind].capability(HoldsData)
    if holds is None or disk.id not in plan.kept:
        return []
    return [work.add(change, "tag", holds.close(change.address, plan.kept[disk.id]))]


def _changes(plan: ReinitPlan) -> dict[str, Change]:
    """Of the machines and of the disks of their own, by id."""
    found: dict[str, Change] = {}
    for host in plan.machines.values():
        if host.address is not None and host.owner is not None:
            impact = Impact.STOP_START if host.ran else Impact.NONE
            found[host.id] = _change(host.address, host.owner, plan.stack, impact, plan.served)
    for disk in plan.disks:
        known = found.get(disk.owner.id) or _change(disk.address, disk.owner, plan.stack, Impact.NONE)
        found[disk.owner.id] = replace(known, impacts=known.impacts | {Impact.DATA_LOSS})
    return found


def _off(work: Work, host: Host, change: Change, beside: Iterable[Change]) -> list[Draft]:
    """Marked and stopped; what is on its way anywhere gets there first. Its interfaces are drained with it."""
    kind = work.kinds[change.kind]
    power = kind.capability(Power)
    assert power is not None
    if host.status == power.stopped:
        return []
    if host.status == power.on_the_way[Verb.STOP]:
        return [work.add(change, "wait", _wait_for(kind, change, power.stopped))]
    rising = host.status == power.on_the_way[Verb.START]
    steps = [work.add(change, "wait", _wait_for(kind, change, power.running))] if rising else []
    if not host.is_marked and not host.is_meant_off:
        steps.append(work.add(change, "mark", restart_call(kind, change)))
    steps += [*drained(work, kind, change), stop_step(work, kind, change, is_brief=True)]
    work.chain(steps)
    for one in beside:
        _out(work, one, steps[-1])
    return steps


def _wait_for(kind: Kind, change: Change, status: str) -> Call:
    return Call("", kind=kind.name, targets=(change.id,), wait=until(status))


def _on_again(
    work: Work, host: Host, change: Change, off: Sequence[Draft], inside: Sequence[Draft], beside: Iterable[Change]
) -> None:
    """It runs whatever became of its disks; nobody need remember that then."""
    kind = work.kinds[change.kind]
    start = start_step(work, kind, change)
    stops = [draft.id for draft in off if draft.id.verb == "stop"]
    marks = [draft.id for draft in off if draft.id.verb == "mark"]
    close_window(work, change, start, [draft.id for draft in (*off, *inside)], stops)
    if host.is_marked or marks:
        unmark_step(work, kind, change, start, marks)
    served_again(work, kind, change, [*off, *inside, start])
    for one in beside:
        served_again(work, work.kinds[one.kind], one, [*work.of.get(one.address, ()), *off, *inside, start])
