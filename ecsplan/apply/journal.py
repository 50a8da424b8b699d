"""The journal: the intent of each write before it is sent, and the answer after. An aid, never the truth.

JSON lines, each on disk before the call goes out. A run that finds unanswered creates sends them again unchanged.
No secret enters it: a sensitive parameter stands as the name of its source.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

KEPT = 20  # finished journals of a stack
RECOVERED = "recovered"  # how a journal ends whose unanswered writes have been dealt with


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was about to be sent, `at` that time. `creates` are addresses; no `token` where it takes none."""

    number: int
    step: str
    operation: str
    product: str
    params: Mapping[str, Any]
    token: str = ""
    creates: tuple[str, ...] = ()
    kind: str = ""
    id_path: str = ""
    removes: tuple[str, ...] = ()
    at: float = 0.0
    region: str | None = None


@dataclass(slots=True)
class Journal:
    """Appends records to a stream; `sync` puts each on disk before the call."""

    stream: TextIO
    _count: int = 0
    _lock: Any = field(default_factory=Lock)

    def start(self, stack: str, holder: str, host: str, pid: int, plan: str, at: float) -> None:
        self._write({"start": {"stack": stack, "holder": holder, "host": host, "pid": pid, "plan": plan, "at": at}})

    def plan(self, digest: str) -> None:
        self._write({"plan": digest})

    @property
    def is_unused(self) -> bool:
        """Whether no write was ever meant."""
        return self._count == 0

    def intend(self, **values: Any) -> int:
        with self._lock:
            self._count += 1
            number = self._count
        self._write({"intent": {"number": number, **values}})
        return number

    def answer(self, number: int, ids: Mapping[str, str], error: str = "") -> None:
        self._write({"answer": {"number": number, "ids": dict(ids), "error": error}})

    def end(self, outcome: str, at: float) -> None:
        self._write({"end": outcome, "at": at})

    def _write(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, ensure_ascii=False, sort_keys=True)
        with self._lock:
            self.stream.write(line + "\n")
            self.stream.flush()
            if self.stream.fileno() >= 0:
                os.fsync(self.stream.fileno())


@dataclass(slots=True)
class Past:
    """What an earlier journal says: who wrote it, what it made, and which writes were never answered."""

    path: Path
    holder: str = ""
    host: str = ""
    pid: int = 0
    unanswered: list[Intent] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    kinds: dict[int, str] = field(default_factory=dict)
    at: float = 0.0
    is_ended: bool = False

    @property
    def lost_creates(self) -> list[Intent]:
        """Creates that may have been carried out: their token makes it safe to ask again."""
        return [intent for intent in self.unanswered if intent.creates and intent.token]

    @property
    def blind_creates(self) -> list[Intent]:
        """Creates that may have been carried out and have no token: only a list that is up to date can tell."""
        return [intent for intent in self.unanswered if intent.creates and not intent.token]


def directory(state_dir: Path) -> Path:
    """`.ecsplan/journal`, made where it is missing; `.ecsplan` ignores itself in git."""
    path = state_dir / "journal"
    path.mkdir(parents=True, exist_ok=True)
    ignore = state_dir / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return path


def open_journal(state_dir: Path, stack: str, name: str) -> TextIO:
    """A new journal file, readable by its owner alone. Old finished ones are removed."""
    folder = directory(state_dir)
    finished = [past.path for past in read_all(state_dir, stack) if past.is_ended and not past.lost_creates]
    for path in finished[:-KEPT]:
        path.unlink(missing_ok=True)
    handle = os.open(folder / f"{stack}-{name}.jsonl", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8")


def discard(state_dir: Path, stack: str, name: str) -> None:
    """Removes a journal that has nothing to tell."""
    (state_dir / "journal" / f"{stack}-{name}.jsonl").unlink(missing_ok=True)


def read_all(state_dir: Path, stack: str) -> list[Past]:
    """Earlier journals of a stack, oldest first."""
    folder = state_dir / "journal"
    return [_read(path, stack) for path in sorted(folder.glob(f"{stack}-*.jsonl")) if _is_of(path, stack)]


def _is_of(path: Path, stack: str) -> bool:
    first = next(iter(_records(path)), {})
    return bool(first.get("start", {}).get("stack") == stack)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file. A line that the power went out on is no record; what a later run adds follows it."""
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(record, dict):
            yield record


def _read(path: Path, stack: str) -> Past:
    past = Past(path)
    open_intents: dict[int, Intent] = {}
    for record in _records(path):
        if "start" in record:
            start = record["start"]
            past.holder, past.host, past.pid, past.at = (start[key] for key in ("holder", "host", "pid", "at"))
        elif "intent" in record:
            found = record["intent"]
            intent = Intent(**{**found, "creates": tuple(found["creates"]), "removes": tuple(found["removes"])})
            open_intents[intent.number] = intent
            past.kinds |= {intent.number: intent.kind}
            past.removed |= set(intent.removes)
        elif "answer" in record:
            number = record["answer"]["number"]
            open_intents.pop(number, None)
            past.made |= {object_id: past.kinds.get(number, "") for object_id in record["answer"]["ids"].values()}
        elif "end" in record:
            past.is_ended = True
            past.at = record.get("at", past.at)
            if record["end"] == RECOVERED:
                open_intents.clear()
    past.unanswered = list(open_intents.values())
    return past


def close(past: Past, at: float) -> None:
    """Marks an earlier journal as dealt with; `at` as its clock goes on."""
    with past.path.open("a", encoding="utf-8") as stream:
        stream.write("\n" + json.dumps({"end": RECOVERED, "at": at}) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
