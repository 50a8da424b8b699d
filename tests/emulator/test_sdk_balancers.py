"""Members of server groups through the official SDKs of ALB, NLB and CLB, where these are installed."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from ecsplan.emulator import balancing

from .sdk import Network, Product, Refused, Sdk, config_of

MODULES = {"alb": "alibabacloud_alb20200616", "nlb": "alibabacloud_nlb20220430", "slb": "alibabacloud_slb20140515"}


def product(sdk: Sdk, name: str) -> Product:
    models = pytest.importorskip(f"{MODULES[name]}.models", reason=f"the SDK of {name} is not installed")
    return Product(name, import_module(f"{MODULES[name]}.client").Client(config_of(sdk.server)), models)


@pytest.mark.parametrize("name", ["alb", "nlb"])
def test_a_member_is_added_weighed_and_removed_by_jobs(sdk: Sdk, network: Network, name: str) -> None:
    (machine,) = network.run()
    call = product(sdk, name)
    group = call("CreateServerGroup", ServerGroupName="web", VpcId=network.vpc,
                 HealthCheckConfig={"HealthCheckEnabled": True})["ServerGroupId"]  # fmt: skip
    sdk.settle()
    row: dict[str, Any] = {"ServerId": machine, "ServerType": "Ecs", "Port": 80}
    call("AddServersToServerGroup", ServerGroupId=group, Servers=[{**row, "Weight": 30}])
    with pytest.raises(Refused, match="IncorrectStatus"):  # one job at a time
        call("AddServersToServerGroup", ServerGroupId=group, Servers=[{**row, "Port": 81, "Weight": 30}])
    sdk.settle()
    call("UpdateServerGroupServersAttribute", ServerGroupId=group, Servers=[{**row, "Weight": 0}])
    sdk.settle()
    (member,) = call("ListServerGroupServers", ServerGroupId=group, ServerIds=[machine])["Servers"]
    assert (member["Status"], member["Weight"], member["Port"]) == ("Available", 0, 80)
    call("RemoveServersFromServerGroup", ServerGroupId=group, Servers=[row])
    sdk.settle()
    assert call("ListServerGroupServers", ServerGroupId=group)["TotalCount"] == 0


def test_members_of_a_vserver_group_are_texts_in_texts(sdk: Sdk, network: Network) -> None:
    (machine,) = network.run()
    call = product(sdk, "slb")
    made = {"product": "clb", "name": "front"}
    balancer = balancing.make(sdk.server.service.account, made, sdk.clock.now())["id"]
    group = call("CreateVServerGroup", LoadBalancerId=balancer, VServerGroupName="web")["VServerGroupId"]
    member = {"ServerId": machine, "Port": "80", "Weight": "30", "Type": "ecs"}
    call("AddVServerGroupBackendServers", VServerGroupId=group, BackendServers=json.dumps([member]))
    call("SetVServerGroupAttribute", VServerGroupId=group, BackendServers=json.dumps([{**member, "Weight": "0"}]))
    listed = call("DescribeVServerGroupAttribute", VServerGroupId=group)["BackendServers"]["BackendServer"]
    assert [(row["ServerId"], row["Weight"]) for row in listed] == [(machine, 0)]
    call("RemoveVServerGroupBackendServers", VServerGroupId=group, BackendServers=json.dumps([member]))
    call("RemoveVServerGroupBackendServers", VServerGroupId=group, BackendServers=json.dumps([member]))  # no refusal
    assert not call("DescribeVServerGroupAttribute", VServerGroupId=group)["BackendServers"]["BackendServer"]
