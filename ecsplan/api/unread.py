"""Members of the longest lists that no code reads: an answer drops them while it is fitted, a third of its memory.

Only what is documented stands here, by its name at any depth. Whoever reads one of them takes it out: a test looks for
the names in the sources.
"""

from collections.abc import Mapping

UNREAD: Mapping[str, frozenset[str]] = {
    "DescribeInstances": frozenset(
        (
            "AdditionalInfo",
            "ClockOptions",
            "ClusterId",
            "DedicatedInstanceAttribute",
            "DeploymentSetGroupNo",
            "DeviceAvailable",
            "EcsCapacityReservationAttr",
            "EnableNVS",
            "HibernationOptions",
            "InnerIpAddress",
            "InstanceNetworkType",
            "LocalStorageAmount",
            "LocalStorageCapacity",
            "OSName",
            "PrivateDnsNameOptions",
            "RdmaIpAddress",
            "Recyclable",
            "SaleCycle",
            "SecurityOptions",
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
            "ProductCode",
            "SerialNumber",
            "StorageClusterId",
            "StorageSetId",
            "StorageSetPartitionNumber",
            "Throughput",
            "ThroughputRead",
            "ThroughputWrite",
        )
    ),
    "DescribeNetworkInterfaces": frozenset(("AssociatedPublicIp", "QueuePairNumber")),
}
