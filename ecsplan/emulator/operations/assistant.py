"""Cloud Assistant: the agent on each machine, and whether it is online."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._wellness import trouble
from ecsplan.emulator.paging import by_number

HEARTBEAT = 60.0  # seconds


def is_online(call: Call, instance: Thing) -> bool:
    return instance.status == "Running" and trouble(call, instance, "assistant") is None


def describe_cloud_assistant_status(call: Call) -> Body:
    """Paging is for those who name no machines."""
    ids = call.many("InstanceId", 100)
    instances = call.listed_by("instance", ids) if ids else call.listed("instance")
    instances = [one for one in instances if call.get("OSType") in (None, _system(one))]
    wrap = ("InstanceCloudAssistantStatusSet", "InstanceCloudAssistantStatus")
    if ids:
        return {"TotalCount": len(instances), wrap[0]: {wrap[1]: [_status(call, one) for one in instances]}}
    return by_number(call, instances, _status, wrap, 50)


def _status(call: Call, instance: Thing) -> Body:
    online = is_online(call, instance)
    runs = _runs(call, instance)
    return {
        "InstanceId": instance.id,
        "CloudAssistantStatus": "true" if online else "false",
        "CloudAssistantVersion": "2.2.3.857",
        "LastHeartbeatTime": to_seconds(call.now - call.now % HEARTBEAT) if online else "",
        "ActiveTaskCount": sum(run["Status"] == "Running" for run in runs),
        "InvocationCount": len(runs),
        "LastInvokedTime": max((run["StartTime"] for run in runs), default=""),
        "OSType": _system(instance),
        "SupportSessionManager": True,
    }


def _runs(call: Call, instance: Thing) -> list[Thing]:
    every = call.account.in_region("invocation", call.region)
    return [run for run in every if any(row["InstanceId"] == instance.id for row in run["Results"])]


def _system(instance: Thing) -> str:
    return "Windows" if str(instance.get("OSType", "")).lower() == "windows" else "Linux"


ECS = {"DescribeCloudAssistantStatus": describe_cloud_assistant_status}
