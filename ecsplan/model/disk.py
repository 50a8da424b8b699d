"""One disk as the service tells it, whether it is a resource or a part of a machine. Decoded in kinds/."""

from msgspec import Struct

from ecsplan.model.algebra import Fields


class LiveDisk(Struct, frozen=True):
    """Sizes in GiB.

    `machine` is the id of the machine that it hangs on, empty for none. `made_of` is the image of a system disk, the
    snapshot of another one. `locks` are the reasons of the service's locks. `goes_along`: it is deleted with its
    machine. `was_attached`: a machine has had it, or nothing tells. `paid_until` is the end of a subscription; None
    where there is none. `slot` is the canonical value that a slot of a machine has of it, `is_marked` whether it has a
    mark as a part.
    """

    id: str
    name: str = ""
    machine: str = ""
    status: str = ""
    category: str = ""
    size: int | None = None
    level: str = ""
    iops: int = 0
    is_system: bool = False
    is_local: bool = False
    is_shared: bool = False
    made_of: str = ""
    locks: tuple[str, ...] = ()
    goes_along: bool = True
    was_attached: bool = True
    has_snapshots: bool = False
    paid_until: str | None = None
    is_marked: bool = False
    slot: Fields = ()
