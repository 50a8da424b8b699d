"""Earlier journals of a folder: read once a command, and only what is ours is believed. Used by the engine.

Whose a journal is, its first line tells; what a finished one says, its last line sums up. A file that others may have
written, that Git tracks or that is no regular file is refused; one that another key sealed is unverified: nothing of it
is sent, and it counts for nothing but the time that its writes may take to be seen.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ecsplan.apply.births import Births
from ecsplan.apply.journal import Journal, create, file_name
from ecsplan.apply.past import Past, first_line, read_past, runs
from ecsplan.apply.seal import Seal, holder_of
from ecsplan.files.opening import BadFile
from ecsplan.files.own import doubt_of
from ecsplan.files.repository import tracked_under
from ecsplan.model.address import Address, Part, Place, parse_place

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


def read_history(state_dir: Path, stack: str, region: str, key: bytes) -> History:
    """What the journals of a stack say. Raises nothing for what is in the folder: it is passed over or refused."""
    pasts, refused = [], []
    for path, doubt in _files(state_dir, f"{stack}-"):
        if doubt:
            refused.append((path, doubt))
            continue
        try:
            past = read_past(path, Seal(key, path.name))
        except BadFile as bad:
            refused.append((path, bad.reason))
            continue
        if past is not None and (past.start.stack, past.start.region) == (stack, region):
            pasts.append(past)
    return History(tuple(pasts), tuple(refused))


def applied(state_dir: Path, key: bytes) -> dict[tuple[str, str], float]:
    """When the runs of this folder last began to write, by stack and region; by the first lines of authentic ones."""
    found: dict[tuple[str, str], float] = {}
    for path, doubt in _files(state_dir, ""):
        first = None if doubt else first_line(path, Seal(key, path.name))
        if first is not None and first[1].is_authentic:
            start = first[0]
            place = (start.stack, start.region)
            found[place] = max(start.at, found.get(place, 0.0))
    return found


def is_dead(state_dir: Path, stack: str, holder: str, boot: str, *, is_same_host: bool) -> bool:
    """Whether a run that our folder has the journal of held the lock under this name, and lives no more.

    Known by what the name is made of, which no tag tells; so that it needs no key, which may have changed since. A
    folder may be shared by machines that do not see each other's locks: it must have been under this `boot` of the
    kernel, or on this host.
    """
    for path, doubt in _files(state_dir, f"{stack}-"):
        if doubt or not path.stem.endswith(holder.removeprefix("ecsplan-")):
            continue
        first = first_line(path, Seal(b"", path.name))
        if first is None or holder_of(first[0].proof) != holder or first[0].stack != stack:
            continue
        return (is_same_host or (bool(boot) and first[0].boot == boot)) and not runs(path)
    return False


def prune(state_dir: Path, stack: str, history: History, key: bytes) -> None:
    """Keeps the newest finished journals; what older authentic ones say becomes one sum, in a file of its own."""
    finished = [past for past in history.pasts if past.is_ended and not past.is_open and not past.is_running]
    old = finished[:-KEPT]
    sum_file = state_dir / "journal" / file_name(stack, _SUMMED_UP)
    if any(past.is_authentic and past.path != sum_file for past in old):
        _sum_up(sum_file, [past for past in old if past.is_authentic], key)
    for past in old:
        if past.path != sum_file:
            past.path.unlink(missing_ok=True)


def _sum_up(path: Path, pasts: list[Past], key: bytes) -> None:
    """Written beside and put in place at once: a run that dies here leaves what there was."""
    births, last = _summed(pasts), pasts[-1]
    births.removed.clear()  # there is nothing older that still has them
    births.unretired.clear()
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with create(part) as stream:
        journal = Journal(stream, Seal(key, path.name), births)
        journal.start(replace(last.start, proof="", operation="sum"))
        journal.end("complete", last.at)
    os.replace(part, path)


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


def _files(state_dir: Path, prefix: str) -> Iterator[tuple[Path, str]]:
    """The journals in a folder by name, each with why it may not be ours, or an empty text."""
    folder = state_dir / "journal"
    try:
        for place in (state_dir, folder):
            if doubt := doubt_of(place, is_folder=True, may_be_open=True):
                yield place, doubt
                return
        names = sorted(name for name in os.listdir(folder) if name.startswith(prefix) and name.endswith(".jsonl"))
        tracked = tracked_under(folder) if names else frozenset()
    except OSError:
        return
    except BadFile as bad:
        yield folder, f"may be tracked by Git: its index {bad.reason}"
        return
    for name in names:
        yield folder / name, "is tracked by Git" if name in tracked else _doubt(folder / name)


def _doubt(path: Path) -> str:
    try:
        return doubt_of(path)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
