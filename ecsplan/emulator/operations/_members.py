"""Members of the server groups of balancers, and of balancers themselves: what the products have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.wire import Refusal, invalid

Member = dict[str, Any]
PARAMETER = "BackendServers"


def from_json(call: Call, name: str = PARAMETER, most: int = 20, *, with_port: bool = False) -> list[Member]:
    """Members of a classic balancer: a JSON array in one text, numbers also as texts. A duplicate is ignored."""
    text = call.get(name)
    if text is None:
        return []
    try:
        rows = json.loads(text)
    except ValueError:
        raise invalid(name, "It is no JSON.") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("ServerId") for row in rows):
        raise invalid(name, "It is an array of objects with a ServerId.")
    if len(rows) > most:
        raise invalid(name, f"At most {most} servers may be named.")
    found: dict[tuple[Any, ...], Member] = {}
    for row in rows:
        found.setdefault(key_of(row, with_port), _read(row, with_port))
    return list(found.values())


def key_of(row: Mapping[str, Any], with_port: bool) -> tuple[Any, ...]:
    return (row["ServerId"], row.get("ServerIp") or "", int(row.get("Port") or 0) if with_port else 0)


def _read(row: Mapping[str, Any], with_port: bool) -> Member:
    """Only what was given: weight and description may be left as they are."""
    found: Member = {"ServerId": row["ServerId"], "Type": row.get("Type") or "ecs"}
    if row.get("ServerIp"):
        found["ServerIp"] = row["ServerIp"]
    if row.get("Weight") not in (None, ""):
        found["Weight"] = _whole(row["Weight"], "Weight", 0, 100)
    if row.get("Description") is not None:
        found["Description"] = row["Description"]
    if with_port:
        found["Port"] = _whole(row.get("Port"), "Port", 1, 65535)
    return found


def _whole(value: Any, name: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or not low <= int(value) <= high:
        raise invalid(name, f"It is a number from {low} to {high}.")
    return int(value)


def require_running(call: Call, members: Iterable[Member]) -> None:
    """A machine that is added runs."""
    for member in members:
        kind = "instance" if member["Type"] == "ecs" else "eni"
        thing = call.find(kind, member["ServerId"])
        if thing is None:
            raise Refusal(404, "InvalidServerId.NotFound", f"The backend server {member['ServerId']} does not exist.")
        if kind == "instance" and thing.status != "Running":
            raise Refusal(400, "InvalidBackendServers.NotRunning", f"The server {thing.id} is not running.")


def address_of(call: Call, member: Mapping[str, Any]) -> str:
    if member.get("ServerIp"):
        return str(member["ServerIp"])
    instance = call.account.get("instance", member["ServerId"])
    return str((instance.get("PrivateIpAddress") or "") if instance is not None else "")


def machine_of(call: Call, member: Mapping[str, Any]) -> Thing | None:
    """The machine behind a member: itself, or the one that has the interface."""
    found = call.account.get("instance", member["ServerId"])
    if found is None:
        eni = call.account.get("eni", member["ServerId"])
        found = call.account.get("instance", str(eni.get("InstanceId", ""))) if eni is not None else None
    return found
