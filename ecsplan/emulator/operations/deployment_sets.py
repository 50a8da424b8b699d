"""Deployment sets: which instances must not share a host. Nothing is placed here; the sets count their members."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._deployment import NOT_FOUND, capacity, members, spread
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal

STRATEGIES = ("Availability", "AvailabilityGroup", "LowLatency")
NAME_CODE = "InvalidDeploymentSetName.Malformed"


def create_deployment_set(call: Call) -> Body:
    strategy = call.choice("Strategy", *STRATEGIES, default="Availability")
    data: Body = {
        "DeploymentSetName": check_name(call.get("DeploymentSetName"), "DeploymentSetName", NAME_CODE),
        "Description": check_description(call.get("Description")),
        "Strategy": strategy,
        "Type": call.choice("Type", "host", "sw", "rack", default="host"),
        "Affinity": call.number("Affinity", 1, 10, 1),
        "GroupCount": call.number("GroupCount", 1, 7, 3) if strategy == "AvailabilityGroup" else 0,
        "OnUnableToRedeployFailedInstance": call.choice(
            "OnUnableToRedeployFailedInstance", "CancelMembershipAndStart", "KeepStopped",
            default="CancelMembershipAndStart",
        ),
        "CreationTime": to_seconds(call.now),
    }  # fmt: skip
    made = call.account.add("deploymentset", call.region, call.account.new_id("ds", call.region), data)
    return {"DeploymentSetId": made.id}


def _required(call: Call) -> Thing:
    return call.require("deploymentset", call.need("DeploymentSetId"), NOT_FOUND, "DeploymentSetId")


def describe_deployment_sets(call: Call) -> Body:
    ids = call.ids("DeploymentSetIds")
    sets = call.listed("deploymentset") if ids is None else call.listed_by("deploymentset", ids)
    sets = call.filtered(sets, DeploymentSetName="DeploymentSetName", Type="Type")
    strategy = call.choice("Strategy", *STRATEGIES)
    sets = [one for one in sets if strategy in (None, one["Strategy"])]
    return {"RegionId": call.region, **by_number(call, sets, _shown, ("DeploymentSets", "DeploymentSet"), 50)}


def _shown(call: Call, deployment: Thing) -> Body:
    inside = members(call.account, deployment.id)
    largest = capacity(call, deployment)
    rows = []
    for zone in catalogue.zones(deployment.region):
        used = sum(instance["ZoneId"] == zone for instance in inside)
        rows.append({"ZoneId": zone, "UsedAmount": used, "AvailableAmount": max(0, largest - used)})
    return {
        "DeploymentSetId": deployment.id,
        "DeploymentSetName": deployment["DeploymentSetName"],
        "DeploymentSetDescription": deployment["Description"],
        "DeploymentStrategy": deployment["Strategy"],
        "Strategy": deployment["Strategy"],
        "Domain": "default",
        "Granularity": deployment["Type"],
        "Type": deployment["Type"],
        "Affinity": deployment["Affinity"],
        "GroupCount": deployment["GroupCount"],
        "AccountId": int(call.account.owner),
        "CreationTime": deployment["CreationTime"],
        "InstanceAmount": len(inside),
        "InstanceIds": {"InstanceId": [instance.id for instance in inside]},
        "Capacities": {"Capacity": rows},
    }


def modify_deployment_set_attribute(call: Call) -> Body:
    """Name and description change, but can't be cleared."""
    deployment = _required(call)
    changes: Body = {}
    if call.get("DeploymentSetName"):
        changes["DeploymentSetName"] = check_name(call.get("DeploymentSetName"), "DeploymentSetName", NAME_CODE)
    if call.get("Description"):
        changes["Description"] = check_description(call.get("Description"))
    if call.get("Affinity") is not None:
        changes["Affinity"] = call.number("Affinity", 1, 10)
    call.account.change_all(deployment, changes)
    return {}


def delete_deployment_set(call: Call) -> Body:
    deployment = _required(call)
    inside = members(call.account, deployment.id)
    if inside:
        raise Refusal(403, "DependencyViolation.NotEmpty", f"{len(inside)} instances are in {deployment.id}.")
    call.account.remove(deployment)
    return {}


def describe_supported_families(call: Call) -> Body:
    """One text with commas, as the service has it here."""
    call.choice("Strategy", *STRATEGIES, default="Availability")
    return {"InstanceTypeFamilies": ",".join(spread(call.region))}


ECS = {
    "CreateDeploymentSet": create_deployment_set,
    "DescribeDeploymentSets": describe_deployment_sets,
    "ModifyDeploymentSetAttribute": modify_deployment_set_attribute,
    "DeleteDeploymentSet": delete_deployment_set,
    "DescribeDeploymentSetSupportedInstanceTypeFamily": describe_supported_families,
}
