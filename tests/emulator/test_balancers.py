"""Members of CLB, ALB and NLB server groups and their health, as the API documents them."""

from __future__ import annotations

import json

import pytest

from .client import Client, Failed, World


def made(client: Client, product: str, **spec: object) -> dict:
    return client.control("POST", "balancer", {"product": product, "name": "front", **spec})


def members(*ids: str, **more: object) -> str:
    return json.dumps([{"ServerId": id_, **more} for id_ in ids])


def health(client: Client, balancer: str, **more: object) -> dict[str, str]:
    rows = client.call("slb", "DescribeHealthStatus", LoadBalancerId=balancer, **more)["BackendServers"][
        "BackendServer"
    ]
    return {row["ServerId"]: row["ServerHealthStatus"] for row in rows}


def test_servers_of_a_classic_balancer_are_added_weighed_and_removed(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    balancer = made(client, "clb", listeners=[{"port": 80, "protocol": "http", "backend_port": 8080}])["id"]
    added = client.call("slb", "AddBackendServers", LoadBalancerId=balancer, BackendServers=members(one, two, one))
    assert [row["Weight"] for row in added["BackendServers"]["BackendServer"]] == ["100", "100"]
    client.call("slb", "SetBackendServers", LoadBalancerId=balancer, BackendServers=members(one, Weight="0"))
    shown = client.call("slb", "DescribeLoadBalancerAttribute", LoadBalancerId=balancer)
    assert {row["ServerId"]: row["Weight"] for row in shown["BackendServers"]["BackendServer"]} == {one: 0, two: 100}
    assert health(client, balancer) == {one: "normal", two: "normal"}
    client.control("POST", "faults", [{"fault": "unwell", "id": two}])
    assert health(client, balancer) == {one: "normal", two: "abnormal"}
    for _ in range(2):  # one that is not there is no error
        client.call("slb", "RemoveBackendServers", LoadBalancerId=balancer, BackendServers=members(one))
    assert health(client, balancer, ListenerPort=80) == {two: "abnormal"}
    assert health(client, balancer, ListenerPort=81) == {}


def test_what_a_classic_balancer_refuses(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    balancer = made(client, "clb")["id"]
    client.call("slb", "AddBackendServers", LoadBalancerId=balancer, BackendServers=members(one))
    client.ecs("StopInstance", InstanceId=two)
    client.settle()
    for text in (members(one), members(two), members("i-none"), "nonsense", members(one, Weight=101), None):
        with pytest.raises(Failed):
            client.call("slb", "AddBackendServers", LoadBalancerId=balancer, BackendServers=text)
    with pytest.raises(Failed, match=r"InvalidLoadBalancerId\.NotFound"):
        client.call("slb", "DescribeHealthStatus", LoadBalancerId="lb-none")


def test_a_vserver_group_tells_members_apart_by_port_and_is_kept_while_a_listener_uses_it(
    client: Client, world: World
) -> None:
    (one,) = world.running()
    balancer = made(client, "clb")["id"]
    group = client.call("slb", "CreateVServerGroup", LoadBalancerId=balancer, VServerGroupName="web",
                        BackendServers=members(one, Port=80, Weight=50))["VServerGroupId"]  # fmt: skip
    client.call("slb", "AddVServerGroupBackendServers", VServerGroupId=group, BackendServers=members(one, Port=81))
    assert health(client, balancer) == {}  # no listener uses it
    made(client, "clb", id=balancer, listeners=[{"port": 80, "group": group, "check": False}])
    assert health(client, balancer) == {one: "unavailable"}
    client.call("slb", "SetVServerGroupAttribute", VServerGroupId=group, VServerGroupName="web",
                BackendServers=members(one, Port=81, Weight=0))  # fmt: skip
    rows = client.call("slb", "DescribeVServerGroupAttribute", VServerGroupId=group)["BackendServers"]["BackendServer"]
    assert {row["Port"]: row["Weight"] for row in rows} == {80: 50, 81: 0}
    with pytest.raises(Failed, match="RspoolVipExist"):
        client.call("slb", "DeleteVServerGroup", VServerGroupId=group)
    with pytest.raises(Failed, match="VServerGroupId does not exist"):
        client.call("slb", "DescribeVServerGroupAttribute", VServerGroupId="rsp-none")
    client.call("slb", "RemoveVServerGroupBackendServers", VServerGroupId=group, BackendServers=members(one, Port=80))
    (listed,) = client.call("slb", "DescribeVServerGroups", LoadBalancerId=balancer,
                            IncludeListener=True)["VServerGroups"]["VServerGroup"]  # fmt: skip
    assert listed["ServerCount"] == 1 and listed["AssociatedObjects"]["Listeners"]["Listener"][0]["Port"] == 80


CHECK = {"HealthCheckEnabled": True}


def group_of(client: Client, product: str, world: World) -> str:
    made_ = client.call(product, "CreateServerGroup", ServerGroupName="web", VpcId=world.vpc, HealthCheckConfig=CHECK)
    client.settle()
    return str(made_["ServerGroupId"])


@pytest.mark.parametrize(("product", "busy", "gone"), [
    ("alb", "IncorrectStatus.ServerGroup", "ResourceNotFound.ServerGroup"),
    ("nlb", "IncorrectStatus.serverGroup", "ResourceNotFound.serverGroup"),
])  # fmt: skip
def test_a_server_group_changes_by_one_job_at_a_time(
    client: Client, world: World, product: str, busy: str, gone: str
) -> None:
    one, two = world.running(Amount=2)
    group = group_of(client, product, world)
    server = {"ServerId": one, "ServerType": "Ecs", "Port": 80}
    job = client.call(product, "AddServersToServerGroup", ServerGroupId=group, Servers=[server])["JobId"]
    with pytest.raises(Failed, match=busy):
        client.call(product, "AddServersToServerGroup", ServerGroupId=group, Servers=[{**server, "ServerId": two}])
    (row,) = client.call(product, "ListServerGroupServers", ServerGroupId=group)["Servers"]
    assert (row["Status"], row["Weight"]) == ("Adding", 100)
    client.settle()
    told = client.call("alb", "ListAsynJobs", JobIds=[job])["Jobs"][0] if product == "alb" else client.call(
        "nlb", "GetJobStatus", JobId=job)  # fmt: skip
    assert told["Status"] == "Succeeded"
    client.call(product, "UpdateServerGroupServersAttribute", ServerGroupId=group, Servers=[{**server, "Weight": 0}])
    client.settle()
    listed = client.call(product, "ListServerGroupServers", ServerGroupId=group)
    assert [(r["Status"], r["Weight"]) for r in listed["Servers"]] == [("Available", 0)]
    client.call(product, "RemoveServersFromServerGroup", ServerGroupId=group, Servers=[server])
    client.settle()
    assert client.call(product, "ListServerGroupServers", ServerGroupId=group)["TotalCount"] == 0
    with pytest.raises(Failed, match="BackendServer"):
        client.call(product, "RemoveServersFromServerGroup", ServerGroupId=group, Servers=[server])
    with pytest.raises(Failed, match=gone):
        client.call(product, "AddServersToServerGroup", ServerGroupId="sgp-none", Servers=[server])


@pytest.mark.parametrize(
    ("product", "key", "on"), [("alb", "HealthCheckEnabled", "on"), ("nlb", "HeathCheckEnabled", True)]
)
def test_health_of_a_listener_lists_the_servers_that_are_not_well(
    client: Client, world: World, product: str, key: str, on: object
) -> None:
    one, two = world.running(Amount=2)
    group = group_of(client, product, world)
    servers = [{"ServerId": id_, "ServerType": "Ecs", "Port": 80} for id_ in (one, two)]
    client.call(product, "AddServersToServerGroup", ServerGroupId=group, Servers=servers)
    client.settle()
    (listener,) = made(client, product, listeners=[{"port": 80, "group": group}])["listeners"]
    client.control("POST", "faults", [{"fault": "unwell", "id": two, "what": ["balancer"]}])
    answer = client.call(product, "GetListenerHealthStatus", ListenerId=listener)
    (info,) = answer["ListenerHealthStatus"][0]["ServerGroupInfos"]
    assert info[key] == on and [(r["ServerId"], r["Status"]) for r in info["NonNormalServers"]] == [(two, "Unhealthy")]
    with pytest.raises(Failed, match="ResourceInUse"):
        client.call(product, "DeleteServerGroup", ServerGroupId=group)
    listed = client.call(product, "ListServerGroups", ServerGroupNames=["web"])
    assert [row["ServerCount"] for row in listed["ServerGroups"]] == [2]


def test_servers_of_an_alb_group_are_swapped_in_one_job(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    group = group_of(client, "alb", world)
    old, new = ({"ServerId": id_, "ServerType": "Ecs", "Port": 80} for id_ in (one, two))
    client.call("alb", "AddServersToServerGroup", ServerGroupId=group, Servers=[old])
    client.settle()
    client.call("alb", "ReplaceServersInServerGroup", ServerGroupId=group, RemovedServers=[old], AddedServers=[new])
    rows = client.call("alb", "ListServerGroupServers", ServerGroupId=group)["Servers"]
    assert {row["ServerId"]: row["Status"] for row in rows} == {one: "Removing", two: "Adding"}
    client.settle()
    rows = client.call("alb", "ListServerGroupServers", ServerGroupId=group)["Servers"]
    assert {row["ServerId"]: row["Status"] for row in rows} == {two: "Available"}
