"""Waves: what reboots, stops or replaces members of one group never takes the whole group down. Pure.

Each wave needs the last steps of the one before, so that a failed wave stops the group. A member that is away already
counts: one that is off, that is still to be made, or that a cut-off run has left half done. Those that this plan
brings back are the first wave, and the others wait for them; one that stays away leaves less room for others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.plan import StepId
from ecsplan.model.resource import Resource
from ecsplan.plan.drafts import Draft, Work
from ecsplan.plan.window import is_meant_off, start_step, starts


@dataclass(slots=True)
class Group:
    """The members of a group by what a rollout has to know of them.

    `back` are away and are brought back by this plan, `rising` are on their way up by themselves, `away` stay away;
    `moving` are there and will be away for a while.
    """

    limit: int
    back: list[Change] = field(default_factory=list)
    rising: list[Change] = field(default_factory=list)
    away: list[Address] = field(default_factory=list)
    moving: list[Change] = field(default_factory=list)

    @property
    def room(self) -> int:
        """How many of those that are there may be away at once."""
        return self.limit - len(self.away)

    @property
    def waves(self) -> list[list[Change]]:
        first = [*self.back, *self.rising]
        with_them = max(0, self.room - len(first)) if first else 0
        rest = self.moving[with_them:]
        step = max(1, self.room)
        later = [rest[at : at + step] for at in range(0, len(rest), step)]
        return [[*first, *self.moving[:with_them]], *later] if first else later


def groups_of(changes: Sequence[Change], kinds: Kinds, declared: Mapping[Address, Resource]) -> dict[Address, Group]:
    """The groups of which members are to be taken away."""
    by_address = {change.address: change for change in changes if change.action is not Action.DELETE}
    half_done = {c.address for c in changes if c.action is Action.DELETE and c.before is not None and c.before.retired}
    wanted = {c.address.group for c in by_address.values() if c.address.key is not None and _is_disruptive(c)}
    members: dict[Address, list[Address]] = {}
    for address in declared if wanted else ():
        if address.group in wanted:
            members.setdefault(address.group, []).append(address)
    found: dict[Address, Group] = {}
    for group, addresses in members.items():
        text = declared[addresses[0]].lifecycle.max_unavailable
        found[group] = Group(max_unavailable(text, len(addresses)))
        for address in sorted(addresses):
            _sort_in(found[group], kinds[address.kind], address, by_address.get(address), address in half_done)
    return found


def _sort_in(group: Group, kind: Kind, address: Address, change: Change | None, is_half_done: bool) -> None:
    if change is None or (change.before is None and change.action is not Action.CREATE):
        group.away.append(address)
    elif change.action is Action.CREATE or (is_half_done and change.action is not Action.NOOP):
        group.back.append(change)
    elif kind.power is not None and _is_away(kind, change):
        _sort_in_off(group, kind, change)
    elif _is_disruptive(change):
        group.moving.append(change)


def _is_away(kind: Kind, change: Change) -> bool:
    assert kind.power is not None and change.before is not None
    return change.before.status != kind.power.running and not is_meant_off(kind, change)


def _sort_in_off(group: Group, kind: Kind, change: Change) -> None:
    """One that does not run, though the file does not say so: started by this plan, by itself, or not at all."""
    assert kind.power is not None and change.before is not None
    if change.action is Action.REPLACE or starts(kind, change, is_stopped=False):
        group.back.append(change)
    elif change.before.attributes.get(kind.power.attribute) == "running":
        group.rising.append(change)
    else:
        group.away.append(change.address)


def refuse_without_room(
    changes: Sequence[Change], kinds: Kinds, declared: Mapping[Address, Resource]
) -> tuple[Change, ...]:
    """The changes; blocked are those that would take away more of a group than may be, as others stay away."""
    why: dict[Address, str] = {}
    for group in groups_of(changes, kinds, declared).values():
        if group.room < 1:
            away = ", ".join(map(str, group.away[:3])) + (", …" if len(group.away) > 3 else "")
            reason = (
                f"{away} {'is' if len(group.away) == 1 else 'are'} away already, and max_unavailable is {group.limit}: "
                "start what is off (ecsplan start), or allow more in lifecycle.rollout"
            )
            why |= {change.address: reason for change in group.moving if not change.create_first}
    return tuple(
        replace(c, blocked=(*c.blocked, why[c.address])) if c.address in why and c.action is not Action.DELETE else c
        for c in changes
    )


def roll(work: Work, changes: Sequence[Change]) -> None:
    """Chains the waves of every group with disruptive changes, and numbers their drafts from 1."""
    for group in groups_of(changes, work.kinds, work.declared).values():
        if group.moving:
            group.moving = _in_order(work, group.moving)
        waves = group.waves
        if len(waves) > 1:
            for change in group.rising:
                _await(work, change)
            _chain(work, waves)


def _await(work: Work, change: Change) -> None:
    """One that is on its way up is waited for: asked to start, it says when it runs."""
    if not any(draft.id.verb == "start" for draft in work.of.get(change.address, ())):
        start_step(work, work.kinds[change.kind], change)


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


def _in_order(work: Work, members: Sequence[Change]) -> list[Change]:
    """By address; but one that another needs comes before it, so that no wave waits for a later one."""
    bits = {change.address: 1 << place for place, change in enumerate(members)}
    needs = _needs_among(work, bits)
    left, found, seen = list(members), list[Change](), 0
    while left:
        ready = [c for c in left if not needs[c.address] & ~bits[c.address] & ~seen]
        for change in ready or left[:1]:  # members that need each other cannot be told apart
            found.append(change)
            left.remove(change)
            seen |= bits[change.address]
    return found


def _needs_among(work: Work, bits: Mapping[Address, int]) -> dict[Address, int]:
    """For each member a bit for every other one that some step of it rests on."""
    reached: dict[StepId, int] = {}
    for address in bits:
        for draft in work.of.get(address, ()):
            _reach(work, draft, bits, reached)
    return {address: _or(reached[draft.id] for draft in work.of.get(address, ())) for address in bits}


def _or(bits: Iterable[int]) -> int:
    found = 0
    for one in bits:
        found |= one
    return found


def _reach(work: Work, draft: Draft, bits: Mapping[Address, int], reached: dict[StepId, int]) -> None:
    """The members that a draft and all that it rests on belong to."""
    todo = [draft]
    while todo:
        top = todo[-1]
        if top.id in reached:
            todo.pop()
            continue
        open_needs = [work.drafts[need] for need in top.comes_after if need not in reached]
        if open_needs:
            todo += open_needs
            continue
        own = bits.get(top.addresses[0], 0)
        reached[top.id] = own | _or(reached[need] for need in top.comes_after)
        todo.pop()


def _chain(work: Work, waves: Sequence[Sequence[Change]]) -> None:
    before: set[StepId] = set()
    for number, wave in enumerate(waves, 1):
        last: set[StepId] = set()
        for change in wave:
            drafts = work.of.get(change.address, [])
            for draft in drafts:
                draft.wave = number
            chain = {draft.id for draft in drafts}
            for draft in drafts:
                if not draft.comes_after & chain:
                    draft.needs |= before
            last |= {draft.id for draft in drafts if not any(draft.id in other.needs for other in drafts)}
        before = last
