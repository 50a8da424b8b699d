"""Reads the live side: every kind in whole pages, side by side; details by id only where the stack needs them.

Called by the engine; match.py then says which object is whose. A list that fails or falls short raises ApiError:
nothing is ever planned on a list that was not read to its end.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ecsplan.inventory.aside import each_under
from ecsplan.inventory.decode import at_path, listed, raw_of
from ecsplan.inventory.requests import by_ids, detail_request, page_of
from ecsplan.model.algebra import Raw
from ecsplan.model.call import ApiError, ErrorClass, Product, Request, ShortRead
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.copying import replace
from ecsplan.model.kind import Detail, Ids, Kind, Kinds, Paging
from ecsplan.model.look import Look
from ecsplan.model.resource import Listed, RemoteObject

Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""`map`, or that of an executor: the reads then run side by side."""


class Source(Protocol):
    """An Api that also reads whole lists; `items` is a dotted path, `item_id` the field that names an item.

    A list that moves is read again, unless `once` says that the caller looks again by itself.
    """

    @property
    def region(self) -> str: ...

    def send(self, request: Request) -> Mapping[str, Any]: ...

    def pages(
        self, request: Request, items: str, paging: Paging, size: int, item_id: str | None, *, once: bool = False
    ) -> Sequence[Mapping[str, object]]: ...


class _Pass(Struct, frozen=True):
    """One whole list; kinds that name the same action and parameters share it."""

    product: Product
    operation: str
    params: tuple[tuple[str, Any], ...]
    items: str
    paging: Paging
    size: int
    item_id: str | None

    @property
    def key(self) -> tuple[str, tuple[tuple[str, Any], ...]]:
        return (self.operation, self.params)


def read_lists(
    source: Source, kinds: Iterable[Kind], run: Run = map, was_read: Callable[[Kind, Sequence[Raw]], None] | None = None
) -> dict[str, list[Raw]]:
    """All raw objects by kind, whole-list details joined in under their `into`. `was_read` is told of the list of each
    kind while others are still being read."""
    kinds = tuple(kinds)

    def read(one: _Pass) -> Sequence[Raw]:
        found = _read_pass(source, one)
        for kind in kinds if was_read is not None else ():
            if was_read is not None and _listing_pass(kind).key == one.key:
                was_read(kind, found)
        return found

    passes: dict[Any, _Pass] = {}
    for kind in kinds:
        for one in (_listing_pass(kind), *(_detail_pass(detail, kinds) for detail in _whole(kind))):
            passes.setdefault(one.key, one)
    answers = dict(zip(passes, run(read, passes.values()), strict=True))
    found: dict[str, list[Raw]] = {}
    for kind in kinds:
        raws = [raw for raw in answers[_listing_pass(kind).key] if not (kind.listing.skip and kind.listing.skip(raw))]
        details = {
            detail.into: (detail, _grouped(detail, answers[_detail_pass(detail, kinds).key])) for detail in _whole(kind)
        }
        found[kind.name] = [_joined(kind, details, raw) for raw in raws] if details else raws
    return found


def _whole(kind: Kind) -> tuple[Detail, ...]:
    return tuple(detail for detail in kind.listing.details if detail.ids is None)


def _listing_pass(kind: Kind) -> _Pass:
    listing = kind.listing
    return _Pass(
        listing.product,
        listing.operation,
        tuple(sorted(listing.params.items())),
        listing.items,
        listing.paging,
        listing.page_size,
        listing.id,
    )


def _detail_pass(detail: Detail, kinds: Sequence[Kind]) -> _Pass:
    """The listing of another kind serves as well, where there is one: it knows the id and the largest page."""
    for kind in kinds:
        if kind.listing.operation == detail.operation and kind.listing.params == detail.params:
            return _listing_pass(kind)
    params = tuple(sorted(detail.params.items()))
    # `key` names the object that an item belongs to, which several items may share.
    return _Pass(detail.product, detail.operation, params, detail.items, detail.paging, detail.page_size, None)


