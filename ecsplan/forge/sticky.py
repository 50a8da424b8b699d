"""One comment for each stack on a change, kept up to date: which one is ours, and what is new in it. Pure.

A hidden line at the end names the stack and carries what the comment showed: the next run tells what it changed.
Anybody can write such a line, so that only comments of our own account count.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ecsplan.forge.site import Comment, Issue

_OTHER = re.compile(r"[^A-Za-z0-9._:/-]|--+")
_MARK = re.compile(r"<!-- ecsplan:comment stack=(\S+) region=(\S+) shown=([A-Za-z0-9_=.-]*) -->")
_MOST_SHOWN = 2_000  # characters of what a comment showed
_LONGEST_UNPACKED = 200_000


class Whose(Struct, frozen=True):
    """The stack that a comment is about."""

    stack: str
    region: str

    @property
    def named(self) -> tuple[str, str]:
        """As they stand in a hidden line: nothing in them can end it."""
        return _OTHER.sub("_", self.stack), _OTHER.sub("_", self.region)


def ours(comments: Iterable[Comment], whose: Whose) -> Comment | None:
    """The comment of this stack that our account wrote; the newest of several."""
    found = [one for one in comments if one.is_ours and _whose(one.body) == whose.named]
    return max(found, key=lambda one: (len(one.id), one.id), default=None)


def _whose(body: str) -> tuple[str, str] | None:
    marks = _MARK.findall(body)
    return (marks[-1][0], marks[-1][1]) if marks else None


def mark(whose: Whose, changes: Mapping[str, str]) -> str:
    """The hidden line; `changes` is what each change looks like, by its label. Too many are left out."""
    stack, region = whose.named
    shown = _packed({_short(label): _short(text) for label, text in changes.items()})
    return f"<!-- ecsplan:comment stack={stack} region={region} shown={shown if len(shown) <= _MOST_SHOWN else ''} -->"


def issue_of(issues: Iterable[Issue], whose: Whose) -> Issue | None:
    """The open issue about the drift of this stack that our account wrote; the newest of several."""
    wanted = issue_mark(whose)
    found = [one for one in issues if one.is_ours and one.body.rstrip().endswith(wanted)]
    return max(found, key=lambda one: (len(one.id), one.id), default=None)


def issue_mark(whose: Whose) -> str:
    """The hidden line at the end of an issue."""
    stack, region = whose.named
    return f"<!-- ecsplan:drift stack={stack} region={region} -->"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _packed(value: Mapping[str, str]) -> str:
    whole = "".join(label + text for label, text in sorted(value.items()))
    return base64.urlsafe_b64encode(zlib.compress(bytes.fromhex(whole), 9)).decode("ascii")


def _unpacked(text: str) -> dict[str, str] | None:
    try:
        opened = zlib.decompressobj()
        whole = opened.decompress(base64.urlsafe_b64decode(text), _LONGEST_UNPACKED).hex()
    except (ValueError, zlib.error):
        return None
    if not opened.eof:
        return None
    return {whole[at : at + 8]: whole[at + 8 : at + 16] for at in range(0, len(whole) - 15, 16)}


def since(before: str, changes: Mapping[str, str]) -> str:
    """What is new since the comment was written last; empty where nothing is, or where that is not known."""
    marks = _MARK.findall(before)
    was = _unpacked(marks[-1][2]) if marks and marks[-1][2] else None
    if was is None:
        return ""
    now = {_short(label): (label, _short(text)) for label, text in changes.items()}
    new = [label for key, (label, _) in now.items() if key not in was]
    other = [label for key, (label, text) in now.items() if key in was and was[key] != text]
    gone = len(was.keys() - now.keys())
    told = [_counted(new, "new"), _counted(other, "changed"), f"{gone:,} gone" if gone else ""]
    return ", ".join(filter(None, told))


def _counted(labels: list[str], word: str) -> str:
    if not labels:
        return ""
    named = f" ({', '.join(labels[:3])}{', …' if len(labels) > 3 else ''})"
    return f"{len(labels):,} {word}{named}"
