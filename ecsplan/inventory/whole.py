"""Objects with all that is told of them, for export; what the key may not ask of other services is left out."""

from collections.abc import Sequence

from ecsplan.inventory.read import Run, Source, Wanted, read_details
from ecsplan.model.call import ApiError, ErrorClass
from ecsplan.model.kind import Detail, Kinds
from ecsplan.model.resource import Listed, RemoteObject

Unasked = dict[tuple[str, str], str]
"""Attributes that were not read, by kind and name, and the code of the refusal."""


def read_whole_objects(
    source: Source, kinds: Kinds, objects: Sequence[RemoteObject], run: Run
) -> tuple[list[Listed], Unasked]:
    """The objects with every detail. Raises ApiError for what each kind needs."""
    unasked: Unasked = {}
    while True:
        names = {k.name: frozenset(n for n in k.by_name if (k.name, n) not in unasked) for k in kinds.values()}
        wanted = [Wanted(obj, names[obj.kind]) for obj in objects]
        try:
            return read_details(source, kinds, wanted, full=True, run=run), unasked
        except ApiError as error:
            refused = {
                (kind.name, name): error.code
                for kind in kinds.values()
                for detail in kind.listing.details
                if detail.is_aside and error.operation in _operations(detail)
                for name in detail.attributes
            }
            if error.error_class not in (ErrorClass.DENIED, ErrorClass.FATAL) or refused.keys() <= unasked.keys():
                raise
            unasked |= refused


def _operations(detail: Detail) -> set[str]:
    found, under = {detail.operation}, detail.under
    while under is not None:
        found.add(under.operation)
        under = under.under
    return found
