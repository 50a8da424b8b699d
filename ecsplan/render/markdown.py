"""A plan as a comment of a pull request: a table of the changes, dangerous first, and the details folded away.

GitHub refuses comments beyond 65,536 characters: what does not fit is left out from the harmless end, and said.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from ecsplan.model.attribute import Impact
from ecsplan.model.plan import Outcome
from ecsplan.model.preflight import Level
from ecsplan.model.running import Ran
from ecsplan.model.unseen import spelled
from ecsplan.render.attributes import AttributeRow
from ecsplan.render.commits import bounds_words
from ecsplan.render.fold import fold
from ecsplan.render.off import off_details, off_headlines
from ecsplan.render.preflight import finding_lines, finding_words, summary
from ecsplan.render.price import price_lines, totals_line
from ecsplan.render.ran import alike, output_lines, ran_line
from ecsplan.render.reach import HEADS, SCOPE, newly_reachable, no_longer_reachable
from ecsplan.render.recovery import recovery_lines
from ecsplan.render.report import (
    ReportView,
    SkippedRow,
    conclusion,
    left_out_lines,
    made_all_the_same,
    snapshot_lines,
    taken_back_lines,
    unchecked_line,
)
from ecsplan.render.rollout import rollout_lines
from ecsplan.render.text import MOST_DIFF_LINES, guard_lines, nothing, outdated, place, told_guards, totals, warnings
from ecsplan.render.values import cut, shown
from ecsplan.render.view import ChangeRow, PlanView
from ecsplan.render.words import duration, members, plural, short_account

LONGEST = 65_000
MOST_LIVE = 3  # objects of one row that are named
LONGEST_CELL = 200
LONGEST_DETAIL = 8_000
LONGEST_LINK = 1_000
RESERVE = 400  # for the closing lines
_SHORTEST_FENCE = 8
_NO_NAME = re.compile(r"[^\w.-]|--+", re.ASCII)  # what would end a comment, too: a saved plan names its stack itself
_BACKTICKS = re.compile("`+")

# What sites look for in what is rendered: `@team` is told, `#1` and URLs are linked. After a joiner no name begins.
_NAMING = re.compile(r"(?<=[@#!&~%$])(?=[\w\"])|(?<=:)(?=//|\w+:)|(?<=[wW]{3}\.)")
_JOINER = "\u2060"  # of no width
# What Markdown, HTML and links are made of. An entity shows the sign and means nothing else.
_ACTIVE = re.compile(rf"[\\`*\[\]<>#|~@&${_JOINER}]|(?<!\w)_|_(?!\w)|:(?=//|\w+:|{_JOINER})|(?<=[wW]{{3}})\.")
_BLOCK = re.compile(r"^(\d*)([-+=.)])")  # at the beginning: a list, or a heading of the line above


def escaped(text: str) -> str:
    """Text that somebody else wrote, safe in any place of a comment."""
    return _entities(_NAMING.sub(_JOINER, _line(text)))


def code(text: str) -> str:
    """As code, in which nobody is mentioned: what is copied from there is the text itself."""
    return f"<code>{_entities(_line(cut(text, LONGEST_CELL)))}</code>"


def _line(text: str) -> str:
    return spelled(" ".join(text.split()))


def _entities(text: str) -> str:
    told = _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", text)
    return _BLOCK.sub(lambda found: f"{found[1]}&#{ord(found[2])};", told)


def safe_link(url: str) -> str:
    """The URL if it can stand in a link as it is; empty if not."""
    allowed = url.isascii() and url.isprintable() and not set(url) & set(" ()<>[]\"'`\\")
    return url if allowed and url.startswith(("https://", "http://")) and len(url) <= LONGEST_LINK else ""


class Page:
    """Blocks of lines up to a limit; a block that does not fit is left out as a whole."""

    def __init__(self, limit: int = LONGEST - RESERVE) -> None:
        self._limit = limit
        self._length = 0
        self._lines: list[str] = []

    def add(self, *lines: str) -> bool:
        length = sum(len(line) + 1 for line in lines)
        if self._length + length > self._limit:
            return False
        self._lines += lines
        self._length += length
        return True

    def add_while_fits(self, blocks: Iterable[tuple[str, ...]]) -> int:
        """Adds blocks in their order until one does not fit; how many were left out."""
        left = 0
        for block in blocks:
            if left or not self.add(*block):
                left += 1
        return left

    def text(self, *closing: str) -> str:
        return "\n".join([*self._lines, *closing]) + "\n"


def plan_markdown(view: PlanView, longest: int = LONGEST) -> str:
    rows = fold(view.changes)
    page = Page(longest - RESERVE)
    headline = totals(view) if not view.is_empty else nothing(view)
    page.add(marker(view), _title(view), "", f"**{escaped(headline)}**", "")
    page.add_while_fits(_alerts(view))
    if view.records:
        page.add(escaped(outdated(view)), "")
    missing = 0
    if rows:
        page.add("| | Resource | Impact | Why |", "|---|---|---|---|")
        missing = page.add_while_fits((_table_row(row),) for row in rows)
        page.add("")
    page.add_while_fits((f"- {escaped(line.strip())}",) for line in recovery_lines(view.recoveries))
    page.add_while_fits((f"- {escaped(line)}",) for line in rollout_lines(view))
    page.add_while_fits(_reach(view))
    detailed = [row for row in rows[: len(rows) - missing] if _has_details(row)]
    folded_away = page.add_while_fits(_details(row) for row in detailed)
    folded_away += page.add_while_fits([_calls(view)] if view.steps else [])
    return page.text(*_closing(view, missing, folded_away))


def marker(view: PlanView) -> str:
    """A hidden line that tells the comment of a stack, so that a later run replaces it instead of adding one."""
    stack, region = (_NO_NAME.sub("_", text) for text in (view.stack, view.region))
    return f"<!-- ecsplan:plan stack={stack} region={region} -->"


def _title(view: PlanView) -> str:
    words = [code(view.stack), escaped(view.region)]
    if view.account:
        words.append(f"account {escaped(short_account(view.account))}")
    if view.is_new_stack:
        words.append("new stack")
    if view.is_destroy:
        words.append("destroy")
    words += map(escaped, bounds_words(view.valid))
    return f"### ecsplan · {' · '.join(words)}"


def _alerts(view: PlanView) -> Iterator[tuple[str, ...]]:
    for finding in view.preflight.findings:
        if finding.level is not Level.UNCHECKED:
            alert = "CAUTION" if finding.level is Level.FAIL else "WARNING"
            yield (f"> [!{alert}]", *(f"> {escaped(cut(line.strip(), 600))}  " for line in finding_lines(finding)), "")
    for guard in told_guards(view):
        yield ("> [!CAUTION]", *(f"> {escaped(cut(line.strip(), 600))}  " for line in guard_lines(guard)), "")
    for warning in warnings(view):
        yield ("> [!WARNING]", f"> {escaped(cut(warning, 600))}", "")
    if told := totals_line(view.prices):
        lines = (f"- {escaped(cut(line.strip(), 300))}" for line in price_lines(view.prices))
        yield (f"<details><summary>{escaped(told)}</summary>", "", *lines, "", "</details>", "")
    if told := summary(view.preflight):
        unseen = [finding_words(finding) for finding in view.preflight.of(Level.UNCHECKED)]
        yield (escaped(told), *(f"- not checked: {escaped(cut(one, 600))}" for one in unseen), "")


def _reach(view: PlanView) -> Iterator[tuple[str, ...]]:
    for head, lines in zip(HEADS, (newly_reachable(view.reach), no_longer_reachable(view.reach)), strict=True):
        items = tuple(f"- {escaped(cut(line, 600))}" for line in lines)
        if items:
            yield (f"**{head}**, {SCOPE}:", "", *items, "")


def _table_row(row: ChangeRow) -> str:
    danger = row.impact >= Impact.STOP_START or bool(row.blocked)
    word = f"**{row.word}**" if danger else row.word
    effect = escaped(row.effect)
    why = [*([row.reason] if row.reason else _forcing(row)), *(f"loses {loss}" for loss in row.loses[:3])]
    if len(row.loses) > 3:
        why.append(f"loses {len(row.loses) - 3:,} more")
    if live := row.live(MOST_LIVE):
        why.append(live)
    where = code(place(row.source)) if row.source else ""
    if row.commit is not None and row.commit.name:
        where += f" {code(row.commit.name[:8])} {escaped(row.commit.author)}"
    told = "; ".join(escaped(cut(text, LONGEST_CELL)) for text in [*why, *(f"blocked: {b}" for b in row.blocked)])
    return f"| {word} | {code(row.label)} | {f'**{effect}**' if danger and effect else effect} | {told} {where} |"


def _forcing(row: ChangeRow) -> list[str]:
    """The attributes that the change is about: those that force a replacement, else the first few."""
    forcing = [attribute.name for attribute in row.attributes if attribute.forces_replacement]
    names = list(dict.fromkeys(forcing or [a.name for a in row.attributes if row.word in ("update", "drift")]))
    return [", ".join(names[:4]) + (", …" if len(names) > 4 else "")] if names else []


def _has_details(row: ChangeRow) -> bool:
    return bool(row.attributes or row.notes or row.loses)


def _details(row: ChangeRow) -> tuple[str, ...]:
    """A folded block with the differences, coloured by the site as a diff."""
    body = [line for attribute in row.attributes for line in _diff_lines(attribute, row)]
    body += [f"! loses {loss}" for loss in row.loses]
    body += [f"  note: {note}" for note in row.notes]
    summary = f"<summary>{row.word} {code(row.label)}</summary>"
    return ("<details>", summary, "", *fenced("diff", body), "", "</details>", "")


def _diff_lines(attribute: AttributeRow, row: ChangeRow) -> Iterator[str]:
    remarks = "".join(f"   ({remark})" for remark in attribute.remarks())
    if attribute.diff:
        yield f"  {attribute.name}:{remarks}"
        yield from attribute.diff[:MOST_DIFF_LINES]
        return
    if attribute.sign in "~-":
        yield f"- {attribute.name}: {attribute.shown_before(row.own)}" + (remarks if attribute.sign == "-" else "")
    if attribute.sign in "~+":
        yield f"+ {attribute.name}: {attribute.shown_after(row.own)}{remarks}"


def fenced(language: str, lines: list[str]) -> tuple[str, ...]:
    kept, length = [], 0
    for line in map(spelled, lines):
        length += len(line) + 1
        if length > LONGEST_DETAIL:
            kept.append(f"{line[: LONGEST_DETAIL - length]}… (cut; see --format text)")
            break
        kept.append(line)
    longest = max((len(run) for line in kept for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(longest + 1, _SHORTEST_FENCE)
    return (f"{fence}{language}", *kept, fence)


def _calls(view: PlanView) -> tuple[str, ...]:
    lines = [
        f"{call.operation}  {members(call.creates or step.addresses)}" for step in view.steps for call in step.calls
    ]
    summary = f"<summary>{plural(view.calls, 'API call')}, about {duration(view.seconds)}</summary>"
    return ("<details>", summary, "", *fenced("text", lines), "", "</details>", "")


def _closing(view: PlanView, missing: int, folded_away: int) -> Iterator[str]:
    if missing or folded_away:
        left = [plural(missing, "change") + " less dangerous than those above"] if missing else []
        left += [f"the details of {folded_away:,}"] if folded_away else []
        yield f"_Left out, as a comment has a limit: {' and '.join(left)}. `ecsplan show` has them all._"
    if view.digest:
        yield f"<sub>plan {escaped(view.digest[:16])}</sub>"


def report_markdown(view: ReportView) -> str:
    page = Page()
    for line in off_headlines(view.off):
        page.add(f"**{escaped(line)}**", "")
    page.add(*(f"- {escaped(line)}" for line in off_details(view.off)))
    page.add(f"### ecsplan · {escaped(conclusion(view))}", "")
    outputs = ((f"- {code(name)} = {code(shown(value))}",) for name, value in view.outputs.items())
    failures = [_failure(view, outcome) for outcome in view.failed]
    unchecked = [(f"- not checked {escaped(cut(unchecked_line(row), 600))}",) for row in view.unchecked]
    left_out = [(f"- left out {escaped(cut(line, 600))}",) for line in left_out_lines(view)]
    told = (*taken_back_lines(view), *snapshot_lines(view.snapshots))
    back = [(f"- {escaped(cut(line, 600))}",) for line in told]
    blocks = [*failures, *map(_skip, view.skipped), *back, *map(_ran, alike(view.ran)), *left_out, *unchecked, *outputs]
    left = page.add_while_fits(blocks)
    return page.text(*([f"_{left:,} more lines left out._"] if left else []))


def _failure(view: ReportView, outcome: Outcome) -> tuple[str]:
    told = escaped(cut(f"{outcome.code}: {outcome.message}", 600))
    request = f" (request {escaped(outcome.request_id)})" if outcome.request_id else ""
    at = f" ({code(place(outcome.source))})" if outcome.source else ""
    more = " ".join(filter(None, (escaped(made_all_the_same(view, outcome)), escaped(outcome.advice))))
    return (f"- **failed** {code(str(outcome.step))}{at}: {told}{request} {more}".rstrip(),)


def _ran(same: Sequence[Ran]) -> tuple[str, ...]:
    """Machines on which a command ended alike, with the end of what it printed."""
    line, body = escaped(cut(ran_line(same), 600)), list(output_lines(same[0]))
    if not body:
        return (f"- {line}",)
    return ("<details>", f"<summary>{line}</summary>", "", *fenced("text", body), "", "</details>", "")


def _skip(row: SkippedRow) -> tuple[str]:
    why = f"because {row.because} failed" if row.because else "interrupted"
    return (f"- skipped {code(members(row.addresses))}: {escaped(why)}",)
