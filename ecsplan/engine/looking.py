"""Live objects and their owners, independent of any stack; and offers. See `engine.unmanaged`, `catalog`."""

from collections import Counter

from ecsplan.catalog.pick import picked
from ecsplan.catalog.read import READERS
from ecsplan.inventory.decode import bares, decoded
from ecsplan.inventory.unmanaged import unmanaged
from ecsplan.model.call import Api
from ecsplan.model.catalog import Filter, Row
from ecsplan.model.estates import LiveStack
from ecsplan.model.garbage import no_collection
from ecsplan.model.keepers import is_shared
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import LiveObject
from ecsplan.model.selection import Selection, Unmanaged
from ecsplan.provider.alibaba import opened


def find_unmanaged(api: Api, kinds: Kinds, selection: Selection) -> tuple[Unmanaged[LiveObject], ...]:
    """All kinds are read: only then is known what an object hangs on."""
    with no_collection(), opened(api, kinds) as source:
        account = source.reading.submit(source.account)
        raws = source.list(kinds)
        objects = [obj for name, found in raws.items() for obj in bares(kinds[name], found)]
        return tuple(
            Unmanaged(decoded(kinds, one.obj), one.vpc, one.tool, one.because)
            for one in unmanaged(objects, selection, account.result())
        )


def find_stacks(api: Api, kinds: Kinds) -> tuple[LiveStack, ...]:
    """By the owner that each object names; parts of a resource are counted with it."""
    found: dict[str, Counter[str]] = {}
    with no_collection(), opened(api, kinds) as source:
        for name, raws in source.list(kinds).items():
            for obj in bares(kinds[name], raws):
                owner = obj.owner
                if owner is not None and not owner.is_part_of(name) and not obj.fact(is_shared):
                    found.setdefault(owner.stack, Counter())[name] += 1
    return tuple(LiveStack(stack, api.region, counted) for stack, counted in sorted(found.items()))


def read_catalog(api: Api, kinds: Kinds, what: str, wanted: Filter) -> tuple[Row, ...]:
    """See `engine.catalog`."""
    with opened(api, kinds) as source:
        return picked(READERS[what](source), wanted)
