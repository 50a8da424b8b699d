"""What a run may cost. Prices are those of the account: DescribePrice, by the hour."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from .account import Account, NotSetUp


@dataclass
class Purse:
    """`budget` in the account's currency. Each thing counts as bought for an hour, though it lives for minutes."""

    account: Account
    budget: float
    spent: dict[str, float] = field(default_factory=dict)

    def buy(self, what: str, amount: int = 1, **params: Any) -> None:
        """Fails the test where the budget does not allow it: nothing has been bought then."""
        price = self.account.call("DescribePrice", **params, PriceUnit="Hour")["PriceInfo"]["Price"]
        cost = float(price.get("TradePrice") or 0.0) * amount
        if sum(self.spent.values()) + cost > self.budget:
            pytest.fail(f"{what} costs {cost:.4f} {price.get('Currency', '')} an hour, beyond the budget: not bought")
        self.spent[what] = self.spent.get(what, 0.0) + cost


def budget_of(text: str | None) -> float:
    try:
        budget = float(text or "")
    except ValueError:
        raise NotSetUp("set ECSPLAN_LIVE_BUDGET, what a run may cost an hour in the account's currency") from None
    if not 0 < budget < 1000:
        raise NotSetUp(f"ECSPLAN_LIVE_BUDGET is {text}; write an amount between 0 and 1000")
    return budget
