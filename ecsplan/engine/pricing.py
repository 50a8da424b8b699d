"""Asks the service what a plan costs: one call for each distinct shape, and at most MOST. Used by planning.py."""

from collections.abc import Mapping

from ecsplan.engine.preflighting import asked_once
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.price import NO_PRICES, Cost, PricedMachine, Prices, Shape
from ecsplan.model.resource import Resource
from ecsplan.pricing.adding import added, shapes_of
from ecsplan.pricing.asking import Amount, amount, question
from ecsplan.provider.alibaba import opened
from ecsplan.provider.protocol import Provider

MOST = 20  # calls, however large a plan is
SNAPSHOTS = "snapshots before the change: by use, per GiB that is kept"
TOLERATED = 0.1  # of an amount: prices may move that far between a plan and its apply


def with_prices(plan: Plan, api: Api, kinds: Kinds) -> Plan:
    with opened(api, kinds) as source:
        return replace(plan, prices=_prices(plan, source, kinds))


def refuse_dearer(plan: Plan, api: Api, kinds: Kinds) -> None:
    """A plan is approved for what it shows to cost. Raises Refused where what it leads to costs more by now, as far as
    that can be told: a file may hold any number. What is there now is not compared: a part may be done already."""
    if not plan.prices.is_on:
        return
    shown = plan.prices.by_address()
    with opened(api, kinds) as source:
        now = _prices(plan, source, kinds)
    dearer = []
    for line in now.by_address().values():
        old = shown.get(line.address)
        for what, before, after in (
            ("a month", old.after if old else None, line.after if line.more else None),
            ("due at once", old.due if old else None, line.due),
        ):
            if after is None or after <= 0:
                continue
            if before is None and old is not None:
                continue  # it was shown as unknown, which a policy takes for any amount
            if float(after) > float(before or 0) * (1 + TOLERATED) + 0.01:
                told = f"the plan says {before or 0:,.2f} {what}, and the service {after:,.2f} {now.currency}"
                dearer.append(Diagnostic(told, "plan again (ecsplan plan -o FILE)", address=line.address))
    if dearer:
        raise Refused(dearer)


def _prices(plan: Plan, source: Provider, kinds: Kinds) -> Prices:
    costs = list(_costs(plan, kinds))
    shapes = shapes_of(costs)
    if not costs:
        return replace(NO_PRICES, is_on=True)
    asked = shapes[:MOST]
    answers = list(source.reading.map(lambda shape: asked_once(source, question(shape)), asked))
    amounts: dict[Shape, Amount] = {shape: amount(shape, None) for shape in shapes}
    amounts |= {shape: amount(shape, answer) for shape, answer in zip(asked, answers, strict=True)}
    return added(costs, amounts, len(asked))


def _costs(plan: Plan, kinds: Kinds) -> list[tuple[Address, Cost]]:
    """Of the changes that are paid for; a spot machine has the zone of its subnet."""
    found = []
    declared = plan.definition.by_address() if plan.definition is not None else {}
    for change in plan.changes:
        priced = kinds[change.kind].capability(Priced) if change.action is not Action.NOOP else None
        cost = priced.costs(change) if priced is not None else Cost()
        if any(not snapshot.live for snapshot in change.snapshots):
            cost = replace(cost, unpriced=(*cost.unpriced, SNAPSHOTS))
        if cost != Cost():
            found.append((change.address, _placed(cost, change.address, declared)))
    return found


def _placed(cost: Cost, address: Address, declared: Mapping[Address, Resource]) -> Cost:
    zone = _zone(address, declared)
    after = tuple(
        replace(one, zone=zone) if isinstance(one, PricedMachine) and one.spot != "NoSpot" and not one.zone else one
        for one in cost.after
    )
    return replace(cost, after=after)


def _zone(address: Address, declared: Mapping[Address, Resource]) -> str:
    resource = declared.get(address)
    vswitch = getattr(resource.attributes.get("vswitch"), "address", None) if resource is not None else None
    subnet = declared.get(vswitch) if isinstance(vswitch, Address) else None
    return str(subnet.attributes.get("zone") or "") if subnet is not None else ""
