"""Dedicated hosts: allocate, list, change and release. How they are paid is in `dedicated_host_billing`."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.clock import parse_time, to_minutes
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations import _terms
from ecsplan.emulator.operations._hosts import NOT_FOUND, HostType, guests, host_types, room, type_of
from ecsplan.emulator.operations.instance_billing import UNITS
from ecsplan.emulator.paging import by_either
from ecsplan.emulator.prices import order_id
from ecsplan.emulator.protocol import json_list
from ecsplan.emulator.wire import Refusal, invalid, missing

NAME_CODE = "InvalidDedicatedHostName.Malformed"
STATUSES = ("Available", "UnderAssessment", "PermanentFailure", "TempUnavailable", "Redeploying")
TIMEOUTS = {"SlbUdpTimeout": 60, "UdpTimeout": 60}


def require_host(call: Call) -> Thing:
    return call.require("ddh", call.need("DedicatedHostId"), NOT_FOUND, "DedicatedHostId")


def host_ids(call: Call, limit: int) -> list[str] | None:
    """A JSON array or a comma list: the reference has both."""
    text = call.get("DedicatedHostIds")
    if text is None:
        return None
    listed = text.lstrip().startswith("[")
    return json_list(text, "DedicatedHostIds", limit) if listed else call.commas("DedicatedHostIds", limit)


def allocate_dedicated_hosts(call: Call) -> Body:
    wanted = call.need("DedicatedHostType")
    kind = host_types().get(wanted)
    if kind is None:
        raise invalid("DedicatedHostType", code="InvalidDedicatedHostType.ValueNotSupported")
    zone = call.zone() or catalogue.zones(call.region)[0]
    charge = call.choice("ChargeType", "PostPaid", "PrePaid", default="PostPaid")
    data: Body = {
        "DedicatedHostType": wanted,
        "ZoneId": zone,
        "Status": "Creating",
        "ChargeType": charge,
        "DedicatedHostName": "",
        "Description": "",
        "ActionOnMaintenance": "Migrate",
        "AutoPlacement": "on",
        "CpuOverCommitRatio": 1.0,
        "NetworkAttributes": dict(TIMEOUTS),
        "DedicatedHostClusterId": "",
        "CreationTime": to_minutes(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
        **_given(call, kind),
        **_term(call, charge),
    }
    tags, ids = call.tags(), []
    for _ in range(call.number("Quantity", 1, 100, 1)):
        host = call.account.add("ddh", call.region, call.account.new_id("dh", call.region), dict(data), tags)
        call.in_settle(host, Status="Available")
        end_at(call, host, data.get("AutoReleaseTime"))
        ids.append(host.id)
    body: Body = {"DedicatedHostIdSets": {"DedicatedHostId": ids}}
    return {**body, "OrderId": order_id(call)} if charge == "PrePaid" else body


def end_at(call: Call, host: Thing, when: str | None) -> None:
    """By itself, at that time; without one not any more."""
    call.account.set_pending(host, [item for item in host.pending if item[2] != "host_auto_released"])
    call.account.change(host, AutoReleaseTime=when)
    if when is not None:
        call.lifecycle.schedule(host, parse_time(when) or call.now, "host_auto_released")


@effect("host_auto_released")
def auto_released(lifecycle: Lifecycle, host: Thing, now: float) -> None:
    """A host with machines on it stays, and loses its date."""
    if lifecycle.account.how_many("instance", "DedicatedHostId", host.id):
        lifecycle.account.change(host, AutoReleaseTime=None)
    else:
        lifecycle.account.remove(host)


def _term(call: Call, charge: str) -> Body:
    if charge == "PostPaid":
        when = call.get("AutoReleaseTime")
        return {} if when is None else {"AutoReleaseTime": _terms.check_release_time(call, when)}
    if call.get("Period") is None:
        raise missing("Period")
    unit = call.choice("PeriodUnit", *UNITS, default="Month")
    return {
        "ExpiredTime": to_minutes(call.now + call.number("Period", 1, 60) * UNITS[unit]),
        "SaleCycle": unit,
        "RenewalStatus": "AutoRenewal" if call.get("AutoRenew") else "Normal",
        "Duration": call.get("AutoRenewPeriod", 1),
    }


def _given(call: Call, kind: HostType) -> Body:
    """What can be set at the start and later on."""
    data: Body = {}
    if "DedicatedHostName" in call.params:
        data["DedicatedHostName"] = check_name(call.get("DedicatedHostName"), "DedicatedHostName", NAME_CODE)
    if "Description" in call.params:
        data["Description"] = check_description(call.get("Description"))
    for name, words in (("ActionOnMaintenance", ("Migrate", "Stop")), ("AutoPlacement", ("on", "off"))):
        if call.get(name) is not None:
            data[name] = call.choice(name, *words)
    if call.get("DedicatedHostClusterId") is not None:
        data["DedicatedHostClusterId"] = call.get("DedicatedHostClusterId")
    ratio = call.number("CpuOverCommitRatio", 1, 5)
    if ratio is not None:
        if not kind.overcommit:
            raise Refusal(403, "InvalidParameter.CpuOverCommitRatio", f"{kind.id} has no CPU overcommitment.")
        data["CpuOverCommitRatio"] = float(ratio)
    timeouts = call.get("NetworkAttributes")
    if timeouts:
        if not all(15 <= seconds <= 310 for seconds in timeouts.values()):
            raise invalid("NetworkAttributes", "A timeout is from 15 to 310 seconds.")
        data["NetworkAttributes"] = {**TIMEOUTS, **timeouts}
    return data


def describe_dedicated_hosts(call: Call) -> Body:
    """Only Available ones, unless Status says otherwise."""
    ids = host_ids(call, 100)
    hosts = call.candidates("ddh") if ids is None else call.listed_by("ddh", ids)
    hosts = call.filtered(
        call.matching_tags(hosts), ZoneId="ZoneId", DedicatedHostType="DedicatedHostType",
        DedicatedHostName="DedicatedHostName", DedicatedHostClusterId="DedicatedHostClusterId",
    )  # fmt: skip
    status = call.choice("Status", *STATUSES, default="Available")
    hosts = [host for host in hosts if host.status == status and not call.get("LockReason")]
    return by_either(call, hosts, _shown, ("DedicatedHosts", "DedicatedHost"), 100)


HEAD = ("DedicatedHostType", "ZoneId", "Status", "ChargeType", "DedicatedHostName", "Description",
        "ActionOnMaintenance", "AutoPlacement", "CpuOverCommitRatio", "NetworkAttributes", "DedicatedHostClusterId",
        "CreationTime", "ResourceGroupId")  # fmt: skip


def _shown(call: Call, host: Thing) -> Body:
    kind = type_of(host)
    inside = [
        {
            "InstanceId": guest.id,
            "InstanceType": guest["InstanceType"],
            "InstanceOwnerId": int(call.account.owner),
            "SocketId": "",
        }
        for guest in guests(call, host)
    ]
    return {key: host[key] for key in HEAD} | {
        "DedicatedHostId": host.id,
        "RegionId": host.region,
        "MachineId": host.id.removeprefix("dh-"),
        "DedicatedHostOwnerId": int(call.account.owner),
        "ExpiredTime": host.get("ExpiredTime", "2099-12-31T15:59Z"),
        "AutoReleaseTime": host.get("AutoReleaseTime", ""),
        "SaleCycle": host.get("SaleCycle", ""),
        "Cores": kind.vcpus // 2,
        "Sockets": 2,
        "PhysicalGpus": 0,
        "GPUSpec": "",
        "Capacity": _capacity(call, host, kind),
        "Instances": {"Instance": inside},
        "OperationLocks": {"OperationLock": []},
        "SchedulerOptions": {"ManagedPrivateSpaceId": ""},
        "SupportedInstanceTypeFamilies": {"SupportedInstanceTypeFamily": [kind.family]},
        "SupportedInstanceTypesList": {"SupportedInstanceTypesList": list(kind.types)},
        "SupportedCustomInstanceTypeFamilies": {"SupportedCustomInstanceTypeFamily": []},
        "Tags": ecs_tags(host),
    }


def _capacity(call: Call, host: Thing, kind: HostType) -> Body:
    vcpus, memory = room(call, host)
    fits = []
    for type_id in kind.types if call.get("QueryInventory") else ():
        record = catalogue.instance_type(type_id) or {"vcpu": 1, "memory_gib": 1}
        count = int(min(vcpus // record["vcpu"], memory // record["memory_gib"]))
        fits.append({"InstanceType": type_id, "AvailableInstanceCapacity": max(0, count)})
    return {
        "TotalVcpus": int(kind.vcpus * host["CpuOverCommitRatio"]),
        "AvailableVcpus": vcpus,
        "TotalMemory": kind.memory,
        "AvailableMemory": memory,
        "TotalVgpus": 0,
        "AvailableVgpus": 0,
        "TotalLocalStorage": 0,
        "AvailableLocalStorage": 0,
        "LocalStorageCategory": "",
        "AvailableInstanceTypes": {"AvailableInstanceType": fits},
        "SocketCapacities": {"SocketCapacity": []},
    }


def modify_dedicated_host_attribute(call: Call) -> Body:
    host = require_host(call)
    call.account.change_all(host, _given(call, type_of(host)))
    return {}


def release_dedicated_host(call: Call) -> Body:
    """Empty, and not a subscription that still runs."""
    host = require_host(call)
    if host.status == "Creating":
        raise Refusal(403, "IncorrectHostStatus.Initializing", f"The dedicated host {host.id} is being made.")
    if guests(call, host):
        raise Refusal(403, "DependencyViolation.Instance", f"Instances are on the dedicated host {host.id}.")
    if host["ChargeType"] == "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", f"{host.id} is a subscription until {host['ExpiredTime']}.")
    call.lifecycle.cancel(host)
    call.account.remove(host)
    return {}


def describe_dedicated_host_types(call: Call) -> Body:
    wanted, family = call.get("DedicatedHostType"), call.get("SupportedInstanceTypeFamily")
    kinds = [k for k in host_types().values() if wanted in (None, k.id) and family in (None, k.family)]
    return {"DedicatedHostTypes": {"DedicatedHostType": [_type(kind) for kind in kinds if call.region]}}


def _type(kind: HostType) -> Body:
    return {
        "DedicatedHostType": kind.id,
        "Cores": kind.vcpus // 2,
        "Sockets": 2,
        "TotalVcpus": kind.vcpus,
        "TotalVgpus": 0,
        "MemorySize": kind.memory,
        "PhysicalGpus": 0,
        "GPUSpec": "",
        "LocalStorageAmount": 0,
        "LocalStorageCapacity": 0,
        "LocalStorageCategory": "",
        "SupportCpuOverCommitRatio": kind.overcommit,
        "CpuOverCommitRatioRange": "1-5" if kind.overcommit else "",
        "SupportedInstanceTypeFamilies": {"SupportedInstanceTypeFamily": [kind.family]},
        "SupportedInstanceTypesList": {"SupportedInstanceTypesList": list(kind.types)},
    }


ECS = {
    "AllocateDedicatedHosts": allocate_dedicated_hosts,
    "DescribeDedicatedHosts": describe_dedicated_hosts,
    "DescribeDedicatedHostTypes": describe_dedicated_host_types,
    "ModifyDedicatedHostAttribute": modify_dedicated_host_attribute,
    "ReleaseDedicatedHost": release_dedicated_host,
}
TAGGABLE = {("ecs", "ddh"): "ddh"}
