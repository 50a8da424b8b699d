"""Gates and pauses as steps of a plan, and the stages of a rollout. Used by rollout.py; pure."""

from collections.abc import Iterable, Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.algebra import texts
from ecsplan.model.call import Call
from ecsplan.model.capabilities.serving import Serving
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.gate import Check, Gate, checks_of
from ecsplan.model.plan import StepId
from ecsplan.model.resource import Lifecycle, Resource
from ecsplan.planner.drafts import Draft, Work
from ecsplan.planner.draining import DRAIN, UNDRAIN, is_joining
from ecsplan.planner.graph import Why

LOOKS_BEFORE = 2
"""How many looks at a member may fail before a rollout: it has been up for long, and is not waited for."""


def share(text: str, size: int) -> int:
    """`3`, `10%` or `all` of so many; never less than one."""
    if text == "all":
        return size
    return max(1, int(size * float(text[:-1]) / 100) if text.endswith("%") else int(text))


def stages(moving: Sequence[Change], policy: Lifecycle, size: int) -> list[list[Change]]:
    """The members in stages: each canary with those before it, then the rest. `size` is that of the group."""
    ordered = list(reversed(moving)) if policy.order == "reverse" else list(moving)
    found, begin = [], 0
    for text in policy.canary:
        end = min(len(ordered), share(text, size))
        if end > begin:
            found.append(ordered[begin:end])
            begin = end
    return [*found, ordered[begin:]] if begin < len(ordered) else found


def gate_of(policy: Lifecycle) -> tuple[Check, ...]:
    return checks_of(policy.checks)


def _gate(policy: Lifecycle, group: Address) -> Gate:
    return Gate(gate_of(policy), rolls_back=policy.on_failure == "roll_back", rollout=str(group))


def add_gate(work: Work, change: Change, policy: Lifecycle, wave: int) -> StepId:
    """The member has passed its checks; a new machine that comes first passes them before anything moves to it."""
    drafts = work.of.get(change.address, ())
    back = [draft.id for draft in drafts if draft.id.verb == UNDRAIN]
    behind = work.graph.all_after(back)
    own = [draft.id for draft in drafts if draft.id not in behind]
    asked = _gate(policy, work.declared[change.address].rolls_with)
    gate = _added(work, StepId(str(change.address), "gate"), (change.address,), asked, wave)
    work.close_after(back, gate.id, Why.GATE)
    born = _born_first(work, change)
    if born is None:
        work.graph.need_all(gate.id, work.graph.tails(own), Why.GATE)
        return gate.id
    looks_behind = any(check.kind == "balancer" for check in gate_of(policy))
    joins = {draft.id for draft in drafts if is_joining(work.kinds[change.kind], draft)} if looks_behind else set()
    for step in work.graph.followers(born.id):
        if step not in joins:
            work.graph.need(step, gate.id, Why.GATE)
    work.graph.need_all(gate.id, joins, Why.GATE)
    work.graph.need(gate.id, born.id, Why.GATE)
    return gate.id


def add_gate_of_heir(work: Work, old: Change, resource: Resource, changes: Iterable[Change]) -> None:
    """What took the place of a retired machine passes its checks before it is given anything of that, and before that
    is deleted. What is changed of the new machine itself comes before: it may be what makes it well."""
    gate = StepId(str(old.address), "gate")
    if gate not in work.drafts:
        _added(work, gate, (old.address,), _gate(resource.lifecycle, resource.rolls_with), 0)
    given = {draft.id: None for draft in _given_by(work, old, resource, changes) if _waits(draft)}
    for step in given:
        work.graph.need(step, gate, Why.GATE)
    behind = work.graph.all_after(given)
    for draft in work.of.get(old.address, ()):
        if draft.id.verb in ("update", "finish") and draft.id not in given and draft.id not in behind:
            work.graph.need(gate, draft.id, Why.GATE)


def _waits(draft: Draft) -> bool:
    return draft.question is None and not draft.closes


def _given_by(work: Work, old: Change, resource: Resource, changes: Iterable[Change]) -> Iterator[Draft]:
    """Its own disks, the addresses and interfaces that name it, its place behind balancers, and itself."""
    serving = work.kinds[old.kind].capability(Serving)
    looks_behind = any(check.kind == "balancer" for check in gate_of(resource.lifecycle))
    joins = set(serving.attributes) if serving is not None and not looks_behind else set()
    for draft in work.of.get(old.address, ()):
        leaves = any(call.leaves == old.id_text for call in draft.calls)
        if leaves or draft.id.verb in ("delete", "release", DRAIN) or joins & set(draft.sets):
            yield draft
    for change in changes:
        names_it = any(old.id_text in texts(line.before) for line in change.attributes)
        if names_it and change.address != old.address:
            yield from work.of.get(change.address, ())


def _born_first(work: Work, change: Change) -> Draft | None:
    if change.action is not Action.REPLACE or not change.create_first:
        return None
    return next((draft for draft in work.of.get(change.address, ()) if draft.id.verb == "create"), None)


def add_gate_before(work: Work, group: Address, others: Sequence[Address], policy: Lifecycle) -> StepId:
    """The members that stay as they are pass the checks before the first wave: a rollout that failed, or was cut off,
    does not go on over members that it left unwell."""
    checks = tuple(
        replace(check, retries=LOOKS_BEFORE if check.retries is None else check.retries) for check in gate_of(policy)
    )
    return _added(work, StepId(str(group), "gate", 0), tuple(others), Gate(checks, rollout=str(group)), 0).id


def add_pause(work: Work, group: Address, number: int, policy: Lifecycle, after: StepId) -> StepId:
    """Some time in which a canary shows what it is worth."""
    asked = Gate(pause=policy.pause, rollout=str(group))
    pause = _added(work, StepId(str(group), "pause", number), (group,), asked, number)
    work.graph.need(pause.id, after, Why.WAVE)
    return pause.id


def _added(work: Work, name: StepId, addresses: tuple[Address, ...], gate: Gate, wave: int) -> Draft:
    calls: tuple[Call, ...] = ()
    draft = Draft(name, addresses, calls, wave=wave, seconds=gate.seconds, gate=gate)
    work.drafts[draft.id] = draft
    work.graph.add(draft.id)
    return draft


def wave_ended(
    work: Work, group: Address, number: int, last: Iterable[StepId], gates: Iterable[StepId], policy: Lifecycle
) -> StepId:
    """The barrier behind a wave: all of it is done; with `on_failure: continue`, it has only ended."""
    if policy.on_failure != "continue":
        return work.barrier(group, "wave", number, [*last, *gates], Why.WAVE)
    barrier = work.barrier(group, "wave", number, (), Why.WAVE)
    work.close(work.drafts[barrier], after=[*last, *gates])
    return barrier
