"""Reads that follow from the changes of a plan. Tables of these stand in kinds/."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec import Struct, field

from ecsplan.model.algebra import Raw
from ecsplan.model.call import Params, Product
from ecsplan.model.kind import Ids, Paging

if TYPE_CHECKING:
    from ecsplan.model.change import Change


class Inquiry(Struct, frozen=True):
    """A read whose items are put under `into` of what is told to a change.

    Without `items` the answer itself is the one item. `wanted(change)` are the ids that have to be known of; none:
    nothing is asked. `about(item)` are those of these ids that an item of the answer is about. With `ids` these alone
    are asked for, else one whole list is read for all. `told_of` says in words what is looked for, for the case that
    the key may not read it. `holders` are those of what was told that keep the object from being deleted: kind, id and
    name, where it is known.
    """

    into: str
    told_of: str
    operation: str
    items: str
    wanted: Callable[["Change"], Iterable[str]]
    about: Callable[[Raw], Iterable[str]]
    product: Product = Product.ECS
    paging: Paging = Paging.TOKEN
    page_size: int = 100
    params: Params = field(default_factory=dict)
    ids: Ids | None = None
    holders: Callable[["Change", tuple[Raw, ...]], Iterable[tuple[str, str, str]]] | None = None
