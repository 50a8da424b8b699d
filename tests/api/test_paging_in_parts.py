"""A long list that has no page numbers is read in parts, and is whole all the same."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from ecsplan.api.paging import LONG, ByToken, pages
from ecsplan.model.call import ApiError, ErrorClass, Request
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
        start = int(params.get("NextToken") or 0)
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


def test_nor_does_a_new_one_make_up_for_it() -> None:
    """It stands far back, and one that is made right after the count would make the parts as many as the whole."""
    account = Account([{**one, "Type": "elastic"} if n == 399 else one for n, one in enumerate(disks(400))])

    def growing(found: list[Disk], params: Mapping[str, Any]) -> list[Disk]:
        shown = account._of_the_type(found, params)
        if "PageNumber" in params and params.get("DiskType") in (None, "data") and len(found) < 402:
            found.insert(0, {"DiskId": f"d-new-{len(found)}", "Type": "data"})
        return shown

    account.kept = growing
    assert "d-399" in read(account)


def test_what_is_made_and_deleted_meanwhile_does_not_hide_the_others() -> None:
    account = Account(disks(400))

    def moving(found: list[Disk], params: Mapping[str, Any]) -> list[Disk]:
        if "DiskType" in params and params.get("NextToken") == "50" and len(found) == 400:
            found[:] = [one for one in found if one["DiskId"] not in ("d-300", "d-301")]
            found.append({"DiskId": "d-new", "Type": "data"})
        return account._of_the_type(found, params)

    account.kept = moving
    assert {f"d-{n}" for n in range(400)} - {"d-300", "d-301"} <= read(account)


def test_a_part_in_which_something_came_twice_moved_and_is_read_again() -> None:
    """Tokens that are places, as `Account` has them: what is new moves the rest back, what goes moves it up.

    What is new since the count makes up for what was skipped.
    """
    account = Account(disks(400))
    steps: list[str] = []

    def moving(found: list[Disk], params: Mapping[str, Any]) -> list[Disk]:
        of, token = params.get("DiskType"), params.get("NextToken")
        if of is not None and not steps:
            steps.append("new ones of data")
            found[:0] = [{"DiskId": f"d-new{number}", "Type": "data"} for number in range(5)]
        if (of, token, len(steps)) == ("system", "50", 1):
            steps.append("a new one: the last of the page before comes again")
            found[:0] = [{"DiskId": "d-twice", "Type": "system"}]
        if (of, token, len(steps)) == ("system", "100", 2):
            steps.append("three that were read are gone: three are skipped")
            for gone in [one for one in found if one["Type"] == "system"][5:8]:
                found.remove(gone)
        return account._of_the_type(found, params)

    account.kept = moving
    assert read(account) == {one["DiskId"] for one in account.disks}
    assert len(steps) == 3


def test_a_list_whose_parts_fall_short_is_begun_anew() -> None:
    """What was on the pages before the parts and what comes after them were read at two times."""
    account = Account(disks(400))

    def shrinking(found: list[Disk], params: Mapping[str, Any]) -> list[Disk]:
        if params.get("DiskType") == "data" and params.get("NextToken") == "50" and len(found) == 400:
            del found[5:8]
        return account._of_the_type(found, params)

    account.kept = shrinking
    assert read(account) == {one["DiskId"] for one in account.disks}


@pytest.mark.parametrize("bad", ["system", "data"])
def test_the_first_fault_of_a_part_ends_the_others(bad: str) -> None:
    has_failed = Event()
    others: list[Request] = []

    class Faulty(Account):
        def send(self, request: Request) -> Mapping[str, Any]:
            of = request.params.get("DiskType")
            if of == bad and request.params.get("NextToken") is None:
                assert of == "data" or self.has_begun.wait(30)
                has_failed.set()
                raise ApiError("DescribeDisks", "Forbidden.RAM", "no", error_class=ErrorClass.DENIED)
            if of is not None:
                self.has_begun.set()
                assert has_failed.wait(30)
                others.append(request)
                if request.is_off is not None and request.is_off():
                    raise ApiError("DescribeDisks", "Transport.NotSent", "off")
            return super().send(request)

        has_begun = Event()

    with ThreadPoolExecutor(2) as pool, pytest.raises(ApiError, match="Forbidden"):
        style = ByToken(SIZE, SPLIT, pool.map)
        pages(Faulty(disks(4000)), Request("DescribeDisks"), "Disks.Disk", style=style, item_id="DiskId")
    assert len(others) <= 3
