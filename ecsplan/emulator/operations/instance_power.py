"""Start, stop, reboot and release, one by one or up to a hundred at once."""

from __future__ import annotations

from collections.abc import Callable

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations import _shared_disks as shared
from ecsplan.emulator.operations._disks import disks_of
from ecsplan.emulator.operations._interfaces import interfaces_of
from ecsplan.emulator.operations._ipv6 import addresses6, check_private
from ecsplan.emulator.operations.disks import detached
from ecsplan.emulator.operations.eips import unbound
from ecsplan.emulator.operations.instances import NOT_FOUND, require_instance, require_status
from ecsplan.emulator.wire import Refusal, not_found

Act = Callable[[Call, Thing], None]


def start(call: Call, instance: Thing) -> None:
    require_status(instance, "Stopped")
    for disk in disks_of(call.account, instance.id):
        if disk.status not in ("In_use", "Creating"):
            raise Refusal(403, "DiskError", f"IncorrectDiskStatus: the disk {disk.id} is {disk.status}.")
    type_id, zone = instance["InstanceType"], instance["ZoneId"]
    if call.sold_out.has_no_type(type_id, zone) and instance.get("StoppedMode") == "StopCharging":
        raise Refusal(403, "OperationDenied.NoStock", f"{type_id} is sold out in {zone}.")
    call.account.change(instance, Status="Starting", StoppedMode=None)
    call.in_settle(instance, "instance_started", Status="Running")


def stop(call: Call, instance: Thing) -> None:
    require_status(instance, "Running")
    mode = call.choice("StoppedMode", "StopCharging", "KeepCharging", "Not-applicable")
    can_save = _can_save(instance)
    if mode == "StopCharging" and instance["InstanceChargeType"] == "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", f"The instance {instance.id} is a subscription.")
    if mode is None:
        mode = "StopCharging" if call.settings.economical_mode and can_save else "KeepCharging"
    elif mode == "StopCharging" and not can_save:
        mode = "KeepCharging"
    call.account.change(instance, Status="Stopping", StoppedMode=None if mode == "Not-applicable" else mode)
    call.in_settle(instance, "instance_stopped", 0.5 if call.get("ForceStop") else 1.0, Status="Stopped")


def _can_save(instance: Thing) -> bool:
    """StopInstance: the economical mode is for pay-as-you-go machines in a VPC without local disks."""
    record = catalogue.instance_type(instance["InstanceType"]) or {}
    return instance["InstanceChargeType"] == "PostPaid" and "VpcId" in instance.data and not record.get("local_storage")


@effect("instance_stopped")
def stopped(lifecycle: Lifecycle, instance: Thing, now: float) -> None:
    """In the economical mode the capacity is given back, and the static public address with it."""
    if instance.get("StoppedMode") == "StopCharging" and instance.get("PublicIp"):
        lifecycle.account.change(instance, PublicIp=None, GaveUpAddress=True)


def reboot(call: Call, instance: Thing) -> None:
    require_status(instance, "Running")
    call.account.change(instance, Status="Stopping")
    call.in_settle(instance, share=0.4, Status="Starting")
    call.in_settle(instance, "instance_started", Status="Running")


def check_release(call: Call, instance: Thing) -> None:
    if instance["DeletionProtection"]:
        raise Refusal(
            403, "InvalidOperation.DeletionProtection", f"The instance {instance.id} is protected from being released."
        )
    if instance["InstanceChargeType"] == "PrePaid":
        raise Refusal(
            403, "ChargeTypeViolation", f"The instance {instance.id} is a subscription until {instance['ExpiredTime']}."
        )
    going = [eni for eni in interfaces_of(call.account, instance.id) if _goes_along(eni)]
    for eni in going:
        check_private(call.account, eni)
    if any(call.account.how_many("routeentry", "NextHopId", hop.id) for hop in (instance, *going)):
        raise Refusal(403, "DependencyViolation.RouteEntry", f"A route points at the instance {instance.id}.")
    require_status(instance, *(("Running", "Stopped") if call.get("Force") else ("Stopped",)))


def _goes_along(eni: Thing) -> bool:
    return bool(eni["DeleteOnRelease"]) or eni["Type"] == "Primary"


def release(call: Call, instance: Thing) -> None:
    """A running machine is powered off first (or shut down, with ForceStop=false); it is seen until it is gone."""
    check_release(call, instance)
    running = instance.status == "Running"
    call.lifecycle.cancel(instance)
    call.account.change(instance, Releasing=True, Status="Stopping" if running else "Stopped")
    call.in_settle(instance, "instance_released", 1.0 if running else 0.5)


