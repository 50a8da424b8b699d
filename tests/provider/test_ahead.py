"""Details are asked for while lists are still being read: the same calls, and no answer of an earlier reading."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.inventory.ahead import MOST, expected_of
from ecsplan.model.call import ApiError, Request
from ecsplan.model.kind import Paging
from ecsplan.provider.ahead import Ahead
from ecsplan.provider.alibaba import begun, opened
from tests.kinds.cloud import Cloud

KINDS = engine.kinds()
DETAIL = "DescribeSecurityGroupAttribute"
STACK = """
apiVersion: ecsplan/v1
stack: {name}
region: cn-hangzhou
resources:
  vpc: {{main: {{cidr_block: 10.0.0.0/16}}}}
  security_group:
    web: {{vpc: main, ingress: [{{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}}]}}
    bare: {{vpc: main}}
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    found = Cloud(tmp_path)
    for name in ("ours", "theirs"):
        found.apply(found.load(STACK.format(name=name)))
    found.forget()
    return found


def asked(cloud: Cloud) -> Counter[str]:
    return Counter(str(call["action"]) for call in cloud.service.log.calls())


def test_a_plan_asks_for_each_detail_once(cloud: Cloud) -> None:
    """Of its own groups, and only of those whose rules it declares."""
    assert cloud.plan(cloud.load(STACK.format(name="ours"))).is_empty
    assert asked(cloud)[DETAIL] == 1
    assert asked(cloud)["DescribeSecurityGroups"] == 1


def test_a_destroy_asks_nothing_ahead(cloud: Cloud) -> None:
    stack = cloud.load(STACK.format(name="ours"))
    assert expected_of(stack, destroy=True) is None


def test_what_is_expected_while_lists_are_read_is_asked_for_all_the_same(cloud: Cloud) -> None:
    stack = cloud.load(STACK.format(name="ours"))
    with begun(cloud.api, KINDS) as reading:
        lists = reading.source.list(KINDS)
        reading.expect(expected_of(stack, destroy=False))
    assert len(lists["security_group"]) == 4
    assert asked(cloud)[DETAIL] == 0  # all lists were there by then: the plan asks by itself


class Service:
    """Answers every request with its number."""

    region = "cn-hangzhou"

    def __init__(self) -> None:
        self.sent = 0

    def send(self, request: Request) -> Mapping[str, Any]:
        self.sent += 1
        return {"number": self.sent}


def groups(count: int) -> list[Mapping[str, Any]]:
    tags = [{"TagKey": "ecsplan:security_group", "TagValue": "ours/security_group.web"}]
    return [{"SecurityGroupId": f"sg-{n}", "SecurityGroupName": "", "Tags": {"Tag": tags}} for n in range(count)]


def test_each_answer_is_for_the_first_who_asks_and_none_outlives_a_reading(cloud: Cloud) -> None:
    service, kind = Service(), KINDS["security_group"]
    expected = expected_of(cloud.load(STACK.format(name="ours")), destroy=False)
    assert expected is not None
    (request,) = expected.requests("cn-hangzhou", kind, groups(1))
    with ThreadPoolExecutor(1) as pool:
        ahead = Ahead(service, pool)
        ahead.was_read(kind, groups(1))
        assert service.sent == 0 and ahead.answer(request) is None
        ahead.expect(expected)
        first = ahead.answer(request)
        assert first is not None and first.result() == {"number": 1}
        assert ahead.answer(request) is None
        ahead.was_read(kind, groups(1))
        ahead.begin()
        assert ahead.answer(request) is None


def test_of_a_long_list_nothing_is_asked_ahead(cloud: Cloud) -> None:
    expected = expected_of(cloud.load(STACK.format(name="ours")), destroy=False)
    assert expected is not None
    assert len(list(expected.requests("cn-hangzhou", KINDS["security_group"], groups(MOST)))) == MOST
    assert not list(expected.requests("cn-hangzhou", KINDS["security_group"], groups(MOST + 1)))


def test_what_nobody_waits_for_any_more_is_not_sent() -> None:
    class Slow(Service):
        may_answer = Event()

        def send(self, request: Request) -> Mapping[str, Any]:
            found = super().send(request)
            assert self.may_answer.wait(30)
            return found

    service = Slow()
    with pytest.raises(LookupError), opened(service, KINDS, parallelism=2) as source:
        waiting = [source.reading.submit(source.send, Request(f"Describe{number}", {})) for number in range(50)]
        waiting[-1].add_done_callback(lambda _: service.may_answer.set())  # once it was given up
        raise LookupError
    assert service.sent <= 2 and waiting[-1].cancelled()


def test_nor_is_the_next_page_of_a_list() -> None:
    class Endless(Service):
        is_under_way, has_ended = Event(), Event()

        def send(self, request: Request) -> Mapping[str, Any]:
            if self.is_under_way.is_set():
                assert self.has_ended.wait(30)
            if request.is_off is not None and request.is_off():
                raise ApiError(request.operation, "Transport.NotSent", "off")
            number = super().send(request)["number"]
            if number == 3:
                self.is_under_way.set()
            return {"Disks": {"Disk": [{"DiskId": f"d-{number}"}]}, "NextToken": str(number)}

    service = Endless()
    with pytest.raises(LookupError), opened(service, KINDS) as source:
        request = Request("DescribeDisks", {})
        reading = source.reading.submit(source.pages, request, "Disks.Disk", Paging.TOKEN, 10, "DiskId")
        assert service.is_under_way.wait(30)
        raise LookupError
    service.has_ended.set()
    with pytest.raises(ApiError, match="off"):
        reading.result(30)
    assert service.sent == 3
