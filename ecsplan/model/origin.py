"""Where a value comes from: the layers of a stack that say it, what they mention, and who wrote the line."""

from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import SourceRange


class Commit(Struct, frozen=True):
    """Who last wrote a line. `name` is empty for a line that is not committed; `time` is in seconds since 1970."""

    name: str = ""
    author: str = ""
    email: str = ""
    time: float = 0.0
    summary: str = ""


class Origin(Struct, frozen=True):
    """One place that says a value. `layer` says what the place is, `text` what is written there.

    `counts`: the value, or a part of it, is taken from here; else a stronger layer says otherwise.
    """

    layer: str
    text: str
    source: SourceRange | None = None
    counts: bool = True


class Trace(Struct, frozen=True):
    """An attribute of a resource, the layers that declare it from the weakest up, and the names that these mention."""

    address: Address
    attribute: str
    value: Any
    layers: tuple[Origin, ...] = ()
    names: tuple[Origin, ...] = ()