def _read_pass(source: Source, one: _Pass) -> Sequence[Raw]:
    request = Request(one.operation, dict(one.params), one.product)
    return source.pages(request, one.items, one.paging, one.size, one.item_id)


_Grouped = Mapping[object, Sequence[Raw]]  # the items of a detail, by the value of its key


def _grouped(detail: Detail, items: Sequence[Raw]) -> _Grouped:
    grouped: dict[object, list[Raw]] = {}
    if not detail.fields:
        for item in items:
            grouped.setdefault(item.get(detail.key), []).append(item)
        return grouped
    alike: dict[Any, list[Raw]] = {}  # most items have one of a few states, and one list of each serves
    for item in items:
        kept = tuple((name, item[name]) for name in detail.fields if name in item)
        here = item.get(detail.key)
        grouped[here] = [*grouped[here], dict(kept)] if here in grouped else alike.setdefault(kept, [dict(kept)])
    return grouped


def _joined(kind: Kind, details: Mapping[str, tuple[Detail, _Grouped]], raw: Raw) -> Raw:
    """One object with the items of all its details. One copy for all: there are tens of thousands.

    None where only some fields are joined: written into an answer, whole objects could be inside of each other.
    """
    found = {into: _items_of(kind, detail, grouped, raw) for into, (detail, grouped) in details.items()}
    if isinstance(raw, dict) and all(detail.fields for detail, _ in details.values()):
        raw |= found
        return raw
    return {**raw, **found}


def _items_of(kind: Kind, detail: Detail, grouped: _Grouped, raw: Raw) -> Sequence[Raw]:
    if callable(detail.on):
        return [item for value in detail.on(raw) for item in grouped.get(value, ())]
    value = raw.get(detail.on or kind.listing.id)
    return grouped.get(value, _NO_ITEMS) if value else _NO_ITEMS


_NO_ITEMS: Sequence[Raw] = []


class Wanted(Struct, frozen=True):
    """An object and the attributes that are asked of it. `is_going`: only to see what it must let go of."""

    obj: RemoteObject
    names: frozenset[str]
    is_going: bool = False


def read_details(
    source: Source,
    kinds: Kinds,
    wanted: Sequence[Wanted],
    *,
    full: bool = False,
    run: Run = map,
) -> list[Listed]:
    """The objects again, with the details that the attributes asked for need."""
    raws = {one.obj.id: raw_of(one.obj) for one in wanted}
    found: dict[str, dict[str, Any]] = {}  # of those that get more
    jobs: list[tuple[Detail, tuple[str, ...]]] = []
    of_kind: dict[str, list[Wanted]] = {}
    for one in wanted:
        of_kind.setdefault(one.obj.kind, []).append(one)
    for kind in (kinds[name] for name in kinds if name in of_kind):
        for detail in kind.listing.details:
            if detail.ids is None or (detail.refresh_only and not full):
                continue
            told = frozenset(detail.attributes)
            needed = [one.obj.id for one in of_kind[kind.name] if needs(one, detail, told)]
            if detail.ids.form == "whole":
                found |= {id_: dict(raws[id_]) for id_ in needed if id_ not in found}
                join_whole(source, kind, detail, [found[id_] for id_ in needed])
            else:
                jobs += [(detail, tuple(chunk)) for chunk in chunks(needed, detail.ids.limit)]
    unread: dict[str, frozenset[str]] = {}
    asked = {id(detail): detail.asked_by for detail, _ in jobs if detail.asked_by is not None}

    def read(job: tuple[Detail, tuple[str, ...]]) -> dict[str, Any]:
        other = asked.get(id(job[0]))
        return _read_detail(source, *job, other(found.get(job[1][0], raws[job[1][0]])) if other else "")

    for (detail, ids), answer in zip(jobs, run(read, jobs), strict=True):
        for object_id in ids:
            if object_id in answer:
                found[object_id] = found.get(object_id) or dict(raws[object_id])
                found[object_id][detail.into] = answer[object_id]
            else:
                unread[object_id] = unread.get(object_id, frozenset()) | frozenset(detail.attributes)
    nothing: frozenset[str] = frozenset()
    return [listed(one.obj, found.get(one.obj.id, raws[one.obj.id]), unread.get(one.obj.id, nothing)) for one in wanted]


