"""Removes everything whose name begins with the prefix, whoever left it: `python -m tests.live.sweep`."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ecsplan import engine
from ecsplan.inventory.read import read_lists
from ecsplan.model.call import ApiError, ErrorClass
from ecsplan.model.kind import Kind
from ecsplan.provider.alibaba import opened

from .account import PATIENCE, PREFIX, VPC, Account, NotSetUp, connected

Raw = Mapping[str, Any]


def _eip(account: Account, raw: Raw) -> None:
    if raw.get("InstanceId"):
        account.call("UnassociateEipAddress", VPC, AllocationId=raw["AllocationId"], InstanceId=raw["InstanceId"],
                     InstanceType=raw.get("InstanceType"))  # fmt: skip
    account.call("ReleaseEipAddress", VPC, AllocationId=raw["AllocationId"])


def _interface(account: Account, raw: Raw) -> None:
    named = {"NetworkInterfaceId": raw["NetworkInterfaceId"]}
    if raw.get("InstanceId"):
        account.call("DetachNetworkInterface", InstanceId=raw["InstanceId"], **named)
    account.call("DeleteNetworkInterface", **named)


def _disk(account: Account, raw: Raw) -> None:
    if raw.get("InstanceId"):
        account.call("DetachDisk", DiskId=raw["DiskId"], InstanceId=raw["InstanceId"])
    account.call("DeleteDisk", DiskId=raw["DiskId"])


def _named(operation: str, parameter: str, field: str, **more: Any) -> Callable[[Account, Raw], None]:
    product = VPC if operation in ("DeleteVSwitch", "DeleteVpc") else None

    def remove(account: Account, raw: Raw) -> None:
        account.call(operation, *([product] if product else []), **{parameter: raw[field], **more})

    return remove


# In the order in which things let go of each other.
REMOVALS: Mapping[str, Callable[[Account, Raw], None]] = {
    "instance": _named("DeleteInstance", "InstanceId", "InstanceId", Force=True),
    "eip": _eip,
    "network_interface": _interface,
    "disk": _disk,
    "image": _named("DeleteImage", "ImageId", "ImageId", Force=True),
    "snapshot": _named("DeleteSnapshot", "SnapshotId", "SnapshotId", Force=True),
    "auto_snapshot_policy": _named("DeleteAutoSnapshotPolicy", "autoSnapshotPolicyId", "AutoSnapshotPolicyId"),
    "key_pair": lambda account, raw: account.call("DeleteKeyPairs", KeyPairNames=json.dumps([raw["KeyPairName"]])),
    "security_group": _named("DeleteSecurityGroup", "SecurityGroupId", "SecurityGroupId"),
    "vswitch": _named("DeleteVSwitch", "VSwitchId", "VSwitchId"),
    "vpc": _named("DeleteVpc", "VpcId", "VpcId"),
}


def ours(account: Account, prefix: str) -> list[tuple[str, Raw]]:
    """Everything of the prefix, in the order in which it is to be removed."""
    kinds = engine.kinds()
    with opened(account.client, kinds) as source:
        found = read_lists(source, [kinds[name] for name in REMOVALS], source.reading.map)
    return [(name, raw) for name in REMOVALS for raw in found[name] if is_ours(kinds[name], raw, prefix)]


def is_ours(kind: Kind, raw: Raw, prefix: str) -> bool:
    return str(raw.get(kind.listing.name) or "").startswith(prefix) and not raw.get("ServiceManaged")


def sweep(account: Account, prefix: str = PREFIX) -> int:
    """How many things were there. Raises AssertionError where some are left in the end."""
    assert prefix.startswith(PREFIX)
    kinds = engine.kinds()
    seen: set[str] = set()
    problems: dict[str, str] = {}

    def is_clean() -> bool:
        left = ours(account, prefix)
        problems.clear()
        for name, raw in left:
            object_id = str(raw[kinds[name].listing.id])
            seen.add(object_id)
            try:
                REMOVALS[name](account, raw)
            except ApiError as error:
                if error.error_class is not ErrorClass.ABSENT:
                    problems[object_id] = error.code
        return not left

    try:
        account.until(is_clean, "everything of the prefix is gone", 2 * PATIENCE)
    except AssertionError as late:
        raise AssertionError(f"{late}; left: {problems}") from None
    return len(seen)


if __name__ == "__main__":
    try:
        print(f"removed: {sweep(connected(os.environ))}")
    except NotSetUp as missing:
        sys.exit(str(missing))
