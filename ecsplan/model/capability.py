"""Optional abilities of kinds, as objects of their own: the base of all of them.

A table in kinds/ lists them in `can`; whoever needs one asks `kind.capability(Power)` and never which kind it is. Each
has its file in capabilities/, and adding one changes neither Kind nor the kinds that do not have it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from ecsplan.model.kind import Kind


class Capability(Struct, frozen=True):
    """`sets` are the attributes that it changes, beside those that the kind's updates name; `faults` say why a kind
    that lists it does not load."""

    def sets(self) -> Iterable[str]:
        return ()

    def faults(self, kind: "Kind") -> Iterable[str]:
        return ()
