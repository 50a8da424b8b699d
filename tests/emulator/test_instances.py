"""The instance's families: making, listing, power, release."""

from __future__ import annotations

import json

import pytest

from .client import Client, Failed, World


def test_ordered_names_count_up(world: World) -> None:
    ids = world.running(Amount=3, InstanceName="web-[7,4]")
    rows = world.client.ecs("DescribeInstances", InstanceIds=json.dumps(ids))["Instances"]["Instance"]
    assert sorted(row["InstanceName"] for row in rows) == ["web-0007", "web-0008", "web-0009"]


def test_tags_go_to_disks_and_interface_too(world: World) -> None:
    world.running(Tag=[{"Key": "team", "Value": "web"}], DataDisk=[{"Size": 40, "Category": "cloud_essd"}])
    for kind, count in (("disk", 2), ("eni", 1), ("instance", 1)):
        rows = world.client.ecs("ListTagResources", ResourceType=kind, Tag=[{"Key": "team"}])
        assert len(rows["TagResources"]["TagResource"]) == count


def test_status_passes_through_pending_and_starting(world: World) -> None:
    (id_,) = world.run()
    seen = []
    for _ in range(6):
        row = world.client.ecs("DescribeInstances", InstanceIds=json.dumps([id_]))["Instances"]["Instance"][0]
        seen.append(row["Status"])
        world.client.service.clock.sleep(0.5)
    assert list(dict.fromkeys(seen)) == ["Pending", "Starting", "Running"]


def test_a_running_instance_is_not_released_without_force(world: World) -> None:
    (id_,) = world.running()
    with pytest.raises(Failed) as refused:
        world.client.ecs("DeleteInstance", InstanceId=id_)
    assert (refused.value.status, refused.value.code) == (403, "IncorrectInstanceStatus")


def test_release_takes_disks_and_address_along(world: World) -> None:
    (id_,) = world.running(DataDisk=[{"Size": 40, "Category": "cloud_essd", "DeleteWithInstance": False}])
    world.client.ecs("DeleteInstances", InstanceId=[id_], Force=True)
    world.client.settle()
    assert world.client.ecs("DescribeInstances")["TotalCount"] == 0
    (disk,) = world.client.ecs("DescribeDisks")["Disks"]["Disk"]
    assert (disk["Status"], disk["InstanceId"], disk["Type"]) == ("Available", "", "data")
    world.client.vpc("DeleteVSwitch", VSwitchId=world.vswitch)


def test_a_dry_run_makes_nothing(world: World) -> None:
    with pytest.raises(Failed) as passed:
        world.run(DryRun=True)
    assert (passed.value.status, passed.value.code) == (400, "DryRunOperation")
    assert world.client.ecs("DescribeInstances")["TotalCount"] == 0


def test_the_same_token_gives_the_same_instances(world: World) -> None:
    first = world.run(Amount=2, ClientToken="t1")
    assert world.run(Amount=2, ClientToken="t1") == first
    with pytest.raises(Failed) as mismatch:
        world.run(Amount=3, ClientToken="t1")
    assert mismatch.value.code == "IdempotentParameterMismatch"


def test_all_together_refuses_all(world: World) -> None:
    ids = world.running(Amount=2)
    world.client.ecs("StopInstance", InstanceId=ids[0])
    world.client.settle()
    with pytest.raises(Failed):
        world.client.ecs("StopInstances", InstanceId=ids)
    rows = world.client.ecs("DescribeInstances", Status="Running")
    assert rows["TotalCount"] == 1


def test_pages_by_token_hold_their_place(client: Client, world: World) -> None:
    world.run(Amount=25)
    first = client.ecs("DescribeInstances", MaxResults=1)
    assert len(first["Instances"]["Instance"]) == 10
    world.run(Amount=5)
    second = client.ecs("DescribeInstances", MaxResults=100, NextToken=first["NextToken"])
    assert len(second["Instances"]["Instance"]) == 15
    assert "NextToken" not in second
