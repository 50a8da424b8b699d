"""What the test of limits stands on: a file for each kind that is right but for one value, and the same as a call."""

import json
from collections.abc import Mapping
from typing import Any

from ecsplan.kinds import load_kinds
from ecsplan.kinds._disk_rows import FIELDS as DISK_FIELDS
from ecsplan.kinds._instance_interfaces import FIELDS as INTERFACE_FIELDS
from ecsplan.model.call import ApiError, Product
from ecsplan.model.limits import Computed, Limit
from tests.kinds.cloud import Cloud

KINDS = load_kinds()
KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDf+1hxkE170g8uzDQL0PTSkAXUxL+zWz+WXkBpvfwsf4MXozslAHFMZ9ofQK0eN8oFHLmk"
NETWORK = {
    "vpc": {"main": {"cidr_block": "10.0.0.0/8"}},
    "vswitch": {"app": {"vpc": "main", "zone": "cn-hangzhou-h", "cidr_block": "10.250.1.0/24"}},
    "security_group": {"web": {"vpc": "main"}},
}
# What a resource of a kind has to say to be right.
BASES: Mapping[str, dict[str, Any]] = {
    "instance": {
        "instance_type": "ecs.g7.large",
        "image": "ubuntu_22_04_x64_20G_alibase_20260522.vhd",
        "vswitch": "app",
        "security_groups": ["web"],
    },
    "disk": {"zone": "cn-hangzhou-h", "size": 100},
    "vpc": {"cidr_block": "10.0.0.0/8"},
    "vswitch": {"vpc": "main", "zone": "cn-hangzhou-h", "cidr_block": "10.1.0.0/24"},
    "security_group": {"vpc": "main"},
    "key_pair": {},
    "eip": {},
    "network_interface": {"vswitch": "app", "security_groups": ["web"]},
    "snapshot": {"disk": "d-1"},
    "auto_snapshot_policy": {"hours": [2], "weekdays": [1], "retention_days": 7},
    "image": {"instance": "i-1"},
}
ENTRIES: Mapping[str, dict[str, Any]] = {
    "data_disks": {"size": 100},
    "network_interfaces": {"vswitch": "app", "security_groups": ["web"]},
    "disks": {"snapshot": "s-1"},
}
# What else an attribute needs for its own limit to be the one that counts.
WIDE = {"charge_type": "PrePaid", "period": 1, "internet.charge_type": "PayByBandwidth"}
NEXT_TO: Mapping[str, dict[str, Any]] = {
    "instance.internet.max_bandwidth_out": WIDE,
    "instance.internet.max_bandwidth_in": {**WIDE, "internet.max_bandwidth_out": 200},
    "eip.period": {"subscription": True, "period_unit": "Month"},
    "instance.period": {"charge_type": "PrePaid"},
    "instance.renewal.period": {"charge_type": "PrePaid", "period": 1, "renewal.status": "AutoRenewal"},
}


def beside(limit: Limit) -> dict[str, Any]:
    """What has to be declared beside the value for the limit to hold."""
    if isinstance(limit.rule, Computed):
        return dict(limit.rule.sample[0])
    if not limit.when:
        return dict(NEXT_TO.get(limit.path, {}))
    near = NEXT_TO.get(limit.path, {}) if "charge_type" not in limit.when and "period" in limit.path else {}
    found = dict(near) | {
        name: next(iter(values)) for name, values in limit.when.items() if next(iter(values)) is not None
    }
    return found | ({"period": 1} if found.get("charge_type") == "PrePaid" else {})


def document(limit: Limit, value: Any) -> dict[str, Any]:
    """A stack with one resource that has the value where the limit is about."""
    holder, inside, name = limit.attribute.partition("[].")
    body: dict[str, Any] = json.loads(json.dumps(BASES[limit.kind]))
    if inside:
        entry = {**ENTRIES[holder], **beside(limit), name: value}
        _put(body, holder, [entry] if limit.kind == "image" else {"slot": entry})
    else:
        for attribute, other in {**beside(limit), limit.attribute: value}.items():
            _put(body, attribute, other)
    if limit.path.startswith("image.disks"):
        del body["instance"]
    if limit.attribute == "copy_from.region":
        del body["instance"]
    resources: dict[str, Any] = json.loads(json.dumps(NETWORK))
    resources.setdefault(limit.kind, {})["subject"] = body
    return resources


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    *blocks, last = name.split(".")
    for block in blocks:
        body = body.setdefault(block, {})
    if value is None:
        body.pop(last, None)
    else:
        body[last] = value


# The emulator's half

PRODUCTS = {"vpc": Product.VPC, "vswitch": Product.VPC, "eip": Product.VPC}
# Parameters of what the create calls of our tables do not send, or spell otherwise.
WIRES = {
    "instance.renewal.period": "AutoRenewPeriod",
    "instance.renewal.status": "RenewalStatus",
    "instance.ipv6_addresses": "Ipv6Address",
    "image.family": "ImageFamily",
}
ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "instance.secondary_private_ips": ("AssignPrivateIpAddresses", "PrivateIpAddress"),
    "instance.renewal.status": ("ModifyInstanceAutoRenewAttribute", "RenewalStatus"),
    "security_group.inner_access": ("ModifySecurityGroupPolicy", "InnerAccessPolicy"),
    "image.shared_with": ("ModifyImageSharePermission", "AddAccount"),
}
# Instance types that take disks of other categories than those of today.
TYPES = {"cloud": "ecs.sn2ne.large", "cloud_efficiency": "ecs.sn2ne.large", "cloud_ssd": "ecs.sn2ne.large",
         "cloud_essd_entry": "ecs.u1-c1m2.large"}  # fmt: skip
