"""Attributes of ours that are resources of their own there: rules of groups, and what hangs on what."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Ref
from ecsplan.render.objects import ObjectRow

_PEERS = {
    "cidr": "cidr_ip",
    "ipv6_cidr": "ipv6_cidr_ip",
    "security_group": "source_security_group_id",
    "prefix_list": "prefix_list_id",
}

# The attribute of ours, their type, and their names for the object itself and for what it hangs on.
_ATTACHMENTS = {
    "disk": (
        ("instance", "alicloud_disk_attachment", "disk_id", "instance_id"),
        ("snapshot_policy", "alicloud_ecs_auto_snapshot_policy_attachment", "disk_id", "auto_snapshot_policy_id"),
    ),
    "eip": (("instance", "alicloud_eip_association", "allocation_id", "instance_id"),),
    "network_interface": (
        ("instance", "alicloud_ecs_network_interface_attachment", "network_interface_id", "instance_id"),
    ),
}


class Piece(Struct, frozen=True):
    """A resource of theirs that is a part of one of ours, by their names; a side is None where it is not there."""

    type: str
    name: str
    key: int | str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def pieces(row: ObjectRow) -> Iterator[Piece]:
    yield from _attachments(row)
    if row.address.kind == "security_group":
        yield from _rules(row)


def _attachments(row: ObjectRow) -> Iterator[Piece]:
    for attribute, type_, own, other in _ATTACHMENTS.get(row.address.kind, ()):
        sides = [
            {own: _self(row), other: side[attribute]} if side and side.get(attribute) else None
            for side in (row.before, row.after)
        ]
        if any(sides):
            yield Piece(type_, row.address.name, row.address.key, *sides)


def _self(row: ObjectRow) -> Any:
    return row.id or Ref(row.address)


def _rules(row: ObjectRow) -> Iterator[Piece]:
    """Named for what they say, so that the same rule has the same name in every plan."""
    sides = [_rules_of(row, side) if side is not None else {} for side in (row.before, row.after)]
    for name in sorted(sides[0].keys() | sides[1].keys()):
        yield Piece("alicloud_security_group_rule", name, row.address.key, sides[0].get(name), sides[1].get(name))


def _rules_of(row: ObjectRow, side: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for direction in ("ingress", "egress"):
        for rule in side.get(direction) or ():
            theirs = _rule(dict(rule), direction)
            peer = next((theirs[name] for name in _PEERS.values() if name in theirs), "")
            said = (row.address.name, direction, theirs["ip_protocol"], theirs["port_range"], peer, theirs["policy"],
                    theirs["priority"])  # fmt: skip
            name = "_".join(re.sub(r"[^a-z0-9]+", "_", str(part).lower()).strip("_") for part in said)
            while name in found:
                name += "_2"
            found[name] = {"security_group_id": _self(row), **theirs}
    return found


def _rule(rule: dict[str, Any], direction: str) -> dict[str, Any]:
    peers = {theirs: rule[ours] for ours, theirs in _PEERS.items() if rule.get(ours) is not None}
    return {
        "type": direction,
        "ip_protocol": rule["protocol"],
        "port_range": _ports(rule.get("ports")),
        "nic_type": "intranet",
        "policy": rule.get("policy", "accept"),
        "priority": rule.get("priority", 1),
        **peers,
        **({"description": rule["description"]} if rule.get("description") else {}),
    }


def _ports(ports: Any) -> str:
    """`443` is `443/443` there, `8080-8090` is `8080/8090`, and all ports are `-1/-1`."""
    if ports is None:
        return "-1/-1"
    first, _, last = str(ports).partition("-")
    return f"{first}/{last or first}"
