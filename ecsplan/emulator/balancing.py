"""Balancers and their listeners, made for the emulator's users: the API actions that make them are not built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsplan.emulator.account import Account, Thing

PRODUCTS = {"clb": "lb", "alb": "alb", "nlb": "nlb"}
PARTS = {"product", "id", "name", "region", "vpc", "vswitch", "listeners"}
OF_A_LISTENER = {"port", "protocol", "backend_port", "group", "check"}


def make(account: Account, given: Mapping[str, Any], now: float) -> dict[str, Any]:
    """`{"product": "clb", "name": N, "listeners": [{"port": 80, "protocol": "http", "backend_port": 80, "group": G}]}`,
    or `{"product", "id", "listeners"}` to add listeners. A `group` is a server group or vServer group; without one a
    listener of a CLB uses the balancer's own. `check: false` turns its health check off.

    Raises ValueError for anything else.
    """
    product = given.get("product")
    if product not in PRODUCTS or not given.keys() <= PARTS:
        raise ValueError(f"a balancer has {', '.join(sorted(PARTS))}; product is one of {', '.join(PRODUCTS)}")
    balancer = account.get(product, str(given["id"])) if "id" in given else _new(account, product, given, now)
    if balancer is None:
        raise ValueError(f"there is no balancer {given['id']}")
    fresh = [_listener(account, balancer, one) for one in given.get("listeners", ())]
    account.change_all(balancer, {"Listeners": [*balancer["Listeners"], *fresh]})
    return {"id": balancer.id, "listeners": [listener["Id"] for listener in fresh]}


def _new(account: Account, product: str, given: Mapping[str, Any], now: float) -> Thing:
    region = str(given.get("region") or "cn-hangzhou")
    return account.add(product, region, account.new_id(PRODUCTS[product], region), {
        "Name": str(given.get("name", "")), "Address": "10.255.0.10", "VpcId": str(given.get("vpc", "")),
        "VSwitchId": str(given.get("vswitch", "")), "Listeners": [], "Members": [], "CreatedAt": now,
    })  # fmt: skip


def _listener(account: Account, balancer: Thing, given: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not given.keys() <= OF_A_LISTENER or not isinstance(given.get("port"), int):
        raise ValueError(f"a listener has {', '.join(sorted(OF_A_LISTENER))}, and a port")
    protocol = str(given.get("protocol", "tcp"))
    named = f"{balancer.id}_{protocol}_{given['port']}" if balancer.kind == "clb" else ""
    return {
        "Id": named or account.new_id("lsn", balancer.region),
        "Port": given["port"],
        "Protocol": protocol,
        "BackendPort": given.get("backend_port", given["port"]),
        "Group": str(given.get("group", "")),
        "Check": bool(given.get("check", True)),
    }
