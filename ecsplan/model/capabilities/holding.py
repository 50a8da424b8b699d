"""Holding data on disks, of which snapshots can be taken before a change. Asked for by planner/safety.py."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ecsplan.model.capability import Capability
from ecsplan.model.disk import LiveDisk
from ecsplan.model.resource import RemoteObject
from ecsplan.model.safety import AtRisk, SafetySnapshot, Taken

if TYPE_CHECKING:
    from ecsplan.model.address import Address
    from ecsplan.model.call import Call
    from ecsplan.model.change import Change


class HoldsData(Capability, frozen=True):
    """`at_risk` are the disks that a change may cost their data, `put_back(disk, part)` is what is at risk where one is
    put back by hand. `take(stack, address, snapshot)` is the call that takes or waits for one, and
    `close(address, snapshot)` says on it that its change is done. `taken(stack, objects)` are the safety snapshots of a
    stack among live objects.
    """

    at_risk: "Callable[[Change], Iterable[AtRisk]]"
    put_back: Callable[[LiveDisk, str], AtRisk]
    take: "Callable[[str, Address, SafetySnapshot], Call]"
    close: "Callable[[Address, SafetySnapshot], Call]"
    taken: Callable[[str, Iterable[RemoteObject]], Iterator[Taken]]
