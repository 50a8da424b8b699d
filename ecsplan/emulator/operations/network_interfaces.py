"""Network interfaces: create, list, attach, detach, change and delete. Their addresses are in `interface_addresses`."""

from __future__ import annotations

from ecsplan.emulator import limits, others
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, ecs_tags
from ecsplan.emulator.operations._inheritance import disinherit, inherit
from ecsplan.emulator.operations._interfaces import (
    check_groups,
    check_room,
    interfaces_of,
    make_interface,
    require_vswitch,
)
from ecsplan.emulator.operations._ipv6 import check_private
from ecsplan.emulator.operations._launch_options import shown_tracking, tracking
from ecsplan.emulator.operations._prefixes import add_prefixes4, add_prefixes6, prefix_sets
from ecsplan.emulator.operations.disks import require_steady
from ecsplan.emulator.operations.instance_changes import set_groups
from ecsplan.emulator.operations.interface_addresses import (
    add_ipv4,
    add_ipv6,
    ipv4_sets,
    ipv6_sets,
    public_of,
)
from ecsplan.emulator.paging import by_number, by_token
from ecsplan.emulator.wire import Refusal, invalid, missing

NOT_FOUND = "InvalidEniId.NotFound"
NO_INSTANCE = "InvalidEcsId.NotFound"


def require_interface(call: Call) -> Thing:
    return call.require("eni", call.need("NetworkInterfaceId"), NOT_FOUND, "NetworkInterfaceId")


def require_status(eni: Thing, *allowed: str) -> None:
    if eni.status not in allowed:
        raise Refusal(403, "InvalidOperation.InvalidEniState", f"The network interface {eni.id} is {eni.status}.")


def create_network_interface(call: Call) -> Body:
    vswitch = require_vswitch(call, call.need("VSwitchId"))
    one, many = call.get("SecurityGroupId"), call.many("SecurityGroupIds", 16)
    if bool(one) == bool(many):
        raise missing("SecurityGroupId") if not one else invalid("SecurityGroupIds", "Give one of the two.")
    groups = many or [one]
    check_groups(call, groups, vswitch["VpcId"])
    eni = make_interface(
        call,
        vswitch,
        groups,
        call.get("PrimaryIpAddress"),
        call.tags(),
        Type=call.choice("InstanceType", "Secondary", "Trunk", default="Secondary"),
        Status="Creating",
        DeleteOnRelease=call.get("DeleteOnRelease", True),
        NetworkInterfaceName=_name(call),
        Description=check_description(call.get("Description"), longest=255),
        ResourceGroupId=call.get("ResourceGroupId", ""),
        SourceDestCheck=call.get("SourceDestCheck", False),
        QueueNumber=_queues(call) or 1,
        TrafficMode=call.get("NetworkInterfaceTrafficMode", "Standard"),
        Tracking=tracking(call) or {},
        PrimaryIpv6=bool(call.get("EnablePrimaryIPv6")),
    )
    count = call.number("SecondaryPrivateIpAddressCount", 1, 49)
    add_ipv4(call, eni, vswitch, call.many("PrivateIpAddress", 10), count)
    add_ipv6(call, eni, vswitch, call.many("Ipv6Address", 10), call.number("Ipv6AddressCount", 1, 10))
    add_prefixes4(call, eni, vswitch)
    add_prefixes6(call, eni, vswitch)
    call.in_settle(eni, share=0.3, Status="Available")
    row = shown(call, eni)
    sets = [{"PrivateIpAddress": ip, "Primary": ip == eni["PrivateIpAddress"]} for ip in eni["PrivateIps"]]
    return {key: row[key] for key in CREATED} | {"PrivateIpSets": {"PrivateIpSet": sets}}


def _name(call: Call) -> str:
    return check_name(call.get("NetworkInterfaceName"), "NetworkInterfaceName", "InvalidEniName.Malformed")


def _queues(call: Call) -> int | None:
    found = call.get("QueueNumber")
    if found is not None and not limits.QUEUES[0] <= found <= limits.QUEUES[1]:
        raise Refusal(403, "InvalidParameter.InvalidEniQueueNumber", "It is from 1 to 2048.")
    return None if found is None else int(found)


CREATED = ("Description", "MacAddress", "NetworkInterfaceId", "NetworkInterfaceName", "OwnerId", "PrivateIpAddress",
           "ResourceGroupId", "SecurityGroupIds", "ServiceManaged", "SourceDestCheck", "Status", "Tags", "Type",
           "VpcId", "VSwitchId", "ZoneId", "Ipv6Sets", "Ipv4PrefixSets", "Ipv6PrefixSets")  # fmt: skip


