"""Recorded runs for people and for programs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ecsplan.model.history import Run, StepRecord
from ecsplan.render.json_format import change_document
from ecsplan.render.report import snapshot_lines
from ecsplan.render.table import table
from ecsplan.render.text import changes_text
from ecsplan.render.view import PlanView
from ecsplan.render.words import duration, plural

HISTORY_FORMAT = "ecsplan-history/v1"
RUN_FORMAT = "ecsplan-run/v1"
COLUMNS = ("run", "stack", "region", "operation", "who", "started", "took", "outcome")
STEP_COLUMNS = ("status", "took", "step", "calls", "request ids")


def history_text(runs: Sequence[Run]) -> str:
    if not runs:
        return "No run is recorded here.\n"
    rows = [
        (run.id, run.stack, run.region, run.operation, run.who, moment(run.started), _took(run), run.outcome)
        for run in runs
    ]
    return f"{table(COLUMNS, rows)}\n"


def history_document(runs: Iterable[Run]) -> dict[str, Any]:
    return {"format": HISTORY_FORMAT, "runs": [_head(run) for run in runs]}


def run_text(run: Run, seen: PlanView | None) -> str:
    """`seen` is the plan of the run, where it was kept."""
    parts = [
        "\n".join(_lines(run)),
        "\n".join(changes_text(seen)) if seen is not None else "The plan of this run is not kept any more.",
        _steps_text(run.steps),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def run_document(run: Run, seen: PlanView | None) -> dict[str, Any]:
    changes = None if seen is None else [change_document(row) for row in seen.changes]
    return {"format": RUN_FORMAT, **_head(run), "changes": changes, "steps": [_step(step) for step in run.steps]}


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _took(run: Run) -> str:
    return duration(run.ended - run.started) if run.ended is not None else ""


def _lines(run: Run) -> Iterator[str]:
    yield f"{run.id} · {run.operation} of {run.stack} in {run.region} · {run.outcome}"
    took = f", {_took(run)}" if run.ended is not None else ", its end was not recorded"
    yield f"    by {run.who} on {run.host}, {moment(run.started)}{took}"
    if run.commit:
        yield f"    commit {run.commit}"
    yield f"    plan {run.digest}"
    if run.approvals:
        yield f"    approved by {', '.join(run.approvals)}"
    done = sum(step.status == "done" for step in run.steps)
    yield f"    {done} of {plural(run.planned, 'planned step')} done"


def _steps_text(steps: Sequence[StepRecord]) -> str:
    if not steps:
        return ""
    rows = [
        (step.status, duration(step.seconds), step.step, ", ".join(step.operations), " ".join(step.request_ids))
        for step in steps
    ]
    lines = table(STEP_COLUMNS, rows).split("\n")
    told = [lines[0]]
    for line, step in zip(lines[1:], steps, strict=True):
        told.append(line)
        if why := ": ".join(filter(None, (step.code, step.message))):
            told.append(f"    {why}")
        told += [f"    {line}" for line in snapshot_lines(step.detail.get("snapshots", {}))]
    return "\n".join(told)


def _head(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "stack": run.stack,
        "region": run.region,
        "account": run.account,
        "operation": run.operation,
        "who": run.who,
        "host": run.host,
        "commit": run.commit,
        "digest": run.digest,
        "ecsplan_version": run.version,
        "approvals": list(run.approvals),
        "planned_steps": run.planned,
        "started": _time(run.started),
        "ended": None if run.ended is None else _time(run.ended),
        "seconds": None if run.ended is None else round(run.ended - run.started, 3),
        "outcome": run.outcome,
    }


def _step(step: StepRecord) -> dict[str, Any]:
    return {
        "step": step.step,
        "addresses": list(step.addresses),
        "operations": list(step.operations),
        "status": step.status,
        "ended": _time(step.at),
        "seconds": step.seconds,
        "request_ids": list(step.request_ids),
        "code": step.code,
        "message": step.message,
        "detail": dict(step.detail),
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
