"""Both paging styles of the service: page numbers, and tokens that hold their place while the list changes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from operator import attrgetter

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, Render
from ecsplan.emulator.wire import invalid

FLOOR_OF_TEN = frozenset(("DescribeInstances", "DescribeDisks", "DescribeNetworkInterfaces"))


def newest_first(things: Sequence[Thing]) -> list[Thing]:
    return sorted(things, key=attrgetter("seq"), reverse=True)


def by_number(
    call: Call, things: Sequence[Thing], render: Render, wrap: tuple[str, str], largest: int, default: int = 10
) -> Body:
    """PageNumber from 1, PageSize refused outside its range."""
    number, size = _count(call, "PageNumber", 1), _count(call, "PageSize", default)
    if number < 1:
        raise invalid(
            "PageNumber", code="InvalidParameter.PageNumber" if call.product == "vpc" else "InvalidPageNumber"
        )
    if not 1 <= size <= largest:
        raise invalid("PageSize", f"It is from 1 to {largest}.", "InvalidParameter.PageSize")
    start = max(0, (number - 1) * size + (call.page_shift if number > 1 else 0))
    page = newest_first(things)[start : start + size]
    return {
        "TotalCount": len(things),
        "PageNumber": number,
        "PageSize": size,
        wrap[0]: {wrap[1]: [render(call, call.seen(thing)) for thing in page]},
    }


def _count(call: Call, name: str, default: int) -> int:
    """A few actions declare their page numbers as text."""
    given = str(call.get(name, default))
    if not given.lstrip("-").isdecimal():
        raise invalid(name, "It is a number.")
    return int(given)


def by_token(
    call: Call,
    things: Sequence[Thing],
    render: Render,
    wrap: tuple[str, str],
    largest: int,
    default: int = 10,
    counted: bool = True,
) -> Body:
    """MaxResults silently clamped, to no less than 10 where that is documented; no NextToken on the last page."""
    smallest = 10 if call.action in FLOOR_OF_TEN else 1
    size = min(max(call.get("MaxResults", default), smallest), largest)
    after = read_token(call.get("NextToken"))
    rest = newest_first(things if after is None else [thing for thing in things if thing.seq < after])
    if after is not None and call.page_shift:
        rest = rest[call.page_shift :] if call.page_shift > 0 else newest_first(things)[: -call.page_shift] + rest
    page = rest[:size]
    body: Body = {wrap[0]: {wrap[1]: [render(call, call.seen(thing)) for thing in page]}}
    if counted:
        body["TotalCount"] = len(things)
    if len(rest) > size:
        body["NextToken"] = write_token(page[-1].seq)
    return body


def by_either(
    call: Call, things: Sequence[Thing], render: Render, wrap: tuple[str, str], largest: int, number_largest: int = 100
) -> Body:
    """The main ECS lists: token paging as soon as one of its parameters is there, else the old page numbers."""
    if call.get("MaxResults") is not None or call.get("NextToken") is not None:
        return by_token(call, things, render, wrap, largest)
    page = by_number(call, things, render, wrap, number_largest)
    shown = call.get("PageNumber", 1) * call.get("PageSize", 10)
    if shown < len(things):
        page["NextToken"] = write_token(newest_first(things)[shown - 1].seq)
    return page


def write_token(seq: int) -> str:
    return base64.b64encode(f"after:{seq}".encode()).decode()


def read_token(token: str | None) -> int | None:
    if token is None:
        return None
    try:
        word, _, number = base64.b64decode(token, validate=True).decode().partition(":")
        if word == "after":
            return int(number)
    except ValueError:
        pass
    raise invalid("NextToken", code="InvalidNextToken")
