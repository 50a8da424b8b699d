"""Dedicated hosts as the launch of instances sees them: their types, and the room that is left on one.

No source gives the types' sizes here: a host is as large as the largest instance type of its family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.wire import Refusal, invalid

NOT_FOUND = "InvalidDedicatedHostId.NotFound"
FAMILIES = ("g5", "c5", "r5", "g6", "c6", "r6", "g7", "c7", "r7", "g8i", "c8i", "r8i")
OVERCOMMITTED = ("g6", "c6", "r6")


@dataclass(frozen=True, slots=True)
class HostType:
    """`types` are the instance types that fit on it."""

    id: str
    family: str
    vcpus: int
    memory: float
    types: tuple[str, ...]
    overcommit: bool


@cache
def host_types() -> dict[str, HostType]:
    found = {}
    for name in FAMILIES:
        members = [t for t in catalogue.instance_types().values() if t["family"] == f"ecs.{name}"]
        if members:
            largest = max(members, key=lambda t: float(t["vcpu"]))
            id_ = f"ddh.{name}"
            found[id_] = HostType(
                id_, f"ecs.{name}", int(largest["vcpu"]), float(largest["memory_gib"]),
                tuple(t["id"] for t in members), name in OVERCOMMITTED,
            )  # fmt: skip
    return found


def type_of(host: Thing) -> HostType:
    return host_types()[host["DedicatedHostType"]]


def guests(call: Call, host: Thing) -> list[Thing]:
    return call.account.where("instance", "DedicatedHostId", host.id)


def room(call: Call, host: Thing) -> tuple[int, float]:
    """Free vCPUs (overcommitted, where the host is) and free memory in GiB."""
    kind = type_of(host)
    used = [catalogue.instance_type(guest["InstanceType"]) or {} for guest in guests(call, host)]
    total = int(kind.vcpus * host.get("CpuOverCommitRatio", 1.0))
    return total - sum(t.get("vcpu", 0) for t in used), kind.memory - sum(t.get("memory_gib", 0) for t in used)


def check_host(call: Call, host_id: str | None, record: Mapping[str, Any], zone: str, amount: int) -> None:
    """The host exists, in this zone, takes the family, and has room for all of them."""
    if host_id is None:
        return
    host = call.require("ddh", host_id, NOT_FOUND, "DedicatedHostId")
    if host.status != "Available":
        raise Refusal(403, "IncorrectHostStatus", f"The dedicated host {host_id} is {host.status}.")
    if host["ZoneId"] != zone:
        raise invalid("DedicatedHostId", f"The host is in {host['ZoneId']}.", "InvalidDedicatedHostId.ZoneMismatch")
    if record["id"] not in type_of(host).types:
        raise invalid(
            "InstanceType", f"{host['DedicatedHostType']} does not take it.", "InvalidInstanceType.NotSupported"
        )
    vcpus, memory = room(call, host)
    if record["vcpu"] * amount > vcpus or record["memory_gib"] * amount > memory:
        raise Refusal(403, "LackResource", f"The dedicated host {host_id} has {vcpus} vCPUs and {memory} GiB left.")


def host_with_room(call: Call, record: Mapping[str, Any], zone: str, amount: int) -> Thing:
    """What the service chooses where Tenancy is host and no host is named."""
    for host in call.listed("ddh"):
        if host.status == "Available" and host["ZoneId"] == zone and record["id"] in type_of(host).types:
            vcpus, memory = room(call, host)
            if record["vcpu"] * amount <= vcpus and record["memory_gib"] * amount <= memory:
                return host
    raise Refusal(403, "LackResource", f"No dedicated host in {zone} has room for {record['id']}.")
