"""How instances are paid, and when they end: charge type, renewal, automatic release, subscription changes."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_minutes
from ecsplan.emulator.operations import _terms
from ecsplan.emulator.operations._disks import disks_of
from ecsplan.emulator.operations._launch import require_real_name
from ecsplan.emulator.operations.instance_changes import set_type
from ecsplan.emulator.operations.instances import NOT_FOUND, require_instance, require_status
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.prices import instance_price, order_id
from ecsplan.emulator.wire import Refusal, invalid, missing

UNITS = _terms.UNITS
PAUSE = 300.0  # seconds between two changes of how one disk is paid


def modify_instance_charge_type(call: Call) -> Body:
    """Up to 20 at once, all or none."""
    target = call.choice("InstanceChargeType", "PrePaid", "PostPaid", default="PrePaid")
    require_real_name(call)
    ids = call.ids("InstanceIds", 20) or []
    instances = [call.require("instance", id_, NOT_FOUND, "InstanceId") for id_ in ids]
    length = _terms.length(call) if target == "PrePaid" else 0.0
    for instance in instances:
        require_status(instance, "Running", "Stopped")
        if instance["InstanceChargeType"] == target:
            raise Refusal(403, "InvalidInstanceChargeType.ValueNotSupported", f"{instance.id} is {target} already.")
        if instance.get("SpotStrategy", "NoSpot") != "NoSpot":
            raise Refusal(403, "InvalidInstanceType.Spot", f"{instance.id} is a spot instance.")
        if instance.get("AutoReleaseTime"):
            raise Refusal(400, "ReleaseTimeHaveBeenSet", f"{instance.id} has a release time: cancel it first.")
    for instance in instances:
        _charge(call, instance, target, length)
    fees = [
        {"InstanceId": i.id, "Currency": "CNY", "Fee": f"{instance_price(i['InstanceType']):.2f}"} for i in instances
    ]
    return {"OrderId": order_id(call), "FeeOfInstances": {"FeeOfInstance": fees if call.get("IsDetailFee") else []}}


def _charge(call: Call, instance: Thing, target: str, length: float) -> None:
    end = to_minutes(call.now + length) if target == "PrePaid" else None
    changes: Body = {"InstanceChargeType": target, "ExpiredTime": end}
    if target == "PrePaid":
        changes["DeletionProtection"] = False
    call.account.change_all(instance, changes)
    for disk in disks_of(call.account, instance.id):
        if disk["Type"] == "system" or call.get("IncludeDataDisks") or target == "PostPaid":
            portable = disk["Type"] != "system" and target == "PostPaid"
            call.account.change(disk, DiskChargeType=target, ExpiredTime=end, Portable=portable)


def _cancel_release(call: Call, instance: Thing) -> None:
    """An automatic release is the only thing scheduled far ahead; transitions in course go on."""
    kept = [item for item in instance.pending if item[2] != "instance_auto_released"]
    if len(kept) != len(instance.pending):
        call.account.set_pending(instance, kept)


def modify_instance_auto_release_time(call: Call) -> Body:
    """An empty time takes the automatic release away."""
    instance = require_instance(call)
    if instance["InstanceChargeType"] == "PrePaid":
        raise Refusal(403, "InvalidInstanceChargeType.ValueNotSupported", "A subscription has no automatic release.")
    text = call.get("AutoReleaseTime")
    when = _terms.check_release_time(call, text) if text is not None else None
    _cancel_release(call, instance)
    call.account.change(instance, AutoReleaseTime=when)
    if when is not None:
        call.lifecycle.schedule(instance, parse_time(when) or call.now, "instance_auto_released")
    return {}


def modify_instance_auto_renew_attribute(call: Call) -> Body:
    unit = call.choice("PeriodUnit", *UNITS, default="Month")
    status = call.choice("RenewalStatus", "AutoRenewal", "Normal", "NotRenewal")
    if status is None:
        status = "AutoRenewal" if call.get("AutoRenew") else "Normal"
    for id_ in call.commas("InstanceId", 100) or []:
        instance = call.require("instance", id_, NOT_FOUND, "InstanceId")
        _require_prepaid(instance)
        _require_billed(call, instance)
        if status == "AutoRenewal":
            _terms.check_renewal(call.get("Duration", 1), unit, "Duration")
        call.account.change(instance, RenewalStatus=status, AutoRenewPeriod=call.get("Duration", 1), AutoRenewUnit=unit)
    return {}


def _require_prepaid(instance: Thing) -> None:
    if instance["InstanceChargeType"] != "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", f"The instance {instance.id} is not a subscription.")


def _require_billed(call: Call, instance: Thing) -> None:
    """What was bought or switched a moment ago has not come to the renewal service yet."""
    if call.lagging(instance, "billing"):
        raise Refusal(403, "ChargeTypeViolation", f"The billing method of {instance.id} is being changed.")


def describe_instance_auto_renew_attribute(call: Call) -> Body:
    ids, status = call.commas("InstanceId", 100), call.choice("RenewalStatus", "AutoRenewal", "Normal", "NotRenewal")
    if ids is None and status is None:
        raise missing("InstanceId")
    instances = call.listed("instance") if ids is None else call.listed_by("instance", ids)
    if ids is not None:
        for instance in instances:
            _require_prepaid(instance)
            # The official provider meets this for minutes; one young machine spoils the answer for all.
            if instance.get("StartedAt", 0.0) + call.settings.young_renewal > call.now:
                raise invalid("InstanceId", f"{instance.id} has just been started.")
    wanted = [i for i in instances if i["InstanceChargeType"] == "PrePaid" and status in (None, _renewal(i))]
    return by_number(call, wanted, _renewal_row, ("InstanceRenewAttributes", "InstanceRenewAttribute"), 100)


def _renewal(instance: Thing) -> str:
    return str(instance.get("RenewalStatus", "AutoRenewal" if instance.get("AutoRenew") else "Normal"))


def _renewal_row(call: Call, instance: Thing) -> Body:
    """Years are shown as months."""
    years = instance.get("AutoRenewUnit") == "Year"
    return {
        "InstanceId": instance.id,
        "AutoRenewEnabled": _renewal(instance) == "AutoRenewal",
        "RenewalStatus": _renewal(instance),
        "Duration": instance.get("AutoRenewPeriod", 1) * (12 if years else 1),
        "PeriodUnit": "Month" if years else instance.get("AutoRenewUnit", "Month"),
    }


def modify_prepay_instance_spec(call: Call) -> Body:
    """Up while running (it counts from the next start); down only when stopped, and when it is said."""
    instance = require_instance(call)
    _require_prepaid(instance)
    old, new = instance_price(instance["InstanceType"]), instance_price(call.need("InstanceType"))
    usual = "downgrade" if new < old and not call.settings.downgrade_is_said else "upgrade"
    how = call.choice("OperatorType", "upgrade", "downgrade", default=usual)
    require_status(instance, *(("Stopped",) if how == "downgrade" else ("Running", "Stopped")))
    if (new < old) != (how == "downgrade") and new != old:
        raise invalid("OperatorType", f"This change is no {how}.", "InvalidOperatorType")
    set_type(call, instance, call.need("InstanceType"))
    return {"OrderId": order_id(call)}


def renew_instance(call: Call) -> Body:
    instance = require_instance(call)
    _require_prepaid(instance)
    end = parse_time(instance["ExpiredTime"]) or call.now
    call.account.change(instance, ExpiredTime=to_minutes(end + _terms.length(call)))
    return {"OrderId": order_id(call)}


def modify_disk_charge_type(call: Call) -> Body:
    """Of data disks that are attached to a subscription instance; each once in five minutes, and never a shared one."""
    instance = require_instance(call)
    _require_prepaid(instance)
    if (parse_time(instance["ExpiredTime"]) or call.now) < call.now:
        raise Refusal(403, "InstanceExpiredOrInArrears", f"The instance {instance.id} has expired.")
    target = call.choice("DiskChargeType", "PrePaid", "PostPaid", default="PrePaid")
    disks: list[Thing] = []
    for id_ in call.ids("DiskIds", 16) or []:
        disk = call.require("disk", id_, "InvalidDiskId.NotFound", "DiskId")
        if disk.get("MultiAttach") == "Enabled":
            raise Refusal(403, "InvalidOperation.MultiAttachDisk", f"The disk {id_} is pay-as-you-go for good.")
        if disk.get("InstanceId") != instance.id or disk["Type"] == "system":
            raise Refusal(403, "InvalidDiskId.NotAttached", f"The disk {id_} is no data disk of {instance.id}.")
        if disk.get("ChargedUntil", 0.0) > call.now:
            raise Refusal(403, "OperationConflict", f"The disk {id_} was changed less than five minutes ago.")
        disks.append(disk)
    for disk in disks:
        end = instance["ExpiredTime"] if target == "PrePaid" else None
        changes: Body = {"DiskChargeType": target, "Portable": target == "PostPaid", "ExpiredTime": end}
        call.account.change_all(disk, changes | {"ChargedUntil": call.now + PAUSE})
    return {"OrderId": order_id(call)}


ECS = {
    "ModifyInstanceChargeType": modify_instance_charge_type,
    "ModifyInstanceAutoReleaseTime": modify_instance_auto_release_time,
    "ModifyInstanceAutoRenewAttribute": modify_instance_auto_renew_attribute,
    "DescribeInstanceAutoRenewAttribute": describe_instance_auto_renew_attribute,
    "ModifyPrepayInstanceSpec": modify_prepay_instance_spec,
    "RenewInstance": renew_instance,
    "ModifyDiskChargeType": modify_disk_charge_type,
}
