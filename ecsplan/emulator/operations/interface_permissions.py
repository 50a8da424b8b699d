"""Permissions that other accounts get on a network interface; nobody is here to use them."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations.network_interfaces import require_interface
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, missing

NOT_FOUND = "InvalidPermissionId.NotFound"


def create_permission(call: Call) -> Body:
    eni, owner = require_interface(call), call.need("AccountId")
    for other in call.listed("enipermission"):
        if (other["NetworkInterfaceId"], other["AccountId"]) == (eni.id, owner):
            raise Refusal(403, "InvalidOperation.PermissionAlreadyExists", f"{owner} has the permission on {eni.id}.")
    made = call.account.add("enipermission", call.region, call.account.new_id("eniperm", call.region, 20), {
        "NetworkInterfaceId": eni.id,
        "AccountId": owner,
        "Permission": call.choice("Permission", "InstanceAttach"),
    })  # fmt: skip
    return {"NetworkInterfacePermission": _shown(call, made)}


def _shown(call: Call, permission: Thing) -> Body:
    return {key: permission[key] for key in ("NetworkInterfaceId", "AccountId", "Permission")} | {
        "NetworkInterfacePermissionId": permission.id,
        "PermissionState": "Granted",
        "ServiceName": "",
    }


def describe_permissions(call: Call) -> Body:
    ids, eni_id = call.many("NetworkInterfacePermissionId", 100), call.get("NetworkInterfaceId")
    if not ids and eni_id is None:
        raise missing("NetworkInterfaceId")
    found = call.listed_by("enipermission", ids) if ids else call.listed("enipermission")
    found = [permission for permission in found if eni_id in (None, permission["NetworkInterfaceId"])]
    return by_number(call, found, _shown, ("NetworkInterfacePermissions", "NetworkInterfacePermission"), 100)


def delete_permission(call: Call) -> Body:
    wanted = call.need("NetworkInterfacePermissionId")
    call.account.remove(call.require("enipermission", wanted, NOT_FOUND, "NetworkInterfacePermissionId"))
    return {}


ECS = {
    "CreateNetworkInterfacePermission": create_permission,
    "DescribeNetworkInterfacePermissions": describe_permissions,
    "DeleteNetworkInterfacePermission": delete_permission,
}
