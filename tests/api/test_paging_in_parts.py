"""A long list that has no page numbers is read in parts, and is whole all the same."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ecsplan.api.paging import LONG, ByToken, pages
from ecsplan.model.call import ApiError, Request
from ecsplan.model.kind import Split
from tests.api.test_paging import Service

SIZE = 10
SPLIT = Split("DiskType", "Type", ("system", "data"))
Disk = Mapping[str, str]
Change = Callable[[list[Disk], Mapping[str, Any]], list[Disk]]


def disks(count: int, *, of_data: int = 2) -> list[Disk]:
    """Every `of_data`-th is a data disk."""
    return [{"DiskId": f"d-{n}", "Type": "system" if n % of_data else "data"} for n in range(count)]


class Account(Service):
    """DescribeDisks of so many disks; `kept` is what its filter lets through."""

    def __init__(self, found: list[Disk], kept: Change | None = None, counts: bool = True) -> None:
        super().__init__(self._answer)
        self.disks, self.kept, self.counts = found, kept or self._of_the_type, counts

    @staticmethod
    def _of_the_type(found: list[Disk], params: Mapping[str, Any]) -> list[Disk]:
        return [one for one in found if params.get("DiskType") in (None, one["Type"])]

    def _answer(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self.kept(self.disks, params)
        if "PageNumber" in params:
            if not self.counts:
                raise ApiError("DescribeDisks", "InvalidParameter.PageNumber", "PageNumber is not supported")
            return {"RequestId": "r", "Disks": {"Disk": found[: params["PageSize"]]}, "TotalCount": len(found)}
        start = int(params["NextToken"] or 0)
        end = start + params["MaxResults"]
        more = {"NextToken": str(end)} if end < len(found) else {}
        return {"RequestId": "r", "Disks": {"Disk": found[start:end]}, **more}


def read(account: Account, split: Split | None = SPLIT) -> set[str]:
    request = Request("DescribeDisks", params={})
    found = pages(account, request, "Disks.Disk", style=ByToken(SIZE, split), item_id="DiskId")
    return {item["DiskId"] for page in found for item in page}


def types_asked(account: Account) -> set[Any]:
    return {asked.get("DiskType") for asked in account.asked}


@pytest.mark.parametrize("count", [SIZE * LONG, SIZE * LONG + 1, 437, 1000])
def test_a_long_list_is_read_in_parts_with_few_more_calls(count: int) -> None:
    account = Account(disks(count))
    assert read(account) == {f"d-{n}" for n in range(count)}
    assert types_asked(account) == {None, "system", "data"}
    assert len(account.asked) <= 1.3 * -(-count // SIZE)


@pytest.mark.parametrize("count", [0, 1, 35, 41, SIZE * LONG - 1])
def test_a_shorter_one_is_not(count: int) -> None:
    account = Account(disks(count))
    assert read(account) == {f"d-{n}" for n in range(count)}
    assert types_asked(account) == {None}
    assert len(account.asked) <= count // SIZE + 2


def test_nor_one_that_is_nearly_all_in_one_part() -> None:
    account = Account(disks(400, of_data=10))
    assert len(read(account)) == 400
    assert types_asked(account) == {None}
    assert len(account.asked) == 40


def test_nor_one_whose_count_is_not_told() -> None:
    account = Account(disks(400), counts=False)
    assert len(read(account)) == 400
    assert types_asked(account) == {None}


def test_what_the_filter_leaves_out_is_read_all_the_same() -> None:
    """Half of what is asked for by its type does not come: the one chain goes on."""

    def half(found: list[Disk], params: Mapping[str, Any]) -> list[Disk]:
        return found[::2] if "DiskType" in params else found

    assert len(read(Account(disks(400), half))) == 400


def test_a_filter_that_does_nothing_brings_nothing_twice() -> None:
    found = pages(
        Account(disks(400), lambda found, _: found),
        Request("DescribeDisks", params={}),
        "Disks.Disk",
        style=ByToken(SIZE, SPLIT),
        item_id="DiskId",
    )
    ids = [item["DiskId"] for page in found for item in page]
    assert sorted(ids) == sorted(f"d-{n}" for n in range(400))


def test_what_is_of_neither_part_is_not_split() -> None:
    odd = [{**one, "Type": "elastic"} if number == 3 else one for number, one in enumerate(disks(400))]
    account = Account(odd)
    assert len(read(account)) == 400
    assert types_asked(account) == {None}


def test_what_is_made_and_deleted_meanwhile_does_not_hide_the_others() -> None:
    account = Account(disks(400))

    def moving(found: list[Disk], params: Mapping[str, Any]) -> list[Disk]:
        if "DiskType" in params and params["NextToken"] == "50" and len(found) == 400:
            found[:] = [one for one in found if one["DiskId"] not in ("d-300", "d-301")]
            found.append({"DiskId": "d-new", "Type": "data"})
        return account._of_the_type(found, params)

    account.kept = moving
    assert {f"d-{n}" for n in range(400)} - {"d-300", "d-301"} <= read(account)
