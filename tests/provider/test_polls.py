"""How a poll for many is read: by the list where that has little else, by ids else; and what lists have shown."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ecsplan.kinds import load_kinds
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.provider.ahead import Ahead
from ecsplan.provider.alibaba import Alibaba

BORN = [f"i-{number:03}" for number in range(250)]


def provider(region: "Region", reading: ThreadPoolExecutor, paging: ThreadPoolExecutor) -> Alibaba:
    return Alibaba(region, load_kinds(), reading, paging, Ahead(region, paging))


class Region:
    """Answers DescribeInstances by pages and by ids; `listed` are in the list, `live` are there."""

    region = "cn-hangzhou"

    def __init__(self, listed: list[str], live: list[str], *, has_numbers: bool = True) -> None:
        self.listed, self.live, self.has_numbers, self.asked = listed, live, has_numbers, list[str]()

    def send(self, request: Request) -> Mapping[str, Any]:
        if "InstanceIds" in request.params:
            ids = [one for one in json.loads(request.params["InstanceIds"]) if one in self.live]
            self.asked.append("ids")
            return self.page(ids, len(ids))
        self.asked.append("page")
        if "MaxResults" in request.params:
            start = int(request.params.get("NextToken") or 0)
            more = {"NextToken": str(start + 100)} if start + 100 < len(self.listed) else {}
            return {**self.page(self.listed[start : start + 100], len(self.listed)), **more}
        if not self.has_numbers:
            raise ApiError("DescribeInstances", "InvalidParameter.PageNumber", "", error_class=ErrorClass.FATAL)
        start = (request.params["PageNumber"] - 1) * 100
        return self.page(self.listed[start : start + 100], len(self.listed))

    def page(self, ids: list[str], total: int) -> Mapping[str, Any]:
        rows = [{"InstanceId": one, "Status": "Running"} for one in ids]
        return {"TotalCount": total, "Instances": {"Instance": rows}}


@pytest.mark.parametrize(
    ("region", "asked"),
    [
        (Region(BORN, BORN), ["page"] * 3),
        (Region(BORN[:240], BORN), ["page"] * 3 + ["ids"]),
        (Region([*BORN, *(f"x-{n}" for n in range(900))], BORN), ["page"] + ["ids"] * 3),
        (Region(BORN, BORN, has_numbers=False), ["page"] + ["ids"] * 3),
    ],
    ids=["the list has them", "the list lags", "much else is in the list", "the list knows no numbers"],
)
def test_many_are_found_however_the_list_is(region: Region, asked: list[str]) -> None:
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        assert source.wait("instance", BORN).found.keys() == set(BORN)
    assert region.asked == asked


@pytest.mark.parametrize(
    ("region", "asked"),
    [
        (Region([], []), ["page"]),
        (Region(BORN[:90], BORN[:90]), ["page"]),
        (Region(BORN[:120], BORN[:120]), ["page"] * 2 + ["ids"] * 2),
        (Region([f"x-{n}" for n in range(900)], []), ["page"] + ["ids"] * 3),
    ],
    ids=["all have gone", "what is left fits a page", "pages may move while they are read", "much else is in the list"],
)
def test_what_a_list_of_one_page_shows_no_more_is_gone(region: Region, asked: list[str]) -> None:
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        seen = source.wait("instance", BORN, are_to_go=True)
    assert seen.found.keys() == set(region.live).intersection(BORN) and not seen.unknown
    assert region.asked == asked


def test_what_is_to_be_there_and_is_not_in_the_list_is_asked_for_by_id() -> None:
    region = Region([], BORN)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        assert provider(region, reading, paging).wait("instance", BORN).found.keys() == set(BORN)
    assert region.asked == ["page"] + ["ids"] * 3


def test_a_sample_is_one_call() -> None:
    region = Making(BORN, BORN)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        source.create(RUN)
        assert source.wait("instance", BORN[:100], is_sample=True).found.keys() == set(BORN[:100])
    assert region.asked == ["ids"]


def test_what_a_poll_has_seen_in_the_list_is_not_looked_for_there_again() -> None:
    region = Region(BORN, BORN)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        source.wait("instance", BORN)
        region.asked.clear()
        assert source.shown("instance", BORN) == set(BORN) and not region.asked


OTHERS = [f"x-{number}" for number in range(3_000)]


@pytest.mark.parametrize("has_numbers", [True, False])
@pytest.mark.parametrize(
    ("listed", "pages"),
    [([*BORN[:20], *OTHERS], 1), ([*OTHERS[:250], *BORN[:20], *OTHERS[250:]], 3), ([*OTHERS[:150], *BORN[:20]], 2)],
    ids=["nothing else is made", "other stacks make things too", "they are on the last page"],
)
def test_a_few_new_things_are_looked_for_on_the_first_pages(listed: list[str], pages: int, has_numbers: bool) -> None:
    region = Region(listed, listed, has_numbers=has_numbers)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        assert source.shown("instance", BORN[:20]) == set(BORN[:20])
    assert region.asked == ["page"] * pages


def test_what_the_first_pages_do_not_show_is_looked_for_in_the_whole_list() -> None:
    region = Region([*OTHERS, *BORN[:3]], BORN)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        assert provider(region, reading, paging).shown("instance", BORN[:4]) == set(BORN[:3])
    assert len(region.asked) > 10


class Making(Region):
    """Takes creates too."""

    def send(self, request: Request) -> Mapping[str, Any]:
        if request.operation == "RunInstances":
            return {}
        return super().send(request)


FEW = BORN[:5]
RUN = Request("RunInstances", {})


@pytest.mark.parametrize(
    ("listed", "asked"),
    [(FEW, ["page"]), (FEW[:3], ["page", "ids"]), ([], ["page", "ids"])],
    ids=["the list has them", "the list lags for some", "the list lags"],
)
def test_what_was_made_here_is_waited_for_in_the_list_which_is_then_known_to_show_it(
    listed: list[str], asked: list[str]
) -> None:
    region = Making(listed, FEW)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        source.create(RUN)
        assert source.wait("instance", FEW).found.keys() == set(FEW)
        assert region.asked == asked
        region.asked.clear()
        assert source.shown("instance", listed) == set(listed) and not region.asked


def test_what_was_not_made_here_is_asked_for_by_id() -> None:
    region = Making(FEW, FEW)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        assert provider(region, reading, paging).wait("instance", FEW).found.keys() == set(FEW)
    assert region.asked == ["ids"]


def test_the_rest_of_what_the_list_has_shown_is_asked_for_by_id_where_that_is_cheaper() -> None:
    region = Region(BORN, BORN)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        source.wait("instance", BORN)
        region.asked.clear()
        assert source.wait("instance", BORN[:101]).found.keys() == set(BORN[:101])
    assert region.asked == ["ids", "ids"], "three pages have the list"


def test_new_things_are_looked_for_page_by_page_from_the_newest_on() -> None:
    older = [f"x-{number}" for number in range(900)]
    region = Region([*BORN, *older], BORN)
    with ThreadPoolExecutor(2) as reading, ThreadPoolExecutor(2) as paging:
        source = provider(region, reading, paging)
        assert source.shown("instance", BORN[:90]) == set(BORN[:90])
        assert region.asked == ["page"]
        region.asked.clear()
        assert source.shown("instance", BORN) == set(BORN)
        assert region.asked == ["page"] * 3
        region.asked.clear()
        assert source.shown("instance", [*BORN, "i-late"]) == set(BORN)
        assert len(region.asked) == 12, "what no page has is not shown"
