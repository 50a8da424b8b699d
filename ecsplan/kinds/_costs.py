"""The price items of a change, before and after it. Values for pricing/; sources: DescribePrice,
DescribeInstanceModificationPrice, DescribeRenewalPrice (ECS 2014-05-26).

Disks inside a machine are priced by the slots that the file declares, a subscription with all that is sold with it.
"""

from collections.abc import Callable
from typing import Any

from ecsplan.kinds import _disks
from ecsplan.kinds import _machine as machine
from ecsplan.kinds._disk_rows import data_of, of_itself, system_of
from ecsplan.model.algebra import Values, fields, whole
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.disk import LiveDisk
from ecsplan.model.price import Cost, PricedDisk, PricedMachine, PricedRenewal, PricedTraffic, PricedUpgrade

NOTHING = Cost()
_MAKES = (Action.CREATE, Action.REPLACE)
_GOES = (Action.DELETE, Action.REPLACE)
SPOT = "a spot price, as it is today"
SPOT_LIMIT = "a spot price, as it is today; at most {} an hour"
ECONOMICAL = "stopped with StopCharging: its disks are paid for, its vCPUs and memory are not"
TRAFFIC = "traffic: by use, per GB"
REFUND = "what is left of the subscription: given back as billing sets it"
DISK_TERM = "the subscription of a data disk, for what is left of that of its machine: billing sets it"
SMALLEST = 20  # GiB of a system disk whose size is not declared


def by_use(what: str) -> Callable[[Change], Cost]:
    """For what is paid by use: how much that will be, nobody can tell."""

    def cost(change: Change) -> Cost:
        is_paid = change.action in (Action.CREATE, Action.REPLACE, Action.DELETE)
        return Cost(unpriced=(what,)) if is_paid else NOTHING

    return cost


def of_eip(change: Change) -> Cost:
    """The ECS API has no price of an EIP."""
    paid = ("charge_type", "bandwidth")
    if change.action not in (*_MAKES, *_GOES) and not any(name in change.attributes_by_name for name in paid):
        return NOTHING
    if _net(change).get("subscription"):
        return Cost(unpriced=("the subscription of an Elastic IP address: it has no price in the ECS API",))
    by_traffic = _net(change).get("charge_type") == "PayByTraffic"
    return Cost(
        unpriced=("the Elastic IP address: it has no price in the ECS API", *((TRAFFIC,) if by_traffic else ()))
    )


def of_disk(change: Change) -> Cost:
    disk = change.fact(of_itself)
    if "subscription" in change.attributes_by_name or (change.action in _MAKES and change.desired("subscription")):
        return Cost(unpriced=(DISK_TERM,))
    if disk.paid_until:
        changed = any(name in change.attributes_by_name for name in ("size", "category", "performance_level"))
        return Cost(unpriced=("a subscription disk: billing sets what a change costs",)) if changed else NOTHING
    before = (_live_disk(disk),) if disk.id and change.action in (*_GOES, Action.UPDATE) else ()
    if change.action in _MAKES and change.after is not None:
        return Cost(before, (_disk(change.after.attributes),))
    if change.action is Action.DELETE:
        return Cost(before)
    after = tuple(_disk({**_members(one), **_changed(change)}) for one in before)
    return Cost(before, after) if after != before else NOTHING


def of_instance(change: Change) -> Cost:
    before = _live_machine(change) if change.before is not None else None
    if change.action in _MAKES and change.after is not None:
        made = _made(change.after.attributes)
        gone = (before,) if before is not None else ()
        return replace(made, before=gone, notes=(*made.notes, *_refund(before)))
    if before is None or change.action not in (Action.DELETE, Action.UPDATE, Action.MOVE, Action.ADOPT):
        return NOTHING
    if change.action is Action.DELETE:
        return Cost((before,), notes=_refund(before))
    return _updated(change, before)


def _refund(before: PricedMachine | None) -> tuple[str, ...]:
    return (REFUND,) if before is not None and before.charge_type == "PrePaid" else ()


