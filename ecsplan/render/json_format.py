"""A plan and a report as JSON for scripts: one entry for each address, nothing folded, stable names.

This is what `--format json` prints. It is for reading; the file that `apply` takes is the one that `plan -o` saves.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Never, Unknown
from ecsplan.model.diagnostic import Diagnostic, Severity, SourceRange
from ecsplan.model.plan import Closing, Guard, Off, Outcome
from ecsplan.model.preflight import PreflightReport
from ecsplan.model.reach import Reach
from ecsplan.render.attributes import AttributeRow
from ecsplan.render.commits import commit_document
from ecsplan.render.price import prices_document
from ecsplan.render.ran import ran_documents
from ecsplan.render.recovery import recovery_documents
from ecsplan.render.report import DONE_BEFORE, ReportView
from ecsplan.render.ruling import ruling_document
from ecsplan.render.text import place
from ecsplan.render.values import plain
from ecsplan.render.view import CallRow, ChangeRow, PlanView, StepRow
from ecsplan.render.words import ACTION_WORDS

PLAN_FORMAT = "ecsplan-plan-view/v1"
REPORT_FORMAT = "ecsplan-report/v1"
DIAGNOSTICS_FORMAT = "ecsplan-diagnostics/v1"
APPLY_FORMAT = "ecsplan-apply/v1"

Json = dict[str, Any]


def impact_name(impact: Impact) -> str:
    return impact.name.lower()


def impacts_document(impacts: Iterable[Impact]) -> list[str]:
    """The worst first."""
    return [impact_name(impact) for impact in sorted(impacts, reverse=True)]


def plan_json(view: PlanView) -> str:
    return dumped(plan_document(view))


def dumped(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def plan_document(view: PlanView) -> Json:
    return {
        "format": PLAN_FORMAT,
        "ecsplan_version": view.version,
        "stack": view.stack,
        "region": view.region,
        "account": view.account,
        "digest": view.digest,
        "is_new_stack": view.is_new_stack,
        "is_destroy": view.is_destroy,
        "has_changes": not view.is_empty,
        "off": off_documents(view.off),
        "read": {"live": view.live, "calls": view.calls_read, "seconds": round(view.read_seconds, 3)},
        "summary": summary_document(view),
        "changes": [change_document(row) for row in view.changes],
        "records": [str(address) for address in view.records],
        "left_out": [str(address) for address in view.left_out],
        "reach": [reach_document(reach) for reach in view.reach],
        "remarks": [
            {"address": str(row.addresses[0]), "notes": list(row.notes), "blocked": list(row.blocked)}
            for row in view.remarks
        ],
        "steps": [_step(step) for step in view.steps],
        "rescues": [_step(step) for step in view.rescues],
        "guards": [guard_document(guard) for guard in view.guards],
        "preflight": preflight_document(view.preflight),
        "prices": prices_document(view.prices),
        "recoveries": recovery_documents(view.recoveries),
        "warnings": [diagnostic_document(warning) for warning in view.warnings],
        "outputs": {name: plain(value) for name, value in view.outputs.items()},
        "policy": ruling_document(view.ruling) if view.ruling else None,
        "valid": {name: getattr(view.valid, name) or None for name in ("made", "until", "commit")},
    }


def summary_document(view: PlanView) -> Json:
    """The counts of a plan, as every format tells them: addresses, unless it says otherwise."""
    return {
        **view.counts,
        "keep": view.unchanged,
        "left_out": len(view.left_out),
        "drifted": view.drifted,
        "records": len(view.records),
        "off": len(view.off),
        "impacts": {impact_name(impact): count for impact, count in view.impacts.items()},
        "guards": len(view.guards),
        "warnings": len(view.warnings),
        "calls": view.calls,
        "seconds": round(view.seconds, 1),
    }


def change_document(row: ChangeRow) -> Json:
    """One address; optional facts that do not hold are null or empty, never left out."""
    return {
        "address": str(row.addresses[0]),
        "kind": row.addresses[0].kind,
        "action": ACTION_WORDS[row.action],
        "cause": row.cause.value if row.cause else None,
        "impact": impact_name(row.impact),
        "impacts": impacts_document(row.impacts),
        "id": row.ids[0] if row.ids else None,
        "live_name": row.names[0] if row.names else None,
        "reason": row.reason or None,
        "source": source_document(row.source),
        "commit": commit_document(row.commit),
        "attributes": [attribute_document(attribute) for attribute in row.attributes],
        "loses": list(row.loses),
        "blocked": list(row.blocked),
        "notes": list(row.notes),
        "moved_from": str(row.moved_from[0]) if row.moved_from else None,
        "create_first": row.create_first,
        "wave": row.waves[0] if row.waves else None,
    }


def attribute_document(row: AttributeRow) -> Json:
    return {
        "name": row.name,
        "before": plain(row.before),
        "after": plain(row.after),
        "cause": row.cause.value,
        "was_applied": not isinstance(row.applied, Never),
        "applied": None if isinstance(row.applied, (Never, Unknown)) else plain(row.applied),
        "forces_replacement": row.forces_replacement,
        "note": row.note or None,
        "source": source_document(row.source),
    }


def _step(step: StepRow) -> Json:
    return {
        "id": str(step.id),
        "verb": step.id.verb,
        "addresses": [str(address) for address in step.addresses],
        "needs": [str(need) for need in step.needs],
        "lane": step.lane,
        "impact": impact_name(step.impact),
        "impacts": impacts_document(step.impacts),
        "wave": step.wave or None,
        "starts": round(step.starts, 1),
        "seconds": step.seconds,
        "is_critical": step.is_critical,
        "closing": _closing(step.closing) if step.closing else None,
        "calls": [_call(call) for call in step.calls],
        "gate": step.gate or None,
    }


def _closing(closing: Closing) -> Json:
    """Why a step runs though others fail: it closes the window that `opened_by` opened, after those of `after`."""
    fields = {"after": closing.after, "opened_by": closing.opened_by, "unless": closing.unless}
    return {name: [str(step) for step in steps] for name, steps in fields.items()}


def off_documents(machines: Iterable[Off]) -> list[Json]:
    """Machines that are off without being meant to be; `by_us`: a run stopped them and has not started them again."""
    return [{"address": str(one.address), "id": one.id, "by_us": one.by_us, "why": one.why} for one in machines]


def reach_document(reach: Reach) -> Json:
    """What is opened and closed for some machines; `unknown` was not read, and what it lets through is left out."""
    return {
        "addresses": [str(address) for address in reach.addresses],
        "direction": reach.direction,
        "opened": list(reach.opened),
        "closed": list(reach.closed),
        "last_way_in": list(reach.last_way_in),
        "groups": [str(address) for address in reach.groups],
        "unknown": list(reach.unknown),
        "is_unsure": reach.is_unsure,
    }


def _call(call: CallRow) -> Json:
    return {
        "operation": call.operation,
        "product": call.product,
        "params": {name: plain(value) for name, value in call.params.items()},
        "targets": [plain(target) for target in call.targets],
        "creates": [str(address) for address in call.creates],
        "note": call.note or None,
    }


def preflight_document(found: PreflightReport) -> Json:
    """What the service was asked ahead; `calls` is null in a saved plan, which does not keep it."""
    return {
        "mode": found.mode,
        "passed": found.passed,
        "calls": found.calls or None,
        "findings": [
            {
                "level": one.level.value,
                "check": one.check,
                "summary": one.summary,
                "code": one.code or None,
                "advice": one.advice or None,
                "addresses": [str(address) for address in one.addresses],
                "source": source_document(one.source),
            }
            for one in found.findings
        ],
    }


def guard_document(guard: Guard) -> Json:
    return {
        "name": guard.name,
        "summary": guard.summary,
        "detail": guard.detail or None,
        "addresses": [str(address) for address in guard.addresses],
    }


def diagnostic_document(diagnostic: Diagnostic) -> Json:
    return {
        "severity": diagnostic.severity.value,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail or None,
        "address": str(diagnostic.address) if diagnostic.address else None,
        "members": [str(address) for address in diagnostic.members],
        "source": source_document(diagnostic.source),
    }


def source_document(source: SourceRange | None) -> Json | None:
    return {"file": source.file, "line": source.line, "column": source.column} if source else None


def report_document(view: ReportView) -> Json:
    return {
        "format": REPORT_FORMAT,
        "status": view.status,
        "off": off_documents(view.off),
        "counts": view.counts,
        "results": {str(address): result.value for address, result in view.results.items()}
        | {str(address): DONE_BEFORE for address in view.done_before},
        "unchecked": unchecked_documents(view),
        "left_out": {str(address): why for address, why in view.left_out.items()},
        "snapshots": dict(view.snapshots),
        "taken_back": {str(address): why for address, why in view.taken_back.items()},
        "calls": view.calls,
        "seconds": round(view.seconds, 3),
        "outcomes": [_outcome(outcome) for outcome in view.outcomes],
        "ids": {str(address): id_ for address, id_ in view.ids.items()},
        "outputs": {name: plain(value) for name, value in view.outputs.items()},
    }


def unchecked_documents(view: ReportView) -> list[Json]:
    """What was changed though nobody could look beforehand whether the service would do it."""
    return [{"addresses": [str(address) for address in row.addresses], "why": row.why} for row in view.unchecked]


def _outcome(outcome: Outcome) -> Json:
    return {
        "step": str(outcome.step),
        "verb": outcome.step.verb,
        "addresses": [str(address) for address in outcome.addresses],
        "status": outcome.status.value,
        "code": outcome.code or None,
        "message": outcome.message or None,
        "request_id": outcome.request_id,
        "request_ids": list(outcome.request_ids),
        "error": outcome.error.value if outcome.error is not None else None,
        "can_be_repeated": outcome.can_be_repeated,
        "advice": outcome.advice or None,
        "unchecked": outcome.unchecked,
        "because": str(outcome.because) if outcome.because else None,
        "source": place(outcome.source) or None,
        "ran": ran_documents(outcome.ran),
    }


def diagnostics_document(diagnostics: Iterable[Diagnostic]) -> Json:
    found = tuple(diagnostics)
    return {
        "format": DIAGNOSTICS_FORMAT,
        "valid": not any(diagnostic.severity is Severity.ERROR for diagnostic in found),
        "diagnostics": [diagnostic_document(diagnostic) for diagnostic in found],
    }


def apply_document(plan: PlanView, report: ReportView | None) -> Json:
    """What `apply --format json` prints: the plan as it was shown, and what became of it; null when declined."""
    return {
        "format": APPLY_FORMAT,
        "plan": plan_document(plan),
        "report": report_document(report) if report else None,
    }
