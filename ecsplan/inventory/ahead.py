"""Details that a plan is going to ask for anyway, as requests, while other lists are still being read: by the marks of
what was listed, and what the stack declares. Used by the provider; read.py asks the same, and gets these answers.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ecsplan.inventory.decode import bares
from ecsplan.inventory.read import Wanted, needs
from ecsplan.inventory.requests import detail_request, page_of
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Request
from ecsplan.model.kind import Detail, Kind, Paging
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack

MOST = 100  # objects of a list: of more, others than these are the time


class Expected(Struct, frozen=True):
    """What a stack declares, by address."""

    stack: str
    declared: Mapping[Address, Resource]

    def requests(self, region: str, kind: Kind, raws: Sequence[Raw]) -> Iterator[Request]:
        """The first pages of the details of what is declared and there. Objects are asked for one by one in these, so
        that nothing is asked that the others might be asked for together."""
        details = [detail for detail in kind.listing.details if _is_sure(detail)]
        for obj in bares(kind, raws) if details and len(raws) <= MOST else ():
            owner = obj.owner
            resource = self.declared.get(owner.address) if owner is not None and owner.stack == self.stack else None
            if resource is None or obj.retired or (owner is not None and owner.is_part_of(kind.name)):
                continue
            wanted = Wanted(obj, frozenset(resource.attributes))
            for detail in details:
                if detail.ids is not None and needs(wanted, detail, frozenset(detail.attributes)):
                    yield page_of(detail, detail_request(region, detail, detail.ids, [obj.id]))


def expected_of(stack: Stack, *, destroy: bool) -> Expected | None:
    """What a plan of a stack will compare; nothing, where all of it goes."""
    return None if destroy else Expected(stack.name, stack.by_address())


def _is_sure(detail: Detail) -> bool:
    """Whether every plan asks it that compares one of its attributes."""
    is_single = detail.ids is not None and detail.ids.form == "single" and detail.paging is Paging.TOKEN
    return is_single and not detail.refresh_only and detail.asked_by is None
