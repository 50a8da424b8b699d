"""Rules that a stack file can break without the cloud being asked. Asked for by config/stack_reader.py."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ecsplan.model.capability import Capability

if TYPE_CHECKING:
    from ecsplan.model.address import Address
    from ecsplan.model.diagnostic import Diagnostic
    from ecsplan.model.resource import Resource

Check = Callable[["Resource", Mapping["Address", "Resource"]], Iterable["Diagnostic"]]
CheckTogether = Callable[[Sequence["Resource"]], Iterable["Diagnostic"]]


class Checks(Capability, frozen=True):
    """`each` looks at one resource among all, and says the same of members of a group that differ in their names alone;
    `together` looks at all of the kind at once, where one by one would compare each with each."""

    each: tuple[Check, ...] = ()
    together: tuple[CheckTogether, ...] = ()
