"""A stack file made of live objects: the text, and what could not be put into it. Made by export/ and the engine."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.decoder import Decoder


class LeftOut(Struct, frozen=True):
    """Something live that the file does not hold: a whole object, or with `attribute` one property of it."""

    kind: str
    id: str
    name: str
    why: str
    attribute: str = ""


class Exported(Struct, frozen=True):
    """`adopted` are the addresses of the file with the ids that they take over."""

    text: str
    stack: str
    adopted: Mapping[Address, str]
    left_out: tuple[LeftOut, ...] = ()


class Called(Struct, frozen=True):
    """What the files of another tool say of an object: the name of its block, and its key there in a group.

    `said` are attributes that are written though a person would leave them out, `unsaid` are never written.
    `variables` are the names of the variables that attributes were made of. `remarks` stand above the block.
    """

    name: str
    key: int | str | None = None
    said: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    lifecycle: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[tuple[str, str], ...] = ()  # kinds and ids
    variables: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


class Told(Struct, frozen=True):
    """What an export knows beside the live objects. `called` is by kind and id; `remarks` stand above everything.

    `descriptions` are those of variables. `outputs` name, by kind and id, an object and one of its attributes.
    """

    called: Mapping[tuple[str, str], Called] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, tuple[tuple[str, str], str]] = field(default_factory=dict)


NOTHING_TOLD = Told(MappingProxyType({}))


@runtime_checkable
class NamesParts(Protocol):
    """A value type whose parts have names in the file only (the slots of data disks)."""

    @property
    def declared(self) -> Decoder[tuple[Any, dict[str, str]]]:
        """What a file would say of a live object, and the names that it gave to the parts, by their id."""
