"""Putting disks back, for people and programs: what is lost and what stops, what became of each disk and machine."""

from collections.abc import Iterator
from typing import Any

from ecsplan.model.power import Became, Powered
from ecsplan.model.reinit import Disk, Host, PutBack, ReinitPlan, ReinitReport
from ecsplan.render.json_format import diagnostic_document
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.report import snapshot_lines
from ecsplan.render.values import clean
from ecsplan.render.words import duration, members, plural

REINIT_FORMAT = "ecsplan-reinit/v1"


def asked_text(plan: ReinitPlan, paint: Paint = unpainted) -> str:
    """What is about to be lost and on which machine, and what stops and starts."""
    lines = [f"{paint('warning', 'update')}: {found.address}: {found.summary}" for found in plan.warnings]
    word = "roll back" if plan.snapshot else "reinit"
    for disk in plan.disks:
        kept = plan.kept.get(disk.id)
        first = f"; {kept.note}" if kept is not None else ""
        lost = paint(f"all data on it ({disk.size or '?'} GiB) is lost", "danger")
        lines.append(
            f"{paint(f'{word} {disk}', 'bold')}  {disk.id}{_where(disk, plan)}: {lost}, {_becomes(disk, plan)}{first}"
        )
    return "\n".join([*lines, *_power_lines(plan)])


def _where(disk: Disk, plan: ReinitPlan) -> str:
    host = plan.machines.get(disk.machine)
    return f" on {host.address or host.id}" if host is not None else ", on no machine"


def _becomes(disk: Disk, plan: ReinitPlan) -> str:
    """What it is afterwards."""
    if plan.snapshot:
        return f"it is as {plan.snapshot} has it then"
    if disk.live.is_system:
        return f"it starts again from {disk.live.made_of or 'its image'}"
    return f"it starts again from {disk.live.made_of}" if disk.live.made_of else "it is empty then"


def _power_lines(plan: ReinitPlan) -> Iterator[str]:
    own = [host for host in plan.machines.values() if host.address is not None]
    for hosts, told in (
        ([host for host in own if host.ran and not host.is_off], "stops, and starts again"),
        (
            [host for host in own if host.ran and host.is_off],
            "is off since a run was cut off, and is started at the end",
        ),
        ([host for host in own if not host.ran], "is off, and stays so"),
    ):
        if hosts:
            yield f"{_named(hosts)}: {told}"
    if served := [host for host in own if host.id in plan.served]:
        yield f"{_named(served)}: takes no new requests first, and again when it runs"


def _named(hosts: list[Host]) -> str:
    addresses = [host.address for host in hosts if host.address is not None]
    counted = f" ({plural(len(hosts), 'machine')})" if len(hosts) > 1 else ""
    return members(addresses) + counted


def reinit_text(plan: ReinitPlan, report: ReinitReport, paint: Paint = unpainted) -> str:
    lines = [_line(str(row.disk), row.disk.id, row, row.request_id, paint) for row in report.disks if _is_bad(row)]
    lines += [_line(str(row.address), row.id, row, row.request_id, paint) for row in report.machines if _is_bad(row)]
    lines += snapshot_lines(report.snapshots)
    return "\n".join([*lines, paint(_conclusion(plan, report), "bold")]) + "\n"


def _is_bad(row: PutBack | Powered) -> bool:
    return row.became in (Became.FAILED, Became.SKIPPED)


def _line(who: str, its_id: str, row: PutBack | Powered, request_id: str | None, paint: Paint) -> str:
    told = ": ".join(filter(None, (row.code, clean(row.message))))
    request = f" (request {request_id})" if request_id else ""
    word = paint(f"{row.became.value:<7}", "danger" if row.became is Became.FAILED else "update")
    return f"{word} {who}  {its_id}  {told}{request}".rstrip()


def _conclusion(plan: ReinitPlan, report: ReinitReport) -> str:
    done = "rolled back" if plan.snapshot else "re-initialised"
    words = {Became.DONE: done, Became.FAILED: "failed", Became.SKIPPED: "left as they were"}
    counted = [f"{report.count(became):,} {word}" for became, word in words.items() if report.count(became)]
    for became, word in ((Became.DONE, "running again"), (Became.FAILED, "not")):
        count = sum(row.became is became for row in report.machines)
        counted += [f"{plural(count, 'machine')} {word}"] if count else []
    return f"{', '.join(counted)}; {plural(report.calls, 'API call')} in {duration(report.seconds)}."


def reinit_document(plan: ReinitPlan, report: ReinitReport) -> dict[str, Any]:
    return {
        "format": REINIT_FORMAT,
        "stack": plan.stack,
        "region": plan.region,
        "snapshot": plan.snapshot,
        "interrupted": report.interrupted,
        "calls": report.calls,
        "seconds": round(report.seconds, 3),
        "snapshots": dict(report.snapshots),
        "disks": [
            {
                "address": str(row.disk),
                "id": row.disk.id,
                "machine": row.disk.machine or None,
                "size": row.disk.size,
                **_outcome(row),
            }
            for row in report.disks
        ],
        "machines": [
            {
                "address": str(row.address),
                "id": row.id,
                "before": row.before,
                "status": row.status or None,
                **_outcome(row),
            }
            for row in report.machines
        ],
        "warnings": [diagnostic_document(warning) for warning in plan.warnings],
    }


def _outcome(row: PutBack | Powered) -> dict[str, Any]:
    return {
        "result": row.became.value,
        "code": row.code or None,
        "message": row.message or None,
        "request_id": row.request_id,
    }
