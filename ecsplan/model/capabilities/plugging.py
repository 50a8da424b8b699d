"""Being plugged into a machine that must not run when it leaves. Asked for by plan/unplugging.py."""

from collections.abc import Iterable
from dataclasses import dataclass

from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind


@dataclass(frozen=True, slots=True)
class Pluggable(Capability):
    """`into` is the attribute that names the machine."""

    into: str

    def faults(self, kind: Kind) -> Iterable[str]:
        if not any(attribute.name == self.into for attribute in kind.attributes):
            yield f"it is plugged into {self.into}, which is none of its attributes"


def plugged_into(kind: Kind) -> str:
    """The attribute that names the machine; empty for what is plugged into none."""
    pluggable = kind.capability(Pluggable)
    return pluggable.into if pluggable else ""
