"""Earlier journals of a folder: read once a command, and only what is ours is believed. Used by the engine.

Whose a journal is, its first line tells; what a finished one says, its last line sums up. A file that others may have
written, that Git tracks or that is no regular file is refused; one that another key sealed is unverified: nothing of it
is sent, and it counts for nothing but the time that its writes may take to be seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ecsplan.executor.births import Births
from ecsplan.executor.journal import Journal, file_name
from ecsplan.executor.past import Past, first_line, read_past
from ecsplan.executor.seal import Seal, holder_of
from ecsplan.executor.shelf import Shelf, shelf_of
from ecsplan.files.opening import BadFile
from ecsplan.model.address import Address, Part, Place, parse_place
from ecsplan.model.copying import replace

KEPT = 20  # finished journals of a stack; what older ones say is kept as one sum
_SUMMED_UP = "0"  # the name of the sum: older than any journal


@dataclass(frozen=True)
class History:
    """The journals of one stack in one region, oldest first. `refused` are files that may not be ours, and why."""

    pasts: tuple[Past, ...] = ()
    refused: tuple[tuple[Path, str], ...] = ()

    @property
    def authentic(self) -> Iterator[Past]:
        return (past for past in self.pasts if past.is_authentic)

    @property
    def unverified(self) -> tuple[Past, ...]:
        return tuple(past for past in self.pasts if not past.is_authentic)

    @cached_property
    def births(self) -> Births:
        """The sum of the authentic ones."""
        return _summed(self.authentic)

    @cached_property
    def known(self) -> dict[str, Address | Part]:
        """Which address, or slot of a machine, an id was made for or given to, where a run of ours knew it exactly."""
        found = {}
        for object_id, birth in self.births.ids.items():
            place = _place(birth.address) if birth.is_exact else None
            if isinstance(place, Part) or (isinstance(place, Address) and place.kind == birth.kind):
                found[object_id] = place
        return found

    @property
    def retired(self) -> frozenset[str]:
        """The ids that runs of ours retired, and that are not known to be deleted."""
        return frozenset(self.births.retired)

    @cached_property
    def made(self) -> dict[str, str]:
        """What runs of ours made and did not delete, by id, with its kind; oldest first."""
        going = {object_id for past in self.authentic for object_id in past.births.going}
        return {object_id: kind for object_id, kind in self.births.made.items() if object_id not in going}

    @property
    def overlays(self) -> tuple[str, ...] | None:
        """Those with which the stack was applied last; None where that is not known."""
        told = [past.start.overlays for past in self.authentic if past.start.overlays is not None]
        return told[-1] if told else None

    @property
    def last_finished(self) -> str:
        """The name of the newest one that ended; empty where there is none. A name alone: it need not be authentic."""
        return max((past.path.name for past in self.pasts if past.is_ended), default="")


def last_births(births: Births) -> dict[Address, str]:
    """The last id that each address was given."""
    found = {}
    for object_id, birth in births.ids.items():
        place = _place(birth.address)
        if isinstance(place, Address) and place.kind == birth.kind:
            found[place] = object_id
    return found


def read_history(place: Path | Shelf, stack: str, region: str, key: bytes) -> History:
    """What the journals of a stack say. Raises nothing for what is in a folder: it is passed over or refused."""
    pasts, refused = [], []
    shelf = shelf_of(place)
    for path, doubt in shelf.files(f"{stack}-"):
        if doubt:
            refused.append((path, doubt))
            continue
        try:
            past = read_past(path, Seal(key, path.name), shelf)
        except BadFile as bad:
            refused.append((path, bad.reason))
            continue
        if past is not None and (past.start.stack, past.start.region) == (stack, region):
            pasts.append(past)
    return History(tuple(pasts), tuple(refused))


def applied(place: Path | Shelf, key: bytes) -> dict[tuple[str, str], float]:
    """When the runs of this folder last began to write, by stack and region; by the first lines of authentic ones."""
    found: dict[tuple[str, str], float] = {}
    for path, doubt in shelf_of(place).files(""):
        first = None if doubt else first_line(path, Seal(key, path.name))
        if first is not None and first[1].is_authentic:
            start = first[0]
            estate = (start.stack, start.region)
            found[estate] = max(start.at, found.get(estate, 0.0))
    return found


def is_dead(place: Path | Shelf, stack: str, holder: str, boot: str, *, is_same_host: bool) -> bool:
    """Whether a run that our folder has the journal of held the lock under this name, and lives no more.

    Known by what the name is made of, which no tag tells; so that it needs no key, which may have changed since. A
    folder may be shared by machines that do not see each other's locks: it must have been under this `boot` of the
    kernel, or on this host. A store that runners share sees them all.
    """
    shelf = shelf_of(place)
    for path, doubt in shelf.files(f"{stack}-"):
        if doubt or not path.stem.endswith(holder.removeprefix("ecsplan-")):
            continue
        first = first_line(path, Seal(b"", path.name))
        if first is None or holder_of(first[0].proof) != holder or first[0].stack != stack:
            continue
        is_seen = shelf.sees_all or is_same_host or (bool(boot) and first[0].boot == boot)
        return is_seen and not shelf.runs(path)
    return False


def prune(place: Path | Shelf, stack: str, history: History, key: bytes) -> None:
    """Keeps the newest finished journals; what older authentic ones say becomes one sum, in a file of its own."""
    finished = [past for past in history.pasts if past.is_ended and not past.is_open and not past.is_running]
    old = finished[:-KEPT]
    shelf, sum_name = shelf_of(place), file_name(stack, _SUMMED_UP)
    if any(past.is_authentic and past.path.name != sum_name for past in old):
        _sum_up(shelf, sum_name, [past for past in old if past.is_authentic], key)
    for past in old:
        if past.path.name != sum_name:
            shelf.discard(past.path.name)


def _sum_up(shelf: Shelf, name: str, pasts: list[Past], key: bytes) -> None:
    births, last = _summed(pasts), pasts[-1]
    births.removed.clear()  # there is nothing older that still has them
    births.unretired.clear()
    with shelf.replacing(name) as stream:
        journal = Journal(stream, Seal(key, name), births)
        journal.start(replace(last.start, proof="", operation="sum"))
        journal.end("complete", last.at)


def _summed(pasts: Iterable[Past]) -> Births:
    found = Births()
    for past in pasts:
        found.add(past.births)
    return found


def _place(text: str) -> Place | None:
    try:
        return parse_place(text)
    except ValueError:  # of another version
        return None
