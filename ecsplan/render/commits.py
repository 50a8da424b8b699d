"""A commit in a few words, and as JSON."""

from datetime import UTC, datetime
from typing import Any

from ecsplan.model.origin import Commit
from ecsplan.model.plan import Validity
from ecsplan.render.values import clean

_AGES = ((365 * 86400, "year"), (30 * 86400, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))


def commit_words(commit: Commit, now: float) -> str:
    """`1a2b3c4d by Ann, 3 days ago`."""
    if not commit.name:
        return "not committed"
    return f"{commit.name[:8]} by {clean(commit.author)}, {_age(now - commit.time)}"


def bounds_words(valid: Validity) -> list[str]:
    """`expires 2026-12-01 08:00 UTC`, `bound to commit 1a2b3c4d`."""
    until = f"expires {datetime.fromtimestamp(valid.until, UTC):%Y-%m-%d %H:%M} UTC" if valid.until else ""
    return [words for words in (until, f"bound to commit {valid.commit[:8]}" if valid.commit else "") if words]


def _age(seconds: float) -> str:
    for length, word in _AGES:
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {word}{'' if count == 1 else 's'} ago"
    return "just now"


def commit_document(commit: Commit | None) -> dict[str, Any] | None:
    """Null where nobody knows; without a name, the line is not committed."""
    if commit is None:
        return None
    return {"commit": commit.name or None, "author": clean(commit.author) or None, "email": commit.email or None,
            "time": int(commit.time) or None, "summary": clean(commit.summary) or None}  # fmt: skip
