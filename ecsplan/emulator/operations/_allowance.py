"""The limits of an account on vCPUs, interfaces and disk space: shown by DescribeAccountAttributes, and enforced.

Without a source for the numbers they are high; `quotas` of the options or the settings makes them lower.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.wire import Refusal

HIGH = {"max-elastic-network-interfaces": 50_000, "max-postpaid-instance-vcpu-count": 1_000_000,
        "max-spot-instance-vcpu-count": 1_000_000, "max-postpaid-yundisk-capacity": 100_000_000,
        "max-dedicated-hosts": 100, "max-axt-command-count": 100, "max-axt-invocation-daily": 5000,
        "max-cloud-assistant-activation-count": 0}  # fmt: skip


def most(call: Call, name: str) -> int:
    return call.quotas.get(name, HIGH[name])


def used_cores(call: Call, spot: bool) -> int:
    types = catalogue.instance_types()
    machines = [m for m in call.account.in_region("instance", call.region) if m["InstanceChargeType"] == "PostPaid"]
    return sum(int(types[m["InstanceType"]]["vcpu"]) for m in machines if is_spot(m) is spot)


def is_spot(billing: Mapping[str, Any] | Thing) -> bool:
    return bool(billing.get("SpotStrategy", "NoSpot") != "NoSpot")


def check_cores(call: Call, billing: Mapping[str, Any], cores: int) -> None:
    """Pay-as-you-go and spot machines have budgets of their own; a subscription counts in neither."""
    if billing.get("InstanceChargeType", "PostPaid") != "PostPaid" or cores <= 0:
        return
    spot = is_spot(billing)
    name = "max-spot-instance-vcpu-count" if spot else "max-postpaid-instance-vcpu-count"
    if most(call, name) < HIGH[name] and used_cores(call, spot) + cores > most(call, name):
        raise Refusal(403, "QuotaExceed.ElasticQuota", f"No more vCPUs are left of {most(call, name)}.")


def check_interfaces(call: Call) -> None:
    name = "max-elastic-network-interfaces"
    if call.account.count("eni", call.region) >= most(call, name):
        raise Refusal(403, "MaxEniCountExceeded", f"There are {most(call, name)} network interfaces already.")


def used_space(call: Call) -> int:
    disks = call.account.in_region("disk", call.region)
    return sum(int(disk["Size"]) for disk in disks if disk["DiskChargeType"] == "PostPaid")


def check_space(call: Call, charge: str, size: int) -> None:
    name = "max-postpaid-yundisk-capacity"
    if charge == "PostPaid" and most(call, name) < HIGH[name] and used_space(call) + size > most(call, name):
        raise Refusal(403, "QuotaExceed.PostPaidDisk", f"No more than {most(call, name)} GiB of disks.")
