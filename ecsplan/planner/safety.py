"""Snapshots before risk: which changes put a disk at risk whose data the file wants kept, and the steps that keep it.

    check → snapshot (waited for) → all that changes the resource

Where the new object of a replacement is made first, the snapshot comes after that, before the old one is touched. What
was taken in a run that was cut off, for this very change, is not taken again. Used by the engine and layout.py; pure.
"""

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.capabilities.holding import HoldsData
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.marks import SAFETY
from ecsplan.model.resource import Lifecycle, RemoteObject, Resource
from ecsplan.model.safety import DATA_LOSS, REINSTALL, SNAPSHOT, AtRisk, SafetySnapshot, Taken
from ecsplan.model.stack import Stack
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.graph import Why

SECONDS = 60.0  # an estimate, until the history knows better
TIMEOUT = 2 * 3600.0  # the first one of a large disk takes long
_LEAVING = ("drain", "drained", "release", "record", "mark", "stop", "delete")


class Policy(Struct, frozen=True):
    """Before which risks, and for how many days."""

    on: Collection[str]
    days: int

    def covers(self, risk: AtRisk) -> bool:
        """Whoever keeps what would be lost keeps what a reinstallation would lose."""
        return risk.risk in self.on or (risk.risk == REINSTALL and DATA_LOSS in self.on)


def with_snapshots(
    changes: Iterable[Change], stack: Stack, inventory: Inventory, kinds: Kinds, now: float
) -> tuple[Change, ...]:
    """The changes with the snapshots that come before them; their notes say so."""
    policies = Policies.of_stack(stack)
    found = []
    for change in changes:
        holds = kinds[change.kind].capability(HoldsData)
        policy = policies.of(change.address, change.before) if holds is not None and change.before is not None else None
        if holds is None or policy is None or change.action in (Action.NOOP, Action.CREATE, Action.RELEASE):
            found.append(change)
            continue
        risks = [risk for risk in holds.at_risk(change) if policy.covers(risk)]
        taken = tuple(holds.taken(stack.name, inventory.objects)) if risks else ()
        found.append(_with(change, risks, policy, taken, now))
    return tuple(found)


class Policies(Struct, frozen=True):
    """Those of what the file declares; of a member that it no longer has, that of its group."""

    declared: Mapping[Address, Resource]
    groups: Mapping[Address, Lifecycle]

    @classmethod
    def of_stack(cls, stack: Stack) -> "Policies":
        return cls(stack.by_address(), {r.address.group: r.lifecycle for r in stack.resources})

    def of(self, address: Address, obj: RemoteObject) -> Policy | None:
        """Of what the file has not, the mark says it, or for a part that outlived its machine the block of that."""
        for one in (address, obj.owner.address if obj.owner is not None else address):
            lifecycle = self.declared[one].lifecycle if one in self.declared else self.groups.get(one.group)
            if lifecycle is not None:
                return Policy(lifecycle.snapshot_before, lifecycle.snapshot_days) if lifecycle.snapshot_before else None
        days = obj.marks.get(SAFETY, "")
        return Policy((DATA_LOSS,), int(days)) if days.isdecimal() and int(days) else None


def _with(change: Change, risks: Iterable[AtRisk], policy: Policy, taken: Iterable[Taken], now: float) -> Change:
    snapshots = tuple(snapshot_of(risk, policy, taken, now) for risk in risks if not risk.cannot)
    none = (f"no snapshot of {risk.text}: {risk.cannot}" for risk in risks if risk.cannot)
    if not risks:
        return change
    return replace(change, snapshots=snapshots, notes=(*change.notes, *(one.note for one in snapshots), *none))


def snapshot_of(risk: AtRisk, policy: Policy, taken: Iterable[Taken], now: float) -> SafetySnapshot:
    """The newest of those that serve; else one that is to be taken."""
    serving = sorted((one.at, one.id, one) for one in taken if one.serves(risk, now))
    if not serving:
        return SafetySnapshot(risk, policy.days)
    _, _, newest = serving[-1]
    return SafetySnapshot(risk, policy.days, newest.id, newest.is_finished)


def take_snapshots(work: Work, changes: Iterable[Change]) -> None:
    """The steps, each before all that it is to come before."""
    for change in changes:
        if change.snapshots:
            own = list(work.of.get(change.address, ()))
            drafts = snapshot_steps(work, change, change.snapshots)
            ready = [draft.id for draft in own if _is_before(change, draft)]
            risky = [draft.id for draft in own if _is_after(change, draft)]
            for draft in drafts:
                work.graph.need_all(draft.id, ready, Why.CHAIN)
                for step in risky:
                    work.graph.need(step, draft.id, Why.KEPT)


def snapshot_steps(work: Work, change: Change, snapshots: Iterable[SafetySnapshot]) -> list[Draft]:
    """None for one that is there already."""
    holds, found = work.kinds[change.kind].capability(HoldsData), []
    for snapshot in snapshots:
        if holds is not None and not snapshot.is_finished:
            call = holds.take(change.stack, change.address, snapshot)
            draft = work.add(change, SNAPSHOT, call, seconds=SECONDS)
            draft.timeout = max(draft.timeout, TIMEOUT)
            draft.lane = f"disk {snapshot.of.disk}"
            found.append(draft)
    return found


def _is_before(change: Change, draft: Draft) -> bool:
    if draft.question is not None:
        return True
    return change.action is Action.REPLACE and change.create_first and draft.id.verb == "create"


def _is_after(change: Change, draft: Draft) -> bool:
    """All but questions, and what closes a window, which runs whatever becomes of the rest."""
    if draft.question is not None or draft.closes:
        return False
    return not (change.action is Action.REPLACE and change.create_first) or draft.id.verb in _LEAVING
