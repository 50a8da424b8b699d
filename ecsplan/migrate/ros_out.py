"""Our objects as a ROS template, with the list by which a stack imports them. Pure.

ROS imports objects, not attachments: what binds one to another stays as it is, and is told.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.migrate.made import Made

# Properties by our provider's attribute; `type`, then what identifies an object of it.
_TYPES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "alicloud_vpc": ("ALIYUN::ECS::VPC", "VpcId", {
        "vpc_name": "VpcName", "cidr_block": "CidrBlock", "description": "Description", "enable_ipv6": "EnableIpv6",
        "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_vswitch": ("ALIYUN::ECS::VSwitch", "VSwitchId", {
        "vswitch_name": "VSwitchName", "vpc_id": "VpcId", "zone_id": "ZoneId", "cidr_block": "CidrBlock",
        "description": "Description", "tags": "Tags"}),
    "alicloud_security_group": ("ALIYUN::ECS::SecurityGroup", "SecurityGroupId", {
        "security_group_name": "SecurityGroupName", "vpc_id": "VpcId", "security_group_type": "SecurityGroupType",
        "description": "Description", "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_ecs_key_pair": ("ALIYUN::ECS::SSHKeyPair", "KeyPairName", {
        "key_pair_name": "KeyPairName", "public_key": "PublicKeyBody", "resource_group_id": "ResourceGroupId",
        "tags": "Tags"}),
    "alicloud_instance": ("ALIYUN::ECS::Instance", "InstanceId", {
        "instance_name": "InstanceName", "instance_type": "InstanceType", "image_id": "ImageId",
        "vswitch_id": "VSwitchId", "security_groups": "SecurityGroupIds", "host_name": "HostName",
        "key_name": "KeyPairName", "role_name": "RamRoleName", "private_ip": "PrivateIpAddress",
        "system_disk_category": "SystemDiskCategory", "system_disk_size": "SystemDiskSize",
        "system_disk_name": "SystemDiskDiskName", "system_disk_description": "SystemDiskDescription",
        "system_disk_performance_level": "SystemDiskPerformanceLevel", "description": "Description",
        "internet_charge_type": "InternetChargeType", "internet_max_bandwidth_out": "InternetMaxBandwidthOut",
        "http_endpoint": "HttpEndpoint", "http_tokens": "HttpTokens", "spot_strategy": "SpotStrategy",
        "spot_price_limit": "SpotPriceLimit", "instance_charge_type": "InstanceChargeType",
        "deletion_protection": "DeletionProtection", "deployment_set_id": "DeploymentSetId",
        "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_ecs_disk": ("ALIYUN::ECS::Disk", "DiskId", {
        "disk_name": "DiskName", "zone_id": "ZoneId", "category": "DiskCategory", "size": "Size",
        "performance_level": "PerformanceLevel", "provisioned_iops": "ProvisionedIops",
        "bursting_enabled": "BurstingEnabled", "encrypted": "Encrypted", "kms_key_id": "KMSKeyId",
        "snapshot_id": "SnapshotId", "delete_auto_snapshot": "DeleteAutoSnapshot", "description": "Description",
        "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_eip_address": ("ALIYUN::VPC::EIP", "AllocationId", {
        "address_name": "Name", "bandwidth": "Bandwidth", "internet_charge_type": "InternetChargeType", "isp": "Isp",
        "description": "Description", "deletion_protection": "DeletionProtection",
        "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_ecs_snapshot": ("ALIYUN::ECS::Snapshot", "SnapshotId", {
        "snapshot_name": "SnapshotName", "disk_id": "DiskId", "retention_days": "RetentionDays",
        "description": "Description", "tags": "Tags"}),
    "alicloud_ecs_auto_snapshot_policy": ("ALIYUN::ECS::AutoSnapshotPolicy", "AutoSnapshotPolicyId", {
        "auto_snapshot_policy_name": "AutoSnapshotPolicyName", "time_points": "TimePoints",
        "repeat_weekdays": "RepeatWeekdays", "retention_days": "RetentionDays", "tags": "Tags"}),
    "alicloud_image": ("ALIYUN::ECS::CustomImage", "ImageId", {
        "image_name": "ImageName", "image_family": "ImageFamily", "image_version": "ImageVersion",
        "architecture": "Architecture", "platform": "Platform", "description": "Description", "tags": "Tag",
        "resource_group_id": "ResourceGroupId"}),
    "alicloud_ecs_network_interface": ("ALIYUN::ECS::NetworkInterface", "NetworkInterfaceId", {
        "network_interface_name": "NetworkInterfaceName", "vswitch_id": "VSwitchId",
        "security_group_ids": "SecurityGroupIds", "primary_ip_address": "PrimaryIpAddress",
        "private_ip_addresses": "PrivateIpAddresses", "description": "Description",
        "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_nat_gateway": ("ALIYUN::VPC::NatGateway", "NatGatewayId", {
        "nat_gateway_name": "NatGatewayName", "vpc_id": "VpcId", "vswitch_id": "VSwitchId",
        "network_type": "NetworkType", "eip_bind_mode": "EipBindMode", "icmp_reply_enabled": "IcmpReplyEnabled",
        "deletion_protection": "DeletionProtection", "description": "Description", "tags": "Tags"}),
    "alicloud_common_bandwidth_package": ("ALIYUN::VPC::CommonBandwidthPackage", "BandwidthPackageId", {
        "bandwidth_package_name": "Name", "bandwidth": "Bandwidth", "internet_charge_type": "InternetChargeType",
        "isp": "ISP", "ratio": "Ratio", "description": "Description", "tags": "Tags",
        "deletion_protection": "DeletionProtection", "resource_group_id": "ResourceGroupId"}),
    "alicloud_route_table": ("ALIYUN::VPC::RouteTable", "RouteTableId", {
        "route_table_name": "RouteTableName", "vpc_id": "VpcId", "description": "Description", "tags": "Tags",
        "associate_type": "AssociateType"}),
    "alicloud_network_acl": ("ALIYUN::VPC::NetworkAcl", "NetworkAclId", {
        "network_acl_name": "NetworkAclName", "vpc_id": "VpcId", "description": "Description", "tags": "Tags"}),
    "alicloud_ecs_command": ("ALIYUN::ECS::Command", "CommandId", {
        "name": "Name", "type": "Type", "command_content": "CommandContent", "description": "Description",
        "working_dir": "WorkingDir", "timeout": "Timeout", "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_ecs_prefix_list": ("ALIYUN::ECS::PrefixList", "PrefixListId", {
        "prefix_list_name": "PrefixListName", "address_family": "AddressFamily", "max_entries": "MaxEntries",
        "entry": "Entries", "description": "Description"}),
    "alicloud_ecs_snapshot_group": ("ALIYUN::ECS::SnapshotGroup", "SnapshotGroupId", {
        "snapshot_group_name": "Name", "instance_id": "InstanceId", "disk_id": "DiskId", "description": "Description",
        "resource_group_id": "ResourceGroupId", "tags": "Tags"}),
    "alicloud_ecs_launch_template": ("ALIYUN::ECS::LaunchTemplate", "LaunchTemplateId", {
        "launch_template_name": "LaunchTemplateName", "version_description": "VersionDescription",
        "instance_type": "InstanceType", "image_id": "ImageId", "zone_id": "ZoneId", "vswitch_id": "VSwitchId",
        "security_group_ids": "SecurityGroupIds", "host_name": "HostName", "key_pair_name": "KeyPairName",
        "ram_role_name": "RamRoleName", "internet_charge_type": "InternetChargeType",
        "internet_max_bandwidth_out": "InternetMaxBandwidthOut", "instance_name": "InstanceName",
        "description": "Description", "spot_strategy": "SpotStrategy", "deletion_protection": "DeletionProtection",
        "template_resource_group_id": "TemplateResourceGroupId", "template_tags": "TemplateTags", "tags": "Tags"}),
    "alicloud_vpc_ipv6_gateway": ("ALIYUN::VPC::Ipv6Gateway", "Ipv6GatewayId", {
        "ipv6_gateway_name": "Name", "vpc_id": "VpcId", "description": "Description", "tags": "Tags",
        "resource_group_id": "ResourceGroupId"}),
}  # fmt: skip
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
    kind = _TYPES[made.type][0].rpartition(":")[2]
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
    objects = [one for one in made if one.type in _TYPES]
    names = {address(one): logical(one, taken) for one in objects}
    rules: dict[str, dict[str, list[Any]]] = {}
    left = []
    for one in made:
        if one.type == "alicloud_security_group_rule":
            group = _spoken(one.body["security_group_id"], names)["Ref"]
            direction = "SecurityGroupEgress" if one.body["type"] == "egress" else "SecurityGroupIngress"
            rules.setdefault(group, {}).setdefault(direction, []).append(_rule(one.body, names))
        elif one.type not in _TYPES:
            left.append((one, "ROS imports no attachments: it stays as it is"))
    resources: dict[str, Any] = {}
    imports = []
    for one in objects:
        kind, identifier, properties = _TYPES[one.type]
        name = names[address(one)]
        body = {properties[n]: _value(n, v, names) for n, v in one.body.items() if n in properties}
        left += [(one, f"{n} has no property in ROS") for n in one.body if n not in properties]
        found = {"Type": kind, "DeletionPolicy": "Retain", "Properties": body | rules.get(name, {})}
        resources[name] = found
        identified = {"LogicalResourceId": name, "ResourceType": kind, "ResourceIdentifier": {identifier: one.id}}
        imports.append(identified)
    ids = {names[address(one)]: one.id for one in objects}
    return {"ROSTemplateFormatVersion": "2015-09-01", "Resources": resources}, imports, ids, left


def _value(name: str, value: Any, names: Mapping[str, str]) -> Any:
    if name == "tags":
        return [{"Key": _plain(key), "Value": _plain(text)} for key, text in value.items()]
    if name in ("time_points", "repeat_weekdays"):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    if name == "bandwidth":
        return int(value)
    if isinstance(value, list | tuple):
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
