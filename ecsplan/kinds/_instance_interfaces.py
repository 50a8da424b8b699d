"""The secondary network interfaces inside an instance: the calls that move one map of slots to another.

Used by instance.py. They are born with the machine and go with it. RunInstances does not tag them: one that no resource
owns and that goes with the machine is a part of it. What is to outlive it is a `network_interface` of its own.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network

from msgspec import Struct

from ecsplan.kinds import _interfaces, _slots
from ecsplan.kinds._limits import types_of
from ecsplan.kinds._shared import GROUPS
from ecsplan.kinds._slots import hangs_here, slots
from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import Fields, Raw, Value, ValueOrUnknown, Values, fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Params, Replay, until
from ecsplan.model.change import Change
from ecsplan.model.composites import MapOf, Record, Reference
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.marks import owner_tag
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.slots import Slots, leaving, left_slot
from ecsplan.model.values import Boolean, Choice, IpAddress

of = types_of("instance")

# member of a slot → parameter of NetworkInterface.N and of CreateNetworkInterface, path in DescribeNetworkInterfaces
FIELDS = {
    "name": ("NetworkInterfaceName", "NetworkInterfaceName"),
    "description": ("Description", "Description"),
    "vswitch": ("VSwitchId", "VSwitchId"),
    "security_groups": ("SecurityGroupIds", "SecurityGroupIds"),
    "primary_ip": ("PrimaryIpAddress", "PrivateIpAddress"),
    "queue_number": ("QueueNumber", "QueueNumber"),
    "source_dest_check": ("SourceDestCheck", "SourceDestCheck"),
    "traffic_mode": ("NetworkInterfaceTrafficMode", "NetworkInterfaceTrafficMode"),
}
TRAFFIC_MODE = "primary_network.traffic_mode"
FIXED = ("vswitch", "primary_ip", "traffic_mode")

INTERFACE = Record(
    "a network interface",
    Attribute("name", None, of("network_interfaces[].name"), "The name in the cloud; the slot's if left out."),
    Attribute("description", None, of("network_interfaces[].description"), "What it is for."),
    Attribute(
        "vswitch",
        None,
        Reference("vswitch", prefixes=("vsw-",)),
        "The subnet of its address, in the zone of the instance.",
        required=True,
    ),
    Attribute(
        "security_groups",
        None,
        GROUPS,
        "The groups it is in.",
        required=True,
    ),
    Attribute("primary_ip", None, IpAddress(), "Its private address, inside the vSwitch's range."),
    Attribute("queue_number", None, of("network_interfaces[].queue_number"), "How many queues it has."),
    Attribute("source_dest_check", None, Boolean(), "Whether what is not from or to one of its addresses is dropped."),
    Attribute(
        "traffic_mode", None, Choice("Standard", "HighPerformance"), "Standard (TCP), or HighPerformance (RDMA)."
    ),
)


class NetworkInterfaces(MapOf):
    """Slots to network interfaces. Only what a slot declares is compared."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(INTERFACE, _slots.SLOT)

    def matches(self, desired: Value, live: Value) -> bool:
        return _slots.matches(INTERFACE, desired, live)

    def is_made_anew(self, before: ValueOrUnknown, after: ValueOrUnknown) -> bool:
        return _is_another(fields(before), fields(after))


def interfaces(raw: Raw) -> list[Raw]:
    return list(raw.get("@interfaces") or ())


def unlisted(raw: Raw) -> set[str]:
    """The ids of secondary interfaces that the machine itself tells of, and the list of interfaces does not."""
    told = (raw.get("NetworkInterfaces") or {}).get("NetworkInterface") or ()
    listed = {str(one.get("NetworkInterfaceId")) for one in raw.get("@interfaces") or ()}
    return {str(one["NetworkInterfaceId"]) for one in told if one.get("Type") == "Secondary"} - listed


def by_slot(raw: Raw) -> dict[str, Raw]:
    """Each live interface that is a part of the machine, under its slot."""
    return _slots.by_slot(raw, "network_interfaces", interfaces(raw), "NetworkInterfaceId")


@Decoder
def _goes_along(interface: Raw) -> bool:
    return interface.get("DeleteOnRelease") is not False


def _fits(interface: Raw, wanted: Values) -> bool:
    return not _is_another(dict(_decoded(interface)), _slots.known(INTERFACE, wanted))


