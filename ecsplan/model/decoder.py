"""Decodes a fact: what an answer tells of an object and no file declares, like its zone, or the machine it hangs on.

The words of the wire end here: a fact is decoded by a function of the kind, and whoever plans, applies or shows asks
a live object for the fact (`live.fact(zone)`), and never for a field of an answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ecsplan.model.algebra import Raw

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Decoder(Generic[T_co]):
    """Decorates the function that decodes. An object that was not read has an empty answer: `read` returns a value for
    that, too."""

    read: Callable[[Raw], T_co]

    def __call__(self, raw: Raw) -> T_co:
        return self.read(raw)


def at_path(raw: Any, path: str) -> Any:
    """What a dotted path leads to; None where it ends early."""
    for step in path.split("."):
        raw = raw.get(step) if isinstance(raw, Mapping) else None
    return raw
