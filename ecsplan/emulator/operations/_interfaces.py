"""How network interfaces are made and taken away, for instances and on their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._allowance import check_interfaces
from ecsplan.emulator.operations._network import claim_address, mac_address, spot
from ecsplan.emulator.wire import Refusal, invalid


def make_interface(
    call: Call, vswitch: Thing, groups: list[str], address: str | None, tags: Mapping[str, str], **more: Any
) -> Thing:
    """A new interface with its primary private address."""
    check_interfaces(call)
    private = claim_address(call, vswitch, address)
    return call.account.add("eni", call.region, call.account.new_id("eni", call.region), {
        "VpcId": vswitch["VpcId"],
        "VSwitchId": vswitch.id,
        "ZoneId": vswitch["ZoneId"],
        "PrivateIpAddress": private,
        "PrivateIps": [private],
        "Addresses": [spot(vswitch, private)],
        "MacAddress": mac_address(call.account),
        "SecurityGroupIds": list(groups),
        "CreationTime": to_seconds(call.now),
        "NetworkInterfaceName": "",
        "Description": "",
        "ResourceGroupId": "",
        **more,
    }, tags)  # fmt: skip


def interfaces_of(account: Account, instance_id: str) -> list[Thing]:
    """The primary one first."""
    found = account.where("eni", "InstanceId", instance_id)
    return sorted(found, key=lambda eni: (eni["Type"] != "Primary", eni.seq))


def primary_of(account: Account, instance_id: str) -> Thing | None:
    found = interfaces_of(account, instance_id)
    return found[0] if found and found[0]["Type"] == "Primary" else None


def check_room(type_id: str, wanted: int) -> int:
    """Whether a type takes so many interfaces, the primary one among them; answers how many it takes."""
    limit = int((catalogue.instance_type(type_id) or {}).get("eni_quantity", 2))
    if wanted > limit:
        raise Refusal(403, "EniPerInstanceLimitExceeded", f"{type_id} takes {limit} interfaces.")
    return limit


def check_groups(call: Call, ids: list[str], vpc_id: str | None, joining: int = 1) -> list[Thing]:
    """Existing groups of one network and one type, with room for the newcomers."""
    groups = [
        call.require("securitygroup", id_, "InvalidSecurityGroupId.NotFound", "SecurityGroupId")
        for id_ in dict.fromkeys(ids)
    ]
    limit = call.quotas.get("security_groups_per_instance", 5)
    if len(groups) > limit:
        raise Refusal(400, "InvalidSecurityGroupId.ExceedLimit", f"At most {limit} security groups are allowed.")
    if any(group.get("VpcId") != vpc_id for group in groups):
        raise Refusal(400, "InvalidSecurityGroupId.VPCMismatch", "A security group is in another network.")
    if len({group["SecurityGroupType"] for group in groups}) > 1:
        raise Refusal(400, "InvalidSecurityGroup.TypeMismatch", "Basic and advanced security groups can't be mixed.")
    for group in groups:
        basic = group["SecurityGroupType"] == "normal"
        key = "private_ips_per_basic_security_group" if basic else "private_ips_per_advanced_security_group"
        used = call.account.how_many("eni", "SecurityGroupIds", group.id)
        call.check_quota(key, used, "SecurityGroupInstanceLimitExceed", joining)
    return groups


def require_vswitch(call: Call, vswitch_id: str) -> Thing:
    vswitch = call.require("vswitch", vswitch_id, "InvalidVSwitchId.NotFound", "VSwitchId")
    if vswitch.status != "Available":
        raise Refusal(400, "IncorrectVSwitchStatus", f"The vSwitch {vswitch_id} is {vswitch.status}, not Available.")
    if call.get("ZoneId") not in (None, vswitch["ZoneId"]):
        raise invalid("ZoneId", f"The vSwitch is in {vswitch['ZoneId']}.", "InvalidParameter.Conflict")
    return vswitch
