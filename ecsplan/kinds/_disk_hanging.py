"""Where a disk of its own hangs, on one machine or on several that share it, and how it is paid for there.

Used by disk.py. ECS 2014-05-26: AttachDisk, DetachDisk, ModifyDiskChargeType. A disk has no term of its own: as a
subscription it ends, and is renewed, with the machine that it is attached to.
"""

from collections.abc import Iterable, Iterator, Mapping

from ecsplan.kinds import _disks
from ecsplan.kinds._disk_rows import of_itself
from ecsplan.kinds._machine import is_subscription
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import members
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Reference, SetOf
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Live, Update
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule

MACHINE = Reference("instance", prefixes=("i-",))
NAMES = ("instance", "instances", "subscription")
MACHINES = "Machines"  # of a shared disk: api/unread.py

ATTRIBUTES = (
    Attribute("instance", None, MACHINE, "The instance it is attached to.",
              read_as=lambda raw: raw.get("InstanceId") or None, optional=True, is_relation=True,
              samples=("web", "other")),
    Attribute("instances", None, SetOf(MACHINE), "The instances that share it, for multi_attach. Exclusive: it is "
              "detached from those that are not listed.", read_as=lambda raw: list(raw.get(MACHINES) or ()),
              is_relation=True, samples=(["web"], ["other"]),
              samples_with={"multi_attach": True, "instance": None}),
    Attribute("subscription", None, _disks.SUBSCRIPTION, "Whether it is paid for ahead, as its instance is: it ends "
              "and is renewed with that.", read_as="DiskChargeType",
              unsampled="needs a machine that is a subscription; test_disk_subscription.py has one"),
)  # fmt: skip


def move(change: Change) -> Iterable[Call]:
    """Detaches from the old instance, attaches to the new; never so that the disk goes with the instance."""
    moved = change.attributes_by_name["instance"]
    if moved.before is not None:
        back = _disks.attach(change.id, moved.before, delete_with_instance=False) if moved.after is not None else None
        yield replace(_disks.detach(change.id, moved.before), undo=back)
    if moved.after is not None:
        yield _disks.attach(change.id, moved.after, delete_with_instance=False)
        yield from _keep_backups(change)


def share(change: Change) -> Iterable[Call]:
    """Leaves machines before it comes to others: there is a most of what may share it."""
    line = change.attributes_by_name["instances"]
    before, after = members(line.before), members(line.after)
    for machine in before:
        if machine not in after:
            yield _disks.leave(change.id, machine)
    joined = [machine for machine in after if machine not in before]
    yield from (_disks.join(change.id, machine) for machine in joined)
    if joined:
        yield from _keep_backups(change)


def _keep_backups(change: Change) -> Iterable[Call]:
    """AttachDisk turns DeleteAutoSnapshot on: automatic snapshots would go with the disk, which nobody asked for.

    After a run that was cut off, what is live may be that already: the snapshots are kept then.
    """
    wanted = change.desired("delete_auto_snapshot")
    applied = change.before.applied if change.before is not None else None
    is_known = applied is None or not applied.open
    kept = (is_known and change.live("delete_auto_snapshot")) if wanted is None else wanted
    if not kept:
        yield _disks.modify(change.id, {"DeleteAutoSnapshot": False})


def pay(change: Change) -> Iterable[Call]:
    """One that is new is pay-as-you-go until it is attached."""
    line = change.attributes_by_name["subscription"]
    machine = change.desired("instance") if line.after else change.live("instance")
    if machine is not None and bool(line.before) != bool(line.after):
        yield _disks.charge(change.id, machine, is_subscription=bool(line.after))


ENDED = Update(
    "ModifyDiskChargeType",
    ("subscription",),
    build=pay,
    only_if=lambda before, after: not after,
    impacts=(Impact.BILLING,),
    note="what is left of its subscription is given back as billing sets it",
)
UPDATES = (
    ENDED,
    Update("AttachDisk", ("instance",), build=move),
    Update("AttachDisk", ("instances",), build=share),
    Update("ModifyDiskChargeType", ("subscription",), build=pay, impacts=(Impact.BILLING,),
           note="buys it until the subscription of its instance ends"),
)  # fmt: skip


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """What one look at the declaration tells before any call."""
    yield from _clashes(resource)
    for name in ("instance", "instances"):
        for machine in _machines(resource, name):
            yield from _fits(resource, name, machine, everything)


