"""HTTP statuses and key words of the errors that the API reference lists for ECS, one rule for all actions.

`data/refusals.json` holds facts alone: which status a code has, and for which actions it has another one. The words are
those that clients look for in a message (the vendor's own command line sees nothing else); the rest is ours.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ecsplan.emulator.wire import Refusal

# The first pattern that a code matches gives the words that its message holds.
WORDS = (
    ("IncorrectVSwitchStatus", "current status of virtual switch does not support this operation"),
    ("*.NeverAttached", "never been attached"),
    ("*.CreatingSnapshot", "previous snapshot creation is in process"),
    ("Incorrect*Status*", "current status does not support this operation"),
    ("InvalidStatus.ValueNotSupported", "current status does not support this operation"),
    ("InvalidOperation.Invalid*State", "not allowed in the current state"),
    ("ChargeTypeViolation", "not permitted due to billing method"),
    ("*NotReady", "not ready for use"),
    ("DiskCreatingSnapshot", "snapshot is not completed yet"),
    ("InvalidDisk.AlreadyDetached", "has been detached"),
    ("OperationDenied.NoStock", "sold out"),
    ("LackResource", "no enough resource"),
    ("*NotFound", "does not exist"),
    ("*Duplicated", "duplicated"),
    ("*AlreadyExist*", "already exist"),
    ("Quota*", "quota exceeds"),
    ("*.QuotaExceed*", "quota exceeds"),
    ("*Malformed", "is not valid"),
    ("*ValueNotSupported", "not supported"),
    ("DependencyViolation*", "still in use"),
    ("TaskConflict", "conflict"),
    ("OperationConflict", "conflict with a previous request"),
)


@cache
def _source() -> dict[str, Any]:
    text = Path(__file__).with_name("data").joinpath("refusals.json").read_text(encoding="utf-8")
    whole: dict[str, Any] = json.loads(text)
    return whole


def status_of(product: str, action: str, code: str) -> int | None:
    """The documented one. What is documented of ECS says nothing of the VPC service, but for actions of both names."""
    otherwise = _source()["otherwise"].get(action, {}).get(code)
    usual = _source()["usual"].get(code) if product == "ecs" else None
    status: int | None = otherwise if otherwise is not None else usual
    return status


def as_documented(product: str, action: str, refusal: Refusal) -> Refusal:
    status = status_of(product, action, refusal.code) or refusal.status
    words = next((words for pattern, words in WORDS if fnmatchcase(refusal.code, pattern)), "")
    message = refusal.message
    if words and words.lower() not in message.lower():
        message = f"{message.rstrip('.')}: {words}."
    return Refusal(status, refusal.code, message, refusal.headers)
