"""Permissions of other accounts on a network interface; nobody is here to use them. They live in the interface."""

from __future__ import annotations

from collections.abc import Iterator

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations.network_interfaces import require_interface
from ecsplan.emulator.wire import Refusal, missing, not_found

NOT_FOUND = "InvalidPermissionId.NotFound"
ID = "NetworkInterfacePermissionId"


def create_permission(call: Call) -> Body:
    eni, owner = require_interface(call), call.need("AccountId")
    held = eni.get("Permissions", [])
    if any(permission["AccountId"] == owner for permission in held):
        raise Refusal(403, "InvalidOperation.PermissionAlreadyExists", f"{owner} has the permission on {eni.id}.")
    made = {
        "NetworkInterfaceId": eni.id,
        ID: call.account.new_id("eniperm", call.region, 20),
        "AccountId": owner,
        "Permission": call.choice("Permission", "InstanceAttach"),
        "PermissionState": "Granted",
        "ServiceName": "",
    }
    call.account.change(eni, Permissions=[*held, made])
    return {"NetworkInterfacePermission": made}


def _all(call: Call) -> Iterator[tuple[Thing, Body]]:
    """The newest interfaces first, as lists have it."""
    for eni in sorted(call.listed("eni"), key=lambda eni: -eni.seq):
        for permission in eni.get("Permissions", []):
            yield eni, permission


def describe_permissions(call: Call) -> Body:
    ids, eni_id = call.many(ID, 100), call.get("NetworkInterfaceId")
    if not ids and eni_id is None:
        raise missing("NetworkInterfaceId")
    rows = [
        permission for eni, permission in _all(call) if eni_id in (None, eni.id) and (not ids or permission[ID] in ids)
    ]
    number, size = call.number("PageNumber", 1, 10**6, 1), call.number("PageSize", 1, 100, 10)
    page = rows[(number - 1) * size : number * size]
    return {
        "TotalCount": len(rows),
        "PageNumber": number,
        "PageSize": size,
        "NetworkInterfacePermissions": {"NetworkInterfacePermission": page},
    }


def delete_permission(call: Call) -> Body:
    wanted = call.need(ID)
    for eni, permission in _all(call):
        if permission[ID] == wanted:
            call.account.change(eni, Permissions=[p for p in eni["Permissions"] if p[ID] != wanted])
            return {}
    raise not_found(NOT_FOUND, ID, wanted)


ECS = {
    "CreateNetworkInterfacePermission": create_permission,
    "DescribeNetworkInterfacePermissions": describe_permissions,
    "DeleteNetworkInterfacePermission": delete_permission,
}