def shown(call: Call, eni: Thing) -> Body:
    instance_id = eni.get("InstanceId", "")
    return {
        "NetworkInterfaceId": eni.id,
        "NetworkInterfaceName": eni["NetworkInterfaceName"],
        "Description": eni["Description"],
        "Status": eni["Status"],
        "Type": eni["Type"],
        "VpcId": eni["VpcId"],
        "VSwitchId": eni["VSwitchId"],
        "ZoneId": eni["ZoneId"],
        "InstanceId": instance_id,
        "MacAddress": eni["MacAddress"],
        "PrivateIpAddress": eni["PrivateIpAddress"],
        "PrivateIpSets": ipv4_sets(call, eni),
        "Ipv6Sets": ipv6_sets(eni),
        **prefix_sets(eni),
        "AssociatedPublicIp": public_of(call, eni, eni["PrivateIpAddress"]),
        "SecurityGroupIds": {"SecurityGroupId": eni["SecurityGroupIds"]},
        "CreationTime": eni["CreationTime"],
        "DeleteOnRelease": eni["DeleteOnRelease"],
        "ResourceGroupId": eni["ResourceGroupId"],
        "SourceDestCheck": eni.get("SourceDestCheck", False),
        "QueueNumber": eni.get("QueueNumber", 1),
        "NetworkInterfaceTrafficMode": eni.get("TrafficMode", "Standard"),
        "OwnerId": others.owner(call, eni),
        **others.signs(eni),
        "Attachment": _attachment(eni) if instance_id else {},
        "Tags": ecs_tags(eni),
    }


def _attachment(eni: Thing) -> Body:
    head = {"InstanceId": eni["InstanceId"], "DeviceIndex": eni.get("DeviceIndex", 0)}
    return {**head, "NetworkCardIndex": 0, "TrunkNetworkInterfaceId": ""}


def describe_network_interfaces(call: Call) -> Body:
    ids, instance_id = call.many("NetworkInterfaceId", 100), call.get("InstanceId")
    if ids:
        enis = call.listed_by("eni", ids)
    elif instance_id is not None:
        enis = [e for e in call.account.where("eni", "InstanceId", instance_id) if call.sight.shows(e)]
    else:
        enis = call.candidates("eni")
    enis = [eni for eni in enis if eni.region == call.region]
    enis = call.filtered(
        call.matching_tags(enis), InstanceId="InstanceId", VpcId="VpcId", VSwitchId="VSwitchId", Type="Type",
        Status="Status", PrimaryIpAddress="PrivateIpAddress",
    )  # fmt: skip
    enis = call.named(enis, "NetworkInterfaceName", "NetworkInterfaceName")
    group, addresses, addresses6 = call.get("SecurityGroupId"), call.get("PrivateIpAddress"), call.get("Ipv6Address")
    if group is not None:
        enis = [eni for eni in enis if group in eni["SecurityGroupIds"]]
    if addresses:
        enis = [eni for eni in enis if set(addresses) & set(eni["PrivateIps"])]
    if addresses6:
        enis = [eni for eni in enis if set(addresses6) & set(eni.get("Ipv6s", []))]
    if call.get("ServiceManaged") is not None:
        enis = [eni for eni in enis if bool(eni.get("ServiceManaged")) == call.get("ServiceManaged")]
    wrap = ("NetworkInterfaceSets", "NetworkInterfaceSet")
    if call.get("MaxResults") is not None or call.get("NextToken") is not None:
        return by_token(call, enis, shown, wrap, 500)
    return by_number(call, enis, shown, wrap, 1000)


def describe_network_interface_attribute(call: Call) -> Body:
    row = shown(call, require_interface(call))
    sets = [{k: v for k, v in ip.items() if k != "PrivateDnsName"} for ip in row["PrivateIpSets"]["PrivateIpSet"]]
    row["PrivateIpSets"] = {"PrivateIpSet": sets}
    if call.get("Attribute") == "connectionTrackingConfiguration":
        row["ConnectionTrackingConfiguration"] = shown_tracking(require_interface(call))
    return row


def modify_network_interface_attribute(call: Call) -> Body:
    """SecurityGroupId.N takes the place of the whole set; the primary interface's groups are the instance's."""
    eni = require_interface(call)
    changes: Body = {}
    if "NetworkInterfaceName" in call.params:
        changes["NetworkInterfaceName"] = _name(call)
    if "Description" in call.params:
        changes["Description"] = check_description(call.get("Description"), longest=255)
    given = {name: call.get(name) for name in ("DeleteOnRelease", "SourceDestCheck")} | {"QueueNumber": _queues(call)}
    changes |= {name: value for name, value in given.items() if value is not None}
    timeouts = tracking(call)
    if timeouts is not None:
        changes["Tracking"] = {**eni.get("Tracking", {}), **timeouts}
    if call.get("EnablePrimaryIPv6") is not None:
        _check_primary_ipv6(eni, call.get("EnablePrimaryIPv6"))
        changes["PrimaryIpv6"] = call.get("EnablePrimaryIPv6")
    if changes.get("QueueNumber", eni.get("QueueNumber", 1)) != eni.get("QueueNumber", 1):
        machine = call.account.get("instance", eni.get("InstanceId", ""))
        if machine is not None and machine.status != "Stopped" and call.settings.queues_need_a_stop:
            raise Refusal(400, "InvalidOperation.InvalidEcsState", f"The machine {machine.id} is not Stopped.")
    if changes.get("DeleteOnRelease") is False and eni["Type"] == "Primary":
        raise Refusal(403, "InvalidOperation.InvalidEniType", "A primary interface goes with its instance.")
    call.account.change_all(eni, changes)
    groups = call.many("SecurityGroupId", 16)
    if groups:
        instance = call.account.get("instance", eni.get("InstanceId", ""))
        if eni["Type"] == "Primary" and instance is not None:
            set_groups(call, instance, groups)
        else:
            check_groups(call, groups, eni["VpcId"], joining=0)
            call.account.change(eni, SecurityGroupIds=groups)
    return {}


