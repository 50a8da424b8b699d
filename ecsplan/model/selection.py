"""Which live objects are meant: by kind, by VPC, by tags. Nothing given means all."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

from ecsplan.model.resource import RemoteObject

Obj = TypeVar("Obj", bound=RemoteObject, covariant=True)


class Selection(Struct, frozen=True):
    """All that is given must hold. A tag without a value (`team`) asks for the key alone."""

    kinds: tuple[str, ...] = ()
    vpc: str | None = None
    tags: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Unmanaged(Generic[Obj]):
    """A live object that no stack claims. `tool` is who else seems to own it, `because` how that shows."""

    obj: Obj
    vpc: str = ""
    tool: str = ""
    because: str = ""
