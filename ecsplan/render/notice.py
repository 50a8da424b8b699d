"""Notices of a drift, a plan that needs approvals, and an apply, in a few lines."""

from ecsplan.model.notice import Notice
from ecsplan.model.ruling import Ruling
from ecsplan.render import drift, report
from ecsplan.render.drift import DriftView
from ecsplan.render.fold import fold
from ecsplan.render.off import off_headlines
from ecsplan.render.report import ReportView
from ecsplan.render.text import totals
from ecsplan.render.values import clean, cut
from ecsplan.render.view import PlanView

_MOST_LINES = 40


def drift_notice(view: DriftView, link: str = "") -> Notice | None:
    """None without drift."""
    if not view.findings:
        return None
    lines = [*off_headlines(view.off)]
    for row in view.findings:
        names = ", ".join(attribute.name for attribute in row.attributes)
        lines.append(f"{row.moved.value} {row.address}{f': {names}' if names else ''}")
    return _notice("drift", view.stack, view.region, drift.conclusion(view), lines, link)


def approval_notice(view: PlanView, ruling: Ruling, link: str = "") -> Notice | None:
    """None for a plan that may be applied as it is, and for one that nothing can approve."""
    if view.is_empty or ruling.is_met or ruling.forbidden:
        return None
    asked = [finding.text for finding in ruling.findings if finding.effect == "approvals"]
    changes = [f"{row.word} {row.label}" for row in fold(view.changes)]
    return _notice("approval", view.stack, view.region, totals(view), [*asked, *changes], link)


def report_notice(view: ReportView, stack: str, region: str, link: str = "") -> Notice | None:
    """None where there was nothing to do."""
    lines = [*off_headlines(view.off)]
    lines += [f"{outcome.step}: {' '.join(filter(None, (outcome.code, outcome.message)))}" for outcome in view.failed]
    if not view.outcomes:
        return None
    kind = "success" if view.status == "done" else "failure"
    return _notice(kind, stack, region, report.conclusion(view), lines, link)


def failure_notice(stack: str, region: str, problems: list[str], link: str = "") -> Notice:
    """A run that ended before anything was written."""
    return _notice("failure", stack, region, problems[0] if problems else "failed", problems[1:], link)


def _notice(kind: str, stack: str, region: str, headline: str, lines: list[str], link: str) -> Notice:
    shown = [cut(clean(line), 300) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"and {len(lines) - _MOST_LINES:,} more")
    named = f"{stack} ({region}): {headline}" if region else f"{stack}: {headline}"
    return Notice(kind, stack, region, cut(clean(named), 300), tuple(shown), link)
