"""Whole lists: every page read to the end, counted, and read again once when it shifted under us.

Called by the engine on behalf of inventory. A list that cannot be shown to be whole is a `ShortRead`: an
item that was missed would be planned as absent, and made a second time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecsplan.model.call import Api, ApiError, ErrorClass, Request

Item = Mapping[str, Any]
Page = Sequence[Item]
MapPages = Callable[[Callable[[int], Mapping[str, Any]], Iterable[int]], Iterable[Mapping[str, Any]]]
"""`map`, or the `map` of an executor: the pages after the first are then fetched side by side."""


class ShortRead(ApiError):
    """The pages of a list do not add up, twice in a row."""

    def __init__(self, operation: str, message: str) -> None:
        super().__init__(operation, "ShortRead", message, error_class=ErrorClass.FATAL)


@dataclass(frozen=True, slots=True)
class ByToken:
    """NextToken and MaxResults. `TotalCount` means nothing here; the page without a token is the last."""

    size: int


@dataclass(frozen=True, slots=True)
class ByNumber:
    """PageNumber and PageSize; `TotalCount` is to be believed."""

    size: int


@dataclass(frozen=True, slots=True)
class _List:
    """One list to be read: where its items are in the answer, and which member names them."""

    api: Api
    request: Request
    path: tuple[str, ...]
    id: str | None

    def fetch(self, **paging: Any) -> Mapping[str, Any]:
        return self.api.send(replace(self.request, params={**self.request.params, **paging}))

    def page(self, answer: Mapping[str, Any]) -> Page:
        value: Any = answer
        for depth, name in enumerate(self.path):
            # An empty list may lack its inner wrapper; an answer without the outer one is about something else.
            if name not in value and depth == 0 and answer.get("TotalCount") != 0:
                raise ShortRead(self.request.operation, f"the answer holds no {name}")
            value = value.get(name) or {}
        return value or []

    def ids(self, pages: Sequence[Page]) -> list[Any]:
        return [item.get(self.id) if self.id else id(item) for page in pages for item in page]


def pages(
    api: Api,
    request: Request,
    items_path: str,
    *,
    style: ByToken | ByNumber,
    item_id: str | None = None,
    map_pages: MapPages = map,
) -> list[Page]:
    """All pages of `items_path` (`"Disks.Disk"`); raises ShortRead rather than leave one out.

    `item_id` is the member that names an item; without it, items that came twice are not noticed.
    """
    wanted = _List(api, request, tuple(items_path.split(".")), item_id)
    for _ in range(2):
        if isinstance(style, ByToken):
            read, problem = _by_token(wanted, style.size)
        else:
            read, problem = _by_number(wanted, style.size, map_pages)
        ids = wanted.ids(read)
        if problem is None and len(set(ids)) < len(ids):
            problem = f"{len(ids) - len(set(ids))} items came on two pages"
        if problem is None:
            return read
    raise ShortRead(request.operation, problem or "")


def _by_token(wanted: _List, size: int) -> tuple[list[Page], str | None]:
    read: list[Page] = []
    seen: set[str] = set()
    token: str | None = None
    while True:
        answer = wanted.fetch(MaxResults=size, NextToken=token)
        read.append(wanted.page(answer))
        token = answer.get("NextToken") or None
        if token is None:
            return read, None
        if token in seen:
            return read, "the service gave the same NextToken twice"
        seen.add(token)


def _by_number(wanted: _List, size: int, map_pages: MapPages) -> tuple[list[Page], str | None]:
    first = wanted.fetch(PageNumber=1, PageSize=size)
    total = first.get("TotalCount")
    if not isinstance(total, int):
        return _until_not_full(wanted, size, first), None
    # The service may have cut the page size down to its own limit.
    granted = min(size, int(first.get("PageSize") or size))
    last = -(-total // granted)
    rest = list(map_pages(lambda n: wanted.fetch(PageNumber=n, PageSize=granted), range(2, last + 1)))
    read = [wanted.page(answer) for answer in (first, *rest)]
    got = len(set(wanted.ids(read)))
    # Whichever page counted last knows best; a list that grew meanwhile is read again too.
    expected = max([total, *(int(answer.get("TotalCount") or 0) for answer in rest)])
    return read, f"{got} of {expected} items came" if got < expected else None


def _until_not_full(wanted: _List, size: int, first: Mapping[str, Any]) -> list[Page]:
    read = [wanted.page(first)]
    while len(read[-1]) >= size:
        read.append(wanted.page(wanted.fetch(PageNumber=len(read) + 1, PageSize=size)))
    return read
