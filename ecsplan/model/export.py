"""A stack file made of live objects: the text, and what could not be put into it. Made by export/ and the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from ecsplan.model.address import Address
from ecsplan.model.kind import Raw


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something live that the file does not hold: a whole object, or with `attribute` one property of it."""

    kind: str
    id: str
    name: str
    why: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """`adopted` are the addresses of the file with the ids that they take over."""

    text: str
    stack: str
    adopted: Mapping[Address, str]
    left_out: tuple[LeftOut, ...] = ()


@runtime_checkable
class NamesParts(Protocol):
    """A value type whose parts have names in the file only (the slots of data disks)."""

    def declared(self, raw: Raw) -> tuple[Any, dict[str, str]]:
        """What a file would say of a live object, and the names that it gave to the parts, by their id."""
