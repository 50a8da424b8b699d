"""Alibaba Cloud as a provider: its kinds' requests through the client, whole lists side by side. Opened by engine/."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from queue import Queue
from typing import Any

from msgspec import Struct, field

from ecsplan.api.classify import classify
from ecsplan.api.paging import ByEither, ByNumber, ByToken, Style, pages
from ecsplan.api.transport import READERS
from ecsplan.inventory.ahead import Expected
from ecsplan.inventory.aside import look_aside
from ecsplan.inventory.decode import at_path
from ecsplan.inventory.listed import Lists
from ecsplan.inventory.read import look, read_ids, read_lists
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Api, ApiError, ErrorClass, Product, Request
from ecsplan.model.clock import Clock
from ecsplan.model.cloud import Cloud
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kinds, Listing, Paging, Split
from ecsplan.model.look import Look
from ecsplan.model.values import Offer
from ecsplan.provider.ahead import Ahead
from ecsplan.provider.cloud import cloud_of
from ecsplan.provider.offers import is_offered
from ecsplan.provider.protocol import Provider
from ecsplan.provider.readers import Readers
from ecsplan.provider.shared import Turn

# What asks for a page of a size.
_PAGE = {Paging.TOKEN: ("MaxResults",), Paging.PAGE: ("PageSize",), Paging.EITHER: ("PageSize",)}
# What asks for a page of a size, and for the one after it.
_BY_TOKEN = ("MaxResults", "NextToken")
_TURNS = {Paging.TOKEN: _BY_TOKEN, Paging.EITHER: _BY_TOKEN, Paging.PAGE: ("PageSize", "PageNumber")}
_FIRST_PAGES = 10  # new things are on these, even while many stacks are applied at once


def clock_of(api: Api) -> Clock:
    """The clock that the client goes by, or the provider."""
    if isinstance(api, Provider):
        return api.clock
    return cloud_of(api).clock


def account_of(api: Api) -> str:
    """The account that the key belongs to."""
    if isinstance(api, Provider):
        return api.account()
    return str(api.send(Request("GetCallerIdentity", {}, Product.STS)).get("AccountId", ""))


def _items(listing: Listing, answer: Mapping[str, Any]) -> Sequence[Raw]:
    return [raw for raw in at_path(answer, listing.items) or () if raw.get(listing.id)]


class Alibaba(Struct, frozen=True):
    """Pages of one list are fetched by `paging`, lists by `reading`.

    Two pools, since a list waits for its pages: in one, all workers could wait for each other.
    """

    api: Cloud
    kinds: Kinds
    reading: Executor
    paging: Executor
    ahead: Ahead
    listed: dict[str, set[str]] = field(default_factory=dict)
    """The ids that lists have shown while they were waited for, by kind."""
    totals: dict[str, int] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    """The actions that something was created with."""
    first: Queue[Future[Lists]] = field(default_factory=Queue)
    """Lists on their way, for the first who asks for them."""
    is_over: threading.Event = field(default_factory=threading.Event)
    """Nobody waits for any list any more: no page of one is asked for."""

    @property
    def region(self) -> str:
        return self.api.region

    @property
    def clock(self) -> Clock:
        return self.api.clock

    def account(self) -> str:
        if isinstance(self.api, Turn):
            return self.api.account(lambda: account_of(self.api))
        return account_of(self.api)

    def read(self, kind: str, ids: Sequence[str]) -> Mapping[str, Raw]:
        name, at, place = kind.partition("@")
        if at:
            seen = look_aside(self, self.kinds[name], at + place, ids)
            for error in seen.unknown.values():
                raise error
            return seen.found
        return read_ids(self, self.kinds[kind], ids)

    def wait(self, kind: str, ids: Sequence[str], *, is_sample: bool = False, are_to_go: bool = False) -> Look:
        """Of nearly all that there is of a kind, the list tells in as many calls side by side, and shows it."""
        name, at, place = kind.partition("@")
        if at:
            return look_aside(self, self.kinds[name], at + place, ids)
        known = self.kinds[kind]
        if is_sample:
            return look(self, known, ids)
        raws, is_whole = self._of_the_list(kind, ids)
        listed = {str(raw[known.listing.id]): raw for raw in raws}
        self.listed.setdefault(kind, set()).update(listed)
        found = {one: listed[one] for one in ids if one in listed}
        if is_whole and are_to_go:
            return Look(found)
        left = [one for one in ids if one not in found]
        rest = look(self, known, left) if left else Look()
        return Look(found | rest.found, rest.unknown)

    def _of_the_list(self, kind: str, ids: Sequence[str]) -> tuple[Sequence[Raw], bool]:
        """What the list tells of those that are waited for: where it may show them in as many calls as it takes to ask
        for them by id, or where it is still to be seen whether it has what was made here. And whether that is all:
        what a whole list showed before, and shows no more, is as gone as what a read by id does not find."""
        known = self.kinds[kind]
        is_new = not self.listed.get(kind, set()).issuperset(ids)
        if known.listing.paging is Paging.EITHER and len(ids) > known.listing.page_size:
            size = known.listing.page_size
            most = 2 * len(ids) + size if is_new else -(-len(ids) // size) * size
            return ((), False) if not is_new and self.totals.get(kind, 0) > most else self._whole(kind, most)
        if not is_new or known.create.operation not in self.made or known.listing.ids is None:
            return (), False
        try:
            return self._newest(kind), False
        except ApiError:
            return (), False

    def _newest(self, kind: str) -> Sequence[Raw]:
        """The first page of the list, on which the newest are."""
        return _items(self.kinds[kind].listing, self._page(kind, 1))

    def _page(self, kind: str, number: int) -> Mapping[str, Any]:
        listing = self.kinds[kind].listing
        sized = dict.fromkeys(_PAGE.get(listing.paging, ()), listing.page_size)
        by_number = {"PageNumber": number} if listing.paging is Paging.EITHER else {}
        return self.send(Request(listing.operation, {**listing.params, **sized, **by_number}, listing.product))

    def _whole(self, kind: str, most: int) -> tuple[Sequence[Raw], bool]:
        """All pages of a list; none where it is longer, or cannot be read so. And whether these are all for sure: what
        comes and goes meanwhile may have moved others from one page to another, so that only one page is."""
        listing = self.kinds[kind].listing
        try:
            first = self._page(kind, 1)
            total = first.get("TotalCount")
            if not isinstance(total, int):
                return (), False
            self.totals[kind] = total
            if total > most:
                return (), False
            numbers = range(2, -(-total // listing.page_size) + 1)
            answers = [first, *self.paging.map(lambda number: self._page(kind, number), numbers)]
        except ApiError:
            return (), False
        raws = [raw for answer in answers for raw in _items(listing, answer)]
        return raws, len(answers) == 1 and len(raws) == total

    def send(self, request: Request) -> Mapping[str, Any]:
        on_its_way = self.ahead.answer(request)
        return self.api.send(request) if on_its_way is None else on_its_way.result()

    ask = update = delete = send  # one door on the wire, whatever a request does

    def create(self, request: Request) -> Mapping[str, Any]:
        self.made.add(request.operation)
        return self.api.send(request)

    def classify(self, operation: str, code: str) -> ErrorClass:
        return classify(operation, code, 403)

    def is_offered(self, offer: Offer, name: str) -> bool:
        if isinstance(self.api, Turn):
            return self.api.is_offered(offer, name, lambda: is_offered(self, offer, name))
        return is_offered(self, offer, name)

    def pages(
        self, request: Request, items: str, paging: Paging, size: int, item_id: str | None, *, once: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        styles: dict[Paging, Style] = {
            Paging.TOKEN: ByToken(size, self._split(request), _at_once),
            Paging.EITHER: ByEither(size, self.api.server_now),
        }
        found = pages(
            self.api,
            replace(request, is_off=self.is_over.is_set),
            items,
            style=styles.get(paging, ByNumber(size)),
            item_id=item_id,
            map_pages=self.paging.map,
            pause=self.clock.sleep,
            once=once,
        )
        return [item for page in found for item in page]

    def _split(self, request: Request) -> Split | None:
        """The parts of a list, if it is that of a kind, and not one of the parts already."""
        listings = (kind.listing for kind in self.kinds.values())
        split = next((one.split for one in listings if one.operation == request.operation), None)
        return None if split is None or split.param in request.params else split

    def shown(self, kind: str, ids: Sequence[str]) -> AbstractSet[str]:
        """Lists have the newest first: of a few, the first pages tell. Other stacks may be making things as well."""
        listing, seen = self.kinds[kind].listing, self.listed.get(kind, set()).intersection(ids)
        wanted = set(ids) - seen
        if not wanted:
            return seen
        found: set[str] = set()
        if len(wanted) <= listing.page_size:
            for page in self._first_pages(listing):
                found |= {str(raw[listing.id]) for raw in page}
                if wanted <= found:
                    return seen | wanted
        numbered = self._numbered(kind, wanted) if listing.paging is Paging.EITHER else None
        if numbered is None:
            request = Request(listing.operation, listing.params, listing.product)
            items = self.pages(request, listing.items, listing.paging, listing.page_size, listing.id, once=True)
            numbered = {str(raw[listing.id]) for raw in items}
        return seen | (wanted & (found | numbered))

    def _first_pages(self, listing: Listing) -> Iterator[Sequence[Raw]]:
        """One after the other, up to the end; none of a list that has no pages."""
        if listing.paging not in _TURNS:
            return
        size, turn = _TURNS[listing.paging]
        asked: dict[str, Any] = {**listing.params, size: listing.page_size}
        for number in range(1, _FIRST_PAGES + 1):
            answer = self.send(Request(listing.operation, asked, listing.product))
            items = _items(listing, answer)
            yield items
            following = answer.get("NextToken") if turn == "NextToken" else number + 1
            if not following or len(items) < listing.page_size:
                return
            asked = {**asked, turn: following}

    def _numbered(self, kind: str, wanted: AbstractSet[str]) -> set[str] | None:
        """The ids of a list by page numbers, from the newest on, until all that are wanted have been seen; None where
        it has no numbers. It need not be proven whole: what is not seen is looked for again."""
        listing, found = self.kinds[kind].listing, set[str]()
        try:
            first = self._page(kind, 1)
            total = first.get("TotalCount")
            if not isinstance(total, int):
                return None
            last = -(-total // listing.page_size)
            likely = min(last, -(-len(wanted) // listing.page_size))
            for numbers in (range(2, likely + 1), range(likely + 1, last + 1)):
                answers = self.paging.map(lambda number: self._page(kind, number), numbers)
                found |= {str(raw[listing.id]) for answer in (first, *answers) for raw in _items(listing, answer)}
                if wanted <= found:
                    break
        except ApiError:
            return None
        return found

    def begin(self) -> None:
        """Begins to read the lists of all kinds."""
        self.first.put(self.reading.submit(self._lists, tuple(self.kinds)))

    def list(self, kinds: Iterable[str]) -> Mapping[str, Sequence[Raw]]:
        names = tuple(kinds)
        if names == tuple(self.kinds) and not self.first.empty():
            return self.first.get().result()
        return self._lists(names)

    def _lists(self, names: Sequence[str]) -> Lists:
        wanted = [self.kinds[name] for name in names]

        def read() -> Lists:
            self.ahead.begin()
            try:
                return Lists(read_lists(self, wanted, self.reading.map, self.ahead.was_read))
            finally:
                self.ahead.end()

        if isinstance(self.api, Turn):
            return self.api.lists(names, self.clock.now, read)
        return read()


def _at_once(make: Callable[[int], Any], numbers: Iterable[int]) -> list[Any]:
    """By workers of their own: each makes many calls, and would wait behind all pages of another list."""
    wanted = list(numbers)
    with Readers(len(wanted)) as pool:
        return list(pool.map(make, wanted))


class Reading(Struct, frozen=True):
    """A provider whose first lists may be on their way; `calls` and `started` (monotonic seconds) are from before."""

    source: Provider
    calls: int
    started: float

    def spent(self, api: Api) -> tuple[int, float]:
        """The calls and the seconds since."""
        return cloud_of(api).calls - self.calls, time.monotonic() - self.started

    def expect(self, expected: Expected | None) -> None:
        """Says what the lists are read for: details are then asked for early. Of lists that several stacks share, one
        cannot tell what the others will want."""
        if isinstance(self.source, Alibaba) and not isinstance(self.source.api, Turn):
            self.source.ahead.expect(expected)


@contextmanager
def begun(api: Api, kinds: Kinds) -> Iterator[Reading]:
    """The provider behind an Api, which begins to read all lists at once."""
    calls, started = cloud_of(api).calls, time.monotonic()
    with opened(api, kinds) as source:
        if isinstance(source, Alibaba):
            source.begin()
        yield Reading(source, calls, started)


@contextmanager
def opened(api: Api, kinds: Kinds, parallelism: int = READERS) -> Iterator[Provider]:
    """The provider behind an Api, while the block runs; another provider is taken as it is."""
    if isinstance(api, Provider):
        yield api
        return
    reading, paging = Readers(parallelism), Readers(parallelism)
    source = Alibaba(cloud_of(api), kinds, reading, paging, Ahead(api, paging))
    has_ended = False
    try:
        yield source
        has_ended = True
    finally:  # what nobody waits for any more is not sent, and what was sent is not waited for
        if not has_ended:
            source.is_over.set()
        for pool in (reading, paging):
            pool.shutdown(wait=has_ended, cancel_futures=not has_ended)
