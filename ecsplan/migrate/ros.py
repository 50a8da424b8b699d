"""A ROS template and the resources of its stack (ListStackResources) as entries of the Terraform provider. Pure.

A template has no ids, and the list has no intent: names and ids come from the list, rules and policies from the
template. Functions are not evaluated, but references to resources and to parameters with a default.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ecsplan.migrate.code import Code, Declared
from ecsplan.migrate.reading import At, read_json
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.migration import Entry, Note

MOST_CHARACTERS = 1 << 20  # the service takes half as many
MOST_VALUES = 200_000
# Beside those that kinds say themselves (model/capabilities/ros.py).
_TYPES: Mapping[str, str] = {
    "ALIYUN::ECS::InstanceGroup": "alicloud_instance",
    "ALIYUN::ECS::InstanceClone": "alicloud_instance",
    "ALIYUN::ECS::InstanceGroupClone": "alicloud_instance",
    "ALIYUN::ECS::DiskAttachment": "alicloud_ecs_disk_attachment",
    "ALIYUN::ECS::SecurityGroupClone": "alicloud_security_group",
    "ALIYUN::ECS::SecurityGroupIngress": "alicloud_security_group_rule",
    "ALIYUN::ECS::SecurityGroupEgress": "alicloud_security_group_rule",
    "ALIYUN::ECS::SSHKeyPairAttachment": "alicloud_ecs_key_pair_attachment",
    "ALIYUN::VPC::EIPAssociation": "alicloud_eip_association",
    "ALIYUN::ECS::CopyImage": "alicloud_image",
    "ALIYUN::ECS::ImageSharePermission": "alicloud_image_share_permission",
    "ALIYUN::ECS::NetworkInterfaceAttachment": "alicloud_ecs_network_interface_attachment",
    "ALIYUN::ECS::SNatEntry": "alicloud_snat_entry",
    "ALIYUN::ECS::ForwardEntry": "alicloud_forward_entry",
    "ALIYUN::VPC::CommonBandwidthPackageIp": "alicloud_common_bandwidth_package_attachment",
    "ALIYUN::ECS::Route": "alicloud_route_entry",
    "ALIYUN::ECS::DeploymentSet": "alicloud_ecs_deployment_set",
    "ALIYUN::ECS::DedicatedHost": "alicloud_ecs_dedicated_host",
    "ALIYUN::RAM::Role": "alicloud_ram_role",
}
# Properties that are not called as in Terraform, once their humps are parted.
_PROPERTIES: Mapping[str, str] = {
    "v_switch_id": "vswitch_id", "v_switch_name": "vswitch_name", "private_ip_address": "private_ip",
    "security_group_ids": "security_groups", "key_pair_name": "key_name", "ram_role_name": "role_name",
    "disk_category": "category", "public_key_body": "public_key", "user_cidr": "user_cidrs",
    "system_disk_disk_name": "system_disk_name", "allocation_id": "allocation_id", "zone_id": "zone_id",
}  # fmt: skip
_OWN: Mapping[str, Mapping[str, str]] = {
    "alicloud_ecs_key_pair_attachment": {"key_name": "key_pair_name"},
    "alicloud_instance": {"zone_id": "availability_zone"},
    "alicloud_ecs_network_interface": {"security_groups": "security_group_ids", "private_ip": "primary_ip_address"},
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MEMBER = re.compile(r"(?P<name>.+?)(?:\[(?P<number>[0-9]{1,6})\])\Z")
_GONE = ("DELETE_COMPLETE", "CREATE_FAILED", "INIT_COMPLETE")
_SECRETS = ("password", "private_key_body")
UNKNOWN = object()


def read_ros(template: str, file: str, resources: str, known: Mapping[str, Ros]) -> tuple[list[Entry], Code]:
    """`known` are the objects that kinds of ours are, by their type in Terraform.

    Raises Rejected, with the place, for what is no template or no list of resources.
    """
    made = _template(template, file)
    if not resources:
        raise Rejected([Diagnostic("a template has no ids", "give --resources FILE: aliyun ros ListStackResources")])
    listed = read_json(resources, "--resources")
    rows = listed["Resources"] if type(listed.value) is dict else listed
    ids = {row["LogicalResourceId"].text(): row["PhysicalResourceId"].maybe_text() for row in rows.each()}
    values = _Values(made, ids)
    code = Code()
    entries = [entry for row in rows.each() for entry in _entries(row, values, code, known)]
    declared = {_name_and_number(name)[0] for name in ids}
    code.notes += [
        Note(name, "in the template, and not in the stack: not made yet")
        for name in values.resources
        if name not in declared
    ]
    return entries, code


class _Tags(yaml.SafeLoader):
    """`!Ref a` is `{Ref: a}`, `!GetAtt a.b` is `{Fn::GetAtt: [a, b]}`."""


def _short(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Tags.add_multi_constructor("!", _short)
_Tags.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _template(text: str, file: str) -> At:
    if len(text) > MOST_CHARACTERS:
        raise Rejected([Diagnostic(f"{file}: {len(text):,} characters", f"a template has at most {MOST_CHARACTERS:,}")])
    try:
        value = yaml.load(text, Loader=_Tags)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = SourceRange(file, mark.line + 1, mark.column + 1) if mark else None
        raise Rejected([Diagnostic(f"not YAML or JSON: {error.problem}", "", place)]) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Rejected([Diagnostic(f"{file}: not YAML or JSON: {type(error).__name__}")]) from None
    _measure(value, file)
    made = At(value, "", file)
    if "ROSTemplateFormatVersion" not in made.object():
        raise made.wrong("this is not a ROS template", "it has ROSTemplateFormatVersion at its top")
    if made["Transform"].value is not None:
        raise made["Transform"].wrong("a template that is transformed is not read", "import its Terraform state")
    return made


def _measure(value: Any, file: str) -> None:
    """Aliases of YAML can make a small text a huge tree, or one without an end."""
    waiting, seen = [value], 0
    while waiting:
        one = waiting.pop()
        seen += 1
        if seen > MOST_VALUES:
            raise Rejected([Diagnostic(f"{file}: more than {MOST_VALUES:,} values", "write it without aliases")])
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()


class _Values:
    """The template's resources, and what a property is worth as far as that can be told."""

    def __init__(self, made: At, ids: Mapping[str, str]) -> None:
        self.resources = {str(name): at for name, at in _members(made["Resources"])}
        self.ids = ids
        self.defaults = {
            str(name): at.object().get("Default", UNKNOWN)
            for name, at in _members(made["Parameters"])
            if at.object().get("NoEcho") not in (True, "true")
        }

    def of(self, value: Any, depth: int = 0) -> Any:
        if depth > 40:
            return UNKNOWN
        if isinstance(value, dict):
            if set(value) == {"Ref"}:
                name = str(value["Ref"])
                return self.ids.get(name) or self.defaults.get(name, UNKNOWN)
            if set(value) == {"Fn::GetAtt"} and isinstance(value["Fn::GetAtt"], list) and value["Fn::GetAtt"]:
                name, attribute = str(value["Fn::GetAtt"][0]), str(value["Fn::GetAtt"][-1])
                return self.ids.get(name, UNKNOWN) if attribute.endswith("Id") else UNKNOWN
            if any(str(key).startswith("Fn::") for key in value):
                return UNKNOWN
            return {str(key): self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.of(item, depth + 1) for item in value]
        return value


