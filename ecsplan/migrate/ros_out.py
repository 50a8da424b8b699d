"""Our objects as a ROS template, with the list by which a stack imports them. Pure.

ROS imports objects, not attachments: what binds one to another stays as it is, and is told.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.migrate.made import Made

_RULE = {
    "ip_protocol": "IpProtocol",
    "port_range": "PortRange",
    "policy": "Policy",
    "priority": "Priority",
    "nic_type": "NicType",
    "description": "Description",
}
_PEERS = {
    "cidr_ip": "{}CidrIp",
    "ipv6_cidr_ip": "Ipv6{}CidrIp",
    "source_security_group_id": "{}GroupId",
    "prefix_list_id": "{}PrefixListId",
}


def logical(made: Made, taken: set[str]) -> str:
    """A name of letters and digits, as ROS has them."""
    words = re.split(r"[^A-Za-z0-9]+", f"{made.name}_{'' if made.key is None else made.key}")
    kind = made.ros.type.rpartition(":")[2] if made.ros else ""
    name = "".join(word[:1].upper() + word[1:] for word in words if word) or "X"
    name = f"{kind}{name}"[:240]
    number, found = 2, name
    while found in taken:
        found, number = f"{name}x{number}", number + 1
    taken.add(found)
    return found


def template(
    made: Sequence[Made], address: Callable[[Made], str]
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, str], list[tuple[Made, str]]]:
    """The template, the list of what its stack is to import, ids by logical name, and what is not in it, with why.

    `address` is the address of an object in references.
    """
    taken: set[str] = set()
    objects = [(one, one.ros) for one in made if one.ros]
    names = {address(one): logical(one, taken) for one, _ in objects}
    rules: dict[str, dict[str, list[Any]]] = {}
    left = []
    for one in made:
        if one.type == "alicloud_security_group_rule":
            group = _spoken(one.body["security_group_id"], names)["Ref"]
            direction = "SecurityGroupEgress" if one.body["type"] == "egress" else "SecurityGroupIngress"
            rules.setdefault(group, {}).setdefault(direction, []).append(_rule(one.body, names))
        elif one.ros is None:
            left.append((one, "ROS imports no attachments: it stays as it is"))
    resources: dict[str, Any] = {}
    imports = []
    for one, ros in objects:
        name = names[address(one)]
        body = {ros.properties[n]: _value(n, v, names) for n, v in one.body.items() if n in ros.properties}
        left += [(one, f"{n} has no property in ROS") for n in one.body if n not in ros.properties]
        found = {"Type": ros.type, "DeletionPolicy": "Retain", "Properties": body | rules.get(name, {})}
        resources[name] = found
        identified = {"LogicalResourceId": name, "ResourceType": ros.type, "ResourceIdentifier": {ros.id: one.id}}
        imports.append(identified)
    ids = {names[address(one)]: one.id for one, _ in objects}
    return {"ROSTemplateFormatVersion": "2015-09-01", "Resources": resources}, imports, ids, left


def _value(name: str, value: Any, names: Mapping[str, str]) -> Any:
    if name == "tags":
        return [{"Key": _plain(key), "Value": _plain(text)} for key, text in value.items()]
    if name in ("time_points", "repeat_weekdays"):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    if name == "bandwidth":
        return int(value)
    if isinstance(value, (list, tuple)):
        return [_value("", item, names) for item in value]
    if isinstance(value, Mapping):
        return {_humped(key): _value(key, item, names) for key, item in value.items()}
    return _spoken(value, names)


def _humped(name: str) -> str:
    """`ip_protocol` is IpProtocol, as members of lists are called there."""
    return "".join(word.capitalize() for word in name.split("_"))


def _spoken(value: Any, names: Mapping[str, str]) -> Any:
    """`${alicloud_vpc.main.id}` refers to a resource; any other text has its `${` escaped."""
    if isinstance(value, str) and value.startswith("${") and value.endswith("}"):
        name = names.get(value[2:-1].rpartition(".")[0])
        if name is not None:
            return {"Ref": name}
    return _plain(value)


def _plain(value: Any) -> Any:
    return value.replace("$${", "${").replace("%%{", "%{") if isinstance(value, str) else value


def _rule(body: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    side = "Dest" if body["type"] == "egress" else "Source"
    return dict(_rule_members(body, side, names))


def _rule_members(body: Mapping[str, Any], side: str, names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    yield "PortRange", body.get("port_range", "-1/-1")
    for theirs, ours in _RULE.items():
        if theirs in body and theirs != "port_range":
            yield ours, _plain(body[theirs])
    for theirs, ours in _PEERS.items():
        if theirs in body:
            yield ours.format(side), _spoken(body[theirs], names)
