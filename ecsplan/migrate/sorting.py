"""The entries of another tool sorted: objects of our kinds, parts of them, or nothing. Pure."""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.model.capabilities.terraform import Folded, Terraform, kinds_by_type
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.migration import Entry

Target = tuple[str, str]
"""A kind and an id."""
Way = Callable[[Entry], Iterator[tuple[Target, str]]]
"""From an entry to each object that it is a part of, with the attribute of the object."""
# What no kind of ours is, in words; other types are called by their name.
NOT_MANAGED: Mapping[str, str] = {
    "alicloud_vpn_gateway": "VPN gateways",
    "alicloud_vpc_prefix_list": "prefix lists",
    "alicloud_ecs_deployment_set": "deployment sets",
    "alicloud_ecs_dedicated_host": "dedicated hosts",
    "alicloud_ram_role": "RAM roles",
    "alicloud_ess_scaling_group": "Auto Scaling groups",
    "alicloud_ess_scaling_configuration": "Auto Scaling groups",
}


class Fold(Struct, frozen=True):
    """An entry that is an attribute of other objects: the words for it, and each object with its attribute."""

    entry: Entry
    targets: tuple[tuple[Target, str], ...]


class Sorted(Struct):
    """`left` has why. Of several entries of one object the first counts."""

    objects: dict[Target, Entry] = field(default_factory=dict)
    folds: list[Fold] = field(default_factory=list)
    left: list[tuple[Entry, str]] = field(default_factory=list)


def sort(entries: Iterable[Entry], kinds: Kinds) -> Sorted:
    found = Sorted()
    types, folding = kinds_by_type(kinds), folded(kinds)
    entries = [one for entry in entries for one in _members_of_a_set(entry)]
    entries = _with_gateways(entries)
    scaled = _of_auto_scaling(entries)
    for entry in entries:
        why = _obstacle(entry, scaled)
        if why:
            found.left.append((entry, why))
        elif entry.type in folding:
            _fold(found, entry, folding[entry.type])
        elif entry.type in types:
            _take(found, (types[entry.type][0].name, entry.id), entry)
        else:
            found.left.append((entry, f"ecsplan does not manage {NOT_MANAGED.get(entry.type, entry.type)}"))
    return found


def _obstacle(entry: Entry, scaled: Collection[str]) -> str:
    if entry.is_data:
        return "a data source: it only reads"
    if entry.is_foreign:
        return "of another provider"
    if entry.problem:
        return entry.problem
    if not entry.id:
        return "the state has no id for it"
    if entry.id in scaled:
        return "Auto Scaling has it (alicloud_ess_attachment)"
    return ""


def _take(found: Sorted, target: Target, entry: Entry) -> None:
    if target in found.objects:
        found.left.append((entry, f"the same object as {found.objects[target].address}"))
    else:
        found.objects[target] = entry


def _fold(found: Sorted, entry: Entry, way: "Way") -> None:
    targets = tuple(way(entry))
    if targets:
        found.folds.append(Fold(entry, targets))
    else:
        found.left.append((entry, "the state does not say what it belongs to"))


def _text(entry: Entry, name: str) -> str:
    value = entry.attributes.get(name)
    return value if isinstance(value, str) else ""


def _texts(entry: Entry, name: str) -> Sequence[str]:
    value = entry.attributes.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _way(kind: Kind, one: Folded) -> Way:
    """Of an attachment that names its object in an attribute, or in a part of its id."""

    def targets(entry: Entry) -> Iterator[tuple[Target, str]]:
        parts = entry.id.split(":")
        there = parts[one.part] if one.part is not None and len(parts) > one.part else ""
        own = _text(entry, one.named_in) or there
        if own:
            yield (kind.name, own), one.attributes[0]

    return targets


def _rule(entry: Entry) -> Iterator[tuple[Target, str]]:
    group, direction = _text(entry, "security_group_id"), _text(entry, "type")
    if group and direction in ("ingress", "egress"):
        yield ("security_group", group), direction


def _pair(entry: Entry) -> Iterator[tuple[Target, str]]:
    """`NAME:["i-1","i-2"]`."""
    ids = _texts(entry, "instance_ids")
    if not ids:
        try:
            listed = json.loads(entry.id.partition(":")[2])
        except (ValueError, RecursionError):
            listed = []
        ids = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    for one in ids:
        yield ("instance", one), "key_pair"


def _route(entry: Entry) -> Iterator[tuple[Target, str]]:
    """Of a table of its own, or of that of a VPC."""
    vpc = _text(entry, "vpc_id")
    table = _text(entry, "route_table_id") or entry.id.partition(":")[0]
    if vpc or table:
        yield ("vpc", vpc) if vpc else ("route_table", table), "routes"


def _public_address(entry: Entry) -> Iterator[tuple[Target, str]]:
    """Of the machine or the interface that has the address, as the data source of the addresses tells it."""
    holder = _text(entry, "associated_instance_id")
    if holder:
        kind = "network_interface" if holder.startswith("eni-") else "instance"
        yield (kind, holder), "ipv6_internet.bandwidth"


def _acl_members(entry: Entry) -> Iterator[tuple[Target, str]]:
    """The older way: all subnets of an ACL in one."""
    listed = entry.attributes.get("resources")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping) and isinstance(one.get("resource_id"), str):
            yield ("vswitch", one["resource_id"]), "network_acl"


