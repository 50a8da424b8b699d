"""Moving an object elsewhere: in another subnet, another network, another zone.

A kind says it of the live object, its declaration and what is around it; planner/moving.py asks, and puts it into the
change.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.model.address import Address, Ref
from ecsplan.model.decoder import Decoder
from ecsplan.model.resource import RemoteObject


class Around(Struct, frozen=True):
    """What is live, by id, and what is declared, its references resolved as far as they are known."""

    objects: Mapping[str, RemoteObject] = field(default_factory=dict)
    declared: Mapping[Address, Mapping[str, Any]] = field(default_factory=dict)

    def told(self, value: object, name: str, decoder: Decoder[Any]) -> Any:
        """An attribute of the thing that a reference or an id names: as declared where it is still to be made, else as
        its live object tells by the decoder; None where nobody can tell.
        """
        if isinstance(value, Ref):
            return self.declared.get(value.address, {}).get(name)
        found = self.objects.get(value) if isinstance(value, str) else None
        return found.fact(decoder) if found is not None else None


class Moving(Struct, frozen=True):
    """How an object gets where it is to be.

    `replaces` says why it has to be made anew: nothing moves it there. `network` is the id of the other network that it
    comes into, or a Ref to it, and `takes` are the attributes that the same call changes then. `gives_back` are
    attributes whose values the object cannot have while it moves: they are given back before, and set afterwards.
    `restarts`: the service wants a restart before. `blocked` and `notes` are for the reader of the plan.
    """

    replaces: str = ""
    network: Any = None
    takes: tuple[str, ...] = ()
    gives_back: tuple[str, ...] = ()
    restarts: bool = False
    blocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
