"""Whole lists as they were read, and the bare objects of them. Used by read.py's callers and match.py."""

from collections.abc import Iterable, Mapping

from ecsplan.inventory.decode import bares
from ecsplan.model.algebra import Raw
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import RemoteObject


class Listed(dict[str, list[Raw]]):
    """Raw objects by kind. Several stacks may be held against one reading: what is made of it is made once."""

    __slots__ = ("_objects",)

    def __init__(self, raws: Mapping[str, list[Raw]]) -> None:
        super().__init__(raws)
        self._objects: tuple[RemoteObject, ...] | None = None

    def objects(self, kinds: Kinds) -> tuple[RemoteObject, ...]:
        if self._objects is None:
            self._objects = _objects_of(self, kinds)
        return self._objects


def objects_of(raws: Mapping[str, Iterable[Raw]], kinds: Kinds) -> tuple[RemoteObject, ...]:
    """All of them bare, in the order of kind and id."""
    return raws.objects(kinds) if isinstance(raws, Listed) else _objects_of(raws, kinds)


def _objects_of(raws: Mapping[str, Iterable[Raw]], kinds: Kinds) -> tuple[RemoteObject, ...]:
    objects = [obj for name, found in raws.items() for obj in bares(kinds[name], found)]
    return tuple(sorted(objects, key=lambda obj: (obj.kind, obj.id)))
