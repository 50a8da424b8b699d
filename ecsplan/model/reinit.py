"""Disks that are put back: which are meant, on which machines, and what became of them. Used by power/, engine, cli."""

from collections.abc import Mapping

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.disk import LiveDisk
from ecsplan.model.power import Became, Powered
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.safety import SafetySnapshot

SYSTEM_DISK = "system_disk"
SLOT = "data_disks."


class TooMany(Rejected):
    """A snapshot is of one disk, and several were named: wrong usage."""


class Disk(Struct, frozen=True):
    """One disk of the stack.

    `part` is `system_disk` or `data_disks.SLOT` of the instance at `address`, empty for a disk of its own. `owner` is
    the object at `address`, whose protection counts.
    """

    address: Address
    part: str
    owner: LiveObject
    live: LiveDisk

    def __str__(self) -> str:
        return self._of(self.address)

    def _of(self, address: Address) -> str:
        return f"{address}.{self.part}" if self.part else str(address)

    @property
    def names(self) -> tuple[str, str]:
        """How it is named, and how all of its group are."""
        return str(self), self._of(self.address.group)

    @property
    def id(self) -> str:
        return self.live.id

    @property
    def size(self) -> int | None:
        """In GiB."""
        return self.live.size

    @property
    def machine(self) -> str:
        """The id of the machine that it hangs on; empty for none."""
        return self.live.machine


class Host(Struct, frozen=True):
    """A machine that disks hang on. `address` is None where it is not the stack's: then its power is left alone.

    `ran`: it runs, or did until a run that was cut off stopped it (`is_marked`); so it is to run in the end.
    `is_meant_off`: the stack file says so. `owner` is the machine as the stack's object. `was_started` is False where
    it never ran. `ends` is when its subscription ends, if it has one. `locks` are the reasons of the service's locks.
    """

    id: str
    address: Address | None
    status: str
    ran: bool = False
    is_marked: bool = False
    is_meant_off: bool = False
    owner: LiveObject | None = None
    key_pair: str = ""
    was_started: bool = True
    ends: str = ""
    is_spot: bool = False
    locks: tuple[str, ...] = ()

    @property
    def is_off(self) -> bool:
        return self.status == "Stopped"


class ReinitPlan(Struct, frozen=True):
    """What would be done. `machines` by id are those that the disks hang on; `snapshot` is the id to go back to. `kept`
    are the snapshots that come first, by the ids of their disks. `served` are machines that are drained, by id: as they
    are in their groups, and as the file has them there.
    """

    stack: str
    region: str
    disks: tuple[Disk, ...]
    machines: Mapping[str, Host] = field(default_factory=dict)
    snapshot: str | None = None
    warnings: tuple[Diagnostic, ...] = ()
    kept: Mapping[str, SafetySnapshot] = field(default_factory=dict)
    served: Mapping[str, tuple[LiveObject, Resource]] = field(default_factory=dict)

    @property
    def by_machine(self) -> Mapping[str, tuple[Disk, ...]]:
        """The disks by the machine that they hang on."""
        machines = dict.fromkeys(disk.machine for disk in self.disks)
        return {one: tuple(disk for disk in self.disks if disk.machine == one) for one in machines}

    @property
    def stopped(self) -> tuple[Host, ...]:
        """Those that have to be stopped first."""
        return tuple(host for host in self.machines.values() if host.address is not None and not host.is_off)

    @property
    def started(self) -> tuple[Host, ...]:
        """Those that run in the end."""
        return tuple(host for host in self.machines.values() if host.address is not None and host.ran)

    @property
    def shape(self) -> tuple[object, ...]:
        """What may not have moved between the question and the first write."""
        machines = ((host.id, host.status, host.ran) for host in self.machines.values())
        return (self.snapshot, *((disk.id, disk.machine) for disk in self.disks), *sorted(machines))


class PutBack(Struct, frozen=True):
    """What became of one disk. `code` and `message` are the service's, where it refused."""

    disk: Disk
    became: Became
    code: str = ""
    message: str = ""
    request_id: str | None = None


class ReinitReport(Struct, frozen=True):
    disks: tuple[PutBack, ...]
    machines: tuple[Powered, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    snapshots: Mapping[str, str] = field(default_factory=dict)

    def count(self, became: Became) -> int:
        """Of disks."""
        return sum(row.became is became for row in self.disks)

    @property
    def has_failed(self) -> bool:
        return self.count(Became.FAILED) > 0 or any(row.became is Became.FAILED for row in self.machines)
