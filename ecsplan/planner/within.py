"""Parts of a machine that serve in their own name (an interface): they take no requests while the machine is away.

    record → drain → drained → (machine: stop → … → start → checks) → undrain

An interface that moves to another machine is drained in the same way, around the move. Used by diff.py, planning.py,
steps.py and layout.py; pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.model.address import Address, Ref
from ecsplan.model.capabilities.power import Power
from ecsplan.model.capabilities.serving import Serving
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import StepId
from ecsplan.model.resource import LiveObject, RemoteObject, Resource
from ecsplan.planner.calls import updates_of
from ecsplan.planner.comparing import Diff
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.draining import (
    DRAIN,
    DRAINED,
    UNDRAIN,
    Rest,
    apart,
    drained,
    rest_of,
    served_again,
    takes_requests,
)
from ecsplan.planner.graph import Why
from ecsplan.planner.marks import is_meant_off
from ecsplan.planner.window import is_left_off, is_on

_STAYS = (Action.UPDATE, Action.ADOPT, Action.MOVE)


def within(kind: Kind) -> str:
    """The attribute that names the machine it serves from; empty for what serves by itself, or not at all."""
    serving = kind.capability(Serving)
    return serving.within if serving is not None else ""


def drain_with_machines(changes: Sequence[Change], everything: Iterable[Change], kinds: Kinds) -> tuple[Change, ...]:
    """The changes, of which those are drained that serve from a machine that goes away. `everything` tells which have
    a change of their own that is left out: they stay as they are, record and all, and the machine's change says so."""
    away = {change.id_text: change for change in changes if _goes_away(kinds, change)}
    own = {change.address for change in everything if change.action is not Action.NOOP} if away else set()
    drains: dict[Address, Change] = {}
    notes: dict[Address, list[str]] = {}
    for change in changes if away else ():
        machine = away.get(_machine(kinds[change.kind], change))
        if machine is None or change.action is not Action.NOOP or not takes_requests(kinds[change.kind], change):
            continue
        if change.address in own:
            note = f"{change.address} takes requests meanwhile: its own change is left out of this plan"
            notes.setdefault(machine.address, []).append(note)
        else:
            note = f"takes no requests while {machine.address} is away"
            drains[change.address] = replace(change, action=Action.UPDATE, notes=(*change.notes, note))
    return tuple(_with(drains.get(change.address, change), notes) for change in changes)


def _with(change: Change, notes: Mapping[Address, Sequence[str]]) -> Change:
    more = notes.get(change.address, ())
    return replace(change, notes=(*change.notes, *more)) if more else change


def _machine(kind: Kind, change: Change) -> str:
    name = within(kind)
    return str(change.live(name) or "") if name else ""


def _goes_away(kinds: Kinds, change: Change) -> bool:
    """Whether it is stopped and started in place. What is replaced or deleted changes what names it, anyway."""
    kind = kinds[change.kind]
    power = kind.capability(Power)
    if power is None or change.before is None or change.action not in _STAYS:
        return False
    if power.attribute in change.attributes_by_name or is_left_off(kind, change):
        return True
    return is_on(kind, change) and any(update.needs_status for update, _ in updates_of(kind, change))


def machines_away(kinds: Kinds, changes: Iterable[Change]) -> dict[str, bool]:
    """The ids of machines that a plan stops or starts in place, and whether they run in the end."""
    return {change.id_text: _runs_then(kinds[change.kind], change) for change in changes if _goes_away(kinds, change)}


def _runs_then(kind: Kind, change: Change) -> bool:
    power = kind.capability(Power)
    line = change.attributes_by_name.get(power.attribute) if power is not None else None
    return line.after == "running" if line is not None else not is_meant_off(kind, change)


class Out(Struct, frozen=True):
    """The lines that say where something serves, taken out of its change; and whether it is served again."""

    change: Change
    comes_back: bool


def taken_out(kind: Kind, change: Change, away: Mapping[str, bool]) -> tuple[Out | None, Change]:
    """Where it serves, and all other lines, of one whose machine goes away or that leaves it; else None."""
    name = within(kind)
    machine = _machine(kind, change)
    leaves = name in change.attributes_by_name and bool(machine)
    if change.before is None or not (leaves or machine in away):
        return None, change
    serving, rest = apart(kind, change, goes_away=True)
    return Out(serving, leaves or away[machine]), rest


def machine_of(kind: Kind, obj: LiveObject) -> str:
    """The id of the machine that a live object serves from; empty where there is none."""
    name = within(kind)
    return str(obj.attributes.get(name) or "") if name else ""


def serving_from(kinds: Kinds, served: Mapping[str, tuple[LiveObject, Resource]]) -> dict[str, tuple[str, ...]]:
    """The ids of what serves from machines, by those of the machines."""
    found: dict[str, tuple[str, ...]] = {}
    for obj, _ in served.values():
        if machine := machine_of(kinds[obj.kind], obj):
            found[machine] = (*found.get(machine, ()), obj.id)
    return found


def out_of_service(work: Work, kind: Kind, out: Out | None) -> list[Draft]:
    return drained(work, kind, out.change) if out is not None else []


def in_service_again(work: Work, kind: Kind, out: Out | None, before: Sequence[Draft]) -> list[Draft]:
    return served_again(work, kind, out.change, before) if out is not None and out.comes_back else []


def wait_for_machines(work: Work, changes: Sequence[Change]) -> None:
    """A machine is stopped or deleted when what serves from within it takes no more requests, and that takes them again
    when the machine runs, and is well where the rollout checks that."""
    machines = {c.id_text: c.address for c in changes if c.before and work.kinds[c.kind].capability(Power) is not None}
    for change in changes:
        name = within(work.kinds[change.kind])
        if not name:
            continue
        own = work.of.get(change.address, ())
        out = [draft.id for draft in own if draft.id.verb in (DRAIN, DRAINED)]
        if old := machines.get(str(change.live(name) or "")):
            for draft in _verbs(work, old, "stop", "delete"):
                work.graph.need_all(draft.id, out, Why.LEAVES)
        back = [draft.id for draft in own if draft.id.verb == UNDRAIN]
        _come_after(work, back, _machine_then(change, name, machines))


def _machine_then(change: Change, name: str, machines: Mapping[str, Address]) -> Address | None:
    """Where it serves from in the end."""
    value = change.desired(name)
    return value.address if isinstance(value, Ref) else machines.get(str(value or change.live(name) or ""))


def _come_after(work: Work, back: Sequence[StepId], machine: Address | None) -> None:
    for draft in _verbs(work, machine, "start", "gate") if machine is not None and back else ():
        work.close_after(back, draft.id, Why.CHAIN)


def _verbs(work: Work, address: Address, *verbs: str) -> Iterator[Draft]:
    gate = work.drafts.get(StepId(str(address), "gate"))  # it is none of the drafts of its address
    return (d for d in (*work.of.get(address, ()), *([gate] if gate else ())) if d.id.verb in verbs)


def holder_at_rest(work: Diff, kind: Kind, resource: Resource, obj: LiveObject) -> Rest | None:
    """Whether the machine that it serves from is to be off; None where it serves from none."""
    name = within(kind)
    value = (resource.attributes.get(name) or obj.attributes.get(name)) if name else None
    if value is None:
        return None
    machine: RemoteObject | None
    if isinstance(value, Ref):
        machine, declared = work.inventory.matched.get(value.address), work.stack.by_address().get(value.address)
    else:
        machine, declared = next((one for one in work.inventory.objects if one.id == value), None), None
    return rest_of(work.kinds[machine.kind], declared, machine) if machine is not None else None
