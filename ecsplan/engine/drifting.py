"""Drift: the same reading and comparing as for a plan, then told apart. See `engine.drift`."""

import time
from collections.abc import Iterator

from ecsplan.engine import PlanOptions
from ecsplan.engine.knowing import known_of
from ecsplan.engine.planning import compare
from ecsplan.engine.sealing import seal_key
from ecsplan.engine.shelves import journals
from ecsplan.executor.history import last_births, read_history
from ecsplan.model.call import Api
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.drift import Drift
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack
from ecsplan.planner.drift import Traces, drift
from ecsplan.planner.unchecked import unchecked
from ecsplan.provider.cloud import cloud_of


def find_drift(stack: Stack, api: Api, kinds: Kinds, options: PlanOptions, state_dir: str) -> Drift:
    cloud = cloud_of(api)
    started, calls = time.monotonic(), cloud.calls
    shelf = journals(state_dir, options.store)
    key = seal_key(api, shelf)
    history = read_history(shelf, stack.name, api.region, key)
    options = replace(options, only_to_compare=True)
    found = compare(stack, api, kinds, options, known=known_of(history, shelf, key))
    traces = Traces(found.stack, found.inventory, last_births(history.births), kinds)
    findings, pending = drift(found.changes, traces)
    return Drift(
        stack.name,
        stack.region,
        found.account,
        findings,
        pending,
        (*found.warnings, *unclear(found.inventory)),
        live=len(found.owned),
        calls_read=cloud.calls - calls,
        read_seconds=time.monotonic() - started,
        unchecked=unchecked(found.stack, found.inventory, kinds),
        off=found.off,
        kinds=kinds,
    )


def unclear(inventory: Inventory) -> Iterator[Diagnostic]:
    """What only a person can tell is neither drift nor pending."""
    for address, questions in sorted(inventory.questions.items()):
        for question in questions:
            yield Diagnostic(question.summary, question.detail, address=address, severity=Severity.WARNING)
