"""Which part of a saved plan still fits the cloud: all of it, or what is left where the rest may be left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.engine.reaching import other_reach, reach_of
from ecsplan.engine.select import apart_from, dependents
from ecsplan.model.address import Address
from ecsplan.model.algebra import fields
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan, Report, Result, Step
from ecsplan.model.stack import Stack
from ecsplan.model.told import folded, told
from ecsplan.planner.conform import moved, still_planned
from ecsplan.planner.planfile import shown_changes, shown_steps
from ecsplan.planner.showable import with_live_values

_AGAIN = "plan again"


class Fitting(Struct, frozen=True):
    """`plan` has what still fits; `left_out` are the addresses that do not, and those that depend on them, with why."""

    plan: Plan
    left_out: Mapping[Address, str] = field(default_factory=dict)

    def told(self, report: Report) -> Report:
        """A report that says what was left out, too."""
        results = {**report.results, **dict.fromkeys(self.left_out, Result.LEFT_OUT)}
        return replace(report, results=results, left_out=self.left_out) if self.left_out else report


class Seen(Struct, frozen=True):
    """The plan's stack with its look-ups, and its changes, as they are now; `types` are those of live groups.

    `watched` are the keys of tags that a policy asked about.
    """

    stack: Stack
    changes: Sequence[Change]
    types: Mapping[str, str]
    watched: frozenset[str] = frozenset()


def fitting(plan: Plan, seen: Seen, kinds: Kinds, skip: bool) -> Fitting:
    """Raises Refused where a change of the plan has moved; with `skip` only where nothing is left without it."""
    if not skip:
        if stale := folded(_moved(plan, seen, kinds)):
            raise Refused(stale)
        return Fitting(plan)
    fresh = seen.changes
    left_out: dict[Address, str] = {}
    while found := list(_stale(plan, seen, kinds)):
        gone = {one.address: one.summary for one in reversed(found) if one.address is not None}
        going = dependents(plan.changes, seen.stack, gone) | dependents(fresh, seen.stack, gone)
        named = ", ".join(sorted(map(str, gone))[:3])
        why = {address: gone.get(address, f"it depends on {named}, which is left out") for address in going}
        changing = {change.address for change in plan.changes if change.action is not Action.NOOP}
        left_out |= {address: why[address] for address in sorted(going & changing)}
        if not going & changing:
            raise Refused(folded(found))  # what has moved is no change that could be left out
        plan = replace(plan, changes=apart_from(plan.changes, going))
        if all(change.action is Action.NOOP for change in plan.changes):
            raise Refused(folded(found))
    return Fitting(plan, left_out)


def _moved(plan: Plan, seen: Seen, kinds: Kinds) -> Iterator[Diagnostic]:
    yield from moved(plan.changes, seen.changes, kinds)
    yield from _tagged_otherwise(plan, seen)


def _tagged_otherwise(plan: Plan, seen: Seen) -> Iterator[Diagnostic]:
    """A policy decides by the tags in the plan: they must be those of the live objects."""
    reached = {address for reach in plan.reach for address in (*reach.addresses, *reach.groups)}
    live = {change.before.id: change.before.tags for change in seen.changes if change.before is not None}
    for change in plan.changes:
        before = change.before
        if before is None or (change.action is Action.NOOP and change.address not in reached):
            continue
        for key in sorted(seen.watched):
            said, now = before.tags.get(key), live.get(before.id, before.tags).get(key)
            if said != now and now != fields(change.desired("tags")).get(key, said):
                text = f"the tag {key}, which the policy asks about, is {told(now)} now; it was {told(said)}"
                yield Diagnostic(text, _AGAIN, address=change.address)


def _stale(plan: Plan, seen: Seen, kinds: Kinds) -> Iterator[Diagnostic]:
    """What has moved; and, once nothing has, whose reachability would be another one without what was left out."""
    found = list(_moved(plan, seen, kinds))
    yield from found
    if not found:
        reach = reach_of(still_planned(plan.changes, seen.changes), seen.types)
        yield from other_reach(plan.reach, reach, True, born(plan))


def born(plan: Plan) -> frozenset[Address]:
    return frozenset(change.address for change in plan.changes if change.action in (Action.CREATE, Action.REPLACE))


def refuse_other_calls(fit: Fitting, planned: Sequence[Step], changes: Sequence[Change], steps: Sequence[Step]) -> None:
    """While nothing of a plan is done, its calls are those that planning comes to now: they were shown as such.

    A run that was cut off may have written down what it was about to change, and no more: that is not written again.
    Where a part is left out, calls have fewer objects; none has others, and there is no other call.
    """
    has_begun = any(c.before is not None and c.before.applied is not None and c.before.applied.open for c in changes)
    shown, found = (_without_records(planned), _without_records(steps)) if has_begun else (planned, steps)
    is_same = _is_part_of(found, shown) if fit.left_out else shown_steps(found) == shown_steps(shown)
    if not is_same:
        raise Refused([Diagnostic("the calls in the plan are not those that its stack leads to", _AGAIN)])


def _is_part_of(found: Sequence[Step], shown: Sequence[Step]) -> bool:
    known: dict[str, set[Address]] = {}
    for step in shown:
        for call in step.calls:
            known.setdefault(call.operation, set()).update(step.addresses)
    return all(known.get(call.operation, set()) >= set(step.addresses) for step in found for call in step.calls)


def _without_records(steps: Sequence[Step]) -> list[Step]:
    """By their ids: where the record of one change alone is written, its steps come before those of others."""
    kept = sorted((step for step in steps if step.id.verb != "record"), key=lambda step: str(step.id))
    return [replace(step, needs=tuple(need for need in step.needs if need.verb != "record")) for step in kept]


def is_untouched(plan: Plan, changes: Sequence[Change], kinds: Kinds) -> bool:
    """Whether nothing of what is left of a plan was done already."""
    return shown_changes(_of_calls(changes, kinds)) == shown_changes(_of_calls(plan.changes, kinds))


def _of_calls(changes: Sequence[Change], kinds: Kinds) -> list[Change]:
    """Those that anything is called for, without live values that no call depends on."""
    called = (change for change in changes if change.action is not Action.NOOP or change.records)
    return [replace(change, live_values=_emptied(change, kinds)) for change in called]


def _emptied(change: Change, kinds: Kinds) -> dict[str, Any]:
    """The entries that go one by one before their object does: some may be gone already."""
    names = kinds[change.kind].delete.empties if change.action in (Action.DELETE, Action.REPLACE) else ()
    live = change.live_values or (with_live_values(change, kinds).live_values if names else {})
    return {name: live[name] for name in names if name in live}