def _check_primary_ipv6(eni: Thing, wanted: bool) -> None:
    """No source says that a primary address can become an ordinary one again: the stricter is that it cannot."""
    if wanted and not eni.get("Ipv6s"):
        raise Refusal(400, "InvalidOperation.Ipv6NotSupport", f"{eni.id} has no IPv6 address.")
    if not wanted and eni.get("PrimaryIpv6"):
        raise Refusal(403, "InvalidOperation.PrimaryIPv6", f"The primary IPv6 address of {eni.id} stays.")


def delete_network_interface(call: Call) -> Body:
    eni = require_interface(call)
    if eni["Type"] == "Primary":
        raise Refusal(403, "InvalidOperation.InvalidEniType", "A primary interface goes with its instance.")
    require_status(eni, "Available")
    if call.account.how_many("eip", "InstanceId", eni.id):
        raise Refusal(403, "InvalidOperation.EniAssociatedEip", f"An EIP is bound to {eni.id}: unbind it first.")
    if call.account.how_many("routeentry", "NextHopId", eni.id):
        raise Refusal(403, "DependencyViolation.RouteEntry", f"A route points at {eni.id}.")
    check_private(call.account, eni)
    call.account.change(eni, Status="Deleting")
    call.in_settle(eni, "remove", 0.3)
    return {}


def attach_network_interface(call: Call) -> Body:
    eni = require_interface(call)
    instance = call.require("instance", call.need("InstanceId"), NO_INSTANCE, "InstanceId")
    require_status(eni, "Available")
    _require_steady(instance)
    if eni["ZoneId"] != instance["ZoneId"]:
        raise Refusal(
            403, "InvalidOperation.AvailabilityZoneMismatch", "The interface and the instance are not in one zone."
        )
    if eni["VpcId"] != instance.get("VpcId"):
        raise Refusal(403, "InvalidOperation.VpcMismatch", "The interface and the instance are not in one VPC.")
    siblings = interfaces_of(call.account, instance.id)
    limit = check_room(instance["InstanceType"], len(siblings) + 1)
    used = {sibling.get("DeviceIndex", 0) for sibling in siblings}
    index = next(number for number in range(1, limit + 1) if number not in used)
    call.account.change(eni, Status="Attaching", InstanceId=instance.id, DeviceIndex=index)
    call.in_settle(eni, share=0.4, Status="InUse")
    inherit(call, instance)
    return {}


def _require_steady(instance: Thing) -> None:
    try:
        require_steady(instance)
    except Refusal as refusal:
        raise Refusal(403, "InvalidOperation.InvalidEcsState", refusal.message) from None


def detach_network_interface(call: Call) -> Body:
    eni = require_interface(call)
    instance = call.require("instance", call.need("InstanceId"), NO_INSTANCE, "InstanceId")
    if eni["Type"] == "Primary":
        raise Refusal(403, "InvalidOperation.InvalidEniType", "A primary interface can't be detached.")
    require_status(eni, "InUse")
    if eni.get("InstanceId") != instance.id:
        raise Refusal(403, "InvalidOperation.EniNotAttached", f"{eni.id} is not attached to {instance.id}.")
    _require_steady(instance)
    call.account.change(eni, Status="Detaching")
    call.in_settle(eni, share=0.4, Status="Available", InstanceId=None, DeviceIndex=None)
    disinherit(call.account, eni)
    return {}


ECS = {
    "CreateNetworkInterface": create_network_interface,
    "DescribeNetworkInterfaces": describe_network_interfaces,
    "DescribeNetworkInterfaceAttribute": describe_network_interface_attribute,
    "ModifyNetworkInterfaceAttribute": modify_network_interface_attribute,
    "DeleteNetworkInterface": delete_network_interface,
    "AttachNetworkInterface": attach_network_interface,
    "DetachNetworkInterface": detach_network_interface,
}
TAGGABLE = {("ecs", "eni"): "eni"}
