"""How live objects become the text of a stack file. Asked for by export/."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import field

from ecsplan.model.algebra import Raw
from ecsplan.model.capability import Capability
from ecsplan.model.decoder import Decoder, at_path
from ecsplan.model.kind import Kind

Noise = Callable[[Any, Mapping[str, Any]], bool]
"""Whether a value is one that the cloud fills in by itself; the mapping has all values of the object, and its id."""


@Decoder
def _none(raw: Raw) -> str:
    return ""


class Exporting(Capability, frozen=True):
    """`rank` is the place of the kind in the file, lower ones first. `word` begins a name where the cloud's cannot be
    one. `beyond` is what an object may have and no attribute says: a name for it, and its path in the raw object.
    `defaults` are what a create call ends up with when it does not say, and `noise` by attribute or block when a
    value is the cloud's own: neither is written. `obstacle` says why a raw object cannot be adopted.
    """

    rank: int = 100
    word: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    noise: Mapping[str, Noise] = field(default_factory=dict)
    obstacle: Decoder[str] = _none
    beyond: Mapping[str, str] = field(default_factory=dict)

    @property
    def unsaid(self) -> Decoder[list[str]]:
        """The names of what an object has beyond its attributes."""
        return Decoder(lambda raw: [name for name, path in self.beyond.items() if is_set(at_path(raw, path))])

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {name for attribute in kind.attributes for name in (attribute.name, attribute.block)}
        named = (*self.defaults, *self.noise)
        yield from (f"export speaks of {name}, which is none of its attributes" for name in named if name not in known)


def is_set(value: object) -> bool:
    """Whether there is something; some switches are words."""
    return bool(value) and str(value).lower() not in ("false", "disabled", "off")


_PLAIN = Exporting()


def exporting(kind: Kind) -> Exporting:
    return kind.capability(Exporting) or _PLAIN


def always(value: object, values: Mapping[str, Any]) -> bool:
    """For what is never written."""
    return True
