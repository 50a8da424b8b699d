"""A plan held against an earlier one, change by change: for people, for a comment, for programs."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.change import AttributeChange
from ecsplan.model.delta import DECLARED, LIVE, PLANNED, Delta, FactChange, Standing
from ecsplan.model.kind import Kind, Kinds
from ecsplan.render.attributes import AttributeRow, rows_of
from ecsplan.render.markdown import Page, code, escaped
from ecsplan.render.paint import Paint, unpainted
from ecsplan.render.values import clean, cut, plain
from ecsplan.render.words import ACTION_WORDS, members

DELTA_FORMAT = "ecsplan-plan-diff/v1"
_SIGNS = {Standing.CHANGED: "~", Standing.NEW: "+", Standing.GONE: "-", Standing.SAME: "="}
_STYLES = {Standing.CHANGED: "update", Standing.NEW: "create", Standing.GONE: "delete", Standing.SAME: "dim"}
_SIDES = {LIVE: "live", PLANNED: "planned", DECLARED: "declared"}


class Plans(Struct, frozen=True):
    """The two plans by name and digest, the older one first, and every change of either."""

    names: tuple[str, str]
    digests: tuple[str, str]
    deltas: tuple[Delta, ...]
    kinds: Kinds

    @property
    def counts(self) -> dict[str, int]:
        return {standing.value: sum(one.standing is standing for one in self.deltas) for standing in Standing}

    @property
    def is_same(self) -> bool:
        return all(delta.standing is Standing.SAME for delta in self.deltas)

    @property
    def conclusion(self) -> str:
        counts = self.counts
        if not self.deltas:
            return "Neither plan changes anything."
        if self.is_same:
            return f"All {counts['same']:,} changes are the same: their approvals count for both plans."
        told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if word != "same" and count)
        return f"{told}; {counts['same']:,} the same, which keep their approvals."


class _Row(Struct, frozen=True):
    """Members of one group that differ in the same way."""

    addresses: tuple[Address, ...]
    delta: Delta
    lines: tuple[str, ...]

    @property
    def headline(self) -> str:
        node = self.delta.new or self.delta.old
        word = ACTION_WORDS[node.action] if node is not None else ""
        if self.delta.standing is Standing.CHANGED and self.delta.old is not None:
            earlier = ACTION_WORDS[self.delta.old.action]
            word = word if earlier == word else f"{earlier} → {word}"
        return f"{word} {members(self.addresses)}"


def delta_text(plans: Plans, paint: Paint = unpainted) -> str:
    lines = [" → ".join(plans.names), ""]
    for row in _rows(plans):
        standing = row.delta.standing
        lines.append(paint(f"{_SIGNS[standing]} {standing.value:<8} {row.headline}", _STYLES[standing]))
        lines += [f"    {line}" for line in row.lines]
    if plans.deltas:
        lines.append("")
    return "\n".join([*lines, plans.conclusion]) + "\n"


def delta_markdown(plans: Plans) -> str:
    """At most 65,000 characters, what is not the same first."""
    page = Page()
    names = " → ".join(f"{code(name)} ({code(digest[:19])})" for name, digest in zip(*_pairs(plans), strict=True))
    page.add(f"### ecsplan · {names}", "", f"**{escaped(plans.conclusion)}**", "")
    rows = list(_rows(plans))
    left = 0
    if rows:
        page.add("| | Change | What is another now |", "|---|---|---|")
        left = page.add_while_fits((_table_row(row),) for row in rows)
    return page.text(*([f"… and {left:,} more rows."] if left else []))


def _pairs(plans: Plans) -> tuple[tuple[str, str], tuple[str, str]]:
    return plans.names, plans.digests


def _table_row(row: _Row) -> str:
    told = "<br>".join(escaped(cut(line, 300)) for line in row.lines[:10])
    more = f"<br>… and {len(row.lines) - 10:,} more" if len(row.lines) > 10 else ""
    return f"| {row.delta.standing.value} | {escaped(row.headline)} | {told}{more} |"


def delta_document(plans: Plans) -> dict[str, Any]:
    return {
        "format": DELTA_FORMAT,
        "plans": [{"name": name, "digest": digest} for name, digest in zip(plans.names, plans.digests, strict=True)],
        "is_same": plans.is_same,
        "counts": plans.counts,
        "changes": [_document(delta, plans.kinds) for delta in plans.deltas],
    }


def _document(delta: Delta, kinds: Kinds) -> dict[str, Any]:
    return {
        "address": str(delta.address),
        "standing": delta.standing.value,
        "actions": [ACTION_WORDS[node.action] if node else None for node in (delta.old, delta.new)],
        "ids": [(node.id or None) if node else None for node in (delta.old, delta.new)],
        "digests": [node.digest if node else None for node in (delta.old, delta.new)],
        "moved": [
            {"fact": row.name, "side": _side(moved) or None, "before": plain(row.before), "after": plain(row.after)}
            for moved in delta.moved
            for row in _moved_rows(moved, kinds.get(delta.address.kind))
        ],
    }


def _rows(plans: Plans) -> Iterator[_Row]:
    found: dict[object, _Row] = {}
    for delta in plans.deltas:
        lines = tuple(_lines(delta, plans.kinds.get(delta.address.kind)))
        actions = tuple(node.action if node else None for node in (delta.old, delta.new))
        alike = delta.address.group if delta.standing is not Standing.SAME else ""
        key = (delta.standing, alike, actions, lines)
        row = found.get(key)
        found[key] = _Row((*row.addresses, delta.address) if row else (delta.address,), delta, lines)
    yield from found.values()


def _lines(delta: Delta, kind: Kind | None) -> Iterator[str]:
    for moved in delta.moved:
        side = _side(moved)
        for row in _moved_rows(moved, kind):
            yield f"{row.sign} {row.name}{f' ({side})' if side else ''}: {row.text()}"
            yield from (f"  {clean(line)}" for line in row.diff)


def _moved_rows(moved: FactChange, kind: Kind | None) -> Iterable[AttributeRow]:
    return rows_of([AttributeChange(moved.fact[0], moved.before, moved.after, sensitive=moved.is_secret)], kind)


def _side(moved: FactChange) -> str:
    return _SIDES.get(moved.fact[1], moved.fact[1])
