"""What the emulator saw happen to each object, whatever the caller meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator.service import Options, Service, VirtualClock

from .client import Client, Failed, World, build_world

GIB = 2**30


def effects(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.control("GET", "effects")["objects"]
    return found


def mark(client: Client) -> None:
    client.settle()
    client.control("POST", "effects", {"mark": True})


def advance(client: Client, seconds: float) -> None:
    client.control("POST", "clock", {"advance": seconds})
    client.ecs("DescribeInstances")


@pytest.fixture
def machine(world: World) -> str:
    (id_,) = world.running(InternetMaxBandwidthOut=5)
    mark(world.client)
    return id_


def disk(world: World, machine: str = "", **params: Any) -> str:
    made: str = world.client.ecs("CreateDisk", ZoneId=world.zone, DiskCategory="cloud_essd", Size=40, **params)[
        "DiskId"
    ]
    world.client.settle()
    if machine:
        world.client.ecs("AttachDisk", DiskId=made, InstanceId=machine)
        world.client.settle()
    return made


# Machines that do not run


def test_reads_and_refused_calls_have_no_effect(world: World, machine: str) -> None:
    world.client.ecs("DescribeInstances")
    with pytest.raises(Failed):
        world.client.ecs("StartInstance", InstanceId=machine)
    with pytest.raises(Failed, match="DRYRUN"):
        world.client.ecs("StopInstances", InstanceId=[machine], DryRun=True)
    assert effects(world.client) == {}


def test_a_stop_counts_the_seconds_until_it_runs_again(world: World, machine: str) -> None:
    world.client.ecs("StopInstance", InstanceId=machine)
    advance(world.client, 30)
    row = effects(world.client)[machine]
    assert (row["not_running"], row["stops"]) == ({"seconds": 30.0, "still": True}, 1)
    world.client.ecs("StartInstance", InstanceId=machine)
    advance(world.client, 10)
    row = effects(world.client)[machine]
    assert (row["not_running"], row["stops"]) == ({"seconds": 32.0, "still": False}, 1)
    assert "reboots" not in row


def test_a_reboot_is_no_stop(world: World, machine: str) -> None:
    world.client.ecs("RebootInstance", InstanceId=machine)
    advance(world.client, 10)
    row = effects(world.client)[machine]
    assert row["reboots"] == 1 and "stops" not in row and row["not_running"] == {"seconds": 2.0, "still": False}


def test_a_machine_that_did_not_run_is_not_kept_from_running(world: World, machine: str) -> None:
    world.client.ecs("StopInstance", InstanceId=machine)
    mark(world.client)
    advance(world.client, 100)
    assert effects(world.client) == {}


# Ids that end, data that is lost


def test_a_released_machine_ends_with_its_disk_and_addresses(world: World, machine: str) -> None:
    data = disk(world, machine)
    world.client.ecs("ModifyDiskAttribute", DiskId=data, DeleteWithInstance=False)
    mark(world.client)
    world.client.ecs("DeleteInstance", InstanceId=machine, Force=True)
    world.client.settle()
    seen = effects(world.client)
    ended = seen[machine]["ended"]
    assert (ended["action"], ended["by"], ended["later"]) == ("DeleteInstance", "emulator", True)
    assert sorted(row["what"] for row in seen[machine]["addresses"]) == ["private", "public"]
    assert all(row["to"] is None for row in seen[machine]["addresses"])
    (system,) = [row for row in seen.values() if row["kind"] == "disk" and "ended" in row]
    assert [row["bytes"] for row in system["lost"]] == [40 * GIB]
    assert system["lost"][0]["of"] == machine
    assert "ended" not in seen.get(data, {})


def test_a_disk_that_no_machine_ever_had_is_lost_empty(world: World, machine: str) -> None:
    empty, used = disk(world), disk(world, machine)
    world.client.ecs("DetachDisk", DiskId=used, InstanceId=machine)
    mark(world.client)
    for id_ in (empty, used):
        world.client.ecs("DeleteDisk", DiskId=id_)
    seen = effects(world.client)
    assert [row.get("empty", False) for id_ in (empty, used) for row in seen[id_]["lost"]] == [True, False]
    assert seen[empty]["ended"]["action"] == "DeleteDisk"


def test_a_snapshot_that_is_deleted_is_data_lost(world: World, machine: str) -> None:
    client = world.client
    snapshot = client.ecs("CreateSnapshot", DiskId=disk(world, machine))["SnapshotId"]
    mark(client)
    client.ecs("DeleteSnapshot", SnapshotId=snapshot)
    assert [row["bytes"] for row in effects(client)[snapshot]["lost"]] == [40 * GIB]


@pytest.mark.parametrize("action", ["ReInitDisk", "ReplaceSystemDisk", "ResetDisk"])
def test_a_disk_that_is_put_back_loses_what_it_held(world: World, machine: str, action: str) -> None:
    client = world.client
    (system,) = client.ecs("DescribeDisks", InstanceId=machine)["Disks"]["Disk"]
    snapshot = client.ecs("CreateSnapshot", DiskId=system["DiskId"])["SnapshotId"]
    client.settle()
    client.ecs("StopInstance", InstanceId=machine)
    mark(client)
    given = {
        "ReInitDisk": {"DiskId": system["DiskId"]},
        "ReplaceSystemDisk": {"InstanceId": machine, "ImageId": system["ImageId"]},
        "ResetDisk": {"DiskId": system["DiskId"], "SnapshotId": snapshot},
    }
    client.ecs(action, **given[action])
    client.settle()
    row = effects(client)[system["DiskId"]]
    assert [(lost["bytes"], lost["action"]) for lost in row["lost"]] == [(system["Size"] * GIB, action)]
    assert ("ended" in row) == (action == "ReplaceSystemDisk")


def test_what_the_clock_releases_says_so(world: World) -> None:
    client = world.client
    (id_,) = world.running()
    now = client.service.clock.now()
    from .client import stamp

    client.ecs("ModifyInstanceAutoReleaseTime", InstanceId=id_, AutoReleaseTime=stamp(now + 7200))
    mark(client)
    advance(client, 8000)
    ended = effects(client)[id_]["ended"]
    assert (ended["action"], ended["later"]) == ("ModifyInstanceAutoReleaseTime", True)


# Addresses


def test_another_private_address_is_told_of_the_machine(world: World, machine: str) -> None:
    client = world.client
    client.ecs("StopInstance", InstanceId=machine)
    mark(client)
    client.ecs(
        "ModifyInstanceVpcAttribute", InstanceId=machine, VSwitchId=world.vswitch, PrivateIpAddress="10.0.9.9"
    )  # fmt: skip
    (row,) = effects(client)[machine]["addresses"]
    assert (row["what"], row["to"]) == ("private", "10.0.9.9")
    assert row["from"].startswith("10.0.")


def test_an_eip_comes_to_a_machine_leaves_it_and_is_given_up(world: World) -> None:
    client = world.client
    (machine,) = world.running()
    made = client.vpc("AllocateEipAddress")
    mark(client)
    client.vpc("AssociateEipAddress", AllocationId=made["AllocationId"], InstanceId=machine)
    client.settle()
    client.vpc("UnassociateEipAddress", AllocationId=made["AllocationId"])
    client.settle()
    client.vpc("ReleaseEipAddress", AllocationId=made["AllocationId"])
    seen = effects(client)
    moves = [(row["what"], row["from"], row["to"]) for row in seen[machine]["addresses"]]
    assert moves == [("public", None, made["EipAddress"]), ("public", made["EipAddress"], None)]
    assert [(row["what"], row["to"]) for row in seen[made["AllocationId"]]["addresses"]] == [("eip", None)]


def test_an_address_that_becomes_an_eip_stays(world: World, machine: str) -> None:
    world.client.ecs("ConvertNatPublicIpToEip", InstanceId=machine)
    world.client.settle()
    assert "addresses" not in effects(world.client).get(machine, {})


def test_secondary_addresses_are_told_of_the_interface(world: World) -> None:
    client = world.client
    eni = client.ecs("CreateNetworkInterface", VSwitchId=world.vswitch, SecurityGroupId=world.group)
    mark(client)
    client.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni["NetworkInterfaceId"], PrivateIpAddress=["10.0.7.7"])
    client.ecs(
        "UnassignPrivateIpAddresses", NetworkInterfaceId=eni["NetworkInterfaceId"], PrivateIpAddress=["10.0.7.7"]
    )
    moves = [(row["from"], row["to"]) for row in effects(client)[eni["NetworkInterfaceId"]]["addresses"]]
    assert moves == [(None, "10.0.7.7"), ("10.0.7.7", None)]


# Money


def test_a_subscription_is_an_order_with_period_and_price(world: World, machine: str) -> None:
    client = world.client
    (bought,) = world.running(InstanceChargeType="PrePaid", Period=2, PeriodUnit="Month")
    client.ecs("RenewInstance", InstanceId=bought, Period=1)
    client.ecs(
        "ModifyInstanceChargeType", InstanceIds=json.dumps([machine]), InstanceChargeType="PrePaid", Period=3
    )  # fmt: skip
    seen = effects(client)
    orders = [(row["what"], row["period"], row["unit"]) for row in seen[bought]["orders"]]
    assert orders == [("purchase", 2, "Month"), ("renewal", 1, "Month")]
    (row,) = seen[machine]["orders"]
    assert (row["what"], row["period"], row["price_of_a_month"] > 0) == ("purchase", 3, True)
    assert [row["field"] for row in seen[machine]["billing"]] == ["InstanceChargeType", "ExpiredTime"]
    assert seen[bought]["born"] is True and seen[machine]["born"] is False


def test_what_the_price_comes_from_is_billing(world: World, machine: str) -> None:
    data = disk(world, machine)
    mark(world.client)
    world.client.ecs("ResizeDisk", DiskId=data, NewSize=100)
    row = effects(world.client)[data]
    assert [(b["field"], b["from"], b["to"]) for b in row["billing"]] == [("Size", 40, 100)]
    assert "orders" not in row


# Ports


def rule(port: str, cidr: str = "0.0.0.0/0", **more: str) -> dict[str, str]:
    return {"IpProtocol": "TCP", "PortRange": f"{port}/{port}", "SourceCidrIp": cidr, **more}


def test_a_rule_opens_a_port_of_every_member(world: World, machine: str) -> None:
    client = world.client
    client.ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule("443")])
    (row,) = effects(client)[machine]["ports"]
    assert row["opened"] == ["ingress accept tcp 443/443 0.0.0.0/0"] and "closed" not in row
    client.ecs("RevokeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule("443")])
    assert effects(client)[machine]["ports"][1]["closed"] == ["ingress accept tcp 443/443 0.0.0.0/0"]


def test_a_rule_that_another_one_covers_opens_nothing(world: World, machine: str) -> None:
    client = world.client
    wide = {"IpProtocol": "TCP", "PortRange": "1/65535", "SourceCidrIp": "10.0.0.0/8"}
    client.ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[wide])
    mark(client)
    client.ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule("22", "10.1.0.0/16")])
    egress = {"IpProtocol": "TCP", "PortRange": "25/25", "DestCidrIp": "1.2.3.0/24"}
    client.ecs("AuthorizeSecurityGroupEgress", SecurityGroupId=world.group, Permissions=[egress])
    assert effects(client) == {}  # a basic group lets everything out anyway
    client.ecs(
        "AuthorizeSecurityGroupEgress", SecurityGroupId=world.group, Permissions=[{**egress, "Policy": "drop"}]
    )  # fmt: skip
    assert "egress drop tcp 25/25 1.2.3.0/24 priority 1" in effects(client)[machine]["ports"][0]["opened"]


def test_another_group_with_equal_rules_opens_and_closes_only_itself(world: World, machine: str) -> None:
    client = world.client
    twin = client.ecs("CreateSecurityGroup", VpcId=world.vpc)["SecurityGroupId"]
    for group in (world.group, twin):
        client.ecs("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[rule("443")])
    mark(client)
    client.ecs("JoinSecurityGroup", InstanceId=machine, SecurityGroupId=twin)
    client.ecs("LeaveSecurityGroup", InstanceId=machine, SecurityGroupId=world.group)
    joined, left = effects(client)[machine]["ports"]
    assert joined["opened"] == [f"ingress accept all {twin}"] and "closed" not in joined
    assert left["closed"] == [f"ingress accept all {world.group}"] and "opened" not in left


def test_membership_counts_where_another_group_names_it(world: World, machine: str) -> None:
    client = world.client
    other = client.ecs("CreateSecurityGroup", VpcId=world.vpc)["SecurityGroupId"]
    given = {"IpProtocol": "TCP", "PortRange": "3306/3306", "SourceGroupId": world.group}
    client.ecs("AuthorizeSecurityGroup", SecurityGroupId=other, Permissions=[given])
    assert effects(client)[machine]["ports"][0]["opened"] == [f"member {world.group}"]


# Disks that come and go on running machines


def test_a_disk_of_a_running_machine_is_unplugged(world: World, machine: str) -> None:
    client = world.client
    data = disk(world, machine)
    client.ecs("DetachDisk", DiskId=data, InstanceId=machine)
    client.settle()
    ways = [(row["way"], row["machine"]) for row in effects(client)[data]["plugged"]]
    assert ways == [("in", machine), ("out", machine)]
    client.ecs("StopInstance", InstanceId=machine)
    mark(client)
    client.ecs("AttachDisk", DiskId=data, InstanceId=machine)
    assert effects(client) == {}


# Whose they are


def test_writes_to_what_somebody_else_made_are_told(world: World, machine: str) -> None:
    client = world.client
    client.control("POST", "effects", {"outside": [machine]})
    client.ecs("ModifyInstanceAttribute", InstanceId=machine, InstanceName="mine-now")
    client.ecs("ModifyInstanceAttribute", InstanceId=machine, Description="and this")
    row = effects(client)[machine]
    assert row["creator"] == "outside"
    assert [(w["action"], w["by"]) for w in row["written"]] == [("ModifyInstanceAttribute", "emulator")] * 2
    client.control("POST", "effects", {"adopted": [machine], "mark": True})
    client.ecs("ModifyInstanceAttribute", InstanceId=machine, Description="")
    assert effects(client) == {}


def test_one_key_writes_to_what_another_made(tmp_path: Path) -> None:
    keys = [{"access_key_id": name, "access_key_secret": "s"} for name in ("one", "two")]
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    service = Service(Options(seed="x", credentials=tmp_path / "keys.json"), VirtualClock())
    one, two = Client(service, key=("one", "s")), Client(service, key=("two", "s"))
    vpc = one.vpc("CreateVpc")["VpcId"]
    one.settle()
    two.vpc("ModifyVpcAttribute", VpcId=vpc, VpcName="theirs")
    two.vpc("TagResources", ResourceType="VPC", ResourceId=[vpc], Tag=[{"Key": "a", "Value": "b"}])
    written = effects(one)[vpc]["written"]
    assert [(row["action"], row["by"]) for row in written] == [("ModifyVpcAttribute", "two"), ("TagResources", "two")]


def test_who_made_it_is_kept_with_the_account(tmp_path: Path) -> None:
    data = tmp_path / "account.db"
    service = Service(Options(data=data), VirtualClock())
    vpc = Client(service).vpc("CreateVpc")["VpcId"]
    service.close()
    again = Service(Options(data=data), VirtualClock())
    thing = again.account.get("vpc", vpc)
    again.close()
    assert thing is not None and thing.creator == "emulator"


def test_a_foreign_hand_is_told_as_such(world: World, machine: str) -> None:
    world.client.control("POST", "faults", [{"fault": "foreign_delete", "id": machine}])
    world.client.ecs("DescribeInstances")
    assert effects(world.client)[machine]["ended"]["by"] == "outside"


def test_a_reset_of_the_stats_is_a_mark(world: World, machine: str) -> None:
    world.client.ecs("StopInstance", InstanceId=machine)
    assert machine in effects(world.client)
    world.client.control("POST", "reset", {"what": "stats"})
    assert effects(world.client) == {}


def test_a_network_that_is_built_again_is_born(world: World, machine: str) -> None:
    other = build_world(world.client, "192.168.0.0/16", "192.168.0.0/24")
    world.client.settle()
    world.client.ecs("DeleteSecurityGroup", SecurityGroupId=other.group)
    assert effects(world.client)[other.group]["born"] is True
