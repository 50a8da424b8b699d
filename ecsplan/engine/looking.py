"""What is live and whose it is, whatever any stack says. See `engine.unmanaged`."""

from dataclasses import replace

from ecsplan.engine.source import lists
from ecsplan.inventory.decode import attributes, bare
from ecsplan.inventory.read import read_lists
from ecsplan.inventory.unmanaged import unmanaged
from ecsplan.model.call import Api
from ecsplan.model.garbage import no_collection
from ecsplan.model.kind import Kinds
from ecsplan.model.selection import Selection, Unmanaged


def find_unmanaged(api: Api, kinds: Kinds, selection: Selection) -> tuple[Unmanaged, ...]:
    """All kinds are read: only then is known what an object hangs on."""
    with no_collection(), lists(api) as source:
        raws = read_lists(source, kinds.values(), source.reading.map)
        objects = [bare(kinds[name], raw) for name, found in raws.items() for raw in found]
        return tuple(
            replace(one, obj=replace(one.obj, attributes=attributes(kinds[one.obj.kind], one.obj.raw, {})))
            for one in unmanaged(objects, selection)
        )
