"""Whole lists: every page read to the end, counted, and read again while it shifts under us.

Called by the engine on behalf of inventory. A list that cannot be shown to be whole is a `ShortRead`: an
item that was missed would be planned as absent, and made a second time.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

from ecsplan.api.shapes import kind_of
from ecsplan.model.call import Api, ApiError, BadAnswer, Request, ShortRead
from ecsplan.model.copying import replace
from ecsplan.model.kind import Split

Item = Mapping[str, Any]
Page = Sequence[Item]
MapPages = Callable[[Callable[[int], Any], Iterable[int]], Iterable[Any]]
"""`map`, or the `map` of an executor: the pages after the first are then fetched side by side."""

PAUSES = (0.0, 0.5, 1.0, 2.0)  # seconds before a list that moved is read again
MOST_PAGES = 2000  # of one list; no account has so many things of a kind
STALE_PAGES = 3  # in a row that bring nothing new: the service goes round in circles
BEFORE_PARTS = 4  # pages by token, before a list that goes on is read in parts
LONG = 30  # pages of a list that is read in parts: with the counts and the pages before, 1.3 times the calls at most
MOST_IN_A_PART = 0.75  # of the first pages: what is all in one part is read as fast without them
_SMALL = 10  # things on the page that is only asked for its count; what the API gives unasked
CREATED = "CreationTime"  # of every thing in the lists that are paged both ways; to the minute, or to the second
_MINUTE = len("2017-12-10T04:04")
_MARGIN = 120.0  # seconds; what was created longer ago was there when the reading began, whoever's clock is right
_NUMBERS_REFUSED = re.compile(r"Page(Number|Size)")


class ByToken(Struct, frozen=True):
    """NextToken and MaxResults. `TotalCount` means nothing here; the page without a token is the last.

    A long list is read in the parts of `split`, by `map_parts` side by side, where its first pages show that these are
    even.
    """

    size: int
    split: Split | None = None
    map_parts: MapPages = map


class ByNumber(Struct, frozen=True):
    """PageNumber and PageSize; `TotalCount` is to be believed."""

    size: int


class ByEither(Struct, frozen=True):
    """Page numbers, side by side, where they prove the list whole; else, and where there are none left, by token.

    `now` tells the time by the service's clock, in seconds.
    """

    size: int
    now: Callable[[], float] = time.time


Style = ByToken | ByNumber | ByEither


class _List(Struct, frozen=True):
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
    style: Style,
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
        read, problem = _read(wanted, style, map_pages)
        problem = problem or _doubled(wanted, read)
        if problem is None:
            return read
        if seconds is None:
            break
        pause(seconds)
    again = "" if once else f", {len(PAUSES) + 1} times in a row"
    seen = [item for page in read for item in page]
    raise ShortRead(request.operation, f"the list kept changing while it was read ({problem}{again})", seen)


def _read(wanted: _List, style: Style, map_pages: MapPages) -> tuple[list[Page], str | None]:
    if isinstance(style, ByNumber):
        return _by_number(wanted, style.size, map_pages)
    # Without ids nothing would tell what came twice.
    proven = _side_by_side(wanted, style, map_pages) if isinstance(style, ByEither) and wanted.id else None
    if proven is not None:
        return proven, None
    return _by_token(wanted, style.size, _Parts(style.split, style.map_parts) if isinstance(style, ByToken) else None)


def _doubled(wanted: _List, read: Sequence[Page]) -> str | None:
    ids = wanted.ids(read)
    doubled = len(ids) - len(set(ids))
    return f"{doubled} item{'s' * (doubled != 1)} came on two pages" if doubled else None


def _by_token(wanted: _List, size: int, parts: "_Parts | None" = None) -> tuple[list[Page], str | None]:
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
        if len(read) == BEFORE_PARTS and parts is not None and (found := parts.read(wanted, size, read)) is not None:
            return found


class _Parts(Struct, frozen=True):
    """The parts of a list that are read side by side."""

    split: Split | None
    map_parts: MapPages

    def read(self, wanted: _List, size: int, first: Sequence[Page]) -> tuple[list[Page], str | None] | None:
        """The whole list, as `_by_token`; None where its parts are not worth it.

        What the filter leaves out would be missing: the parts must count what the whole list counts. Where they do
        not come to that, the list is begun anew: what moved meanwhile may be on either side of where `first` ended.
        """
        if self.split is None or not wanted.id or not self._are_even(first):
            return None
        total = _counted(wanted)
        if total is None or total < size * LONG:
            return None
        numbers = range(len(self.split.values))
        counts = list(self.map_parts(lambda number: _counted(self._of_part(wanted, number)) or 0, numbers))
        # Counted again: what came in between would make up for what is in no part.
        if not sum(counts) == total == _counted(wanted):
            return None
        parts = self._read(wanted, size)
        if problem := next(filter(None, (_doubled(wanted, pages) for pages in parts)), None):
            return [page for pages in parts for page in pages], problem
        found = {item[wanted.id]: item for pages in parts for page in pages for item in page}
        is_short = any(sum(map(len, pages)) < count for pages, count in zip(parts, counts, strict=True))
        return _by_token(wanted, size) if is_short or len(found) < total else ([list(found.values())], None)

    def _read(self, wanted: _List, size: int) -> list[list[Page]]:
        """The pages of each part. The first fault of one ends the others: nobody waits for what they would bring."""
        assert self.split is not None
        faults: list[ApiError] = []
        before = wanted.request.is_off
        request = replace(wanted.request, is_off=lambda: bool(faults) or (before is not None and before()))

        def read(number: int) -> list[Page]:
            try:
                return [] if faults else _by_token(self._of_part(replace(wanted, request=request), number), size)[0]
            except ApiError as error:
                faults.append(error)
                return []

        found = list(self.map_parts(read, range(len(self.split.values))))
        if faults:
            raise faults[0]
        return found

    def _are_even(self, pages: Sequence[Page]) -> bool:
        assert self.split is not None
        found = Counter(item.get(self.split.member) for page in pages for item in page)
        return max(found.values()) <= MOST_IN_A_PART * found.total() and found.keys() <= set(self.split.values)

    def _of_part(self, wanted: _List, number: int) -> _List:
        assert self.split is not None
        params = {**wanted.request.params, self.split.param: self.split.values[number]}
        return replace(wanted, request=replace(wanted.request, params=params))


def _counted(wanted: _List) -> int | None:
    """How many things the list has; None where the service does not tell."""
    try:
        return wanted.count(wanted.fetch(PageNumber=1, PageSize=_SMALL), "TotalCount")
    except ApiError as error:
        if not _NUMBERS_REFUSED.search(f"{error.code} {error.message}"):
            raise
        return None


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


def _side_by_side(wanted: _List, style: ByEither, map_pages: MapPages) -> list[Page] | None:
    """The whole list by page numbers; None where that is not proven, and where the action knows no numbers any more."""
    try:
        numbered = _first_of(wanted, style)
        return None if numbered is None else numbered.read(map_pages)
    except ApiError as error:
        if not _NUMBERS_REFUSED.search(f"{error.code} {error.message}"):
            raise
        return None


def _first_of(wanted: _List, style: ByEither) -> "_Numbered | None":
    """The first page, if it says how many things there are, and they say how old they are."""
    started = style.now()
    answer = wanted.fetch(PageNumber=1, PageSize=style.size)
    head, total = wanted.page(answer), wanted.count(answer, "TotalCount")
    if total is None or total > MOST_PAGES * style.size or wanted.count(answer, "PageNumber") not in (None, 1):
        return None
    if len(head) < total and not (head and all(map(_created, head))):
        return None
    return _Numbered(wanted, min(style.size, wanted.count(answer, "PageSize") or style.size), total, started, head)


class _Numbered(Struct, frozen=True):
    """A list whose first page was read. As many different things as were counted then, all of them there by then, are
    all that were there: however the others move from page to page meanwhile, and whatever comes twice.
    """

    wanted: _List
    size: int
    total: int
    started: float
    head: Page

    def read(self, map_pages: MapPages) -> list[Page] | None:
        last = -(-self.total // self.size)
        numbers = list(range(2, last + 1))
        if len(set(map(_created, self.head))) == 1:
            numbers = numbers[-1:] + numbers[:-1]  # for _are_ends_as_before
        answers = dict(zip(numbers, map_pages(self._fetch, numbers), strict=True))
        pages: list[Page] = [self.head, *(answers[number] for number in sorted(numbers))]
        found = dict(zip(self.wanted.ids(pages), (item for page in pages for item in page), strict=True))
        return [list(found.values())] if len(found) == self.total and self._were_there(pages, map_pages) else None

    def _fetch(self, number: int) -> Page:
        """Nothing, if the service counts no pages any more, and answers the first of them again and again."""
        answer = self.wanted.fetch(PageNumber=number, PageSize=self.size)
        return self.wanted.page(answer) if self.wanted.count(answer, "PageNumber") in (None, number) else []

    def _were_there(self, pages: Sequence[Page], map_pages: MapPages) -> bool:
        """Whether what is not on the first page was there when that was read: by its age, or since the list is in
        order, newest first, where new things come on the first page.
        """
        before = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(self.started - _MARGIN))
        if all("" < _created(item) < before for page in pages[1:] for item in page):
            return True
        times = [_created(item) for page in pages for item in page]
        if not all(times) or any(one < after for one, after in pairwise(times)):
            return False
        return times[0] > times[-1] or self._are_ends_as_before(pages, map_pages)

    def _are_ends_as_before(self, pages: Sequence[Page], map_pages: MapPages) -> bool:
        """Of things that all came in one minute nothing tells the order: whatever came or went since has moved an end.

        The last page was read right after the first.
        """
        ends = {1: pages[0], len(pages): pages[-1]}
        again = list(map_pages(self._fetch, ends))
        return all(
            self.wanted.ids([old]) == self.wanted.ids([new]) for old, new in zip(ends.values(), again, strict=True)
        )


def _created(item: Item) -> str:
    """When the item was created, to the minute; empty where it does not tell."""
    value = item.get(CREATED)
    return value[:_MINUTE] if isinstance(value, str) else ""


def _until_not_full(wanted: _List, size: int, first: Mapping[str, Any]) -> list[Page]:
    read = [wanted.page(first)]
    while len(read[-1]) >= size:
        if len(read) == MOST_PAGES:
            raise wanted.bad(_endless(False, 0, len(read)))
        read.append(wanted.page(wanted.fetch(PageNumber=len(read) + 1, PageSize=size)))
    return read
