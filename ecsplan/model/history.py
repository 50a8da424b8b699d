"""Recorded runs: who applied which plan, when, and the outcome of each step. Written by engine/recording.py."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

RUNNING, COMPLETE, PARTLY = "running", "complete", "in part"
FAILED, INTERRUPTED, CUT_OFF = "failed", "interrupted", "cut off"
OUTCOMES = (RUNNING, COMPLETE, PARTLY, FAILED, INTERRUPTED, CUT_OFF)


class StepRecord(Struct, frozen=True):
    """The end of one step. `at` is when it ended (seconds since 1970), `seconds` how long it took.

    `detail` holds what a step has to tell beside its outcome, such as the measurements of a gate; never a secret.
    """

    step: str
    addresses: tuple[str, ...]
    operations: tuple[str, ...]
    status: str
    at: float
    seconds: float = 0.0
    request_ids: tuple[str, ...] = ()
    code: str = ""
    message: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


class Run(Struct, frozen=True):
    """One run. `ended` is None while it runs, and for one whose end was never recorded; `CUT_OFF` is said of that.

    `who` is a login name, `host` where it ran, `commit` the Git commit of the folder. `approvals` are the signers whose
    approvals counted; `plan` is the plan as it is saved, which holds the values before and no secret. It is read with
    one run only, as are `steps`.
    """

    id: str
    stack: str
    region: str
    operation: str
    started: float
    account: str = ""
    who: str = ""
    host: str = ""
    commit: str = ""
    digest: str = ""
    version: str = ""
    approvals: tuple[str, ...] = ()
    planned: int = 0
    ended: float | None = None
    outcome: str = RUNNING
    steps: tuple[StepRecord, ...] = ()
    plan: str = ""
