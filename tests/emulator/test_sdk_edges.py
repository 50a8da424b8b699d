"""Network ACLs, virtual addresses, IPv6 gateways, port lists and clones of disks through the official SDKs."""

from __future__ import annotations

from .sdk import ZONE, Network, Sdk

TAGS = [{"Key": "team", "Value": "web"}]
RULE = {"Protocol": "tcp", "Policy": "accept", "Port": "80/80", "SourceCidrIp": "0.0.0.0/0", "Description": "web"}


def test_an_acl_from_creation_to_its_end(sdk: Sdk, network: Network) -> None:
    order = {"VpcId": network.vpc, "NetworkAclName": "web", "Description": "of web", "Tag": TAGS}
    made = sdk.vpc("CreateNetworkAcl", **order)
    acl = made["NetworkAclId"]
    assert made["NetworkAclAttribute"]["Status"] == "Modifying"
    sdk.settle()
    sdk.vpc("UpdateNetworkAclEntries", NetworkAclId=acl, UpdateIngressAclEntries=True, IngressAclEntries=[RULE])
    sdk.settle()
    bound = [{"ResourceId": network.vswitch, "ResourceType": "VSwitch"}]
    sdk.vpc("AssociateNetworkAcl", NetworkAclId=acl, Resource=bound)
    sdk.settle()
    (row,) = sdk.vpc("DescribeNetworkAcls", ResourceId=network.vswitch, ResourceType="VSwitch")["NetworkAcls"][
        "NetworkAcl"
    ]
    assert row["Resources"]["Resource"][0]["Status"] == "BINDED"
    other = sdk.vpc("CreateNetworkAcl", VpcId=network.vpc)["NetworkAclId"]
    sdk.settle()
    sdk.vpc("CopyNetworkAclEntries", NetworkAclId=other, SourceNetworkAclId=acl)
    sdk.vpc("ModifyNetworkAclAttributes", NetworkAclId=other, NetworkAclName="copy")
    found = sdk.vpc("DescribeNetworkAclAttributes", NetworkAclId=other)["NetworkAclAttribute"]
    assert (found["NetworkAclName"], found["IngressAclEntries"]["IngressAclEntry"][0]["Port"]) == ("copy", "80/80")
    sdk.vpc("UnassociateNetworkAcl", NetworkAclId=acl, Resource=bound)
    sdk.settle()
    for one in (acl, other):
        sdk.vpc("DeleteNetworkAcl", NetworkAclId=one)
    assert sdk.vpc("DescribeNetworkAcls")["TotalCount"] == "0"


def test_a_virtual_address_from_creation_to_its_end(sdk: Sdk, network: Network) -> None:
    vip = sdk.vpc("CreateHaVip", VSwitchId=network.vswitch, Name="front", Tag=TAGS)["HaVipId"]
    (machine,) = network.run()
    sdk.vpc("ModifyHaVipAttribute", HaVipId=vip, Name="door", Description="to the shop")
    sdk.vpc("AssociateHaVip", HaVipId=vip, InstanceId=machine)
    eip = sdk.vpc("AllocateEipAddress", Bandwidth="5")["AllocationId"]
    sdk.settle()
    sdk.vpc("AssociateEipAddress", AllocationId=eip, InstanceId=vip, InstanceType="HaVip")
    sdk.settle()
    (row,) = sdk.vpc("DescribeHaVips", Filter=[{"Key": "Status", "Value": ["InUse"]}])["HaVips"]["HaVip"]
    assert (row["Name"], row["MasterInstanceId"]) == ("door", machine)
    sdk.vpc("UnassociateEipAddress", AllocationId=eip, InstanceId=vip, InstanceType="HaVip")
    sdk.vpc("UnassociateHaVip", HaVipId=vip, InstanceId=machine, Force="True")
    sdk.settle()
    sdk.vpc("DeleteHaVip", HaVipId=vip)
    sdk.settle()
    assert sdk.vpc("DescribeHaVips")["TotalCount"] == 0


