"""An approval as text: one line of canonical JSON, so that it is read before it is signed. Pure.

The statement says which plan (its digest), of which stack, account and region, which classes of change are approved,
until when, and for which commit. It is parsed only after its signature was verified, and never believed about who
signed it: that is the key's to say.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

FORMAT = "ecsplan-approval/v1"
NAMESPACE = "ecsplan-approval@v1"
"""What the signature is for; a signature of a Git commit cannot be used as one."""

ALL = "all"
_DIGEST = re.compile(r"^sha256:[0-9a-f]{64}\Z")
_TEXTS = ("format", "digest", "stack", "account", "region", "issued", "expires", "commit", "reason")
_LISTS = ("classes", "revokes")
_NODES = "nodes"
_NODE = re.compile(r"^[0-9a-f]{64}\Z")
_SHOWN = 10
LONGEST = 1 << 20  # the digests of some 15,000 changes


class BadStatement(Exception):
    """A statement that says something else than an approval. The message continues `FILE …`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """`issued` and `expires` are UTC, `2026-12-01T00:00:00Z`; an empty `commit` binds it to none.

    `classes` are the classes of change that are approved, or `all`. `revokes` names earlier statements of the same
    signer for the same plan, by their SHA-256, or `all` of them: such a statement approves nothing.
    `nodes` are the digests of the approved changes (plan/nodes.py), sorted: what is the same in a later plan is
    approved there too. Without any, the plan as a whole is approved, and nothing else.
    """

    digest: str
    stack: str
    account: str
    region: str
    issued: str
    expires: str
    classes: tuple[str, ...] = (ALL,)
    commit: str = ""
    reason: str = ""
    revokes: tuple[str, ...] = ()
    format: str = FORMAT
    nodes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed: sorted members, no spaces, UTF-8, one line."""
        found = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        if not self.nodes:
            del found[_NODES]
        return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"

    @property
    def readable(self) -> str:
        """The text but for all digests of a large plan: the plan that was shown is what they stand for."""
        if len(self.nodes) <= _SHOWN:
            return self.text.rstrip("\n")
        short = replace(self, nodes=self.nodes[:_SHOWN])
        return f"{short.text.rstrip()} with {len(self.nodes) - _SHOWN:,} more nodes"

    def approves(self, class_: str) -> bool:
        return not self.revokes and (ALL in self.classes or class_ in self.classes)

    def is_expired(self, now: float) -> bool:
        return seconds(self.expires) <= now


def stamp(at: float) -> str:
    """Seconds since 1970 as statements write a time."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> float:
    """A time of a statement in seconds since 1970. ValueError where it is none."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def parsed(text: bytes) -> Statement:
    """The statement in a signed text. Raises BadStatement; only the canonical form is taken, so that nothing in the
    text goes unseen."""
    if len(text) > LONGEST:
        raise BadStatement(f"is larger than {LONGEST:,} bytes")
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadStatement("is not JSON") from None
    statement = _statement(found)
    if statement.text.encode() != text:
        raise BadStatement("is not in the canonical form (sorted members, no spaces, one line)")
    return statement


def _statement(found: Any) -> Statement:
    if not isinstance(found, Mapping) or found.get("format") != FORMAT:
        raise BadStatement(f"is not an approval (format {FORMAT})")
    lists = (*_LISTS, _NODES) if _NODES in found else _LISTS
    if set(found) != {*_TEXTS, *lists}:
        raise BadStatement(f"has other members than {', '.join(sorted((*_TEXTS, *_LISTS, _NODES)))}")
    if not all(isinstance(found[name], str) for name in _TEXTS):
        raise BadStatement("has a member that is not a string")
    for name in lists:
        if not isinstance(found[name], list) or not all(isinstance(one, str) for one in found[name]):
            raise BadStatement(f"has a member {name} that is not a list of strings")
    if not all(_NODE.match(node) for node in found.get(_NODES, ())):
        raise BadStatement("has a node that is no SHA-256")
    if not _DIGEST.match(found["digest"]):
        raise BadStatement("names no digest of a plan (sha256:…)")
    try:
        seconds(found["issued"]), seconds(found["expires"])
    except ValueError:
        raise BadStatement("has a time that is not like 2026-12-01T00:00:00Z") from None
    members: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in found.items()}
    return Statement(**members)