def _members(at: At) -> Iterator[tuple[Any, At]]:
    if at.value is not None:
        for name in at.object():
            yield name, at[name]


def _name_and_number(logical: str) -> tuple[str, int | None]:
    """With `Count`, ROS numbers the members: `web[0]`."""
    found = _MEMBER.match(logical)
    return (found["name"], int(found["number"])) if found else (logical, None)


def _entries(row: At, values: _Values, code: Code, own: Mapping[str, Ros]) -> Iterator[Entry]:
    logical, kind = row["LogicalResourceId"].line(), row["ResourceType"].line()
    name, number = _name_and_number(logical)
    block = values.resources.get(name)
    properties = block["Properties"].maybe_object() if block is not None else {}
    theirs = next((there for there, ros in own.items() if ros.type == kind), _TYPES.get(kind, kind))
    worth = values.of(dict(properties))
    known: Mapping[str, Any] = worth if isinstance(worth, dict) else {}  # all of it may be a function
    attributes = _attributes(known, theirs, kind, own.get(theirs))
    status = row["Status"].maybe_text()
    entry = Entry(
        address=logical,
        type=theirs,
        id=row["PhysicalResourceId"].maybe_text(),
        logical=re.sub(r"[^A-Za-z0-9_-]+", "_", name),
        key=number,
        attributes=attributes,
        place=row.place,
        is_foreign=theirs == kind,
        problem=f"its status is {status}: repair the stack first" if status in _GONE else "",
    )
    declared: dict[str, Any] = dict(attributes)
    if block is not None and block["DeletionPolicy"].value == "Retain":
        declared["lifecycle"] = [{"prevent_destroy": True}]
    if block is not None:
        code.resources.setdefault(((), theirs, entry.logical), Declared(declared, name))
    yield from _several(entry, kind)
    if theirs == "alicloud_security_group":
        yield from _rules(entry, known, code)


