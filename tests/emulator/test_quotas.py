"""ListProductQuotas of the Quota Center (quotas 2020-05-10), and what goes beyond a quota."""

from __future__ import annotations

from typing import Any

import pytest

from ecsplan.emulator import contract
from ecsplan.emulator.service import Options, Service

from .client import Client, Failed, misfits

POOL = "q_ecs_enterprise_postpay_c"


def client_with(**quotas: int) -> Client:
    return Client(Service(Options(settings={"quotas": quotas})))


def rows(client: Client, product: str, region: str = "cn-hangzhou", **more: Any) -> dict[str, Any]:
    where = {"Dimensions": [{"Key": "regionId", "Value": region}]} if region else {}
    answer = client.call("quotas", "ListProductQuotas", ProductCode=product, MaxResults=100, **where, **more)
    agreed = contract.find("quotas", "ListProductQuotas")
    assert agreed is not None and misfits(agreed.response, answer) == []
    return {row["QuotaName"]: row for row in answer["Quotas"]}


def test_quotas_by_class_of_families_and_way_of_payment() -> None:
    found = rows(client_with(**{POOL: 64}), "ecs-spec")
    assert (found[POOL]["TotalQuota"], found[POOL]["TotalUsage"], found[POOL]["Consumable"]) == (64.0, 0.0, True)
    assert len(found) == 21 and {"q_ecs_share_prepay_c", "q_ecs_restrict_spot_c", "q_ecs_ebm_postpay_c"} <= set(found)


def test_a_region_of_its_own_vpc_quota_has_a_second_row() -> None:
    (usual,) = rows(client_with(), "vpc").values()
    assert usual["QuotaName"] == "vpc_quota_instances_num" != usual["QuotaActionCode"]  # what is published is a name
    found = rows(client_with(vpcs_per_region=30), "vpc")
    assert found["vpc_quota_instances_num_cn-hangzhou"]["TotalQuota"] == 30.0
    assert found["vpc_quota_instances_num"]["TotalQuota"] == 10.0


def test_without_a_region_the_answer_is_of_hangzhou() -> None:
    client = client_with()
    assert rows(client, "ecs", region="")["q_security-groups"]["Dimensions"] == {"regionId": "cn-hangzhou"}
    assert rows(client, "ecs", "cn-beijing")["q_security-groups"]["Dimensions"] == {"regionId": "cn-beijing"}


def test_pages_and_filters() -> None:
    client = client_with()
    first = client.call("quotas", "ListProductQuotas", ProductCode="ecs-spec", MaxResults=20)
    last = client.call("quotas", "ListProductQuotas", ProductCode="ecs-spec", NextToken=first["NextToken"])
    assert (len(first["Quotas"]), len(last["Quotas"]), "NextToken" in last) == (20, 1, False)
    assert list(rows(client, "ecs-spec", QuotaActionCode=POOL)) == [POOL]
    assert rows(client, "ecs", QuotaCategory="FlowControl") == {}
    with pytest.raises(Failed, match=r"PARAMETER\.ILLEGALL"):
        rows(client, "nothing")
