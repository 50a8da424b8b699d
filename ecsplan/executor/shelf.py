"""Where the journals of a stack are kept: in a folder of this machine, or in a store that runners share.

Either gives each journal as a file to read (past.py), and a stream to write that is locked while its run lives.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from ecsplan.executor.journal import append_to, create, folder_of, is_running
from ecsplan.files.opening import BadFile, open_regular
from ecsplan.files.own import doubt_of, kept_secret
from ecsplan.files.repository import tracked_under

LARGEST = 256 << 20  # bytes of one


class Shelf(Protocol):
    """`name` is that of a journal, such as `shop-1.jsonl`. Opening and writing raise Rejected where they cannot.

    `sees_all`: it tells of every run whether it lives, wherever that is; else of those of this machine alone.
    """

    @property
    def sees_all(self) -> bool: ...

    def create(self, name: str) -> AbstractContextManager[TextIO]:
        """A new journal, locked until the block ends."""
        ...

    def append_to(self, name: str) -> AbstractContextManager[TextIO]: ...

    def replacing(self, name: str) -> AbstractContextManager[TextIO]:
        """A journal whose new content is there at once when the block ends, or not at all."""
        ...

    def files(self, prefix: str) -> Iterator[tuple[Path, str]]:
        """The journals by name, each as a file with why it may not be ours, or an empty text."""
        ...

    def runs(self, path: Path) -> bool:
        """Whether the run of a journal lives, as far as that can be told."""
        ...

    def discard(self, name: str) -> None: ...

    def secret(self) -> str:
        """A random text that all who use the shelf share and nobody else has; empty where none can be kept."""
        ...


@dataclass(frozen=True)
class Folder:
    """A `Shelf` in `.ecsplan/journal`. `home` is the folder of our state that no checkout brings along."""

    state_dir: Path
    home: Path | None = None
    sees_all: bool = False

    @property
    def _folder(self) -> Path:
        return self.state_dir / "journal"

    def create(self, name: str) -> AbstractContextManager[TextIO]:
        return create(folder_of(self.state_dir) / name)

    def append_to(self, name: str) -> AbstractContextManager[TextIO]:
        return append_to(self._folder / name)

    @contextmanager
    def replacing(self, name: str) -> Iterator[TextIO]:
        """Written beside and put in place at once: a run that dies here leaves what there was."""
        part = self._folder / f".{name}.{os.getpid()}"
        part.unlink(missing_ok=True)
        with create(part) as stream:
            yield stream
        os.replace(part, self._folder / name)

    def files(self, prefix: str) -> Iterator[tuple[Path, str]]:
        folder = self._folder
        try:
            for place in (self.state_dir, folder):
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

    def runs(self, path: Path) -> bool:
        try:
            handle = open_regular(path, LARGEST)
        except (OSError, BadFile):
            return True
        try:
            return is_running(handle)
        finally:
            os.close(handle)

    def discard(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def secret(self) -> str:
        """Not beside the journals: whoever brings those along in a checkout would bring it too."""
        return kept_secret(self.home / "seal") if self.home is not None else ""


def shelf_of(place: Path | Shelf) -> Shelf:
    """That of a folder, or itself."""
    return Folder(place) if isinstance(place, Path) else place


def _doubt(path: Path) -> str:
    try:
        return doubt_of(path)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
