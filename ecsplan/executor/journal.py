"""The journal: the intent of each write before it is sent, and the answer after. An aid, never the truth.

JSON lines, each sealed (seal.py) and on disk before the call goes out; the file is locked for as long as its run lives.
No secret enters it: a sensitive parameter stands as the name of its source, a long text as its digest. What earlier
journals tell is read by history.py.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from msgspec import Struct, field
from msgspec.structs import asdict

from ecsplan.executor.births import Births
from ecsplan.executor.records import Start
from ecsplan.executor.seal import Seal
from ecsplan.files.opening import BadFile
from ecsplan.files.own import FILE_MODE, own_folder, private_folder
from ecsplan.model.diagnostic import Diagnostic, Rejected

try:
    import fcntl
except ImportError:  # not on this system: then no run is known to be dead
    fcntl = None  # type: ignore[assignment]

SHOWN = "complete, and shown"  # how the journal of a run ends that saw all that it made in the lists
RECOVERED = "recovered"  # how a journal ends whose unanswered writes have been dealt with
_NEEDED = "the journal is kept there; apply needs it"
_LONGEST = 512  # characters of a text that is kept as it stands


class Journal(Struct):
    """Appends sealed records to a stream; `sync` puts each on disk before the call. Raises Rejected where it cannot."""

    stream: TextIO
    seal: Seal = field(default_factory=lambda: Seal(b"", ""))
    births: Births = field(default_factory=Births)
    _count: int = 0
    _lines: int = 0
    _is_torn: bool = False
    _lock: Any = field(default_factory=Lock)

    def start(self, start: Start) -> None:
        self._write({"start": asdict(start)})

    def plan(self, digest: str) -> None:
        self._write({"plan": digest})

    @property
    def is_unused(self) -> bool:
        """Whether no write was ever meant."""
        return self._count == 0

    def intend(self, **values: Any) -> int:
        """Notes a write that is about to be sent. `params` are without secrets."""
        with self._lock:
            self._count += 1
            number = self._count
        params = values["params"]
        self._note({"intent": {"number": number, **values, "params": shortened(params), "body": digest_of(params)}})
        return number

    def answer(self, number: int, ids: Mapping[str, str], error: str = "") -> None:
        self._note({"answer": {"number": number, "ids": dict(ids), "error": error}})

    def learn(self, ids: Mapping[str, str]) -> None:
        """Which of the ids of one call belongs to which address, once that is known."""
        with suppress(Rejected):  # it only helps later runs; the next write that must be noted says so if it cannot
            self._note({"members": dict(ids)})

    def end(self, outcome: str, at: float) -> None:
        """Closes it with the sum of what it says, so that nobody has to read it whole again."""
        with self._lock:
            total = self.births.summary()
        self._write({"end": outcome, "at": at, **total})

    def _note(self, record: Mapping[str, Any]) -> None:
        with self._lock:
            self.births.take(record)
        self._write(record)

    def _write(self, record: Mapping[str, Any]) -> None:
        with self._lock:
            self._lines += 1
            line = self.seal.line(self._lines, record)
            try:
                self.stream.write("\n" * self._is_torn + line + "\n")
                self.stream.flush()
                if self.stream.fileno() >= 0:
                    os.fsync(self.stream.fileno())
            except OSError as error:
                self._is_torn = True
                raise Rejected(
                    [
                        Diagnostic(
                            f"the journal cannot be written: {error.strerror}",
                            "nothing is sent that is not noted there first; make room, and apply again",
                        )
                    ]
                ) from None
            self._is_torn = False


def shortened(value: object) -> object:
    """Parameters with each long text as its digest: they are there for people, and to be compared."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return {"$sha256": hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest(), "characters": len(value)}
    if isinstance(value, Mapping):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shortened(item) for item in value]
    return value


def digest_of(params: Mapping[str, object]) -> str:
    """Equal for equal parameters."""
    text = json.dumps(params, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def folder_of(state_dir: Path) -> Path:
    """`.ecsplan/journal`, ours alone, made where it is missing. Raises Rejected where that cannot be."""
    path = state_dir / "journal"
    for folder, make in ((state_dir, own_folder), (path, private_folder)):
        try:
            make(folder)
        except BadFile as bad:
            raise Rejected(
                [Diagnostic(f"{folder} {bad.reason}", "the journal is kept there; apply needs it")]
            ) from None
    return path


def open_journal(state_dir: Path, stack: str, name: str) -> AbstractContextManager[TextIO]:
    """A new journal file, readable by its owner alone, and locked until the block ends. Raises Rejected."""
    return create(folder_of(state_dir) / file_name(stack, name))


@contextmanager
def create(path: Path) -> Iterator[TextIO]:
    """See `open_journal`."""
    with _opened(path, os.O_CREAT | os.O_EXCL) as stream:
        if fcntl is not None:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
        yield stream


def append_to(path: Path) -> AbstractContextManager[TextIO]:
    """An earlier journal, to be closed. Raises Rejected."""
    return _opened(path, os.O_APPEND)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[TextIO]:
    try:
        handle = os.open(path, flags | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
    except OSError as error:
        raise Rejected([Diagnostic(f"{path} cannot be written: {error.strerror}", _NEEDED)]) from None
    stream = os.fdopen(handle, "w", encoding="ascii")
    try:
        yield stream
    finally:
        with suppress(OSError):  # what could not be written was told when it was to be written
            stream.close()


def file_name(stack: str, name: str) -> str:
    return f"{stack}-{name}.jsonl"


def is_running(handle: int) -> bool:
    """Whether the run that writes this journal lives. The kernel's lock ends with its process, however that ends."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


def discard(state_dir: Path, stack: str, name: str) -> None:
    """Removes a journal that has nothing to tell."""
    (state_dir / "journal" / file_name(stack, name)).unlink(missing_ok=True)