def _acl_rules(entry: Entry) -> Iterator[tuple[Target, str]]:
    acl = _text(entry, "network_acl_id") or entry.id.partition(":")[0]
    for direction in ("ingress", "egress") if acl else ():
        yield ("network_acl", acl), direction


def _member(attribute: str, kind: str) -> Way:
    """A server of a server group: a machine, or an interface."""

    def targets(entry: Entry) -> Iterator[tuple[Target, str]]:
        own, sort = _text(entry, "server_id"), _text(entry, kind).lower() or "ecs"
        if own and sort in ("ecs", "eni"):
            yield ("instance" if sort == "ecs" else "network_interface", own), attribute

    return targets


# Whose way is longer than an attribute or a part of the id.
_SPECIAL: Mapping[str, Way] = {
    "alicloud_security_group_rule": _rule,
    "alicloud_ecs_key_pair_attachment": _pair,
    "alicloud_vpc_ipv6_internet_bandwidth": _public_address,
    "alicloud_network_acl_attachment": _acl_members,
    "alicloud_network_acl_entries": _acl_rules,
    "alicloud_route_entry": _route,
    "alicloud_vpc_route_entry": _route,
    "alicloud_nlb_server_group_server_attachment": _member("balancers.nlb", "server_type"),
    "alicloud_slb_server_group_server_attachment": _member("balancers.clb", "type"),
    "alicloud_slb_attachment": lambda entry: (
        (("instance", i), "balancers.clb") for i in _texts(entry, "instance_ids")
    ),
    "alicloud_ram_role_attachment": lambda entry: (
        (("instance", i), "ram_role") for i in _texts(entry, "instance_ids")
    ),
}


def folded(kinds: Kinds) -> dict[str, Way]:
    """The way of each resource that is an attribute of ours, by every name that it has or had."""
    found: dict[str, Way] = {}
    for kind in kinds.values():
        of = kind.capability(Terraform)
        for one in of.folded if of else ():
            way = _way(kind, one) if one.named_in else _SPECIAL[one.type]
            found |= dict.fromkeys((one.type, *one.older), way)
    return found


def _with_gateways(entries: Sequence[Entry]) -> list[Entry]:
    """An entry of a NAT gateway, and a route of the table of a VPC, name a table alone."""
    gateways = {
        table: entry.id
        for entry in entries
        if entry.type == "alicloud_nat_gateway"
        for name in ("snat_table_ids", "forward_table_ids")
        for table in _text(entry, name).split(",")
    }

    addresses = dict(_addresses_read(entries))
    vpcs = {_text(entry, "route_table_id"): entry.id for entry in entries if entry.type == "alicloud_vpc"}

    def known(entry: Entry) -> Entry:
        if entry.type in ("alicloud_route_entry", "alicloud_vpc_route_entry"):
            vpc = vpcs.get(_text(entry, "route_table_id") or entry.id.partition(":")[0])
            return replace(entry, attributes={**entry.attributes, "vpc_id": vpc}) if vpc else entry
        if entry.type == "alicloud_vpc_ipv6_internet_bandwidth":
            holder = addresses.get(_text(entry, "ipv6_address_id"), "")
            return replace(entry, attributes={**entry.attributes, "associated_instance_id": holder})
        named = _text(entry, "snat_table_id") or _text(entry, "forward_table_id") or entry.id.partition(":")[0]
        gateway = gateways.get(named) if entry.type in _NAT_ENTRIES else None
        return replace(entry, attributes={**entry.attributes, "nat_gateway_id": gateway}) if gateway else entry

    return [known(entry) for entry in entries]


def _addresses_read(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Whose an IPv6 address is, by its id: the resource has the id alone, and a data source has read the rest."""
    for entry in entries:
        listed = entry.attributes.get("addresses") if entry.type == "alicloud_vpc_ipv6_addresses" else None
        for row in listed if isinstance(listed, list) else []:
            if isinstance(row, Mapping):
                known = [row.get(name) for name in ("id", "ipv6_address_id") if isinstance(row.get(name), str)]
                holder = row.get("associated_instance_id")
                yield from ((str(one), str(holder)) for one in known if isinstance(holder, str))


_NAT_ENTRIES = ("alicloud_snat_entry", "alicloud_forward_entry")


def _members_of_a_set(entry: Entry) -> Iterable[Entry]:
    """An instance set keeps its machines as a list of ids in base64; each is an instance of a group."""
    if entry.type != "alicloud_ecs_instance_set" or entry.is_data or not entry.id:
        return [entry]
    try:
        ids: Any = json.loads(base64.b64decode(entry.id, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        ids = None
    if not isinstance(ids, list) or not ids or not all(isinstance(one, str) and one for one in ids):
        return [replace(entry, id="")]
    logical = entry.logical if entry.key is None else f"{entry.logical}_{entry.key}"
    return [
        replace(entry, type="alicloud_instance", id=one, key=number, logical=logical, attributes={},
                address=f"{entry.address}:{number}")
        for number, one in enumerate(ids)
    ]  # fmt: skip


def _of_auto_scaling(entries: Iterable[Entry]) -> set[str]:
    attached = (e for e in entries if e.type in ("alicloud_ess_attachment", "alicloud_ess_instance_attachment"))
    return {one for entry in attached for one in _texts(entry, "instance_ids")}