@effect("instance_auto_released")
def auto_released(lifecycle: Lifecycle, instance: Thing, now: float) -> None:
    """AutoReleaseTime: protection guards against people, not against the clock."""
    lifecycle.cancel(instance)
    released(lifecycle, instance, now)


@effect("instance_released")
def released(lifecycle: Lifecycle, instance: Thing, now: float) -> None:
    """What goes with it goes, the rest is let go of."""
    account = lifecycle.account
    for disk in disks_of(account, instance.id):
        lifecycle.cancel(disk)
        if disk["DeleteWithInstance"]:
            account.remove(disk)
        else:
            detached(lifecycle, disk, now)
            account.change(disk, DiskChargeType="PostPaid", ExpiredTime=None)
    for attachment in shared.attachments_on(account, instance.id):
        lifecycle.cancel(attachment)
        shared.left(lifecycle, attachment, now)
    for eni in interfaces_of(account, instance.id):
        lifecycle.cancel(eni)
        if _goes_along(eni):
            for address in addresses6([eni]):
                if (bandwidth := address.bandwidth(account)) is not None:
                    account.remove(bandwidth)
            _no_routes(lifecycle, eni)
            _let_go(lifecycle, eni, now)
        else:
            account.change(eni, InstanceId=None, Status="Available")
    for eip in account.where("eip", "InstanceId", instance.id):
        lifecycle.cancel(eip)
        unbound(lifecycle, eip, now)
    _no_routes(lifecycle, instance)
    account.remove(instance)


def _no_routes(lifecycle: Lifecycle, hop: Thing) -> None:
    """Only what goes by the clock can still have routes; they go too."""
    for route in lifecycle.account.where("routeentry", "NextHopId", hop.id):
        lifecycle.cancel(route)
        lifecycle.account.remove(route)


def _let_go(lifecycle: Lifecycle, eni: Thing, now: float) -> None:
    """Interfaces of released machines may linger, and keep their vSwitch and groups from being deleted."""
    lag = lifecycle.patience.lag() if lifecycle.patience is not None else 0.0
    if lag:
        lifecycle.account.change(eni, InstanceId=None, Status="Deleting")
        lifecycle.schedule(eni, now + lag, "remove")
    else:
        lifecycle.account.remove(eni)


def _single(act: Act) -> Callable[[Call], Body]:
    def operation(call: Call) -> Body:
        act(call, require_instance(call))
        return {}

    return operation


def _batch(act: Act) -> Callable[[Call], Body]:
    """AllTogether: one refusal refuses all. SuccessFirst: each has its own result."""

    def operation(call: Call) -> Body:
        mode = call.choice("BatchOptimization", "AllTogether", "SuccessFirst", default="AllTogether")
        rows = []
        for place, id_ in enumerate(_ids(call)):
            try:
                if call.partial is not None and place >= call.partial:
                    raise Refusal(403, "OperationDenied.NoStock", "The instance could not be served.")
                rows.append(_carried_out(call, act, id_))
            except Refusal as refusal:
                if mode == "AllTogether":
                    raise
                rows.append({"InstanceId": id_, "Code": refusal.code, "Message": refusal.message})
        return {"InstanceResponses": {"InstanceResponse": rows}}

    return operation


def _ids(call: Call) -> list[str]:
    return list(dict.fromkeys(call.many("InstanceId", 100)))


def _carried_out(call: Call, act: Act, id_: str) -> Body:
    instance = call.require("instance", id_, NOT_FOUND, "InstanceId")
    before = instance.status
    act(call, instance)
    return {
        "InstanceId": id_,
        "Code": "200",
        "Message": "success",
        "PreviousStatus": before,
        "CurrentStatus": instance.status,
    }


def delete_instances(call: Call) -> Body:
    """All exist and may go, or none goes."""
    instances = []
    for id_ in _ids(call):
        instance = call.find("instance", id_)
        if instance is None:
            raise not_found("InvalidInstanceIds.NotFound", "InstanceId", id_)
        instances.append(instance)
    for instance in instances:
        release(call, instance)
    return {}


ECS = {
    "StartInstance": _single(start),
    "StopInstance": _single(stop),
    "RebootInstance": _single(reboot),
    "DeleteInstance": _single(release),
    "StartInstances": _batch(start),
    "StopInstances": _batch(stop),
    "RebootInstances": _batch(reboot),
    "DeleteInstances": delete_instances,
}
