"""Openings come before closings, so that no way is lost in between where both are in one plan. Pure.

Between several things that shield: the rule that leaves one group and comes into another of the same machine, two
groups that swap rules, and the machine that leaves a group whose rules go. It goes call by call: of two groups that
swap, both open before either closes. These edges are preferences: where they would make steps wait for each other (a
group that has no room for its new rules before old ones go), the first one counts.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.algebra import texts
from ecsplan.model.capabilities.ordering import ordering
from ecsplan.model.change import Action, Change
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.graph import Why


class _Ways(Struct, frozen=True):
    """The steps of a shield that is changed in place which open something, and those which close something."""

    opening: tuple[Draft, ...] = ()
    closing: tuple[Draft, ...] = ()


def keep_ways_open(work: Work, changes: Sequence[Change]) -> None:
    ways = dict(_ways(work, changes))
    if not any(found.closing for found in ways.values()):
        return
    shields = {c.before.id: c.address for c in changes if c.before is not None and _shields(work, c)}
    seen: set[tuple[Address, Address]] = set()
    for change in changes:
        if _shields(work, change) or change.before is None or change.action in (Action.DELETE, Action.RELEASE):
            continue
        before = {
            shields[text] for value in change.before.attributes.values() for text in texts(value) if text in shields
        }
        closing = sorted(address for address in before if ways.get(address, _Ways()).closing)
        if not closing:
            continue
        for earlier in sorted(_after(work, change, before) & ways.keys()):
            for later in closing:
                if earlier != later and (earlier, later) not in seen:
                    seen.add((earlier, later))
                    _prefer(work, ways[later].closing, ways[earlier].opening)
        for later in closing:
            _prefer(work, ways[later].closing, _updates(work, change.address))


def _ways(work: Work, changes: Sequence[Change]) -> Iterator[tuple[Address, _Ways]]:
    for change in changes:
        ways = ordering(work.kinds[change.kind]).ways
        if ways is not None and change.action is Action.UPDATE:
            told = [(draft, [ways(change, call) for call in draft.calls]) for draft in _updates(work, change.address)]
            opening = tuple(draft for draft, found in told if any(opens for opens, _ in found))
            yield change.address, _Ways(opening, tuple(draft for draft, found in told if any(c for _, c in found)))


def _shields(work: Work, change: Change) -> bool:
    return ordering(work.kinds[change.kind]).shields


def _after(work: Work, change: Change, before: set[Address]) -> set[Address]:
    declared = work.declared.get(change.address)
    if declared is None:
        return before
    return {one for one in declared.named if ordering(work.kinds[one.kind]).shields} or before


def _updates(work: Work, address: Address) -> list[Draft]:
    return [draft for draft in work.of.get(address, ()) if draft.id.verb == "update"]


def _prefer(work: Work, later: Sequence[Draft], earlier: Sequence[Draft]) -> None:
    for draft in later:
        for need in earlier:
            work.graph.prefer(draft.id, need.id, Why.OPENS_FIRST)
