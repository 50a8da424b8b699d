"""VPCs, vSwitches, routes and EIPs through the official SDKs, by their new and their old names."""

from __future__ import annotations

from typing import Any

import pytest

from .sdk import ZONE, Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]


def vpc_of(sdk: Sdk, vpc_id: str) -> dict[str, Any]:
    (row,) = sdk.vpc("DescribeVpcs", VpcId=vpc_id)["Vpcs"]["Vpc"]
    return dict(row)


def test_a_vpc_from_creation_to_its_end(sdk: Sdk) -> None:
    made = sdk.vpc("CreateVpc", CidrBlock="10.0.0.0/8", VpcName="main", Description="of web", Tag=TAGS, EnableIpv6=True)
    vpc = made["VpcId"]
    assert vpc_of(sdk, vpc)["Status"] == "Pending"
    sdk.settle()
    sdk.vpc("ModifyVpcAttribute", VpcId=vpc, VpcName="core", Description="of the web", EnableDnsHostname=True)
    sdk.vpc("AssociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="192.168.0.0/16", IpVersion="IPv4")
    row = vpc_of(sdk, vpc)
    assert (row["VpcName"], row["Status"], row["DnsHostnameStatus"]) == ("core", "Available", "ENABLED")
    assert row["SecondaryCidrBlocks"] == {"SecondaryCidrBlock": ["192.168.0.0/16"]}
    assert row["Ipv6CidrBlocks"]["Ipv6CidrBlock"][0]["Ipv6CidrBlock"] == row["Ipv6CidrBlock"]
    attribute = sdk.vpc("DescribeVpcAttribute", VpcId=vpc)
    assert attribute["VRouterId"] == made["VRouterId"]
    assert {c["ResourceType"]: c["ResourceCount"] for c in attribute["CloudResources"]["CloudResourceSetType"]}[
        "RouteTable"
    ] == 1
    sdk.vpc("UnassociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="192.168.0.0/16")
    sdk.vpc("DeleteVpc", VpcId=vpc)
    sdk.settle()
    assert sdk.vpc("DescribeVpcs")["TotalCount"] == 0


def test_vpcs_by_their_old_names(sdk: Sdk) -> None:
    vpc = sdk.ecs("CreateVpc", CidrBlock="10.0.0.0/8", VpcName="main", UserCidr="10.0.0.0/8")["VpcId"]
    sdk.settle()
    sdk.ecs("ModifyVpcAttribute", VpcId=vpc, Description="of web")
    (row,) = sdk.ecs("DescribeVpcs")["Vpcs"]["Vpc"]
    assert (row["VpcId"], row["Description"], row["UserCidrs"]) == (vpc, "of web", {"UserCidr": ["10.0.0.0/8"]})
    vswitch = sdk.ecs("CreateVSwitch", VpcId=vpc, CidrBlock="10.1.0.0/24", ZoneId=ZONE)["VSwitchId"]
    sdk.settle()
    sdk.ecs("ModifyVSwitchAttribute", VSwitchId=vswitch, VSwitchName="app")
    (row,) = sdk.ecs("DescribeVSwitches", VpcId=vpc)["VSwitches"]["VSwitch"]
    assert (row["VSwitchName"], row["AvailableIpAddressCount"]) == ("app", 252)
    sdk.ecs("DeleteVSwitch", VSwitchId=vswitch)
    sdk.settle()
    sdk.ecs("DeleteVpc", VpcId=vpc)


def test_vswitches(sdk: Sdk, network: Network) -> None:
    made = sdk.vpc(
        "CreateVSwitch", VpcId=network.vpc, CidrBlock="10.1.0.0/24", ZoneId=ZONE, VSwitchName="app", Tag=TAGS
    )
    vswitch = made["VSwitchId"]
    with pytest.raises(Refused, match="TaskConflict"):
        sdk.vpc("CreateVSwitch", VpcId=network.vpc, CidrBlock="10.2.0.0/24", ZoneId=ZONE)
    sdk.settle()
    sdk.vpc("ModifyVSwitchAttribute", VSwitchId=vswitch, VSwitchName="web", Description="of web", EnableIPv6=True,
            Ipv6CidrBlock=3)  # fmt: skip
    (row,) = sdk.vpc("DescribeVSwitches", Tag=TAGS)["VSwitches"]["VSwitch"]
    assert (row["VSwitchName"], row["Status"], row["EnabledIpv6"]) == ("web", "Available", True)
    assert sdk.vpc("DescribeVSwitchAttributes", VSwitchId=vswitch)["CidrBlock"] == "10.1.0.0/24"
    free = sdk.vpc("CheckCanAllocateVpcPrivateIpAddress", VSwitchId=vswitch, PrivateIpAddress="10.1.0.7")
    assert free["CanAllocate"] is True
    network.run(VSwitchId=vswitch, PrivateIpAddress="10.1.0.7")
    taken = sdk.vpc("CheckCanAllocateVpcPrivateIpAddress", VSwitchId=vswitch, PrivateIpAddress="10.1.0.7")
    assert taken["CanAllocate"] is False
    with pytest.raises(Refused, match="DependencyViolation"):
        sdk.vpc("DeleteVSwitch", VSwitchId=vswitch)


def test_a_default_network(sdk: Sdk) -> None:
    vpc = sdk.vpc("CreateDefaultVpc")["VpcId"]
    sdk.settle()
    vswitch = sdk.vpc("CreateDefaultVSwitch", ZoneId=ZONE)["VSwitchId"]
    sdk.settle()
    assert vpc_of(sdk, vpc)["IsDefault"] is True
    (row,) = sdk.vpc("DescribeVSwitches", IsDefault=True)["VSwitches"]["VSwitch"]
    assert row["VSwitchId"] == vswitch
    sdk.vpc("DeleteVSwitch", VSwitchId=vswitch)
    with pytest.raises(Refused, match="DefaultVpcExists"):
        sdk.vpc("CreateDefaultVpc")


# Routes


def custom_table(sdk: Sdk, network: Network) -> str:
    made = sdk.vpc("CreateRouteTable", VpcId=network.vpc, RouteTableName="out", Description="of web", Tag=TAGS)
    sdk.settle()
    return str(made["RouteTableId"])


def test_a_table_serves_a_vswitch(sdk: Sdk, network: Network) -> None:
    table = custom_table(sdk, network)
    sdk.vpc("AssociateRouteTable", RouteTableId=table, VSwitchId=network.vswitch)
    sdk.vpc("ModifyRouteTableAttributes", RouteTableId=table, RouteTableName="exit", RoutePropagationEnable=False)
    (row,) = sdk.vpc("DescribeRouteTableList", Tag=TAGS)["RouterTableList"]["RouterTableListType"]
    assert (row["RouteTableName"], row["VSwitchIds"]["VSwitchId"]) == ("exit", [network.vswitch])
    with pytest.raises(Refused, match=r"DependencyViolation\.VSwitch"):
        sdk.vpc("DeleteRouteTable", RouteTableId=table)
    sdk.vpc("UnassociateRouteTable", RouteTableId=table, VSwitchId=network.vswitch)
    sdk.vpc("DeleteRouteTable", RouteTableId=table)
    assert sdk.vpc("DescribeRouteTableList")["TotalCount"] == 1


def test_routers_have_names(sdk: Sdk, network: Network) -> None:
    (row,) = sdk.vpc("DescribeVRouters")["VRouters"]["VRouter"]
    sdk.vpc("ModifyVRouterAttribute", VRouterId=row["VRouterId"], VRouterName="core", Description="of main")
    (row,) = sdk.ecs("DescribeVRouters")["VRouters"]["VRouter"]
    assert (row["VRouterName"], row["VpcId"]) == ("core", network.vpc)
    sdk.ecs("ModifyVRouterAttribute", VRouterId=row["VRouterId"], VRouterName="edge")
    assert sdk.vpc("DescribeVRouters")["VRouters"]["VRouter"][0]["VRouterName"] == "edge"


def custom(sdk: Sdk, table: str) -> list[dict[str, Any]]:
    body = sdk.vpc("DescribeRouteEntryList", RouteTableId=table, RouteEntryType="Custom", MaxResult=100)
    rows: list[dict[str, Any]] = body["RouteEntrys"]["RouteEntry"]
    return rows


def test_entries_come_and_go(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    table = custom_table(sdk, network)
    hop = {"RouteTableId": table, "NextHopType": "Instance", "NextHopId": instance}
    made = sdk.vpc("CreateRouteEntry", DestinationCidrBlock="172.16.0.0/16", RouteEntryName="far", **hop)[
        "RouteEntryId"
    ]
    with pytest.raises(Refused, match="TaskConflict"):
        sdk.vpc("CreateRouteEntry", DestinationCidrBlock="172.17.0.0/16", **hop)
    sdk.settle()
    sdk.vpc("ModifyRouteEntry", RouteEntryId=made, RouteEntryName="near", Description="of web")
    (row,) = custom(sdk, table)
    assert (row["RouteEntryName"], row["Status"]) == ("near", "Available")
    assert row["NextHops"]["NextHop"][0]["NextHopId"] == instance
    sdk.vpc("DeleteRouteEntry", RouteEntryId=made)
    sdk.settle()
    assert custom(sdk, table) == []


def test_entries_in_batches(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    table = custom_table(sdk, network)
    entries = [
        {"RouteTableId": table, "DstCidrBlock": f"172.16.{n}.0/24", "NextHopType": "Instance", "NextHop": instance}
        for n in range(12)
    ]
    wrong = {**entries[0], "DstCidrBlock": "172.17.0.0/24", "NextHop": "i-nowhere"}
    made = sdk.vpc("CreateRouteEntries", RouteEntries=[*entries, wrong])
    assert (made["SuccessCount"], made["FailedCount"]) == (12, 1)
    assert made["FailedRouteEntries"][0]["FailedCode"] == "InvalidNextHopId.NotFound"
    sdk.settle()
    first = sdk.vpc("DescribeRouteEntryList", RouteTableId=table, NextHopId=instance)
    rest = sdk.vpc("DescribeRouteEntryList", RouteTableId=table, NextHopId=instance, NextToken=first["NextToken"])
    assert len(first["RouteEntrys"]["RouteEntry"] + rest["RouteEntrys"]["RouteEntry"]) == 12
    assert sdk.vpc("DescribeRouteTables", RouteTableId=table)["RouteTables"]["RouteTable"][0]["RouteEntrys"]
    ids = [{"RouteEntryId": id_, "RouteTableId": table} for id_ in [*made["RouteEntryIds"], "rte-nowhere"]]
    gone = sdk.vpc("DeleteRouteEntries", RouteEntries=ids)
    assert (gone["SuccessCount"], gone["FailedCount"]) == (12, 1)
    sdk.settle()
    assert custom(sdk, table) == []


def test_entries_by_their_old_names(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    table = vpc_of(sdk, network.vpc)["RouterTableIds"]["RouterTableIds"][0]
    entry = {"RouteTableId": table, "DestinationCidrBlock": "172.16.0.0/16", "NextHopId": instance}
    sdk.ecs("CreateRouteEntry", NextHopType="Instance", **entry)
    sdk.settle()
    (row,) = sdk.ecs("DescribeRouteTables", RouteTableId=table)["RouteTables"]["RouteTable"]
    rows = [e for e in row["RouteEntrys"]["RouteEntry"] if e["Type"] == "Custom"]
    assert [(e["DestinationCidrBlock"], e["InstanceId"]) for e in rows] == [("172.16.0.0/16", instance)]
    with pytest.raises(Refused, match=r"DependencyViolation\.RouteEntry"):
        sdk.ecs("DeleteInstance", InstanceId=instance, Force=True)
    sdk.ecs("DeleteRouteEntry", **entry)
    sdk.settle()
    assert custom(sdk, table) == []


# EIPs


def eip_of(sdk: Sdk, allocation: str) -> dict[str, Any]:
    (row,) = sdk.vpc("DescribeEipAddresses", AllocationId=allocation)["EipAddresses"]["EipAddress"]
    return dict(row)


def allocate(sdk: Sdk, **more: Any) -> str:
    order = {"Bandwidth": "10", "InternetChargeType": "PayByTraffic", "Name": "web", "Tag": TAGS, **more}
    return str(sdk.vpc("AllocateEipAddress", **order)["AllocationId"])


def test_an_eip_is_bound_and_released(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    made = allocate(sdk)
    sdk.vpc("ModifyEipAddressAttribute", AllocationId=made, Bandwidth="20", Name="front", Description="of web")
    sdk.vpc("AssociateEipAddress", AllocationId=made, InstanceId=instance)
    assert eip_of(sdk, made)["Status"] == "Associating"
    sdk.settle()
    row = eip_of(sdk, made)
    assert (row["Status"], row["InstanceId"], row["Bandwidth"], row["Name"]) == ("InUse", instance, "20", "front")
    with pytest.raises(Refused, match="IncorrectEipStatus"):
        sdk.vpc("ReleaseEipAddress", AllocationId=made)
    sdk.vpc("UnassociateEipAddress", AllocationId=made)
    sdk.settle()
    sdk.vpc("DeletionProtection", InstanceId=made, Type="EIP", ProtectionEnable=True)
    with pytest.raises(Refused, match="DeletionProtection"):
        sdk.vpc("ReleaseEipAddress", AllocationId=made)
    sdk.vpc("DeletionProtection", InstanceId=made, Type="EIP", ProtectionEnable=False)
    sdk.vpc("ReleaseEipAddress", AllocationId=made)
    assert sdk.vpc("DescribeEipAddresses", Tag=TAGS)["TotalCount"] == 0


def test_eips_by_their_old_names(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    made = sdk.ecs("AllocateEipAddress", Bandwidth="5", InternetChargeType="PayByTraffic")["AllocationId"]
    sdk.ecs("ModifyEipAddressAttribute", AllocationId=made, Bandwidth="6")
    sdk.ecs("AssociateEipAddress", AllocationId=made, InstanceId=instance)
    sdk.settle()
    (row,) = sdk.ecs("DescribeEipAddresses", Status="InUse")["EipAddresses"]["EipAddress"]
    assert (row["InstanceId"], row["Bandwidth"]) == (instance, "6")
    sdk.ecs("UnassociateEipAddress", AllocationId=made, InstanceId=instance)
    sdk.settle()
    sdk.ecs("ReleaseEipAddress", AllocationId=made)


def test_several_eips_on_one_interface(sdk: Sdk, network: Network) -> None:
    eni = sdk.ecs("CreateNetworkInterface", VSwitchId=network.vswitch, SecurityGroupId=network.group)
    sdk.settle()
    target = {"BindedInstanceId": eni["NetworkInterfaceId"], "BindedInstanceType": "NetworkInterface"}
    ids = [allocate(sdk), sdk.vpc("AllocateEipAddressPro", Bandwidth="5")["AllocationId"]]
    sdk.vpc("AssociateEipAddressBatch", InstanceIds=ids, Mode="MULTI_BINDED", **target)
    sdk.settle()
    bound = sdk.vpc("DescribeEipAddresses", AssociatedInstanceId=eni["NetworkInterfaceId"],
                    AssociatedInstanceType="NetworkInterface")  # fmt: skip
    assert sorted(row["AllocationId"] for row in bound["EipAddresses"]["EipAddress"]) == sorted(ids)
    sdk.vpc("ModifyEipForwardMode", InstanceId=ids[0], Mode="BINDED")
    assert eip_of(sdk, ids[0])["Mode"] == "BINDED"


def test_eips_share_a_bandwidth(sdk: Sdk) -> None:
    made = sdk.vpc("CreateCommonBandwidthPackage", Bandwidth=200, Name="shared", Tag=TAGS)["BandwidthPackageId"]
    named = {"BandwidthPackageId": made}
    eips = [sdk.vpc("AllocateEipAddress", Bandwidth="5")["AllocationId"] for _ in range(3)]
    sdk.vpc("AddCommonBandwidthPackageIp", **named, IpInstanceId=eips[0])
    with pytest.raises(Refused, match=r"BandwidthPackageOperation\.conflict"):  # while one is on its way in
        sdk.vpc("AddCommonBandwidthPackageIps", **named, IpInstanceIds=eips[1:])
    sdk.settle()
    sdk.vpc("AddCommonBandwidthPackageIps", **named, IpInstanceIds=eips[1:])
    sdk.settle()
    sdk.vpc("ModifyCommonBandwidthPackageAttribute", **named, Name="all", Description="of them")
    sdk.vpc("ModifyCommonBandwidthPackageSpec", **named, Bandwidth="300")
    sdk.vpc("ModifyCommonBandwidthPackageIpBandwidth", **named, EipId=eips[0], Bandwidth="50")
    rows = {row["AllocationId"]: row for row in sdk.vpc("DescribeEipAddresses")["EipAddresses"]["EipAddress"]}
    assert [rows[eip]["Bandwidth"] for eip in eips] == ["50", "300", "300"]
    assert {rows[eip]["EipBandwidth"] for eip in eips} == {"5"}
    sdk.vpc("CancelCommonBandwidthPackageIpBandwidth", **named, EipId=eips[0])
    (row,) = sdk.vpc("DescribeCommonBandwidthPackages", Tag=TAGS)["CommonBandwidthPackages"]["CommonBandwidthPackage"]
    assert (row["Name"], row["Bandwidth"], len(row["PublicIpAddresses"]["PublicIpAddresse"])) == ("all", "300", 3)
    sdk.vpc("RemoveCommonBandwidthPackageIp", **named, IpInstanceId=eips[0])
    with pytest.raises(Refused, match="DependencyViolation"):
        sdk.vpc("DeleteCommonBandwidthPackage", **named)
    sdk.vpc("DeleteCommonBandwidthPackage", **named, Force="true")
    rows = {row["AllocationId"]: row for row in sdk.vpc("DescribeEipAddresses")["EipAddresses"]["EipAddress"]}
    assert {row["Bandwidth"] for row in rows.values()} == {"5"}
