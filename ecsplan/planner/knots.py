"""Steps that wait for each other: what forbids every order, and what to write instead. Used by layout.py; pure.

The edges that are to blame are taken out, so that the plan can be shown all the same, and the change whose step waits
by them is blocked, with the reason.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.plan import StepId
from ecsplan.planner.drafts import Work
from ecsplan.planner.graph import Edge, Why

Reasons = Mapping[Address, tuple[str, ...]]

_ASKED_FOR = (Why.FREES, Why.FITS, Why.HANDS_OVER, Why.DEPENDS)  # made by a value of the file, which can be changed
_TO_BLAME = (*_ASKED_FOR, *(why for why in Why if why not in _ASKED_FOR))


def untie(work: Work, changes: Sequence[Change]) -> Reasons:
    """Takes edges out until no steps wait for each other; the reasons by the address of what is blocked for them."""
    found: dict[Address, dict[str, None]] = {}
    by_address = {change.address: change for change in reversed(changes)}
    while knots := sorted(map(sorted, work.graph.knots())):
        for knot in knots:
            for address, reason in _undone(work, by_address, knot):
                found.setdefault(address, {})[reason] = None
    return {address: tuple(reasons) for address, reasons in found.items()}


def _undone(work: Work, changes: Mapping[Address, Change], knot: Collection[StepId]) -> Iterator[tuple[Address, str]]:
    """Takes out the edges of one knot that are most to blame: all of one reason."""
    edges = work.graph.edges_in(knot)
    blamed = next(why for why in _TO_BLAME if any(edge[2] is why for edge in edges))
    guilty = [edge for edge in edges if edge[2] is blamed]
    if blamed is Why.FREES:
        told = [(_address(work, edge[0]), _of_a_value(work, changes, edge, knot)) for edge in guilty]
    else:
        told = [(_address(work, guilty[0][0]), _of_a_cycle(work, guilty[0]))]
    for later, earlier, _, _ in guilty:
        work.graph.cut(later, earlier)
    yield from told


def _of_a_value(work: Work, changes: Mapping[Address, Change], edge: Edge, knot: Collection[StepId]) -> str:
    later, earlier, _, name = edge
    taker, holder = _address(work, later), _address(work, earlier)
    value = _value(changes.get(taker), name)
    between = _between(work, edge, knot)
    waits = f"cannot go before {_list(between)} has moved to this one" if between else "waits for this one in turn"
    renamed = taker.kind == holder.kind and _is(changes, taker, Action.CREATE) and _is(changes, holder, Action.DELETE)
    moved = f"; or, if it is {holder} under another name, moved: [{{from: {holder}, to: {taker}}}]" if renamed else ""
    return f"its {name}{value} collides with that of {holder}, which {waits}; write another {name}{moved}"


def _value(change: Change | None, name: str) -> str:
    value = (
        change.after.name if change and change.after and name == "name" else change.desired(name) if change else None
    )
    return f" {value}" if isinstance(value, str) else ""


def _is(changes: Mapping[Address, Change], address: Address, action: Action) -> bool:
    return address in changes and changes[address].action is action


def _between(work: Work, edge: Edge, knot: Collection[StepId]) -> list[Address]:
    """What has to act between the two steps, for the later one to be able to run before the earlier one."""
    ends = {_address(work, edge[0]), _address(work, edge[1])}
    groups = {_address(work, step).group for step in work.graph.path(edge[0], edge[1])}
    tied = dict.fromkeys(_address(work, step) for step in knot if work.drafts[step].calls)
    return [address for address in tied if address.group in groups and address not in ends]


def _of_a_cycle(work: Work, edge: Edge) -> str:
    path = work.graph.path(edge[0], edge[1])
    shown = " → ".join(str(step) for step in (*path, path[0]))
    about = f" ({edge[3]})" if edge[3] else ""
    return (
        f"no order of its steps is possible: {shown}{about}; change one of them first, in an apply of its own "
        f"(--target {_address(work, path[-1])})"
    )


def _address(work: Work, step: StepId) -> Address:
    return work.drafts[step].addresses[0]


def _list(addresses: Sequence[Address]) -> str:
    return ", ".join(map(str, addresses[:3])) + (f" and {len(addresses) - 3} more" if len(addresses) > 3 else "")
