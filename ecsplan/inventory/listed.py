"""Whole lists as they were read, and the bare objects of them. Used by read.py's callers and match.py."""

from collections.abc import Iterable, Mapping

from ecsplan.inventory.decode import bares
from ecsplan.model.algebra import Raw
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Listed


class Lists(dict[str, list[Raw]]):
    """Raw objects by kind. Several stacks may be held against one reading (`is_shared`): what is made of it is made
    once, and what one stack makes of an answer is not written into it."""

    __slots__ = ("_objects", "is_shared")

    def __init__(self, raws: Mapping[str, list[Raw]]) -> None:
        super().__init__(raws)
        self.is_shared = False
        self._objects: tuple[Listed, ...] | None = None

    def objects(self, kinds: Kinds) -> tuple[Listed, ...]:
        if self._objects is None:
            self._objects = _objects_of(self, kinds)
        return self._objects


def with_details(raws: Mapping[str, Iterable[Raw]], read: Iterable[Listed], kinds: Kinds) -> dict[str, list[Raw]]:
    """The lists, those objects complete that were read with their details."""
    complete = {(obj.kind, obj.id): obj.raw for obj in read}
    return {
        name: [complete.get((name, str(raw[kinds[name].listing.id])), raw) for raw in found]
        for name, found in raws.items()
    }


def objects_of(raws: Mapping[str, Iterable[Raw]], kinds: Kinds) -> tuple[Listed, ...]:
    """All of them bare, in the order of kind and id."""
    return raws.objects(kinds) if isinstance(raws, Lists) else _objects_of(raws, kinds)


def _objects_of(raws: Mapping[str, Iterable[Raw]], kinds: Kinds) -> tuple[Listed, ...]:
    objects = [obj for name, found in raws.items() for obj in bares(kinds[name], found)]
    return tuple(sorted(objects, key=lambda obj: (obj.kind, obj.id)))
