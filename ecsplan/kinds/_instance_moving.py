"""A machine that is to be in another vSwitch: moved by ModifyInstanceVpcAttribute, or made anew. Used by instance.py.

The service moves a machine within its zone, while it is stopped, and only one that is plainly plugged in: its primary
interface has one address and no IPv6, there is no second interface, no EIP is bound past the NAT, and no custom route
table is in its subnet. A new machine has to be restarted once before. It also refuses one behind a load balancer, with
a HAVIP, or in Global Accelerator: the lists of ECS and VPC do not tell of that, so that the plan says it was not
looked at. Source: ModifyInstanceVpcAttribute.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from ecsplan.kinds import _addresses, _instance_interfaces
from ecsplan.kinds import _machine as machine
from ecsplan.kinds._slots import slots
from ecsplan.model.algebra import Raw, ValueOrUnknown, members
from ecsplan.model.call import Call, Wait
from ecsplan.model.change import AttributeChange, Change
from ecsplan.model.decoder import Decoder
from ecsplan.model.moving import Around, Moving
from ecsplan.model.resource import LiveObject, Resource

PLACE = ("vswitch", "private_ip")
FURTHER = ("secondary_private_ips", "ipv6_addresses")  # those of the range that it leaves go, those of the new one come
NOT_LOOKED_AT = (
    "not looked at: load balancers, HAVIPs and Global Accelerator, behind which the service moves no machine"
)
JUST_MADE = timedelta(minutes=10)  # a machine that started no later than that has not been restarted since


@Decoder
def vpc_of(raw: Raw) -> str | None:
    """The network of a vSwitch or a group."""
    return raw.get("VpcId")


PAST_NAT = ("BINDED", "MULTI_BINDED")  # modes of an EIP: cut-through, and several on one interface


def moves(obj: LiveObject, resource: Resource, changed: Mapping[str, AttributeChange], around: Around) -> Moving | None:
    """None where it stays in its place."""
    if not any(name in changed for name in PLACE):
        return None
    target = changed["vswitch"].after if "vswitch" in changed else obj.attributes.get("vswitch")
    zone, network = around.told(target, "zone", machine.zone), around.told(target, "vpc", vpc_of)
    if isinstance(zone, str) and zone != obj.fact(machine.zone):
        why = f"its vSwitch will be in {zone}, and a machine stays in its zone ({obj.fact(machine.zone)})"
        return Moving(why, blocked=tuple(_kept_disks(obj, resource, zone)))
    is_other = network is not None and network != obj.fact(machine.network)
    unplugged = _goes_anyway(obj, changed)
    obstacles = list(_obstacles(obj, resource, around, unplugged))
    if obstacles:
        to = "to another VPC" if is_other else "to another vSwitch or address"
        return Moving(f"the service does not move it {to}: {'; '.join(obstacles)}")
    addresses = tuple(name for name in FURTHER if obj.attributes.get(name) or name in changed)
    return Moving(
        network=network if is_other else None,
        takes=("security_groups",) if is_other else (),
        gives_back=(*addresses, "network_interfaces") if unplugged else addresses,
        restarts=obj.fact(_is_new),
        blocked=tuple(_foreign_groups(changed, resource, network, around)) if is_other else (),
        notes=(NOT_LOOKED_AT,),
    )


def _goes_anyway(obj: LiveObject, changed: Mapping[str, AttributeChange]) -> bool:
    """Whether each second interface is one inside the machine that is made anew: it can go before the move."""
    line = changed.get("network_interfaces")
    if line is None or not line.before:
        return False
    going = _instance_interfaces.going(slots(line.before), slots(line.after))
    return len(going) == len(slots(line.before)) == len(obj.fact(_second))


@Decoder
def _second(raw: Raw) -> list[str]:
    interfaces = (raw.get("NetworkInterfaces") or {}).get("NetworkInterface") or ()
    return [str(one.get("NetworkInterfaceId")) for one in interfaces if one.get("Type") == "Secondary"]


def _obstacles(obj: LiveObject, resource: Resource, around: Around, unplugged: bool) -> Iterator[str]:
    second, primary = obj.fact(_second), obj.fact(_primary)
    if second and not unplugged:
        yield f"it has a second network interface ({', '.join(second)}); detach that first"
    if primary.ipv6 and "ipv6_addresses" not in resource.attributes:
        yield f"it has an IPv6 address ({primary.ipv6[0]}); declare ipv6_addresses, or give it back first"
    if primary.further and "secondary_private_ips" not in resource.attributes:
        first = primary.further[0]
        yield f"it has several private addresses ({first}); declare secondary_private_ips, or give them back first"
    yield from _bound_past_nat({obj.id, primary.id}, around)
    subnet = around.objects.get(str(obj.attributes.get("vswitch")))
    if subnet is not None and subnet.fact(_has_own_table):
        yield f"its vSwitch {subnet.id} has a route table of its own"


class _Interface(Struct, frozen=True):
    id: str | None
    ipv6: tuple[str, ...]
    further: tuple[str, ...]


@Decoder
def _primary(raw: Raw) -> _Interface:
    interfaces = (raw.get("NetworkInterfaces") or {}).get("NetworkInterface") or ()
    found: Raw = next((one for one in interfaces if one.get("Type", "Primary") == "Primary"), {})
    return _Interface(
        found.get("NetworkInterfaceId"), tuple(_addresses.ipv6(found)), tuple(_addresses.secondary(found))
    )


@Decoder
def _has_own_table(subnet: Raw) -> bool:
    return bool((subnet.get("RouteTable") or {}).get("RouteTableType") == "Custom")


@Decoder
def _past_nat(eip: Raw) -> tuple[str, str, str] | None:
    """What an EIP is bound to past the NAT, its address and its mode."""
    told = tuple(str(eip.get(name)) for name in ("InstanceId", "IpAddress", "Mode"))
    return (told[0], told[1], told[2]) if eip.get("Mode") in PAST_NAT else None


def _bound_past_nat(places: Collection[str | None], around: Around) -> Iterator[str]:
    for eip in around.objects.values():
        bound = eip.fact(_past_nat) if eip.kind == "eip" else None
        if bound is not None and bound[0] in places:
            yield f"the EIP {bound[1]} is bound to it in the mode {bound[2]}; unbind that first"


@Decoder
def _is_new(raw: Raw) -> bool:
    """Whether it has run since it was made, without a restart; times are to the minute."""
    if raw.get("Status") != "Running":
        return False
    try:
        made, started = (datetime.fromisoformat(str(raw[name])) for name in ("CreationTime", "StartTime"))
    except (KeyError, ValueError):
        return False
    return started - made <= JUST_MADE


def _kept_disks(obj: LiveObject, resource: Resource, zone: str) -> Iterator[str]:
    """A disk cannot leave its zone either."""
    declared, live = (slots(found.get("data_disks")) for found in (resource.attributes, obj.attributes))
    for slot, disk in declared.items():
        if disk.get("keep") and slot in live:
            yield (
                f"data_disks.{slot} has keep: true, and a disk cannot be taken along to {zone}: "
                "take a snapshot of it, and write keep: false or another slot"
            )


def _foreign_groups(
    changed: Mapping[str, AttributeChange], resource: Resource, network: ValueOrUnknown, around: Around
) -> Iterator[str]:
    """The groups that it will be in have to be of the network that it goes to."""
    groups = (
        changed["security_groups"].after if "security_groups" in changed else resource.attributes["security_groups"]
    )
    for group in groups if isinstance(groups, tuple) else ():
        theirs = around.told(group, "vpc", vpc_of)
        if theirs is not None and theirs != network:
            yield f"security group {group} is of another VPC than the vSwitch; name groups of that VPC"


def move(change: Change) -> Iterable[Call]:
    """Into another network it comes with its groups. An address that is declared goes along; else one is chosen."""
    line, address = change.attributes_by_name.get("vswitch"), change.desired("private_ip")
    vswitch = line.after if line is not None else change.live("vswitch")
    params: dict[str, object] = {"InstanceId": change.id, "VSwitchId": vswitch, "PrivateIpAddress": address}
    if change.moving is not None and change.moving.network is not None:
        params |= {"VpcId": change.moving.network, "SecurityGroupId": list(members(change.desired("security_groups")))}
    shown = [("VpcAttributes.VSwitchId", (vswitch,))]
    if address is not None:  # the vSwitch alone may be the same before and after
        shown.append(("VpcAttributes.PrivateIpAddress.IpAddress", (address,)))
    yield Call(
        "ModifyInstanceVpcAttribute",
        {name: value for name, value in params.items() if value is not None},
        kind="instance",
        targets=(change.id,),
        wait=Wait(tuple(shown)),
    )
