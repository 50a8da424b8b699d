"""Linked objects of a network are in one VPC. Used by the kinds that are in one and name others that are.

The service says so only when it is asked to link them (InvalidSecurityGroupId.VPCMismatch, InvalidVSwitchId.VpcMismatch
and others), which an apply does when the first half of the work is done.
"""

from collections.abc import Iterable, Mapping

from ecsplan.model.address import Address, Ref
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule

# DNAT entries may lead to what only routes reach.
_ELSEWHERE = ("forward",)
_MEMBERS = frozenset({
    "vswitch", "security_group", "route_table", "network_acl", "ipv6_gateway", "instance", "nat_gateway",
    "network_interface",
})  # fmt: skip


def links_stay_in_it(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """Each that is named is in the VPC of this one, as far as the file says where both are."""
    own = _vpc_of(resource, everything)
    if own is None:
        return
    for name, leaf in resource.held:
        if not isinstance(leaf, Ref) or leaf.address.kind not in _MEMBERS or name in _ELSEWHERE:
            continue
        other = everything.get(leaf.address)
        theirs = None if other is None else _vpc_of(other, everything)
        # An id and a name may mean the same VPC.
        if theirs is None or type(theirs) is not type(own) or theirs == own:
            continue
        yield Diagnostic(
            f"{name}: {leaf.address} is in {theirs}, and {resource.address} in {own}",
            f"name one that is in {own}",
            resource.source_of(name),
            resource.address,
            rule=Rule.NETWORK,
        )


def _vpc_of(resource: Resource, everything: Mapping[Address, Resource]) -> Ref | str | None:
    """By what it says itself, else by its vSwitch; None where the file does not tell."""
    if resource.address.kind == "vpc":
        return Ref(resource.address)
    vpc = resource.attributes.get("vpc")
    if vpc is None:
        vswitch = resource.attributes.get("vswitch")
        subnet = everything.get(vswitch.address) if isinstance(vswitch, Ref) else None
        vpc = None if subnet is None else subnet.attributes.get("vpc")
    return vpc if isinstance(vpc, (Ref, str)) else None