def _machines(resource: Resource, name: str) -> tuple[object, ...]:
    value = resource.attributes.get(name)
    return value if isinstance(value, tuple) else (value,) if value is not None else ()


def _clashes(resource: Resource) -> Iterator[Diagnostic]:
    found = resource.attributes
    is_shared = found.get("multi_attach")
    if is_shared and found.get("instance") is not None:
        yield _wrong(resource, "instance", "a disk with multi_attach names its machines in a list",
                     "write instances: [NAME, …] in place of instance")  # fmt: skip
    if found.get("instances") and not is_shared and resource.adopt is None:
        yield _wrong(resource, "instances", "only a disk with multi_attach is shared by several machines",
                     "write instance: NAME, or multi_attach: true for a new disk")  # fmt: skip
    if found.get("subscription") and is_shared:
        yield _wrong(resource, "subscription", "a disk with multi_attach is pay-as-you-go for good",
                     "remove subscription, or multi_attach")  # fmt: skip
    elif found.get("subscription") and found.get("instance") is None:
        yield _wrong(resource, "subscription", "a disk is a subscription with the machine that it is attached to",
                     "write instance: NAME of a machine with charge_type: PrePaid, or remove subscription")  # fmt: skip


def _fits(
    resource: Resource, name: str, target: object, everything: Mapping[Address, Resource]
) -> Iterator[Diagnostic]:
    """The machine's zone and charge type, where the file has them."""
    machine = everything.get(target.address) if isinstance(target, Ref) else None
    if machine is None:
        return
    subnet = machine.attributes.get("vswitch")
    around = everything.get(subnet.address) if isinstance(subnet, Ref) else None
    zones = (resource.attributes.get("zone"), around.attributes.get("zone") if around else None)
    if all(isinstance(zone, str) for zone in zones) and zones[0] != zones[1]:
        yield Diagnostic(
            f"zone {zones[0]} is not the zone of {target}, {zones[1]}",
            f"write zone: {zones[1]}, or attach it to an instance of its own zone",
            resource.source_of("zone"),
            resource.address,
            rule=Rule.ZONE,
        )
    if resource.attributes.get("subscription") and machine.attributes.get("charge_type") != "PrePaid":
        yield _wrong(resource, "subscription", f"{target} is not a subscription; a disk is one with its machine only",
                     f"write charge_type: PrePaid for {target}, or remove subscription here")  # fmt: skip


def _wrong(resource: Resource, name: str, what: str, instead: str) -> Diagnostic:
    return Diagnostic(what, instead, resource.source_of(name), resource.address, rule=Rule.COMBINATION)


def hindered(change: Change, live: Live) -> Iterable[str]:
    """What a subscription and a shared disk do not take, by what is live."""
    lines = change.attributes_by_name
    if change.before is not None and change.action in (Action.UPDATE, Action.ADOPT):
        stays = change.live("subscription") and not ("subscription" in lines and not lines["subscription"].after)
        if "instance" in lines and stays:
            why = _disks.cannot_be_deleted(change.fact(of_itself))
            yield f"it is {why}; as one it stays on {change.live('instance')}"
        if change.live("multi_attach") and "instance" in lines:
            yield "instance: it has multi_attach; write its machines in instances"
        if change.live("multi_attach"):
            fixed = [name for name in _disks.SPEC if name in lines]
            yield from (f"{name} cannot change while it has multi_attach" for name in fixed)
    if change.desired("subscription") and not isinstance(change.desired("instance"), Ref):
        machine, its = live(str(change.desired("instance")))
        is_paid = machine is not None and machine.fact(is_subscription)
        if machine is not None and not is_paid and (its is None or its.desired("charge_type") != "PrePaid"):
            yield f"{machine.id} is not a subscription, and a disk is one with its machine only"
