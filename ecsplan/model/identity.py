"""Whose an object is: what speaks for it, what only a person can tell, and parts that are to be marked anew.

Tags are claims: anybody who may tag can write them, a copy of a machine has them, a clean-up takes them away. What else
agrees with them decides how far they are believed.
"""

import json
from collections.abc import Mapping
from enum import IntEnum

from msgspec import Struct, field

from ecsplan.model.address import Address, Part
from ecsplan.model.resource import RemoteObject


class Evidence(IntEnum):
    """The lower, the stronger."""

    ADOPTED = 1  # `adopt:` in the file names it
    JOURNAL = 2  # a journal of this folder, which only we can have written, names it
    NUMBERED = 3  # the table of its batch has its id, written when the batch was made
    NAMED = 4  # its mark, and its name is the one that was given to that address
    LEFT_OVER = 5  # its mark, and it is the only one that is missing of those made by the same call
    TAGS = 6  # its mark alone

    @property
    def is_doubtful(self) -> bool:
        return self is Evidence.TAGS


class Estate(Struct, frozen=True):
    """Another stack, or the same in another region, that was applied from this folder.

    `made`: kinds by id; `places`: what an object was made for, where that is known.
    """

    stack: str
    region: str
    made: Mapping[str, str]
    places: Mapping[str, Address | Part] = field(default_factory=dict)


class Known(Struct, frozen=True):
    """What the journals of this folder say, as far as they are surely ours.

    `ids`: which address, or which slot, an object was made for or given to. `retired`: the ids that a run of ours
    retired. `others`: what else was applied from here, where this stack never was. `overlays`: those with which it was
    applied last; None where that is not known.
    """

    ids: Mapping[str, Address | Part] = field(default_factory=dict)
    retired: frozenset[str] = frozenset()
    others: tuple[Estate, ...] = ()
    overlays: tuple[str, ...] | None = None


NOTHING_KNOWN = Known()


class Question(Struct, frozen=True):
    """What only a person can tell. Nothing is done for the address until then; `objects` are left alone.

    `is_of_part`: it asks which part is in which slot, and a destroy, which takes them all, need not know.
    """

    address: Address
    summary: str
    detail: str
    objects: tuple[RemoteObject, ...] = ()
    is_of_part: bool = False

    def __str__(self) -> str:
        return f"{self.summary}; {self.detail}"


class Placed(Struct, frozen=True):
    """A part that is to be marked for a place. `was` is the place that it had, None where it had no mark of its own."""

    part: RemoteObject
    place: Part
    was: Address | Part | None = None


def named(obj: RemoteObject) -> str:
    """An object by its id and its live name."""
    return f"{obj.id} ({obj.name})" if obj.name else obj.id


def adoption(address: Address, object_id: str) -> str:
    """How a file says that an address is this object."""
    if address.key is None:
        return f"adopt: {object_id}"
    key = address.key if isinstance(address.key, int) else json.dumps(address.key, ensure_ascii=False)
    return f"adopt: {{{key}: {object_id}}}"


def told(placed: Placed) -> str:
    """For the reader of a plan."""
    return f"{named(placed.part)}, which was {placed.was}, becomes {placed.place}"
