"""DescribeInstances, and what every family needs to find an instance."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, ecs_tags
from ecsplan.emulator.clock import parse_time
from ecsplan.emulator.operations._interfaces import interfaces_of
from ecsplan.emulator.operations._launch_options import shown_dns
from ecsplan.emulator.operations._prefixes import prefix_sets
from ecsplan.emulator.paging import by_either
from ecsplan.emulator.wire import Refusal, invalid

NOT_FOUND = "InvalidInstanceId.NotFound"
NEVER = "2099-12-31T15:59Z"


def require_instance(call: Call, parameter: str = "InstanceId") -> Thing:
    return call.require("instance", call.need(parameter), NOT_FOUND, parameter)


def require_status(instance: Thing, *allowed: str) -> None:
    if instance.status not in allowed or instance.get("Releasing"):
        code = "IncorrectInstanceStatus.Initializing" if instance.status == "Pending" else "IncorrectInstanceStatus"
        raise Refusal(
            403, code, f"The instance {instance.id} is {instance.status}; the operation needs {' or '.join(allowed)}."
        )


def describe_instances(call: Call) -> Body:
    call.choice("Status", "Pending", "Running", "Starting", "Stopping", "Stopped")
    call.choice("InstanceChargeType", "PrePaid", "PostPaid")
    instances = call.matching_tags(_candidates(call))
    instances = call.filtered(
        instances, VpcId="VpcId", VSwitchId="VSwitchId", ZoneId="ZoneId", InstanceType="InstanceType",
        ImageId="ImageId", Status="Status", KeyPairName="KeyPairName", InstanceChargeType="InstanceChargeType",
        InternetChargeType="InternetChargeType", HpcClusterId="HpcClusterId",
    )  # fmt: skip
    instances = call.named(instances, "InstanceName", "InstanceName")
    for matches in _filters(call):
        instances = [instance for instance in instances if matches(instance)]
    return by_either(call, instances, shown, ("Instances", "Instance"), 100)


def _candidates(call: Call) -> list[Thing]:
    """The smallest set that an index gives; the filters do the rest."""
    ids = call.ids("InstanceIds")
    if ids is not None:
        return call.listed_by("instance", ids)
    addresses = call.ids("PrivateIpAddresses")
    if addresses is not None and call.get("VSwitchId") is None:
        return call.listed("instance")
    for parameter, field in (
        ("VSwitchId", "VSwitchId"), ("SecurityGroupId", "SecurityGroupIds"), ("VpcId", "VpcId"),
        ("KeyPairName", "KeyPairName"),
    ):  # fmt: skip
        value = call.get(parameter)
        if value is not None:
            found = call.account.where("instance", field, value)
            return [i for i in found if i.region == call.region and call.sight.shows(i)]
    name = call.get("InstanceName")
    if name is not None and "*" not in name:
        found = call.account.where("instance", "InstanceName", name)
        return [i for i in found if i.region == call.region and call.sight.shows(i)]
    return call.candidates("instance")


METADATA = {"HttpEndpoint": "enabled", "HttpTokens": "optional", "HttpPutResponseHopLimit": 0}


def _filters(call: Call) -> list[Callable[[Thing], bool]]:
    tests: list[Callable[[Thing], bool]] = []
    group, family = call.get("SecurityGroupId"), call.get("InstanceTypeFamily")
    if group is not None:
        tests.append(lambda i: group in i["SecurityGroupIds"])
    if family is not None:
        tests.append(lambda i: family_of(i["InstanceType"]) == family)
    network = call.choice("InstanceNetworkType", "classic", "vpc")
    if network is not None:
        tests.append(lambda i: bool(i.get("VpcId")) == (network == "vpc"))
    private, public = call.ids("PrivateIpAddresses"), call.ids("PublicIpAddresses")
    if private is not None:
        tests.append(lambda i: i.get("PrivateIpAddress") in private)
    if public is not None:
        tests.append(lambda i: i.get("PublicIp") in public)
    bound = call.ids("EipAddresses")
    if bound is not None:
        tests.append(lambda i: any(e["IpAddress"] in bound for e in call.account.where("eip", "InstanceId", i.id)))
    never = call.get("IoOptimized") is False or call.get("DeviceAvailable") is False
    if never or call.get("LockReason") or call.ids("RdmaIpAddresses") is not None:
        tests.append(lambda i: False)
    inner, six = call.ids("InnerIpAddresses"), call.many("Ipv6Address", 100)
    if inner is not None:
        tests.append(lambda i: i.get("InnerIpAddress") in inner)
    if six:
        tests.append(lambda i: any(a in six for e in interfaces_of(call.account, i.id) for a in e.get("Ipv6s", [])))
    for name, usual in METADATA.items():
        if call.get(name) is not None:
            tests.append(_holds(name, usual, call.get(name)))
    for pair in call.many("Filter", 4):
        tests.append(_time_filter(pair))
    return tests


def _holds(name: str, usual: Any, wanted: Any) -> Callable[[Thing], bool]:
    return lambda instance: instance.get(name, usual) == wanted


def _time_filter(pair: dict[str, Any]) -> Callable[[Thing], bool]:
    key, moment = pair.get("Key"), parse_time(pair.get("Value") or "")
    fields = {"CreationStartTime": ("CreationTime", 1), "CreationEndTime": ("CreationTime", -1),
              "ExpiredStartTime": ("ExpiredTime", 1), "ExpiredEndTime": ("ExpiredTime", -1)}  # fmt: skip
    if key not in fields or moment is None:
        raise invalid("Filter", "Its keys are " + ", ".join(fields), "InvalidFilterKey.NotFound")
    field, sign = fields[key]
    wanted = moment * sign
    return lambda i: (parse_time(i.get(field, NEVER)) or 0.0) * sign >= wanted


def family_of(type_id: str) -> str:
    return str((catalogue.instance_type(type_id) or {}).get("family", ""))


@cache
def _constants(type_id: str) -> str:
    """What follows from the type alone, kept as JSON so that each row gets its own copy cheaply."""
    record = catalogue.instance_type(type_id) or {}
    gpu = record.get("gpu") or {}
    amount = gpu.get("amount", 0)
    vcpu = int(record.get("vcpu", 1))
    return json.dumps({
        "InstanceTypeFamily": record.get("family", ""),
        "Cpu": vcpu,
        "Memory": int(record.get("memory_gib", 1) * 1024),
        "GPUAmount": amount if isinstance(amount, int) else 0,
        "GPUSpec": str(gpu.get("spec", "")),
        "IoOptimized": True,
        "CpuOptions": {"CoreCount": max(vcpu // 2, 1), "ThreadsPerCore": 2 if vcpu > 1 else 1, "Numa": "ON"},
    })  # fmt: skip


def shown(call: Call, instance: Thing) -> Body:
    data = instance.data
    row: Body = json.loads(_constants(data["InstanceType"]))
    row.update(
        InstanceId=instance.id,
        RegionId=instance.region,
        ZoneId=data["ZoneId"],
        Status=data["Status"],
        InstanceName=data["InstanceName"],
        HostName=data["HostName"],
        Description=data["Description"],
        InstanceType=data["InstanceType"],
        ImageId=data["ImageId"],
        OSName=data["OSName"],
        OSNameEn=data["OSNameEn"],
        OSType=data["OSType"],
        SerialNumber=instance.id,
        ClusterId="",
        CreationTime=data["CreationTime"],
        StartTime=data.get("StartTime", ""),
        DeviceAvailable=True,
        Recyclable=False,
        KeyPairName=data.get("KeyPairName", ""),
        ResourceGroupId=data["ResourceGroupId"],
        SecurityGroupIds={"SecurityGroupId": data["SecurityGroupIds"]},
        OperationLocks={"LockReason": []},
        Tags=ecs_tags(instance),
    )
    more = call.params.get("AdditionalAttributes") or ()
    options = data.get("CpuOptions")
    if options:
        row["CpuOptions"] = {
            "CoreCount": options.get("Core", row["CpuOptions"]["CoreCount"]),
            "ThreadsPerCore": options.get("ThreadsPerCore", row["CpuOptions"]["ThreadsPerCore"]),
            "Numa": options.get("Numa", ""),
        }
    if "CPU_OPTIONS_TOPOLOGY_TYPE" in more:
        row["CpuOptions"]["TopologyType"] = (options or {}).get("TopologyType", "")
    _show_billing(row, data)
    _show_network(call, row, instance, "NETWORK_PRIMARY_ENI_IP" in more)
    _show_placement(call, row, data)
    _show_options(row, data, more)
    # Told of machines that have one alone, as recorded rows are without.
    for name in ("HpcClusterId", "SpotDuration", "SpotInterruptionBehavior", "DeploymentSetGroupNo"):
        if data.get(name) not in (None, ""):
            row[name] = data[name]
    return row


def _show_options(row: Body, data: dict[str, Any], more: Collection[str]) -> None:
    """Empty unless AdditionalAttributes asks, as recorded answers and the official provider have it."""
    row["ImageOptions"] = {}
    row["MetadataOptions"] = {"HttpEndpoint": "", "HttpTokens": ""}
    if "LOGIN_AS_NON_ROOT" in more:
        row["ImageOptions"]["LoginAsNonRoot"] = data.get("LoginAsNonRoot", False)
    if "META_OPTIONS" in more:
        row["MetadataOptions"] = {name: data.get(name, usual) for name, usual in METADATA.items()}
    if "PRIVATE_DNS_OPTIONS" in more:
        row["PrivateDnsNameOptions"] = shown_dns(data)
    if data.get("EnableSecureBoot"):
        row["SecurityOptions"] = {"EnableSecureBoot": True}


def _show_billing(row: Body, data: dict[str, Any]) -> None:
    row.update(
        InstanceChargeType=data["InstanceChargeType"],
        ExpiredTime=data.get("ExpiredTime", NEVER),
        AutoReleaseTime=data.get("AutoReleaseTime", ""),
        DeletionProtection=data["DeletionProtection"],
        SaleCycle="",
        StoppedMode=data.get("StoppedMode", "KeepCharging") if data["Status"] == "Stopped" else "Not-applicable",
        SpotStrategy=data.get("SpotStrategy", "NoSpot"),
        SpotPriceLimit=data.get("SpotPriceLimit", 0.0),
        CreditSpecification=data.get("CreditSpecification", ""),
        InternetChargeType=data["InternetChargeType"],
        InternetMaxBandwidthOut=data["InternetMaxBandwidthOut"],
        InternetMaxBandwidthIn=data["InternetMaxBandwidthIn"],
    )


def _show_network(call: Call, row: Body, instance: Thing, with_ipv6: bool) -> None:
    data = instance.data
    is_vpc = "VpcId" in data
    public, inner, private = data.get("PublicIp"), data.get("InnerIpAddress"), data.get("PrivateIpAddress")
    row.update(
        InstanceNetworkType="vpc" if is_vpc else "classic",
        PublicIpAddress={"IpAddress": [public] if public else []},
        InnerIpAddress={"IpAddress": [inner] if inner else []},
        VlanId="",
        VpcAttributes={
            "VpcId": data.get("VpcId", ""),
            "VSwitchId": data.get("VSwitchId", ""),
            "NatIpAddress": "",
            "PrivateIpAddress": {"IpAddress": [private] if private else []},
        },
        NetworkInterfaces={
            "NetworkInterface": [
                _interface(eni) | (_ipv6(eni) | prefix_sets(eni) if with_ipv6 else {})
                for eni in (interfaces_of(call.account, instance.id) if is_vpc else ())
            ]
        },
    )
    eips = call.account.where("eip", "InstanceId", instance.id)
    eip = eips[0] if eips and eips[0].status == "InUse" else None
    row["EipAddress"] = {
        "AllocationId": eip.id if eip else "",
        "IpAddress": eip["IpAddress"] if eip else "",
        "Bandwidth": int(eip["Bandwidth"]) if eip else 0,
        "InternetChargeType": eip["InternetChargeType"] if eip else "",
        "IsSupportUnassociate": bool(eip),
    }


def _interface(eni: Thing) -> Body:
    sets = [{"PrivateIpAddress": ip, "Primary": ip == eni["PrivateIpAddress"]} for ip in eni["PrivateIps"]]
    return {
        "NetworkInterfaceId": eni.id,
        "MacAddress": eni["MacAddress"],
        "PrimaryIpAddress": eni["PrivateIpAddress"],
        "Type": eni["Type"],
        "PrivateIpSets": {"PrivateIpSet": sets},
    }


def _ipv6(eni: Thing) -> Body:
    return {"Ipv6Sets": {"Ipv6Set": [{"Ipv6Address": ip} for ip in eni.get("Ipv6s", [])]}}


def _show_placement(call: Call, row: Body, data: dict[str, Any]) -> None:
    host = call.account.get("ddh", data.get("DedicatedHostId", ""))
    row.update(
        DeploymentSetId=data.get("DeploymentSetId", ""),
        DedicatedHostAttribute={
            "DedicatedHostId": data.get("DedicatedHostId", ""),
            "DedicatedHostName": host["DedicatedHostName"] if host is not None else "",
            "DedicatedHostClusterId": host["DedicatedHostClusterId"] if host is not None else "",
        },
        DedicatedInstanceAttribute={"Affinity": data.get("Affinity", ""), "Tenancy": data.get("Tenancy", "")},
        EcsCapacityReservationAttr={
            "CapacityReservationId": data.get("PrivatePoolId") or "",
            "CapacityReservationPreference": data.get("PrivatePoolMatch", ""),
        },
        HibernationOptions={"Configured": False},
    )  # fmt: skip


ECS = {"DescribeInstances": describe_instances}
TAGGABLE = {("ecs", "instance"): "instance"}
