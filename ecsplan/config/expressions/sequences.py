"""The filters that look at each member of a list: map, select, reject, sort, join.

They apply other filters and tests by name, so they are given an `Inside`: jinja.py makes it, and has each use paid for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ecsplan.config.expressions.functions import as_items, as_text, as_text_only, or_default, ordered
from ecsplan.config.expressions.joining import joined
from ecsplan.config.expressions.paths import Held
from ecsplan.config.expressions.value_bounds import MAXIMUM_TEXT, too_long
from ecsplan.config.syntax.budget import Budget
from ecsplan.config.syntax.faults import ExpressionError


class Inside(Protocol):
    """The expression that a filter stands in."""

    budget: Budget

    def filtered(self, name: str, value: object, arguments: Sequence[object]) -> object: ...

    def is_so(self, name: str, value: object, arguments: Sequence[object]) -> bool: ...

    def member(self, value: object, path: str) -> object: ...


def _map(inside: Inside, value: object, *by: object, attribute: object = None, default: object = None) -> list[object]:
    """`hosts|map('upper')`, `rules|map(attribute='port')`."""
    items = as_items(value)
    if attribute is not None and not by:
        found = [inside.member(item, as_text_only(attribute)) for item in items]
        return found if default is None else [or_default(one, default) for one in found]
    if attribute is None and by:
        return [inside.filtered(as_text_only(by[0]), item, by[1:]) for item in items]
    raise ExpressionError(
        "map takes the name of a filter, or an attribute", "write map('upper') or map(attribute='id')"
    )


def _chosen(wanted: bool, *, by_attribute: bool) -> Callable[..., list[object]]:
    def chosen(inside: Inside, value: object, *by: object) -> list[object]:
        attribute, by = (as_text_only(by[0]), by[1:]) if by_attribute and by else ("", by)
        if by_attribute and not attribute:
            raise ExpressionError("which attribute is not said", "write selectattr('zone', 'eq', 'cn-hangzhou-h')")

        def fits(item: object) -> bool:
            looked_at = inside.member(item, attribute) if attribute else item
            return inside.is_so(as_text_only(by[0]), looked_at, by[1:]) if by else bool(looked_at)

        return [item for item in as_items(value) if fits(item) is wanted]

    return chosen


def _sort(inside: Inside, value: object, reverse: object = False, attribute: object = None) -> list[object]:
    items = as_items(value)
    if attribute is None:
        return sorted(ordered(items), reverse=bool(reverse))
    keys = ordered([inside.member(item, as_text_only(attribute)) for item in items])
    places = sorted(range(len(items)), key=lambda place: keys[place], reverse=bool(reverse))
    return [items[place] for place in places]


def _join(inside: Inside, value: object, separator: object = "") -> object:
    """One text; of values known only after apply, one that apply fills in."""
    items, between = as_items(value), as_text_only(separator)
    texts = [as_text(item) for item in items if not isinstance(item, Held)]
    if sum(map(len, texts)) + len(between) * len(items) > MAXIMUM_TEXT:
        raise too_long()
    if len(texts) == len(items):
        return between.join(texts)
    parts = [item.value if isinstance(item, Held) else as_text(item) for item in items]
    return Held(joined([one for part in parts for one in (between, part)][1:], inside.budget))


SEQUENCE_FILTERS: Mapping[str, Callable[..., object]] = {
    "join": _join,
    "map": _map,
    "reject": _chosen(False, by_attribute=False),
    "rejectattr": _chosen(False, by_attribute=True),
    "select": _chosen(True, by_attribute=False),
    "selectattr": _chosen(True, by_attribute=True),
    "sort": _sort,
}
