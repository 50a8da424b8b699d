"""The approvals beside a plan: `plan.json` has them in `plan.json.approvals/`, a statement and a signature each.

Anybody may have put a file there: names and contents are bounded, and nothing counts before its signature holds.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ecsplan.approval.statement import LONGEST
from ecsplan.files.opening import BadFile, read_regular

SUFFIX = ".approvals"
MOST = 200
_SIGNATURE = 16384
_SAFE = re.compile(r"[^A-Za-z0-9@._-]+")


class Entry(Struct, frozen=True):
    """One statement as it lies in its file, with its signature; `trouble` says why it cannot be read."""

    name: str
    text: bytes = b""
    signature: str = ""
    trouble: str = ""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the statement, in hexadecimal: how a revocation names it."""
        return hashlib.sha256(self.text).hexdigest()


def folder_of(planfile: str | Path) -> Path:
    path = Path(planfile)
    return path.with_name(path.name + SUFFIX)


def entries(folder: Path) -> Iterator[Entry]:
    """All statements of a folder, by name; none where there is no folder."""
    if not folder.is_dir():
        return
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".json"))
    for name in names[:MOST]:
        yield _entry(folder, name)
    if len(names) > MOST:
        yield Entry(folder.name, trouble=f"has {len(names):,} statements; at most {MOST} are read")


def _entry(folder: Path, name: str) -> Entry:
    try:
        text = read_regular(folder / name, LONGEST)
        signature = read_regular(folder / f"{name}.sig", _SIGNATURE)
    except BadFile as bad:
        return Entry(name, trouble=bad.reason)
    return Entry(name, text, signature.decode("ascii", "replace"))


def store(folder: Path, text: str, signature: str, label: str) -> Path:
    """Writes a statement and its signature; the name holds a label (who signed, or which key) and is never reused.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    short = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / f"{_SAFE.sub('-', label)[:60] or 'approval'}-{short}.json"
    path.with_name(path.name + ".sig").write_text(signature, encoding="ascii")
    path.write_text(text, encoding="utf-8")
    return path
