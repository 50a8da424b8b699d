"""The parts of the page that are lists of statements: a new fact of the plan becomes a section here, and nowhere else.

A section without lines is left out of the page.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.preflight import Level, PreflightReport
from ecsplan.model.price import Prices
from ecsplan.model.reach import Reach
from ecsplan.model.ruling import Ruling
from ecsplan.render.fold import fold
from ecsplan.render.preflight import finding_words
from ecsplan.render.price import NOT_INCLUDED, grouped, totals_line
from ecsplan.render.reach import SCOPE, newly_reachable, no_longer_reachable
from ecsplan.render.text import outdated, place, told_guards
from ecsplan.render.values import shown
from ecsplan.render.view import PlanView
from ecsplan.render.words import members

Json = dict[str, Any]


def sections(view: PlanView) -> list[Json]:
    """Each with an id (`section.ID` in texts.py is its heading), lines and a table, in the order of the page."""
    found = (
        _section("notices", _notices(view)),
        _section("policy", _policy(view.ruling) if view.ruling else ()),
        _section("access", _access(view.reach)),
        _section("checks", _checks(view.preflight)),
        _section("prices", _prices(view.prices), _price_table(view.prices)),
        _section("outputs", (line("", f"{name} = {shown(value)}") for name, value in view.outputs.items())),
    )
    return [section for section in found if section["lines"] or section["table"]]


def _section(name: str, lines: Iterable[Json], table: Json | None = None) -> Json:
    return {"id": name, "lines": list(lines), "table": table or {}}


def line(badge: str, text: str, tone: str = "", detail: str = "", where: str = "", more: Json | None = None) -> Json:
    """One statement. `badge` is a key of texts.py, `tone` danger, warn, good or empty; `more` fills the badge."""
    return {"badge": badge, "text": text, "tone": tone, "detail": detail, "place": where, "more": more or {}}


def _notices(view: PlanView) -> Iterator[Json]:
    for guard in told_guards(view):
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
    for fault in ruling.faults:
        yield line("policy.forbid", fault, "danger")
    for answer in ruling.answers:
        need = answer.need
        whose = f" · {need.group}" if need.group else ""
        told = f"{need.class_.replace('_', ' ')}{whose}"
        more = {"given": len(answer.given), "count": need.count}
        yield line("policy.needs", told, "warn" if answer.missing else "good", ", ".join(answer.given), more=more)
    for approval in ruling.approvals:
        badge, tone = ("policy.invalid", "danger") if approval.trouble else ("policy.signed", "good")
        yield line(
            badge,
            f"{approval.signer or '?'} · {approval.file}",
            tone,
            approval.said if approval.part else approval.trouble,
        )


_LEVELS = {Level.FAIL: "danger", Level.WARN: "warn", Level.UNCHECKED: ""}


def _checks(found: PreflightReport) -> Iterator[Json]:
    if found.mode == "off":
        return
    for finding in found.findings:
        badge = f"check.{finding.level.value}"
        yield line(badge, finding_words(finding), _LEVELS[finding.level], finding.advice, place(finding.source))
    if found.passed:
        yield line("check.passed", "", "good", more={"count": found.passed})


def _prices(found: Prices) -> Iterator[Json]:
    if not found.lines:
        return
    yield line("price.total", totals_line(found))
    for one, addresses in grouped(found.lines):
        for text in one.unpriced:
            yield line("price.unknown", f"{members(addresses)}: {text}", "warn")
        for text in one.notes:
            yield line("note", f"{members(addresses)}: {text}")
    yield line("", "", detail=NOT_INCLUDED)


def _price_table(found: Prices) -> Json | None:
    if not found.lines:
        return None
    columns = ["price.what", "price.before", "price.after", "price.more", "price.due"]
    rows = [[members(addresses), *map(_amount, (one.before, one.after)), _amount(one.more, "+,.2f"), _amount(one.due)]
            for one, addresses in grouped(found.lines)]  # fmt: skip
    return {"columns": columns, "rows": rows}


def _amount(amount: Decimal | None, form: str = ",.2f") -> str:
    return "?" if amount is None else format(amount, form)


def _access(found: Sequence[Reach]) -> Iterator[Json]:
    yield from (line("access.opened", text, "warn") for text in newly_reachable(found))
    yield from (line("access.closed", text) for text in no_longer_reachable(found))
    if found:
        yield line("", "", detail=SCOPE)