def refine(raw: Raw, desired: Values) -> dict[str, object]:
    """The canonical map of the live interfaces, and the id of each under `network_interfaces.SLOT`."""
    if "@interfaces" not in raw:
        return {}
    wanted = slots(desired.get("network_interfaces"))
    found = by_slot(raw)
    live = {slot: one for slot, one in found.items() if hangs_here(raw, one) or slot not in wanted}
    ids = {f"network_interfaces.{slot}": one["NetworkInterfaceId"] for slot, one in live.items()}
    shown = {slot: dict(_decoded(one)) for slot, one in live.items()}
    for slot in [slot for slot in live if left_slot(slot) in wanted]:
        left = left_slot(slot)
        fixed = [name for name in FIXED if name in wanted[left]]
        if left not in found or any(shown[slot].get(name) != _member(found[left], name) for name in fixed):
            shown[left] = shown.pop(slot)  # nothing of the slot is done as long as the old one is there
    return {
        "network_interfaces": tuple((slot, tuple(sorted(one.items()))) for slot, one in sorted(shown.items())),
        **ids,
    }


def _member(interface: Raw, name: str) -> object:
    return dict(_decoded(interface)).get(name)


def _decoded(interface: Raw) -> Fields:
    answers = {name: interface.get(path) for name, (_, path) in FIELDS.items()}
    answers["security_groups"] = (interface.get("SecurityGroupIds") or {}).get("SecurityGroupId")
    found = {name: INTERFACE.by_name[name].type.decode(answer) for name, answer in answers.items()}
    return tuple(sorted((name, value) for name, value in found.items() if value is not None))


class _Live(Struct, frozen=True):
    """`machine` is the id of the one that it hangs on, empty for none; `slot` the canonical value of a slot."""

    id: str
    machine: str
    address: str
    slot: Fields


@Decoder
def in_slots(raw: Raw) -> dict[str, _Live]:
    """The interfaces that are parts of a machine, by slot; also those that are still to be attached to it."""
    return {slot: _live(row) for slot, row in by_slot(raw).items()}


def _live(row: Raw) -> _Live:
    id_, machine, address = (str(row.get(n) or "") for n in ("NetworkInterfaceId", "InstanceId", "PrivateIpAddress"))
    return _Live(id_, machine, address, _decoded(row))


def to_wire(desired: Value) -> list[dict[str, object]]:
    """NetworkInterface.N of RunInstances. An interface is named for its slot, so that it is found again untagged."""
    return [
        {"InstanceType": "Secondary", "DeleteOnRelease": True, **_params(slot, wanted)}
        for slot, wanted in slots(desired).items()
    ]


def with_primary(found: Values, others: list[dict[str, object]]) -> dict[str, object]:
    """The primary interface as one of NetworkInterface.N, in place of the parameters that stand outside of it."""
    primary = {
        "InstanceType": "Primary",
        "NetworkInterfaceTrafficMode": found[TRAFFIC_MODE],
        "VSwitchId": found.get("vswitch"),
        "SecurityGroupIds": _listed(found.get("security_groups")),
        "PrimaryIpAddress": found.get("private_ip"),
        "QueueNumber": found.get("primary_network.queue_number"),
        "Ipv6AddressCount": found.get("ipv6_count"),
    }
    said = {name: value for name, value in primary.items() if value is not None}
    outside = ("VSwitchId", "SecurityGroupIds", "PrivateIpAddress", "NetworkInterfaceQueueNumber", "Ipv6AddressCount")
    return {"NetworkInterface": [said, *others], **dict.fromkeys(outside)}


def _params(slot: str, wanted: Values) -> dict[str, object]:
    return {"NetworkInterfaceName": slot} | {FIELDS[name][0]: _listed(value) for name, value in wanted.items()}


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _is_another(live: Values, desired: Values) -> bool:
    """An interface keeps its subnet, its address and its traffic mode: for others it is made anew."""
    return any(name in FIXED for name in _slots.changes(INTERFACE, live, desired))


def going(live: Mapping[str, Values], desired: Mapping[str, Values]) -> list[str]:
    """The slots whose interfaces go, for good or for another one."""
    return [slot for slot in sorted(live) if slot not in desired or _is_another(live[slot], desired[slot])]


def lost(change: Change) -> Iterable[str]:
    """The addresses that go with their slots, or are given up for others."""
    moved = change.attributes_by_name["network_interfaces"]
    live = slots(moved.before)
    for slot in going(live, slots(moved.after)):
        yield f"network interface {slot} ({live[slot].get('primary_ip', '?')})"