def _several(entry: Entry, kind: str) -> Iterator[Entry]:
    """A group of machines has one resource and many ids."""
    ids = [one.strip() for one in re.split(r"[\s,\[\]\"]+", entry.id) if one.strip()]
    if not kind.startswith("ALIYUN::ECS::InstanceGroup") or len(ids) < 2:
        yield entry
        return
    for number, own in enumerate(ids):
        yield replace(entry, id=own, key=number, address=f"{entry.address}:{number}", place=f"{entry.place}:{number}")


def _attributes(properties: Mapping[str, Any], theirs: str, kind: str, own: Ros | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    said = {there: name for name, there in own.properties.items()} if own else {}
    for name, value in properties.items():
        ours = _HUMP.sub("_", name).lower()
        ours = _PROPERTIES.get(ours, ours)
        ours = said.get(name) or _OWN.get(theirs, {}).get(ours, ours)
        if ours in _SECRETS:
            found[ours] = True  # there is one
        elif ours == "tags" and isinstance(value, list):
            tags = [tag for tag in value if isinstance(tag, dict) and _is_known(tag)]
            found[ours] = {str(tag.get("Key")): str(tag.get("Value", "")) for tag in tags}
        elif _is_known(value):
            found[ours] = _snaked(value)
    if isinstance(found.get("security_group_id"), str) and theirs == "alicloud_instance":
        found["security_groups"] = [found.pop("security_group_id")]
    if kind in ("ALIYUN::ECS::SecurityGroupIngress", "ALIYUN::ECS::SecurityGroupEgress"):
        found |= _rule(properties, kind.endswith("Egress"))
    return found


def _snaked(value: Any) -> Any:
    """The members of listed blocks, by the names of Terraform."""
    if isinstance(value, list):
        return [_snaked(item) for item in value]
    if isinstance(value, dict):
        return {_HUMP.sub("_", str(name)).lower(): item for name, item in value.items()}
    return value


def _is_known(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_known, value.values()))
    return all(map(_is_known, value)) if isinstance(value, list) else value is not UNKNOWN


def _rules(entry: Entry, properties: Mapping[str, Any], code: Code) -> Iterator[Entry]:
    """Rules that stand in the group: each is an entry of its own, as it is in Terraform."""
    for direction in ("Ingress", "Egress"):
        listed = properties.get(f"SecurityGroup{direction}")
        for number, rule in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(rule, dict):
                attributes = {"security_group_id": entry.id} | _rule(rule, direction == "Egress")
                name = f"{entry.logical}_{direction.lower()}_{number}"
                address = f"{entry.address}.SecurityGroup{direction}[{number}]"
                yield replace(entry, type="alicloud_security_group_rule", logical=name, address=address,
                              attributes=attributes, place=f"{entry.place}.{direction}[{number}]")  # fmt: skip
                code.resources[(), "alicloud_security_group_rule", name] = Declared({}, entry.address)


def _rule(rule: Mapping[str, Any], is_out: bool) -> dict[str, Any]:
    side = "Dest" if is_out else "Source"
    found = {
        "type": "egress" if is_out else "ingress",
        "ip_protocol": rule.get("IpProtocol"),
        "port_range": rule.get("PortRange"),
        "policy": rule.get("Policy"),
        "priority": rule.get("Priority"),
        "cidr_ip": rule.get(f"{side}CidrIp"),
        "ipv6_cidr_ip": rule.get(f"Ipv6{side}CidrIp"),
        "source_security_group_id": rule.get(f"{side}GroupId"),
        "prefix_list_id": rule.get(f"{side}PrefixListId"),
    }
    if isinstance(rule.get("SecurityGroupId"), str):
        found["security_group_id"] = rule["SecurityGroupId"]
    return {name: value for name, value in found.items() if value is not None and value is not UNKNOWN}
