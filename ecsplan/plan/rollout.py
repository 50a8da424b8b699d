"""Waves: what reboots, stops or replaces members of one group never takes the whole group down. Pure.

Each wave needs the last steps of the one before, so a failed wave stops the group.
"""

from collections.abc import Mapping, Sequence

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change
from ecsplan.model.resource import Resource
from ecsplan.plan.steps import Draft, Work


def roll(work: Work, changes: Sequence[Change], declared: Mapping[Address, Resource]) -> None:
    """Chains the waves of every group with disruptive changes, and numbers their drafts from 1."""
    groups: dict[Address, list[Change]] = {}
    for change in changes:
        if change.address.key is not None and _is_disruptive(change) and change.address in work.of:
            groups.setdefault(change.address.group, []).append(change)
    sizes: dict[Address, int] = {}
    for address in declared:
        sizes[address.group] = sizes.get(address.group, 0) + 1
    for group, members in groups.items():
        members.sort(key=lambda change: change.address)
        step = max_unavailable(declared[members[0].address].lifecycle.max_unavailable, sizes[group])
        waves = [members[at : at + step] for at in range(0, len(members), step)]
        if len(waves) > 1:
            _chain(work, waves)


def _is_disruptive(change: Change) -> bool:
    return (
        change.action is Action.REPLACE
        or (change.action in (Action.UPDATE, Action.MOVE) and change.impact in (Impact.REBOOT, Impact.STOP_START))
        or (change.action is Action.UPDATE and change.impact >= Impact.NEW_IDENTITY)
    )


def max_unavailable(text: str | None, size: int) -> int:
    """How many members may be away at once; never less than one."""
    if text == "all":
        return size
    if text is None:
        return max(1, size // 10)
    if text.endswith("%"):
        return max(1, int(size * float(text[:-1]) / 100))
    return max(1, int(text))


def _chain(work: Work, waves: Sequence[Sequence[Change]]) -> None:
    before: list[Draft] = []
    for number, wave in enumerate(waves, 1):
        last: list[Draft] = []
        for change in wave:
            drafts = work.of[change.address]
            for draft in drafts:
                draft.wave = number
            chain = {draft.id for draft in drafts}
            for draft in drafts:
                if not draft.needs & chain:
                    draft.needs |= {step.id for step in before}
            last += [draft for draft in drafts if not any(draft.id in other.needs for other in drafts)]
        before = last