def calls(change: Change) -> Iterable[Call]:
    """What is new is made before what is old is unplugged, and plugged in before that is deleted.

    A machine has room for a few only. Where a new one takes the address of an old one, that has to be gone first.
    Before there are two for one slot, the old one is marked as leaving it: a run that was cut off in between would
    leave it to chance which of them the next one takes for the slot.

    With nothing before, not even an empty map, what is live has been removed by an earlier step.
    """
    moved = change.attributes_by_name["network_interfaces"]
    desired = slots(moved.after)
    found = change.fact(in_slots) if moved.before is not None else {}
    out = [s for s in sorted(found) if s not in desired or _is_another(fields(found[s].slot), desired[s])]
    old = {slot: found.pop(slot) for slot in out}
    new = {slot: wanted for slot, wanted in desired.items() if slot not in found}
    given_up = {interface.address for interface in old.values()}
    late = {slot for slot, wanted in new.items() if wanted.get("primary_ip") in given_up}
    taken = {new[slot]["primary_ip"] for slot in late}
    for slot, interface in old.items():
        if slot in desired:
            yield _mark(change, leaving(slot, old), interface)
    for slot in sorted(new.keys() - late):
        yield _create(change, slot, new[slot])
    for slot, interface in old.items():
        if interface.machine:
            if slot not in desired and not left_slot(slot):
                yield _mark(change, slot, interface)
            yield _interfaces.detach(interface.id, interface.machine)
        if interface.address in taken:
            yield _interfaces.delete(interface.id)
    for slot in sorted(late):
        yield _create(change, slot, new[slot])
    for slot in new:
        yield _interfaces.attach(Ref(change.address, f"network_interfaces.{slot}"), change.id)
    for interface in old.values():
        if interface.address not in taken:
            yield _interfaces.delete(interface.id)
    for slot, interface in found.items():
        yield from _alter(change, interface, desired[slot])


def _alter(change: Change, interface: _Live, wanted: Values) -> Iterable[Call]:
    changed = _slots.changes(INTERFACE, fields(interface.slot), wanted)
    params = {FIELDS[member][0]: _listed(value) for member, value in changed.items()}
    if "SecurityGroupIds" in params:
        params["SecurityGroupId"] = params.pop("SecurityGroupIds")
    if params:
        yield _modify(interface.id, params)
    if interface.machine != change.id_text:
        yield _interfaces.attach(interface.id, change.id)


def _modify(interface: ValueOrUnknown, params: Params) -> Call:
    return Call(
        "ModifyNetworkInterfaceAttribute",
        {"NetworkInterfaceId": interface, **params},
        kind="network_interface",
        targets=(interface,),
    )


def _mark(change: Change, slot: str, interface: _Live) -> Call:
    """Marked as ours before it is let go: were the run cut off then, nobody else could tell whose it is."""
    params = {"ResourceType": "eni", "ResourceId": [interface.id], "Tag": _tag(change, slot)}
    return Call("TagResources", params, kind="network_interface", targets=(interface.id,))


def _tag(change: Change, slot: str) -> list[dict[str, Value]]:
    return owner_tag("network_interface", change.stack, Part(change.address, "network_interfaces", slot))


def _create(change: Change, slot: str, wanted: Values) -> Call:
    return Call(
        "CreateNetworkInterface",
        {**_params(slot, wanted), "DeleteOnRelease": True, "Tag": _tag(change, slot)},
        kind="network_interface",
        creates=(change.address,),
        part=f"network_interfaces.{slot}",
        id_path="NetworkInterfaceId",
        wait=until("Available", kind="network_interface"),
        token=True,
        replay=Replay.TOKEN,
    )


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """An address outside its vSwitch."""
    for slot, wanted in slots(resource.attributes.get("network_interfaces")).items():
        address = wanted.get("primary_ip")
        if not isinstance(address, str):
            continue
        place = resource.source_of(f"network_interfaces.{slot}.primary_ip")
        vswitch = wanted.get("vswitch")
        subnet = everything.get(vswitch.address) if isinstance(vswitch, Ref) else None
        block = subnet.attributes.get("cidr_block") if subnet is not None else None
        if isinstance(block, str) and IPv4Address(address) not in IPv4Network(block):
            yield Diagnostic(
                f"network_interfaces.{slot}: primary_ip {address} lies outside the vSwitch's {block}",
                f"write an address inside {block} of {vswitch}",
                place,
                resource.address,
                rule=Rule.NETWORK,
            )


SLOTS = Slots(
    "network_interfaces",
    "network_interface",
    "@interfaces",
    "NetworkInterfaceName",
    may_be=lambda interface: interface.get("Type") != "Primary" and not interface.get("ServiceManaged"),
    is_marked=False,
    goes_along=_goes_along,
    decode=_decoded,
    fits=_fits,
    alike=_fits,
    holder="instance",
    outlive=lambda interface: _modify(interface, {"DeleteOnRelease": False}),
)
