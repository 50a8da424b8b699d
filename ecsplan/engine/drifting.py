"""Drift: the same reading and comparing as for a plan, then told apart. See `engine.drift`."""

import time
from collections.abc import Mapping
from pathlib import Path

from ecsplan.apply.births import births
from ecsplan.engine import PlanOptions
from ecsplan.engine.planning import compare
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.drift import Drift
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack
from ecsplan.plan.drift import Traces, drift


def find_drift(stack: Stack, api: Api, kinds: Kinds, options: PlanOptions, state_dir: str) -> Drift:
    started, calls = time.monotonic(), int(getattr(api, "calls", 0))
    found = compare(stack, api, kinds, options)
    traces = Traces(found.stack, found.inventory, _born(state_dir, stack.name))
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


def _born(state_dir: str, stack: str) -> Mapping[Address, str]:
    found = {}
    for text, object_id in births(Path(state_dir), stack).items():
        try:
            found[Address.parse(text)] = object_id
        except ValueError:  # of another version
            continue
    return found
