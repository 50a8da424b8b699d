"""Reads of other services than a kind's own: lists under lists, and a look at what a wait is about. Used by read.py."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ecsplan.inventory.decode import at_path
from ecsplan.model.algebra import Raw
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.model.copying import replace
from ecsplan.model.kind import Detail, Kind, Paging, Under
from ecsplan.model.look import Look

if TYPE_CHECKING:
    from ecsplan.inventory.read import Source


def each_under(source: "Source", detail: Detail) -> Iterator[Raw]:
    """The items of a detail for each item of the list above it, with what that one says of itself."""
    assert detail.under is not None
    for above in _listed(source, detail, detail.under):
        request = Request(detail.operation, {"RegionId": source.region, **above}, detail.product)
        for item in at_path(source.send(request), detail.items) or ():
            yield {**above, **item}


def _listed(source: "Source", detail: Detail, under: Under) -> Iterator[Mapping[str, Any]]:
    """The id of each item of a list, by its name, asked for each of the list above that."""
    for above in _listed(source, detail, under.under) if under.under is not None else ({},):
        request = Request(under.operation, {"RegionId": source.region, **above}, detail.product)
        if under.paging is Paging.NONE:
            items = at_path(source.send(request), under.items) or ()
        else:
            items = source.pages(request, under.items, under.paging, under.page_size, under.id)
        yield from ({under.id: item[under.id]} for item in items)


def detail_of(kind: Kind, place: str) -> tuple[Detail, str]:
    """`@alb:sgp-1` as the detail of a kind and the group that is meant."""
    into, _, group = place.partition(":")
    return next(detail for detail in kind.listing.details if detail.into == into), group


def look_aside(source: "Source", kind: Kind, place: str, ids: Sequence[str]) -> Look:
    """What one group tells of some objects; one that is in it no more, or whose group is gone, has nothing there."""
    detail, group = detail_of(kind, place)
    assert detail.watched is not None
    seen = Look()
    try:
        rows = _rows(source, detail, detail.watched.param, group, ids)
    except ApiError as error:
        if error.error_class is not ErrorClass.ABSENT:
            seen.unknown |= dict.fromkeys(ids, error)
            return seen
        rows = []
    seen.found |= {one: detail.watched.states([row for row in rows if row.get(detail.key) == one]) for one in ids}
    return seen


def _rows(source: "Source", detail: Detail, param: str, group: str, ids: Sequence[str]) -> Sequence[Raw]:
    request = Request(detail.operation, {"RegionId": source.region, **detail.params, param: group}, detail.product)
    if detail.under is not None:
        return at_path(source.send(request), detail.items) or ()
    assert detail.ids is not None
    if detail.ids.form == "whole":
        return source.pages(request, detail.items, detail.paging, detail.page_size, None, once=True)
    found: list[Raw] = []
    for start in range(0, len(ids), detail.ids.limit):
        asked = list(ids[start : start + detail.ids.limit])
        one = replace(request, params={**request.params, detail.ids.param: asked})
        found += source.pages(one, detail.items, detail.paging, detail.page_size, None, once=True)
    return found
