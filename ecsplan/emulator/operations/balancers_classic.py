"""Classic balancers (CLB, SLB 2014-05-15): members of the default group and of vServer groups, and their health.

A balancer and its listeners are made by the control API: the API here has no action for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, ecs_tags
from ecsplan.emulator.clock import to_minutes
from ecsplan.emulator.operations._members import (
    PARAMETER,
    Member,
    address_of,
    from_json,
    key_of,
    machine_of,
    require_running,
)
from ecsplan.emulator.operations._wellness import serves
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, missing

TAGGABLE = {("slb", "instance"): "clb", ("slb", "vservergroup"): "vservergroup"}


def _balancer(call: Call) -> Thing:
    return call.require("clb", call.need("LoadBalancerId"), "InvalidLoadBalancerId.NotFound", "LoadBalancerId")


def _group(call: Call) -> Thing:
    """The service says so in the message alone."""
    group = call.find("vservergroup", call.need("VServerGroupId"))
    if group is None:
        raise Refusal(400, "InvalidParameter", "The specified VServerGroupId does not exist.")
    return group


def add_backend_servers(call: Call) -> Body:
    return _shown(call, _added(call, _balancer(call), with_port=False))


def set_backend_servers(call: Call) -> Body:
    """Only servers that are listed change."""
    return _shown(call, _weighed(call, _balancer(call), with_port=False))


def remove_backend_servers(call: Call) -> Body:
    """One that is not there changes nothing, and is no error."""
    if call.get(PARAMETER) is None:
        raise missing(PARAMETER)
    return _shown(call, _removed(call, _balancer(call), with_port=False))


def _added(call: Call, holder: Thing, *, with_port: bool) -> Thing:
    given = from_json(call, with_port=with_port)
    if not given:
        raise missing(PARAMETER)
    require_running(call, given)
    there = {key_of(member, with_port) for member in holder["Members"]}
    for member in given:
        if key_of(member, with_port) in there:
            raise invalid(PARAMETER, f"The server {member['ServerId']} is there already.")
    fresh = [{"Weight": 100, "Description": "", **member} for member in given]
    call.account.change_all(holder, {"Members": [*holder["Members"], *fresh]})
    return holder


def _weighed(call: Call, holder: Thing, *, with_port: bool) -> Thing:
    given = {key_of(member, with_port): member for member in from_json(call, with_port=with_port)}
    members = [{**member, **given.get(key_of(member, with_port), {})} for member in holder["Members"]]
    call.account.change_all(holder, {"Members": members})
    return holder


def _removed(call: Call, holder: Thing, *, with_port: bool) -> Thing:
    going = {key_of(member, with_port) for member in from_json(call, with_port=with_port)}
    members = [member for member in holder["Members"] if key_of(member, with_port) not in going]
    call.account.change_all(holder, {"Members": members})
    return holder


def _shown(call: Call, holder: Thing) -> Body:
    """The texts that the answers of the writes have for numbers are the reference's."""
    as_text = call.action in ("AddBackendServers", "SetBackendServers")
    rows = [_member(member, as_text) for member in holder["Members"]]
    if call.action == "RemoveVServerGroupBackendServers":
        rows = list(map(_without_description, rows))
    name = "LoadBalancerId" if holder.kind == "clb" else "VServerGroupId"
    return {name: holder.id, PARAMETER: {"BackendServer": rows}}


def _member(member: Member, as_text: bool = False) -> Body:
    row = {"ServerId": member["ServerId"], "Type": member["Type"], "Description": member["Description"],
           "Weight": str(member["Weight"]) if as_text else member["Weight"]}  # fmt: skip
    return row | ({"Port": member["Port"]} if "Port" in member else {})


def _without_description(row: Body) -> Body:
    return {name: value for name, value in row.items() if name != "Description"}


def describe_load_balancers(call: Call) -> Body:
    found = call.filtered(
        call.matching_tags(call.candidates("clb")), LoadBalancerId="LoadBalancerId", LoadBalancerName="Name",
        VpcId="VpcId", VSwitchId="VSwitchId",
    )  # fmt: skip
    server = call.get("ServerId")
    found = [one for one in found if server is None or any(m["ServerId"] == server for m in one["Members"])]
    return by_number(call, found, _head, ("LoadBalancers", "LoadBalancer"), 100, 50)


def _head(_call: Call, balancer: Thing) -> Body:
    return {
        "LoadBalancerId": balancer.id,
        "LoadBalancerName": balancer["Name"],
        "LoadBalancerStatus": "active",
        "Address": balancer["Address"],
        "AddressType": "intranet",
        "AddressIPVersion": "ipv4",
        "NetworkType": "vpc",
        "VpcId": balancer["VpcId"],
        "VSwitchId": balancer["VSwitchId"],
        "RegionId": balancer.region,
        "CreateTime": to_minutes(balancer["CreatedAt"]),
        "Tags": ecs_tags(balancer),
    }


def describe_load_balancer_attribute(call: Call) -> Body:
    balancer = _balancer(call)
    listeners = balancer["Listeners"]
    return {
        **_head(call, balancer),
        "ListenerPorts": {"ListenerPort": [listener["Port"] for listener in listeners]},
        "ListenerPortsAndProtocol": {
            "ListenerPortAndProtocol": [
                {"ListenerPort": listener["Port"], "ListenerProtocol": listener["Protocol"]} for listener in listeners
            ]
        },
        PARAMETER: {
            "BackendServer": [
                {**_member(member), "ServerIp": address_of(call, member)} for member in balancer["Members"]
            ]
        },
    }


