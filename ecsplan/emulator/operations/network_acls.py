"""Network ACLs: ordered rules for whole vSwitches, one ACL at most for each."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations.vswitches import NOT_FOUND as NO_VSWITCH
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

NOT_FOUND = "InvalidNetworkAcl.NotFound"
PROTOCOLS = ("all", "tcp", "udp", "icmp", "gre", "icmpv6")
WITH_PORTS = ("tcp", "udp")
MOST, MOST_RESOURCES = 100, 30
FAR = {"Ingress": "SourceCidrIp", "Egress": "DestinationCidrIp"}
EVERYTHING = {"IpVersion": "IPv4", "Policy": "accept", "Port": "-1/-1", "Protocol": "all", "EntryType": "custom",
              "NetworkAclEntryName": "", "Description": ""}  # fmt: skip


def create_network_acl(call: Call) -> Body:
    """A new one lets everything through, until its rules are given."""
    vpc = call.require("vpc", call.need("VpcId"), "InvalidVpcId.NotFound", "VpcId")
    data: Body = {
        "VpcId": vpc.id,
        "NetworkAclName": check_name(call.get("NetworkAclName"), "NetworkAclName", "InvalidName.Malformed"),
        "Description": check_description(call.get("Description"), 1),
        "CreationTime": to_seconds(call.now),
        "Status": "Modifying",
        "Bindings": {},
    }
    id_ = call.account.new_id("nacl", vpc.region, 21)
    for way, far in FAR.items():
        first = {**EVERYTHING, far: "0.0.0.0/0", "NetworkAclEntryId": call.account.new_id("nae", vpc.region, 21)}
        data[way] = [first]
    acl = call.account.add("networkacl", vpc.region, id_, data, call.tags())
    call.in_settle(acl, share=0.2, Status="Available")
    left_out = ("OwnerId", "Tags")
    attribute = {key: value for key, value in _shown(call, acl, bare=True).items() if key not in left_out}
    return {"NetworkAclId": acl.id, "NetworkAclAttribute": attribute}


def _required(call: Call, *, idle: bool = False) -> Thing:
    acl = call.require("networkacl", call.need("NetworkAclId"), NOT_FOUND, "NetworkAclId")
    if idle and acl.status != "Available":
        raise Refusal(400, "IncorrectStatus", f"The network ACL {acl.id} is {acl.status}.")
    return acl


def _shown(call: Call, acl: Thing, bare: bool = False) -> Body:
    """`bare`: without what only lists tell of a rule."""
    left_out = ("EntryType", "IpVersion") if bare else ()
    rules = {
        f"{way}AclEntries": {
            f"{way}AclEntry": [{k: v for k, v in rule.items() if k not in left_out} for rule in acl[way]]
        }
        for way in FAR
    }
    bound = [{"ResourceId": id_, "ResourceType": "VSwitch", "Status": s} for id_, s in acl["Bindings"].items()]
    return {key: acl[key] for key in ("VpcId", "NetworkAclName", "Description", "CreationTime", "Status")} | {
        "NetworkAclId": acl.id,
        "RegionId": acl.region,
        "OwnerId": int(call.account.owner),
        "Resources": {"Resource": bound},
        "Tags": vpc_tags(acl),
        **rules,
    }


def describe_network_acls(call: Call) -> Body:
    """The filter by a resource counts only with both of its parameters."""
    one, resource = call.get("NetworkAclId"), call.get("ResourceId")
    acls = call.listed_by("networkacl", [one]) if one is not None else call.candidates("networkacl", "Tags")
    acls = call.filtered(call.matching_tags(acls, "Tags"), VpcId="VpcId", NetworkAclName="NetworkAclName")
    if resource is not None and call.get("ResourceType") is not None:
        acls = [acl for acl in acls if resource in acl["Bindings"]]
    body = by_number(call, acls, _shown, ("NetworkAcls", "NetworkAcl"), 50)
    return body | {key: str(body[key]) for key in ("TotalCount", "PageNumber", "PageSize")}


def describe_network_acl_attributes(call: Call) -> Body:
    return {"NetworkAclAttribute": _shown(call, _required(call))}


def modify_network_acl_attributes(call: Call) -> Body:
    acl, changes = _required(call), {}
    if call.get("NetworkAclName") is not None:
        changes["NetworkAclName"] = check_name(call.get("NetworkAclName"), "NetworkAclName", "InvalidName.Malformed")
    if call.get("Description") is not None:
        changes["Description"] = check_description(call.get("Description"), 1)
    call.account.change_all(acl, changes)
    return {}


def update_network_acl_entries(call: Call) -> Body:
    """A whole direction at once; without its switch its list is not looked at."""
    acl = _required(call, idle=True)
    changes: Body = {}
    for way in FAR:
        if call.get(f"Update{way}AclEntries"):
            given = call.many(f"{way}AclEntries", MOST)
            changes[way] = [_rule(call, acl, way, one, number) for number, one in enumerate(given)]
    _modify(call, acl, **changes)
    return {}


def _modify(call: Call, acl: Thing, **changes: Any) -> None:
    call.account.change_all(acl, {**changes, "Status": "Modifying"})
    call.in_settle(acl, share=0.2, Status="Available")


def _rule(call: Call, acl: Thing, way: str, given: Mapping[str, Any], number: int) -> Body:
    place = f"{way}AclEntries.{number + 1}"
    protocol = str(given.get("Protocol") or "").lower()
    if protocol not in PROTOCOLS:
        raise invalid(f"{place}.Protocol", f"It is one of: {', '.join(PROTOCOLS)}.", "InvalidParameter.Protocol")
    if given.get("Policy") not in ("accept", "drop"):
        raise invalid(f"{place}.Policy", "It is accept or drop.", "InvalidParameter.Policy")
    if given.get("EntryType") not in (None, "custom"):
        raise invalid(f"{place}.EntryType", "It is custom.", "InvalidParameter.EntryType")
    far = FAR[way]
    return {
        "NetworkAclEntryId": given.get("NetworkAclEntryId") or call.account.new_id("nae", acl.region, 21),
        "NetworkAclEntryName": check_name(given.get("NetworkAclEntryName"), "NetworkAclName", "InvalidName.Malformed"),
        "Description": check_description(given.get("Description"), 1),
        "Protocol": protocol,
        "Policy": given["Policy"],
        "Port": _ports(str(given.get("Port") or ""), protocol, place),
        "IpVersion": given.get("IpVersion") or "IPv4",
        "EntryType": "custom",
        far: _block(call, given.get(far), f"{place}.{far}"),
    }


def _ports(text: str, protocol: str, place: str) -> str:
    first, _, last = text.partition("/")
    if protocol not in WITH_PORTS:
        if text not in ("", "-1/-1"):
            raise invalid(f"{place}.Port", "For this protocol it is -1/-1.", "InvalidParameter.Port")
        return "-1/-1"
    if text == "-1/-1" or not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= 65535):
        raise invalid(f"{place}.Port", "It is from/to, from 1 to 65535.", "InvalidParameter.Port")
    return text


def _block(call: Call, text: str | None, place: str) -> str:
    if not text:
        raise missing(place)
    if call.account.get("prefixlist", text) is not None:
        return text
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise invalid(place, "It is a block, or a prefix list.", "InvalidParameter.CidrBlock") from None


def copy_network_acl_entries(call: Call) -> Body:
    acl = _required(call, idle=True)
    source = call.require("networkacl", call.need("SourceNetworkAclId"), NOT_FOUND, "SourceNetworkAclId")
    _modify(call, acl, **{way: list(source[way]) for way in FAR})
    return {}


def _resources(call: Call) -> list[str]:
    found = [one.get("ResourceId") for one in call.many("Resource", MOST_RESOURCES)]
    if not found or None in found:
        raise missing("Resource.1.ResourceId")
    return found


def associate_network_acl(call: Call) -> Body:
    """Where a vSwitch has an ACL already, the other one has to leave first."""
    acl = _required(call, idle=True)
    bindings = dict(acl["Bindings"])
    for id_ in _resources(call):
        vswitch = call.require("vswitch", id_, NO_VSWITCH, "ResourceId")
        if vswitch["VpcId"] != acl["VpcId"]:
            raise Refusal(400, "VpcId.NotEqual", f"{vswitch.id} and the network ACL {acl.id} are in two VPCs.")
        if vswitch.get("NetworkAclId"):
            raise Refusal(400, "NetworkAclExistBinding", f"{vswitch.id} has the network ACL {vswitch['NetworkAclId']}.")
        if vswitch.status != "Available":
            raise Refusal(400, "ResourceStatus.Error", f"The vSwitch {vswitch.id} is {vswitch.status}.")
        bindings[vswitch.id] = "BINDING"
        call.account.change(vswitch, NetworkAclId=acl.id)
    call.account.change(acl, Bindings=bindings)
    call.in_settle(acl, "acl_bound", 0.2)
    return {}


@effect("acl_bound")
def bound(lifecycle: Lifecycle, acl: Thing, now: float) -> None:
    kept = {id_: "BINDED" for id_, status in acl["Bindings"].items() if status != "UNBINDING"}
    for id_ in acl["Bindings"].keys() - kept.keys():
        vswitch = lifecycle.account.get("vswitch", id_)
        if vswitch is not None:
            lifecycle.account.change(vswitch, NetworkAclId=None)
    lifecycle.account.change(acl, Bindings=kept)


def unassociate_network_acl(call: Call) -> Body:
    acl = _required(call)
    bindings = dict(acl["Bindings"])
    for id_ in _resources(call):
        if bindings.get(id_) != "BINDED":
            code = "OperationDenied.NetworkAclAttachmentInMiddleStatus" if id_ in bindings else None
            raise Refusal(400, code, f"{id_} is {bindings[id_]}.") if code else _not_bound(acl, id_)
        bindings[id_] = "UNBINDING"
    call.account.change(acl, Bindings=bindings)
    call.in_settle(acl, "acl_bound", 0.2)
    return {}


def _not_bound(acl: Thing, id_: str) -> Refusal:
    return Refusal(400, "InvalidResource.NotBinding", f"{id_} does not have the network ACL {acl.id}.")


def delete_network_acl(call: Call) -> Body:
    acl = call.find("networkacl", call.need("NetworkAclId"))
    if acl is None:
        raise not_found(NOT_FOUND, "NetworkAclId", call.need("NetworkAclId"))
    if acl["Bindings"]:
        raise Refusal(400, "NetworkAclExistBinding", f"The network ACL {acl.id} has vSwitches.")
    call.account.remove(acl)
    return {}


VPC = {
    "CreateNetworkAcl": create_network_acl,
    "DescribeNetworkAcls": describe_network_acls,
    "DescribeNetworkAclAttributes": describe_network_acl_attributes,
    "ModifyNetworkAclAttributes": modify_network_acl_attributes,
    "UpdateNetworkAclEntries": update_network_acl_entries,
    "CopyNetworkAclEntries": copy_network_acl_entries,
    "AssociateNetworkAcl": associate_network_acl,
    "UnassociateNetworkAcl": unassociate_network_acl,
    "DeleteNetworkAcl": delete_network_acl,
}
TAGGABLE = {("vpc", "networkacl"): "networkacl"}
