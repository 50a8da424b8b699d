"""A plan for the terminal: what happens, the dangerous first, why, by which calls, and how long it takes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.plan import Guard
from ecsplan.model.preflight import Level
from ecsplan.model.reach import Reach
from ecsplan.render.attributes import AttributeRow
from ecsplan.render.cells import cells, padded
from ecsplan.render.commits import bounds_words, commit_words
from ecsplan.render.fold import fold
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.preflight import finding_lines, summary
from ecsplan.render.price import price_lines, totals_line
from ecsplan.render.reach import HEADS, SCOPE, newly_reachable, no_longer_reachable
from ecsplan.render.recovery import recovery_lines
from ecsplan.render.rollout import rollout_lines
from ecsplan.render.values import cut, shown
from ecsplan.render.view import CallRow, ChangeRow, PlanView, StepRow
from ecsplan.render.words import duration, members, plural, short_account

WIDEST_LABEL = 44
WIDEST_NAME = 32
WIDEST_VALUE = 56
LEVEL_STYLES = {Level.FAIL: "danger", Level.WARN: "update", Level.UNCHECKED: "dim"}
MOST_CALLS = 40  # beyond, calls are counted by operation
MOST_DIFF_LINES = 40
MOST_LOSSES = 20
LONG = 60.0  # seconds
MOST_CHAIN = 6  # steps of it that are named
MOST_LIVE = 5  # objects of one row that are named


def plan_text(view: PlanView, paint: Paint = unpainted, *, verbose: bool = False) -> str:
    """The whole plan; with `verbose`, each call with its parameters."""
    rows = fold(view.changes)
    parts = [[paint(headline(view), "bold")], *_body(view, rows, paint, verbose)]
    if view.steps:
        parts.append(list(chain_lines(view)))
        parts.append(list(_calls(view, paint, verbose)))
    if view.changes or view.steps:
        parts.append([paint(totals(view), "bold")])
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def chain_lines(view: PlanView) -> Iterator[str]:
    """What decides how long it takes, where that is longer than a minute."""
    chain = view.chain
    if view.seconds < LONG or len(chain) < 2:
        return
    few = chain if len(chain) <= MOST_CHAIN else (*chain[: MOST_CHAIN // 2], None, *chain[-MOST_CHAIN // 2 :])
    named = (f"{step.id.verb} {members(step.addresses)} ({duration(step.seconds)})" if step else "…" for step in few)
    yield f"What takes longest: {' → '.join(named)}"
    if view.learned:
        yield f"    as earlier runs took: {view.learned} of {plural(len(view.steps), 'step')}"


def headline(view: PlanView) -> str:
    """`web-prod · cn-hangzhou · account 1234…3456 · 47 live resources read in 14 calls, 0.6 s`."""
    words = [view.stack, f"new stack in {view.region}" if view.is_new_stack else view.region]
    if view.account:
        words.append(f"account {short_account(view.account)}")
    live = plural(view.live, "live resource")
    if view.calls_read:
        live += f" read in {plural(view.calls_read, 'call')}, {duration(view.read_seconds)}"
    return " · ".join([*words, live, *bounds_words(view.valid)])


def totals(view: PlanView) -> str:
    counted = [f"{count:,} to {word}" for word, count in view.counts.items() if count]
    drifted = f" ({view.drifted:,} drifted)" if view.drifted else ""
    unchanged = f"{view.unchanged:,} unchanged"
    if view.left_out:
        unchanged += f", {len(view.left_out):,} left out ({members(view.left_out)})"
    told = f"{', '.join(counted)}{drifted}; {unchanged}." if counted else f"No resource changes; {unchanged}."
    if view.impacts:
        told += " Impact: " + ", ".join(f"{count:,} {impact.text}" for impact, count in view.impacts.items()) + "."
    if not view.calls:
        return told
    return f"{told} {plural(view.calls, 'API call')}, about {duration(view.seconds)}."


def nothing(view: PlanView) -> str:
    """That there is nothing to do, and of how much."""
    looked_at = plural(view.unchanged, "resource")
    if view.is_destroy:
        return f"Nothing to destroy ({looked_at})"
    if not view.is_part:
        return f"No changes: the cloud is as the stack says ({looked_at})"
    others = f"; {len(view.left_out):,} left out ({members(view.left_out)})" if view.left_out else ""
    return f"No changes to what was asked for ({looked_at}){others}"


def outdated(view: PlanView) -> str:
    """Of things that are as they should be."""
    count, verb = len(view.records), "is" if len(view.records) == 1 else "are"
    what = f"{plural(count, 'record')} of what was applied {verb} out of date ({members(view.records)})"
    return f"{what}: apply brings {'it' if count == 1 else 'them'} up to date, by tags alone."


def _body(view: PlanView, rows: tuple[ChangeRow, ...], paint: Paint, verbose: bool) -> Iterator[list[str]]:
    yield [f"{paint('warning', 'update')}: {warning}" for warning in warnings(view)]
    if view.is_empty:
        yield [f"{nothing(view)}."]
    if view.records:
        yield [outdated(view)]
    yield list(_changes(view, rows, paint, verbose))
    yield [f"  note {row.label}: {note}" for row in fold(view.remarks) for note in (*row.notes, *row.blocked)]
    yield list(recovery_lines(view.recoveries))
    yield list(rollout_lines(view))
    yield list(reach_lines(view.reach, paint))
    if told := totals_line(view.prices):
        yield [told, *price_lines(view.prices)]
    yield list(_preflight(view, paint))
    yield [line for guard in told_guards(view) for line in guard_lines(guard, paint)]
    yield list(_outputs(view.outputs))


def changes_text(view: PlanView, paint: Paint = unpainted) -> Iterator[str]:
    """The changes alone, with their attributes before and after."""
    return _changes(view, tuple(fold(view.changes)), paint, verbose=False)


def _changes(view: PlanView, rows: tuple[ChangeRow, ...], paint: Paint, verbose: bool) -> Iterator[str]:
    width = min(max((cells(row.label) for row in rows), default=0), WIDEST_LABEL)
    for row in rows:
        yield from _change(row, width, paint, view.now)
        yield from _each(row, paint) if verbose else ()


def warnings(view: PlanView) -> Iterator[str]:
    for warning in view.warnings:
        who = f"{warning.address}: " if warning.address else ""
        yield f"{who}{warning.summary}" + (f" ({warning.detail})" if warning.detail else "") + _at(warning.source)


def _at(source: SourceRange | None) -> str:
    return f"   {place(source)}" if source else ""


def place(source: SourceRange | None) -> str:
    return f"{source.file}:{source.line}" if source else ""


def _change(row: ChangeRow, width: int, paint: Paint, now: float) -> Iterator[str]:
    head = f"{row.action.value} {row.word:<8} {padded(row.label, width)}"
    told = "  ".join(filter(None, (_effect(row, paint), row.reason, paint(_origin(row, now), "dim"))))
    yield f"{paint(head, row.word)}  {told}".rstrip()
    if live := row.live(MOST_LIVE):
        yield paint(f"    {live}", "dim")
    names = min(max((cells(attribute.name) for attribute in row.attributes), default=0), WIDEST_NAME)
    values = [attribute.text(row.own) for attribute in row.attributes]
    wide = min(max(map(cells, values), default=0), WIDEST_VALUE)
    for attribute, value in zip(row.attributes, values, strict=True):
        yield from _attribute(attribute, value, (names, wide), row, paint)
    yield from _consequences(row, paint)


def _origin(row: ChangeRow, now: float) -> str:
    """`stack.yaml:12 (1a2b3c4d by Ann, 3 days ago)`."""
    commit = f"({commit_words(row.commit, now)})" if row.commit is not None else ""
    return f"{place(row.source)} {commit}".strip()


def _each(row: ChangeRow, paint: Paint) -> Iterator[str]:
    """Who a line that stands for several is about, each with its id."""
    if len(row.addresses) > 1:
        ids = row.ids if len(row.ids) == len(row.addresses) else [""] * len(row.addresses)
        pairs = zip(row.addresses, ids, strict=True)
        yield from (paint(f"    is {address}  {id_}".rstrip(), "dim") for address, id_ in pairs)


def _effect(row: ChangeRow, paint: Paint) -> str:
    return paint(row.effect, "danger") if row.impact > Impact.BILLING else row.effect


def _attribute(
    attribute: AttributeRow, value: str, widths: tuple[int, int], row: ChangeRow, paint: Paint
) -> Iterator[str]:
    told = list(attribute.remarks())
    if attribute.source and attribute.source != row.source and row.action is not Action.CREATE:
        told.append(paint(place(attribute.source), "dim"))
    line = f"    {attribute.sign} {padded(attribute.name, widths[0])}  "
    yield (line + (f"{padded(value, widths[1])}   {'   '.join(told)}" if told else value)).rstrip()
    yield from (f"        {line}" for line in attribute.diff[:MOST_DIFF_LINES])
    if len(attribute.diff) > MOST_DIFF_LINES:
        yield f"        … {len(attribute.diff) - MOST_DIFF_LINES:,} more lines"


def _consequences(row: ChangeRow, paint: Paint) -> Iterator[str]:
    yield from (paint(f"    loses {loss}", "danger") for loss in row.loses[:MOST_LOSSES])
    if len(row.loses) > MOST_LOSSES:
        yield paint(f"    loses {len(row.loses) - MOST_LOSSES:,} more (see --format json)", "danger")
    yield from (paint(f"    blocked: {reason}", "danger") for reason in row.blocked)
    yield from (f"    note: {note}" for note in row.notes)


def _preflight(view: PlanView, paint: Paint) -> Iterator[str]:
    told = summary(view.preflight)
    if told:
        yield told
    for finding in view.preflight.findings:
        first, *rest = finding_lines(finding)
        yield paint(first, LEVEL_STYLES[finding.level])
        yield from rest


def told_guards(view: PlanView) -> list[Guard]:
    """Those that no finding of the preflight has told already."""
    told = {(finding.summary, finding.addresses) for finding in view.preflight.of(Level.FAIL)}
    return [guard for guard in view.guards if (guard.summary, guard.addresses) not in told]


def reach_lines(found: Sequence[Reach], paint: Paint = unpainted) -> Iterator[str]:
    for head, lines in zip(HEADS, (list(newly_reachable(found)), list(no_longer_reachable(found))), strict=True):
        if lines:
            yield paint(f"{head}, {SCOPE}:", "bold")
            yield from (f"    {line}" for line in lines)


def guard_lines(guard: Guard, paint: Paint = unpainted) -> Iterator[str]:
    who = f"{members(guard.addresses)}: " if guard.addresses else ""
    yield paint(f"apply will refuse: {who}{guard.summary}", "danger")
    if guard.detail:
        yield f"    {guard.detail}"


def _outputs(outputs: Mapping[str, Any]) -> Iterator[str]:
    if outputs:
        yield "Outputs:"
        width = max(map(cells, outputs))
        yield from (f"    {padded(name, width)} = {shown(value)}" for name, value in outputs.items())


def _calls(view: PlanView, paint: Paint, verbose: bool) -> Iterator[str]:
    if not verbose and view.calls > MOST_CALLS:
        counted = Counter(call.operation for step in view.steps for call in step.calls)
        yield "API calls:  " + ", ".join(f"{operation} {count:,}" for operation, count in counted.most_common())
        return
    yield "API calls, in order:"
    if verbose:
        yield from (line for step in view.steps for call in step.calls for line in _call_in_full(step, call, paint))
    else:
        yield from _call_lines(view)


def _call_lines(view: PlanView) -> Iterator[str]:
    """One line for each call; the same call several times in a row is counted."""
    calls = [(step, call) for step in view.steps for call in step.calls]
    found = []
    for (operation, note), same in groupby(calls, key=lambda pair: (pair[1].operation, pair[1].note)):
        pairs = list(same)
        who = members({address for step, call in pairs for address in call.creates or step.addresses})
        found.append((f"{operation} ×{len(pairs)}" if len(pairs) > 1 else operation, f"{who}  {note}".rstrip()))
    width = max((len(operation) for operation, _ in found), default=0)
    yield from (f"    {operation:<{width}}  {who}" for operation, who in found)


def _call_in_full(step: StepRow, call: CallRow, paint: Paint) -> Iterator[str]:
    wave = f"  wave {step.wave}" if step.wave else ""
    note = f"  {call.note}" if call.note else ""
    yield f"    {call.operation} ({call.product})  {members(call.creates or step.addresses)}{wave}{note}"
    yield from (paint(f"        {name} = {cut(shown(value))}", "dim") for name, value in call.params.items())
