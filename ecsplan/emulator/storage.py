"""The account in a SQLite file: written through with every call, so that a killed process loses nothing it answered."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.tokens import Remembered, Tokens

FORMAT = 1
CHUNK = 2000
SCHEMA = """
CREATE TABLE IF NOT EXISTS things (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""


class FileInUse(OSError):
    """Another process has the file open."""


class Storage:
    """Holds the file alone until closed; SQLite's own lock goes with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_private(path)
        self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._open()
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" in str(error):
                raise FileInUse(f"{path} is in use by another emulator; stop that one or give another file") from None
            raise FileInUse(f"{path} can't be opened: {error}") from None
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise FileInUse(f"{path} is not an emulator file: {error}") from None
        self._next_seq = 0

    def _open(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        # The kernel keeps what was written when a process dies; only a power cut could lose the last calls.
        self._db.execute("PRAGMA synchronous = NORMAL")
        # Moving the log into the file waits for the disk: seldom, and at the end.
        self._db.execute("PRAGMA wal_autocheckpoint = 16000")
        self._db.execute("BEGIN EXCLUSIVE")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"its format is {version}, this emulator reads {FORMAT}")
        for statement in SCHEMA.strip().split(";\n"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {FORMAT}")
        self._db.execute("COMMIT")

    def load(self, account: Account, tokens: Tokens) -> None:
        """A file whose rows are not as we write them is no account."""
        try:
            self._load(account, tokens)
        except (ValueError, TypeError, KeyError, AttributeError, sqlite3.DatabaseError) as error:
            self._db.close()
            raise FileInUse(f"{self.path} is damaged: {error}") from None

    def _load(self, account: Account, tokens: Tokens) -> None:
        cursor = self._db.execute("SELECT kind, id, body FROM things")
        things: list[Thing] = []
        while rows := cursor.fetchmany(CHUNK):
            # One document for many rows: its keys are shared then, which is most of the memory.
            bodies = json.loads("[" + ",".join(row[2] for row in rows) + "]")
            things.extend(thing_of(kind, id_, body) for (kind, id_, _), body in zip(rows, bodies, strict=True))
        fill(account, things)
        for key, body in self._db.execute("SELECT key, body FROM tokens"):
            tokens.entries[key] = Remembered(*json.loads(body))
        row = self._db.execute("SELECT value FROM meta WHERE key = 'next_seq'").fetchone()
        account.resume(max(int(row[0]) if row else 1, account.next_seq))
        account.dirty.clear()
        self._next_seq = account.next_seq

    def save(self, account: Account, tokens: Tokens) -> None:
        if not (account.dirty or tokens.dirty):
            return
        written, gone = [], []
        for kind, id_ in account.dirty:
            thing = account.get(kind, id_)
            if thing is None:
                gone.append((kind, id_))
            else:
                written.append((kind, id_, _text(body_of(thing))))
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO things VALUES (?, ?, ?)", written)
        self._db.executemany("DELETE FROM things WHERE kind = ? AND id = ?", gone)
        for key in tokens.dirty:
            entry = tokens.entries.get(key)
            if entry is None:
                self._db.execute("DELETE FROM tokens WHERE key = ?", (key,))
            else:
                row = (key, _text([entry.digest, entry.body, entry.at]))
                self._db.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", row)
        if account.next_seq != self._next_seq:
            self._next_seq = account.next_seq
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('next_seq', ?)", (str(self._next_seq),))
        self._db.execute("COMMIT")
        account.dirty.clear()
        tokens.dirty.clear()

    def close(self) -> None:
        self._db.close()


def _make_private(path: Path) -> None:
    """User data and tags are its owner's alone; SQLite gives its other files the mode of this one."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise FileInUse(f"{path} can't be opened: {error.strerror}") from None


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def body_of(thing: Thing) -> list[Any]:
    return [thing.region, thing.seq, thing.data, thing.tags, thing.pending, thing.creator]


def thing_of(kind: str, id_: str, body: list[Any]) -> Thing:
    """Files of older releases do not say who made a thing."""
    region, seq, data, tags, pending, *creator = body
    thing = Thing(kind, region, id_, seq, data, tags, *creator)
    thing.pending = [(at, values, then) for at, values, then in pending]
    return thing


def fill(account: Account, things: Iterable[Thing]) -> None:
    """In the order of their birth, which is the order of lists."""
    for thing in sorted(things, key=lambda thing: thing.seq):
        account.insert(thing)
        account.next_seq = max(account.next_seq, thing.seq + 1)


def export(account: Account) -> dict[str, Any]:
    """The whole account as JSON, to be kept or moved."""
    return {
        "format": FORMAT,
        "account": account.owner,
        "things": [
            {"kind": t.kind, "id": t.id, "body": body_of(t)} for t in sorted(account.all(), key=lambda t: t.seq)
        ],
    }


def replace(account: Account, state: dict[str, Any]) -> None:
    """Puts an exported account in the place of what is there."""
    if state.get("format") != FORMAT:
        raise ValueError(f"the state's format is {state.get('format')!r}, this emulator reads {FORMAT}")
    things = [thing_of(entry["kind"], entry["id"], entry["body"]) for entry in state.get("things", [])]
    for thing in list(account.all()):
        account.remove(thing)
    fill(account, things)
