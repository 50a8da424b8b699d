"""Drift: the same reading and comparing as for a plan, then told apart. See `engine.drift`."""

import time
from pathlib import Path

from ecsplan.apply.history import last_births, read_history
from ecsplan.engine import PlanOptions
from ecsplan.engine.locking import seal_key
from ecsplan.engine.planning import compare
from ecsplan.model.call import Api
from ecsplan.model.drift import Drift
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack
from ecsplan.plan.drift import Traces, drift


def find_drift(stack: Stack, api: Api, kinds: Kinds, options: PlanOptions, state_dir: str) -> Drift:
    started, calls = time.monotonic(), int(getattr(api, "calls", 0))
    found = compare(stack, api, kinds, options)
    history = read_history(Path(state_dir), stack.name, api.region, seal_key(api))
    traces = Traces(found.stack, found.inventory, last_births(history.births), kinds)
    findings, pending = drift(found.changes, traces)
    return Drift(
        stack.name,
        stack.region,
        found.account,
        findings,
        pending,
        found.warnings,
        live=len(found.owned),
        calls_read=int(getattr(api, "calls", 0)) - calls,
        read_seconds=time.monotonic() - started,
    )
