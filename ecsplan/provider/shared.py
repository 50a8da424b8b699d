"""Reads of a region that several stacks of one command share: for commands that change nothing.

Each stack has a Turn. The first time that it asks for whole lists it gets those of an earlier turn, if they are young
enough; whenever it asks again, because two lists disagree or one leaves something out, they are read again, for it and
for those after it. An apply has no turns: what it decides on is read by itself.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.inventory.listed import Lists
from ecsplan.model.call import Api, Request
from ecsplan.model.values import Offer

OLDEST = 60.0  # seconds: a plan is not older than what is changed by hand meanwhile would be after a slow command


class Memory(Struct):
    """By region: lists with the time when reading them began, the account of the key, and what can be had there."""

    lists: dict[tuple[str, frozenset[str]], tuple[float, Lists]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    offers: dict[tuple[str, Offer, str], bool] = field(default_factory=dict)


class Turn:
    """The Api of one stack, with what the stacks before it have read; all else is the Api's own."""

    def __init__(self, api: Api, memory: Memory) -> None:
        self._api, self._memory = api, memory
        self._asked: set[frozenset[str]] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    @property
    def region(self) -> str:
        return self._api.region

    def send(self, request: Request) -> Mapping[str, Any]:
        return self._api.send(request)

    def lists(self, kinds: Iterable[str], now: Callable[[], float], read: Callable[[], Lists]) -> Lists:
        wanted, began = frozenset(kinds), now()
        key = (self.region, wanted)
        at, found = self._memory.lists.get(key, (0.0, None))
        is_first = wanted not in self._asked
        self._asked.add(wanted)
        if found is None or not is_first or not 0 <= began - at < OLDEST:
            self._memory.lists.pop(key, None)  # where reading fails, none stay that were to be replaced
            found = read()
            found.is_shared = True
            self._memory.lists[key] = began, found
        return found

    def account(self, read: Callable[[], str]) -> str:
        known = self._memory.accounts
        if self.region not in known:
            known[self.region] = read()
        return known[self.region]

    def is_offered(self, offer: Offer, name: str, ask: Callable[[], bool]) -> bool:
        known, key = self._memory.offers, (self.region, offer, name)
        if key not in known:
            known[key] = ask()
        return known[key]
