"""Network ACLs, virtual addresses, port lists and clones of disks through the official SDKs."""

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