def describe_health_status(call: Call) -> Body:
    """A row for each listener and server; a group that no listener uses has no health."""
    balancer = _balancer(call)
    port, protocol = call.get("ListenerPort"), call.get("ListenerProtocol")
    rows = [
        row
        for listener in balancer["Listeners"]
        if port in (None, listener["Port"]) and protocol in (None, listener["Protocol"])
        for row in _health(call, balancer, listener)
    ]
    return {PARAMETER: {"BackendServer": rows}}


def _health(call: Call, balancer: Thing, listener: dict[str, Any]) -> Iterator[Body]:
    group = call.account.get("vservergroup", listener["Group"]) if listener["Group"] else balancer
    for member in group["Members"] if group is not None else ():
        well = serves(call, machine_of(call, member))
        yield {
            "ListenerPort": listener["Port"],
            "Protocol": listener["Protocol"],
            "Port": member.get("Port", listener["BackendPort"]),
            "ServerId": member["ServerId"],
            "ServerIp": address_of(call, member),
            "ServerHealthStatus": ("normal" if well else "abnormal") if listener["Check"] else "unavailable",
        }


def create_vserver_group(call: Call) -> Body:
    balancer = _balancer(call)
    given = from_json(call, with_port=True)
    require_running(call, given)
    group = call.account.add("vservergroup", balancer.region, call.account.new_id("rsp", balancer.region), {
        "LoadBalancerId": balancer.id,
        "Name": call.get("VServerGroupName") or "",
        "Members": [{"Weight": 100, "Description": "", **member} for member in given],
        "CreatedAt": call.now,
    }, call.tags())  # fmt: skip
    return _shown(call, group)


def set_vserver_group_attribute(call: Call) -> Body:
    group = _weighed(call, _group(call), with_port=True)
    if call.get("VServerGroupName"):
        call.account.change_all(group, {"Name": call.get("VServerGroupName")})
    return {**_shown(call, group), "VServerGroupName": group["Name"]}


def delete_vserver_group(call: Call) -> Body:
    group = _group(call)
    balancer = call.account.get("clb", group["LoadBalancerId"])
    if balancer is not None and any(listener["Group"] == group.id for listener in balancer["Listeners"]):
        raise Refusal(400, "RspoolVipExist", "The VServer group is used by a listener.")
    call.account.remove(group)
    return {}


def describe_vserver_groups(call: Call) -> Body:
    """In one piece; listeners only where they are asked for."""
    balancer = _balancer(call)
    groups = call.matching_tags([g for g in call.listed("vservergroup") if g["LoadBalancerId"] == balancer.id])
    return {"VServerGroups": {"VServerGroup": [_row(call, balancer, group) for group in groups]}}


def _row(call: Call, balancer: Thing, group: Thing) -> Body:
    row = {
        "VServerGroupId": group.id,
        "VServerGroupName": group["Name"],
        "ServerCount": len(group["Members"]),
        "CreateTime": to_minutes(group["CreatedAt"]),
        "Tags": ecs_tags(group),
    }
    if call.get("IncludeListener"):
        users = [
            {"Port": listener["Port"], "Protocol": listener["Protocol"]}
            for listener in balancer["Listeners"]
            if listener["Group"] == group.id
        ]
        row["AssociatedObjects"] = {"Listeners": {"Listener": users}, "Rules": {"Rule": []}}
    return row


def describe_vserver_group_attribute(call: Call) -> Body:
    group = _group(call)
    members = [{**_member(member), "ServerIp": address_of(call, member)} for member in group["Members"]]
    return {
        "VServerGroupId": group.id,
        "VServerGroupName": group["Name"],
        "LoadBalancerId": group["LoadBalancerId"],
        "CreateTime": to_minutes(group["CreatedAt"]),
        "Tags": ecs_tags(group),
        PARAMETER: {"BackendServer": members},
    }


def add_vserver_group_backend_servers(call: Call) -> Body:
    return _shown(call, _added(call, _group(call), with_port=True))


def remove_vserver_group_backend_servers(call: Call) -> Body:
    return _shown(call, _removed(call, _group(call), with_port=True))


SLB = {
    "AddBackendServers": add_backend_servers,
    "SetBackendServers": set_backend_servers,
    "RemoveBackendServers": remove_backend_servers,
    "DescribeLoadBalancers": describe_load_balancers,
    "DescribeLoadBalancerAttribute": describe_load_balancer_attribute,
    "DescribeHealthStatus": describe_health_status,
    "CreateVServerGroup": create_vserver_group,
    "SetVServerGroupAttribute": set_vserver_group_attribute,
    "DeleteVServerGroup": delete_vserver_group,
    "DescribeVServerGroups": describe_vserver_groups,
    "DescribeVServerGroupAttribute": describe_vserver_group_attribute,
    "AddVServerGroupBackendServers": add_vserver_group_backend_servers,
    "RemoveVServerGroupBackendServers": remove_vserver_group_backend_servers,
}
