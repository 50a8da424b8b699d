"""Deployment sets, as launching and moving instances need them."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.wire import Refusal, invalid

NOT_FOUND = "InvalidDeploymentSetId.NotFound"
# Seven hosts a zone; the later limit of twenty is for accounts of a later date.
PER_ZONE = "deployment_set_instances_per_zone"
UNSPREAD = ("ecs.t1", "ecs.s1", "ecs.s2", "ecs.s3", "ecs.n1", "ecs.n2", "ecs.e3")


def members(account: Account, deployment_id: str) -> list[Thing]:
    return account.where("instance", "DeploymentSetId", deployment_id)


def capacity(call: Call, deployment: Thing) -> int:
    """Of a zone: hosts, times the affinity, times the groups."""
    hosts = call.quotas.get(PER_ZONE, catalogue.quota(PER_ZONE) or 7)
    return int(hosts * deployment["Affinity"] * max(1, deployment["GroupCount"]))


def spread(region: str) -> list[str]:
    """The families that a set takes: all but the first generation."""
    families = dict.fromkeys(record["family"] for record in catalogue.instance_types().values())
    return [family for family in families if family not in UNSPREAD and catalogue.is_region(region)]


def check_deployment(call: Call, deployment_id: str | None, group: int | None, zone: str, joining: int) -> None:
    """The set exists, the group number fits its strategy, and the zone has hosts left."""
    if deployment_id is None:
        return
    deployment = call.require("deploymentset", deployment_id, NOT_FOUND, "DeploymentSetId")
    groups = deployment["GroupCount"]
    if group is not None and not 1 <= group <= groups:
        raise invalid("DeploymentSetGroupNo", f"The set has {groups} groups.", "InvalidDeploymentSetGroupNo")
    used = sum(instance["ZoneId"] == zone for instance in members(call.account, deployment_id))
    if used + joining > capacity(call, deployment):
        code = "QuotaExceed.DeploymentSetInstanceQuotaFull"
        raise Refusal(403, code, f"The deployment set {deployment_id} has no host left in {zone}.")
