"""RunInstances: up to a hundred alike machines in one call."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_minutes
from ecsplan.emulator.lifecycle import Lifecycle, effect
from ecsplan.emulator.operations._launch import Order, check_order, make_instance
from ecsplan.emulator.operations._network import public_address
from ecsplan.emulator.operations._templates import fill_from_template
from ecsplan.emulator.prices import HOURS, SUBSCRIPTION, bandwidth_price, disk_price, instance_price, order_id, trade
from ecsplan.emulator.wire import Refusal, invalid

NO_ADDRESS = "QuotaExceeded.PrivateIpAddress"


def run_instances(call: Call) -> Body:
    fill_from_template(call)
    amount = call.number("Amount", 1, 100, 1)
    least = call.number("MinAmount", 1, 100)
    if least is not None and least > amount:
        raise invalid("MinAmount", "It is at most Amount.", "InvalidMinAmount.ValueNotSupported")
    if call.params.get("DryRun") and amount != 1:
        raise Refusal(403, "DryRun.InvalidAmount", "A dry run takes one instance.")
    order = check_order(call, amount)
    made = min(amount, call.partial) if call.partial is not None and least is not None else amount
    if least is not None and made < least:
        raise Refusal(403, "OperationDenied.NoStock", f"Fewer than MinAmount={least} could be made.")
    ids = []
    for index in range(made):
        try:
            instance = make_instance(call, order, index, amount)
        except Refusal as refusal:
            # The address is the first thing that a machine takes: without one there is nothing to undo.
            if least is None or index < least or refusal.code != NO_ADDRESS:
                raise
            break
        if instance["InternetMaxBandwidthOut"] > 0:
            call.account.change(instance, PublicIp=public_address(call.account))
        call.in_settle(instance, share=0.4, Status="Starting")
        call.in_settle(instance, "instance_started", Status="Running")
        schedule_release(call, instance)
        ids.append(instance.id)
    return {"InstanceIdSets": {"InstanceIdSet": ids}, **bill(call, order, len(ids))}


def bill(call: Call, order: Order, amount: int) -> Body:
    """The invented price: of an hour, or of the whole term, which has an order id too."""
    hour = instance_price(order.type_record["id"])
    for spec in (order.system, *(spec for spec, _ in order.disks)):
        hour += disk_price(spec.category, spec.level, spec.size)
    hour += bandwidth_price(call.get("InternetChargeType", "PayByTraffic"), call.get("InternetMaxBandwidthOut", 0))
    if call.get("InstanceChargeType") != "PrePaid":
        return {"TradePrice": trade(hour * amount)}
    hours = HOURS[call.get("PeriodUnit", "Month")] * call.get("Period", 1) * SUBSCRIPTION
    return {"TradePrice": trade(hour * hours * amount), "OrderId": order_id(call)}


def schedule_release(call: Call, instance: Thing) -> None:
    """AutoReleaseTime comes by itself, whatever status the instance is in."""
    moment = parse_time(instance.get("AutoReleaseTime", ""))
    if moment is not None:
        call.lifecycle.schedule(instance, moment, "instance_auto_released")


@effect("instance_started")
def started(lifecycle: Lifecycle, instance: Thing, now: float) -> None:
    changes: Body = {"StartTime": to_minutes(now), "StartedAt": now}
    if instance["InternetMaxBandwidthOut"] > 0 and instance.get("GaveUpAddress"):
        changes |= {"PublicIp": public_address(lifecycle.account), "GaveUpAddress": None}
    lifecycle.account.change_all(instance, changes)


ECS = {"RunInstances": run_instances}
