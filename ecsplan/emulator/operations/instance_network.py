"""Where an instance is in the network: vSwitch and address, bandwidth, public address, one group at a time."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_seconds
from ecsplan.emulator.operations._interfaces import check_groups, primary_of, require_vswitch
from ecsplan.emulator.operations._launch import inbound
from ecsplan.emulator.operations._network import claim_address, public_address, spot
from ecsplan.emulator.operations.instance_changes import set_bandwidth, set_groups
from ecsplan.emulator.operations.instances import require_instance, require_status
from ecsplan.emulator.operations.security_groups import NOT_FOUND as NO_GROUP
from ecsplan.emulator.prices import order_id
from ecsplan.emulator.wire import Refusal, invalid, missing

LAST_DAY = 86400.0  # seconds before the end of a subscription


def modify_instance_vpc_attribute(call: Call) -> Body:
    """Another address, another vSwitch of the zone, or with VpcId another VPC and its groups; stopped only."""
    instance = require_instance(call)
    require_status(instance, "Stopped")
    primary = primary_of(call.account, instance.id)
    if primary is None:
        raise Refusal(403, "InvalidInstance.NotInVpc", f"The instance {instance.id} is not in a VPC.")
    vswitch = require_vswitch(call, call.need("VSwitchId"))
    if vswitch["ZoneId"] != instance["ZoneId"]:
        raise Refusal(400, "InvalidVSwitchId.ZoneMismatch", f"The instance is in {instance['ZoneId']}.")
    groups = call.many("SecurityGroupId", 5)
    if call.get("VpcId") is not None:
        if vswitch["VpcId"] != call.get("VpcId"):
            raise Refusal(400, "InvalidVSwitchId.VpcMismatch", "The vSwitch is not in the VPC.")
        if not groups:
            raise missing("SecurityGroupId.1")
    elif vswitch["VpcId"] != instance["VpcId"]:
        raise Refusal(400, "InvalidVSwitchId.VpcMismatch", "The vSwitch is in another VPC; give VpcId and groups.")
    _move(call, instance, primary, vswitch)
    if groups:
        check_groups(call, groups, vswitch["VpcId"])
        set_groups(call, instance, groups)
    return {}


def _move(call: Call, instance: Thing, primary: Thing, vswitch: Thing) -> None:
    wanted = call.get("PrivateIpAddress")
    if wanted is None and vswitch.id == instance["VSwitchId"]:
        return
    if wanted == primary["PrivateIpAddress"] and vswitch.id == instance["VSwitchId"]:
        return
    address = claim_address(call, vswitch, wanted)
    old = primary["PrivateIpAddress"]
    changes: Body = {"VSwitchId": vswitch.id, "VpcId": vswitch["VpcId"], "PrivateIpAddress": address}
    if vswitch.id == instance["VSwitchId"]:
        # The further addresses and prefixes are of the same range, and stay.
        places = [place for place in primary["Addresses"] if place != spot(vswitch, old)]
        changes["PrivateIps"] = [address, *(ip for ip in primary["PrivateIps"] if ip != old)]
        changes["Addresses"] = [spot(vswitch, address), *places]
    else:
        changes |= {"PrivateIps": [address], "Addresses": [spot(vswitch, address)]}
        changes |= dict.fromkeys(("Ipv6s", "Ipv4Prefixes", "Ipv6Prefixes"))
    call.account.change_all(primary, changes)
    call.account.change(instance, VSwitchId=vswitch.id, VpcId=vswitch["VpcId"], PrivateIpAddress=address)


def modify_instance_network_spec(call: Call) -> Body:
    """Up from 0 a subscription gets a public address, pay-as-you-go only with AllocatePublicIp."""
    instance = require_instance(call)
    require_status(instance, "Running", "Stopped")
    charge = call.choice("NetworkChargeType", "PayByBandwidth", "PayByTraffic")
    prepaid = instance["InstanceChargeType"] == "PrePaid"
    traffic = charge or instance["InternetChargeType"]
    bandwidth = call.number("InternetMaxBandwidthOut", 0, 200 if prepaid and traffic == "PayByBandwidth" else 100)
    if (
        prepaid
        and bandwidth is not None
        and traffic == "PayByBandwidth"
        and bandwidth < instance["InternetMaxBandwidthOut"]
    ):
        raise Refusal(403, "InvalidBandwidth.Downgrade", "The bandwidth of a subscription can only rise.")
    if charge is not None:
        call.account.change(instance, InternetChargeType=charge)
    if bandwidth is not None:
        set_bandwidth(call, instance, bandwidth, prepaid or bool(call.get("AllocatePublicIp")))
    elif call.get("AllocatePublicIp") and instance["InternetMaxBandwidthOut"] > 0:
        set_bandwidth(call, instance, instance["InternetMaxBandwidthOut"], True)
    elif call.get("InternetMaxBandwidthIn") is not None:
        call.account.change(instance, InternetMaxBandwidthIn=inbound(call, instance["InternetMaxBandwidthOut"]))
    return {"OrderId": order_id(call)} if prepaid else {}


def allocate_public_ip_address(call: Call) -> Body:
    instance = require_instance(call)
    require_status(instance, "Running", "Stopped")
    if instance.get("PublicIp"):
        raise Refusal(403, "AllocatedAlready", f"The instance {instance.id} has the address {instance['PublicIp']}.")
    if call.account.how_many("eip", "InstanceId", instance.id):
        raise Refusal(403, "InvalidStatus.InstanceHasEip", f"The instance {instance.id} has an EIP.")
    if instance["InternetMaxBandwidthOut"] == 0 and instance.get("VpcId"):
        raise Refusal(403, "InvalidInternetMaxBandwidthOut.ValueIsZero", "The public bandwidth of the instance is 0.")
    call.account.change(instance, PublicIp=public_address(call.account))
    return {"IpAddress": instance["PublicIp"]}


def release_public_ip_address(call: Call) -> Body:
    address = call.need("PublicIpAddress")
    found = [i for i in call.account.where("instance", "PublicIp", address) if call.get("InstanceId") in (None, i.id)]
    if not found:
        raise Refusal(404, "InvalidIpAddress.NotFound", f"No instance has the address {address}.")
    require_status(found[0], "Running", "Stopped")
    call.account.change(found[0], PublicIp=None)
    return {"RemainTimes": "3"}


def convert_nat_public_ip_to_eip(call: Call) -> Body:
    """The static address stays, but is an EIP of its own from now on; it has neither a name nor tags."""
    instance = require_instance(call)
    require_status(instance, "Running", "Stopped")
    _check_convertible(call, instance)
    address = instance["PublicIp"]
    data: Body = {
        "Status": "InUse",
        "IpAddress": address,
        "PublicIp": address,
        "Bandwidth": str(instance["InternetMaxBandwidthOut"]),
        "InternetChargeType": instance["InternetChargeType"],
        "ChargeType": "PostPaid",
        "Name": "",
        "Description": "",
        "ISP": "BGP",
        "Netmode": "public",
        "AllocationTime": to_seconds(call.now),
        "ResourceGroupId": "rg-acfmxazb4ph6aiy",
        "InstanceId": instance.id,
        "InstanceType": "EcsInstance",
        "BoundVpc": instance["VpcId"],
        "PrivateIpAddress": instance.get("PrivateIpAddress"),
    }
    call.account.change(instance, PublicIp=None, InternetMaxBandwidthOut=0)
    call.account.add("eip", instance.region, call.account.new_id("eip", instance.region, 21), data)
    return {}


def _check_convertible(call: Call, instance: Thing) -> None:
    """No EIP, an address and bandwidth; of a subscription only one paid by traffic, and not in its last day."""
    if call.account.how_many("eip", "InstanceId", instance.id):
        raise Refusal(403, "InvalidStatus.InstanceHasEip", f"The instance {instance.id} has an EIP.")
    if not instance.get("PublicIp") or not instance.get("VpcId"):
        raise Refusal(403, "InvalidInstance.NoPublicIp", f"The instance {instance.id} has no static public address.")
    if instance["InternetMaxBandwidthOut"] == 0:
        raise Refusal(403, "InvalidInternetMaxBandwidthOut.ValueIsZero", "The public bandwidth of the instance is 0.")
    if instance["InstanceChargeType"] != "PrePaid":
        return
    if instance["InternetChargeType"] != "PayByTraffic":
        raise Refusal(403, "InvalidInternetChargeType", "The address of a subscription must be paid by traffic.")
    end = parse_time(instance["ExpiredTime"])
    if end is not None and end - call.now < LAST_DAY:
        raise Refusal(403, "InvalidInstance.ExpireSoon", f"The instance {instance.id} ends within 24 hours.")


def join_security_group(call: Call) -> Body:
    target = _member(call)
    group = call.require("securitygroup", call.need("SecurityGroupId"), NO_GROUP, "SecurityGroupId")
    if group.id in target["SecurityGroupIds"]:
        raise Refusal(403, "InvalidInstanceId.AlreadyExists", f"{target.id} is in the group {group.id} already.")
    _regroup(call, target, [*target["SecurityGroupIds"], group.id])
    return {}


def leave_security_group(call: Call) -> Body:
    target = _member(call)
    group = call.require("securitygroup", call.need("SecurityGroupId"), NO_GROUP, "SecurityGroupId")
    if group.id not in target["SecurityGroupIds"]:
        raise Refusal(403, "InstanceNotInSecurityGroup", f"{target.id} is not in the group {group.id}.")
    if len(target["SecurityGroupIds"]) == 1:
        raise Refusal(403, "InstanceLastSecurityGroup", f"{group.id} is the last security group of {target.id}.")
    _regroup(call, target, [g for g in target["SecurityGroupIds"] if g != group.id])
    return {}


def _member(call: Call) -> Thing:
    instance_id, eni_id = call.get("InstanceId"), call.get("NetworkInterfaceId")
    if (instance_id is None) == (eni_id is None):
        raise missing("InstanceId") if eni_id is None else invalid("InstanceId", "Give one of the two ids.")
    if eni_id is not None:
        return call.require("eni", eni_id, "InvalidEniId.NotFound", "NetworkInterfaceId")
    instance = require_instance(call)
    require_status(instance, "Running", "Stopped")
    return instance


def _regroup(call: Call, target: Thing, ids: list[str]) -> None:
    if target.kind == "instance":
        set_groups(call, target, ids)
    else:
        check_groups(call, ids, target.get("VpcId"))
        call.account.change(target, SecurityGroupIds=ids)


ECS = {
    "ModifyInstanceVpcAttribute": modify_instance_vpc_attribute,
    "ModifyInstanceNetworkSpec": modify_instance_network_spec,
    "AllocatePublicIpAddress": allocate_public_ip_address,
    "ReleasePublicIpAddress": release_public_ip_address,
    "ConvertNatPublicIpToEip": convert_nat_public_ip_to_eip,
    "JoinSecurityGroup": join_security_group,
    "LeaveSecurityGroup": leave_security_group,
}
