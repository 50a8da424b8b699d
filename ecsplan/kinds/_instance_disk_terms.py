"""Data disks in slots that are paid for ahead with their machine, or not as it is. ECS: ModifyDiskChargeType.

Used by instance.py. What is bought with a machine is paid as that is, and ends being a subscription when that does.
"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds import _disks, _instance_disks, _slots
from ecsplan.kinds._disk_rows import in_slots, of_itself
from ecsplan.model.address import Address, Ref
from ecsplan.model.call import Call
from ecsplan.model.capabilities.parts import CarryOver
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule


def calls(change: Change) -> Iterable[Call]:
    """Those of the disks; then how they are paid, unless that waits for the machine to change first."""
    yield from _instance_disks.calls(change)
    if "charge_type" not in change.attributes_by_name:
        yield from pay(change)


def pay(change: Change) -> Iterable[Call]:
    """For disks that hang on the machine: after they are attached, and after the machine becomes a subscription."""
    moved = change.attributes_by_name.get("data_disks")
    found = change.fact(in_slots)
    for slot, disk in _slots.slots(moved.after if moved is not None else None).items():
        live, wanted = found.get(slot), disk.get("subscription")
        if wanted is not None and wanted != (live is not None and live.paid_until is not None):
            target = live.id if live is not None else Ref(change.address, f"data_disks.{slot}")
            yield _disks.charge(target, change.id, is_subscription=bool(wanted))


def carry_over(change: Change) -> CarryOver | None:
    """A disk that moves to a new machine is pay-as-you-go when it comes there."""
    found = _instance_disks.carry_over(change)
    if found is None or change.after is None:
        return found
    desired = _slots.slots(change.after.attributes.get("data_disks"))
    left = _slots.slots(found.attributes.get("data_disks"))
    kept = change.fact(in_slots) | _slots.left_by(change.parts, "disk", of_itself)
    bought = [kept[slot].id for slot, disk in desired.items() if slot not in left and disk.get("subscription")]
    terms = (_disks.charge(disk, Ref(change.address), is_subscription=True) for disk in bought)
    return replace(found, take_up=(*found.take_up, *terms))


def paid_for(change: Change) -> Iterable[str]:
    """A subscription disk can't be deleted before its end, and would hang nowhere until then; and what is bought with a
    subscription machine is one too."""
    moved = change.attributes_by_name.get("data_disks")
    if change.action in (Action.CREATE, Action.REPLACE) and change.desired("charge_type") == "PrePaid":
        for slot, wanted in _slots.slots(change.desired("data_disks")).items():
            if wanted.get("subscription") is False:
                yield f"data_disks.{slot}: it is bought with the machine, as a subscription; write false afterwards"
    if moved is None or change.before is None or change.action is Action.REPLACE:
        return
    for slot, disk in change.fact(in_slots).items():
        if slot not in _slots.slots(moved.after) and (reason := _disks.cannot_be_deleted(disk)):
            yield f"data_disks.{slot}: {reason}"


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    for slot, disk in _slots.slots(resource.attributes.get("data_disks")).items():
        if disk.get("subscription") and resource.attributes.get("charge_type") != "PrePaid":
            yield Diagnostic(
                f"data_disks.{slot} is a subscription with its machine alone, which is none",
                "write charge_type: PrePaid for the machine, or remove subscription",
                resource.source_of(f"data_disks.{slot}"),
                resource.address,
                rule=Rule.COMBINATION,
            )
