"""Whether what a plan does can be taken back, judged from the plan alone, before it is applied or after. Pure.

The world that the plan leads to is laid out from its changes, and the way back is compared with it as any stack is.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change, Never, Unknown
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.recovery import Recovery, Sort
from ecsplan.model.resource import LiveObject
from ecsplan.model.stack import Stack
from ecsplan.planner.diff import diff
from ecsplan.planner.kept import Kept
from ecsplan.planner.marks import OURS
from ecsplan.planner.values import KnownValues
from ecsplan.planner.way_back import LOST, NEW, way_back, without_blocked

AGAIN = "it was deleted: apply the commit before to make a new one"
MADE = "it is deleted again, with what is on it by then"


def recoveries(
    plan: Plan, touched: Collection[Address], kinds: Kinds, kept: Collection[Kept] = ()
) -> tuple[Recovery, ...]:
    """One for each resource that the plan changes, and one for each attribute that does not come back with it; `kept`
    are the snapshots that were taken before."""
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
            found += _judged(change, back.get(change.address), way.impossible.get(change.address, {}), kept)
    return tuple(found)


def _judged(
    change: Change, back: Change | None, impossible: Mapping[str, str], kept: Iterable[Kept]
) -> Iterator[Recovery]:
    again = "; ".join(one.text for one in kept if one.address == change.address)
    if "" in impossible:
        why = AGAIN if change.action is Action.DELETE and again else impossible[""]
        yield Recovery(change.address, Sort.LOSSY if again else Sort.IMPOSSIBLE, _joined(why, again))
        return
    if change.action is Action.CREATE:
        yield Recovery(change.address, Sort.REVERSIBLE, MADE)
        return
    lines = [
        Recovery(change.address, Sort.IMPOSSIBLE, why.removeprefix(f"{name}: "), name)
        for name, why in sorted(impossible.items())
    ]
    set_again = [line for line in change.attributes if line.name not in (*OURS, *impossible)]
    if change.action is Action.REPLACE or (back is not None and back.action is Action.REPLACE):
        yield Recovery(change.address, Sort.LOSSY, _joined(NEW, again))
    elif back is not None and back.impacts.intersection(LOST):
        lost = ", ".join(impact.text for impact in sorted(back.impacts.intersection(LOST)))
        yield Recovery(change.address, Sort.LOSSY, _joined(lost, again))
    elif set_again or not lines:
        meanwhile = f" ({back.impact.text})" if back is not None and back.impacts else ""
        sort = Sort.LOSSY if again else Sort.REVERSIBLE
        yield Recovery(change.address, sort, _joined(f"the values before are set again{meanwhile}", again))
    elif again:
        yield Recovery(change.address, Sort.LOSSY, again)
    yield from lines


def _joined(*texts: str) -> str:
    return "; ".join(filter(None, texts))


def _world_after(plan: Plan) -> Inventory:
    """What the plan leads to. Of a plan that was saved, the live values of what it leaves alone are those declared."""
    assert plan.definition is not None
    declared = plan.definition.by_address()
    there = {c.address: c.before for c in plan.changes if c.before is not None and c.address in declared}
    known, matched = KnownValues(there, ()), dict[Address, LiveObject]()
    for change in plan.changes:
        if change.address in there and change.action not in (Action.DELETE, Action.RELEASE):
            before = there[change.address]
            moved = (line for line in change.attributes if not isinstance(line.after, (Unknown, Never)))
            lines = {line.name: line.after for line in moved}
            values = {**declared[change.address].attributes, **change.live_values, **before.attributes, **lines}
            found = {name: known.resolve(value) for name, value in values.items()}
            matched[change.address] = replace(before, attributes=found)
    return Inventory(plan.region, tuple(matched.values()), matched)
