"""Regions, zones, instance types and who is calling: the catalogue, as the API shows it."""

from __future__ import annotations

from functools import cache
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._type_facts import boot_modes, facts
from ecsplan.emulator.paging import read_token, write_token
from ecsplan.emulator.wire import invalid


def _local_name(region: dict[str, Any], language: str | None) -> str:
    return str(region["name_zh"] if (language or "zh-CN").startswith("zh") else region["name_en"])


def describe_regions(call: Call) -> Body:
    language = call.get("AcceptLanguage")
    shown = [r for r in catalogue.regions().values() if r.get("in_describe_regions")]
    rows: list[Body] = []
    for region in shown:
        endpoint = region["endpoint"] if call.product == "ecs" else f"vpc.{region['id']}.aliyuncs.com"
        row = {"RegionId": region["id"], "RegionEndpoint": endpoint, "LocalName": _local_name(region, language)}
        rows.append({**row, "Status": "available"} if call.product == "ecs" else row)
    return {"Regions": {"Region": rows}}


def describe_zones(call: Call) -> Body:
    zones = catalogue.zones(call.region)
    categories = [c for c in catalogue.disk_categories() if catalogue.disk_range(c, "PL1", False)]
    types = [] if call.get("Verbose") is False else list(catalogue.instance_types())
    return {"Zones": {"Zone": [_zone(zone, types, categories) for zone in zones]}}


def _zone(zone: str, types: list[str], categories: list[str]) -> Body:
    resource: Body = {
        "IoOptimized": True,
        "NetworkTypes": {"supportedNetworkCategory": ["vpc"]},
        "InstanceTypes": {"supportedInstanceType": types},
        "SystemDiskCategories": {"supportedSystemDiskCategory": categories},
        "DataDiskCategories": {"supportedDataDiskCategory": categories},
        "InstanceGenerations": {"supportedInstanceGeneration": ["ecs-4", "ecs-5", "ecs-6"]},
        "InstanceTypeFamilies": {"supportedInstanceTypeFamily": families() if types else []},
    }
    return {
        "ZoneId": zone,
        "LocalName": f"Zone {zone.rsplit('-', 1)[-1].upper()}",
        "ZoneType": "AvailabilityZone",
        "AvailableResourceCreation": {"ResourceTypes": ["VSwitch", "IoOptimized", "Instance", "DedicatedHost", "Disk"]},
        "AvailableDiskCategories": {"DiskCategories": categories},
        "AvailableInstanceTypes": {"InstanceTypes": types},
        "AvailableVolumeCategories": {"VolumeCategories": []},
        "AvailableDedicatedHostTypes": {"DedicatedHostType": []},
        "DedicatedHostGenerations": {"DedicatedHostGeneration": []},
        "AvailableResources": {"ResourcesInfo": [resource]},
    }


def families() -> list[str]:
    return list(dict.fromkeys(t["family"] for t in catalogue.instance_types().values()))


def describe_vpc_zones(call: Call) -> Body:
    rows = [
        {"ZoneId": zone, "LocalName": f"Zone {zone.rsplit('-', 1)[-1].upper()}", "ZoneType": "AvailabilityZone"}
        for zone in catalogue.zones(call.region)
    ]
    return {"Zones": {"Zone": rows}}


# Minimum… and Maximum… of a row's number; a type whose number no source gives does not meet a minimum.
LIMITS = (
    "CpuCoreCount", "MemorySize", "EniQuantity", "EniPrivateIpAddressQuantity", "EniIpv6AddressQuantity",
    "InstanceBandwidthRx", "InstanceBandwidthTx", "InstancePpsRx", "InstancePpsTx", "GPUAmount",
    "PrimaryEniQueueNumber", "SecondaryEniQueueNumber", "DiskQuantity", "BaselineCredit", "InitialCredit",
    "LocalStorageAmount", "LocalStorageCapacity", "CpuSpeedFrequency", "CpuTurboFrequency", "EriQuantity",
    "QueuePairNumber",
)  # fmt: skip
# Parameters for one value, and for several.
EQUAL = {
    "InstanceTypeId": (None, "InstanceTypes"), "InstanceTypeFamily": ("InstanceTypeFamily", "InstanceTypeFamilies"),
    "CpuArchitecture": ("CpuArchitecture", "CpuArchitectures"), "GPUSpec": ("GPUSpec", "GpuSpecs"),
    "InstanceCategory": ("InstanceCategory", "InstanceCategories"), "NvmeSupport": ("NvmeSupport", None),
    "InstanceFamilyLevel": ("InstanceFamilyLevel", None),
    "LocalStorageCategory": ("LocalStorageCategory", "LocalStorageCategories"),
    "PhysicalProcessorModel": ("PhysicalProcessorModel", "PhysicalProcessorModels"),
}  # fmt: skip


