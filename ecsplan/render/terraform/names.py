"""Our kinds and attributes by the names of Terraform's provider `aliyun/alicloud`.

From the provider's own schema. `alicloud_disk` instead of its twin `alicloud_ecs_disk`: policy tools know no other.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from ecsplan.render.values import is_mapping

TYPES = {
    "instance": "alicloud_instance",
    "disk": "alicloud_disk",
    "vpc": "alicloud_vpc",
    "vswitch": "alicloud_vswitch",
    "security_group": "alicloud_security_group",
    "key_pair": "alicloud_ecs_key_pair",
    "eip": "alicloud_eip_address",
    "snapshot": "alicloud_ecs_snapshot",
    "auto_snapshot_policy": "alicloud_ecs_auto_snapshot_policy",
    "image": "alicloud_image",
    "network_interface": "alicloud_ecs_network_interface",
    "nat_gateway": "alicloud_nat_gateway",
    "prefix_list": "alicloud_ecs_prefix_list",
    "command": "alicloud_ecs_command",
    "route_table": "alicloud_route_table",
    "network_acl": "alicloud_network_acl",
    "common_bandwidth_package": "alicloud_common_bandwidth_package",
    "ipv6_gateway": "alicloud_vpc_ipv6_gateway",
    "launch_template": "alicloud_ecs_launch_template",
    "snapshot_group": "alicloud_ecs_snapshot_group",
}

_DISK = {
    "kms_key": "kms_key_id",
    "snapshot": "snapshot_id",
    "snapshot_policy": "auto_snapshot_policy_id",
}

# Ours to theirs; None: it has no place there, or has one of its own (parts.py). What is not named keeps its name.
ATTRIBUTES: dict[str, dict[str, str | None]] = {
    "instance": {
        "name": "instance_name", "image": "image_id", "zone": "availability_zone", "vswitch": "vswitch_id",
        "hostname": "host_name", "key_pair": "key_name", "ram_role": "role_name", "charge_type": "instance_charge_type",
        "internet.charge_type": "internet_charge_type", "internet.max_bandwidth_out": "internet_max_bandwidth_out",
        "internet.max_bandwidth_in": "internet_max_bandwidth_in", "metadata.endpoint": "http_endpoint",
        "metadata.tokens": "http_tokens", "metadata.hop_limit": "http_put_response_hop_limit",
        "maintenance.action": "maintenance_action", "maintenance.notify": "maintenance_notify",
        "deployment_set": "deployment_set_id", "deployment_set_group": "deployment_set_group_no",
        "dedicated_host": "dedicated_host_id", "hpc_cluster": "hpc_cluster_id",
        "ipv6_count": "ipv6_address_count", "login_as_non_root": None, "launch_template": "launch_template_id",
        "ipv6_internet.bandwidth": None, "ipv6_internet.gateway": None,
        "ipv6_internet.charge_type": None,
        "spot.strategy": "spot_strategy", "spot.price_limit": "spot_price_limit",
        "spot.duration": "spot_duration", "spot.interruption_behavior": "spot_interruption_behavior",
        "renewal.status": "renewal_status", "renewal.period": "auto_renew_period", "renewal.period_unit": None,
        "security_enhancement": "security_enhancement_strategy", "state": "status",
        "balancers.alb": None, "balancers.nlb": None, "balancers.clb": None,
        "resource_group": "resource_group_id", "system_disk.kms_key": "system_disk_kms_key_id",
        "system_disk.snapshot_policy": "system_disk_auto_snapshot_policy_id",
        **{f"system_disk.{name}": f"system_disk_{name}" for name in (
            "category", "size", "performance_level", "provisioned_iops", "bursting_enabled", "name", "description",
            "encrypted",
        )},
    },
    "disk": {"name": "disk_name", "zone": "zone_id", "instance": None, "resource_group": "resource_group_id", **_DISK,
             "snapshot_policy": None},
    "vpc": {"name": "vpc_name", "resource_group": "resource_group_id", "routes": None,
            "route_table": "route_table_id"},
    "vswitch": {"name": "vswitch_name", "vpc": "vpc_id", "zone": "zone_id", "route_table": None,
                "network_acl": None},
    "network_acl": {"name": "network_acl_name", "vpc": "vpc_id", "ingress": None, "egress": None},
    "common_bandwidth_package": {"name": "bandwidth_package_name", "charge_type": "internet_charge_type",
                                 "resource_group": "resource_group_id"},
    "route_table": {"name": "route_table_name", "vpc": "vpc_id", "route_propagation": "route_propagation_enable",
                    "routes": None},
    "security_group": {"name": "security_group_name", "vpc": "vpc_id", "type": "security_group_type",
                       "inner_access": "inner_access_policy", "ingress": None, "egress": None,
                       "resource_group": "resource_group_id"},
    "key_pair": {"name": "key_pair_name", "private_key_file": "key_file", "resource_group": "resource_group_id"},
    "eip": {"name": "address_name", "charge_type": "internet_charge_type", "instance": None, "convert_public_ip": None,
            "bandwidth_package": None, "wanted_address": None, "address_pool": "public_ip_address_pool_id",
            "resource_group": "resource_group_id"},
    "snapshot": {"name": "snapshot_name", "disk": "disk_id", "force_delete": "force",
                 "resource_group": "resource_group_id"},
    "auto_snapshot_policy": {
        "name": "auto_snapshot_policy_name", "hours": "time_points", "weekdays": "repeat_weekdays",
        "cross_region_copy.regions": "target_copy_regions", "resource_group": "resource_group_id",
        "cross_region_copy.retention_days": "copied_snapshots_retention_days",
        "cross_region_copy.encrypted": None, "cross_region_copy.kms_key": None,
    },
    "image": {"name": "image_name", "instance": "instance_id", "snapshot": "snapshot_id", "family": "image_family",
              "version": "image_version", "disks": "disk_device_mapping", "force_delete": "force", "nvme": None,
              "delete_snapshots": "delete_auto_snapshot", "resource_group": "resource_group_id",
              "copy_from.image": None, "copy_from.region": None,
              "copy_from.encrypted": None, "copy_from.kms_key": None, "shared_with": None,
              "deprecated": None},
    "network_interface": {
        "name": "network_interface_name", "vswitch": "vswitch_id", "security_groups": "security_group_ids",
        "primary_ip": "primary_ip_address", "private_ips": "private_ip_addresses",
        "private_ip_count": "secondary_private_ip_address_count", "ipv6_count": "ipv6_address_count", "instance": None,
        "balancers.alb": None, "balancers.nlb": None, "balancers.clb": None,
        "ipv6_internet.bandwidth": None, "ipv6_internet.gateway": None,
        "ipv6_internet.charge_type": None,
        "traffic_mode": "network_interface_traffic_mode", "resource_group": "resource_group_id",
    },
    "nat_gateway": {"name": "nat_gateway_name", "vpc": "vpc_id", "vswitch": "vswitch_id", "private_ip": None,
                    "icmp_reply": "icmp_reply_enabled", "snat_table": "snat_table_ids",
                    "forward_table": "forward_table_ids", "snat": None, "forward": None},
    "prefix_list": {"name": "prefix_list_name", "entries": "entry", "resource_group": None, "tags": None},
    "command": {"content": "command_content", "runs": None, "user": None},
    "snapshot_group": {"name": "snapshot_group_name", "instance": "instance_id", "disks": "disk_id",
                       "resource_group": "resource_group_id"},
    "launch_template": {
        "name": "launch_template_name", "resource_group": "template_resource_group_id", "tags": "template_tags",
        "image": "image_id", "zone": "zone_id", "vswitch": "vswitch_id", "private_ip": "private_ip_address",
        "security_groups": "security_group_ids", "hostname": "host_name", "key_pair": "key_pair_name",
        "ram_role": "ram_role_name", "instance_tags": "tags", "instance_description": "description",
        "internet.charge_type": "internet_charge_type", "internet.max_bandwidth_out": "internet_max_bandwidth_out",
        "internet.max_bandwidth_in": "internet_max_bandwidth_in", "metadata.endpoint": "http_endpoint",
        "metadata.tokens": "http_tokens", "deployment_set": "deployment_set_id", "spot.strategy": "spot_strategy",
        "spot.price_limit": "spot_price_limit", "spot.duration": "spot_duration", "charge_type": "instance_charge_type",
        "security_enhancement": "security_enhancement_strategy", "default_version": "default_version_number",
        "latest_version": "latest_version_number", "keep_versions": None, "login_as_non_root": None,
        "ipv6_count": None, "system_disk.kms_key": None, "system_disk.snapshot_policy": None,
        "system_disk.provisioned_iops": None, "system_disk.bursting_enabled": None,
    },
    "ipv6_gateway": {"name": "ipv6_gateway_name", "vpc": "vpc_id", "resource_group": "resource_group_id"},
}  # fmt: skip

# What the cloud gives a new object.
DECIDED = {
    "instance": ("primary_ip_address",),
    "eip": ("ip_address",),
    "security_group": (),
    "vpc": ("route_table_id",),
}


def theirs(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Our values of a resource by their names, in their form."""
    table = ATTRIBUTES.get(kind, {})
    found = {}
    for name, value in values.items():
        there = table.get(name, name)
        if there is not None:
            change = _FORMS.get((kind, name))
            found[there] = change(value) if change and value is not None else value
    return found


