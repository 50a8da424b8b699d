"""Reads what only some changes make it necessary to know, once it is known what changes. Called by the engine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.inventory.decode import at_path, raw_of
from ecsplan.inventory.read import Run, Source, chunks
from ecsplan.inventory.requests import by_ids
from ecsplan.model.algebra import Raw
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.model.capabilities.preflight import preflight
from ecsplan.model.change import Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Kinds, Paging
from ecsplan.model.resource import RemoteObject

_Key = tuple[str, tuple[str, ...]]  # the action, and the ids that it is asked for


class _Job(Struct, frozen=True):
    inquiry: Inquiry
    ids: tuple[str, ...] = ()

    @property
    def key(self) -> _Key:
        return (self.inquiry.operation, self.ids)


def inquire(
    source: Source, changes: Sequence[Change], kinds: Kinds, run: Run = map, objects: Sequence[RemoteObject] = ()
) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
    """The changes with what they were told, and a warning for each read that the key is not allowed. `objects` are what
    the lists of all kinds had, which tell as much as the same list would if it were read once more."""
    wanted: dict[str, tuple[Inquiry, dict[str, None]]] = {}
    for change in changes:
        for inquiry in preflight(kinds[change.kind]).inquiries:
            ids = list(inquiry.wanted(change))
            if ids:
                wanted.setdefault(inquiry.operation, (inquiry, {}))[1].update(dict.fromkeys(ids))
    items = _listed([inquiry for inquiry, _ in wanted.values()], kinds, objects) if objects else {}
    asked = [one for operation, one in wanted.items() if operation not in items]
    jobs = [job for inquiry, ids in asked for job in _jobs(inquiry, list(ids))]
    answers = list(run(lambda job: _asked(source, job), jobs))
    denied: dict[str, ApiError] = {}
    for job, answer in zip(jobs, answers, strict=True):
        if isinstance(answer, ApiError):
            denied.setdefault(job.inquiry.operation, answer)
        else:
            items.setdefault(job.inquiry.operation, []).extend(answer)
    warnings = tuple(_unknown(wanted[operation][0], error) for operation, error in denied.items())
    return tuple(_told(change, kinds, items) for change in changes), warnings


def _listed(inquiries: Iterable[Inquiry], kinds: Kinds, objects: Sequence[RemoteObject]) -> dict[str, list[Raw]]:
    """What the list of a kind says, by the action, where an inquiry would read the very same one."""
    whole = {kind.listing.operation: kind for kind in kinds.values() if kind.listing.skip is None}
    found: dict[str, list[Raw]] = {}
    for inquiry in inquiries:
        kind = whole.get(inquiry.operation)
        if kind is not None and inquiry.ids is None and dict(inquiry.params) == dict(kind.listing.params):
            found[inquiry.operation] = [raw_of(obj) for obj in objects if obj.kind == kind.name]
    return found


def _jobs(inquiry: Inquiry, ids: Sequence[str]) -> Iterator[_Job]:
    if inquiry.ids is None:
        yield _Job(inquiry)
    else:
        yield from (_Job(inquiry, tuple(chunk)) for chunk in chunks(ids, inquiry.ids.limit))


def _asked(source: Source, job: _Job) -> Sequence[Raw] | ApiError:
    inquiry = job.inquiry
    request = Request(inquiry.operation, {"RegionId": source.region, **inquiry.params}, inquiry.product)
    if inquiry.ids is not None:
        request = by_ids(request, inquiry.ids, job.ids)
    try:
        if inquiry.paging is Paging.NONE:
            answer = source.send(request)
            if not inquiry.items:  # some answers do not say whose they are
                whose = {inquiry.ids.param: job.ids[0]} if inquiry.ids and inquiry.ids.form == "single" else {}
                return ({**whose, **answer},)
            return at_path(answer, inquiry.items) or ()
        return source.pages(request, inquiry.items, inquiry.paging, inquiry.page_size, None)
    except ApiError as error:
        if error.error_class is ErrorClass.ABSENT:  # named by a slip: whoever looks for ids tells it, with its line
            return ()
        if error.error_class is not ErrorClass.DENIED:
            raise
        return error


def _told(change: Change, kinds: Kinds, items: Mapping[str, Iterable[Raw]]) -> Change:
    told: dict[str, tuple[Raw, ...]] = {}
    for inquiry in preflight(kinds[change.kind]).inquiries if items else ():
        ids = set(inquiry.wanted(change)) if inquiry.operation in items else ()
        if ids:
            told[inquiry.into] = tuple(i for i in items[inquiry.operation] if not ids.isdisjoint(inquiry.about(i)))
    return replace(change, told=told) if told else change


def _unknown(inquiry: Inquiry, error: ApiError) -> Diagnostic:
    return Diagnostic(
        f"{inquiry.told_of} could not be looked for ({error.code})",
        f"allow the key to call {inquiry.operation}; until then the service alone can say what stands in the way",
        severity=Severity.WARNING,
    )
