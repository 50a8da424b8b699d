"""Commands that were run inside machines: how each ended, and what it printed, for people and programs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.algebra import fields
from ecsplan.model.running import Ran, RunPlan, RunReport
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.values import clean
from ecsplan.render.words import duration, members, plural

RUN_FORMAT = "ecsplan-run/v1"
MOST_LINES = 20  # of the output of one machine


def ran_lines(rows: Sequence[Ran], paint: Paint) -> Iterator[str]:
    """Machines alike on one line; of one that failed, the end of its output too, which is all that is told of it."""
    for same in alike(rows):
        yield ran_line(same, paint)
        yield from output_lines(same[0])


def alike(rows: Sequence[Ran]) -> Iterator[Sequence[Ran]]:
    """Machines on which a command ended in the same way, and printed the same."""
    found: dict[tuple[Any, ...], list[Ran]] = {}
    for row in rows:
        found.setdefault((row.command, row.invocation, row.text, row.before, row.output), []).append(row)
    yield from found.values()


def ran_line(same: Sequence[Ran], paint: Paint = unpainted) -> str:
    first = same[0]
    word = paint("ran", "create") if first.is_good else paint("failed ", "danger")
    about = [first.text, *([first.invocation] if first.invocation else []), *(["asked for before"] * first.before)]
    return f"{word} {first.command} on {members([Address.parse(row.address) for row in same])}: {', '.join(about)}"


def output_lines(row: Ran) -> Iterator[str]:
    lines = row.output.splitlines()
    if len(lines) > MOST_LINES:
        yield f"        … {len(lines) - MOST_LINES} lines before"
    yield from (f"        | {clean(line)}" for line in lines[-MOST_LINES:])


def ran_documents(rows: Iterable[Ran]) -> list[Mapping[str, Any]]:
    return [
        {
            "command": row.command,
            "address": row.address,
            "id": row.machine or None,
            "invocation": row.invocation or None,
            "exit_code": row.exit_code,
            "error": row.error or None,
            "output": row.output,
            "asked_for_before": row.before,
        }
        for row in rows
    ]


def asked_text(plan: RunPlan, paint: Paint = unpainted) -> str:
    """What is about to run, and where."""
    lines = [f"{paint('warning', 'update')}: {warning.summary}; {warning.detail}" for warning in plan.warnings]
    where = members(list(plan.machines))
    values = ", ".join(f"{clean(name)}={clean(str(value))}" for name, value in fields(plan.parameters).items())
    return "\n".join(
        [
            *lines,
            paint(f"run {plan.command} on {where} ({plural(len(plan.machines), 'machine')})", "bold"),
            *([f"  with {values}"] if values else []),
        ]
    )


def run_text(report: RunReport, paint: Paint = unpainted) -> str:
    good = len(report.rows) - len(report.bad)
    counted = f"{good:,} succeeded" + (f", {len(report.bad):,} failed" if report.bad else "")
    took = f"{plural(report.calls, 'API call')} in {duration(report.seconds)}"
    return "\n".join([*ran_lines(report.rows, paint), paint(f"{counted}; {took}.", "bold")]) + "\n"


def run_document(plan: RunPlan, report: RunReport) -> dict[str, Any]:
    return {
        "format": RUN_FORMAT,
        "stack": plan.stack,
        "region": plan.region,
        "command": str(plan.command),
        "interrupted": report.interrupted,
        "calls": report.calls,
        "seconds": round(report.seconds, 3),
        "machines": ran_documents(report.rows),
    }