def _made(found: Values) -> Cost:
    machine = _declared_machine(found)
    due = (machine,) if machine.charge_type == "PrePaid" else ()
    is_off = found.get("state") == "stopped" and found.get("stopped_mode") == "StopCharging" and not due
    limit = found.get("spot.price_limit")
    notes: tuple[str, ...] = (SPOT_LIMIT.format(limit) if limit else SPOT,) if machine.spot != "NoSpot" else ()
    notes += (ECONOMICAL,) if is_off else ()
    traffic = _traffic(found)
    then = (PricedTraffic(),) if traffic else ()
    return Cost((), (replace(machine, off=is_off),), due, then, traffic, notes)


def _traffic(found: Values) -> tuple[str, ...]:
    is_open = bool(found.get("internet.max_bandwidth_out"))
    by_traffic = found.get("internet.charge_type", "PayByTraffic") == "PayByTraffic"
    return (TRAFFIC,) if is_open and by_traffic else ()


def _updated(change: Change, before: PricedMachine) -> Cost:
    changed = change.attributes_by_name
    after = _after(change, before)
    unpriced = _traffic(_net(change)) if "internet.max_bandwidth_out" in changed else ()
    unpriced += (DISK_TERM,) if _changes_terms(change) else ()
    then = (*_renewals(change, after), *((PricedTraffic(),) if unpriced else ()))
    if after == before:
        return Cost(unpriced=unpriced, then=then, notes=_power(change))
    due: tuple[PricedMachine | PricedUpgrade, ...] = ()
    notes = (*_said(after), *_power(change))
    if before.charge_type == "PostPaid" and after.charge_type == "PrePaid":
        due = (after,)
    elif before.charge_type == "PrePaid" and after.charge_type == "PostPaid":
        notes += (REFUND,)
    elif before.charge_type == "PrePaid":
        new = tuple(disk for disk in after.disks if disk not in before.disks)
        kind = after.instance_type if after.instance_type != before.instance_type else ""
        due = (PricedUpgrade(change.id_text, before, kind, new),) if kind or new else ()
        if after.system != before.system or after.bandwidth != before.bandwidth:
            unpriced += ("the system disk or bandwidth of a subscription: billing sets what a change costs",)
    return Cost((before,), (after,), due, then, unpriced, notes)


def _changes_terms(change: Change) -> bool:
    """Whether a data disk that stays becomes a subscription, or ends being one."""
    line = change.attributes_by_name.get("data_disks")
    live = fields(line.before if line is not None else None)
    wanted = fields(line.after if line is not None else None)
    asked = ((fields(live[slot]), fields(wanted[slot]).get("subscription")) for slot in live.keys() & wanted.keys())
    return any(term is not None and term != before.get("subscription") for before, term in asked)


def _net(change: Change) -> Values:
    live = change.before.attributes if change.before is not None else {}
    return {**live, **(change.after.attributes if change.after is not None else {})}


def _said(machine: PricedMachine) -> tuple[str, ...]:
    """What a machine is, where its price is not that of one that runs on demand."""
    return (*((SPOT,) if machine.spot != "NoSpot" else ()), *((ECONOMICAL,) if machine.off else ()))


def _power(change: Change) -> tuple[str, ...]:
    state = change.attributes_by_name.get("state")
    if state is not None and state.after == "stopped" and change.desired("stopped_mode") != "StopCharging":
        return ("stopped, and paid for as before (KeepCharging)",)
    return ()


def _renewals(change: Change, machine: PricedMachine) -> tuple[PricedRenewal, ...]:
    """What it will be renewed for, where the file changes that."""
    line = change.attributes_by_name.get("renewal.status")
    names = ("renewal.period", "renewal.period_unit")
    is_on = line.after == "AutoRenewal" if line is not None else change.desired("renewal.status") == "AutoRenewal"
    if not is_on or (line is None and not any(name in change.attributes_by_name for name in names)):
        return ()
    period, unit = whole(change.desired("renewal.period")) or 1, change.desired("renewal.period_unit") or "Month"
    return (PricedRenewal(change.id_text, machine, period, str(unit)),)


