"""Knowledge before the first question, and the common form of all checks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, Request
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.preflight import Finding, Level, Need, Subnet
from ecsplan.model.resource import Resource

Row = Mapping[str, Any]
Answer = Row | ApiError
MOST_TOLD = 4  # alternatives that are named
FAMILY = "family:"  # how an image of a family is written


class Room(Struct, frozen=True):
    """A subnet: how many addresses are free in it, and how many there are in all. `name` is for people, `key` is
    the same whether it is found by its id or its address."""

    key: str
    name: str
    zone: str | None
    free: int
    size: int


class World(Struct, frozen=True):
    """`rooms` by the place of a subnet, `used` is what the region has of what a quota counts, where its lists told."""

    rooms: Mapping[Address | str, Room] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    declared: Mapping[Address, Resource] = field(default_factory=dict)
    region: str = ""

    def zone_of(self, subnet: Subnet | None) -> str | None:
        room = self.rooms.get(subnet.place) if subnet is not None else None
        return room.zone if room is not None else None

    def source_of(self, address: Address, attribute: str) -> SourceRange | None:
        resource = self.declared.get(address)
        return resource.source_of(attribute) if resource is not None else None


class Look(Struct, frozen=True):
    """One read ahead, for some addresses. `check` is a key of CHECKS; `items` are the rows of a list of pages."""

    check: str
    request: Request
    about: tuple[Address, ...] = ()
    items: str = ""

    @property
    def key(self) -> str:
        return key_of(self.request)


def key_of(request: Request) -> str:
    """Equal for equal questions: they are asked once."""
    return f"{request.operation} {sorted(request.params.items())!r}"


class Answers(Struct, frozen=True):
    """By the key of the look; what was not asked has none, as there were more looks than calls."""

    by_key: Mapping[str, Answer] = field(default_factory=dict)

    def to(self, request: Request) -> Answer | None:
        return self.by_key.get(key_of(request))

    def rows(self, request: Request, path: str) -> Sequence[Row]:
        """The rows of an answer; none where it was refused or not asked."""
        answer = self.to(request)
        return () if answer is None or isinstance(answer, ApiError) else rows_at(answer, path)


def rows_at(answer: Any, path: str) -> Sequence[Row]:
    """A wrapped list; an absent wrapper is an empty one."""
    for name in path.split("."):
        answer = answer.get(name) if isinstance(answer, Mapping) else None
    return list(answer or ())


def to_the_end(first: Answer, items: str, more: Callable[[str], Answer]) -> Answer:
    """A list of pages as one answer; `more` asks for the page of a token. One that is refused is the answer."""
    answer, rows, seen = first, list[Row](), set[str]()
    while not isinstance(answer, ApiError):
        rows += rows_at(answer, items)
        token = str(answer.get("NextToken") or "")
        if not token or token in seen:
            return first if not seen else {**answer, items: rows}
        seen.add(token)
        answer = more(token)
    return answer


Judgement = Finding | None
"""None: it was looked at, and nothing is against it."""


def unchecked(check: str, what: str, answer: Answer | None, addresses: Iterable[Address]) -> Finding:
    """It was not possible to look. An answer that was never asked for is told by looks.py for all at once."""
    why = f"{answer.code}: {answer.message}".rstrip(": ") if isinstance(answer, ApiError) else "nothing was answered"
    return Finding(Level.UNCHECKED, check, f"{what}: {why}", addresses=unique(addresses))


def unique(addresses: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(addresses))


def listed(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return ", ".join(found[:MOST_TOLD]) + more


Judge = Callable[[Sequence[Need], World, Answers], Iterable[Judgement]]
