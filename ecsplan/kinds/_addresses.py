"""The secondary private and the IPv6 addresses of a network interface: how they are read, given and taken back.

Used by network_interface.py, and by instance.py for the primary interface of an instance.
"""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network

from ecsplan.kinds._limits import rule
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, Value, ValueOrUnknown, members, whole
from ecsplan.model.call import Call, Params, Replay
from ecsplan.model.capabilities.exclusivity import Exclusive
from ecsplan.model.change import Change
from ecsplan.model.composites import SetOf
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import IpAddress

AT_ONCE = 10  # addresses of one call
FEWER = "a lower number would give up addresses at random: list the addresses to keep"

PRIVATE = SetOf(IpAddress(), maximum=rule("network_interface.private_ips").high)
IPV6 = SetOf(IpAddress(6), maximum=rule("network_interface.ipv6_addresses").high)

PRIVATE_CALLS = ("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses")
IPV6_CALLS = ("AssignIpv6Addresses", "UnassignIpv6Addresses")

Interface = Callable[[Change], Value]
Check = Callable[[Resource, Mapping[Address, Resource]], Iterable[Diagnostic]]


def exclusive(*names: str) -> tuple[Exclusive, ...]:
    """Attributes whose addresses no two interfaces of a vSwitch have at once, whatever kind they belong to."""
    return tuple(Exclusive(name, "vswitch", "address") for name in names)


def lie_in_the_vswitch(*names: str) -> Check:
    """A check that the addresses of these attributes are in the range of the vSwitch, where that is of the stack."""

    def check(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
        vswitch = resource.attributes.get("vswitch")
        subnet = everything.get(vswitch.address) if isinstance(vswitch, Ref) else None
        block = subnet.attributes.get("cidr_block") if subnet is not None else None
        for name in names if isinstance(block, str) else ():
            value = resource.attributes.get(name, ())
            for address in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
                if isinstance(address, str) and IPv4Address(address) not in IPv4Network(str(block)):
                    yield Diagnostic(
                        f"{name} {address} lies outside the vSwitch's {block}",
                        f"write an address inside {block} of {vswitch}",
                        resource.source_of(name),
                        resource.address,
                        rule=Rule.NETWORK,
                    )

    return check


def need_ipv6(*names: str) -> Check:
    """A warning where these attributes want IPv6 addresses of a vSwitch for which the file says no range."""

    def check(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
        vswitch = resource.attributes.get("vswitch")
        subnet = everything.get(vswitch.address) if isinstance(vswitch, Ref) else None
        if subnet is None or subnet.adopt is not None or "ipv6_cidr_block" in subnet.attributes:
            return
        for name in names:
            if resource.attributes.get(name):
                yield Diagnostic(
                    f"{name}: the file gives {vswitch} no IPv6 range",
                    f"write ipv6_cidr_block: 0 in {subnet.address}, and enable_ipv6: true in its VPC",
                    resource.source_of(name),
                    resource.address,
                    Severity.WARNING,
                    rule=Rule.NETWORK,
                )

    return check


def secondary(interface: Raw) -> list[str]:
    sets = (interface.get("PrivateIpSets") or {}).get("PrivateIpSet") or []
    return [str(address["PrivateIpAddress"]) for address in sets if not address.get("Primary")]


def ipv6(interface: Raw) -> list[str]:
    return [str(address["Ipv6Address"]) for address in (interface.get("Ipv6Sets") or {}).get("Ipv6Set") or []]


def change_private(name: str, interface: Interface) -> Callable[[Change], Iterable[Call]]:
    return lambda change: move(change, name, interface(change), PRIVATE_CALLS, "PrivateIpAddress")


def change_ipv6(name: str, interface: Interface) -> Callable[[Change], Iterable[Call]]:
    return lambda change: move(change, name, interface(change), IPV6_CALLS, "Ipv6Address")


def move(change: Change, name: str, interface: ValueOrUnknown, calls: tuple[str, str], param: str) -> Iterable[Call]:
    """New addresses come before old ones go."""
    give, take_back = calls
    moved = change.attributes_by_name[name]
    before, after = members(moved.before), members(moved.after)
    added, removed = [a for a in after if a not in before], [a for a in before if a not in after]
    for start in range(0, len(added), AT_ONCE):
        yield _call(give, interface, {param: added[start : start + AT_ONCE]})
    for start in range(0, len(removed), AT_ONCE):
        params = {"NetworkInterfaceId": interface, param: removed[start : start + AT_ONCE]}
        yield Call(take_back, params, kind="network_interface", done_on=("InvalidIp.IpUnassigned",))


def _call(operation: str, interface: ValueOrUnknown, params: Params) -> Call:
    return Call(
        operation,
        {"NetworkInterfaceId": interface, **params},
        kind="network_interface",
        token=True,
        replay=Replay.TOKEN,
    )


def grow_private(name: str, interface: Interface) -> Callable[[Change], Iterable[Call]]:
    return lambda change: grow(
        change, name, interface(change), "AssignPrivateIpAddresses", "SecondaryPrivateIpAddressCount"
    )


def grow_ipv6(name: str, interface: Interface) -> Callable[[Change], Iterable[Call]]:
    return lambda change: grow(change, name, interface(change), "AssignIpv6Addresses", "Ipv6AddressCount")


def grow(change: Change, name: str, interface: ValueOrUnknown, operation: str, param: str) -> Iterable[Call]:
    moved = change.attributes_by_name[name]
    yield _call(operation, interface, {param: whole(moved.after) - whole(moved.before)})


def grows(before: ValueOrUnknown, after: ValueOrUnknown) -> bool:
    return before is None or whole(after) > whole(before)
