"""How dedicated hosts are paid, and when they end."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_minutes
from ecsplan.emulator.operations._hosts import NOT_FOUND
from ecsplan.emulator.operations._terms import check_release_time
from ecsplan.emulator.operations.dedicated_hosts import end_at, host_ids, require_host
from ecsplan.emulator.operations.instance_billing import UNITS
from ecsplan.emulator.prices import order_id
from ecsplan.emulator.wire import Refusal, missing


def _hosts(call: Call, limit: int) -> list[Thing]:
    return [call.require("ddh", id_, NOT_FOUND, "DedicatedHostIds") for id_ in host_ids(call, limit) or []]


def _require_prepaid(host: Thing) -> None:
    if host["ChargeType"] != "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", f"The dedicated host {host.id} is not a subscription.")


def _length(call: Call) -> float:
    if call.get("Period") is None:
        raise missing("Period")
    return float(call.number("Period", 1, 60) * UNITS[call.choice("PeriodUnit", *UNITS, default="Month")])


def modify_auto_release_time(call: Call) -> Body:
    """An empty time takes the automatic release away."""
    host = require_host(call)
    if host["ChargeType"] == "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", "A subscription has no automatic release.")
    text = call.get("AutoReleaseTime")
    end_at(call, host, check_release_time(call, text) if text is not None else None)
    return {}


def modify_auto_renew_attribute(call: Call) -> Body:
    status = call.choice("RenewalStatus", "AutoRenewal", "Normal", "NotRenewal")
    if status is None:
        status = "AutoRenewal" if call.get("AutoRenew") else "Normal"
    unit = call.choice("PeriodUnit", *UNITS, default="Month")
    for host in _hosts(call, 100):
        _require_prepaid(host)
        call.account.change(
            host, RenewalStatus=status, Duration=call.get("Duration", 1), RenewUnit=unit,
            AutoRenewWithEcs=call.get("AutoRenewWithEcs", "StopRenewWithEcs"),
        )  # fmt: skip
    return {}


def describe_auto_renew(call: Call) -> Body:
    rows = []
    for host in call.listed_by("ddh", host_ids(call, 100) or []):
        _require_prepaid(host)
        rows.append({
            "DedicatedHostId": host.id,
            "AutoRenewEnabled": host["RenewalStatus"] == "AutoRenewal",
            "AutoRenewWithEcs": host.get("AutoRenewWithEcs", "StopRenewWithEcs"),
            "RenewalStatus": host["RenewalStatus"],
            "Duration": host["Duration"],
            "PeriodUnit": host.get("RenewUnit", "Month"),
        })  # fmt: skip
    return {"DedicatedHostRenewAttributes": {"DedicatedHostRenewAttribute": rows}}


def renew_dedicated_hosts(call: Call) -> Body:
    length = _length(call)
    for host in _hosts(call, 100):
        _require_prepaid(host)
        end = parse_time(host["ExpiredTime"]) or call.now
        call.account.change(host, ExpiredTime=to_minutes(end + length))
    return {"OrderId": order_id(call)}


def modify_charge_type(call: Call) -> Body:
    """All of them, or none."""
    target = call.choice("DedicatedHostChargeType", "PrePaid", "PostPaid", default="PrePaid")
    hosts, length = _hosts(call, 20), _length(call) if target == "PrePaid" else 0.0
    for host in hosts:
        if host["ChargeType"] == target:
            raise Refusal(403, "ChargeTypeViolation", f"The dedicated host {host.id} is {target} already.")
    for host in hosts:
        changes: Body = {"ChargeType": target, "ExpiredTime": None, "SaleCycle": None}
        if target == "PrePaid":
            changes = {
                "ChargeType": target,
                "ExpiredTime": to_minutes(call.now + length),
                "SaleCycle": call.get("PeriodUnit", "Month"),
                "RenewalStatus": "Normal",
                "Duration": 1,
            }
            end_at(call, host, None)
        call.account.change_all(host, changes)
    fees = [{"InstanceId": host.id, "Currency": "CNY", "Fee": "0.00"} for host in hosts if call.get("DetailFee")]
    return {"OrderId": order_id(call), "FeeOfInstances": {"FeeOfInstance": fees}}


ECS = {
    "ModifyDedicatedHostAutoReleaseTime": modify_auto_release_time,
    "ModifyDedicatedHostAutoRenewAttribute": modify_auto_renew_attribute,
    "DescribeDedicatedHostAutoRenew": describe_auto_renew,
    "RenewDedicatedHosts": renew_dedicated_hosts,
    "ModifyDedicatedHostsChargeType": modify_charge_type,
}
