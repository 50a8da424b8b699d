"""A look over an account, as text and as JSON."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ecsplan.model.doctor import Conformance, Deviation, Diagnosis, DoctorCheck, Health
from ecsplan.render.cells import cells, padded
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.values import clean
from ecsplan.render.words import plural

FORMAT, CONFORMANCE_FORMAT = "ecsplan-doctor/v1", "ecsplan-conformance/v1"
_STYLES = {Health.OK: "create", Health.WARNING: "update", Health.PROBLEM: "danger", Health.UNKNOWN: "dim"}
MOST_NAMES = 12  # of absent members in one line


def doctor_text(found: Diagnosis, paint: Paint = unpainted) -> str:
    width = max(cells(check.name) for check in found.checks)
    lines = [line for check in found.checks for line in _check(check, width, paint)]
    return "\n".join([*lines, "", paint(_conclusion(found), "bold")]) + "\n"


def _check(check: DoctorCheck, width: int, paint: Paint) -> Iterator[str]:
    health = paint(padded(check.health.value, 7), _STYLES[check.health])
    yield f"{health}  {padded(check.name, width)}  {clean(check.summary)}"
    if check.advice:
        yield f"{'':7}  {'':{width}}  {paint(clean(check.advice), 'dim')}"


def _conclusion(found: Diagnosis) -> str:
    counts = {health: sum(check.health is health for check in found.checks) for health in Health}
    if not counts[Health.PROBLEM]:
        more = f", {plural(counts[Health.WARNING], 'warning')}" if counts[Health.WARNING] else ""
        return f"No problems{more}: {found.region} can be planned on."
    return f"{plural(counts[Health.PROBLEM], 'problem')}: fix these before the first plan."


def _conformance(found: Conformance) -> Iterator[str]:
    held = f"{plural(sum(found.answers.values()), 'answer')} of {plural(len(found.answers), 'action')}"
    yield f"Answers held against what the API says of them: {held}"
    absent = [one for one in found.deviations if one.problem == "absent"]
    for one in found.deviations:
        if one.problem != "absent":
            yield f"    {_place(one)}: {one.problem} ({one.count} of {one.of})"
    for (operation, parent), group in groupby(absent, lambda one: (one.operation, one.path.rpartition(".")[0])):
        never = [one.path.rpartition(".")[2] for one in group if one.count == one.of]
        if never:
            more = f" and {len(never) - MOST_NAMES} more" if len(never) > MOST_NAMES else ""
            where = f"{operation} {parent}".rstrip()
            yield f"    {where}: never there: {', '.join(never[:MOST_NAMES])}{more}"


def _place(one: Deviation) -> str:
    return f"{one.operation} {one.path}".rstrip()


def doctor_document(found: Diagnosis) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "region": found.region,
        "sound": found.is_sound,
        "checks": [_check_document(check) for check in found.checks],
    }


def _check_document(check: DoctorCheck) -> dict[str, Any]:
    return {
        "name": check.name,
        "health": check.health.value,
        "summary": check.summary,
        "advice": check.advice or None,
        "facts": dict(check.facts),
    }


def conformance_document(found: Conformance) -> dict[str, Any]:
    rows = [
        {"operation": one.operation, "path": one.path, "problem": one.problem, "count": one.count, "of": one.of}
        for one in found.deviations
    ]
    return {"format": CONFORMANCE_FORMAT, "answers": dict(found.answers), "deviations": rows}


def conformance_text(found: Conformance) -> str:
    """Types and places, and no value of the account: ready to be attached to an issue."""
    return "\n".join(_conformance(found)) + "\n"
