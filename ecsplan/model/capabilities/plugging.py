"""Being plugged into a machine that must not run when it leaves. Asked for by planner/unplugging.py."""

from collections.abc import Iterable

from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind


class Pluggable(Capability, frozen=True):
    """`into` are the attributes that name its machine, or its machines."""

    into: tuple[str, ...]

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        yield from (
            f"it is plugged into {name}, which is none of its attributes" for name in self.into if name not in known
        )


def plugged_into(kind: Kind) -> tuple[str, ...]:
    """The attributes that name its machines; none for what is plugged into none."""
    pluggable = kind.capability(Pluggable)
    return pluggable.into if pluggable else ()
