"""Safety snapshots: what is on a disk, kept before a change that may cost it (`lifecycle.snapshot_before`).

The kinds say which disks are at risk (capabilities/holding.py), planner/safety.py which of them are kept.
"""

from msgspec import Struct

DATA_LOSS, RESIZE, REINSTALL = "data_loss", "resize", "reinstall"
RISKS = (DATA_LOSS, RESIZE, REINSTALL)
DAYS = 7  # that one is kept, where nothing is said
MOST_DAYS = 65536
BEFORE = "before"  # of a resource: its safety snapshots are parts of it, by the id of their disk
SNAPSHOT = "snapshot"  # the verb of a step
FRESH = 24 * 3600.0
"""Seconds for which one that a run which was cut off has taken counts for the change that it was taken for. Later, too
much may have been written since."""


class AtRisk(Struct, frozen=True):
    """A disk that a change may cost its data.

    `disk` is its id; `part` is `system_disk` or `data_disks.SLOT`, empty for a disk of its own. `what` is done to it:
    the same text for the same change, and another one for the next. `cannot` says why there can be no snapshot.
    """

    disk: str
    part: str
    risk: str
    what: str
    cannot: str = ""

    @property
    def text(self) -> str:
        return f"its {self.part} ({self.disk})" if self.part else f"it ({self.disk})"


class SafetySnapshot(Struct, frozen=True):
    """One that a change waits for. `live` is the id of one that was taken for this very change in a run that was cut
    off, empty where it is still to be taken; `is_finished`: it need not be waited for."""

    of: AtRisk
    days: int
    live: str = ""
    is_finished: bool = False

    @property
    def part(self) -> str:
        """Its name among the parts of the resource."""
        return f"{BEFORE}.{self.of.disk}"

    @property
    def note(self) -> str:
        if not self.live:
            days = "a day" if self.days == 1 else f"{self.days} days"
            # Without its id: members of a group that change alike are shown together.
            return f"a snapshot of {f'its {self.of.part}' if self.of.part else 'it'} is taken first, kept for {days}"
        taken = "serves" if self.is_finished else "is waited for"
        return f"the snapshot {self.live} of {self.of.text}, which a run that was cut off took for this, {taken}"


class Taken(Struct, frozen=True):
    """A safety snapshot as it is live, made `at` that time (seconds since 1970)."""

    id: str
    disk: str
    what: str
    at: float
    is_finished: bool

    def serves(self, risk: AtRisk, now: float) -> bool:
        is_of_it = (self.disk, self.what) == (risk.disk, risk.what)
        return is_of_it and (not self.is_finished or now - self.at < FRESH)
