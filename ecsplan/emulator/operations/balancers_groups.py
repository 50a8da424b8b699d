"""Server groups of ALB (2020-06-16) and NLB (2022-04-30): their members, jobs and health. Alike, but not the same.

Every write is a job: the group is Configuring meanwhile and refuses another. Balancers and listeners are made by the
control API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations._members import Member, address_of, machine_of
from ecsplan.emulator.operations._wellness import serves
from ecsplan.emulator.paging import by_token
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

TAGGABLE = {("alb", "servergroup"): "albgroup", ("nlb", "servergroup"): "nlbgroup"}


@dataclass(frozen=True, slots=True)
class Names:
    """Where the two products differ. `updates` is how many members one call may change."""

    product: str
    busy: str
    gone: str
    in_use: str
    types: tuple[str, ...]
    updates: int
    lowest_port: int

    @property
    def group(self) -> str:
        return f"{self.product}group"


ALB_NAMES = Names(
    "alb", "IncorrectStatus.ServerGroup", "ResourceNotFound.ServerGroup", "ResourceInUse.ServerGroup",
    ("Ecs", "Eni", "Eci", "Ip", "Fc"), 40, 1,
)  # fmt: skip
NLB_NAMES = Names(
    "nlb", "IncorrectStatus.serverGroup", "ResourceNotFound.serverGroup", "ResourceInUse.serverGroup",
    ("Ecs", "Eni", "Eci", "Ip"), 200, 0,
)  # fmt: skip
NAMES = {"alb": ALB_NAMES, "nlb": NLB_NAMES}
MOST_SERVERS = 200


def _names(call: Call) -> Names:
    return NAMES[call.product]


def _things(call: Call, kind: str) -> list[Thing]:
    """Those of the region that the host or a parameter names; on an address without a name, all."""
    region = call.get("RegionId") or call.host_region
    found = call.account.in_region(kind, region) if region else call.account.everywhere(kind)
    return [thing for thing in found if call.sight.shows(thing)]


def _group(call: Call, id_: str | None = None) -> Thing:
    return call.require(_names(call).group, id_ or call.need("ServerGroupId"), _names(call).gone, "ServerGroupId")


def _settled_group(call: Call) -> Thing:
    group = _group(call)
    if group.status != "Available":
        raise Refusal(409, _names(call).busy, f"The status of the server group {group.id} is {group.status}.")
    return group


def create_server_group(call: Call) -> Body:
    names = _names(call)
    if call.product == "alb" and call.get("HealthCheckConfig") is None:
        raise missing("HealthCheckConfig")
    vpc = call.require("vpc", call.need("VpcId"), "ResourceNotFound.Vpc", "VpcId")
    check = call.get("HealthCheckConfig") or {}
    drain = call.get("ConnectionDrainConfig") or {}
    group = call.account.add(names.group, vpc.region, call.account.new_id("sgp", vpc.region, 17), {
        "Status": "Creating",
        "Name": call.need("ServerGroupName"),
        "VpcId": vpc.id,
        "Protocol": call.get("Protocol", "HTTP" if call.product == "alb" else "TCP"),
        "Type": call.get("ServerGroupType", "Instance"),
        "Scheduler": call.get("Scheduler", "Wrr"),
        "Check": _as_bool(check.get("HealthCheckEnabled", True)),
        "Drain": _as_bool(drain.get("ConnectionDrainEnabled", call.get("ConnectionDrainEnabled", False))),
        "DrainTimeout": int(drain.get("ConnectionDrainTimeout") or call.get("ConnectionDrainTimeout") or 300),
        "Members": [],
        "ResourceGroupId": call.get("ResourceGroupId") or vpc["ResourceGroupId"],
    }, call.tags())  # fmt: skip
    return {"ServerGroupId": group.id, **_job(call, group)}


def _as_bool(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "on")


def delete_server_group(call: Call) -> Body:
    names, group = _names(call), _settled_group(call)
    if _listeners_of(call, group):
        raise Refusal(409, names.in_use, f"The server group {group.id} is used by a listener.")
    call.account.change_all(group, {"Status": "Deleting"})
    return _job(call, group, then="remove")


def _job(call: Call, group: Thing, then: str = "balancer_settled") -> Body:
    job = call.account.add(f"{call.product}job", group.region, call.account.new_id("job", group.region), {
        "Status": "Processing", "ApiName": call.action, "ResourceId": group.id, "CreatedAt": call.now,
    })  # fmt: skip
    call.in_settle(group, then=then)
    call.in_settle(job, Status="Succeeded")
    return {"JobId": job.id}


@effect("balancer_settled")
def _settle(lifecycle: Lifecycle, group: Thing, now: float) -> None:
    kept = [{**member, "Status": "Available"} for member in group["Members"] if member["Status"] != "Removing"]
    lifecycle.account.change_all(group, {"Status": "Available", "Members": kept})


def _given(call: Call, parameter: str = "Servers", most: int = MOST_SERVERS) -> dict[tuple[Any, ...], Member]:
    names, rows = _names(call), call.get(parameter) or []
    if not rows:
        raise missing(f"{parameter}.N")
    if len(rows) > most:
        raise invalid(f"{parameter}.N", f"At most {most} servers may be named.")
    found = {}
    for row in rows:
        if not row.get("ServerId") or row.get("ServerType") not in names.types:
            raise invalid(f"{parameter}.N", f"ServerId, and ServerType of {', '.join(names.types)}, are needed.")
        port = int(row.get("Port") or 0)
        if not names.lowest_port <= port <= 65535:
            raise invalid(f"{parameter}.N.Port", f"It is from {names.lowest_port} to 65535.")
        if row.get("Weight") is not None and not 0 <= int(row["Weight"]) <= 100:
            raise invalid(f"{parameter}.N.Weight", "It is from 0 to 100.")
        found[_key(row)] = dict(row)
    return found


def _key(row: Member) -> tuple[Any, ...]:
    return (row["ServerId"], row.get("ServerIp") or "", row["ServerType"], int(row.get("Port") or 0))


def add_servers(call: Call) -> Body:
    group, given = _settled_group(call), _given(call)
    there = {_key(member) for member in group["Members"]}
    for key, row in given.items():
        if key in there:
            raise Refusal(409, "ResourceAlreadyExist.BackendServer", f"The server {row['ServerId']} is there already.")
        if row["ServerType"] == "Ecs" and call.find("instance", row["ServerId"]) is None:
            raise not_found("ResourceNotFound.BackendServer", "ServerId", row["ServerId"])
    return _changed(call, group, [*group["Members"], *map(_fresh, given.values())])


def _fresh(row: Member) -> Member:
    return {"Weight": 100, "Description": "", "Port": 0, **row, "Status": "Adding"}


def remove_servers(call: Call) -> Body:
    group, given = _settled_group(call), _given(call)
    _refuse_strangers(group, given)
    return _changed(call, group, [_going(member, given) for member in group["Members"]])


def _going(member: Member, given: Iterable[tuple[Any, ...]]) -> Member:
    return {**member, "Status": "Removing"} if _key(member) in given else member


def update_servers(call: Call) -> Body:
    """Weight and description, in place."""
    group, given = _settled_group(call), _given(call, most=_names(call).updates)
    _refuse_strangers(group, given)
    members = []
    for member in group["Members"]:
        row = given.get(_key(member), {})
        fresh = {name: row[name] for name in ("Weight", "Description") if row.get(name) is not None}
        members.append({**member, **fresh, "Status": "Configuring"} if row else member)
    return _changed(call, group, members)


def replace_servers(call: Call) -> Body:
    """One job: the group never shrinks."""
    group = _settled_group(call)
    added, removed = _given(call, "AddedServers"), _given(call, "RemovedServers")
    _refuse_strangers(group, removed)
    return _changed(call, group, [*(_going(m, removed) for m in group["Members"]), *map(_fresh, added.values())])


def _refuse_strangers(group: Thing, given: dict[tuple[Any, ...], Member]) -> None:
    there = {_key(member) for member in group["Members"]}
    for key, row in given.items():
        if key not in there:
            raise not_found("ResourceNotFound.BackendServer", "ServerId", row["ServerId"])


def _changed(call: Call, group: Thing, members: list[Member]) -> Body:
    call.account.change_all(group, {"Members": members, "Status": "Configuring"})
    body = _job(call, group)
    return {**body, "ServerGroupId": group.id} if call.product == "nlb" else body


def list_server_groups(call: Call) -> Body:
    ids, named = call.get("ServerGroupIds") or [], call.get("ServerGroupNames") or []
    found = [
        group
        for group in call.matching_tags(_things(call, _names(call).group))
        if (not ids or group.id in ids) and (not named or group["Name"] in named)
        and call.get("VpcId") in (None, group["VpcId"]) and call.get("ServerGroupType") in (None, group["Type"])
    ]  # fmt: skip
    return _page(call, found, _shown_group, "ServerGroups")


def _page(call: Call, things: list[Thing], render: Callable[[Call, Thing], Body], name: str) -> Body:
    """The lists here are not wrapped."""
    body = by_token(call, things, render, (name, "Item"), 100, 20)
    return {**body, name: body[name]["Item"], "MaxResults": call.get("MaxResults", 20)}


def _shown_group(call: Call, group: Thing) -> Body:
    row: Body = {
        "ServerGroupId": group.id,
        "ServerGroupName": group["Name"],
        "ServerGroupStatus": group.status,
        "ServerGroupType": group["Type"],
        "VpcId": group["VpcId"],
        "Protocol": group["Protocol"],
        "Scheduler": group["Scheduler"],
        "ServerCount": len(group["Members"]),
        "ResourceGroupId": group["ResourceGroupId"],
        "RelatedLoadBalancerIds": sorted({listener["LoadBalancerId"] for listener in _listeners_of(call, group)}),
        "Tags": [{"Key": key, "Value": value} for key, value in group.tags.items()],
    }
    if call.product == "alb":
        drain = {"ConnectionDrainEnabled": group["Drain"], "ConnectionDrainTimeout": group["DrainTimeout"]}
        return {**row, "HealthCheckConfig": {"HealthCheckEnabled": group["Check"]}, "ConnectionDrainConfig": drain}
    return {**row, "RegionId": group.region, "HealthCheck": {"HealthCheckEnabled": group["Check"]},
            "ConnectionDrainEnabled": group["Drain"], "ConnectionDrainTimeout": group["DrainTimeout"]}  # fmt: skip


def list_server_group_servers(call: Call) -> Body:
    """Of one group, or of all."""
    id_ = call.get("ServerGroupId")
    groups = [_group(call, id_)] if id_ is not None else _things(call, _names(call).group)
    ids = call.get("ServerIds") or []
    rows = [
        _shown_member(call, group, member)
        for group in groups
        for member in group["Members"]
        if not ids or member["ServerId"] in ids
    ]
    size = min(max(call.get("MaxResults", 20), 1), 100)
    token = call.get("NextToken") or "0"
    if not token.isdecimal():
        raise invalid("NextToken", code="InvalidNextToken")
    start = int(token)
    body: Body = {"Servers": rows[start : start + size], "TotalCount": len(rows), "MaxResults": size}
    return body | ({"NextToken": str(start + size)} if start + size < len(rows) else {})


def _shown_member(call: Call, group: Thing, member: Member) -> Body:
    row = {name: member[name] for name in ("ServerId", "ServerType", "Port", "Weight", "Description", "Status")}
    row |= {"ServerGroupId": group.id, "ServerIp": address_of(call, member)}
    machine = machine_of(call, member)
    return row | ({"ZoneId": machine["ZoneId"]} if call.product == "nlb" and machine is not None else {})


def _listeners_of(call: Call, group: Thing) -> list[dict[str, Any]]:
    balancers = call.account.in_region(call.product, group.region)
    return [
        {**listener, "LoadBalancerId": one.id} for one in balancers for listener in one["Listeners"]
        if listener["Group"] == group.id
    ]  # fmt: skip


def list_listeners(call: Call) -> Body:
    wanted, of = call.get("ListenerIds") or [], call.get("LoadBalancerIds") or []
    rows = [
        {"ListenerId": listener["Id"], "LoadBalancerId": balancer.id, "ListenerPort": listener["Port"],
         "ListenerProtocol": listener["Protocol"], "ListenerStatus": "Running", **_forwards(call, listener)}
        for balancer in _things(call, call.product)
        for listener in balancer["Listeners"]
        if (not wanted or listener["Id"] in wanted) and (not of or balancer.id in of)
    ]  # fmt: skip
    return {"Listeners": rows, "TotalCount": len(rows), "MaxResults": call.get("MaxResults", 20)}


def _forwards(call: Call, listener: dict[str, Any]) -> Body:
    if call.product == "nlb":
        return {"ServerGroupId": listener["Group"]}
    tuples = [{"ServerGroupId": listener["Group"]}]
    return {"DefaultActions": [{"Type": "ForwardGroup", "ForwardGroupConfig": {"ServerGroupTuples": tuples}}]}


def get_listener_health_status(call: Call) -> Body:
    """Only the servers that are not well are listed."""
    wanted = call.need("ListenerId")
    for balancer in call.account.everywhere(call.product):
        for listener in balancer["Listeners"]:
            if listener["Id"] == wanted:
                rest: Body = {"RuleHealthStatus": []} if call.product == "alb" else {"TotalCount": 1, "MaxResults": 1}
                return {"ListenerHealthStatus": [_health(call, listener)], **rest}
    raise not_found("ResourceNotFound.Listener", "ListenerId", wanted)


def _health(call: Call, listener: dict[str, Any]) -> Body:
    group = call.account.get(_names(call).group, listener["Group"])
    infos = []
    if group is not None:
        sick = [_sick(call, member) for member in group["Members"]] if group["Check"] else []
        info: Body = {"ServerGroupId": group.id, "NonNormalServers": [row for row in sick if row is not None]}
        if call.product == "alb":
            info |= {"HealthCheckEnabled": "on" if group["Check"] else "off", "ServerCount": len(group["Members"]),
                     "ActionType": "ForwardGroup"}  # fmt: skip
        else:
            info["HeathCheckEnabled"] = group["Check"]
        infos.append(info)
    return {"ListenerId": listener["Id"], "ListenerPort": listener["Port"], "ListenerProtocol": listener["Protocol"],
            "ServerGroupInfos": infos}  # fmt: skip


def _sick(call: Call, member: Member) -> Body | None:
    if serves(call, machine_of(call, member)) and member["Status"] != "Adding":
        return None
    status = "Initial" if member["Status"] == "Adding" else "Unhealthy"
    row = {"ServerId": member["ServerId"], "ServerIp": address_of(call, member), "Port": member["Port"]}
    return {**row, "Status": status, "Reason": {"ReasonCode": "CONNECT_TIMEOUT"}}


def list_asyn_jobs(call: Call) -> Body:
    wanted = call.get("JobIds") or []
    jobs = [job for job in _things(call, f"{call.product}job") if not wanted or job.id in wanted]
    return _page(call, jobs, _shown_job, "Jobs")


def _shown_job(_call: Call, job: Thing) -> Body:
    return {"Id": job.id, "Status": job.status, "ApiName": job["ApiName"], "ResourceId": job["ResourceId"],
            "ResourceType": "servergroup", "CreateTime": int(job["CreatedAt"] * 1000)}  # fmt: skip


def get_job_status(call: Call) -> Body:
    job = call.require("nlbjob", call.need("JobId"), "ResourceNotFound.Job", "JobId")
    return {"Status": job.status}


BOTH = {
    "CreateServerGroup": create_server_group,
    "DeleteServerGroup": delete_server_group,
    "ListServerGroups": list_server_groups,
    "AddServersToServerGroup": add_servers,
    "RemoveServersFromServerGroup": remove_servers,
    "UpdateServerGroupServersAttribute": update_servers,
    "ListServerGroupServers": list_server_group_servers,
    "ListListeners": list_listeners,
    "GetListenerHealthStatus": get_listener_health_status,
}
ALB = {**BOTH, "ReplaceServersInServerGroup": replace_servers, "ListAsynJobs": list_asyn_jobs}
NLB = {**BOTH, "GetJobStatus": get_job_status}
