"""What joins a security group waits until the group is shut: its policy and its rules are set. Used by graph.py; pure.

They are steps of their own, since two groups may name each other; so nothing else makes a machine wait for them. Where
waiting would be a cycle (a rule that names the address of the very machine) the machine comes first, as it must.
"""

from collections.abc import Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import refs_in
from ecsplan.model.plan import StepId
from ecsplan.plan.drafts import Draft, Work


def wait_until_shut(work: Work, changes: Sequence[Change]) -> None:
    """Adds the edges from the finishing steps of new groups to what joins them."""
    finishing = {
        change.address: found
        for change in changes
        if work.kinds[change.kind].shields
        and (found := [draft for draft in work.of.get(change.address, ()) if draft.id.verb == "finish"])
    }
    joining: dict[Address, list[Draft]] = {}
    for change in changes if finishing else ():
        for group in _joined(work, change):
            if group in finishing:
                joining.setdefault(group, []).extend(_first_of(work, change))
    for group, joiners in joining.items():
        before = _all_before(work, finishing[group])
        for draft in joiners:
            if draft.id not in before:
                draft.needs.update(step.id for step in finishing[group])


def _joined(work: Work, change: Change) -> Iterator[Address]:
    """What a new or changed thing refers to from now on, but for what is set later."""
    declared = work.declared.get(change.address)
    if declared is None or change.action in (Action.NOOP, Action.DELETE, Action.RELEASE):
        return
    is_born = change.action in (Action.CREATE, Action.REPLACE)
    later = work.kinds[change.kind].birth(change).later
    for name, value in declared.attributes.items():
        if name not in later and (is_born or name in change.attributes_by_name):
            yield from (ref.address for ref in refs_in(value))


def _first_of(work: Work, change: Change) -> list[Draft]:
    verbs = ("create",) if change.action in (Action.CREATE, Action.REPLACE) else ("update", "mark", "stop")
    return [draft for draft in work.of.get(change.address, ()) if draft.id.verb in verbs][:1]


def _all_before(work: Work, drafts: Sequence[Draft]) -> set[StepId]:
    """All steps that some step rests on, those themselves too."""
    found = {draft.id for draft in drafts}
    todo = list(found)
    while todo:
        for need in work.drafts[todo.pop()].comes_after:
            if need not in found:
                found.add(need)
                todo.append(need)
    return found
