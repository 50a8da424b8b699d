"""Alibaba Cloud as a provider: its kinds' requests through the client, whole lists side by side. Opened by engine/."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ecsplan.api.classify import classify
from ecsplan.api.clock import SystemClock
from ecsplan.api.paging import ByEither, ByNumber, ByToken, Style, pages
from ecsplan.inventory.aside import look_aside
from ecsplan.inventory.decode import at_path
from ecsplan.inventory.listed import Listed
from ecsplan.inventory.read import look, read_ids, read_lists
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Api, ApiError, ErrorClass, Product, Request
from ecsplan.model.clock import Clock
from ecsplan.model.kind import Kinds, Listing, Paging
from ecsplan.model.look import Look
from ecsplan.model.values import Offer
from ecsplan.provider.offers import is_offered
from ecsplan.provider.protocol import Provider
from ecsplan.provider.shared import Turn

_BY_TOKEN = ("MaxResults", "NextToken")
_PAGE = {  # what asks for a page of a size, and for the next one
    Paging.TOKEN: _BY_TOKEN, Paging.EITHER: _BY_TOKEN, Paging.PAGE: ("PageSize", "PageNumber"),
}  # fmt: skip
_FIRST_PAGES = 10  # new things are on these, even while many stacks are applied at once


def clock_of(api: Api) -> Clock:
    """The clock that the client goes by, or the provider."""
    if isinstance(api, Provider):
        return api.clock
    return getattr(getattr(api, "settings", None), "clock", None) or SystemClock()


def account_of(api: Api) -> str:
    """The account that the key belongs to."""
    if isinstance(api, Provider):
        return api.account()
    return str(api.send(Request("GetCallerIdentity", {}, Product.STS)).get("AccountId", ""))


@dataclass(frozen=True, slots=True)
class Alibaba:
    """Pages of one list are fetched by `paging`, lists by `reading`.

    Two pools, since a list waits for its pages: in one, all workers could wait for each other.
    """

    api: Api
    kinds: Kinds
    reading: ThreadPoolExecutor
    paging: ThreadPoolExecutor
    listed: dict[str, set[str]] = field(default_factory=dict)
    """The ids that lists have shown while they were waited for, by kind."""

    @property
    def region(self) -> str:
        return self.api.region

    @property
    def clock(self) -> Clock:
        return clock_of(self.api)

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

    def wait(self, kind: str, ids: Sequence[str]) -> Look:
        """Of nearly all that there is of a kind, the list tells in as many calls side by side, and shows it."""
        name, at, place = kind.partition("@")
        if at:
            return look_aside(self, self.kinds[name], at + place, ids)
        listing, seen = self.kinds[kind].listing, Look()
        if listing.paging is Paging.EITHER and len(ids) > listing.page_size:
            wanted, listed = set(ids), {str(raw[listing.id]): raw for raw in self._whole(kind, len(ids))}
            seen.found |= {id_: raw for id_, raw in listed.items() if id_ in wanted}
            self.listed.setdefault(kind, set()).update(listed)
        left = [one for one in ids if one not in seen.found]
        rest = look(self, self.kinds[kind], left) if left else Look()
        return Look(seen.found | rest.found, rest.unknown)

    def _whole(self, kind: str, count: int) -> Sequence[Raw]:
        """All pages of a list, whether it moves or not; none where it is much longer, or cannot be read so."""
        listing = self.kinds[kind].listing
        request = Request(listing.operation, listing.params, listing.product)

        def page(number: int) -> Mapping[str, Any]:
            asked = {**listing.params, "PageNumber": number, "PageSize": listing.page_size}
            return self.send(replace(request, params=asked))

        try:
            first = page(1)
            total = first.get("TotalCount")
            if not isinstance(total, int) or total > 2 * count + listing.page_size:
                return ()
            answers = [first, *self.paging.map(page, range(2, -(-total // listing.page_size) + 1))]
        except ApiError:
            return ()
        return [raw for answer in answers for raw in at_path(answer, listing.items) or () if raw.get(listing.id)]

    def send(self, request: Request) -> Mapping[str, Any]:
        return self.api.send(request)

    ask = create = update = delete = send  # one door on the wire, whatever a request does

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
            Paging.TOKEN: ByToken(size),
            Paging.EITHER: ByEither(size, getattr(self.api, "server_now", self.clock.now)),
        }
        found = pages(
            self.api,
            request,
            items,
            style=styles.get(paging, ByNumber(size)),
            item_id=item_id,
            map_pages=self.paging.map,
            pause=self.clock.sleep,
            once=once,
        )
        return [item for page in found for item in page]

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
        request = Request(listing.operation, listing.params, listing.product)
        items = self.pages(request, listing.items, listing.paging, listing.page_size, listing.id, once=True)
        return seen | (wanted & (found | {str(raw[listing.id]) for raw in items}))

    def _first_pages(self, listing: Listing) -> Iterator[Sequence[Raw]]:
        """One after the other, up to the end; none of a list that has no pages."""
        if listing.paging not in _PAGE:
            return
        size, turn = _PAGE[listing.paging]
        asked: dict[str, Any] = {**listing.params, size: listing.page_size}
        for number in range(1, _FIRST_PAGES + 1):
            answer = self.send(Request(listing.operation, asked, listing.product))
            items: Sequence[Raw] = at_path(answer, listing.items) or ()
            yield items
            following = answer.get("NextToken") if turn == "NextToken" else number + 1
            if not following or len(items) < listing.page_size:
                return
            asked = {**asked, turn: following}

    def list(self, kinds: Iterable[str]) -> Mapping[str, Sequence[Raw]]:
        wanted = [self.kinds[name] for name in kinds]

        def read() -> Listed:
            return Listed(read_lists(self, wanted, self.reading.map))

        if isinstance(self.api, Turn):
            return self.api.lists((kind.name for kind in wanted), self.clock.now, read)
        return read()


@contextmanager
def opened(api: Api, kinds: Kinds, parallelism: int = 10) -> Iterator[Provider]:
    """The provider behind an Api, while the block runs; another provider is taken as it is."""
    if isinstance(api, Provider):
        yield api
        return
    with ThreadPoolExecutor(parallelism) as reading, ThreadPoolExecutor(parallelism) as paging:
        yield Alibaba(api, kinds, reading, paging)
