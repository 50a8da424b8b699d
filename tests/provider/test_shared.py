"""What several stacks of one command share of a region, and what is read again all the same."""

from collections.abc import Mapping
from typing import Any

import pytest

from ecsplan.inventory.listed import Lists
from ecsplan.model.call import ApiError, Request
from ecsplan.model.values import Offer
from ecsplan.provider.shared import OLDEST, Memory, Turn

KINDS = ("vpc", "disk")


class Region:
    """Counts what is read of it, at a time that the test sets."""

    def __init__(self, region: str = "cn-hangzhou") -> None:
        self.region, self.time, self.reads, self.is_down = region, 1000.0, 0, False

    def send(self, request: Request) -> Mapping[str, Any]:
        raise AssertionError(request)

    def read(self) -> Lists:
        if self.is_down:
            raise ApiError("DescribeVpcs", "ServiceUnavailable", "down")
        self.reads += 1
        return Lists({"vpc": [{"VpcId": f"vpc-{self.reads}"}]})

    def asked_by(self, turn: Turn, *kinds: str) -> str:
        lists = turn.lists(kinds or KINDS, lambda: self.time, self.read)
        return str(lists["vpc"][0]["VpcId"])


def test_the_next_stack_gets_the_lists_of_the_one_before() -> None:
    region, memory = Region(), Memory()
    assert region.asked_by(Turn(region, memory)) == region.asked_by(Turn(region, memory)) == "vpc-1"
    assert region.asked_by(Turn(region, memory), "disk", "vpc") == "vpc-1", "in any order of the kinds"
    assert region.asked_by(Turn(region, memory), "vpc") == "vpc-2", "of fewer kinds, another whole"


def test_a_stack_that_asks_again_has_them_read_again_and_so_has_the_next_one() -> None:
    region, memory = Region(), Memory()
    region.asked_by(Turn(region, memory))
    turn = Turn(region, memory)
    assert [region.asked_by(turn) for _ in range(3)] == ["vpc-1", "vpc-2", "vpc-3"]
    assert region.asked_by(Turn(region, memory)) == "vpc-3"


@pytest.mark.parametrize("passed", [OLDEST, -1.0])
def test_lists_that_are_too_old_or_from_after_a_clock_that_was_set_back_are_read_again(passed: float) -> None:
    region, memory = Region(), Memory()
    region.asked_by(Turn(region, memory))
    region.time += passed
    assert region.asked_by(Turn(region, memory)) == "vpc-2"


def test_a_reading_that_fails_leaves_no_older_one_for_the_next_stack() -> None:
    region, memory = Region(), Memory()
    turn = Turn(region, memory)
    region.asked_by(turn)
    region.is_down = True
    for one in (turn, Turn(region, memory)):
        with pytest.raises(ApiError):
            region.asked_by(one)


def test_regions_have_lists_accounts_and_offers_of_their_own() -> None:
    here, there, memory = Region(), Region("cn-beijing"), Memory()
    assert here.asked_by(Turn(here, memory)) == there.asked_by(Turn(there, memory)) == "vpc-1"
    assert [Turn(one, memory).account(lambda one=one: one.region) for one in (here, there, here)] == [  # type: ignore[misc]
        "cn-hangzhou", "cn-beijing", "cn-hangzhou",
    ]  # fmt: skip
    asked = [Turn(one, memory).is_offered(Offer.ZONE, "a", lambda one=one: one is here) for one in (here, there)]  # type: ignore[misc]
    assert asked == [True, False]
    assert Turn(here, memory).is_offered(Offer.ZONE, "a", lambda: False), "asked once"
