"""Whether what a plan does can be taken back, judged from the plan alone, before it is applied or after. Pure.

The world that the plan leads to is laid out from its changes, and the way back is compared with it as any stack is.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change, Never, Unknown
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.recovery import Recovery, Sort
from ecsplan.model.resource import RemoteObject
from ecsplan.model.stack import Stack
from ecsplan.plan.diff import diff
from ecsplan.plan.way_back import LOST, NEW, way_back, without_blocked

MADE = "it is deleted again, with what is on it by then"


def recoveries(plan: Plan, touched: Collection[Address], kinds: Kinds) -> tuple[Recovery, ...]:
    """One for each resource that the plan changes, and one for each attribute that does not come back with it."""
    if plan.definition is None:
        return ()
    inventory = _world_after(plan)

    def judge(stack: Stack) -> Mapping[Address, Change]:
        return {change.address: change for change in diff(stack, inventory, kinds)}

    way = without_blocked(way_back(plan, touched), plan.definition, judge)
    back = judge(way.stack)
    found: list[Recovery] = []
    for change in sorted(plan.changes, key=lambda one: one.address):
        if change.address in touched and change.action is not Action.NOOP:
            found += _judged(change, back.get(change.address), way.impossible.get(change.address, {}))
    return tuple(found)


def _judged(change: Change, back: Change | None, impossible: Mapping[str, str]) -> Iterator[Recovery]:
    if "" in impossible:
        yield Recovery(change.address, Sort.IMPOSSIBLE, impossible[""])
        return
    if change.action is Action.CREATE:
        yield Recovery(change.address, Sort.REVERSIBLE, MADE)
        return
    lines = [Recovery(change.address, Sort.IMPOSSIBLE, why, name) for name, why in sorted(impossible.items())]
    if change.action is Action.REPLACE or (back is not None and back.action is Action.REPLACE):
        yield Recovery(change.address, Sort.LOSSY, NEW)
    elif back is not None and back.impacts.intersection(LOST):
        lost = ", ".join(impact.text for impact in sorted(back.impacts.intersection(LOST)))
        yield Recovery(change.address, Sort.LOSSY, lost)
    elif len(lines) < len(change.attributes) or not lines:
        meanwhile = f" ({back.impact.text})" if back is not None and back.impacts else ""
        yield Recovery(change.address, Sort.REVERSIBLE, f"the values before are set again{meanwhile}")
    yield from lines


def _world_after(plan: Plan) -> Inventory:
    matched: dict[Address, RemoteObject] = {}
    for change in plan.changes:
        if change.before is not None and change.after is not None:
            values = {
                line.name: line.after for line in change.attributes if not isinstance(line.after, Unknown | Never)
            }
            matched[change.address] = replace(change.before, attributes={**change.before.attributes, **values})
    return Inventory(plan.region, tuple(matched.values()), matched)
