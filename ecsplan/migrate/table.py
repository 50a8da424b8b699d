"""The resources of the official Terraform provider and our kinds: which attribute is which. Data.

From the provider's schema. `theirs` names every attribute of one of its types, `ours` the attribute of the kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """`form` is how the value changes (forms.py). `is_told`: a state has it where no file says it, so only the code
    tells whether it is meant."""

    theirs: str
    ours: str
    form: str = "same"
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Type:
    """`theirs_alone` are attributes that a person sets and no kind of ours has, with what they are if nobody does."""

    kind: str
    fields: tuple[Field, ...]
    theirs_alone: Mapping[str, object]


def _fields(**pairs: str) -> tuple[Field, ...]:
    """`theirs="ours form"`; a `?` after the name marks what a state has without a file."""
    found = []
    for theirs, text in pairs.items():
        ours, _, form = text.partition(" ")
        found.append(Field(theirs, ours.rstrip("?"), form or "same", ours.endswith("?")))
    return tuple(found)


_COMMON = _fields(description="description", resource_group_id="resource_group?", tags="tags")

INSTANCE = Type(
    "instance",
    _fields(
        instance_name="name", instance_type="instance_type", image_id="image", availability_zone="zone?",
        vswitch_id="vswitch", private_ip="private_ip?", secondary_private_ips="secondary_private_ips list",
        ipv6_addresses="ipv6_addresses list", security_groups="security_groups list", host_name="hostname?",
        key_name="key_pair", user_data="user_data base64", role_name="ram_role",
        system_disk_category="system_disk.category", system_disk_size="system_disk.size number",
        system_disk_performance_level="system_disk.performance_level", system_disk_name="system_disk.name",
        system_disk_description="system_disk.description", system_disk_encrypted="system_disk.encrypted bool",
        system_disk_kms_key_id="system_disk.kms_key", system_disk_auto_snapshot_policy_id="system_disk.snapshot_policy",
        system_disk_provisioned_iops="system_disk.provisioned_iops number",
        system_disk_bursting_enabled="system_disk.bursting_enabled bool",
        internet_charge_type="internet.charge_type", internet_max_bandwidth_out="internet.max_bandwidth_out number",
        internet_max_bandwidth_in="internet.max_bandwidth_in? number", http_endpoint="metadata.endpoint",
        http_tokens="metadata.tokens", spot_strategy="spot.strategy", spot_price_limit="spot.price_limit number",
        spot_duration="spot.duration? number", spot_interruption_behavior="spot.interruption_behavior?",
        credit_specification="credit_specification", security_enhancement_strategy="security_enhancement",
        deletion_protection="deletion_protection bool", instance_charge_type="charge_type",
        period="period? number", period_unit="period_unit?", renewal_status="renewal.status",
        auto_renew_period="renewal.period number", auto_release_time="auto_release_time minutes",
        public_ip="public_ip?", status="state lower", stopped_mode="stopped_mode?",
        deployment_set_id="deployment_set", deployment_set_group_no="deployment_set_group? number",
        dedicated_host_id="dedicated_host", hpc_cluster_id="hpc_cluster",
        http_put_response_hop_limit="metadata.hop_limit number", maintenance_action="maintenance.action?",
        maintenance_notify="maintenance.notify? bool", ipv6_address_count="ipv6_count? number",
    )
    + _COMMON,
    {
        "launch_template_id": "", "launch_template_name": "", "launch_template_version": "", "volume_tags": {},
        "maintenance_time": [],
        "system_disk_storage_cluster_id": "",
        "system_disk_encrypt_algorithm": "", "private_pool_options_id": "", "image_options": [],
    },
)  # fmt: skip

DISK = Type(
    "disk",
    _fields(
        disk_name="name", zone_id="zone", category="category", size="size number",
        performance_level="performance_level", provisioned_iops="provisioned_iops number",
        bursting_enabled="bursting_enabled bool", encrypted="encrypted bool", kms_key_id="kms_key",
        snapshot_id="snapshot", delete_auto_snapshot="delete_auto_snapshot bool", instance_id="instance?",
    )
    + _COMMON,
    {
        "payment_type": "PayAsYouGo", "multi_attach": "Disabled", "encrypt_algorithm": "", "storage_set_id": "",
        "advanced_features": "", "dedicated_block_storage_cluster_id": "", "type": "",
    },
)  # fmt: skip

VPC = Type(
    "vpc",
    _fields(
        vpc_name="name", cidr_block="cidr_block", enable_ipv6="enable_ipv6 bool", user_cidrs="user_cidrs list",
        secondary_cidr_blocks="secondary_cidr_blocks list", route_table_id="route_table?",
    )
    + _COMMON,
    {"ipv4_ipam_pool_id": "", "classic_link_enabled": False, "system_route_table_name": "",
     "system_route_table_description": "", "dns_hostname_status": "DISABLED"},
)  # fmt: skip

VSWITCH = Type(
    "vswitch",
    _fields(
        vswitch_name="name", vpc_id="vpc", zone_id="zone", cidr_block="cidr_block", description="description",
        tags="tags", ipv6_cidr_block_mask="ipv6_cidr_block? number",
    ),
    {},
)  # fmt: skip

SECURITY_GROUP = Type(
    "security_group",
    _fields(
        security_group_name="name", vpc_id="vpc", security_group_type="type",
        inner_access_policy="inner_access lower",
    )
    + _COMMON,
    {},
)  # fmt: skip

KEY_PAIR = Type(
    "key_pair",
    _fields(key_pair_name="name", public_key="public_key", resource_group_id="resource_group?", tags="tags"),
    {"key_file": ""},
)

EIP = Type(
    "eip",
    _fields(
        address_name="name", bandwidth="bandwidth text number", internet_charge_type="charge_type", isp="isp",
        deletion_protection="deletion_protection bool", public_ip_address_pool_id="address_pool",
    )
    + _COMMON,
    {
        "payment_type": "PayAsYouGo", "netmode": "public",
        "security_protection_types": [], "high_definition_monitor_log_status": "OFF", "mode": "NAT",
    },
)  # fmt: skip

SNAPSHOT = Type(
    "snapshot",
    _fields(
        snapshot_name="name", disk_id="disk", retention_days="retention_days number", category="category",
        force="force_delete bool",
    )
    + _COMMON,
    {},
)  # fmt: skip

POLICY = Type(
    "auto_snapshot_policy",
    _fields(
        auto_snapshot_policy_name="name", time_points="hours text numbers", repeat_weekdays="weekdays text numbers",
        retention_days="retention_days number", target_copy_regions="cross_region_copy.regions list",
        copied_snapshots_retention_days="cross_region_copy.retention_days? number",
        resource_group_id="resource_group?", tags="tags",
    ),
    {},
)  # fmt: skip

IMAGE = Type(
    "image",
    _fields(
        image_name="name", image_family="family", image_version="version", boot_mode="boot_mode?",
        architecture="architecture", platform="platform?", force="force_delete bool",
        delete_auto_snapshot="delete_snapshots bool",
    )
    + _COMMON,
    {"license_type": "", "detection_strategy": ""},
)  # fmt: skip

INTERFACE = Type(
    "network_interface",
    _fields(
        network_interface_name="name", vswitch_id="vswitch", security_group_ids="security_groups list",
        primary_ip_address="primary_ip?", private_ip_addresses="private_ips list",
        ipv6_addresses="ipv6_addresses list", queue_number="queue_number? number",
        network_interface_traffic_mode="traffic_mode", source_dest_check="source_dest_check bool",
        delete_on_release="delete_on_release bool",
    )
    + _COMMON,
    {"ipv4_prefixes": [], "instance_type": "Secondary"},
)  # fmt: skip

NAT_GATEWAY = Type(
    "nat_gateway",
    _fields(
        nat_gateway_name="name", vpc_id="vpc", vswitch_id="vswitch", network_type="network_type?",
        eip_bind_mode="eip_bind_mode?", icmp_reply_enabled="icmp_reply? bool",
        deletion_protection="deletion_protection bool", description="description", tags="tags",
        snat_table_ids="snat_table?", forward_table_ids="forward_table?",
    ),
    {
        "payment_type": "PayAsYouGo", "internet_charge_type": "PayByLcu", "nat_type": "Enhanced",
        "private_link_enabled": False, "access_mode": [],
    },
)  # fmt: skip

PACKAGE = Type(
    "common_bandwidth_package",
    _fields(
        bandwidth_package_name="name", bandwidth="bandwidth text number", internet_charge_type="charge_type",
        isp="isp?", ratio="ratio? number", deletion_protection="deletion_protection bool",
    )
    + _COMMON,
    {"security_protection_types": [], "zone": "", "force": ""},
)  # fmt: skip

ROUTE_TABLE = Type(
    "route_table",
    _fields(
        route_table_name="name", vpc_id="vpc", associate_type="associate_type?", description="description",
        route_propagation_enable="route_propagation? bool", tags="tags",
    ),
    {},
)  # fmt: skip

NETWORK_ACL = Type(
    "network_acl",
    _fields(
        network_acl_name="name", vpc_id="vpc", description="description", tags="tags",
        ingress_acl_entries="ingress? acl ingress", egress_acl_entries="egress? acl egress",
    ),
    {"source_network_acl_id": ""},
)  # fmt: skip

PREFIX_LIST = Type(
    "prefix_list",
    _fields(
        prefix_list_name="name", address_family="address_family", max_entries="max_entries number",
        entry="entries records", description="description",
    ),
    {},
)  # fmt: skip

IPV6_GATEWAY = Type(
    "ipv6_gateway", _fields(ipv6_gateway_name="name", vpc_id="vpc") + _COMMON, {"spec": ""},
)  # fmt: skip

SNAPSHOT_GROUP = Type(
    "snapshot_group", _fields(snapshot_group_name="name", instance_id="instance", disk_id="disks? list") + _COMMON,
    {"exclude_disk_id": [], "instant_access": False, "instant_access_retention_days": 0},
)  # fmt: skip

LAUNCH_TEMPLATE = Type(
    "launch_template",
    (
        *_fields(
            launch_template_name="name", template_resource_group_id="resource_group?", template_tags="tags",
            version_description="version_description", default_version_number="default_version? text number",
            instance_type="instance_type", image_id="image", zone_id="zone?", vswitch_id="vswitch",
            private_ip_address="private_ip", security_group_ids="security_groups list", host_name="hostname",
            key_pair_name="key_pair", user_data="user_data base64", ram_role_name="ram_role",
            internet_charge_type="internet.charge_type",
            internet_max_bandwidth_out="internet.max_bandwidth_out number",
            internet_max_bandwidth_in="internet.max_bandwidth_in? number", http_endpoint="metadata.endpoint",
            http_tokens="metadata.tokens", deployment_set_id="deployment_set",
            password_inherit="password_inherit bool", spot_strategy="spot.strategy",
            spot_price_limit="spot.price_limit number", spot_duration="spot.duration? number",
            credit_specification="credit_specification", security_enhancement_strategy="security_enhancement",
            deletion_protection="deletion_protection bool", instance_charge_type="charge_type",
            period="period? number", period_unit="period_unit?", auto_release_time="auto_release_time minutes",
            instance_name="instance_name", description="instance_description", tags="instance_tags",
            data_disks="data_disks disks",
        ),
        *(
            Field(f"system_disk.{name}", f"system_disk.{ours}", form)
            for name, ours, form in (
                ("category", "category", "same"), ("size", "size", "number"), ("encrypted", "encrypted", "bool"),
                ("performance_level", "performance_level", "same"), ("name", "name", "same"),
                ("description", "description", "same"),
            )
        ),
    ),
    {"network_interfaces": [], "resource_group_id": "", "auto_renew": False, "auto_renew_period": 0, "spot": "",
     "image_options": [], "enable_vm_os_config": False, "image_owner_alias": "", "io_optimized": "",
     "update_default_version_number": False},
)  # fmt: skip

COMMAND = Type(
    "command",
    _fields(
        name="name", type="type", command_content="content base64", description="description",
        working_dir="working_dir", timeout="timeout number", launcher="launcher",
    )
    + _COMMON[1:],
    {"enable_parameter": False, "content_encoding": ""},
)  # fmt: skip

TYPES: Mapping[str, Type] = {
    "alicloud_instance": INSTANCE,
    "alicloud_ecs_disk": DISK,
    "alicloud_disk": DISK,
    "alicloud_vpc": VPC,
    "alicloud_vswitch": VSWITCH,
    "alicloud_subnet": VSWITCH,
    "alicloud_security_group": SECURITY_GROUP,
    "alicloud_ecs_key_pair": KEY_PAIR,
    "alicloud_key_pair": KEY_PAIR,
    "alicloud_eip_address": EIP,
    "alicloud_eip": EIP,
    "alicloud_ecs_snapshot": SNAPSHOT,
    "alicloud_snapshot": SNAPSHOT,
    "alicloud_ecs_auto_snapshot_policy": POLICY,
    "alicloud_snapshot_policy": POLICY,
    "alicloud_image": IMAGE,
    "alicloud_image_copy": IMAGE,
    "alicloud_ecs_network_interface": INTERFACE,
    "alicloud_network_interface": INTERFACE,
    "alicloud_nat_gateway": NAT_GATEWAY,
    "alicloud_ecs_prefix_list": PREFIX_LIST,
    "alicloud_route_table": ROUTE_TABLE,
    "alicloud_network_acl": NETWORK_ACL,
    "alicloud_common_bandwidth_package": PACKAGE,
    "alicloud_ecs_command": COMMAND,
    "alicloud_vpc_ipv6_gateway": IPV6_GATEWAY,
    "alicloud_ecs_snapshot_group": SNAPSHOT_GROUP,
    "alicloud_ecs_launch_template": LAUNCH_TEMPLATE,
    "alicloud_launch_template": LAUNCH_TEMPLATE,
}

# The type that a new file should have for a kind: the first of its types.
NAMES: Mapping[str, str] = {of.kind: name for name, of in reversed(list(TYPES.items()))}

# Kinds of ours that no resource of the provider is, with the reason.
NO_COUNTERPART: Mapping[str, str] = {"port_range_list": "no resource of the other tool is a port list"}

OLD_NAMES: Mapping[str, Mapping[str, str]] = {
    "instance": {"subnet_id": "vswitch_id", "primary_ip_address": "private_ip"},
    "disk": {"name": "disk_name", "availability_zone": "zone_id"},
    "vpc": {"name": "vpc_name"},
    "vswitch": {"name": "vswitch_name", "availability_zone": "zone_id"},
    "security_group": {"name": "security_group_name"},
    "key_pair": {"key_name": "key_pair_name"},
    "eip": {"name": "address_name"},
    "snapshot": {"name": "snapshot_name"},
    "auto_snapshot_policy": {"name": "auto_snapshot_policy_name"},
    "image": {"name": "image_name"},
    "network_interface": {
        "name": "network_interface_name",
        "private_ip": "primary_ip_address",
        "private_ips": "private_ip_addresses",
        "security_groups": "security_group_ids",
    },
    "nat_gateway": {"name": "nat_gateway_name"},
    "route_table": {"name": "route_table_name"},
    "network_acl": {"name": "network_acl_name"},
    "common_bandwidth_package": {"name": "bandwidth_package_name"},
    "launch_template": {"name": "launch_template_name", "key_name": "key_pair_name", "userdata": "user_data"},
}

# What no kind of ours is, in words; other types are called by their name.
NOT_MANAGED: Mapping[str, str] = {
    "alicloud_vpn_gateway": "VPN gateways",
    "alicloud_snat_entry": "entries of NAT gateways",
    "alicloud_forward_entry": "entries of NAT gateways",
    "alicloud_route_table": "route tables",
    "alicloud_route_table_attachment": "route tables",
    "alicloud_route_entry": "routes",
    "alicloud_vpc_route_entry": "routes",
    "alicloud_vpc_prefix_list": "prefix lists",
    "alicloud_ecs_deployment_set": "deployment sets",
    "alicloud_ecs_dedicated_host": "dedicated hosts",
    "alicloud_ram_role": "RAM roles",
    "alicloud_ess_scaling_group": "Auto Scaling groups",
    "alicloud_ess_scaling_configuration": "Auto Scaling groups",
}
