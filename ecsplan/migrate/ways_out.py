"""The entries of gateways and tables as resources of the Terraform provider, each one of its own. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsplan.migrate.made import Made, Ours, Speak, escaped, spoken


def _nat_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    """The entries of a gateway; its id there is that of its table, and that of the entry."""
    gateway = own.removesuffix(".id}")
    for word in ("snat", "forward"):
        for number, row in enumerate(ours.told[word], start=1):
            names = _ENTRIES[word]
            body: dict[str, Any] = {f"{word}_table_id": f"{gateway}.{word}_table_ids}}"}
            body |= {theirs: escaped(row[name]) for name, theirs in names.items() if row.get(name)}
            if body.get("source_vswitch_id"):
                body["source_vswitch_id"] = spoken(("vswitch",), row["vswitch"], speak)
                body.pop("source_cidr", None)
            body |= {"eip_affinity": 1} if str(row.get("affinity")) == "1" else {}
            id_ = f"{row['table']}:{row['id']}"
            yield Made(f"alicloud_{word}_entry", f"{ours.name}_{word}_{number}", ours.key, id_, body)


_ENTRIES = {
    "snat": {"ip": "snat_ip", "vswitch": "source_vswitch_id", "cidr": "source_cidr", "name": "snat_entry_name"},
    "forward": {"external_ip": "external_ip", "external_port": "external_port", "internal_ip": "internal_ip",
                "internal_port": "internal_port", "protocol": "ip_protocol", "name": "forward_entry_name"},
}  # fmt: skip


def _routes_of(ours: Ours, table: str, speak: Speak) -> Iterator[Made]:
    """The id is that of the table, of its router, where it leads, and by what."""
    for number, row in enumerate(ours.told["routes"], start=1):
        kind, target = row["sort"], row["hop"]
        body: dict[str, Any] = {
            "route_table_id": table,
            "destination_cidrblock": row["cidr"],
            "nexthop_type": kind,
            "nexthop_id": spoken(("nat_gateway", "instance", "network_interface"), target, speak),
        }
        body |= {"name": escaped(row["name"])} if row.get("name") else {}
        body |= {"description": escaped(row["description"])} if row.get("description") else {}
        id_ = ":".join((str(row["table"]), ours.told["router"], str(row["cidr"]), kind, target))
        yield Made("alicloud_route_entry", f"{ours.name}_route_{number}", ours.key, id_, body)


def _vpc_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    yield from _routes_of(ours, f"{own.removesuffix('.id}')}.route_table_id}}", speak)


def _vswitch_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    table = ours.values.get("route_table")
    if table:
        body = {"vswitch_id": own, "route_table_id": spoken(("route_table",), table, speak)}
        yield Made("alicloud_route_table_attachment", ours.name, ours.key, f"{table}:{ours.obj.id}", body)
    acl = ours.values.get("network_acl")
    if acl:
        body = {"network_acl_id": spoken(("network_acl",), acl, speak), "resource_id": own, "resource_type": "VSwitch"}
        yield Made("alicloud_vpc_network_acl_attachment", ours.name, ours.key, f"{acl}:{ours.obj.id}", body)


def memberships(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    """In server groups of NLB and CLB, each a resource; what left_out_of says has none that leaves others alone."""
    for number, row in enumerate(ours.told["nlb"], start=1):
        group, kind, port = str(row["group"]), str(row.get("kind") or "Ecs"), row.get("port") or 0
        body = {"server_group_id": group, "server_id": own, "server_type": kind, "port": port,
                "weight": row.get("weight", 100), "server_ip": row.get("ip") or ""}  # fmt: skip
        body = {name: value for name, value in body.items() if value != ""}
        id_ = "_".join((group, ours.obj.id, str(row.get("ip") or ""), kind, str(port)))
        name = f"{ours.name}_nlb_{number}"
        yield Made("alicloud_nlb_server_group_server_attachment", name, ours.key, id_, body)
    for number, row in enumerate(ours.told["clb"], start=1):
        group, port = str(row["group"]), int(row.get("port") or 0)
        body = {"server_group_id": group, "server_id": own, "port": port, "weight": int(row.get("weight") or 0),
                "type": str(row.get("kind") or "ecs").lower()}  # fmt: skip
        name, id_ = f"{ours.name}_clb_{number}", f"{group}:{ours.obj.id}:{port}"
        yield Made("alicloud_slb_server_group_server_attachment", name, ours.key, id_, body)


def public_addresses(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    """The bandwidth of each IPv6 address; an address is named by an id of its own there."""
    if not ours.values.get("ipv6_internet.bandwidth"):
        return
    for number, row in enumerate(ours.told["ipv6"], start=1):
        gateway = spoken(("ipv6_gateway",), row["gateway"], speak)
        body = {"ipv6_address_id": row["address"], "ipv6_gateway_id": gateway, "bandwidth": row["bandwidth"],
                "internet_charge_type": row["charge"] or "PayByBandwidth"}  # fmt: skip
        yield Made("alicloud_vpc_ipv6_internet_bandwidth", f"{ours.name}_ipv6_{number}", ours.key, row["id"], body)


def _instance_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    yield from memberships(ours, own, speak)
    yield from public_addresses(ours, own, speak)


def left_out_of(ours: Ours) -> Iterator[tuple[str, str]]:
    """Memberships without a resource of their own there, and why."""
    if ours.told.get("alb"):
        yield "balancers.alb", "alicloud_alb_server_group has all members of a group, those of others too"
    if ours.told.get("clb_own"):
        yield "balancers.clb", "alicloud_slb_attachment has all members of a balancer, and removes those of others"


WAYS: Mapping[str, Callable[[Ours, str, Speak], Iterator[Made]]] = {
    "nat_gateway": _nat_parts,
    "vpc": _vpc_parts,
    "vswitch": _vswitch_parts,
    "route_table": _routes_of,
    "instance": _instance_parts,
}
