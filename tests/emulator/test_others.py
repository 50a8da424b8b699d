"""What other services and accounts have here: made through the control API, shown as they are, kept from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ecsplan.emulator.control import ROUTES, Mistake
from tests.emulator.client import Client, Failed, World, flatten

OTHER = "9876543210987654"


def made_by(client: Client, service: str, action: str, product: str = "ecs", name: str = "one", **params: Any) -> str:
    """The first thing that it makes."""
    order = {"service": service, "name": name, "product": product, "action": action}
    flat = flatten({"RegionId": client.region, **params})
    ids: list[str] = client.control("POST", "others", {**order, "params": flat})["ids"]
    client.settle()
    return ids[0]


def machine_of(world: World, service: str, name: str) -> Mapping[str, Any]:
    order = {"ImageFamily": "acs:ubuntu_22_04_x64", "InstanceType": "ecs.g7.large", "VSwitchId": world.vswitch,
             "SecurityGroupId": world.group}  # fmt: skip
    made_by(world.client, service, "RunInstances", name=name, **order)
    (row,) = world.client.ecs("DescribeInstances")["Instances"]["Instance"]
    return {tag["TagKey"]: tag["TagValue"] for tag in row["Tags"]["Tag"]}


@pytest.mark.parametrize(
    ("maker", "name", "tags"),
    [
        ("ess", "asg-bp1", {"acs:autoscaling:scalingGroupId": "asg-bp1"}),
        ("ack", "c1", {"ack.aliyun.com": "c1", "ack.alibabacloud.com/nodepool-id": "np-c1"}),
        ("ehpc", "ehpc-hz-1", {"ehpc.aliyun.com": "ehpc-hz-1"}),
    ],
)
def test_machines_of_a_service_carry_its_tags(world: World, maker: str, name: str, tags: dict[str, str]) -> None:
    """DescribeInstances and DescribeDisks, recorded: the disks carry them too."""
    assert machine_of(world, maker, name) == tags
    (disk,) = world.client.ecs("DescribeDisks")["Disks"]["Disk"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in disk["Tags"]["Tag"]} == tags


def test_an_interface_of_a_balancer(world: World) -> None:
    """DescribeNetworkInterfaces, ServiceManaged and ServiceID (recorded). InvalidOperation.EniServiceManaged 403."""
    client = world.client
    eni = made_by(client, "managed", "CreateNetworkInterface", VSwitchId=world.vswitch, SecurityGroupId=world.group)
    (row,) = client.ecs("DescribeNetworkInterfaces", ServiceManaged=True)["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    assert (row["NetworkInterfaceId"], row["ServiceManaged"], row["ServiceID"]) == (eni, True, 12345678910)
    assert client.ecs("DescribeNetworkInterfaces", ServiceManaged=False)["TotalCount"] == 0
    for action in ("DeleteNetworkInterface", "ModifyNetworkInterfaceAttribute"):
        with pytest.raises(Failed, match="EniServiceManaged"):
            client.ecs(action, NetworkInterfaceId=eni)


def test_a_group_and_an_address_of_a_service(world: World) -> None:
    """DescribeSecurityGroups: a boolean; DescribeEipAddresses: 1. InvalidOperation.ResourceManagedByCloudProduct."""
    client = world.client
    group = made_by(client, "managed", "CreateSecurityGroup", VpcId=world.vpc)
    rows = client.ecs("DescribeSecurityGroups", ServiceManaged=True)["SecurityGroups"]["SecurityGroup"]
    assert [(row["SecurityGroupId"], row["ServiceManaged"]) for row in rows] == [(group, True)]
    eip = made_by(client, "managed", "AllocateEipAddress", "vpc", Bandwidth="5")
    (row,) = client.vpc("DescribeEipAddresses")["EipAddresses"]["EipAddress"]
    assert (row["AllocationId"], row["ServiceManaged"]) == (eip, 1)
    managed = "ResourceManagedByCloudProduct"
    with pytest.raises(Failed, match=managed):
        client.ecs("DeleteSecurityGroup", SecurityGroupId=group)
    with pytest.raises(Failed, match=managed):
        world.run(SecurityGroupId=group)
    with pytest.raises(Failed, match=managed):
        client.vpc("ReleaseEipAddress", AllocationId=eip)


def test_a_vswitch_that_another_account_shares(world: World) -> None:
    """DescribeVSwitches, OwnerId and ShareType: machines may lie in it, and nothing of it changes."""
    client = world.client
    shared = made_by(client, OTHER, "CreateVSwitch", "vpc", VpcId=world.vpc, CidrBlock="10.7.0.0/24",
                     ZoneId=world.zone)  # fmt: skip
    (row,) = client.vpc("DescribeVSwitches", VSwitchOwnerId=int(OTHER))["VSwitches"]["VSwitch"]
    assert (row["VSwitchId"], row["OwnerId"], row["ShareType"]) == (shared, int(OTHER), "Shared")
    assert world.run(VSwitchId=shared)
    with pytest.raises(Failed, match="Forbidden"):
        client.vpc("ModifyVSwitchAttribute", VSwitchId=shared, VSwitchName="mine")


def test_a_machine_joins_a_scaling_group_and_leaves_it(world: World) -> None:
    client = world.client
    (machine,) = world.running()

    def tags() -> list[Any]:
        found: list[Any] = client.ecs("DescribeInstances")["Instances"]["Instance"][0]["Tags"]["Tag"]
        return found

    client.control("POST", "others", {"service": "ess", "name": "asg-1", "ids": [machine]})
    assert tags() == [{"TagKey": "acs:autoscaling:scalingGroupId", "TagValue": "asg-1"}]
    client.control("POST", "others", {"service": None, "ids": [machine]})
    assert tags() == []
    assert client.control("GET", "effects")["objects"][machine]["creator"] == "outside"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"service": "ess"}, "send"),
        ({"service": "nosuch", "ids": []}, "no service nosuch"),
        ({"service": "ess", "ids": ["i-none"]}, "not here: i-none"),
        ({"service": "ess", "action": "RunInstances", "params": {"RegionId": "cn-hangzhou"}}, "RunInstances"),
        ({"service": "ess", "action": "Nothing"}, "InvalidAction.NotFound"),
    ],
)
def test_requests_that_cannot_be_followed(client: Client, given: dict[str, Any], words: str) -> None:
    with pytest.raises(Mistake, match=words):
        ROUTES["POST", "others"](client.service, given)


def test_an_account_without_real_name_authentication_buys_nothing(world: World) -> None:
    """RunInstances and ModifyInstanceChargeType: RealNameAuthenticationError 403."""
    (machine,) = world.running()
    world.client.control("POST", "settings", {"real_name": False})
    for action, params in (
        ("RunInstances", {"InstanceType": "ecs.g7.large", "ImageFamily": "acs:ubuntu_22_04_x64"}),
        ("ModifyInstanceChargeType", {"InstanceIds": f'["{machine}"]', "Period": 1}),
    ):
        with pytest.raises(Failed) as found:
            world.client.ecs(action, **params)
        assert (found.value.code, found.value.status) == ("RealNameAuthenticationError", 403)
