"""Network ACLs, virtual addresses, port lists and clones of disks, as the API's documents have them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.client import Client, Failed, World

ANYTHING = {"Protocol": "all", "Policy": "accept", "Port": "-1/-1"}


def acl_of(client: Client, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = client.vpc("DescribeNetworkAclAttributes", NetworkAclId=id_)["NetworkAclAttribute"]
    return found


@pytest.fixture
def acl(world: World) -> str:
    order = {"VpcId": world.vpc, "NetworkAclName": "web", "Tag": [{"Key": "team", "Value": "web"}]}
    made: str = world.client.vpc("CreateNetworkAcl", **order)["NetworkAclId"]
    world.client.settle()
    return made


def test_a_direction_of_an_acl_is_replaced_at_once_and_in_order(world: World, acl: str) -> None:
    """UpdateNetworkAclEntries: without its switch a list is not looked at."""
    drop = {"Protocol": "tcp", "Policy": "drop", "Port": "22/22", "SourceCidrIp": "0.0.0.0/0"}
    rules = [drop, {**ANYTHING, "SourceCidrIp": "10.0.0.0/8"}]
    world.client.vpc(
        "UpdateNetworkAclEntries", NetworkAclId=acl, UpdateIngressAclEntries=True, IngressAclEntries=rules,
        EgressAclEntries=[{**ANYTHING, "DestinationCidrIp": "10.9.0.0/16"}],
    )  # fmt: skip
    assert acl_of(world.client, acl)["Status"] == "Modifying"
    with pytest.raises(Failed, match="IncorrectStatus"):
        world.client.vpc("UpdateNetworkAclEntries", NetworkAclId=acl)
    world.client.settle()
    found = acl_of(world.client, acl)
    assert [rule["Port"] for rule in found["IngressAclEntries"]["IngressAclEntry"]] == ["22/22", "-1/-1"]
    (out,) = found["EgressAclEntries"]["EgressAclEntry"]
    assert (found["Status"], out["DestinationCidrIp"], out["EntryType"]) == ("Available", "0.0.0.0/0", "custom")


@pytest.mark.parametrize(
    "rule",
    [
        {**ANYTHING, "Protocol": "sctp", "SourceCidrIp": "0.0.0.0/0"},
        {**ANYTHING, "Policy": "Accept", "SourceCidrIp": "0.0.0.0/0"},
        {**ANYTHING, "Protocol": "tcp", "SourceCidrIp": "0.0.0.0/0"},
        {**ANYTHING, "EntryType": "system", "SourceCidrIp": "0.0.0.0/0"},
        {**ANYTHING, "SourceCidrIp": "10.0.0.300"},
    ],
)
def test_rules_of_an_acl_that_cannot_be(world: World, acl: str, rule: dict[str, Any]) -> None:
    with pytest.raises(Failed, match=r"Invalid(Parameter|Protocol)"):
        world.client.vpc("UpdateNetworkAclEntries", NetworkAclId=acl, UpdateIngressAclEntries=True,
                         IngressAclEntries=[rule])  # fmt: skip


def test_a_vswitch_has_one_acl_and_is_not_deleted_with_it(world: World, acl: str) -> None:
    """AssociateNetworkAcl: BINDING, BINDED, UNBINDING, gone; NetworkAclExistBinding."""
    client, bound = world.client, [{"ResourceId": world.vswitch, "ResourceType": "VSwitch"}]

    def statuses() -> list[str]:
        return [one["Status"] for one in acl_of(client, acl)["Resources"]["Resource"]]

    client.vpc("AssociateNetworkAcl", NetworkAclId=acl, Resource=bound)
    assert statuses() == ["BINDING"]
    client.settle()
    assert statuses() == ["BINDED"]
    (row,) = client.vpc("DescribeVSwitches")["VSwitches"]["VSwitch"]
    assert row["NetworkAclId"] == acl
    other = client.vpc("CreateNetworkAcl", VpcId=world.vpc)["NetworkAclId"]
    client.settle()
    for action, params, code in (
        ("AssociateNetworkAcl", {"NetworkAclId": other, "Resource": bound}, "NetworkAclExistBinding"),
        ("DeleteNetworkAcl", {"NetworkAclId": acl}, "NetworkAclExistBinding"),
        ("DeleteVSwitch", {"VSwitchId": world.vswitch}, "DependencyViolation.NetworkAcl"),
        ("UnassociateNetworkAcl", {"NetworkAclId": other, "Resource": bound}, "InvalidResource.NotBinding"),
    ):
        with pytest.raises(Failed) as found:
            client.vpc(action, **params)
        assert found.value.code == code
    client.vpc("UnassociateNetworkAcl", NetworkAclId=acl, Resource=bound)
    assert statuses() == ["UNBINDING"]
    client.settle()
    assert statuses() == []
    client.vpc("DeleteNetworkAcl", NetworkAclId=acl)
    client.vpc("DeleteVSwitch", VSwitchId=world.vswitch)


def test_acls_are_listed_and_copied(world: World, acl: str) -> None:
    """DescribeNetworkAcls: numbers as text, the filter `Tags`; a resource counts only with its type."""
    client = world.client
    other = client.vpc("CreateNetworkAcl", VpcId=world.vpc, NetworkAclName="db")["NetworkAclId"]
    client.settle()
    found = client.vpc("DescribeNetworkAcls", Tags=[{"Key": "team", "Value": "web"}])
    assert (found["TotalCount"], [one["NetworkAclId"] for one in found["NetworkAcls"]["NetworkAcl"]]) == ("1", [acl])
    assert client.vpc("DescribeNetworkAcls", ResourceId="vsw-none")["TotalCount"] == "2"
    assert client.vpc("DescribeNetworkAcls", ResourceId="vsw-none", ResourceType="VSwitch")["TotalCount"] == "0"
    client.vpc("UpdateNetworkAclEntries", NetworkAclId=acl, UpdateEgressAclEntries=True)
    client.settle()
    client.vpc("CopyNetworkAclEntries", NetworkAclId=other, SourceNetworkAclId=acl)
    assert acl_of(client, other)["EgressAclEntries"] == {"EgressAclEntry": []}
    client.vpc("ModifyNetworkAclAttributes", NetworkAclId=acl, NetworkAclName="front")
    client.vpc("TagResources", ResourceType="NETWORKACL", ResourceId=[acl], Tag=[{"Key": "team", "Value": "db"}])
    assert acl_of(client, acl)["NetworkAclName"] == "front"


def vip_of(client: Client, id_: str) -> dict[str, Any]:
    found = client.vpc("DescribeHaVips", Filter=[{"Key": "HaVipId", "Value": [id_]}])["HaVips"]["HaVip"]
    one: dict[str, Any] = found[0]
    return one


def test_two_machines_share_a_virtual_address(world: World) -> None:
    """AssociateHaVip and UnassociateHaVip: the master goes by force alone; the status stays InUse beside a member."""
    client = world.client
    made = client.vpc("CreateHaVip", VSwitchId=world.vswitch, IpAddress="10.0.0.9")
    vip, machines = made["HaVipId"], world.running(Amount=2)
    assert made["IpAddress"] == "10.0.0.9"
    with pytest.raises(Failed, match=r"InvalidPrivateIpAddress\.Duplicated"):
        world.run(PrivateIpAddress="10.0.0.9")
    for machine in machines:
        client.vpc("AssociateHaVip", HaVipId=vip, InstanceId=machine)
        assert vip_of(client, vip)["Status"] == "Associating"
        client.settle()
    found = vip_of(client, vip)
    assert found["AssociatedInstances"] == {"associatedInstance": machines}
    assert (found["Status"], found["MasterInstanceId"], found["AssociatedInstanceType"]) == (
        "InUse", machines[0], "EcsInstance"
    )  # fmt: skip
    for action, params, code in (
        ("UnassociateHaVip", {"HaVipId": vip, "InstanceId": machines[0]}, "OperationDenied.MasterInstance"),
        ("DeleteHaVip", {"HaVipId": vip}, "IncorrectHaVipStatus"),
        ("DeleteVSwitch", {"VSwitchId": world.vswitch}, "DependencyViolation"),
    ):
        with pytest.raises(Failed, match=code):
            client.vpc(action, **params)
    client.vpc("UnassociateHaVip", HaVipId=vip, InstanceId=machines[0], Force="True")
    client.settle()
    assert vip_of(client, vip)["Status"] == "InUse"


def test_an_eip_and_a_route_lead_to_a_virtual_address(world: World) -> None:
    """AssociateEipAddress, InstanceType HaVip; CreateRouteEntry, NextHopType HaVip; DeleteHaVip: with neither."""
    client = world.client
    vip = client.vpc("CreateHaVip", VSwitchId=world.vswitch)["HaVipId"]
    eip = client.vpc("AllocateEipAddress", Bandwidth="5")
    client.settle()
    client.vpc("AssociateEipAddress", AllocationId=eip["AllocationId"], InstanceId=vip, InstanceType="HaVip")
    client.settle()
    assert vip_of(client, vip)["AssociatedEipAddresses"] == {"associatedEipAddresse": [eip["EipAddress"]]}
    with pytest.raises(Failed, match="DependencyViolation"):
        client.vpc("DeleteHaVip", HaVipId=vip)
    client.vpc("UnassociateEipAddress", AllocationId=eip["AllocationId"], InstanceId=vip)
    client.settle()
    table = client.vpc("DescribeRouteTableList", VpcId=world.vpc)["RouterTableList"]["RouterTableListType"][0]
    client.vpc("CreateRouteEntry", RouteTableId=table["RouteTableId"], DestinationCidrBlock="172.16.0.0/12",
               NextHopType="HaVip", NextHopId=vip)  # fmt: skip
    with pytest.raises(Failed, match="DependencyViolation"):
        client.vpc("DeleteHaVip", HaVipId=vip)


def test_a_filter_of_virtual_addresses_without_a_key_is_ignored(world: World) -> None:
    """DescribeHaVips (the official provider)."""
    vip = world.client.vpc("CreateHaVip", VSwitchId=world.vswitch)["HaVipId"]
    assert world.client.vpc("DescribeHaVips", Filter=[{"Value": ["none"]}])["TotalCount"] == 1
    assert world.client.vpc("DescribeHaVips", Filter=[{"Key": "HaVipId", "Value": ["none"]}])["TotalCount"] == 0
    with pytest.raises(Failed, match="InvalidFilterKey"):
        world.client.vpc("DescribeHaVips", Filter=[{"Key": "Name", "Value": ["x"]}])
    assert vip_of(world.client, vip)["HaVipId"] == vip


def test_a_port_list_and_the_rules_that_name_it(world: World) -> None:
    """CreatePortRangeList: its room counts against the group's quota; a list that is used is not deleted."""
    client = world.client
    entries = [{"PortRange": "80/80", "Description": "web"}, {"PortRange": "443/443"}]
    ports = client.ecs("CreatePortRangeList", PortRangeListName="web", MaxEntries=3, Entry=entries)["PortRangeListId"]
    rule = {"IpProtocol": "TCP", "PortRangeListId": ports, "SourceCidrIp": "10.0.0.0/8"}
    client.ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule])
    found = client.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=world.group)["Permissions"]["Permission"]
    assert [(one["PortRange"], one["PortRangeListId"]) for one in found] == [("", ports)]
    (row,) = client.ecs("DescribePortRangeLists")["PortRangeLists"]
    assert (row["AssociationCount"], row["MaxEntries"]) == (1, 3)
    used = client.ecs("DescribePortRangeListAssociations", PortRangeListId=ports)["PortRangeListAssociations"]
    assert used == [{"ResourceId": world.group, "ResourceType": "SecurityGroup"}]
    with pytest.raises(Failed, match="DependencyViolation"):
        client.ecs("DeletePortRangeList", PortRangeListId=ports)
    client.ecs("ModifyPortRangeList", PortRangeListId=ports, AddEntry=[{"PortRange": "22/22"}],
               RemoveEntry=[{"PortRange": "80/80"}])  # fmt: skip
    listed = client.ecs("DescribePortRangeListEntries", PortRangeListId=ports)["Entries"]
    assert [entry["PortRange"] for entry in listed] == ["443/443", "22/22"]
    with pytest.raises(Failed, match="MaxEntriesExceeded"):
        client.ecs("ModifyPortRangeList", PortRangeListId=ports,
                   AddEntry=[{"PortRange": "1/1"}, {"PortRange": "2/2"}])  # fmt: skip
    client.ecs("RevokeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule])
    client.ecs("DeletePortRangeList", PortRangeListId=ports)


def test_a_port_list_opens_its_ports(world: World) -> None:
    world.running()
    client = world.client
    entries = [{"PortRange": "80/80"}, {"PortRange": "443/443"}]
    ports = client.ecs("CreatePortRangeList", PortRangeListName="web", MaxEntries=5, Entry=entries)["PortRangeListId"]
    client.control("POST", "effects", {"mark": True})
    client.ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[
        {"IpProtocol": "TCP", "PortRangeListId": ports, "SourceCidrIp": "10.0.0.0/8"}])  # fmt: skip
    client.ecs("ModifyPortRangeList", PortRangeListId=ports, RemoveEntry=[{"PortRange": "80/80"}])
    told = [one["ports"] for one in client.control("GET", "effects")["objects"].values() if "ports" in one]
    assert told[0][0]["opened"] == [
        "ingress accept tcp 443/443 10.0.0.0/8", "ingress accept tcp 80/80 10.0.0.0/8"
    ]  # fmt: skip
    assert told[0][1]["closed"] == ["ingress accept tcp 80/80 10.0.0.0/8"]


def test_a_disk_is_cloned_by_a_task(world: World) -> None:
    """CloneDisks and DescribeTasks, TaskGroupId."""
    client = world.client
    order = {"ZoneId": world.zone, "DiskCategory": "cloud_essd", "Size": 40}
    source = client.ecs("CreateDisk", **order)["DiskId"]
    client.settle()
    wish = {"SourceDiskId": source, "DiskCategory": "cloud_auto", "MultiAttach": "Disabled"}
    with pytest.raises(Failed, match="InvalidDiskSize"):
        client.ecs("CloneDisks", Size=20, **wish)
    group = client.ecs("CloneDisks", Size=60, **wish)["TaskGroupId"]
    (task,) = client.ecs("DescribeTasks", TaskGroupId=group)["TaskSet"]["Task"]
    assert task["TaskStatus"] == "Processing"
    client.settle()
    (disk,) = client.ecs("DescribeDisks", DiskIds=f'["{task["ResourceId"]}"]')["Disks"]["Disk"]
    assert (disk["Status"], disk["Size"], disk["Category"]) == ("Available", 60, "cloud_auto")
