"""An Api that reads whole lists, side by side: what inventory/ is given. Used by planning.py and applying.py."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ecsplan.api.clock import Clock, SystemClock
from ecsplan.api.paging import ByEither, ByNumber, ByToken, Style, pages
from ecsplan.model.call import Api, Request
from ecsplan.model.kind import Paging


def clock_of(api: Api) -> Clock:
    """The clock that the client goes by."""
    return getattr(getattr(api, "settings", None), "clock", None) or SystemClock()


@dataclass(frozen=True, slots=True)
class Lists:
    """Implements inventory's Source. Pages of one list are fetched by `paging`, lists by `reading`.

    Two pools, since a list waits for its pages: in one, all workers could wait for each other.
    """

    api: Api
    reading: ThreadPoolExecutor
    paging: ThreadPoolExecutor

    @property
    def region(self) -> str:
        return self.api.region

    def send(self, request: Request) -> Mapping[str, Any]:
        return self.api.send(request)

    def pages(
        self, request: Request, items: str, paging: Paging, size: int, item_id: str | None, *, once: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        styles: dict[Paging, Style] = {
            Paging.TOKEN: ByToken(size),
            Paging.EITHER: ByEither(size, getattr(self.api, "server_now", clock_of(self.api).now)),
        }
        found = pages(
            self.api,
            request,
            items,
            style=styles.get(paging, ByNumber(size)),
            item_id=item_id,
            map_pages=self.paging.map,
            pause=clock_of(self.api).sleep,
            once=once,
        )
        return [item for page in found for item in page]


@contextmanager
def lists(api: Api, parallelism: int = 10) -> Iterator[Lists]:
    with ThreadPoolExecutor(parallelism) as reading, ThreadPoolExecutor(parallelism) as paging:
        yield Lists(api, reading, paging)
