"""The parts inside the objects of a kind (the disks of an instance), and where inventory/identity tells which
is which. Used by kinds/, inventory/ and planner/.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.algebra import Raw
from ecsplan.model.call import Call
from ecsplan.model.decoder import Decoder
from ecsplan.model.resource import RemoteObject


class Slots(Struct, frozen=True):
    """Parts inside the objects of a kind: the slots of a map, each with a live object of another kind.

    `attribute` is the map, `kind` that of the parts, `into` the detail that holds their reads, `name` the field of
    their name. `may_be` tells raw parts from what can never be one. `is_marked`: the call that makes an object gives
    its marks to such parts too. `goes_along`: it is deleted with the object. `decode` makes the record of a slot.
    `fits`: the calls of the kind can make the part as a slot wants it; `alike`: it looks so in what cannot well be
    changed. `holder` is the attribute by which a resource of its own says what it hangs on. `outlive` is the call that
    makes a part, by its id, outlive the object: it becomes a resource of its own.
    """

    attribute: str
    kind: str
    into: str
    name: str
    may_be: Callable[[Raw], bool]
    is_marked: bool
    goes_along: Decoder[bool]
    decode: Callable[[Raw], tuple[tuple[str, Any], ...]]
    fits: Callable[[Raw, Mapping[str, Any]], bool]
    alike: Callable[[Raw, Mapping[str, Any]], bool]
    holder: str
    outlive: Callable[[str], Call]


_LEAVING = "-"  # no slot of a file begins so


def leaving(slot: str, taken: Collection[str]) -> str:
    """The slot of a part that is to go for another one in the same slot; of several no two have the same."""
    found = _LEAVING + slot
    while found in taken:
        found = _LEAVING + found
    return found


def left_slot(slot: str) -> str:
    """The slot that a part in this one leaves to another; empty where it leaves none."""
    return slot.lstrip(_LEAVING) if slot.startswith(_LEAVING) else ""


SLOTS_OF = "@slots"
"""Where inventory/identity puts which part is in which slot: attribute → slot → id."""
FOREIGN = "@foreign"
"""Where it puts the ids of what hangs on the object and is no part of it."""
SLOT_OF = "@slot"
"""Where it puts the slot of a part whose machine is gone."""


_SEATED: Decoder[Mapping[str, Mapping[str, str]]] = Decoder(lambda raw: raw.get(SLOTS_OF) or {})


def seated(obj: RemoteObject) -> Mapping[str, Mapping[str, str]]:
    """Which part is in which slot of a machine: attribute, slot, id."""
    return obj.fact(_SEATED)
