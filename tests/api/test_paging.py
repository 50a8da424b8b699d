"""Lists read to the end, over an `Api` that is a few lines of Python."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.api.paging import MOST_PAGES, PAUSES, STALE_PAGES, ByNumber, ByToken, pages
from ecsplan.model.call import BadAnswer, ErrorClass, Request, ShortRead

LIST = Request("DescribeDisks", params={"Category": "cloud"})


class Service:
    """Answers with whatever the test's function says, and remembers what it was asked."""

    region = "cn-hangzhou"

    def __init__(self, answer: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self.answer = answer
        self.asked: list[Mapping[str, Any]] = []

    def send(self, request: Request) -> Mapping[str, Any]:
        self.asked.append(request.params)
        return self.answer(request.params)


def a_page(ids: list[int], **more: Any) -> dict[str, Any]:
    return {"RequestId": "r", "Disks": {"Disk": [{"DiskId": str(one)} for one in ids]}, **more}


def numbered(ids: list[int], largest: int = 1000) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        size = min(params["PageSize"], largest)
        start = (params["PageNumber"] - 1) * size
        return a_page(ids[start : start + size], TotalCount=len(ids), PageSize=size)

    return answer


def tokened(ids: list[int]) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        start = int(params["NextToken"] or 0)
        end = start + params["MaxResults"]
        return a_page(ids[start:end], **({"NextToken": str(end)} if end < len(ids) else {}))

    return answer


def listed(service: Service, style: ByToken | ByNumber, **more: Any) -> list[int]:
    read = pages(service, LIST, "Disks.Disk", style=style, item_id="DiskId", **more)
    return [int(item["DiskId"]) for page in read for item in page]


@given(st.integers(0, 120), st.integers(1, 50))
def test_both_styles_read_the_whole_list_in_order(count: int, size: int) -> None:
    ids = list(range(count))
    assert listed(Service(numbered(ids)), ByNumber(size)) == ids
    assert listed(Service(tokened(ids)), ByToken(size)) == ids


def test_no_page_is_asked_beyond_the_last() -> None:
    by_number, by_token = Service(numbered(list(range(100)))), Service(tokened(list(range(100))))
    listed(by_number, ByNumber(50))
    listed(by_token, ByToken(50))
    assert (len(by_number.asked), len(by_token.asked)) == (2, 2)


def test_the_filters_of_the_request_go_with_every_page() -> None:
    service = Service(numbered(list(range(100))))
    listed(service, ByNumber(50))
    assert all(asked["Category"] == "cloud" for asked in service.asked)


def test_a_page_size_that_the_service_cuts_down_loses_nothing() -> None:
    assert listed(Service(numbered(list(range(95)), largest=10)), ByNumber(50)) == list(range(95))


def test_the_pages_after_the_first_may_be_fetched_side_by_side() -> None:
    service = Service(numbered(list(range(95))))
    with ThreadPoolExecutor(4) as pool:
        assert listed(service, ByNumber(10), map_pages=pool.map) == list(range(95))


def test_fewer_items_than_counted_is_a_short_read() -> None:
    service = Service(lambda params: a_page([1, 2], TotalCount=3))
    with pytest.raises(ShortRead, match="2 of 3 items came") as caught:
        listed(service, ByNumber(50))
    assert caught.value.error_class is ErrorClass.TRANSIENT
    assert [item["DiskId"] for item in caught.value.seen] == ["1", "2"]
    assert len(service.asked) == 1 + len(PAUSES)


def test_who_looks_again_anyway_reads_a_moving_list_once() -> None:
    service = Service(lambda params: a_page([1, 2], TotalCount=3))
    with pytest.raises(ShortRead, match="2 of 3 items came"):
        listed(service, ByNumber(50), once=True)
    assert len(service.asked) == 1


def test_before_a_list_is_read_again_it_is_given_time() -> None:
    slept: list[float] = []
    with pytest.raises(ShortRead):
        listed(Service(lambda params: a_page([1], TotalCount=2)), ByNumber(50), pause=slept.append)
    assert slept == list(PAUSES)


def test_a_list_that_shrinks_in_mid_read_is_read_again() -> None:
    before = numbered(list(range(20)))
    after = numbered(list(range(1, 20)))
    service = Service(lambda params: (before if len(service.asked) == 1 else after)(params))
    assert listed(service, ByNumber(10)) == list(range(1, 20))


def test_a_list_that_grows_in_mid_read_is_read_again() -> None:
    before, after = numbered(list(range(20))), numbered(list(range(25)))
    service = Service(lambda params: (before if len(service.asked) == 1 else after)(params))
    assert listed(service, ByNumber(10)) == list(range(25))


def test_an_item_on_two_pages_is_read_again_and_then_refused() -> None:
    shifted = {None: a_page([1, 2], NextToken="a"), "a": a_page([2, 3])}
    service = Service(lambda params: shifted[params["NextToken"]])
    with pytest.raises(ShortRead, match="1 item came on two pages"):
        listed(service, ByToken(2))
    assert len(service.asked) == 2 * (1 + len(PAUSES))


def test_a_token_that_comes_back_ends_the_reading() -> None:
    service = Service(lambda params: a_page([len(service.asked)], NextToken="same"))
    with pytest.raises(BadAnswer, match="same NextToken"):
        listed(service, ByToken(10))
    assert len(service.asked) == 2


def test_new_tokens_for_ever_with_the_same_items_end_the_reading() -> None:
    service = Service(lambda params: a_page([1, 2], NextToken=str(len(service.asked))))
    with pytest.raises(BadAnswer, match="brought nothing new"):
        listed(service, ByToken(10))
    assert len(service.asked) == 1 + STALE_PAGES


@pytest.mark.door("size of an answer")
def test_a_list_that_never_ends_is_given_up_after_so_many_pages() -> None:
    service = Service(lambda params: a_page([len(service.asked)], NextToken=str(len(service.asked))))
    with pytest.raises(BadAnswer, match="goes on after"):
        listed(service, ByToken(10))
    assert len(service.asked) == MOST_PAGES


def test_a_count_beyond_reason_is_an_error_at_once() -> None:
    service = Service(lambda params: a_page([1], TotalCount=10**12))
    with pytest.raises(BadAnswer, match="1000000000000 items"):
        listed(service, ByNumber(10))
    assert len(service.asked) == 1


@pytest.mark.parametrize("count", ["²", [7], 1.5, True, -1, {}])
def test_a_count_that_is_none_is_a_plain_error(count: object) -> None:
    with pytest.raises(BadAnswer, match="DescribeDisks: BadAnswer: TotalCount is"):
        listed(Service(lambda params: a_page([1], TotalCount=count)), ByNumber(10))


def test_a_count_in_digits_is_a_count() -> None:
    assert listed(Service(lambda params: a_page([1], TotalCount="1")), ByNumber(10)) == [1]


@pytest.mark.parametrize("style", [ByToken(10), ByNumber(10)])
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"Disks": 7}, "Disks is a number"),
        ({"Disks": [7]}, "Disks is a list"),
        ({"Disks": {"Disc": []}}, "Disks holds no Disk"),
        ({"Disks": {"Disk": {"DiskId": "d-1"}}}, "Disks.Disk is an object"),
        ({"Disks": {"Disk": "²"}}, "Disks.Disk is a string"),
        ({"Disks": {"Disk": [7]}}, "Disks.Disk.0. is a number where an object is expected"),
        ({"Disks": {"Disk": [{"DiskId": None}]}}, "Disks.Disk.0..DiskId is null where an id is expected"),
        ({"Disks": {"Disk": [{"DiskId": ["d"]}]}}, "DiskId is a list where an id is expected"),
        ({"Disks": {"Disk": [{}]}}, "DiskId is null where an id is expected"),
    ],
)
def test_a_list_of_another_shape_is_a_plain_error_and_never_an_empty_list(
    answer: dict[str, Any], problem: str, style: ByToken | ByNumber
) -> None:
    with pytest.raises(BadAnswer, match=problem):
        listed(Service(lambda params: {"RequestId": "r", **answer}), style)