def join_whole(source: Source, kind: Kind, detail: Detail, raws: Sequence[dict[str, object]]) -> None:
    """Puts the items of a whole list under each object; an empty one adds nothing: RAM answers some reads so."""
    items: Sequence[Raw] = ()
    if raws:
        items = list(each_under(source, detail)) if detail.under else _read_pass(source, _detail_pass(detail, ()))
    grouped = _grouped(detail, items)
    for raw in raws if items or detail.under else ():
        raw[detail.into] = _items_of(kind, detail, grouped, raw)


def needs(one: Wanted, detail: Detail, told: frozenset[str]) -> bool:
    """`told` are the attributes of the detail."""
    if one.names.isdisjoint(told) and not (one.is_going and detail.for_deletion):
        return False
    if detail.only_if is not None and not detail.only_if(raw_of(one.obj)):
        return False
    if one.is_going and detail.for_deletion:
        return True
    if detail.asked_by is not None and not detail.asked_by(raw_of(one.obj)):
        return False
    return not one.is_going or detail.holds_others is None or detail.holds_others(raw_of(one.obj))


def _read_detail(source: Source, detail: Detail, ids: tuple[str, ...], other: str = "") -> dict[str, object]:
    """The answers by id; one that is gone since it was listed, or of which the service cannot tell yet, is left out,
    and does not hide the others.

    `other` is the id to ask for in place of the only one.
    """
    assert detail.ids is not None
    request = detail_request(source.region, detail, detail.ids, [other] if other else ids)
    try:
        if detail.ids.form == "single":
            return {ids[0]: _read_single(source, detail, request)}
        items = source.pages(request, detail.items, detail.paging, detail.page_size, None)
    except ApiError as error:
        if error.code not in detail.untold and error.error_class is not ErrorClass.ABSENT:
            raise
        middle = len(ids) // 2
        parts = [part for part in (ids[:middle], ids[middle:]) if part]
        return {} if len(ids) == 1 else {i: a for part in parts for i, a in _read_detail(source, detail, part).items()}
    return {object_id: [item for item in items if item.get(detail.key) == object_id] for object_id in ids}


def _read_single(source: Source, detail: Detail, request: Request) -> Raw:
    """The whole answer for one id, the lists of its pages joined."""
    outer, _, inner = detail.items.partition(".")
    if detail.paging is Paging.NONE:
        return source.send(request)
    if detail.paging is Paging.PAGE:
        return {outer: {inner: source.pages(request, detail.items, detail.paging, detail.page_size, None)}}
    joined: dict[str, Any] = {}
    items: list[Any] = []
    token: str | None = None
    while True:
        answer = source.send(page_of(detail, request, token))
        joined = {**answer, **joined}
        items += at_path(answer, detail.items) or []
        token = answer.get("NextToken") or None
        if token is None:
            break
    return {**joined, outer: {inner: items}}


def look(source: Source, kind: Kind, ids: Sequence[str]) -> Look:
    """Objects by id, in as few calls as the action allows. Never raises ApiError: a failed read is `unknown`."""
    seen = Look()
    if kind.listing.ids is None:
        _look_in_list(source, kind, ids, seen)
    else:
        for chunk in chunks(ids, kind.listing.ids.limit):
            _look_for(source, kind, kind.listing.ids, list(chunk), seen)
    return seen


