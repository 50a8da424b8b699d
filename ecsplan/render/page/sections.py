"""The parts of the page that are lists of statements: a new fact of the plan becomes a section here, and nowhere else.

A section without lines is left out of the page.
"""

from collections.abc import Iterator
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.ruling import Ruling
from ecsplan.render.fold import fold
from ecsplan.render.text import outdated, place
from ecsplan.render.values import shown
from ecsplan.render.view import PlanView
from ecsplan.render.words import members

Json = dict[str, Any]


def sections(view: PlanView) -> list[Json]:
    """Each with an id (`section.ID` in texts.py is its heading) and lines, in the order of the page."""
    found = {
        "notices": list(_notices(view)),
        "policy": list(_policy(view.ruling)) if view.ruling else [],
        "outputs": [line("", f"{name} = {shown(value)}") for name, value in view.outputs.items()],
    }
    return [{"id": name, "lines": lines} for name, lines in found.items() if lines]


def line(badge: str, text: str, tone: str = "", detail: str = "", where: str = "", more: Json | None = None) -> Json:
    """One statement. `badge` is a key of texts.py, `tone` danger, warn, good or empty; `more` fills the badge."""
    return {"badge": badge, "text": text, "tone": tone, "detail": detail, "place": where, "more": more or {}}


def _notices(view: PlanView) -> Iterator[Json]:
    for guard in view.guards:
        yield line("guard", _about(guard.addresses, guard.summary), "danger", guard.detail)
    for warning in view.warnings:
        who = (warning.address,) if warning.address else ()
        yield line("warning", _about(who, warning.summary), "warn", warning.detail, place(warning.source))
    for machine in view.off:
        yield line("off", f"{machine.address} ({machine.id}): {machine.why}", "danger" if machine.by_us else "warn")
    if view.records:
        yield line("record", outdated(view))
    for row in fold(view.remarks):
        yield from (line("remark", f"{row.label}: {note}") for note in (*row.notes, *row.blocked))


def _about(addresses: tuple[Address, ...], text: str) -> str:
    return f"{members(addresses)}: {text}" if addresses else text


def _policy(ruling: Ruling) -> Iterator[Json]:
    if not ruling.source:
        yield line("policy.none", "")
        return
    yield line("policy.source", ruling.source)
    tones = {"forbid": "danger", "approvals": "warn", "allow": "good"}
    for finding in ruling.findings:
        yield line(f"policy.{finding.effect}", finding.text, tones[finding.effect])
    if not ruling.findings:
        yield line("policy.silent", "", "good")
    for answer in ruling.answers:
        need = answer.need
        whose = f" · {need.group}" if need.group else ""
        told = f"{need.class_.replace('_', ' ')}{whose}"
        more = {"given": len(answer.given), "count": need.count}
        yield line("policy.needs", told, "warn" if answer.missing else "good", ", ".join(answer.given), more=more)
    for approval in ruling.approvals:
        badge, tone = ("policy.invalid", "danger") if approval.trouble else ("policy.signed", "good")
        yield line(badge, f"{approval.signer or '?'} · {approval.file}", tone, approval.trouble)
