"""What is live and whose it is, whatever any stack says; and what is on offer. See `engine.unmanaged`, `catalog`."""

from dataclasses import replace

from ecsplan.catalog.pick import picked
from ecsplan.catalog.read import READERS
from ecsplan.inventory.decode import attributes, bare
from ecsplan.inventory.unmanaged import unmanaged
from ecsplan.model.call import Api
from ecsplan.model.catalog import Filter, Row
from ecsplan.model.garbage import no_collection
from ecsplan.model.kind import Kinds
from ecsplan.model.selection import Selection, Unmanaged
from ecsplan.provider.alibaba import opened


def find_unmanaged(api: Api, kinds: Kinds, selection: Selection) -> tuple[Unmanaged, ...]:
    """All kinds are read: only then is known what an object hangs on."""
    with no_collection(), opened(api, kinds) as source:
        raws = source.list(kinds)
        objects = [bare(kinds[name], raw) for name, found in raws.items() for raw in found]
        return tuple(
            replace(one, obj=replace(one.obj, attributes=attributes(kinds[one.obj.kind], one.obj.raw, {})))
            for one in unmanaged(objects, selection)
        )


def read_catalog(api: Api, kinds: Kinds, what: str, wanted: Filter) -> tuple[Row, ...]:
    """See `engine.catalog`."""
    with opened(api, kinds) as source:
        return picked(READERS[what](source), wanted)
