"""Our objects as resources of the official Terraform provider: an import of each must show no change. Pure.

What its read sets and its schema does not compute must be declared; what its read does not set, and what has a default
that it does not read, is ignored (`ignore_changes`), else the import would be an update.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsplan.migrate.forms import FORMS, port_range
from ecsplan.migrate.made import Made, Ours, Speak, escaped, spoken
from ecsplan.migrate.ways_out import WAYS, left_out_of, memberships, public_addresses
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.composites import ListOf, MapOf, Record, Reference, SetOf
from ecsplan.model.export import LeftOut
from ecsplan.model.marks import PREFIX

_BOUND_TO: Mapping[str, str] = {
    "i-": "EcsInstance", "eni-": "NetworkInterface", "ngw-": "Nat", "lb-": "SlbInstance", "havip-": "HaVip",
}  # fmt: skip


def made_of(ours: Ours, speak: Speak) -> Iterator[Made]:
    """The resource, and the attachments that hang on it."""
    kind = ours.obj.kind
    own = f"${{{speak(ours.target)}.id}}"
    ros = ours.kind.capability(Ros)
    yield Made(ours.theirs.type, ours.name, ours.key, ours.obj.id, _body(ours, speak), _ignored(ours), ros=ros)
    yield from _PARTS.get(kind, _no_parts)(ours, own, speak)


def _body(ours: Ours, speak: Speak) -> dict[str, Any]:
    kind = ours.obj.kind
    attributes = {attribute.name: attribute for attribute in ours.attributes}
    body: dict[str, Any] = {}
    for one in ours.theirs.fields:
        value = ours.values.get(one.ours)
        if value is not None and one.ours not in ours.theirs.not_written and one.theirs not in body:
            block, _, name = one.theirs.rpartition(".")
            place = body.setdefault(block, {}) if block else body
            place[name] = FORMS[one.form].theirs(_plain(attributes[one.ours].type, value, speak))
    body |= {name: escaped(value) for name, value in ours.obj.fact(ours.theirs.live).items()}
    return body | _MORE.get(kind, _nothing)(ours)


def _ignored(ours: Ours) -> tuple[str, ...]:
    """Our marks, too: they are there until the stack has released the object."""
    marks = (f"tags[{json.dumps(key)}]" for key in sorted(ours.obj.tags) if key.startswith(PREFIX))
    return (*ours.theirs.ignored, *marks)


def _plain(kind: Any, value: Any, speak: Speak) -> Any:
    if isinstance(kind, Reference):
        return spoken(kind.kinds, value, speak)
    if isinstance(kind, MapOf):
        return {str(key): escaped(item) for key, item in value}
    if isinstance(kind, (SetOf, ListOf)):
        return [_plain(kind.item, item, speak) for item in value]
    if isinstance(kind, Record):
        return {name: _plain(kind.by_name[name].type, item, speak) for name, item in value}
    return escaped(value)


def _nothing(ours: Ours) -> dict[str, Any]:
    return {}


def _of_policy(ours: Ours) -> dict[str, Any]:
    """Lists in the order of the API, as the provider reads them."""
    found: dict[str, Any] = {name: ours.told[name] for name in ("time_points", "repeat_weekdays")}
    if ours.told["copies"]:
        found["enable_cross_region_copy"] = True
    if (encryption := ours.told["copies_encrypted"]) is not None:
        is_encrypted, key = encryption
        encrypted = {"encrypted": is_encrypted}
        found["copy_encryption_configuration"] = encrypted | ({"kms_key_id": key} if key else {})
    return found


def _of_image(ours: Ours) -> dict[str, Any]:
    nvme = ours.values.get("nvme")
    return {"features": {"nvme_support": nvme}} if nvme else {}


def _of_interface(ours: Ours) -> dict[str, Any]:
    """The provider does not compute it: what is left out would be taken away."""
    return {"source_dest_check": True} if ours.values.get("source_dest_check") else {}


_MORE: Mapping[str, Callable[[Ours], dict[str, Any]]] = {
    "auto_snapshot_policy": _of_policy,
    "image": _of_image,
    "network_interface": _of_interface,
}


def _no_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    yield from ()


# by its rules
_UNSAYABLE = ("port_range_list", "source_ports", "dest_cidr", "dest_ipv6_cidr", "source_cidr", "source_ipv6_cidr")
_PEERS = {"cidr": "cidr_ip", "ipv6_cidr": "ipv6_cidr_ip", "prefix_list": "prefix_list_id"}


def _rules(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    """Each rule is a resource; its name says what it is about."""
    taken: set[str] = set()
    for direction in ("ingress", "egress"):
        for rule in _sayable(ours, direction):
            ports = rule.get("ports")
            name = f"{ours.name}_{direction}_{rule['protocol']}{f'_{ports}' if ports else ''}".replace("-", "_")
            number = 2
            while name in taken:
                name, number = f"{name.removesuffix(f'_{number - 1}') if number > 2 else name}_{number}", number + 1
            taken.add(name)
            body = {
                "security_group_id": own,
                "type": direction,
                "ip_protocol": rule["protocol"],
                "nic_type": "intranet" if ours.obj.attributes.get("vpc") else "internet",
            }
            body |= {"port_range": port_range(ports)} if ports else {}
            body |= {"policy": "drop"} if rule.get("policy") == "drop" else {}
            body |= {"priority": rule["priority"]} if rule.get("priority", 1) != 1 else {}
            for ours_, theirs in _PEERS.items():
                body |= {theirs: rule[ours_]} if ours_ in rule else {}
            if "security_group" in rule:
                body["source_security_group_id"] = spoken(("security_group",), rule["security_group"], speak)
            body |= {"description": escaped(rule["description"])} if rule.get("description") else {}
            yield Made("alicloud_security_group_rule", name, ours.key, rule_id(ours.obj.id, body, rule), body)


def _sayable(ours: Ours, direction: str) -> Iterator[dict[str, Any]]:
    """A rule without its near side or its source ports would open more."""
    rules = map(dict, ours.values.get(direction) or ())
    return (rule for rule in rules if not any(member in rule for member in _UNSAYABLE))


def rule_id(group: str, body: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """Eight parts; an IPv6 range has `_` for `:`."""
    peer = next(str(rule[name]) for name in ("cidr", "security_group", "ipv6_cidr", "prefix_list") if name in rule)
    parts = [group, body["type"], body["ip_protocol"], body.get("port_range", "-1/-1"), body["nic_type"],
             peer.replace(":", "_"), rule.get("policy", "accept"), str(rule.get("priority", 1))]  # fmt: skip
    return ":".join(parts)


def _disk_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    alone, shared = ours.values.get("instance"), ours.values.get("instances") or ()
    ties = [(ours.name, alone)] if alone else []
    ties += [(f"{ours.name}_{place + 1}", instance) for place, instance in enumerate(shared)]
    for name, instance in ties:
        body: dict[str, Any] = {"disk_id": own, "instance_id": spoken(("instance",), instance, speak)}
        if ours.told["goes_along"]:
            body["delete_with_instance"] = True
        yield Made("alicloud_ecs_disk_attachment", name, ours.key, f"{ours.obj.id}:{instance}", body,
                   ("bootable", "delete_with_instance"))  # fmt: skip
    policy = ours.values.get("snapshot_policy")
    if policy and policy != "none":
        body = {"auto_snapshot_policy_id": spoken(("auto_snapshot_policy",), policy, speak), "disk_id": own}
        yield Made(
            "alicloud_ecs_auto_snapshot_policy_attachment", ours.name, ours.key, f"{policy}:{ours.obj.id}", body
        )  # fmt: skip


def _eip_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    yield from _package_part(ours, own, speak)
    bound, private = ours.values.get("instance"), ours.values.get("private_ip")
    if ours.values.get("vpc"):
        body = {"allocation_id": own, "instance_id": private, "instance_type": "IpAddress",
                "vpc_id": spoken(("vpc",), ours.values["vpc"], speak)}  # fmt: skip
        yield Made("alicloud_eip_association", ours.name, ours.key, f"{ours.obj.id}:{private}", body,
                   ("private_ip_address", "vpc_id"))  # fmt: skip
    if bound:
        kind = next((name for prefix, name in _BOUND_TO.items() if str(bound).startswith(prefix)), "EcsInstance")
        body = {"allocation_id": own, "instance_id": spoken(("instance", "network_interface"), bound, speak),
                "instance_type": kind}  # fmt: skip
        body |= {} if private is None else {"private_ip_address": private}
        body |= {"mode": ours.values["mode"]} if ours.values.get("mode") else {}
        yield Made("alicloud_eip_association", ours.name, ours.key, f"{ours.obj.id}:{bound}", body,
                   ("private_ip_address", "vpc_id"))  # fmt: skip


def _package_part(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    package = ours.values.get("bandwidth_package")
    if package:
        body = {"instance_id": own, "bandwidth_package_id": spoken(("common_bandwidth_package",), package, speak)}
        kind = "alicloud_common_bandwidth_package_attachment"
        yield Made(kind, ours.name, ours.key, f"{package}:{ours.obj.id}", body, ("ip_type",))


def _interface_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    instance = ours.values.get("instance")
    if instance:
        body = {"network_interface_id": own, "instance_id": spoken(("instance",), instance, speak)}
        yield Made("alicloud_ecs_network_interface_attachment", ours.name, ours.key, f"{ours.obj.id}:{instance}", body,
                   ("network_card_index", "trunk_network_instance_id"))  # fmt: skip
    yield from memberships(ours, own, speak)
    yield from public_addresses(ours, own, speak)


def _image_parts(ours: Ours, own: str, speak: Speak) -> Iterator[Made]:
    for account in ours.values.get("shared_with") or ():
        name = f"{ours.name}_{account}"
        body = {"image_id": own, "account_id": str(account)}
        yield Made("alicloud_image_share_permission", name, ours.key, f"{ours.obj.id}:{account}", body)


_PARTS: Mapping[str, Callable[[Ours, str, Speak], Iterator[Made]]] = {
    "security_group": _rules,
    "disk": _disk_parts,
    "eip": _eip_parts,
    "network_interface": _interface_parts,
    "image": _image_parts,
    **WAYS,
}


def left_of(ours: Ours) -> Iterator[LeftOut]:
    """What Terraform cannot be told, or must not, of an object that it gets."""
    reasons = {
        "user_data": "it may hold secrets; Terraform ignores it (ignore_changes)",
        "state": "Terraform leaves the power state as it is",
        "secondary_cidr_blocks": "a resource of its own there (alicloud_vpc_ipv4_cidr_block)",
    }
    for name, why in reasons.items():
        if ours.values.get(name) and name in ours.theirs.not_written and name != "state":
            yield LeftOut(ours.obj.kind, ours.obj.id, ours.obj.name, why, name)
    for name, why in left_out_of(ours):
        yield LeftOut(ours.obj.kind, ours.obj.id, ours.obj.name, why, name)
    for direction in ("ingress", "egress") if ours.obj.kind == "security_group" else ():
        for rule in map(dict, ours.values.get(direction) or ()):
            beyond = [member for member in _UNSAYABLE if member in rule]
            if beyond:
                why = f"a rule with {' and '.join(beyond)}, which no rule there has"
                yield LeftOut(ours.obj.kind, ours.obj.id, ours.obj.name, why, direction)
