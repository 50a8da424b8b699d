"""Objects of other services and accounts in this account: made and marked on demand, and kept by them.

A service's things are known by tags (Auto Scaling, ACK, E-HPC, EMR: recorded answers of DescribeInstances and
DescribeDisks), or by ServiceManaged and ServiceID (balancers and the like: DescribeNetworkInterfaces,
DescribeSecurityGroups, DescribeEipAddresses); those of another account by OwnerId, a vSwitch by ShareType too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.wire import Refusal

SERVICES: Mapping[str, Mapping[str, str]] = {
    "ess": {"acs:autoscaling:scalingGroupId": "{}"},
    "ack": {"ack.aliyun.com": "{}", "ack.alibabacloud.com/nodepool-id": "np-{}"},
    "ehpc": {"ehpc.aliyun.com": "{}"},
    "emr": {"acs:emr:clusterId": "{}"},
    "managed": {},
}
MANAGED = {"ServiceManaged": True, "ServiceID": 12345678910}
TAGGED = ("instance", "disk", "eni")
READS = ("Describe", "List", "Get", "Check")
# Parameters that name what a write is about.
NAMES = {"NetworkInterfaceId": "eni", "SecurityGroupId": "securitygroup", "AllocationId": "eip", "VSwitchId": "vswitch",
         "VpcId": "vpc"}  # fmt: skip
BY_OWNER_ALONE = frozenset(("DeleteVSwitch", "ModifyVSwitchAttribute", "AssociateRouteTable", "UnassociateRouteTable",
                            "DeleteVpc", "ModifyVpcAttribute", "CreateVSwitch", "AssociateVpcCidrBlock",
                            "UnassociateVpcCidrBlock", "CreateRouteTable"))  # fmt: skip


def mark(account: Account, things: Iterable[Thing], service: str, name: str) -> None:
    """`service` is one of SERVICES, or the number of an account; `name` that of the group or the cluster."""
    for thing in things:
        if service.isdecimal():
            account.change_all(thing, {"Owner": service} | ({"ShareType": "Shared"} if thing.kind == "vswitch" else {}))
        elif service == "managed":
            account.change_all(thing, MANAGED)
        elif thing.kind in TAGGED:
            signs = {key: text.format(name) for key, text in SERVICES[service].items()}
            account.set_tags(thing, {**thing.tags, **signs})


def unmark(account: Account, things: Iterable[Thing]) -> None:
    """As when a machine is taken out of its group."""
    keys = {key for signs in SERVICES.values() for key in signs}
    for thing in things:
        account.change_all(thing, dict.fromkeys(("Owner", "ShareType", *MANAGED)))
        account.set_tags(thing, {key: value for key, value in thing.tags.items() if key not in keys})


def signs(thing: Thing) -> dict[str, Any]:
    """ServiceManaged and ServiceID, as DescribeNetworkInterfaces and DescribeSecurityGroups show them."""
    managed = bool(thing.get("ServiceManaged"))
    return {"ServiceManaged": managed} | ({"ServiceID": thing["ServiceID"]} if managed else {})


def owner(call: Call, thing: Thing) -> str:
    return str(thing.get("Owner", call.account.owner))


def refuse(call: Call) -> None:
    """Writes to what a service manages, by anybody else; to a network of another account, but to use it."""
    if call.action.startswith(READS):
        return
    for parameter, kind in NAMES.items():
        for thing in _named(call, parameter, kind):
            if thing.get("ServiceManaged"):
                code = "EniServiceManaged" if kind == "eni" else "ResourceManagedByCloudProduct"
                raise Refusal(403, f"InvalidOperation.{code}", f"{thing.id} is managed by a cloud service.")
            if thing.get("Owner") and call.action in BY_OWNER_ALONE:
                raise Refusal(403, "Forbidden", "User not authorized to operate on the specified resource.")


def _named(call: Call, parameter: str, kind: str) -> Iterable[Thing]:
    given = [call.params.get(parameter), call.params.get(f"{parameter}s")]
    for one in given:
        for id_ in one if isinstance(one, list) else [one]:
            thing = call.account.get(kind, id_) if isinstance(id_, str) else None
            if thing is not None:
                yield thing
