"""The price of a plan, for every format. Used by text.py, markdown.py and json_format.py; amounts are rounded here."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from ecsplan.model.price import PriceLine, Prices
from ecsplan.render.words import members, plural

MOST_LINES = 20
NOT_INCLUDED = "without taxes, traffic, coupons, savings plans and resource packages; a month has 730 hours"


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def totals_line(prices: Prices) -> str:
    """`Price: 120.00 → 361.20 CNY a month (+241.20); 3,400.00 CNY due at once.`; empty where nothing is paid for."""
    if not prices.lines:
        return ""
    told = f"Price: {money(prices.before)} → {money(prices.after)} {prices.currency} a month"
    told = " ".join(told.split()) + f" ({prices.after - prices.before:+,.2f})"
    if prices.due:
        told += f"; {money(prices.due)} {prices.currency} due at once"
    if prices.unknown:
        told += f"; not all of it is known: {plural(len(prices.unknown), 'change')} without a whole price"
    return told + "."


def price_lines(prices: Prices) -> Iterator[str]:
    """Alike changes are one line: who, what it costs, and below it what is not priced, and what should be known."""
    groups = grouped(prices.lines)
    for line, addresses in groups[:MOST_LINES]:
        each = " each" if len(addresses) > 1 else ""
        yield f"    {members(addresses)}  {amounts(line, prices.currency)}{each}"
        yield from (f"        not priced: {text}" for text in line.unpriced)
        yield from (f"        {text}" for text in line.notes)
    if len(groups) > MOST_LINES:
        yield f"    … {len(groups) - MOST_LINES:,} more (see --format json)"
    yield f"    {NOT_INCLUDED}"


def grouped(lines: Sequence[PriceLine]) -> list[tuple[PriceLine, tuple[Any, ...]]]:
    """The dearest first."""

    def key(line: PriceLine) -> tuple[str, ...]:
        return (str(line.address.group), *(str(part) for part in (line.before, line.after, line.due)), *line.unpriced)

    found = []
    for _, same in groupby(sorted(lines, key=lambda line: (key(line), line.address.sort_key)), key=key):
        alike = list(same)
        found.append((alike[0], tuple(line.address for line in alike)))
    return sorted(found, key=lambda pair: -abs((pair[0].more or Decimal(0)) * len(pair[1])))


def amounts(line: PriceLine, currency: str) -> str:
    """`+ 31.20 a month`, `31.20 → 62.40 a month`, and what is due at once."""
    told = [_monthly(line)]
    if line.due is None:
        told.append("due at once: unknown")
    elif line.due:
        told.append(f"{money(line.due)} {currency} due at once")
    return "; ".join(filter(None, told)) or ("by use" if line.unpriced else "as before")


def _monthly(line: PriceLine) -> str:
    if line.before is None or line.after is None:
        return "a month: unknown"
    if not line.before and not line.after:
        return ""
    if not line.before or not line.after:
        return f"{line.after - line.before:+,.2f} a month"
    return f"{money(line.before)} → {money(line.after)} a month ({line.after - line.before:+,.2f})"


def prices_document(prices: Prices) -> dict[str, Any]:
    """Amounts are texts with two places; null where they are not known. `is_complete`: all of it is known."""
    return {
        "asked": prices.is_on,
        "calls": prices.calls or None,
        "currency": prices.currency or None,
        "monthly_before": money_text(prices.before),
        "monthly_after": money_text(prices.after),
        "due": money_text(prices.due),
        "is_complete": prices.is_on and not prices.unknown,
        "changes": [_line_document(line) for line in prices.lines],
    }


def _line_document(line: PriceLine) -> dict[str, Any]:
    return {
        "address": str(line.address),
        "monthly_before": money_text(line.before),
        "monthly_after": money_text(line.after),
        "due": money_text(line.due),
        "unpriced": list(line.unpriced),
        "notes": list(line.notes),
    }


def money_text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