def _after(change: Change, before: PricedMachine) -> PricedMachine:
    """The machine with what changes of it."""
    now = {name: line.after for name, line in change.attributes_by_name.items()}
    system = before.system
    for name, field in (("category", "category"), ("size", "size"), ("performance_level", "level"),
                        ("provisioned_iops", "iops")):  # fmt: skip
        if now.get(f"system_disk.{name}") is not None:
            changed: dict[str, Any] = {field: now[f"system_disk.{name}"]}
            system = replace(system, **changed)
    found = replace(before, system=system, instance_type=str(now.get("instance_type") or before.instance_type))
    if "data_disks" in now:
        found = replace(found, disks=tuple(_disk(fields(disk)) for disk in fields(now["data_disks"]).values()))
    if "internet.max_bandwidth_out" in now or "internet.charge_type" in now:
        found = replace(found, bandwidth=_bandwidth(_net(change)))
    if "charge_type" in now:
        found = replace(found, charge_type=str(now["charge_type"]), period=whole(change.desired("period")) or 1,
                        unit=str(change.desired("period_unit") or "Month"))  # fmt: skip
    if "state" in now:
        is_off = now["state"] == "stopped" and change.desired("stopped_mode") == "StopCharging"
        found = replace(found, off=is_off and before.charge_type == "PostPaid")
    return found


def _declared_machine(found: Values) -> PricedMachine:
    image, spot = found.get("image"), str(found.get("spot.strategy") or "NoSpot")
    system = {name: found.get(f"system_disk.{name}") for name in ("category", "size", "performance_level")}
    return PricedMachine(
        str(found.get("instance_type")),
        image if isinstance(image, str) and not image.startswith("family:") else "",
        replace(_disk(system), size=whole(found.get("system_disk.size")) or SMALLEST),
        tuple(_disk(fields(disk)) for disk in fields(found.get("data_disks")).values()),
        _bandwidth(found),
        str(found.get("charge_type") or "PostPaid"),
        whole(found.get("period")) or 1 if found.get("charge_type") == "PrePaid" else 1,
        str(found.get("period_unit") or "Month") if found.get("charge_type") == "PrePaid" else "Month",
        spot,
        str(found.get("zone") or "") if spot != "NoSpot" else "",
    )


def _live_machine(change: Change) -> PricedMachine:
    assert change.before is not None
    live, spot = change.before, change.fact(machine.spot)
    is_changing = "data_disks" in change.attributes_by_name
    if is_changing:
        disks = tuple(_disk(fields(disk)) for disk in fields(change.attributes_by_name["data_disks"].before).values())
    else:
        disks = tuple(_live_disk(disk) for disk in live.fact(data_of) if disk.goes_along)
    return PricedMachine(
        live.fact(machine.instance_type),
        live.fact(machine.image),
        _live_disk(live.fact(system_of)),
        disks,
        _bandwidth(live.attributes),
        "PrePaid" if live.fact(machine.is_subscription) else "PostPaid",
        spot=spot,
        zone=live.fact(machine.zone) if spot != "NoSpot" else "",
        off=live.status == "Stopped" and live.fact(machine.stops_charging),
    )


def _bandwidth(found: Values) -> int:
    by_bandwidth = found.get("internet.charge_type") == "PayByBandwidth"
    return whole(found.get("internet.max_bandwidth_out")) if by_bandwidth else 0


def _disk(found: Values) -> PricedDisk:
    category = str(found.get("category") or _disks.DEFAULT)
    level = str(found.get("performance_level") or "PL1") if category == "cloud_essd" else ""
    return PricedDisk(category, whole(found.get("size")) or SMALLEST, level, whole(found.get("provisioned_iops")))


def _live_disk(disk: LiveDisk | None) -> PricedDisk:
    if disk is None:
        return PricedDisk(_disks.DEFAULT, 0, "", 0)
    return PricedDisk(disk.category or _disks.DEFAULT, disk.size or 0, disk.level, disk.iops)


def _members(disk: PricedDisk) -> dict[str, Any]:
    return {"category": disk.category, "size": disk.size, "performance_level": disk.level,
            "provisioned_iops": disk.iops}  # fmt: skip


def _changed(change: Change) -> dict[str, Any]:
    return {name: line.after for name, line in change.attributes_by_name.items()}
