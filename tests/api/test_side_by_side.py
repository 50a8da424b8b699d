"""Long lists by page numbers, side by side: proven whole, or read by token instead."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.api.paging import ByEither, pages
from ecsplan.model.call import ApiError, Request

LIST = Request("DescribeInstances", params={"AdditionalAttributes": ("META_OPTIONS",)})
NOW = 1_600_000_000.0
SIZE = 4


def minute(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(seconds))


@dataclass
class Account:
    """A list paged both ways, as the service has it; `before` is called before each answer, with its number."""

    things: dict[int, float]  # number and time of creation
    order: Callable[[int, float], Any] = lambda number, created: (-created, -number)
    before: Callable[[int], None] = lambda count: None
    region: str = "cn-hangzhou"
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def send(self, request: Request) -> Mapping[str, Any]:
        self.before(len(self.asked))
        self.asked.append(request.params)
        return self.answer(request.params)

    def answer(self, params: Mapping[str, Any]) -> dict[str, Any]:
        ordered = sorted(self.things, key=lambda number: self.order(number, self.things[number]))
        if "PageNumber" in params:
            start = (params["PageNumber"] - 1) * params["PageSize"]
            found = ordered[start : start + params["PageSize"]]
            counts = {"TotalCount": len(ordered), "PageNumber": params["PageNumber"], "PageSize": params["PageSize"]}
            return self.page(found, **counts)
        last = int(params["NextToken"]) if params["NextToken"] else None
        rest = [one for one in ordered if last is None or self.place(one) > self.place(last)]
        found = rest[: params["MaxResults"]]
        return self.page(found, **({"NextToken": str(found[-1])} if len(rest) > len(found) else {}))

    def place(self, number: int) -> Any:
        return self.order(number, self.things.get(number, PAST.get(number, 0.0)))

    def page(self, found: list[int], **more: Any) -> dict[str, Any]:
        items = [{"InstanceId": str(one), "CreationTime": minute(self.things[one])} for one in found]
        return {"RequestId": "r", "Instances": {"Instance": items}, **more}

    @property
    def by_token(self) -> int:
        return sum("MaxResults" in asked for asked in self.asked)


PAST: dict[int, float] = {}  # when things that are gone were created: a token keeps its place


def old(count: int) -> dict[int, float]:
    return {number: NOW - 86_400 + 60 * number for number in range(count)}


def listed(account: Account, **more: Any) -> list[int]:
    read = pages(account, LIST, "Instances.Instance", style=ByEither(SIZE, lambda: NOW), item_id="InstanceId", **more)
    return [int(item["InstanceId"]) for page in read for item in page]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 8, 19, 20])
def test_a_list_costs_as_many_calls_as_it_has_pages(count: int) -> None:
    account = Account(old(count))
    assert sorted(listed(account)) == list(range(count))
    assert len(account.asked) == max(1, -(-count // SIZE))
    assert account.by_token == 0


def test_the_pages_after_the_first_are_asked_side_by_side() -> None:
    asked: list[list[int]] = []

    def together(function: Callable[[int], Any], numbers: Any) -> list[Any]:
        asked.append(sorted(numbers))
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(function, asked[-1]))

    assert len(listed(Account(old(19)), map_pages=together)) == 19
    assert asked == [[2, 3, 4, 5]]


def test_an_action_that_counts_nothing_any_more_is_read_by_token() -> None:
    account = Account(old(19))
    whole = account.answer
    account.answer = lambda params: {k: v for k, v in whole(params).items() if k != "TotalCount"}  # type: ignore[method-assign]
    assert sorted(listed(account)) == list(range(19))
    assert (len(account.asked), account.by_token) == (6, 5)


def test_an_action_that_overlooks_the_number_is_read_by_token() -> None:
    account = Account(old(19))
    whole = account.answer
    account.answer = lambda params: whole(params | {"PageNumber": 1} if "PageNumber" in params else params)  # type: ignore[method-assign]
    assert sorted(listed(account)) == list(range(19))


@pytest.mark.parametrize("code", ["InvalidPageNumber", "InvalidParameter.PageSize", "UnsupportedParameter"])
def test_an_action_that_refuses_the_number_is_read_by_token(code: str) -> None:
    account = Account(old(19))
    whole = account.answer

    def refuses(params: Mapping[str, Any]) -> dict[str, Any]:
        if "PageNumber" in params:
            raise ApiError("DescribeInstances", code, "The specified PageNumber is not supported.")
        return whole(params)

    account.answer = refuses  # type: ignore[method-assign]
    assert sorted(listed(account)) == list(range(19))


def test_another_refusal_is_none_of_the_numbers() -> None:
    account = Account(old(19))

    def refuses(params: Mapping[str, Any]) -> dict[str, Any]:
        raise ApiError("DescribeInstances", "Forbidden.RAM", "User not authorized.")

    account.answer = refuses  # type: ignore[method-assign]
    with pytest.raises(ApiError, match="Forbidden"):
        listed(account)
    assert len(account.asked) == 1


def test_what_is_created_meanwhile_moves_the_others_and_hides_none() -> None:
    account = Account(old(19))
    account.before = lambda count: account.things.update({100 + count: NOW + count}) if count == 2 else None
    assert set(listed(account)) == set(range(19))
    assert account.by_token == 0  # one came on two pages, and nothing was missed


def test_what_goes_meanwhile_hides_another_and_the_list_is_read_by_token() -> None:
    account = Account(old(19))
    account.before = lambda count: account.things.pop(18) and None if count == 2 else None
    assert set(listed(account)) == set(range(18))
    assert account.by_token == 5


def test_one_that_goes_and_one_that_comes_leave_the_count_as_it_was() -> None:
    """Oldest first: what moved up to a page that was read is missed, and the new one at the end makes up for it."""
    account = Account(old(19), order=lambda number, created: (created, number))

    def swap(count: int) -> None:
        if count == 2:
            PAST[0] = account.things.pop(0)
            account.things[100] = NOW

    account.before = swap
    assert set(listed(account)) >= set(range(1, 19))


def test_nothing_tells_the_order_of_things_of_one_minute_but_the_ends() -> None:
    account = Account(dict.fromkeys(range(19), NOW))
    assert sorted(listed(account)) == list(range(19))
    assert (len(account.asked), account.by_token) == (5 + 2, 0)


ORDERS: tuple[Callable[[int, float], Any], ...] = (
    lambda number, created: (-created, -number),
    lambda number, created: (created, number),
)


@st.composite
def moves(draw: st.DrawFn) -> tuple[dict[int, float], int, dict[int, tuple[bool, int]]]:
    """Things of some ages, their order, and what comes or goes before which call."""
    count = draw(st.integers(0, 30))
    age = draw(st.sampled_from((0.0, 100.0, 86_400.0)))
    apart = draw(st.sampled_from((0.0, 1.0, 60.0)))
    things = {number: NOW - age - apart * (count - number) for number in range(count)}
    changes = draw(st.dictionaries(st.integers(1, 12), st.tuples(st.booleans(), st.integers(0, 30)), max_size=6))
    return things, draw(st.integers(0, 1)), changes


@given(moves())
def test_nothing_that_is_there_all_the_time_is_missed(
    world: tuple[dict[int, float], int, dict[int, tuple[bool, int]]],
) -> None:
    things, order, changes = world
    stays, new = set(things), iter(range(1000, 2000))
    PAST.clear()
    account = Account(dict(things), ORDERS[order])

    def move(count: int) -> None:
        comes, which = changes.get(count, (False, -1))
        if comes:
            account.things[next(new)] = NOW + count
        elif which in account.things:
            PAST[which] = account.things.pop(which)
            stays.discard(which)

    account.before = move
    assert set(listed(account)) >= stays
