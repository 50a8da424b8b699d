"""Drift for people, programs and pull requests: what moved outside first, what is merely pending after it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.change import Cause
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.drift import Drift, DriftFinding, Moved, Unchecked
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Off
from ecsplan.model.trail import Touch
from ecsplan.render.attributes import AttributeRow, AttributeRows
from ecsplan.render.cells import cells, padded
from ecsplan.render.fold import fold
from ecsplan.render.json_format import (
    attribute_document,
    diagnostic_document,
    impact_name,
    impacts_document,
    off_documents,
)
from ecsplan.render.markdown import LONGEST, LONGEST_LINK, RESERVE, Page, code, escaped, safe_link
from ecsplan.render.off import off_headlines
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.values import clean, cut
from ecsplan.render.view import ChangeRow, change_rows
from ecsplan.render.words import ACTION_WORDS, duration, members, plural, short_account

DRIFT_FORMAT = "ecsplan-drift/v1"

Json = dict[str, Any]


class FindingRow(Struct, frozen=True):
    address: Address
    moved: Moved
    id: str
    attributes: tuple[AttributeRow, ...]
    detail: str


class DriftView(Struct, frozen=True):
    """Secrets are masked in the rows already."""

    stack: str
    region: str
    account: str
    findings: tuple[FindingRow, ...]
    pending: tuple[ChangeRow, ...]
    warnings: tuple[Diagnostic, ...]
    live: int
    calls: int
    seconds: float
    unchecked: tuple[Unchecked, ...] = ()
    off: tuple[Off, ...] = ()

    @property
    def unchecked_values(self) -> int:
        return sum(len(one.addresses) for one in self.unchecked)


def drift_view(drift: Drift, who: Mapping[str, Touch] = MappingProxyType({})) -> DriftView:
    """`who` is the last change of each object that was not ours, by its id."""
    addresses = {finding.id: finding.address for finding in drift.findings}
    return DriftView(
        drift.stack,
        drift.region,
        drift.account,
        tuple(_row(finding, addresses, drift.kinds, who.get(finding.id)) for finding in drift.findings),
        tuple(_asked(row) for row in change_rows(drift.pending, drift.kinds)),
        drift.warnings,
        drift.live,
        drift.calls_read,
        drift.read_seconds,
        drift.unchecked,
        drift.off,
    )


def _row(finding: DriftFinding, addresses: Mapping[str, Address], kinds: Kinds, who: Touch | None) -> FindingRow:
    """What was seen outside: from what was wanted to what is live."""
    rows = AttributeRows(addresses, kinds).of(finding.change) if finding.change else ()
    moved = tuple(_outside(row) for row in rows if row.cause is not Cause.PENDING)
    told = ", ".join(filter(None, (finding.detail, who.text if who else "")))
    return FindingRow(finding.address, finding.moved, finding.id, moved, clean(told))


def _outside(row: AttributeRow) -> AttributeRow:
    """A line of a plan says what would be done; here it says what somebody did."""
    sign = {"+": "-", "-": "+"}.get(row.sign, row.sign)
    note = "" if row.cause is Cause.DRIFT else row.who_moved()
    return replace(row, sign=sign, before=row.after, after=row.before, note=note, diff=())


def _asked(row: ChangeRow) -> ChangeRow:
    """A change without what only moved outside."""
    return replace(row, attributes=tuple(line for line in row.attributes if line.cause is not Cause.DRIFT))


def drift_text(view: DriftView, paint: Paint = unpainted) -> str:
    words = [view.stack, view.region, f"account {short_account(view.account)}"]
    read = f"read in {plural(view.calls, 'call')}, {duration(view.seconds)}"
    blocks = [[paint(" · ".join([*words, f"{plural(view.live, 'live object')} {read}"]), "bold")]]
    blocks.append([paint(line, "danger") for line in off_headlines(view.off)])
    blocks.append([f"{paint('warning', 'update')}: {w.summary}" for w in view.warnings])
    blocks.append([line for row in view.findings for line in _finding_lines(row, paint)])
    pending = [f"    {row.word:<8} {row.label}" for row in fold(view.pending)]
    blocks.append(["Pending, not drift (ecsplan plan):", *pending] if pending else [])
    blocks.append(list(_unchecked_lines(view)))
    blocks.append([paint(conclusion(view), "bold")])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _unchecked_lines(view: DriftView) -> Iterator[str]:
    for one in view.unchecked:
        yield f"not checked: {one.attribute} of {members(one.addresses)} ({one.why})"


def _finding_lines(row: FindingRow, paint: Paint) -> Iterator[str]:
    style = "drift" if row.moved is Moved.CHANGED else "danger"
    told = "  ".join(filter(None, (row.id, row.detail)))
    yield f"{paint(f'{row.moved.value:<8}', style)} {row.address}  {told}".rstrip()
    width = max((cells(attribute.name) for attribute in row.attributes), default=0)
    for attribute in row.attributes:
        note = f"   {attribute.note}" if attribute.note else ""
        yield f"    {attribute.sign} {padded(attribute.name, width)}  {attribute.text()}{note}"


def conclusion(view: DriftView) -> str:
    pending = f"; {plural(len(view.pending), 'change')} pending" if view.pending else ""
    pending += f"; {plural(view.unchecked_values, 'value')} not checked" if view.unchecked else ""
    if not view.findings:
        return f"No drift: nothing moved since the last apply{pending}."
    counted = [f"{count:,} {moved.value}" for moved, count in _counts(view).items() if count]
    return f"Drift: {', '.join(counted)}{pending}."


def _counts(view: DriftView) -> dict[Moved, int]:
    return {moved: sum(row.moved is moved for row in view.findings) for moved in Moved}


def drift_document(view: DriftView) -> Json:
    return {
        "format": DRIFT_FORMAT,
        "stack": view.stack,
        "region": view.region,
        "account": view.account,
        "has_drift": bool(view.findings),
        "off": off_documents(view.off),
        "summary": {
            **{moved.value: count for moved, count in _counts(view).items()},
            "pending": len(view.pending),
            "off": len(view.off),
            "unchecked": view.unchecked_values,
            "warnings": len(view.warnings),
        },
        "drift": [
            {
                "address": str(row.address),
                "kind": row.address.kind,
                "what": row.moved.value,
                "id": row.id or None,
                "detail": row.detail or None,
                "attributes": [_attribute(attribute) for attribute in row.attributes],
            }
            for row in view.findings
        ],
        "pending": [
            {
                "address": str(row.addresses[0]),
                "action": ACTION_WORDS[row.action],
                "impact": impact_name(row.impact),
                "impacts": impacts_document(row.impacts),
                "attributes": [attribute_document(attribute) for attribute in row.attributes],
            }
            for row in view.pending
        ],
        "unchecked": [
            {"attribute": one.attribute, "addresses": [str(address) for address in one.addresses], "why": one.why}
            for one in view.unchecked
        ],
        "warnings": [diagnostic_document(warning) for warning in view.warnings],
    }


def _attribute(row: AttributeRow) -> Json:
    document = attribute_document(row)
    return {
        "name": row.name,
        "cause": document["cause"],
        "wanted": document["before"],
        "live": document["after"],
        "applied": document["applied"],
        "note": document["note"],
    }


def drift_issue(view: DriftView, link: str, mark: str, longest: int) -> tuple[str, str]:
    """Title and body of an issue, the hidden line `mark` at its end. The same drift makes the same issue."""
    body = drift_markdown(view, min(longest, LONGEST) - len(mark) - LONGEST_LINK - RESERVE).rstrip("\n")
    where = f"[The run that saw it]({safe_link(link)})" if safe_link(link) else ""
    answers = (
        "Apply the stack to put it back, or change the file to accept it: `ecsplan plan` shows what an apply would do."
    )
    closing = ["", answers] if view.findings else []
    return (
        cut(f"Drift: {clean(view.stack)} in {clean(view.region)}", 200),
        "\n".join([body, *closing, *(["", where] if where else []), "", mark, ""]),
    )


def drift_markdown(view: DriftView, longest: int = LONGEST) -> str:
    page = Page(longest - RESERVE)
    page.add(f"### ecsplan drift · {code(view.stack)} · {escaped(view.region)}", "", f"**{escaped(conclusion(view))}**")
    page.add("")
    left = page.add_while_fits(_markdown_blocks(view))
    pending = [f"- {row.word} {code(row.label)}" for row in fold(view.pending)]
    beside = [f"- {escaped(line)}" for line in off_headlines(view.off)]
    beside += [f"- warning: {escaped(cut(clean(w.summary), 300))}" for w in view.warnings]
    beside += [f"- {escaped(cut(line, 300))}" for line in _unchecked_lines(view)]
    left += page.add_while_fits([("",), *((line,) for line in beside)] if beside else [])
    if pending:
        left += page.add_while_fits([("", "Pending, not drift:", ""), *((line,) for line in pending)])
    return page.text(*([f"_{plural(left, 'entry', 'entries')} left out, as a comment has a limit._"] if left else []))


def _markdown_blocks(view: DriftView) -> Iterator[tuple[str, ...]]:
    for row in view.findings:
        told = escaped(cut(", ".join(filter(None, (row.id, row.detail))), 300))
        lines = [f"  - {a.sign} {escaped(a.name)}: {code(a.text())} {a.note}".rstrip() for a in row.attributes]
        yield (f"- **{row.moved.value}** {code(str(row.address))} {told}".rstrip(), *lines)
