"""Facts about types, from the name of the instance family: category, level, local disks. Our reading of the names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CATEGORIES = (
    ("ebm", "ECS Bare Metal"), ("scc", "Super Computing Cluster"), ("vgn", "Visual Compute-optimized"),
    ("gn", "Compute-optimized with GPU"), ("hf", "High Clock Speed"), ("mn4", "Shared"), ("xn4", "Shared"),
    ("n4", "Shared"), ("e4", "Shared"), ("s6", "Shared"), ("t5", "Shared"), ("t6", "Shared"),
    ("sn1", "Compute-optimized"), ("ic", "Compute-optimized"), ("se1", "Memory-optimized"),
    ("f", "Compute-optimized with FPGA"),
    ("d", "Big data"), ("i", "Local SSDs"), ("c", "Compute-optimized"), ("r", "Memory-optimized"), ("e", "Shared"),
)  # fmt: skip


def category_of(family: str) -> str:
    name = family.removeprefix("ecs.")
    return next((category for prefix, category in CATEGORIES if name.startswith(prefix)), "General-purpose")


def boot_modes(record: Mapping[str, Any]) -> tuple[str, ...]:
    """ARM machines boot by UEFI; others by BIOS, and those of the sixth generation on by either."""
    if record.get("cpu_architecture") == "ARM":
        return ("UEFI",)
    digits = "".join(ch for ch in record["family"].removeprefix("ecs.") if ch.isdigit())
    return ("BIOS", "UEFI") if digits and int(digits[0]) >= 6 else ("BIOS",)


def facts(record: dict[str, Any]) -> dict[str, Any]:
    """Keys of DescribeInstanceTypes beside those that the catalogue has as they are."""
    category = category_of(record["family"])
    queues, enis = record.get("nic_queues", 1), record.get("eni_quantity", 2)
    row: dict[str, Any] = {
        "InstanceCategory": category,
        "InstanceFamilyLevel": "EntryLevel" if category == "Shared" else "EnterpriseLevel",
        "EniTotalQuantity": enis,
        "EniTrunkSupported": False,
        "EriQuantity": 0,
        "MaximumQueueNumberPerEni": queues,
        "SecondaryEniQueueNumber": queues,
        "TotalEniQueueQuantity": queues * enis,
        "NetworkCardQuantity": 1,
        "QueuePairNumber": 0,
    }
    if record.get("cpu_credit"):
        row["InstanceFamilyLevel"] = "CreditEntryLevel"
    return row | _local_disks(record.get("local_storage") or {}, category)


def _local_disks(disks: dict[str, Any], category: str) -> dict[str, Any]:
    """A total without a number of disks is one disk."""
    if not disks:
        return {}
    return {
        "LocalStorageAmount": disks.get("amount", 1),
        "LocalStorageCapacity": disks.get("capacity_gib", disks.get("total_gib", 0)),
        "LocalStorageCategory": "local_hdd_pro" if category == "Big data" else "local_ssd_pro",
    }
