"""How a machine is paid: its charge type, term and renewal, and when it is released by itself."""

from __future__ import annotations

from ecsplan.emulator import limits
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_minutes
from ecsplan.emulator.wire import Refusal, invalid, missing

WEEK, MONTH = 7 * 86400, 30 * 86400
UNITS = {"Week": WEEK, "Month": MONTH, "Year": 12 * MONTH}


def terms(call: Call) -> Body:
    charge = call.choice("InstanceChargeType", "PostPaid", "PrePaid", default="PostPaid")
    data: Body = {"InstanceChargeType": charge, "DeletionProtection": bool(call.get("DeletionProtection"))}
    release = call.get("AutoReleaseTime")
    if charge == "PrePaid":
        if data["DeletionProtection"] or release is not None:
            raise Refusal(403, "ChargeTypeViolation", "Protection and release time are for pay-as-you-go instances.")
        data["ExpiredTime"] = to_minutes(call.now + length(call))
        data["AutoRenew"] = bool(call.get("AutoRenew"))
        data["AutoRenewPeriod"] = call.get("AutoRenewPeriod", 1)
        data["AutoRenewUnit"] = call.get("PeriodUnit", "Month")
        if data["AutoRenew"] or call.get("AutoRenewPeriod") is not None:
            code = "InvalidAutoRenewPeriod.ValueNotSupported"
            check_renewal(data["AutoRenewPeriod"], data["AutoRenewUnit"], "AutoRenewPeriod", code)
    if release is not None:
        data["AutoReleaseTime"] = check_release_time(call, release)
    return data


def length(call: Call) -> float:
    """Seconds of a subscription: Period in PeriodUnit, from the documented list."""
    unit, period = call.choice("PeriodUnit", *UNITS, default="Month"), call.get("Period")
    if period is None:
        raise missing("Period")
    if period not in limits.PERIODS[unit]:
        raise invalid("Period", f"In {unit} it is one of {limits.PERIODS[unit]}.", "InvalidPeriod")
    return float(period * UNITS[unit])


def check_renewal(period: int, unit: str, parameter: str, code: str = "") -> None:
    if period not in limits.RENEWALS[unit]:
        raise invalid(parameter, f"In {unit} it is one of {limits.RENEWALS[unit]}.", code or f"Invalid{parameter}")


def check_release_time(call: Call, text: str) -> str:
    """At least half an hour and at most three years ahead; kept to the minute."""
    moment = parse_time(text)
    soonest = call.now + limits.SOONEST_RELEASE - 60  # its seconds are cut off
    if moment is None or not soonest <= moment <= call.now + limits.LATEST_RELEASE:
        raise invalid("AutoReleaseTime", code="InvalidAutoReleaseTime.Malformed")
    return to_minutes(moment)