def _look_in_list(source: Source, kind: Kind, ids: Sequence[str], seen: Look) -> None:
    """A kind that cannot be asked for ids. Its list may move while it is read: then it proves no absence."""
    listing = kind.listing
    request = Request(listing.operation, listing.params, listing.product)
    items: Sequence[Raw] = ()
    problem: ApiError | None = None
    try:
        items = source.pages(request, listing.items, listing.paging, listing.page_size, listing.id, once=True)
    except ShortRead as moved:
        items, problem = moved.seen, moved
    except ApiError as error:
        problem = error
    wanted = set(ids)
    seen.found |= {str(raw[listing.id]): raw for raw in items if str(raw[listing.id]) in wanted}
    if problem is not None:
        seen.unknown |= dict.fromkeys(wanted - seen.found.keys(), problem)


def _look_for(source: Source, kind: Kind, by: Ids, ids: list[str], seen: Look) -> None:
    """One read of these ids. Some actions refuse all of them for one that is gone: the others are asked again."""
    listing = kind.listing
    request = by_ids(Request(listing.operation, listing.params, listing.product), by, ids)
    if listing.paging is not Paging.NONE:
        size = "PageSize" if listing.paging is Paging.PAGE else "MaxResults"
        request = replace(request, params={**request.params, size: listing.page_size})
    try:
        for raw in at_path(source.send(request), listing.items) or ():
            seen.found[str(raw[listing.id])] = raw
    except ApiError as error:
        if error.error_class is not ErrorClass.ABSENT:
            seen.unknown |= dict.fromkeys(ids, error)
        elif len(ids) > 1:
            for part in _without_the_gone(ids, error):
                _look_for(source, kind, by, part, seen)


def _without_the_gone(ids: list[str], error: ApiError) -> Iterator[list[str]]:
    """What is still to be asked for: all but those that the message names; halves where it names none."""
    words = set(re.findall(r"[\w.:-]+\w", error.message))
    named = words.intersection(ids)
    rest = [one for one in ids if one not in named]
    middle = 0 if named else len(rest) // 2
    yield from (part for part in (rest[:middle], rest[middle:]) if part)


def read_ids(source: Source, kind: Kind, ids: Sequence[str]) -> dict[str, Raw]:
    """Objects by id; an id that is not there is missing in the answer. Raises where a read failed."""
    seen = look(source, kind, ids)
    for error in seen.unknown.values():
        raise error
    return seen.found


WHOLE = "@whole"
"""In the raw of an object that was read alone while a plan is carried out: what it says is of now."""


def read_whole(source: Source, kind: Kind, object_id: str, declared: Collection[str] = ()) -> Raw | None:
    """One object with what hangs on it: for a value that a run needs of a thing that it made itself.

    `declared` are the attributes that the file says: the services aside are asked for these alone.
    """
    raw = read_ids(source, kind, [object_id]).get(object_id)
    for detail in kind.listing.details if raw is not None else ():
        if detail.one and not (detail.is_aside and set(declared).isdisjoint(detail.attributes)):
            request = Request(detail.operation, {**detail.params, detail.one: object_id}, detail.product)
            items = source.pages(request, detail.items, detail.paging, detail.page_size, None)
            raw = {**(raw or {}), detail.into: items}
    return {**raw, WHOLE: True} if raw is not None else None


def may_read(source: Source, kind: Kind) -> bool | None:
    """Whether an empty list of the kind means that there is none; None where the API offers no proof.

    RAM answers some reads with nothing instead of a refusal. The dry run of the read tells the two apart.
    """
    if exclusivity(kind).unique_name:
        return True  # a second create of the name fails, so nothing can be doubled
    if not kind.listing.dry_run:
        return None
    try:
        source.send(Request(kind.listing.operation, {"DryRun": True}, kind.listing.product))
    except ApiError as error:
        if error.error_class is ErrorClass.DRY_RUN:
            return True
        if error.error_class in (ErrorClass.FATAL, ErrorClass.DENIED):
            return False
        raise
    return None


def chunks(values: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