def _texts(values: Any) -> Any:
    return tuple(map(str, values)) if isinstance(values, tuple) else values


def _slots(values: Any) -> Any:
    """A map of disks or interfaces as their list of blocks, in the order of our keys."""
    if not is_mapping(values):
        return values
    return tuple(tuple(sorted(_slot(dict(fields)).items())) for _, fields in sorted(values) if is_mapping(fields))


def _slot(fields: dict[str, Any]) -> dict[str, Any]:
    """`keep` is their delete_with_instance, the other way round."""
    found = {_DISK.get(name, _BLOCK.get(name, name)): value for name, value in fields.items() if name != "keep"}
    if "keep" in fields:
        found["delete_with_instance"] = not fields["keep"]
    return found


_BLOCK = {
    "vswitch": "vswitch_id",
    "security_groups": "security_group_ids",
    "traffic_mode": "network_interface_traffic_mode",
    "queue_number": "queue_pair_number",
}

_FORMS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("command", "content"): lambda text: b64encode(text.encode()).decode() if isinstance(text, str) else text,
    ("eip", "bandwidth"): str,
    ("auto_snapshot_policy", "hours"): _texts,
    ("auto_snapshot_policy", "weekdays"): _texts,
    ("security_group", "inner_access"): lambda value: value.capitalize() if isinstance(value, str) else value,
    ("instance", "state"): lambda value: value.capitalize() if isinstance(value, str) else value,
    ("instance", "data_disks"): _slots,
    ("instance", "network_interfaces"): _slots,
}
