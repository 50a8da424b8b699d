"""The binding of an EIP: an instance, an interface, a NAT gateway, or a private address in a VPC; and how.

Used by eip.py. VPC 2016-04-28: AssociateEipAddress, UnassociateEipAddress, ModifyEipForwardMode.
"""

from collections.abc import Iterable, Iterator, Mapping

from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, Value, ValueOrUnknown
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Product, Replay, until
from ecsplan.model.change import Change
from ecsplan.model.composites import Reference
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Update
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, IpAddress

TARGETS = {
    "eni": "NetworkInterface",
    "lb": "SlbInstance",
    "ngw": "Nat",
    "havip": "HaVip",
}  # by the prefix of the id; else EcsInstance

OF_KIND = {"network_interface": "NetworkInterface", "nat_gateway": "Nat"}
INTERFACE, ADDRESS = "NetworkInterface", "IpAddress"
PLACE = ("instance", "private_ip", "vpc")
NAMES = (*PLACE, "mode")


class Beside(IpAddress):
    """The service tells it of interfaces, and need not tell it there."""

    __slots__ = ()

    def matches(self, desired: Value, live: Value) -> bool:
        return live is None or desired == live


def target_type(target: ValueOrUnknown) -> str:
    """What the service calls the sort of thing that an address is bound to."""
    if isinstance(target, Ref):
        return OF_KIND.get(target.address.kind, "EcsInstance")
    return TARGETS.get(str(target).partition("-")[0], "EcsInstance")


def bound_instance(raw: Raw) -> object:
    """The bound ECS instance; an address that is bound to something else counts as bound to that."""
    return None if raw.get("InstanceType") == ADDRESS else raw.get("InstanceId") or None


def bound_address(raw: Raw) -> object:
    return told_of(raw, ADDRESS, "InstanceId") or told_of(raw, INTERFACE, "PrivateIpAddress")


def told_of(raw: Raw, target: str, name: str) -> object:
    """What means something for one sort of target alone."""
    return raw.get(name) or None if raw.get("InstanceType") == target else None


ATTRIBUTES = (
    Attribute("instance", None, Reference("instance", "network_interface", "nat_gateway",
                                          prefixes=("i-", "eni-", "lb-", "ngw-", "havip-")),
              "The instance, the network interface or the NAT gateway that it is bound to.", read_as=bound_instance,
              optional=True, is_relation=True, samples=("web", "other")),
    Attribute("private_ip", None, Beside(), "The private address that it is bound to: one of a network interface, or "
              "one in a VPC.", read_as=bound_address,
              unsampled="it is one of an interface, or in a VPC; test_eip_binding.py has both"),
    Attribute("vpc", None, Reference("vpc", prefixes=("vpc-",)), "The VPC of private_ip, in place of an instance; it "
              "has an IPv4 gateway.", read_as=lambda raw: told_of(raw, ADDRESS, "VpcId"),
              optional=True, is_relation=True, unsampled="goes with private_ip; test_eip_binding.py binds to some"),
    Attribute("mode", None, Choice("NAT", "MULTI_BINDED", "BINDED"), "How an interface has it: translated (NAT, if "
              "left out), visible in the machine beside others (MULTI_BINDED), or as its only address (BINDED).",
              read_as=lambda raw: told_of(raw, INTERFACE, "Mode"),
              unsampled="it is of an interface; test_eip_binding.py has one"),
)  # fmt: skip


def _places(change: Change) -> tuple[Mapping[str, ValueOrUnknown], Mapping[str, ValueOrUnknown]]:
    """Its bindings before and after the change. A change may come in two halves, where others take its place:
    one in which it lets go, and one in which it is bound again."""
    lines = {name: change.attributes_by_name[name] for name in PLACE if name in change.attributes_by_name}
    before = {name: lines[name].before if name in lines else change.live(name) for name in PLACE}
    after = {name: lines[name].after if name in lines else change.desired(name) for name in PLACE}
    if any(line.before is None and change.live(name) is not None for name, line in lines.items()):
        before = dict.fromkeys(PLACE)
    if any(line.after is None and change.desired(name) is not None for name, line in lines.items()):
        after = dict.fromkeys(PLACE)
    return before, after


def _is_bound(place: Mapping[str, ValueOrUnknown]) -> bool:
    return place["instance"] is not None or place["vpc"] is not None


