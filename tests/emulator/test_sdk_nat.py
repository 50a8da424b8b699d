"""NAT gateways with their SNAT and DNAT entries through the official SDK."""

from __future__ import annotations

from typing import Any

import pytest

from .sdk import ZONE, Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]


def make(sdk: Sdk, network: Network, **more: Any) -> dict[str, Any]:
    order = {
        "VpcId": network.vpc,
        "VSwitchId": network.vswitch,
        "Name": "out",
        "NatType": "Enhanced",
        "Tag": TAGS,
        **more,
    }
    made = sdk.vpc("CreateNatGateway", **order)
    sdk.settle()
    return made


def bound_eip(sdk: Sdk, gateway: str) -> dict[str, Any]:
    eip = sdk.vpc("AllocateEipAddress", Bandwidth="5", InternetChargeType="PayByTraffic")
    sdk.vpc("AssociateEipAddress", AllocationId=eip["AllocationId"], InstanceId=gateway, InstanceType="Nat")
    sdk.settle()
    return eip


def test_a_gateway_from_creation_to_its_end(sdk: Sdk, network: Network) -> None:
    order = {"VpcId": network.vpc, "VSwitchId": network.vswitch, "NatIp": "10.0.5.5", "Description": "of web"}
    gateway = sdk.vpc("CreateNatGateway", Tag=TAGS, **order)["NatGatewayId"]
    assert sdk.vpc("DescribeNatGateways", Status="Creating")["TotalCount"] == 1
    with pytest.raises(Refused, match=r"IncorrectStatus\.NATGW"):
        sdk.vpc("DeleteNatGateway", NatGatewayId=gateway)
    sdk.settle()
    sdk.vpc("ModifyNatGatewayAttribute", NatGatewayId=gateway, Name="exit", Description="of the web", EipBindMode="NAT")
    (row,) = sdk.vpc("DescribeNatGateways", Tag=TAGS)["NatGateways"]["NatGateway"]
    assert (row["Name"], row["Status"], row["EipBindMode"]) == ("exit", "Available", "NAT")
    assert row["NatGatewayPrivateInfo"]["PrivateIpAddress"] == "10.0.5.5"
    with pytest.raises(Refused, match="Duplicated"):
        network.run(PrivateIpAddress="10.0.5.5")
    attribute = sdk.vpc("GetNatGatewayAttribute", NatGatewayId=gateway)
    assert attribute["PrivateInfo"]["VswitchId"] == network.vswitch
    with pytest.raises(Refused, match="DependencyViolation"):
        sdk.vpc("DeleteVSwitch", VSwitchId=network.vswitch)
    sdk.vpc("DeletionProtection", Type="NATGW", InstanceId=gateway, ProtectionEnable=True)
    with pytest.raises(Refused, match="DeletionProtection"):
        sdk.vpc("DeleteNatGateway", NatGatewayId=gateway)
    sdk.vpc("DeletionProtection", Type="NATGW", InstanceId=gateway, ProtectionEnable=False)
    sdk.vpc("DeleteNatGateway", NatGatewayId=gateway)
    sdk.settle()
    assert sdk.vpc("DescribeNatGateways")["TotalCount"] == 0
    assert ZONE in {zone["ZoneId"] for zone in sdk.vpc("ListEnhanhcedNatGatewayAvailableZones")["Zones"]}


def test_the_first_gateway_is_the_way_out(sdk: Sdk, network: Network) -> None:
    gateway = make(sdk, network)["NatGatewayId"]
    (table,) = sdk.vpc("DescribeVpcs", VpcId=network.vpc)["Vpcs"]["Vpc"][0]["RouterTableIds"]["RouterTableIds"]
    rows = sdk.vpc("DescribeRouteEntryList", RouteTableId=table, NextHopId=gateway)["RouteEntrys"]["RouteEntry"]
    assert [row["DestinationCidrBlock"] for row in rows] == ["0.0.0.0/0"]
    make(sdk, network)
    sdk.vpc("DeleteNatGateway", NatGatewayId=gateway)
    sdk.settle()
    assert sdk.vpc("DescribeRouteEntryList", RouteTableId=table, NextHopId=gateway)["TotalCount"] == 0


def test_snat_entries_use_the_gateways_eips(sdk: Sdk, network: Network) -> None:
    made = make(sdk, network)
    gateway, (table,) = made["NatGatewayId"], made["SnatTableIds"]["SnatTableId"]
    eip = bound_eip(sdk, gateway)
    order = {"SnatTableId": table, "SourceVSwitchId": network.vswitch, "SnatEntryName": "web"}
    with pytest.raises(Refused, match="EIP_NOT_IN_GATEWAY"):
        sdk.vpc("CreateSnatEntry", SnatIp="1.2.3.4", **order)
    entry = sdk.vpc("CreateSnatEntry", SnatIp=eip["EipAddress"], **order)["SnatEntryId"]
    with pytest.raises(Refused, match="IncorretSnatEntryStatus"):
        sdk.vpc("ModifySnatEntry", SnatTableId=table, SnatEntryId=entry, SnatEntryName="app")
    sdk.settle()
    second = bound_eip(sdk, gateway)
    both = f"{eip['EipAddress']},{second['EipAddress']}"
    sdk.vpc("ModifySnatEntry", SnatTableId=table, SnatEntryId=entry, SnatEntryName="app", SnatIp=both, EipAffinity=1)
    (row,) = sdk.vpc("DescribeSnatTableEntries", NatGatewayId=gateway)["SnatTableEntries"]["SnatTableEntry"]
    assert (row["SnatEntryName"], row["SnatIp"], row["SourceCIDR"]) == ("app", both, "10.0.0.0/16")
    (shown,) = sdk.vpc("DescribeNatGateways", NatGatewayId=gateway)["NatGateways"]["NatGateway"]
    assert {ip["UsingStatus"] for ip in shown["IpLists"]["IpList"]} == {"UsedBySnatTable"}
    with pytest.raises(Refused, match="HasBeenUsedBySnatTable"):
        sdk.vpc("UnassociateEipAddress", AllocationId=eip["AllocationId"])
    with pytest.raises(Refused, match=r"DependencyViolation\.SnatEntry"):
        sdk.vpc("DeleteNatGateway", NatGatewayId=gateway)
    sdk.vpc("DeleteSnatEntry", SnatTableId=table, SnatEntryId=entry)
    sdk.settle()
    assert sdk.vpc("DescribeSnatTableEntries", SnatTableId=table)["TotalCount"] == 0
    with pytest.raises(Refused, match=r"DependencyViolation\.EIPS"):
        sdk.vpc("DeleteNatGateway", NatGatewayId=gateway)


