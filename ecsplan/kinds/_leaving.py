"""Facts for another tool's files that no attribute has: entries with their ids, in their order."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ecsplan.model.algebra import Raw
from ecsplan.model.capabilities.leaving import ForeignFacts
from ecsplan.model.decoder import Decoder

_SNAT = {
    "table": "SnatTableId", "id": "SnatEntryId", "ip": "SnatIp", "vswitch": "SourceVSwitchId", "cidr": "SourceCIDR",
    "name": "SnatEntryName", "affinity": "EipAffinity",
}  # fmt: skip
_FORWARD = {
    "table": "ForwardTableId", "id": "ForwardEntryId", "external_ip": "ExternalIp", "external_port": "ExternalPort",
    "internal_ip": "InternalIp", "internal_port": "InternalPort", "protocol": "IpProtocol", "name": "ForwardEntryName",
}  # fmt: skip
_ROUTE = {
    "table": "RouteTableId", "cidr": "DestinationCidrBlock", "name": "RouteEntryName", "description": "Description",
}  # fmt: skip
_NLB = {"group": "ServerGroupId", "kind": "ServerType", "port": "Port", "weight": "Weight", "ip": "ServerIp"}
_CLB = {"group": "VServerGroupId", "port": "Port", "weight": "Weight", "kind": "Type"}


def _rows(names: Mapping[str, str], *path: str) -> Decoder[Sequence[Mapping[str, Any]]]:
    """The items of a list under a path, each with our names; what an item does not have is left out."""

    @Decoder
    def rows(raw: Raw) -> Sequence[Mapping[str, Any]]:
        return [{ours: row[theirs] for ours, theirs in names.items() if theirs in row} for row in _at(raw, path) or ()]

    return rows


def _at(raw: Any, path: Sequence[str]) -> Any:
    for step in path:
        raw = raw.get(step) if isinstance(raw, Mapping) else None
    return raw


@Decoder
def _routes(raw: Raw) -> Sequence[Mapping[str, Any]]:
    """Those that somebody added, and no service hosts, with the sort and the id of where they lead."""
    found = []
    for row in _at(raw, ("@routes", "RouteEntrys", "RouteEntry")) or ():
        hops = (row.get("NextHops") or {}).get("NextHop")
        if row.get("Type") == "Custom" and not row.get("ServiceType") and hops:
            named = {ours: row[theirs] for ours, theirs in _ROUTE.items() if theirs in row}
            found.append(named | {"sort": str(hops[0].get("NextHopType")), "hop": str(hops[0].get("NextHopId"))})
    return found


@Decoder
def _router(raw: Raw) -> str:
    return str(raw.get("RouterId") or raw.get("VRouterId") or "")


def _has(name: str) -> Decoder[bool]:
    return Decoder(lambda raw: bool(raw.get(name)))


def _listed(name: str) -> Decoder[list[str]]:
    return Decoder(lambda raw: [str(item) for item in json.loads(raw.get(name) or "[]")])


@Decoder
def _copies_encrypted(raw: Raw) -> tuple[bool, str | None] | None:
    """Whether copies in another region are encrypted, and by which key; None where nothing says so."""
    found = raw.get("CopyEncryptionConfiguration")
    return (bool(found.get("Encrypted")), found.get("KMSKeyId")) if found else None


@Decoder
def _public_addresses(raw: Raw) -> list[Raw]:
    """The bandwidth of each IPv6 address that has any."""
    found = ((row, row.get("Ipv6InternetBandwidth") or {}) for row in raw.get("@ipv6") or ())
    return [
        {"address": row["Ipv6AddressId"], "gateway": row.get("Ipv6GatewayId"), "id": one["Ipv6InternetBandwidthId"],
         "bandwidth": int(one["Bandwidth"]), "charge": one.get("InternetChargeType") or row.get("InternetChargeType")}
        for row, one in found if one.get("Ipv6InternetBandwidthId")
    ]  # fmt: skip


NAT = ForeignFacts({
    "snat": _rows(_SNAT, "@snat", "SnatTableEntries", "SnatTableEntry"),
    "forward": _rows(_FORWARD, "@forward", "ForwardTableEntries", "ForwardTableEntry"),
})  # fmt: skip
ROUTES = ForeignFacts({"routes": _routes, "router": _router})
BALANCERS = ForeignFacts({
    "nlb": _rows(_NLB, "@nlb"), "clb": _rows(_CLB, "@clb"), "alb": _has("@alb"), "clb_own": _has("@clb_own"),
    "ipv6": _public_addresses,
})  # fmt: skip
POLICY = ForeignFacts({
    "time_points": _listed("TimePoints"), "repeat_weekdays": _listed("RepeatWeekdays"),
    "copies": _has("EnableCrossRegionCopy"), "copies_encrypted": _copies_encrypted,
})  # fmt: skip
DISK = ForeignFacts({"goes_along": _has("DeleteWithInstance")})
