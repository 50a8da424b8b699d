"""The lines and totals of a plan's prices. What is not known is never counted as nothing: the line says so. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from ecsplan.model.address import Address
from ecsplan.model.price import ZERO, Cost, PricedRenewal, PricedTraffic, PricedUpgrade, PriceLine, Prices, Shape
from ecsplan.pricing.asking import Amount, monthly

NO_REFUND = "a smaller type of a subscription: billing sets what is given back"
Costs = Sequence[tuple[Address, Cost]]


def shapes_of(costs: Costs) -> list[Shape]:
    """Each once, that of the most changes first."""
    counts: dict[Shape, int] = {}
    for _, cost in costs:
        for shape in (*cost.before, *cost.after, *cost.due, *cost.then):
            counts[shape] = counts.get(shape, 0) + 1
    return sorted(counts, key=lambda shape: -counts[shape])


def added(costs: Costs, amounts: Mapping[Shape, Amount], calls: int) -> Prices:
    currency = next((found.currency for found in amounts.values() if found.currency), "")
    lines = tuple(_line(address, cost, amounts, currency) for address, cost in costs)
    return Prices(True, currency, lines, calls)


def _line(address: Address, cost: Cost, amounts: Mapping[Shape, Amount], currency: str) -> PriceLine:
    unknown: dict[str, None] = dict.fromkeys(cost.unpriced)
    notes: dict[str, None] = dict.fromkeys(cost.notes)

    def total(shapes: Iterable[Shape], value: Callable[[Shape, Decimal], Decimal]) -> Decimal | None:
        found, is_whole = ZERO, True
        for shape in shapes:
            amount = amounts[shape]
            if amount.total is not None and (amount.currency in ("", currency)):
                found += value(shape, amount.total)
            elif isinstance(shape, PricedUpgrade) and amount.is_smaller:
                notes[NO_REFUND] = None
            else:
                is_whole = False
                unknown[f"{_what(shape)}: {amount.why or f'it is in {amount.currency}, not in {currency}'}"] = None
        return found if is_whole else None

    before, after = total(cost.before, monthly), total(cost.after, monthly)
    due = total(cost.due, lambda shape, amount: amount)
    notes |= dict.fromkeys(_later(cost, amounts))
    return PriceLine(address, before, after, due, tuple(unknown), tuple(notes))


def _later(cost: Cost, amounts: Mapping[Shape, Amount]) -> Iterator[str]:
    for shape in cost.then:
        amount = amounts[shape]
        price = f"{amount.total:,.2f} {amount.currency}" if amount.total is not None else f"unknown ({amount.why})"
        if isinstance(shape, PricedTraffic):
            yield f"a GB of traffic: {price}"
        else:
            each = f"{shape.period} {shape.unit.lower()}{'s' if shape.period != 1 else ''}"
            yield f"renewed for {each} at a time: {price}"


def _what(shape: Shape) -> str:
    if isinstance(shape, PricedUpgrade):
        return "the rest of the term"
    if isinstance(shape, PricedRenewal):
        return "the renewal"
    return "its price"
