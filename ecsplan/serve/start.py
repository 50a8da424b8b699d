"""Puts a loop together: its tools from its settings, the book of an older version, settings that are read again."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ecsplan.engine.stores import connect_store
from ecsplan.serve.book import Book, place_of
from ecsplan.serve.checkout import Checkout
from ecsplan.serve.core import Stack
from ecsplan.serve.loop import Tools
from ecsplan.serve.metrics import Metrics
from ecsplan.serve.runner import Runner
from ecsplan.serve.settings import Settings

OLD_BOOK = "loop.db"
_FIXED = ("url", "branch", "folder", "state", "host", "port", "workers")
_FIELDS = set(Stack.__struct_fields__)


def tools_of(settings: Settings, environ: Mapping[str, str], store: str, version: str) -> Tools:
    """`store` is the URL of the store of runs; empty for a file in the folder of the loop. Raises StoreError."""
    home = Path(settings.state).resolve()
    url = store or f"sqlite:///{home / 'history.db'}"
    book = Book(lambda: connect_store(url, str(home)), place_of(settings.url, settings.branch, settings.folder))
    move_old_book(home, book)
    checkout = Checkout(home / "git", settings.url, settings.branch, environ)
    return Tools(settings, environ, book, checkout, Runner(settings, environ, book, url), Metrics(version))


def move_old_book(home: Path, book: Book) -> None:
    """What version 0.1 kept in a file of its own: the commit that is followed, and what it knew of each stack.

    Its runs stay in the file, which is renamed. Approvals lie beside the plans, and count as before.
    """
    path = home / OLD_BOOK
    if not path.is_file():
        return
    with closing(sqlite3.connect(path)) as old:
        row = old.execute("SELECT state FROM loop").fetchone()
    found: dict[str, Any] = json.loads(row[0]) if row else {"commit": "", "stacks": []}
    if found["commit"] and not book.commit():
        book.follow(found["commit"])
        for one in found["stacks"]:
            _keep(book, one)
    path.rename(path.with_suffix(".db.old"))


def _keep(book: Book, one: Mapping[str, Any]) -> None:
    """A stack that ran, or whose plan waited, is new here: it runs at once."""
    known = {name: value for name, value in one.items() if name in _FIELDS}
    stack = Stack(**{**known, "needs": tuple(one["needs"])})
    book.keep(Stack(stack.path, stack.needs) if stack.digest or stack.status == "running" else stack)
    if stack.is_suspended:
        book.suspend(stack.path, True)


def needs_restart(old: Settings, new: Settings) -> list[str]:
    """Names of settings that differ, and that a running loop cannot change."""
    found = [name for name in _FIXED if getattr(old, name) != getattr(new, name)]
    return found + (["public"] if old.public.startswith("https") != new.public.startswith("https") else [])
