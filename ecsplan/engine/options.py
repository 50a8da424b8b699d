"""Options for callers of the engine: of a plan, of an apply, of a run that is to stop."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from msgspec import Struct, field

from ecsplan.model.plan import Asked, Plan
from ecsplan.model.preflight import Mode

Event = Mapping[str, Any]
OnDrift = Literal["revert", "refuse", "keep"]


def state_home() -> Path | None:
    """Where we keep what is of this user and no stack; None where there is no such place."""
    base = Path(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"))
    return base / "ecsplan" if base.is_absolute() else None


class PlanOptions(Struct, frozen=True):
    """What is asked of a plan. `targets`, `excludes`, `replaces` are addresses (of members, groups, or `kind.*`).

    `state_dir` holds the journals, which help to tell whose an object is; None: there are none; with a `store` in
    PostgreSQL they are there. `only` and `deny` are
    classes of change (policy/classes.py): the only ones that the plan may have, and those that it must not.
    `on_drift` is what becomes of what somebody changed since the last apply.
    `preflight` is how much the service is asked ahead whether it would take the plan: off, fast or full; `price`: also
    what it costs. `only_to_compare`: nothing is made of it, and names that do not exist are warnings. `expires` is for
    how many seconds a saved plan may be applied (0: for ever); `bind_commit`: only from the Git commit that is checked
    out.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    destroy: bool = False
    refresh_full: bool = False
    strict_absence: bool = False
    state_dir: str | None = ".ecsplan"
    store: str | None = None
    only: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    on_drift: OnDrift = "revert"
    preflight: Mode = "fast"
    price: bool = True
    only_to_compare: bool = False
    expires: float = 0.0
    bind_commit: bool = False

    @classmethod
    def as_for(cls, plan: Plan) -> "PlanOptions":
        """What was asked of a plan, so that it can be asked again."""
        asked, mode = plan.asked, plan.preflight.mode
        return cls(
            asked.targets,
            asked.excludes,
            asked.replaces,
            asked.destroy,
            asked.refresh_full,
            only=asked.only,
            on_drift=cast(OnDrift, asked.on_drift),
            preflight=mode,
            price=plan.prices.is_on,
        )

    @property
    def asked(self) -> Asked:
        return Asked(
            self.targets, self.excludes, self.replaces, self.destroy, self.refresh_full, self.only, self.on_drift
        )


class ApplyOptions(Struct, frozen=True):
    """How a plan is applied. `approved`: a person said yes at a prompt, or saved the plan.

    `allow` are addresses or classes of change that may lose data or a public address, and so on; `deny` are classes
    that the plan must not have; `state_dir` holds the journal; `allow_paths` are folders whose files a saved plan may
    name, beside those of the repository; times in seconds. `skip_stale`: what has moved since a saved plan was made is
    left out, with all that depends on it. `store` is the URL of the store of runs: empty for the file in `state_dir`,
    None for no record. `approvals` are the signers whose approvals were counted, for that record.
    `runs_commands`: whether checks of a rollout may run commands on this machine. `watched_tags` are keys of tags that
    a policy asks about: a saved plan is stale where one is another by now. `drains`: reinit takes machines that are
    behind a balancer out of it meanwhile.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    allow_destroy: int | None = None
    approved: bool = False
    parallelism: int = 10
    lock: bool = True
    lock_timeout: float = 0.0
    state_dir: str = ".ecsplan"
    allow_paths: tuple[str, ...] = ()
    skip_stale: bool = False
    watched_tags: frozenset[str] = frozenset()
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    store: str | None = None
    approvals: tuple[str, ...] = ()
    runs_commands: bool = False
    drains: bool = True


class Stop(Protocol):
    """Anything with an event that says: no new call."""

    @property
    def requested(self) -> Any: ...