def test_dnat_entries_lead_inside(sdk: Sdk, network: Network) -> None:
    made = make(sdk, network)
    gateway, (table,) = made["NatGatewayId"], made["ForwardTableIds"]["ForwardTableId"]
    eip = bound_eip(sdk, gateway)
    rule = {"ExternalIp": eip["EipAddress"], "ExternalPort": "80", "InternalIp": "10.0.0.9", "InternalPort": "8080"}
    named = {"ForwardTableId": table, "IpProtocol": "TCP"}
    entry = sdk.vpc("CreateForwardEntry", ForwardEntryName="web", **rule, **named)["ForwardEntryId"]
    sdk.settle()
    wrongs: list[tuple[dict[str, str], str]] = [
        ({}, "Duplicated"),
        ({"InternalIp": "192.168.0.1"}, "InternalIp"),
        ({"ExternalIp": "1.2.3.4"}, "NotInNatgw"),
        ({"ExternalPort": "0"}, "ExternalPort"),
    ]
    for wrong, code in wrongs:
        with pytest.raises(Refused, match=code):
            sdk.vpc("CreateForwardEntry", **{**rule, **wrong}, **named)
    sdk.vpc(
        "ModifyForwardEntry", ForwardTableId=table, ForwardEntryId=entry, InternalPort="8081", ForwardEntryName="app"
    )
    (row,) = sdk.vpc("DescribeForwardTableEntries", ForwardTableId=table)["ForwardTableEntries"]["ForwardTableEntry"]
    assert (row["InternalPort"], row["ForwardEntryName"], row["IpProtocol"]) == ("8081", "app", "tcp")
    attribute = sdk.vpc("GetNatGatewayAttribute", NatGatewayId=gateway)
    assert attribute["ForwardTable"]["ForwardEntryCount"] == 1
    assert attribute["IpList"][0]["UsingStatus"] == "UsedByForwardTable"
    sdk.vpc("DeleteForwardEntry", ForwardTableId=table, ForwardEntryId=entry)
    sdk.settle()
    assert sdk.vpc("DescribeForwardTableEntries", NatGatewayId=gateway)["TotalCount"] == 0


def test_force_takes_entries_along_and_frees_eips(sdk: Sdk, network: Network) -> None:
    made = make(sdk, network)
    eip = bound_eip(sdk, made["NatGatewayId"])
    (table,) = made["SnatTableIds"]["SnatTableId"]
    sdk.vpc("CreateSnatEntry", SnatTableId=table, SnatIp=eip["EipAddress"], SourceCIDR="10.0.0.0/24")
    sdk.settle()
    sdk.vpc("DeleteNatGateway", NatGatewayId=made["NatGatewayId"], Force=True)
    sdk.settle()
    (row,) = sdk.vpc("DescribeEipAddresses")["EipAddresses"]["EipAddress"]
    assert (row["Status"], row["InstanceId"]) == ("Available", "")


def test_several_eips_at_once(sdk: Sdk, network: Network) -> None:
    gateway = make(sdk, network)["NatGatewayId"]
    ids = [sdk.vpc("AllocateEipAddress", Bandwidth="5")["AllocationId"] for _ in range(3)]
    sdk.vpc("AssociateEipAddressBatch", InstanceIds=ids, BindedInstanceId=gateway, BindedInstanceType="Nat")
    sdk.settle()
    assert sdk.vpc("DescribeEipAddresses", Status="InUse", AssociatedInstanceId=gateway,
                   AssociatedInstanceType="Nat")["TotalCount"] == 3  # fmt: skip


def test_a_gateway_inside_a_vpc(sdk: Sdk, network: Network) -> None:
    made = make(sdk, network, NetworkType="intranet")
    (row,) = sdk.vpc("DescribeNatGateways", NetworkType="intranet")["NatGateways"]["NatGateway"]
    (table,) = made["SnatTableIds"]["SnatTableId"]
    address = row["NatGatewayPrivateInfo"]["PrivateIpAddress"]
    sdk.vpc("CreateSnatEntry", SnatTableId=table, SnatIp=address, SourceVSwitchId=network.vswitch)
    assert sdk.vpc("DescribeSnatTableEntries", SnatTableId=table)["TotalCount"] == 1