def test_without_a_count_pages_are_read_until_one_is_not_full() -> None:
    full = numbered(list(range(25)))
    service = Service(lambda params: {k: v for k, v in full(params).items() if k != "TotalCount"})
    assert listed(service, ByNumber(10)) == list(range(25))


def test_an_answer_about_something_else_is_not_an_empty_list() -> None:
    with pytest.raises(BadAnswer, match="holds no Disks"):
        listed(Service(lambda params: {"RequestId": "r"}), ByToken(10))


def test_an_empty_list_may_lack_its_wrappers() -> None:
    assert listed(Service(lambda params: {"RequestId": "r", "Disks": {}}), ByToken(10)) == []
    assert listed(Service(lambda params: {"RequestId": "r", "TotalCount": 0}), ByNumber(10)) == []
    assert listed(Service(lambda params: {"RequestId": "r", "Disks": None}), ByNumber(10)) == []
    assert listed(Service(lambda params: {"RequestId": "r", "Disks": {"Disk": None}}), ByToken(10)) == []


def test_null_where_items_were_counted_is_no_empty_list() -> None:
    with pytest.raises(ShortRead, match="0 of 2 items came"):
        listed(Service(lambda params: {"RequestId": "r", "Disks": None, "TotalCount": 2}), ByNumber(10))


def test_items_without_an_id_are_all_kept() -> None:
    service = Service(lambda params: a_page([1, 1]))
    read = pages(service, LIST, "Disks.Disk", style=ByToken(10))
    assert [len(page) for page in read] == [2]