# What is declared for more than the create call takes goes into that call with less.
SENT = {"instance.internet.max_bandwidth_in": {"internet.max_bandwidth_out": 100}}
MAPPED = {"size": "Size", "snapshot": "SnapshotId"}
JSON_TEXTS = ("auto_snapshot_policy.hours", "auto_snapshot_policy.weekdays")


class World:
    """An account with one of everything that a call may name."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        vpc = cloud.call("CreateVpc", Product.VPC, CidrBlock="10.0.0.0/8")["VpcId"]
        cloud.clock.advance(60)
        place = {"VpcId": vpc, "ZoneId": "cn-hangzhou-h"}
        vswitch = cloud.call("CreateVSwitch", Product.VPC, **place, CidrBlock="10.250.1.0/24")["VSwitchId"]
        group = cloud.call("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
        cloud.clock.advance(60)
        self.machine = {
            "InstanceType": "ecs.g7.large", "ImageId": BASES["instance"]["image"], "VSwitchId": vswitch,
            "SecurityGroupIds": [group],
        }  # fmt: skip
        instance = cloud.call("RunInstances", **self.machine)["InstanceIdSets"]["InstanceIdSet"][0]
        cloud.clock.advance(60)
        disk = cloud.call("DescribeDisks", InstanceId=instance)["Disks"]["Disk"][0]["DiskId"]
        interface = cloud.call("DescribeNetworkInterfaces", InstanceId=instance)
        eni = interface["NetworkInterfaceSets"]["NetworkInterfaceSet"][0]["NetworkInterfaceId"]
        self.enterprise = cloud.call("CreateSecurityGroup", VpcId=vpc, SecurityGroupType="enterprise")[
            "SecurityGroupId"
        ]
        self.snapshot = cloud.call("CreateSnapshot", DiskId=disk)["SnapshotId"]
        cloud.clock.advance(60)
        self.bases: dict[str, dict[str, Any]] = {
            "instance": self.machine,
            "disk": {"ZoneId": "cn-hangzhou-h", "Size": 100, "DiskCategory": "cloud_essd"},
            "vpc": {},
            "vswitch": {**place, "CidrBlock": "10.1.0.0/24"},
            "security_group": {"VpcId": vpc},
            "key_pair": {"PublicKeyBody": KEY, "KeyPairName": "pair"},
            "eip": {},
            "network_interface": {"VSwitchId": vswitch, "SecurityGroupIds": [group]},
            "snapshot": {"DiskId": disk},
            "auto_snapshot_policy": {"timePoints": '["2"]', "repeatWeekdays": '["1"]', "retentionDays": 7},
            "image": {"InstanceId": instance},
        }
        self.entries = {**ENTRIES, "disks": {"snapshot": self.snapshot}}
        self.of = {
            "AssignPrivateIpAddresses": {"NetworkInterfaceId": eni},
            "ModifyInstanceAutoRenewAttribute": {"InstanceId": instance},
            "ModifySecurityGroupPolicy": {"SecurityGroupId": group},
            "ModifyImageSharePermission": {"ImageId": "m-0"},
        }

    def refusal(self, limit: Limit, value: Any) -> tuple[str, int] | None:
        """The code and status with which the emulator refuses the value; None where it takes it."""
        operation, params = self.request(limit, value)
        try:
            self.cloud.call(operation, PRODUCTS.get(limit.kind, Product.ECS), **params)
        except ApiError as error:
            return error.code, error.status or 0
        self.cloud.clock.advance(60)
        return None

    def request(self, limit: Limit, value: Any) -> tuple[str, dict[str, Any]]:
        if limit.path in ELSEWHERE:
            operation, name = ELSEWHERE[limit.path]
            target = self.of[operation] if "type" not in limit.when else {"SecurityGroupId": self.enterprise}
            return operation, {**target, name: value}
        holder, inside, member = limit.attribute.partition("[].")
        found: dict[str, Any] = json.loads(json.dumps(self.bases[limit.kind]))
        operation = KINDS[limit.kind].create.operation
        if holder == "network_interfaces":
            return "CreateNetworkInterface", {**self.bases["network_interface"], INTERFACE_FIELDS[member][0]: value}
        category = beside(limit).get("category") or beside(limit).get("system_disk.category")
        if limit.kind == "instance" and category in TYPES:
            found["InstanceType"] = TYPES[category]
        if inside:
            found.pop("InstanceId", None)
            wires = {name: wire for name, (wire, _) in DISK_FIELDS.items()} | MAPPED
            given = {**self.entries[holder], **beside(limit), member: value}
            entry = {wires[name]: other for name, other in given.items() if name in wires}
            found["DiskDeviceMapping" if limit.kind == "image" else "DataDisk"] = [entry]
            return operation, found
        if holder == "data_disks":
            found["DataDisk"] = [{"Size": 40, "Category": "cloud_essd"} for _ in value]
            return operation, found
        if limit.attribute == "tags":
            return operation, {**found, "Tag": [{"Key": key, "Value": text} for key, text in value.items()]}
        sent = {} if limit.is_checked else SENT.get(limit.path, {})
        for name, other in {**beside(limit), **sent, limit.attribute: value}.items():
            wire = WIRES.get(f"{limit.kind}.{name}") or KINDS[limit.kind].attribute(name).wire or ""
            text = json.dumps([str(item) for item in other]) if f"{limit.kind}.{name}" in JSON_TEXTS else other
            _put(found, wire, text)
        return operation, found
