"""The settings beside the machine: metadata access, maintenance, private pool, deployment set."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._deployment import check_deployment
from ecsplan.emulator.operations._hosts import check_host
from ecsplan.emulator.operations._launch_options import pool
from ecsplan.emulator.operations.instances import NOT_FOUND, require_instance, require_status
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, missing

ACTIONS = ("Stop", "AutoRecover", "AutoRedeploy")


def modify_instance_metadata_options(call: Call) -> Body:
    instance = require_instance(call)
    changes: Body = {"HttpEndpoint": call.choice("HttpEndpoint", "enabled", "disabled")}
    tokens = call.choice("HttpTokens", "optional", "required")
    if tokens is not None:
        changes["HttpTokens"] = tokens
    hops = call.number("HttpPutResponseHopLimit", 1, 64)
    if hops is not None:
        changes["HttpPutResponseHopLimit"] = hops
    call.account.change_all(instance, changes)
    return {}


def modify_instance_maintenance_attributes(call: Call) -> Body:
    ids = call.many("InstanceId", 100)
    if not ids:
        raise missing("InstanceId.1")
    changes: Body = {}
    action = call.choice("ActionOnMaintenance", *ACTIONS)
    if action is not None:
        changes["MaintenanceAction"] = action
    if call.get("NotifyOnMaintenance") is not None:
        changes["MaintenanceNotify"] = call.get("NotifyOnMaintenance")
    windows = call.many("MaintenanceWindow", 10)
    if windows:
        changes["MaintenanceWindows"] = [_window(window) for window in windows]
    for id_ in ids:
        call.account.change_all(call.require("instance", id_, NOT_FOUND, "InstanceId"), changes)
    return {}


def _window(given: Body) -> Body:
    """Full hours, one to 23 hours long."""
    start, end = _hour(given.get("StartTime")), _hour(given.get("EndTime"))
    if start == end:
        raise invalid("MaintenanceWindow", "It is 1 to 23 hours long.", "InvalidMaintenanceWindow.Malformed")
    return {"StartTime": f"{start:02d}:00:00", "EndTime": f"{end:02d}:00:00"}


def _hour(text: str | None) -> int:
    parts = (text or "").split(":")
    if len(parts) != 3 or not parts[0].isdecimal() or int(parts[0]) > 23 or parts[1:] != ["00", "00"]:
        raise invalid("MaintenanceWindow", "It is in full hours, HH:00:00.", "InvalidMaintenanceWindow.Malformed")
    return int(parts[0])


def describe_instance_maintenance_attributes(call: Call) -> Body:
    ids = call.many("InstanceId", 100)
    instances = call.listed_by("instance", ids) if ids else call.listed("instance")
    return by_number(call, instances, _maintenance, ("MaintenanceAttributes", "MaintenanceAttribute"), 100)


def _maintenance(call: Call, instance: Thing) -> Body:
    return {
        "InstanceId": instance.id,
        "ActionOnMaintenance": {
            "Value": instance.get("MaintenanceAction", "AutoRecover"),
            "DefaultValue": "AutoRecover",
            "SupportedValues": {"SupportedValue": list(ACTIONS)},
        },
        "MaintenanceWindows": {"MaintenanceWindow": instance.get("MaintenanceWindows", [])},
        "NotifyOnMaintenance": instance.get("MaintenanceNotify", False),
    }


def modify_instance_attachment_attributes(call: Call) -> Body:
    instance = require_instance(call)
    match, pool_id = pool(call.need("PrivatePoolOptions"))
    call.account.change(instance, PrivatePoolMatch=match, PrivatePoolId=pool_id)
    return {}


def describe_instance_attachment_attributes(call: Call) -> Body:
    instances = call.listed_by("instance", call.ids("InstanceIds") or [])
    return by_number(call, instances, _attachment, ("Instances", "Instance"), 100)


def _attachment(call: Call, instance: Thing) -> Body:
    return {
        "InstanceId": instance.id,
        "PrivatePoolOptionsId": instance.get("PrivatePoolId") or "",
        "PrivatePoolOptionsMatchCriteria": instance.get("PrivatePoolMatch", "Open"),
    }


def modify_instance_deployment(call: Call) -> Body:
    """Joins, changes or (with RemoveFromDeploymentSet) leaves a deployment set; on another host type it must stop."""
    instance = require_instance(call)
    require_status(instance, "Running", "Stopped")
    wanted = call.get("DeploymentSetId")
    if call.get("RemoveFromDeploymentSet"):
        if wanted not in (None, instance.get("DeploymentSetId")):
            raise Refusal(400, "InvalidDeploymentSetId.Mismatch", f"The instance is not in {wanted}.")
        wanted = None
    elif wanted != instance.get("DeploymentSetId"):
        check_deployment(call, wanted, call.get("DeploymentSetGroupNo"), instance["ZoneId"], 1)
    call.account.change(instance, DeploymentSetId=wanted, DeploymentSetGroupNo=call.get("DeploymentSetGroupNo"))
    if call.get("DedicatedHostId") is not None:
        record = catalogue.instance_type(instance["InstanceType"]) or {}
        if call.get("DedicatedHostId") != instance.get("DedicatedHostId"):
            check_host(call, call.get("DedicatedHostId"), record, instance["ZoneId"], 1)
        call.account.change(instance, DedicatedHostId=call.get("DedicatedHostId"))
    return {}


def modify_instance_security_options(call: Call) -> Body:
    """Secure Boot counts when a machine boots: the page names no status, and the stricter is that it is off."""
    instance = require_instance(call)
    require_status(instance, "Stopped")
    call.account.change(instance, EnableSecureBoot=call.need("EnableSecureBoot"))
    return {}


ECS = {
    "ModifyInstanceSecurityOptions": modify_instance_security_options,
    "ModifyInstanceMetadataOptions": modify_instance_metadata_options,
    "ModifyInstanceMaintenanceAttributes": modify_instance_maintenance_attributes,
    "DescribeInstanceMaintenanceAttributes": describe_instance_maintenance_attributes,
    "ModifyInstanceAttachmentAttributes": modify_instance_attachment_attributes,
    "DescribeInstanceAttachmentAttributes": describe_instance_attachment_attributes,
    "ModifyInstanceDeployment": modify_instance_deployment,
}