def move(change: Change) -> Iterable[Call]:
    """Unbinds from the old place and binds to the new; each is waited for, as the next call needs it."""
    before, after = _places(change)
    if _is_bound(before):
        where = {"InstanceId": before["private_ip"], "InstanceType": ADDRESS}
        if before["instance"] is not None:
            where = {"InstanceId": before["instance"], "InstanceType": target_type(before["instance"])}
        yield Call(
            "UnassociateEipAddress",
            {"AllocationId": change.id, **where},
            Product.VPC,
            "eip",
            (change.id,),
            wait=until("Available"),
            token=True,
            replay=Replay.TOKEN,
            absent_is_done=True,
            undo=_bind(change, before, change.live("mode")) if _is_bound(after) else None,
        )
    if _is_bound(after):
        yield _bind(change, after, change.desired("mode"))


def _bind(change: Change, place: Mapping[str, ValueOrUnknown], mode: ValueOrUnknown) -> Call:
    target, private = place["instance"], place["private_ip"]
    params: dict[str, ValueOrUnknown] = {"InstanceId": target, "InstanceType": target_type(target)}
    if target is None:
        target = private
        params = {"InstanceId": target, "InstanceType": ADDRESS, "VpcId": place["vpc"]}
    elif params["InstanceType"] == INTERFACE:
        params |= {name: value for name, value in (("PrivateIpAddress", private), ("Mode", mode)) if value is not None}
    return Call(
        "AssociateEipAddress",
        {"AllocationId": change.id, **params},
        Product.VPC,
        "eip",
        (change.id,),
        wait=until("InUse", InstanceId=target),
        token=True,
        replay=Replay.TOKEN,
    )


def change_mode(change: Change) -> Iterable[Call]:
    """Binding it says the mode as well."""
    lines = change.attributes_by_name
    wanted, is_moved = lines["mode"].after, any(name in lines for name in PLACE)
    if wanted is not None and not is_moved and change.live("instance") is not None:
        yield Call("ModifyEipForwardMode", {"InstanceId": change.id, "Mode": wanted}, Product.VPC, "eip", (change.id,),
                   wait=until("InUse", Mode=wanted), token=True, replay=Replay.TOKEN)  # fmt: skip


def impacts(change: Change) -> Iterable[Impact]:
    """The machine that it leaves loses a public address, the one that it comes to can be reached."""
    before, after = _places(change)
    if _is_bound(before):
        yield Impact.NEW_ADDRESS
    if _is_bound(after):
        yield Impact.ACCESS


UPDATES = (
    Update("AssociateEipAddress", PLACE, build=move, impacts=impacts,
           note="the instance gains or loses this public address"),
    Update("ModifyEipForwardMode", ("mode",), build=change_mode, impacts=(Impact.ACCESS,),
           note="what runs through it is interrupted"),
)  # fmt: skip


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterator[Diagnostic]:
    """What goes with an interface, and what with a VPC."""
    found = resource.attributes
    target = found.get("instance")
    is_interface = target is not None and target_type(target) == INTERFACE
    if found.get("vpc") is not None and (target is not None or found.get("private_ip") is None):
        yield _wrong(resource, "vpc", "vpc goes with private_ip, in place of instance",
                     "write vpc and private_ip, or instance alone")  # fmt: skip
    elif found.get("private_ip") is not None and found.get("vpc") is None and not is_interface:
        yield _wrong(resource, "private_ip", "private_ip is an address of a network interface, or one in a VPC",
                     "write instance: NAME of a network_interface, or vpc: NAME")  # fmt: skip
    if found.get("mode") is not None and not is_interface:
        yield _wrong(resource, "mode", "mode is for a network interface",
                     "remove mode, or write instance: NAME of a network_interface")  # fmt: skip
    inside = everything.get(target.address) if isinstance(target, Ref) else None
    if inside is not None and is_interface and found.get("private_ip") is not None:
        listed = inside.attributes.get("private_ips")
        own = {inside.attributes.get("primary_ip"), *(listed if isinstance(listed, tuple) else ())}
        counted = inside.attributes.get("private_ip_count") is not None or inside.attributes.get("primary_ip") is None
        if not counted and found["private_ip"] not in own:
            yield _wrong(resource, "private_ip", f"{target} has no address {found['private_ip']}",
                         "write one of its primary_ip and private_ips")  # fmt: skip


def _wrong(resource: Resource, name: str, what: str, instead: str) -> Diagnostic:
    return Diagnostic(what, instead, resource.source_of(name), resource.address, rule=Rule.COMBINATION)


def is_beside(resource: Resource) -> bool:
    """Whether the interface that it is bound to may have others: one for each private address, or many in one mode."""
    return resource.attributes.get("private_ip") is not None or resource.attributes.get("mode") == "MULTI_BINDED"
