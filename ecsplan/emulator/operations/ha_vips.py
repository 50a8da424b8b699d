"""High-availability virtual addresses: one private address that two machines, or two interfaces, share."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._network import claim_address, spot
from ecsplan.emulator.operations.vswitches import NOT_FOUND as NO_VSWITCH
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, not_found

NOT_FOUND = "InvalidHaVipId.NotFound"
MEMBERS = {"EcsInstance": "instance", "NetworkInterface": "eni"}
MOST_MEMBERS = 2  # AssociateHaVip
FILTERS = {"VpcId": "VpcId", "VSwitchId": "VSwitchId", "Status": "Status", "HaVipAddress": "IpAddress"}


def create_ha_vip(call: Call) -> Body:
    vswitch = call.require("vswitch", call.need("VSwitchId"), NO_VSWITCH, "VSwitchId")
    address = claim_address(call, vswitch, call.get("IpAddress"))
    vip = call.account.add("havip", vswitch.region, call.account.new_id("havip", vswitch.region, 21), {
        "VSwitchId": vswitch.id,
        "VpcId": vswitch["VpcId"],
        "IpAddress": address,
        "Addresses": [spot(vswitch, address)],
        "Name": check_name(call.get("Name"), "NetworkAclName", "InvalidName.Malformed"),
        "Description": check_description(call.get("Description"), 1, 255),
        "CreateTime": to_seconds(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", vswitch["ResourceGroupId"]),
        "Status": "Creating",
        "Members": [],
    }, call.tags())  # fmt: skip
    call.in_settle(vip, share=0.3, Status="Available")
    return {"HaVipId": vip.id, "IpAddress": address}


def _required(call: Call, *allowed: str) -> Thing:
    vip = call.require("havip", call.need("HaVipId"), NOT_FOUND, "HaVipId")
    if allowed and vip.status not in allowed:
        raise Refusal(400, "IncorrectHaVipStatus", f"The HaVip {vip.id} is {vip.status}.")
    return vip


def describe_ha_vips(call: Call) -> Body:
    """A filter that has a value and no key is ignored (the official provider)."""
    vips = call.matching_tags(call.candidates("havip", "Tags"), "Tags")
    vips = call.filtered(vips)
    for pair in call.many("Filter", 5):
        key, values = pair.get("Key"), pair.get("Value") or []
        if key is None:
            continue
        if key != "HaVipId" and key not in FILTERS:
            raise invalid("Filter", code="InvalidFilterKey.ValueNotSupported")
        vips = [vip for vip in vips if (vip.id if key == "HaVipId" else vip[FILTERS[key]]) in values]
    return by_number(call, vips, _shown, ("HaVips", "HaVip"), 50)


KEYS = ("VSwitchId", "VpcId", "IpAddress", "Name", "Description", "CreateTime", "ResourceGroupId", "Status")


def _shown(call: Call, vip: Thing) -> Body:
    eips = [eip["IpAddress"] for eip in call.account.where("eip", "InstanceId", vip.id)]
    members = vip["Members"]
    return {key: vip[key] for key in KEYS} | {
        "HaVipId": vip.id,
        "RegionId": vip.region,
        "AssociatedEipAddresses": {"associatedEipAddresse": eips},
        "AssociatedInstances": {"associatedInstance": members},
        "AssociatedInstanceType": vip.get("MemberType", "") if members else "",
        "MasterInstanceId": members[0] if members else "",
        "Tags": vpc_tags(vip),
    }


def modify_ha_vip_attribute(call: Call) -> Body:
    vip, changes = _required(call), {}
    if call.get("Name") is not None:
        changes["Name"] = check_name(call.get("Name"), "NetworkAclName", "InvalidName.Malformed")
    if call.get("Description") is not None:
        changes["Description"] = check_description(call.get("Description"), 1, 255)
    call.account.change_all(vip, changes)
    return {}


def _member(call: Call, vip: Thing) -> tuple[str, Thing]:
    sort = call.choice("InstanceType", *MEMBERS, default="EcsInstance")
    member = call.account.get(MEMBERS[sort], call.need("InstanceId"))
    if member is None or member.region != vip.region:
        raise not_found("InvalidInstanceId.NotFound", "InstanceId", call.need("InstanceId"))
    if sort == "EcsInstance" and member.status not in ("Running", "Stopped"):
        raise Refusal(400, "IncorrectInstanceStatus", f"The instance {member.id} is {member.status}.")
    return sort, member


def associate_ha_vip(call: Call) -> Body:
    vip = _required(call, "Available", "InUse")
    sort, member = _member(call, vip)
    if member["VSwitchId"] != vip["VSwitchId"]:
        raise Refusal(400, "InvalidVSwitchId.NotEqual", f"{member.id} and the HaVip {vip.id} are in two vSwitches.")
    if member.id in vip["Members"]:
        raise Refusal(400, "InvalidAssociation.Duplicated", f"{member.id} has the HaVip {vip.id} already.")
    if vip["Members"] and vip["MemberType"] != sort:
        raise invalid("InstanceType", "Machines and interfaces do not mix.", "InvalidInstanceType.ValueNotSupported")
    if len(vip["Members"]) >= MOST_MEMBERS:
        raise Refusal(400, "QuotaExceeded.HaVipInstance", f"The HaVip {vip.id} has {MOST_MEMBERS} members.")
    call.account.change(vip, Status="Associating", Members=[*vip["Members"], member.id], MemberType=sort)
    call.in_settle(vip, share=0.3, Status="InUse")
    return {}


def unassociate_ha_vip(call: Call) -> Body:
    """The master goes only by force."""
    vip = _required(call, "Available", "InUse")
    member, members = call.need("InstanceId"), vip["Members"]
    if member not in members:
        raise Refusal(400, "InvalidAssociation.NotExists", f"{member} does not have the HaVip {vip.id}.")
    if member == members[0] and str(call.get("Force", "False")).lower() != "true":
        raise Refusal(400, "OperationDenied.MasterInstance", f"{member} is the master of {vip.id}.")
    left = [one for one in members if one != member]
    call.account.change(vip, Status="Unassociating", Members=left)
    call.in_settle(vip, share=0.3, Status="InUse" if left else "Available")
    return {}


def delete_ha_vip(call: Call) -> Body:
    vip = _required(call, "Available")
    if call.account.how_many("eip", "InstanceId", vip.id):
        raise Refusal(400, "DependencyViolation.EIP", f"The HaVip {vip.id} has an EIP.")
    if call.account.how_many("routeentry", "NextHopId", vip.id):
        raise Refusal(400, "DependencyViolation.RouteEntry", f"A route leads to the HaVip {vip.id}.")
    call.account.change(vip, Status="Deleting")
    call.in_settle(vip, "remove", 0.3)
    return {}


VPC = {
    "CreateHaVip": create_ha_vip,
    "DescribeHaVips": describe_ha_vips,
    "ModifyHaVipAttribute": modify_ha_vip_attribute,
    "AssociateHaVip": associate_ha_vip,
    "UnassociateHaVip": unassociate_ha_vip,
    "DeleteHaVip": delete_ha_vip,
}
TAGGABLE = {("vpc", "havip"): "havip"}
