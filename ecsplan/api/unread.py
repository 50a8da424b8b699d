"""Members of the longest lists that no code reads: an answer drops them while it is fitted, a third of its memory.

Only what is documented stands here, by its name at any depth. Whoever reads one of them takes it out: a test looks for
the names in the sources.
"""

from collections.abc import Mapping
from typing import Any

UNREAD: Mapping[str, frozenset[str]] = {
    "DescribeInstances": frozenset(
        (
            "ClusterId",
            "DeviceAvailable",
            "EcsCapacityReservationAttr",
            "EnableNVS",
            "HibernationOptions",
            "InnerIpAddress",
            "InstanceNetworkType",
            "LocalStorageAmount",
            "LocalStorageCapacity",
            "OSName",
            "RdmaIpAddress",
            "Recyclable",
            "SaleCycle",
            "SerialNumber",
            "VlanId",
        )
    ),
    "DescribeDisks": frozenset(
        (
            "Attachments",
            "BdfId",
            "DataSource",
            "EnableAutoSnapshot",
            "EnableAutomatedSnapshotPolicy",
            "IOPSRead",
            "IOPSWrite",
            "MountInstanceNum",
            "MountInstances",
            "Placement",
            "Portable",
            "SerialNumber",
            "Throughput",
            "ThroughputRead",
            "ThroughputWrite",
        )
    ),
    "DescribeNetworkInterfaces": frozenset(("AssociatedPublicIp", "QueuePairNumber")),
}


def name_machines(answer: Mapping[str, Any]) -> None:
    """DescribeDisks names the machine of a disk itself only while that is In_use or Detaching; in between, while it is
    being put back, its attachment alone does. Those of a shared disk stand under `Machines`, with its device there."""
    found = answer.get("Disks")
    disks = found.get("Disk") if isinstance(found, dict) else None
    for disk in disks if isinstance(disks, list) else ():
        if not isinstance(disk, dict) or disk.get("InstanceId"):
            continue
        held = disk.get("Attachments")
        attached = held.get("Attachment") if isinstance(held, dict) else None
        rows = [row for row in attached if isinstance(row, dict)] if isinstance(attached, list) else []
        if disk.get("MultiAttach") == "Enabled":
            disk["Machines"] = {str(row.get("InstanceId")): str(row.get("Device") or "") for row in rows}
        elif len(rows) == 1:
            disk |= {name: rows[0].get(name) for name in ("InstanceId", "Device")}