def describe_instance_types(call: Call) -> Body:
    rows = [row for row in _types() if _is_wanted(call, row)]
    size = min(max(int(call.get("MaxResults", 1600)), 1), 1600)
    start = read_token(call.get("NextToken")) or 0
    if start > len(rows):
        raise invalid("NextToken", code="InvalidNextToken")
    body: Body = {"InstanceTypes": {"InstanceType": rows[start : start + size]}}
    if start + size < len(rows):
        body["NextToken"] = write_token(start + size)
    return body


def _is_wanted(call: Call, row: Body) -> bool:
    for key, (single, several) in EQUAL.items():
        wanted = [*call.many(several, 10)] if several else []
        if single is not None and call.get(single) is not None:
            wanted.append(call.get(single))
        if wanted and row.get(key) not in wanted:
            return False
    for key in LIMITS:
        least, most = call.get(f"Minimum{key}"), call.get(f"Maximum{key}")
        if (least is not None and row.get(key, 0) < least) or (most is not None and row.get(key, 0) > most):
            return False
    return True


@cache
def _types() -> tuple[Body, ...]:
    return tuple(_type(record) for record in catalogue.instance_types().values())


def _type(record: dict[str, Any]) -> Body:
    cores = max(record["vcpu"] // 2, 1)
    gpu = record.get("gpu") or {}
    row: Body = {
        "InstanceTypeId": record["id"],
        "InstanceTypeFamily": record["family"],
        "CpuCoreCount": record["vcpu"],
        "MemorySize": float(record["memory_gib"]),
        "CpuArchitecture": record.get("cpu_architecture", "X86"),
        "EniQuantity": record.get("eni_quantity", 2),
        "EniPrivateIpAddressQuantity": record.get("private_ip_per_eni", 2),
        "EniIpv6AddressQuantity": record.get("ipv6_per_eni", 1),
        "InstanceBandwidthRx": int(record.get("bandwidth_gbps_base", 0) * 1024000),
        "InstanceBandwidthTx": int(record.get("bandwidth_gbps_base", 0) * 1024000),
        "InstancePpsRx": record.get("pps", 0),
        "InstancePpsTx": record.get("pps", 0),
        "PrimaryEniQueueNumber": record.get("nic_queues", 1),
        "DiskQuantity": record.get("max_data_disks", 16) + 1,
        "GPUAmount": int(gpu.get("amount", 0)) if isinstance(gpu.get("amount", 0), int | float) else 0,
        "GPUSpec": str(gpu.get("spec", "")),
        "NvmeSupport": "unsupported",
        "SupportedBootModes": {"SupportedBootMode": list(boot_modes(record))},
        "CpuOptions": {"Core": cores, "ThreadsPerCore": 2 if record["vcpu"] > 1 else 1, "CoreFactor": 1},
    }
    credit = record.get("cpu_credit")
    if credit:
        row["BaselineCredit"] = int(credit.get("baseline_percent", 0)) * int(record["vcpu"])
    return row | facts(record)


def get_caller_identity(call: Call) -> Body:
    """A key is the account's own, or with an STS token an assumed role's."""
    owner = call.credential.account
    body = {"AccountId": owner, "UserId": owner, "PrincipalId": owner}
    if not call.credential.token:
        return {**body, "IdentityType": "Account", "Arn": f"acs:ram::{owner}:root"}
    arn = f"acs:ram::{owner}:assumed-role/emulator/session"
    role = {"RoleId": "300000000000000001", "PrincipalId": "300000000000000001:session"}
    return {**body, **role, "IdentityType": "AssumedRoleUser", "Arn": arn}


ECS = {
    "DescribeRegions": describe_regions,
    "DescribeZones": describe_zones,
    "DescribeInstanceTypes": describe_instance_types,
}
VPC = {"DescribeRegions": describe_regions, "DescribeZones": describe_vpc_zones}
STS = {"GetCallerIdentity": get_caller_identity}
