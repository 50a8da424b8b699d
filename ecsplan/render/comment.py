"""The comment of a stack on a pull request: what the plan says, the verdict, and what is new since the last push."""

from collections.abc import Mapping

from msgspec import Struct, field

from ecsplan.model.ruling import Ruling
from ecsplan.render.fold import fold
from ecsplan.render.markdown import LONGEST, LONGEST_CELL, code, escaped, fenced, plan_markdown, safe_link
from ecsplan.render.text import nothing, totals
from ecsplan.render.values import cut
from ecsplan.render.view import ChangeRow, PlanView

_LONGEST_NEWS = 600
_LONGEST_RULE = 300
_MOST_RULES = 10


class Told(Struct, frozen=True):
    """`state` is that of the commit: success, pending (approvals are missing) or failure; `headline` is plain text.

    `changes` is what each change looks like, by its label; `view` is None where there is no plan, and `problems` why.
    """

    state: str
    headline: str
    changes: Mapping[str, str] = field(default_factory=dict)
    view: PlanView | None = None
    ruling: tuple[str, ...] = ()
    title: str = ""
    problems: str = ""


def told_of(view: PlanView, ruling: Ruling) -> Told:
    headline = (nothing(view) if view.is_empty else totals(view)).rstrip(".")
    findings = tuple(finding.text for finding in ruling.findings if finding.effect != "allow")
    changes = {row.label: _looks(row) for row in fold(view.changes)}
    findings += ruling.faults
    if view.guards:
        return Told("failure", f"refused: {view.guards[0].summary}", changes, view, findings)
    if ruling.forbidden:
        return Told("failure", ruling.forbidden[0].text, changes, view, findings)
    if not ruling.is_met:
        return Told("pending", findings[0] if findings else headline, changes, view, findings)
    return Told("success", headline, changes, view, findings)


def _looks(row: ChangeRow) -> str:
    """All that a reader sees of a change; what differs in it is news."""
    attributes = "\n".join(f"{one.sign}{one.name}={one.text(row.own)}" for one in row.attributes)
    return "\n".join((row.word, row.effect, *row.loses, attributes))


def problems_told(stack: str, region: str, text: str) -> Told:
    title = f"### ecsplan · {code(stack)} · {escaped(cut(region, LONGEST_CELL))}"
    first = next((line.strip() for line in text.splitlines() if line.strip()), "no plan")
    return Told("failure", cut(f"no plan: {first}", 200), title=title, problems=text)


def comment_body(told: Told, link: str, mark: str, news: str, longest: int = LONGEST) -> str:
    """Never longer than `longest` characters; `mark` is the hidden line at its end."""
    more = [f"- and {len(told.ruling) - _MOST_RULES} more"] if len(told.ruling) > _MOST_RULES else []
    ruling = [f"- {_short(line, _LONGEST_RULE)}" for line in told.ruling[:_MOST_RULES]]
    lines = [
        *([f"**Since the last push:** {_short(news, _LONGEST_NEWS)}.", ""] if news else []),
        *(["**Policy:**", "", *ruling, *more, ""] if ruling else []),
        *([f"[The whole change set]({safe_link(link)})", ""] if safe_link(link) else []),
    ]
    room = min(longest, LONGEST) - sum(len(line) + 1 for line in (*lines, "", "", mark, ""))
    if told.view is None:
        body = "\n".join((told.title, "", "**There is no plan.**", "", *fenced("text", told.problems.splitlines()), ""))
    else:
        body = plan_markdown(told.view, room)
    head, _, rest = body.partition("\n\n")
    return "\n".join([head, "", *lines, rest.rstrip("\n"), "", mark, ""])


def _short(text: str, longest: int) -> str:
    """At most twice as long when it is escaped, where each sign may become twenty characters."""
    found = (escaped(cut(text, longest // part)) for part in (1, 2, 4, 10))
    return next(told for told in found if len(told) <= 2 * longest)
