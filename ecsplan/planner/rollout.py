"""Waves: what reboots, stops or replaces members of one group never takes the whole group down. Pure.

Each wave needs the last steps of the one before, by way of a barrier, so that a failed wave stops the group. A member
that is away already counts: one that is off, that is still to be made, or that a cut-off run has left half done. Those
that this plan brings back are the first wave, and the others wait for them; one that stays away leaves less room for
others.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, Change, Going
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import OPEN
from ecsplan.model.plan import StepId
from ecsplan.model.resource import Lifecycle, Resource
from ecsplan.planner.drafts import Work
from ecsplan.planner.gating import add_gate, add_gate_before, add_gate_of_heir, add_pause, share, stages, wave_ended
from ecsplan.planner.graph import Why
from ecsplan.planner.marks import is_meant_off
from ecsplan.planner.window import start_step, starts

USUAL = Lifecycle()


class Group(Struct):
    """The members of a group by what a rollout has to know of them.

    `back` are away and are brought back by this plan, `rising` are on their way up by themselves, `away` stay away;
    `moving` are there and will be away for a while; `others` are there and stay.
    """

    limit: int
    policy: Lifecycle = USUAL
    size: int = 0
    others: list[Address] = field(default_factory=list)
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
        return [wave for stage in self.stages for wave in stage]

    @property
    def stages(self) -> list[list[list[Change]]]:
        """The waves of each canary, then those of the rest; what is brought back is the first wave of all."""
        # To bring back what is away takes nothing from the group, and gives room to the waves that follow: it goes
        # first, with as many of the others as may be away besides. A canary is to be alone, so that nothing joins it.
        first = [*self.back, *self.rising]
        with_them = max(0, self.room - len(first)) if first and not self.policy.canary else 0
        # Never less than one: without room the changes are blocked (refuse_without_room), and the waves are only shown.
        step = max(1, self.room)
        found = [
            [stage[at : at + step] for at in range(0, len(stage), step)]
            for stage in stages(self.moving[with_them:], self.policy, self.size)
        ]
        return [[[*first, *self.moving[:with_them]]], *found] if first else found


def groups_of(changes: Sequence[Change], kinds: Kinds, declared: Mapping[Address, Resource]) -> dict[Address, Group]:
    """The groups of which members are to be taken away."""
    by_address = {change.address: change for change in changes if change.action is not Action.DELETE}
    # A replacement that was cut off has left its old object retired: the member is away, or about to come back.
    half_done = {c.address for c in changes if c.action is Action.DELETE and c.before is not None and c.before.retired}
    wanted = {
        declared[c.address].rolls_with for c in by_address.values() if _is_rolled(c, declared) and _is_disruptive(c)
    }
    members: dict[Address, list[Address]] = {}
    for address, resource in declared.items() if wanted else ():
        if resource.rolls_with in wanted:
            members.setdefault(resource.rolls_with, []).append(address)
    found: dict[Address, Group] = {}
    for group, addresses in members.items():
        policy = declared[addresses[0]].lifecycle
        found[group] = Group(max_unavailable(policy.max_unavailable, len(addresses)), policy, len(addresses))
        for address in sorted(addresses):
            _sort_in(found[group], kinds[address.kind], address, by_address.get(address), address in half_done)
    return found


def _sort_in(group: Group, kind: Kind, address: Address, change: Change | None, is_half_done: bool) -> None:
    power = kind.capability(Power)
    if change is None or (change.before is None and change.action is not Action.CREATE):
        group.away.append(address)
    elif change.action is Action.CREATE or (change.action is not Action.NOOP and (is_half_done or _is_open(change))):
        group.back.append(change)
    elif power is not None and _is_away(kind, change):
        _sort_in_off(group, kind, change)
    elif _is_disruptive(change):
        group.moving.append(change)
    else:
        group.others.append(address)


def _is_open(change: Change) -> bool:
    """Whether a run that was cut off has begun to change it: it is drained, say, or has not joined its groups yet."""
    return change.before is not None and OPEN in change.before.marks


def _is_rolled(change: Change, declared: Mapping[Address, Resource]) -> bool:
    """A member of a group or of a named rollout; or one that stands alone, and has checks to pass."""
    resource = declared.get(change.address)
    if resource is None:
        return False
    return change.address.key is not None or bool(resource.lifecycle.checks or resource.lifecycle.rollout)


def _is_away(kind: Kind, change: Change) -> bool:
    power = kind.capability(Power)
    assert power is not None and change.before is not None
    return change.before.status != power.running and not is_meant_off(kind, change)


def _sort_in_off(group: Group, kind: Kind, change: Change) -> None:
    """One that does not run, though the file does not say so: started by this plan, by itself, or not at all."""
    power = kind.capability(Power)
    assert power is not None and change.before is not None
    if change.action is Action.REPLACE or starts(kind, change, is_stopped=False):
        group.back.append(change)
    elif change.before.attributes.get(power.attribute) == "running":
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
            # One whose new object is made first is never away.
            why |= {change.address: reason for change in group.moving if not change.create_first}
    return tuple(
        replace(c, blocked=(*c.blocked, why[c.address])) if c.address in why and c.action is not Action.DELETE else c
        for c in changes
    )


def roll(work: Work, changes: Sequence[Change]) -> None:
    """Chains the waves of every group with disruptive changes, and numbers their drafts from 1."""
    _heirs_pass_first(work, changes)
    for address, group in groups_of(changes, work.kinds, work.declared).items():
        if group.moving:
            group.moving = _in_order(work, group.moving)
        # One wave without checks needs no order beside that of its own steps.
        if len(group.waves) > 1 or group.policy.checks:
            for change in group.rising:
                _await(work, change)
            _chain(work, address, group)


def _heirs_pass_first(work: Work, changes: Sequence[Change]) -> None:
    """A replacement was broken off, or its new machine did not pass: the old one goes only once that passes."""
    for change in changes:
        resource = work.declared.get(change.address)
        is_old = change.action is Action.DELETE and change.going is Going.RETIRED
        has_power = work.kinds[change.kind].capability(Power) is not None
        if is_old and has_power and resource is not None and resource.lifecycle.checks:
            add_gate_of_heir(work, change, resource, changes)


def _await(work: Work, change: Change) -> None:
    """One that is on its way up is waited for: asked to start, it says when it runs."""
    if not any(draft.id.verb == "start" for draft in work.of.get(change.address, ())):
        start_step(work, work.kinds[change.kind], change)


_DOWN = {Impact.REBOOT, Impact.STOP_START, Impact.STOP}
_GONE = {Impact.NEW_ADDRESS, Impact.NEW_IDENTITY, Impact.DATA_LOSS}


def _is_disruptive(change: Change) -> bool:
    if change.action is Action.UPDATE:
        return bool(change.impacts & (_DOWN | _GONE))
    return change.action is Action.REPLACE or (change.action is Action.MOVE and bool(change.impacts & _DOWN))


def max_unavailable(text: str | None, size: int) -> int:
    """How many members may be away at once; never less than one."""
    return max(1, size // 10) if text is None else share(text, size)


def _in_order(work: Work, members: Sequence[Change]) -> list[Change]:
    """By address; but one that another needs comes before it, so that no wave waits for a later one."""
    steps = {draft.id: place for place, change in enumerate(members) for draft in work.of.get(change.address, ())}
    return [members[place] for place in work.graph.in_order(steps, len(members))]


def _chain(work: Work, address: Address, group: Group) -> None:
    """The first steps of a wave wait for a barrier that waits for the last steps and the gates of the one before."""
    barrier = None
    others = [other for other in group.others if work.kinds[other.kind].capability(Power) is not None]
    if group.policy.checks and others and group.policy.on_failure != "continue":
        barrier = add_gate_before(work, address, others, group.policy)
    number, count = 0, len(group.waves)
    for stage in group.stages:
        for wave in stage:
            number += 1
            last, gates = _run_wave(work, group, wave, number, barrier)
            # After the last wave nothing waits, and a barrier would only lengthen the graph.
            if number < count:
                barrier = wave_ended(work, address, number, last, gates, group.policy)
        if barrier is not None and number < count and group.policy.pause:
            barrier = add_pause(work, address, number, group.policy, barrier)


def _run_wave(
    work: Work, group: Group, wave: Sequence[Change], number: int, barrier: StepId | None
) -> tuple[list[StepId], list[StepId]]:
    """The last steps of a wave, and its gates."""
    last: list[StepId] = []
    gates: list[StepId] = []
    for change in wave:
        drafts = work.of.get(change.address, [])
        for draft in drafts:
            draft.wave = number
        own = [draft.id for draft in drafts]
        if barrier is not None:
            # The first steps alone wait: those behind them wait through them, so that a large wave has few edges.
            for step in work.graph.heads(own):
                work.graph.need(step, barrier, Why.WAVE)
        last += work.graph.tails(own)
        if group.policy.checks and work.kinds[change.kind].capability(Power) is not None:
            gates.append(add_gate(work, change, group.policy, number))
    return last, gates
