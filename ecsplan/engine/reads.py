"""Which reads the key may make: each list that a plan needs, and whether an empty one is. Used by examining.py."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from ecsplan.inventory.decode import at_path
from ecsplan.inventory.read import may_read
from ecsplan.inventory.requests import by_ids
from ecsplan.model.algebra import Raw
from ecsplan.model.call import ApiError, ErrorClass, Product, Request
from ecsplan.model.copying import replace
from ecsplan.model.doctor import DoctorCheck, Health
from ecsplan.model.kind import Detail, Kind, Kinds, Paging
from ecsplan.provider.protocol import Provider

FEW = 10  # objects of a list are enough to tell that it can be read


class _Read(Struct, frozen=True):
    """What one action answered: `amount` objects on a first page, or why not. `is_proven`: empty means empty."""

    operation: str
    product: Product
    kinds: tuple[str, ...]
    amount: int = 0
    is_proven: bool | None = True
    problem: ApiError | None = None


def reads(source: Provider, kinds: Kinds) -> Iterator[DoctorCheck]:
    """One check over all lists, and one for each action that is not answered."""
    found = _merged(list(source.reading.map(lambda kind: _read(source, kind), kinds.values())), source, kinds)
    good = [one for one in found if one.problem is None and one.is_proven is not False]
    empty = sum(1 for one in good if not one.amount)
    facts = {one.operation: _fact(one) for one in found}
    summary = f"{len(good)} of {len(found)} actions may be read" + (
        f", {empty} of them tell of nothing" if empty else ""
    )
    bad = [_told(one) for one in found if one not in good or (one.is_proven is None and not one.amount)]
    health = Health.OK if len(good) == len(found) else Health.PROBLEM
    yield DoctorCheck("reads", health, summary, facts=facts)
    yield from bad


def _read(source: Provider, kind: Kind) -> tuple[Kind, _Read, list[Raw]]:
    listing = kind.listing
    sizes = {Paging.PAGE: {"PageNumber": 1, "PageSize": FEW}, Paging.NONE: {}}
    request = Request(
        listing.operation, {**listing.params, **sizes.get(listing.paging, {"MaxResults": FEW})}, listing.product
    )
    try:
        items = list(at_path(source.send(request), listing.items) or ())
        proven = True if items else may_read(source, kind)
    except ApiError as error:
        return kind, _Read(listing.operation, listing.product, (kind.name,), problem=error), []
    return kind, _Read(listing.operation, listing.product, (kind.name,), len(items), proven), items


def _merged(listed: list[tuple[Kind, _Read, list[Raw]]], source: Provider, kinds: Kinds) -> list[_Read]:
    """Each action once, with the kinds that need it; the details of objects that there are, too."""
    found: dict[str, _Read] = {}
    jobs: dict[str, tuple[Kind, Detail, Raw]] = {}
    for kind, read, items in listed:
        _add(found, read)
        for detail in kind.listing.details:
            objects = [raw for raw in items if _asked_for(kind, detail, raw)]
            if detail.ids is not None and objects and not detail.is_aside:
                jobs.setdefault(detail.operation, (kind, detail, objects[0]))
    details = {name: job for name, job in jobs.items() if name not in found}
    for read in source.reading.map(lambda job: _detail(source, *job), details.values()):
        _add(found, read)
    return sorted(found.values(), key=lambda read: read.operation)


def _add(found: dict[str, _Read], read: _Read) -> None:
    known = found.get(read.operation)
    if known is None:
        found[read.operation] = read
        return
    worse = read if read.problem is not None or (known.problem is None and read.is_proven is False) else known
    found[read.operation] = replace(worse, kinds=(*known.kinds, *read.kinds), amount=max(known.amount, read.amount))


def _asked_for(kind: Kind, detail: Detail, raw: Raw) -> str:
    """The id by which it is read; empty where this object has no such detail."""
    if detail.only_if is not None and not detail.only_if(raw):
        return ""
    return str(raw[kind.listing.id]) if detail.asked_by is None else detail.asked_by(raw)


def _detail(source: Provider, kind: Kind, detail: Detail, raw: Raw) -> _Read:
    assert detail.ids is not None
    base = {"RegionId": source.region, **detail.params}
    request = by_ids(Request(detail.operation, base, detail.product, conflict_deadline=0.0), detail.ids,
                     [_asked_for(kind, detail, raw)])  # fmt: skip
    try:
        source.send(request)
    except ApiError as error:
        if error.code in detail.untold:  # it cannot be told yet, and may be read
            return _Read(detail.operation, detail.product, (kind.name,), 1)
        return _Read(detail.operation, detail.product, (kind.name,), problem=error)
    return _Read(detail.operation, detail.product, (kind.name,), 1)


def _fact(read: _Read) -> Mapping[str, object]:
    answer = read.problem.code if read.problem else "denied" if read.is_proven is False else "empty"
    return {"kinds": list(read.kinds), "answer": "some" if read.amount and not read.problem else answer}


def _told(read: _Read) -> DoctorCheck:
    what = f"{read.operation} ({', '.join(read.kinds)})"
    allow = f"allow {read.product.value}:{read.operation} in the key's RAM policy"
    if read.problem is None and read.is_proven is None:
        return DoctorCheck("reads", Health.WARNING, f"{what} answers nothing, which does not prove that there is none",
                     "make sure that the key may read it; --strict-absence refuses to plan on it")  # fmt: skip
    if read.problem is None:
        return DoctorCheck("reads", Health.PROBLEM, f"{what} answers nothing, and may not be read", allow)
    is_denied = read.problem.error_class is ErrorClass.DENIED
    return DoctorCheck("reads", Health.PROBLEM, f"{what}: {read.problem.code}: {read.problem.message}",
                 allow if is_denied else "try again; if it stays so, run with --log-file")  # fmt: skip
