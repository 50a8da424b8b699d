"""Prices: stable and plausible, and all invented. Nothing here is a price of the real service."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Call

PER_VCPU, PER_GIB_MEMORY, PER_GPU = 0.12, 0.03, 6.0
PER_GIB_DISK = {"cloud": 0.0002, "cloud_efficiency": 0.0003, "cloud_ssd": 0.0007, "cloud_essd_entry": 0.0006,
                "cloud_auto": 0.0008}  # fmt: skip
PER_GIB_LEVEL = {"PL0": 0.0005, "PL1": 0.0010, "PL2": 0.0020, "PL3": 0.0040}
PER_MBIT = 0.06
PER_GB_OF_TRAFFIC, PER_HOST, PER_IOPS = 0.8, 12.0, 0.00005
HOURS = {"Hour": 1, "Week": 7 * 24, "Month": 30 * 24, "Year": 365 * 24}
SUBSCRIPTION = 0.6  # of what the same hours cost one by one
SPOT_SHARE = 0.3  # of the pay-as-you-go price
CONTRACT = 0.9  # what is left of a list price
HOURS_OF_A_MONTH = 30 * 24


def instance_price(type_id: str) -> float:
    """Of an hour."""
    record = catalogue.instance_type(type_id) or {}
    gpus = (record.get("gpu") or {}).get("amount", 0)
    price: float = PER_VCPU * record.get("vcpu", 1) + PER_GIB_MEMORY * record.get("memory_gib", 1)
    return round(price + PER_GPU * (gpus if isinstance(gpus, int) else 1), 4)


def disk_price(category: str, level: str, size: int) -> float:
    per_gib = (
        PER_GIB_LEVEL.get(level or "PL1", 0.001) if category == "cloud_essd" else PER_GIB_DISK.get(category, 0.001)
    )
    return round(per_gib * size, 4)


def trade(original: float) -> float:
    """What is paid, with the account's discount."""
    return round(original * CONTRACT, 4)


def bandwidth_price(charge: str, mbit: int) -> float:
    return round(PER_MBIT * mbit, 4) if charge == "PayByBandwidth" else 0.0


def order_id(call: Call) -> str:
    """Subscriptions come with an order; nothing is known of it here but its number."""
    return str(call.account.random.randint(10**14, 10**15 - 1))


def monthly_price(thing: Thing) -> float | None:
    """Of a machine or a disk as it is now; None for what has no price here."""
    hour = None
    if thing.kind == "instance":
        hour = instance_price(thing["InstanceType"])
    elif thing.kind == "disk":
        hour = disk_price(thing["Category"], thing.get("PerformanceLevel", ""), int(thing["Size"]))
    elif thing.kind == "eip":
        hour = bandwidth_price("PayByBandwidth", int(thing["Bandwidth"]))
    return None if hour is None else round(hour * HOURS_OF_A_MONTH, 2)
