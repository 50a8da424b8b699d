"""What opens comes before what closes, so that no way is lost in between where both are in one plan. Pure.

Within one thing that shields, the calls of its own step see to that. Here it is between several: the rule that leaves
one group and comes into another of the same machine, and the machine that leaves a group whose rules go. These edges
are preferences: where they would make steps wait for each other (two groups that swap rules), the first one counts.
"""

from collections.abc import Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.capabilities.ordering import ordering
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import refs_in
from ecsplan.plan.drafts import Draft, Work
from ecsplan.plan.graph import Why


def keep_ways_open(work: Work, changes: Sequence[Change]) -> None:
    ways = dict(_ways(work, changes))
    if not any(closes for _, closes in ways.values()):
        return
    shields = {c.before.id: c.address for c in changes if c.before is not None and _shields(work, c)}
    seen: set[tuple[Address, Address]] = set()
    for change in changes:
        if _shields(work, change) or change.before is None or change.action in (Action.DELETE, Action.RELEASE):
            continue
        before = {
            shields[text] for value in change.before.attributes.values() for text in _texts(value) if text in shields
        }
        closing = sorted(address for address in before if ways.get(address, (False, False))[1])
        if not closing:
            continue
        for earlier in sorted(_after(work, change, before)):
            for later in closing:
                if earlier != later and ways.get(earlier, (False, False))[0] and (earlier, later) not in seen:
                    seen.add((earlier, later))
                    _prefer(work, _updates(work, later), _updates(work, earlier))
        for later in closing:
            _prefer(work, _updates(work, later), _updates(work, change.address))


def _ways(work: Work, changes: Sequence[Change]) -> Iterator[tuple[Address, tuple[bool, bool]]]:
    """Of each shield that is changed in place: whether it opens something, and whether it closes something."""
    for change in changes:
        ways = ordering(work.kinds[change.kind]).ways
        if ways is not None and change.action is Action.UPDATE:
            yield change.address, ways(change)


def _shields(work: Work, change: Change) -> bool:
    return ordering(work.kinds[change.kind]).shields


def _after(work: Work, change: Change, before: set[Address]) -> set[Address]:
    declared = work.declared.get(change.address)
    if declared is None:
        return before
    named = {ref.address for value in declared.attributes.values() for ref in refs_in(value)}
    return {one for one in named if ordering(work.kinds[one.kind]).shields} or before


def _updates(work: Work, address: Address) -> list[Draft]:
    return [draft for draft in work.of.get(address, ()) if draft.id.verb == "update"]


def _prefer(work: Work, later: Sequence[Draft], earlier: Sequence[Draft]) -> None:
    for draft in later:
        for need in earlier:
            work.graph.prefer(draft.id, need.id, Why.OPENS_FIRST)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
