"""Whole lists: every page read to the end, counted, and read again while it shifts under us.

Called by the engine on behalf of inventory. A list that cannot be shown to be whole is a `ShortRead`: an
item that was missed would be planned as absent, and made a second time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecsplan.api.shapes import kind_of
from ecsplan.model.call import Api, BadAnswer, Request, ShortRead

Item = Mapping[str, Any]
Page = Sequence[Item]
MapPages = Callable[[Callable[[int], Mapping[str, Any]], Iterable[int]], Iterable[Mapping[str, Any]]]
"""`map`, or the `map` of an executor: the pages after the first are then fetched side by side."""

PAUSES = (0.0, 0.5, 1.0, 2.0)  # seconds before a list that moved is read again
MOST_PAGES = 2000  # of one list; no account has so many things of a kind
STALE_PAGES = 3  # in a row that bring nothing new: the service goes round in circles


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
        """The items of one answer. Null stands for an empty list; any other type than expected is a BadAnswer."""
        # An empty list may lack its inner wrapper; an answer without the outer one is about something else.
        if self.path[0] not in answer and answer.get("TotalCount") != 0:
            raise self.bad(f"the answer holds no {self.path[0]}")
        value: Any = answer
        for depth, name in enumerate(self.path):
            if depth and value and name not in value:
                raise self.bad(f"{'.'.join(self.path[:depth])} holds no {name}")
            value = value.get(name)
            if value is None:
                return []
            expected = list if depth == len(self.path) - 1 else Mapping
            if not isinstance(value, expected):
                raise self.bad(f"{'.'.join(self.path[: depth + 1])} is {kind_of(value)}")
        for number, item in enumerate(value if self.id else ()):
            self._check(item, f"{'.'.join(self.path)}[{number}]")
        return list(value)

    def _check(self, item: Any, place: str) -> None:
        if not isinstance(item, Mapping):
            raise self.bad(f"{place} is {kind_of(item)} where an object is expected")
        if not item.get(self.id) or not isinstance(item[self.id], str):
            raise self.bad(f"{place}.{self.id} is {kind_of(item.get(self.id))} where an id is expected")

    def bad(self, problem: str) -> BadAnswer:
        return BadAnswer(self.request.operation, problem)

    def count(self, answer: Mapping[str, Any], name: str) -> int | None:
        """A count of the answer; None where it has none."""
        value = answer.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        raise self.bad(f"{name} is {kind_of(value)} where a count is expected")

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
    pause: Callable[[float], None] = lambda seconds: None,
    once: bool = False,
) -> list[Page]:
    """All pages of `items_path` (`"Disks.Disk"`); raises ShortRead rather than leave one out.

    `item_id` is the member that names an item; without it, items that came twice are not noticed. A list that moved
    is read again after a `pause`, unless `once` says that the caller looks again by itself.
    """
    wanted = _List(api, request, tuple(items_path.split(".")), item_id)
    for seconds in (*(() if once else PAUSES), None):
        if isinstance(style, ByToken):
            read, problem = _by_token(wanted, style.size)
        else:
            read, problem = _by_number(wanted, style.size, map_pages)
        problem = problem or _doubled(wanted, read)
        if problem is None:
            return read
        if seconds is None:
            break
        pause(seconds)
    again = "" if once else f", {len(PAUSES) + 1} times in a row"
    seen = [item for page in read for item in page]
    raise ShortRead(request.operation, f"the list kept changing while it was read ({problem}{again})", seen)


def _doubled(wanted: _List, read: Sequence[Page]) -> str | None:
    ids = wanted.ids(read)
    doubled = len(ids) - len(set(ids))
    return f"{doubled} item{'s' * (doubled != 1)} came on two pages" if doubled else None


def _by_token(wanted: _List, size: int) -> tuple[list[Page], str | None]:
    read: list[Page] = []
    seen: set[str] = set()
    known: set[Any] = set()
    stale = 0
    token: str | None = None
    while True:
        answer = wanted.fetch(MaxResults=size, NextToken=token)
        read.append(wanted.page(answer))
        token = _token(wanted, answer)
        if token is None:
            return read, None
        new = set(wanted.ids(read[-1:])) - known
        known |= new
        stale = 0 if new else stale + 1
        if token in seen or stale == STALE_PAGES or len(read) == MOST_PAGES:
            raise wanted.bad(_endless(token in seen, stale, len(read)))
        seen.add(token)


def _token(wanted: _List, answer: Mapping[str, Any]) -> str | None:
    token = answer.get("NextToken")
    if token is not None and not isinstance(token, str):
        raise wanted.bad(f"NextToken is {kind_of(token)} where a string is expected")
    return token or None


def _endless(is_repeated: bool, stale: int, count: int) -> str:
    if is_repeated:
        return "the service gave the same NextToken twice: the list has no end"
    if stale == STALE_PAGES:
        return f"{stale} pages in a row brought nothing new: the list has no end"
    return f"the list goes on after {count} pages"


def _by_number(wanted: _List, size: int, map_pages: MapPages) -> tuple[list[Page], str | None]:
    first = wanted.fetch(PageNumber=1, PageSize=size)
    total = wanted.count(first, "TotalCount")
    if total is None:
        return _until_not_full(wanted, size, first), None
    # The service may have cut the page size down to its own limit.
    granted = min(size, wanted.count(first, "PageSize") or size)
    last = -(-total // granted)
    if last > MOST_PAGES:
        raise wanted.bad(f"TotalCount says that there are {total} items, more than {MOST_PAGES} pages of them")
    rest = list(map_pages(lambda n: wanted.fetch(PageNumber=n, PageSize=granted), range(2, last + 1)))
    read = [wanted.page(answer) for answer in (first, *rest)]
    got = len(set(wanted.ids(read)))
    # Whichever page counted last knows best; a list that grew meanwhile is read again too.
    expected = max([total, *(wanted.count(answer, "TotalCount") or 0 for answer in rest)])
    return read, f"{got} of {expected} items came" if got < expected else None


def _until_not_full(wanted: _List, size: int, first: Mapping[str, Any]) -> list[Page]:
    read = [wanted.page(first)]
    while len(read[-1]) >= size:
        if len(read) == MOST_PAGES:
            raise wanted.bad(_endless(False, 0, len(read)))
        read.append(wanted.page(wanted.fetch(PageNumber=len(read) + 1, PageSize=size)))
    return read
