"""Links between EIPs, gateways and their entries."""

from __future__ import annotations

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.wire import Refusal, not_found

NOT_FOUND = "InvalidNatGatewayId.NotFound"


def require_gateway(call: Call) -> Thing:
    return call.require("natgateway", call.need("NatGatewayId"), NOT_FOUND, "NatGatewayId")


def require_available(gateway: Thing) -> None:
    if gateway.status != "Available":
        raise Refusal(400, "IncorrectStatus.NATGW", f"The NAT gateway {gateway.id} is {gateway.status}.")


def gateway_of(call: Call, field: str, code: str) -> Thing:
    """By the id of its SNAT or DNAT table, which is nothing of its own."""
    wanted = call.need(field)
    for gateway in call.account.in_region("natgateway", call.region):  # a write asks no list
        if gateway[field] == wanted:
            return gateway
    raise not_found(code, field, wanted)


def entries_of(account: Account, gateway: Thing, kind: str) -> list[Thing]:
    return account.where(kind, "NatGatewayId", gateway.id)


def addresses_of(account: Account, gateway: Thing) -> list[str]:
    """What its entries may use: the EIPs on it, or inside a VPC its own private address."""
    if gateway["NetworkType"] == "intranet":
        return [gateway["PrivateIpAddress"]]
    return [eip["IpAddress"] for eip in account.where("eip", "InstanceId", gateway.id)]


def check_unused(account: Account, eip: Thing) -> None:
    """An EIP stays on a NAT gateway as long as an entry uses it."""
    gateway = account.get("natgateway", eip.get("InstanceId", ""))
    if gateway is None:
        return
    for entry in entries_of(account, gateway, "snatentry"):
        if eip["IpAddress"] in entry["SnatIp"].split(","):
            raise Refusal(400, "InvalidIpStatus.HasBeenUsedBySnatTable", f"The entry {entry.id} uses the EIP {eip.id}.")
    for entry in entries_of(account, gateway, "forwardentry"):
        if eip["IpAddress"] == entry["ExternalIp"]:
            code = "InvalidIpStatus.HasBeenUsedByForwardEntry"
            raise Refusal(400, code, f"The entry {entry.id} uses the EIP {eip.id}.")
