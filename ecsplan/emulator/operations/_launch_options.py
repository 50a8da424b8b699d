"""Options of an order beside the hardware: hosts, private pools, DNS, boot security, network options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsplan.emulator import limits
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._hosts import check_host, host_with_room
from ecsplan.emulator.wire import Refusal, invalid

DNS = ("EnableInstanceIdDnsARecord", "EnableInstanceIdDnsAAAARecord", "EnableIpDnsARecord", "EnableIpDnsPtrRecord")
HOSTNAMES = ("Custom", "IpBased", "InstanceIdBased")
TRACKING = {
    "TcpEstablishedTimeout": (30, 60, 80, 100, 200, 300, 500, 700, 910),
    "TcpClosedAndTimeWaitTimeout": range(3, 16),
    "UdpTimeout": (10, 20, 30, 60, 80, 100),
}
UNTRACKED = {"TcpEstablishedTimeout": 910, "TcpClosedAndTimeWaitTimeout": 3, "UdpTimeout": 30}


def host(call: Call, record: Mapping[str, Any], zone: str, amount: int) -> str | None:
    """The dedicated host of an order; with Tenancy host alone the service chooses one that has room."""
    tenancy = call.choice("Tenancy", "default", "host")
    affinity = call.choice("Affinity", "default", "host")
    named = call.get("DedicatedHostId")
    if named and tenancy == "default":
        raise invalid("Tenancy", "An instance on a dedicated host has Tenancy host.", "InvalidParameter.Conflict")
    if affinity == "host" and not named and tenancy != "host":
        raise invalid("Affinity", "It is for instances on dedicated hosts.", "InvalidParameter.Conflict")
    if tenancy == "host" and not named:
        return host_with_room(call, record, zone, amount).id
    check_host(call, named, record, zone, amount)
    return str(named) if named else None


def pool(given: Mapping[str, Any]) -> tuple[str, str | None]:
    """The match and the id of a private pool: the id goes with Target alone."""
    match, id_ = given.get("MatchCriteria"), given.get("Id")
    if match not in ("Open", "Target", "None"):
        raise invalid("PrivatePoolOptions.MatchCriteria", "It is Open, Target or None.")
    if (match == "Target") != bool(id_):
        raise invalid("PrivatePoolOptions.Id", "It goes with Target alone.", "InvalidParameter.PrivatePoolOptions.Id")
    return str(match), id_


def dns(given: Mapping[str, Any]) -> Body:
    """The options that a call names."""
    kind = given.get("HostnameType")
    if kind is not None and kind not in HOSTNAMES:
        raise invalid("PrivateDnsNameOptions.HostnameType", "It is " + ", ".join(HOSTNAMES))
    return {name: given[name] for name in ("HostnameType", *DNS) if given.get(name) is not None}


def tracking(call: Call) -> Body | None:
    """The timeouts that a call names; None where it names none."""
    given = call.get("ConnectionTrackingConfiguration") or {}
    for name, values in TRACKING.items():
        if given.get(name) is not None and int(given[name]) not in values:
            raise invalid(f"ConnectionTrackingConfiguration.{name}")
    return {name: int(value) for name, value in given.items() if value is not None} or None


def options(call: Call) -> Body:
    """What is kept of a new machine."""
    data: Body = {name: call.get(name) for name in ("Tenancy", "Affinity") if call.get(name) is not None}
    if call.get("PrivatePoolOptions"):
        match, id_ = pool(call.get("PrivatePoolOptions"))
        data |= {"PrivatePoolMatch": match, "PrivatePoolId": id_}
    if call.get("PrivateDnsNameOptions"):
        data["PrivateDns"] = dns(call.get("PrivateDnsNameOptions"))
    network = call.get("NetworkOptions") or {}
    if network.get("EnableJumboFrame") is not None:
        data["EnableJumboFrame"] = network["EnableJumboFrame"]
    security = call.get("SecurityOptions") or {}
    if security.get("EnableSecureBoot") is not None:
        data["EnableSecureBoot"] = security["EnableSecureBoot"]
    if security.get("TrustedSystemMode") not in (None, "vTPM"):
        raise invalid("SecurityOptions.TrustedSystemMode", "It is vTPM.")
    kept = {"TrustedSystemMode", "ConfidentialComputingMode"}
    return data | {name: value for name, value in security.items() if name in kept}


def queues(call: Call) -> int | None:
    """NetworkInterfaceQueueNumber: those of the primary interface."""
    found = call.get("NetworkInterfaceQueueNumber")
    if found is not None and not limits.QUEUES[0] <= found <= limits.QUEUES[1]:
        raise Refusal(403, "InvalidParameter.InvalidEniQueueNumber", "It is from 1 to 2048.")
    return None if found is None else int(found)


def shown_dns(data: Mapping[str, Any]) -> Body:
    return {"HostnameType": "Custom", **dict.fromkeys(DNS, False), **data.get("PrivateDns", {})}


def shown_tracking(eni: Thing) -> Body:
    return {**UNTRACKED, **eni.get("Tracking", {})}
