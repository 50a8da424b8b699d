"""Rules of a security group as the Terraform provider writes them, one resource each. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.migrate.forms import ports_of
from ecsplan.migrate.sorting import Fold
from ecsplan.model.algebra import members
from ecsplan.model.composites import SetOf
from ecsplan.model.copying import replace
from ecsplan.model.export import Called
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import LiveObject
from ecsplan.model.values import Mistake

Rules = Mapping[str, Mapping[str, list[Any]]]
"""Canonical rules by group and direction."""

_PEERS = {
    "cidr_ip": "cidr",
    "ipv6_cidr_ip": "ipv6_cidr",
    "source_security_group_id": "security_group",
    "prefix_list_id": "prefix_list",
}


def rule_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """As a file of ours says it. Raises ValueError for what is no rule.

    The peer of an egress rule stands in the `source` attribute, too. The id is not read: it has had several forms.
    """
    protocol, policy, priority = (attributes.get(name) for name in ("ip_protocol", "policy", "priority"))
    if not isinstance(protocol, str):
        raise ValueError("no protocol")
    found: dict[str, Any] = {"protocol": protocol.lower()}
    ports = ports_of(attributes.get("port_range"))
    if ports is not None and found["protocol"] in ("tcp", "udp"):
        found["ports"] = ports
    peers = {ours: attributes.get(theirs) for theirs, ours in _PEERS.items() if attributes.get(theirs)}
    if len(peers) != 1:
        raise ValueError("not one peer")
    if attributes.get("source_group_owner_id") or attributes.get("source_group_owner_account"):
        raise ValueError("the group of another account")
    found |= peers
    if policy:
        found["policy"] = str(policy).lower()
    if priority:
        found["priority"] = priority
    description = attributes.get("description")
    if isinstance(description, str) and 0 < len(description) <= 512:
        found["description"] = description
    return found


def rules_of(folds: Iterable[Fold], kinds: Kinds) -> Rules:
    """One that a file cannot say covers nothing, and so is left alone."""
    found: dict[str, dict[str, list[Any]]] = {}
    for fold in folds:
        for (kind, group), direction in fold.targets:
            if kind == "security_group":
                own = found.setdefault(group, {}).setdefault(direction, [])
                try:
                    own += members(kinds[kind].attribute(direction).type.parse([rule_of(fold.entry.attributes)]))
                except (Mistake, ValueError):
                    continue
    return found


def with_rules(
    obj: LiveObject, one: Called, rules: Mapping[str, list[Any]], kinds: Kinds
) -> tuple[LiveObject, Called, list[str]]:
    """The group with the rules that the state has, and the live ones that it does not have, in words.

    Lists of rules are exclusive: where more are live, the file only adds (`additive`).
    """
    values = dict(obj.attributes)
    additive, notes = [], []
    for direction in ("ingress", "egress"):
        kind = kinds[obj.kind].attribute(direction).type
        assert isinstance(kind, SetOf)
        known = {kind.identity(rule): rule for rule in rules.get(direction, ())}
        is_offline = not obj.was_read
        live = tuple(known.values()) if is_offline else members(values.get(direction))
        values[direction] = tuple(rule for rule in live if kind.identity(rule) in known)
        more = [rule for rule in live if kind.identity(rule) not in known]
        if more and values[direction]:
            additive.append(direction)
        notes += [f"{direction} rule: {_words(rule)}" for rule in more]
    if additive:
        one = replace(one, lifecycle={**one.lifecycle, "additive": additive})
    return replace(obj, attributes=values), one, notes


def _words(rule: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in rule)
