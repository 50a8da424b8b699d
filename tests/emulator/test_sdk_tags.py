"""Tags and resource groups of both products through the official SDKs, by new and old names."""

from __future__ import annotations

from typing import Any

import pytest

from .sdk import ZONE, Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}, {"Key": "stage", "Value": "test"}]


def disk(sdk: Sdk, **more: Any) -> str:
    made = sdk.ecs("CreateDisk", ZoneId=ZONE, DiskCategory="cloud_essd", Size=40, **more)["DiskId"]
    sdk.settle()
    return str(made)


def tags_of(sdk: Sdk, *ids: str, kind: str = "disk") -> dict[tuple[str, str], str]:
    rows = sdk.ecs("ListTagResources", ResourceType=kind, ResourceId=list(ids))["TagResources"]["TagResource"]
    return {(row["ResourceId"], row["TagKey"]): row["TagValue"] for row in rows}


def test_tags_are_set_overwritten_and_taken_away(sdk: Sdk) -> None:
    ids = [disk(sdk, Tag=TAGS[:1]), disk(sdk)]
    sdk.ecs("TagResources", ResourceType="disk", ResourceId=ids, Tag=[{"Key": "team", "Value": "db"}, TAGS[1]])
    assert tags_of(sdk, ids[0]) == {(ids[0], "team"): "db", (ids[0], "stage"): "test"}
    sdk.ecs("UntagResources", ResourceType="disk", ResourceId=ids, TagKey=["team"])
    assert tags_of(sdk, *ids) == {(id_, "stage"): "test" for id_ in ids}
    sdk.ecs("UntagResources", ResourceType="disk", ResourceId=ids[:1], All=True)
    assert tags_of(sdk, ids[0]) == {}
    with pytest.raises(Refused, match="InvalidResourceId"):
        sdk.ecs("TagResources", ResourceType="disk", ResourceId=["d-nowhere"], Tag=TAGS)
    with pytest.raises(Refused, match="TagKey"):
        sdk.ecs("TagResources", ResourceType="disk", ResourceId=ids, Tag=[{"Key": "acs:own", "Value": "x"}])


def test_every_kind_that_is_built_takes_tags(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(Tag=TAGS)
    for kind in ("instance", "disk", "eni"):
        rows = sdk.ecs("ListTagResources", ResourceType=kind, Tag=TAGS)["TagResources"]["TagResource"]
        assert len(rows) == 2, kind
    sdk.ecs("CreateKeyPair", KeyPairName="mine", Tag=TAGS)
    assert tags_of(sdk, "mine", kind="keypair")[("mine", "team")] == "web"
    sdk.ecs("TagResources", ResourceType="securitygroup", ResourceId=[network.group], Tag=TAGS)
    assert sdk.ecs("DescribeSecurityGroups", Tag=TAGS)["TotalCount"] == 1
    assert instance


def test_rows_come_page_by_page(sdk: Sdk) -> None:
    ids = [disk(sdk, Tag=TAGS) for _ in range(30)]
    first = sdk.ecs("ListTagResources", ResourceType="disk", Tag=TAGS[:1])
    rest = sdk.ecs("ListTagResources", ResourceType="disk", Tag=TAGS[:1], NextToken=first["NextToken"])
    rows = first["TagResources"]["TagResource"] + rest["TagResources"]["TagResource"]
    assert (len(rows), {row["ResourceId"] for row in rows}) == (60, set(ids))
    assert rest["NextToken"] == ""


def test_the_old_actions(sdk: Sdk) -> None:
    made = disk(sdk)
    named = {"ResourceType": "disk", "ResourceId": made}
    sdk.ecs("AddTags", **named, Tag=TAGS)
    rows = sdk.ecs("DescribeTags", **named)["Tags"]["Tag"]
    assert {row["TagKey"]: row["ResourceTypeCount"]["Disk"] for row in rows} == {"stage": 1, "team": 1}
    found = sdk.ecs("DescribeResourceByTags", Tag=TAGS)["Resources"]["Resource"]
    assert [row["ResourceId"] for row in found] == [made]
    sdk.ecs("RemoveTags", **named, Tag=[{"Key": "team", "Value": "db"}])
    assert sdk.ecs("DescribeTags", **named)["TotalCount"] == 2
    sdk.ecs("RemoveTags", **named, Tag=TAGS[:1])
    assert tags_of(sdk, made) == {(made, "stage"): "test"}


def test_tags_of_vpc(sdk: Sdk, network: Network) -> None:
    named = {"ResourceType": "VPC", "ResourceId": [network.vpc]}
    sdk.vpc("TagResources", **named, Tag=TAGS)
    assert sdk.vpc("DescribeVpcs", Tag=TAGS)["TotalCount"] == 1
    rows = sdk.vpc("ListTagResources", **named)["TagResources"]["TagResource"]
    assert {row["TagKey"]: row["TagValue"] for row in rows} == {"team": "web", "stage": "test"}
    assert {row["TagKey"] for row in sdk.vpc("DescribeTags")["TagResources"]["TagResource"]} == {"team", "stage"}
    keys = sdk.vpc("DescribeTagKeys", Keyword="te")["TagKeys"]["TagKey"]
    assert [row["TagKey"] for row in keys] == ["team"]
    sdk.vpc("UnTagResources", **named, TagKey=["team"])
    assert sdk.vpc("DescribeVpcs", Tag=TAGS)["TotalCount"] == 0


def test_resource_groups(sdk: Sdk, network: Network) -> None:
    made = disk(sdk)
    sdk.ecs("JoinResourceGroup", ResourceType="disk", ResourceId=made, ResourceGroupId="rg-web")
    assert sdk.ecs("DescribeDisks", ResourceGroupId="rg-web")["TotalCount"] == 1
    sdk.vpc("MoveResourceGroup", ResourceType="vpc", ResourceId=network.vpc, NewResourceGroupId="rg-web")
    assert sdk.vpc("DescribeVpcs", ResourceGroupId="rg-web")["TotalCount"] == 1
