"""Power operations for people and programs: what is asked, what became of each machine."""

from collections.abc import Iterator
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.power import Became, Powered, PowerPlan, PowerReport, Verb
from ecsplan.render.json_format import diagnostic_document
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.values import clean
from ecsplan.render.words import duration, members, plural

POWER_FORMAT = "ecsplan-power/v1"
MOST_NAMED = 20
_DONE = {Verb.START: "started", Verb.STOP: "stopped", Verb.REBOOT: "rebooted"}
_SERVED = {
    Verb.START: "takes requests again when it runs",
    Verb.STOP: "takes no new requests first",
    Verb.REBOOT: "takes no new requests first, and again when it runs",
}
_STYLES = {Became.DONE: "create", Became.FAILED: "danger", Became.SKIPPED: "update", Became.ALREADY: "dim"}


def asked_text(plan: PowerPlan, paint: Paint = unpainted) -> str:
    """What is about to happen, with all that should be known before."""
    order = plan.order
    how = [" by force"] if order.force else []
    how += [", in economical mode"] if order.stop_charging else []
    lines = [f"{paint('warning', 'update')}: {_warned(warning)}" for warning in plan.warnings]
    if plan.settled:
        lines.append(f"{_named(plan.settled)}: {_DONE[order.verb] if order.verb is Verb.STOP else 'running'} already")
    if plan.machines:
        lines.append(paint(f"{order.verb.value}{''.join(how)}: {_named(plan.machines)}", "bold"))
    if plan.in_service:
        lines.append(f"{_named(plan.in_service)}: {_SERVED[order.verb]}")
    return "\n".join(lines)


def _warned(warning: Diagnostic) -> str:
    place = f"  {warning.source.file}:{warning.source.line}" if warning.source else ""
    return f"{warning.address}: {warning.summary}{place}"


def _named(addresses: Any) -> str:
    found: list[Address] = list(addresses)
    return f"{members(found)} ({plural(len(found), 'machine')})" if len(found) > 1 else members(found)


def power_text(plan: PowerPlan, report: PowerReport, paint: Paint = unpainted) -> str:
    lines = [line for machine in report.machines for line in _failure(machine, paint)]
    return "\n".join([*lines, paint(_conclusion(plan, report), "bold")]) + "\n"


def _failure(machine: Powered, paint: Paint) -> Iterator[str]:
    if machine.became in (Became.FAILED, Became.SKIPPED):
        told = ": ".join(filter(None, (machine.code, clean(machine.message))))
        request = f" (request {machine.request_id})" if machine.request_id else ""
        word = paint(f"{machine.became.value:<7}", _STYLES[machine.became])
        yield f"{word} {machine.address}  {machine.id}  {told}{request}".rstrip()


def _conclusion(plan: PowerPlan, report: PowerReport) -> str:
    words = {Became.DONE: _DONE[plan.order.verb], Became.ALREADY: "needed nothing", Became.FAILED: "failed",
             Became.SKIPPED: "not finished"}  # fmt: skip
    counted = [f"{report.count(became):,} {word}" for became, word in words.items() if report.count(became)]
    took = f"{plural(report.calls, 'API call')} in {duration(report.seconds)}"
    return f"{', '.join(counted) or 'Nothing to do'}; {took}."


def power_document(plan: PowerPlan, report: PowerReport) -> dict[str, Any]:
    return {
        "format": POWER_FORMAT,
        "stack": plan.stack,
        "region": plan.region,
        "verb": plan.order.verb.value,
        "force": plan.order.force,
        "stop_charging": plan.order.stop_charging,
        "interrupted": report.interrupted,
        "calls": report.calls,
        "seconds": round(report.seconds, 3),
        "machines": [
            {
                "address": str(machine.address),
                "id": machine.id,
                "result": machine.became.value,
                "before": machine.before,
                "status": machine.status or None,
                "code": machine.code or None,
                "message": machine.message or None,
                "request_id": machine.request_id,
            }
            for machine in report.machines
        ],
        "warnings": [diagnostic_document(warning) for warning in plan.warnings],
    }
