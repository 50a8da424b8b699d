"""Attached objects are in the zone of their machine. Used by network_interface.py and instance.py.

The service says so only when it attaches an interface (InvalidOperation.AvailabilityZoneMismatch) or makes the machine.
"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds._slots import slots
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Value
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule


def is_in_its_zone(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """Of an interface of its own: the subnet of its addresses is in the zone of the machine."""
    holder = resource.attributes.get("instance")
    machine = everything.get(holder.address) if isinstance(holder, Ref) else None
    if machine is not None:
        yield from _differ(resource, "vswitch", resource.attributes.get("vswitch"), machine, everything)


def slots_are_in_its_zone(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """Of a machine: so are those of its further interfaces."""
    for slot, wanted in slots(resource.attributes.get("network_interfaces")).items():
        yield from _differ(resource, f"network_interfaces.{slot}.vswitch", wanted.get("vswitch"), resource, everything)


def _differ(
    resource: Resource, name: str, vswitch: Value, machine: Resource, everything: Mapping[Address, Resource]
) -> Iterable[Diagnostic]:
    ours, theirs = _zone(vswitch, everything), _zone_of(machine, everything)
    if ours is None or theirs is None or ours == theirs or machine.attributes.get("fallback.vswitches"):
        return
    yield Diagnostic(
        f"{name}: {vswitch} is in {ours}, and {machine.address} in {theirs}",
        f"name a vSwitch in {theirs}",
        resource.source_of(name),
        resource.address,
        rule=Rule.ZONE,
    )


def _zone_of(machine: Resource, everything: Mapping[Address, Resource]) -> str | None:
    own = machine.attributes.get("zone")
    return own if isinstance(own, str) else _zone(machine.attributes.get("vswitch"), everything)


def _zone(vswitch: Value, everything: Mapping[Address, Resource]) -> str | None:
    """None where the file does not tell."""
    subnet = everything.get(vswitch.address) if isinstance(vswitch, Ref) else None
    zone = subnet.attributes.get("zone") if subnet is not None else None
    return zone if isinstance(zone, str) else None
