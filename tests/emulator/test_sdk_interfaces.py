"""Network interfaces, their addresses and permissions, and prefix lists through the official SDK."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

import pytest

from .sdk import Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]


def make(sdk: Sdk, network: Network, **more: Any) -> str:
    order = {"VSwitchId": network.vswitch, "SecurityGroupIds": [network.group], "Tag": TAGS, **more}
    made = sdk.ecs("CreateNetworkInterface", **order)["NetworkInterfaceId"]
    sdk.settle()
    return str(made)


def eni_of(sdk: Sdk, eni: str) -> dict[str, Any]:
    (row,) = sdk.ecs("DescribeNetworkInterfaces", NetworkInterfaceId=[eni])["NetworkInterfaceSets"][
        "NetworkInterfaceSet"
    ]
    return dict(row)


def secondary(row: dict[str, Any]) -> list[str]:
    return [ip["PrivateIpAddress"] for ip in row["PrivateIpSets"]["PrivateIpSet"] if not ip["Primary"]]


def test_an_interface_from_creation_to_its_end(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    named = {"NetworkInterfaceName": "second", "Description": "of web", "PrimaryIpAddress": "10.0.7.7"}
    made = sdk.ecs(
        "CreateNetworkInterface", VSwitchId=network.vswitch, SecurityGroupId=network.group, Tag=TAGS, **named
    )
    assert (made["Status"], made["PrivateIpAddress"]) == ("Creating", "10.0.7.7")
    eni = made["NetworkInterfaceId"]
    sdk.settle()
    sdk.ecs("AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)
    assert eni_of(sdk, eni)["Status"] == "Attaching"
    sdk.settle()
    row = eni_of(sdk, eni)
    assert (row["Status"], row["Attachment"]["InstanceId"], row["Attachment"]["DeviceIndex"]) == ("InUse", instance, 1)
    other = sdk.ecs("CreateSecurityGroup", VpcId=network.vpc)["SecurityGroupId"]
    sdk.ecs("ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni, NetworkInterfaceName="back", SecurityGroupId=[
        other
    ])  # fmt: skip
    row = sdk.ecs("DescribeNetworkInterfaceAttribute", NetworkInterfaceId=eni)
    assert (row["NetworkInterfaceName"], row["SecurityGroupIds"]["SecurityGroupId"]) == ("back", [other])
    with pytest.raises(Refused, match="InvalidEniState"):
        sdk.ecs("DeleteNetworkInterface", NetworkInterfaceId=eni)
    sdk.ecs("DetachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)
    sdk.settle()
    sdk.ecs("DeleteNetworkInterface", NetworkInterfaceId=eni)
    sdk.settle()
    assert sdk.ecs("DescribeNetworkInterfaces", Tag=TAGS)["TotalCount"] == 0


def test_the_primary_interface_goes_with_its_machine(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    (row,) = sdk.ecs("DescribeNetworkInterfaces", InstanceId=instance)["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    assert row["Type"] == "Primary"
    for action in ("DeleteNetworkInterface", "DetachNetworkInterface"):
        params = {"InstanceId": instance} if action.startswith("Detach") else {}
        with pytest.raises(Refused, match="InvalidEniType"):
            sdk.ecs(action, NetworkInterfaceId=row["NetworkInterfaceId"], **params)
    sdk.ecs("DeleteInstance", InstanceId=instance, Force=True)
    sdk.settle()
    assert sdk.ecs("DescribeNetworkInterfaces")["TotalCount"] == 0


def test_interfaces_come_page_by_page(sdk: Sdk, network: Network) -> None:
    ids = [make(sdk, network) for _ in range(12)]
    first = sdk.ecs("DescribeNetworkInterfaces", MaxResults=10, VSwitchId=network.vswitch)
    rest = sdk.ecs("DescribeNetworkInterfaces", MaxResults=10, VSwitchId=network.vswitch, NextToken=first["NextToken"])
    rows = [row for body in (first, rest) for row in body["NetworkInterfaceSets"]["NetworkInterfaceSet"]]
    assert [row["NetworkInterfaceId"] for row in rows] == ids[::-1]
    address = rows[0]["PrivateIpAddress"]
    assert sdk.ecs("DescribeNetworkInterfaces", PrivateIpAddress=[address])["TotalCount"] == 1
    assert sdk.ecs("DescribeNetworkInterfaces", SecurityGroupId=network.group, PageSize=50)["TotalCount"] == 12


def test_secondary_addresses_stay_in_the_vswitch(sdk: Sdk, network: Network) -> None:
    eni = make(sdk, network, PrivateIpAddress=["10.0.8.1"])
    given = sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount=2)
    new = given["AssignedPrivateIpAddressesSet"]["PrivateIpSet"]["PrivateIpAddress"]
    assert secondary(eni_of(sdk, eni)) == ["10.0.8.1", *new]
    assert all(IPv4Address(address) in IPv4Network("10.0.0.0/16") for address in new)
    for wrong, code in (("10.9.0.1", "Malformed"), ("10.0.8.1", "Duplicated")):
        with pytest.raises(Refused, match=code):
            sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress=[wrong])
    sdk.ecs("UnassignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress=new)
    row = eni_of(sdk, eni)
    assert secondary(row) == ["10.0.8.1"]
    with pytest.raises(Refused, match="PrimaryPrivateIp"):
        sdk.ecs("UnassignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress=[row["PrivateIpAddress"]])
    with pytest.raises(Refused, match="IpUnassigned"):
        sdk.ecs("UnassignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress=["10.0.8.9"])


def test_a_type_takes_so_many_interfaces_and_addresses(sdk: Sdk, network: Network) -> None:
    """ecs.g7.large: three interfaces with six addresses each."""
    (instance,) = network.run()
    enis = [make(sdk, network) for _ in range(3)]
    for eni in enis[:2]:
        sdk.ecs("AttachNetworkInterface", NetworkInterfaceId=eni, InstanceId=instance)
        sdk.settle()
    with pytest.raises(Refused, match="EniPerInstanceLimitExceeded"):
        sdk.ecs("AttachNetworkInterface", NetworkInterfaceId=enis[2], InstanceId=instance)
    sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=enis[0], SecondaryPrivateIpAddressCount=5)
    with pytest.raises(Refused, match="LimitExceeded"):
        sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=enis[0], SecondaryPrivateIpAddressCount=1)
    assert len(secondary(eni_of(sdk, enis[0]))) == 5


def test_ipv6_addresses(sdk: Sdk, network: Network) -> None:
    (vswitch,) = sdk.vpc("DescribeVSwitches", VpcId=network.vpc)["VSwitches"]["VSwitch"]
    block = IPv6Network(vswitch["Ipv6CidrBlock"])
    eni = make(sdk, network, Ipv6AddressCount=1)
    wanted = str(block[77])
    given = sdk.ecs("AssignIpv6Addresses", NetworkInterfaceId=eni, Ipv6Address=[wanted])
    assert given["Ipv6Sets"]["Ipv6Address"] == [wanted]
    held = [item["Ipv6Address"] for item in eni_of(sdk, eni)["Ipv6Sets"]["Ipv6Set"]]
    assert len(held) == 2
    assert all(IPv6Address(address) in block for address in held)
    assert sdk.ecs("DescribeNetworkInterfaces", Ipv6Address=[wanted])["TotalCount"] == 1
    with pytest.raises(Refused, match="IpAssigned"):
        sdk.ecs("AssignIpv6Addresses", NetworkInterfaceId=make(sdk, network), Ipv6Address=[wanted])
    sdk.ecs("UnassignIpv6Addresses", NetworkInterfaceId=eni, Ipv6Address=held)
    assert eni_of(sdk, eni)["Ipv6Sets"] == {"Ipv6Set": []}


def test_an_eip_shows_on_its_interface(sdk: Sdk, network: Network) -> None:
    eni = make(sdk, network)
    eip = sdk.vpc("AllocateEipAddress", Bandwidth="5")
    sdk.vpc("AssociateEipAddress", AllocationId=eip["AllocationId"], InstanceId=eni, InstanceType="NetworkInterface")
    sdk.settle()
    shown = {"AllocationId": eip["AllocationId"], "PublicIpAddress": eip["EipAddress"]}
    assert eni_of(sdk, eni)["AssociatedPublicIp"] == shown
    assert sdk.ecs("DescribeNetworkInterfaceAttribute", NetworkInterfaceId=eni)["AssociatedPublicIp"] == shown
    with pytest.raises(Refused, match="EniAssociatedEip"):
        sdk.ecs("DeleteNetworkInterface", NetworkInterfaceId=eni)


def test_permissions(sdk: Sdk, network: Network) -> None:
    eni = make(sdk, network)
    order = {"NetworkInterfaceId": eni, "AccountId": 42, "Permission": "InstanceAttach"}
    made = sdk.ecs("CreateNetworkInterfacePermission", **order)["NetworkInterfacePermission"]
    with pytest.raises(Refused, match="AlreadyExists"):
        sdk.ecs("CreateNetworkInterfacePermission", **order)
    (row,) = sdk.ecs("DescribeNetworkInterfacePermissions", NetworkInterfaceId=eni)["NetworkInterfacePermissions"][
        "NetworkInterfacePermission"
    ]
    assert row == made
    wanted = made["NetworkInterfacePermissionId"]
    sdk.ecs("DeleteNetworkInterfacePermission", NetworkInterfacePermissionId=wanted)
    assert sdk.ecs("DescribeNetworkInterfacePermissions", NetworkInterfacePermissionId=[wanted])["TotalCount"] == 0


# Prefix lists


def prefixes(sdk: Sdk, name: str = "office", **more: Any) -> str:
    entries = [{"Cidr": "10.0.0.1", "Description": "door"}, {"Cidr": "10.2.3.4/16"}]
    order = {"AddressFamily": "IPv4", "MaxEntries": 3, "Entry": entries, "Description": "of web", "Tag": TAGS, **more}
    return str(sdk.ecs("CreatePrefixList", PrefixListName=name, **order)["PrefixListId"])


def blocks(sdk: Sdk, prefix_list: str) -> dict[str, str]:
    entries = sdk.ecs("DescribePrefixListAttributes", PrefixListId=prefix_list)["Entries"]["Entry"]
    return {entry["Cidr"]: entry["Description"] for entry in entries}


def test_a_prefix_list_keeps_canonical_blocks(sdk: Sdk) -> None:
    made = prefixes(sdk)
    assert blocks(sdk, made) == {"10.0.0.1/32": "door", "10.2.0.0/16": ""}
    gate = [{"Cidr": "10.0.0.1/32", "Description": "gate"}]
    sdk.ecs("ModifyPrefixList", PrefixListId=made, PrefixListName="offices", AddEntry=gate)
    assert blocks(sdk, made)["10.0.0.1/32"] == "gate"
    with pytest.raises(Refused, match="Duplicated"):
        sdk.ecs("ModifyPrefixList", PrefixListId=made, AddEntry=gate, RemoveEntry=[{"Cidr": "10.0.0.1"}])
    with pytest.raises(Refused, match="MaxEntriesExceeded"):
        sdk.ecs("ModifyPrefixList", PrefixListId=made, AddEntry=[{"Cidr": f"10.3.{n}.0/24"} for n in range(2)])
    (row,) = sdk.ecs("DescribePrefixLists", Tag=TAGS)["PrefixLists"]["PrefixList"]
    assert (row["PrefixListName"], row["MaxEntries"], row["AssociationCount"]) == ("offices", 3, 0)
    sdk.ecs("DeletePrefixList", PrefixListId=made)
    assert sdk.ecs("DescribePrefixLists")["PrefixLists"] == {"PrefixList": []}


def test_a_list_stays_while_rules_refer_to_it(sdk: Sdk, network: Network) -> None:
    made = prefixes(sdk)
    groups = [sdk.ecs("CreateSecurityGroup", VpcId=network.vpc)["SecurityGroupId"] for _ in range(12)]
    rule = {"IpProtocol": "tcp", "PortRange": "22/22", "SourcePrefixListId": made}
    for group in groups:
        sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[rule])
    first = sdk.ecs("DescribePrefixListAssociations", PrefixListId=made)
    rest = sdk.ecs("DescribePrefixListAssociations", PrefixListId=made, NextToken=first["NextToken"])
    rows = [row for body in (first, rest) for row in body["PrefixListAssociations"]["PrefixListAssociation"]]
    assert sorted(row["ResourceId"] for row in rows) == sorted(groups)
    with pytest.raises(Refused, match="DependencyViolation"):
        sdk.ecs("DeletePrefixList", PrefixListId=made)
    for group in groups:
        sdk.ecs("RevokeSecurityGroup", SecurityGroupId=group, Permissions=[rule])
    sdk.ecs("DeletePrefixList", PrefixListId=made)


def test_lists_come_page_by_page(sdk: Sdk) -> None:
    for number in range(12):
        prefixes(sdk, f"office-{number}")
    first = sdk.ecs("DescribePrefixLists", MaxResults=10)
    rest = sdk.ecs("DescribePrefixLists", MaxResults=10, NextToken=first["NextToken"])
    assert len(rest["PrefixLists"]["PrefixList"]) == 2
    assert len(sdk.ecs("DescribePrefixLists", PrefixListName="office-11")["PrefixLists"]["PrefixList"]) == 1


def blocks_of(row: dict[str, Any], family: str) -> list[str]:
    return [item[f"{family}Prefix"] for item in row[f"{family}PrefixSets"][f"{family}PrefixSet"]]


def test_a_prefix_takes_sixteen_addresses(sdk: Sdk, network: Network) -> None:
    (vswitch,) = sdk.vpc("DescribeVSwitches", VpcId=network.vpc)["VSwitches"]["VSwitch"]
    eni = make(sdk, network, Ipv4PrefixCount=1, Ipv6PrefixCount=1)
    given = sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, Ipv4Prefix=["10.0.3.16/28"])
    assert given["AssignedPrivateIpAddressesSet"]["Ipv4PrefixSet"] == {"Ipv4Prefixes": ["10.0.3.16/28"]}
    more = sdk.ecs("AssignIpv6Addresses", NetworkInterfaceId=eni, Ipv6PrefixCount=1)["Ipv6PrefixSets"]["Ipv6Prefix"]
    row = eni_of(sdk, eni)
    blocks4, blocks6 = blocks_of(row, "Ipv4"), blocks_of(row, "Ipv6")
    assert (len(blocks4), len(blocks6), blocks6[1:]) == (2, 2, more)
    assert all(IPv4Network(block).subnet_of(IPv4Network("10.0.0.0/16")) for block in blocks4)
    assert all(IPv6Network(block).subnet_of(IPv6Network(vswitch["Ipv6CidrBlock"])) for block in blocks6)
    free = sdk.vpc("DescribeVSwitchAttributes", VSwitchId=network.vswitch)["AvailableIpAddressCount"]
    with pytest.raises(Refused, match="Duplicated"):
        make(sdk, network, PrimaryIpAddress="10.0.3.20")
    with pytest.raises(Refused, match="IpAssigned"):
        sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, Ipv4Prefix=["10.0.3.16/28"])
    sdk.ecs("UnassignPrivateIpAddresses", NetworkInterfaceId=eni, Ipv4Prefix=blocks4)
    sdk.ecs("UnassignIpv6Addresses", NetworkInterfaceId=eni, Ipv6Prefix=blocks6)
    row = eni_of(sdk, eni)
    assert blocks_of(row, "Ipv4") == blocks_of(row, "Ipv6") == []
    after = sdk.vpc("DescribeVSwitchAttributes", VSwitchId=network.vswitch)["AvailableIpAddressCount"]
    assert after == free + 32


def test_a_list_counts_by_its_room_in_every_group(sdk: Sdk, network: Network) -> None:
    """200 rules a group by default: one list of 199 entries leaves room for one more rule."""
    made = prefixes(sdk, MaxEntries=199)
    given = [{"IpProtocol": "tcp", "PortRange": "22/22", "SourcePrefixListId": made},
             {"IpProtocol": "tcp", "PortRange": "80/80", "SourceCidrIp": "10.0.0.0/8"}]  # fmt: skip
    sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=network.group, Permissions=given)
    with pytest.raises(Refused, match="QuotaExceed"):
        sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=network.group, Permissions=[
            {"IpProtocol": "tcp", "PortRange": "81/81", "SourceCidrIp": "10.0.0.0/8"}
        ])  # fmt: skip
