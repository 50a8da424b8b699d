"""One earlier journal as a value: what it says, and whether that is to be believed. Used by history.py.

Only its first line and its last are read where these say all; in between, a line without our seal is no record.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from ecsplan.executor.births import Births
from ecsplan.executor.journal import RECOVERED, SHOWN, Journal, is_running
from ecsplan.executor.records import Intent, Odd, Start, number, start_of
from ecsplan.executor.seal import Line, Seal, holder_of
from ecsplan.executor.shelf import LARGEST, Folder, Shelf
from ecsplan.files.opening import BadFile, open_regular
from ecsplan.model.running import INVOKE

_FIRST_LINE, _TAIL = 1 << 16, 1 << 18


class Past(Struct):
    """What an earlier journal says. `holder` is the name under which its run held the lock; `at` when it ended.

    Not `is_authentic`: sealed with another key than ours, or with none. `is_shown`: lists showed at its end all that
    it made.
    """

    path: Path
    start: Start
    births: Births
    is_authentic: bool
    is_ended: bool
    is_running: bool
    at: float
    written: float  # when the file was, by the clock of this machine
    is_shown: bool = False
    lines: int = 0
    shelf: Shelf | None = None

    @property
    def holder(self) -> str:
        return holder_of(self.start.proof)

    @property
    def unanswered(self) -> list[Intent]:
        return list(self.births.open.values())

    @property
    def lost_creates(self) -> list[Intent]:
        """Creates that may have been carried out: their token makes it safe to ask again."""
        return [intent for intent in self.unanswered if intent.creates and intent.token]

    @property
    def blind_creates(self) -> list[Intent]:
        """Creates that may have been carried out and have no token: only a list that is up to date can tell."""
        return [intent for intent in self.unanswered if intent.creates and not intent.token]

    @property
    def lost_runs(self) -> list[Intent]:
        """Commands that may run inside machines: whoever looks for them waits until the list shows them."""
        return [intent for intent in self.unanswered if intent.operation == INVOKE]

    @property
    def is_open(self) -> bool:
        return not self.is_ended or bool(self.lost_creates or self.blind_creates or self.lost_runs)


def first_line(path: Path, seal: Seal) -> tuple[Start, Line] | None:
    """Whose journal a file is; None where it is none."""
    try:
        handle = open_regular(path, LARGEST)
    except (OSError, BadFile):
        return None
    try:
        return _first(_head(handle), seal)
    finally:
        os.close(handle)


def close(past: Past, key: bytes, at: float) -> None:
    """Marks an authentic journal as dealt with, with the sum of what it says; `at` as its clock goes on.

    Raises Rejected where it cannot be written.
    """
    past.births.open.clear()
    shelf = past.shelf or Folder(past.path.parent.parent)
    with shelf.append_to(past.path.name) as stream:
        journal = Journal(stream, Seal(key, past.path.name), past.births, _lines=past.lines, _is_torn=True)
        journal.end(RECOVERED, at)
    past.is_ended, past.at = True, at


def read_past(path: Path, seal: Seal, shelf: Shelf | None = None) -> Past | None:
    """None for what is no journal. Raises BadFile."""
    try:
        handle = open_regular(path, LARGEST)
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}") from None
    try:
        first = _first(_head(handle), seal)
        if first is None:
            return None
        start, line = first
        state = os.fstat(handle)
        lives = is_running(handle) if shelf is None or not shelf.sees_all else shelf.runs(path)
        past = Past(path, start, Births(), line.is_authentic, False, lives, start.at, state.st_mtime, shelf=shelf)
        last = seal.read(_last_line(handle, state.st_size if past.is_authentic else min(state.st_size, _TAIL)))
        if not past.is_authentic:
            past.is_ended = last is not None and "end" in last.record
        elif last is None or not last.is_authentic or not _takes_sum(past, last):
            _go_through(past, handle, seal)
        return past
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}") from None
    finally:
        os.close(handle)


def _first(text: str, seal: Seal) -> tuple[Start, Line] | None:
    line = seal.read(text)
    try:
        return None if line is None else (start_of(line.record), line)
    except Odd:
        return None


def _head(handle: int) -> str:
    """The first line, as far as one of ours is long."""
    return _text(os.pread(handle, _FIRST_LINE, 0).partition(b"\n")[0])


def _last_line(handle: int, size: int) -> str:
    """Read from the end on, twice as much until it is whole."""
    length = _TAIL
    while True:
        data = os.pread(handle, length, max(0, size - length)).rstrip(b"\n")
        if b"\n" in data or length >= size:
            return _text(data.rpartition(b"\n")[2])
        length *= 2


def _text(data: bytes) -> str:
    """Ours are ASCII; what else is there fits no seal."""
    return data.decode("ascii", errors="replace")


def _takes_sum(past: Past, last: Line) -> bool:
    """Whether the last line says all that the journal says."""
    try:
        found = Births.of_summary(last.record) if "end" in last.record else None
        if found is None:
            return False
        past.births, past.at = found, number(last.record.get("at"))
    except Odd:
        return False
    past.is_ended, past.is_shown, past.lines = True, last.record["end"] == SHOWN, last.number
    return True


def _go_through(past: Past, handle: int, seal: Seal) -> None:
    """Line by line. One that is cut off, added, or out of order is no record."""
    with os.fdopen(os.dup(handle), "rb") as stream:
        stream.seek(0)
        for data in stream:
            line = seal.read(_text(data.rstrip(b"\n")))
            if line is None or not line.is_authentic or line.number <= past.lines:
                continue
            past.lines = line.number
            with suppress(Odd):
                _take(past, line.record)


def _take(past: Past, record: Mapping[str, object]) -> None:
    if "end" not in record:
        past.births.take(record)
        return
    past.at, past.is_ended, past.is_shown = number(record.get("at")), True, record["end"] == SHOWN
    if record["end"] == RECOVERED:
        past.births.open.clear()
