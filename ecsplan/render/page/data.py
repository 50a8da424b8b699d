"""The data of a plan's page: the rows of the view, short enough that thousands of changes load at once.

Values are text as in the terminal, and every text has its unseen characters spelled out.
"""

from typing import Any

from ecsplan.model.attribute import Impact
from ecsplan.model.plan import StepId
from ecsplan.model.unseen import spelled
from ecsplan.render.attributes import AttributeRow
from ecsplan.render.commits import commit_words
from ecsplan.render.fold import fold
from ecsplan.render.page.sections import sections
from ecsplan.render.page.texts import catalogue
from ecsplan.render.text import place
from ecsplan.render.values import Own, shown
from ecsplan.render.view import CallRow, ChangeRow, PlanView, StepRow
from ecsplan.render.words import members, places

Json = dict[str, Any]


def page_data(view: PlanView) -> Json:
    """All that the script draws. Facts that do not hold are left out."""
    found = {
        "stack": view.stack,
        "seconds": round(view.seconds, 1),
        "rows": [_change(row, view) for row in fold(view.changes)],
        "steps": _steps(view.steps),
        "rescues": len(view.rescues),
        "sections": sections(view),
    }
    kept: Json = _without_empty(found)
    return {**kept, "texts": catalogue()}


def impact_key(impact: Impact) -> str:
    return impact.name.lower()


def _change(row: ChangeRow, view: PlanView) -> Json:
    return {
        "action": row.word,
        "sign": row.action.value,
        "kind": row.addresses[0].kind,
        "label": row.label,
        "impacts": [impact_key(impact) for impact in sorted(row.impacts, reverse=True)],
        "effect": row.effect,
        "reason": row.reason,
        "place": place(row.source),
        "commit": commit_words(row.commit, view.now) if row.commit else "",
        "summary": row.commit.summary if row.commit else "",
        "members": _members(row),
        "attributes": [_attribute(attribute, row) for attribute in row.attributes],
        "loses": list(row.loses),
        "blocked": list(row.blocked),
        "notes": list(row.notes),
        "was": places(row.moved_from),
    }


def _members(row: ChangeRow) -> list[list[Any]]:
    """Address, id, live name and wave of each resource that the row is about, as far as they are known of all."""
    count = len(row.addresses)
    columns = [column if len(column) == count else [""] * count for column in (row.ids, row.names, row.waves)]
    return [list(one) for one in zip(map(str, row.addresses), *columns, strict=True)]


def _attribute(row: AttributeRow, change: ChangeRow) -> Json:
    own: Own | None = change.own
    return {
        "sign": row.sign,
        "name": row.name,
        "before": "" if row.sign == "+" else row.shown_before(own),
        "after": "" if row.sign == "-" else row.shown_after(own),
        "forces": row.forces_replacement,
        "remarks": [text for text in (row.note, row.who_moved()) if text],
        "place": place(row.source) if row.source != change.source else "",
        "diff": list(row.diff),
    }


def _steps(rows: tuple[StepRow, ...]) -> list[Json]:
    """In the order of their starts; `needs` are places in this list."""
    number: dict[StepId, int] = {row.id: place_ for place_, row in enumerate(rows)}
    return [_step(row, number) for row in rows]


def _step(row: StepRow, number: dict[StepId, int]) -> Json:
    closing = row.closing
    waits = (*row.needs, *closing.after, *closing.opened_by) if closing else row.needs
    return {
        "verb": row.id.verb,
        "label": members(row.addresses),
        "group": str(row.addresses[0].group) if row.addresses else row.id.address,
        "kind": row.addresses[0].kind if row.addresses else "",
        "count": len(row.addresses),
        "needs": sorted({number[step] for step in waits if step in number}),
        "lane": row.lane,
        "impact": impact_key(row.impact) if row.impact else "",
        "wave": row.wave or None,
        "starts": round(row.starts, 1),
        "seconds": row.seconds,
        "critical": row.is_critical,
        "calls": [_call(call) for call in row.calls],
        "gate": row.gate,
    }


def _call(call: CallRow) -> Json:
    params = [[name, shown(value)] for name, value in call.params.items()]
    return {"operation": call.operation, "product": call.product, "note": call.note, "params": params}


def _without_empty(value: Any) -> Any:
    """Without what is empty in a record, which the script takes for missing; texts spelled."""
    if isinstance(value, dict):
        return {key: item for key, item in ((k, _without_empty(v)) for k, v in value.items()) if not _is_empty(item)}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return spelled(value) if isinstance(value, str) else value


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == "" or value == [] or value == {}
