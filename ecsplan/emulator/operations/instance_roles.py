"""The RAM role of an instance: attach, detach, list. Any role name is taken; RAM itself is not emulated."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.paging import newest_first
from ecsplan.emulator.wire import missing

MISSING = {"Code": "InvalidInstanceId.NotFound", "Message": "The specified InstanceId does not exist."}
CONFLICT = {"Code": "InvalidOperation.RoleExists", "Message": "The instance has another RAM role."}
NO_VPC = {"Code": "InvalidOperation.InstanceType", "Message": "The instance is not in a VPC."}
DONE = {"Code": "200", "Message": "success"}


def attach_instance_ram_role(call: Call) -> Body:
    """Each instance has its own result."""
    role, ids = call.need("RamRoleName"), call.ids("InstanceIds") or []
    rows = [{"InstanceId": id_, **_attach(call, id_, role)} for id_ in ids]
    return _results(role, "AttachInstanceRamRoleResult", rows)


def _attach(call: Call, id_: str, role: str) -> Body:
    instance = call.find("instance", id_)
    if instance is None:
        return {"Success": False, **MISSING}
    if not instance.get("VpcId"):
        return {"Success": False, **NO_VPC}
    if instance.get("RamRoleName") not in (None, role):
        return {"Success": False, **CONFLICT}
    call.account.change(instance, RamRoleName=role)
    return {"Success": True, **DONE}


def detach_instance_ram_role(call: Call) -> Body:
    role, ids = call.get("RamRoleName"), call.ids("InstanceIds") or []
    rows = [{"InstanceId": id_, **_detach(call, id_, role)} for id_ in ids]
    return _results(role or "", "DetachInstanceRamRoleResult", rows)


def _detach(call: Call, id_: str, role: str | None) -> Body:
    instance = call.find("instance", id_)
    if instance is None:
        return {"Success": False, **MISSING, "InstanceRamRoleSets": {"InstanceRamRoleSet": []}}
    had = instance.get("RamRoleName")
    if role in (None, had):
        call.account.change(instance, RamRoleName=None)
    sets = [{"InstanceId": id_, "RamRoleName": had}] if had else []
    return {"Success": True, **DONE, "InstanceRamRoleSets": {"InstanceRamRoleSet": sets}}


def _results(role: str, name: str, rows: list[Body]) -> Body:
    failed = sum(not row["Success"] for row in rows)
    return {"RamRoleName": role, "TotalCount": len(rows), "FailCount": failed, f"{name}s": {name: rows}}


def describe_instance_ram_role(call: Call) -> Body:
    ids, role = call.ids("InstanceIds", 50), call.get("RamRoleName")
    if ids is None and role is None:
        raise missing("InstanceIds")
    instances = (
        call.listed_by("instance", ids) if ids is not None else call.account.where("instance", "RamRoleName", role)
    )
    rows = [
        _row(i) for i in newest_first(instances) if i.region == call.region and role in (None, i.get("RamRoleName"))
    ]
    size, number = call.number("PageSize", 1, 50, 10), call.get("PageNumber", 1)
    page = rows[(number - 1) * size : number * size] if ids is None else rows
    return {"RegionId": call.region, "TotalCount": len(rows), "InstanceRamRoleSets": {"InstanceRamRoleSet": page}}


def _row(instance: Thing) -> Body:
    return {"InstanceId": instance.id, "RamRoleName": instance.get("RamRoleName", "")}


ECS = {
    "AttachInstanceRamRole": attach_instance_ram_role,
    "DetachInstanceRamRole": detach_instance_ram_role,
    "DescribeInstanceRamRole": describe_instance_ram_role,
}
