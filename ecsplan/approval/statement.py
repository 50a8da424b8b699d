"""An approval as text: one line of canonical JSON, so that it is read before it is signed. Pure.

The statement says which plan (its digest), of which stack, account and region, which classes of change are approved,
until when, and for which commit. It is parsed only after its signature was verified, and never believed about who
signed it: that is the key's to say.
"""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from ecsplan.approval.schema import approval_schema
from ecsplan.approval.words import ALL, FORMAT
from ecsplan.model.copying import replace

NAMESPACE = "ecsplan-approval@v1"
"""What the signature is for; a signature of a Git commit cannot be used as one."""

_SHOWN = 10
_LONGEST_FAULT = 300
LONGEST = 1 << 20  # the digests of some 15,000 changes


class BadStatement(Exception):
    """A statement that says something else than an approval. The message continues `FILE …`."""


class Statement(Struct, frozen=True):
    """`issued` and `expires` are UTC, `2026-12-01T00:00:00Z`; an empty `commit` binds it to none.

    `classes` are the classes of change that are approved, or `all`. `revokes` names earlier statements of the same
    signer for the same plan, by their SHA-256, or `all` of them: such a statement approves nothing.
    `nodes` are the digests of the approved changes (planner/nodes.py), sorted: what is the same in a later plan is
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
            del found["nodes"]
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
    fault = _fault(found)
    if fault:
        raise BadStatement(f"is not an approval: {fault}")
    try:
        seconds(found["issued"]), seconds(found["expires"])
    except ValueError:
        raise BadStatement("has a time that is not in the calendar") from None
    lists = {name: tuple(value) for name, value in found.items() if isinstance(value, list)}
    return Statement(**{**found, **lists})


def _fault(found: Any) -> str:
    """The first thing that the schema refuses; empty where it refuses nothing."""
    from ecsplan.schema.wording import worded

    try:
        error = next(_validator().errors(found), None)
    except RecursionError:
        return "it is nested too deeply"
    faults = () if error is None else worded(error)
    return next((f"{fault.summary}; {fault.detail}"[:_LONGEST_FAULT] for fault in faults), "")


@cache
def _validator() -> Any:
    from ecsplan.schema.validator import Validator  # late: jsonschema takes 0.1 s, and only a saved plan needs it

    return Validator(approval_schema())
