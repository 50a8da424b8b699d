"""The changes of a plan as nodes, each with a digest of its own: what an approval covers beyond one plan. Pure.

A node is all that a reviewer sees of one change and all that apply would do because of it: the live values that it
counts on, the declared ones, what it does to what runs, what it opens and what it costs. Two plans that have a node
with the same digest do the same there. Left out is what changes nothing: lines of files, notes, the state of a machine.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.delta import DECLARED, LIVE, PLANNED, Delta, Fact, FactChange, Node, Standing
from ecsplan.model.encoding import to_json
from ecsplan.model.plan import Plan
from ecsplan.model.price import PriceLine
from ecsplan.model.reach import Reach
from ecsplan.model.resource import Lifecycle, Resource
from ecsplan.planner.planfile import amount_to_text

_GOING = (Action.DELETE, Action.RELEASE)
SEEN = "sensitive"


def nodes_of(plan: Plan) -> tuple[Node, ...]:
    """What the plan changes, and what it opens or closes without changing it, in the order of the plan."""
    declared = plan.definition.by_address() if plan.definition is not None else {}
    reaches: dict[Address, list[Reach]] = {}
    for reach in plan.reach:
        for address in dict.fromkeys((*reach.addresses, *reach.groups)):
            reaches.setdefault(address, []).append(reach)
    prices = plan.prices.by_address()
    found = []
    for change in plan.changes:
        if change.action is Action.NOOP and change.address not in reaches:
            continue
        facts = dict(_of_change(change))
        if change.action not in _GOING:
            facts |= dict(_of_resource(declared.get(change.address)))
        facts |= dict(_of_reach(reaches.get(change.address, ())))
        price = prices.get(change.address)
        if price is not None:
            facts |= dict(_of_price(price))
        secret = frozenset(line.name for line in change.attributes if line.sensitive)
        digest = _digest(change.address, facts)
        found.append(Node(change.address, change.action, change.id_text, facts, digest, secret))
    return tuple(found)


def _digest(address: Address, facts: Mapping[Fact, object]) -> str:
    told = [[*fact, to_json(value)] for fact, value in sorted(facts.items())]
    text = json.dumps([str(address), told], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _key(node: Node) -> tuple[Address, str]:
    return node.address, node.id if node.action in _GOING else ""


def _of_change(change: Change) -> Iterator[tuple[Fact, object]]:
    yield ("action", ""), change.action.name.lower()
    yield ("object", ""), change.id_text
    yield ("impact", ""), tuple(sorted(impact.name.lower() for impact in change.impacts))
    told = {
        "losses": change.loses,
        "blocked": change.blocked,
        "which comes first": change.create_first,
        "moved from": str(change.moved_from or ""),
        "converts": change.converts,
        "purchase": (change.buys.text, change.buys.months) if change.buys else None,
        "ownership": change.before is not None and change.before.owner is not None,
        "going": change.going.value,
        "doubt": change.is_doubtful,
        "twins": tuple(sorted(twin.id for twin in change.twins)),
    }
    yield from (((name, ""), value) for name, value in told.items() if value)
    for line in change.attributes:
        yield (line.name, LIVE), line.before
        yield (line.name, PLANNED), line.after
        if line.forces_replacement:
            yield (line.name, "forces a replacement"), True
        if line.sensitive:
            yield (line.name, SEEN), True


def _of_resource(resource: Resource | None) -> Iterator[tuple[Fact, object]]:
    if resource is None:
        return
    yield from (((name, DECLARED), value) for name, value in resource.attributes.items())
    yield ("name of the object", DECLARED), (resource.name, resource.name_is_managed)
    if resource.depends_on:
        yield ("depends_on", DECLARED), tuple(sorted(map(str, resource.depends_on)))
    usual = Lifecycle()
    for name in Lifecycle.__struct_fields__:
        if getattr(resource.lifecycle, name) != getattr(usual, name):
            yield (f"lifecycle.{name}", DECLARED), getattr(resource.lifecycle, name)


def _of_price(price: PriceLine) -> Iterator[tuple[Fact, object]]:
    amounts = {"price a month before": price.before, "price a month after": price.after, "due at once": price.due}
    yield from (((name, ""), amount_to_text(amount)) for name, amount in amounts.items() if amount is not None)
    if price.unpriced:
        yield ("without a price", ""), price.unpriced


def _of_reach(reaches: Iterable[Reach]) -> Iterator[tuple[Fact, object]]:
    """Of all machines that are alike: which others there are is no matter of one of them."""
    said = {
        (reach.direction, reach.opened, reach.closed, reach.last_way_in, reach.unknown, reach.is_unsure)
        for reach in reaches
    }
    if said:
        yield ("reachability", ""), tuple(sorted(said))


def deltas(old: Plan, new: Plan) -> tuple[Delta, ...]:
    """Every node of either plan: what changed first, then by address."""
    before = {_key(node): node for node in nodes_of(old)}
    after = {_key(node): node for node in nodes_of(new)}
    found = [_delta(before.get(key), after.get(key)) for key in dict.fromkeys((*before, *after))]
    order = list(Standing)
    return tuple(sorted(found, key=lambda delta: (order.index(delta.standing), delta.address)))


def _delta(old: Node | None, new: Node | None) -> Delta:
    if old is None or new is None:
        return Delta(Standing.GONE if new is None else Standing.NEW, old, new)
    if old.digest == new.digest:
        return Delta(Standing.SAME, old, new)
    secret = old.secret | new.secret
    differing = [
        FactChange(fact, old.facts.get(fact), new.facts.get(fact), fact[0] in secret)
        for fact in dict.fromkeys((*old.facts, *new.facts))
        if to_json(old.facts.get(fact)) != to_json(new.facts.get(fact))
    ]
    told = {moved.fact[0] for moved in differing if moved.fact[1] == PLANNED}
    return Delta(
        Standing.CHANGED,
        old,
        new,
        tuple(one for one in differing if one.fact[1] != DECLARED or one.fact[0] not in told),
    )
