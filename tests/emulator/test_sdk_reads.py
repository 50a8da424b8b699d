"""Places, offers, prices, quotas, full statuses and monitoring through the official SDK."""

from __future__ import annotations

import time
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import pytest

from .sdk import ZONE, Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]


def at(sdk: Sdk, seconds: float = 0.0) -> str:
    moment = datetime.fromtimestamp(time.time() + sdk.clock.shift + seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# Places


def test_regions_and_zones_of_both_products(sdk: Sdk) -> None:
    (region,) = [r for r in sdk.ecs("DescribeRegions")["Regions"]["Region"] if r["RegionId"] == "cn-hangzhou"]
    assert region["RegionEndpoint"].startswith("ecs.cn-hangzhou")
    english = sdk.ecs("DescribeRegions", AcceptLanguage="en-US")["Regions"]["Region"]
    assert "China (Hangzhou)" in {r["LocalName"] for r in english}
    assert len(sdk.vpc("DescribeRegions")["Regions"]["Region"]) == len(english)
    assert ZONE in {zone["ZoneId"] for zone in sdk.ecs("DescribeZones")["Zones"]["Zone"]}
    assert ZONE in {zone["ZoneId"] for zone in sdk.vpc("DescribeZones")["Zones"]["Zone"]}


def test_instance_types_by_family_and_size(sdk: Sdk) -> None:
    rows = sdk.ecs("DescribeInstanceTypes", InstanceTypeFamily="ecs.g7", MinimumCpuCoreCount=4)["InstanceTypes"][
        "InstanceType"
    ]
    assert all(row["InstanceTypeFamily"] == "ecs.g7" and row["CpuCoreCount"] >= 4 for row in rows)
    first = sdk.ecs("DescribeInstanceTypes", MaxResults=500)
    rest = sdk.ecs("DescribeInstanceTypes", MaxResults=500, NextToken=first["NextToken"])
    assert "NextToken" not in rest
    families = sdk.ecs("DescribeInstanceTypeFamilies")["InstanceTypeFamilies"]["InstanceTypeFamily"]
    assert "ecs.g7" in {row["InstanceTypeFamilyId"] for row in families}


def test_families_have_a_category_and_a_level(sdk: Sdk) -> None:
    def found(**filters: Any) -> set[str]:
        rows = sdk.ecs("DescribeInstanceTypes", **filters)["InstanceTypes"]["InstanceType"]
        return {row["InstanceTypeFamily"] for row in rows}

    assert {"ecs.d1", "ecs.d1ne", "ecs.d2s"} <= found(InstanceCategories=["Big data"], MinimumLocalStorageAmount=1)
    assert "ecs.t6" in found(InstanceFamilyLevel="CreditEntryLevel")
    assert found(InstanceCategories=["Shared"], InstanceFamilyLevel="EnterpriseLevel") == set()
    assert "ecs.i3" in found(LocalStorageCategory="local_ssd_pro")


# Offers


def test_what_can_be_bought(sdk: Sdk, network: Network) -> None:
    (zone,) = sdk.ecs("DescribeAvailableResource", DestinationResource="InstanceType", ZoneId=ZONE)["AvailableZones"][
        "AvailableZone"
    ]
    (resource,) = zone["AvailableResources"]["AvailableResource"]
    assert "ecs.g7.large" in {row["Value"] for row in resource["SupportedResources"]["SupportedResource"]}
    sdk.ecs("DescribeAvailableResource", DestinationResource="SystemDisk", InstanceType="ecs.g7.large")
    (instance,) = network.run()
    changes = sdk.ecs("DescribeResourcesModification", ResourceId=instance, DestinationResource="InstanceType")
    (zone,) = changes["AvailableZones"]["AvailableZone"]
    (resource,) = zone["AvailableResources"]["AvailableResource"]
    assert "ecs.g7.xlarge" in {row["Value"] for row in resource["SupportedResources"]["SupportedResource"]}


def test_prices_are_stable_and_add_up(sdk: Sdk, network: Network) -> None:
    order = {"ResourceType": "instance", "InstanceType": "ecs.g7.large", "SystemDisk": {"Category": "cloud_essd"}}
    price = sdk.ecs("DescribePrice", **order)["PriceInfo"]["Price"]
    assert sdk.ecs("DescribePrice", **order)["PriceInfo"]["Price"] == price
    parts = [part["TradePrice"] for part in price["DetailInfos"]["DetailInfo"]]
    assert price["TradePrice"] == pytest.approx(sum(parts))
    larger = sdk.ecs("DescribePrice", **{**order, "InstanceType": "ecs.g7.4xlarge"})["PriceInfo"]["Price"]
    assert larger["TradePrice"] > price["TradePrice"]
    assert price["OriginalPrice"] - price["DiscountPrice"] == pytest.approx(price["TradePrice"])
    assert 0 < price["DiscountPrice"] < price["TradePrice"]


def test_prices_of_subscriptions_are_told_of_subscriptions_alone(sdk: Sdk, network: Network) -> None:
    (used,) = network.run()
    (bought,) = network.run(InstanceChargeType="PrePaid", Period=1, PeriodUnit="Month")
    assert sdk.ecs("DescribeRenewalPrice", ResourceId=bought)["PriceInfo"]["Price"]["TradePrice"] > 0
    larger = sdk.ecs("DescribeInstanceModificationPrice", InstanceId=bought, InstanceType="ecs.g7.xlarge")
    assert larger["PriceInfo"]["Price"]["TradePrice"] > 0
    with pytest.raises(Refused, match="ChargeTypeViolation"):
        sdk.ecs("DescribeRenewalPrice", ResourceId=used)
    with pytest.raises(Refused, match="ChargeTypeViolation"):
        sdk.ecs("DescribeInstanceModificationPrice", InstanceId=used, InstanceType="ecs.g7.xlarge")
    with pytest.raises(Refused, match="NotSupportUpgrade"):
        sdk.ecs("DescribeInstanceModificationPrice", InstanceId=bought, InstanceType="ecs.t6-c1m1.large")
    with pytest.raises(Refused, match=r"MissingParameter\.InstanceTypeOrDataDisk"):
        sdk.ecs("DescribeInstanceModificationPrice", InstanceId=bought)


def test_a_disk_is_priced_by_the_hour_and_without_details(sdk: Sdk) -> None:
    disk = {"ResourceType": "disk", "DataDisk": [{"Category": "cloud_essd", "Size": 100}]}
    price = sdk.ecs("DescribePrice", **disk)["PriceInfo"]["Price"]
    assert price["TradePrice"] > 0 and not (price.get("DetailInfos") or {}).get("DetailInfo")
    with pytest.raises(Refused, match="PriceUnit"):
        sdk.ecs("DescribePrice", **disk, PriceUnit="Month")


def test_spot_prices_are_a_share_of_the_usual_one(sdk: Sdk) -> None:
    asked = {"NetworkType": "vpc", "InstanceType": "ecs.g7.large", "ZoneId": ZONE}
    rows = sdk.ecs("DescribeSpotPriceHistory", **asked)["SpotPrices"]["SpotPriceType"]
    assert 3 <= len(rows) <= 4
    assert all(0 < row["SpotPrice"] < row["OriginPrice"] for row in rows)
    del asked["ZoneId"]
    month = {**asked, "StartTime": at(sdk, -30 * 86400), "EndTime": at(sdk)}
    first = sdk.ecs("DescribeSpotPriceHistory", **month)
    rest = sdk.ecs("DescribeSpotPriceHistory", **month, Offset=first["NextOffset"])
    assert first["SpotPrices"]["SpotPriceType"][0] != rest["SpotPrices"]["SpotPriceType"][0]
    with pytest.raises(Refused, match="StartTime"):
        sdk.ecs("DescribeSpotPriceHistory", **{**month, "StartTime": at(sdk, -40 * 86400)})
    (zone,) = sdk.ecs("DescribeSpotAdvice", ZoneId=ZONE, Cores=2, Memory=8.0)["AvailableSpotZones"]["AvailableSpotZone"]
    offered = zone["AvailableSpotResources"]["AvailableSpotResource"]
    assert "ecs.g7.large" in {row["InstanceType"] for row in offered}


def test_bandwidth_goes_up_and_down_within_limits(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(InternetMaxBandwidthOut=5)
    asked = {"InstanceType": "ecs.g7.large", "ResourceId": instance}

    def limits(**more: Any) -> tuple[int, int]:
        row = sdk.ecs("DescribeBandwidthLimitation", **{**asked, **more})["Bandwidths"]["Bandwidth"][0]
        return row["Min"], row["Max"]

    assert limits() == (0, 100)
    assert limits(OperationType="Upgrade") == (5, 100)
    assert limits(OperationType="Downgrade") == (0, 5)
    assert sdk.ecs("DescribeClusters")["Clusters"] == {"Cluster": []}
    assert sdk.ecs("DescribeLimitation", Limitation="launch_templates_per_region")["Value"] == "30"


def test_account_attributes_are_counted(sdk: Sdk, network: Network) -> None:
    network.run(Amount=2)
    rows = sdk.ecs("DescribeAccountAttributes", AttributeName=["used-postpaid-instance-vcpu-count"])
    (row,) = rows["AccountAttributeItems"]["AccountAttributeItem"]
    assert row["AttributeValues"]["ValueItem"][0]["Value"] == "4"


# Statuses


def test_full_statuses(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(Tag=TAGS)
    (row,) = sdk.ecs("DescribeInstancesFullStatus", InstanceId=[instance], Status="Running")["InstanceFullStatusSet"][
        "InstanceFullStatusType"
    ]
    assert (row["Status"]["Name"], row["HealthStatus"]["Name"]) == ("Running", "Ok")
    (row,) = sdk.ecs("DescribeDisksFullStatus", Tag=TAGS, Status="In_use")["DiskFullStatusSet"]["DiskFullStatusType"]
    assert (row["InstanceId"], row["Device"], row["HealthStatus"]["Name"]) == (instance, "/dev/xvda", "Ok")
    sdk.ecs("StopInstance", InstanceId=instance)
    sdk.settle()
    assert sdk.ecs("DescribeInstancesFullStatus", HealthStatus="Ok")["TotalCount"] == 0
    assert sdk.ecs("DescribeInstancesFullStatus", EventType="SystemMaintenance.Reboot")["TotalCount"] == 0
    assert sdk.ecs("DescribeInstanceHistoryEvents", InstanceId=instance)["TotalCount"] == 0


def test_monitoring_shows_an_idle_machine(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    span = {"StartTime": at(sdk, -600), "EndTime": at(sdk), "Period": 60}
    rows = sdk.ecs("DescribeInstanceMonitorData", InstanceId=instance, **span)["MonitorData"]["InstanceMonitorData"]
    assert len(rows) == 10
    assert {row["CPU"] for row in rows} == {0}
    (disk,) = sdk.ecs("DescribeDisks", InstanceId=instance)["Disks"]["Disk"]
    assert sdk.ecs("DescribeDiskMonitorData", DiskId=disk["DiskId"], **span)["TotalCount"] == 10
    assert sdk.ecs("DescribeEniMonitorData", InstanceId=instance, **span)["TotalCount"] == 10
    with pytest.raises(Refused, match="TooManyDataQueried"):
        sdk.ecs("DescribeInstanceMonitorData", InstanceId=instance, **{**span, "StartTime": at(sdk, -86400)})
    with pytest.raises(Refused, match="Period"):
        sdk.ecs("DescribeInstanceMonitorData", InstanceId=instance, **{**span, "Period": 61})


def test_consoles(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(HostName="web-1")
    text = sdk.ecs("GetInstanceConsoleOutput", InstanceId=instance)["ConsoleOutput"]
    assert b64decode(text) == b"web-1 login: \n"
    picture = b64decode(sdk.ecs("GetInstanceScreenshot", InstanceId=instance)["Screenshot"])
    assert picture[:2] == b"\xff\xd8"
    sdk.ecs("StopInstance", InstanceId=instance)
    sdk.settle()
    with pytest.raises(Refused, match="IncorrectInstanceStatus"):
        sdk.ecs("GetInstanceScreenshot", InstanceId=instance)
