"""Quotas are found by the names that are published, whichever of its two fields has them, on whatever page."""

from typing import Any

import pytest

from ecsplan.model.call import ApiError
from ecsplan.model.preflight import Counted, Finding, Level
from ecsplan.preflight.quota_center import ITEMS, judged, request_of
from ecsplan.preflight.world import Answers, World, key_of, to_the_end
from tests.builders import at

HERE = World(used={"vpc": 9}, region="cn-hangzhou")
TWO = [Counted(at(name), "vpc") for name in ("vpc.a", "vpc.b")]


def row(name: str, code: str, most: int) -> dict[str, Any]:
    return {"QuotaName": name, "QuotaActionCode": code, "TotalQuota": float(most)}


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        ([row("vpc_quota_instances_num", "q_abc123", 10)], Level.FAIL),
        ([row("VPCs", "vpc_quota_instances_num", 10)], Level.FAIL),
        ([row("vpc_quota_instances_num", "q_abc123", 30)], None),
        (
            [row("vpc_quota_instances_num_cn-hangzhou", "q_d", 30), row("vpc_quota_instances_num", "q_a", 10)],
            None,
        ),  # that of the region counts
        ([row("vpc_quota_instances_num_cn-beijing", "q_d", 30), row("vpc_quota_instances_num", "q_a", 10)], Level.FAIL),
    ],
)
def test_the_quota_of_vpcs_is_found_by_its_name_whose_code_is_opaque(
    rows: list[dict[str, Any]], level: Level | None
) -> None:
    answers = Answers({key_of(request_of("vpc", "cn-hangzhou")): {ITEMS: rows}})
    found = [one for one in judged(TWO, HERE, answers) if isinstance(one, Finding)]
    assert [one.level for one in found] == ([level] if level else [])


def test_a_quota_on_a_later_page_is_found_and_a_token_that_comes_back_ends_the_list() -> None:
    pages: dict[str, dict[str, Any]] = {
        "2": {ITEMS: [{"QuotaName": "b"}], "NextToken": "3"},
        "3": {ITEMS: [{"QuotaName": "c"}], "NextToken": "2"},
    }
    whole = to_the_end({ITEMS: [{"QuotaName": "a"}], "NextToken": "2"}, ITEMS, pages.__getitem__)
    assert not isinstance(whole, ApiError) and [one["QuotaName"] for one in whole[ITEMS]] == ["a", "b", "c"]
    alone: dict[str, Any] = {ITEMS: []}
    assert to_the_end(alone, ITEMS, pages.__getitem__) is alone
    refused = ApiError("ListProductQuotas", "Forbidden.RAM", "no")
    assert to_the_end({ITEMS: [], "NextToken": "2"}, ITEMS, lambda token: refused) is refused
