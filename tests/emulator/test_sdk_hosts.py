"""Dedicated hosts through the official SDK, and the machines on them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from .sdk import ZONE, Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]


def allocate(sdk: Sdk, **more: Any) -> list[str]:
    order = {"DedicatedHostType": "ddh.g7", "ZoneId": ZONE, "DedicatedHostName": "own", "Tag": TAGS, **more}
    ids: list[str] = sdk.ecs("AllocateDedicatedHosts", **order)["DedicatedHostIdSets"]["DedicatedHostId"]
    return ids


def host_of(sdk: Sdk, host: str, **more: Any) -> dict[str, Any]:
    (row,) = sdk.ecs("DescribeDedicatedHosts", DedicatedHostIds=json.dumps([host]), **more)["DedicatedHosts"][
        "DedicatedHost"
    ]
    return dict(row)


def test_a_host_from_allocation_to_release(sdk: Sdk) -> None:
    (host,) = allocate(sdk, Description="of web", AutoPlacement="off", NetworkAttributes={"UdpTimeout": 100})
    assert sdk.ecs("DescribeDedicatedHosts")["TotalCount"] == 0
    with pytest.raises(Refused, match=r"IncorrectHostStatus\.Initializing"):
        sdk.ecs("ReleaseDedicatedHost", DedicatedHostId=host)
    sdk.settle()
    sdk.ecs("ModifyDedicatedHostAttribute", DedicatedHostId=host, DedicatedHostName="mine", ActionOnMaintenance="Stop")
    row = host_of(sdk, host)
    assert (row["Status"], row["DedicatedHostName"], row["AutoPlacement"]) == ("Available", "mine", "off")
    assert (row["ActionOnMaintenance"], row["NetworkAttributes"]["UdpTimeout"]) == ("Stop", 100)
    with pytest.raises(Refused, match="CpuOverCommitRatio"):
        sdk.ecs("ModifyDedicatedHostAttribute", DedicatedHostId=host, CpuOverCommitRatio=2.0)
    sdk.ecs("ReleaseDedicatedHost", DedicatedHostId=host)
    assert sdk.ecs("DescribeDedicatedHosts", Tag=TAGS)["TotalCount"] == 0


def test_host_types_take_a_family(sdk: Sdk) -> None:
    rows = sdk.ecs("DescribeDedicatedHostTypes", SupportedInstanceTypeFamily="ecs.g7")["DedicatedHostTypes"]
    (row,) = rows["DedicatedHostType"]
    assert (row["DedicatedHostType"], row["TotalVcpus"]) == ("ddh.g7", 128)
    with pytest.raises(Refused, match="DedicatedHostType"):
        allocate(sdk, DedicatedHostType="ddh.nothing")


def test_machines_take_room_on_a_host(sdk: Sdk, network: Network) -> None:
    (host,) = allocate(sdk)
    sdk.settle()
    (instance,) = network.run(InstanceType="ecs.g7.16xlarge", DedicatedHostId=host)
    row = host_of(sdk, host, QueryInventory=True)
    assert (row["Capacity"]["TotalVcpus"], row["Capacity"]["AvailableVcpus"]) == (128, 64)
    assert [guest["InstanceId"] for guest in row["Instances"]["Instance"]] == [instance]
    fits = {f["InstanceType"]: f["AvailableInstanceCapacity"] for f in row["Capacity"]["AvailableInstanceTypes"][
        "AvailableInstanceType"]}  # fmt: skip
    assert (fits["ecs.g7.16xlarge"], fits["ecs.g7.32xlarge"]) == (1, 0)
    for order, code in (({"Amount": 2}, "LackResource"), ({"InstanceType": "ecs.c7.large"}, "InvalidInstanceType")):
        with pytest.raises(Refused, match=code):
            network.run(**{"InstanceType": "ecs.g7.16xlarge", "DedicatedHostId": host, **order})
    with pytest.raises(Refused, match="DependencyViolation"):
        sdk.ecs("ReleaseDedicatedHost", DedicatedHostId=host)
    (shown,) = sdk.ecs("DescribeInstances", InstanceIds=json.dumps([instance]))["Instances"]["Instance"]
    assert shown["DedicatedHostAttribute"]["DedicatedHostName"] == "own"
    other = network.run(InstanceType="ecs.g7.large")[0]
    sdk.ecs("StopInstance", InstanceId=other)
    sdk.settle()
    sdk.ecs("ModifyInstanceDeployment", InstanceId=other, DedicatedHostId=host)
    assert host_of(sdk, host)["Capacity"]["AvailableVcpus"] == 62


def test_hosts_come_page_by_page(sdk: Sdk) -> None:
    ids = allocate(sdk, Quantity=12, DedicatedHostType="ddh.g6", CpuOverCommitRatio=2.0)
    sdk.settle()
    first = sdk.ecs("DescribeDedicatedHosts", MaxResults=10)
    rest = sdk.ecs("DescribeDedicatedHosts", MaxResults=10, NextToken=first["NextToken"])
    rows = first["DedicatedHosts"]["DedicatedHost"] + rest["DedicatedHosts"]["DedicatedHost"]
    assert {row["DedicatedHostId"] for row in rows} == set(ids)
    assert rows[0]["Capacity"]["TotalVcpus"] == 2 * 104
    assert sdk.ecs("DescribeDedicatedHosts", DedicatedHostIds=",".join(ids[:2]))["TotalCount"] == 2


def test_a_subscription_of_a_host(sdk: Sdk) -> None:
    made = sdk.ecs("AllocateDedicatedHosts", DedicatedHostType="ddh.g7", ChargeType="PrePaid", Period=1)
    (host,) = made["DedicatedHostIdSets"]["DedicatedHostId"]
    assert made["OrderId"]
    sdk.settle()
    with pytest.raises(Refused, match="ChargeTypeViolation"):
        sdk.ecs("ReleaseDedicatedHost", DedicatedHostId=host)
    before = host_of(sdk, host)["ExpiredTime"]
    sdk.ecs("RenewDedicatedHosts", DedicatedHostIds=json.dumps([host]), Period=1)
    assert host_of(sdk, host)["ExpiredTime"] > before
    sdk.ecs("ModifyDedicatedHostAutoRenewAttribute", DedicatedHostIds=host, RenewalStatus="AutoRenewal", Duration=2)
    (row,) = sdk.ecs("DescribeDedicatedHostAutoRenew", DedicatedHostIds=host)["DedicatedHostRenewAttributes"][
        "DedicatedHostRenewAttribute"
    ]
    assert (row["AutoRenewEnabled"], row["Duration"]) == (True, 2)
    target = {"DedicatedHostIds": json.dumps([host]), "DetailFee": True}
    paid = sdk.ecs("ModifyDedicatedHostsChargeType", DedicatedHostChargeType="PostPaid", **target)
    assert paid["FeeOfInstances"]["FeeOfInstance"][0]["InstanceId"] == host
    sdk.ecs("ModifyDedicatedHostsChargeType", DedicatedHostChargeType="PrePaid", Period=1, **target)
    assert host_of(sdk, host)["ChargeType"] == "PrePaid"


def test_a_host_that_ends_by_itself(sdk: Sdk) -> None:
    (host,) = allocate(sdk)
    sdk.settle()
    soon = datetime.fromtimestamp(time.time() + sdk.clock.shift + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    sdk.ecs("ModifyDedicatedHostAutoReleaseTime", DedicatedHostId=host, AutoReleaseTime=soon)
    assert host_of(sdk, host)["AutoReleaseTime"] == f"{soon[:16]}Z"
    sdk.settle(3700)
    assert sdk.ecs("DescribeDedicatedHosts")["TotalCount"] == 0
