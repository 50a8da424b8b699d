"""The way back from a plan: the same stack with the values that were there before, and what cannot be had again. Pure.

What a plan changes in place is declared with its value before; what it made is no longer declared. The stack that comes
of this is planned as any other. What was deleted, taken over, moved or let go of is not brought back by it.
"""

from collections.abc import Callable, Collection, Mapping

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, AttributeChange, Change, Never, Unknown
from ecsplan.model.copying import replace
from ecsplan.model.plan import Plan, Report, Status
from ecsplan.model.resource import Resource
from ecsplan.model.safety import SNAPSHOT
from ecsplan.model.stack import Stack
from ecsplan.planner.marks import LEFT_OFF, OURS, RESTARTING

GONE = "it was deleted, with what was on it: apply the commit before to make a new one"
HANDS = {
    Action.DELETE: GONE,
    Action.RELEASE: "it was let go of: adopt it again",
    Action.ADOPT: "it was taken over: let go of it with released",
    Action.MOVE: "it was renamed: moved takes it back",
}
UNSET = "nothing was set before, and what is set now stays"
LOST = (Impact.DATA_LOSS, Impact.NEW_IDENTITY, Impact.NEW_ADDRESS)
LOOKS = (
    "check", "gate", "pause", "tag", "record", "number", "mark", "unmark", "drain", "drained", "undrain", SNAPSHOT,
)  # fmt: skip
"""Verbs of steps that leave a resource as it is."""

NEW = "a new object takes its place again: identity, addresses and data on its own disks are lost"


class WayBack(Struct, frozen=True):
    """`stack` is to be planned, for `targets` alone. `impossible` says of what, and why; by address, then attribute
    (empty for the whole)."""

    stack: Stack
    targets: tuple[Address, ...]
    impossible: Mapping[Address, Mapping[str, str]] = field(default_factory=dict)


def way_back(plan: Plan, touched: Collection[Address]) -> WayBack:
    """From a plan that has been carried out for `touched`."""
    assert plan.definition is not None
    changes = {c.address: c for c in plan.changes if c.address in touched and c.action is not Action.NOOP}
    impossible: dict[Address, dict[str, str]] = {}
    for address, change in changes.items():
        if change.action in HANDS:
            impossible[address] = {"": HANDS[change.action]}
    kept = _kept(plan.definition, {a for a, c in changes.items() if c.action is Action.CREATE}, impossible)
    resources = tuple(_reverted(resource, changes.get(resource.address), impossible) for resource in kept)
    targets = tuple(sorted(a for a in changes if "" not in impossible.get(a, {})))
    return WayBack(replace(plan.definition, resources=resources, outputs={}), targets, impossible)


def _kept(stack: Stack, made: Collection[Address], impossible: dict[Address, dict[str, str]]) -> tuple[Resource, ...]:
    """All but what was made; that stays where something that stays needs it."""
    going = set(made)
    while True:
        needed = {
            ref.address: resource.address
            for resource in stack.resources
            if resource.address not in going
            for _, ref in resource.refs
            if ref.address in going
        }
        if not needed:
            return tuple(resource for resource in stack.resources if resource.address not in going)
        for address, holder in needed.items():
            impossible[address] = {"": f"{holder} needs it"}
        going -= needed.keys()


def _reverted(resource: Resource, change: Change | None, impossible: dict[Address, dict[str, str]]) -> Resource:
    if change is None or change.action not in (Action.UPDATE, Action.REPLACE):
        return resource
    values = dict(resource.attributes)
    for line in change.attributes:
        if line.name in OURS or _brings_back(change, line):  # marks follow what the file says
            continue
        if line.before is None or line.sensitive or isinstance(line.before, (Unknown, Never)):
            values.pop(line.name, None)
            why = "the secret before is not known" if line.sensitive else UNSET
            impossible.setdefault(change.address, {})[line.name] = why
        else:
            values[line.name] = line.before
    return replace(resource, attributes=values)


def _brings_back(change: Change, line: AttributeChange) -> bool:
    """Whether a line starts what a run that was cut off had stopped: that was no state to go back to."""
    was_left_off = any(one.name == RESTARTING or one.note == LEFT_OFF for one in change.attributes)
    return was_left_off and (line.before, line.after) == ("stopped", "running")


def without_blocked(way: WayBack, forth: Stack, judge: Callable[[Stack], Mapping[Address, Change]]) -> WayBack:
    """The way without the values that the service does not take back, each tried alone. `forth` is the stack as it was
    applied; `judge` tells the changes that a stack would lead to."""
    now, back = forth.by_address(), way.stack.by_address()
    impossible = {address: dict(found) for address, found in way.impossible.items()}
    for address, change in judge(way.stack).items():
        if not change.blocked or address not in back or address not in now or address not in way.targets:
            continue
        resource = back[address]
        for name in [name for name, value in resource.attributes.items() if value != now[address].attributes.get(name)]:
            alone = replace(now[address], attributes={**now[address].attributes, name: resource.attributes[name]})
            found = judge(_with(forth, alone)).get(address)
            if found is not None and found.blocked:
                impossible.setdefault(address, {})[name] = "; ".join(found.blocked)
                attributes = {**resource.attributes, name: now[address].attributes[name]}
                resource = replace(resource, attributes=attributes)
        way = replace(way, stack=_with(way.stack, resource))
    return replace(way, impossible=impossible)


def _with(stack: Stack, resource: Resource) -> Stack:
    resources = (resource if one.address == resource.address else one for one in stack.resources)
    return replace(stack, resources=tuple(resources))


def members_to_take_back(plan: Plan, report: Report) -> tuple[Address, ...]:
    """The members of waves that failed and that are to be rolled back, as far as the run has touched them."""
    if plan.definition is None:
        return ()
    groups = {r.address: r.rolls_with for r in plan.definition.resources if r.lifecycle.on_failure == "roll_back"}
    steps = {step.id: step for step in plan.steps if step.wave}
    failed = {
        (groups[address], steps[outcome.step].wave)
        for outcome in report.failed
        if outcome.step in steps
        for address in outcome.addresses
        if address in groups
    }
    touched = {
        address
        for outcome in report.outcomes
        if outcome.status in (Status.DONE, Status.FAILED) and outcome.step in steps and outcome.step.verb not in LOOKS
        for address in outcome.addresses
        if (groups.get(address), steps[outcome.step].wave) in failed
    }
    return tuple(sorted(touched))
