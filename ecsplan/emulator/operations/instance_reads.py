"""Reads of single instances and of one aspect of many: attribute, status, user data."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations.instances import require_instance, shown
from ecsplan.emulator.paging import by_number

ATTRIBUTE = ("ClusterId", "Cpu", "CreationTime", "CreditSpecification", "Description", "ExpiredTime", "HostName",
             "ImageId", "InnerIpAddress", "InstanceChargeType", "InstanceId", "InstanceName", "InstanceNetworkType",
             "InstanceType", "InternetChargeType", "InternetMaxBandwidthIn", "InternetMaxBandwidthOut", "Memory",
             "PublicIpAddress", "RegionId", "SecurityGroupIds", "SerialNumber", "Status", "StoppedMode", "VlanId",
             "VpcAttributes", "ZoneId")  # fmt: skip
EIP = ("AllocationId", "Bandwidth", "InternetChargeType", "IpAddress")


def describe_instance_attribute(call: Call) -> Body:
    instance = require_instance(call)
    row = shown(call, instance)
    host = row["DedicatedHostAttribute"]
    return {key: row[key] for key in ATTRIBUTE} | {
        "IoOptimized": "optimized",
        "EipAddress": {key: row["EipAddress"][key] for key in EIP},
        "DedicatedHostAttribute": {key: host[key] for key in ("DedicatedHostId", "DedicatedHostName")},
        "OperationLocks": {"LockReason": []},
        "EnableJumboFrame": instance.get("EnableJumboFrame", False),
        "EnableNetworkEncryption": False,
    }


def describe_instance_status(call: Call) -> Body:
    ids = call.many("InstanceId", 100)
    instances = call.listed_by("instance", ids) if ids else call.listed("instance")
    instances = call.filtered(instances, ZoneId="ZoneId")
    return by_number(call, instances, _status, ("InstanceStatuses", "InstanceStatus"), 50)


def _status(call: Call, instance: Thing) -> Body:
    return {"InstanceId": instance.id, "Status": instance["Status"]}


def describe_user_data(call: Call) -> Body:
    instance = require_instance(call)
    return {"InstanceId": instance.id, "RegionId": instance.region, "UserData": instance.get("UserData", "")}


def describe_instance_type_families(call: Call) -> Body:
    wanted = call.get("Generation")
    families = {r["family"]: r.get("generation", "ecs-6") for r in catalogue.instance_types().values()}
    rows = [
        {"InstanceTypeFamilyId": family, "Generation": generation}
        for family, generation in families.items()
        if wanted in (None, generation) and call.region
    ]
    return {"InstanceTypeFamilies": {"InstanceTypeFamily": rows}}


ECS = {
    "DescribeInstanceAttribute": describe_instance_attribute,
    "DescribeInstanceStatus": describe_instance_status,
    "DescribeUserData": describe_user_data,
    "DescribeInstanceTypeFamilies": describe_instance_type_families,
}