def test_an_ipv6_gateway_and_the_bandwidth_of_an_address(sdk: Sdk) -> None:
    vpc = sdk.vpc("CreateVpc", CidrBlock="10.0.0.0/16", EnableIpv6=True)["VpcId"]
    sdk.settle()
    vswitch = sdk.vpc("CreateVSwitch", VpcId=vpc, ZoneId=ZONE, CidrBlock="10.0.1.0/24", Ipv6CidrBlock=1)["VSwitchId"]
    group = sdk.ecs("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    sdk.settle()
    order = {
        "InstanceType": "ecs.g7.large",
        "ImageId": "ubuntu_22_04_x64_20G_alibase_20260522.vhd",
        "VSwitchId": vswitch,
        "SecurityGroupId": group,
    }
    (machine,) = sdk.ecs("RunInstances", Ipv6AddressCount=1, **order)["InstanceIdSets"]["InstanceIdSet"]
    made = sdk.vpc("CreateIpv6Gateway", VpcId=vpc, Name="way out", Description="of web", Tag=TAGS)
    gateway = made["Ipv6GatewayId"]
    sdk.settle()
    sdk.vpc("ModifyIpv6GatewayAttribute", Ipv6GatewayId=gateway, Name="door")
    (address,) = sdk.vpc("DescribeIpv6Addresses", AssociatedInstanceId=machine)["Ipv6Addresses"]["Ipv6Address"]
    assert (address["NetworkType"], address["AssociatedInstanceType"]) == ("Private", "EcsInstance")
    order = {"Ipv6AddressId": address["Ipv6AddressId"], "InternetChargeType": "PayByTraffic"}
    bandwidth = sdk.vpc("AllocateIpv6InternetBandwidth", Bandwidth=10, **order)["InternetBandwidthId"]
    sdk.vpc("ModifyIpv6InternetBandwidth", Ipv6InternetBandwidthId=bandwidth, Bandwidth=20)
    (address,) = sdk.vpc("DescribeIpv6Addresses", NetworkType="Public")["Ipv6Addresses"]["Ipv6Address"]
    assert (address["Ipv6GatewayId"], address["Ipv6InternetBandwidth"]["Bandwidth"]) == (gateway, 20)
    (row,) = sdk.vpc("DescribeIpv6Gateways", VpcId=vpc)["Ipv6Gateways"]["Ipv6Gateway"]
    assert (row["Name"], row["Status"]) == ("door", "Available")
    assert sdk.vpc("DescribeIpv6GatewayAttribute", Ipv6GatewayId=gateway)["VpcId"] == vpc
    sdk.vpc("DeleteIpv6InternetBandwidth", Ipv6AddressId=address["Ipv6AddressId"])
    sdk.vpc("DeleteIpv6Gateway", Ipv6GatewayId=gateway)
    sdk.settle()
    assert sdk.vpc("DescribeIpv6Gateways")["TotalCount"] == 0


def test_port_lists(sdk: Sdk, network: Network) -> None:
    entries = [{"PortRange": "80/80", "Description": "web"}]
    order = {"PortRangeListName": "web", "MaxEntries": 2, "Entry": entries, "Tag": TAGS}
    lists = [sdk.ecs("CreatePortRangeList", **order)["PortRangeListId"] for _ in range(2)]
    for ports in lists:
        for group in (network.group, sdk.ecs("CreateSecurityGroup", VpcId=network.vpc)["SecurityGroupId"]):
            rule = {"IpProtocol": "TCP", "PortRangeListId": ports, "SourceCidrIp": "10.0.0.0/8"}
            sdk.ecs("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[rule])
    first = sdk.ecs("DescribePortRangeLists", MaxResults=1)
    assert first["NextToken"] and first["PortRangeLists"][0]["AssociationCount"] == 2
    used = sdk.ecs("DescribePortRangeListAssociations", PortRangeListId=lists[0], MaxResults=1)
    assert used["NextToken"] and used["PortRangeListAssociations"][0]["ResourceType"] == "SecurityGroup"
    sdk.ecs("ModifyPortRangeList", PortRangeListId=lists[0], AddEntry=[{"PortRange": "443/443"}])
    assert len(sdk.ecs("DescribePortRangeListEntries", PortRangeListId=lists[0])["Entries"]) == 2
    bare = sdk.ecs("CreatePortRangeList", **order)["PortRangeListId"]
    sdk.ecs("DeletePortRangeList", PortRangeListId=bare)


def test_a_clone(sdk: Sdk) -> None:
    source = sdk.ecs("CreateDisk", ZoneId=ZONE, DiskCategory="cloud_essd", Size=40)["DiskId"]
    sdk.settle()
    order = {"SourceDiskId": source, "DiskCategory": "cloud_essd", "MultiAttach": "Disabled", "Size": 40}
    group = sdk.ecs("CloneDisks", Tag=TAGS, **order)["TaskGroupId"]
    assert sdk.ecs("DescribeTasks", TaskGroupId=group)["TotalCount"] == 1
